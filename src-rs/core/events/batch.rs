//! Events in columns, and the other data of a recording between them.

/// Columns of a fixed capacity, which are allocated once and reused.
#[derive(Debug, Default, Clone)]
pub struct Batch {
    /// Microseconds.
    pub t: Vec<f64>,
    pub x: Vec<u16>,
    pub y: Vec<u16>,
    pub polarity: Vec<u8>,
    /// The number of events.
    pub len: usize,
    pub extra: Extra,
    pub triggers: Triggers,
    pub imu: Imu,
    pub frames: Vec<Frame>,
    /// Bytes of triggers, IMU samples, frames and payloads so far.
    pub side_bytes: usize,
}

/// Additional columns of some formats. A column is empty or has an element for each event.
#[derive(Debug, Default, Clone)]
pub struct Extra {
    pub r: Vec<u8>,
    pub g: Vec<u8>,
    pub b: Vec<u8>,
    pub exposure: Vec<u8>,
    pub address: Vec<u32>,
    /// All payloads, concatenated; `payload_ends` contains the end of each.
    pub payload: Vec<u8>,
    pub payload_ends: Vec<u32>,
}

#[derive(Debug, Default, Clone)]
pub struct Triggers {
    pub t: Vec<f64>,
    pub id: Vec<u8>,
    /// 0 falling, 1 rising, 2 a pulse.
    pub polarity: Vec<u8>,
}

/// `accelerometer` in g, `gyroscope` in degrees per second, `magnetometer` in microtesla: three values per sample.
#[derive(Debug, Default, Clone)]
pub struct Imu {
    pub t: Vec<f64>,
    pub accelerometer: Vec<f32>,
    pub gyroscope: Vec<f32>,
    pub magnetometer: Vec<f32>,
    pub temperature: Vec<f32>,
}

#[derive(Debug, Default, Clone, PartialEq)]
pub struct Frame {
    pub t: f64,
    pub exposure_start: f64,
    pub exposure_end: f64,
    pub width: u32,
    pub height: u32,
    pub x: i32,
    pub y: i32,
    pub channels: u32,
    /// 1 or 2.
    pub bytes_per_value: u32,
    /// Little-endian.
    pub pixels: Vec<u8>,
}

/// A batch ends early when triggers, samples and frames take this number of bytes.
const SIDE_BYTES: usize = 4 << 20;

impl Batch {
    pub fn with_capacity(events: usize) -> Self {
        let mut batch = Batch::default();
        batch.reserve(events);
        batch
    }

    /// Clears the batch, with capacity for `events`.
    pub fn reserve(&mut self, events: usize) {
        self.t.resize(events, 0.0);
        self.x.resize(events, 0);
        self.y.resize(events, 0);
        self.polarity.resize(events, 0);
        self.clear();
    }

    pub fn clear(&mut self) {
        self.len = 0;
        self.side_bytes = 0;
        self.extra = Extra::default();
        self.triggers = Triggers::default();
        self.imu = Imu::default();
        self.frames.clear();
    }

    /// The number of events that still fit.
    pub fn remaining(&self) -> usize {
        self.t.len() - self.len
    }

    pub fn full(&self) -> bool {
        self.remaining() == 0 || self.side_bytes >= SIDE_BYTES
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0 && self.side_bytes == 0
    }

    /// The caller must have checked that there is space.
    #[inline(always)]
    pub fn push(&mut self, t: f64, x: u16, y: u16, polarity: u8) {
        let at = self.len;
        self.t[at] = t;
        self.x[at] = x;
        self.y[at] = y;
        self.polarity[at] = polarity;
        self.len = at + 1;
    }

