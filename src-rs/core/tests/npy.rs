//! Numpy's files against arrays that numpy 2.4.6 has written (`numpy/make.py`), and in bad hands.

use lapicque_core::Error;
use lapicque_core::files::{Dtype, Format, Limits, Reading, Tensor, TensorView, any, npy, npz};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

fn numpy(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/numpy").join(name)
}

fn counted() -> Vec<f64> {
    (0..24).map(f64::from).collect()
}

/// All arrays of a file.
fn read_all(path: &Path) -> Result<Vec<Tensor>, Error> {
    any::read(path, Reading::default()).map(|(file, _)| file.tensors)
}

fn read_one(path: &Path) -> Result<Tensor, Error> {
    read_all(path).map(|mut tensors| tensors.remove(0))
}

fn unpack(bytes: &[u8], reading: Reading) -> Result<Vec<Tensor>, Error> {
    npz::read_from(Cursor::new(bytes), bytes.len() as u64, reading)
}

fn parse(bytes: &[u8]) -> Result<Tensor, Error> {
    npy::read_from(bytes, bytes.len() as u64, "t".into())
}

/// A file with this dictionary, in version 1.
fn with_header(dictionary: &str, data: &[u8]) -> Vec<u8> {
    [b"\x93NUMPY\x01\x00", &(dictionary.len() as u16).to_le_bytes()[..], dictionary.as_bytes(), data].concat()
}

#[test]
fn every_type_and_byte_order_of_numpy_is_read() {
    let mut seen = 0;
    for file in fs::read_dir(numpy("")).unwrap().map(|entry| entry.unwrap().path()) {
        if file.file_name().unwrap().to_string_lossy().starts_with("c_") {
            let tensor = read_one(&file).unwrap();
            assert_eq!(tensor.shape, [2, 3, 4]);
            assert_eq!(tensor.view().to_f64().unwrap(), counted(), "{}", file.display());
            seen += 1;
        }
    }
    assert_eq!(seen, 16);
}

#[test]
fn versions_orders_and_ranks() {
    for name in ["version1.npy", "version2.npy", "version3.npy", "fortran.npy"] {
        let tensor = read_one(&numpy(name)).unwrap();
        assert_eq!((tensor.dtype, tensor.shape.as_slice()), (Dtype::F32, &[2, 3, 4][..]));
        assert_eq!(tensor.view().to_f64().unwrap(), counted(), "{name}");
    }
    let read = |name| read_one(&numpy(name)).unwrap();
    assert_eq!(
        read("bool.npy").view().to_f32().unwrap(),
        (0..24).map(|i| f32::from(i % 3 == 0)).collect::<Vec<_>>()
    );
    assert_eq!((read("scalar.npy").shape, read("scalar.npy").view().to_f64()), (vec![], Ok(vec![1.5])));
    assert_eq!(read("vector.npy").view().to_f32().unwrap(), [0.0, 1.0, 2.0, 3.0, 4.0]);
    assert_eq!((read("empty.npy").shape, read("empty.npy").bytes), (vec![0, 3], vec![]));
}

#[test]
fn elements_that_are_no_numbers_are_unsupported() {
    for name in ["complex.npy", "records.npy", "objects.npy"] {
        assert!(matches!(read_one(&numpy(name)), Err(Error::Unsupported { .. })), "{name}");
    }
}

#[test]
fn texts_are_their_letters_along_one_more_axis() {
    let text = read_one(&numpy("text.npy")).unwrap();
    assert_eq!((text.dtype, text.shape.as_slice()), (Dtype::U32, &[2, 2][..]));
    assert_eq!(text.view().to_f64().unwrap(), [97.0, 0.0, 98.0, 99.0]);
    let header = |dictionary: &str, data: &[u8]| parse(&with_header(dictionary, data));
    let bytes = header("{'descr': '|S3', 'fortran_order': False, 'shape': (), }\n", b"csr").unwrap();
    assert_eq!((bytes.dtype, bytes.shape.as_slice(), &bytes.bytes[..]), (Dtype::U8, &[3][..], &b"csr"[..]));
    // In Fortran's order texts change places, their letters do not.
    let turned =
        header("{'descr': '|S2', 'fortran_order': True, 'shape': (2, 3), }\n", b"abcdefghijkl").unwrap();
    assert_eq!((turned.shape.as_slice(), &turned.bytes[..]), (&[2, 3, 2][..], &b"abefijcdghkl"[..]));
    let big = header("{'descr': '>U1', 'fortran_order': False, 'shape': (1,), }\n", &[0, 0, 0, 65]).unwrap();
    assert_eq!(big.view().to_f64().unwrap(), [65.0]);
    for descr in ["|S", "|Sx", "<S3", "|U3", "|S99999999999999999999"] {
        let dictionary = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': (), }}\n");
        assert!(header(&dictionary, b"").is_err(), "{descr}");
    }
    let declared = "{'descr': '|S9999999999999', 'fortran_order': False, 'shape': (4,), }\n";
    assert!(matches!(header(declared, b"abc"), Err(Error::MalformedFile { .. })));
}

