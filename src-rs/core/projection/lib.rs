//! What mixes neurons. This room holds the numeric kernels of the dense projection (its product,
//! dense or event-driven, the gradients of its input and its weights, the layouts they work on) and
//! of convolutions, pools, normalisation, attention and what mixes time, forward and backward side by side.
//!
//! **Layout.** Everything per neuron is *panel-major*: `[panels(neurons)][rows][PANEL]`, a row being
//! `t * batch + b`, padded lanes zero. Spikes are bits, `[panels(neurons)][rows]` of `u64`, bit `j`
//! of panel `p` being neuron `64 p + j`. Weights are `[panels(outputs)][inputs][PANEL]`.
//!
//! **One order for every sum.** An output element is one accumulator that starts at +0 (or at the
//! value to add to) and takes its terms in ascending order: `acc = fma(x, w, acc)` where it is
//! dense, `acc += w` for each event where it is event-driven. For inputs of 0 and 1 both give the
//! same bits, as do all SIMD levels and all ways of dividing rows and panels among threads. The gradient
//! of the weights of spiking input has an order of its own, by groups of steps (`step_gradient`).

mod adam;
mod add;
mod aligned;
mod attention;
mod batch_norm;
mod bits;
mod chosen_masks;
mod chosen_taps;
mod delay_gradients;
mod dense_rows;
mod dispatch;
mod eligibility;
mod events;
mod few_columns;
mod filter_rows;
mod gather;
mod gather_one;
mod gather_values;
mod gemm;
mod instances;
mod lanes;
mod lanewise;
mod layer_norm;
mod layout;
mod narrow;
#[cfg(target_arch = "aarch64")]
mod neon;
mod norm;
mod packed_window;
mod panel_row;
mod patches;
mod patterns;
mod pixel_gradient;
mod pixel_lists;
mod pointwise;
mod pool;
mod pool_choice;
mod positions;
mod reduce;
mod row;
mod running;
mod scatter;
mod sgd;
mod sliding;
mod step_gradient;
mod step_lists;
mod steps;
mod strip;
mod tap_lists;
mod taps;
mod temporal;
mod transpose;
mod transposed;
mod unit_pixels;
mod unit_planes;
mod unit_steps;
mod unit_taps;
mod unit_values;
mod weights;

#[cfg(test)]
mod tests;

pub use adam::{AdamStep, adam};
pub use add::{add, add_all, add_bias, add_rows, sum_with_bias};
pub use aligned::Aligned;
pub use attention::Attention;
pub use batch_norm::{
    Channels, Normal, batch_norm_gradient, channel_squares, channel_sums, gradient_sums, normalise,
    normalise_lanes, population_norm_gradient,
};
pub use bits::{binarise, pack_bytes, pack_spikes, unpack_spikes};
pub use chosen_taps::{ChosenSums, ChosenTaps};
pub use delay_gradients::{Arrivals, EventsByInput};
pub use dense_rows::{Fired, dense_row, dense_weight_gradient};
pub use eligibility::{
    BLOCK_STEPS, Crossing, Linearised, MAX_TRACES, ReadoutFilter, add_fired, carry_traces, step_back,
};
pub use events::{EventLists, count_events};
pub use filter_rows::ByElement;
pub use gather::{gather_rows, weight_gradient_gather};
pub use gather_one::gather_one;
pub use gather_values::{Sparse, gather_values};
pub use gemm::{gemm_columns, gemm_panel, input_gradient_panel};
pub use lanes::{Element, prefetch_lines};
pub use layer_norm::{SUMMED, affine_gradients, normalise_parts, normalise_parts_gradient, scale_rows};
pub use layout::{panel_mask, panel_width, panels};
pub use narrow::{Bits, NARROW, bits_pay, narrow_rows, narrow_weight_gradient};
pub use norm::Moments;
pub use panel_row::PanelRow;
pub use patches::{Leaving, PatchScratch, Patches};
pub use pixel_gradient::{add_pixels, rows_of_pixels};
pub use pixel_lists::PixelLists;
pub use pointwise::Pointwise;
pub use pool::{Pool, PoolKind};
pub use pool_choice::Chosen;
pub use reduce::{
    SQUARES_CHUNK, all_within, column_sums, column_sums_of_all, first_non_finite, is_zero, squares_of_chunks,
    sum_of_squares,
};
pub use row::{Order, Row};
pub use running::Running;
pub use scatter::{Scatter, padded_channels};
pub use sgd::{SgdStep, sgd};
pub use step_gradient::step_gradient;
pub use steps::{StepRows, StepSpikes};
pub use tap_lists::TapLists;
pub use taps::{Run, Taps, Window};
pub use temporal::{Delayed, Filtered, Lags, Reached};
pub use transpose::transpose;
pub use transposed::{SEGMENT, TransposedLists};
pub use weights::{pack_weights, to_rowmajor_inputs, transpose_weights, unpack_weights};

/// Neurons in a panel: one word of spikes, four 512-bit registers of f32.
pub const PANEL: usize = 64;
