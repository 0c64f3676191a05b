//! The container in bad hands: cut, bent, hostile. Every failure is a typed error, every bit counts.

use lapicque_core::Error;
use lapicque_core::files::{Container, Dtype, Format, Reading, Tensor, TensorView, any};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

fn metadata() -> BTreeMap<String, String> {
    let pairs =
        [("description", r#"{"nodes":[{"kind":"lif","tauMem":20}],"note":"Ωµ \u0001"}"#), ("epoch", "12")];
    pairs.map(|(key, value)| (key.to_string(), value.to_string())).into()
}

const W: [u8; 24] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24];

fn tensors() -> [TensorView<'static>; 4] {
    [
        TensorView { name: "mask", dtype: Dtype::Bool, shape: &[3], bytes: &[1, 0, 1] },
        TensorView { name: "weights", dtype: Dtype::F32, shape: &[2, 3], bytes: &W },
        TensorView { name: "empty", dtype: Dtype::F32, shape: &[0, 5], bytes: &[] },
        TensorView { name: "step", dtype: Dtype::U64, shape: &[], bytes: &[7, 0, 0, 0, 0, 0, 0, 0] },
    ]
}

/// Written once: each write waits for the disk.
fn sample() -> Vec<u8> {
    static SAMPLE: LazyLock<Vec<u8>> = LazyLock::new(write_sample);
    SAMPLE.clone()
}

fn write_sample() -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    write(&path, &metadata(), &tensors()).unwrap();
    fs::read(path).unwrap()
}

/// A file as another program may write it.
fn foreign(header: &str, data: &[u8]) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), data].concat()
}

fn read_bytes(bytes: &[u8]) -> Result<Container, Error> {
    any::read_bytes(bytes, "t".into(), Reading::default()).map(|(file, _)| file)
}

fn read(path: &Path) -> Result<Container, Error> {
    any::read(path, Reading::default()).map(|(file, _)| file)
}

fn write(path: &Path, metadata: &BTreeMap<String, String>, tensors: &[TensorView]) -> Result<(), Error> {
    any::write(path, Format::Safetensors, metadata, tensors)
}

fn reason(result: Result<Container, Error>) -> String {
    match result {
        Err(Error::MalformedFile { reason, .. }) => reason,
        other => panic!("expected a malformed file, got {other:?}"),
    }
}

#[test]
fn what_is_written_is_read() {
    let container = read_bytes(&sample()).unwrap();
    assert_eq!((container.schema, &container.metadata), (Some(1), &metadata()));
    for tensor in tensors() {
        assert_eq!(container.tensor(tensor.name).unwrap().view(), tensor);
    }
    assert_eq!(container.tensors.len(), 4);
    assert!(matches!(container.tensor("w"), Err(Error::UnknownName { .. })));
}

#[test]
fn the_bytes_depend_on_the_content_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("again");
    let mut tensors = tensors();
    tensors.reverse();
    write(&path, &metadata(), &tensors).unwrap();
    assert_eq!(fs::read(path).unwrap(), write_sample());
}

#[test]
fn the_safetensors_crate_reads_our_files() {
    let bytes = sample();
    let theirs = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    assert_eq!(theirs.tensor("weights").unwrap().data(), W);
    assert_eq!(theirs.tensor("weights").unwrap().shape(), [2, 3]);
}

#[test]
fn every_truncation_is_an_error() {
    let bytes = sample();
    for len in 0..bytes.len() {
        reason(read_bytes(&bytes[..len]));
    }
    reason(read_bytes(&[&bytes[..], &[0]].concat()));
}

#[test]
fn every_flipped_bit_is_found() {
    let bytes = sample();
    for bit in 0..bytes.len() * 8 {
        let mut bent = bytes.clone();
        bent[bit / 8] ^= 1 << (bit % 8);
        if let Ok(container) = read_bytes(&bent) {
            // The same text spelled otherwise in JSON (\u001F for \u001f) is no damage.
            let same = container.metadata == metadata()
                && tensors().iter().all(|t| container.tensor(t.name).map(Tensor::view) == Ok(*t));
            assert!(same && container.schema == Some(1), "bit {bit} went unnoticed");
        }
    }
}

