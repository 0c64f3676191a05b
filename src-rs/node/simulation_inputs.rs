//! The inputs of a simulation and the trains of its spike sources, for JavaScript.

use crate::arrays::{self, Float64ArraySlice, Uint32ArraySlice};
use crate::boundary::{Raw, from_napi};
use crate::network_arrays::trains_of;
use crate::simulation::{NativeSimulation, Running, index, neurons};
use lapicque_core::Result;
use lapicque_core::simulate::InputValues;
use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;

/// A number that belongs to an input, such as the weight of a Poisson train.
#[napi(object, object_to_js = false)]
pub struct InputNumber {
    pub name: String,
    pub value: f64,
}

#[napi]
impl NativeSimulation {
    /// The values of an input: `times` if it changes over time, `values` of its rate or current, and other numbers.
    #[napi(
        ts_return_type = "Promise<Outcome<{ times?: Float64Array, values?: Float64Array, numbers: { name: string, value: number }[] }>>"
    )]
    pub fn input<'env>(&self, env: &'env Env, number: f64) -> napi::Result<Object<'env>> {
        let prepare = || {
            let number = index(number)?;
            Ok(move |running: &Running| running.lock()?.input(number))
        };
        self.enqueue_short(env, "simulation.input", prepare, |env, InputValues { series, numbers }| {
            let mut out = Object::new(env).map_err(from_napi)?;
            if let Some((times, values)) = series {
                if let Some(times) = times {
                    out.set("times", arrays::array(env, "times", &times)?).map_err(from_napi)?;
                }
                out.set("values", arrays::array(env, "values", &values)?).map_err(from_napi)?;
            }
            let number = |(name, value): (String, f64)| {
                let mut to = Object::new(env).map_err(from_napi)?;
                to.set("name", name).map_err(from_napi)?;
                to.set("value", value).map_err(from_napi)?;
                Ok(to)
            };
            let numbers = numbers.into_iter().map(number).collect::<Result<Vec<_>>>()?;
            out.set("numbers", numbers).map_err(from_napi)?;
            Raw::new(env, out)
        })
    }

    /// Replaces values of an input, after all previously requested runs.
    #[napi(ts_return_type = "Promise<Outcome<undefined>>")]
    pub fn set_input<'env>(
        &self,
        env: &'env Env,
        number: f64,
        times: Option<Float64ArraySlice>,
        values: Option<Float64ArraySlice>,
        numbers: Vec<InputNumber>,
    ) -> napi::Result<Object<'env>> {
        let prepare = || {
            let number = index(number)?;
            let times = times.map(|times| arrays::copied("times", &times)).transpose()?;
            let values = values.map(|values| arrays::copied("values", &values)).transpose()?;
            let numbers = numbers.into_iter().map(|InputNumber { name, value }| (name, value)).collect();
            let change = InputValues { series: values.map(|values| (times, values)), numbers };
            Ok(move |running: &Running| {
                let mut s = running.lock()?;
                s.set_input(number, &change)?;
                running.publish(&s);
                Ok(())
            })
        };
        self.enqueue_short(env, "simulation.setInput", prepare, |_, ()| Ok(()))
    }

    /// The times of some trains of a source, concatenated, and the number of spikes of each, after all previously requested
    /// runs.
    #[napi(ts_return_type = "Promise<Outcome<{ counts: Uint32Array, times: Float64Array }>>")]
    pub fn trains<'env>(
        &self,
        env: &'env Env,
        source: String,
        from: f64,
        to: f64,
    ) -> napi::Result<Object<'env>> {
        let prepare = || {
            let trains = neurons(from, to)?;
            Ok(move |running: &Running| running.lock()?.trains(&source, trains))
        };
        self.enqueue_short(env, "simulation.trains", prepare, |env, trains| {
            let counts: Vec<u32> = trains.iter().map(|train| train.len() as u32).collect();
            let mut out = Object::new(env).map_err(from_napi)?;
            out.set("counts", arrays::array(env, "counts", &counts)?).map_err(from_napi)?;
            out.set("times", arrays::array(env, "times", &trains.concat())?).map_err(from_napi)?;
            Raw::new(env, out)
        })
    }

    /// Replaces some trains of a source, after all previously requested runs: `counts` spikes each, at the concatenated `times`
    /// in ms.
    #[napi(ts_return_type = "Promise<Outcome<undefined>>")]
    pub fn set_trains<'env>(
        &self,
        env: &'env Env,
        source: String,
        from: f64,
        to: f64,
        counts: Uint32ArraySlice,
        times: Float64ArraySlice,
    ) -> napi::Result<Object<'env>> {
        let prepare = || {
            let range = neurons(from, to)?;
            let times = trains_of(&counts, &times)?;
            Ok(move |running: &Running| running.lock()?.set_trains(&source, range, &times))
        };
        self.enqueue_short(env, "simulation.setTrains", prepare, |_, ()| Ok(()))
    }
}
