//! The gradient of the weights of spiking input.

use super::step_lists::SumLists;
use super::step_patterns::Tables;
use super::steps::{Representation, StepSpikes};
use crate::PANEL;
use crate::simd::dispatch::dispatch;
use crate::simd::registers::Element;
use lapicque_base::SimdLevel;
use std::ops::Range;

/// `dw[i][64] += Σ grad[r][64]` over the rows `r` in which input `inputs.start + i` fired: tile by tile, span by span,
/// sample by sample. Within a sample, the sum of each group of steps (ascending within the group) is added group by
/// group. `grad = [rows][64]`, `dw = [inputs.len()][64]`; columns from `width` on (rounded up to 16) may be left
/// unchanged. Panics unless the inputs begin at a panel and the slices fit.
pub fn step_gradient<F: Element>(
    level: SimdLevel,
    grad: &[F],
    spikes: &StepSpikes,
    inputs: Range<usize>,
    width: usize,
    dw: &mut [F],
) {
    assert_eq!(grad.len(), spikes.rows.count() * PANEL, "a gradient panel of {} rows", spikes.rows.count());
    assert!(inputs.start.is_multiple_of(PANEL), "inputs from {} on begin no panel", inputs.start);
    assert!(inputs.end <= spikes.neurons, "inputs {inputs:?} of {}", spikes.neurons);
    assert_eq!(dw.len(), inputs.len() * PANEL, "weight gradients of {} inputs", inputs.len());
    match &spikes.representation {
        Representation::Lists(lists) => dispatch(level, SumLists { grad, lists, inputs, width, dw }),
        Representation::Patterns(panels) => {
            dispatch(level, Tables { grad, panels, rows: spikes.rows, inputs, width, dw });
        }
    }
}
