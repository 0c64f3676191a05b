//! All tensors of a model by name: parameters, gradients, moments of the optimizer.

use crate::arrays;
use crate::boundary::{Raw, from_napi};
use crate::codes::parse;
use crate::model::{NativeModel, locked};
use crate::reals::JsReals;
use crate::task::{Call, spawn};
use lapicque_core::train::declared::Declared;
use lapicque_core::{AnyReals, Result};
use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;

#[napi]
impl NativeModel {
    /// All parameters in order: values, or with `kind` "grad" their gradients, with "moment1" to "moment3" the
    /// optimizer's moments (empty arrays before the first step, and for optimizers with fewer).
    #[napi(ts_return_type = "Promise<Outcome<Record<string, Float32Array | Float64Array>>>")]
    pub fn tensors<'env>(&self, env: &'env Env, kind: String) -> napi::Result<Object<'env>> {
        spawn(
            env,
            Call::new("tensors", None).on(&self.strand),
            || {
                let model = self.handle.get()?;
                Ok(move |_: &lapicque_core::Control| locked(&model)?.tensors(&kind))
            },
            |env, tensors: Vec<(String, AnyReals)>| {
                let mut out = Object::new(env).map_err(from_napi)?;
                for (name, values) in tensors {
                    out.set(name.as_str(), arrays::reals(env, &name, &values)?).map_err(from_napi)?;
                }
                Raw::new(env, out)
            },
        )
    }

    /// Replaces the tensors of one `kind` (as in `tensors`) of all given parameters. If one tensor is refused, none is
    /// replaced. `declared`: parameters of losses among them that the model may not have yet, as JSON; for values only.
    #[napi(ts_return_type = "Promise<Outcome<void>>")]
    pub fn set_tensors<'env>(
        &self,
        env: &'env Env,
        kind: String,
        names: Vec<String>,
        values: Vec<JsReals>,
        declared: Option<String>,
    ) -> napi::Result<Object<'env>> {
        spawn(
            env,
            Call::new("setTensors", None).on(&self.strand),
            || {
                let model = self.handle.get()?;
                let declared = declared.map_or(Ok(vec![]), |text| {
                    Declared::list_from_json(&parse("the parameters of losses", &text)?)
                })?;
                self.sizes.declare(&declared)?;
                let tensors = names.into_iter().zip(values);
                let tensors = tensors.map(|(name, reals)| {
                    let values = reals.copied(&name)?;
                    Ok((name, values))
                });
                let tensors = tensors.collect::<Result<Vec<_>>>()?;
                Ok(move |_: &lapicque_core::Control| {
                    let given =
                        tensors.iter().filter_map(|(name, reals)| Some((name.as_str(), reals.as_ref()?)));
                    let (given, mut model) = (given.collect::<Vec<_>>(), locked(&model)?);
                    match declared.is_empty() {
                        true => model.set_tensors(&kind, &given),
                        false => model.set_declared(&declared, &given),
                    }
                })
            },
            |_, ()| Ok(()),
        )
    }
}
