//! Operation counts and an energy estimate, from counts that the executor supplies.
//!
//! Definitions are NeuroBench's (2.3.0; J. Yik et al., Nature Communications 16, 2025): an operation
//! is *effective* when weight and input are both non-zero; a layer whose inputs are all in
//! {-1, 0, 1} only accumulates (AC), any other multiplies too (MAC); *dense* counts every synapse
//! at every step. Biases are not counted. Figures are means over samples of a whole sequence.

use crate::error::{Error, Result, try_vec};
use crate::real::Real;
use serde::Serialize;

/// What passed through one layer of connections, over all samples and steps.
#[derive(Debug, Clone, Copy)]
pub struct ConnectionCounts<'a> {
    /// Non-zero values of each input neuron.
    pub events: &'a [u64],
    /// Non-zero weights that leave each input neuron (for a convolution: at all positions).
    pub fan_out: &'a [u64],
    /// Synapses of the layer, zero or not (for a convolution: at all positions).
    pub synapses: u64,
    /// Whether every input was -1, 0 or 1.
    pub spiking_input: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SynapticOperations {
    pub effective_macs: f64,
    pub effective_acs: f64,
    pub dense: f64,
}

/// Synaptic operations per sample.
///
/// # Errors
/// `invalid-parameter` for no samples or steps; `shape-mismatch` for lists of different length.
pub fn synaptic_operations(
    layers: &[ConnectionCounts],
    samples: u64,
    steps: u64,
) -> Result<SynapticOperations> {
    for (name, value) in [("samples", samples), ("steps", steps)] {
        if value == 0 {
            return Err(Error::invalid(name, 0, "at least 1"));
        }
    }
    let (mut macs, mut acs, mut dense) = (0u128, 0u128, 0u128);
    for (i, layer) in layers.iter().enumerate() {
        if layer.events.len() != layer.fan_out.len() {
            return Err(Error::ShapeMismatch {
                layer: format!("connections {i}"),
                expected: format!("{} fan-outs", layer.events.len()),
                got: layer.fan_out.len().to_string(),
            });
        }
        let pairs = layer.events.iter().zip(layer.fan_out);
        let effective: u128 = pairs.map(|(&events, &fan_out)| u128::from(events) * u128::from(fan_out)).sum();
        *if layer.spiking_input { &mut acs } else { &mut macs } += effective;
        dense += u128::from(layer.synapses) * u128::from(samples) * u128::from(steps);
    }
    let per_sample = |total: u128| total as f64 / samples as f64;
    Ok(SynapticOperations {
        effective_macs: per_sample(macs),
        effective_acs: per_sample(acs),
        dense: per_sample(dense),
    })
}

/// Non-zero weights in each column of `weights`, `[outputs, inputs]`.
///
/// # Errors
/// `shape-mismatch` when the weights do not divide into rows of `inputs`.
pub fn fan_outs<F: Real>(weights: &[F], inputs: usize) -> Result<Vec<u64>> {
    if inputs == 0 || !weights.len().is_multiple_of(inputs) {
        return Err(Error::ShapeMismatch {
            layer: "weights".into(),
            expected: format!("[outputs, {inputs}]"),
            got: format!("{} values", weights.len()),
        });
    }
    let mut fan_outs = try_vec("fan-outs", inputs, 0u64)?;
    for row in weights.chunks_exact(inputs) {
        fan_outs.iter_mut().zip(row).for_each(|(count, &w)| *count += u64::from(w != F::ZERO));
    }
    Ok(fan_outs)
}

/// Whether a layer with these inputs only accumulates.
pub fn is_spiking_input<F: Real>(input: &[F]) -> bool {
    input.iter().all(|&x| x == F::ZERO || x == F::ONE || x == -F::ONE)
}

