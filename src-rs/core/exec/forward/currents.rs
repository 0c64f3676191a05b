//! The input currents of a population in the forward scan: projections of the user's input, of operations and of other
//! populations.

use crate::forward::forward_scan::Forward;
use crate::forward::map_currents::MapCurrents;
use crate::network::compiled::Network;
use crate::storage::buffers::Buffer;
use crate::tape::input::{InputValues, Signal};
use lapicque_graph::{Feed, ProjectionKind, Source};
use lapicque_projection::{
    Aligned, Element, EventLists, PANEL, Sparse, add, add_bias, gather_rows, gather_values, gemm_columns,
    panel_width, panels, unpack_spikes,
};
use std::ops::Range;

impl<F: Element> Forward<'_, F> {
    fn is_constant(&self, source: Source) -> bool {
        source.is_constant(self.input.is_constant(), |m| self.maps[m].constant)
    }

    fn feeds(&self, layer: usize, port: usize) -> impl Iterator<Item = &Feed> + Clone {
        self.network.plan.layers[layer].feeds.iter().filter(move |feed| feed.port == port)
    }

    /// The current of a port with a constant input, `[sample][64]`. Empty if any other source feeds the port: the terms
    /// would then be summed in another order than for the same values given step by step.
    pub fn constant_current(&self, [layer, panel, tile, port]: [usize; 4]) -> Buffer<'_, F> {
        let mut total = self.network.buffers.take();
        let feeds = self.feeds(layer, port);
        if !feeds.clone().all(|feed| self.is_constant(feed.source)) {
            return total;
        }
        for feed in feeds {
            let mut product = self.network.buffers.zeros(self.g.elements());
            match (feed.source, &self.input) {
                (Source::Input, Signal::Values(input, _)) => {
                    self.input_product(feed, input, panel, tile, 0, &mut product);
                }
                (Source::Map(m), _) => {
                    self.of_maps().panels(feed, m, [layer, tile], 0..1, &mut [(panel, &mut product)]);
                }
                _ => continue,
            }
            if total.is_empty() { total = product } else { add(self.network.level, &mut total, &product) }
        }
        total
    }

    pub fn of_maps(&self) -> MapCurrents<'_, F> {
        MapCurrents { network: self.network, maps: self.maps, g: self.g }
    }

    /// The current of a port from outside of the loop over a block of steps, `[step][sample][64]`. Used if not all of
    /// it is constant; stays empty if there are no feeds.
    pub fn currents(
        &self,
        [layer, panel, tile, port]: [usize; 4],
        block: Range<usize>,
        out: &mut Aligned<F>,
        product: &mut Aligned<F>,
    ) {
        let (g, level) = (&self.g, self.network.level);
        let elements = g.elements();
        let len = block.len() * elements;
        let mut begun = false;
        for feed in self.feeds(layer, port) {
            let target: &mut Aligned<F> = if begun { &mut *product } else { &mut *out };
            target.reuse(len.max(target.len()));
            self.of_feed(feed, [layer, panel, tile], block.clone(), &mut target[..len]);
            if begun {
                add(level, &mut out[..len], &product[..len]);
            }
            begun = true;
        }
    }

    /// The current from one feed to a panel over a block of steps: `[step][sample][64]`.
    pub fn of_feed(
        &self,
        feed: &Feed,
        [layer, panel, tile]: [usize; 3],
        block: Range<usize>,
        target: &mut [F],
    ) {
        let (g, level) = (&self.g, self.network.level);
        let (elements, len) = (g.elements(), target.len());
        let rows = g.row(tile, block.start)..g.row(tile, block.end);
        match feed.source {
            Source::Input => match &self.input {
                Signal::Spikes(spikes) => match feed.projection {
                    Some(j) => {
                        gather(self.network, [j, feed.part, panel], &spikes.lists, (rows, g.tile), target)
                    }
                    None => unpack_spikes(level, &spikes.bits[panel * g.rows()..][rows], target),
                },
                Signal::Values(input, _) if input.constant => {
                    let (first, others) = target.split_at_mut(elements);
                    self.input_product(feed, input, panel, tile, 0, first);
                    others.chunks_mut(elements).for_each(|step| step.copy_from_slice(first));
                }
                Signal::Values(input, _) => {
                    for (t, step) in block.clone().zip(target.chunks_mut(elements)) {
                        self.input_product(feed, input, panel, tile, self.first_step + t, step);
                    }
                }
            },
            Source::Map(m) => {
                self.of_maps().panels(feed, m, [layer, tile], block.clone(), &mut [(panel, target)]);
            }
            Source::Spikes(l) => {
                let spikes = &self.before[l].spikes;
                match feed.projection {
                    Some(j) => {
                        gather(self.network, [j, feed.part, panel], &spikes.lists, (rows, g.tile), target)
                    }
                    None => unpack_spikes(level, &spikes.bits[panel * g.rows()..][rows], target),
                }
            }
            Source::State(l, i) => {
                let tape = &self.before[l];
                let values = |k: usize| {
                    let start = (k * g.tiles + tile) * tape.blocks + block.start;
                    &tape.states[i][start * elements..][..len]
                };
                state_product(self.network, feed, panel, values, target);
            }
        }
    }

    /// The product of the user's input rows at one step of one tile.
    fn input_product(
        &self,
        feed: &Feed,
        input: &InputValues<F>,
        panel: usize,
        tile: usize,
        step: usize,
        out: &mut [F],
    ) {
        let valid = self.g.valid(tile);
        let row = input.row(step, self.g.first + tile * self.g.tile);
        let values = &input.values[row * input.channels..][..valid * input.channels];
        out.fill(F::ZERO);
        if let Some(j) = dense(self.network, feed) {
            let bias = self.network.bias(j, feed.part, panel);
            let weights = self.network.weights(j, feed.part);
            let weights = &weights[panel * input.channels * PANEL..][..input.channels * PANEL];
            if let Signal::Values(_, Some(sparse)) = self.input {
                let x = Sparse {
                    lists: &sparse.lists,
                    values: &input.values[self.g.first * input.channels..],
                    list_stride: input.channels,
                    event_stride: 1,
                    events: input.channels,
                };
                let rows = tile * self.g.tile..tile * self.g.tile + valid;
                let width = panel_width(self.network.plan.projections[j].outputs, panel);
                gather_values(self.network.level, x, weights, rows, width, &mut out[..valid * PANEL], false);
                add_bias(self.network.level, out, bias);
                return;
            }
            gemm_columns(
                self.network.level,
                panel_width(self.network.plan.projections[j].outputs, panel),
                valid,
                input.channels,
                values,
                input.channels,
                1,
                weights,
                &mut out[..valid * PANEL],
                false,
            );
            add_bias(self.network.level, out, bias);
            return;
        }
        let width = panel_width(input.channels, panel);
        for (row, elements) in values.chunks(input.channels).zip(out.chunks_mut(PANEL)) {
            elements[..width].copy_from_slice(&row[panel * PANEL..][..width]);
        }
        if let Some(j) = feed.projection {
            let weights = &self.network.weights(j, feed.part)[panel * PANEL..][..PANEL];
            for elements in out.chunks_mut(PANEL) {
                elements.iter_mut().zip(weights).for_each(|(x, &w)| *x = *x * w);
            }
        }
    }
}

