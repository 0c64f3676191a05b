//! Relations that parameters must satisfy.

use super::definition::Definition;
use super::settings::{Param, Settings};
use lapicque_base::error::{Error, Result};

/// If a spike sets v to a value, that must be below the spike condition.
///
/// # Errors
/// `invalid-parameter` with both values, and the neuron if they differ between neurons.
pub fn check(definition: &Definition, settings: &Settings) -> Result<()> {
    let chooses = definition.options.iter().any(|option| option.name == "reset");
    if chooses && !settings.is("reset", "value") {
        return Ok(());
    }
    for def in &definition.params {
        let both = def.below.and_then(|other| Some([settings.param(def.name)?, settings.param(other)?]));
        // Learned values may have reached the bound during training, or return from it.
        let Some([low, high]) = both.filter(|both| !both.iter().any(|param| param.learn)) else { continue };
        let neurons = low.values.len().max(high.values.len());
        if let Some(n) = (0..neurons).find(|&n| value(low, n) >= value(high, n)) {
            let expected = format!("a number below {}, {}", label(high, n), value(high, n));
            return Err(Error::invalid(label(low, n), value(low, n), expected));
        }
    }
    Ok(())
}

fn value(param: &Param, neuron: usize) -> f64 {
    param.values[if param.values.len() == 1 { 0 } else { neuron }]
}

fn label(param: &Param, neuron: usize) -> String {
    if param.values.len() == 1 { param.name.into() } else { format!("{}[{neuron}]", param.name) }
}
