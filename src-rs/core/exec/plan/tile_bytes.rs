//! Bytes of one tile of samples over one segment of time.

use crate::plan::records::{PortRecord, is_read};
use lapicque_graph::{MapUse, OperationKind, Plan};
use lapicque_projection::{PANEL, panels};

pub(crate) fn product<const N: usize>(factors: [usize; N]) -> u64 {
    factors.iter().fold(1, |product: u64, &factor| product.saturating_mul(factor as u64))
}

pub(crate) fn sum(terms: impl IntoIterator<Item = u64>) -> u64 {
    terms.into_iter().fold(0, u64::saturating_add)
}

/// Bytes of one tile's tape.
pub(crate) fn tile_bytes(
    plan: &Plan,
    keep: &[bool],
    uses: &[MapUse],
    cut: [usize; 2],
    real: usize,
    training: bool,
) -> u64 {
    let [tile, segment] = cut;
    let layers = plan.layers.iter().zip(keep).enumerate().flat_map(|(l, (layer, &keep))| {
        let panels = panels(layer.neurons);
        let blocks = |state| 1 + if keep && (!training || is_read(plan, l, state)) { segment } else { 2 };
        let blocks = (0..layer.bound.states.len()).map(blocks).fold(0, usize::saturating_add);
        let kept = |&port: &usize| keep && PortRecord::of(plan, l, port).is_kept();
        let currents = (0..layer.bound.ports.len()).filter(kept).count();
        [
            product([panels, blocks, tile, PANEL, real]),
            product([panels, segment, tile, PANEL, real, currents]),
            product([panels, segment, tile, 8]),
            // The marks where the gradient of its spikes is read.
            product([panels, segment, tile, 8, usize::from(training && layer.bound.active.is_some())]),
        ]
    });
    // Values, and the gradient of each source. A pool that is fused with its convolution has no source gradient, but
    // one more byte per value.
    let maps = plan.maps.iter().enumerate().map(|(m, map)| {
        let inputs: usize = map.input_shapes.iter().map(|shape| shape.elements()).sum();
        let pools = uses.contains(&MapUse::Pooled(m));
        let (values, gradients) = match uses[m] {
            MapUse::Unread | MapUse::Applied(_) => return 0,
            MapUse::Pooled(_) => (0, inputs),
            MapUse::Kept => (map.shape.elements(), if pools { 0 } else { inputs }),
        };
        let elements = values.saturating_add(if training { gradients } else { 0 });
        let chosen = if pools { product([values, segment, tile]) } else { 0 };
        let uniforms = match map.operation {
            OperationKind::Dropout(_) if training => product([map.shape.elements(), tile, real]),
            _ => 0,
        };
        let pending = product([map.carried(), tile, real, if training { 4 } else { 2 }]);
        product([elements, segment, tile, real])
            .saturating_add(chosen)
            .saturating_add(uniforms)
            .saturating_add(pending)
    });
    sum(layers.chain(maps)).saturating_add(product([panels(plan.input_size), segment, tile, 8]))
}
