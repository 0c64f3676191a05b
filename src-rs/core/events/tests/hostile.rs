//! Damaged files give an error or events, never a panic, and no memory is allocated for sizes that are only declared.

use crate::support::{FORMATS, Random, events, read_all, read_options, reader, written};
use lapicque_base::error::Error;
use lapicque_events::Options;

fn read(bytes: Vec<u8>, options: Options) -> Result<usize, Error> {
    reader(bytes, options).and_then(|mut reader| read_all(&mut reader)).map(|(batch, _)| batch.len)
}

fn is_typed(error: &Error) -> bool {
    matches!(
        error,
        Error::MalformedFile { .. }
            | Error::Unsupported { .. }
            | Error::OverLimit { .. }
            | Error::TooLarge { .. }
            | Error::InvalidParameter { .. }
    )
}

#[test]
fn damaged_files_give_events_or_an_error() {
    let rounds = if std::env::var_os("LAPICQUE_LONG_TESTS").is_some() { 10_000 } else { 150 };
    for &(format, json) in FORMATS {
        let file = written(format, json, &events(1500, 21), 1500);
        let mut random = Random(77);
        for _ in 0..rounds {
            let mut bytes = file.clone();
            for _ in 0..=random.below(8) {
                // Headers and lengths are near the beginning.
                let near = if random.below(2) == 0 { 300 } else { bytes.len() as u64 };
                let at = random.below(near.min(bytes.len() as u64).max(1)) as usize;
                match random.below(4) {
                    0 => bytes[at] ^= 1 << random.below(8),
                    1 => bytes[at] = [0, 0x7f, 0x80, 0xff][random.below(4) as usize],
                    2 => bytes.truncate(at.max(1)),
                    _ => bytes[at] = random.below(256) as u8,
                }
            }
            let allow_truncated = random.below(2) == 0;
            let options = Options { allow_truncated, ..read_options(format, json) };
            if let Err(error) = read(bytes, options) {
                assert!(is_typed(&error), "{format}: {error}");
            }
        }
    }
}

#[test]
fn a_file_that_ends_early_gives_what_is_whole_when_that_is_allowed() {
    let batch = events(3000, 31);
    for (format, json) in FORMATS.iter().copied().filter(|(format, _)| *format != "npz") {
        let file = written(format, json, &batch, 300);
        for cut in [file.len() - 1, file.len() / 2 + 1, file.len() / 3] {
            let options = Options { allow_truncated: true, ..read_options(format, json) };
            let mut reader = match reader(file[..cut].to_vec(), options) {
                Ok(reader) => reader,
                Err(error) => panic!("{format} {json} cut at {cut}: {error}"),
            };
            let (got, _) = read_all(&mut reader).unwrap_or_else(|error| panic!("{format} {json}: {error}"));
            assert_eq!(got.t[..got.len], batch.t[..got.len], "{format} {json}");
            assert_eq!(got.x[..got.len], batch.x[..got.len], "{format} {json}");
            assert!(got.len > 100, "{format} {json}: {}", got.len);
        }
    }
}

#[test]
fn a_packet_that_declares_more_than_the_file_has_is_refused_before_memory_is_taken() {
    let file = written("aedat4", r#"{"compression": "none"}"#, &events(100, 1), 100);
    let header = 18 + u32::from_le_bytes(file[14..18].try_into().unwrap()) as usize;
    let mut bytes = file.clone();
    bytes[header + 4..header + 8].copy_from_slice(&i32::MAX.to_le_bytes());
    let error = read(bytes, Options::default()).unwrap_err();
    assert!(matches!(&error, Error::MalformedFile { format, .. } if format == "aedat4"), "{error}");
    let mut bytes = file;
    bytes[header + 4..header + 8].copy_from_slice(&(-5_i32).to_le_bytes());
    let error = read(bytes, Options::default()).unwrap_err().to_string();
    assert!(error.contains("a packet of -5 bytes"), "{error}");
}
