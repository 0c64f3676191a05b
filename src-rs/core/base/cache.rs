//! Prefetching into the caches.

/// Prefetches the cache line of `p`. The pointer need not be valid: a prefetch is a hint, never an access.
#[inline(always)]
pub fn prefetch<T>(p: *const T) {
    ask::<true, T>(p);
}

/// As [`prefetch`], into the second-level cache, which allows more outstanding loads than the first-level cache.
#[inline(always)]
pub fn prefetch_second_level<T>(p: *const T) {
    ask::<false, T>(p);
}

/// Prefetches into the first-level cache, or only into the second.
#[inline(always)]
fn ask<const FIRST: bool, T>(p: *const T) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: SSE is part of x86-64, and a prefetch of any address is allowed.
    unsafe {
        use core::arch::x86_64::{_MM_HINT_T0, _MM_HINT_T1, _mm_prefetch};
        if FIRST { _mm_prefetch::<_MM_HINT_T0>(p.cast()) } else { _mm_prefetch::<_MM_HINT_T1>(p.cast()) }
    }
    #[cfg(target_arch = "aarch64")]
    // SAFETY: a prefetch of any address is allowed, and changes nothing.
    unsafe {
        use std::arch::asm;
        if FIRST {
            asm!("prfm pldl1keep, [{}]", in(reg) p.addr(), options(nomem, nostack, preserves_flags));
        } else {
            asm!("prfm pldl2keep, [{}]", in(reg) p.addr(), options(nomem, nostack, preserves_flags));
        }
    }
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    let _ = p;
}