/// Changes of the membrane: every neuron at the first step, then those whose value moved.
/// `v` is `[steps, width]`, one membrane a neuron and sample, as recorded.
///
/// # Errors
/// `shape-mismatch` when the values do not divide into rows of `width`.
pub fn membrane_updates<F: Real>(v: &[F], width: usize) -> Result<u64> {
    if width == 0 || !v.len().is_multiple_of(width) {
        return Err(Error::ShapeMismatch {
            layer: "membrane".into(),
            expected: format!("[steps, {width}]"),
            got: format!("{} values", v.len()),
        });
    }
    let moved = v.iter().zip(v.iter().skip(width)).filter(|(before, after)| before != after).count();
    Ok((v.len().min(width) + moved) as u64)
}

/// The share of outputs that are zero, over all spiking layers, samples and steps; 0 without any.
pub fn activation_sparsity(spikes: u64, outputs: u64) -> f64 {
    if outputs == 0 { 0.0 } else { (outputs - spikes.min(outputs)) as f64 / outputs as f64 }
}

/// The share of weights that are zero, to four decimals as NeuroBench prints it; 0 without any.
pub fn connection_sparsity(non_zero: u64, weights: u64) -> f64 {
    let share = activation_sparsity(non_zero, weights);
    libm::rint(share * 1e4) / 1e4
}

/// Bytes of parameters and of the buffers that a model keeps beside them.
pub fn footprint(parameters: u64, bytes_a_parameter: u64, buffer_bytes: u64) -> u64 {
    parameters.saturating_mul(bytes_a_parameter).saturating_add(buffer_bytes)
}

/// Energy of one operation in joules.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EnergyModel {
    pub mac: f64,
    pub ac: f64,
    pub assumptions: &'static [&'static str],
}

/// 32-bit floating point at 45 nm and 0.9 V: an addition 0.9 pJ, a multiplication 3.7 pJ
/// (M. Horowitz, "Computing's energy problem", ISSCC 2014, figure 1.1.9).
pub const HOROWITZ_45_NM: EnergyModel = EnergyModel {
    mac: 4.6e-12,
    ac: 0.9e-12,
    assumptions: &[
        "45 nm CMOS at 0.9 V, 32-bit floating point (Horowitz 2014): 0.9 pJ an addition, 4.6 pJ a multiply-add",
        "effective synaptic operations only: an addition where the input is a spike, a multiply-add where it is not",
        "no memory access, no membrane update, no bias, no control, no leakage: real hardware needs more",
        "dense: the same network with a multiply-add at every synapse and step",
    ],
};

/// Joules per sample.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EnergyEstimate {
    pub joules: f64,
    pub dense_joules: f64,
    pub model: EnergyModel,
}

impl EnergyModel {
    pub fn estimate(self, operations: &SynapticOperations) -> EnergyEstimate {
        EnergyEstimate {
            joules: operations.effective_acs * self.ac + operations.effective_macs * self.mac,
            dense_joules: operations.dense * self.mac,
            model: self,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn estimates_add_the_operations_energies() {
        let operations = SynapticOperations { effective_macs: 10.0, effective_acs: 100.0, dense: 1000.0 };
        let estimate = HOROWITZ_45_NM.estimate(&operations);
        assert!((estimate.joules - 136e-12).abs() < 1e-24);
        assert!((estimate.dense_joules - 4600e-12).abs() < 1e-24);
    }

    #[test]
    fn empty_and_mismatched_counts() {
        assert_eq!(activation_sparsity(0, 0), 0.0);
        assert!(synaptic_operations(&[], 0, 1).is_err() && synaptic_operations(&[], 1, 0).is_err());
        let odd = ConnectionCounts { events: &[1, 2], fan_out: &[1], synapses: 2, spiking_input: true };
        assert!(matches!(synaptic_operations(&[odd], 1, 1), Err(Error::ShapeMismatch { .. })));
        assert!(fan_outs(&[1.0f32; 5], 2).is_err() && membrane_updates(&[1.0f32; 5], 2).is_err());
        assert_eq!(membrane_updates(&[0.0f32; 0], 2).unwrap(), 0);
    }
}
