//! Files of tensors for JavaScript: `.safetensors`, `.npy`, `.npz`.
//!
//! Metadata and tensors are lists of names and values, not objects with a file's names as keys:
//! `__proto__` is a name like any other.

use crate::arrays::{self, Uint8ArraySlice};
use crate::boundary::{Raw, from_napi};
use crate::numbers;
use crate::task::{Call, TaskHandle, spawn};
use half::{bf16, f16};
use lapicque_core::files::{Container, Dtype, Tensor, any};
use lapicque_core::{Control, Result};
use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;
use std::collections::BTreeMap;
use std::path::Path;

/// An array on its way to a file.
#[napi(object, object_to_js = false)]
pub struct TensorInput<'env> {
    pub name: String,
    /// As safetensors names it: `F32`, `U8`, `BOOL` …
    pub dtype: String,
    pub shape: Vec<f64>,
    /// The elements' bytes, little-endian, in C order.
    #[napi(ts_type = "Uint8Array")]
    pub data: Uint8ArraySlice<'env>,
}

/// Reads a `.safetensors`, `.npy` or `.npz` file, whichever its content is. `schema` is that of
/// lapicque's own files, whose checksums have been checked. The data of F16 and BF16 tensors is a
/// Float32Array with the same values, that of BOOL a Uint8Array.
#[napi(
    ts_return_type = "Promise<Outcome<{ metadata: [string, string][], schema: number | null, tensors: { name: string, dtype: string, shape: number[], data: Float32Array | Float64Array | Int8Array | Int16Array | Int32Array | BigInt64Array | Uint8Array | Uint16Array | Uint32Array | BigUint64Array }[] }>>"
)]
pub fn read_tensors<'env>(
    env: &'env Env,
    path: String,
    task: Option<&TaskHandle>,
) -> napi::Result<Object<'env>> {
    let prepare = || Ok(move |_: &Control| any::read(Path::new(&path)));
    spawn(env, Call::new("readTensors", task), prepare, |env, file: Container| {
        let tensors =
            file.tensors.iter().map(|tensor| tensor_object(env, tensor)).collect::<Result<Vec<_>>>()?;
        let metadata = file.metadata.into_iter().map(|(key, value)| vec![key, value]).collect::<Vec<_>>();
        let object = || -> napi::Result<Object> {
            let mut object = Object::new(env)?;
            object.set("metadata", metadata)?;
            object.set("schema", file.schema.map(|version| version as f64))?;
            object.set("tensors", tensors)?;
            Ok(object)
        };
        Raw::new(env, object().map_err(from_napi)?)
    })
}

/// Writes a file that the name's ending chooses: numpy's `.npy` (one array) and `.npz`, or else
/// lapicque's checked `.safetensors`. The old file stays as it was when anything fails.
#[napi(ts_return_type = "Promise<Outcome<undefined>>")]
pub fn write_tensors<'env>(
    env: &'env Env,
    path: String,
    #[napi(ts_arg_type = "[string, string][]")] metadata: Vec<(String, String)>,
    tensors: Vec<TensorInput>,
    task: Option<&TaskHandle>,
) -> napi::Result<Object<'env>> {
    let prepare = || {
        let tensors = tensors.into_iter().map(copied).collect::<Result<Vec<_>>>()?;
        let metadata: BTreeMap<String, String> = metadata.into_iter().collect();
        Ok(move |_: &Control| {
            let views: Vec<_> = tensors.iter().map(Tensor::view).collect();
            any::write(Path::new(&path), &metadata, &views)
        })
    };
    spawn(env, Call::new("writeTensors", task), prepare, |_, ()| Ok(()))
}

fn copied(input: TensorInput) -> Result<Tensor> {
    let extent = |&extent: &f64| numbers::size("shape", extent, 0..=numbers::MAX_SAFE_INTEGER as usize);
    Ok(Tensor {
        dtype: Dtype::from_name(&input.dtype)?,
        shape: input.shape.iter().map(extent).collect::<Result<_>>()?,
        bytes: arrays::copied(&input.name, &input.data)?,
        name: input.name,
    })
}

fn tensor_object<'env>(env: &'env Env, tensor: &Tensor) -> Result<Object<'env>> {
    let data = typed_array(env, tensor)?;
    let object = || -> napi::Result<Object> {
        let mut object = Object::new(env)?;
        object.set("name", &tensor.name)?;
        object.set("dtype", tensor.dtype.name())?;
        object.set("shape", tensor.shape.iter().map(|&extent| extent as f64).collect::<Vec<_>>())?;
        object.set("data", data)?;
        Ok(object)
    };
    object().map_err(from_napi)
}

fn typed_array(env: &Env, tensor: &Tensor) -> Result<Raw> {
    macro_rules! each {
        ($($dtype:ident => $t:ty as $to:ty),*) => {
            match tensor.dtype {
                $(Dtype::$dtype => {
                    let elements = tensor.bytes.as_chunks().0.iter().map(|&bytes| <$to>::from(<$t>::from_le_bytes(bytes)));
                    Raw::new(env, arrays::array_from::<$to>(env, &tensor.name, elements)?)
                })*
            }
        };
    }
    each!(
        F64 => f64 as f64, F32 => f32 as f32, F16 => f16 as f32, Bf16 => bf16 as f32, I64 => i64 as i64, I32 => i32 as i32,
        I16 => i16 as i16, I8 => i8 as i8, U64 => u64 as u64, U32 => u32 as u32, U16 => u16 as u16, U8 => u8 as u8,
        Bool => u8 as u8
    )
}
