//! A compiled model for JavaScript: its handle, its description, the memory it needs, sessions. Training, passes and
//! tensors are in separate files.

use crate::boundary::{Outcome, json, sync};
use crate::handle::{Handle, lock};
use crate::numbers;
use crate::session::NativeSession;
use crate::task::{Call, spawn};
use lapicque_core::exec::online_plan::OnlineRule;
use lapicque_core::exec::{AnyNetwork, estimate};
use lapicque_core::graph::Plan;
use lapicque_core::train::AnyTraining;
use lapicque_core::train::declared::Declared;
use lapicque_core::train::optimizer::OptimizerSpec;
use lapicque_core::workers::Strand;
use lapicque_core::{Error, Result};
use napi::Env;
use napi::bindgen_prelude::{Object, ObjectFinalize, ToNapiValue};
use napi_derive::napi;
use serde_json::Value;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

/// The model, once no other task uses it.
pub fn locked(model: &Mutex<AnyTraining>) -> Result<MutexGuard<'_, AnyTraining>> {
    lock("the model", model)
}

#[napi(custom_finalize)]
pub struct NativeModel {
    pub(crate) handle: Handle<Mutex<AnyTraining>>,
    /// Calls take effect in the order in which they are made.
    pub(crate) strand: Strand,
    pub(crate) sizes: Sizes,
    pub(crate) summary: String,
    pub(crate) batches: Batches,
    /// Number of threads of a training step; 0 for that of the process.
    pub(crate) threads: AtomicUsize,
}

/// Counts the calls of `train_step`, for pipelined calls.
#[derive(Default)]
pub struct Batches {
    pub(crate) called: AtomicU64,
    /// The last call that succeeded.
    pub(crate) succeeded: Arc<AtomicU64>,
}

/// The numbers that determine the memory of a batch.
pub struct Sizes {
    pub(crate) plan: Arc<Plan>,
    /// Name and number of elements of each parameter, as stored, and whether it is trained.
    parameters: Vec<(String, u64, bool)>,
    /// The parameters of losses, by name, and their numbers of elements.
    of_losses: Mutex<Vec<(String, u64)>>,
    /// Bytes of an element.
    real: u64,
}

impl Sizes {
    pub fn new(network: &AnyNetwork) -> Self {
        let plan = Arc::clone(network.plan());
        let parameters = network.parameters().into_iter();
        let parameters = parameters.map(|p| (p.name, p.stored, p.trainable)).collect();
        Sizes { plan, parameters, of_losses: Mutex::default(), real: network.precision().bytes() }
    }

    /// Elements of all parameters.
    fn stored(&self) -> u64 {
        self.parameters.iter().map(|(_, elements, _)| elements).sum()
    }

    /// Parameters of losses that may be new.
    pub(crate) fn declare(&self, declared: &[Declared]) -> Result<()> {
        let mut known = lock("the parameters of losses", &self.of_losses)?;
        for one in declared {
            if known.iter().all(|(name, _)| *name != one.name) {
                known.push((one.name.clone(), one.elements()));
            }
        }
        Ok(())
    }

    /// All parameters.
    fn all(&self) -> Result<Vec<(String, u64, bool)>> {
        let of_losses = lock("the parameters of losses", &self.of_losses)?;
        let of_losses = of_losses.iter().map(|(name, elements)| (name.clone(), *elements, true));
        Ok(self.parameters.iter().cloned().chain(of_losses).collect())
    }

    /// Names of all parameters.
    pub(crate) fn names(&self) -> Result<Vec<String>> {
        Ok(self.all()?.into_iter().map(|(name, ..)| name).collect())
    }

    /// Elements of the moments of an optimizer, as JSON.
    fn moments(&self, optimizer: &str) -> Result<u64> {
        let optimizer: Value = serde_json::from_str(optimizer)
            .map_err(|e| Error::invalid("optimizer", optimizer, e.to_string()))?;
        let spec = OptimizerSpec::from_json(&optimizer)?;
        let all = self.all()?;
        let settings = spec.settings(&all.iter().map(|(name, ..)| name.as_str()).collect::<Vec<_>>())?;
        let trained = all.iter().map(|&(_, elements, trained)| if trained { elements } else { 0 });
        Ok(spec.moment_elements(settings.iter().zip(trained)))
    }
}

impl NativeModel {
    pub(crate) fn own_threads(&self) -> Option<usize> {
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

    /// The description with the current values of learned parameters, as JSON.
    #[napi(ts_return_type = "Promise<Outcome<string>>")]
    pub fn description<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        self.ask(env, "description", |model| json(&locked(model)?.current_description()))
    }

    /// SHA-256 over all parameters' little-endian bytes in order, public layout.
    #[napi(ts_return_type = "Promise<Outcome<string>>")]
    pub fn weights_sha256<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        self.ask(env, "weightsSha256", |model| Ok(locked(model)?.weights_sha256()))
    }

    /// The bytes that a batch needs, as JSON; it is not an error if they exceed memory. With an optimizer, given as
    /// JSON, the bytes of a training step.
    #[napi]
    pub fn estimate(
        &self,
        steps: f64,
        batch: f64,
        segment: Option<f64>,
        optimizer: Option<String>,
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
            // Without the lock, because a running task holds it.
            self.handle.get()?;
            let (Sizes { plan, real, .. }, stored) = (&self.sizes, self.sizes.stored());
            let training = optimizer.is_some();
            let moments = optimizer.map_or(Ok(0), |optimizer| self.sizes.moments(&optimizer))?;
            let work = estimate::Workload { batch, steps, segment, training, input, whole: false, moments };
            let rule = [OnlineRule::EProp, OnlineRule::Ottt].into_iter().find(|rule| rule.name() == method);
            let estimate = match rule {
                Some(rule) => estimate::estimate_online(plan, stored, &work, rule, *real),
                None => estimate::estimate(plan, plan.fusions.uses(), stored, &work, *real),
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
                Ok(move |_: &lapicque_core::Control| locked(&model)?.session(&record))
            },
            |env, session| Ok(NativeSession::new(env, session)),
        )
    }
}

impl NativeModel {
    /// A short task that runs after the tasks submitted before it; its result is returned to JavaScript unchanged.
    pub(crate) fn ask<'env, T: ToNapiValue + Send + 'static>(
        &self,
        env: &'env Env,
        name: &'static str,
        job: impl FnOnce(&Mutex<AnyTraining>) -> Result<T> + Send + 'static,
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
