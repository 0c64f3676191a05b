//! Probes of the machine for `lapicque bench --limits`.

use crate::task::{Call, TaskHandle, spawn};
use lapicque_core::machine::{self, Levels, Rates};
use lapicque_core::{Control, memory, settings};
use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;

/// Additions per second from tables in the first-, second- and third-level cache and in memory.
#[napi(object)]
pub struct MachineLevels {
    pub l1: f64,
    pub l2: f64,
    pub l3: f64,
    pub memory: f64,
}

impl From<Levels<f64>> for MachineLevels {
    fn from(Levels { l1, l2, l3, memory }: Levels<f64>) -> Self {
        MachineLevels { l1, l2, l3, memory }
    }
}

/// Rates per second of all threads together. `threads` is their number, `barrier` the time of one barrier in seconds.
#[napi(object)]
pub struct MachineRates {
    pub threads: f64,
    pub dense: f64,
    pub row_additions: MachineLevels,
    pub scattered_additions: MachineLevels,
    pub read: f64,
    pub copy: f64,
    pub exponentials: f64,
    pub divisions: f64,
    pub random_words: f64,
    pub barrier: f64,
}

/// Probes the machine with the threads of a task.
#[napi(ts_return_type = "Promise<Outcome<MachineRates>>")]
pub fn machine_rates<'env>(env: &'env Env, handle: Option<&TaskHandle>) -> napi::Result<Object<'env>> {
    spawn(
        env,
        Call::new("machineRates", handle),
        || {
            let (threads, level) = (settings::threads()?, settings::simd()?);
            memory::check("the probes", machine::bytes(threads))?;
            Ok(move |control: &Control| machine::rates(threads, level, control))
        },
        |_, rates: Rates| {
            let Rates { threads, dense, row_additions, scattered_additions, read, copy, .. } = rates;
            Ok(MachineRates {
                threads: threads as f64,
                dense,
                row_additions: row_additions.into(),
                scattered_additions: scattered_additions.into(),
                read,
                copy,
                exponentials: rates.exponentials,
                divisions: rates.divisions,
                random_words: rates.random_words,
                barrier: rates.barrier,
            })
        },
    )
}
