//! Programs compiled ahead of time: a table from a program's key to a function for each SIMD level.
//!
//! [`emit`](super::emit) emits the functions into `generated.rs`; the rooms that know the models select the programs.

use super::args::Arg;
use super::program::Program;
use lapicque_base::simd::SimdLevel;

/// Elements, arguments, outputs and words of spikes, as in [`Kernel::run`](super::Kernel::run) and
/// [`Kernel::step`](super::Kernel::step). The arguments are uniform exactly where the program states it.
pub(super) type Native<F> = fn(usize, &[Arg<F>], &mut [&mut [F]], &mut [u64]);

/// The functions compiled for each SIMD level. A function must be called only on a CPU that has its level. On architectures
/// with several levels the portable one is interpreted: it has no fused multiply-add instruction, so each would be a call, and
/// half a MiB of code would save little time.
pub(super) struct ByLevel<F> {
    pub key: &'static str,
    #[cfg(not(target_arch = "x86_64"))]
    pub portable: F,
    #[cfg(target_arch = "x86_64")]
    pub avx2: F,
    #[cfg(target_arch = "x86_64")]
    pub avx512: F,
}

/// A compiled program.
pub(super) type Compiled<F> = ByLevel<Native<F>>;

impl<F: Copy> ByLevel<F> {
    /// The function for a level, which the CPU may lack, of the entry with this key.
    pub fn find(table: &[Self], key: &str, level: SimdLevel) -> Option<F> {
        let entry = table.iter().find(|entry| entry.key == key)?;
        match level {
            #[cfg(not(target_arch = "x86_64"))]
            SimdLevel::Portable => Some(entry.portable),
            #[cfg(target_arch = "x86_64")]
            SimdLevel::Avx2 => Some(entry.avx2),
            #[cfg(target_arch = "x86_64")]
            SimdLevel::Avx512 => Some(entry.avx512),
            _ => None,
        }
    }
}

/// The form of a program's last output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Last {
    /// A number per element, as the others.
    Elements,
    /// Spikes: a bit for each element, set if the value is above zero.
    Spikes,
}

/// The key of a program in the table.
pub(super) fn key(program: &Program, last: Last) -> String {
    program.key() + if last == Last::Spikes { " spikes" } else { "" }
}

/// Wraps `$body`, a loop over slices, once for each SIMD level. The slices are parameters of the wrapper, so the compiler
/// knows that none of them overlap. The file that contains it defines `Real`.
macro_rules! compiled {
    ($name:ident, $key:literal, $body:ident($($arg:ident: $kind:ident),*) -> ($($out:ident),*)) => {
        #[allow(clippy::too_many_arguments)]
        mod $name {
            use super::super::args::Arg;
            use super::super::native::{Compiled, argument, compiled};
            use super::Real;
            #[cfg(not(target_arch = "x86_64"))]
            use super::super::spike_bits::Portable;
            #[cfg(target_arch = "x86_64")]
            use super::super::spike_bits::{Avx2, Avx512};

            #[cfg(not(target_arch = "x86_64"))]
            #[inline(never)]
            fn level_portable($($arg: compiled!(@type $kind),)* $($out: &mut [Real],)* words: &mut [u64]) {
                super::$body::<Portable>($($arg,)* $($out,)* words);
            }

            #[cfg(target_arch = "x86_64")]
            #[inline(never)]
            #[target_feature(enable = "avx2,fma")]
            fn level_avx2($($arg: compiled!(@type $kind),)* $($out: &mut [Real],)* words: &mut [u64]) {
                super::$body::<Avx2>($($arg,)* $($out,)* words);
            }

            #[cfg(target_arch = "x86_64")]
            #[inline(never)]
            #[target_feature(enable = "avx2,fma,avx512f,avx512bw,avx512dq,avx512vl")]
            fn level_avx512($($arg: compiled!(@type $kind),)* $($out: &mut [Real],)* words: &mut [u64]) {
                super::$body::<Avx512>($($arg,)* $($out,)* words);
            }

            #[cfg(not(target_arch = "x86_64"))]
            compiled!(@unpack portable level_portable ($($arg: $kind),*) ($($out),*));
            #[cfg(target_arch = "x86_64")]
            compiled!(@unpack avx2 level_avx2 ($($arg: $kind),*) ($($out),*));
            #[cfg(target_arch = "x86_64")]
            compiled!(@unpack avx512 level_avx512 ($($arg: $kind),*) ($($out),*));

            pub(super) const COMPILED: Compiled<Real> = Compiled {
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
    (@type elements) => { &[Real] };
    (@type uniform) => { Real };
    (@unpack $level:ident $call:ident ($($arg:ident: $kind:ident),*) ($($out:ident),*)) => {
        fn $level(elements: usize, args: &[Arg<Real>], outs: &mut [&mut [Real]], words: &mut [u64]) {
            let ([$($arg),*], [$($out),*]) = (args, outs) else {
                unreachable!("the program has this many arguments and outputs")
            };
            $(let $arg = argument::$kind($arg, elements);)*
            // Safety: `Kernel::new` keeps only levels that the CPU supports.
            #[allow(unused_unsafe)]
            unsafe {
                $call($($arg,)* $(&mut $out[..elements],)* words);
            }
        }
    };
}
pub(super) use compiled;

/// Access to arguments in compiled functions.
pub(super) mod argument {
    use super::super::args::Arg;

    pub fn elements<'a, F: Copy>(arg: &Arg<'a, F>, elements: usize) -> &'a [F] {
        match *arg {
            Arg::Elements(x) => &x[..elements],
            Arg::Uniform(_) => unreachable!("the kernel has compared the arguments with the program"),
        }
    }

    pub fn uniform<F: Copy>(arg: &Arg<F>, _: usize) -> F {
        match *arg {
            Arg::Uniform(x) => x,
            Arg::Elements(_) => unreachable!("the kernel has compared the arguments with the program"),
        }
    }
}
