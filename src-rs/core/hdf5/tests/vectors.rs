//! The difficult files of `__test__/fixtures/vectors/12_hdf5`, written by h5py and PyTables from known values.

use lapicque_base::limits::Limits;
use lapicque_hdf5::read::Number;
use lapicque_hdf5::{Column, File, Slice, Values};
use safetensors::SafeTensors;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../__test__/fixtures/vectors/12_hdf5")
}

pub fn open(name: &str) -> Arc<File> {
    Arc::new(File::open(&folder().join(name), Limits::default()).unwrap())
}

fn numbers(column: &Column) -> Vec<f64> {
    let (Values::Numbers { of, bytes } | Values::Rows { of, bytes, .. }) = &column.values else {
        panic!("no numbers: {column:?}")
    };
    bytes
        .chunks_exact(of.size())
        .map(|b| match of {
            Number::I8 => f64::from(b[0] as i8),
            Number::U8 => f64::from(b[0]),
            Number::I16 => f64::from(i16::from_le_bytes(b.try_into().unwrap())),
            Number::U16 => f64::from(u16::from_le_bytes(b.try_into().unwrap())),
            Number::I32 => f64::from(i32::from_le_bytes(b.try_into().unwrap())),
            Number::U32 => f64::from(u32::from_le_bytes(b.try_into().unwrap())),
            Number::I64 => i64::from_le_bytes(b.try_into().unwrap()) as f64,
            Number::U64 => u64::from_le_bytes(b.try_into().unwrap()) as f64,
            Number::F32 => f64::from(f32::from_le_bytes(b.try_into().unwrap())),
            Number::F64 => f64::from_le_bytes(b.try_into().unwrap()),
        })
        .collect()
}

fn tensor(tensors: &SafeTensors, name: &str) -> Vec<f64> {
    let view = tensors.tensor(name).unwrap();
    let size = view.dtype().bitsize() / 8;
    view.data()
        .chunks_exact(size)
        .map(|b| match format!("{:?}", view.dtype()).as_str() {
            "BOOL" | "U8" => f64::from(b[0]),
            "I8" => f64::from(b[0] as i8),
            "I16" => f64::from(i16::from_le_bytes(b.try_into().unwrap())),
            "U16" => f64::from(u16::from_le_bytes(b.try_into().unwrap())),
            "I32" => f64::from(i32::from_le_bytes(b.try_into().unwrap())),
            "U32" => f64::from(u32::from_le_bytes(b.try_into().unwrap())),
            "I64" => i64::from_le_bytes(b.try_into().unwrap()) as f64,
            "U64" => u64::from_le_bytes(b.try_into().unwrap()) as f64,
            "F16" => half(u16::from_le_bytes(b.try_into().unwrap())),
            "F32" => f64::from(f32::from_le_bytes(b.try_into().unwrap())),
            "F64" => f64::from_le_bytes(b.try_into().unwrap()),
            other => panic!("{other}"),
        })
        .collect()
}

fn half(bits: u16) -> f64 {
    let (sign, exponent, mantissa) = (bits >> 15, bits >> 10 & 31, f64::from(bits & 1023));
    let size = match exponent {
        0 => mantissa * 2f64.powi(-24),
        31 => f64::INFINITY,
        _ => (1.0 + mantissa / 1024.0) * 2f64.powi(i32::from(exponent) - 15),
    };
    if sign == 1 { -size } else { size }
}

