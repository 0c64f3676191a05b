//! The backward pass through an operation: the gradient of its values from all its readers, then those of its weights
//! and of its sources.

use crate::network::compiled::Network;
use crate::network::sampling::Sampling;
use crate::network::sources::{Sources, order_of};
use crate::ops::applied_norm::PopulationGradient;
use crate::ops::dropout::drop_out;
use crate::ops::forward::row_number;
use crate::ops::reductions::running;
use crate::plan::kernels::MapKernel;
use crate::storage::geometry::Geometry;
use crate::storage::mode::Mode;
use crate::storage::parallel;
use crate::storage::rows::{each_row, row_tasks};
use crate::tape::layer_tape::LayerTape;
use crate::tape::map_tape::MapTape;
use lapicque_graph::ProjectionPlan;
use lapicque_graph::{Attention, BatchNorm, Dropout, MapPlan, OperationKind, ProjectionKind, Source};
use lapicque_projection::{
    Aligned, Element, Order, PANEL, Row, add, input_gradient_panel, panel_width, panels, transpose,
};
use std::ops::Range;

pub(crate) struct MapBackward<'a, F: Element> {
    pub network: &'a Network<F>,
    pub map: usize,
    pub layers: &'a [LayerTape<F>],
    /// Tapes of the operations after this one, whose gradients have been computed.
    pub after: &'a [MapTape<F>],
    /// By projection: its transposed weights, if they are needed.
    pub transposed: &'a [Aligned<F>],
    /// Tapes of the operations before this one, and its other sources.
    pub sources: Sources<'a, F>,
    pub mode: Mode,
    /// By source: whether its gradient is needed.
    pub needs_gradient: Vec<bool>,
    /// The gradient has been computed already, by the batch norm that is the only reader of this operation.
    pub gathered: bool,
    /// The gradient of the loss with respect to its values, or empty.
    pub injected: &'a [F],
    pub sampling: &'a Sampling,
}

