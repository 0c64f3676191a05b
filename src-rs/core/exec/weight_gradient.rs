//! Gradients of the projections' weights: rows of the current's gradient added where the input
//! fired, or a dense product where the input is not spikes. Rows ascend tile by tile.

use crate::error::Result;
use crate::exec::geometry::{Geometry, panels};
use crate::exec::input::{InputValues, Signal, Spikes};
use crate::exec::network::Network;
use crate::exec::parallel;
use crate::exec::parameter::Parameter;
use crate::exec::tape::LayerTape;
use crate::graph::{ProjectionKind, Source};
use crate::projection::{Element, PANEL, TransposedLists, column_sums, gemm_panel, weight_gradient_gather};
use crate::simd::SimdLevel;

/// What entered a projection.
enum Entered<'a, F> {
    Spikes(&'a Spikes),
    /// First state of a non-spiking population.
    States(&'a LayerTape<F>),
    Input(InputValues<'a, F>),
}

pub(crate) struct WeightGradient<'a, F> {
    pub input: Signal<'a, F>,
    /// All tapes; the states of layers before this one are still those of the forward pass.
    pub tapes: &'a [LayerTape<F>],
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
                (Source::Input, Signal::Values(input)) => Entered::Input(input),
                (Source::Layer(l), _) if network.plan.layers[l].bound.spiking => {
                    Entered::Spikes(&self.tapes[l].spikes)
                }
                (Source::Layer(l), _) => Entered::States(&self.tapes[l]),
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
        let constant = matches!(entered, Entered::Input(InputValues { constant: true, .. }));
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
                    for tile in 0..self.g.tiles {
                        self.dense(entered, tape, panel, block * PANEL, tile, dw);
                    }
                });
            }
            ProjectionKind::OneToOne => {
                for (panel, dw) in grad.chunks_mut(PANEL).enumerate() {
                    for tile in 0..self.g.tiles {
                        self.one_to_one(entered, tape, panel, tile, plan.outputs, dw);
                    }
                }
            }
        }
        parameters[slots.weight].grad = grad;
        if let Some(slot) = slots.bias {
            for (panel, db) in parameters[slot].grad.chunks_mut(PANEL).enumerate() {
                for tile in 0..self.g.tiles {
                    column_sums(self.level, self.gradient(tape, panel, tile, constant), db, true);
                }
            }
        }
    }

    /// The gradient of the current of one panel and tile, `[rows][64]`.
    fn gradient<'b>(&self, tape: &'b LayerTape<F>, panel: usize, tile: usize, constant: bool) -> &'b [F] {
        let (g, lanes) = (&self.g, self.g.lanes());
        let chunk = panel * g.tiles + tile;
        if constant {
            return &tape.current_sum[chunk * lanes..(chunk + 1) * lanes];
        }
        let start = chunk * tape.blocks + 1;
        &tape.states[0][start * lanes..(start + g.steps) * lanes]
    }

    /// `dw[i] += Σ_r x[r, first + i] · gradient[r]` for up to 64 inputs.
    fn dense(
        &self,
        entered: &Entered<F>,
        tape: &LayerTape<F>,
        panel: usize,
        first: usize,
        tile: usize,
        dw: &mut [F],
    ) {
        let g = &self.g;
        let count = dw.len() / PANEL;
        match entered {
            Entered::Spikes(spikes) => {
                let lists: &TransposedLists = &spikes.transposed[tile];
                let gradient = self.gradient(tape, panel, tile, false);
                weight_gradient_gather(self.level, gradient, lists, first..first + count, dw, true);
            }
            Entered::States(source) => {
                let chunk = (first / PANEL * g.tiles + tile) * source.blocks + 1;
                let values = &source.states[0][chunk * g.lanes()..(chunk + g.steps) * g.lanes()];
                let gradient = self.gradient(tape, panel, tile, false);
                gemm_panel(self.level, count, g.tile_rows(), values, 1, PANEL, gradient, dw, true);
            }
            Entered::Input(input) => {
                let gradient = self.gradient(tape, panel, tile, input.constant);
                let valid = g.valid(tile);
                let steps = if input.constant { 1 } else { g.steps };
                for (step, gradient) in (0..steps).zip(gradient.chunks(g.lanes())) {
                    let row = input.row(self.first_step + step, g.first + tile * g.tile);
                    let values = &input.values[row * input.channels + first..];
                    let gradient = &gradient[..valid * PANEL];
                    gemm_panel(self.level, count, valid, values, 1, input.channels, gradient, dw, true);
                }
            }
        }
    }

    fn one_to_one(
        &self,
        entered: &Entered<F>,
        tape: &LayerTape<F>,
        panel: usize,
        tile: usize,
        neurons: usize,
        dw: &mut [F],
    ) {
        let g = &self.g;
        let width = PANEL.min(neurons - panel * PANEL);
        let constant = matches!(entered, Entered::Input(InputValues { constant: true, .. }));
        let gradient = self.gradient(tape, panel, tile, constant);
        for (r, gradient) in gradient.chunks(PANEL).enumerate() {
            let (step, sample) = (r / g.tile, r % g.tile);
            if sample >= g.valid(tile) {
                continue;
            }
            for j in 0..width {
                let x = match entered {
                    Entered::Spikes(spikes) => {
                        let word = spikes.bits[panel * g.rows() + tile * g.tile_rows() + r];
                        if word >> j & 1 == 1 { F::ONE } else { continue }
                    }
                    Entered::States(source) => {
                        let chunk = (panel * g.tiles + tile) * source.blocks + 1 + step;
                        source.states[0][chunk * g.lanes() + sample * PANEL + j]
                    }
                    Entered::Input(input) => {
                        let row = input.row(self.first_step + step, g.first + tile * g.tile + sample);
                        input.values[row * input.channels + panel * PANEL + j]
                    }
                };
                dw[j] = x.mul_add(gradient[j], dw[j]);
            }
        }
    }
}