#[test]
fn ten_thousand_flips_in_a_larger_payload_are_found() {
    let data: Vec<u8> = (0..20_000_u32).map(|i| (i * 31 % 251) as u8).collect();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large");
    let shape = [5000];
    write(&path, &metadata(), &[TensorView { name: "w", dtype: Dtype::F32, shape: &shape, bytes: &data }])
        .unwrap();
    let bytes = fs::read(path).unwrap();
    let payload = bytes.len() - data.len();
    for i in 0..10_000 {
        let bit = payload * 8 + (i * 7919) % (data.len() * 8);
        let mut bent = bytes.clone();
        bent[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(reason(read_bytes(&bent)), "tensor \"w\" does not match its checksum");
    }
}

#[test]
fn a_newer_schema_is_refused_in_plain_words() {
    let mut bytes = sample();
    let at = bytes.windows(21).position(|text| text == br#""lapicque.schema":"1""#).unwrap();
    bytes[at + 19] = b'2';
    let error = read_bytes(&bytes).unwrap_err();
    assert!(matches!(error, Error::Unsupported { .. }));
    assert!(error.to_string().contains("schema version 2 (it reads up to 1"), "{error}");
}

#[test]
fn foreign_files_are_read_without_checksums() {
    let header = r#"{"__metadata__":{"format":"pt"},"x":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}}"#;
    let container = read_bytes(&foreign(header, &[0, 0x3e, 0, 0xbe])).unwrap();
    assert_eq!((container.schema, container.metadata["format"].as_str()), (None, "pt"));
    assert_eq!(container.tensor("x").unwrap().view().to_f32().unwrap(), [1.5, -1.5]);
}

#[test]
fn hostile_headers_are_refused() {
    let tensor = |offsets: &str| format!(r#"{{"dtype":"U8","shape":[2],"data_offsets":{offsets}}}"#);
    let [a, hole, far] = ["[0,2]", "[4,6]", "[0,9999999999]"].map(tensor);
    let cases = [
        (String::new(), "EOF"),
        ("[]".into(), "expected an object"),
        ("{".repeat(1_000_000), "key must be a string"),
        (format!(r#"{{"a":{}1{}}}"#, "[".repeat(100_000), "]".repeat(100_000)), "recursion limit"),
        (format!(r#"{{"a":{a},"b":{hole}}}"#), "invalid offset"),
        (format!(r#"{{"a":{a},"b":{a}}}"#), "invalid offset"),
        (format!(r#"{{"a":{far}}}"#), "invalid shape"),
        (format!(r#"{{"a":{a},"a":{a}}}"#), "\"a\" stands twice"),
        (format!(r#"{{"__metadata__":{{"k":"1","k":"2"}},"a":{a}}}"#), "\"k\" stands twice"),
        (format!(r#"{{"__metadata__":{{"k":1}},"a":{a}}}"#), "expected a string"),
        (r#"{"a":{"dtype":"U8","shape":[18446744073709551615,3],"data_offsets":[0,2]}}"#.into(), "overflow"),
        (r#"{"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,2]}}"#.into(), "invalid value"),
        (r#"{"a":{"dtype":"Q8","shape":[2],"data_offsets":[0,2]}}"#.into(), "unknown variant"),
        (format!(r#"{{"__metadata__":{{"lapicque.schema":"1"}},"a":{a}}}"#), "no \"lapicque.checksums\""),
        (format!(r#"{{"__metadata__":{{"lapicque.schema":"one"}},"a":{a}}}"#), "schema version \"one\""),
    ];
    for (header, expected) in cases {
        let reason = reason(read_bytes(&foreign(&header, &[1, 2])));
        assert!(reason.contains(expected), "{expected}: {reason}");
    }
    let huge = [&u64::MAX.to_le_bytes()[..], b"{}"].concat();
    assert!(reason(read_bytes(&huge)).contains("are allowed"));
    let complex = r#"{"a":{"dtype":"C64","shape":[1],"data_offsets":[0,8]}}"#;
    assert!(matches!(read_bytes(&foreign(complex, &[0; 8])), Err(Error::Unsupported { .. })));
}

#[test]
fn strange_names_are_only_names() {
    let long = "n".repeat(1 << 20);
    let names =
        ["__proto__", "constructor", "../x", "/etc/passwd", "a\0b", "", "\"\\", "лапик", long.as_str()];
    let views = names.map(|name| TensorView { name, dtype: Dtype::U8, shape: &[1], bytes: &[9] });
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("strange");
    write(&path, &metadata(), &views).unwrap();
    let container = read(&path).unwrap();
    assert!(views.iter().all(|view| container.tensor(view.name).map(Tensor::view) == Ok(*view)));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn wrong_arguments_write_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("none");
    let view = TensorView { name: "w", dtype: Dtype::F32, shape: &[2], bytes: &[0; 8] };
    let short = TensorView { bytes: &[0; 7], ..view };
    let reserved = TensorView { name: "__metadata__", ..view };
    for views in [vec![short], vec![view, view], vec![reserved]] {
        assert!(matches!(write(&path, &metadata(), &views), Err(Error::InvalidParameter { .. })));
    }
    let own = [("lapicque.schema".to_string(), "3".to_string())].into();
    assert!(matches!(write(&path, &own, &[view]), Err(Error::InvalidParameter { .. })));
    let large = [("description".to_string(), "x".repeat(17 << 20))].into();
    assert!(matches!(write(&path, &large, &[view]), Err(Error::TooLarge { .. })));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Up to ten changes of bytes, cuts and repetitions: an error, or the content unharmed.
    #[test]
    fn mutations_are_found(changes in prop::collection::vec((0_usize..1 << 16, any::<u8>(), 0..4_u8), 1..10)) {
        let whole = sample();
        let mut bytes = whole.clone();
        for (at, value, kind) in changes {
            if bytes.is_empty() {
                break;
            }
            let at = at % bytes.len();
            match kind {
                0 => bytes[at] = value,
                1 => bytes[at] ^= 1 << (value % 8),
                2 => drop(bytes.drain(at..(at + usize::from(value)).min(bytes.len()))),
                _ => bytes.insert(at, value),
            }
        }
        if let Ok(container) = read_bytes(&bytes) {
            // Either nothing of ours is left that could be checked, or all of it is as it was.
            let unharmed = container.schema.is_none() || container.metadata == metadata();
            prop_assert!(unharmed);
        }
    }
}
