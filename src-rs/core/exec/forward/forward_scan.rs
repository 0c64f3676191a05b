//! The forward scan, tile by tile: currents from the projections, then the neurons' step. A task takes one panel of a
//! feed-forward population. For the populations of a loop it takes all panels, because each step needs their output of
//! the previous step.

use crate::forward::feedback::Returning;
use crate::forward::neuron_step::{Current, NeuronStep};
use crate::forward::parallel_forward;
use crate::network::coefficients::Coefficients;
use crate::network::compiled::Network;
use crate::network::noise::Noise;
use crate::network::panel_slices::Member;
use crate::network::panel_slices::{PanelSlices, tasks};
use crate::network::sources::Sources;
use crate::storage::buffers::Buffer;
use crate::storage::geometry::Geometry;
use crate::storage::parallel;
use crate::tape::impulse_response::Response;
use crate::tape::input::Signal;
use crate::tape::layer_tape::LayerTape;
use crate::tape::map_tape::MapTape;
use lapicque_base::error::Result;
use lapicque_graph::{LayerPlan, Source};
use lapicque_projection::{Aligned, Element};
use smallvec::SmallVec;
use std::ops::Range;

pub(crate) struct Forward<'a, F: Element> {
    pub network: &'a Network<F>,
    /// The layers that run together.
    pub group: Range<usize>,
    pub input: Signal<'a, F>,
    /// Tapes of the layers that run before these.
    pub before: &'a [LayerTape<F>],
    /// Tapes of the operations that ran before.
    pub maps: &'a [MapTape<F>],
    pub g: Geometry,
    /// The first step of this segment in the whole sequence.
    pub first_step: usize,
    pub responses: &'a [Option<Response<F>>],
}

/// Additional data of one member of a group, for each panel.
struct Drive<'a, F: Element> {
    coefs: Vec<Coefficients<F>>,
    /// By port: the current from outside if it is the same at every step, `[sample][64]`, otherwise empty.
    fixed: Vec<Vec<Buffer<'a, F>>>,
    /// By port: the varying current over a block of steps, `[step][sample][64]`.
    varying: Vec<Vec<Buffer<'a, F>>>,
    noise: Noise<F>,
}

