//! Compiles a loop once for each SIMD level and runs the version of a given level.

use crate::simd::SimdLevel;

/// A loop with its arguments as fields. `run` must be `#[inline(always)]`, so that it is inlined into the function that is
/// compiled for a level. Every level gives the same result.
pub trait Work {
    type Output;
    fn run(self) -> Self::Output;
}

/// Runs the version of `level`, or the portable one on a CPU without that level.
pub fn at_level<W: Work>(level: SimdLevel, work: W) -> W::Output {
    match level {
        // SAFETY: the CPU has the level.
        #[cfg(target_arch = "x86_64")]
        SimdLevel::Avx2 if level.is_supported() => unsafe { avx2(work) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        SimdLevel::Avx512 if level.is_supported() => unsafe { avx512(work) },
        _ => work.run(),
    }
}

/// As [`at_level`], without a version for AVX-512: for loops that are not faster with it.
pub fn at_avx2<W: Work>(level: SimdLevel, work: W) -> W::Output {
    match level {
        // SAFETY: the CPU has the level, and every level above AVX2 includes AVX2.
        #[cfg(target_arch = "x86_64")]
        SimdLevel::Avx2 | SimdLevel::Avx512 if level.is_supported() => unsafe { avx2(work) },
        _ => work.run(),
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn avx2<W: Work>(work: W) -> W::Output {
    work.run()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma,avx512f,avx512bw,avx512dq,avx512vl")]
fn avx512<W: Work>(work: W) -> W::Output {
    work.run()
}
