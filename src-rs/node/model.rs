//! A compiled model for JavaScript: runs, training steps, weights, sessions.

use crate::arrays::{self, Uint32ArraySlice, copied};
use crate::boundary::{Outcome, Raw, from_napi, json, sync};
use crate::handle::{Handle, lock};
use crate::input::{JsInput, OwnedInput};
use crate::numbers;
use crate::precision::{Either, Precise, each, either};
use crate::reals::{JsReals, Reals};
use crate::session::NativeSession;
use crate::state::{NativeState, StateKind};
use crate::step::{OwnedTargets, StepOptions, step};
use crate::task::{Call, TaskHandle, spawn};
use lapicque_core::exec::online_plan::OnlineRule;
use lapicque_core::exec::run::{Recording, RunOutput, Variable};
use lapicque_core::exec::{ActiveCounts, Network, estimate};
use lapicque_core::graph::Plan;
use lapicque_core::projection::Element;
use lapicque_core::train::batch::BatchReport;
use lapicque_core::train::by_hand::Given;
use lapicque_core::train::step::Training;
use lapicque_core::train::update::Update;
use lapicque_core::workers::Strand;
use lapicque_core::{Error, Result};
use napi::Env;
use napi::bindgen_prelude::{Object, ObjectFinalize, ToNapiValue};
use napi_derive::napi;
use serde_json::Value;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

pub type AnyModel = Either<Mutex<Training<f32>>, Mutex<Training<f64>>>;

/// Runs `$body` with the training of either precision locked.
macro_rules! training {
    ($model:expr, $training:ident => $body:expr) => {
        either!(&*$model, inner => {
            #[allow(unused_mut)]
            let mut $training = lock("the model", inner)?;
            $body
        })
    };
}
pub(crate) use training;

#[napi(custom_finalize)]
pub struct NativeModel {
    pub(crate) handle: Handle<AnyModel>,
    /// Calls take effect in their order.
    pub(crate) strand: Strand,
    pub(crate) sizes: Sizes,
    pub(crate) summary: String,
    pub(crate) batches: Batches,
    /// Threads of a training step; 0 for those of the process.
    pub(crate) threads: AtomicUsize,
}

/// The result of a forward pass, for JavaScript.
struct Passed {
    spikes: Vec<u8>,
    v: Vec<f64>,
    state: StateKind,
    counts: Vec<u64>,
    input_events: u64,
}

/// Numbers the calls of `train_step`, for pipelined calls.
#[derive(Default)]
pub struct Batches {
    called: AtomicU64,
    /// The last call that succeeded.
    succeeded: Arc<AtomicU64>,
}

/// The values that determine the memory of a batch.
pub struct Sizes {
    plan: Arc<Plan>,
    /// Number of elements of all parameters, as stored.
    stored: u64,
    /// Bytes of an element.
    real: u64,
}

impl Sizes {
    pub fn new<F: Element>(network: &Network<F>) -> Self {
        let plan = Arc::clone(&network.plan);
        Sizes { plan, stored: network.stored_elements(), real: size_of::<F>() as u64 }
    }
}

impl NativeModel {
    fn own_threads(&self) -> Option<usize> {
        Some(self.threads.load(Ordering::Relaxed)).filter(|&threads| threads > 0)
    }
}

impl ObjectFinalize for NativeModel {
    fn finalize(self, env: Env) -> napi::Result<()> {
        self.handle.dispose(&env);
        Ok(())
    }
}

#[napi]
impl NativeModel {
    #[napi(getter)]
    pub fn summary(&self) -> String {
        self.summary.clone()
    }

    #[napi]
    pub fn dispose(&self, env: Env) {
        self.handle.dispose(&env);
    }

    /// Sets the number of threads of training and evaluation steps from now on. Results do not depend on it.
    #[napi]
    pub fn set_threads(&self, threads: f64) -> Outcome<()> {
        sync(|| {
            self.threads.store(numbers::threads("threads", threads)?, Ordering::Relaxed);
            Ok(())
        })
    }

