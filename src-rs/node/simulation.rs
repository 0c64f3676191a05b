//! A large network, for JavaScript.

use crate::arrays::{self, Float64ArraySlice};
use crate::boundary::{Outcome, Raw, from_napi, sync};
use crate::compile::operation_counts;
use crate::handle::{Handle, lock};
use crate::network_arrays::NetworkArrays;
use crate::numbers::{self, MAX_SAFE_INTEGER};
use crate::saved_simulation::{SavedSimulation, SavedValues, named, saved};
use crate::simulation_estimate::{storage_of, threads_or_default};
use crate::task::{Call, Needs, TaskHandle, spawn_with};
use lapicque_core::simulate::distribution::Distribution;
use lapicque_core::simulate::{AnySimulation, Description, Milliseconds, Recording, Trace};
use lapicque_core::workers::Strand;
use lapicque_core::{Control, Error, Precision, Result, settings};
use napi::Env;
use napi::bindgen_prelude::{Object, ObjectFinalize, ToNapiValue};
use napi_derive::napi;
use serde_json::json;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A simulation and its number of completed steps, which can be read without waiting for a current run.
pub struct Running {
    simulation: Mutex<AnySimulation>,
    step: AtomicU64,
    ms: Milliseconds,
    neurons: u64,
    /// Names of what is computed in double precision, readable as `step` is.
    in_double_precision: Mutex<Vec<String>>,
    /// The number of threads of the next steps, readable as `step` is.
    threads: AtomicU64,
}

impl Running {
    pub(crate) fn lock(&self) -> Result<MutexGuard<'_, AnySimulation>> {
        lock("the simulation", &self.simulation)
    }

    /// Publishes what readers see without waiting: after a job that may have changed it.
    pub(crate) fn publish(&self, simulation: &AnySimulation) {
        self.step.store(simulation.step(), Ordering::Relaxed);
        self.threads.store(simulation.chosen_threads() as u64, Ordering::Relaxed);
        let names = simulation.in_double_precision();
        *self.in_double_precision.lock().unwrap_or_else(PoisonError::into_inner) = names;
    }
}

/// A run with more neuron updates (steps times neurons) than this takes longer than a short task may take.
const SHORT_RUN: u64 = 1 << 21;

#[napi(custom_finalize)]
pub struct NativeSimulation {
    handle: Handle<Running>,
    strand: Strand,
    summary: String,
}

impl ObjectFinalize for NativeSimulation {
    fn finalize(self, env: Env) -> napi::Result<()> {
        self.handle.dispose(&env);
        Ok(())
    }
}

/// Builds a network from its description (JSON) and the lists that are passed separately.
#[napi(ts_return_type = "Promise<Outcome<NativeSimulation>>")]
#[allow(clippy::too_many_arguments)]
pub fn build_simulation<'env>(
    env: &'env Env,
    description: String,
    lists: NetworkArrays,
    precision: String,
    seed: f64,
    threads: Option<f64>,
    handle: Option<&TaskHandle>,
) -> napi::Result<Object<'env>> {
    spawn_with(
        env,
        Call::new("simulation.build", handle),
        move || {
            let level = settings::simd()?;
            let seed = numbers::whole("seed", seed, 0..=MAX_SAFE_INTEGER)?;
            let lists = lists.edits()?;
            let job = move |control: &Control| {
                let json = description;
                let mut description = Description::from_json(&json)?;
                drop(json);
                lists.into_iter().try_for_each(|edit| edit(&mut description))?;
                let precision = Precision::from_name(&precision)?;
                let simulation = AnySimulation::new(description, seed, precision, level, control)?;
                let (summary, bytes) = summarize(&simulation);
                let running = Running {
                    step: AtomicU64::new(0),
                    ms: Milliseconds::new(simulation.plan().description.dt),
                    neurons: simulation.plan().neurons as u64,
                    in_double_precision: Mutex::new(simulation.in_double_precision()),
                    threads: AtomicU64::new(simulation.chosen_threads() as u64),
                    simulation: Mutex::new(simulation),
                };
                Ok((running, summary, bytes))
            };
            Ok((job, Needs { threads: threads_or_default(threads)?, long: false }))
        },
        |env, (running, summary, bytes)| {
            let handle = Handle::new(env, "the simulation", running, bytes);
            Ok(NativeSimulation { handle, strand: Strand::default(), summary })
        },
    )
}

