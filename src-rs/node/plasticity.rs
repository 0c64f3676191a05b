//! Synapse models: their list, and one synapse driven by spike trains.

use crate::arrays::{self, Float64ArraySlice, copied};
use crate::boundary::{Outcome, Raw, from_napi, sync};
use crate::task::{Call, TaskHandle, spawn};
use lapicque_core::plasticity::synapse::{Response, Samples, Trains, drive};
use lapicque_core::plasticity::{self, Bound};
use lapicque_core::{Control, Error, Result};
use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;
use serde_json::Value;

/// Every synapse model with its parameters, options and sources, as JSON.
#[napi]
pub fn describe_synapses() -> Outcome<String> {
    sync(|| Ok(plasticity::describe().to_string()))
}

/// Drives one synapse of the model `spec` (JSON) by spikes at times in ms. Resolves to `{ names, transmitted, weights,
/// last, samples }`, where `samples` is `[times][variables]`.
#[napi(ts_return_type = "Promise<Outcome<unknown>>")]
#[allow(clippy::too_many_arguments)]
pub fn drive_synapse<'env>(
    env: &'env Env,
    spec: String,
    dt: f64,
    weight: f64,
    delay: f64,
    pre: Float64ArraySlice,
    post: Float64ArraySlice,
    modulator: Float64ArraySlice,
    sample_times: Float64ArraySlice,
    sample_after: bool,
    handle: Option<&TaskHandle>,
) -> napi::Result<Object<'env>> {
    spawn(
        env,
        Call::new("driveSynapse", handle),
        || {
            let spec: Value =
                serde_json::from_str(&spec).map_err(|e| Error::invalid("synapse", &spec, e.to_string()))?;
            let rule = Bound::new(&spec, dt)?;
            let trains = Trains {
                pre: copied("pre", &pre)?,
                post: copied("post", &post)?,
                modulator: copied("modulator", &modulator)?,
            };
            let samples = Samples { times: copied("sampleTimes", &sample_times)?, after: sample_after };
            Ok(move |control: &Control| {
                let names: Vec<String> = rule.variables.iter().map(|v| v.name.to_string()).collect();
                Ok((names, drive(&rule, weight, delay, &trains, &samples, control)?))
            })
        },
        response,
    )
}

fn response(env: &Env, (names, response): (Vec<String>, Response)) -> Result<Raw> {
    let mut out = Object::new(env).map_err(from_napi)?;
    out.set("names", names).map_err(from_napi)?;
    let numbers = [
        ("transmitted", &response.transmitted),
        ("weights", &response.weights),
        ("last", &response.last),
        ("samples", &response.samples),
    ];
    for (name, values) in numbers {
        out.set(name, arrays::array(env, name, values)?).map_err(from_napi)?;
    }
    Raw::new(env, out)
}