    /// One batch: gradients, and with `update` the optimizer's step. Resolves to the report.
    #[napi(ts_return_type = "Promise<Outcome<unknown>>")]
    #[allow(clippy::too_many_arguments)]
    pub fn train_step<'env>(
        &self,
        env: &'env Env,
        input: JsInput,
        classes: Option<Uint32ArraySlice>,
        values: JsReals,
        lengths: Option<Uint32ArraySlice>,
        options: String,
        backward: bool,
        handle: Option<&TaskHandle>,
    ) -> napi::Result<Object<'env>> {
        let number = self.batches.called.fetch_add(1, Ordering::Relaxed) + 1;
        let succeeded = Arc::clone(&self.batches.succeeded);
        spawn(
            env,
            Call::new(if backward { "trainStep" } else { "evaluateStep" }, handle)
                .on(&self.strand)
                .with_threads(self.own_threads()),
            || {
                let model = self.handle.get()?;
                let input = OwnedInput::new(input)?;
                let targets = OwnedTargets::new(classes, &values)?;
                let lengths = lengths.map(|l| copied("lengths", &l)).transpose()?;
                let options = StepOptions::parse(&options)?;
                Ok(move |control: &lapicque_core::Control| {
                    if options.follows && succeeded.load(Ordering::Relaxed) + 1 != number {
                        return Err(Error::Aborted);
                    }
                    let mut report = training!(model, t => step(&mut t, &input, &targets, lengths.as_deref(), &options, backward, control))?;
                    if !options.scores {
                        report.0.scores.clear();
                    }
                    succeeded.store(number, Ordering::Relaxed);
                    Ok(report)
                })
            },
            |env, (report, gradient): (BatchReport, Option<Vec<f64>>)| {
                let mut out = Object::new(env).map_err(from_napi)?;
                out.set("loss", report.loss).map_err(from_napi)?;
                out.set("inputEvents", report.input_events as f64).map_err(from_napi)?;
                out.set("gradientNorm", report.gradient_norm).map_err(from_napi)?;
                let spikes: Vec<f64> = report.spikes.iter().map(|&s| s as f64).collect();
                out.set("spikes", spikes).map_err(from_napi)?;
                if !report.active.is_empty() {
                    let (active, computed) = fractions(&report.active);
                    out.set("active", active).map_err(from_napi)?;
                    out.set("computed", computed).map_err(from_napi)?;
                }
                out.set("perSample", arrays::array(env, "losses", &report.per_sample)?).map_err(from_napi)?;
                out.set("byCount", arrays::array(env, "predictions", &report.by_count)?)
                    .map_err(from_napi)?;
                out.set("labels", arrays::array(env, "predictions", &report.labels)?).map_err(from_napi)?;
                if !report.scores.is_empty() {
                    out.set("scores", arrays::array(env, "scores", &report.scores)?).map_err(from_napi)?;
                }
                out.set("byMembrane", arrays::array(env, "predictions", &report.by_membrane)?)
                    .map_err(from_napi)?;
                if let Some(gradient) = gradient {
                    out.set("inputGradient", arrays::array(env, "input gradient", &gradient)?)
                        .map_err(from_napi)?;
                }
                Raw::new(env, out)
            },
        )
    }

    /// Applies the optimizer to the current gradients and clears them.
    #[napi(ts_return_type = "Promise<Outcome<number | null>>")]
    pub fn update<'env>(
        &self,
        env: &'env Env,
        options: String,
        handle: Option<&TaskHandle>,
    ) -> napi::Result<Object<'env>> {
        spawn(
            env,
            Call::new("update", handle).on(&self.strand).with_threads(self.own_threads()),
            || {
                let model = self.handle.get()?;
                let update: Update = serde_json::from_str(&options)
                    .map_err(|e| Error::invalid("update", &options, e.to_string()))?;
                Ok(move |_: &lapicque_core::Control| training!(model, t => t.update(&update)))
            },
            |_, norm: Option<f64>| Ok(norm),
        )
    }

    /// Runs a batch from rest, or from `state`. `record`: `layer.variable` names.
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

    /// Outputs for a loss of the caller, from rest or from `state`; `backward` then receives their gradients.
    #[napi(ts_return_type = "Promise<Outcome<unknown>>")]
    pub fn forward<'env>(
        &self,
        env: &'env Env,
        input: JsInput,
        segment: Option<f64>,
        state: Option<&NativeState>,
        optimizer: Option<String>,
        handle: Option<&TaskHandle>,
    ) -> napi::Result<Object<'env>> {
        spawn(
            env,
            Call::new("forward", handle).on(&self.strand),
            || {
                let model = self.handle.get()?;
                let input = OwnedInput::new(input)?;
                let optimizer = optimizer.as_deref().map(crate::step::optimizer).transpose()?;
                let segment = segment.map(|s| numbers::size("segment", s, 1..=1 << 40)).transpose()?;
                let state = state.map(|s| s.kind.clone());
                Ok(move |control: &lapicque_core::Control| {
                    training!(model, t => {
                        let initial = state.as_deref().map(Precise::state).transpose()?;
                        let level = t.network.level;
                        t.freeze_norms(optimizer.as_ref())?;
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
    /// parameters.
    #[napi(ts_return_type = "Promise<Outcome<void>>")]
    pub fn backward<'env>(
        &self,
        env: &'env Env,
        spikes: JsReals,
        v: JsReals,
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
                        t.backward(spikes.as_deref(), v.as_deref(), control)
                    })
                })
            },
            |_, ()| Ok(()),
        )
    }

    /// All parameters in order: values, or with `kind` "grad" their gradients, with "moment1" to "moment3" the
    /// optimizer's moments (empty arrays before the first step, and for optimizers with fewer).
    #[napi(ts_return_type = "Promise<Outcome<Record<string, Float32Array | Float64Array>>>")]
    pub fn tensors<'env>(&self, env: &'env Env, kind: String) -> napi::Result<Object<'env>> {
        spawn(
            env,
            Call::new("tensors", None).on(&self.strand),
            || {
                let model = self.handle.get()?;
                Ok(move |_: &lapicque_core::Control| {
                    Ok(each!(&*model, inner => lock("the model", inner)?.tensors(&kind)?))
                })
            },
            |env, tensors: Either<Tensors<f32>, Tensors<f64>>| {
                let mut out = Object::new(env).map_err(from_napi)?;
                either!(tensors, tensors => {
                    for (name, values) in tensors {
                        out.set(name.as_str(), arrays::array(env, &name, &values)?).map_err(from_napi)?;
                    }
                });
                Raw::new(env, out)
            },
        )
    }

    /// Replaces the tensors of a `kind`, as in `tensors`, of all these parameters; of none if one is refused.
    #[napi(ts_return_type = "Promise<Outcome<void>>")]
    pub fn set_tensors<'env>(
        &self,
        env: &'env Env,
        kind: String,
        names: Vec<String>,
        values: Vec<JsReals>,
    ) -> napi::Result<Object<'env>> {
        spawn(
            env,
            Call::new("setTensors", None).on(&self.strand),
            || {
                let model = self.handle.get()?;
                let tensors = names.into_iter().zip(values);
                let tensors = tensors.map(|(name, reals)| {
                    let values = Reals::copied(&name, &reals)?;
                    Ok((name, values))
                });
                let tensors = tensors.collect::<Result<Vec<_>>>()?;
                Ok(move |_: &lapicque_core::Control| {
                    training!(model, t => {
                        let held = tensors.iter().filter_map(|(name, reals)| {
                            let held = reals.as_ref()?.of(name);
                            Some(held.map(|values| (name.as_str(), values)))
                        });
                        t.set_tensors(&kind, &held.collect::<Result<Vec<_>>>()?)
                    })
                })
            },
            |_, ()| Ok(()),
        )
    }

    /// The description with the current values of learned parameters, as JSON.
    #[napi(ts_return_type = "Promise<Outcome<string>>")]
    pub fn description<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        self.ask(env, "description", |model| json(&training!(model, t => t.network.current_description())))
    }

    /// SHA-256 over all parameters' little-endian bytes in order, public layout.
    #[napi(ts_return_type = "Promise<Outcome<string>>")]
    pub fn weights_sha256<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        self.ask(env, "weightsSha256", |model| training!(model, t => Ok(t.network.weights_sha256())))
    }

    /// The bytes that a batch needs, as JSON; no error if they exceed memory.
    #[napi]
    pub fn estimate(
        &self,
        steps: f64,
        batch: f64,
        segment: Option<f64>,
        training: bool,
        input: String,
        method: String,
    ) -> Outcome<String> {
        sync(|| {
            let steps = numbers::size("steps", steps, 1..=1 << 40)?;
            let batch = numbers::size("batch", batch, 1..=1 << 32)?;
            let segment = match segment {
                Some(s) => numbers::size("segment", s, 1..=1 << 40)?.min(steps),
                None => steps,
            };
            let input = serde_json::from_value(Value::String(input.clone()))
                .map_err(|_| Error::invalid("input", input, "values, constant or spikes"))?;
            let work = estimate::Workload { batch, steps, segment, training, input, whole: false };
            // Without the lock, because a running task holds it.
            self.handle.get()?;
            let Sizes { plan, stored, real } = &self.sizes;
            let rule = [OnlineRule::EProp, OnlineRule::Ottt].into_iter().find(|rule| rule.name() == method);
            let estimate = match rule {
                Some(rule) => estimate::estimate_online(plan, *stored, &work, rule, *real),
                None => estimate::estimate(plan, &plan.map_uses(&[]), *stored, &work, *real),
            };
            json(&estimate)
        })
    }

    /// A streaming session with the current weights, which records variables of each step.
    #[napi(ts_return_type = "Promise<Outcome<NativeSession>>")]
    pub fn session<'env>(&self, env: &'env Env, record: Vec<String>) -> napi::Result<Object<'env>> {
        spawn(
            env,
            Call::new("session", None).on(&self.strand),
            || {
                let model = self.handle.get()?;
                Ok(move |_: &lapicque_core::Control| {
                    Ok(each!(&*model, inner => {
                        let mut session = lock("the model", inner)?.session()?;
                        session.record(&record)?;
                        session
                    }))
                })
            },
            |env, session| Ok(NativeSession::new(env, session)),
        )
    }
}

