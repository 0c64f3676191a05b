//! Compiles a loop once for each SIMD level and runs the one in force.

use lapicque_base::settings;
use lapicque_base::simd::SimdLevel;

/// A loop with its arguments as fields. `run` must be `#[inline(always)]`, so that it becomes part of the function that is
/// compiled for a level. Every level gives the same result.
pub trait Work {
    type Output;
    fn run(self) -> Self::Output;
}

pub fn at_level<W: Work>(work: W) -> W::Output {
    match level() {
        // SAFETY: the CPU has the level.
        #[cfg(target_arch = "x86_64")]
        SimdLevel::Avx2 => unsafe { avx2(work) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        SimdLevel::Avx512 => unsafe { avx512(work) },
        _ => work.run(),
    }
}

/// The level in force; one that the CPU lacks counts as none at all.
pub fn level() -> SimdLevel {
    let level = settings::simd_or_portable();
    if level.is_supported() { level } else { SimdLevel::Portable }
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
