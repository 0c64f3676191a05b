//! Files of this crate are read back, here and by h5py (`__test__/files/hdf5-peers.test.ts`).

use lapicque_base::Error;
use lapicque_base::limits::Limits;
use lapicque_hdf5::types::{Field, Padding, Text, Type};
use lapicque_hdf5::write::{Layout, Sink, Spec, Writer};
use lapicque_hdf5::{File, Kind, Slice, Values};
use std::io::{Cursor, Seek, SeekFrom, Write};
use std::sync::{Arc, Mutex};

/// A sink whose bytes can be inspected.
#[derive(Clone, Default)]
pub struct Shared(pub Arc<Mutex<Cursor<Vec<u8>>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Seek for Shared {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.0.lock().unwrap().seek(to)
    }
}

pub fn written(fill: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let sink = Shared::default();
    let mut writer = Writer::new(Box::new(sink.clone()) as Box<dyn Sink>, "memory").unwrap();
    fill(&mut writer);
    writer.finish().unwrap();
    sink.0.lock().unwrap().get_ref().clone()
}

pub fn int(size: usize, signed: bool) -> Type {
    Type::Int { size, signed, big: false }
}

pub const F32: Type = Type::Float { size: 4, big: false };

fn chunked(shape: &[u64], shuffle: bool, deflate: Option<u32>) -> Layout {
    Layout::Chunked { shape: shape.to_vec(), shuffle, deflate, ecf: false }
}

fn reopened(bytes: Vec<u8>) -> Arc<File> {
    Arc::new(File::of_bytes(bytes, Limits::default()).unwrap())
}

/// Twice the bytes of such a dataset do not fit 64 bits; `too-large` names the dataset before memory is allocated.
#[test]
fn a_declared_length_beyond_all_memory_is_too_large() {
    let length = 0x1_2345_u64;
    for layout in [Layout::Whole, chunked(&[64], false, None)] {
        let bytes = written(|writer| {
            let spec = Spec { of: int(4, false), shape: Some(vec![length]), layout };
            let id = writer.dataset("values", spec).unwrap();
            writer.append(id, &vec![0; 4 * length as usize]).unwrap();
        });
        for declared in [1_u64 << 61, 3_634_404_899_287_990_300, 1 << 62, u64::MAX >> 1] {
            let mut damaged = bytes.clone();
            let places: Vec<usize> =
                (0..damaged.len() - 8).filter(|at| damaged[*at..*at + 8] == length.to_le_bytes()).collect();
            assert!(!places.is_empty());
            for at in places {
                damaged[at..at + 8].copy_from_slice(&declared.to_le_bytes());
            }
            let file = Arc::new(File::of_bytes(damaged, Limits { bytes: 1 << 20 }).unwrap());
            let dataset = match file.dataset("values") {
                Ok(dataset) => dataset,
                Err(Error::MalformedFile { .. }) => continue,
                Err(error) => panic!("{declared}: {error}"),
            };
            let error = dataset.read(&dataset.whole()).unwrap_err();
            assert!(matches!(error, Error::TooLarge { .. }), "{declared}: {error}");
        }
    }
}

