//! HDF5 files that JavaScript writes, piece by piece.

use crate::arrays::{self, Uint8ArraySlice, Uint32ArraySlice};
use crate::boundary::{Outcome, sync};
use crate::bytes::NativeBytes;
use crate::handle::lock;
use crate::hdf5_types::from_json;
use crate::numbers;
use crate::task::{Call, TaskHandle, spawn};
use lapicque_core::files::atomic::PendingFile;
use lapicque_core::hdf5::write::{DatasetId, Layout, Sink, Spec, Writer};
use lapicque_core::workers::Strand;
use lapicque_core::{Control, Error, Result};
use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;
use serde_json::Value;
use std::fs::File;
use std::io::{BufWriter, Cursor, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};

/// A file in memory, returned when it is complete.
#[derive(Clone, Default)]
struct Memory(Arc<Mutex<Cursor<Vec<u8>>>>);

impl Memory {
    fn with<T>(&self, work: impl FnOnce(&mut Cursor<Vec<u8>>) -> std::io::Result<T>) -> std::io::Result<T> {
        let mut cursor =
            self.0.lock().map_err(|_| std::io::Error::other("in an unknown state after an earlier error"))?;
        work(&mut cursor)
    }
}

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.with(|cursor| {
            cursor.get_mut().try_reserve(bytes.len()).map_err(|_| std::io::ErrorKind::OutOfMemory)?;
            cursor.write(bytes)
        })
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Seek for Memory {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.with(|cursor| cursor.seek(to))
    }
}

/// A file that is being written; `None` once it is at its path.
#[derive(Clone)]
struct OnDisk(Arc<Mutex<Option<PendingFile>>>);

impl OnDisk {
    fn with<T>(&self, work: impl FnOnce(&mut BufWriter<File>) -> std::io::Result<T>) -> std::io::Result<T> {
        let left = || std::io::Error::other("in an unknown state after an earlier error");
        let mut pending = self.0.lock().map_err(|_| left())?;
        let mut done = None;
        let written = pending.as_mut().ok_or_else(left)?.write(|out| {
            done = Some(work(out)?);
            Ok(())
        });
        match (written, done) {
            (Ok(()), Some(value)) => Ok(value),
            (Err(Error::Io { reason, .. }), _) => Err(std::io::Error::other(reason)),
            _ => Err(left()),
        }
    }
}

impl Write for OnDisk {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.with(|out| out.write(bytes))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.with(BufWriter::flush)
    }
}

impl Seek for OnDisk {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.with(|out| out.seek(to))
    }
}

/// The final path of the file.
enum Target {
    File(OnDisk),
    Memory(Memory),
}

struct Open {
    writer: Writer,
    target: Target,
}

type Shared = Arc<Mutex<Option<Open>>>;

fn with<T>(shared: &Shared, work: impl FnOnce(&mut Writer) -> Result<T>) -> Result<T> {
    let mut open = lock("the file", shared)?;
    let open = open.as_mut().ok_or_else(|| Error::Disposed { what: "the HDF5 writer".into() })?;
    work(&mut open.writer)
}

/// Writes one file, which appears only with `finish`.
#[napi]
pub struct NativeHdf5Writer {
    open: Shared,
    strand: Strand,
}

/// Writes to a path, or without one to memory.
#[napi]
pub fn write_hdf5(path: Option<String>) -> Outcome<NativeHdf5Writer> {
    sync(|| {
        let (sink, target): (Box<dyn Sink>, Target) = match &path {
            Some(path) => {
                let file = OnDisk(Arc::new(Mutex::new(Some(PendingFile::create(Path::new(path))?))));
                (Box::new(file.clone()), Target::File(file))
            }
            None => {
                let memory = Memory::default();
                (Box::new(memory.clone()), Target::Memory(memory))
            }
        };
        let writer = Writer::new(sink, path.as_deref().unwrap_or("the given bytes"))?;
        let open = Arc::new(Mutex::new(Some(Open { writer, target })));
        Ok(NativeHdf5Writer { open, strand: Strand::default() })
    })
}

fn shape(name: &str, value: Option<Vec<f64>>) -> Result<Option<Vec<u64>>> {
    let number = |value: &f64| numbers::whole(name, *value, 0..=numbers::MAX_SAFE_INTEGER);
    value.map(|shape| shape.iter().map(number).collect()).transpose()
}

fn spec(json: &str) -> Result<Spec> {
    let json: Value = serde_json::from_str(json).map_err(|error| Error::invalid("spec", error, "JSON"))?;
    let lengths = |value: &Value| {
        let lengths = value.as_array().map(|all| all.iter().map(Value::as_u64).collect::<Option<Vec<u64>>>());
        lengths.flatten().ok_or_else(|| Error::invalid("shape", value, "whole numbers"))
    };
    let shape = if json["shape"].is_null() { None } else { Some(lengths(&json["shape"])?) };
    let layout = if json["chunks"].is_null() {
        Layout::Whole
    } else {
        Layout::Chunked {
            shape: lengths(&json["chunks"])?,
            shuffle: json["shuffle"] == true,
            deflate: json["deflate"].as_u64().map(|level| level as u32),
            ecf: json["ecf"] == true,
        }
    };
    Ok(Spec { of: from_json(&json["type"])?, shape, layout })
}

