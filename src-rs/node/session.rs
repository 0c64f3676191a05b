//! A streaming session for JavaScript. `push` is synchronous, because it takes microseconds.

use crate::arrays::{self, Float32ArraySlice, Float64ArraySlice, Uint32ArraySlice};
use crate::boundary::{Outcome, Raw, sync};
use crate::handle::{Handle, lock};
use crate::state::NativeState;
use lapicque_core::Result;
use lapicque_core::exec::{AnyRecording, AnySession};
use napi::Env;
use napi::bindgen_prelude::ObjectFinalize;
use napi_derive::napi;
use std::sync::{Arc, Mutex};

#[napi(custom_finalize)]
pub struct NativeSession {
    handle: Handle<Mutex<AnySession>>,
}

impl ObjectFinalize for NativeSession {
    fn finalize(self, env: Env) -> napi::Result<()> {
        self.handle.dispose(&env);
        Ok(())
    }
}

impl NativeSession {
    pub fn new(env: &Env, session: AnySession) -> Self {
        let bytes = session.own_bytes();
        NativeSession { handle: Handle::new(env, "the session", Mutex::new(session), bytes) }
    }

    /// Runs `work` with the session locked.
    fn locked<T>(&self, work: impl FnOnce(&mut AnySession) -> Result<T>) -> Outcome<T> {
        sync(|| work(&mut *lock("the session", &*self.handle.get()?)?))
    }
}

#[napi]
impl NativeSession {
    /// One step with ascending input channels; writes the output neurons that fired to `out` and returns their number.
    #[napi]
    pub fn push(&self, events: Uint32ArraySlice, out: Uint32ArraySlice) -> Outcome<f64> {
        self.locked(|s| {
            events.read("events", |events| s.step_events(events))?;
            spikes(s, &out)
        })
    }

    /// One step with a value for each channel.
    #[napi]
    pub fn push_values(&self, values: Float32ArraySlice, out: Uint32ArraySlice) -> Outcome<f64> {
        self.locked(|s| {
            values.read("values", |values| s.step_values(values))?;
            spikes(s, &out)
        })
    }

    /// The same with doubles, which a session in single precision rounds.
    #[napi]
    pub fn push_doubles(&self, values: Float64ArraySlice, out: Uint32ArraySlice) -> Outcome<f64> {
        self.locked(|s| {
            values.read("values", |values| s.step_doubles(values))?;
            spikes(s, &out)
        })
    }

    /// Up to `steps` steps without input, until output neurons fire or some milliseconds have passed; writes these neurons to `out`.
    /// Returns the number of steps and that of the neurons.
    #[napi(ts_return_type = "Outcome<number[]>")]
    pub fn advance(&self, steps: f64, out: Uint32ArraySlice) -> Outcome<Vec<f64>> {
        self.locked(|s| {
            let done = s.advance_without_input(steps as u64)?;
            Ok(vec![done as f64, spikes(s, &out)?])
        })
    }

    /// The first state of the output population, `[neurons]`.
    #[napi]
    pub fn membrane(&self, out: Float32ArraySlice) -> Outcome<()> {
        self.locked(|s| {
            let values: Vec<f32> = s.membrane().iter().map(|&x| x as f32).collect();
            arrays::fill("out", &out, &values)
        })
    }

    /// As above, without rounding.
    #[napi]
    pub fn membrane_doubles(&self, out: Float64ArraySlice) -> Outcome<()> {
        self.locked(|s| arrays::fill("out", &out, &s.membrane()))
    }

    /// Recorded variable `i` in the last step: an array of the session's precision, or bytes for spikes.
    #[napi(ts_return_type = "Outcome<Float32Array | Float64Array | Uint8Array>")]
    pub fn recorded(&self, env: &Env, i: u32) -> Outcome<Raw> {
        self.locked(|s| {
            let recorded = s.recorded(i as usize).ok_or_else(|| {
                lapicque_core::Error::invalid("recorded", i, "the index of a recorded variable")
            })?;
            match recorded {
                AnyRecording::Spikes(spikes) => Raw::new(env, arrays::array(env, "spikes", &spikes)?),
                AnyRecording::State(values) => arrays::reals(env, "values", &values),
            }
        })
    }

    #[napi]
    pub fn steps(&self) -> Outcome<f64> {
        self.locked(|s| Ok(s.steps() as f64))
    }

    #[napi]
    pub fn reset(&self) -> Outcome<()> {
        self.locked(|s| {
            s.reset();
            Ok(())
        })
    }

    #[napi]
    pub fn save(&self) -> Outcome<NativeState> {
        self.locked(|s| Ok(NativeState { state: Arc::new(s.save()) }))
    }

    #[napi]
    pub fn restore(&self, state: &NativeState) -> Outcome<()> {
        self.locked(|s| s.restore(&state.state))
    }

    /// Another session on the same weights, in the initial state.
    #[napi(ts_return_type = "Outcome<NativeSession>")]
    pub fn fork(&self, env: &Env) -> Outcome<Raw> {
        self.locked(|s| Raw::new(env, NativeSession::new(env, s.fork()?)))
    }

    #[napi]
    pub fn dispose(&self, env: Env) {
        self.handle.dispose(&env);
    }
}

fn spikes(session: &AnySession, out: &Uint32ArraySlice) -> Result<f64> {
    let fired = session.output();
    out.write("out", fired)?;
    Ok(fired.len() as f64)
}