#[test]
fn chunks_of_two_axes_come_back_whole_and_in_parts() {
    let values: Vec<u8> = (0..61 * 47 * 4_u32).map(|i| ((i * i) >> 3) as u8).collect();
    for (chunk, shuffle, deflate) in
        [([8, 47], false, None), ([8, 10], true, Some(6)), ([100, 1], true, None), ([1, 46], false, Some(1))]
    {
        let bytes = written(|writer| {
            let spec = Spec {
                of: int(4, true),
                shape: Some(vec![0, 47]),
                layout: chunked(&chunk, shuffle, deflate),
            };
            let id = writer.dataset("a/b/data", spec).unwrap();
            // In pieces that do not match the chunks.
            values.chunks(47 * 4 * 5).for_each(|piece| writer.append(id, piece).unwrap());
        });
        let file = reopened(bytes);
        let dataset = file.dataset("/a/b/data").unwrap();
        assert_eq!(dataset.shape(), Some(&[61, 47][..]));
        let Values::Numbers { bytes, .. } = &dataset.read(&dataset.whole()).unwrap()[0].values else {
            panic!()
        };
        assert_eq!(*bytes, values, "{chunk:?}");
        let slice = Slice { start: vec![13, 9], count: vec![30, 2] };
        let Values::Numbers { bytes, .. } = &dataset.read(&slice).unwrap()[0].values else { panic!() };
        let wanted: Vec<u8> =
            (13..43).flat_map(|row| values[(row * 47 + 9) * 4..(row * 47 + 11) * 4].to_vec()).collect();
        assert_eq!(*bytes, wanted);
    }
}

/// More chunks than fit into a node of the index, and into its parents.
#[test]
fn an_index_of_three_levels() {
    let count = 64 * 64 + 70;
    let bytes = written(|writer| {
        let spec = Spec { of: int(2, false), shape: Some(vec![0]), layout: chunked(&[1], false, None) };
        let id = writer.dataset("data", spec).unwrap();
        (0..count as u16).for_each(|i| writer.append(id, &i.to_le_bytes()).unwrap());
    });
    let file = reopened(bytes);
    let dataset = file.dataset("data").unwrap();
    let Values::Numbers { bytes, .. } = &dataset.read(&dataset.whole()).unwrap()[0].values else { panic!() };
    assert!((0..count).all(|i| bytes[2 * i..2 * i + 2] == (i as u16).to_le_bytes()));
}

#[test]
fn texts_rows_compounds_and_attributes() {
    let long = "x".repeat(70_000);
    let texts: Vec<String> = ["", "über", &long, "end"].map(String::from).to_vec();
    let lengths: Vec<u32> = (0..3000).map(|i| i % 7).collect();
    let total: u32 = lengths.iter().sum();
    let rows: Vec<u8> = (0..total).flat_map(|i| (i as f32).to_le_bytes()).collect();
    let record = Type::Compound {
        size: 16,
        fields: vec![
            Field { name: "x".into(), offset: 0, of: int(2, false) },
            Field { name: "name".into(), offset: 2, of: Type::Text(Text::Fixed(3, Padding::Null)) },
            Field { name: "t".into(), offset: 8, of: int(8, true) },
        ],
    };
    let bytes = written(|writer| {
        writer.group("empty").unwrap();
        let of = Type::Text(Text::Variable);
        let id = writer
            .dataset("texts", Spec { of: of.clone(), shape: Some(vec![4]), layout: Layout::Whole })
            .unwrap();
        writer.append_texts(id, &texts).unwrap();
        let id = writer.dataset("g/scalar", Spec { of, shape: Some(vec![]), layout: Layout::Whole }).unwrap();
        writer.append_texts(id, &["LIF".to_string()]).unwrap();
        let spec = Spec {
            of: Type::Rows(Box::new(F32)),
            shape: Some(vec![0]),
            layout: chunked(&[256], true, Some(4)),
        };
        let id = writer.dataset("rows", spec).unwrap();
        let mut from = 0;
        for some in lengths.chunks(1000) {
            let count: u32 = some.iter().sum();
            writer.append_rows(id, &rows[from..from + 4 * count as usize], some).unwrap();
            from += 4 * count as usize;
        }
        let id = writer
            .dataset("records", Spec { of: record.clone(), shape: Some(vec![2]), layout: Layout::Whole })
            .unwrap();
        let mut two = vec![0; 32];
        two[0] = 7;
        two[2..5].copy_from_slice(b"abc");
        two[24..32].copy_from_slice(&(-5_i64).to_le_bytes());
        writer.append(id, &two).unwrap();
        writer.text_attribute("g", "note", vec![], &["über".to_string()]).unwrap();
        writer
            .attribute(
                "texts",
                "unit",
                F32,
                Some(vec![2]),
                [1.5_f32, -2.0].iter().flat_map(|v| v.to_le_bytes()).collect(),
            )
            .unwrap();
        writer.attribute("", "nothing", F32, None, vec![]).unwrap();
    });
    let file = reopened(bytes);
    let names: Vec<(String, Kind)> =
        file.list("").unwrap().into_iter().map(|entry| (entry.name, entry.kind)).collect();
    let expected = [
        ("empty", Kind::Group),
        ("g", Kind::Group),
        ("records", Kind::Dataset),
        ("rows", Kind::Dataset),
        ("texts", Kind::Dataset),
    ];
    assert_eq!(names, expected.map(|(name, kind)| (name.to_string(), kind)));
    assert!(file.list("empty").unwrap().is_empty());
    let read = |path: &str| {
        let dataset = file.dataset(path).unwrap();
        dataset.read(&dataset.whole()).unwrap()
    };
    assert_eq!(read("texts")[0].values, Values::Texts(texts));
    assert_eq!(read("g/scalar")[0].values, Values::Texts(vec!["LIF".into()]));
    let Values::Rows { bytes, lengths: found, .. } = &read("rows")[0].values else { panic!() };
    assert_eq!((bytes, found), (&rows, &lengths));
    let records = read("records");
    assert_eq!(records[1].values, Values::Texts(vec!["abc".into(), String::new()]));
    assert_eq!(records[2].path, ["t"]);
    let attributes = file.attributes("g").unwrap();
    assert_eq!(attributes[0].columns[0].values, Values::Texts(vec!["über".into()]));
    assert_eq!(file.attributes("texts").unwrap()[0].shape, [2]);
    assert_eq!(file.attributes("/").unwrap()[0].shape, [0]);
}

