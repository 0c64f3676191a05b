//! Steps compiled ahead: the program of spiking neurons over whole blocks of them, as a large network takes it.
//!
//! Beside what [`Kernel`](super::Kernel) does, a step reads sums of whole numbers as they were added up and clears
//! them, writes states where it has read them, and gives spikes as bits. Each of these would be a further pass over
//! memory. The statements are those of the program, printed by [`print_steps`](super::print_steps) into
//! `generated_steps.rs`, so that the bits are those of the kernel.

use super::native::ByLevel;
use super::program::{ArgSlot, OutSlot, Program};
use lapicque_base::simd::SimdLevel;

/// Lanes that a word of spikes has bits for; a step takes a whole number of them.
pub const BLOCK: usize = 64;

/// Lanes of the widest vectors; a round takes a whole number of them, so that no loop has a rest.
pub const VECTOR: usize = 16;

/// Lanes that a step in stages takes at once. To clear room for 512 took a tenth of the step.
pub(super) const STAGE: usize = 128;

/// Where a step finds an argument of its program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Among the states.
    State(usize),
    /// Whole numbers, which are cleared, times the argument's value.
    Sums,
    Lanes,
    /// The argument's value.
    Uniform,
}

/// States `[state][stride]`; their stride; sums and lanes, each in the order of the arguments; the value of each argument
/// (its unit where it is summed, any number where it has none); and the words of spikes, which say how many lanes
/// there are.
pub type Step<F, S> = fn(&mut [F], usize, &mut [&mut [S]], &[&[F]], &[F], &mut [u64]);

/// A step of the table.
pub(super) type Compiled = ByLevel<Step<f32, i32>>;

/// The step of a program with its arguments at these sources, where there is one in the table.
pub fn find(program: &Program, sources: &[Source], level: SimdLevel) -> Option<Step<f32, i32>> {
    let key = key(program, sources)?;
    ByLevel::find(super::generated_steps::TABLE, &key, level).filter(|_| level.is_supported())
}

/// As [`Program::key`]; none for a program that does not put out all states and then spikes, or that reads a state
/// as something else.
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
            Source::Lanes => "l".into(),
            Source::Uniform => "u".into(),
        })
    })
}

/// Wraps `$body`, a loop over blocks of lanes, once for each SIMD level. Slices are parameters of the wrapper, so that the
/// compiler knows that none of them overlap.
macro_rules! compiled {
    ($name:ident, $key:literal, $body:ident, $vectors:ident($($state:ident),*)($($sum:ident),*)($($lane:ident),*)) => {
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
                $($state: &mut [f32],)* $($sum: &mut [i32],)* $($lane: &[f32],)* values: &[f32], words: &mut [u64],
            ) {
                super::$body::<Portable>($($state,)* $($sum,)* $($lane,)* values, words);
            }

            #[cfg(target_arch = "x86_64")]
            #[inline(never)]
            #[target_feature(enable = "avx2,fma")]
            fn level_avx2(
                $($state: &mut [f32],)* $($sum: &mut [i32],)* $($lane: &[f32],)* values: &[f32], words: &mut [u64],
            ) {
                super::$body::<Avx2>($($state,)* $($sum,)* $($lane,)* values, words);
            }

            #[cfg(target_arch = "x86_64")]
            #[inline(never)]
            #[target_feature(enable = "avx2,fma,avx512f,avx512bw,avx512dq,avx512vl")]
            fn level_avx512(
                $($state: &mut [f32],)* $($sum: &mut [i32],)* $($lane: &[f32],)* values: &[f32], words: &mut [u64],
            ) {
                // SAFETY: the function has the level.
                unsafe { super::$vectors($($state,)* $($sum,)* $($lane,)* values, words) };
            }

            #[cfg(not(target_arch = "x86_64"))]
            compiled!(@unpack portable level_portable ($($state),*)($($sum),*)($($lane),*));
            #[cfg(target_arch = "x86_64")]
            compiled!(@unpack avx2 level_avx2 ($($state),*)($($sum),*)($($lane),*));
            #[cfg(target_arch = "x86_64")]
            compiled!(@unpack avx512 level_avx512 ($($state),*)($($sum),*)($($lane),*));

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
    (@unpack $level:ident $call:ident ($($state:ident),*)($($sum:ident),*)($($lane:ident),*)) => {
        fn $level(
            states: &mut [f32],
            stride: usize,
            sums: &mut [&mut [i32]],
            lanes: &[&[f32]],
            values: &[f32],
            words: &mut [u64],
        ) {
            let (n, mut states) = (words.len() * BLOCK, states.chunks_exact_mut(stride));
            let ([$($sum),*], [$($lane),*]) = (sums, lanes) else {
                unreachable!("the step has this many sums and lanes")
            };
            $(let Some($state) = states.next() else { unreachable!("the step has this many states") };)*
            // SAFETY: `find` gives only functions of levels that the CPU has.
            #[allow(unused_unsafe)]
            unsafe {
                $call($(&mut $state[..n],)* $(&mut $sum[..n],)* $(&$lane[..n],)* values, words);
            }
        }
    };
}
pub(super) use compiled;
