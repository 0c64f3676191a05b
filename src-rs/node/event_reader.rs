//! Reading recordings of event cameras: each task decodes some batches, whose columns are copied to typed arrays of the caller.

use crate::arrays::{self, Float64ArraySlice, Uint8ArraySlice, Uint16ArraySlice};
use crate::boundary::{Outcome, Raw, from_napi, json, sync};
use crate::bytes::NativeBytes;
use crate::handle::{Handle, lock};
use crate::task::{Call, TaskHandle, spawn};
use crate::tensors::limits;
use lapicque_core::events::{Batch, Frame, Options, Reader, Source};
use lapicque_core::workers::Strand;
use lapicque_core::{Control, Error, Result};
use napi::Env;
use napi::bindgen_prelude::{Object, ObjectFinalize, ToNapiValue};
use napi_derive::napi;
use std::collections::VecDeque;
use std::path::Path;
use std::sync::Mutex;

/// An open recording.
#[napi(custom_finalize)]
pub struct NativeEventReader {
    handle: Handle<Open>,
    strand: Strand,
    info: String,
}

/// A reader, and its state for callers during reading.
pub struct Open {
    reader: Mutex<Reader>,
    /// As JSON.
    warnings: Mutex<String>,
    batches: Mutex<Batches>,
}

/// Batches that are decoded but not yet taken.
#[derive(Default)]
struct Batches {
    /// In the order of the file.
    decoded: VecDeque<Batch>,
    /// The error that ended the last decoding task; the next task reports it.
    failure: Option<Error>,
    /// Buffers for reuse.
    spare: Vec<Batch>,
}

/// A task decodes batches until their total size reaches this: decoding a batch takes some 40 microseconds, and a task
/// costs about as much.
const TASK_BYTES: usize = 1 << 20;
/// Maximum number of batches of a task.
const TASK_BATCHES: usize = 16;
/// Maximum number of batches that are kept for reuse, as long as they are together not larger than a task.
const SPARE: usize = 4;
/// Bytes of an event in columns.
const EVENT_BYTES: usize = 13;

impl Open {
    /// Decodes the batches of a task; returns the number of events in each; empty at the end of the recording.
    fn decode(&self, control: &Control) -> Result<Vec<u32>> {
        let mut reader = lock("the recording", &self.reader)?;
        if let Some(failure) = lock("the batches", &self.batches)?.failure.take() {
            return Err(failure);
        }
        let (mut lens, mut bytes) = (Vec::new(), 0);
        let warned = reader.warnings().len();
        while bytes < TASK_BYTES && lens.len() < TASK_BATCHES {
            control.check()?;
            let mut batch = lock("the batches", &self.batches)?.spare.pop().unwrap_or_default();
            let read = reader.next(&mut batch);
            let mut batches = lock("the batches", &self.batches)?;
            match read {
                Ok(()) if batch.is_empty() => {
                    batches.recycle(batch);
                    break;
                }
                Ok(()) => {
                    lens.push(batch.len as u32);
                    bytes += EVENT_BYTES * batch.len + batch.side_bytes;
                    batches.decoded.push_back(batch);
                }
                // After the batches before it.
                Err(error) if !lens.is_empty() => {
                    batches.failure = Some(error);
                    break;
                }
                Err(error) => return Err(error),
            }
        }
        if reader.warnings().len() > warned {
            *lock("the warnings", &self.warnings)? = json(&reader.warnings())?;
        }
        Ok(lens)
    }
}

impl Batches {
    fn recycle(&mut self, batch: Batch) {
        let spare_bytes = self.spare.iter().map(|spare| EVENT_BYTES * spare.t.len()).sum::<usize>();
        if self.spare.is_empty() || self.spare.len() < SPARE && spare_bytes < 2 * TASK_BYTES {
            self.spare.push(batch);
        }
    }
}

impl ObjectFinalize for NativeEventReader {
    fn finalize(self, env: Env) -> napi::Result<()> {
        self.handle.dispose(&env);
        Ok(())
    }
}

#[napi]
impl NativeEventReader {
    /// `{ format, sensor, tick, metadata }` as JSON.
    #[napi]
    pub fn info(&self) -> String {
        self.info.clone()
    }

