//! The last spikes of the target neurons, each with the traces at that time. Synapses look them up when a spike of
//! their source arrives, which may be much later.
//!
//! They are stored by age, in pairs: the last two spikes of all neurons are contiguous, then the two before them. A row
//! of synapses reads the same slot of many neurons, and seldom an older one, because windows are short. A synapse that
//! has found a spike in its window needs to know whether there is another. The value of the first trace (the only one
//! of most rules) is stored with the spikes, so it is in the same cache lines.

use super::by_age::{ByAge, Table};
use super::row_loops::TraceAt;
use crate::representation::precision::Precision;
use lapicque_base::real::Real;
use lapicque_base::simd::SimdLevel;
use lapicque_plasticity::{Jump, Trace};
use smallvec::SmallVec;
use std::collections::VecDeque;

/// The step of a spike that never happened, or that is so old that its trace has decayed to nothing.
pub const NEVER: i32 = -(1 << 30);

/// Number of steps after which all synapses catch up, so that histories do not grow without bound. It must not depend on how a
/// run is divided.
pub const CATCH_UP_EVERY: u64 = 4096;

/// Initial capacity in pairs of spikes.
const PAIRS: usize = 2;

/// The decay of an exponential over whole steps.
#[derive(Debug, Clone, Copy)]
pub struct Decay<F> {
    /// Exponent per step, below 0.
    rate: F,
}

impl<F: Precision> Decay<F> {
    pub fn new(trace: &Trace, dt: f64) -> Self {
        Decay { rate: <F as Real>::from_f64(-trace.rate * dt) }
    }

    #[inline(always)]
    pub fn of(&self, steps: i32) -> F {
        (F::of_steps(steps) * self.rate).exp()
    }

    /// Whether the decay over this number of steps, and over fewer, is in the range of [`of_near`](Decay::of_near).
    pub fn is_near(&self, steps: i32) -> bool {
        F::of_steps(steps) * self.rate > <F as Real>::from_f64(-80.0)
    }

    /// The same bits as [`of`](Decay::of), computed faster; undefined outside the range of [`is_near`](Decay::is_near).
    #[inline(always)]
    pub fn of_near(&self, steps: i32) -> F {
        F::exp_near(F::of_steps(steps) * self.rate)
    }
}

/// Windows that reach back fewer steps than this read no spike that is older than [`recent`] can represent.
const RECENT: u64 = 1 << 14;

/// Packs the steps of two spikes into one word, the later one in the lower half. Steps that are too old for 16 bits are stored
/// as the oldest possible step.
fn recent(steps: [i32; 2]) -> u32 {
    let [later, earlier] = steps.map(|step| u32::from(step.max(i32::from(i16::MIN)) as i16 as u16));
    later | earlier << 16
}

/// Cached traces of all neurons at one step, and whether they include a spike at that step.
struct TraceCache<F> {
    step: Option<(i32, bool)>,
    /// By trace, then neuron slot.
    traces: Vec<Vec<F>>,
}

/// Two spikes of a neuron, the later one first.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub struct Pair<F> {
    pub steps: [i32; 2],
    /// The first trace at the spikes, before their own jumps.
    pub found: [F; 2],
}

impl<F: Precision> Pair<F> {
    pub const NEVER: Self = Pair { steps: [NEVER; 2], found: [<F as Real>::ZERO; 2] };
}

pub struct History<F: Precision> {
    neuron_slots: usize,
    /// Steps are stored relative to this one.
    base: u64,
    pairs: ByAge<Pair<F>>,
    /// The steps of each neuron's newest pair, packed into 16 bits each, if windows never reach further back. All rows read
    /// them, and a quarter of the size makes better use of the caches.
    recent: Option<Vec<u32>>,
    /// By slot: the last step of all neurons' spikes in it. A window that begins later does not need the slot.
    latest: Vec<i32>,
    /// The traces of all neurons at one step, cached because many rows read the same ones.
    trace_cache: TraceCache<F>,
    /// Number of values stored with a spike: one per trace.
    columns: usize,
    /// By trace, without the first: its values at the spikes.
    further: Vec<ByAge<[F; 2]>>,
    pub decays: Vec<Decay<F>>,
    jumps: Vec<Jump>,
    /// Spikes that no synapse can see yet, by step.
    waiting: VecDeque<(u64, u32)>,
    /// Number of steps for which synapses do not see a spike.
    lag: u64,
    /// The last step that synapses see.
    newest: i32,
    /// Number of steps back that synapses may read.
    keep: u64,
}

