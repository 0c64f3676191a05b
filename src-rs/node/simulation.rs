//! A large network in JavaScript's hands.

use crate::arrays;
use crate::boundary::{Outcome, Raw, from_napi, sync};
use crate::handle::{Handle, lock};
use crate::numbers::{self, MAX_SAFE_INTEGER};
use crate::task::{TaskHandle, spawn_with};
use lapicque_core::lanes::Strand;
use lapicque_core::simulate::description::Rule;
use lapicque_core::simulate::distribution::Distribution;
use lapicque_core::simulate::{
    Description, PopulationState, Precision, Recording, Simulation, SimulationState, Trace,
};
use lapicque_core::{Control, Error, Result, settings};
use napi::Env;
use napi::bindgen_prelude::{Float64Array, Object, ObjectFinalize, Uint8Array, Uint32Array};
use napi_derive::napi;
use serde_json::json;
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// A simulation, and the steps that it has done: told without waiting for a run under way.
pub struct Running {
    simulation: AnySimulation,
    step: AtomicU64,
}

enum AnySimulation {
    F32(Mutex<Simulation<f32>>),
    F64(Mutex<Simulation<f64>>),
}

macro_rules! simulation {
    ($any:expr, $simulation:ident => $body:expr) => {
        match $any {
            AnySimulation::F32(inner) => {
                #[allow(unused_mut)]
                let mut $simulation = lock("the simulation", inner)?;
                $body
            }
            AnySimulation::F64(inner) => {
                #[allow(unused_mut)]
                let mut $simulation = lock("the simulation", inner)?;
                $body
            }
        }
    };
}

/// The long lists of one connection, which JSON would make longer still: they take the place of
/// what the description says there.
#[napi(object, object_to_js = false)]
pub struct ConnectionArrays {
    pub connection: f64,
    pub weight: Option<Float64Array>,
    pub delay: Option<Float64Array>,
    pub sources: Option<Uint32Array>,
    pub targets: Option<Uint32Array>,
}

struct Lists {
    connection: usize,
    weight: Option<Vec<f64>>,
    delay: Option<Vec<f64>>,
    sources: Option<Vec<u32>>,
    targets: Option<Vec<u32>>,
}

impl Lists {
    fn copied(from: &ConnectionArrays) -> Result<Self> {
        let numbers = |name: &str, given: &Option<Float64Array>| {
            given.as_ref().map(|array| arrays::copied(name, array)).transpose()
        };
        let indices = |name: &str, given: &Option<Uint32Array>| {
            given.as_ref().map(|array| arrays::copied(name, array)).transpose()
        };
        Ok(Lists {
            connection: numbers::size("connection", from.connection, 0..=u32::MAX as usize)?,
            weight: numbers("weight", &from.weight)?,
            delay: numbers("delay", &from.delay)?,
            sources: indices("rule.sources", &from.sources)?,
            targets: indices("rule.targets", &from.targets)?,
        })
    }

    fn place(self, description: &mut Description) -> Result<()> {
        let count = description.connections.len();
        let connection = description.connections.get_mut(self.connection).ok_or_else(|| {
            Error::invalid("connection", self.connection, format!("one of {count} connections"))
        })?;
        if let Some(values) = self.weight {
            connection.weight = Distribution::Values(values);
        }
        if let Some(values) = self.delay {
            connection.delay = Distribution::Values(values);
        }
        if let Rule::List { sources, targets } = &mut connection.rule {
            *sources = self.sources.unwrap_or(std::mem::take(sources));
            *targets = self.targets.unwrap_or(std::mem::take(targets));
        }
        Ok(())
    }
}

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

/// Builds a network from its description (JSON) and the lists that are not in it.
#[napi(ts_return_type = "Promise<Outcome<NativeSimulation>>")]
pub fn build_simulation<'env>(
    env: &'env Env,
    description: String,
    lists: Vec<ConnectionArrays>,
    precision: String,
    seed: f64,
    threads: Option<f64>,
    handle: Option<&TaskHandle>,
) -> napi::Result<Object<'env>> {
    spawn_with(
        env,
        None,
        handle,
        move || {
            let level = settings::simd()?;
            let seed = numbers::whole("seed", seed, 0..=MAX_SAFE_INTEGER)?;
            let lists = lists.iter().map(Lists::copied).collect::<Result<Vec<_>>>()?;
            let job = move |control: &Control| {
                let mut description = Description::from_json(&description)?;
                lists.into_iter().try_for_each(|lists| lists.place(&mut description))?;
                match precision.as_str() {
                    "f32" => {
                        let built = Simulation::new(description, seed, level, control)?;
                        let (summary, bytes) = summarise(&built);
                        Ok((AnySimulation::F32(Mutex::new(built)), summary, bytes))
                    }
                    "f64" => {
                        let built = Simulation::new(description, seed, level, control)?;
                        let (summary, bytes) = summarise(&built);
                        Ok((AnySimulation::F64(Mutex::new(built)), summary, bytes))
                    }
                    other => Err(Error::invalid("precision", other, "f32 or f64")),
                }
            };
            Ok((job, threads_or_default(threads)?))
        },
        |env, (simulation, summary, bytes)| {
            let running = Running { simulation, step: AtomicU64::new(0) };
            let handle = Handle::new(env, "the simulation", running, bytes);
            Ok(NativeSimulation { handle, strand: Strand::default(), summary })
        },
    )
}

