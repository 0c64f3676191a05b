//! A network's state, for JavaScript: the final state of a run, from which another run can continue.

use crate::arrays::{self, Float64ArraySlice, Uint8ArraySlice, Uint32ArraySlice};
use crate::boundary::{Outcome, Raw, from_napi, sync};
use lapicque_core::exec::state::LayerState;
use lapicque_core::exec::{AnyState, NetworkState};
use lapicque_core::{Error, Precision, Result};
use napi::Env;
use napi::bindgen_prelude::{ClassInstance, Object};
use napi_derive::napi;
use std::sync::Arc;

#[napi]
pub struct NativeState {
    pub(crate) state: Arc<AnyState>,
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
        self.state.precision().name()
    }

    /// Number of samples.
    #[napi(getter)]
    pub fn batch(&self) -> f64 {
        self.state.batch() as f64
    }

    /// `{ batch, layers: [{ neurons, states: [Float64Array [batch, neurons]], lastSpikes? }], pending: [Float64Array] }`
    #[napi(ts_return_type = "Outcome<unknown>")]
    pub fn arrays(&self, env: &Env) -> Outcome<Raw> {
        sync(|| export(env, &self.state.to_doubles()))
    }

    /// The states of samples: sample `samples[i]` of `states[of[i]]`.
    #[napi]
    pub fn gathered(
        states: Vec<ClassInstance<NativeState>>,
        of: Uint32ArraySlice,
        samples: Uint32ArraySlice,
    ) -> Outcome<NativeState> {
        sync(|| {
            let (of, samples) = (arrays::copied("of", &of)?, arrays::copied("samples", &samples)?);
            let part = |(&of, &sample): (&u32, &u32)| match states.get(of as usize) {
                Some(state) => Ok((&*state.state, sample as usize)),
                None => Err(Error::invalid("of", of, format!("one of {} states", states.len()))),
            };
            let parts = of.iter().zip(&samples).map(part).collect::<Result<Vec<_>>>()?;
            Ok(NativeState { state: Arc::new(AnyState::gathered(&parts)?) })
        })
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
            let precision = Precision::from_name(&precision)?;
            let state = AnyState::from_doubles(precision, &import(batch, layers, &pending)?);
            Ok(NativeState { state: Arc::new(state) })
        })
    }
}

fn export(env: &Env, state: &NetworkState<f64>) -> Result<Raw> {
    let mut out = Object::new(env).map_err(from_napi)?;
    out.set("batch", state.batch as f64).map_err(from_napi)?;
    let mut layers = env.create_array(state.layers.len() as u32).map_err(from_napi)?;
    for (i, layer) in state.layers.iter().enumerate() {
        let mut to = Object::new(env).map_err(from_napi)?;
        to.set("neurons", layer.neurons as f64).map_err(from_napi)?;
        let mut states = env.create_array(layer.states.len() as u32).map_err(from_napi)?;
        for (j, values) in layer.states.iter().enumerate() {
            states.set(j as u32, arrays::array(env, "state", values)?).map_err(from_napi)?;
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
        pending.set(i as u32, arrays::array(env, "state", values)?).map_err(from_napi)?;
    }
    out.set("pending", pending).map_err(from_napi)?;
    Raw::new(env, out)
}

fn import(
    batch: usize,
    layers: Vec<JsLayerState>,
    pending: &[Float64ArraySlice],
) -> Result<NetworkState<f64>> {
    let values = |array: &Float64ArraySlice| arrays::copied("state", array);
    let layers = layers
        .into_iter()
        .map(|layer| {
            let neurons = crate::numbers::size("neurons", layer.neurons, 1..=1 << 24)?;
            let states = layer.states.iter().map(values).collect::<Result<_>>()?;
            let last_spikes = layer.last_spikes.map(|s| arrays::copied("lastSpikes", &s)).transpose()?;
            let last_spikes = last_spikes.map(|s| s.into_iter().map(|b| b != 0).collect());
            Ok(LayerState { neurons, states, last_spikes })
        })
        .collect::<Result<Vec<_>>>()?;
    let pending = pending.iter().map(values).collect::<Result<_>>()?;
    Ok(NetworkState { batch, layers, pending })
}
