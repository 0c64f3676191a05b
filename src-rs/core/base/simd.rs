//! The vector instructions that kernels use. Every level computes the same bits: each output is one chain of fused
//! multiply-adds or additions in a fixed order, whatever the vector width.

use crate::error::{Error, Result};
use std::sync::OnceLock;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SimdLevel {
    /// No instruction beyond the compilation target: all of NEON on 64-bit ARM; on x86-64 no fused multiply-adds, each of
    /// which is then a slow library call.
    Portable,
    /// AVX2 and FMA.
    Avx2,
    /// AVX-512 F, BW, DQ and VL.
    Avx512,
}

impl SimdLevel {
    pub const ALL: [SimdLevel; 3] = [SimdLevel::Portable, SimdLevel::Avx2, SimdLevel::Avx512];

    /// The best level that this CPU has.
    #[inline]
    pub fn detect() -> Self {
        static BEST: OnceLock<SimdLevel> = OnceLock::new();
        *BEST.get_or_init(|| match () {
            #[cfg(target_arch = "x86_64")]
            () if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") => {
                let wide = is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512bw")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512vl");
                if wide { SimdLevel::Avx512 } else { SimdLevel::Avx2 }
            }
            () => SimdLevel::Portable,
        })
    }

    /// Whether the CPU has this level. Levels include those before them. Called before every loop that is compiled for a
    /// level, so it costs no more than a comparison.
    #[inline]
    pub fn is_supported(self) -> bool {
        self <= SimdLevel::detect()
    }

    pub fn name(self) -> &'static str {
        match self {
            SimdLevel::Portable => "portable",
            SimdLevel::Avx2 => "avx2",
            SimdLevel::Avx512 => "avx512",
        }
    }

    /// A level by name; one that the CPU lacks is `unsupported`.
    pub fn from_name(name: &str) -> Result<Self> {
        let level = Self::ALL.into_iter().find(|level| level.name() == name).ok_or_else(|| {
            Error::invalid("LAPICQUE_SIMD", format!("\"{name}\""), "one of portable, avx2, avx512")
        })?;
        if level.is_supported() {
            Ok(level)
        } else {
            Err(Error::Unsupported { feature: format!("the {name} instructions"), format: "this CPU".into() })
        }
    }
}

/// Collects the lowest bit of each of eight bytes, the first byte's in the lowest bit, by one multiplication.
#[inline(always)]
pub fn lowest_bits(eight: [u8; 8]) -> u64 {
    (u64::from_le_bytes(eight) & 0x0101_0101_0101_0101).wrapping_mul(0x0102_0408_1020_4080) >> 56
}
