//! A streaming session for JavaScript. `push` is synchronous, because it takes microseconds.

use crate::arrays::{self, Float32ArraySlice, Float64ArraySlice, Uint32ArraySlice};
use crate::boundary::{Outcome, Raw, sync};
use crate::handle::{Handle, lock};
use crate::precision::{Either, Precise, each, either};
use crate::state::NativeState;
use lapicque_core::exec::run::Recording;
use lapicque_core::exec::session::{Session, StepInput};
use lapicque_core::projection::Element;
use lapicque_core::{Real, Result};
use napi::Env;
use napi::bindgen_prelude::ObjectFinalize;
use napi_derive::napi;
use std::sync::{Arc, Mutex};

pub type AnySession = Either<Mutex<Session<f32>>, Mutex<Session<f64>>>;

#[napi(custom_finalize)]
pub struct NativeSession {
    handle: Handle<AnySession>,
}

impl ObjectFinalize for NativeSession {
    fn finalize(self, env: Env) -> napi::Result<()> {
        self.handle.dispose(&env);
        Ok(())
    }
}

/// Runs `$body` with the session of either precision locked.
macro_rules! session {
    ($handle:expr, $session:ident => $body:expr) => {
        either!(&*$handle.get()?, inner => {
            #[allow(unused_mut)]
            let mut $session = lock("the session", inner)?;
            $body
        })
    };
}

impl NativeSession {
    pub fn new(env: &Env, session: Either<Session<f32>, Session<f64>>) -> Self {
        let bytes = either!(&session, session => session.own_bytes());
        let session = each!(session, session => Mutex::new(session));
        NativeSession { handle: Handle::new(env, "the session", session, bytes) }
    }
}

#[napi]
impl NativeSession {
    /// One step with ascending input channels; writes the output neurons that fired to `out` and returns their number.
    #[napi]
    pub fn push(&self, events: Uint32ArraySlice, out: Uint32ArraySlice) -> Outcome<f64> {
        sync(|| {
            session!(self.handle, s => {
                events.read("events", |events| s.step(StepInput::Events(events)))?;
                spikes(&s, &out)
            })
        })
    }

    /// One step with a value for each channel.
    #[napi]
    pub fn push_values(&self, values: Float32ArraySlice, out: Uint32ArraySlice) -> Outcome<f64> {
        sync(|| {
            session!(self.handle, s => {
                values.read("values", |values| step(&mut s, values))?;
                spikes(&s, &out)
            })
        })
    }

    /// The same with doubles, which a session in single precision rounds.
    #[napi]
    pub fn push_doubles(&self, values: Float64ArraySlice, out: Uint32ArraySlice) -> Outcome<f64> {
        sync(|| {
            session!(self.handle, s => {
                values.read("values", |values| {
                    let values: Vec<_> = values.iter().map(|&x| Real::from_f64(x)).collect();
                    s.step(StepInput::Values(&values))
                })?;
                spikes(&s, &out)
            })
        })
    }

    /// The first state of the output population, `[neurons]`.
    #[napi]
    pub fn membrane(&self, out: Float32ArraySlice) -> Outcome<()> {
        sync(|| {
            session!(self.handle, s => {
                let values: Vec<f32> = s.membrane().iter().map(|x| x.to_f64() as f32).collect();
                arrays::fill("out", &out, &values)
            })
        })
    }

    /// As above, without rounding.
    #[napi]
    pub fn membrane_doubles(&self, out: Float64ArraySlice) -> Outcome<()> {
        sync(|| {
            session!(self.handle, s => {
                let values: Vec<f64> = s.membrane().iter().map(|x| x.to_f64()).collect();
                arrays::fill("out", &out, &values)
            })
        })
    }

    /// Recorded variable `i` in the last step: an array of the session's precision, or bytes for spikes.
    #[napi(ts_return_type = "Outcome<Float32Array | Float64Array | Uint8Array>")]
    pub fn recorded(&self, env: &Env, i: u32) -> Outcome<Raw> {
        sync(|| {
            session!(self.handle, s => {
                let recorded = s.recorded(i as usize).ok_or_else(|| {
                    lapicque_core::Error::invalid("recorded", i, "the index of a recorded variable")
                })?;
                match recorded {
                    Recording::Spikes(spikes) => Raw::new(env, arrays::array(env, "spikes", &spikes)?),
                    Recording::State(values) => Raw::new(env, arrays::array(env, "values", &values)?),
                }
            })
        })
    }

    #[napi]
    pub fn steps(&self) -> Outcome<f64> {
        sync(|| session!(self.handle, s => Ok(s.steps() as f64)))
    }

    #[napi]
    pub fn reset(&self) -> Outcome<()> {
        sync(|| {
            session!(self.handle, s => {
                s.reset();
                Ok(())
            })
        })
    }

    #[napi]
    pub fn save(&self) -> Outcome<NativeState> {
        sync(|| {
            let kind = each!(&*self.handle.get()?, inner => lock("the session", inner)?.save());
            Ok(NativeState { kind: Arc::new(kind) })
        })
    }

    #[napi]
    pub fn restore(&self, state: &NativeState) -> Outcome<()> {
        sync(|| session!(self.handle, s => s.restore(Precise::state(&state.kind)?)))
    }

    /// Another session on the same weights, in the initial state.
    #[napi(ts_return_type = "Outcome<NativeSession>")]
    pub fn fork(&self, env: &Env) -> Outcome<Raw> {
        sync(|| {
            let fork = each!(&*self.handle.get()?, inner => lock("the session", inner)?.fork()?);
            Raw::new(env, NativeSession::new(env, fork))
        })
    }

    #[napi]
    pub fn dispose(&self, env: Env) {
        self.handle.dispose(&env);
    }
}

fn step<F: Element>(session: &mut Session<F>, values: &[f32]) -> Result<()> {
    match F::slice_of_f32(values) {
        Some(values) => session.step(StepInput::Values(values)),
        None => {
            let values: Vec<F> = values.iter().map(|&x| F::from_f64(f64::from(x))).collect();
            session.step(StepInput::Values(&values))
        }
    }
}

fn spikes<F: Element>(session: &Session<F>, out: &Uint32ArraySlice) -> Result<f64> {
    let fired = session.output();
    out.write("out", fired)?;
    Ok(fired.len() as f64)
}
