//! HDF5 files for JavaScript: their structure, and their elements by slices, off the event loop.

use crate::arrays::{self, Uint8ArraySlice, Uint32ArraySlice};
use crate::boundary::{Outcome, json, sync};
use crate::bytes::NativeBytes;
use crate::handle::{Handle, lock};
use crate::hdf5_types::to_json;
use crate::numbers;
use crate::task::{Call, TaskHandle, spawn};
use crate::tensors::limits;
use lapicque_core::hdf5::{Attribute, Column, Dataset, File, Kind, Slice, Values, filters};
use lapicque_core::{Control, Error, Result};
use napi::Env;
use napi::bindgen_prelude::{Object, ObjectFinalize};
use napi_derive::napi;
use serde_json::{Value, json as value};
use std::cell::RefCell;
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

/// Maximum number of datasets whose chunk index is cached.
const KEPT: usize = 64;

/// An open file.
#[napi(custom_finalize)]
pub struct NativeHdf5 {
    handle: Handle<Content>,
}

struct Content {
    file: Arc<File>,
    datasets: Mutex<HashMap<String, Arc<Dataset>>>,
}

impl Content {
    fn dataset(&self, path: &str) -> Result<Arc<Dataset>> {
        if let Some(found) = lock("the file", &self.datasets)?.get(path) {
            return Ok(found.clone());
        }
        let dataset = Arc::new(self.file.dataset(path)?);
        let mut datasets = lock("the file", &self.datasets)?;
        if datasets.len() >= KEPT {
            datasets.clear();
        }
        datasets.insert(path.into(), dataset.clone());
        Ok(dataset)
    }
}

impl ObjectFinalize for NativeHdf5 {
    fn finalize(self, env: Env) -> napi::Result<()> {
        self.handle.dispose(&env);
        Ok(())
    }
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Group => "group",
        Kind::Dataset => "dataset",
        Kind::Type => "type",
        Kind::External => "external-link",
        Kind::Dangling => "dangling-link",
        Kind::Unreadable => "unreadable",
    }
}

/// A length for JavaScript; `null` for an unlimited axis.
fn lengths(shape: &[u64]) -> Value {
    shape.iter().map(|length| if *length == u64::MAX { Value::Null } else { value!(*length) }).collect()
}

fn described(dataset: &Dataset) -> Value {
    let filters =
        dataset.filters().iter().map(|filter| value!({ "id": filter.id, "name": filters::name(filter.id) }));
    value!({
        "shape": dataset.shape().map(lengths),
        "maxShape": dataset.max_shape().map(lengths),
        "type": to_json(dataset.of_type()),
        "chunks": dataset.chunks().map(lengths),
        "filters": filters.collect::<Vec<_>>(),
    })
}

/// Opens a file from a path, or from bytes, which are moved out of their handle.
#[napi(ts_return_type = "Promise<Outcome<NativeHdf5>>")]
pub fn open_hdf5<'env>(
    env: &'env Env,
    path: Option<String>,
    bytes: Option<&NativeBytes>,
    limit_bytes: f64,
    task: Option<&TaskHandle>,
) -> napi::Result<Object<'env>> {
    let prepare = || {
        let limits = limits(limit_bytes)?;
        let bytes = bytes.map(NativeBytes::take);
        Ok(move |_: &Control| match path {
            Some(path) => File::open(Path::new(&path), limits).map(|file| (file, 0)),
            None => {
                let bytes = bytes.unwrap_or_default();
                let buffered = bytes.len();
                File::of_bytes(bytes, limits).map(|file| (file, buffered))
            }
        })
    };
    spawn(env, Call::new("openHdf5", task), prepare, |env, (file, buffered)| {
        let content = Content { file: Arc::new(file), datasets: Mutex::default() };
        Ok(NativeHdf5 { handle: Handle::new(env, "the HDF5 file", content, buffered) })
    })
}

#[napi]
impl NativeHdf5 {
    /// Size of the file in bytes.
    #[napi]
    pub fn held(&self) -> Outcome<f64> {
        sync(|| Ok(self.handle.get()?.file.length() as f64))
    }

