//! A network's state, for JavaScript: the final state of a run, from which another run can continue.

use crate::arrays::{self, Float64ArraySlice, Uint8ArraySlice};
use crate::boundary::{Outcome, Raw, from_napi, sync};
use crate::precision::{Either, either};
use lapicque_core::exec::NetworkState;
use lapicque_core::exec::state::LayerState;
use lapicque_core::projection::Element;
use lapicque_core::{Error, Result};
use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;
use std::sync::Arc;

pub type StateKind = Either<NetworkState<f32>, NetworkState<f64>>;

#[napi]
pub struct NativeState {
    pub(crate) kind: Arc<StateKind>,
}

/// One population's state, exchanged with JavaScript in f64 (exact for both precisions).
#[napi(object, object_to_js = false)]
pub struct JsLayerState<'env> {
    pub neurons: f64,
    pub states: Vec<Float64ArraySlice<'env>>,
    pub last_spikes: Option<Uint8ArraySlice<'env>>,
}

#[napi]
impl NativeState {
    #[napi(getter)]
    pub fn precision(&self) -> &'static str {
        match &*self.kind {
            Either::F32(_) => "f32",
            Either::F64(_) => "f64",
        }
    }

    /// `{ batch, layers: [{ neurons, states: [Float64Array [batch, neurons]], lastSpikes? }], pending: [Float64Array] }`
    #[napi(ts_return_type = "Outcome<unknown>")]
    pub fn arrays(&self, env: &Env) -> Outcome<Raw> {
        sync(|| either!(&*self.kind, state => export(env, state)))
    }

    #[napi]
    pub fn from_arrays(
        precision: String,
        batch: f64,
        layers: Vec<JsLayerState>,
        pending: Vec<Float64ArraySlice>,
    ) -> Outcome<NativeState> {
        sync(|| {
            let batch = crate::numbers::size("batch", batch, 1..=1 << 32)?;
            let kind = match precision.as_str() {
                "f32" => Either::F32(import(batch, layers, &pending)?),
                "f64" => Either::F64(import(batch, layers, &pending)?),
                other => return Err(Error::invalid("precision", other, "f32 or f64")),
            };
            Ok(NativeState { kind: Arc::new(kind) })
        })
    }
}

fn export<F: Element>(env: &Env, state: &NetworkState<F>) -> Result<Raw> {
    let mut out = Object::new(env).map_err(from_napi)?;
    out.set("batch", state.batch as f64).map_err(from_napi)?;
    let mut layers = env.create_array(state.layers.len() as u32).map_err(from_napi)?;
    for (i, layer) in state.layers.iter().enumerate() {
        let mut to = Object::new(env).map_err(from_napi)?;
        to.set("neurons", layer.neurons as f64).map_err(from_napi)?;
        let mut states = env.create_array(layer.states.len() as u32).map_err(from_napi)?;
        for (j, values) in layer.states.iter().enumerate() {
            let values: Vec<f64> = values.iter().map(|x| x.to_f64()).collect();
            states.set(j as u32, arrays::array(env, "state", &values)?).map_err(from_napi)?;
        }
        to.set("states", states).map_err(from_napi)?;
        if let Some(spikes) = &layer.last_spikes {
            let bytes: Vec<u8> = spikes.iter().map(|&s| u8::from(s)).collect();
            to.set("lastSpikes", arrays::array(env, "spikes", &bytes)?).map_err(from_napi)?;
        }
        layers.set(i as u32, to).map_err(from_napi)?;
    }
    out.set("layers", layers).map_err(from_napi)?;
    let mut pending = env.create_array(state.pending.len() as u32).map_err(from_napi)?;
    for (i, values) in state.pending.iter().enumerate() {
        let values: Vec<f64> = values.iter().map(|x| x.to_f64()).collect();
        pending.set(i as u32, arrays::array(env, "state", &values)?).map_err(from_napi)?;
    }
    out.set("pending", pending).map_err(from_napi)?;
    Raw::new(env, out)
}

fn import<F: Element>(
    batch: usize,
    layers: Vec<JsLayerState>,
    pending: &[Float64ArraySlice],
) -> Result<NetworkState<F>> {
    let layers = layers
        .into_iter()
        .map(|layer| {
            let neurons = crate::numbers::size("neurons", layer.neurons, 1..=1 << 24)?;
            let states = layer.states.iter().map(real::<F>).collect::<Result<_>>()?;
            let last_spikes = layer.last_spikes.map(|s| arrays::copied("lastSpikes", &s)).transpose()?;
            let last_spikes = last_spikes.map(|s| s.into_iter().map(|b| b != 0).collect());
            Ok(LayerState { neurons, states, last_spikes })
        })
        .collect::<Result<Vec<_>>>()?;
    let pending = pending.iter().map(real::<F>).collect::<Result<_>>()?;
    Ok(NetworkState { batch, layers, pending })
}

fn real<F: Element>(array: &Float64ArraySlice) -> Result<Vec<F>> {
    Ok(arrays::copied("state", array)?.into_iter().map(F::from_f64).collect())
}
