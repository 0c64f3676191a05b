//! The gradient of a population's output in the reverse scan: contributions from readers inside and outside of its
//! loop, from operations and from the loss.

use crate::backward::reverse_scan::Backward;
use crate::backward::scan_state::EdgeSlices;
use crate::forward::currents::dense;
use crate::forward::feedback::side_by_side;
use crate::network::panel_slices::Member;
use crate::network::sampling::Products;
use crate::ops::backward::transposed_panel;
use lapicque_base::simd::SimdLevel;
use lapicque_graph::{Feed, ProjectionKind, Source};
use lapicque_projection::{
    Aligned, Element, PANEL, SampledPanel, SampledWeights, add, add_rows, gemm_columns, input_gradient_panel,
    is_zero, panel_width, panels, sampled_input_gradient,
};
use std::ops::Range;

impl<F: Element> Backward<'_, F> {
    /// The outputs of a layer that receive gradients: those that other layers read, and its spikes if the loss or a
    /// penalty reads them.
    pub fn sources(&self, layer: usize) -> Vec<Source> {
        let plan = &self.network.plan;
        let mut sources = plan.outgoing(layer);
        let loops = plan.layers[self.group.clone()].iter().flat_map(|plan| &plan.feedback);
        let injection = &self.injections[layer];
        let injected = !(injection.spikes.is_empty() && injection.rate.is_empty());
        let spikes = injected.then_some(Source::Spikes(layer));
        for source in loops.map(|feed| feed.source).chain(spikes) {
            if source.layer() == Some(layer) && !sources.contains(&source) {
                sources.push(source);
            }
        }
        sources
    }

    /// The gradient of the outputs of some panels of a layer over a block of steps, from the layers outside of its loop
    /// and from the loss: `[step][sample][64]` each. With each panel come the bits of the elements of its spike
    /// gradient that are read, `[step][sample]`. They are empty if all elements are read; elements that are not read
    /// may be 0.
    pub fn output_gradients(
        &self,
        source: Source,
        tile: usize,
        block: Range<usize>,
        panels: Vec<(usize, &[u64], &mut Aligned<F>)>,
    ) {
        let len = block.len() * self.g.elements();
        let mut panels: Vec<(usize, &[u64], &mut [F])> = panels
            .into_iter()
            .map(|(panel, active, out)| {
                out.reuse(len);
                (panel, active, &mut out[..])
            })
            .collect();
        let mut begun = self.gradient_of_layers(source, tile, &block, &mut panels);
        begun |= self.gradient_of_maps(source, tile, &block, &mut panels, begun);
        if !begun {
            panels.iter_mut().for_each(|(.., out)| out.fill(F::ZERO));
        }
        let Source::Spikes(layer) = source else { return };
        let injection = &self.injections[layer];
        for more in [&injection.spikes, &injection.rate].into_iter().filter(|i| !i.is_empty()) {
            for (panel, _, out) in &mut panels {
                let chunk = *panel * self.g.tiles + tile;
                let from = (chunk * self.g.steps + block.start) * self.g.elements();
                add(self.network.level, out, &more[from..][..len]);
            }
        }
    }

    /// The gradient from the layers that read the source. Returns whether there are any.
    fn gradient_of_layers(
        &self,
        source: Source,
        tile: usize,
        block: &Range<usize>,
        panels: &mut [(usize, &[u64], &mut [F])],
    ) -> bool {
        let (g, network, len) = (&self.g, self.network, block.len() * self.g.elements());
        let mut begun = false;
        for (i, tape) in self.after.iter().enumerate() {
            let consumer = &network.plan.layers[self.group.end + i];
            for feed in consumer.feeds.iter().filter(|f| f.source == source) {
                let gradient = |k: usize| {
                    let start = (k * g.tiles + tile) * tape.blocks + block.start;
                    &tape.gradient(consumer, feed.port)[start * g.elements()..][..len]
                };
                let straight = Feed { projection: None, ..*feed };
                let feed = if self.direct[self.group.end + i] { &straight } else { feed };
                self.through(feed, g.tile * block.len(), gradient, panels, begun);
                begun = true;
            }
        }
        begun
    }

    /// Adds the gradient from the operations that read the source, or overwrites `panels` unless they have `begun`.
    /// Goes panel by panel within a step, because the elements of a row are contiguous.
    fn gradient_of_maps(
        &self,
        source: Source,
        tile: usize,
        block: &Range<usize>,
        panels: &mut [(usize, &[u64], &mut [F])],
        mut begun: bool,
    ) -> bool {
        let (Some(layer), elements) = (source.layer(), self.g.elements()) else { return false };
        let neurons = self.network.plan.layers[layer].neurons;
        for (map, tape) in self.network.plan.maps.iter().zip(self.maps) {
            for (&read, gradient) in map.sources.iter().zip(&tape.gradients) {
                if read != source || gradient.is_empty() {
                    continue;
                }
                for (i, step) in block.clone().enumerate() {
                    let rows = &gradient[self.g.row(tile, step) * neurons..];
                    for (panel, _, out) in &mut *panels {
                        let (out, width) =
                            (&mut out[i * elements..(i + 1) * elements], panel_width(neurons, *panel));
                        if !begun && width < PANEL {
                            out.fill(F::ZERO);
                        }
                        let rows = &rows[*panel * PANEL..];
                        add_rows(self.network.level, (out, !begun), rows, [PANEL, neurons], width);
                    }
                }
                begun = true;
            }
        }
        begun
    }

    /// `rows` rows of the gradient of a feed's source, from the gradients of the currents, `gradient(panel)`, for some
    /// panels. The result is added to `panels_of_inputs` if these have `begun`, otherwise it overwrites them.
    fn through<'b>(
        &self,
        feed: &Feed,
        rows: usize,
        gradient: impl Fn(usize) -> &'b [F],
        panels_of_inputs: &mut [(usize, &[u64], &mut [F])],
        begun: bool,
    ) where
        F: 'b,
    {
        let network = self.network;
        let projection = feed.projection.map(|j| (j, &network.plan.projections[j]));
        let Some((j, plan)) = projection.filter(|(_, plan)| plan.kind == ProjectionKind::Dense) else {
            for (panel, _, out) in panels_of_inputs {
                if !begun {
                    out.fill(F::ZERO);
                }
                let weights = feed.projection;
                let weights =
                    weights.map(|j| &network.weights(j, feed.part)[*panel * PANEL..(*panel + 1) * PANEL]);
                add_scaled(network.level, out, gradient(*panel), weights);
            }
            return;
        };
        if (0..panels(plan.outputs)).all(|k| is_zero(gradient(k))) {
            // For example at steps that no loss reads.
            if !begun {
                panels_of_inputs.iter_mut().for_each(|(.., out)| out.fill(F::ZERO));
            }
            return;
        }
        let marked = panels_of_inputs.iter().all(|(_, active, _)| !active.is_empty());
        let all: usize =
            panels_of_inputs.iter().map(|(panel, ..)| rows * panel_width(plan.inputs, *panel)).sum();
        if let (Source::Spikes(layer), true) = (feed.source, marked) {
            let computed = if self.sampling.is_sampled(j) {
                let mut inputs: Vec<SampledPanel<F>> = panels_of_inputs
                    .iter_mut()
                    .map(|(panel, requested, out)| SampledPanel { panel: *panel, requested, dx: out })
                    .collect();
                let weights = network.weights(j, feed.part);
                let weights = SampledWeights { weights, inputs: plan.inputs, outputs: plan.outputs };
                let mut sums = network.buffers.take();
                sampled_input_gradient(network.level, &mut inputs, weights, &gradient, &mut sums, begun)
            } else {
                all
            };
            self.sampling.count(layer, Products { all, computed });
            if self.sampling.is_sampled(j) {
                return;
            }
        }
        for (panel, _, out) in panels_of_inputs {
            let (width, weights) = (
                panel_width(plan.inputs, *panel),
                transposed_panel(&self.transposed[j], plan, feed.part, *panel),
            );
            input_gradient_panel(network.level, width, rows, plan.outputs, &gradient, weights, out, begun);
        }
    }

    /// The gradient of a member's output at the step before `next` from the members of its loop, for all its panels. If
    /// `next` is 0, that is the output at the start.
    pub fn loop_gradient(
        &self,
        members: &[Member<F>],
        edges: &[Vec<EdgeSlices<F>>],
        source: Source,
        next: usize,
        out: &mut [F],
    ) {
        let elements = self.g.elements();
        let mut begun = vec![false; out.len() / elements];
        let (mut images, mut rows) = (Vec::new(), Vec::new());
        for (reader, edges) in members.iter().zip(edges) {
            let plan = &self.network.plan.layers[reader.layer];
            for feed in plan.feedback.iter().filter(|feed| feed.source == source) {
                // No step comes before the start.
                let Some(at) = (if feed.delayed { Some(next) } else { next.checked_sub(1) }) else {
                    continue;
                };
                let current = move |port: usize, k: usize| match at < self.g.steps {
                    true => &reader.slices[k].gradient(plan, port)[at * elements..(at + 1) * elements],
                    false => &edges[k].currents[port][..],
                };
                if let Some(j) = feed.projection.filter(|&j| self.network.feedback[j].is_some()) {
                    if feed.part == 0 {
                        images.push((j, plan, current));
                    }
                    continue;
                }
                let (tile, level) = (self.g.tile, self.network.level);
                if let Some(j) = dense(self.network, feed) {
                    let projection = &self.network.plan.projections[j];
                    let outputs = projection.outputs;
                    side_by_side(tile, outputs, |k| current(feed.port, k), &mut rows);
                    for (panel, (out, begun)) in out.chunks_mut(elements).zip(&mut begun).enumerate() {
                        let weights = transposed_panel(&self.transposed[j], projection, feed.part, panel);
                        let begun = std::mem::replace(begun, true);
                        let width = panel_width(projection.inputs, panel);
                        gemm_columns(level, width, tile, outputs, &rows, outputs, 1, weights, out, begun);
                    }
                    continue;
                }
                for (panel, (out, begun)) in out.chunks_mut(elements).zip(&mut begun).enumerate() {
                    let begun = std::mem::replace(begun, true);
                    let all: &[u64] = &[];
                    self.through(feed, tile, |k| current(feed.port, k), &mut [(panel, all, out)], begun);
                }
            }
        }
        for (out, _) in out.chunks_mut(elements).zip(begun).filter(|(_, begun)| !begun) {
            out.fill(F::ZERO);
        }
        for (j, plan, current) in images {
            let ports: Vec<usize> =
                plan.feedback.iter().filter(|f| f.projection == Some(j)).map(|f| f.port).collect();
            let part = |part: usize, k: usize| current(ports[part], k);
            self.network.image_gradient(j, &self.transposed[j], plan.neurons, part, out, elements);
        }
    }
}

fn add_scaled<F: Element>(level: SimdLevel, out: &mut [F], gradient: &[F], weights: Option<&[F]>) {
    let Some(weights) = weights else { return add(level, out, gradient) };
    for (out, row) in out.chunks_mut(PANEL).zip(gradient.chunks(PANEL)) {
        for ((x, &y), &w) in out.iter_mut().zip(row).zip(weights) {
            *x += y * w;
        }
    }
}