    /// The warnings so far as JSON, `{ kind, offset, message }` each.
    #[napi]
    pub fn warnings(&self) -> Outcome<String> {
        sync(|| Ok(lock("the warnings", &self.handle.get()?.warnings)?.clone()))
    }

    /// Decodes the next batches for [`take`](Self::take); returns the number of events in each; empty at the end.
    #[napi(ts_return_type = "Promise<Outcome<number[]>>")]
    pub fn decode<'env>(&self, env: &'env Env, handle: Option<&TaskHandle>) -> napi::Result<Object<'env>> {
        let open = self.handle.get();
        let prepare = || {
            let open = open?;
            Ok(move |control: &Control| open.decode(control))
        };
        spawn(env, Call::new("readEvents", handle).on(&self.strand), prepare, |_, lens| Ok(lens))
    }

    /// Copies the columns of the next decoded batch to the start of the caller's arrays, and returns its other data as
    /// an object of typed arrays. Absent data are left out. Errors: `invalid-parameter` for shorter arrays, or if no
    /// batch is decoded.
    #[napi(ts_return_type = "Outcome<unknown>")]
    pub fn take(
        &self,
        env: Env,
        t: Float64ArraySlice,
        x: Uint16ArraySlice,
        y: Uint16ArraySlice,
        polarity: Uint8ArraySlice,
    ) -> Outcome<Raw> {
        sync(|| {
            let open = self.handle.get()?;
            let batch = lock("the batches", &open.batches)?.decoded.pop_front();
            let batch = batch.ok_or_else(|| Error::invalid("take", "no batch", "a call of decode first"))?;
            let copied = (t.write("t", &batch.t[..batch.len]))
                .and_then(|()| x.write("x", &batch.x[..batch.len]))
                .and_then(|()| y.write("y", &batch.y[..batch.len]))
                .and_then(|()| polarity.write("polarity", &batch.polarity[..batch.len]))
                .and_then(|()| side_data(&env, &batch));
            let mut batches = lock("the batches", &open.batches)?;
            match &copied {
                Ok(_) => batches.recycle(batch),
                // If the arrays are too short, the batch is kept for the next call.
                Err(_) => batches.decoded.push_front(batch),
            }
            copied
        })
    }

    /// Seeks: the next batch starts with the first event at or after a time.
    #[napi(ts_return_type = "Promise<Outcome<undefined>>")]
    pub fn seek<'env>(
        &self,
        env: &'env Env,
        time: f64,
        handle: Option<&TaskHandle>,
    ) -> napi::Result<Object<'env>> {
        let open = self.handle.get();
        let prepare = || {
            let open = open?;
            Ok(move |_: &Control| {
                let mut reader = lock("the recording", &open.reader)?;
                let mut batches = lock("the batches", &open.batches)?;
                batches.failure = None;
                while let Some(batch) = batches.decoded.pop_front() {
                    batches.recycle(batch);
                }
                reader.seek(time)
            })
        };
        spawn(env, Call::new("seekEvents", handle).on(&self.strand), prepare, |_, ()| Ok(()))
    }

    #[napi]
    pub fn dispose(&self, env: Env) {
        self.handle.dispose(&env);
    }
}

