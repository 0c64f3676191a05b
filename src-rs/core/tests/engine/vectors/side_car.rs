//! A case: the JSON side-car, its tensors as `f64`, and the tolerance rules.

use safetensors::{Dtype, SafeTensors};
use serde_json::Value;
use std::path::PathBuf;

pub struct SideCar {
    pub json: Value,
    bytes: Vec<u8>,
}

impl SideCar {
    pub fn open(case: &str) -> Self {
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../__test__/fixtures/vectors");
        let read = |extension| std::fs::read(root.join(format!("{case}.{extension}"))).expect(case);
        SideCar { json: serde_json::from_slice(&read("json")).expect(case), bytes: read("safetensors") }
    }

    pub fn cases(&self) -> &[Value] {
        self.json["cases"].as_array().expect("cases")
    }

    pub fn shape(&self, name: &str) -> Vec<usize> {
        SafeTensors::deserialize(&self.bytes).unwrap().tensor(name).expect(name).shape().to_vec()
    }

    pub fn tensor(&self, name: &str) -> Vec<f64> {
        let all = SafeTensors::deserialize(&self.bytes).unwrap();
        let view = all.tensor(name).expect(name);
        let data = view.data();
        match view.dtype() {
            Dtype::F32 => {
                data.as_chunks().0.iter().map(|bytes| f64::from(f32::from_le_bytes(*bytes))).collect()
            }
            Dtype::F64 => data.as_chunks().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect(),
            Dtype::I64 => data.as_chunks().0.iter().map(|bytes| i64::from_le_bytes(*bytes) as f64).collect(),
            Dtype::U8 => data.iter().map(|&x| f64::from(x)).collect(),
            Dtype::I8 => data.iter().map(|&x| f64::from(x as i8)).collect(),
            other => panic!("{name}: {other:?}"),
        }
    }

    /// The values of an entry of `expected`: a tensor's name, or a dotted path into the side-car.
    pub fn expected(&self, entry: &Value) -> (String, Vec<f64>) {
        match entry.as_str() {
            Some(tensor) => (tensor.to_string(), self.tensor(tensor)),
            None => {
                let path = entry["json"].as_str().expect("a path").to_string();
                let value = path.split('.').fold(&self.json, |json, key| &json[key]).as_f64();
                (path, vec![value.expect("a number")])
            }
        }
    }

    /// |got - ref| <= abs + rel·|ref| for every entry; `exact` means equal.
    pub fn check(&self, name: &str, got: &[f64], reference: &[f64]) {
        self.check_except(name, got, reference, |_| false);
    }

    pub fn check_except(&self, name: &str, got: &[f64], reference: &[f64], skip: impl Fn(usize) -> bool) {
        let rule = self.json["tolerance"][name].as_object().unwrap_or_else(|| panic!("{name}: no rule"));
        let known = ["abs", "rel", "exact", "skip_near_half_step"];
        assert!(rule.keys().all(|key| known.contains(&key.as_str())), "{name}: {rule:?}");
        let bound = |key: &str| rule.get(key).and_then(Value::as_f64).unwrap_or(0.0);
        assert_eq!(got.len(), reference.len(), "{name}: number of entries");
        for (i, (got, want)) in got.iter().zip(reference).enumerate() {
            let allowed = bound("abs") + bound("rel") * want.abs();
            assert!(skip(i) || (got - want).abs() <= allowed, "{name}[{i}]: {got}, expected {want}");
        }
    }
}
