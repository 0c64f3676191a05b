//! A single neuron.

use crate::arrays::{self, Float64ArraySlice, copied};
use crate::boundary::Raw;
use crate::task::{Call, TaskHandle, spawn};
use lapicque_core::dynamics::spike_times;
use lapicque_core::{Control, Error};
use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;
use serde_json::Value;

/// The spike times of the neuron `spec` (JSON) in ms, without a time grid; `values[i]` is its input from `times[i]` on.
#[napi(ts_return_type = "Promise<Outcome<Float64Array>>")]
pub fn neuron_spike_times<'env>(
    env: &'env Env,
    spec: String,
    times: Float64ArraySlice,
    values: Float64ArraySlice,
    duration: f64,
    dt: f64,
    handle: Option<&TaskHandle>,
) -> napi::Result<Object<'env>> {
    spawn(
        env,
        Call::new("spikeTimes", handle),
        || {
            let spec: Value =
                serde_json::from_str(&spec).map_err(|e| Error::invalid("neuron", &spec, e.to_string()))?;
            let (times, values) = (copied("times", &times)?, copied("values", &values)?);
            let current: Vec<(f64, f64)> = times.into_iter().zip(values).collect();
            Ok(move |control: &Control| spike_times(&spec, &current, duration, dt, control))
        },
        |env, times| Raw::new(env, arrays::array(env, "times", &times)?),
    )
}
