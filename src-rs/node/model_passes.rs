//! Passes through a model without an objective of the engine: runs with recordings, and forward passes whose loss is
//! computed in JavaScript.

use crate::arrays;
use crate::boundary::{Raw, from_napi};
use crate::handle::lock;
use crate::input::{JsInput, OwnedInput};
use crate::model::{NativeModel, training};
use crate::numbers;
use crate::precision::{Either, Precise, each, either};
use crate::reals::{JsReals, Reals};
use crate::state::{NativeState, StateKind};
use crate::step::NativeUpdate;
use crate::task::{Call, TaskHandle, spawn};
use lapicque_core::Result;
use lapicque_core::exec::run::{Recording, RunOutput, Variable};
use lapicque_core::exec::{Network, NetworkState};
use lapicque_core::projection::Element;
use lapicque_core::train::by_hand::Given;
use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;
use std::sync::Arc;

/// The result of a forward pass, for JavaScript.
struct Passed {
    spikes: Vec<u8>,
    v: Vec<f64>,
    state: StateKind,
    counts: Vec<u64>,
    input_events: u64,
}

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
                let input = OwnedInput::new(input)?;
                let state = state.map(|s| s.kind.clone());
                Ok(move |control: &lapicque_core::Control| {
                    Ok(each!(&*model, inner => {
                        let network = &lock("the model", inner)?.network;
                        let record = names(network, &record)?;
                        let initial = state.as_deref().map(Precise::state).transpose()?;
                        input.with(network.level, |x| network.run(x, &record, initial, control))?
                    }))
                })
            },
            |env, run: Either<RunOutput<f32>, RunOutput<f64>>| match run {
                Either::F32(run) => run_result(env, run, Either::F32),
                Either::F64(run) => run_result(env, run, Either::F64),
            },
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
                let input = OwnedInput::new(input)?;
                let update = update.map(|update| Arc::clone(&update.update));
                let segment = segment.map(|s| numbers::size("segment", s, 1..=1 << 40)).transpose()?;
                let state = state.map(|s| s.kind.clone());
                Ok(move |control: &lapicque_core::Control| {
                    training!(model, t => {
                        let initial = state.as_deref().map(Precise::state).transpose()?;
                        let level = t.network.level;
                        t.expect_optimizer(update.as_deref());
                        let given = input.with(level, |x| t.forward(x, segment, initial, control))?;
                        let Given { spikes, counts, input_events, .. } = given;
                        let (v, state) = (to_f64(&given.v), Precise::kind(given.state));
                        Ok(Passed { spikes, v, state, counts, input_events })
                    })
                })
            },
            |env, Passed { spikes, v, state, counts, input_events }| {
                let mut out = Object::new(env).map_err(from_napi)?;
                out.set("spikes", arrays::array(env, "spikes", &spikes)?).map_err(from_napi)?;
                out.set("v", arrays::array(env, "v", &v)?).map_err(from_napi)?;
                out.set("state", NativeState { kind: Arc::new(state) }).map_err(from_napi)?;
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
                let names = ["gradient of spikes", "gradient of v"];
                let [spikes, v] = [Reals::copied(names[0], &spikes)?, Reals::copied(names[1], &v)?];
                Ok(move |control: &lapicque_core::Control| {
                    training!(model, t => {
                        let spikes = spikes.as_ref().map(|spikes| spikes.of(names[0])).transpose()?;
                        let v = v.as_ref().map(|v| v.of(names[1])).transpose()?;
                        let gradient = t.backward(spikes.as_deref(), v.as_deref(), input_gradient, control)?;
                        Ok(input_gradient.then(|| to_f64(&gradient)))
                    })
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

fn names<F: Element>(network: &Network<F>, record: &[String]) -> Result<Vec<(usize, Variable)>> {
    record.iter().map(|name| network.variable(name)).collect()
}

pub fn to_f64<F: Element>(values: &[F]) -> Vec<f64> {
    values.iter().map(|x| x.to_f64()).collect()
}

fn run_result<F: Element + arrays::Element>(
    env: &Env,
    run: RunOutput<F>,
    kind: impl Fn(NetworkState<F>) -> StateKind,
) -> Result<Raw> {
    let mut out = Object::new(env).map_err(from_napi)?;
    let mut list = env.create_array(run.recordings.len() as u32).map_err(from_napi)?;
    for (i, recording) in run.recordings.iter().enumerate() {
        match recording {
            Recording::Spikes(spikes) => list.set(i as u32, arrays::array(env, "spikes", spikes)?),
            Recording::State(values) => list.set(i as u32, arrays::array(env, "states", values)?),
        }
        .map_err(from_napi)?;
    }
    out.set("recordings", list).map_err(from_napi)?;
    let floats = |counts: &[u64]| counts.iter().map(|&c| c as f64).collect::<Vec<f64>>();
    out.set("spikes", floats(&run.spikes)).map_err(from_napi)?;
    out.set("events", floats(&run.events)).map_err(from_napi)?;
    out.set("state", NativeState { kind: Arc::new(kind(run.state)) }).map_err(from_napi)?;
    Raw::new(env, out)
}
