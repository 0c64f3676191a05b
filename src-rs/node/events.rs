//! Recordings of event cameras for JavaScript: tasks decode some batches each, whose columns are copied to typed arrays of the caller.

use crate::arrays::{
    self, Float32ArraySlice, Float64ArraySlice, Uint8ArraySlice, Uint16ArraySlice, Uint32ArraySlice,
};
use crate::boundary::{Outcome, Raw, from_napi, json, sync};
use crate::bytes::NativeBytes;
use crate::handle::{Handle, lock};
use crate::task::{Call, TaskHandle, spawn};
use crate::tensors::limits;
use lapicque_core::events::{
    Batch, Extra, FORMATS, Frame, Imu, Options, Reader, Source, Triggers, WriteOptions, Writer,
};
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

/// A reader, and what is looked at while it reads.
pub struct Open {
    reader: Mutex<Reader>,
    /// As JSON.
    warnings: Mutex<String>,
    batches: Mutex<Batches>,
}

/// Batches between the reader and JavaScript.
#[derive(Default)]
struct Batches {
    /// In the order of the file.
    decoded: VecDeque<Batch>,
    /// What ended the task that decoded the last of them, and ends the next task.
    failure: Option<Error>,
    /// To be filled again.
    spare: Vec<Batch>,
}

/// A task decodes batches until they are as large together: a batch is some 40 microseconds of decoding, and a task costs about as much.
const TASK_BYTES: usize = 1 << 20;
/// Batches of a task, whatever their size.
const TASK_BATCHES: usize = 16;
/// Batches that are kept to be filled again, as long as they are not larger than a task together.
const SPARE: usize = 4;
/// Bytes of an event in columns.
const EVENT_BYTES: usize = 13;

impl Open {
    /// Decodes the batches of a task, and gives the number of events in each; none at the end of the recording.
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
                    batches.give_back(batch);
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
    fn give_back(&mut self, batch: Batch) {
        let kept = self.spare.iter().map(|spare| EVENT_BYTES * spare.t.len()).sum::<usize>();
        if self.spare.is_empty() || self.spare.len() < SPARE && kept < 2 * TASK_BYTES {
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

    /// `{ kind, offset, message }` of each so far, as JSON.
    #[napi]
    pub fn warnings(&self) -> Outcome<String> {
        sync(|| Ok(lock("the warnings", &self.handle.get()?.warnings)?.clone()))
    }

    /// Decodes the next batches for [`take`](Self::take), and gives the number of events in each; none at the end.
    #[napi(ts_return_type = "Promise<Outcome<number[]>>")]
    pub fn decode<'env>(&self, env: &'env Env, handle: Option<&TaskHandle>) -> napi::Result<Object<'env>> {
        let open = self.handle.get();
        let prepare = || {
            let open = open?;
            Ok(move |control: &Control| open.decode(control))
        };
        spawn(env, Call::new("readEvents", handle).on(&self.strand), prepare, |_, lens| Ok(lens))
    }

    /// Copies the columns of the next decoded batch to the beginning of the caller's arrays, and gives what else it has: an object of
    /// typed arrays. What a batch has none of is absent. Errors: `invalid-parameter` for shorter arrays, or where no batch is decoded.
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
            let batch =
                batch.ok_or_else(|| Error::invalid("take", "no batch", "a call of decode before it"))?;
            let copied = (t.write("t", &batch.t[..batch.len]))
                .and_then(|()| x.write("x", &batch.x[..batch.len]))
                .and_then(|()| y.write("y", &batch.y[..batch.len]))
                .and_then(|()| polarity.write("polarity", &batch.polarity[..batch.len]))
                .and_then(|()| others(&env, &batch));
            let mut batches = lock("the batches", &open.batches)?;
            match &copied {
                Ok(_) => batches.give_back(batch),
                // Arrays that are too short lose nothing: the next call gets it.
                Err(_) => batches.decoded.push_front(batch),
            }
            copied
        })
    }

    /// The next batch begins with the first event at or after a time.
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
                    batches.give_back(batch);
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

/// What a batch has beside its columns.
fn others(env: &Env, batch: &Batch) -> Result<Raw> {
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

fn parsed<T: serde::de::DeserializeOwned>(options: &str) -> Result<T> {
    serde_json::from_str(options).map_err(|error| Error::Internal { reason: format!("options: {error}") })
}

/// Opens a recording: of a path, or of bytes that are then gone from where they were. `options` is JSON.
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
            let held = source.name().map_or(source.len(), |_| 0);
            let reader = Reader::open(source, options)?;
            let sensor = reader.sensor().map(|sensor| (sensor.width, sensor.height));
            let info = serde_json::json!({
                "format": reader.format().name, "sensor": sensor, "tick": reader.tick(), "metadata": reader.metadata(),
            });
            let warnings = Mutex::new(json(&reader.warnings())?);
            let open = Open { reader: Mutex::new(reader), warnings, batches: Mutex::default() };
            Ok((open, info.to_string(), held))
        })
    };
    spawn(env, Call::new("openEvents", task), prepare, |env, (open, info, held)| {
        // Beside bytes that are given it holds a chunk of the file, batches of about three tasks, and marks.
        let bytes = held as usize + (6 << 20);
        let handle = Handle::new(env, "the recording", open, bytes);
        Ok(NativeEventReader { handle, strand: Strand::default(), info })
    })
}

