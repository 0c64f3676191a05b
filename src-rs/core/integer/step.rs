//! One step of a layer.

use crate::decay::decay;
use crate::dense::PANEL;
use crate::events::Event;
use crate::layer::{Connection, Layer};
use crate::pool::PoolState;
use crate::rules::{Compare, CurrentOrder, Reset, ResetScale, ResetTiming, Rules, Saturation};
use lapicque_base::at_level::Work;
use lapicque_base::error::{Result, try_vec};
use lapicque_base::simd::lowest_bits;

/// What a source sent in this step and in the one before.
#[derive(Clone, Default)]
pub struct Sent {
    pub now: Vec<Event>,
    pub before: Vec<Event>,
}

/// The state of a layer, in the engine's order and padded to panels.
#[derive(Clone)]
pub struct LayerState {
    pub v: Vec<i32>,
    /// `[current][neuron]`.
    pub currents: Vec<i32>,
    /// The sums of the inputs of a step, `[receiver][neuron]`.
    sums: Vec<i32>,
    /// What drives v in a step.
    drive: Vec<i32>,
    /// The spikes of the last step for which v is reset: without those of aliases.
    own: Vec<i32>,
    /// All spikes of the last step.
    pub counts: Vec<u8>,
    /// Of each connection.
    pools: Vec<PoolState>,
}

impl LayerState {
    /// At rest. Errors: `too-large`.
    pub fn new(layer: &Layer) -> Result<Self> {
        let what = "the state of the integer network";
        let padded = layer.padded();
        let mut state = LayerState {
            v: try_vec(what, padded, 0)?,
            currents: try_vec(what, padded * layer.rules.currents as usize, 0)?,
            sums: try_vec(what, padded * layer.receivers(), 0)?,
            drive: try_vec(what, padded, 0)?,
            own: try_vec(what, padded, 0)?,
            counts: try_vec(what, padded, 0)?,
            pools: layer.connections.iter().map(Connection::state).collect::<Result<_>>()?,
        };
        state.reset(layer);
        Ok(state)
    }

    pub fn reset(&mut self, layer: &Layer) {
        self.v.copy_from_slice(&layer.parameters.v_start);
        self.currents.fill(0);
        self.own.fill(0);
        self.counts.fill(0);
        self.pools.iter_mut().for_each(PoolState::reset);
    }

    pub fn bytes(layer: &Layer) -> usize {
        let words = 3 + layer.rules.currents as usize + layer.receivers();
        let pools: usize = layer.connections.iter().map(Connection::state_bytes).sum();
        layer.padded() * (words * size_of::<i32>() + 1) + pools
    }
}

/// A step of a layer, compiled for each SIMD level.
pub struct Step<'a> {
    pub layer: &'a Layer,
    pub state: &'a mut LayerState,
    pub sent: &'a [Sent],
    /// The layer's spikes.
    pub out: &'a mut Vec<Event>,
}

impl Work for Step<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Step { layer, state, sent, out } = self;
        let events = |source: usize, delayed: bool| {
            let sent = &sent[source];
            if delayed { &sent.before[..] } else { &sent.now[..] }
        };
        let padded = layer.padded();
        let rules = &layer.rules;
        state.drive.fill(0);
        if rules.saturation == Saturation::Sum {
            state.sums.fill(0);
            for (sums, bias) in state.sums.chunks_exact_mut(padded).zip(&layer.parameters.current_bias) {
                sums.copy_from_slice(bias);
            }
            for (connection, pool) in layer.connections.iter().zip(&mut state.pools) {
                let sums = &mut state.sums[connection.current * padded..][..padded];
                connection.add(events(connection.source, connection.delayed), pool, sums);
            }
            sum_currents(layer, state);
        } else {
            each_current(layer, state, before_input);
            for connection in &layer.connections {
                let states = &mut state.currents[connection.current * padded..][..padded];
                let events = events(connection.source, connection.delayed);
                connection.add_saturating(events, rules.current_limits(), states);
            }
            let [low, high] = rules.current_limits();
            for (currents, bias) in
                state.currents.chunks_exact_mut(padded).zip(&layer.parameters.current_bias)
            {
                for (current, bias) in currents.iter_mut().zip(bias) {
                    *current = (*current + bias).clamp(low, high);
                }
            }
            each_current(layer, state, after_input);
        }
        integrate(layer, state);
        if rules.spiking {
            match layer.aliases.is_empty() {
                true => spike(layer, state, out),
                false => spike_with_aliases(layer, state, out),
            }
        }
    }
}

