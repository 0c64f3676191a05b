//! Batch norm applied where the currents of a population are computed.

use crate::forward::map_currents::MapCurrents;
use crate::tape::norms::Norms;
use lapicque_graph::{BatchNorm, MapUse, OperationKind};
use lapicque_projection::{Element, Normal, PANEL, normalize_panel, panel_width};
use std::ops::Range;

/// Batch norm of one panel: mean, inverse deviation, factor and offset per element.
pub(crate) struct PanelNorm<F> {
    convolution: usize,
    size: usize,
    width: usize,
    normal: [[F; PANEL]; 2],
    affine: Option<[[F; PANEL]; 2]>,
    scale: F,
}

impl<F: Element> MapCurrents<'_, F> {
    /// `None` for an operation whose values are stored.
    pub fn panel_norm(&self, map: usize, panel: usize) -> Option<PanelNorm<F>> {
        let (network, plan) = (self.network, &self.network.plan.maps[map]);
        let (MapUse::Applied(convolution), OperationKind::BatchNorm(BatchNorm { scale, .. })) =
            (self.maps[map].usage, plan.operation)
        else {
            return None;
        };
        let (size, pixels) = (plan.shape.elements(), plan.shape.pixels());
        let (first, width) = (panel * PANEL, panel_width(size, panel));
        let elements = |of: &[F]| {
            let mut elements = [F::ZERO; PANEL];
            let (mut channel, mut left) = (first / pixels, pixels - first % pixels);
            for element in &mut elements[..width] {
                if left == 0 {
                    (channel, left) = (channel + 1, pixels);
                }
                *element = of[channel];
                left -= 1;
            }
            elements
        };
        let Norms { mean, inverse } = &self.maps[map].norms;
        let parameter = |slot: usize| elements(&network.parameters[slot].data);
        let affine = plan.projection.map(|j| {
            let slots = network.slots[j];
            [parameter(slots.weight), slots.bias.map_or([F::ZERO; PANEL], parameter)]
        });
        let normal = [elements(mean), elements(inverse)];
        Some(PanelNorm { convolution, size, width, normal, affine, scale: F::from_f64(scale) })
    }

    /// The normalized values of one panel over a block of steps, `[step][sample][64]`; zeros for samples that do not
    /// exist.
    pub(crate) fn normalized(
        &self,
        norm: &PanelNorm<F>,
        [panel, tile]: [usize; 2],
        block: Range<usize>,
        out: &mut [F],
    ) {
        let PanelNorm { convolution, size, width, normal: [mean, inverse], affine, scale } = norm;
        let (size, width) = (*size, *width);
        let from = &self.maps[*convolution];
        let affine = affine.as_ref().map(|[weight, bias]| [&weight[..width], &bias[..width]]);
        let normal = Normal { mean: &mean[..width], inverse: &inverse[..width] };
        let g = from.geometry(&self.g);
        let rows = &from.values[g.row(tile, block.start) * size..g.row(tile, block.end) * size];
        normalize_panel(self.network.level, (&rows[panel * PANEL..], size), normal, *scale, affine, out);
        if width == PANEL && g.valid(tile) == g.tile {
            return;
        }
        for (i, elements) in out.chunks_mut(PANEL).enumerate() {
            let used = if i % g.tile < g.valid(tile) { width } else { 0 };
            elements[used..].fill(F::ZERO);
        }
    }
}
