//! What batches and optimiser steps leave in a model beside its weights.

use crate::handle::lock;
use crate::model::{NativeModel, training};
use crate::precision::either;
use crate::task::spawn_on;
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
        spawn_on(
            env,
            Some(&self.strand),
            None,
            || {
                let model = self.handle.get()?;
                Ok(move |_: &lapicque_core::Control| {
                    let moments = training!(model, t => t.moments());
                    serde_json::to_string(&moments).map_err(|e| Error::Internal { reason: e.to_string() })
                })
            },
            |_, text: String| Ok(text),
        )
    }

    /// Says whose the moments are that `set_tensor` has set; as `moments` gives it.
    #[napi(ts_return_type = "Promise<Outcome<void>>")]
    pub fn set_moments<'env>(&self, env: &'env Env, moments: String) -> napi::Result<Object<'env>> {
        spawn_on(
            env,
            Some(&self.strand),
            None,
            || {
                let model = self.handle.get()?;
                let moments: Moments = serde_json::from_str(&moments)
                    .map_err(|e| Error::invalid("moments", &moments, e.to_string()))?;
                Ok(move |_: &lapicque_core::Control| training!(model, t => t.set_moments(&moments)))
            },
            |_, ()| Ok(()),
        )
    }

    /// Forgets the gradients of batches since the last step.
    #[napi(ts_return_type = "Promise<Outcome<void>>")]
    pub fn clear_gradients<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        spawn_on(
            env,
            Some(&self.strand),
            None,
            || {
                let model = self.handle.get()?;
                Ok(move |_: &lapicque_core::Control| training!(model, t => { t.clear_gradients(); Ok(()) }))
            },
            |_, ()| Ok(()),
        )
    }
}
