//! The forward scan: currents from the projections, then the neurons' step, tile by tile. A tile
//! of a feed-forward population is one panel; the populations of a loop take all their panels, since
//! each step needs what all of them gave in the step before.

use crate::buffers::{Buffer, Buffers};
use crate::coefficients::Coefficients;
use crate::feedback::{Member, Returning};
use crate::geometry::Geometry;
use crate::input::Signal;
use crate::map::MapTape;
use crate::map_currents::of_one_map;
use crate::network::Network;
use crate::noise::Noise;
use crate::padding::Padding;
use crate::panel_slices::{PanelSlices, before_and_after, tasks};
use crate::parallel;
use crate::response::{self, Response};
use crate::sources::Sources;
use crate::tape::LayerTape;
use lapicque_base::error::Result;
use lapicque_expr::{Arg, ArgSlot, MAX_SLOTS};
use lapicque_graph::Source;
use lapicque_projection::{
    Aligned, Element, NARROW, PANEL, bits_pay, count_events, pack_spikes, panel_mask, prefetch_lines,
};
use std::ops::Range;

pub(crate) struct Forward<'a, F: Element> {
    pub network: &'a Network<F>,
    /// The layers that run together.
    pub group: Range<usize>,
    pub input: Signal<'a, F>,
    /// Tapes of the layers that run before these.
    pub before: &'a [LayerTape<F>],
    /// Those of the maps that ran before.
    pub maps: &'a [MapTape<F>],
    pub g: Geometry,
    /// Where this segment begins in the whole sequence.
    pub first_step: usize,
    pub responses: &'a [Option<Response<F>>],
}

/// What one member of a group needs beside its slices, for each panel.
struct Drive<'a, F: Element> {
    coefs: Vec<Coefficients<F>>,
    /// Of each port what comes from outside and is the same at every step, `[sample][64]`, or nothing.
    fixed: Vec<Vec<Buffer<'a, F>>>,
    /// Of each port what varies, over a block of steps, `[step][sample][64]`.
    varying: Vec<Vec<Buffer<'a, F>>>,
    noise: Noise<F>,
}

