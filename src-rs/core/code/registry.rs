//! All encoders, by name and as data.

use super::definition::{Data, Definition, Encoder, Time};
use super::draws::Draws;
use super::{ENCODERS, Raster};
use lapicque_base::error::{Error, Result};
use lapicque_options::{OptionDef, OptionSet, Reader, camel};
use serde_json::{Map, Value, json};

/// An encoder of the list.
pub struct Entry {
    pub definition: fn() -> Definition,
    table: fn() -> Vec<OptionDef>,
    encode: fn(&Data, Reader, &Draws) -> Result<Raster>,
}

impl Entry {
    #[cfg(test)]
    pub(super) fn table(&self) -> Vec<OptionDef> {
        (self.table)()
    }

    pub(super) const fn of<E: Encoder>() -> Self {
        Entry {
            definition: E::definition,
            table: E::Options::table,
            encode: |data, mut reader, draws| {
                let options = E::Options::read(&mut reader)?;
                reader.finish(&format!("the encoder \"{}\"", E::definition().kind))?;
                E::encode(data, &options, draws)
            },
        }
    }
}

/// Encodes values of this shape by the encoder of this name. `options` are its own, and `steps` where it has its time from there.
///
/// # Errors
/// `unknown-name` for the encoder; those of [`Encoder::encode`], and `invalid-parameter` for an option that it does not have, of
/// another type or out of range.
pub fn encode(
    kind: &str,
    values: &[f32],
    shape: &[usize],
    mut options: Map<String, Value>,
    draws: &Draws,
) -> Result<Raster> {
    let Some(entry) = ENCODERS.iter().find(|entry| (entry.definition)().kind == kind) else {
        return Err(Error::unknown("encoder", kind, ENCODERS.iter().map(|entry| (entry.definition)().kind)));
    };
    let time = (entry.definition)().time;
    let steps = match time {
        Time::Given | Time::Either => options.remove("steps"),
        _ => None,
    };
    let whole = |steps: Value| {
        let read = steps.as_u64().and_then(|steps| usize::try_from(steps).ok()).filter(|&steps| steps > 0);
        read.ok_or_else(|| Error::invalid("steps", &steps, "a whole number of at least 1"))
    };
    let data = Data::new(values, shape, time, steps.map(whole).transpose()?)?;
    (entry.encode)(&data, Reader::new("", options), draws)
}

/// Every encoder with its options, from which types and documentation are generated.
pub fn describe() -> Value {
    ENCODERS
        .iter()
        .map(|entry| {
            let Definition { kind, meaning, source, time, draws, last_axis } = (entry.definition)();
            json!({
                "kind": kind,
                "name": camel(kind),
                "meaning": meaning,
                "source": source,
                "time": time.name(),
                "draws": draws,
                "lastAxis": last_axis,
                "options": (entry.table)().iter().map(OptionDef::describe).collect::<Vec<_>>(),
            })
        })
        .collect()
}
