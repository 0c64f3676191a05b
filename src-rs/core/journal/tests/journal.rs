//! Journals on a real file system: acknowledged records are read back, whatever the end of the file looks like.

use lapicque_base::error::Error;
use lapicque_journal::{Journal, is_locked, read};
use proptest::prelude::*;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

fn folder() -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("journal.log");
    (folder, path)
}

fn append(journal: &mut Journal, records: &[Vec<u8>]) {
    journal.append(records.iter().map(Vec::as_slice)).unwrap();
}

fn all(path: &Path) -> Vec<Vec<u8>> {
    read(path, 0, usize::MAX).unwrap().records
}

/// Writes three batches; returns their records and the end of each.
fn written(path: &Path) -> (Vec<Vec<Vec<u8>>>, Vec<u64>) {
    let batches: Vec<Vec<Vec<u8>>> =
        (0..3u8).map(|i| (1..4u8).map(|k| vec![16 * i + k; usize::from(k) * 7]).collect()).collect();
    let mut journal = Journal::open(path, "a test").unwrap();
    let mut ends = vec![fs::metadata(path).unwrap().len()];
    for batch in &batches {
        append(&mut journal, batch);
        ends.push(fs::metadata(path).unwrap().len());
    }
    (batches, ends)
}

#[test]
fn what_is_appended_is_read_in_its_order_and_in_pieces() {
    let (_folder, path) = folder();
    let (batches, _) = written(&path);
    assert_eq!(all(&path), batches.concat());
    let (mut next, mut pieces) = (0, Vec::new());
    loop {
        let chunk = read(&path, next, 1).unwrap();
        next = chunk.next;
        if !chunk.more {
            assert!(chunk.records.is_empty());
            break;
        }
        pieces.push(chunk.records);
    }
    assert_eq!(pieces, batches);
}

#[test]
fn of_a_file_cut_at_any_byte_the_whole_batches_are_left_and_it_goes_on() {
    let (_folder, path) = folder();
    let (batches, ends) = written(&path);
    let bytes = fs::read(&path).unwrap();
    for length in 0..=bytes.len() {
        fs::write(&path, &bytes[..length]).unwrap();
        let whole = ends[1..].iter().filter(|&&end| end <= length as u64).count();
        assert_eq!(all(&path), batches[..whole].concat(), "read at {length}");
        let mut journal = Journal::open(&path, "a test").unwrap();
        append(&mut journal, &[b"next".to_vec()]);
        let expected = [batches[..whole].concat(), vec![b"next".to_vec()]].concat();
        assert_eq!(all(&path), expected, "went on at {length}");
    }
}

#[test]
fn zeros_at_the_end_are_cut_off() {
    let (_folder, path) = folder();
    let (batches, ends) = written(&path);
    let bytes = fs::read(&path).unwrap();
    for keep in (0..ends[3] as usize).step_by(3) {
        let mut zeroed = bytes.clone();
        zeroed[keep..].fill(0);
        zeroed.resize(bytes.len() + 5000, 0);
        fs::write(&path, &zeroed).unwrap();
        let whole = ends[1..].iter().filter(|&&end| end <= keep as u64).count();
        let mut journal = Journal::open(&path, "a test").unwrap_or_else(|error| panic!("{keep}: {error}"));
        append(&mut journal, &[b"next".to_vec()]);
        assert_eq!(all(&path), [batches[..whole].concat(), vec![b"next".to_vec()]].concat(), "{keep}");
    }
}

/// A power cut keeps some pages of the last write, not always the first ones.
#[test]
fn a_last_batch_with_a_hole_is_cut_off_whole() {
    let (_folder, path) = folder();
    let (batches, ends) = written(&path);
    let mut bytes = fs::read(&path).unwrap();
    bytes[ends[2] as usize..ends[2] as usize + 20].fill(0);
    fs::write(&path, &bytes).unwrap();
    drop(Journal::open(&path, "a test").unwrap());
    assert_eq!(all(&path), batches[..2].concat());
    assert_eq!(fs::metadata(&path).unwrap().len(), ends[2]);
}

#[test]
fn damage_before_acknowledged_batches_is_refused_with_its_offset_and_nothing_is_cut() {
    let (_folder, path) = folder();
    let (_, ends) = written(&path);
    let bytes = fs::read(&path).unwrap();
    for at in (ends[1]..ends[2]).step_by(9) {
        let mut damaged = bytes.clone();
        damaged[at as usize] ^= 0x10;
        fs::write(&path, &damaged).unwrap();
        for error in [Journal::open(&path, "a test").err().unwrap(), read(&path, 0, usize::MAX).unwrap_err()]
        {
            assert!(
                matches!(error, Error::MalformedFile { offset, .. } if offset == ends[1]),
                "{at}: {error}"
            );
        }
        assert_eq!(fs::read(&path).unwrap(), damaged);
    }
}

