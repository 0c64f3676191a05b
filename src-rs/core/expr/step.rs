//! Steps compiled ahead of time: the program of spiking neurons over whole blocks of them, as large networks use it.
//!
//! In addition to what a [`Kernel`](super::Kernel) does, a step reads fixed-point sums and clears them, updates states in
//! place, and returns spikes as bits. Each of these would otherwise be a further pass over memory. The statements are those of
//! the program, emitted by [`emit_steps`](super::emit_steps) into `generated_steps.rs`, so the bits equal those of the
//! kernel.

use super::native::ByLevel;
use super::program::{ArgSlot, OutSlot, Program};
use lapicque_base::simd::SimdLevel;

/// Elements per word of spikes; a step processes a multiple of them.
pub const BLOCK: usize = 64;

/// Elements of the widest vectors; a sub-step processes a multiple of them, so that loops have no remainder.
pub const VECTOR: usize = 16;

/// Elements that a step in stages processes at once. Zeroing buffers for 512 elements took a tenth of the step.
pub(super) const STAGE: usize = 128;

/// The source of an argument of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Among the states.
    State(usize),
    /// Fixed-point sums, which are cleared, multiplied by the argument's value.
    Sums,
    Elements,
    /// The argument's value.
    Uniform,
}

/// Arguments: the states `[state][stride]`; their stride; sums and elements, each in the order of the arguments; the value of
/// each argument (the unit of sums; ignored for other arguments without a value); and the words of spikes, whose number
/// determines the number of elements.
pub type Step<F, S> = fn(&mut [F], usize, &mut [&mut [S]], &[&[F]], &[F], &mut [u64]);

/// A step of the table.
pub(super) type Compiled = ByLevel<Step<f32, i32>>;

/// The step of a program with arguments from these sources, if the table contains it.
pub fn find(program: &Program, sources: &[Source], level: SimdLevel) -> Option<Step<f32, i32>> {
    let key = key(program, sources)?;
    ByLevel::find(super::generated_steps::TABLE, &key, level).filter(|_| level.is_supported())
}

/// As [`Program::key`]; `None` for a program that does not return all states followed by spikes, or that reads a state from
/// another source.
pub(super) fn key(program: &Program, sources: &[Source]) -> Option<String> {
    let (spike, states) = program.outs.split_last()?;
    let in_order = states.iter().enumerate().all(|(i, &out)| out == OutSlot::State(i));
    let fits = |(&slot, &source): (&ArgSlot, &Source)| match (slot, source) {
        (ArgSlot::State(i), Source::State(j)) => i == j && i < states.len(),
        (ArgSlot::State(_), _) | (_, Source::State(_)) => false,
        _ => true,
    };
    let fit = sources.len() == program.args.len() && program.args.iter().zip(sources).all(fits);
    (*spike == OutSlot::Spike && in_order && fit).then(|| {
        program.text(|arg| match sources[arg] {
            Source::State(i) => format!("state {i} "),
            Source::Sums => "s".into(),
            Source::Elements => "l".into(),
            Source::Uniform => "u".into(),
        })
    })
}

/// Wraps `$body`, a loop over blocks of elements, once for each SIMD level. Slices are parameters of the wrapper, so the compiler
/// knows that none of them overlap.
macro_rules! compiled {
    ($name:ident, $key:literal, $body:ident, $vectors:ident($($state:ident),*)($($sum:ident),*)($($element:ident),*)) => {
        #[allow(clippy::too_many_arguments, unused_mut, unused_variables)]
        mod $name {
            #[cfg(not(target_arch = "x86_64"))]
            use super::super::spike_bits::Portable;
            #[cfg(target_arch = "x86_64")]
            use super::super::spike_bits::Avx2;
            use super::super::step::{BLOCK, Compiled, compiled};

            #[cfg(not(target_arch = "x86_64"))]
            #[inline(never)]
            fn level_portable(
                $($state: &mut [f32],)* $($sum: &mut [i32],)* $($element: &[f32],)* values: &[f32], words: &mut [u64],
            ) {
                super::$body::<Portable>($($state,)* $($sum,)* $($element,)* values, words);
            }

            #[cfg(target_arch = "x86_64")]
            #[inline(never)]
            #[target_feature(enable = "avx2,fma")]
            fn level_avx2(
                $($state: &mut [f32],)* $($sum: &mut [i32],)* $($element: &[f32],)* values: &[f32], words: &mut [u64],
            ) {
                super::$body::<Avx2>($($state,)* $($sum,)* $($element,)* values, words);
            }

            #[cfg(target_arch = "x86_64")]
            #[inline(never)]
            #[target_feature(enable = "avx2,fma,avx512f,avx512bw,avx512dq,avx512vl")]
            fn level_avx512(
                $($state: &mut [f32],)* $($sum: &mut [i32],)* $($element: &[f32],)* values: &[f32], words: &mut [u64],
            ) {
                // SAFETY: the function is compiled for the level.
                unsafe { super::$vectors($($state,)* $($sum,)* $($element,)* values, words) };
            }

            #[cfg(not(target_arch = "x86_64"))]
            compiled!(@unpack portable level_portable ($($state),*)($($sum),*)($($element),*));
            #[cfg(target_arch = "x86_64")]
            compiled!(@unpack avx2 level_avx2 ($($state),*)($($sum),*)($($element),*));
            #[cfg(target_arch = "x86_64")]
            compiled!(@unpack avx512 level_avx512 ($($state),*)($($sum),*)($($element),*));

            pub(super) const COMPILED: Compiled = Compiled {
                key: $key,
                #[cfg(not(target_arch = "x86_64"))]
                portable,
                #[cfg(target_arch = "x86_64")]
                avx2,
                #[cfg(target_arch = "x86_64")]
                avx512,
            };
        }
    };
    (@unpack $level:ident $call:ident ($($state:ident),*)($($sum:ident),*)($($element:ident),*)) => {
        fn $level(
            states: &mut [f32],
            stride: usize,
            sums: &mut [&mut [i32]],
            elements: &[&[f32]],
            values: &[f32],
            words: &mut [u64],
        ) {
            let (n, mut states) = (words.len() * BLOCK, states.chunks_exact_mut(stride));
            let ([$($sum),*], [$($element),*]) = (sums, elements) else {
                unreachable!("the step has this many sums and elements")
            };
            $(let Some($state) = states.next() else { unreachable!("the step has this many states") };)*
            // SAFETY: `find` returns only functions of levels that the CPU has.
            #[allow(unused_unsafe)]
            unsafe {
                $call($(&mut $state[..n],)* $(&mut $sum[..n],)* $(&$element[..n],)* values, words);
            }
        }
    };
}
pub(super) use compiled;