impl<F: Element> Forward<'_, F> {
    /// Runs the group over the segment. `transposed`: a weight gradient will follow.
    pub fn run(&self, tapes: &mut [LayerTape<F>], transposed: bool) -> Result<()> {
        if let [tape] = tapes
            && response::forward(&self.sources(), self.responses, self.group.start, tape)
        {
            return Ok(());
        }
        let work = tasks(self.network, self.group.start, tapes, &self.g);
        let done = parallel::map(work, |(tile, members)| self.tile(tile, members));
        done.into_iter().collect::<Result<()>>()?;
        for (tape, layer) in tapes.iter_mut().zip(self.group.clone()) {
            let plan = &self.network.plan.layers[layer];
            if plan.bound.spiking {
                // Maps read rows alone.
                let narrow = self.network.plan.enters_narrow_products_alone(layer, NARROW);
                let places = plan.neurons * self.g.rows();
                let level = self.network.level;
                tape.spikes.by_bits =
                    narrow && bits_pay(level, count_events(level, &tape.spikes.bits), places);
                if tape.spikes.by_bits {
                    continue;
                }
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
        let lanes = g.lanes();
        let mut drives: Vec<Drive<F>> = members.iter().map(|member| self.drive(member, tile)).collect();
        let mut scratch = Scratch::new(&self.network.buffers, lanes);
        let mut returning = Returning::new(self.network, self.group.clone(), g.tile);
        let none = self.network.buffers.zeros(lanes);
        for block in g.blocks() {
            for (member, drive) in members.iter().zip(&mut drives) {
                for port in 0..self.network.plan.layers[member.layer].bound.ports.len() {
                    self.drive_port(member, drive, [tile, port], block.clone(), &mut scratch.product);
                }
            }
            for t in block.clone() {
                let at = (t - block.start) * lanes;
                returning.begin_step(&members, t)?;
                for m in 0..members.len() {
                    let plan = &self.network.plan.layers[members[m].layer];
                    let drive = &mut drives[m];
                    let from_outside = |i: usize, port: usize| match &drive.fixed[i][port][..] {
                        [] => drive.varying[i][port].get(at..at + lanes).unwrap_or(&none),
                        constant => constant,
                    };
                    if !plan.feedback.is_empty() {
                        returning.sum(&mut members, m, t, from_outside);
                    }
                    for i in 0..members[m].slices.len() {
                        let mut ports: [&[F]; MAX_SLOTS] = [&[]; MAX_SLOTS];
                        for (port, current) in ports[..plan.bound.ports.len()].iter_mut().enumerate() {
                            *current = match plan.feedback.is_empty() {
                                true => match &drive.fixed[i][port][..] {
                                    [] => drive.varying[i][port].get(at..at + lanes).unwrap_or(&none),
                                    constant => constant,
                                },
                                false => returning.current(port, i),
                            };
                        }
                        let Scratch { spikes, kernel, .. } = &mut scratch;
                        let place = [members[m].layer, tile, t];
                        let slice = &mut members[m].slices[i];
                        self.step(slice, place, &ports, &drive.coefs[i], &mut drive.noise, spikes, kernel);
                    }
                    returning.end_member(&members, m, t)?;
                }
            }
        }
        Ok(())
    }

    /// What of a port varies, over a block of steps.
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
        if let Some((feed, map)) = of_one_map(&self.network.plan.layers[layer], port) {
            let len = block.len() * self.g.lanes();
            let rooms = slices.map(|(panel, room)| {
                let longest = len.max(room.len());
                room.reuse(longest);
                (panel, &mut room[..len])
            });
            self.of_maps().panels(feed, map, [layer, tile], block, &mut rooms.collect::<Vec<_>>());
            return;
        }
        for (panel, room) in slices {
            self.currents([layer, panel, tile, port], block.clone(), room, product);
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

    /// The neurons' step of one panel; currents of `ports` that are empty lie in the tape.
    #[allow(clippy::too_many_arguments)]
    fn step(
        &self,
        slice: &mut PanelSlices<F>,
        [layer, tile, t]: [usize; 3],
        ports: &[&[F]],
        coefs: &Coefficients<F>,
        noise: &mut Noise<F>,
        spikes: &mut [F],
        kernel_scratch: &mut Vec<F>,
    ) {
        let plan = &self.network.plan.layers[layer];
        let lanes = self.g.lanes();
        for (port, current) in ports.iter().enumerate().take(slice.currents.len()) {
            if !current.is_empty() && slice.takes(plan, port) {
                slice.currents[port][t * lanes..(t + 1) * lanes].copy_from_slice(current);
            }
        }
        let mut args = [Arg::Uniform(F::ZERO); MAX_SLOTS];
        let mut outs: [&mut [F]; MAX_SLOTS] = std::array::from_fn(|_| &mut [][..]);
        let mut previous: [&[F]; MAX_SLOTS] = [&[]; MAX_SLOTS];
        let large = self.g.is_large(plan);
        for (state, &blocks) in slice.states.iter().zip(slice.blocks) {
            if large && blocks > 2 && t + 1 < blocks {
                prefetch_lines(&state[(t + 1) * lanes..(t + 2) * lanes]);
            }
        }
        let count = slice.states.len();
        for (i, (begin, state)) in slice.begin.iter().zip(slice.states.iter_mut()).enumerate() {
            (previous[i], outs[i]) = before_and_after(begin, state, slice.blocks[i], t);
        }
        let spiking = plan.bound.spiking;
        if spiking {
            outs[count] = &mut spikes[..lanes];
        }
        if !noise.is_empty() {
            noise.draw(self.g.first + tile * self.g.tile, slice.panel * PANEL, PANEL, previous[noise.clock]);
        }
        let program = &plan.bound.forward;
        for (arg, slot) in args.iter_mut().zip(&program.args) {
            *arg = match *slot {
                ArgSlot::State(i) => Arg::Lanes(previous[i]),
                ArgSlot::Port(p) if ports[p].is_empty() => {
                    Arg::Lanes(&slice.currents[p][t * lanes..(t + 1) * lanes])
                }
                ArgSlot::Port(p) => Arg::Lanes(ports[p]),
                ArgSlot::Coef(k) => coefs.arg(k),
                ArgSlot::Noise(k) => Arg::Lanes(noise.values(k)),
                _ => Arg::Uniform(F::ZERO),
            };
        }
        let kernel = &self.network.layers[layer].forward;
        kernel.run(lanes, &args[..program.args.len()], &mut outs[..program.outs.len()], kernel_scratch);
        let padding = Padding::of(&self.g, plan.neurons, slice.panel, tile);
        outs[..count].iter_mut().for_each(|state| padding.clear_samples(state));
        if spiking {
            let words = &mut slice.bits[t * self.g.tile..(t + 1) * self.g.tile];
            pack_spikes(self.network.level, &spikes[..lanes], words);
            let mask = panel_mask(plan.neurons, slice.panel);
            if mask != u64::MAX {
                words.iter_mut().for_each(|w| *w &= mask);
            }
        }
    }
}

struct Scratch<'a, F: Element> {
    product: Buffer<'a, F>,
    spikes: Buffer<'a, F>,
    kernel: Vec<F>,
}

impl<'a, F: Element> Scratch<'a, F> {
    fn new(buffers: &'a Buffers<F>, lanes: usize) -> Self {
        Scratch { product: buffers.take(), spikes: buffers.zeros(lanes), kernel: vec![] }
    }
}
