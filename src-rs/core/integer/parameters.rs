//! The parameters of the neurons of a layer, in the engine's order. What is the same for all neurons, or for all pixels of a channel, is
//! stored once.

use crate::decay::MAX_SHIFT;
use crate::neurons::{BLOCK, Block};
use crate::rules::{Decay, Reset, Rules};
use crate::sources::Order;
use crate::words::Words;
use lapicque_base::error::{Error, Result, try_vec};
use std::ops::RangeInclusive;

/// A number for each neuron.
pub enum Parameter {
    Uniform(i32),
    /// Neuron i has number i modulo `period`. The numbers go on so far that a block of neurons finds its own contiguous.
    Periodic {
        period: usize,
        values: Words,
    },
}

impl Parameter {
    /// `values` in the engine's order. Errors: `too-large`.
    fn new(values: &[i32], order: Order) -> Result<Self> {
        let first = values.first().copied().unwrap_or(0);
        if values.iter().all(|&value| value == first) {
            return Ok(Parameter::Uniform(first));
        }
        let repeats = (order.channels..values.len()).all(|i| values[i] == values[i - order.channels]);
        let period = if repeats { order.channels } else { values.len() };
        let len = values.len().next_multiple_of(BLOCK).min(period + BLOCK - 1);
        let mut own = try_vec(WHAT, len, 0)?;
        for (own, value) in own.iter_mut().zip(values[..period].iter().cycle()) {
            *own = *value;
        }
        Ok(Parameter::Periodic { period, values: Words::narrowest(WHAT, &own)? })
    }

    /// Those of the block of neurons from `at` on.
    #[inline(always)]
    pub fn block(&self, at: usize) -> Block {
        match self {
            Parameter::Uniform(value) => [*value; BLOCK],
            Parameter::Periodic { period, values } if at < *period => values.load(at),
            Parameter::Periodic { period, values } => values.load(at % period),
        }
    }

    /// That of neuron `i`.
    pub fn of(&self, i: usize) -> i32 {
        match self {
            Parameter::Uniform(value) => *value,
            Parameter::Periodic { period, values } => values.load::<1>(i % period)[0],
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Parameter::Uniform(_) => size_of::<i32>(),
            Parameter::Periodic { values, .. } => values.bytes(),
        }
    }
}

pub struct Parameters {
    pub threshold: Parameter,
    pub v_reset: Parameter,
    /// Added to v in every step.
    pub bias: Parameter,
    pub v_start: Parameter,
    pub v_decay: Parameter,
    /// For each current.
    pub current_decay: Vec<Parameter>,
    /// Added to each current in every step, after its input. Empty where all are 0.
    pub current_bias: Vec<Parameter>,
}

const WHAT: &str = "the parameters of the integer network";
/// Thresholds and biases are below this, so that sums fit 32 bits.
const MOST: i32 = 1 << 24;

impl Parameters {
    /// Parameters of a layer: how many numbers it takes.
    pub fn count(rules: &Rules, neurons: usize) -> usize {
        neurons.saturating_mul(5 + 2 * rules.currents as usize)
    }

    /// `numbers`: the parameters one after the other in the order of the fields, each for all neurons in the public order.
    ///
    /// # Errors
    /// `invalid-parameter` for a number out of range, `too-large`.
    pub fn new(layer: &str, rules: &Rules, neurons: usize, order: Order, numbers: &[i32]) -> Result<Self> {
        let [low, high] = rules.v_limits();
        let mut fields = numbers.chunks_exact(neurons.max(1));
        let mut own = try_vec(WHAT, neurons, 0)?;
        // A parameter that the rules do not use is checked, and not stored.
        let mut next = |name: &str, range: RangeInclusive<i32>, used: bool| -> Result<Parameter> {
            let values = fields.next().unwrap_or_default();
            if let Some(i) = values.iter().position(|value| !range.contains(value)) {
                let expected = format!("whole numbers from {} to {}", range.start(), range.end());
                return Err(Error::invalid(format!("{layer}.{name}[{i}]"), values[i], expected));
            }
            if !used {
                return Ok(Parameter::Uniform(0));
            }
            for (i, own) in own.iter_mut().enumerate() {
                *own = values[order.public(i)];
            }
            Parameter::new(&own, order)
        };
        let lowest = if rules.reset == Reset::Subtract { 1 } else { -MOST };
        let decay_range = |decay: Decay| match decay {
            Decay::None => i32::MIN..=i32::MAX,
            Decay::Shift { .. } => 0..=MAX_SHIFT,
            Decay::Multiplier { fraction_bits, .. } => 0..=1 << fraction_bits,
        };
        let decays = |decay: Decay| decay != Decay::None;
        let mut parameters = Parameters {
            threshold: next("threshold", lowest..=MOST, rules.spiking)?,
            v_reset: next("vReset", low..=high, rules.spiking && rules.reset == Reset::Value)?,
            bias: next("bias", -MOST..=MOST, true)?,
            v_start: next("vStart", low..=high, true)?,
            v_decay: next("vDecay", decay_range(rules.v_decay), decays(rules.v_decay))?,
            current_decay: (0..rules.currents)
                .map(|i| {
                    let range = decay_range(rules.current_decay);
                    next(&format!("currentDecay[{i}]"), range, decays(rules.current_decay))
                })
                .collect::<Result<_>>()?,
            current_bias: (0..rules.currents)
                .map(|i| next(&format!("currentBias[{i}]"), -MOST..=MOST, true))
                .collect::<Result<_>>()?,
        };
        if parameters.current_bias.iter().all(|bias| matches!(bias, Parameter::Uniform(0))) {
            parameters.current_bias.clear();
        }
        Ok(parameters)
    }

    pub fn bytes(&self) -> usize {
        let Parameters { threshold, v_reset, bias, v_start, v_decay, current_decay, current_bias } = self;
        let each =
            [threshold, v_reset, bias, v_start, v_decay].into_iter().chain(current_decay).chain(current_bias);
        each.map(Parameter::bytes).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_stored_once_for_each_channel_or_neuron_that_differs() {
        let image = Order::new(Some([3, 5, 10]), 150);
        let flat = Order::new(None, 150);
        let by_channel: Vec<i32> = (0..150).map(|i| [7, -300, 8][i % 3]).collect();
        let mut irregular = by_channel.clone();
        irregular[149] = 9;
        for (values, order, bytes) in [
            (vec![5; 150], image, 4),
            (by_channel.clone(), image, 2 * (3 + BLOCK - 1)),
            (by_channel, flat, 2 * 192),
            (irregular, image, 2 * 192),
        ] {
            let parameter = Parameter::new(&values, order).unwrap();
            assert_eq!(parameter.bytes(), bytes);
            for (i, &value) in values.iter().enumerate() {
                assert_eq!(parameter.of(i), value);
                assert_eq!(parameter.block(i / BLOCK * BLOCK)[i % BLOCK], value);
            }
        }
    }
}
