//! Integer networks and their sessions, for JavaScript.

use crate::arrays::{
    self, Int8ArraySlice, Int16ArraySlice, Int32ArraySlice, Uint8ArraySlice, Uint32ArraySlice, copied,
};
use crate::boundary::{Outcome, Raw, from_napi, sync};
use crate::handle::{Handle, lock};
use crate::numbers;
use crate::task::{Call, TaskHandle, spawn};
use lapicque_core::integer::{
    Counts, IntegerNetwork, IntegerSession, IntegerStepInput, Recording, Recordings,
};
use lapicque_core::{Control, Error, Result, settings};
use napi::Env;
use napi::bindgen_prelude::{Object, ObjectFinalize};
use napi_derive::napi;
use std::sync::{Arc, Mutex};

/// The weights and rules of an integer network.
#[napi(custom_finalize)]
pub struct NativeIntegerNetwork {
    handle: Handle<Arc<IntegerNetwork>>,
}

impl ObjectFinalize for NativeIntegerNetwork {
    fn finalize(self, env: Env) -> napi::Result<()> {
        self.handle.dispose(&env);
        Ok(())
    }
}

/// Builds an integer network from a description (JSON), the weights of all connections and the parameters of all
/// layers, in the order of the description.
#[napi(ts_return_type = "Promise<Outcome<NativeIntegerNetwork>>")]
pub fn integer_network<'env>(
    env: &'env Env,
    description: String,
    weights: Int8ArraySlice,
    parameters: Int32ArraySlice,
    handle: Option<&TaskHandle>,
) -> napi::Result<Object<'env>> {
    spawn(
        env,
        Call::new("integerNetwork", handle),
        || {
            let weights = copied("weights", &weights)?;
            let parameters = copied("parameters", &parameters)?;
            let level = settings::simd()?;
            Ok(move |_: &Control| IntegerNetwork::new(&description, &weights, &parameters, level))
        },
        |env, network| {
            let bytes = network.bytes();
            Ok(NativeIntegerNetwork {
                handle: Handle::new(env, "the integer network", Arc::new(network), bytes),
            })
        },
    )
}

/// The counts of a run.
enum OwnedCounts {
    Bytes(Vec<u8>),
    Words(Vec<i16>),
}

#[napi]
impl NativeIntegerNetwork {
    /// Runs a batch `[time, batch, channels]` (`[batch, channels]` if constant) of counts in bytes or 16-bit words.
    /// Resolves to an array for each recording.
    #[napi(ts_return_type = "Promise<Outcome<(Uint8Array | Int32Array)[]>>")]
    #[allow(clippy::too_many_arguments)]
    pub fn run<'env>(
        &self,
        env: &'env Env,
        bytes: Option<Uint8ArraySlice>,
        words: Option<Int16ArraySlice>,
        steps: f64,
        batch: f64,
        constant: bool,
        record: Vec<String>,
        handle: Option<&TaskHandle>,
    ) -> napi::Result<Object<'env>> {
        spawn(
            env,
            Call::new("integerNetwork.run", handle),
            || {
                let network = self.handle.get()?;
                let steps = numbers::size("steps", steps, 0..=1 << 40)?;
                let batch = numbers::size("batch", batch, 0..=1 << 40)?;
                let values = match (bytes, words) {
                    (Some(bytes), _) => OwnedCounts::Bytes(copied("input", &bytes)?),
                    (None, Some(words)) => OwnedCounts::Words(copied("input", &words)?),
                    (None, None) => {
                        return Err(Error::invalid("input", "nothing", "a Uint8Array or an Int16Array"));
                    }
                };
                Ok(move |control: &Control| {
                    let names = record.iter().map(|name| Recording::from_name(&network, name));
                    let record = names.collect::<Result<Vec<_>>>()?;
                    match &values {
                        OwnedCounts::Bytes(values) => network.run(
                            Counts { values: &values[..], steps, batch, constant },
                            &record,
                            control,
                        ),
                        OwnedCounts::Words(values) => network.run(
                            Counts { values: &values[..], steps, batch, constant },
                            &record,
                            control,
                        ),
                    }
                })
            },
            |env, recordings: Vec<Recordings>| {
                let mut list = env.create_array(recordings.len() as u32).map_err(from_napi)?;
                for (i, recording) in recordings.iter().enumerate() {
                    match recording {
                        Recordings::Bytes(values) => {
                            list.set(i as u32, arrays::array(env, "spikes", values)?)
                        }
                        Recordings::Words(values) => {
                            list.set(i as u32, arrays::array(env, "states", values)?)
                        }
                    }
                    .map_err(from_napi)?;
                }
                Raw::new(env, list)
            },
        )
    }

    /// A new session in the initial state.
    #[napi(ts_return_type = "Outcome<NativeIntegerSession>")]
    pub fn session(&self, env: &Env) -> Outcome<Raw> {
        sync(|| Raw::new(env, NativeIntegerSession::new(env, Arc::clone(&*self.handle.get()?))?))
    }

    /// Bytes of weights and parameters, and of the state of a session.
    #[napi]
    pub fn bytes(&self) -> Outcome<Vec<f64>> {
        sync(|| {
            let network = self.handle.get()?;
            Ok(vec![network.bytes() as f64, network.state_bytes() as f64])
        })
    }

    #[napi]
    pub fn dispose(&self, env: Env) {
        self.handle.dispose(&env);
    }
}