fn threads_or_default(threads: Option<f64>) -> Result<usize> {
    match threads {
        Some(threads) => numbers::size("threads", threads, 1..=1024),
        None => settings::threads(),
    }
}

/// What does not change after building, as JSON, and about how many bytes it takes.
fn summarise<F: Precision>(simulation: &Simulation<F>) -> (String, usize) {
    let plan = &simulation.plan;
    let populations: Vec<_> = plan
        .populations
        .iter()
        .map(|p| json!({ "name": p.name, "size": p.size, "first": p.first }))
        .collect();
    let synapses = simulation.synapses();
    let summary = json!({ "populations": populations, "neurons": plan.neurons, "synapses": synapses, "bytes": simulation.bytes });
    (summary.to_string(), synapses as usize * size_of::<F::Synapse>())
}

#[napi]
impl NativeSimulation {
    #[napi(getter)]
    pub fn summary(&self) -> String {
        self.summary.clone()
    }

    /// Steps done by all runs that have ended.
    #[napi]
    pub fn step(&self) -> Outcome<f64> {
        sync(|| Ok(self.handle.get()?.step.load(Ordering::Relaxed) as f64))
    }

    /// Advances by `steps`; resolves to the spikes and traces of these steps, times in ms.
    #[napi(
        ts_return_type = "Promise<Outcome<{ times: Float64Array, ids: Uint32Array, synapticEvents: number, traces: { times: Float64Array, values: Float64Array }[], weights: { times: Float64Array, values: Float64Array }[] }>>"
    )]
    pub fn run<'env>(
        &self,
        env: &'env Env,
        steps: f64,
        threads: Option<f64>,
        handle: Option<&TaskHandle>,
    ) -> napi::Result<Object<'env>> {
        spawn_with(
            env,
            Some(&self.strand),
            handle,
            || {
                let running = self.handle.get()?;
                let steps = numbers::whole("steps", steps, 0..=1 << 40)?;
                let job = move |control: &Control| {
                    simulation!(&running.simulation, s => {
                        let dt = s.plan.description.dt;
                        let recording = s.run(steps, control);
                        running.step.store(s.step(), Ordering::Relaxed);
                        recording.map(|recording| (dt, recording))
                    })
                };
                Ok((job, threads_or_default(threads)?))
            },
            |env, (dt, recording)| exported(env, dt, &recording),
        )
    }

    /// Where the simulation is, after all runs asked for before.
    #[napi(ts_return_type = "Promise<Outcome<SavedSimulation>>")]
    pub fn save<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        spawn_with(
            env,
            Some(&self.strand),
            None,
            || {
                let running = self.handle.get()?;
                let job = move |_: &Control| simulation!(&running.simulation, s => Ok(s.save()));
                Ok((job, settings::threads()?))
            },
            |env, state| saved(env, &state),
        )
    }

    /// Goes on from a state.
    #[napi(ts_return_type = "Promise<Outcome<undefined>>")]
    pub fn restore<'env>(
        &self,
        env: &'env Env,
        #[napi(ts_arg_type = "SavedSimulation")] state: SavedSimulation,
    ) -> napi::Result<Object<'env>> {
        spawn_with(
            env,
            Some(&self.strand),
            None,
            || {
                let running = self.handle.get()?;
                let state = state.state()?;
                let job = move |_: &Control| {
                    simulation!(&running.simulation, s => {
                        s.restore(&state)?;
                        running.step.store(s.step(), Ordering::Relaxed);
                        Ok(())
                    })
                };
                Ok((job, settings::threads()?))
            },
            |_, ()| Ok(()),
        )
    }

    /// A state or parameter of some neurons, after all runs asked for before.
    #[napi(ts_return_type = "Promise<Outcome<Float64Array>>")]
    pub fn get<'env>(
        &self,
        env: &'env Env,
        population: String,
        from: f64,
        to: f64,
        name: String,
    ) -> napi::Result<Object<'env>> {
        spawn_with(
            env,
            Some(&self.strand),
            None,
            || {
                let running = self.handle.get()?;
                let neurons = neurons(from, to)?;
                let job = move |_: &Control| {
                    simulation!(&running.simulation, s => {
                        let values = s.get(&population, neurons, &name)?;
                        Ok((name, values))
                    })
                };
                Ok((job, settings::threads()?))
            },
            |env, (name, values)| Raw::new(env, arrays::array(env, &name, &values)?),
        )
    }

    /// Gives some neurons new values of states and parameters, after all runs asked for before.
    #[napi(ts_return_type = "Promise<Outcome<undefined>>")]
    pub fn set<'env>(
        &self,
        env: &'env Env,
        population: String,
        from: f64,
        to: f64,
        values: Vec<SavedValues>,
    ) -> napi::Result<Object<'env>> {
        spawn_with(
            env,
            Some(&self.strand),
            None,
            || {
                let running = self.handle.get()?;
                let neurons = neurons(from, to)?;
                let copied = |of: &SavedValues| Ok((of.name.clone(), arrays::copied(&of.name, &of.values)?));
                let values: Vec<(String, Vec<f64>)> = values.iter().map(copied).collect::<Result<_>>()?;
                let job = move |_: &Control| simulation!(&running.simulation, s => s.set(&population, neurons, &values));
                Ok((job, settings::threads()?))
            },
            |_, ()| Ok(()),
        )
    }

    /// The synapses of a connection, which the description numbers, after all runs asked for before.
    #[napi(
        ts_return_type = "Promise<Outcome<{ sources: Uint32Array, targets: Uint32Array, delays: Float64Array, variables: { name: string, values: Float64Array }[] }>>"
    )]
    pub fn synapses<'env>(&self, env: &'env Env, connection: f64) -> napi::Result<Object<'env>> {
        spawn_with(
            env,
            Some(&self.strand),
            None,
            || {
                let running = self.handle.get()?;
                let connection = numbers::size("connection", connection, 0..=u32::MAX as usize)?;
                let job = move |_: &Control| {
                    simulation!(&running.simulation, s => {
                        let dt = s.plan.description.dt;
                        Ok((dt, s.synapses_of(connection)?))
                    })
                };
                Ok((job, settings::threads()?))
            },
            |env, (dt, synapses)| {
                let delays: Vec<f64> = synapses.delays.iter().map(|&steps| f64::from(steps) * dt).collect();
                let mut out = Object::new(env).map_err(from_napi)?;
                out.set("sources", arrays::array(env, "sources", &synapses.sources)?).map_err(from_napi)?;
                out.set("targets", arrays::array(env, "targets", &synapses.targets)?).map_err(from_napi)?;
                out.set("delays", arrays::array(env, "delays", &delays)?).map_err(from_napi)?;
                out.set("variables", named(env, &synapses.variables)?).map_err(from_napi)?;
                Raw::new(env, out)
            },
        )
    }

    /// Synaptic elements and calcium of a connection whose synapses come and go: `{ axonal, axonalCalcium, dendritic,
    /// dendriticCalcium }`.
    #[napi(ts_return_type = "Promise<Outcome<unknown>>")]
    pub fn elements<'env>(&self, env: &'env Env, connection: f64) -> napi::Result<Object<'env>> {
        spawn_with(
            env,
            Some(&self.strand),
            None,
            || {
                let running = self.handle.get()?;
                let connection = numbers::size("connection", connection, 0..=u32::MAX as usize)?;
                let job = move |_: &Control| simulation!(&running.simulation, s => s.elements_of(connection));
                Ok((job, settings::threads()?))
            },
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

    /// The weights of such a connection alone, in the precision of the simulation.
    #[napi(ts_return_type = "Promise<Outcome<Float32Array | Float64Array>>")]
    pub fn weights<'env>(&self, env: &'env Env, connection: f64) -> napi::Result<Object<'env>> {
        spawn_with(
            env,
            Some(&self.strand),
            None,
            || {
                let running = self.handle.get()?;
                let connection = numbers::size("connection", connection, 0..=u32::MAX as usize)?;
                let job = move |_: &Control| match &running.simulation {
                    AnySimulation::F32(inner) => {
                        Ok(Weights::F32(lock("the simulation", inner)?.weights_of(connection)?))
                    }
                    AnySimulation::F64(inner) => {
                        Ok(Weights::F64(lock("the simulation", inner)?.weights_of(connection)?))
                    }
                };
                Ok((job, settings::threads()?))
            },
            |env, weights| match weights {
                Weights::F32(values) => Raw::new(env, arrays::array(env, "weights", &values)?),
                Weights::F64(values) => Raw::new(env, arrays::array(env, "weights", &values)?),
            },
        )
    }

    #[napi]
    pub fn dispose(&self, env: Env) {
        self.handle.dispose(&env);
    }
}

