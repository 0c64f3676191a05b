//! Sensors that convert frames, sound and signals to events, for JavaScript.

use crate::arrays::{Float32ArraySlice, Float64ArraySlice, copied};
use crate::boundary::{Outcome, Raw, from_napi, sync};
use crate::event_pipeline::write_events;
use crate::handle::{Handle, lock};
use lapicque_core::Error;
use lapicque_core::event_sensors::{Sensor, SensorSpec};
use lapicque_core::event_transforms::Events;
use napi::Env;
use napi::bindgen_prelude::{Object, ObjectFinalize};
use napi_derive::napi;
use std::sync::Mutex;

#[napi(custom_finalize)]
pub struct NativeEventSensor {
    sensor: Handle<Mutex<Box<dyn Sensor>>>,
}

impl ObjectFinalize for NativeEventSensor {
    fn finalize(self, env: Env) -> napi::Result<()> {
        self.sensor.dispose(&env);
        Ok(())
    }
}

#[napi]
impl NativeEventSensor {
    /// `spec` is JSON with `kind` `camera`, `cochlea` or `signal`.
    #[napi]
    pub fn create(env: &Env, spec: String) -> Outcome<NativeEventSensor> {
        sync(|| {
            let sensor = SensorSpec::from_json(&spec)?;
            let bytes = 64 * sensor.geometry().pixels();
            Ok(NativeEventSensor { sensor: Handle::new(env, "the sensor", Mutex::new(sensor), bytes) })
        })
    }

    /// The events up to `times`, in µs: one time with the values of a frame or samples of sound, or several times, for
    /// which `values` is divided into equal parts. Returns `{ t, x, y, polarity }`.
    #[napi(ts_return_type = "Outcome<unknown>")]
    pub fn push(&self, env: &Env, values: Float32ArraySlice, times: Float64ArraySlice) -> Outcome<Raw> {
        sync(|| {
            let times = copied("times", &times)?;
            let sensor = self.sensor.get()?;
            let mut sensor = lock("the sensor", &sensor)?;
            let mut events = Events::default();
            values.read("values", |values| {
                if times.is_empty() || !values.len().is_multiple_of(times.len()) {
                    let (expected, got) =
                        (format!("[{}, …]", times.len()), format!("{} values", values.len()));
                    return Err(Error::ShapeMismatch { layer: "values".into(), expected, got });
                }
                let size = values.len() / times.len();
                let part = |i: usize| &values[i * size..(i + 1) * size];
                times.iter().enumerate().try_for_each(|(i, &t)| sensor.push(part(i), t, &mut events))
            })?;
            let mut out = Object::new(env).map_err(from_napi)?;
            write_events(env, &mut out, &events)?;
            Raw::new(env, out)
        })
    }

    /// Number of values processed so far.
    #[napi]
    pub fn operations(&self) -> Outcome<f64> {
        sync(|| {
            let sensor = self.sensor.get()?;
            let sensor = lock("the sensor", &sensor)?;
            Ok(sensor.operations() as f64)
        })
    }

    #[napi]
    pub fn dispose(&self, env: &Env) -> Outcome<()> {
        sync(|| {
            self.sensor.dispose(env);
            Ok(())
        })
    }
}
