//! What is written is read back.

use crate::support::{FORMATS, assert_same, events, read_all, read_options, reader, write_options, written};
use lapicque_events::{Batch, Frame, Options, Writer};

#[test]
fn every_format_gives_back_its_events_in_pieces_of_any_size() {
    for &(format, json) in FORMATS {
        for (count, piece, batch_size) in [(0, 1, 10), (1, 1, 1), (5000, 700, 64), (5000, 5000, 100_000)] {
            let batch = events(count, 7 + count as u64);
            let bytes = written(format, json, &batch, piece);
            let options = Options { batch_size, ..read_options(format, json) };
            let mut reader = reader(bytes, options).unwrap();
            let (got, batches) =
                read_all(&mut reader).unwrap_or_else(|error| panic!("{format} {json}: {error}"));
            assert_same(&got, &batch);
            assert_eq!(batches, count.div_ceil(batch_size), "{format}");
            assert_eq!(reader.warnings(), [], "{format} {json}");
        }
    }
}

/// Formats with a magic number or a unique extension.
#[test]
fn formats_are_told_by_their_first_bytes() {
    let defined = |name: &str| *lapicque_events::FORMATS.iter().find(|format| format.name == name).unwrap();
    for (format, json) in FORMATS.iter().copied().filter(|(format, _)| !defined(format).magic.is_empty()) {
        let bytes = written(format, json, &events(100, 3), 100);
        let reader = reader(bytes, Options::default()).unwrap();
        assert_eq!(reader.format().name, format);
        assert_eq!(reader.sensor().is_some(), defined(format).sensor != "none", "{format}");
    }
}

#[test]
fn triggers_samples_and_frames_come_back_from_aedat4() {
    let mut batch = events(100, 5);
    batch.trigger(12.0, 0, 1);
    batch.trigger(13.0, 0, 0);
    batch.imu_sample(14.0, [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]], 21.5);
    batch.frame(Frame {
        t: 15.0,
        exposure_start: 10.0,
        exposure_end: 20.0,
        width: 2,
        height: 3,
        x: 1,
        y: 2,
        channels: 1,
        bytes_per_value: 1,
        pixels: vec![1, 2, 3, 4, 5, 6],
    });
    let mut writer = Writer::create(None, &write_options("aedat4", "{}")).unwrap();
    writer.write(&batch).unwrap();
    let bytes = writer.finish().unwrap().unwrap();
    let mut reader = reader(bytes, Options::default()).unwrap();
    let mut got = Batch::default();
    reader.next(&mut got).unwrap();
    assert_same(&got, &batch);
    assert_eq!((got.triggers.t, got.triggers.polarity), (vec![12.0, 13.0], vec![1, 0]));
    assert_eq!(got.imu.t, [14.0]);
    assert_eq!(got.imu.accelerometer, [1.0, 2.0, 3.0]);
    assert_eq!(got.imu.gyroscope, [4.0, 5.0, 6.0]);
    assert_eq!(got.imu.magnetometer, [7.0, 8.0, 9.0]);
    assert_eq!(got.imu.temperature, [21.5]);
    assert_eq!(got.frames, batch.frames);
}

#[test]
fn triggers_keep_their_place_in_words() {
    for format in ["evt2", "evt21", "evt3", "evt4", "aedat3.1"] {
        let mut batch = events(1000, 9);
        for i in [0, 300, 999] {
            batch.trigger(batch.t[i], 3, (i % 2) as u8);
        }
        let mut writer = Writer::create(None, &write_options(format, "{}")).unwrap();
        writer.write(&batch).unwrap();
        let bytes = writer.finish().unwrap().unwrap();
        let (got, _) = read_all(&mut reader(bytes, read_options(format, "{}")).unwrap()).unwrap();
        assert_same(&got, &batch);
        assert_eq!(got.triggers.t, batch.triggers.t, "{format}");
        assert_eq!(got.triggers.polarity, batch.triggers.polarity, "{format}");
    }
}

/// Counters of the formats wrap around within the recording.
#[test]
fn long_recordings_keep_their_times() {
    let mut batch = Batch::with_capacity(400);
    for i in 0..400_u64 {
        batch.push((i * i * 1_000_000) as f64, 1, 2, 1);
    }
    for format in ["evt2", "evt21", "evt4", "aedat3.1", "aedat4", "csv", "npy", "npz"] {
        let bytes = written(format, "{}", &batch, 400);
        let (got, _) = read_all(&mut reader(bytes, read_options(format, "{}")).unwrap()).unwrap();
        assert_same(&got, &batch);
    }
    // Some minutes are several wrap-arounds of EVT3 and N-MNIST; a year is refused, because it would need gigabytes.
    let mut minutes = Batch::with_capacity(3);
    for t in [30e6, 100e6, 1000e6] {
        minutes.push(t, 1, 2, 1);
    }
    for format in ["evt3", "nmnist", "es"] {
        let bytes = written(format, "{}", &minutes, 3);
        let (got, _) = read_all(&mut reader(bytes, read_options(format, "{}")).unwrap()).unwrap();
        assert_same(&got, &minutes);
    }
    let mut year = Batch::with_capacity(1);
    year.push(1.7e15, 1, 2, 1);
    for format in ["evt2", "evt21", "evt3", "evt4", "dat", "nmnist", "es", "aedat2"] {
        let json = if format == "aedat2" { r#"{"chip": "dvs128"}"# } else { "{}" };
        let mut writer = Writer::create(None, &write_options(format, json)).unwrap();
        let error = writer.write(&year).unwrap_err().to_string();
        assert!(error.contains("origin: 'first'"), "{format}: {error}");
    }
}

#[test]
fn what_a_format_cannot_hold_is_refused() {
    let write = |format: &str, json: &str, batch: &Batch| {
        Writer::create(None, &write_options(format, json))
            .and_then(|mut writer| writer.write(batch))
            .unwrap_err()
    };
    let one = |t: f64, x: u16, y: u16, polarity: u8| {
        let mut batch = Batch::with_capacity(1);
        batch.push(t, x, y, polarity);
        batch
    };
    assert!(write("evt3", "{}", &one(0.0, 2048, 0, 0)).to_string().starts_with("x: expected at most 2047"));
    assert!(write("nmnist", "{}", &one(0.0, 0, 240, 0)).to_string().starts_with("y: expected at most 239"));
    assert!(write("es", "{}", &one(0.0, 128, 0, 0)).to_string().starts_with("x: expected at most 127"));
    assert!(write("npy", "{}", &one(0.5, 0, 0, 0)).to_string().starts_with("t: expected whole"));
    assert!(write("npy", "{}", &one(f64::NAN, 0, 0, 0)).to_string().starts_with("t: expected whole"));
    assert!(write("csv", "{}", &one(0.0, 0, 0, 2)).to_string().starts_with("polarity: expected 0 or 1"));
    let mut back = Batch::with_capacity(2);
    back.push(5.0, 0, 0, 0);
    back.push(4.0, 0, 0, 0);
    assert!(write("evt2", "{}", &back).to_string().contains("times in order"));
    let mut triggers = Batch::default();
    triggers.trigger(1.0, 0, 1);
    assert!(write("csv", "{}", &triggers).to_string().contains("drop: [\"triggers\"]"));
}
