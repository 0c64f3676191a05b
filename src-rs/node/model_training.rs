//! Training of a model: one batch with its gradients, and the optimizer's step.

use crate::arrays::{self, Uint32ArraySlice, copied};
use crate::boundary::{Outcome, Raw, from_napi, sync};
use crate::input::JsInput;
use crate::model::{NativeModel, locked};
use crate::reals::JsReals;
use crate::state::NativeState;
use crate::step::{self, NativeObjective, NativeUpdate, OwnedTargets, StepOptions};
use crate::task::{Call, TaskHandle, spawn};
use lapicque_core::Error;
use lapicque_core::exec::{ActiveCounts, AnyState};
use lapicque_core::train::AnyBatch;
use lapicque_core::train::batch::BatchReport;
use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// What a step reports, and the gradient with respect to its input.
type Report = (BatchReport, Option<Vec<f64>>);

#[napi]
impl NativeModel {
    /// Checks what steps minimize and how they find gradients, given as JSON, for any number of steps of this model.
    #[napi]
    pub fn objective(&self, options: String) -> Outcome<NativeObjective> {
        sync(|| {
            self.handle.get()?;
            let options = StepOptions::parse(&options, &self.sizes.plan)?;
            self.sizes.declare(&options.declared())?;
            Ok(NativeObjective { options: Arc::new(options) })
        })
    }

    /// Checks an optimizer with the options of its steps, given as JSON, for any number of steps of this model.
    #[napi]
    pub fn optimizer(&self, options: String) -> Outcome<NativeUpdate> {
        sync(|| {
            self.handle.get()?;
            Ok(NativeUpdate { update: Arc::new(step::update(&options, &self.sizes)?) })
        })
    }

