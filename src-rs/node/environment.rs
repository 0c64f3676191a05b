//! Information about the machine: SIMD levels, threads, memory.

use crate::boundary::{Outcome, sync};
use crate::numbers;
use lapicque_core::{SimdLevel, memory, settings};
use napi_derive::napi;

/// Version of the addon; the package that loads it must have the same version (`native/load.cjs`).
#[napi]
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Properties of the binary and the machine that `doctor`, `bench` and `simulate` report.
#[napi(object)]
pub struct Environment {
    /// Version of the addon.
    pub version: String,
    /// The target triple in short form, for example `x86_64-linux-gnu`.
    pub target: String,
    /// The SIMD level in use.
    pub simd: String,
    /// The SIMD levels that this CPU supports.
    pub simd_available: Vec<String>,
    /// Number of threads of one task.
    pub threads: u32,
    /// Number of threads available to this process.
    pub available_threads: u32,
    /// The maximum number of threads of one task.
    pub most_threads: u32,
    /// Features of the CPU that matter to the kernels.
    pub cpu_features: Vec<String>,
}

/// Errors: `invalid-parameter` or `unsupported` for the values of `LAPICQUE_SIMD` or `LAPICQUE_THREADS`.
#[napi]
pub fn environment() -> Outcome<Environment> {
    sync(|| {
        let available = SimdLevel::ALL.into_iter().filter(|level| level.is_supported());
        Ok(Environment {
            version: VERSION.to_string(),
            target: target(),
            simd: settings::simd()?.name().to_string(),
            simd_available: available.map(|level| level.name().to_string()).collect(),
            threads: settings::threads()? as u32,
            available_threads: settings::available_threads() as u32,
            most_threads: settings::most_threads() as u32,
            cpu_features: cpu_features(),
        })
    })
}

/// Sets the number of threads of tasks that start from now on. Does not change results.
#[napi]
pub fn set_threads(threads: f64) -> Outcome<()> {
    sync(|| settings::set_threads(numbers::threads("threads", threads)?))
}

/// Sets the SIMD level of tasks that start from now on: `portable`, `avx2`, `avx512`. Does not change results. Errors:
/// `invalid-parameter`; `unsupported` if this CPU lacks the instructions.
#[napi]
pub fn set_simd(level: String) -> Outcome<()> {
    sync(|| {
        settings::set_simd(SimdLevel::from_name(&level)?);
        Ok(())
    })
}

/// Memory in bytes; a field is missing if the system does not report it.
#[napi(object)]
pub struct Memory {
    /// Resident memory of this process.
    pub resident: Option<f64>,
    pub peak_resident: Option<f64>,
    /// What the engine takes at most: the least of the machine and of the control groups of this process, minus a reserve.
    pub available: Option<f64>,
}

#[napi(js_name = "memory")]
pub fn resident_memory() -> Outcome<Memory> {
    sync(|| {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            let kibibytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
            Some(kibibytes * 1024.0)
        };
        Ok(Memory {
            resident: field("VmRSS:"),
            peak_resident: field("VmHWM:"),
            available: memory::available().map(|bytes| bytes as f64),
        })
    })
}

/// Refuses an allocation of `bytes` that does not fit into memory, before JavaScript makes it. Errors: `too-large`.
#[napi]
pub fn check_memory(what: String, bytes: f64) -> Outcome<()> {
    sync(|| memory::check(&what, bytes as u64))
}

fn target() -> String {
    let abi = if cfg!(target_env = "musl") {
        "-musl"
    } else if cfg!(target_env = "gnu") {
        "-gnu"
    } else if cfg!(target_env = "msvc") {
        "-msvc"
    } else {
        ""
    };
    format!("{}-{}{abi}", std::env::consts::ARCH, std::env::consts::OS)
}

macro_rules! features {
    ($detected:ident: $($name:tt),*) => {
        [$(($name, std::arch::$detected!($name))),*]
            .into_iter()
            .filter_map(|(name, has)| has.then(|| name.to_string()))
            .collect()
    };
}

#[cfg(target_arch = "x86_64")]
fn cpu_features() -> Vec<String> {
    features!(is_x86_feature_detected:
        "sse4.2", "popcnt", "avx", "f16c", "fma", "avx2", "bmi2", "avx512f", "avx512bw", "avx512dq", "avx512vl",
        "avx512vnni", "avx512bf16", "avx512vpopcntdq")
}

#[cfg(target_arch = "aarch64")]
fn cpu_features() -> Vec<String> {
    features!(is_aarch64_feature_detected: "neon", "fp16", "dotprod", "bf16", "i8mm", "sve", "sve2")
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn cpu_features() -> Vec<String> {
    Vec::new()
}