/// A session with the list of the neurons that fired, which is reused.
struct Stream {
    session: IntegerSession,
    fired: Vec<u32>,
}

#[napi(custom_finalize)]
pub struct NativeIntegerSession {
    handle: Handle<Mutex<Stream>>,
}

impl ObjectFinalize for NativeIntegerSession {
    fn finalize(self, env: Env) -> napi::Result<()> {
        self.handle.dispose(&env);
        Ok(())
    }
}

impl NativeIntegerSession {
    fn new(env: &Env, network: Arc<IntegerNetwork>) -> Result<Self> {
        let bytes = network.state_bytes();
        let stream = Stream { session: IntegerSession::new(network)?, fired: Vec::new() };
        Ok(NativeIntegerSession { handle: Handle::new(env, "the session", Mutex::new(stream), bytes) })
    }

    fn with<T>(&self, work: impl FnOnce(&mut Stream) -> Result<T>) -> Outcome<T> {
        sync(|| {
            let stream = self.handle.get()?;
            work(&mut *lock("the session", &stream)?)
        })
    }
}

fn step<C: Copy + Into<i32>>(
    stream: &mut Stream,
    input: IntegerStepInput<C>,
    out: &Uint32ArraySlice,
) -> Result<f64> {
    stream.session.step(input)?;
    stream.session.fired(&mut stream.fired);
    out.write("out", &stream.fired)?;
    Ok(stream.fired.len() as f64)
}

/// A layer by its number. Errors: `invalid-parameter`.
fn layer(stream: &Stream, number: f64) -> Result<(usize, usize, usize)> {
    let layers = stream.session.network().layers();
    let number = numbers::size("layer", number, 0..=layers.count() - 1)?;
    let (_, neurons, currents) = stream.session.network().layers().nth(number).unwrap_or_default();
    Ok((number, neurons, currents))
}

#[napi]
impl NativeIntegerSession {
    /// One step with the channels that spike once, ascending. Writes the output neurons that fired to `out` and returns
    /// their number.
    #[napi]
    pub fn push(&self, events: Uint32ArraySlice, out: Uint32ArraySlice) -> Outcome<f64> {
        self.with(|stream| {
            events.read("events", |events| step::<u8>(stream, IntegerStepInput::Events(events), &out))
        })
    }

    /// One step with a count for each channel.
    #[napi]
    pub fn push_bytes(&self, counts: Uint8ArraySlice, out: Uint32ArraySlice) -> Outcome<f64> {
        self.with(|stream| {
            counts.read("counts", |counts| step(stream, IntegerStepInput::Counts(counts), &out))
        })
    }

    /// As above, with counts that may be negative.
    #[napi]
    pub fn push_words(&self, counts: Int16ArraySlice, out: Uint32ArraySlice) -> Outcome<f64> {
        self.with(|stream| {
            counts.read("counts", |counts| step(stream, IntegerStepInput::Counts(counts), &out))
        })
    }

    /// The spikes of a layer in the last step, `[neurons]`.
    #[napi]
    pub fn counts(&self, number: f64, out: Uint8ArraySlice) -> Outcome<()> {
        self.with(|stream| {
            let (number, neurons, _) = layer(stream, number)?;
            let mut values = vec![0; neurons];
            stream.session.counts(number, &mut values);
            arrays::fill("out", &out, &values)
        })
    }

    /// v of a layer, `[neurons]`.
    #[napi]
    pub fn v(&self, number: f64, out: Int32ArraySlice) -> Outcome<()> {
        self.with(|stream| {
            let (number, neurons, _) = layer(stream, number)?;
            let mut values = vec![0; neurons];
            stream.session.v(number, &mut values);
            arrays::fill("out", &out, &values)
        })
    }

    /// The currents of a layer, `[neurons, currents]`.
    #[napi]
    pub fn currents(&self, number: f64, out: Int32ArraySlice) -> Outcome<()> {
        self.with(|stream| {
            let (number, neurons, currents) = layer(stream, number)?;
            let mut values = vec![0; neurons * currents];
            stream.session.currents(number, &mut values);
            arrays::fill("out", &out, &values)
        })
    }

    #[napi]
    pub fn steps(&self) -> Outcome<f64> {
        self.with(|stream| Ok(stream.session.steps() as f64))
    }

    #[napi]
    pub fn reset(&self) -> Outcome<()> {
        self.with(|stream| {
            stream.session.reset();
            Ok(())
        })
    }

    /// Another session on the same weights, in the initial state.
    #[napi(ts_return_type = "Outcome<NativeIntegerSession>")]
    pub fn fork(&self, env: &Env) -> Outcome<Raw> {
        self.with(|stream| {
            Raw::new(env, NativeIntegerSession::new(env, Arc::clone(stream.session.network()))?)
        })
    }

    #[napi]
    pub fn dispose(&self, env: Env) {
        self.handle.dispose(&env);
    }
}
