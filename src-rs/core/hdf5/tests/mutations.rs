//! Damaged files never cause a panic, take more than a second, or more memory than 64 MB plus four times the file.
//! `LAPICQUE_LONG_TESTS=1` tests 600 mutations of each file.

use crate::vectors::folder;
use crate::written::{F32, int, written};
use lapicque_base::Error;
use lapicque_base::limits::Limits;
use lapicque_hdf5::types::{Field, Type};
use lapicque_hdf5::write::{Layout, Spec};
use lapicque_hdf5::{File, Kind};
use std::alloc::{GlobalAlloc, Layout as Memory, System};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Counts allocated memory.
struct Counting;

static TAKEN: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

// SAFETY: forwards to the system allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, memory: Memory) -> *mut u8 {
        let taken = TAKEN.fetch_add(memory.size(), Ordering::Relaxed) + memory.size();
        MOST.fetch_max(taken, Ordering::Relaxed);
        // SAFETY: as the caller guarantees.
        unsafe { System.alloc(memory) }
    }

    unsafe fn dealloc(&self, at: *mut u8, memory: Memory) {
        TAKEN.fetch_sub(memory.size(), Ordering::Relaxed);
        // SAFETY: as the caller guarantees.
        unsafe { System.dealloc(at, memory) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    fn below(&mut self, most: usize) -> usize {
        (self.next() % most.max(1) as u64) as usize
    }
}

/// Mutations of the first and last kilobytes are more likely, because metadata are there.
fn place(random: &mut Random, len: usize) -> usize {
    match random.below(4) {
        0 => random.below(len.min(4096)),
        1 => len - 1 - random.below(len.min(4096)),
        _ => random.below(len),
    }
}

fn mutate(bytes: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..=random.below(4) {
        let at = place(random, bytes.len());
        match random.below(8) {
            0 => bytes[at] ^= 1 << random.below(8),
            1 => bytes[at] = random.next() as u8,
            2 => bytes[at] = [0, 1, 0x7f, 0x80, 0xff][random.below(5)],
            3 => {
                let value = [0, 1, u64::MAX, 1 << 31, 1 << 32, 1 << 62, bytes.len() as u64][random.below(7)];
                let width = [2, 4, 8][random.below(3)];
                let end = (at + width).min(bytes.len());
                bytes[at..end].copy_from_slice(&value.to_le_bytes()[..end - at]);
            }
            4 => {
                let (from, len) = (place(random, bytes.len()), random.below(64));
                let len = len.min(bytes.len() - at).min(bytes.len() - from);
                bytes.copy_within(from..from + len, at);
            }
            5 => {
                // The address of another object.
                let value = place(random, bytes.len()) as u64 & !7;
                let end = (at + 8).min(bytes.len());
                bytes[at..end].copy_from_slice(&value.to_le_bytes()[..end - at]);
            }
            6 if random.below(4) == 0 => bytes.truncate(at.max(1)),
            _ => bytes[at] = bytes[at].wrapping_add(1),
        }
    }
}

/// Opens a file and reads all of its content.
fn read_all(bytes: Vec<u8>) -> Result<(), Error> {
    let file = Arc::new(File::of_bytes(bytes, Limits { bytes: 32 << 20 })?);
    let mut groups = vec![(String::new(), 0)];
    let mut seen = 0;
    let mut first = Ok(());
    let mut note = |result: Result<(), Error>| {
        if let Err(error) = result {
            assert!(!matches!(error, Error::Internal { .. }), "{error}");
            if first.is_ok() {
                first = Err(error);
            }
        }
    };
    while let Some((path, depth)) = groups.pop() {
        note(file.attributes(&path).map(|_| ()));
        let members = match file.list(&path) {
            Ok(members) => members,
            Err(error) => {
                note(Err(error));
                continue;
            }
        };
        for member in members {
            seen += 1;
            if seen > 2000 {
                return first;
            }
            let at = format!("{path}/{}", member.name);
            match member.kind {
                Kind::Group if depth < 6 => groups.push((at, depth + 1)),
                Kind::Dataset => {
                    note(file.attributes(&at).map(|_| ()));
                    note(file.dataset(&at).and_then(|dataset| dataset.read(&dataset.whole()).map(|_| ())));
                }
                _ => {}
            }
        }
    }
    first
}

fn of_our_own() -> Vec<u8> {
    written(|writer| {
        let of = Type::Compound {
            size: 16,
            fields: vec![
                Field { name: "x".into(), offset: 0, of: int(2, false) },
                Field { name: "t".into(), offset: 8, of: int(8, true) },
            ],
        };
        let layout = Layout::Chunked { shape: vec![512], shuffle: false, deflate: None, ecf: true };
        let id = writer.dataset("CD/events", Spec { of, shape: Some(vec![0]), layout }).unwrap();
        let records = (0..3000_u64).flat_map(|i| {
            let mut record = [0; 16];
            record[0] = (i * 7) as u8;
            record[2] = (i / 100) as u8;
            record[8..].copy_from_slice(&(i / 3).to_le_bytes());
            record
        });
        writer.append(id, &records.collect::<Vec<u8>>()).unwrap();
        let spec = Spec { of: Type::Rows(Box::new(F32)), shape: Some(vec![3]), layout: Layout::Whole };
        let id = writer.dataset("rows", spec).unwrap();
        writer.append_rows(id, &[0; 40], &[3, 0, 7]).unwrap();
        writer.text_attribute("CD", "geometry", vec![], &["1280x720".to_string()]).unwrap();
    })
}

#[test]
fn damaged_files_neither_panic_nor_hang_nor_take_memory() {
    let each = if std::env::var_os("LAPICQUE_LONG_TESTS").is_some() { 600 } else { 12 };
    let mut files: Vec<(String, Vec<u8>)> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "h5" || e == "nir"))
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap()))
        .collect();
    files.push(("ours".into(), of_our_own()));
    files.sort();
    let mut random = Random(7);
    let (mut refused, mut total) = (0, 0);
    let (mut longest, mut most) = (Duration::ZERO, 0.0_f64);
    for (name, bytes) in &files {
        for i in 0..each {
            let mut damaged = bytes.clone();
            mutate(&mut damaged, &mut random);
            let size = damaged.len();
            let before = TAKEN.load(Ordering::Relaxed);
            MOST.store(before, Ordering::Relaxed);
            let start = Instant::now();
            refused += usize::from(read_all(damaged).is_err());
            let took = start.elapsed();
            // The file itself was allocated before.
            let peak = MOST.load(Ordering::Relaxed).saturating_sub(before) + size;
            assert!(took < Duration::from_secs(1), "{name}, mutation {i}: {took:?}");
            assert!(peak < (64 << 20) + 4 * size, "{name}, mutation {i}: {peak} bytes for a file of {size}");
            (longest, most) = (longest.max(took), most.max(peak as f64));
            total += 1;
        }
    }
    println!(
        "{total} damaged files, {refused} refused in part or whole, longest {longest:?}, {:.1} MB",
        most / 1e6
    );
    assert!(refused > total / 8);
}