/// The properties that do not change after building, as JSON, and the approximate size in bytes.
fn summarize(simulation: &AnySimulation) -> (String, usize) {
    let plan = simulation.plan();
    let populations: Vec<_> = plan
        .populations
        .iter()
        .map(|p| {
            // The program of cells with morphologies is not that of one neuron.
            let operations = p.bound.cells().is_none().then(|| operation_counts(&p.bound.forward));
            json!({ "name": p.name, "size": p.size, "first": p.first, "operations": operations })
        })
        .collect();
    let summary = json!({
        "populations": populations, "neurons": plan.neurons, "synapses": simulation.synapses(), "bytes": simulation.bytes(),
        "storage": storage_of(plan, simulation.precision()),
        "inDoublePrecision": simulation.in_double_precision()
    });
    (summary.to_string(), simulation.synapse_bytes() as usize)
}

#[napi]
impl NativeSimulation {
    #[napi(getter)]
    pub fn summary(&self) -> String {
        self.summary.clone()
    }

    /// The simulated time after the last completed run or restore, in ms.
    #[napi]
    pub fn time(&self) -> Outcome<f64> {
        sync(|| {
            let running = self.handle.get()?;
            Ok(running.ms.of(running.step.load(Ordering::Relaxed)))
        })
    }

    /// The number of threads that the last completed run chose.
    #[napi]
    pub fn chosen_threads(&self) -> Outcome<f64> {
        sync(|| Ok(self.handle.get()?.threads.load(Ordering::Relaxed) as f64))
    }

    /// Names of populations and connections that are computed in double precision in a network of single precision, after the
    /// last completed change.
    #[napi]
    pub fn in_double_precision(&self) -> Outcome<Vec<String>> {
        sync(|| {
            let running = self.handle.get()?;
            let names = running.in_double_precision.lock().unwrap_or_else(PoisonError::into_inner);
            Ok(names.clone())
        })
    }