/// The projection of a feed if it is dense.
pub(crate) fn dense<F: Element>(network: &Network<F>, feed: &Feed) -> Option<usize> {
    feed.projection.filter(|&j| network.plan.projections[j].kind == ProjectionKind::Dense)
}

/// The current from spikes to one panel, `[projection, part, panel]`, over some rows of their lists. Rows `stride`
/// apart belong to the same sample.
pub(crate) fn gather<F: Element>(
    network: &Network<F>,
    [projection, part, panel]: [usize; 3],
    lists: &EventLists,
    (rows, stride): (Range<usize>, usize),
    out: &mut [F],
) {
    let plan = &network.plan.projections[projection];
    let weights = network.weights(projection, part);
    match plan.kind {
        ProjectionKind::Dense => {
            let weights = &weights[panel * plan.inputs * PANEL..(panel + 1) * plan.inputs * PANEL];
            let width = panel_width(plan.outputs, panel);
            let bias = network.bias(projection, part, panel);
            gather_rows(network.level, weights, lists, rows, stride, bias, width, out);
        }
        _ => {
            out.fill(F::ZERO);
            let neurons = panel * PANEL..(panel + 1) * PANEL;
            for (row, elements) in rows.zip(out.chunks_mut(PANEL)) {
                let fired = lists.list(row).iter().map(|&i| i as usize);
                for neuron in fired.filter(|i| neurons.contains(i)) {
                    elements[neuron - neurons.start] = weights[neuron];
                }
            }
        }
    }
}

/// The current from the state of a population to one panel; `values(k)` is panel `k` of the state, `[row][64]`.
pub(crate) fn state_product<'b, F: Element>(
    network: &Network<F>,
    feed: &Feed,
    panel: usize,
    values: impl Fn(usize) -> &'b [F],
    out: &mut [F],
) {
    let Some(j) = feed.projection else { return out.copy_from_slice(values(panel)) };
    let weights = network.weights(j, feed.part);
    if dense(network, feed).is_none() {
        let weights = &weights[panel * PANEL..][..PANEL];
        for (out, row) in out.chunks_mut(PANEL).zip(values(panel).chunks(PANEL)) {
            out.iter_mut().zip(row).zip(weights).for_each(|((out, &x), &w)| *out = x * w);
        }
        return;
    }
    let inputs = network.plan.projections[j].inputs;
    let weights = &weights[panel * inputs * PANEL..];
    let rows = out.len() / PANEL;
    let columns = panel_width(network.plan.projections[j].outputs, panel);
    for k in 0..panels(inputs) {
        let width = panel_width(inputs, k);
        let b = &weights[k * PANEL * PANEL..][..width * PANEL];
        gemm_columns(network.level, columns, rows, width, values(k), PANEL, 1, b, out, k > 0);
    }
    add_bias(network.level, out, network.bias(j, feed.part, panel));
}
