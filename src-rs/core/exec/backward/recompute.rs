//! States that no tape keeps (T. Chen et al., 2016, "Training deep nets with sublinear memory cost"): where the current of a
//! population is the same at every step, its neurons go through all steps once more when the backward pass comes to
//! them, in a buffer near to the core. A large tape is written and read again through a memory that takes longer.

use crate::backward::reverse_scan::Backward;
use crate::forward::neuron_step::{Current, NeuronStep};
use crate::network::coefficients::Coefficients;
use crate::network::noise::Noise;
use crate::network::panel_slices::Member;
use crate::network::panel_slices::PanelSlices;
use crate::storage::buffers::Buffer;
use lapicque_projection::Element;

impl<F: Element> Backward<'_, F> {
    /// For each panel of each member whose states are made again a buffer for those of all steps.
    pub(crate) fn rooms_of_states(&self, members: &[Member<F>]) -> Vec<Vec<Buffer<'_, F>>> {
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
    pub(crate) fn step_again<'r>(
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
            slice.states = room.chunks_mut(g.steps * g.elements()).collect();
            slice.blocks = blocks;
            let constant = std::mem::take(&mut slice.constant);
            // Marked in the forward pass.
            let active = std::mem::take(&mut slice.active);
            let current = [Current::Constant(constant)];
            step.run(slice, 0..g.steps, &current, &coefs, &mut noise, &mut kernel);
            (slice.constant, slice.active) = (constant, active);
        }
    }
}
