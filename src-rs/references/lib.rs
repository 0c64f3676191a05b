//! Reference vectors for the tests of every room: a case is its side-car and its tensors.

use safetensors::{Dtype, SafeTensors};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

pub struct Tensor {
    pub shape: Vec<usize>,
    pub values: Vec<f64>,
}

pub struct Case {
    pub name: String,
    pub car: Value,
    bytes: Vec<u8>,
}

impl Case {
    /// Every case of a group.
    pub fn all(group: &str) -> Vec<Case> {
        let mut paths: Vec<PathBuf> =
            fs::read_dir(vectors().join(group)).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.retain(|path| path.extension().is_some_and(|e| e == "json"));
        paths.sort();
        paths.iter().map(|path| Case::read(path)).collect()
    }

    /// The case `group/name`.
    pub fn named(name: &str) -> Case {
        Case::read(&vectors().join(format!("{name}.json")))
    }

    fn read(path: &Path) -> Case {
        Case {
            name: path.file_stem().unwrap().to_string_lossy().into_owned(),
            car: serde_json::from_slice(&fs::read(path).unwrap()).unwrap(),
            bytes: fs::read(path.with_extension("safetensors")).unwrap(),
        }
    }

    pub fn tensor(&self, name: &str) -> Tensor {
        let file = SafeTensors::deserialize(&self.bytes).unwrap();
        let view = file.tensor(name).unwrap_or_else(|_| panic!("{}: no tensor {name}", self.name));
        let data = view.data();
        let values = match view.dtype() {
            Dtype::F32 => data.chunks(4).map(|b| f32::from_le_bytes(b.try_into().unwrap()) as f64).collect(),
            Dtype::F64 => data.chunks(8).map(|b| f64::from_le_bytes(b.try_into().unwrap())).collect(),
            Dtype::U8 => data.iter().map(|&b| b as f64).collect(),
            Dtype::I8 => data.iter().map(|&b| f64::from(b as i8)).collect(),
            Dtype::I64 => data.chunks(8).map(|b| i64::from_le_bytes(b.try_into().unwrap()) as f64).collect(),
            other => panic!("{}: {name} is {other:?}", self.name),
        };
        Tensor { shape: view.shape().to_vec(), values }
    }

    /// A parameter: a number, or the numbers of the tensor it names.
    pub fn value(&self, value: &Value) -> Value {
        match value.get("tensor").and_then(Value::as_str) {
            Some(name) => self.tensor(name).values.into(),
            None => value.clone(),
        }
    }

    /// Compares under the side-car's rule for the tensor `name`.
    pub fn compare(&self, name: &str, got: &[f64]) {
        self.compare_to(name, got, &self.tensor(name).values, |_| false);
    }

    /// Compares with `want` under the rule for `name`, but for the entries that `skip` names.
    pub fn compare_to(&self, name: &str, got: &[f64], want: &[f64], skip: impl Fn(usize) -> bool) {
        let rule = &self.car["tolerance"][name];
        let tolerance = |key: &str| rule[key].as_f64().unwrap_or(0.0);
        assert!(rule.is_object(), "{}: no rule for {name}", self.name);
        assert_eq!(got.len(), want.len(), "{}: {name}", self.name);
        let largest = want.iter().fold(0.0, |m: f64, x| m.max(x.abs()));
        for (i, (got, want)) in got.iter().zip(want).enumerate().filter(|(i, _)| !skip(*i)) {
            if !want.is_finite() && rule["ignore_nonfinite"] == true {
                continue;
            }
            let allowed = tolerance("abs") + tolerance("rel") * want.abs() + tolerance("of_max") * largest;
            let near = (got - want).abs() <= allowed;
            assert!(near, "{}: {name}[{i}] is {got}, expected {want} within {allowed}", self.name);
        }
    }
}

fn vectors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../__test__/fixtures/vectors")
}
