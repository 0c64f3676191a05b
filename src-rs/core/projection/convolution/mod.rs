//! Convolutions and pools: forward, weight and input gradients, faster kernels for stride 1.

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
