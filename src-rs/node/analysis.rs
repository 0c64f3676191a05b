//! Statistics of spike trains.

use crate::arrays::{self, Float64ArraySlice, Uint32ArraySlice, copied};
use crate::boundary::{Raw, from_napi};
use crate::numbers;
use crate::task::{Call, TaskHandle, spawn};
use lapicque_core::Control;
use lapicque_core::analysis::{Column, Measure, Trains};
use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;

/// One measure of spikes in any order: `ids[k]` is the train of the spike at `times[k]`, in ms. `measure`
/// is JSON with `measure` and its options. Resolves to an object of `Float64Array`s.
#[napi(ts_return_type = "Promise<Outcome<unknown>>")]
#[allow(clippy::too_many_arguments)]
pub fn measure_spike_trains<'env>(
    env: &'env Env,
    measure: String,
    times: Float64ArraySlice,
    ids: Uint32ArraySlice,
    trains: f64,
    start: f64,
    stop: f64,
    handle: Option<&TaskHandle>,
) -> napi::Result<Object<'env>> {
    spawn(
        env,
        Call::new("spikeTrains", handle),
        || {
            let measure = Measure::from_json(&measure)?;
            let (times, ids) = (copied("times", &times)?, copied("ids", &ids)?);
            let trains = numbers::size("neurons", trains, 0..=1 << 32)?;
            Ok(move |control: &Control| {
                let trains = Trains::new(&times, &ids, trains, start, stop)?;
                measure.of(&trains, control)
            })
        },
        |env, columns: Vec<Column>| {
            let mut out = Object::new(env).map_err(from_napi)?;
            for (name, values) in columns {
                out.set(name, arrays::array(env, name, &values)?).map_err(from_napi)?;
            }
            Raw::new(env, out)
        },
    )
}
