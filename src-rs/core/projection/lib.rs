//! Projections: the numeric kernels of connections between neurons. Dense projections (dense or event-driven product,
//! gradients of input and weights, layouts), convolutions, pools, normalization, attention, and operations over time,
//! each with forward and backward pass in one place.
//!
//! **Layout.** Everything per neuron is *panel-major*: `[panels(neurons)][rows][PANEL]`. A row is `t * batch + b`;
//! padding elements are zero. Spikes are bits, `[panels(neurons)][rows]` of `u64`; bit `j` of panel `p` is neuron `64 p
//! + j`. Weights are `[panels(outputs)][inputs][PANEL]`.
//!
//! **One order for every sum.** An output element is one accumulator that starts at +0 (or at the value to add to) and
//! takes its terms in ascending order: `acc = fma(x, w, acc)` in a dense product, `acc += w` for each event in an
//! event-driven one. For inputs of 0 and 1 both give the same bits, at all SIMD levels and for all divisions of rows
//! and panels among threads. The gradient of the weights of spiking input has its own order, by groups of steps
//! (`step_gradient`).

mod convolution;
mod dense;
mod elementwise;
mod layouts;
mod norms;
mod over_time;
mod simd;
mod sparse;
mod spikes;

mod instances;

#[cfg(test)]
mod tests;

pub use convolution::patches::{PatchScratch, Patches};
pub use convolution::pixel_gradient::{add_pixels, rows_of_pixels};
pub use convolution::pixel_lists::PixelLists;
pub use convolution::pointwise::Pointwise;
pub use convolution::pool::{Pool, PoolKind};
pub use convolution::scatter::{Scatter, padded_channels};
pub use convolution::tap_lists::TapLists;
pub use convolution::taps::{Run, Taps, Window};
pub use dense::attention::Attention;
pub use dense::dense_rows::{Fired, dense_row, dense_weight_gradient};
pub use dense::gemm::{gemm_columns, gemm_panel, input_gradient_panel};
pub use elementwise::add::{add, add_all, add_bias, add_rows, sum_with_bias};
pub use elementwise::reduce::{
    SQUARES_CHUNK, all_within, column_sums, column_sums_of_all, first_non_finite, is_zero, squares_of_chunks,
    sum_of_squares,
};
pub use layouts::aligned::Aligned;
pub use layouts::panel_row::PanelRow;
pub use layouts::panels::{panel_mask, panel_width, panels};
pub use layouts::row::{Order, Row};
pub use layouts::transpose::transpose;
pub use layouts::weights::{pack_weights, to_rowmajor_inputs, transpose_weights, unpack_weights};
pub use norms::batch_norm::{
    Channels, Normal, batch_norm_gradient, channel_squares, channel_sums, gradient_sums, normalize,
    normalize_panel, population_norm_gradient,
};
pub use norms::layer_norm::{
    SUMMED, affine_gradients, normalize_parts, normalize_parts_gradient, scale_rows,
};
pub use norms::norm::Moments;
pub use over_time::delay_gradients::{Arrivals, EventsByInput};
pub use over_time::filter_rows::ByElement;
pub use over_time::reductions::Running;
pub use over_time::temporal::{Delayed, Filtered, Lags, Reached};
pub use simd::registers::{Element, prefetch_lines};
pub use sparse::eligibility::{
    BLOCK_STEPS, Crossing, Linearized, MAX_TRACES, ReadoutFilter, add_fired, carry_traces, step_back,
};
pub use sparse::gather::{gather_rows, weight_gradient_gather};
pub use sparse::gather_one::gather_one;
pub use sparse::gather_values::{Sparse, gather_values};
pub use sparse::sampled::{SampledPanel, SampledWeights, sampled_input_gradient};
pub use sparse::step_gradient::step_gradient;
pub use sparse::steps::{StepRows, StepSpikes};
pub use spikes::bits::{binarize, pack_bytes, pack_spikes, unpack_spikes};
pub use spikes::events::{EventLists, count_events};
pub use spikes::transposed::{SEGMENT, TransposedLists};

/// Neurons in a panel: one word of spikes, four 512-bit registers of f32.
pub const PANEL: usize = 64;