    /// The object at a path as JSON: `{ kind, members }` for a group, `{ kind, shape, maxShape, type, chunks, filters
    /// }` for a dataset.
    #[napi(ts_return_type = "Promise<Outcome<string>>")]
    pub fn describe<'env>(
        &self,
        env: &'env Env,
        path: String,
        task: Option<&TaskHandle>,
    ) -> napi::Result<Object<'env>> {
        let prepare = || {
            let content = self.handle.get()?;
            Ok(move |_: &Control| {
                let found = content.file.kind_of(&path)?;
                let mut described = match found {
                    Kind::Group => {
                        let members = content.file.list(&path)?;
                        let members = members
                            .iter()
                            .map(|entry| value!({ "name": entry.name, "kind": kind(entry.kind) }));
                        value!({ "members": members.collect::<Vec<_>>() })
                    }
                    Kind::Type => value!({}),
                    // A member that cannot be read reports the reason when it is opened.
                    _ => described(&*content.dataset(&path)?),
                };
                described["kind"] = kind(found).into();
                json(&described)
            })
        };
        spawn(env, Call::new("hdf5.describe", task), prepare, |_, described: String| Ok(described))
    }

    /// The attributes of a group or dataset.
    #[napi(ts_return_type = "Promise<Outcome<NativeHdf5Data>>")]
    pub fn attributes<'env>(
        &self,
        env: &'env Env,
        path: String,
        task: Option<&TaskHandle>,
    ) -> napi::Result<Object<'env>> {
        let prepare = || {
            let content = self.handle.get()?;
            Ok(move |_: &Control| content.file.attributes(&path))
        };
        spawn(env, Call::new("hdf5.attributes", task), prepare, |_, attributes: Vec<Attribute>| {
            let about = |attribute: &Attribute| value!({ "name": attribute.name, "shape": lengths(&attribute.shape), "type": to_json(&attribute.of) });
            let parts = attributes.into_iter().map(|attribute| (about(&attribute), attribute.columns));
            Ok(NativeHdf5Data::new(parts.collect()))
        })
    }

    /// A part of a dataset; without `start` and `count`, all of it.
    #[napi(ts_return_type = "Promise<Outcome<NativeHdf5Data>>")]
    pub fn read<'env>(
        &self,
        env: &'env Env,
        path: String,
        start: Option<Vec<f64>>,
        count: Option<Vec<f64>>,
        task: Option<&TaskHandle>,
    ) -> napi::Result<Object<'env>> {
        let prepare = || {
            let content = self.handle.get()?;
            let whole = |name: &str, values: &[f64]| {
                let number = |value: &f64| numbers::whole(name, *value, 0..=numbers::MAX_SAFE_INTEGER);
                values.iter().map(number).collect::<Result<Vec<u64>>>()
            };
            let slice = match (&start, &count) {
                (Some(start), Some(count)) => {
                    Some(Slice { start: whole("start", start)?, count: whole("count", count)? })
                }
                _ => None,
            };
            Ok(move |control: &Control| {
                let dataset = content.dataset(&path)?;
                let slice = slice.unwrap_or_else(|| dataset.whole());
                let columns = dataset.read_checking(&slice, &|| control.check())?;
                Ok((to_json(dataset.of_type()), dataset.shape().map(|_| slice.count), columns))
            })
        };
        spawn(
            env,
            Call::new("hdf5.read", task),
            prepare,
            |_, (of, shape, columns): (Value, Option<Vec<u64>>, Vec<Column>)| {
                Ok(NativeHdf5Data::new(vec![(
                    value!({ "type": of, "shape": shape.as_deref().map(lengths) }),
                    columns,
                )]))
            },
        )
    }

    #[napi]
    pub fn dispose(&self, env: Env) {
        self.handle.dispose(&env);
    }
}

/// Data that have been read, to be copied to JavaScript's arrays.
#[napi]
pub struct NativeHdf5Data {
    parts: String,
    columns: RefCell<Vec<Option<Values>>>,
}

