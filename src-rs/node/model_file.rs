//! Loads a model directly from its file. Shapes are compared with the description before memory is allocated for the
//! network.

use crate::compile::Compiled;
use crate::handle::lock;
use crate::task::{Call, TaskHandle, spawn};
use crate::tensors::{Content, NativeFile, limits};
use lapicque_core::exec::{AnyNetwork, FileTensors, MOMENTS, ParameterInfo};
use lapicque_core::files::{Dtype, Limits};
use lapicque_core::graph::Description;
use lapicque_core::train::declared::Declared;
use lapicque_core::{AnyReals, Control, Error, Result, SimdLevel, settings};
use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;
use std::collections::HashMap;

/// The prefixes of the tensor names of each kind: values, the optimizer's moments, the best values so far.
const PREFIXES: [&str; 2 + MOMENTS] =
    ["", "optimizer.moment1.", "optimizer.moment2.", "optimizer.moment3.", "optimizer.best."];

/// The names in the network of [`PREFIXES`].
const KINDS: [&str; 1 + MOMENTS] = ["value", "moment1", "moment2", "moment3"];

/// Compiles the network of a file and sets its parameters and the optimizer's moments from the file's tensors. Errors:
/// `malformed-file` without a path, `too-large`, and those of `compile`.
#[napi(ts_return_type = "Promise<Outcome<NativeModel>>")]
pub fn compile_file<'env>(
    env: &'env Env,
    file: &NativeFile,
    limit_bytes: f64,
    handle: Option<&TaskHandle>,
) -> napi::Result<Object<'env>> {
    spawn(
        env,
        Call::new("compileFile", handle),
        || {
            let (level, limits, file) = (settings::simd()?, limits(limit_bytes)?, file.content()?);
            Ok(move |control: &Control| {
                let text = file.metadata.get("description");
                let text = text.ok_or_else(|| malformed("it does not contain a lapicque model"))?;
                limits.check("the model's description", description_bytes(text), file.file_bytes)?;
                let description = Description::from_json(text)?;
                build(&description, level, &file, limits, control)
            })
        },
        |env, compiled: Compiled| Ok(compiled.in_javascript(env)),
    )
}

fn malformed(reason: impl Into<String>) -> Error {
    Error::MalformedFile { format: "lapicque model".into(), offset: 0, reason: reason.into() }
}

/// The approximate memory of a description during reading: twice as values, and as text. A list of one-digit numbers
/// takes 64 times its characters, an object with one key 200 times.
fn description_bytes(text: &str) -> u64 {
    let of = |byte: u8| match byte {
        b',' => 64,
        b'{' => 1400,
        b'[' => 128,
        _ => 0,
    };
    text.bytes().map(of).sum::<u64>() + 4 * text.len() as u64
}

fn build(
    description: &Description,
    level: SimdLevel,
    file: &Content,
    limits: Limits,
    control: &Control,
) -> Result<Compiled> {
    let mut shapes = HashMap::new();
    for tensor in &file.tensors {
        if let Some(tensor) = &*lock("a tensor", tensor)? {
            shapes.insert(tensor.name.clone(), tensor.shape.clone());
        }
    }
    control.check()?;
    let network = AnyNetwork::for_tensors(
        description,
        level,
        FileTensors { shapes: &shapes, limits, file_bytes: file.file_bytes },
    )?;
    let mut parameters = network.parameters();
    let declared = file.metadata.get("lossParameters").map_or(Ok(vec![]), |text| {
        limits.check("the parameters of losses", description_bytes(text), file.file_bytes)?;
        let value = serde_json::from_str(text).map_err(|e| malformed(e.to_string()))?;
        Declared::list_from_json(&value).map_err(|e| malformed(e.to_string()))
    })?;
    for Declared { name, shape, .. } in &declared {
        if shapes.get(name) != Some(shape) {
            return Err(malformed(format!("the tensor {name} of the shape {shape:?} is missing")));
        }
        let elements = shape.iter().product::<usize>() as u64;
        parameters.push(ParameterInfo {
            name: name.clone(),
            shape: shape.clone(),
            stored: elements,
            trainable: true,
        });
    }
    let numbers: HashMap<&str, usize> =
        parameters.iter().enumerate().map(|(i, p)| (p.name.as_str(), i)).collect();
    let mut found: [Vec<(&str, AnyReals)>; 1 + MOMENTS] = Default::default();
    for tensor in &file.tensors {
        control.check()?;
        let mut slot = lock("a tensor", tensor)?;
        let Some(tensor) = &*slot else { continue };
        let of_kind =
            |(kind, prefix): (usize, &str)| Some((*numbers.get(tensor.name.strip_prefix(prefix)?)?, kind));
        // The first prefix is empty, because the name of a parameter may begin like the names of moments.
        let (number, kind) = PREFIXES
            .into_iter()
            .enumerate()
            .find_map(of_kind)
            .ok_or_else(|| malformed(format!("the tensor {} belongs to no layer", tensor.name)))?;
        let expected = &parameters[number].shape;
        if tensor.shape != *expected {
            let (name, shape) = (&tensor.name, &tensor.shape);
            return Err(malformed(format!("the tensor {name} has the shape {shape:?}, not {expected:?}")));
        }
        let reals = match tensor.dtype {
            Dtype::F32 => AnyReals::Single(tensor.view().to_f32()?),
            Dtype::F64 => AnyReals::Double(tensor.view().to_f64()?),
            other => {
                let (name, other) = (&tensor.name, other.name());
                return Err(malformed(format!("the tensor {name} is of type {other}, not F32 or F64")));
            }
        };
        // The caller handles the best weights.
        if let Some(found) = found.get_mut(kind) {
            found.push((&parameters[number].name, reals));
            *slot = None;
        }
    }
    let mut compiled = Compiled::new(network)?;
    compiled.declare(&declared)?;
    for (kind, found) in KINDS.into_iter().zip(&found) {
        let tensors: Vec<_> = found.iter().map(|(name, values)| (*name, values)).collect();
        compiled.training.set_tensors(kind, &tensors)?;
    }
    Ok(compiled)
}