    /// Advances by `steps`; resolves to the spikes and traces of these steps. Times are in ms.
    #[napi(
        ts_return_type = "Promise<Outcome<{ start: number, stop: number, times: Float64Array, ids: Uint32Array, synapticEvents: number, traces: { times: Float64Array, values: Float64Array }[], weights: { times: Float64Array, values: Float64Array }[], means: { times: Float64Array, values: Float64Array }[], fields: { times: Float64Array, values: Float64Array }[] }>>"
    )]
    pub fn run<'env>(
        &self,
        env: &'env Env,
        steps: f64,
        threads: Option<f64>,
        handle: Option<&TaskHandle>,
    ) -> napi::Result<Object<'env>> {
        let prepare = |running: &Running| {
            let steps = numbers::whole("steps", steps, 0..=1 << 40)?;
            let long = steps.saturating_mul(running.neurons) > SHORT_RUN;
            let job = move |running: &Running, control: &Control| {
                let mut s = running.lock()?;
                let start = s.step();
                let recording = s.run(steps, control);
                running.publish(&s);
                recording.map(|recording| (running.ms, [start, s.step()], recording))
            };
            Ok((job, Needs { threads: threads_or_default(threads)?, long }))
        };
        self.enqueue(env, Call::new("simulation.run", handle), prepare, |env, (ms, span, recording)| {
            exported(env, ms, span, &recording)
        })
    }

    /// The state of the simulation after all previously requested runs.
    #[napi(ts_return_type = "Promise<Outcome<SavedSimulation>>")]
    pub fn save<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let job = |running: &Running| Ok(running.lock()?.save());
        self.enqueue_short(env, "simulation.save", || Ok(job), |env, state| saved(env, &state))
    }

    /// Continues from a saved state.
    #[napi(ts_return_type = "Promise<Outcome<undefined>>")]
    pub fn restore<'env>(
        &self,
        env: &'env Env,
        #[napi(ts_arg_type = "SavedSimulation")] state: SavedSimulation,
    ) -> napi::Result<Object<'env>> {
        let prepare = || {
            let state = state.state()?;
            Ok(move |running: &Running| {
                let mut s = running.lock()?;
                s.restore(&state)?;
                running.publish(&s);
                Ok(())
            })
        };
        self.enqueue_short(env, "simulation.restore", prepare, |_, ()| Ok(()))
    }

    /// A state or parameter of some neurons, after all previously requested runs.
    #[napi(ts_return_type = "Promise<Outcome<Float64Array>>")]
    pub fn get<'env>(
        &self,
        env: &'env Env,
        population: String,
        from: f64,
        to: f64,
        name: String,
    ) -> napi::Result<Object<'env>> {
        let prepare = || {
            let neurons = neurons(from, to)?;
            Ok(move |running: &Running| {
                let values = running.lock()?.get(&population, neurons, &name)?;
                Ok((name, values))
            })
        };
        self.enqueue_short(env, "simulation.get", prepare, |env, (name, values)| {
            Raw::new(env, arrays::array(env, &name, &values)?)
        })
    }

    /// Sets states and parameters of some neurons, after all previously requested runs.
    #[napi(ts_return_type = "Promise<Outcome<undefined>>")]
    pub fn set<'env>(
        &self,
        env: &'env Env,
        population: String,
        from: f64,
        to: f64,
        values: Vec<SavedValues>,
    ) -> napi::Result<Object<'env>> {
        let prepare = || {
            let neurons = neurons(from, to)?;
            let values = copied(&values)?;
            Ok(move |running: &Running| {
                let mut s = running.lock()?;
                s.set(&population, neurons, &values)?;
                running.publish(&s);
                Ok(())
            })
        };
        self.enqueue_short(env, "simulation.set", prepare, |_, ()| Ok(()))
    }

    /// The synapses of a connection, given by its index in the description, after all previously requested runs.
    #[napi(
        ts_return_type = "Promise<Outcome<{ sources: Uint32Array, targets: Uint32Array, delays: Float64Array, variables: { name: string, values: Float64Array }[] }>>"
    )]
    pub fn synapses<'env>(&self, env: &'env Env, connection: f64) -> napi::Result<Object<'env>> {
        let prepare = || {
            let connection = index(connection)?;
            Ok(move |running: &Running| Ok((running.ms, running.lock()?.synapses_of(connection)?)))
        };
        self.enqueue_short(env, "simulation.synapses", prepare, |env, (ms, synapses)| {
            let delays: Vec<f64> = synapses.delays.iter().map(|&steps| ms.of(steps.into())).collect();
            let mut out = Object::new(env).map_err(from_napi)?;
            out.set("sources", arrays::array(env, "sources", &synapses.sources)?).map_err(from_napi)?;
            out.set("targets", arrays::array(env, "targets", &synapses.targets)?).map_err(from_napi)?;
            out.set("delays", arrays::array(env, "delays", &delays)?).map_err(from_napi)?;
            out.set("variables", named(env, &synapses.variables)?).map_err(from_napi)?;
            Raw::new(env, out)
        })
    }

    /// Synaptic elements and calcium of a connection with structural plasticity: `{ axonal, axonalCalcium, dendritic,
    /// dendriticCalcium }`.
    #[napi(ts_return_type = "Promise<Outcome<unknown>>")]
    pub fn elements<'env>(&self, env: &'env Env, connection: f64) -> napi::Result<Object<'env>> {
        let prepare = || {
            let connection = index(connection)?;
            Ok(move |running: &Running| running.lock()?.elements_of(connection))
        };
        self.enqueue_short(
            env,
            "simulation.elements",
            prepare,
            |env, [[axonal_calcium, axonal], [dendritic_calcium, dendritic]]| {
                let mut out = Object::new(env).map_err(from_napi)?;
                let arrays = [
                    ("axonal", axonal),
                    ("axonalCalcium", axonal_calcium),
                    ("dendritic", dendritic),
                    ("dendriticCalcium", dendritic_calcium),
                ];
                for (name, values) in arrays {
                    out.set(name, arrays::array(env, name, &values)?).map_err(from_napi)?;
                }
                Raw::new(env, out)
            },
        )
    }

    /// The weights of a plastic connection, in the precision of the simulation.
    #[napi(ts_return_type = "Promise<Outcome<Float32Array | Float64Array>>")]
    pub fn weights<'env>(&self, env: &'env Env, connection: f64) -> napi::Result<Object<'env>> {
        let prepare = || {
            let connection = index(connection)?;
            Ok(move |running: &Running| running.lock()?.weights_of(connection))
        };
        self.enqueue_short(env, "simulation.weights", prepare, |env, weights| {
            arrays::reals(env, "weights", &weights)
        })
    }

    /// Sets the weights (`w`) or other variables of the synapses of plastic connections, one connection after the
    /// other.
    #[napi(ts_return_type = "Promise<Outcome<undefined>>")]
    pub fn set_synapses<'env>(
        &self,
        env: &'env Env,
        connections: Vec<f64>,
        values: Vec<SavedValues>,
    ) -> napi::Result<Object<'env>> {
        let prepare = || {
            let connections = connections.into_iter().map(index).collect::<Result<Vec<_>>>()?;
            let values = copied(&values)?;
            Ok(move |running: &Running| running.lock()?.set_synapses(&connections, &values))
        };
        self.enqueue_short(env, "simulation.setSynapses", prepare, |_, ()| Ok(()))
    }

    /// Sets the weights of connections without a synapse model, one connection after the other.
    #[napi(ts_return_type = "Promise<Outcome<undefined>>")]
    pub fn set_weights<'env>(
        &self,
        env: &'env Env,
        connections: Vec<f64>,
        weights: Float64ArraySlice,
    ) -> napi::Result<Object<'env>> {
        let prepare = || {
            let connections = connections.into_iter().map(index).collect::<Result<Vec<_>>>()?;
            let weights: Vec<f64> = arrays::copied("weights", &weights)?;
            Ok(move |running: &Running| running.lock()?.set_weights(&connections, &weights))
        };
        self.enqueue_short(env, "simulation.setWeights", prepare, |_, ()| Ok(()))
    }

    #[napi]
    pub fn dispose(&self, env: Env) {
        self.handle.dispose(&env);
    }
}