/// The data of a batch besides its columns.
fn side_data(env: &Env, batch: &Batch) -> Result<Raw> {
    let mut object = Object::new(env).map_err(from_napi)?;
    let Batch { extra, triggers, imu, frames, .. } = batch;
    let bytes = [("r", &extra.r), ("g", &extra.g), ("b", &extra.b), ("exposure", &extra.exposure)];
    for (name, column) in bytes.into_iter().filter(|(_, column)| !column.is_empty()) {
        set(&mut object, name, arrays::array(env, name, column)?)?;
    }
    if !extra.address.is_empty() {
        set(&mut object, "address", arrays::array(env, "address", &extra.address)?)?;
    }
    if !extra.payload_ends.is_empty() {
        set(&mut object, "payload", arrays::array(env, "payload", &extra.payload)?)?;
        set(&mut object, "payloadEnds", arrays::array(env, "payloadEnds", &extra.payload_ends)?)?;
    }
    if !triggers.t.is_empty() {
        set(&mut object, "triggerTimes", arrays::array(env, "triggers", &triggers.t)?)?;
        set(&mut object, "triggerIds", arrays::array(env, "triggers", &triggers.id)?)?;
        set(&mut object, "triggerPolarities", arrays::array(env, "triggers", &triggers.polarity)?)?;
    }
    if !imu.t.is_empty() {
        set(&mut object, "imuTimes", arrays::array(env, "imu", &imu.t)?)?;
        set(&mut object, "accelerometer", arrays::array(env, "imu", &imu.accelerometer)?)?;
        set(&mut object, "gyroscope", arrays::array(env, "imu", &imu.gyroscope)?)?;
        set(&mut object, "magnetometer", arrays::array(env, "imu", &imu.magnetometer)?)?;
        set(&mut object, "temperature", arrays::array(env, "imu", &imu.temperature)?)?;
    }
    if !frames.is_empty() {
        let list = frames.iter().map(|frame| frame_object(env, frame)).collect::<Result<Vec<_>>>()?;
        set(&mut object, "frames", list)?;
    }
    Raw::new(env, object)
}

fn frame_object<'env>(env: &'env Env, frame: &Frame) -> Result<Object<'env>> {
    let mut object = Object::new(env).map_err(from_napi)?;
    let numbers = [
        ("t", frame.t),
        ("exposureStart", frame.exposure_start),
        ("exposureEnd", frame.exposure_end),
        ("width", f64::from(frame.width)),
        ("height", f64::from(frame.height)),
        ("x", f64::from(frame.x)),
        ("y", f64::from(frame.y)),
        ("channels", f64::from(frame.channels)),
        ("bytesPerValue", f64::from(frame.bytes_per_value)),
    ];
    for (name, number) in numbers {
        set(&mut object, name, number)?;
    }
    set(&mut object, "pixels", arrays::array(env, "a frame's pixels", &frame.pixels)?)?;
    Ok(object)
}

fn set(object: &mut Object, name: &str, value: impl ToNapiValue) -> Result<()> {
    object.set(name, value).map_err(from_napi)
}

pub(crate) fn parsed<T: serde::de::DeserializeOwned>(options: &str) -> Result<T> {
    serde_json::from_str(options).map_err(|error| Error::Internal { reason: format!("options: {error}") })
}

/// Opens a recording from a path, or from bytes, which are moved out of their handle. `options` is JSON.
#[napi(ts_return_type = "Promise<Outcome<NativeEventReader>>")]
pub fn open_events<'env>(
    env: &'env Env,
    path: Option<String>,
    bytes: Option<&NativeBytes>,
    options: String,
    limit_bytes: f64,
    task: Option<&TaskHandle>,
) -> napi::Result<Object<'env>> {
    let prepare = || {
        let mut options: Options = parsed(&options)?;
        options.limits = limits(limit_bytes)?;
        let bytes = bytes.map(NativeBytes::take);
        Ok(move |_: &Control| {
            let source = match path {
                Some(path) => Source::open(Path::new(&path))?,
                None => Source::of_bytes(bytes.unwrap_or_default()),
            };
            let buffered = source.name().map_or(source.len(), |_| 0);
            let reader = Reader::open(source, options)?;
            let sensor = reader.sensor().map(|sensor| (sensor.width, sensor.height));
            let info = serde_json::json!({
                "format": reader.format().name, "sensor": sensor, "tick": reader.tick(), "metadata": reader.metadata(),
            });
            let warnings = Mutex::new(json(&reader.warnings())?);
            let open = Open { reader: Mutex::new(reader), warnings, batches: Mutex::default() };
            Ok((open, info.to_string(), buffered))
        })
    };
    spawn(env, Call::new("openEvents", task), prepare, |env, (open, info, buffered)| {
        // Besides the given bytes, it holds a chunk of the file, the batches of about three tasks, and marks for
        // seeking.
        let bytes = buffered as usize + (6 << 20);
        let handle = Handle::new(env, "the recording", open, bytes);
        Ok(NativeEventReader { handle, strand: Strand::default(), info })
    })
}

/// Every event format, as JSON.
#[napi]
pub fn describe_event_formats() -> Outcome<String> {
    sync(|| json(&lapicque_core::events::describe()))
}