/// A recording that is being written.
#[napi(custom_finalize)]
pub struct NativeEventWriter {
    handle: Handle<Mutex<Option<Writer>>>,
    strand: Strand,
    format: &'static str,
}

impl ObjectFinalize for NativeEventWriter {
    fn finalize(self, env: Env) -> napi::Result<()> {
        self.handle.dispose(&env);
        Ok(())
    }
}

/// An image on its way to a file.
#[napi(object, object_to_js = false)]
pub struct EventFrameInput<'env> {
    pub t: f64,
    pub exposure_start: f64,
    pub exposure_end: f64,
    pub width: u32,
    pub height: u32,
    pub x: i32,
    pub y: i32,
    pub channels: u32,
    pub bytes_per_value: u32,
    #[napi(ts_type = "Uint8Array")]
    pub pixels: Uint8ArraySlice<'env>,
}

/// A batch on its way to a file.
#[napi(object, object_to_js = false)]
pub struct EventColumnsInput<'env> {
    #[napi(ts_type = "Float64Array")]
    pub t: Float64ArraySlice<'env>,
    #[napi(ts_type = "Uint16Array")]
    pub x: Uint16ArraySlice<'env>,
    #[napi(ts_type = "Uint16Array")]
    pub y: Uint16ArraySlice<'env>,
    #[napi(ts_type = "Uint8Array")]
    pub polarity: Uint8ArraySlice<'env>,
    #[napi(ts_type = "Uint8Array")]
    pub r: Option<Uint8ArraySlice<'env>>,
    #[napi(ts_type = "Uint8Array")]
    pub g: Option<Uint8ArraySlice<'env>>,
    #[napi(ts_type = "Uint8Array")]
    pub b: Option<Uint8ArraySlice<'env>>,
    #[napi(ts_type = "Uint8Array")]
    pub exposure: Option<Uint8ArraySlice<'env>>,
    #[napi(ts_type = "Uint32Array")]
    pub address: Option<Uint32ArraySlice<'env>>,
    #[napi(ts_type = "Uint8Array")]
    pub payload: Option<Uint8ArraySlice<'env>>,
    #[napi(ts_type = "Uint32Array")]
    pub payload_ends: Option<Uint32ArraySlice<'env>>,
    #[napi(ts_type = "Float64Array")]
    pub trigger_times: Option<Float64ArraySlice<'env>>,
    #[napi(ts_type = "Uint8Array")]
    pub trigger_ids: Option<Uint8ArraySlice<'env>>,
    #[napi(ts_type = "Uint8Array")]
    pub trigger_polarities: Option<Uint8ArraySlice<'env>>,
    #[napi(ts_type = "Float64Array")]
    pub imu_times: Option<Float64ArraySlice<'env>>,
    #[napi(ts_type = "Float32Array")]
    pub accelerometer: Option<Float32ArraySlice<'env>>,
    #[napi(ts_type = "Float32Array")]
    pub gyroscope: Option<Float32ArraySlice<'env>>,
    #[napi(ts_type = "Float32Array")]
    pub magnetometer: Option<Float32ArraySlice<'env>>,
    #[napi(ts_type = "Float32Array")]
    pub temperature: Option<Float32ArraySlice<'env>>,
    pub frames: Option<Vec<EventFrameInput<'env>>>,
}