#[test]
fn our_files_are_numpys() {
    for name in
        ["c_le_f4.npy", "scalar.npy", "vector.npy", "empty.npy", "bool.npy", "c_u1.npy", "c_le_f2.npy"]
    {
        let theirs = fs::read(numpy(name)).unwrap();
        let mut ours = Vec::new();
        npy::write_to(&mut ours, parse(&theirs).unwrap().view()).unwrap();
        assert_eq!(ours, theirs, "{name}");
    }
}

#[test]
fn malformed_arrays_tell_where() {
    let good = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n";
    assert_eq!(parse(&with_header(good, &[0; 8])).unwrap().shape, [2]);
    let cases = [
        (
            "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }",
            67,
            "8 bytes of data for F32 [3], which takes 12",
        ),
        (
            "{'descr': '<f4', 'fortran_order': False, 'shape': (18446744073709551615, 3), }",
            88,
            "more than any machine",
        ),
        (
            "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }",
            61,
            "expected a whole number",
        ),
        (
            "{'descr': '<f4', 'fortran_order': False, 'shape': (-2,), }",
            61,
            "expected a whole number but got '-'",
        ),
        ("{'descr': '<f4', 'fortran_order': 1, 'shape': (2,), }", 44, "expected True or False"),
        ("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", 27, "stands twice"),
        ("{'descr': '<f4', 'shape': (2,), }", 10, "lacks"),
        (
            "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), } x",
            68,
            "expected the end of the header but got 'x'",
        ),
        ("{'descr': '<f4", 20, "expected a closed string"),
        ("", 10, "expected '{' but got the end"),
    ];
    for (header, expected_at, expected) in cases {
        let Err(Error::MalformedFile { offset, reason, .. }) = parse(&with_header(header, &[0; 8])) else {
            panic!("{header} was taken")
        };
        assert!(reason.contains(expected) && offset == expected_at, "{header}: byte {offset}: {reason}");
    }
    assert!(matches!(parse(b"\x93NUMPZ\x01\x00"), Err(Error::MalformedFile { offset: 0, .. })));
    assert!(matches!(parse(b"\x93NUMPY\x04\x00"), Err(Error::Unsupported { .. })));
    assert!(matches!(
        parse(b"\x93NUMPY\x02\x00\xff\xff\xff\xff"),
        Err(Error::MalformedFile { offset: 8, .. })
    ));
}

#[test]
fn every_truncation_is_an_error() {
    for name in ["version1.npy", "version3.npy", "fortran.npy"] {
        let bytes = fs::read(numpy(name)).unwrap();
        for len in 0..bytes.len() {
            assert!(matches!(parse(&bytes[..len]), Err(Error::MalformedFile { .. })), "{name} cut to {len}");
        }
    }
    for name in ["stored.npz", "deflated.npz"] {
        let bytes = fs::read(numpy(name)).unwrap();
        for len in 0..bytes.len() {
            assert!(matches!(unpack(&bytes[..len], Reading::default()), Err(Error::MalformedFile { .. })));
        }
    }
}

#[test]
fn archives_of_numpy_are_read() {
    for name in ["stored.npz", "deflated.npz"] {
        let tensors = read_all(&numpy(name)).unwrap();
        assert_eq!((tensors[0].name.as_str(), tensors[0].view().to_f64().unwrap()), ("input", counted()));
    }
    assert_eq!(read_all(&numpy("stored.npz")).unwrap()[1].view().to_f64().unwrap(), [0.0, 1.0, 2.0]);
    assert_eq!(read_all(&numpy("deflated.npz")).unwrap()[1].shape, [100_000]);
}