impl NativeModel {
    /// A short task after those before it, whose result is returned to JavaScript unchanged.
    pub(crate) fn ask<'env, T: ToNapiValue + Send + 'static>(
        &self,
        env: &'env Env,
        name: &'static str,
        job: impl FnOnce(&AnyModel) -> Result<T> + Send + 'static,
    ) -> napi::Result<Object<'env>> {
        spawn(
            env,
            Call::new(name, None).on(&self.strand),
            || {
                let model = self.handle.get()?;
                Ok(move |_: &lapicque_core::Control| job(&model))
            },
            |_, value: T| Ok(value),
        )
    }
}

/// Names and values in the order of the parameters.
type Tensors<F> = Vec<(String, Vec<F>)>;

fn names<F: Element>(network: &Network<F>, record: &[String]) -> Result<Vec<(usize, Variable)>> {
    record.iter().map(|name| network.variable(name)).collect()
}

pub fn to_f64<F: Element>(values: &[F]) -> Vec<f64> {
    values.iter().map(|x| x.to_f64()).collect()
}

fn run_result<F: Element + arrays::Element>(
    env: &Env,
    run: RunOutput<F>,
    kind: impl Fn(lapicque_core::exec::NetworkState<F>) -> StateKind,
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

/// Of each population the fraction of its neurons and steps where the gradient of its spikes is read, and the fraction of
/// that gradient which was computed; null where there is neither.
fn fractions(counts: &[ActiveCounts]) -> (Vec<Option<f64>>, Vec<Option<f64>>) {
    let of = |part: u64, all: u64| (all > 0).then(|| part as f64 / all as f64);
    let active = counts.iter().map(|counts| of(counts.active, counts.places));
    let computed = counts.iter().map(|counts| of(counts.computed, counts.products));
    (active.collect(), computed.collect())
}