    /// The next `N` elements of each column, which count as events and must be filled. The caller must have checked that there
    /// is space.
    #[inline(always)]
    pub fn block<const N: usize>(&mut self) -> Block<'_, N> {
        self.len += N;
        let at = self.len - N;
        self.elements(at)
    }

    /// The next `N` elements of each column, which do not count as events yet. The caller must have checked that there is
    /// space.
    #[inline(always)]
    pub fn next_block<const N: usize>(&mut self) -> Block<'_, N> {
        self.elements(self.len)
    }

    #[inline(always)]
    fn elements<const N: usize>(&mut self, at: usize) -> Block<'_, N> {
        Block {
            t: (&mut self.t[at..at + N]).try_into().expect("N elements"),
            x: (&mut self.x[at..at + N]).try_into().expect("N elements"),
            y: (&mut self.y[at..at + N]).try_into().expect("N elements"),
            polarity: (&mut self.polarity[at..at + N]).try_into().expect("N elements"),
        }
    }

    pub fn trigger(&mut self, t: f64, id: u8, polarity: u8) {
        self.triggers.t.push(t);
        self.triggers.id.push(id);
        self.triggers.polarity.push(polarity);
        self.side_bytes += 10;
    }

    pub fn imu_sample(&mut self, t: f64, values: [[f32; 3]; 3], temperature: f32) {
        let [accelerometer, gyroscope, magnetometer] = values;
        self.imu.t.push(t);
        self.imu.accelerometer.extend(accelerometer);
        self.imu.gyroscope.extend(gyroscope);
        self.imu.magnetometer.extend(magnetometer);
        self.imu.temperature.push(temperature);
        self.side_bytes += 48;
    }

    pub fn frame(&mut self, frame: Frame) {
        self.side_bytes += frame.pixels.len() + 64;
        self.frames.push(frame);
    }

    pub fn payload(&mut self, bytes: &[u8]) {
        self.extra.payload.extend_from_slice(bytes);
        self.extra.payload_ends.push(self.extra.payload.len() as u32);
        self.side_bytes += bytes.len() + 4;
    }

    /// Removes everything before a time. If times are not in order, all events before the first one that is late enough are
    /// removed.
    pub fn drop_before(&mut self, time: f64) {
        let from = self.t[..self.len].iter().position(|&t| t >= time).unwrap_or(self.len);
        let kept = self.len - from;
        self.t.copy_within(from..self.len, 0);
        self.x.copy_within(from..self.len, 0);
        self.y.copy_within(from..self.len, 0);
        self.polarity.copy_within(from..self.len, 0);
        self.len = kept;
        self.extra.drop_first(from);
        let late = |t: &[f64]| t.iter().position(|&t| t >= time).unwrap_or(t.len());
        let from = late(&self.triggers.t);
        self.triggers.t.drain(..from);
        self.triggers.id.drain(..from);
        self.triggers.polarity.drain(..from);
        let from = late(&self.imu.t);
        self.imu.t.drain(..from);
        self.imu.temperature.drain(..from);
        for values in [&mut self.imu.accelerometer, &mut self.imu.gyroscope, &mut self.imu.magnetometer] {
            values.drain(..3 * from);
        }
        self.frames.retain(|frame| frame.t >= time);
        if self.triggers.t.is_empty() && self.imu.t.is_empty() && self.frames.is_empty() {
            self.side_bytes = 0;
        }
    }

    /// Subtracts the origin from all times.
    pub fn shift(&mut self, origin: f64) {
        let times = self.t[..self.len].iter_mut().chain(&mut self.triggers.t).chain(&mut self.imu.t);
        times.for_each(|t| *t -= origin);
        for frame in &mut self.frames {
            frame.t -= origin;
            frame.exposure_start -= origin;
            frame.exposure_end -= origin;
        }
    }

    /// The smallest of the first times of events, triggers, samples and frames.
    pub fn first_time(&self) -> Option<f64> {
        let firsts = [
            self.t[..self.len].first().copied(),
            self.triggers.t.first().copied(),
            self.imu.t.first().copied(),
            self.frames.first().map(|frame| frame.t),
        ];
        firsts.into_iter().flatten().min_by(f64::total_cmp)
    }
}

impl Extra {
    fn drop_first(&mut self, n: usize) {
        for column in [&mut self.r, &mut self.g, &mut self.b, &mut self.exposure] {
            column.drain(..n.min(column.len()));
        }
        self.address.drain(..n.min(self.address.len()));
        if n > 0 && !self.payload_ends.is_empty() {
            let bytes = self.payload_ends[n.min(self.payload_ends.len()) - 1];
            self.payload.drain(..bytes as usize);
            self.payload_ends.drain(..n.min(self.payload_ends.len()));
            self.payload_ends.iter_mut().for_each(|end| *end -= bytes);
        }
    }
}

/// Consecutive elements of each column.
pub struct Block<'a, const N: usize> {
    pub t: &'a mut [f64; N],
    pub x: &'a mut [u16; N],
    pub y: &'a mut [u16; N],
    pub polarity: &'a mut [u8; N],
}