impl NativeHdf5Data {
    fn new(parts: Vec<(Value, Vec<Column>)>) -> Self {
        let mut columns = Vec::new();
        let about = |(mut about, found): (Value, Vec<Column>)| {
            let listed = found.into_iter().map(|Column { path, shape, values }| {
                let (kind, of, count, bytes) = match &values {
                    Values::Numbers { of, bytes } => ("numbers", of.name(), bytes.len() / of.size(), bytes.len()),
                    Values::Texts(texts) => ("texts", "string", texts.len(), 0),
                    Values::Rows { of, bytes, lengths } => ("rows", of.name(), lengths.len(), bytes.len()),
                    Values::TextRows { texts, lengths } => ("textRows", "string", lengths.len(), texts.len()),
                    Values::Opaque { size, bytes } => ("opaque", "uint8", bytes.len() / size, bytes.len()),
                };
                columns.push(Some(values));
                let column = columns.len() - 1;
                value!({ "column": column, "path": path, "shape": shape, "kind": kind, "of": of, "count": count, "bytes": bytes })
            });
            about["columns"] = listed.collect();
            about
        };
        let parts: Vec<Value> = parts.into_iter().map(about).collect();
        NativeHdf5Data { parts: Value::Array(parts).to_string(), columns: RefCell::new(columns) }
    }

    fn with<T>(&self, column: f64, work: impl FnOnce(&Values) -> Result<T>) -> Result<T> {
        let columns = self.columns.borrow();
        let column = numbers::size("column", column, 0..=columns.len().saturating_sub(1))?;
        let disposed = || Error::Disposed { what: "the column".into() };
        work(columns.get(column).and_then(Option::as_ref).ok_or_else(disposed)?)
    }
}

fn piece<T>(all: &[T], from: f64, len: usize) -> Result<&[T]> {
    let from = numbers::size("from", from, 0..=all.len())?;
    all.get(from..from + len).ok_or_else(|| Error::invalid("into", len, "at most the remaining bytes"))
}

#[napi]
impl NativeHdf5Data {
    /// JSON: for each attribute, or for the one dataset, its shape, type and columns: `{ column, path, shape, kind, of, count, bytes }`.
    #[napi]
    pub fn parts(&self) -> Outcome<String> {
        sync(|| Ok(self.parts.clone()))
    }

    /// Fills a piece of a column's array, from byte `from` on.
    #[napi]
    pub fn copy(&self, column: f64, from: f64, into: Uint8ArraySlice) -> Outcome<()> {
        sync(|| {
            let len = into.len("into")?;
            self.with(column, |values| match values {
                Values::Numbers { bytes, .. } | Values::Rows { bytes, .. } | Values::Opaque { bytes, .. } => {
                    arrays::fill("into", &into, piece(bytes, from, len)?)
                }
                Values::Texts(_) | Values::TextRows { .. } => {
                    Err(Error::invalid("column", "texts", "numbers"))
                }
            })
        })
    }

    /// Fills an array with the lengths of rows, from row `from` on.
    #[napi]
    pub fn lengths(&self, column: f64, from: f64, into: Uint32ArraySlice) -> Outcome<()> {
        sync(|| {
            let len = into.len("into")?;
            self.with(column, |values| match values {
                Values::Rows { lengths, .. } | Values::TextRows { lengths, .. } => {
                    arrays::fill("into", &into, piece(lengths, from, len)?)
                }
                _ => Err(Error::invalid("column", "values", "rows")),
            })
        })
    }

    /// Some of a column's strings.
    #[napi]
    pub fn texts(&self, column: f64, from: f64, count: f64) -> Outcome<Vec<String>> {
        sync(|| {
            let count = numbers::size("count", count, 0..=1 << 32)?;
            self.with(column, |values| match values {
                Values::Texts(texts) | Values::TextRows { texts, .. } => {
                    Ok(piece(texts, from, count)?.to_vec())
                }
                _ => Err(Error::invalid("column", "numbers", "texts")),
            })
        })
    }

    /// Frees a column that has been copied.
    #[napi]
    pub fn release(&self, column: f64) -> Outcome<()> {
        sync(|| {
            let mut columns = self.columns.borrow_mut();
            let column = numbers::size("column", column, 0..=columns.len().saturating_sub(1))?;
            if let Some(values) = columns.get_mut(column) {
                *values = None;
            }
            Ok(())
        })
    }
}
