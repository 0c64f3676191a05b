//! Gradients of the weights of projections that read a state of a population: a product over all rows. Panels of states
//! and gradients are as long as the sequence, so a task takes several panels of both and visits the rows once.

use crate::backward::weight_gradient::{PortGradient, ProjectionInput, WeightGradient, WeightsAt};
use lapicque_projection::{Element, PANEL, gemm_columns, panel_width};
use std::ops::Range;

/// Number of rows whose states and gradients stay in L2 for all the products of a task: 32 KiB of f32 per panel.
const ROWS: usize = 128;

impl<F: Element> WeightGradient<'_, F> {
    /// `dw[o][i] += Σ_r x[r, first + i] · gradient[o][r]` for some panels of outputs from `panel` on. Each panel has
    /// its own `live` rows, the others have zero gradients. Rows ascend.
    pub fn of_states(
        &self,
        projection_input: &ProjectionInput<F>,
        gradient: PortGradient<F>,
        live: &[Vec<Range<usize>>],
        WeightsAt { outputs, panel, first }: WeightsAt,
        mut dw: Vec<&mut [F]>,
    ) {
        for rows in self.pieces(projection_input) {
            for ((panel, live), dw) in (panel..).zip(live).zip(&mut dw) {
                let width = panel_width(outputs, panel);
                let gradient = self.gradient(gradient, panel, false);
                let live = live.iter().map(|live| live.start.max(rows.start)..live.end.min(rows.end));
                for rows in live.filter(|rows| !rows.is_empty()) {
                    let gradient = &gradient[rows.start * PANEL..rows.end * PANEL];
                    for (k, dw) in (first / PANEL..).zip(dw.chunks_mut(PANEL * PANEL)) {
                        let values = self.states(projection_input, k, rows.clone());
                        let (inputs, depth) = (dw.len() / PANEL, rows.len());
                        gemm_columns(self.level, width, inputs, depth, values, 1, PANEL, gradient, dw, true);
                    }
                }
            }
        }
    }

    /// The rows, cut into pieces within which states are contiguous.
    fn pieces(&self, projection_input: &ProjectionInput<F>) -> Vec<Range<usize>> {
        let (g, mut pieces) = (&self.g, vec![]);
        let mut cut = |rows: Range<usize>| {
            pieces.extend(rows.clone().step_by(ROWS).map(|first| first..(first + ROWS).min(rows.end)));
        };
        match projection_input {
            ProjectionInput::StateBefore(..) => {
                for first in (0..g.rows()).step_by(g.tile_rows()) {
                    cut(first..first + g.tile);
                    cut(first + g.tile..first + g.tile_rows());
                }
            }
            _ => cut(0..g.rows()),
        }
        pieces
    }

    /// Rows of one panel of a state, `[row][64]`; all of them are in one piece.
    pub fn states<'b>(
        &self,
        projection_input: &ProjectionInput<'b, F>,
        panel: usize,
        rows: Range<usize>,
    ) -> &'b [F] {
        let (g, len) = (&self.g, rows.len() * PANEL);
        let (tile, in_tile) = (rows.start / g.tile_rows(), rows.start % g.tile_rows());
        match *projection_input {
            ProjectionInput::StateBefore(tape, i) if in_tile < g.tile => {
                &tape.begin[i][((panel * g.tiles + tile) * g.tile + in_tile) * PANEL..][..len]
            }
            ProjectionInput::StateBefore(tape, i) => {
                &tape.states[i][(panel * g.rows() + rows.start - g.tile) * PANEL..][..len]
            }
            ProjectionInput::State(tape, i) => {
                &tape.states[i][(panel * g.rows() + rows.start) * PANEL..][..len]
            }
            _ => &[],
        }
    }
}
