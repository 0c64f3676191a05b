//! Compiles a description to a model for JavaScript.

use crate::handle::Handle;
use crate::model::{AnyModel, Batches, NativeModel, Sizes};
use crate::precision::Either;
use crate::task::{Call, TaskHandle, spawn};
use lapicque_core::exec::Network;
use lapicque_core::expr::{OperationCounts, Program};
use lapicque_core::graph::{Description, Precision, ProjectionKind};
use lapicque_core::projection::Element;
use lapicque_core::train::step::Training;
use lapicque_core::workers::Strand;
use lapicque_core::{Result, SimdLevel, settings};
use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;
use serde_json::{Value, json};
use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;

/// A compiled model for JavaScript.
pub struct Compiled {
    model: AnyModel,
    summary: String,
    bytes: usize,
    sizes: Sizes,
}

/// Compiles a description (JSON) and validates all of it. Weights are sampled or, with `unset`, 0 until they are set.
#[napi(ts_return_type = "Promise<Outcome<NativeModel>>")]
pub fn compile<'env>(
    env: &'env Env,
    description: String,
    unset: bool,
    handle: Option<&TaskHandle>,
) -> napi::Result<Object<'env>> {
    spawn(
        env,
        Call::new("compile", handle),
        move || {
            let level = settings::simd()?;
            Ok(move |_control: &lapicque_core::Control| {
                let description = Description::from_json(&description)?;
                match description.precision {
                    Precision::F32 => Compiled::of(initialized(&description, level, unset)?, Either::F32),
                    Precision::F64 => Compiled::of(initialized(&description, level, unset)?, Either::F64),
                }
            })
        },
        |env, compiled: Compiled| Ok(compiled.in_javascript(env)),
    )
}

fn initialized<F: Element>(description: &Description, level: SimdLevel, unset: bool) -> Result<Training<F>> {
    let network = if unset { Network::unset(description, level)? } else { Network::new(description, level)? };
    Ok(Training::new(network))
}

impl Compiled {
    pub fn of<F: Element>(
        training: Training<F>,
        of: impl Fn(Mutex<Training<F>>) -> AnyModel,
    ) -> Result<Compiled> {
        let (sizes, (summary, bytes)) = (Sizes::new(&training.network), summarize(&training.network));
        Ok(Compiled { model: of(Mutex::new(training)), summary, bytes, sizes })
    }

    pub fn in_javascript(self, env: &Env) -> NativeModel {
        let Compiled { model, summary, bytes, sizes } = self;
        let handle = Handle::new(env, "the model", model, bytes);
        NativeModel {
            handle,
            strand: Strand::default(),
            sizes,
            summary,
            batches: Batches::default(),
            threads: AtomicUsize::new(0),
        }
    }
}

/// Operations of a step for one neuron.
pub fn operation_counts(program: &Program) -> Value {
    let OperationCounts { arithmetic, exponentials, divisions } = program.operation_counts();
    json!({ "arithmetic": arithmetic, "exponentials": exponentials, "divisions": divisions })
}

/// The properties that do not change after compilation, as JSON.
fn summarize<F: Element>(network: &Network<F>) -> (String, usize) {
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
                "operations": json!({
                    "forward": operation_counts(&layer.bound.forward),
                    "backward": operation_counts(&layer.bound.adjoint),
                }),
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
    let fusions: Vec<Value> = (network.plan.fusions.fused_layers(&network.plan))
        .map(|fused| json!({ "layer": fused.layer, "within": fused.within, "reason": fused.reason }))
        .collect();
    let summary = json!({
        "maps": maps,
        "fusions": fusions,
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
