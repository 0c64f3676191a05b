//! Files of tensors for JavaScript: `.safetensors`, `.npy`, `.npz`.
//!
//! Metadata and tensors are lists of names and values, not objects whose keys come from a file, because `__proto__` is
//! a valid name.

use crate::arrays::{self, Uint8ArraySlice};
use crate::boundary::{Outcome, json, sync};
use crate::bytes::NativeBytes;
use crate::handle::{Handle, lock};
use crate::numbers;
use crate::task::{Call, TaskHandle, spawn};
use half::{bf16, f16};
use lapicque_core::files::atomic::write_atomic;
use lapicque_core::files::{Container, Dtype, Format, Limits, Reading, Tensor, any};
use lapicque_core::{Control, Error, Result};
use napi::Env;
use napi::bindgen_prelude::{Object, ObjectFinalize};
use napi_derive::napi;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

/// An array to be written to a file.
#[napi(object, object_to_js = false)]
pub struct TensorInput<'env> {
    pub name: String,
    /// The name of the type in safetensors: `F32`, `U8`, `BOOL` …
    pub dtype: String,
    pub shape: Vec<f64>,
    /// The elements' bytes, little-endian, in C order.
    #[napi(ts_type = "Uint8Array")]
    pub data: Uint8ArraySlice<'env>,
}

/// A file's content in the engine's memory.
#[napi(custom_finalize)]
pub struct NativeFile {
    handle: Handle<Content>,
}

/// The content of a file.
pub struct Content {
    pub metadata: BTreeMap<String, String>,
    pub schema: Option<u64>,
    /// `None` after its release.
    pub tensors: Vec<Mutex<Option<Tensor>>>,
    /// Size of the file in bytes.
    pub file_bytes: u64,
    /// Name, type and shape of each tensor, as JSON.
    entries: String,
}

impl Content {
    fn new(file: Container, file_bytes: u64) -> Result<Self> {
        let entries = file.tensors.iter().map(|tensor| (&tensor.name, tensor.dtype.name(), &tensor.shape));
        let entries = json(&entries.collect::<Vec<_>>())?;
        let tensors = file.tensors.into_iter().map(|tensor| Mutex::new(Some(tensor))).collect();
        Ok(Content { metadata: file.metadata, schema: file.schema, tensors, file_bytes, entries })
    }
}

impl ObjectFinalize for NativeFile {
    fn finalize(self, env: Env) -> napi::Result<()> {
        self.handle.dispose(&env);
        Ok(())
    }
}

#[napi]
impl NativeFile {
    /// Names and values.
    #[napi]
    pub fn metadata(&self) -> Outcome<Vec<Vec<String>>> {
        sync(|| {
            let content = self.handle.get()?;
            Ok(content.metadata.iter().map(|(key, value)| vec![key.clone(), value.clone()]).collect())
        })
    }

    /// The schema version of a file written by lapicque, whose checksums have been verified; `null` for other files.
    #[napi]
    pub fn schema(&self) -> Outcome<Option<f64>> {
        sync(|| Ok(self.handle.get()?.schema.map(|version| version as f64)))
    }

    /// Size of the file in bytes.
    #[napi]
    pub fn held(&self) -> Outcome<f64> {
        sync(|| Ok(self.handle.get()?.file_bytes as f64))
    }

    /// `[name, dtype, shape]` of each tensor in the order of the file, as JSON.
    #[napi]
    pub fn entries(&self) -> Outcome<String> {
        sync(|| Ok(self.handle.get()?.entries.clone()))
    }

    /// Fills a piece of a tensor's array, from byte `from` of the array on. F16 and BF16 are converted to 32-bit
    /// numbers.
    #[napi]
    pub fn copy(&self, tensor: f64, from: f64, into: Uint8ArraySlice) -> Outcome<()> {
        sync(|| {
            let content = self.handle.get()?;
            let tensor = numbers::size("tensor", tensor, 0..=content.tensors.len().saturating_sub(1))?;
            let tensor = lock("a tensor", &content.tensors[tensor])?;
            let gone = || Error::Disposed { what: "the tensor".into() };
            let tensor = tensor.as_ref().ok_or_else(gone)?;
            let (from, len) = (numbers::size("from", from, 0..=1 << 48)?, into.len("into")?);
            let piece = |from: usize, len: usize| {
                let piece = tensor.bytes.get(from..from + len);
                piece.ok_or_else(|| Error::invalid("into", len, "at most the remaining bytes"))
            };
            match tensor.dtype {
                Dtype::F16 => widened(piece(from / 2, len / 2)?, &into, |x| f16::from_le_bytes(x).to_f32()),
                Dtype::Bf16 => widened(piece(from / 2, len / 2)?, &into, |x| bf16::from_le_bytes(x).to_f32()),
                _ => arrays::fill("into", &into, piece(from, len)?),
            }
        })
    }

