//! How the synapses of each connection are stored, and the approximate memory.

use super::dense_rows::Kind;
use super::units::Units;
use crate::plan::network::{Connection, Plan};
use crate::representation::precision::Precision;
use crate::representation::synapse_format::Wide;

/// The storage of one connection.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Storage {
    pub form: Form,
    /// Synapses that are expected.
    pub synapses: u64,
    /// Upper estimate of the number of synapses in the wide form.
    pub wide: u64,
    pub bytes: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// One bit per pair of neurons: all weights are equal.
    Bits,
    /// A 16-bit weight per pair of neurons.
    Dense,
    /// A list of synapses: 4 bytes each in f32, 16 bytes each in f64.
    Compact,
    /// A list of synapses of 8 bytes: 16 bits cannot represent all weights. Some of the synapses may still be compact.
    Wide,
    /// Weights that change, with the variables of their rule.
    Plastic,
}

impl Form {
    pub fn name(self) -> &'static str {
        match self {
            Form::Bits => "bits",
            Form::Dense => "dense",
            Form::Compact => "compact",
            Form::Wide => "wide",
            Form::Plastic => "plastic",
        }
    }
}

impl Storage {
    /// Bytes of a wide synapse.
    pub const WIDE: u64 = size_of::<Wide>() as u64;

    pub(crate) fn of<F: Precision>(plan: &Plan, c: &Connection, units: &Units) -> Storage {
        let synapses = c.expected;
        if let Some(synapse) = &c.synapse {
            let [target, real] = match synapse.is_double::<F>() {
                true => [size_of::<<f64 as Precision>::Target>(), size_of::<f64>()],
                false => [size_of::<F::Target>(), size_of::<F>()],
            };
            let bytes = synapses.saturating_mul((target + synapse.rule.variables.len() * real) as u64);
            return Storage { form: Form::Plastic, synapses, wide: 0, bytes };
        }
        let share = if F::WIDENS { units.compact_share(c) } else { 1.0 };
        let wide = (synapses as f64 * (1.0 - share)).round() as u64;
        let compact = synapses - wide.min(synapses);
        let (form, bytes) = match Kind::of::<F>(plan, c, units) {
            Some(kind @ Kind::Bits) => (Form::Bits, kind.bytes::<F>(plan, c)),
            Some(kind @ Kind::Weights) => (Form::Dense, kind.bytes::<F>(plan, c)),
            None => {
                let form = if wide > compact { Form::Wide } else { Form::Compact };
                (form, compact.saturating_mul(size_of::<F::Synapse>() as u64))
            }
        };
        Storage { form, synapses, wide, bytes: bytes.saturating_add(wide.saturating_mul(Storage::WIDE)) }
    }
}

impl Plan {
    /// The estimated storage of each connection, before synapses are sampled.
    pub fn storage<F: Precision>(&self) -> Vec<Storage> {
        let units = Units::estimated::<F>(self);
        self.connections.iter().map(|c| Storage::of::<F>(self, c, &units)).collect()
    }
}
