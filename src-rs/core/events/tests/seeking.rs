//! Reading from a given time on.

use crate::support::{FORMATS, Random, events, read_all, read_options, reader, written};
use lapicque_events::{Batch, Options, Origin};

#[test]
fn a_seek_gives_the_first_event_at_or_after_the_time_wherever_the_reader_was() {
    let batch = events(60_000, 11);
    for &(format, json) in FORMATS {
        let bytes = written(format, json, &batch, 60_000);
        let options = Options { batch_size: 1000, ..read_options(format, json) };
        let mut reader = reader(bytes, options).unwrap();
        let mut random = Random(5);
        let mut piece = Batch::default();
        for _ in 0..12 {
            let wanted = batch.t[random.below(60_000) as usize] + random.below(3) as f64 - 1.0;
            reader.seek(wanted).unwrap();
            reader.next(&mut piece).unwrap();
            let at = batch.t.partition_point(|&t| t < wanted);
            assert_eq!(piece.t[0], batch.t[at], "{format} {json} {wanted}");
            assert_eq!(piece.x[0], batch.x[at]);
            // Reading continues from there.
            (0..random.below(4)).for_each(|_| reader.next(&mut piece).unwrap());
        }
        reader.seek(f64::INFINITY).unwrap();
        reader.next(&mut piece).unwrap();
        assert!(piece.is_empty());
        reader.seek(f64::NEG_INFINITY).unwrap();
        assert_eq!(read_all(&mut reader).unwrap().0.len, 60_000, "{format} {json}");
    }
}

/// A file with several times, read between two marks.
#[test]
fn marks_are_used_and_thinned_out() {
    let mut batch = Batch::with_capacity(2_000_000);
    for i in 0..2_000_000_u64 {
        batch.push((3 * i) as f64, (i % 100) as u16, (i / 100 % 100) as u16, (i & 1) as u8);
    }
    for format in ["evt2", "dat", "aedat4"] {
        let json = if format == "aedat4" { r#"{"compression": "none"}"# } else { "{}" };
        let bytes = written(format, json, &batch, 100_000);
        let mut reader = reader(bytes, read_options(format, json)).unwrap();
        assert_eq!(read_all(&mut reader).unwrap().0.len, 2_000_000);
        let mut piece = Batch::default();
        for wanted in [5_999_997.0, 3_000_001.0, 0.0, 4_500_000.0, 1.0] {
            reader.seek(wanted).unwrap();
            reader.next(&mut piece).unwrap();
            let at = (wanted / 3.0).ceil();
            assert_eq!((piece.t[0], piece.x[0]), (3.0 * at, (at as u64 % 100) as u16), "{format}");
        }
    }
}

#[test]
fn an_origin_at_the_first_event_shifts_all_times_and_seeks() {
    let mut batch = events(5000, 3);
    batch.t.iter_mut().for_each(|t| *t += 1000.0);
    let bytes = written("evt2", "{}", &batch, 5000);
    let options = Options { origin: Origin::First, batch_size: 100, ..Options::default() };
    let mut first = reader(bytes.clone(), options.clone()).unwrap();
    let (got, _) = read_all(&mut first).unwrap();
    assert!((0..5000).all(|i| got.t[i] == batch.t[i] - batch.t[0]));
    // A seek before anything is read.
    let mut later = reader(bytes, options).unwrap();
    let wanted = got.t[3000];
    later.seek(wanted).unwrap();
    let mut piece = Batch::default();
    later.next(&mut piece).unwrap();
    assert_eq!(piece.t[0], wanted);
}