#[test]
fn archives_are_written_and_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("spikes.npz");
    let write = |tensors: &[TensorView]| any::write(&path, Format::of(&path), &BTreeMap::new(), tensors);
    let times =
        TensorView { name: "times", dtype: Dtype::F64, shape: &[1], bytes: &[0, 0, 0, 0, 0, 0, 0xf8, 0x3f] };
    let ids = TensorView { name: "ids", dtype: Dtype::U32, shape: &[2], bytes: &[1, 0, 0, 0, 2, 0, 0, 0] };
    write(&[times, ids]).unwrap();
    let bytes = fs::read(&path).unwrap();
    let read = read_all(&path).unwrap();
    assert_eq!((read[0].view(), read[1].view()), (times, ids));
    write(&[times, ids]).unwrap();
    assert_eq!(fs::read(&path).unwrap(), bytes);
    assert!(matches!(write(&[ids, ids]), Err(Error::InvalidParameter { .. })));
    let bf16 = TensorView { name: "b", dtype: Dtype::Bf16, shape: &[0], bytes: &[] };
    assert!(matches!(write(&[bf16]), Err(Error::Unsupported { .. })));
}

/// Zeros pack a thousand times; the limit counts each array twice, and a file may take 4 times its size anyway.
#[test]
fn what_an_archive_unpacks_to_is_known_before_it_is_unpacked() {
    let bytes = fs::read(numpy("deflated.npz")).unwrap();
    let reading = |bytes| Reading { limits: Limits { bytes }, ..Reading::default() };
    let error = unpack(&bytes, reading(1000)).unwrap_err();
    let Error::OverLimit { needed, allowed, .. } = error else { panic!("{error:?}") };
    assert_eq!(allowed, 4 * bytes.len() as u64);
    let held: usize = unpack(&bytes, Reading::default()).unwrap().iter().map(|t| t.bytes.len()).sum();
    // Twice the arrays and their headers.
    assert!(needed > 2 * held as u64 && needed < 2 * held as u64 + 1000, "{needed} for {held}");
    assert!(matches!(unpack(&bytes, reading(needed - 1)), Err(Error::OverLimit { .. })));
    assert!(unpack(&bytes, reading(needed)).is_ok());
}

#[test]
fn an_archives_damage_is_found() {
    let bytes = fs::read(numpy("stored.npz")).unwrap();
    let payload = bytes.windows(4).position(|four| four == 23_f32.to_le_bytes()).unwrap();
    let mut bent = bytes.clone();
    bent[payload] ^= 1;
    let Err(Error::MalformedFile { reason, .. }) = unpack(&bent, Reading::default()) else {
        panic!("not found")
    };
    assert!(reason.to_lowercase().contains("checksum"), "{reason}");
}

fn mutate(bytes: &mut Vec<u8>, changes: &[(usize, u8, u8)]) {
    for &(at, value, kind) in changes {
        if bytes.is_empty() {
            return;
        }
        let at = at % bytes.len();
        match kind {
            0 => bytes[at] = value,
            1 => bytes[at] ^= 1 << (value % 8),
            2 => drop(bytes.drain(at..(at + usize::from(value)).min(bytes.len()))),
            _ => bytes.insert(at, value),
        }
    }
}

fn changes() -> impl Strategy<Value = Vec<(usize, u8, u8)>> {
    prop::collection::vec((0_usize..1 << 16, any::<u8>(), 0..4_u8), 1..10)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5_000))]

    /// An array or a typed error, never a panic.
    #[test]
    fn mutated_arrays_do_no_harm(changes in changes(), fortran: bool) {
        let mut bytes = fs::read(numpy(if fortran { "fortran.npy" } else { "version1.npy" })).unwrap();
        mutate(&mut bytes, &changes);
        if let Ok(tensor) = parse(&bytes) {
            prop_assert_eq!(Some(tensor.bytes.len()), tensor.dtype.bytes_of(&tensor.shape));
        }
    }

    #[test]
    fn mutated_archives_do_no_harm(changes in changes(), deflated: bool) {
        let mut bytes = fs::read(numpy(if deflated { "deflated.npz" } else { "stored.npz" })).unwrap();
        mutate(&mut bytes, &changes);
        let _ = unpack(&bytes, Reading::default());
    }
}
