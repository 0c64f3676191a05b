//! Gradients of the projections' weights: rows of the current's gradient added where the input
//! fired, or a dense product where the input is not spikes. Rows ascend tile by tile.

use crate::error::Result;
use crate::exec::geometry::Geometry;
use crate::exec::image_feedback;
use crate::exec::input::{InputValues, Signal, Spikes};
use crate::exec::map::MapTape;
use crate::exec::network::Network;
use crate::exec::parallel;
use crate::exec::parameter::Parameter;
use crate::exec::tape::LayerTape;
use crate::graph::{MapPlan, ProjectionKind, Source};
use crate::projection::{
    Element, PANEL, SEGMENT, Sparse, column_sums, gather_values, gemm_panel, panels, weight_gradient_gather,
};
use crate::simd::SimdLevel;

/// What entered a projection.
enum Entered<'a, F: Element> {
    Spikes(&'a Spikes),
    /// First state of a non-spiking population.
    States(&'a LayerTape<F>),
    /// The user's values, with lists of those that are not zero where they are few.
    Input(InputValues<'a, F>, Option<&'a Spikes>),
    Map(&'a MapTape<F>, &'a MapPlan),
}

pub(crate) struct WeightGradient<'a, F: Element> {
    pub input: Signal<'a, F>,
    /// All tapes; the states of layers before this one are still those of the forward pass.
    pub tapes: &'a [LayerTape<F>],
    pub maps: &'a [MapTape<F>],
    pub g: Geometry,
    pub first_step: usize,
    pub level: SimdLevel,
}

