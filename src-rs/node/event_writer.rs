//! Writing recordings of event cameras from typed arrays.

use crate::arrays::{
    self, Float32ArraySlice, Float64ArraySlice, Uint8ArraySlice, Uint16ArraySlice, Uint32ArraySlice,
};
use crate::bytes::NativeBytes;
use crate::event_reader::parsed;
use crate::handle::{Handle, lock};
use crate::task::{Call, TaskHandle, spawn};
use lapicque_core::events::{Batch, Extra, Frame, Imu, Triggers, WriteOptions, Writer};
use lapicque_core::workers::Strand;
use lapicque_core::{Control, Error, Result};
use napi::Env;
use napi::bindgen_prelude::{Object, ObjectFinalize};
use napi_derive::napi;
use std::path::Path;
use std::sync::Mutex;

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

/// A frame to be written.
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

/// A batch to be written.
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

/// Copies the columns. Errors: `invalid-parameter` if lengths differ; `too-large`.
fn copied(input: EventColumnsInput) -> Result<Batch> {
    fn column<T: arrays::Element>(
        name: &str,
        array: Option<arrays::ArrayHandle<T>>,
        expected: usize,
    ) -> Result<Vec<T>> {
        let Some(array) = array else { return Ok(Vec::new()) };
        let values = arrays::copied(name, &array)?;
        if values.len() == expected {
            Ok(values)
        } else {
            Err(Error::invalid(name, format!("{} elements", values.len()), format!("{expected} elements")))
        }
    }
    let t = arrays::copied("t", &input.t)?;
    let len = t.len();
    let payload_ends = column("payloadEnds", input.payload_ends, len)?;
    let payload = input.payload.map_or(Ok(Vec::new()), |array| arrays::copied("payload", &array))?;
    let in_order =
        payload_ends.is_sorted() && payload_ends.last().is_none_or(|&end| end as usize == payload.len());
    if !in_order {
        return Err(Error::invalid("payloadEnds", "others", "ends of the payloads, in order"));
    }
    let times = input.trigger_times.map_or(Ok(Vec::new()), |array| arrays::copied("triggers.t", &array))?;
    let samples = input.imu_times.map_or(Ok(Vec::new()), |array| arrays::copied("imu.t", &array))?;
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

    /// Completes the file; returns its bytes if it has no path.
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

    /// Discards an incomplete file.
    #[napi]
    pub fn dispose(&self, env: Env) {
        self.handle.dispose(&env);
    }
}

/// Starts a recording at a path, or in memory. `options` is JSON.
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
