//! The rules of a layer. A target is one setting of them; `src-ts/quantize/targets.ts` tables the targets.

use lapicque_base::error::{Error, Result};
use serde::Deserialize;
use std::ops::RangeInclusive;

/// When the synaptic currents decay, receive the input and drive v.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CurrentOrder {
    DecayAddUse,
    AddDecayUse,
    AddUseDecay,
    UseDecayAdd,
}

/// When what is received saturates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Saturation {
    /// The sum of a step is exact and saturates once.
    Sum,
    /// After every addition, so the order of the additions matters near the limits.
    EachAddition,
}

/// The numbers that `bits` bits hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Range {
    /// -2^(bits - 1) to 2^(bits - 1) - 1.
    TwosComplement,
    /// -(2^(bits - 1) - 1) to 2^(bits - 1) - 1.
    Symmetric,
}

/// How a state decays. The decay parameter of a neuron is `shift` or `factor`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Decay {
    None,
    /// x - (x >> shift), where the shift is arithmetic. `atLeastOne`: a value that would not change moves by 1 towards 0.
    Shift {
        at_least_one: bool,
    },
    /// x factor / 2^fractionBits, rounded.
    Multiplier {
        fraction_bits: u32,
        rounding: Rounding,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rounding {
    Floor,
    /// floor(x + 1/2).
    Nearest,
    TowardZero,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Compare {
    #[serde(rename = ">")]
    Above,
    #[serde(rename = ">=")]
    AtLeast,
}

/// What a spike does to v.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reset {
    Subtract,
    Value,
    None,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResetTiming {
    SameStep,
    /// With the decay of the next step; what is recorded is v before the reset.
    NextStep,
}

/// Of a reset in the next step that subtracts: whether the amount decays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResetScale {
    Threshold,
    BetaThreshold,
}

/// All rules of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rules {
    pub weight_bits: u32,
    pub v_bits: u32,
    pub current_bits: u32,
    pub range: Range,
    /// Synaptic currents of a neuron; with 0 the input is added to v.
    pub currents: u32,
    pub current_order: CurrentOrder,
    pub saturation: Saturation,
    pub v_decay: Decay,
    pub current_decay: Decay,
    pub compare: Compare,
    pub max_spikes: u32,
    pub reset: Reset,
    pub reset_timing: ResetTiming,
    pub reset_scale: ResetScale,
    /// Without, v is the output.
    pub spiking: bool,
}

/// Fixed-point factors have at most 1 before the point and these bits behind it.
pub const MAX_FRACTION_BITS: u32 = 16;
/// Spikes of a neuron in a step, and what an input channel counts.
pub const MAX_COUNT: u32 = 255;
/// Synaptic currents of a neuron.
pub const MAX_CURRENTS: u32 = 8;

impl Rules {
    /// # Errors
    /// `invalid-parameter` for numbers out of range and for rules that do not go together.
    pub fn check(&self, layer: &str) -> Result<()> {
        let within = |name: &str, value: u32, range: RangeInclusive<u32>| {
            if range.contains(&value) {
                return Ok(());
            }
            let expected = format!("a whole number from {} to {}", range.start(), range.end());
            Err(Error::invalid(format!("{layer}.{name}"), value, expected))
        };
        within("weightBits", self.weight_bits, 2..=8)?;
        within("vBits", self.v_bits, 8..=24)?;
        within("currentBits", self.current_bits, 8..=24)?;
        within("currents", self.currents, 0..=MAX_CURRENTS)?;
        within("maxSpikes", self.max_spikes, 1..=MAX_COUNT)?;
        for (name, decay) in [("vDecay", self.v_decay), ("currentDecay", self.current_decay)] {
            if let Decay::Multiplier { fraction_bits, .. } = decay {
                within(&format!("{name}.fractionBits"), fraction_bits, 1..=MAX_FRACTION_BITS)?;
            }
        }
        let no = |name: &str, value: &str, expected: &str| {
            Err(Error::invalid(format!("{layer}.{name}"), format!("\"{value}\""), expected))
        };
        if self.currents == 0 && self.saturation == Saturation::EachAddition {
            return no("saturation", "each-addition", "\"sum\", because there is no synaptic current");
        }
        if self.reset != Reset::Subtract && self.max_spikes > 1 {
            return no(
                "reset",
                "value or none",
                "\"subtract\" where a neuron spikes several times in a step",
            );
        }
        if self.reset_scale == ResetScale::BetaThreshold
            && (self.reset != Reset::Subtract || self.reset_timing != ResetTiming::NextStep)
        {
            return no(
                "resetScale",
                "beta-threshold",
                "\"threshold\", unless reset is \"subtract\" and resetTiming is \"next-step\"",
            );
        }
        Ok(())
    }

    /// The numbers that v may have.
    pub fn v_limits(&self) -> [i32; 2] {
        limits(self.v_bits, self.range)
    }

    /// The numbers that a current may have.
    pub fn current_limits(&self) -> [i32; 2] {
        limits(self.current_bits, self.range)
    }

    /// The numbers that a weight may have.
    pub fn weight_limits(&self) -> [i32; 2] {
        limits(self.weight_bits, Range::TwosComplement)
    }
}

fn limits(bits: u32, range: Range) -> [i32; 2] {
    let most = (1 << (bits - 1)) - 1;
    [if range == Range::Symmetric { -most } else { -most - 1 }, most]
}