fn id(value: f64) -> Result<DatasetId> {
    Ok(DatasetId::of(numbers::size("dataset", value, 0..=1 << 32)?))
}

#[napi]
impl NativeHdf5Writer {
    #[napi]
    pub fn group(&self, path: String) -> Outcome<()> {
        sync(|| with(&self.open, |writer| writer.group(&path)))
    }

    /// An attribute of numbers: its type as JSON, its shape (`null` for no value) and its bytes.
    #[napi]
    pub fn attribute(
        &self,
        path: String,
        name: String,
        of: String,
        shape: Option<Vec<f64>>,
        data: Uint8ArraySlice,
    ) -> Outcome<()> {
        sync(|| {
            let of = serde_json::from_str(&of).map_err(|error| Error::invalid("type", error, "JSON"))?;
            let (of, shape, data) =
                (from_json(&of)?, self::shape("shape", shape)?, arrays::copied("data", &data)?);
            with(&self.open, |writer| writer.attribute(&path, &name, of, shape, data))
        })
    }

    #[napi]
    pub fn text_attribute(
        &self,
        path: String,
        name: String,
        shape: Vec<f64>,
        texts: Vec<String>,
    ) -> Outcome<()> {
        sync(|| {
            let shape = self::shape("shape", Some(shape))?.unwrap_or_default();
            with(&self.open, |writer| writer.text_attribute(&path, &name, shape, &texts))
        })
    }

    /// Starts a dataset from JSON, `{ type, shape, chunks?, shuffle?, deflate?, ecf? }`; returns its number.
    #[napi]
    pub fn dataset(&self, path: String, spec: String) -> Outcome<f64> {
        sync(|| {
            let spec = self::spec(&spec)?;
            with(&self.open, |writer| writer.dataset(&path, spec)).map(|id| id.number() as f64)
        })
    }

    /// Appends elements: one array of bytes, or one for each member of a compound type; with `lengths`, those of rows.
    #[napi(ts_return_type = "Promise<Outcome<undefined>>")]
    pub fn append<'env>(
        &self,
        env: &'env Env,
        dataset: f64,
        columns: Vec<Uint8ArraySlice>,
        lengths: Option<Uint32ArraySlice>,
        task: Option<&TaskHandle>,
    ) -> napi::Result<Object<'env>> {
        let open = self.open.clone();
        let prepare = || {
            let id = id(dataset)?;
            let columns =
                columns.iter().map(|column| arrays::copied("data", column)).collect::<Result<Vec<_>>>()?;
            let lengths = lengths.map(|lengths| arrays::copied("lengths", &lengths)).transpose()?;
            Ok(move |_: &Control| {
                with(&open, |writer| match (&lengths, columns.as_slice()) {
                    (Some(lengths), [rows]) => writer.append_rows(id, rows, lengths),
                    _ => writer.append_columns(id, &columns.iter().map(Vec::as_slice).collect::<Vec<_>>()),
                })
            })
        };
        spawn(env, Call::new("hdf5.append", task).on(&self.strand), prepare, |_, ()| Ok(()))
    }

    /// Appends strings.
    #[napi(ts_return_type = "Promise<Outcome<undefined>>")]
    pub fn append_texts<'env>(
        &self,
        env: &'env Env,
        dataset: f64,
        texts: Vec<String>,
        task: Option<&TaskHandle>,
    ) -> napi::Result<Object<'env>> {
        let open = self.open.clone();
        let prepare = || {
            let id = id(dataset)?;
            Ok(move |_: &Control| with(&open, |writer| writer.append_texts(id, &texts)))
        };
        spawn(env, Call::new("hdf5.append", task).on(&self.strand), prepare, |_, ()| Ok(()))
    }

    /// Moves the file to its path; without a path, returns its bytes.
    #[napi(ts_return_type = "Promise<Outcome<NativeBytes | null>>")]
    pub fn finish<'env>(&self, env: &'env Env, task: Option<&TaskHandle>) -> napi::Result<Object<'env>> {
        let open = self.open.clone();
        let prepare = || {
            Ok(move |_: &Control| {
                let taken = lock("the file", &open)?.take();
                let Open { writer, target } =
                    taken.ok_or_else(|| Error::Disposed { what: "the HDF5 writer".into() })?;
                let sink = writer.finish()?;
                match target {
                    Target::File(file) => {
                        drop(sink);
                        let pending = lock("the file", &file.0)?.take();
                        pending.map_or(Ok(()), PendingFile::commit).map(|()| None)
                    }
                    Target::Memory(memory) => {
                        drop(sink);
                        let bytes = memory.with(|cursor| Ok(std::mem::take(cursor.get_mut())));
                        bytes
                            .map(Some)
                            .map_err(|error| Error::Io { path: "memory".into(), reason: error.to_string() })
                    }
                }
            })
        };
        let finish = |_: &Env, bytes: Option<Vec<u8>>| Ok(bytes.map(NativeBytes::of));
        spawn(env, Call::new("hdf5.finish", task).on(&self.strand), prepare, finish)
    }

    /// Discards the file. After `finish` it has no effect.
    #[napi]
    pub fn dispose(&self) -> Outcome<()> {
        sync(|| {
            *lock("the file", &self.open)? = None;
            Ok(())
        })
    }
}