enum Weights {
    F32(Vec<f32>),
    F64(Vec<f64>),
}

fn neurons(from: f64, to: f64) -> Result<Range<usize>> {
    let number = |name, x| numbers::size(name, x, 0..=u32::MAX as usize);
    Ok(number("from", from)?..number("to", to)?)
}

fn exported(env: &Env, dt: f64, recording: &Recording) -> Result<Raw> {
    let times = |steps: &[u64]| steps.iter().map(|&step| step as f64 * dt).collect::<Vec<_>>();
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
    out.set("times", arrays::array(env, "times", &times(&recording.steps))?).map_err(from_napi)?;
    out.set("ids", arrays::array(env, "ids", &recording.neurons)?).map_err(from_napi)?;
    out.set("synapticEvents", recording.synaptic_events as f64).map_err(from_napi)?;
    out.set("traces", exported(&recording.traces)?).map_err(from_napi)?;
    out.set("weights", exported(&recording.weights)?).map_err(from_napi)?;
    Raw::new(env, out)
}

/// The state of a simulation as JavaScript has it. Lists of names and values, since names are the
/// user's.
#[napi(object, object_to_js = false)]
pub struct SavedSimulation {
    pub step: f64,
    pub populations: Vec<SavedPopulation>,
    /// Steps and neurons of the spikes under way.
    pub in_flight_steps: Float64Array,
    pub in_flight_ids: Uint32Array,
    /// What synapses and parameters that change have learned, as the engine packs it.
    pub plastic: Uint8Array,
}

