//! The neurons' step of one panel of one tile.

use crate::coefficients::Coefficients;
use crate::geometry::Geometry;
use crate::network::Network;
use crate::noise::Noise;
use crate::padding::Padding;
use crate::panel_slices::{PanelSlices, before_and_after};
use lapicque_expr::{Arg, ArgSlot, Args, Outs, set_args};
use lapicque_projection::{Element, PANEL, panel_mask, prefetch_lines};
use smallvec::SmallVec;

/// Of one population in one tile.
pub(crate) struct NeuronStep<'a, F: Element> {
    pub network: &'a Network<F>,
    pub layer: usize,
    pub tile: usize,
    pub g: Geometry,
    /// Whether states go to a memory so far that lines must be asked for before they are wanted.
    pub far: bool,
}

impl<F: Element> NeuronStep<'_, F> {
    /// Step `t`: states and spikes go to the tape. `ports`: the currents, each `[sample][64]`, or nothing where the tape
    /// has it. `kernel` is for what a kernel needs.
    pub fn run(
        &self,
        slice: &mut PanelSlices<F>,
        t: usize,
        ports: &[&[F]],
        coefs: &Coefficients<F>,
        noise: &mut Noise<F>,
        kernel: &mut Vec<F>,
    ) {
        let NeuronStep { network, layer, tile, ref g, far } = *self;
        let plan = &network.plan.layers[layer];
        let lanes = g.lanes();
        for (state, &blocks) in slice.states.iter().zip(slice.blocks) {
            if far && blocks > 2 && t + 1 < blocks {
                prefetch_lines(&state[(t + 1) * lanes..(t + 2) * lanes]);
            }
        }
        let count = slice.states.len();
        let mut previous: SmallVec<[&[F]; 8]> = SmallVec::new();
        let mut outs = Outs::new();
        for ((begin, state), &blocks) in slice.begin.iter().zip(slice.states.iter_mut()).zip(slice.blocks) {
            let (before, after) = before_and_after(begin, state, blocks, t);
            previous.push(before);
            outs.push(after);
        }
        if !noise.is_empty() {
            noise.draw(g.first + tile * g.tile, slice.panel * PANEL, PANEL, previous[noise.clock]);
        }
        let arg = |slot: ArgSlot| match slot {
            ArgSlot::State(i) => Arg::Lanes(previous[i]),
            ArgSlot::Port(p) if ports[p].is_empty() => {
                Arg::Lanes(&slice.currents[p][t * lanes..(t + 1) * lanes])
            }
            ArgSlot::Port(p) => Arg::Lanes(ports[p]),
            ArgSlot::Coef(k) => coefs.arg(k),
            ArgSlot::Noise(k) => Arg::Lanes(noise.values(k)),
            // A forward program reads nothing else.
            _ => Arg::Uniform(F::ZERO),
        };
        let mut args = Args::new();
        set_args(&mut args, &plan.bound.forward.args, arg);
        let words = if plan.bound.spiking { &mut slice.bits[t * g.tile..(t + 1) * g.tile] } else { &mut [] };
        network.layers[layer].forward.step(lanes, &args, &mut outs, words, kernel);
        let mask = panel_mask(plan.neurons, slice.panel);
        if mask != u64::MAX {
            words.iter_mut().for_each(|word| *word &= mask);
        }
        let padding = Padding::of(g, plan.neurons, slice.panel, tile);
        outs[..count].iter_mut().for_each(|state| padding.clear_samples(state));
    }
}
