//! A case whose entries say themselves where what is expected lies.

use lapicque_references::Case;
use serde_json::Value;

pub struct SideCar {
    pub json: Value,
    case: Case,
}

impl SideCar {
    /// The case `group/name`.
    pub fn open(name: &str) -> Self {
        let case = Case::named(name);
        SideCar { json: case.car.clone(), case }
    }

    pub fn cases(&self) -> &[Value] {
        self.json["cases"].as_array().expect("cases")
    }

    pub fn shape(&self, name: &str) -> Vec<usize> {
        self.case.tensor(name).shape
    }

    pub fn tensor(&self, name: &str) -> Vec<f64> {
        self.case.tensor(name).values
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

    /// |got - want| <= abs + rel |want| for every entry; `exact` means equal.
    pub fn check(&self, name: &str, got: &[f64], want: &[f64]) {
        self.check_except(name, got, want, |_| false);
    }

    pub fn check_except(&self, name: &str, got: &[f64], want: &[f64], skip: impl Fn(usize) -> bool) {
        let rule = self.json["tolerance"][name].as_object().unwrap_or_else(|| panic!("{name}: no rule"));
        let known = ["abs", "rel", "exact", "skip_near_half_step"];
        assert!(rule.keys().all(|key| known.contains(&key.as_str())), "{name}: {rule:?}");
        self.case.compare_to(name, got, want, skip);
    }
}