#[napi(object, object_to_js = false)]
pub struct SavedPopulation {
    pub name: String,
    pub states: Vec<SavedValues>,
}

#[napi(object, object_to_js = false)]
pub struct SavedValues {
    pub name: String,
    pub values: Float64Array,
}

impl SavedSimulation {
    fn state(&self) -> Result<SimulationState> {
        let steps: &[f64] = &self.in_flight_steps;
        let ids: &[u32] = &self.in_flight_ids;
        if steps.len() != ids.len() {
            return Err(Error::ShapeMismatch {
                layer: "state.inFlightIds".into(),
                expected: format!("[{}]", steps.len()),
                got: format!("[{}]", ids.len()),
            });
        }
        let whole = |name: &str, value| numbers::whole(name, value, 0..=MAX_SAFE_INTEGER);
        let population = |from: &SavedPopulation| {
            let values =
                |state: &SavedValues| Ok((state.name.clone(), arrays::copied(&state.name, &state.values)?));
            let states = from.states.iter().map(values).collect::<Result<_>>()?;
            Ok(PopulationState { name: from.name.clone(), states })
        };
        let (plastic, intrinsic) = postcard::from_bytes(&self.plastic).map_err(|e| Error::MalformedFile {
            format: "state.plastic".into(),
            offset: 0,
            reason: e.to_string(),
        })?;
        Ok(SimulationState {
            step: whole("state.step", self.step)?,
            populations: self.populations.iter().map(population).collect::<Result<_>>()?,
            in_flight: (steps.iter().zip(ids))
                .map(|(&step, &id)| Ok((whole("state.inFlightSteps", step)?, id)))
                .collect::<Result<_>>()?,
            plastic,
            intrinsic,
        })
    }
}

/// Names with their values, as a list: names are the user's.
fn named<'env>(env: &'env Env, values: &[(String, Vec<f64>)]) -> Result<Vec<Object<'env>>> {
    let one = |(name, values): &(String, Vec<f64>)| {
        let mut to = Object::new(env).map_err(from_napi)?;
        to.set("name", name).map_err(from_napi)?;
        to.set("values", arrays::array(env, name, values)?).map_err(from_napi)?;
        Ok(to)
    };
    values.iter().map(one).collect()
}

fn saved(env: &Env, state: &SimulationState) -> Result<Raw> {
    let populations = state.populations.iter().map(|population| {
        let mut to = Object::new(env).map_err(from_napi)?;
        to.set("name", &population.name).map_err(from_napi)?;
        to.set("states", named(env, &population.states)?).map_err(from_napi)?;
        Ok(to)
    });
    let (steps, ids): (Vec<f64>, Vec<u32>) =
        state.in_flight.iter().map(|&(step, id)| (step as f64, id)).unzip();
    let mut out = Object::new(env).map_err(from_napi)?;
    out.set("step", state.step as f64).map_err(from_napi)?;
    out.set("populations", populations.collect::<Result<Vec<_>>>()?).map_err(from_napi)?;
    out.set("inFlightSteps", arrays::array(env, "inFlightSteps", &steps)?).map_err(from_napi)?;
    out.set("inFlightIds", arrays::array(env, "inFlightIds", &ids)?).map_err(from_napi)?;
    let plastic = postcard::to_allocvec(&(&state.plastic, &state.intrinsic))
        .map_err(|e| Error::Internal { reason: e.to_string() })?;
    out.set("plastic", arrays::array(env, "plastic", &plastic)?).map_err(from_napi)?;
    Raw::new(env, out)
}

/// Draws `count` values of a distribution (JSON).
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