    /// One batch: gradients, and with `lr_factor` the optimizer's step, with this factor on its learning rate. Without, `update` only says which
    /// parameters are frozen. A step that `follows` the previous call fails with `aborted` unless that one succeeded. Resolves to the report.
    #[napi(ts_return_type = "Promise<Outcome<unknown>>")]
    #[allow(clippy::too_many_arguments)]
    pub fn train_step<'env>(
        &self,
        env: &'env Env,
        input: JsInput,
        classes: Option<Uint32ArraySlice>,
        values: JsReals,
        lengths: Option<Uint32ArraySlice>,
        extra_names: Vec<String>,
        extra: Vec<JsReals>,
        initial: Option<&NativeState>,
        objective: &NativeObjective,
        update: Option<&NativeUpdate>,
        lr_factor: Option<f64>,
        backward: bool,
        follows: bool,
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
                let input = input.owned()?;
                let targets = OwnedTargets::new(classes, &values)?;
                let lengths = lengths.map(|l| copied("lengths", &l)).transpose()?;
                let mut tensors: Vec<(String, Vec<f64>)> = vec![];
                for (name, values) in extra_names.into_iter().zip(&extra) {
                    let values = values.doubles(&name)?.unwrap_or_default();
                    tensors.push((name, values));
                }
                let initial = initial.map(|state| Arc::clone(&state.state));
                let options = Arc::clone(&objective.options);
                let update = update.map(|update| Arc::clone(&update.update));
                Ok(move |control: &lapicque_core::Control| {
                    if follows && succeeded.load(Ordering::Relaxed) + 1 != number {
                        return Err(Error::Aborted);
                    }
                    let batch = AnyBatch {
                        input: &input,
                        targets: targets.view(),
                        lengths: lengths.as_deref(),
                        extra: &tensors,
                        initial: initial.as_deref(),
                    };
                    let update = step::Applied { update: update.as_deref(), lr_factor };
                    let mut model = locked(&model)?;
                    let mut report = step::step(&mut model, &batch, &options, &update, backward, control)?;
                    let precision = model.precision();
                    let state = report.0.state.take();
                    let state = state.map(|state| AnyState::from_doubles(precision, &state));
                    if !options.scores {
                        report.0.scores.clear();
                    }
                    succeeded.store(number, Ordering::Relaxed);
                    Ok((report, state))
                })
            },
            |env, ((report, gradient), state): (Report, Option<AnyState>)| {
                let mut out = Object::new(env).map_err(from_napi)?;
                out.set("loss", report.loss).map_err(from_napi)?;
                if !report.terms.is_empty() {
                    out.set("terms", by_name(env, &report.terms)?).map_err(from_napi)?;
                }
                if !report.metrics.is_empty() {
                    let mut metrics = env.create_array(0).map_err(from_napi)?;
                    for metric in &report.metrics {
                        metrics.insert(by_name(env, metric)?).map_err(from_napi)?;
                    }
                    out.set("metrics", metrics).map_err(from_napi)?;
                }
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
                out.set("classes", report.classes as u32).map_err(from_napi)?;
                out.set("labels", arrays::array(env, "predictions", &report.labels)?).map_err(from_napi)?;
                if !report.scores.is_empty() {
                    out.set("scores", arrays::array(env, "scores", &report.scores)?).map_err(from_napi)?;
                }
                out.set("byMembrane", arrays::array(env, "predictions", &report.by_membrane)?)
                    .map_err(from_napi)?;
                if let Some(state) = state {
                    out.set("state", NativeState { state: Arc::new(state) }).map_err(from_napi)?;
                }
                if let Some(gradient) = gradient {
                    out.set("inputGradient", arrays::array(env, "input gradient", &gradient)?)
                        .map_err(from_napi)?;
                }
                Raw::new(env, out)
            },
        )
    }

    /// Takes the times of training steps from now on, or no longer. Returns JSON of the times since the last call, in ms:
    /// `{ units: [{ layers, forward, backward }], update }`.
    #[napi(ts_return_type = "Outcome<string>")]
    pub fn take_times(&self, goes_on: bool) -> Outcome<String> {
        sync(|| {
            let model = self.handle.get()?;
            let (names, times) = locked(&model)?.take_times(goes_on);
            let ms = |time: &std::time::Duration| time.as_secs_f64() * 1000.0;
            let units: Vec<serde_json::Value> = names
                .iter()
                .zip(times.forward.iter().zip(&times.backward))
                .map(|(layers, (forward, backward))| {
                    serde_json::json!({ "layers": layers, "forward": ms(forward), "backward": ms(backward) })
                })
                .collect();
            Ok(serde_json::json!({ "units": units, "update": ms(&times.update) }).to_string())
        })
    }

    /// Applies the optimizer to the current gradients and clears them.
    #[napi(ts_return_type = "Promise<Outcome<number | null>>")]
    pub fn update<'env>(
        &self,
        env: &'env Env,
        update: &NativeUpdate,
        lr_factor: f64,
        handle: Option<&TaskHandle>,
    ) -> napi::Result<Object<'env>> {
        spawn(
            env,
            Call::new("update", handle).on(&self.strand).with_threads(self.own_threads()),
            || {
                let model = self.handle.get()?;
                let update = Arc::clone(&update.update);
                Ok(move |_: &lapicque_core::Control| locked(&model)?.update(&update, lr_factor))
            },
            |_, norm: Option<f64>| Ok(norm),
        )
    }
}

/// For each population, the fraction of its neurons and steps at which the gradient of its spikes is read, and the
/// fraction of that gradient that was computed; null if the total is 0.
fn fractions(counts: &[ActiveCounts]) -> (Vec<Option<f64>>, Vec<Option<f64>>) {
    let of = |part: u64, all: u64| (all > 0).then(|| part as f64 / all as f64);
    let active = counts.iter().map(|counts| of(counts.active, counts.elements));
    let computed = counts.iter().map(|counts| of(counts.computed, counts.products));
    (active.collect(), computed.collect())
}

/// An object of numbers.
fn by_name<'env>(env: &'env Env, values: &[(String, f64)]) -> lapicque_core::Result<Object<'env>> {
    let mut object = Object::new(env).map_err(from_napi)?;
    for (name, value) in values {
        object.set(name.as_str(), *value).map_err(from_napi)?;
    }
    Ok(object)
}
