//! The neurons' step of one panel of one tile.

use crate::buffers::{Buffer, Buffers};
use crate::coefficients::Coefficients;
use crate::geometry::Geometry;
use crate::network::Network;
use crate::noise::Noise;
use crate::padding::Padding;
use crate::panel_slices::{PanelSlices, before_and_after};
use lapicque_expr::{Arg, ArgSlot, Args, Outs};
use lapicque_projection::{Element, PANEL, prefetch_lines};
use smallvec::SmallVec;

/// Of one population in one tile.
pub(crate) struct NeuronStep<'a, F: Element> {
    pub network: &'a Network<F>,
    pub layer: usize,
    pub tile: usize,
    pub g: Geometry,
}

/// What a step needs beside the tape.
pub(crate) struct StepScratch<'a, F: Element> {
    /// Whether each neuron fired, `[sample][64]`.
    pub spikes: Buffer<'a, F>,
    kernel: Vec<F>,
}

impl<'a, F: Element> StepScratch<'a, F> {
    pub fn new(buffers: &'a Buffers<F>, lanes: usize) -> Self {
        StepScratch { spikes: buffers.zeros(lanes), kernel: vec![] }
    }
}

impl<F: Element> NeuronStep<'_, F> {
    /// Step `t`: states go to the tape, spikes to the scratch. `ports`: the currents, each `[sample][64]`, or
    /// nothing where the tape has it.
    pub fn run(
        &self,
        slice: &mut PanelSlices<F>,
        t: usize,
        ports: &[&[F]],
        coefs: &Coefficients<F>,
        noise: &mut Noise<F>,
        scratch: &mut StepScratch<F>,
    ) {
        let NeuronStep { network, layer, tile, ref g } = *self;
        let plan = &network.plan.layers[layer];
        let lanes = g.lanes();
        let large = g.is_large(plan) && !slice.is_recomputed();
        for (state, &blocks) in slice.states.iter().zip(slice.blocks) {
            if large && blocks > 2 && t + 1 < blocks {
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
        if plan.bound.spiking {
            outs.push(&mut scratch.spikes[..lanes]);
        }
        if !noise.is_empty() {
            noise.draw(g.first + tile * g.tile, slice.panel * PANEL, PANEL, previous[noise.clock]);
        }
        let arg = |slot: &ArgSlot| match *slot {
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
        let args: Args<F> = plan.bound.forward.args.iter().map(arg).collect();
        network.layers[layer].forward.run(lanes, &args, &mut outs, &mut scratch.kernel);
        let padding = Padding::of(g, plan.neurons, slice.panel, tile);
        outs[..count].iter_mut().for_each(|state| padding.clear_samples(state));
    }
}
