//! Compiles a description to a model for JavaScript.

use crate::handle::Handle;
use crate::model::{Batches, NativeModel, Sizes};
use crate::task::{Call, TaskHandle, spawn};
use lapicque_core::exec::AnyNetwork;
use lapicque_core::expr::{OperationCounts, Program};
use lapicque_core::graph::{Description, ProjectionKind};
use lapicque_core::train::declared::Declared;
use lapicque_core::train::{AnyTraining, TracedLoss};
use lapicque_core::workers::Strand;
use lapicque_core::{Result, settings};
use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;
use serde_json::{Value, json};
use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;

/// A compiled model for JavaScript.
pub struct Compiled {
    pub training: AnyTraining,
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
                Compiled::new(match unset {
                    true => AnyNetwork::unset(&description, level)?,
                    false => AnyNetwork::new(&description, level)?,
                })
            })
        },
        |env, compiled: Compiled| Ok(compiled.in_javascript(env)),
    )
}

impl Compiled {
    /// # Errors
    /// Those of [`TracedLoss::readout_from_json`] and [`TracedLoss::check_names`], for a description with a read-out.
    pub fn new(network: AnyNetwork) -> Result<Compiled> {
        let readout =
            network.description().readout.as_ref().map(TracedLoss::readout_from_json).transpose()?;
        if let Some(readout) = &readout {
            let parameters: Vec<String> = network.parameters().into_iter().map(|own| own.name).collect();
            let output = &network.plan().layers[network.plan().output].name;
            readout.check_names(&network.recordable(), &parameters, output)?;
        }
        let (sizes, (summary, bytes)) = (Sizes::new(&network), summarize(&network));
        let mut compiled = Compiled { training: AnyTraining::new(network), summary, bytes, sizes };
        if let Some(readout) = &readout {
            compiled.declare(readout.parameters())?;
        }
        Ok(compiled)
    }

    /// Adds parameters of a read-out, or of losses that a file has.
    pub fn declare(&mut self, declared: &[Declared]) -> Result<()> {
        self.training.declare(declared)?;
        self.sizes.declare(declared)
    }

    pub fn in_javascript(self, env: &Env) -> NativeModel {
        let Compiled { training, summary, bytes, sizes } = self;
        let handle = Handle::new(env, "the model", Mutex::new(training), bytes);
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
fn summarize(network: &AnyNetwork) -> (String, usize) {
    let (plan, parameters) = (network.plan(), network.parameters());
    let stored: u64 = parameters.iter().map(|p| p.stored).sum();
    let parameters: Vec<Value> = parameters
        .iter()
        .map(|p| json!({ "name": p.name, "shape": p.shape, "trainable": p.trainable }))
        .collect();
    let layers: Vec<Value> = plan
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
    let projections: Vec<Value> = plan
        .projections
        .iter()
        .map(|p| json!({ "name": p.name, "inputs": p.inputs, "outputs": p.outputs * p.parts, "dense": p.kind == ProjectionKind::Dense }))
        .collect();
    let maps: Vec<Value> =
        (plan.maps.iter()).map(|map| json!({ "name": map.name, "shape": map.shape.sizes() })).collect();
    let fusions: Vec<Value> = (plan.fusions.fused_layers(plan))
        .map(|fused| json!({ "layer": fused.layer, "within": fused.within, "reason": fused.reason }))
        .collect();
    let summary = json!({
        "maps": maps,
        "fusions": fusions,
        "description": network.description(),
        "parameters": parameters,
        "layers": layers,
        "projections": projections,
        "parameterCount": network.parameter_count(),
        "recordable": network.recordable(),
        "output": plan.layers[plan.output].name,
    });
    (summary.to_string(), (stored * network.precision().bytes()) as usize)
}
