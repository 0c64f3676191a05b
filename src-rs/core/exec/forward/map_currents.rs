//! Currents from operations to a population. If the values of one operation alone, unchanged, are the current of a
//! port, the tape does not store that current. The backward pass recomputes it from the operation's values, which are
//! stored anyway.

use crate::forward::currents::dense;
use crate::forward::panel_norm::PanelNorm;
use crate::network::compiled::Network;
use crate::storage::geometry::Geometry;
use crate::tape::map_tape::MapTape;
use lapicque_graph::Feed;
use lapicque_projection::{Element, PANEL, add_bias, gemm_columns, panel_width};
use std::ops::Range;

pub(crate) struct MapCurrents<'a, F: Element> {
    pub network: &'a Network<F>,
    pub maps: &'a [MapTape<F>],
    pub g: Geometry,
}

impl<F: Element> MapCurrents<'_, F> {
    /// The currents from an operation to some panels over a block of steps, `[step][sample][64]` each. Goes panel by
    /// panel within a step, because the elements of a row are contiguous.
    pub fn panels(
        &self,
        feed: &Feed,
        map: usize,
        [layer, tile]: [usize; 2],
        block: Range<usize>,
        out: &mut [(usize, &mut [F])],
    ) {
        let elements = self.g.elements();
        let constant = self.maps[map].constant;
        let norms: Vec<_> = out.iter().map(|(panel, _)| self.panel_norm(map, *panel)).collect();
        for (i, step) in block.clone().enumerate() {
            for ((panel, out), norm) in out.iter_mut().zip(&norms) {
                let (done, rest) = out.split_at_mut(i * elements);
                let out = &mut rest[..elements];
                match (constant, norm) {
                    (true, _) if i > 0 => out.copy_from_slice(&done[..elements]),
                    _ => {
                        let step = if constant { 0 } else { step };
                        self.product(feed, map, [layer, *panel, tile], (step..step + 1, norm.as_ref()), out);
                    }
                }
            }
        }
    }

    /// The current from an operation to one panel over a block of steps, `[step][sample][64]`; a constant operation has
    /// one step. `norm`: a batch norm that is applied here.
    pub fn product(
        &self,
        feed: &Feed,
        map: usize,
        [layer, panel, tile]: [usize; 3],
        (block, norm): (Range<usize>, Option<&PanelNorm<F>>),
        out: &mut [F],
    ) {
        let (plan, tape) = (&self.network.plan.maps[map], &self.maps[map]);
        if let Some(norm) = norm {
            return self.normalized(norm, [panel, tile], block, out);
        }
        let size = plan.shape.elements();
        let g = tape.geometry(&self.g);
        let values = &tape.values[g.row(tile, block.start) * size..g.row(tile, block.end) * size];
        if let Some(j) = dense(self.network, feed) {
            let weights = &self.network.weights(j, feed.part)[panel * size * PANEL..][..size * PANEL];
            let rows = values.len() / size;
            let columns = panel_width(self.network.plan.projections[j].outputs, panel);
            gemm_columns(self.network.level, columns, rows, size, values, size, 1, weights, out, false);
            add_bias(self.network.level, out, self.network.bias(j, feed.part, panel));
            return;
        }
        let weights = feed.projection.map(|j| &self.network.weights(j, feed.part)[panel * PANEL..][..PANEL]);
        // Without weights, a part is a range of the operation's elements; otherwise it is all of them.
        let (first, neurons) = match feed.projection {
            Some(_) => (0, size),
            None => {
                let neurons = self.network.plan.layers[layer].neurons;
                (feed.part * neurons, neurons)
            }
        };
        let public = tape.public;
        let neurons = first + panel * PANEL..first + neurons.min((panel + 1) * PANEL);
        for (row, elements) in values.chunks(size).zip(out.chunks_mut(PANEL)) {
            let (used, padding) = elements.split_at_mut(neurons.len());
            match public {
                true => used.copy_from_slice(&row[neurons.clone()]),
                false => used
                    .iter_mut()
                    .zip(neurons.clone())
                    .for_each(|(element, n)| *element = row[plan.offset(n)]),
            }
            padding.fill(F::ZERO);
            if let Some(weights) = weights {
                elements.iter_mut().zip(weights).for_each(|(x, &w)| *x = *x * w);
            }
        }
    }
}
