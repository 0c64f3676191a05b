//! Comparisons with synapses recorded in reference libraries and with closed forms.

mod closed_forms;
mod combined;
mod custom;
mod peers;
mod sums;

use super::Bound;
use serde_json::Value;

fn bound(spec: Value) -> Bound {
    Bound::new(&spec, 0.1).unwrap()
}
