//! Passes through a model without an objective of the engine: runs with recordings, and forward passes whose loss is
//! computed in JavaScript.

use crate::arrays;
use crate::boundary::{Raw, from_napi};
use crate::input::JsInput;
use crate::model::{NativeModel, locked};
use crate::numbers;
use crate::reals::JsReals;
use crate::state::NativeState;
use crate::step::NativeUpdate;
use crate::task::{Call, TaskHandle, spawn};
use lapicque_core::Result;
use lapicque_core::exec::{AnyRecording, AnyRunOutput, AnyState};
use lapicque_core::train::AnyGiven;
use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;
use std::sync::Arc;

#[napi]
impl NativeModel {
    /// Runs a batch from the initial state, or from `state`. `record`: `layer.variable` names.
    #[napi(ts_return_type = "Promise<Outcome<unknown>>")]
    pub fn run<'env>(
        &self,
        env: &'env Env,
        input: JsInput,
        record: Vec<String>,
        state: Option<&NativeState>,
        handle: Option<&TaskHandle>,
    ) -> napi::Result<Object<'env>> {
        spawn(
            env,
            Call::new("run", handle).on(&self.strand),
            || {
                let model = self.handle.get()?;
                let input = input.owned()?;
                let state = state.map(|s| s.state.clone());
                Ok(move |control: &lapicque_core::Control| {
                    locked(&model)?.run(&input, &record, state.as_deref(), control)
                })
            },
            run_result,
        )
    }

    /// The state of `batch` samples at rest. Resolves to a `NativeState`.
    #[napi(ts_return_type = "Promise<Outcome<NativeState>>")]
    pub fn rest<'env>(&self, env: &'env Env, batch: f64) -> napi::Result<Object<'env>> {
        spawn(
            env,
            Call::new("restState", None).on(&self.strand),
            || {
                let model = self.handle.get()?;
                let batch = numbers::size("samples", batch, 1..=1 << 32)?;
                Ok(move |_: &lapicque_core::Control| locked(&model)?.rest(batch))
            },
            |_, state: AnyState| Ok(NativeState { state: Arc::new(state) }),
        )
    }

    /// Outputs for a loss of the caller, from the initial state or from `state`; `backward` then receives their
    /// gradients. `update` says which parameters are frozen.
    #[napi(ts_return_type = "Promise<Outcome<unknown>>")]
    pub fn forward<'env>(
        &self,
        env: &'env Env,
        input: JsInput,
        segment: Option<f64>,
        state: Option<&NativeState>,
        update: Option<&NativeUpdate>,
        handle: Option<&TaskHandle>,
    ) -> napi::Result<Object<'env>> {
        spawn(
            env,
            Call::new("forward", handle).on(&self.strand),
            || {
                let model = self.handle.get()?;
                let input = input.owned()?;
                let update = update.map(|update| Arc::clone(&update.update));
                let segment = segment.map(|s| numbers::size("segment", s, 1..=1 << 40)).transpose()?;
                let state = state.map(|s| s.state.clone());
                Ok(move |control: &lapicque_core::Control| {
                    let mut training = locked(&model)?;
                    training.expect_optimizer(update.as_deref());
                    training.forward(&input, segment, state.as_deref(), control)
                })
            },
            |env, AnyGiven { spikes, v, state, counts, input_events }| {
                let mut out = Object::new(env).map_err(from_napi)?;
                out.set("spikes", arrays::array(env, "spikes", &spikes)?).map_err(from_napi)?;
                out.set("v", arrays::array(env, "v", &v)?).map_err(from_napi)?;
                out.set("state", NativeState { state: Arc::new(state) }).map_err(from_napi)?;
                let counts = counts.iter().map(|&count| count as f64).collect::<Vec<f64>>();
                out.set("counts", counts).map_err(from_napi)?;
                out.set("inputEvents", input_events as f64).map_err(from_napi)?;
                Raw::new(env, out)
            },
        )
    }

    /// Receives the gradients with respect to the last `forward`'s outputs, and adds the resulting gradients of the
    /// parameters. With `input_gradient`, also returns the gradient with respect to the input.
    #[napi(ts_return_type = "Promise<Outcome<{ inputGradient?: Float64Array }>>")]
    pub fn backward<'env>(
        &self,
        env: &'env Env,
        spikes: JsReals,
        v: JsReals,
        input_gradient: bool,
        handle: Option<&TaskHandle>,
    ) -> napi::Result<Object<'env>> {
        spawn(
            env,
            Call::new("backward", handle).on(&self.strand),
            || {
                let model = self.handle.get()?;
                let [spikes, v] = [spikes.copied("gradient of spikes")?, v.copied("gradient of v")?];
                Ok(move |control: &lapicque_core::Control| {
                    locked(&model)?.backward(spikes.as_ref(), v.as_ref(), input_gradient, control)
                })
            },
            |env, gradient: Option<Vec<f64>>| {
                let mut out = Object::new(env).map_err(from_napi)?;
                if let Some(gradient) = gradient {
                    let gradient = arrays::array(env, "input gradient", &gradient)?;
                    out.set("inputGradient", gradient).map_err(from_napi)?;
                }
                Raw::new(env, out)
            },
        )
    }
}

fn run_result(env: &Env, run: AnyRunOutput) -> Result<Raw> {
    let mut out = Object::new(env).map_err(from_napi)?;
    let mut list = env.create_array(run.recordings.len() as u32).map_err(from_napi)?;
    for (i, recording) in run.recordings.iter().enumerate() {
        match recording {
            AnyRecording::Spikes(spikes) => list.set(i as u32, arrays::array(env, "spikes", spikes)?),
            AnyRecording::State(values) => list.set(i as u32, arrays::reals(env, "states", values)?),
        }
        .map_err(from_napi)?;
    }
    out.set("recordings", list).map_err(from_napi)?;
    let floats = |counts: &[u64]| counts.iter().map(|&c| c as f64).collect::<Vec<f64>>();
    out.set("spikes", floats(&run.spikes)).map_err(from_napi)?;
    out.set("events", floats(&run.events)).map_err(from_napi)?;
    out.set("state", NativeState { state: Arc::new(run.state) }).map_err(from_napi)?;
    Raw::new(env, out)
}