/// All that currents do in a step, from exact sums of their inputs.
#[inline(always)]
fn sum_currents(layer: &Layer, state: &mut LayerState) {
    let padded = layer.padded();
    if layer.rules.currents == 0 {
        state.drive.copy_from_slice(&state.sums);
        return;
    }
    let [low, high] = layer.rules.current_limits();
    let currents = state.currents.chunks_exact_mut(padded).zip(state.sums.chunks_exact(padded));
    for ((currents, sums), factors) in currents.zip(&layer.parameters.current_decay) {
        let panels = currents.chunks_exact_mut(PANEL).zip(sums.chunks_exact(PANEL));
        let parameters = factors.chunks_exact(PANEL).zip(state.drive.chunks_exact_mut(PANEL));
        for ((currents, sums), (factors, drive)) in panels.zip(parameters) {
            before_input(&layer.rules, currents, factors, drive);
            for (current, &sum) in currents.iter_mut().zip(sums) {
                *current = (*current + sum).clamp(low, high);
            }
            after_input(&layer.rules, currents, factors, drive);
        }
    }
}

#[inline(always)]
fn each_current(
    layer: &Layer,
    state: &mut LayerState,
    change: impl Fn(&Rules, &mut [i32], &[i32], &mut [i32]),
) {
    let currents = state.currents.chunks_exact_mut(layer.padded());
    for (currents, factors) in currents.zip(&layer.parameters.current_decay) {
        change(&layer.rules, currents, factors, &mut state.drive);
    }
}

/// What a current does before it receives its input.
#[inline(always)]
fn before_input(rules: &Rules, currents: &mut [i32], factors: &[i32], drive: &mut [i32]) {
    if rules.current_order == CurrentOrder::UseDecayAdd {
        add(drive, currents);
    }
    if matches!(rules.current_order, CurrentOrder::UseDecayAdd | CurrentOrder::DecayAddUse) {
        decay(rules.current_decay, rules.current_bits, currents, factors);
    }
}

/// What a current does after it has received its input.
#[inline(always)]
fn after_input(rules: &Rules, currents: &mut [i32], factors: &[i32], drive: &mut [i32]) {
    match rules.current_order {
        CurrentOrder::DecayAddUse => add(drive, currents),
        CurrentOrder::AddDecayUse => {
            decay(rules.current_decay, rules.current_bits, currents, factors);
            add(drive, currents);
        }
        CurrentOrder::AddUseDecay => {
            add(drive, currents);
            decay(rules.current_decay, rules.current_bits, currents, factors);
        }
        CurrentOrder::UseDecayAdd => {}
    }
}

#[inline(always)]
fn add(sums: &mut [i32], terms: &[i32]) {
    for (sum, &term) in sums.iter_mut().zip(terms) {
        *sum += term;
    }
}

/// v decays, is reset where that is due, and receives what drives it; it saturates once.
#[inline(always)]
fn integrate(layer: &Layer, state: &mut LayerState) {
    let (rules, parameters) = (&layer.rules, &layer.parameters);
    let [low, high] = rules.v_limits();
    let is_due = rules.spiking && rules.reset_timing == ResetTiming::NextStep;
    let subtracts = is_due && rules.reset == Reset::Subtract;
    let panels = state.v.chunks_exact_mut(PANEL).zip(state.drive.chunks_exact(PANEL)).enumerate();
    for (i, (v, drive)) in panels {
        let of = |values: &'_ [i32]| -> [i32; PANEL] {
            let mut own = [0; PANEL];
            own.copy_from_slice(&values[i * PANEL..][..PANEL]);
            own
        };
        let own = if is_due { of(&state.own) } else { [0; PANEL] };
        let threshold = of(&parameters.threshold);
        if subtracts && rules.reset_scale == ResetScale::BetaThreshold {
            for ((v, own), threshold) in v.iter_mut().zip(own).zip(threshold) {
                *v -= own * threshold;
            }
        }
        if is_due && rules.reset == Reset::Value {
            for ((v, own), reset) in v.iter_mut().zip(own).zip(of(&parameters.v_reset)) {
                *v = if own > 0 { reset } else { *v };
            }
        }
        decay(rules.v_decay, rules.v_bits, v, &parameters.v_decay[i * PANEL..]);
        if subtracts && rules.reset_scale == ResetScale::Threshold {
            for ((v, own), threshold) in v.iter_mut().zip(own).zip(threshold) {
                *v -= own * threshold;
            }
        }
        for ((v, &drive), bias) in v.iter_mut().zip(drive).zip(of(&parameters.bias)) {
            *v = (*v + drive + bias).clamp(low, high);
        }
    }
}

