//! State of a model besides its weights: gradients and the optimizer's moments.

use crate::boundary::json;
use crate::model::{NativeModel, locked};
use lapicque_core::Error;
use lapicque_core::train::moments::Moments;
use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;
use std::collections::BTreeMap;

#[napi]
impl NativeModel {
    /// The optimizer of the moments, and the number of steps of each parameter, as JSON.
    #[napi(ts_return_type = "Promise<Outcome<string>>")]
    pub fn moments<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        self.ask(env, "moments", |model| json(&locked(model)?.moments()))
    }

    /// Sets the optimizer of the moments that `set_tensor` has set, in the form that `moments` returns.
    #[napi(ts_return_type = "Promise<Outcome<void>>")]
    pub fn set_moments<'env>(&self, env: &'env Env, moments: String) -> napi::Result<Object<'env>> {
        self.ask(env, "setMoments", move |model| {
            let moments: Moments = serde_json::from_str(&moments)
                .map_err(|e| Error::invalid("moments", &moments, e.to_string()))?;
            locked(model)?.set_moments(&moments)
        })
    }

    /// The Euclidean norm of the gradient of each parameter, as a JSON object.
    #[napi(ts_return_type = "Promise<Outcome<string>>")]
    pub fn gradient_norms<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        self.ask(env, "gradientNorms", |model| {
            json(&locked(model)?.gradient_norms().into_iter().collect::<BTreeMap<_, _>>())
        })
    }

    /// Clears the gradients of batches since the last step.
    #[napi(ts_return_type = "Promise<Outcome<void>>")]
    pub fn clear_gradients<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        self.ask(env, "clearGradients", |model| {
            locked(model)?.clear_gradients();
            Ok(())
        })
    }
}
