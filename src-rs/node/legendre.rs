//! Matrices of the Legendre memory for JavaScript.

use crate::arrays::{self, Float64ArraySlice};
use crate::boundary::{Outcome, Raw, from_napi, sync};
use crate::numbers;
use crate::task::{Call, spawn};
use lapicque_core::graph::legendre::{Discretization, LegendreMemory, MOST, decoder};
use lapicque_core::{Control, Error};
use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;
use serde_json::Value;

/// `{ a: Float64Array [order, order], b: Float64Array [order] }`
#[napi(ts_return_type = "Promise<Outcome<unknown>>")]
pub fn legendre_memory(env: &Env, order: f64, theta: f64, method: String) -> napi::Result<Object<'_>> {
    spawn(
        env,
        Call::new("legendreMemory", None),
        || {
            let order = numbers::size("order", order, 1..=MOST)?;
            let method: Discretization = serde_json::from_value(Value::String(method.clone()))
                .map_err(|_| Error::invalid("method", method, "zoh, euler, tustin or continuous"))?;
            Ok(move |_: &Control| LegendreMemory::new(order, theta, method))
        },
        |env, memory| {
            let mut out = Object::new(env).map_err(from_napi)?;
            out.set("a", arrays::array(env, "a", &memory.a)?).map_err(from_napi)?;
            out.set("b", arrays::array(env, "b", &memory.b)?).map_err(from_napi)?;
            Raw::new(env, out)
        },
    )
}

/// Float64Array `[fractions, order]`
#[napi(ts_return_type = "Outcome<unknown>")]
pub fn legendre_decoder(env: &Env, order: f64, fractions: Float64ArraySlice) -> Outcome<Raw> {
    sync(|| {
        let order = numbers::size("order", order, 1..=MOST)?;
        let fractions = arrays::copied("fractions", &fractions)?;
        Raw::new(env, arrays::array(env, "decoder", &decoder(order, &fractions))?)
    })
}