#[inline(always)]
fn crosses(compare: Compare, v: i32, threshold: i32) -> bool {
    match compare {
        Compare::Above => v > threshold,
        Compare::AtLeast => v >= threshold,
    }
}

/// Spikes of a neuron that crosses its threshold, at most `cap`: so many thresholds are in v.
#[inline(always)]
fn count(compare: Compare, v: i32, threshold: i32, cap: i32) -> i32 {
    if cap == 1 {
        return 1;
    }
    // Several spikes are subtracted, so the threshold is at least 1 and v at least that.
    let whole = if compare == Compare::Above { (v - 1) / threshold } else { v / threshold };
    whole.min(cap)
}

/// `v` after `spikes` of this step.
#[inline(always)]
fn after_spikes(rules: &Rules, v: i32, spikes: i32, threshold: i32, reset: i32) -> i32 {
    match (rules.reset_timing, rules.reset) {
        (ResetTiming::SameStep, Reset::Subtract) => v - spikes * threshold,
        (ResetTiming::SameStep, Reset::Value) if spikes > 0 => reset,
        _ => v,
    }
}

#[inline(always)]
fn spike(layer: &Layer, state: &mut LayerState, out: &mut Vec<Event>) {
    let (rules, parameters) = (&layer.rules, &layer.parameters);
    let cap = rules.max_spikes as i32;
    let panels =
        state.v.as_chunks_mut::<PANEL>().0.iter_mut().zip(parameters.threshold.as_chunks::<PANEL>().0);
    let outputs =
        state.own.as_chunks_mut::<PANEL>().0.iter_mut().zip(state.counts.as_chunks_mut::<PANEL>().0);
    let resets = parameters.v_reset.as_chunks::<PANEL>().0;
    for (i, (((v, threshold), (own, counts)), resets)) in panels.zip(outputs).zip(resets).enumerate() {
        for j in 0..PANEL {
            own[j] = i32::from(crosses(rules.compare, v[j], threshold[j]));
            counts[j] = own[j] as u8;
        }
        let eights = counts.as_chunks::<8>().0.iter().enumerate();
        let mut fired = eights.fold(0, |fired: u64, (k, &eight)| fired | lowest_bits(eight) << (8 * k));
        if fired == 0 {
            continue;
        }
        if cap == 1 {
            for j in 0..PANEL {
                v[j] = after_spikes(rules, v[j], own[j], threshold[j], resets[j]);
            }
        }
        while fired != 0 {
            let j = fired.trailing_zeros() as usize;
            fired &= fired - 1;
            if cap > 1 {
                own[j] = count(rules.compare, v[j], threshold[j], cap);
                counts[j] = own[j] as u8;
                v[j] = after_spikes(rules, v[j], own[j], threshold[j], resets[j]);
            }
            out.push(Event { neuron: (i * PANEL + j) as u32, count: own[j] });
        }
    }
}

/// Neurons one after the other: the spikes of a neuron count for its aliases in the same step, at most the cap. A later neuron begins
/// with them, so they use up its cap; they take nothing from its v.
fn spike_with_aliases(layer: &Layer, state: &mut LayerState, out: &mut Vec<Event>) {
    let (rules, parameters) = (&layer.rules, &layer.parameters);
    let cap = rules.max_spikes as i32;
    let LayerState { v, own, counts, .. } = state;
    counts.fill(0);
    let mut aliases = layer.aliases.iter().peekable();
    for neuron in 0..layer.neurons {
        let threshold = parameters.threshold[neuron];
        let left = cap - i32::from(counts[neuron]);
        let fires = left > 0 && crosses(rules.compare, v[neuron], threshold);
        own[neuron] = if fires { count(rules.compare, v[neuron], threshold, cap).min(left) } else { 0 };
        v[neuron] = after_spikes(rules, v[neuron], own[neuron], threshold, parameters.v_reset[neuron]);
        counts[neuron] += own[neuron] as u8;
        while let Some([_, to]) = aliases.next_if(|[from, _]| *from as usize == neuron) {
            let to = *to as usize;
            counts[to] = (i32::from(counts[to]) + i32::from(counts[neuron])).min(cap) as u8;
        }
    }
    let fired = counts[..layer.neurons].iter().enumerate().filter(|&(_, &count)| count > 0);
    out.extend(fired.map(|(neuron, &count)| Event { neuron: neuron as u32, count: i32::from(count) }));
}
