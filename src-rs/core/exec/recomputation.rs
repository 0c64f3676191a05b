//! States that no tape keeps (T. Chen et al., 2016, "Training deep nets with sublinear memory cost"): where the current of a
//! population is the same at every step, its neurons go through all steps once more when the backward pass comes to
//! them, in a buffer near to the core. A large tape is written and read again through a memory that takes longer.

use crate::backward::Backward;
use crate::buffers::Buffer;
use crate::coefficients::Coefficients;
use crate::feedback::Member;
use crate::geometry::Geometry;
use crate::neuron_step::{Current, NeuronStep};
use crate::noise::Noise;
use crate::panel_slices::PanelSlices;
use lapicque_graph::{Plan, Source};
use lapicque_projection::Element;

/// Whether the backward pass makes a population's states again: nothing that enters it changes with time, nobody reads
/// its states from outside, a tape of them would be large, and one panel of them is not.
pub(crate) fn is_recomputed(plan: &Plan, layer: usize, g: &Geometry, constant_input: bool) -> bool {
    let own = &plan.layers[layer];
    let maps = plan.constant_maps(constant_input);
    own.bound.ports.len() == 1
        && own.feedback.is_empty()
        && !own.feeds.is_empty()
        && own.feeds.iter().all(|feed| feed.source.is_constant(constant_input, |m| maps[m]))
        && own.bound.spiking
        && own.bound.output.is_none()
        && !own.looked_at
        && layer != plan.output
        && !(0..own.bound.states.len()).any(|state| plan.reads(Source::State(layer, state)))
        && g.is_large(own)
        && g.is_near(own)
}

impl<F: Element> Backward<'_, F> {
    /// For each panel of each member whose states are made again a buffer for those of all steps.
    pub(super) fn rooms_of_states(&self, members: &[Member<F>]) -> Vec<Vec<Buffer<'_, F>>> {
        let of = |member: &Member<F>| {
            let numbers = self.g.panel_states(&self.network.plan.layers[member.layer]);
            let room = |_: &PanelSlices<F>| {
                let mut room = self.network.buffers.take();
                room.reuse(numbers);
                room
            };
            member.slices.iter().filter(|slice| slice.is_recomputed()).map(room).collect()
        };
        members.iter().map(of).collect()
    }

    /// Puts the states of all steps of each panel into `rooms`, where the tape does not keep them.
    pub(super) fn step_again<'r>(
        &self,
        member: &mut Member<'r, F>,
        tile: usize,
        rooms: &'r mut [Buffer<F>],
        blocks: &'r [usize],
    ) {
        if rooms.is_empty() {
            return;
        }
        let (network, layer, g) = (self.network, member.layer, self.g);
        let step = NeuronStep { network, layer, tile, g, far: false };
        let mut noise = Noise::new(network, layer);
        let mut kernel = vec![];
        for (slice, room) in member.slices.iter_mut().zip(rooms) {
            let coefs = Coefficients::new(network, layer, slice.panel, &g);
            slice.states = room.chunks_mut(g.steps * g.lanes()).collect();
            slice.blocks = blocks;
            let constant = std::mem::take(&mut slice.constant);
            let current = [Current::Constant(constant)];
            step.run(slice, 0..g.steps, &current, &coefs, &mut noise, &mut kernel);
            slice.constant = constant;
        }
    }
}