/// A scanned sensor with several events per row, and scattered events, so that both ways of packing are used.
#[test]
fn events_survive_ecf() {
    for step in [1_u16, 97] {
        let records: Vec<u8> = (0..40_000_u64)
            .flat_map(|i| {
                let mut record = [0; 16];
                let y = if step == 1 { (i / 40 % 720) as u16 } else { (i as u16).wrapping_mul(step) % 720 };
                record[0..2].copy_from_slice(&((i as u16).wrapping_mul(step) % 1280).to_le_bytes());
                record[2..4].copy_from_slice(&y.to_le_bytes());
                record[4] = (i / 3 % 2) as u8;
                record[8..16].copy_from_slice(&(1_000_000 + i / 20 + i / 7000 * 100_000).to_le_bytes());
                record
            })
            .collect();
        let of = Type::Compound {
            size: 16,
            fields: vec![
                Field { name: "x".into(), offset: 0, of: int(2, false) },
                Field { name: "t".into(), offset: 8, of: int(8, true) },
            ],
        };
        let bytes = written(|writer| {
            let layout = Layout::Chunked { shape: vec![16384], shuffle: false, deflate: None, ecf: true };
            let id = writer.dataset("CD/events", Spec { of, shape: Some(vec![0]), layout }).unwrap();
            writer.append(id, &records).unwrap();
        });
        assert!(bytes.len() < records.len() / 3, "{} of {}", bytes.len(), records.len());
        let file = reopened(bytes);
        let dataset = file.dataset("CD/events").unwrap();
        assert_eq!(dataset.filters()[0].id, 0x8ecf);
        let columns = dataset.read(&dataset.whole()).unwrap();
        for (column, from, len) in [(&columns[0], 0, 2), (&columns[1], 8, 8)] {
            let Values::Numbers { bytes, .. } = &column.values else { panic!() };
            let wanted: Vec<u8> =
                records.chunks_exact(16).flat_map(|record| record[from..from + len].to_vec()).collect();
            assert_eq!(*bytes, wanted);
        }
    }
}
