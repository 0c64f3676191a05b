//! States that no tape stores (T. Chen et al., 2016, "Training deep nets with sublinear memory cost"). If the current
//! of a population is the same at every step, the backward pass runs its neurons through all steps once more, into a
//! buffer that fits into the cache. Writing and reading a large tape through main memory would take longer.

use crate::backward::reverse_scan::Backward;
use crate::forward::neuron_step::{Current, NeuronStep};
use crate::network::coefficients::Coefficients;
use crate::network::noise::Noise;
use crate::network::panel_slices::Member;
use crate::network::panel_slices::PanelSlices;
use crate::storage::buffers::Buffer;
use lapicque_projection::Element;

impl<F: Element> Backward<'_, F> {
    /// A buffer for the states of all steps, for each panel of each member whose states are recomputed.
    pub(crate) fn state_buffers(&self, members: &[Member<F>]) -> Vec<Vec<Buffer<'_, F>>> {
        let of = |member: &Member<F>| {
            let numbers = self.g.panel_states(&self.network.plan.layers[member.layer]);
            let buffer = |_: &PanelSlices<F>| {
                let mut buffer = self.network.buffers.take();
                buffer.reuse(numbers);
                buffer
            };
            member.slices.iter().filter(|slice| slice.is_recomputed()).map(buffer).collect()
        };
        members.iter().map(of).collect()
    }

    /// Recomputes the states of all steps of each panel into `buffers` if the tape does not store them.
    pub(crate) fn recompute_states<'r>(
        &self,
        member: &mut Member<'r, F>,
        tile: usize,
        buffers: &'r mut [Buffer<F>],
        blocks: &'r [usize],
    ) {
        if buffers.is_empty() {
            return;
        }
        let (network, layer, g) = (self.network, member.layer, self.g);
        let step = NeuronStep { network, layer, tile, g, needs_prefetch: false };
        let mut noise = Noise::new(network, layer);
        let mut kernel = vec![];
        for (slice, buffer) in member.slices.iter_mut().zip(buffers) {
            let coefs = Coefficients::new(network, layer, slice.panel, &g);
            slice.states = buffer.chunks_mut(g.steps * g.elements()).collect();
            slice.blocks = blocks;
            let constant = std::mem::take(&mut slice.constant);
            // The forward pass has marked the active elements already.
            let active = std::mem::take(&mut slice.active);
            let current = [Current::Constant(constant)];
            step.run(slice, 0..g.steps, &current, &coefs, &mut noise, &mut kernel);
            (slice.constant, slice.active) = (constant, active);
        }
    }
}
