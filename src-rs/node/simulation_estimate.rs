//! The memory that a large network needs, before it is built.

use crate::network_arrays::NetworkArrays;
use crate::numbers;
use crate::task::{Call, Needs, TaskHandle, spawn_with};
use lapicque_core::simulate::{Description, Plan, Storage};
use lapicque_core::{Control, Precision, Result, settings};
use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;
use serde_json::{Value, json};

/// The number of threads of a simulation: that of the caller, or of the process.
pub fn threads_or_default(threads: Option<f64>) -> Result<usize> {
    match threads {
        Some(threads) => numbers::threads("threads", threads),
        None => settings::threads(),
    }
}

/// How the synapses of each connection are stored.
pub fn storage_of(plan: &Plan, precision: Precision) -> Value {
    let of = |Storage { form, synapses, wide, bytes }: Storage| json!({ "form": form.name(), "synapses": synapses, "wide": wide, "bytes": bytes });
    plan.storage_in(precision).into_iter().map(of).collect()
}

/// Estimates the memory of a network, as JSON, from its description (JSON) and its lists, without building it.
#[napi(ts_return_type = "Promise<Outcome<string>>")]
pub fn estimate_simulation<'env>(
    env: &'env Env,
    description: String,
    lists: NetworkArrays,
    precision: String,
    threads: Option<f64>,
    handle: Option<&TaskHandle>,
) -> napi::Result<Object<'env>> {
    spawn_with(
        env,
        Call::new("simulation.estimate", handle),
        move || {
            let lists = lists.edits()?;
            let job = move |_: &Control| {
                let mut description = Description::from_json(&description)?;
                lists.into_iter().try_for_each(|edit| edit(&mut description))?;
                let plan = Plan::new(description)?;
                let precision = Precision::from_name(&precision)?;
                let bytes = plan.needed_in(precision, rayon::current_num_threads())?;
                let estimate = json!({
                    "neurons": plan.neurons, "synapses": plan.synapses(), "bytes": bytes, "storage": storage_of(&plan, precision)
                });
                Ok(estimate.to_string())
            };
            Ok((job, Needs { threads: threads_or_default(threads)?, long: false }))
        },
        |_, text| Ok(text),
    )
}
