//! The neurons' steps of one panel of one tile.

use crate::network::coefficients::Coefficients;
use crate::network::compiled::Network;
use crate::network::noise::Noise;
use crate::network::panel_slices::PanelSlices;
use crate::storage::geometry::Geometry;
use crate::storage::padding::Padding;
use lapicque_expr::{Arg, ArgSlot, Args, Course, StateCourse, set_args};
use lapicque_projection::{Element, PANEL, panel_mask};
use smallvec::SmallVec;
use std::ops::Range;

/// The steps of one population in one tile.
pub(crate) struct NeuronStep<'a, F: Element> {
    pub network: &'a Network<F>,
    pub layer: usize,
    pub tile: usize,
    pub g: Geometry,
    /// Whether the states' cache lines have to be prefetched, because the states are in slow memory.
    pub needs_prefetch: bool,
}

/// The current of a port over several steps.
#[derive(Clone, Copy)]
pub(crate) enum Current<'a, F> {
    /// The same at every step, `[sample][64]`.
    Constant(&'a [F]),
    /// `[step][sample][64]`
    Varying(&'a [F]),
    /// The current is on the tape.
    Taped,
}

impl<F: Element> NeuronStep<'_, F> {
    /// Computes `steps` and writes states and spikes to the tape. `kernel` is a scratch buffer of the kernel.
    pub fn run(
        &self,
        slice: &mut PanelSlices<F>,
        steps: Range<usize>,
        ports: &[Current<F>],
        coefs: &Coefficients<F>,
        noise: &mut Noise<F>,
        kernel: &mut Vec<F>,
    ) {
        let NeuronStep { network, layer, tile, ref g, needs_prefetch } = *self;
        let plan = &network.plan.layers[layer];
        let elements = g.elements();
        let padding = Padding::of(g, plan.neurons, slice.panel, tile);
        let marks_active = slice.is_recomputed() && !slice.active.is_empty();
        if steps.len() > 1 && (marks_active || !(noise.is_empty() && padding.has_all_samples())) {
            // Noise has to be drawn, elements without a sample cleared, and states without a tape read: all of that
            // step by step.
            for (i, t) in steps.enumerate() {
                let now = ports.iter().map(|port| match *port {
                    Current::Varying(elements_of_all) => {
                        Current::Varying(&elements_of_all[i * elements..(i + 1) * elements])
                    }
                    same => same,
                });
                let now: SmallVec<[_; 8]> = now.collect();
                self.run(slice, t..t + 1, &now, coefs, noise, kernel);
            }
            return;
        }
        if !noise.is_empty() {
            let clock = slice.before(noise.clock, steps.start);
            noise.draw(g.first + tile * g.tile, slice.panel * PANEL, PANEL, clock);
        }
        let course = |slot: &ArgSlot| match *slot {
            ArgSlot::State(i) => Course::State(i),
            ArgSlot::Port(p) => match ports[p] {
                Current::Constant(elements) => Course::Same(Arg::Elements(elements)),
                Current::Varying(elements) => Course::Each(elements),
                Current::Taped => {
                    Course::Each(&slice.currents[p][steps.start * elements..steps.end * elements])
                }
            },
            ArgSlot::Coef(k) => Course::Same(coefs.arg(k)),
            ArgSlot::Noise(k) => Course::Same(Arg::Elements(noise.values(k))),
            // A forward program has no other arguments.
            _ => Course::Same(Arg::Uniform(F::ZERO)),
        };
        let args: SmallVec<[_; 16]> = plan.bound.forward.args.iter().map(course).collect();
        let slots = slice.begin.iter().zip(&mut slice.states).zip(slice.blocks);
        let mut states: SmallVec<[_; 8]> = slots
            .map(|((begin, slots), &blocks)| StateCourse::new(begin, slots, blocks, needs_prefetch))
            .collect();
        let words = match plan.bound.spiking {
            true => &mut slice.bits[steps.start * g.tile..steps.end * g.tile],
            false => &mut [],
        };
        network.layers[layer].forward.steps(elements, steps.clone(), &args, &mut states, words, kernel);
        drop((args, states));
        let mask = panel_mask(plan.neurons, slice.panel);
        if mask != u64::MAX {
            words.iter_mut().for_each(|word| *word &= mask);
        }
        if !padding.has_all_samples() {
            for (state, &blocks) in slice.states.iter_mut().zip(slice.blocks) {
                padding.clear_samples(&mut state[steps.start % blocks * elements..][..elements]);
            }
        }
        self.mark_active(slice, steps, ports, coefs, noise, kernel);
    }

    /// Marks the elements whose spike gradient the backward pass will read at these steps.
    fn mark_active(
        &self,
        slice: &mut PanelSlices<F>,
        steps: Range<usize>,
        ports: &[Current<F>],
        coefs: &Coefficients<F>,
        noise: &Noise<F>,
        kernel: &mut Vec<F>,
    ) {
        let NeuronStep { network, layer, tile, ref g, .. } = *self;
        let (plan, elements) = (&network.plan.layers[layer], g.elements());
        let (Some(program), Some(active)) = (&plan.bound.active, &network.layers[layer].active) else {
            return;
        };
        let words = std::mem::take(&mut slice.active);
        if words.is_empty() {
            return;
        }
        let (mask, valid) = (panel_mask(plan.neurons, slice.panel), g.valid(tile));
        let mut args = Args::new();
        for (i, t) in steps.enumerate() {
            let arg = |slot: ArgSlot| match slot {
                ArgSlot::State(k) => Arg::Elements(slice.before(k, t)),
                ArgSlot::NewState(k) => Arg::Elements(slice.after(k, t)),
                ArgSlot::Port(p) => Arg::Elements(match ports[p] {
                    Current::Constant(current) => current,
                    Current::Varying(currents) => &currents[i * elements..(i + 1) * elements],
                    Current::Taped => &slice.currents[p][t * elements..(t + 1) * elements],
                }),
                ArgSlot::Coef(k) => coefs.arg(k),
                ArgSlot::Noise(k) => Arg::Elements(noise.values(k)),
                // The program has no gradients among its arguments, and no loop.
                _ => Arg::Uniform(F::ZERO),
            };
            set_args(&mut args, &program.args, arg);
            let words = &mut words[t * g.tile..(t + 1) * g.tile];
            active.step(elements, &args, &mut [], words, kernel);
            words[..valid].iter_mut().for_each(|word| *word &= mask);
            words[valid..].fill(0);
        }
        drop(args);
        slice.active = words;
    }
}