#[test]
fn another_file_and_a_newer_version_are_refused_and_stay() {
    let (_folder, path) = folder();
    fs::write(&path, "the notes of somebody, which are no journal").unwrap();
    assert!(matches!(Journal::open(&path, "a test"), Err(Error::MalformedFile { .. })));
    assert!(matches!(read(&path, 0, 1), Err(Error::MalformedFile { .. })));
    assert!(fs::read_to_string(&path).unwrap().starts_with("the notes"));
    // Version 2, as a later release would write it: the checksum covers magic and version.
    let newer = [b"lpqstudy".as_slice(), &[2, 0, 0, 0], &[0x55, 0xca, 0xf4, 0x76]].concat();
    let newer = with_checksum(newer);
    fs::write(&path, &newer).unwrap();
    for error in [Journal::open(&path, "a test").err().unwrap(), read(&path, 0, 1).unwrap_err()] {
        assert!(
            matches!(&error, Error::Unsupported { feature, .. } if feature.contains("version 2")),
            "{error}"
        );
    }
    assert_eq!(fs::read(&path).unwrap(), newer);
}

/// CRC-32 bit by bit, by its definition.
fn with_checksum(mut header: Vec<u8>) -> Vec<u8> {
    let crc = header[..12].iter().fold(!0u32, |crc, &byte| {
        (0..8).fold(
            crc ^ u32::from(byte),
            |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 },
        )
    });
    header[12..].copy_from_slice(&(!crc).to_le_bytes());
    header
}

#[test]
fn a_journal_has_one_writer_whose_name_the_second_hears() {
    let (_folder, path) = folder();
    let journal = Journal::open(&path, "process 12 on here").unwrap();
    assert!(is_locked(&path).unwrap());
    let said = Journal::open(&path, "another").err().unwrap().to_string();
    assert!(said.contains("in use by process 12 on here"), "{said}");
    drop(journal);
    assert!(!is_locked(&path).unwrap());
    Journal::open(&path, "another").unwrap();
}

#[test]
fn records_that_are_empty_or_too_large_are_refused_and_nothing_is_written() {
    let (_folder, path) = folder();
    let mut journal = Journal::open(&path, "a test").unwrap();
    let large = vec![1; lapicque_journal::MAX_RECORD + 1];
    assert!(matches!(journal.append([b"good".as_slice(), &large]), Err(Error::TooLarge { .. })));
    assert!(matches!(journal.append([b"good".as_slice(), b""]), Err(Error::InvalidParameter { .. })));
    journal.append([]).unwrap();
    assert!(all(&path).is_empty());
    // More than a batch can contain.
    let halves = vec![vec![2u8; 9 << 20], vec![3; 9 << 20]];
    append(&mut journal, &halves);
    assert!(all(&path) == halves);
}

#[test]
fn a_reader_sees_whole_batches_while_they_are_written() {
    let (_folder, path) = folder();
    let mut journal = Journal::open(&path, "a test").unwrap();
    std::thread::scope(|scope| {
        let writing = scope.spawn(move || {
            for i in 0..200u8 {
                append(&mut journal, &vec![vec![i; 1 + usize::from(i) * 13]; 3]);
            }
        });
        let (mut next, mut seen) = (0, 0);
        while seen < 600 {
            let chunk = read(&path, next, usize::MAX).unwrap();
            assert_eq!(chunk.records.len() % 3, 0);
            for record in &chunk.records {
                assert_eq!(record, &vec![(seen / 3) as u8; 1 + seen / 3 * 13]);
                seen += 1;
            }
            next = chunk.next;
        }
        writing.join().unwrap();
    });
}

#[test]
#[cfg(unix)]
fn a_folder_that_cannot_be_written_is_an_io_error_and_can_be_read() {
    let (_folder, path) = folder();
    let missing = path.join("below/journal.log");
    assert!(matches!(Journal::open(&missing, "a test"), Err(Error::Io { .. })));
    assert!(matches!(read(&missing, 0, 1), Err(Error::Io { .. })));
}

/// Fewer cases, because reading damaged data retries for a writer that does not exist.
fn cases() -> u32 {
    if std::env::var_os("LAPICQUE_LONG_TESTS").is_some() { 2000 } else { 30 }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    /// For any damage to the bytes, reading returns a prefix of what was written, or an error.
    #[test]
    fn changed_bytes_give_a_beginning_or_an_error(changes in prop::collection::vec((0usize..400, any::<u8>()), 1..6), cut in 0usize..400) {
        let (_folder, path) = folder();
        let (batches, _) = written(&path);
        let mut bytes = fs::read(&path).unwrap();
        for (at, byte) in changes {
            let length = bytes.len();
            bytes[at % length] = byte;
        }
        bytes.truncate(bytes.len().max(1) - cut.min(bytes.len() - 1) / 3);
        fs::write(&path, &bytes).unwrap();
        if let Ok(chunk) = read(&path, 0, usize::MAX) {
            let whole = batches.concat();
            prop_assert!(whole.starts_with(&chunk.records));
        }
        let before = fs::read(&path).unwrap();
        match Journal::open(&path, "a test") {
            Ok(_) => prop_assert!(batches.concat().starts_with(&all(&path))),
            Err(_) => prop_assert_eq!(fs::read(&path).unwrap(), before),
        }
    }
}

#[test]
fn garbage_behind_the_last_batch_is_cut_off() {
    let (_folder, path) = folder();
    let (batches, _) = written(&path);
    OpenOptions::new()
        .append(true)
        .open(&path)
        .unwrap()
        .write_all(&[0xf5, b'r', b'e', b'c', 9, 0, 0])
        .unwrap();
    drop(Journal::open(&path, "a test").unwrap());
    assert_eq!(all(&path), batches.concat());
}