impl<F: Element> Forward<'_, F> {
    /// Runs the group over the segment. `transposed`: a weight gradient will be computed later.
    pub fn run(&self, tapes: &mut [LayerTape<F>], transposed: bool) -> Result<()> {
        if let [tape] = tapes
            && parallel_forward::forward(&self.sources(), self.responses, self.group.start, tape)
        {
            // The state of such a population is its current.
            if tape.recorded == [true] {
                tape.currents[0].copy_from_slice(&tape.states[0]);
            }
            return Ok(());
        }
        let work = tasks(self.network, self.group.start, tapes, &self.g, 1);
        let done = parallel::map(work, |(tile, members)| self.tile(tile, members));
        done.into_iter().collect::<Result<()>>()?;
        for (tape, layer) in tapes.iter_mut().zip(self.group.clone()) {
            let plan = &self.network.plan.layers[layer];
            if plan.bound.spiking {
                // Operations read rows only, not the transposed lists.
                let transposed = transposed && self.network.plan.enters_a_projection(Source::Spikes(layer));
                tape.spikes.index(plan.neurons, &self.g, transposed, self.network.level)?;
            }
        }
        Ok(())
    }

    fn sources(&self) -> Sources<'_, F> {
        let Forward { network, input, before: layers, maps, g, first_step, .. } = *self;
        Sources { network, input, layers, maps, g, first_step }
    }

    fn tile(&self, tile: usize, mut members: Vec<Member<F>>) -> Result<()> {
        let g = &self.g;
        let elements = g.elements();
        let mut drives: Vec<Drive<F>> = members.iter().map(|member| self.drive(member, tile)).collect();
        for (member, drive) in members.iter_mut().zip(&drives) {
            let recomputed = member.slices.iter_mut().zip(&drive.fixed).filter(|(s, _)| s.is_recomputed());
            recomputed.for_each(|(slice, fixed)| slice.constant.copy_from_slice(&fixed[0]));
        }
        let mut product = self.network.buffers.take();
        let mut kernel = vec![];
        let mut returning = Returning::new(self.network, self.group.clone(), g.tile);
        let none = self.network.buffers.zeros(elements);
        for block in g.blocks() {
            for (member, drive) in members.iter().zip(&mut drives) {
                for port in 0..self.network.plan.layers[member.layer].bound.ports.len() {
                    self.drive_port(member, drive, [tile, port], block.clone(), &mut product);
                }
            }
            let returns =
                self.group.clone().any(|layer| !self.network.plan.layers[layer].feedback.is_empty());
            // Without feedback, no step depends on the output of another one, so the whole block runs at once.
            let parts = if returns { block.len() } else { 1 };
            for part in 0..parts {
                let steps = match returns {
                    true => block.start + part..block.start + part + 1,
                    false => block.clone(),
                };
                let span = (steps.start - block.start) * elements..(steps.end - block.start) * elements;
                returning.begin_step(&members, steps.start)?;
                for m in 0..members.len() {
                    let plan = &self.network.plan.layers[members[m].layer];
                    let drive = &mut drives[m];
                    let varying = |i: usize, port: usize| drive.varying[i][port].get(span.clone());
                    // Used if nothing varies: the constant current, or zeros if there is none.
                    let constant = |i: usize, port: usize| match &drive.fixed[i][port][..] {
                        [] => &none[..],
                        constant => constant,
                    };
                    if !plan.feedback.is_empty() {
                        let now = |i, port| varying(i, port).unwrap_or_else(|| constant(i, port));
                        returning.sum(&mut members, m, steps.start, now);
                    }
                    for i in 0..members[m].slices.len() {
                        let current = |port: usize| match plan.feedback.is_empty() {
                            true => match varying(i, port) {
                                Some(varying) => Current::Varying(varying),
                                None => Current::Constant(constant(i, port)),
                            },
                            false => match returning.current(port, i) {
                                [] => Current::Taped,
                                summed => Current::Varying(summed),
                            },
                        };
                        let ports: SmallVec<[_; 8]> = (0..plan.bound.ports.len()).map(current).collect();
                        let (network, layer) = (self.network, members[m].layer);
                        let step =
                            NeuronStep { network, layer, tile, g: *g, needs_prefetch: g.is_large(plan) };
                        let slice = &mut members[m].slices[i];
                        step.run(
                            slice,
                            steps.clone(),
                            &ports,
                            &drive.coefs[i],
                            &mut drive.noise,
                            &mut kernel,
                        );
                        self.record(plan, slice, steps.clone(), &ports);
                    }
                    returning.end_member(&members, m, steps.start)?;
                }
            }
        }
        Ok(())
    }

    /// The varying current of a port over a block of steps.
    fn drive_port(
        &self,
        member: &Member<F>,
        drive: &mut Drive<F>,
        [tile, port]: [usize; 2],
        block: Range<usize>,
        product: &mut Aligned<F>,
    ) {
        let layer = member.layer;
        let slices = member.slices.iter().zip(&drive.fixed).zip(&mut drive.varying);
        let slices = slices.filter(|((_, fixed), _)| fixed[port].is_empty());
        let slices = slices.map(|((slice, _), varying)| (slice.panel, &mut *varying[port]));
        if let Some((feed, map)) = self.network.plan.fusions.current(layer, port) {
            let len = block.len() * self.g.elements();
            let buffers = slices.map(|(panel, buffer)| {
                let longest = len.max(buffer.len());
                buffer.reuse(longest);
                (panel, &mut buffer[..len])
            });
            self.of_maps().panels(feed, map, [layer, tile], block, &mut buffers.collect::<Vec<_>>());
            return;
        }
        for (panel, buffer) in slices {
            self.currents([layer, panel, tile, port], block.clone(), buffer, product);
        }
    }

    fn drive(&self, member: &Member<F>, tile: usize) -> Drive<'_, F> {
        let (network, layer) = (self.network, member.layer);
        let ports = network.plan.layers[layer].bound.ports.len();
        let slices = member.slices.iter();
        let fixed =
            slices.clone().map(|s| (0..ports).map(|p| self.constant_current([layer, s.panel, tile, p])));
        Drive {
            coefs: slices.clone().map(|s| Coefficients::new(network, layer, s.panel, &self.g)).collect(),
            fixed: fixed.map(Iterator::collect).collect(),
            varying: slices.map(|_| (0..ports).map(|_| network.buffers.take()).collect()).collect(),
            noise: Noise::new(network, layer),
        }
    }

    /// Stores the currents that are recorded, or that the backward pass reads.
    fn record(
        &self,
        plan: &LayerPlan,
        slice: &mut PanelSlices<F>,
        steps: Range<usize>,
        ports: &[Current<F>],
    ) {
        let elements = self.g.elements();
        for (port, current) in ports.iter().enumerate().take(slice.currents.len()) {
            if !slice.stores_current(plan, port) {
                continue;
            }
            let tape = &mut slice.currents[port][steps.start * elements..steps.end * elements];
            match current {
                Current::Constant(current) => {
                    tape.chunks_mut(elements).for_each(|t| t.copy_from_slice(current))
                }
                Current::Varying(current) => tape.copy_from_slice(current),
                Current::Taped => {}
            }
        }
    }
}
