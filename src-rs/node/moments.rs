//! What batches and optimiser steps leave in a model beside its weights.

use crate::boundary::json;
use crate::handle::lock;
use crate::model::{NativeModel, training};
use crate::precision::either;
use lapicque_core::Error;
use lapicque_core::train::moments::Moments;
use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;

#[napi]
impl NativeModel {
    /// Whose the moments are, and the steps that those of each parameter have taken, as JSON.
    #[napi(ts_return_type = "Promise<Outcome<string>>")]
    pub fn moments<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        self.ask(env, "moments", |model| json(&training!(model, t => t.moments())))
    }

    /// Says whose the moments are that `set_tensor` has set; as `moments` gives it.
    #[napi(ts_return_type = "Promise<Outcome<void>>")]
    pub fn set_moments<'env>(&self, env: &'env Env, moments: String) -> napi::Result<Object<'env>> {
        self.ask(env, "setMoments", move |model| {
            let moments: Moments = serde_json::from_str(&moments)
                .map_err(|e| Error::invalid("moments", &moments, e.to_string()))?;
            training!(model, t => t.set_moments(&moments))
        })
    }

    /// Forgets the gradients of batches since the last step.
    #[napi(ts_return_type = "Promise<Outcome<void>>")]
    pub fn clear_gradients<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        self.ask(env, "clearGradients", |model| training!(model, t => { t.clear_gradients(); Ok(()) }))
    }
}
