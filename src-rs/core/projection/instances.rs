//! The machine code of every kernel is instantiated here, for f32 and f64 at each SIMD level, and in no crate that
//! calls one. Otherwise each calling crate would compile its own copy of the generic functions, and they dominate the
//! build time of the engine.
//!
//! To add a kernel, add a line to the list below; `dispatch` accepts only kernels in the list.

use super::*;
use crate::simd::dispatch::{Kernel, dispatch_here};
use crate::simd::registers::Element;
use lapicque_base::{Result, SimdLevel};

/// A kernel whose code is in this crate.
pub trait Instantiated<F: Element>: Kernel<F> {
    /// As [`crate::simd::dispatch::dispatch`].
    fn launch(self, level: SimdLevel) -> Self::Output;
}

/// Each line `name: room::module::Kernel<its lifetimes> -> its output` becomes a method of the element types.
macro_rules! instances {
    ($($name:ident: $room:ident::$module:ident::$kernel:ident<$($life:lifetime),*> $(-> $out:ty)?;)*) => {
        /// The kernels in one precision; public only so that `Element` may name it.
        pub trait Instances: Sized {
            $(#[doc(hidden)] fn $name<$($life),*>(level: SimdLevel, kernel: $room::$module::$kernel<$($life,)* Self>) $(-> $out)?
            where Self: Element;)*
        }
        instances!(@of f32, $($name: $room::$module::$kernel<$($life),*> $(-> $out)?;)*);
        instances!(@of f64, $($name: $room::$module::$kernel<$($life),*> $(-> $out)?;)*);
        $(impl<$($life,)* F: Element> Instantiated<F> for $room::$module::$kernel<$($life,)* F> {
            #[inline(always)]
            fn launch(self, level: SimdLevel) -> Self::Output {
                F::$name(level, self)
            }
        })*
    };
    (@of $element:ty, $($name:ident: $room:ident::$module:ident::$kernel:ident<$($life:lifetime),*> $(-> $out:ty)?;)*) => {
        impl Instances for $element {
            $(fn $name<$($life),*>(level: SimdLevel, kernel: $room::$module::$kernel<$($life,)* Self>) $(-> $out)? {
                dispatch_here(level, kernel)
            })*
        }
    };
}

/// The same for kernels that work on bits alone; they use the registers of f32.
macro_rules! of_bits {
    ($($room:ident::$module:ident::$kernel:ident<$($life:lifetime),*> -> $out:ty;)*) => {
        $(impl<$($life),*> Instantiated<f32> for $room::$module::$kernel<$($life),*> {
            fn launch(self, level: SimdLevel) -> $out {
                dispatch_here(level, self)
            }
        })*
    };
}

instances! {
    add_slice: elementwise::add::Add<'a>;
    add_all: elementwise::add::AddAll<'a>;
    add_rows: elementwise::add::AddRows<'a>;
    add_bias: elementwise::add::AddBias<'a>;
    add_sum_with_bias: elementwise::add::SumWithBias<'a>;
    attention_multiply: dense::attention::Multiply<'a, 'b>;
    batch_norm_sums: norms::batch_norm::Sums<'a>;
    batch_norm_squares: norms::batch_norm::Squares<'a>;
    batch_norm_normalize: norms::batch_norm::Normalize<'a>;
    batch_norm_normalize_panel: norms::batch_norm::NormalizePanel<'a>;
    batch_norm_gradient_sums: norms::batch_norm::GradientSums<'a>;
    batch_norm_gradient: norms::batch_norm::Gradient<'a>;
    batch_norm_population_gradient: norms::batch_norm::PopulationGradient<'a>;
    bits_pack: spikes::bits::Pack<'a>;
    bits_unpack: spikes::bits::Unpack<'a>;
    bits_binarize: spikes::bits::Binarize<'a> -> bool;
    delay_gradients_input_gradients: over_time::delay_gradients::InputGradients<'a>;
    dense_rows_product: dense::dense_rows::Product<'a>;
    dense_rows_outer: dense::dense_rows::Outer<'a>;
    eligibility_step_back: sparse::eligibility::StepBack<'a>;
    eligibility_filter_back: sparse::eligibility::FilterBack<'a>;
    eligibility_carry: sparse::eligibility::Carry<'a>;
    eligibility_add_fired: sparse::eligibility::AddFired<'a>;
    filter_rows_spread: over_time::filter_rows::Spread<'a>;
    filter_rows_input_gradient: over_time::filter_rows::InputGradient<'a>;
    filter_rows_weight_gradient: over_time::filter_rows::WeightGradient<'a>;
    gather_of_spikes: sparse::gather::OfSpikes<'a>;
    gather_of_values: sparse::gather_values::OfValues<'a>;
    gather_one: sparse::gather_one::GatherOne<'a>;
    gemm_pieces: dense::gemm::Pieces<'a>;
    gemm: dense::gemm::Gemm<'a>;
    depthwise: convolution::depthwise::Depthwise<'a>;
    layer_norm_normalize: norms::layer_norm::Normalize<'a> -> Vec<Self>;
    layer_norm_gradient: norms::layer_norm::Gradient<'a>;
    layer_norm_scale: norms::layer_norm::Scale<'a>;
    layer_norm_affine: norms::layer_norm::Affine<'a>;
    patches_input_gradient: convolution::patches::InputGradient<'a>;
    patterns_tables: sparse::step_patterns::Tables<'a>;
    pixel_gradient_add_pixels: convolution::pixel_gradient::AddPixels<'a>;
    pixel_lists_of_values: convolution::pixel_lists::OfValues<'a, 'b>;
    pool_total: convolution::pool::Total<'a>;
    pool_largest: convolution::pool::Largest<'a>;
    pool_choose: convolution::pool::Choose<'a>;
    pool_spread: convolution::pool::Spread<'a>;
    pool_to_largest: convolution::pool::ToLargest<'a>;
    reduce_two_column_sums: elementwise::reduce::TwoColumnSums<'a>;
    reduce_column_sums: elementwise::reduce::ColumnSums<'a>;
    reduce_squares: elementwise::reduce::Squares<'a>;
    reduce_within: elementwise::reduce::Within<'a> -> bool;
    reduce_finite: elementwise::reduce::Finite<'a> -> Option<usize>;
    sampled_products: sparse::sampled::Products<'a, 'b>;
    sampled_requested: sparse::sampled::Requested<'a, 'b> -> sparse::sampled::Elements;
    sampled_windows: convolution::sampled_windows::SampledWindows<'a>;
    scatter_sums: convolution::scatter::Sums<'a>;
    scatter_of_bits: convolution::scatter::OfBits<'a>;
    scatter_weight_gradient: convolution::scatter::WeightGradient<'a>;
    sliding_mark: convolution::sliding::Mark<'a>;
    sliding_block: convolution::sliding::Block<'a>;
    step_lists_sum_lists: sparse::step_lists::SumLists<'a>;
    transpose_transpose: layouts::transpose::Transpose<'a>;
    unit_values_values: convolution::stride1_values::Values<'a>;
}

of_bits! {
    spikes::events::Count<'a> -> usize;
    spikes::events::Fill<'a, 'b> -> Result<()>;
    sparse::step_patterns::Fill<'a> -> Result<()>;
    sparse::step_lists::Fill<'a> -> Result<()>;
    spikes::transposed::Columns<'a, 'b> -> Result<()>;
}
