//! Gradients of the weights of projections that read a state of a population: a product over all rows, of which states
//! and gradients are panels, each as long as the sequence. A task takes some panels of both and goes through the rows once.

use crate::backward::weight_gradient::{Entered, PortGradient, WeightGradient};
use lapicque_projection::{Element, PANEL, gemm_columns, panel_width};
use std::ops::Range;

/// Rows whose states and gradients stay in L2 for all the products of a task: 32 KiB of f32 a panel.
const ROWS: usize = 128;

impl<F: Element> WeightGradient<'_, F> {
    /// `dw[o][i] += Σ_r x[r, first + i] · gradient[o][r]` for some panels of outputs from `panel` on, each with the rows of
    /// its gradient that are `live`. Rows ascend.
    pub fn of_states(
        &self,
        entered: &Entered<F>,
        gradient: PortGradient<F>,
        live: &[Vec<Range<usize>>],
        [outputs, panel, first]: [usize; 3],
        mut dw: Vec<&mut [F]>,
    ) {
        for rows in self.pieces(entered) {
            for ((panel, live), dw) in (panel..).zip(live).zip(&mut dw) {
                let width = panel_width(outputs, panel);
                let gradient = self.gradient(gradient, panel, false);
                let live = live.iter().map(|live| live.start.max(rows.start)..live.end.min(rows.end));
                for rows in live.filter(|rows| !rows.is_empty()) {
                    let gradient = &gradient[rows.start * PANEL..rows.end * PANEL];
                    for (k, dw) in (first / PANEL..).zip(dw.chunks_mut(PANEL * PANEL)) {
                        let values = self.states(entered, k, rows.clone());
                        let (inputs, depth) = (dw.len() / PANEL, rows.len());
                        gemm_columns(self.level, width, inputs, depth, values, 1, PANEL, gradient, dw, true);
                    }
                }
            }
        }
    }

    /// The rows, cut into pieces within which states lie one behind the other.
    fn pieces(&self, entered: &Entered<F>) -> Vec<Range<usize>> {
        let (g, mut pieces) = (&self.g, vec![]);
        let mut cut = |rows: Range<usize>| {
            pieces.extend(rows.clone().step_by(ROWS).map(|first| first..(first + ROWS).min(rows.end)));
        };
        match entered {
            Entered::StateBefore(..) => {
                for first in (0..g.rows()).step_by(g.tile_rows()) {
                    cut(first..first + g.tile);
                    cut(first + g.tile..first + g.tile_rows());
                }
            }
            _ => cut(0..g.rows()),
        }
        pieces
    }

    /// Rows of one panel of a state, `[row][64]`, all of one piece.
    pub fn states<'b>(&self, entered: &Entered<'b, F>, panel: usize, rows: Range<usize>) -> &'b [F] {
        let (g, len) = (&self.g, rows.len() * PANEL);
        let (tile, in_tile) = (rows.start / g.tile_rows(), rows.start % g.tile_rows());
        match *entered {
            Entered::StateBefore(tape, i) if in_tile < g.tile => {
                &tape.begin[i][((panel * g.tiles + tile) * g.tile + in_tile) * PANEL..][..len]
            }
            Entered::StateBefore(tape, i) => {
                &tape.states[i][(panel * g.rows() + rows.start - g.tile) * PANEL..][..len]
            }
            Entered::State(tape, i) => &tape.states[i][(panel * g.rows() + rows.start) * PANEL..][..len],
            _ => &[],
        }
    }
}
