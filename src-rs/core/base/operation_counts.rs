//! Operation counts, from what the executor records of a batch.
//!
//! Definitions are NeuroBench's (2.3.0; J. Yik et al., Nature Communications 16, 2025). An operation is *effective*
//! when weight and input are both non-zero. At a step where all inputs of a layer, over the whole batch, are in {-1, 0,
//! 1}, the layer only accumulates (AC). At any other step it multiplies too (MAC). *Dense* counts every synapse at
//! every step. Biases are not counted. All counts are sums over the samples and steps of a batch.

use crate::error::{Error, Result, try_vec};
use crate::real::Real;

/// Non-zero inputs of a layer with synapses by channel, over all samples and steps.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InputEvents {
    /// Inputs in steps where all inputs are -1, 0 or 1.
    pub accumulated: Vec<u64>,
    /// Inputs in all other steps.
    pub multiplied: Vec<u64>,
}

impl InputEvents {
    /// Counts the inputs `values`, `[steps, batch, width]`.
    ///
    /// # Errors
    /// `shape-mismatch` if the values cannot be divided into steps; `too-large` without memory for the counts.
    pub fn of_values<F: Real>(values: &[F], batch: usize, width: usize) -> Result<Self> {
        let step = divided("inputs", values.len(), batch * width)?;
        let mut events = Self::none(width)?;
        for values in values.chunks_exact(step) {
            let spikes = values.iter().all(|&x| x == F::ZERO || x == F::ONE || x == -F::ONE);
            let counts = if spikes { &mut events.accumulated } else { &mut events.multiplied };
            for row in values.chunks_exact(width) {
                counts.iter_mut().zip(row).for_each(|(count, &x)| *count += u64::from(x != F::ZERO));
            }
        }
        Ok(events)
    }

    /// Counts spikes, 0 or 1, in rows of `width`.
    ///
    /// # Errors
    /// Those of [`InputEvents::of_values`].
    pub fn of_spikes(spikes: &[u8], width: usize) -> Result<Self> {
        let width = divided("spikes", spikes.len(), width)?;
        let mut events = Self::none(width)?;
        for row in spikes.chunks_exact(width) {
            events.accumulated.iter_mut().zip(row).for_each(|(count, &s)| *count += u64::from(s));
        }
        Ok(events)
    }

    /// Counts of zero.
    ///
    /// # Errors
    /// `too-large` without memory for the counts.
    pub fn none(width: usize) -> Result<Self> {
        let counts = || try_vec("event counts", width, 0u64);
        Ok(Self { accumulated: counts()?, multiplied: counts()? })
    }

    pub fn total(&self) -> u64 {
        self.accumulated.iter().chain(&self.multiplied).sum()
    }
}

/// Operations of a layer with synapses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SynapticOperations {
    pub effective_macs: u128,
    pub effective_acs: u128,
    pub dense: u128,
}

/// Operations of a layer with synapses over `rows` samples and steps. `fan_out`: the number of non-zero weights from each
/// input; `synapses`: the number of all weights (of a convolution, both at all positions).
///
/// # Errors
/// `shape-mismatch` for lists of different length.
pub fn synaptic_operations(
    events: &InputEvents,
    fan_out: &[u64],
    synapses: u64,
    rows: usize,
) -> Result<SynapticOperations> {
    if events.accumulated.len() != fan_out.len() {
        return Err(Error::ShapeMismatch {
            layer: "connections".into(),
            expected: format!("{} fan-outs", events.accumulated.len()),
            got: fan_out.len().to_string(),
        });
    }
    let sum = |events: &[u64]| -> u128 {
        events.iter().zip(fan_out).map(|(&events, &fan_out)| u128::from(events) * u128::from(fan_out)).sum()
    };
    Ok(SynapticOperations {
        effective_macs: sum(&events.multiplied),
        effective_acs: sum(&events.accumulated),
        dense: u128::from(synapses) * rows as u128,
    })
}

/// Non-zero weights in each column of `weights`, `[outputs, inputs]`.
///
/// # Errors
/// `shape-mismatch` if the weights cannot be divided into rows of `inputs`.
pub fn fan_outs<F: Real>(weights: &[F], inputs: usize) -> Result<Vec<u64>> {
    let inputs = divided("weights", weights.len(), inputs)?;
    let mut fan_outs = try_vec("fan-outs", inputs, 0u64)?;
    for row in weights.chunks_exact(inputs) {
        fan_outs.iter_mut().zip(row).for_each(|(count, &w)| *count += u64::from(w != F::ZERO));
    }
    Ok(fan_outs)
}

/// Updates of the membrane: every neuron at the first step, then the neurons whose value changed. `v`: `[steps, width]`, one
/// membrane per neuron and sample, as recorded.
///
/// # Errors
/// `shape-mismatch` if the values cannot be divided into rows of `width`.
pub fn membrane_updates<F: Real>(v: &[F], width: usize) -> Result<u64> {
    let width = divided("membrane", v.len(), width)?;
    let changed = v.iter().zip(v.iter().skip(width)).filter(|(before, after)| before != after).count();
    Ok((v.len().min(width) + changed) as u64)
}

/// `width`, if `len` is a multiple of it.
fn divided(what: &str, len: usize, width: usize) -> Result<usize> {
    if width == 0 || !len.is_multiple_of(width) {
        return Err(Error::ShapeMismatch {
            layer: what.into(),
            expected: format!("[rows, {width}]"),
            got: format!("{len} values"),
        });
    }
    Ok(width)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_decides_between_accumulating_and_multiplying() {
        // Two steps of two samples of two inputs: the first step contains only spikes, the second one other value.
        let values = [1.0f32, 0.0, -1.0, 0.0, 1.0, 0.0, 0.0, 0.5];
        let events = InputEvents::of_values(&values, 2, 2).unwrap();
        assert_eq!(events, InputEvents { accumulated: vec![2, 0], multiplied: vec![1, 1] });
        assert_eq!(events.total(), 4);
        let counted = synaptic_operations(&events, &[3, 10], 20, 4).unwrap();
        assert_eq!(counted, SynapticOperations { effective_macs: 13, effective_acs: 6, dense: 80 });
        // The same values as two batches of one sample each: the other value counts in its own batch only.
        let second = InputEvents::of_values(&[-1.0f32, 0.0, 0.0, 0.5], 1, 2).unwrap();
        assert_eq!(second, InputEvents { accumulated: vec![1, 0], multiplied: vec![0, 1] });
    }

    #[test]
    fn empty_and_mismatched_counts() {
        assert_eq!(InputEvents::of_values(&[0.0f64; 0], 2, 2).unwrap().total(), 0);
        assert!(InputEvents::of_values(&[0.0f32; 5], 2, 2).is_err());
        assert!(InputEvents::of_values(&[0.0f32; 4], 0, 2).is_err());
        assert!(InputEvents::of_spikes(&[1; 5], 2).is_err() && InputEvents::of_spikes(&[], 0).is_err());
        let events = InputEvents::of_spikes(&[1, 0, 1, 1], 2).unwrap();
        assert_eq!(events.accumulated, [2, 1]);
        assert!(matches!(synaptic_operations(&events, &[1], 2, 2), Err(Error::ShapeMismatch { .. })));
        assert!(fan_outs(&[1.0f32; 5], 2).is_err() && membrane_updates(&[1.0f32; 5], 2).is_err());
        assert_eq!(membrane_updates(&[0.0f32; 0], 2).unwrap(), 0);
    }
}