impl NativeSimulation {
    /// A task on the simulation, after all previously requested tasks: `prepare` returns the job and its needs.
    fn enqueue<'env, T, J, Job>(
        &self,
        env: &'env Env,
        call: Call,
        prepare: impl FnOnce(&Running) -> Result<(Job, Needs)>,
        finish: impl FnOnce(&Env, T) -> Result<J> + Send + 'static,
    ) -> napi::Result<Object<'env>>
    where
        T: Send + 'static,
        J: ToNapiValue + 'static,
        Job: FnOnce(&Running, &Control) -> Result<T> + Send + 'static,
    {
        let prepare = || {
            let running = self.handle.get()?;
            let (job, needs) = prepare(&running)?;
            Ok((move |control: &Control| job(&running, control), needs))
        };
        spawn_with(env, call.on(&self.strand), prepare, finish)
    }

    /// As `enqueue`, for a short job that cannot be canceled.
    pub(crate) fn enqueue_short<'env, T, J, Job>(
        &self,
        env: &'env Env,
        name: &'static str,
        prepare: impl FnOnce() -> Result<Job>,
        finish: impl FnOnce(&Env, T) -> Result<J> + Send + 'static,
    ) -> napi::Result<Object<'env>>
    where
        T: Send + 'static,
        J: ToNapiValue + 'static,
        Job: FnOnce(&Running) -> Result<T> + Send + 'static,
    {
        let prepare = |_: &Running| {
            let job = prepare()?;
            let needs = Needs { threads: settings::threads()?, long: false };
            Ok((move |running: &Running, _: &Control| job(running), needs))
        };
        self.enqueue(env, Call::new(name, None), prepare, finish)
    }
}

fn copied(values: &[SavedValues]) -> Result<Vec<(String, Vec<f64>)>> {
    values.iter().map(|of| Ok((of.name.clone(), arrays::copied(&of.name, &of.values)?))).collect()
}

/// The index of a connection.
pub(crate) fn index(connection: f64) -> Result<usize> {
    numbers::size("connection", connection, 0..=u32::MAX as usize)
}

pub(crate) fn neurons(from: f64, to: f64) -> Result<Range<usize>> {
    let number = |name, x| numbers::size(name, x, 0..=u32::MAX as usize);
    Ok(number("from", from)?..number("to", to)?)
}

fn exported(env: &Env, ms: Milliseconds, [start, stop]: [u64; 2], recording: &Recording) -> Result<Raw> {
    let times = |steps: &[u64]| steps.iter().map(|&step| ms.of(step)).collect::<Vec<_>>();
    let exported = |traces: &[Trace]| -> Result<Vec<Object>> {
        let one = |trace: &Trace| {
            let mut to = Object::new(env).map_err(from_napi)?;
            to.set("times", arrays::array(env, "times", &times(&trace.steps))?).map_err(from_napi)?;
            to.set("values", arrays::array(env, "values", &trace.values)?).map_err(from_napi)?;
            Ok(to)
        };
        traces.iter().map(one).collect()
    };
    let mut out = Object::new(env).map_err(from_napi)?;
    out.set("start", ms.of(start)).map_err(from_napi)?;
    out.set("stop", ms.of(stop)).map_err(from_napi)?;
    out.set("times", arrays::array(env, "times", &times(&recording.steps))?).map_err(from_napi)?;
    out.set("ids", arrays::array(env, "ids", &recording.neurons)?).map_err(from_napi)?;
    out.set("synapticEvents", recording.synaptic_events as f64).map_err(from_napi)?;
    out.set("traces", exported(&recording.traces)?).map_err(from_napi)?;
    out.set("weights", exported(&recording.weights)?).map_err(from_napi)?;
    out.set("means", exported(&recording.means)?).map_err(from_napi)?;
    out.set("fields", exported(&recording.fields)?).map_err(from_napi)?;
    Raw::new(env, out)
}

/// Samples `count` values of a distribution (JSON).
#[napi(ts_return_type = "Outcome<Float64Array>")]
pub fn draw_values(env: &Env, distribution: String, count: f64, seed: f64) -> Outcome<Raw> {
    sync(|| {
        let distribution: Distribution = serde_json::from_str(&distribution)
            .map_err(|_| Error::invalid("distribution", &distribution, "a number or a distribution"))?;
        let count = numbers::size("count", count, 0..=1 << 30)?;
        let seed = numbers::whole("seed", seed, 0..=MAX_SAFE_INTEGER)?;
        let values = distribution.draw("distribution", count, seed)?;
        Raw::new(env, arrays::array(env, "values", &values)?)
    })
}
