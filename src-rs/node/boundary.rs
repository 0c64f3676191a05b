//! Results for JavaScript: a value, or `{ error: { code, message, …fields } }`, never a thrown string to be parsed.
//! `src-ts` throws a `LapicqueError` made from the object.

use crate::fault::{self, Place};
use lapicque_core::{Error, Result};
use napi::bindgen_prelude::{Object, ToNapiValue, TypeName};
use napi::{Env, JsValue, ValueType, sys};
use serde::Serialize;
use serde_json::{Map, Number, Value};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A result for JavaScript.
pub struct Outcome<T>(pub Result<T>);

/// The wrapper of every synchronous function: runs `work`; a panic becomes `internal`.
pub fn sync<T>(work: impl FnOnce() -> Result<T>) -> Outcome<T> {
    Outcome(guard(|| {
        fault::point(Place::Sync)?;
        work()
    }))
}

/// Catches panics, including those of rayon workers. Data that a panic left incomplete is behind a mutex, and a
/// poisoned mutex is an error for the next caller (`handle::Shared`).
pub fn guard<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(panicked(panic)))
}

fn panicked(panic: Box<dyn Any + Send>) -> Error {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let reason =
        text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic without a message");
    Error::Internal { reason: reason.to_string() }
}

/// A JavaScript value that a task's `finish` has made and returns within the same turn of the event loop (objects and
/// arrays borrow the environment and cannot be returned otherwise).
pub struct Raw(sys::napi_value);

impl Raw {
    pub fn new(env: &Env, value: impl ToNapiValue) -> Result<Self> {
        // SAFETY: `env` is alive: the caller holds it.
        unsafe { ToNapiValue::to_napi_value(env.raw(), value) }.map(Raw).map_err(from_napi)
    }
}

impl ToNapiValue for Raw {
    unsafe fn to_napi_value(_env: sys::napi_env, raw: Self) -> napi::Result<sys::napi_value> {
        Ok(raw.0)
    }
}

/// A value as parsed from JSON by JavaScript.
pub fn json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|e| Error::Internal { reason: e.to_string() })
}

/// A failure of Node-API itself is a bug, or the JavaScript runtime is shutting down.
pub fn from_napi(error: napi::Error) -> Error {
    Error::Internal { reason: format!("Node-API: {} {}", error.status, error.reason) }
}

impl<T> TypeName for Outcome<T> {
    fn type_name() -> &'static str {
        "Outcome"
    }

    fn value_type() -> ValueType {
        ValueType::Unknown
    }
}

impl<T: ToNapiValue> ToNapiValue for Outcome<T> {
    unsafe fn to_napi_value(env: sys::napi_env, outcome: Self) -> napi::Result<sys::napi_value> {
        match outcome.0 {
            // SAFETY: `env` is the one that this call received.
            Ok(value) => unsafe { T::to_napi_value(env, value) },
            Err(error) => error_object(&Env::from_raw(env), &error),
        }
    }
}

fn error_object(env: &Env, error: &Error) -> napi::Result<sys::napi_value> {
    let mut object = Object::new(env)?;
    object.set("error", Value::Object(error_fields(error)))?;
    Ok(object.raw())
}

/// `code`, the variant's fields in camelCase, and `message`, the sentence for people.
pub fn error_fields(error: &Error) -> Map<String, Value> {
    let mut fields = match serde_json::to_value(error) {
        Ok(Value::Object(fields)) => fields,
        // `Error` is a tagged enum with named fields, so it always serializes to an object.
        _ => Map::new(),
    };
    for value in fields.values_mut() {
        // Sizes and offsets become JavaScript numbers of any magnitude.
        if let Some(number) = value.as_u64().and_then(|whole| Number::from_f64(whole as f64)) {
            *value = Value::Number(number);
        }
    }
    fields.insert("message".into(), Value::String(error.to_string()));
    fields
}
