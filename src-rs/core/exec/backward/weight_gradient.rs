//! Gradients of the projections' weights: rows of the current's gradient are added where the input fired; for inputs
//! other than spikes a dense product is computed. Rows ascend tile by tile. Rows of the user's spikes are added in
//! groups of steps (see `step_gradient`).

use crate::backward::weight_tasks::Job;
use crate::network::compiled::Network;
use crate::ops::image_feedback::{self, InputRows};
use crate::storage::geometry::Geometry;
use crate::tape::input::{InputValues, Signal, Spikes};
use crate::tape::layer_tape::LayerTape;
use crate::tape::map_tape::MapTape;
use lapicque_base::error::Result;
use lapicque_base::simd::SimdLevel;
use lapicque_graph::{LayerPlan, MapPlan, Source};
use lapicque_projection::{
    Element, PANEL, SEGMENT, Sparse, gather_values, gemm_columns, is_zero, panel_width, panels,
    step_gradient, weight_gradient_gather,
};
use std::ops::Range;

/// Number of rows that are tested together for gradients that are all 0.
const LIVE_ROWS: usize = 256;

/// The input of a projection.
pub(crate) enum ProjectionInput<'a, F: Element> {
    /// Spikes of a population.
    Spikes(&'a Spikes),
    /// Spikes of the user's input.
    InputSpikes(&'a Spikes),
    /// A state of a population after each step.
    State(&'a LayerTape<F>, usize),
    /// A state of a population before each step.
    StateBefore(&'a LayerTape<F>, usize),
    /// The user's values, with lists of the non-zero values if these are few.
    Input(InputValues<'a, F>, Option<&'a Spikes>),
    Map(&'a MapTape<F>, &'a MapPlan),
}

pub(crate) struct WeightGradient<'a, F: Element> {
    pub input: Signal<'a, F>,
    /// All tapes; those of layers before this one still contain the states of the forward pass.
    pub tapes: &'a [LayerTape<F>],
    pub maps: &'a [MapTape<F>],
    pub g: Geometry,
    pub first_step: usize,
    pub level: SimdLevel,
}

/// The gradient of one port.
#[derive(Clone, Copy)]
pub(crate) struct PortGradient<'a, F: Element> {
    /// `[panel][tile][step][sample][64]`
    values: &'a [F],
    /// Summed over time, if the input of the port is constant.
    sum: &'a [F],
}

/// Which weights of a dense projection a task computes.
#[derive(Clone, Copy)]
pub(crate) struct WeightsAt {
    /// Number of outputs of the projection.
    pub outputs: usize,
    /// The first panel of outputs.
    pub panel: usize,
    /// The first input.
    pub first: usize,
}

impl<F: Element> WeightGradient<'_, F> {
    /// Adds the weight gradients of all projections onto `layer`, whose tape now contains the gradients of its
    /// currents.
    pub fn run(&self, network: &mut Network<F>, layer: usize) -> Result<()> {
        let all = network.plan.clone();
        let (plan, layers, maps) = (&all.layers[layer], &all.layers, &all.maps);
        // Spikes of the previous step, computed once per population.
        let mut before: Vec<(usize, Spikes)> = Vec::new();
        let by_row = network.feedback.iter().any(|convolution| convolution.is_some());
        for feed in plan.feedback.iter().filter(|feed| feed.delayed && feed.projection.is_some()) {
            if let Source::Spikes(l) = feed.source
                && before.iter().all(|&(other, _)| other != l)
            {
                before.push((l, self.previous_spikes(&self.tapes[l], layers[l].neurons, by_row)?));
            }
        }
        let mut jobs = Vec::new();
        for feed in plan.all_feeds() {
            let Some(j) = feed.projection else { continue };
            let projection_input = match (feed.source, self.input) {
                (Source::Input, Signal::Spikes(spikes)) => ProjectionInput::InputSpikes(spikes),
                (Source::Input, Signal::Values(input, sparse)) => ProjectionInput::Input(input, sparse),
                (Source::Spikes(l), _) => {
                    match before.iter().find(|(other, _)| feed.delayed && *other == l) {
                        Some((_, spikes)) => ProjectionInput::Spikes(spikes),
                        None => ProjectionInput::Spikes(&self.tapes[l].spikes),
                    }
                }
                (Source::State(l, i), _) if feed.delayed => ProjectionInput::StateBefore(&self.tapes[l], i),
                (Source::State(l, i), _) => ProjectionInput::State(&self.tapes[l], i),
                (Source::Map(m), _) => ProjectionInput::Map(&self.maps[m], &maps[m]),
            };
            if network.feedback[j].is_some() {
                if feed.part == 0 && network.plan.projections[j].trainable {
                    self.image(network, plan, layer, j, &projection_input);
                }
                continue;
            }
            let projection = &all.projections[j];
            if projection.trainable {
                let tape = &self.tapes[layer];
                let gradient = PortGradient {
                    values: tape.gradient(plan, feed.port),
                    sum: &tape.current_sums[feed.port],
                };
                let (slots, part, port) = (network.slots[j], feed.part, feed.port);
                jobs.push(Job { projection, slots, part, port, projection_input, gradient });
            }
        }
        self.add(&mut network.parameters, jobs);
        Ok(())
    }

    /// Adds the gradients of a convolution within a loop, all its parts at once.
    fn image(
        &self,
        network: &mut Network<F>,
        plan: &LayerPlan,
        layer: usize,
        j: usize,
        projection_input: &ProjectionInput<F>,
    ) {
        let Some(convolution) = network.feedback[j].as_deref() else { return };
        let parts = plan.feedback.iter().filter(|feed| feed.projection == Some(j));
        let gradients: Vec<&[F]> = parts.map(|feed| self.tapes[layer].gradient(plan, feed.port)).collect();
        let slots = (network.slots[j].weight, network.slots[j].bias);
        let inputs = convolution.forward.channels[0] * convolution.forward.pixels();
        let state = |row: usize, rows: &mut Vec<F>| {
            for first in (0..inputs).step_by(PANEL) {
                let elements = self.states(projection_input, first / PANEL, row..row + 1);
                rows.extend_from_slice(&elements[..PANEL.min(inputs - first)]);
            }
        };
        let projection_input = match projection_input {
            ProjectionInput::Spikes(spikes) | ProjectionInput::InputSpikes(spikes) => {
                InputRows::Spikes(&spikes.lists)
            }
            _ => InputRows::States(&state),
        };
        image_feedback::weight_gradient(
            &convolution.forward,
            slots,
            &mut network.parameters,
            projection_input,
            (&gradients, plan.neurons),
            &self.g,
            self.level,
        );
    }

    /// A population's spikes, delayed by one step; with `by_row` also listed by row.
    fn previous_spikes(&self, tape: &LayerTape<F>, neurons: usize, by_row: bool) -> Result<Spikes> {
        let g = &self.g;
        let mut bits = vec![0; panels(neurons) * g.rows()];
        let chunks = bits.chunks_mut(g.tile_rows()).zip(tape.spikes.bits.chunks(g.tile_rows()));
        for ((to, from), last) in chunks.zip(tape.last_spikes.chunks(g.tile)) {
            to[..g.tile].copy_from_slice(last);
            to[g.tile..].copy_from_slice(&from[..from.len() - g.tile]);
        }
        let mut spikes = Spikes { bits, ..Default::default() };
        if by_row {
            spikes.index_rows(neurons, g, self.level)?;
        }
        spikes.index_neurons(neurons, g, self.level)?;
        Ok(spikes)
    }

    /// The gradient of the current of one panel, `[rows][64]`; of a constant input `[samples][64]`.
    pub fn gradient<'b>(&self, gradient: PortGradient<'b, F>, panel: usize, constant: bool) -> &'b [F] {
        let g = &self.g;
        let (values, rows) = match constant {
            true => (gradient.sum, g.tiles * g.tile),
            false => (gradient.values, g.rows()),
        };
        &values[panel * rows * PANEL..(panel + 1) * rows * PANEL]
    }

    /// `dw[i] += Σ_r x[r, first + i] · gradient[r]` for the inputs of one task. `live`: rows with non-zero gradients;
    /// used only for operations and states.
    pub fn dense(
        &self,
        projection_input: &ProjectionInput<F>,
        gradient: PortGradient<F>,
        live: &[Range<usize>],
        at: WeightsAt,
        dw: &mut [F],
    ) {
        let WeightsAt { outputs, panel, first } = at;
        let g = &self.g;
        let count = dw.len() / PANEL;
        let width = panel_width(outputs, panel);
        match projection_input {
            ProjectionInput::Spikes(spikes) => {
                let gradient = self.gradient(gradient, panel, false);
                let inputs = first..first + count;
                weight_gradient_gather(self.level, gradient, &spikes.transposed, inputs, width, dw, true);
            }
            ProjectionInput::InputSpikes(spikes) => {
                let gradient = self.gradient(gradient, panel, false);
                let width = panel_width(outputs, panel);
                step_gradient(self.level, gradient, &spikes.by_step, first..first + count, width, dw);
            }
            ProjectionInput::State(..) | ProjectionInput::StateBefore(..) => {
                self.of_states(projection_input, gradient, &[live.to_vec()], at, vec![dw]);
            }
            ProjectionInput::Map(map, plan) => {
                let size = plan.shape.elements();
                let gradient = self.gradient(gradient, panel, map.constant);
                for rows in live {
                    let values = &map.values[rows.start * size + first..];
                    let gradient = &gradient[rows.start * PANEL..];
                    gemm_columns(self.level, width, count, rows.len(), values, 1, size, gradient, dw, true);
                }
            }
            ProjectionInput::Input(input, Some(sparse)) => {
                let gradient = self.gradient(gradient, panel, true);
                let segments = sparse.transposed.segments().iter().zip(gradient.chunks(SEGMENT * PANEL));
                for (s, (lists, table)) in segments.enumerate() {
                    let values = &input.values[(g.first + s * SEGMENT) * input.channels..];
                    let events = (g.batch - s * SEGMENT).min(lists.bound());
                    let x = Sparse { lists, values, list_stride: 1, event_stride: input.channels, events };
                    gather_values(self.level, x, table, first..first + count, width, dw, true);
                }
            }
            ProjectionInput::Input(input, None) if input.constant => {
                let gradient = self.gradient(gradient, panel, true);
                let values = &input.values[g.first * input.channels + first..];
                let stride = input.channels;
                gemm_columns(self.level, width, count, g.batch, values, 1, stride, gradient, dw, true);
            }
            ProjectionInput::Input(input, _) => {
                let gradient = self.gradient(gradient, panel, false);
                for (tile, step) in (0..g.tiles).flat_map(|tile| (0..g.steps).map(move |step| (tile, step))) {
                    let row = input.row(self.first_step + step, g.first + tile * g.tile);
                    let values = &input.values[row * input.channels + first..];
                    let gradient = &gradient[g.row(tile, step) * PANEL..];
                    gemm_columns(
                        self.level,
                        width,
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

    pub fn one_to_one(
        &self,
        projection_input: &ProjectionInput<F>,
        gradient: PortGradient<F>,
        panel: usize,
        neurons: usize,
        dw: &mut [F],
    ) {
        let g = &self.g;
        let width = panel_width(neurons, panel);
        let constant = is_constant(projection_input);
        let gradient = self.gradient(gradient, panel, constant);
        let rows_of_a_tile = if constant { g.tile } else { g.tile_rows() };
        for (r, gradient) in gradient.chunks(PANEL).enumerate() {
            let (tile, in_tile) = (r / rows_of_a_tile, r % rows_of_a_tile);
            let (step, sample) = (in_tile / g.tile, in_tile % g.tile);
            if sample >= g.valid(tile) {
                continue;
            }
            for j in 0..width {
                let x = match projection_input {
                    ProjectionInput::Spikes(spikes) | ProjectionInput::InputSpikes(spikes) => {
                        if spikes.bits[panel * g.rows() + r] >> j & 1 == 1 {
                            F::ONE
                        } else {
                            continue;
                        }
                    }
                    ProjectionInput::Map(map, plan) => {
                        let n = panel * PANEL + j;
                        map.values[r * plan.shape.elements() + if map.public { n } else { plan.offset(n) }]
                    }
                    ProjectionInput::State(..) | ProjectionInput::StateBefore(..) => {
                        self.states(projection_input, panel, r..r + 1)[j]
                    }
                    ProjectionInput::Input(input, _) => {
                        let row = input.row(self.first_step + step, g.first + tile * g.tile + sample);
                        input.values[row * input.channels + panel * PANEL + j]
                    }
                };
                dw[j] = x.mul_add(gradient[j], dw[j]);
            }
        }
    }
}

/// Rows whose gradients are not all 0, in runs of whole blocks. Steps that no loss reads have zero gradients.
pub(crate) fn live_rows<F: Element>(gradient: &[F]) -> Vec<Range<usize>> {
    let mut live: Vec<Range<usize>> = Vec::new();
    for (i, block) in gradient.chunks(LIVE_ROWS * PANEL).enumerate() {
        let rows = i * LIVE_ROWS..i * LIVE_ROWS + block.len() / PANEL;
        match live.last_mut() {
            _ if is_zero(block) => {}
            Some(run) if run.end == rows.start => run.end = rows.end,
            _ => live.push(rows),
        }
    }
    live
}

/// Whether the input is the same at every step.
pub(crate) fn is_constant<F: Element>(projection_input: &ProjectionInput<F>) -> bool {
    match projection_input {
        ProjectionInput::Input(input, _) => input.constant,
        ProjectionInput::Map(map, _) => map.constant,
        ProjectionInput::Spikes(_)
        | ProjectionInput::InputSpikes(_)
        | ProjectionInput::State(..)
        | ProjectionInput::StateBefore(..) => false,
    }
}
