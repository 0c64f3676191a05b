//! Compiles a kernel once for each SIMD level and calls the requested one.

use super::registers::{Element, Lanes};
use crate::instances::Instantiated;
use lapicque_base::SimdLevel;

/// A computation written once over `Lanes`, with its arguments as fields.
pub trait Kernel<F: Element> {
    type Output;
    /// Must be `#[inline(always)]`, as must all functions that it calls with `V`: only then does the body become part
    /// of the function that is compiled with the level's instructions.
    ///
    /// # Safety
    /// The CPU has the instructions of `V`. The constructor of the kernel checks everything else.
    unsafe fn run<V: Lanes<F = F>>(self) -> Self::Output;
}

/// Runs `kernel` with the registers of `level`. Panics if the CPU lacks them.
#[inline(always)]
pub(crate) fn dispatch<F: Element, K: Instantiated<F>>(level: SimdLevel, kernel: K) -> K::Output {
    kernel.launch(level)
}

/// The same, compiled where it is called; [`crate::instances`] consists of such calls.
#[inline]
pub(crate) fn dispatch_here<F: Element, K: Kernel<F>>(level: SimdLevel, kernel: K) -> K::Output {
    // Any caller can name a level, so the condition for the calls below is checked here (a cached flag).
    assert!(level.is_supported(), "this CPU lacks the {} instructions", level.name());
    match level {
        // SAFETY: the portable registers need no instruction beyond the compilation target.
        SimdLevel::Portable => unsafe { kernel.run::<F::Portable>() },
        // SAFETY: the CPU has the level, as asserted above.
        #[cfg(target_arch = "x86_64")]
        SimdLevel::Avx2 => unsafe { run_avx2(kernel) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        SimdLevel::Avx512 => unsafe { run_avx512(kernel) },
        #[cfg(not(target_arch = "x86_64"))]
        _ => unreachable!("asserted above"),
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma,bmi1,bmi2,popcnt")]
fn run_avx2<F: Element, K: Kernel<F>>(kernel: K) -> K::Output {
    // SAFETY: this function is compiled for, and only called on, a CPU with AVX2 and FMA.
    unsafe { kernel.run::<F::Avx2>() }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma,bmi1,bmi2,popcnt,avx512f,avx512bw,avx512dq,avx512vl")]
fn run_avx512<F: Element, K: Kernel<F>>(kernel: K) -> K::Output {
    // SAFETY: this function is compiled for, and only called on, a CPU with these AVX-512 parts.
    unsafe { kernel.run::<F::Avx512>() }
}
