//! Convolutions and pools: forward, weight and input gradients, faster kernels for stride 1.
//!
//! The general kernel scatters: each value that is not zero adds its window of weights to the outputs around it. The
//! gradient of the weights is the mirror image (`scatter`), the gradient of the input adds patches of weights held in
//! registers (`patches`). Stride 1 has faster kernels, selected by height or width of the window and, for values, by the
//! share of zeros. All kernels of a case sum in the same order.
//!
//! - Spikes: bit fields, a column of output sums in registers (`stride1_spikes`); gradient of the weights
//!   `stride1_spike_gradient`, of the input a window of sums that slides along a row of gradients (`sliding`).
//! - Values that are mostly not zero: products (`stride1_values`).
//! - Windows of one pixel: `pointwise_values`, and a dense product for the input's gradient (`pointwise`), several rows
//!   at a time.
//! - Groups of one channel: the gradient is vectorized over the channels (`depthwise`).
//!
//! A convolution that only a max pool reads is never stored: the pool takes each row as it is computed and stores which
//! pixel of a window was the largest. The gradient of the weights is summed over at most sixteen groups of rows, then
//! over the groups (`conv_backward.rs` of `exec`).

pub mod depthwise;
pub mod packed_window;
pub mod patches;
pub mod pixel_gradient;
pub mod pixel_lists;
pub mod pointwise;
pub mod pointwise_values;
pub mod pool;
pub mod sampled_windows;
pub mod scatter;
pub mod sliding;
pub mod stride1_spike_gradient;
pub mod stride1_spikes;
pub mod stride1_values;
pub mod tap_lists;
pub mod taps;