impl<F: Element> WeightGradient<'_, F> {
    /// Adds the gradients of everything that projects to `layer`, whose tape now holds the
    /// gradient of its current.
    pub fn run(&self, network: &mut Network<F>, layer: usize) -> Result<()> {
        let plan = &network.plan.layers[layer];
        let tape = &self.tapes[layer];
        for feed in &plan.feeds {
            let Some(j) = feed.projection else { continue };
            let entered = match (feed.source, self.input) {
                (Source::Input, Signal::Spikes(spikes)) => Entered::Spikes(spikes),
                (Source::Input, Signal::Values(input, sparse)) => Entered::Input(input, sparse),
                (Source::Layer(l), _) if network.plan.layers[l].bound.spiking => {
                    Entered::Spikes(&self.tapes[l].spikes)
                }
                (Source::Layer(l), _) => Entered::States(&self.tapes[l]),
                (Source::Map(m), _) => Entered::Map(&self.maps[m], &network.plan.maps[m]),
            };
            self.projection(
                &network.plan.projections[j],
                network.slots[j],
                &mut network.parameters,
                &entered,
                tape,
            );
        }
        if !plan.feedback.is_empty() {
            let before = self.previous_spikes(tape, plan.neurons)?;
            for &j in &plan.feedback {
                if let Some(convolution) = network.feedback[j].as_deref() {
                    if network.plan.projections[j].trainable {
                        let slots = network.slots[j];
                        let (parameters, g) = (&mut network.parameters, &self.g);
                        let slots = (slots.weight, slots.bias);
                        let fired = &before.lists;
                        image_feedback::weight_gradient(
                            &convolution.forward,
                            slots,
                            parameters,
                            fired,
                            tape,
                            g,
                            self.level,
                        );
                    }
                    continue;
                }
                let entered = Entered::Spikes(&before);
                self.projection(
                    &network.plan.projections[j],
                    network.slots[j],
                    &mut network.parameters,
                    &entered,
                    tape,
                );
            }
        }
        Ok(())
    }

    /// A recurrent population's spikes, each one step later.
    fn previous_spikes(&self, tape: &LayerTape<F>, neurons: usize) -> Result<Spikes> {
        let g = &self.g;
        let mut bits = vec![0; panels(neurons) * g.rows()];
        let chunks = bits.chunks_mut(g.tile_rows()).zip(tape.spikes.bits.chunks(g.tile_rows()));
        for ((to, from), last) in chunks.zip(tape.last_spikes.chunks(g.tile)) {
            to[..g.tile].copy_from_slice(last);
            to[g.tile..].copy_from_slice(&from[..from.len() - g.tile]);
        }
        let mut spikes = Spikes { bits, ..Default::default() };
        spikes.index(neurons, g, true, self.level)?;
        Ok(spikes)
    }

    fn projection(
        &self,
        plan: &crate::graph::ProjectionPlan,
        slots: crate::exec::network::ProjectionSlots,
        parameters: &mut [Parameter<F>],
        entered: &Entered<F>,
        tape: &LayerTape<F>,
    ) {
        if !plan.trainable {
            return;
        }
        let constant = is_constant(entered);
        let mut grad = std::mem::take(&mut parameters[slots.weight].grad);
        match plan.kind {
            ProjectionKind::Dense => {
                let mut work = Vec::new();
                for (panel, rows) in grad.chunks_mut(plan.inputs * PANEL).enumerate() {
                    for (block, dw) in rows.chunks_mut(PANEL * PANEL).enumerate() {
                        work.push((panel, block, dw));
                    }
                }
                parallel::for_each(work, |(panel, block, dw)| {
                    self.dense(entered, tape, plan.outputs, panel, block * PANEL, dw)
                });
            }
            _ => {
                for (panel, dw) in grad.chunks_mut(PANEL).enumerate() {
                    self.one_to_one(entered, tape, panel, plan.outputs, dw);
                }
            }
        }
        parameters[slots.weight].grad = grad;
        if let Some(slot) = slots.bias {
            let work: Vec<_> = parameters[slot].grad.chunks_mut(PANEL).enumerate().collect();
            parallel::for_each(work, |(panel, db)| {
                column_sums(self.level, self.gradient(tape, panel, constant), db, true);
            });
        }
    }

    /// The gradient of the current of one panel, `[rows][64]`; of a constant input `[samples][64]`.
    fn gradient<'b>(&self, tape: &'b LayerTape<F>, panel: usize, constant: bool) -> &'b [F] {
        let g = &self.g;
        let (values, rows) = match constant {
            true => (&tape.current_sum, g.tiles * g.tile),
            false => (&tape.states[0], g.rows()),
        };
        &values[panel * rows * PANEL..(panel + 1) * rows * PANEL]
    }

    /// `dw[i] += Σ_r x[r, first + i] · gradient[r]` for up to 64 inputs.
    fn dense(
        &self,
        entered: &Entered<F>,
        tape: &LayerTape<F>,
        outputs: usize,
        panel: usize,
        first: usize,
        dw: &mut [F],
    ) {
        let g = &self.g;
        let count = dw.len() / PANEL;
        match entered {
            Entered::Spikes(spikes) => {
                let gradient = self.gradient(tape, panel, false);
                let width = PANEL.min(outputs - panel * PANEL);
                let inputs = first..first + count;
                weight_gradient_gather(self.level, gradient, &spikes.transposed, inputs, width, dw, true);
            }
            Entered::States(source) => {
                let from = first / PANEL * g.rows() * PANEL;
                let values = &source.states[0][from..from + g.rows() * PANEL];
                let gradient = self.gradient(tape, panel, false);
                gemm_panel(self.level, count, g.rows(), values, 1, PANEL, gradient, dw, true);
            }
            Entered::Map(map, plan) => {
                let (gradient, size) = (self.gradient(tape, panel, map.constant), plan.shape.elements());
                let rows = map.geometry(g).rows();
                gemm_panel(self.level, count, rows, &map.values[first..], 1, size, gradient, dw, true);
            }
            Entered::Input(input, Some(sparse)) => {
                let gradient = self.gradient(tape, panel, true);
                let width = PANEL.min(outputs - panel * PANEL);
                let segments = sparse.transposed.segments().iter().zip(gradient.chunks(SEGMENT * PANEL));
                for (s, (lists, table)) in segments.enumerate() {
                    let values = &input.values[(g.first + s * SEGMENT) * input.channels..];
                    let events = (g.batch - s * SEGMENT).min(lists.bound());
                    let x = Sparse { lists, values, list_stride: 1, event_stride: input.channels, events };
                    gather_values(self.level, x, table, first..first + count, width, dw, true);
                }
            }
            Entered::Input(input, None) if input.constant => {
                let gradient = self.gradient(tape, panel, true);
                let values = &input.values[g.first * input.channels + first..];
                gemm_panel(self.level, count, g.batch, values, 1, input.channels, gradient, dw, true);
            }
            Entered::Input(input, _) => {
                let gradient = self.gradient(tape, panel, false);
                for (tile, step) in (0..g.tiles).flat_map(|tile| (0..g.steps).map(move |step| (tile, step))) {
                    let row = input.row(self.first_step + step, g.first + tile * g.tile);
                    let values = &input.values[row * input.channels + first..];
                    let gradient = &gradient[g.row(tile, step) * PANEL..];
                    gemm_panel(
                        self.level,
                        count,
                        g.valid(tile),
                        values,
                        1,
                        input.channels,
                        gradient,
                        dw,
                        true,
                    );
                }
            }
        }
    }

    fn one_to_one(
        &self,
        entered: &Entered<F>,
        tape: &LayerTape<F>,
        panel: usize,
        neurons: usize,
        dw: &mut [F],
    ) {
        let g = &self.g;
        let width = PANEL.min(neurons - panel * PANEL);
        let constant = is_constant(entered);
        let gradient = self.gradient(tape, panel, constant);
        let rows_of_a_tile = if constant { g.tile } else { g.tile_rows() };
        for (r, gradient) in gradient.chunks(PANEL).enumerate() {
            let (tile, in_tile) = (r / rows_of_a_tile, r % rows_of_a_tile);
            let (step, sample) = (in_tile / g.tile, in_tile % g.tile);
            if sample >= g.valid(tile) {
                continue;
            }
            for j in 0..width {
                let x = match entered {
                    Entered::Spikes(spikes) => {
                        if spikes.bits[panel * g.rows() + r] >> j & 1 == 1 {
                            F::ONE
                        } else {
                            continue;
                        }
                    }
                    Entered::Map(map, plan) => {
                        let n = panel * PANEL + j;
                        map.values[r * plan.shape.elements() + if map.public { n } else { plan.place(n) }]
                    }
                    Entered::States(source) => source.states[0][(panel * g.rows() + r) * PANEL + j],
                    Entered::Input(input, _) => {
                        let row = input.row(self.first_step + step, g.first + tile * g.tile + sample);
                        input.values[row * input.channels + panel * PANEL + j]
                    }
                };
                dw[j] = x.mul_add(gradient[j], dw[j]);
            }
        }
    }
}

/// Whether the same entered at every step.
fn is_constant<F: Element>(entered: &Entered<F>) -> bool {
    match entered {
        Entered::Input(input, _) => input.constant,
        Entered::Map(map, _) => map.constant,
        Entered::Spikes(_) | Entered::States(_) => false,
    }
}