#[test]
fn every_file_is_read_or_refused_by_name() {
    let mut failures = Vec::new();
    let mut files = 0;
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|e| e != "json") {
            continue;
        }
        files += 1;
        let car: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let bytes = std::fs::read(path.with_extension("safetensors")).unwrap();
        let tensors = SafeTensors::deserialize(&bytes).unwrap();
        let file = open(car["file"].as_str().unwrap());
        for dataset in car["datasets"].as_array().unwrap() {
            if let Err(reason) = compare(&file, dataset, &tensors) {
                failures.push(format!("{} {}: {reason}", car["file"], dataset["path"]));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert_eq!(files, 19);
}

fn compare(file: &Arc<File>, dataset: &Value, tensors: &SafeTensors) -> Result<(), String> {
    let path = dataset["path"].as_str().unwrap();
    let read = file
        .dataset(path)
        .and_then(|found| Ok((found.shape().map(<[u64]>::to_vec), found.read(&found.whole())?)));
    let (shape, columns) = match read {
        Ok(read) => read,
        Err(error) if dataset["required"] != "read" => {
            let message = error.to_string();
            let filter = dataset["filters"]
                .as_array()
                .and_then(|f| f.iter().map(|f| f["id"].to_string()).find(|id| message.contains(id)));
            return if filter.is_some() {
                println!("{path}: {message}");
                Ok(())
            } else {
                Err(message)
            };
        }
        Err(error) => return Err(error.to_string()),
    };
    let expected_shape: Option<Vec<u64>> =
        dataset["shape"].as_array().map(|s| s.iter().map(|n| n.as_u64().unwrap()).collect());
    if shape != expected_shape {
        return Err(format!("shape {shape:?}, expected {expected_shape:?}"));
    }
    let expected = &dataset["expected"];
    let same = |column: &Column, name: &Value| {
        let wanted = tensor(tensors, name.as_str().unwrap());
        if numbers(column) == wanted { Ok(()) } else { Err(format!("{:?} differs from {name}", column.path)) }
    };
    match dataset["kind"].as_str().unwrap() {
        "array" => same(&columns[0], expected),
        "vlen" => {
            same(&columns[0], &expected["values"])?;
            let Values::Rows { lengths, .. } = &columns[0].values else { return Err("no rows".into()) };
            let lengths: Vec<f64> = lengths.iter().map(|n| f64::from(*n)).collect();
            if lengths == tensor(tensors, expected["lengths"].as_str().unwrap()) {
                Ok(())
            } else {
                Err("lengths".into())
            }
        }
        "compound" => columns.iter().try_for_each(|column| same(column, &expected[&column.path[0]])),
        "complex" => same(&columns[0], &expected["re"]).and_then(|()| same(&columns[1], &expected["im"])),
        "strings" => {
            let Values::Texts(texts) = &columns[0].values else { return Err("no texts".into()) };
            if Value::from(texts.clone()) == *expected {
                Ok(())
            } else {
                Err(format!("{texts:?}, expected {expected}"))
            }
        }
        "hash" => {
            let found = numbers(&columns[0]);
            let ends = |key: &str| {
                expected[key].as_array().unwrap().iter().map(|n| n.as_f64().unwrap()).collect::<Vec<_>>()
            };
            let (first, last) = (ends("first"), ends("last"));
            if found.starts_with(&first) && found.ends_with(&last) {
                Ok(())
            } else {
                Err("first or last values".into())
            }
        }
        "none" if expected.is_object() => {
            let e: Vec<f64> = expected["e"].as_array().unwrap().iter().map(|n| n.as_f64().unwrap()).collect();
            if numbers(&columns[3]) == e { Ok(()) } else { Err("e of the nested type".into()) }
        }
        _ => Ok(()),
    }
}

/// Every slice of a dataset equals that part of the whole: slices across chunks, and runs at one address.
#[test]
fn slices_are_parts_of_the_whole() {
    let file = open("filters.h5");
    for path in ["/shuf", "/so", "/be", "/lzf", "/f32c"] {
        let dataset = file.dataset(path).unwrap();
        let whole = numbers(&dataset.read(&dataset.whole()).unwrap()[0]);
        for (start, count) in [
            ([0, 0], [60, 70]),
            ([7, 11], [13, 17]),
            ([59, 69], [1, 1]),
            ([24, 0], [3, 70]),
            ([10, 20], [0, 5]),
            ([29, 24], [2, 2]),
        ] {
            let slice = Slice { start: start.to_vec(), count: count.to_vec() };
            let part = numbers(&dataset.read(&slice).unwrap()[0]);
            let mut wanted = Vec::new();
            for row in start[0]..start[0] + count[0] {
                for column in start[1]..start[1] + count[1] {
                    wanted.push(whole[(row * 70 + column) as usize]);
                }
            }
            assert_eq!(part, wanted, "{path} {slice:?}");
        }
        let outside = Slice { start: vec![30, 0], count: vec![31, 70] };
        assert!(dataset.read(&outside).unwrap_err().to_string().contains("31 from 30 on axis 0"));
    }
}
