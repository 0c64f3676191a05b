//! Programs compiled ahead: a table from a program's key to a function for each SIMD level.
//!
//! The functions are printed by [`print`](super::print) into `generated.rs`; which programs they are
//! is decided where the models are known.

use super::kernel::Arg;
use super::program::Program;
use lapicque_base::simd::SimdLevel;

/// Lanes, arguments, outputs and words of spikes, as [`Kernel::run`](super::Kernel::run) and
/// [`Kernel::step`](super::Kernel::step) have them; the arguments are uniform exactly where the program says so.
pub(super) type Native = fn(usize, &[Arg<f32>], &mut [&mut [f32]], &mut [u64]);

/// What is compiled ahead for each SIMD level. A function must only be called on a CPU that has its level. Where vectors have levels the portable one is left to the
/// interpreter: without fused multiply-adds of the CPU's own each is a call, and what is printed would take half a MiB to save little of that.
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
pub(super) type Compiled = ByLevel<Native>;

impl<F: Copy> ByLevel<F> {
    /// The function of a level, which the CPU may lack, of the entry with this key.
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

/// How a program gives its last output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Last {
    /// As the others, a number a lane.
    Lanes,
    /// As spikes, a bit for each lane where it is above zero.
    Spikes,
}

/// What the table knows a program by.
pub(super) fn key(program: &Program, last: Last) -> String {
    program.key() + if last == Last::Spikes { " spikes" } else { "" }
}

/// The function for the program with this key at `level`, if it is in the table.
pub(super) fn find(key: &str, level: SimdLevel) -> Option<Native> {
    ByLevel::find(super::generated::TABLE, key, level)
}

/// Wraps `$body`, a loop over slices, once for each SIMD level. The slices are parameters of the
/// wrapper, so that the compiler knows that none of them overlap.
macro_rules! compiled {
    ($name:ident, $key:literal, $body:ident($($arg:ident: $kind:ident),*) -> ($($out:ident),*)) => {
        #[allow(clippy::too_many_arguments)]
        mod $name {
            use super::super::kernel::Arg;
            use super::super::native::{Compiled, argument, compiled};
            #[cfg(not(target_arch = "x86_64"))]
            use super::super::spike_bits::Portable;
            #[cfg(target_arch = "x86_64")]
            use super::super::spike_bits::{Avx2, Avx512};

            #[cfg(not(target_arch = "x86_64"))]
            #[inline(never)]
            fn level_portable($($arg: compiled!(@type $kind),)* $($out: &mut [f32],)* words: &mut [u64]) {
                super::$body::<Portable>($($arg,)* $($out,)* words);
            }

            #[cfg(target_arch = "x86_64")]
            #[inline(never)]
            #[target_feature(enable = "avx2,fma")]
            fn level_avx2($($arg: compiled!(@type $kind),)* $($out: &mut [f32],)* words: &mut [u64]) {
                super::$body::<Avx2>($($arg,)* $($out,)* words);
            }

            #[cfg(target_arch = "x86_64")]
            #[inline(never)]
            #[target_feature(enable = "avx2,fma,avx512f,avx512bw,avx512dq,avx512vl")]
            fn level_avx512($($arg: compiled!(@type $kind),)* $($out: &mut [f32],)* words: &mut [u64]) {
                super::$body::<Avx512>($($arg,)* $($out,)* words);
            }

            #[cfg(not(target_arch = "x86_64"))]
            compiled!(@unpack portable level_portable ($($arg: $kind),*) ($($out),*));
            #[cfg(target_arch = "x86_64")]
            compiled!(@unpack avx2 level_avx2 ($($arg: $kind),*) ($($out),*));
            #[cfg(target_arch = "x86_64")]
            compiled!(@unpack avx512 level_avx512 ($($arg: $kind),*) ($($out),*));

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
    (@type lanes) => { &[f32] };
    (@type uniform) => { f32 };
    (@unpack $level:ident $call:ident ($($arg:ident: $kind:ident),*) ($($out:ident),*)) => {
        fn $level(lanes: usize, args: &[Arg<f32>], outs: &mut [&mut [f32]], words: &mut [u64]) {
            let ([$($arg),*], [$($out),*]) = (args, outs) else {
                unreachable!("the program has this many arguments and outputs")
            };
            $(let $arg = argument::$kind($arg, lanes);)*
            // Safety: `Kernel::new` keeps only levels that the CPU supports.
            #[allow(unused_unsafe)]
            unsafe {
                $call($($arg,)* $(&mut $out[..lanes],)* words);
            }
        }
    };
}
pub(super) use compiled;

/// Arguments as a compiled function takes them.
pub(super) mod argument {
    use super::super::kernel::Arg;

    pub fn lanes<'a>(arg: &Arg<'a, f32>, lanes: usize) -> &'a [f32] {
        match *arg {
            Arg::Lanes(x) => &x[..lanes],
            Arg::Uniform(_) => unreachable!("the kernel has compared the arguments with the program"),
        }
    }

    pub fn uniform(arg: &Arg<f32>, _: usize) -> f32 {
        match *arg {
            Arg::Uniform(x) => x,
            Arg::Lanes(_) => unreachable!("the kernel has compared the arguments with the program"),
        }
    }
}
