//! Operation counts of a model's run, for JavaScript.

use crate::boundary::json;
use crate::handle::lock;
use crate::input::{JsInput, OwnedInput};
use crate::model::NativeModel;
use crate::precision::either;
use crate::task::{Call, TaskHandle, spawn};
use lapicque_core::Control;
use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;

#[napi]
impl NativeModel {
    /// Operations, activity and energy of a batch, as JSON.
    #[napi(ts_return_type = "Promise<Outcome<string>>")]
    pub fn operations<'env>(
        &self,
        env: &'env Env,
        input: JsInput,
        handle: Option<&TaskHandle>,
    ) -> napi::Result<Object<'env>> {
        spawn(
            env,
            Call::new("operations", handle).on(&self.strand),
            || {
                let model = self.handle.get()?;
                let input = OwnedInput::new(input)?;
                Ok(move |control: &Control| {
                    let operations = either!(&*model, inner => {
                        let network = &lock("the model", inner)?.network;
                        input.with(network.level, |x| network.operations(x, control))?
                    });
                    json(&operations)
                })
            },
            |_, text: String| Ok(text),
        )
    }
}
