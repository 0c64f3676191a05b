//! Random events, and readers of bytes.

use lapicque_base::error::Result;
use lapicque_events::{Batch, Options, Reader, Source, WriteOptions, Writer};

/// A generator of reproducible numbers.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }
}

/// Formats with the options that writing and reading them needs.
pub const FORMATS: &[(&str, &str)] = &[
    ("evt2", "{}"),
    ("evt21", "{}"),
    ("evt21", r#"{"halfOrder": "legacy"}"#),
    ("evt3", "{}"),
    ("evt4", "{}"),
    ("dat", "{}"),
    ("nmnist", "{}"),
    ("aedat2", r#"{"chip": "dvs128"}"#),
    ("aedat2", r#"{"chip": "davis240"}"#),
    ("aedat3.1", "{}"),
    ("aedat4", r#"{"compression": "none"}"#),
    ("aedat4", r#"{"compression": "lz4"}"#),
    ("aedat4", r#"{"compression": "zstd"}"#),
    ("es", "{}"),
    ("csv", "{}"),
    ("npy", "{}"),
    ("npz", "{}"),
];

/// Events in order, in rows as from cameras, some at the same time, with pauses; all inside the smallest sensor.
pub fn events(count: usize, seed: u64) -> Batch {
    let mut random = Random(seed | 1);
    let mut batch = Batch::with_capacity(count);
    let (mut t, mut x, mut y) = (random.below(10_000), 0, 0);
    for _ in 0..count {
        if random.below(4) == 0 {
            t += [0, 1, 7, 100, 40_000][random.below(5) as usize];
            (x, y) = (random.below(100), random.below(120));
        } else {
            x += 1 + random.below(3);
        }
        batch.push(t as f64, (x % 120) as u16, y as u16, random.below(2) as u8);
    }
    batch
}

pub fn write_options(format: &str, json: &str) -> WriteOptions {
    let mut options: WriteOptions = serde_json::from_str(json).unwrap();
    options.format = Some(format.into());
    options.sensor = Some((128, 128));
    options
}

pub fn read_options(format: &str, json: &str) -> Options {
    let mut options: Options = serde_json::from_str(json).unwrap();
    options.format = Some(format.into());
    options
}

/// The file of a batch, written in pieces.
pub fn written(format: &str, json: &str, batch: &Batch, piece: usize) -> Vec<u8> {
    let mut writer = Writer::create(None, &write_options(format, json)).unwrap();
    for from in (0..batch.len).step_by(piece) {
        let mut part = Batch::with_capacity(piece);
        for i in from..batch.len.min(from + piece) {
            part.push(batch.t[i], batch.x[i], batch.y[i], batch.polarity[i]);
        }
        writer.write(&part).unwrap();
    }
    writer.finish().unwrap().unwrap()
}

/// All events of a reader in one batch, and the number of batches.
pub fn read_all(reader: &mut Reader) -> Result<(Batch, usize)> {
    let mut all = Batch::default();
    let (mut batch, mut batches) = (Batch::default(), 0);
    loop {
        reader.next(&mut batch)?;
        if batch.is_empty() {
            return Ok((all, batches));
        }
        batches += 1;
        all.t.extend(&batch.t[..batch.len]);
        all.x.extend(&batch.x[..batch.len]);
        all.y.extend(&batch.y[..batch.len]);
        all.polarity.extend(&batch.polarity[..batch.len]);
        all.len += batch.len;
        all.triggers.t.extend(&batch.triggers.t);
        all.triggers.polarity.extend(&batch.triggers.polarity);
        all.imu.t.extend(&batch.imu.t);
        all.frames.append(&mut batch.frames);
    }
}

pub fn reader(bytes: Vec<u8>, options: Options) -> Result<Reader> {
    Reader::open(Source::of_bytes(bytes), options)
}

pub fn assert_same(got: &Batch, wanted: &Batch) {
    assert_eq!(got.len, wanted.len);
    assert_eq!(got.t[..got.len], wanted.t[..got.len]);
    assert_eq!(got.x[..got.len], wanted.x[..got.len]);
    assert_eq!(got.y[..got.len], wanted.y[..got.len]);
    assert_eq!(got.polarity[..got.len], wanted.polarity[..got.len]);
}
