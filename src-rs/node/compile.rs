//! From a description to a model that JavaScript holds.

use crate::handle::Handle;
use crate::model::{AnyModel, Batches, NativeModel, Sizes};
use crate::precision::Either;
use crate::task::{TaskHandle, spawn};
use lapicque_core::exec::Network;
use lapicque_core::graph::{Description, Precision, ProjectionKind};
use lapicque_core::lanes::Strand;
use lapicque_core::projection::Element;
use lapicque_core::train::step::Training;
use lapicque_core::{Result, SimdLevel, settings};
use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;
use serde_json::{Value, json};
use std::sync::Mutex;

/// A compiled model on its way to JavaScript.
struct Compiled {
    model: AnyModel,
    summary: String,
    bytes: usize,
    sizes: Sizes,
}

/// Compiles a description (JSON). All validation happens here. Weights are drawn or, where `unset`, 0 until they are set.
#[napi(ts_return_type = "Promise<Outcome<NativeModel>>")]
pub fn compile<'env>(
    env: &'env Env,
    description: String,
    unset: bool,
    handle: Option<&TaskHandle>,
) -> napi::Result<Object<'env>> {
    spawn(
        env,
        handle,
        move || {
            let level = settings::simd()?;
            Ok(move |_control: &lapicque_core::Control| {
                let description = Description::from_json(&description)?;
                match description.precision {
                    Precision::F32 => build(&description, level, unset, Either::F32),
                    Precision::F64 => build(&description, level, unset, Either::F64),
                }
            })
        },
        |env, compiled| {
            let Compiled { model, summary, bytes, sizes } = compiled;
            let handle = Handle::new(env, "the model", model, bytes);
            Ok(NativeModel { handle, strand: Strand::default(), sizes, summary, batches: Batches::default() })
        },
    )
}

fn build<F: Element>(
    description: &Description,
    level: SimdLevel,
    unset: bool,
    of: impl Fn(Mutex<Training<F>>) -> AnyModel,
) -> Result<Compiled> {
    let network = if unset { Network::unset(description, level)? } else { Network::new(description, level)? };
    let (sizes, (summary, bytes)) = (Sizes::new(&network), summarise(&network));
    Ok(Compiled { model: of(Mutex::new(Training::new(network))), summary, bytes, sizes })
}

/// What does not change after compilation, as JSON.
fn summarise<F: Element>(network: &Network<F>) -> (String, usize) {
    let parameters: Vec<Value> = network
        .parameters
        .iter()
        .map(|p| json!({ "name": p.name, "shape": p.layout.shape(), "trainable": p.trainable }))
        .collect();
    let layers: Vec<Value> = network
        .plan
        .layers
        .iter()
        .enumerate()
        .map(|(l, layer)| {
            json!({
                "name": layer.name,
                "neurons": layer.neurons,
                "shape": layer.shape.sizes(),
                "spiking": layer.bound.spiking,
                "ports": layer.bound.ports,
                "native": network.is_native(l),
                "states": layer.bound.states.iter().map(|s| json!({ "name": s.name, "unit": s.unit })).collect::<Vec<_>>(),
            })
        })
        .collect();
    let projections: Vec<Value> = network
        .plan
        .projections
        .iter()
        .map(|p| json!({ "name": p.name, "inputs": p.inputs, "outputs": p.outputs * p.parts, "dense": p.kind == ProjectionKind::Dense }))
        .collect();
    let maps: Vec<Value> = (network.plan.maps.iter())
        .map(|map| json!({ "name": map.name, "shape": map.shape.sizes() }))
        .collect();
    let summary = json!({
        "maps": maps,
        "description": network.description,
        "parameters": parameters,
        "layers": layers,
        "projections": projections,
        "parameterCount": network.parameter_count(),
        "recordable": network.recordable(),
        "output": network.plan.layers[network.plan.output].name,
    });
    let bytes = network.parameters.iter().map(|p| p.data.len() * size_of::<F>()).sum();
    (summary.to_string(), bytes)
}
