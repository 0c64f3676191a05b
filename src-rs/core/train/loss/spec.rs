//! A loss and its options, as it is written in recipes and passed over the boundary.

use super::Own;
use super::options::{CommonOptions, PooledOptions, Reduction, SteppedOptions};
use super::registry::LossKind;
use lapicque_base::error::{Error, Result};
use lapicque_options::{OptionSet, Reader};
use serde_json::Value;

/// An option that the kind does not read is an error.
#[derive(Debug, Clone, PartialEq)]
pub struct LossSpec {
    pub kind: LossKind,
    pub common: CommonOptions,
    pub pooled: PooledOptions,
    pub stepped: SteppedOptions,
    /// The options of the kind's file.
    pub own: Own,
}

impl LossSpec {
    /// # Errors
    /// `unknown-name` for the kind; `invalid-parameter` for an unknown, misplaced or bad option.
    pub fn from_json(value: &Value) -> Result<Self> {
        let Some(fields) = value.as_object() else {
            return Err(Error::invalid("loss", value, "an object with a kind"));
        };
        let mut fields = fields.clone();
        let Some(Value::String(name)) = fields.remove("kind") else {
            return Err(Error::invalid("loss.kind", value, "the name of a loss"));
        };
        let kind = LossKind::named(&name)?;
        let mut reader = Reader::new("loss", fields);
        let common = CommonOptions::read(&mut reader)?;
        let (mut pooled, mut stepped) = (PooledOptions::default(), SteppedOptions::default());
        if kind.definition().pooled {
            pooled = PooledOptions::read(&mut reader)?;
        }
        if kind.definition().of_each_step {
            stepped = SteppedOptions::read(&mut reader)?;
        }
        // The options of a file are those of all its kinds.
        let misplaced = kind.entry().others.iter().find(|name| reader.has(name));
        if let Some(name) = misplaced {
            let expected = format!("no such option for the loss \"{}\"", kind.name());
            return Err(Error::invalid(format!("loss.{name}"), "a value", expected));
        }
        let own = (kind.entry().read)(kind.definition(), &common, &mut reader)?;
        reader.finish(&format!("the loss \"{}\"", kind.name()))?;
        if common.weighted_mean.is_some() && common.class_weights.is_none() {
            let expected = "no such option without `classWeights`";
            return Err(Error::invalid("loss.weightedMean", "a value", expected));
        }
        Ok(LossSpec { kind, common, pooled, stepped, own })
    }

    /// Which outputs the loss reads: (spikes, membrane).
    pub fn needs(&self) -> (bool, bool) {
        let membrane = self.kind.reads_membrane();
        (!membrane, membrane)
    }

    /// Number of values per sample: 1, or one per class for an unreduced loss of values.
    pub(super) fn keeps_classes_apart(&self) -> bool {
        self.common.reduction == Reduction::None && !self.kind.is_of_labels()
    }
}