impl<F: Precision> History<F> {
    /// `shortest` and `longest`: the range of delays from targets to synapses.
    pub fn new<'a>(
        neuron_slots: usize,
        traces: impl Iterator<Item = &'a Trace> + Clone,
        dt: f64,
        [shortest, longest]: [u64; 2],
    ) -> Self {
        let jumps: Vec<Jump> = traces.clone().map(|trace| trace.jump).collect();
        let keep = 2 * longest + 1;
        History {
            neuron_slots,
            base: 0,
            pairs: ByAge::new(neuron_slots, PAIRS, Pair::NEVER),
            recent: (CATCH_UP_EVERY + keep < RECENT).then(|| vec![recent([NEVER; 2]); neuron_slots]),
            latest: vec![NEVER; 2 * PAIRS],
            trace_cache: TraceCache { step: None, traces: vec![] },
            columns: jumps.len(),
            further: further(jumps.len(), neuron_slots),
            decays: traces.map(|trace| Decay::new(trace, dt)).collect(),
            jumps,
            waiting: VecDeque::new(),
            lag: 2 * shortest,
            newest: NEVER,
            keep,
        }
    }

    pub fn neuron_slots(&self) -> usize {
        self.neuron_slots
    }

    /// Capacity in spikes per neuron.
    pub fn slots(&self) -> usize {
        2 * self.pairs.ages()
    }

    pub fn jump(&self, trace: usize) -> Jump {
        self.jumps[trace]
    }

    /// Slots `2 pair` and `2 pair + 1` of all neurons.
    pub fn pairs(&self, pair: usize) -> Table<'_, Pair<F>> {
        self.pairs.table(pair)
    }

    /// The last step of all neurons' spikes in a slot; slots beyond hold no later ones.
    pub fn latest(&self, slot: usize) -> i32 {
        self.latest[slot]
    }

    /// The steps of all neurons' newest pairs, as [`recent`] packs them.
    pub fn recent(&self) -> Option<&[u32]> {
        self.recent.as_deref()
    }

    /// Computes the traces of all neurons at a step before rows read them; nothing is cached if a neuron has spiked since.
    pub fn cache_traces(&mut self, level: SimdLevel, at: i32, seen: bool) {
        self.trace_cache.step = None;
        if self.newest > at {
            return;
        }
        self.trace_cache.traces.resize_with(self.columns, || vec![<F as Real>::ZERO; self.neuron_slots]);
        for k in 0..self.columns {
            let found = TraceAt { decay: self.decays[k], jump: self.jumps[k], at, seen };
            let traces = &mut self.trace_cache.traces[k];
            match k {
                0 => found.of_pairs(level, self.pairs.newest(), traces),
                _ => found.of_halves(level, self.pairs.newest(), self.further[k - 1].newest(), traces),
            }
        }
        self.trace_cache.step = Some((at, seen));
    }

    /// The cached values of a trace, if they are for this step and `seen`.
    pub fn cached_traces(&self, trace: usize, at: i32, seen: bool) -> Option<&[F]> {
        (self.trace_cache.step == Some((at, seen))).then(|| &self.trace_cache.traces[trace][..])
    }

    /// The values of a trace other than the first at these spikes.
    pub fn further(&self, trace: usize, pair: usize) -> Table<'_, [F; 2]> {
        self.further[trace - 1].table(pair)
    }

    /// The step of a neuron's spike.
    pub fn step(&self, slot: usize, neuron_slot: usize) -> i32 {
        self.pairs.at(slot / 2, neuron_slot).steps[slot % 2]
    }

    /// The value of a trace at that spike.
    pub fn found(&self, trace: usize, slot: usize, neuron_slot: usize) -> F {
        let found = match trace {
            0 => self.pairs.at(slot / 2, neuron_slot).found,
            _ => self.further[trace - 1].at(slot / 2, neuron_slot),
        };
        found[slot % 2]
    }

    /// Mutable access to the value at the last spike.
    fn last_found(&mut self, trace: usize, neuron_slot: usize) -> &mut F {
        match trace {
            0 => &mut self.pairs.newest_mut(neuron_slot).found[0],
            _ => &mut self.further[trace - 1].newest_mut(neuron_slot)[0],
        }
    }

    /// The last step that synapses see.
    pub fn newest(&self) -> i32 {
        self.newest
    }

    /// A step relative to the base, `back` steps before `step`.
    pub fn relative(&self, step: u64, back: u64) -> i32 {
        (step as i64 - back as i64 - self.base as i64).max(i64::from(NEVER)) as i32
    }

    /// As `relative`, for a step of which only the lower 32 bits are known; it must be within some years of the base.
    pub fn relative_half(&self, step: u32) -> i32 {
        step.wrapping_sub(self.base as u32) as i32
    }

    /// Steps from `step` to the base.
    pub fn age_of(&self, step: u64) -> i32 {
        (self.base as i64 - step as i64).min(1 << 29) as i32
    }

    /// Adds a spike at `step`; steps must not decrease.
    pub fn push(&mut self, neuron_slot: usize, step: u64) {
        self.waiting.push_back((step, neuron_slot as u32));
    }

    /// Makes the spikes visible that synapses may see at step `now`.
    pub fn reveal(&mut self, now: u64) {
        self.reveal_after(self.lag, now);
    }

    /// Makes all spikes up to the end of step `now` visible, as for reading back.
    pub fn reveal_all(&mut self, now: u64) {
        self.reveal_after(0, now);
    }

    /// Makes spikes visible that are at least `lag` steps old.
    fn reveal_after(&mut self, lag: u64, now: u64) {
        self.trace_cache.step = None;
        // Spikes that were made visible earlier stay visible.
        self.newest = self.newest.max(self.relative(now, lag));
        let due = self.waiting.iter().take_while(|(step, _)| step + lag <= now);
        due.for_each(|&(_, neuron_slot)| self.pairs.prefetch(neuron_slot as usize));
        while let Some(&(step, neuron_slot)) = self.waiting.front()
            && step + lag <= now
        {
            self.waiting.pop_front();
            self.enter(neuron_slot as usize, step, now);
        }
    }

    fn enter(&mut self, neuron_slot: usize, step: u64, now: u64) {
        // The last of the spikes that are too old to be read is kept, because traces continue from it.
        let oldest = self.relative(now, CATCH_UP_EVERY + self.keep);
        if self.step(self.slots() - 2, neuron_slot) > oldest {
            self.grow();
        }
        let (step, last) = (self.relative(step, 0), self.step(0, neuron_slot));
        let new = |trace: usize, before: F| after(self.jumps[trace], &self.decays[trace], last, before, step);
        let mut newer =
            (step, if self.columns == 0 { <F as Real>::ZERO } else { new(0, self.found(0, 0, neuron_slot)) });
        let newest: SmallVec<[F; 4]> =
            (1..self.columns).map(|k| new(k, self.found(k, 0, neuron_slot))).collect();
        for (pair, latest) in self.pairs.of_mut(neuron_slot).zip(self.latest.as_chunks_mut::<2>().0) {
            let Pair { steps: [first, second], found: [of_first, of_second] } = pair;
            (*first, *second, newer.0) = (newer.0, *first, *second);
            (*of_first, *of_second, newer.1) = (newer.1, *of_first, *of_second);
            *latest = [latest[0].max(*first), latest[1].max(*second)];
        }
        if let Some(recents) = &mut self.recent {
            recents[neuron_slot] = recent(self.pairs.at(0, neuron_slot).steps);
        }
        for (further, mut newer) in self.further.iter_mut().zip(newest) {
            for [first, second] in further.of_mut(neuron_slot) {
                (*first, *second, newer) = (newer, *first, *second);
            }
        }
    }

    fn grow(&mut self) {
        let pairs = 2 * self.pairs.ages();
        self.pairs.grow(pairs, Pair::NEVER);
        self.latest.resize(2 * pairs, NEVER);
        self.further.iter_mut().for_each(|further| further.grow(pairs, [<F as Real>::ZERO; 2]));
    }

    /// Sets the base to `now`, so that relative steps stay small.
    pub fn rebase(&mut self, now: u64) {
        let by = (now - self.base).min(1 << 30) as i32;
        let steps = self.pairs.all_mut().flat_map(|pair| &mut pair.steps).chain(&mut self.latest);
        steps.for_each(|step| *step = (*step - by).max(NEVER));
        self.base = now;
        self.newest = self.newest.saturating_sub(by);
        self.changed();
    }

    /// Updates derived data after all steps have changed.
    fn changed(&mut self) {
        self.trace_cache.step = None;
        for (recents, pair) in self.recent.iter_mut().flatten().zip(self.pairs.newest()) {
            *recents = recent(pair.steps);
        }
    }

    /// The stored spikes of a neuron: their steps, and the values of traces at them, `[spike][trace]`. Spikes that no synapse
    /// can read any more are omitted, except the last.
    pub fn spikes(&self, neuron_slot: usize, now: u64) -> (Vec<u64>, Vec<f64>) {
        let oldest = (now - now % CATCH_UP_EVERY).saturating_sub(self.keep);
        let slots = (0..self.slots()).take_while(|&slot| self.step(slot, neuron_slot) > NEVER);
        let step = |slot: usize| (self.base as i64 + i64::from(self.step(slot, neuron_slot))) as u64;
        let mut kept: Vec<usize> = slots.collect();
        while let [.., last, _] = kept[..]
            && step(last) <= oldest
        {
            kept.pop();
        }
        let mut steps: Vec<u64> = kept.iter().rev().map(|&slot| step(slot)).collect();
        let mut found: Vec<F> = vec![];
        for slot in kept.iter().rev() {
            found.extend((0..self.columns).map(|k| self.found(k, *slot, neuron_slot)));
        }
        let columns = self.columns;
        for &(step, _) in self.waiting.iter().filter(|(_, of)| *of as usize == neuron_slot) {
            let before = found.len().saturating_sub(columns);
            for k in 0..columns {
                let last = steps.last().map_or(NEVER, |&last| self.relative(last, 0));
                let from = if steps.is_empty() { <F as Real>::ZERO } else { found[before + k] };
                found.push(after(self.jumps[k], &self.decays[k], last, from, self.relative(step, 0)));
            }
            steps.push(step);
        }
        (steps, found.into_iter().map(Real::to_f64).collect())
    }

    /// Removes all spikes; the new base is `now`.
    pub fn clear(&mut self, now: u64) {
        self.base = now;
        self.newest = self.relative(now, self.lag);
        self.pairs.all_mut().for_each(|pair| pair.steps = [NEVER; 2]);
        self.latest.fill(NEVER);
        self.changed();
        self.waiting.clear();
    }

    /// Restores the spikes of a neuron without spikes, in the form of [`spikes`](History::spikes).
    pub fn set(&mut self, neuron_slot: usize, steps: &[u64], found: &[f64], now: u64) {
        let width = self.columns;
        for (i, &step) in steps.iter().enumerate() {
            if step + self.lag > now {
                self.waiting.push_back((step, neuron_slot as u32));
                continue;
            }
            self.enter(neuron_slot, step, now);
            for (k, &x) in found[i * width..][..width].iter().enumerate() {
                *self.last_found(k, neuron_slot) = <F as Real>::from_f64(x);
            }
        }
    }

    /// Sorts the pending spikes by step, after those of all neurons have been restored.
    pub fn sort_pending(&mut self) {
        self.waiting.make_contiguous().sort_unstable();
    }
}

/// Memory for the values of all traces but the first.
fn further<F: Precision>(columns: usize, neuron_slots: usize) -> Vec<ByAge<[F; 2]>> {
    (1..columns).map(|_| ByAge::new(neuron_slots, PAIRS, [<F as Real>::ZERO; 2])).collect()
}

/// A trace after a spike at `now`; `before` is its value at the spike before, at `last`.
fn after<F: Precision>(jump: Jump, decay: &Decay<F>, last: i32, before: F, now: i32) -> F {
    match last {
        NEVER => <F as Real>::ZERO,
        _ => jump.after(before) * decay.of(now - last),
    }
}
