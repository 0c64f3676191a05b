//! The machine code of every kernel, for f32 and for f64 at each SIMD level, is made here and in no crate that calls one: generic
//! functions are compiled anew in every crate that uses them, and these are most of what the engine's build takes.
//!
//! A new kernel is one line in the list below; without it `dispatch` does not accept the kernel.

use super::dispatch::{Kernel, dispatch_here};
use super::lanes::Element;
use super::*;
use lapicque_base::{Result, SimdLevel};

/// A kernel that has its code in this crate.
pub trait Instantiated<F: Element>: Kernel<F> {
    /// As [`super::dispatch::dispatch`].
    fn launch(self, level: SimdLevel) -> Self::Output;
}

/// Each line `name: module::Kernel<its lifetimes> -> what it returns` becomes a method of the element types.
macro_rules! instances {
    ($($name:ident: $module:ident::$kernel:ident<$($life:lifetime),*> $(-> $out:ty)?;)*) => {
        /// The kernels in one precision. It is public only so that `Element` may name it.
        pub trait Instances: Sized {
            $(#[doc(hidden)] fn $name<$($life),*>(level: SimdLevel, kernel: $module::$kernel<$($life,)* Self>) $(-> $out)?
            where Self: Element;)*
        }
        instances!(@of f32, $($name: $module::$kernel<$($life),*> $(-> $out)?;)*);
        instances!(@of f64, $($name: $module::$kernel<$($life),*> $(-> $out)?;)*);
        $(impl<$($life,)* F: Element> Instantiated<F> for $module::$kernel<$($life,)* F> {
            #[inline(always)]
            fn launch(self, level: SimdLevel) -> Self::Output {
                F::$name(level, self)
            }
        })*
    };
    (@of $element:ty, $($name:ident: $module:ident::$kernel:ident<$($life:lifetime),*> $(-> $out:ty)?;)*) => {
        impl Instances for $element {
            $(fn $name<$($life),*>(level: SimdLevel, kernel: $module::$kernel<$($life,)* Self>) $(-> $out)? {
                dispatch_here(level, kernel)
            })*
        }
    };
}

/// The same of kernels that work on bits alone, whose registers are those of f32.
macro_rules! of_bits {
    ($($module:ident::$kernel:ident<$($life:lifetime),*> -> $out:ty;)*) => {
        $(impl<$($life),*> Instantiated<f32> for $module::$kernel<$($life),*> {
            fn launch(self, level: SimdLevel) -> $out {
                dispatch_here(level, self)
            }
        })*
    };
}

instances! {
    adam: adam::Adam<'a>;
    add_slice: add::Add<'a>;
    add_all: add::AddAll<'a>;
    add_rows: add::AddRows<'a>;
    add_bias: add::AddBias<'a>;
    add_sum_with_bias: add::SumWithBias<'a>;
    attention_multiply: attention::Multiply<'a, 'b>;
    batch_norm_sums: batch_norm::Sums<'a>;
    batch_norm_squares: batch_norm::Squares<'a>;
    batch_norm_normalise: batch_norm::Normalise<'a>;
    batch_norm_normalise_lanes: batch_norm::NormaliseLanes<'a>;
    batch_norm_gradient_sums: batch_norm::GradientSums<'a>;
    batch_norm_gradient: batch_norm::Gradient<'a>;
    batch_norm_population_gradient: batch_norm::PopulationGradient<'a>;
    bits_pack: bits::Pack<'a>;
    bits_unpack: bits::Unpack<'a>;
    bits_binarise: bits::Binarise<'a> -> bool;
    chosen_masks_masked_sums: chosen_masks::MaskedSums<'a>;
    chosen_taps_sums: chosen_taps::Sums<'a>;
    delay_gradients_input_gradients: delay_gradients::InputGradients<'a>;
    dense_rows_product: dense_rows::Product<'a>;
    dense_rows_outer: dense_rows::Outer<'a>;
    eligibility_step_back: eligibility::StepBack<'a>;
    eligibility_filter_back: eligibility::FilterBack<'a>;
    eligibility_carry: eligibility::Carry<'a>;
    eligibility_add_fired: eligibility::AddFired<'a>;
    few_columns: few_columns::FewColumns<'a>;
    filter_rows_spread: filter_rows::Spread<'a>;
    filter_rows_input_gradient: filter_rows::InputGradient<'a>;
    filter_rows_weight_gradient: filter_rows::WeightGradient<'a>;
    gather_of_spikes: gather::OfSpikes<'a>;
    gather_of_values: gather_values::OfValues<'a>;
    gather_one: gather_one::GatherOne<'a>;
    gemm_pieces: gemm::Pieces<'a>;
    gemm: gemm::Gemm<'a>;
    gemm_narrow: gemm::Narrow<'a>;
    lanewise: lanewise::Lanewise<'a>;
    layer_norm_normalise: layer_norm::Normalise<'a> -> Vec<Self>;
    layer_norm_gradient: layer_norm::Gradient<'a>;
    layer_norm_scale: layer_norm::Scale<'a>;
    layer_norm_affine: layer_norm::Affine<'a>;
    narrow_rows: narrow::Rows<'a>;
    narrow_inputs: narrow::Inputs<'a>;
    patches_input_gradient: patches::InputGradient<'a>;
    patterns_tables: patterns::Tables<'a>;
    pixel_gradient_add_pixels: pixel_gradient::AddPixels<'a>;
    pixel_lists_of_values: pixel_lists::OfValues<'a, 'b>;
    pool_total: pool::Total<'a>;
    pool_largest: pool::Largest<'a>;
    pool_choose: pool::Choose<'a>;
    pool_spread: pool::Spread<'a>;
    pool_to_largest: pool::ToLargest<'a>;
    pool_choice_sort: pool_choice::Sort<'a>;
    reduce_two_column_sums: reduce::TwoColumnSums<'a>;
    reduce_column_sums: reduce::ColumnSums<'a>;
    reduce_squares: reduce::Squares<'a>;
    reduce_within: reduce::Within<'a> -> bool;
    reduce_finite: reduce::Finite<'a> -> Option<usize>;
    scatter_sums: scatter::Sums<'a>;
    scatter_of_bits: scatter::OfBits<'a>;
    scatter_weight_gradient: scatter::WeightGradient<'a>;
    sgd_plain: sgd::Plain<'a>;
    sgd_momentum: sgd::Momentum<'a>;
    sliding_mark: sliding::Mark<'a>;
    sliding_mark_chosen: sliding::MarkChosen<'a>;
    sliding_block: sliding::Block<'a>;
    step_lists_sum_lists: step_lists::SumLists<'a>;
    transpose_turn: transpose::Turn<'a>;
    unit_values_values: unit_values::Values<'a>;
}

of_bits! {
    events::Count<'a> -> usize;
    events::Fill<'a, 'b> -> Result<()>;
    patterns::Fill<'a> -> Result<()>;
    step_lists::Fill<'a> -> Result<()>;
    transposed::Columns<'a, 'b> -> Result<()>;
}
