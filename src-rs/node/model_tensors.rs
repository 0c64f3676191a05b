//! All tensors of a model by name: parameters, gradients, moments of the optimizer.

use crate::arrays;
use crate::boundary::{Raw, from_napi};
use crate::handle::lock;
use crate::model::{NativeModel, training};
use crate::precision::{Either, each, either};
use crate::reals::{JsReals, Reals};
use crate::task::{Call, spawn};
use lapicque_core::Result;
use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;

/// Names and values in the order of the parameters.
type Tensors<F> = Vec<(String, Vec<F>)>;

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
                Ok(move |_: &lapicque_core::Control| {
                    Ok(each!(&*model, inner => lock("the model", inner)?.tensors(&kind)?))
                })
            },
            |env, tensors: Either<Tensors<f32>, Tensors<f64>>| {
                let mut out = Object::new(env).map_err(from_napi)?;
                either!(tensors, tensors => {
                    for (name, values) in tensors {
                        out.set(name.as_str(), arrays::array(env, &name, &values)?).map_err(from_napi)?;
                    }
                });
                Raw::new(env, out)
            },
        )
    }

    /// Replaces the tensors of one `kind` (as in `tensors`) of all given parameters. If one tensor is refused, none is
    /// replaced.
    #[napi(ts_return_type = "Promise<Outcome<void>>")]
    pub fn set_tensors<'env>(
        &self,
        env: &'env Env,
        kind: String,
        names: Vec<String>,
        values: Vec<JsReals>,
    ) -> napi::Result<Object<'env>> {
        spawn(
            env,
            Call::new("setTensors", None).on(&self.strand),
            || {
                let model = self.handle.get()?;
                let tensors = names.into_iter().zip(values);
                let tensors = tensors.map(|(name, reals)| {
                    let values = Reals::copied(&name, &reals)?;
                    Ok((name, values))
                });
                let tensors = tensors.collect::<Result<Vec<_>>>()?;
                Ok(move |_: &lapicque_core::Control| {
                    training!(model, t => {
                        let tensors_of_kind = tensors.iter().filter_map(|(name, reals)| {
                            let values = reals.as_ref()?.of(name);
                            Some(values.map(|values| (name.as_str(), values)))
                        });
                        t.set_tensors(&kind, &tensors_of_kind.collect::<Result<Vec<_>>>()?)
                    })
                })
            },
            |_, ()| Ok(()),
        )
    }
}
