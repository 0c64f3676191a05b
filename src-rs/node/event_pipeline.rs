//! Transforms and representations of event streams for JavaScript, one batch per call.

use crate::arrays::{self, Float64ArraySlice, Uint8ArraySlice, Uint16ArraySlice};
use crate::boundary::{Outcome, Raw, from_napi, sync};
use crate::handle::{Handle, lock};
use lapicque_core::event_transforms::represent::Frames;
use lapicque_core::event_transforms::{Events, Pipeline};
use lapicque_core::{Error, Result};
use napi::Env;
use napi::bindgen_prelude::{Object, ObjectFinalize};
use napi_derive::napi;
use std::sync::Mutex;

struct State {
    pipeline: Pipeline,
    /// Scratch memory of a call.
    events: Events,
    frames: Frames,
    represents: bool,
}

#[napi(custom_finalize)]
pub struct NativeEventPipeline {
    state: Handle<Mutex<State>>,
}

impl ObjectFinalize for NativeEventPipeline {
    fn finalize(self, env: Env) -> napi::Result<()> {
        self.state.dispose(&env);
        Ok(())
    }
}

/// Times are integers in doubles, exact up to 2^53.
const MAX_TIME: f64 = 9_007_199_254_740_992.0;

/// Copies a batch of JavaScript into `events`.
pub fn read_events(
    events: &mut Events,
    t: &Float64ArraySlice,
    x: &Uint16ArraySlice,
    y: &Uint16ArraySlice,
    polarity: &Uint8ArraySlice,
) -> Result<()> {
    events.clear();
    t.read("t", |t| {
        events.t.extend(t.iter().map(|&t| t as i64));
        let wrong = |(&t, &whole): (&f64, &i64)| whole as f64 != t || t.abs() > MAX_TIME;
        match t.iter().zip(&events.t).position(wrong) {
            Some(i) => Err(Error::invalid(format!("t[{i}]"), t[i], "a whole number of µs up to 2^53")),
            None => Ok(()),
        }
    })?;
    x.read("x", |x| {
        events.x.extend_from_slice(x);
        Ok(())
    })?;
    y.read("y", |y| {
        events.y.extend_from_slice(y);
        Ok(())
    })?;
    polarity.read("polarity", |p| {
        events.p.extend_from_slice(p);
        Ok(())
    })?;
    let n = events.t.len();
    if events.x.len() == n && events.y.len() == n && events.p.len() == n {
        return Ok(());
    }
    let got = format!("{n} t, {} x, {} y, {} polarity", events.x.len(), events.y.len(), events.p.len());
    let expected = "columns of equal lengths".to_string();
    Err(Error::ShapeMismatch { layer: "events".into(), expected, got })
}

/// Writes events as the columns of a batch for JavaScript.
pub fn write_events(env: &Env, out: &mut Object, events: &Events) -> Result<()> {
    let times: Vec<f64> = events.t.iter().map(|&t| t as f64).collect();
    out.set("t", arrays::array(env, "events", &times)?).map_err(from_napi)?;
    out.set("x", arrays::array(env, "events", &events.x)?).map_err(from_napi)?;
    out.set("y", arrays::array(env, "events", &events.y)?).map_err(from_napi)?;
    out.set("polarity", arrays::array(env, "events", &events.p)?).map_err(from_napi)
}

fn answer(env: &Env, state: &mut State) -> Result<Raw> {
    let mut out = Object::new(env).map_err(from_napi)?;
    if !state.represents {
        write_events(env, &mut out, &state.events)?;
        return Raw::new(env, out);
    }
    let frames = &state.frames;
    let column = |of: fn(&lapicque_core::event_transforms::represent::Span) -> f64| {
        frames.spans.iter().map(of).collect::<Vec<f64>>()
    };
    for (name, values) in [
        ("starts", column(|span| span.start)),
        ("ends", column(|span| span.end)),
        ("counts", column(|span| span.events as f64)),
        ("offsets", frames.ends.iter().map(|&end| end as f64).collect()),
    ] {
        out.set(name, arrays::array(env, "frames", &values)?).map_err(from_napi)?;
    }
    out.set("values", arrays::array(env, "frames", &frames.values)?).map_err(from_napi)?;
    out.set("channels", arrays::array(env, "frames", &frames.channels)?).map_err(from_napi)?;
    write_events(env, &mut out, &frames.events)?;
    state.frames.clear();
    Raw::new(env, out)
}

#[napi]
impl NativeEventPipeline {
    /// `spec` is JSON: `{ sensor, transforms, output?, seed?, stream? }`.
    #[napi]
    pub fn create(env: &Env, spec: String) -> Outcome<NativeEventPipeline> {
        sync(|| {
            let pipeline = Pipeline::from_json(&spec)?;
            let represents = pipeline.represents();
            let bytes = 16 * pipeline.sensor().channels();
            let state = State { pipeline, events: Events::default(), frames: Frames::default(), represents };
            Ok(NativeEventPipeline {
                state: Handle::new(env, "the event pipeline", Mutex::new(state), bytes),
            })
        })
    }

    /// The sensor after the transforms, and the shape of one frame.
    #[napi(
        ts_return_type = "Outcome<{ width: number; height: number; polarities: number; shape: number[] }>"
    )]
    pub fn describe(&self, env: &Env) -> Outcome<Raw> {
        sync(|| {
            let state = self.state.get()?;
            let state = lock("the event pipeline", &state)?;
            let sensor = state.pipeline.sensor();
            let mut out = Object::new(env).map_err(from_napi)?;
            out.set("width", sensor.width).map_err(from_napi)?;
            out.set("height", sensor.height).map_err(from_napi)?;
            out.set("polarities", u32::from(sensor.polarities)).map_err(from_napi)?;
            let shape: Vec<f64> = state.pipeline.shape().iter().map(|&size| size as f64).collect();
            out.set("shape", shape).map_err(from_napi)?;
            Raw::new(env, out)
        })
    }

    /// The output of one batch: `{ t, x, y, polarity }`, and with a representation `{ starts, ends, counts, offsets,
    /// values, channels }` of the completed frames.
    #[napi(ts_return_type = "Outcome<unknown>")]
    pub fn push(
        &self,
        env: &Env,
        t: Float64ArraySlice,
        x: Uint16ArraySlice,
        y: Uint16ArraySlice,
        polarity: Uint8ArraySlice,
    ) -> Outcome<Raw> {
        sync(|| {
            let state = self.state.get()?;
            let mut state = lock("the event pipeline", &state)?;
            let State { pipeline, events, frames, .. } = &mut *state;
            read_events(events, &t, &x, &y, &polarity)?;
            pipeline.push(events, frames)?;
            answer(env, &mut state)
        })
    }

    /// The remaining output at the end.
    #[napi(ts_return_type = "Outcome<unknown>")]
    pub fn finish(&self, env: &Env) -> Outcome<Raw> {
        sync(|| {
            let state = self.state.get()?;
            let mut state = lock("the event pipeline", &state)?;
            let State { pipeline, events, frames, .. } = &mut *state;
            pipeline.finish(events, frames)?;
            answer(env, &mut state)
        })
    }

    #[napi]
    pub fn dispose(&self, env: &Env) -> Outcome<()> {
        sync(|| {
            self.state.dispose(env);
            Ok(())
        })
    }
}