impl<F: Element> MapBackward<'_, F> {
    pub(crate) fn plan(&self) -> &MapPlan {
        &self.network.plan.maps[self.map]
    }

    /// Writes the gradients of the sources to the tape. Returns the new gradients of weights and bias, in the layouts
    /// of the parameters, with this segment's contribution included. `carry` is used by operations that mix time:
    /// gradients of outputs after the segment.
    pub fn run(&self, tape: &mut MapTape<F>, carry: &mut Aligned<F>) -> Vec<(usize, Aligned<F>)> {
        let plan = self.plan();
        let g = tape.geometry(&self.sources.g);
        let size = plan.shape.elements();
        let constant = tape.constant;
        // If the values are not stored, their gradient is computed from that of the reader.
        if tape.is_kept() && !self.gathered && self.applied().is_none() {
            let (public, shape) = (tape.public, plan.shape);
            let transposed = public && !plan.is_public();
            let one = self.population_gradient(self.map, constant).filter(|_| public && !constant);
            parallel::for_each(row_tasks(&mut tape.values, &g, size), |(tile, first, gradient)| {
                if let Some(gradient_of) = one {
                    return self.take(&g, gradient_of, transposed, [tile, first], gradient);
                }
                gradient.fill(F::ZERO);
                let mut row_before = vec![F::ZERO; if transposed { size } else { 0 }];
                for (i, rows) in gradient.chunks_mut(g.tile * size).enumerate() {
                    self.gather(&g, constant, public, [tile, first + i], rows);
                    for row in rows.chunks_exact_mut(row_before.len().max(1)).filter(|_| transposed) {
                        row_before.copy_from_slice(row);
                        transpose(self.network.level, &row_before, shape.image(), row);
                    }
                }
            });
        }
        if !self.injected.is_empty() {
            parallel::for_each(row_tasks(&mut tape.values, &g, size), |(tile, first, gradient)| {
                let from = g.row(tile, first) * size;
                add(self.network.level, gradient, &self.injected[from..][..gradient.len()]);
            });
        }
        match plan.operation {
            OperationKind::Conv { .. } => return self.convolution(&g, tape),
            OperationKind::Dense => return self.dense(&g, tape),
            OperationKind::OwnKernels => {
                let kernels = self.network.registered[self.map].as_deref();
                return kernels.map_or_else(Vec::new, |kernels| self.registered(&g, kernels, tape));
            }
            OperationKind::BatchNorm(BatchNorm { scale, .. }) => return self.batch_norm(&g, scale, tape),
            OperationKind::Attention(Attention { heads, scale }) => {
                self.attention(&g, (heads, scale), tape);
                return vec![];
            }
            OperationKind::Temporal(_) => {
                return match running(plan) {
                    Some(running) => {
                        self.reduction(&g, running, tape, carry);
                        vec![]
                    }
                    None => self.temporal(&g, tape, carry),
                };
            }
            _ if tape.pooled.is_some() => return vec![],
            _ => {}
        }
        let added = self.weight_gradients(&g, tape);
        let mut gradients = std::mem::take(&mut tape.gradients);
        gradients.resize_with(plan.sources.len(), Aligned::default);
        for (i, gradient) in gradients.iter_mut().enumerate() {
            let inputs = plan.input_shapes[i].elements();
            if !self.needs_gradient[i] {
                gradient.clear();
                continue;
            }
            // Every row of a sample that exists is written; the other rows are 0 from the beginning.
            gradient.resize(g.rows() * inputs);
            let values = &tape.values;
            let uniforms = &self.network.uniforms(self.map, self.mode, g.first..g.first + g.batch);
            let drops = self.network.draws_each_step(self.map, self.mode);
            parallel::for_each(row_tasks(gradient, &g, inputs), |(tile, first, dx)| {
                let (mut scratch, mut sums, mut mask) = (Vec::new(), Vec::new(), Vec::new());
                for (r, dx) in dx.chunks_mut(inputs).enumerate() {
                    let at = [tile, first + r / g.tile, r % g.tile];
                    if at[2] >= g.valid(tile) {
                        continue;
                    }
                    let row = g.row(tile, at[1]) + at[2];
                    let gradient = &values[row * size..][..size];
                    let uniforms = match drops {
                        None => uniforms.get((tile * g.tile + at[2]) * size..).unwrap_or_default(),
                        Some((_, draw)) => {
                            let at = [self.sources.first_step + at[1], g.first + tile * g.tile + at[2]];
                            self.network.draw_step(self.map, draw, at, &mut mask);
                            &mask[..]
                        }
                    };
                    self.sources.with_rows(&plan.sources, at, &mut scratch, |rows| {
                        self.source_gradient(i, rows, uniforms, gradient, &mut sums, dx);
                    });
                }
            });
        }
        tape.gradients = gradients;
        added
    }

    /// Copies the gradient of some rows from that of the population that reads them, transposed or in the public order.
    fn take(
        &self,
        g: &Geometry,
        population: PopulationGradient<F>,
        transposed: bool,
        [tile, first]: [usize; 2],
        rows: &mut [F],
    ) {
        let shape = self.plan().shape;
        let mut public = Aligned::default();
        public.resize(if transposed { shape.elements() } else { 0 });
        for (i, row) in rows.chunks_exact_mut(shape.elements()).enumerate() {
            let (step, sample) = (first + i / g.tile, i % g.tile);
            if sample >= g.valid(tile) {
                row.fill(F::ZERO);
                continue;
            }
            let gradient = population.row([tile, step, sample]);
            if !transposed {
                gradient.copy(0, row);
                continue;
            }
            gradient.copy(0, &mut public);
            transpose(self.network.level, &public, shape.image(), row);
        }
    }

    /// Adds up the gradient of the values of one tile at one step, `[sample][element]`; `rows` must be zero. Elements
    /// are in the stored order, or in the public order.
    fn gather(&self, g: &Geometry, constant: bool, public: bool, [tile, step]: [usize; 2], rows: &mut [F]) {
        let plan = self.plan();
        let (network, own) = (self.network, Source::Map(self.map));
        let (size, valid) = (plan.shape.elements(), g.valid(tile));
        let mut product = vec![F::ZERO; g.elements()];
        let add = |panel: usize, part: Range<usize>, rows: &mut [F], product: &[F], weights: Option<&[F]>| {
            for (row, elements) in rows.chunks_mut(size).zip(product.chunks(PANEL)).take(valid) {
                let neurons = part.start + panel * PANEL..part.end.min(part.start + (panel + 1) * PANEL);
                if let (true, None) = (public, weights) {
                    row[neurons].iter_mut().zip(elements).for_each(|(x, &y)| *x += y);
                    continue;
                }
                for (element, n) in neurons.enumerate() {
                    let x = weights.map_or(elements[element], |w| elements[element] * w[element]);
                    row[if public { n } else { plan.offset(n) }] += x;
                }
            }
        };
        for (layer, tape) in network.plan.layers.iter().zip(self.layers) {
            for feed in layer.feeds.iter().filter(|feed| feed.source == own) {
                let gradient = |k: usize| match constant {
                    true => {
                        &tape.current_sums[feed.port][(k * g.tiles + tile) * g.elements()..][..g.elements()]
                    }
                    false => {
                        let from = ((k * g.tiles + tile) * tape.blocks + step) * g.elements();
                        &tape.gradient(layer, feed.port)[from..][..g.elements()]
                    }
                };
                // Without weights a part is a range of the elements, otherwise it is all of them.
                let (first, count) = match feed.projection {
                    Some(_) => (0, size),
                    None => (feed.part * layer.neurons, layer.neurons),
                };
                for panel in 0..panels(count) {
                    match feed.projection {
                        Some(j) if network.plan.projections[j].kind == ProjectionKind::Dense => {
                            let plan = &network.plan.projections[j];
                            let weights = transposed_panel(&self.transposed[j], plan, feed.part, panel);
                            let (level, width) = (network.level, panel_width(plan.inputs, panel));
                            let out = &mut product;
                            input_gradient_panel(
                                level,
                                width,
                                g.tile,
                                plan.outputs,
                                gradient,
                                weights,
                                out,
                                false,
                            );
                            add(panel, first..first + count, rows, &product, None);
                        }
                        Some(j) => {
                            let weights = &network.weights(j, feed.part)[panel * PANEL..];
                            add(panel, first..first + count, rows, gradient(panel), Some(weights));
                        }
                        None => add(panel, first..first + count, rows, gradient(panel), None),
                    }
                }
            }
        }
        for (map, tape) in network.plan.maps[self.map + 1..].iter().zip(self.after) {
            for (source, gradient) in map.sources.iter().zip(&tape.gradients) {
                if *source != own || gradient.is_empty() {
                    continue;
                }
                let source_geometry = tape.geometry(&self.sources.g);
                // The gradient of a constant value is the sum over the steps.
                let steps = if constant { 0..source_geometry.steps } else { step..step + 1 };
                for step in steps {
                    let from = &gradient[source_geometry.row(tile, step) * size..][..rows.len()];
                    rows.iter_mut().zip(from).for_each(|(x, &y)| *x += y);
                }
            }
        }
    }

    /// The gradient of one source at one row, in the source's order; `uniforms`: the random numbers of the sample's
    /// dropout mask.
    fn source_gradient(
        &self,
        i: usize,
        rows: &[Row<F>],
        uniforms: &[F],
        gradient: &[F],
        sums: &mut Vec<F>,
        dx: &mut [F],
    ) {
        let (network, plan) = (self.network, self.plan());
        let shape = plan.shape;
        let own = Order::of_values(shape.channels);
        let input_shape = plan.input_shapes[i];
        let (x, to) = (rows[i], order_of(plan.sources[i], input_shape));
        let weights = plan.projection.map_or(&[][..], |j| &network.parameters[network.slots[j].weight].data);
        let dy = Row::Values(gradient);
        match plan.operation {
            OperationKind::OneToOne => {
                for (n, &w) in weights[..gradient.len()].iter().enumerate() {
                    dx[n] = gradient[plan.offset(n)] * w;
                }
            }
            OperationKind::Pool(_) => {
                if let MapKernel::Pool(pool) = &network.maps[self.map] {
                    pool.input_gradient(network.level, x, to, gradient, dx);
                }
            }
            OperationKind::Flatten => {
                let public = Order::public(input_shape.pixels());
                dy.write(network.level, [public, to], input_shape.image(), dx);
            }
            OperationKind::Unflatten => {
                dy.write(network.level, [own, Order::public(shape.pixels())], shape.image(), dx);
            }
            OperationKind::Dropout(Dropout { rate, .. }) => {
                sums.clear();
                sums.extend_from_slice(gradient);
                if !uniforms.is_empty() {
                    drop_out(rate, uniforms, sums);
                }
                Row::Values(sums).write(network.level, [own, to], shape.image(), dx);
            }
            // See `dense_map`, `registered`, `conv_backward`, `batch_norm`, `attention`, `temporal` and `running`. An
            // embedding has no gradient with respect to its source.
            OperationKind::Dense
            | OperationKind::OwnKernels
            | OperationKind::Conv { .. }
            | OperationKind::Attention(_)
            | OperationKind::BatchNorm(_)
            | OperationKind::Embedding
            | OperationKind::Temporal(_) => {}
        }
    }

    /// Calls `visit` with `(input row, gradient of the output)` for every row, ascending.
    fn each(&self, g: &Geometry, values: &[F], mut visit: impl FnMut(Row<F>, &[F])) {
        let plan = self.plan();
        let size = plan.shape.elements();
        let mut scratch = Vec::new();
        each_row(g, |row, at| {
            let gradient = &values[row * size..][..size];
            self.sources.with_rows(&plan.sources, at, &mut scratch, |rows| visit(rows[0], gradient));
        });
    }

    /// `(parameter, its gradient including this segment's contribution)`.
    fn weight_gradients(&self, g: &Geometry, tape: &MapTape<F>) -> Vec<(usize, Aligned<F>)> {
        let (network, plan) = (self.network, self.plan());
        let Some(j) = plan.projection.filter(|&j| network.plan.projections[j].trainable) else {
            return vec![];
        };
        let slots = network.slots[j];
        let mut weight = network.parameters[slots.weight].grad.clone();
        let mut bias = slots.bias.map(|slot| network.parameters[slot].grad.clone());
        let shape = plan.shape;
        let own = Order::of_values(shape.channels);
        let from = order_of(plan.sources[0], plan.input_shapes[0]);
        match plan.operation {
            OperationKind::OneToOne => {
                let mut values = vec![F::ZERO; shape.elements()];
                self.each(g, &tape.values, |x, gradient| {
                    x.write(network.level, [from, own], shape.image(), &mut values);
                    for n in 0..gradient.len() {
                        let offset = plan.offset(n);
                        weight[n] = values[offset].mul_add(gradient[offset], weight[n]);
                    }
                });
            }
            OperationKind::Embedding => self.each(g, &tape.values, |x, gradient| {
                let row = &mut weight[row_number(x) * shape.channels..][..shape.channels];
                row.iter_mut().zip(gradient).for_each(|(dw, &g)| *dw += g);
            }),
            _ => {}
        }
        if let Some(bias) = &mut bias {
            self.each(g, &tape.values, |_, gradient| {
                for (n, &g) in gradient.iter().enumerate() {
                    bias[n % shape.channels] += g;
                }
            });
        }
        let mut added = vec![(slots.weight, weight)];
        added.extend(slots.bias.zip(bias));
        added
    }
}

/// One panel of one part of transposed weights, `[out][64]`.
pub(crate) fn transposed_panel<'a, F>(
    transposed: &'a [F],
    plan: &ProjectionPlan,
    part: usize,
    panel: usize,
) -> &'a [F] {
    let from = part * panels(plan.inputs) + panel;
    &transposed[from * plan.outputs * PANEL..(from + 1) * plan.outputs * PANEL]
}