/// The columns as our own. Errors: `invalid-parameter` where lengths differ; `too-large`.
fn copied(input: EventColumnsInput) -> Result<Batch> {
    fn column<T: arrays::Element>(
        name: &str,
        given: Option<arrays::Given<T>>,
        wanted: usize,
    ) -> Result<Vec<T>> {
        let Some(given) = given else { return Ok(Vec::new()) };
        let values = arrays::copied(name, &given)?;
        if values.len() == wanted {
            Ok(values)
        } else {
            Err(Error::invalid(name, format!("{} elements", values.len()), format!("{wanted} elements")))
        }
    }
    let t = arrays::copied("t", &input.t)?;
    let len = t.len();
    let payload_ends = column("payloadEnds", input.payload_ends, len)?;
    let payload = input.payload.map_or(Ok(Vec::new()), |given| arrays::copied("payload", &given))?;
    let in_order =
        payload_ends.is_sorted() && payload_ends.last().is_none_or(|&end| end as usize == payload.len());
    if !in_order {
        return Err(Error::invalid("payloadEnds", "others", "ends of the payloads, in order"));
    }
    let times = input.trigger_times.map_or(Ok(Vec::new()), |given| arrays::copied("triggers.t", &given))?;
    let samples = input.imu_times.map_or(Ok(Vec::new()), |given| arrays::copied("imu.t", &given))?;
    let frame = |frame: EventFrameInput| {
        let pixels = arrays::copied("a frame's pixels", &frame.pixels)?;
        let sides = [frame.width, frame.height, frame.channels, frame.bytes_per_value];
        let needed = sides.iter().map(|&side| u64::from(side)).fold(1_u64, u64::saturating_mul);
        if pixels.len() as u64 != needed {
            let got = format!("{} bytes", pixels.len());
            return Err(Error::invalid("a frame's pixels", got, format!("{needed} bytes")));
        }
        let EventFrameInput {
            t,
            exposure_start,
            exposure_end,
            width,
            height,
            x,
            y,
            channels,
            bytes_per_value,
            ..
        } = frame;
        Ok(Frame { t, exposure_start, exposure_end, width, height, x, y, channels, bytes_per_value, pixels })
    };
    Ok(Batch {
        len,
        t,
        x: column("x", Some(input.x), len)?,
        y: column("y", Some(input.y), len)?,
        polarity: column("polarity", Some(input.polarity), len)?,
        extra: Extra {
            r: column("r", input.r, len)?,
            g: column("g", input.g, len)?,
            b: column("b", input.b, len)?,
            exposure: column("exposure", input.exposure, len)?,
            address: column("address", input.address, len)?,
            payload,
            payload_ends,
        },
        triggers: Triggers {
            id: column("triggers.id", input.trigger_ids, times.len())?,
            polarity: column("triggers.polarity", input.trigger_polarities, times.len())?,
            t: times,
        },
        imu: Imu {
            accelerometer: column("imu.accelerometer", input.accelerometer, 3 * samples.len())?,
            gyroscope: column("imu.gyroscope", input.gyroscope, 3 * samples.len())?,
            magnetometer: column("imu.magnetometer", input.magnetometer, 3 * samples.len())?,
            temperature: column("imu.temperature", input.temperature, samples.len())?,
            t: samples,
        },
        frames: input.frames.unwrap_or_default().into_iter().map(frame).collect::<Result<_>>()?,
        side_bytes: 0,
    })
}

#[napi]
impl NativeEventWriter {
    #[napi]
    pub fn format(&self) -> &'static str {
        self.format
    }

    #[napi(ts_return_type = "Promise<Outcome<undefined>>")]
    pub fn write<'env>(
        &self,
        env: &'env Env,
        batch: EventColumnsInput,
        handle: Option<&TaskHandle>,
    ) -> napi::Result<Object<'env>> {
        let writer = self.handle.get();
        let prepare = || {
            let (writer, batch) = (writer?, copied(batch)?);
            Ok(move |_: &Control| {
                let mut writer = lock("the recording", &writer)?;
                let closed = || Error::Disposed { what: "the recording".into() };
                writer.as_mut().ok_or_else(closed)?.write(&batch)
            })
        };
        spawn(env, Call::new("writeEvents", handle).on(&self.strand), prepare, |_, ()| Ok(()))
    }

    /// Completes the file; gives its bytes where it has no path.
    #[napi(ts_return_type = "Promise<Outcome<NativeBytes | null>>")]
    pub fn finish<'env>(&self, env: &'env Env, handle: Option<&TaskHandle>) -> napi::Result<Object<'env>> {
        let writer = self.handle.get();
        let prepare = || {
            let writer = writer?;
            Ok(move |_: &Control| {
                let writer = lock("the recording", &writer)?.take();
                writer.ok_or_else(|| Error::Disposed { what: "the recording".into() })?.finish()
            })
        };
        spawn(
            env,
            Call::new("finishEvents", handle).on(&self.strand),
            prepare,
            |_, bytes: Option<Vec<u8>>| Ok(bytes.map(NativeBytes::of)),
        )
    }

    /// Gives up a file that is not complete.
    #[napi]
    pub fn dispose(&self, env: Env) {
        self.handle.dispose(&env);
    }
}

/// Begins a recording at a path, or in memory. `options` is JSON.
#[napi(ts_return_type = "Promise<Outcome<NativeEventWriter>>")]
pub fn create_events<'env>(
    env: &'env Env,
    path: Option<String>,
    options: String,
    task: Option<&TaskHandle>,
) -> napi::Result<Object<'env>> {
    let prepare = || {
        let options: WriteOptions = parsed(&options)?;
        Ok(move |_: &Control| Writer::create(path.as_deref().map(Path::new), &options))
    };
    spawn(env, Call::new("createEvents", task), prepare, |env, writer: Writer| {
        let format = writer.format().name;
        let handle = Handle::new(env, "the recording", Mutex::new(Some(writer)), 2 << 20);
        Ok(NativeEventWriter { handle, strand: Strand::default(), format })
    })
}

/// What is known of each format, as JSON.
#[napi]
pub fn event_formats() -> Outcome<String> {
    sync(|| {
        let formats = FORMATS.map(|format| {
            serde_json::json!({
                "name": format.name, "title": format.title, "extensions": format.extensions, "magic": format.magic,
                "sensor": format.sensor, "fields": format.fields, "source": format.source,
            })
        });
        json(&formats)
    })
}
