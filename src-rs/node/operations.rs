//! Operation counts of a model's run, for JavaScript.

use crate::boundary::json;
use crate::input::JsInput;
use crate::model::{NativeModel, locked};
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
                let input = input.owned()?;
                Ok(move |control: &Control| json(&locked(&model)?.operations(&input, control)?))
            },
            |_, text: String| Ok(text),
        )
    }
}
