//! One step of the neurons of a block, from what their connections gave.

use crate::decay::decay;
use crate::flags::flags;
use crate::parameters::{Parameter, Parameters};
use crate::rules::{Compare, CurrentOrder, Reset, ResetScale, ResetTiming, Rules};

/// Neurons that are stepped together; one bit each in a word of spikes.
pub const BLOCK: usize = 64;

/// A number for each neuron of a block.
pub type Block = [i32; BLOCK];

/// What a current does before it receives its input.
#[inline(always)]
pub fn before_input(rules: &Rules, current: &mut Block, factors: &Parameter, at: usize, drive: &mut Block) {
    if rules.current_order == CurrentOrder::UseDecayAdd {
        add(drive, current);
    }
    if matches!(rules.current_order, CurrentOrder::UseDecayAdd | CurrentOrder::DecayAddUse) {
        decay(rules.current_decay, rules.current_bits, current, &factors.block(at));
    }
}

/// The input, from exact sums.
#[inline(always)]
pub fn receive(rules: &Rules, current: &mut Block, sums: &Block) {
    let [low, high] = rules.current_limits();
    for i in 0..BLOCK {
        current[i] = (current[i] + sums[i]).clamp(low, high);
    }
}

/// What a current does after it has received its input.
#[inline(always)]
pub fn after_input(rules: &Rules, current: &mut Block, factors: &Parameter, at: usize, drive: &mut Block) {
    match rules.current_order {
        CurrentOrder::DecayAddUse => add(drive, current),
        CurrentOrder::AddDecayUse => {
            decay(rules.current_decay, rules.current_bits, current, &factors.block(at));
            add(drive, current);
        }
        CurrentOrder::AddUseDecay => {
            add(drive, current);
            decay(rules.current_decay, rules.current_bits, current, &factors.block(at));
        }
        CurrentOrder::UseDecayAdd => {}
    }
}

#[inline(always)]
pub fn add(sums: &mut Block, terms: &Block) {
    for i in 0..BLOCK {
        sums[i] += terms[i];
    }
}

/// v decays, is reset where that is due, and receives what drives it; it saturates once. `own`: the spikes of the last step for
/// which v is reset.
#[inline(always)]
pub fn integrate(
    rules: &Rules,
    parameters: &Parameters,
    at: usize,
    v: &mut Block,
    own: &[u8; BLOCK],
    drive: &Block,
) {
    let [low, high] = rules.v_limits();
    let is_due = rules.spiking && rules.reset_timing == ResetTiming::NextStep;
    let mut lost = [0; BLOCK];
    if is_due && rules.reset == Reset::Subtract {
        lost = times_spikes(rules, own, &parameters.threshold.block(at));
        if rules.reset_scale == ResetScale::BetaThreshold {
            for i in 0..BLOCK {
                v[i] -= lost[i];
            }
            lost = [0; BLOCK];
        }
    }
    if is_due && rules.reset == Reset::Value {
        let reset = parameters.v_reset.block(at);
        for i in 0..BLOCK {
            v[i] = if own[i] > 0 { reset[i] } else { v[i] };
        }
    }
    decay(rules.v_decay, rules.v_bits, v, &parameters.v_decay.block(at));
    let bias = parameters.bias.block(at);
    for i in 0..BLOCK {
        v[i] = (v[i] - lost[i] + drive[i] + bias[i]).clamp(low, high);
    }
}

#[inline(always)]
fn times_spikes(rules: &Rules, spikes: &[u8; BLOCK], threshold: &Block) -> Block {
    let mut out = [0; BLOCK];
    if rules.max_spikes == 1 {
        for i in 0..BLOCK {
            out[i] = threshold[i] & -i32::from(spikes[i]);
        }
    } else {
        for i in 0..BLOCK {
            out[i] = threshold[i] * i32::from(spikes[i]);
        }
    }
    out
}

/// Whether v crosses the threshold.
#[inline(always)]
pub fn crosses(compare: Compare, v: i32, threshold: i32) -> bool {
    match compare {
        Compare::Above => v > threshold,
        Compare::AtLeast => v >= threshold,
    }
}

/// Spikes of a neuron that crosses its threshold, at most `cap`: so many thresholds are in v.
#[inline(always)]
pub fn count(compare: Compare, v: i32, threshold: i32, cap: i32) -> i32 {
    if cap == 1 {
        return 1;
    }
    // Several spikes are subtracted, so the threshold is at least 1 and v at least that.
    let whole = if compare == Compare::Above { (v - 1) / threshold } else { v / threshold };
    whole.min(cap)
}

/// `v` after `spikes` of this step.
#[inline(always)]
pub fn after_spikes(rules: &Rules, v: i32, spikes: i32, threshold: i32, reset: i32) -> i32 {
    match (rules.reset_timing, rules.reset) {
        (ResetTiming::SameStep, Reset::Subtract) => v - spikes * threshold,
        (ResetTiming::SameStep, Reset::Value) if spikes > 0 => reset,
        _ => v,
    }
}

/// The spikes of the first `n` neurons of a block into `own`; returns which neurons spike. v is what [`integrate`] left, and is changed
/// by resets in the same step.
#[inline(always)]
pub fn spike(
    rules: &Rules,
    parameters: &Parameters,
    at: usize,
    n: usize,
    v: &mut Block,
    own: &mut [u8; BLOCK],
) -> u64 {
    let threshold = parameters.threshold.block(at);
    match rules.compare {
        Compare::Above => {
            for i in 0..BLOCK {
                own[i] = u8::from(v[i] > threshold[i]);
            }
        }
        Compare::AtLeast => {
            for i in 0..BLOCK {
                own[i] = u8::from(v[i] >= threshold[i]);
            }
        }
    }
    let mut fired = flags(own);
    if n < BLOCK {
        fired &= (1 << n) - 1;
    }
    if fired == 0 {
        return 0;
    }
    if rules.max_spikes == 1 {
        let resets = rules.reset_timing == ResetTiming::SameStep;
        if resets && rules.reset == Reset::Subtract {
            let lost = times_spikes(rules, own, &threshold);
            for i in 0..BLOCK {
                v[i] -= lost[i];
            }
        }
        if resets && rules.reset == Reset::Value {
            let reset = parameters.v_reset.block(at);
            for i in 0..BLOCK {
                v[i] = if own[i] > 0 { reset[i] } else { v[i] };
            }
        }
        return fired;
    }
    let mut left = fired;
    while left != 0 {
        let i = left.trailing_zeros() as usize;
        left &= left - 1;
        // Several spikes are subtracted, so there is no value to reset to.
        let spikes = count(rules.compare, v[i], threshold[i], rules.max_spikes as i32);
        own[i] = spikes as u8;
        v[i] = after_spikes(rules, v[i], spikes, threshold[i], 0);
    }
    fired
}
