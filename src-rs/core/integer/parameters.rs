//! The parameters of the neurons of a layer, in the engine's order and padded to whole panels.

use crate::decay::MAX_SHIFT;
use crate::dense::PANEL;
use crate::rules::{Decay, Reset, Rules};
use lapicque_base::error::{Error, Result, try_vec};
use std::ops::RangeInclusive;

/// One value a neuron.
pub struct Parameters {
    pub threshold: Vec<i32>,
    pub v_reset: Vec<i32>,
    /// Added to v in every step.
    pub bias: Vec<i32>,
    pub v_start: Vec<i32>,
    pub v_decay: Vec<i32>,
    /// For each current.
    pub current_decay: Vec<Vec<i32>>,
    /// Added to each current in every step, after its input. Empty where all are 0.
    pub current_bias: Vec<Vec<i32>>,
}

/// Thresholds and biases are below this, so that sums fit 32 bits.
const MOST: i32 = 1 << 24;

impl Parameters {
    /// Parameters of a layer: how many numbers it takes.
    pub fn count(rules: &Rules, neurons: usize) -> usize {
        neurons.saturating_mul(5 + 2 * rules.currents as usize)
    }

    /// `given`: the parameters one after the other in the order of the fields, each for all neurons in the public order.
    /// `public[i]` is the public number of neuron i.
    ///
    /// # Errors
    /// `invalid-parameter` for a number out of range, `too-large`.
    pub fn new(layer: &str, rules: &Rules, neurons: usize, public: &[u32], given: &[i32]) -> Result<Self> {
        let [low, high] = rules.v_limits();
        let mut fields = given.chunks_exact(neurons.max(1));
        let mut next = |name: &str, range: RangeInclusive<i32>, padding: i32| -> Result<Vec<i32>> {
            let values = fields.next().unwrap_or_default();
            if let Some(i) = values.iter().position(|value| !range.contains(value)) {
                let expected = format!("whole numbers from {} to {}", range.start(), range.end());
                return Err(Error::invalid(format!("{layer}.{name}[{i}]"), values[i], expected));
            }
            let mut own =
                try_vec("the parameters of the integer network", neurons.next_multiple_of(PANEL), padding)?;
            for (own, &i) in own.iter_mut().zip(public) {
                *own = values[i as usize];
            }
            Ok(own)
        };
        let lowest = if rules.reset == Reset::Subtract { 1 } else { -MOST };
        let decay_range = |decay: Decay| match decay {
            Decay::None => i32::MIN..=i32::MAX,
            Decay::Shift { .. } => 0..=MAX_SHIFT,
            Decay::Multiplier { fraction_bits, .. } => 0..=1 << fraction_bits,
        };
        let mut parameters = Parameters {
            // Neurons of the padding never spike: their v is 0.
            threshold: next("threshold", lowest..=MOST, MOST)?,
            v_reset: next("vReset", low..=high, 0)?,
            bias: next("bias", -MOST..=MOST, 0)?,
            v_start: next("vStart", low..=high, 0)?,
            v_decay: next("vDecay", decay_range(rules.v_decay), 0)?,
            current_decay: (0..rules.currents)
                .map(|i| next(&format!("currentDecay[{i}]"), decay_range(rules.current_decay), 0))
                .collect::<Result<_>>()?,
            current_bias: (0..rules.currents)
                .map(|i| next(&format!("currentBias[{i}]"), -MOST..=MOST, 0))
                .collect::<Result<_>>()?,
        };
        if parameters.current_bias.iter().flatten().all(|&bias| bias == 0) {
            parameters.current_bias.clear();
        }
        Ok(parameters)
    }
}