    /// Frees a tensor that has been copied.
    #[napi]
    pub fn release(&self, tensor: f64) -> Outcome<()> {
        sync(|| {
            let content = self.handle.get()?;
            let tensor = numbers::size("tensor", tensor, 0..=content.tensors.len().saturating_sub(1))?;
            *lock("a tensor", &content.tensors[tensor])? = None;
            Ok(())
        })
    }

    #[napi]
    pub fn dispose(&self, env: Env) {
        self.handle.dispose(&env);
    }
}

impl NativeFile {
    pub fn content(&self) -> Result<Arc<Content>> {
        self.handle.get()
    }
}

fn widened(halves: &[u8], into: &Uint8ArraySlice, value: impl Fn([u8; 2]) -> f32) -> Result<()> {
    let wide: Vec<u8> = halves.as_chunks().0.iter().flat_map(|&half| value(half).to_le_bytes()).collect();
    arrays::fill("into", into, &wide)
}

/// The memory that a file may take, as given by JavaScript.
pub fn limits(bytes: f64) -> Result<Limits> {
    Ok(Limits { bytes: numbers::size("limits.bytes", bytes, 0..=numbers::MAX_SAFE_INTEGER as usize)? as u64 })
}

/// Reads a `.safetensors`, `.npy` or `.npz` file; the content determines the format. The source is a path, or bytes,
/// which are moved out of their handle. `name` is the name of the array if an `.npy` has no path.
#[napi(ts_return_type = "Promise<Outcome<NativeFile>>")]
pub fn read_tensors<'env>(
    env: &'env Env,
    path: Option<String>,
    bytes: Option<&NativeBytes>,
    name: String,
    limit_bytes: f64,
    task: Option<&TaskHandle>,
) -> napi::Result<Object<'env>> {
    let prepare = || {
        let limits = limits(limit_bytes)?;
        let bytes = bytes.map(NativeBytes::take);
        Ok(move |control: &Control| {
            let reading = Reading { limits, control: Some(control) };
            match (path, bytes) {
                (Some(path), _) => any::read(Path::new(&path), reading),
                (None, bytes) => any::read_bytes(&bytes.unwrap_or_default(), name, reading),
            }
            .and_then(|(file, file_bytes)| Content::new(file, file_bytes))
        })
    };
    spawn(env, Call::new("readTensors", task), prepare, |env, content| {
        let bytes = content.file_bytes as usize;
        Ok(NativeFile { handle: Handle::new(env, "the file", content, bytes) })
    })
}

/// Writes a file in `format`. Without `format`, the extension of the path decides: numpy's `.npy` (one array), `.npz`,
/// or lapicque's `.safetensors` with checksums. If anything fails, the old file is unchanged. Without a path, returns
/// the file's bytes.
#[napi(ts_return_type = "Promise<Outcome<NativeBytes | null>>")]
pub fn write_tensors<'env>(
    env: &'env Env,
    path: Option<String>,
    format: Option<String>,
    #[napi(ts_arg_type = "[string, string][]")] metadata: Vec<(String, String)>,
    tensors: Vec<TensorInput>,
    task: Option<&TaskHandle>,
) -> napi::Result<Object<'env>> {
    let prepare = || {
        let tensors = tensors.into_iter().map(copied).collect::<Result<Vec<_>>>()?;
        let metadata: BTreeMap<String, String> = metadata.into_iter().collect();
        let format = format.as_deref().map(Format::from_name).transpose()?;
        Ok(move |_: &Control| {
            let views: Vec<_> = tensors.iter().map(Tensor::view).collect();
            match path.as_deref().map(Path::new) {
                Some(path) => {
                    let format = format.unwrap_or_else(|| Format::of(path));
                    any::write(path, format, &metadata, &views).map(|()| None)
                }
                None => any::to_bytes(format.unwrap_or(Format::Safetensors), &metadata, &views).map(Some),
            }
        })
    };
    spawn(env, Call::new("writeTensors", task), prepare, |_, bytes: Option<Vec<u8>>| {
        Ok(bytes.map(NativeBytes::of))
    })
}

/// Writes the bytes to a file atomically; the bytes are moved out of their handle.
#[napi(ts_return_type = "Promise<Outcome<undefined>>")]
pub fn write_bytes<'env>(
    env: &'env Env,
    path: String,
    bytes: &NativeBytes,
    task: Option<&TaskHandle>,
) -> napi::Result<Object<'env>> {
    let prepare = || {
        let bytes = bytes.take();
        Ok(move |_: &Control| write_atomic(Path::new(&path), |out| out.write_all(&bytes)))
    };
    spawn(env, Call::new("writeBytes", task), prepare, |_, ()| Ok(()))
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
