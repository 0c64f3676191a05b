//! Cached look-ups in a history for the synapses of a chunk.

use super::history::{History, NEVER};
use super::row_loops::{Window, gather_pairs, gather_recent};
use super::row_work::CHUNK;
use crate::representation::indices::Indices;
use crate::representation::precision::Precision;
use lapicque_base::real::Real;
use lapicque_base::simd::SimdLevel;

/// By slot of a history: the steps of the targets' spikes, and the values of the first trace at them.
pub struct LookupCache<F> {
    pub steps: Vec<Vec<i32>>,
    pub found: Vec<Vec<F>>,
    /// Number of slots whose steps are cached. Steps that are too old for any window may be replaced by another old step until
    /// the trace values are looked up.
    steps_of: usize,
    /// By pair of slots: whether the trace values are cached.
    has_found: Vec<bool>,
    /// The number of spikes in the first two slots after a step, if they were counted during the look-up.
    counted: Option<(i32, [u32; 2])>,
}

impl<F> Default for LookupCache<F> {
    fn default() -> Self {
        LookupCache { steps: vec![], found: vec![], steps_of: 0, has_found: vec![], counted: None }
    }
}

impl<F: Precision> LookupCache<F> {
    pub fn clear(&mut self) {
        self.steps_of = 0;
        self.has_found.fill(false);
        self.counted = None;
    }

    /// Whether the trace values of a slot are cached.
    pub fn has_found(&self, slot: usize) -> bool {
        self.has_found.get(slot / 2).is_some_and(|&has| has)
    }

    /// Looks up the steps of a slot, as precisely as windows need them; all earlier slots must be cached. Also counts the
    /// steps after `after`, in case [`count`](LookupCache::count) is called with it.
    pub fn look_up_steps(
        &mut self,
        level: SimdLevel,
        history: &History<F>,
        slot: usize,
        targets: Indices<F::Target>,
        after: i32,
    ) {
        if self.steps_of > slot {
            return;
        }
        let (Some(recent), 0) = (history.recent(), slot) else {
            return self.look_up_exact(level, history, slot, targets);
        };
        self.reserve(slot);
        let n = targets.len();
        if let [first, second, ..] = &mut self.steps[..] {
            let steps = [&mut first[..n], &mut second[..n]];
            self.counted = Some((after, gather_recent(level, recent, targets, steps, after)));
        }
        self.steps_of = 2;
    }

    /// Looks up exact steps and trace values.
    pub fn look_up_exact(
        &mut self,
        level: SimdLevel,
        history: &History<F>,
        slot: usize,
        targets: Indices<F::Target>,
    ) {
        if self.has_found(slot) {
            return;
        }
        let (n, first) = (targets.len(), slot / 2 * 2);
        self.reserve(slot);
        if let ([first, second, ..], [of_first, of_second, ..]) =
            (&mut self.steps[first..], &mut self.found[first..])
        {
            let (steps, found) =
                ([&mut first[..n], &mut second[..n]], [&mut of_first[..n], &mut of_second[..n]]);
            gather_pairs(level, history.pairs(slot / 2), &targets, steps, found);
        }
        self.has_found[slot / 2] = true;
        self.steps_of = self.steps_of.max(first + 2);
    }

    /// The number of steps of a slot after `after`, among the cached steps of `n` synapses.
    pub fn count(&self, level: SimdLevel, slot: usize, after: i32, n: usize) -> usize {
        match self.counted {
            Some((step, counts)) if step == after && slot < 2 => counts[slot] as usize,
            _ => Window(after, i32::MAX).count(level, &self.steps[slot][..n]),
        }
    }

    fn reserve(&mut self, slot: usize) {
        let needed = slot / 2 * 2 + 2;
        if self.steps.len() < needed {
            self.steps.resize_with(needed, || vec![NEVER; CHUNK]);
            self.found.resize_with(needed, || vec![<F as Real>::ZERO; CHUNK]);
            self.has_found.resize(needed / 2, false);
        }
    }

    /// The step of the event of a synapse.
    pub fn step(&self, history: &History<F>, slot: usize, synapse: u32, targets: &[F::Target]) -> i32 {
        match slot < self.steps_of {
            true => self.steps[slot][synapse as usize],
            false => history.step(slot, targets[synapse as usize].into() as usize),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plasticity::history::CATCH_UP_EVERY;
    use crate::plasticity::row_loops::TraceAt;
    use lapicque_base::rng::Rng;
    use lapicque_plasticity::{Jump, Side, Trace};

    const NEURONS: usize = 300;
    /// The last step that synapses see.
    const SEEN: u64 = 59_970;

    /// Neurons of which some never spike, some rarely, and some often, at a step after all synapses have caught up twice.
    fn history(jump: Jump) -> History<f32> {
        let trace = |rate| Trace { name: "x", side: Side::Post, jump, rate };
        let traces = [trace(0.05), trace(0.002)];
        let (mut history, rng) = (History::new(NEURONS, traces.iter(), 0.1, [15, 15]), Rng::new(3, 4));
        for now in 1..=SEEN + 30 {
            for neuron_slot in 0..NEURONS as u64 {
                // From one in ten neurons that spikes at all to one spike in twenty steps.
                let is_rare = rng.u32_at(now * NEURONS as u64 + neuron_slot) >= 7158 << (neuron_slot % 16);
                if !is_rare || (neuron_slot < 5 && now == SEEN) {
                    history.push(neuron_slot as usize, now);
                }
            }
            history.reveal(now);
            if now % CATCH_UP_EVERY == 0 {
                history.rebase(now);
            }
        }
        history
    }

    #[test]
    fn windows_find_the_same_spikes_however_they_are_looked_up() {
        let (history, rng) = (history(Jump::Add), Rng::new(5, 6));
        let targets: Vec<u16> = (0..CHUNK as u64).map(|i| (rng.u32_at(i) % NEURONS as u32) as u16).collect();
        let after = history.relative(SEEN, 200);
        let (mut at_once, mut exact) = (LookupCache::default(), LookupCache::default());
        let old = |step: i32| step.max(-(1 << 14));
        for level in SimdLevel::ALL.into_iter().filter(|level| level.is_supported()) {
            [&mut at_once, &mut exact].into_iter().for_each(LookupCache::clear);
            let targets = Indices::new(level, &targets);
            at_once.look_up_steps(level, &history, 0, targets, after);
            exact.look_up_exact(level, &history, 0, targets);
            for (slot, after) in [(0, after), (1, after), (0, after + 100)] {
                let counts = [&at_once, &exact].map(|cache| cache.count(level, slot, after, CHUNK));
                assert!(counts[0] == counts[1] && (1..CHUNK).contains(&counts[0]));
            }
            assert!(!at_once.has_found(0) && exact.has_found(1));
            let both = at_once.steps[..2].iter().flatten().zip(exact.steps[..2].iter().flatten());
            assert!(both.clone().all(|(&a, &b)| old(a) == old(b)), "{}", level.name());
            // Some are too old to be stored, and some of these are no spikes.
            assert!(
                both.clone().any(|(&a, &b)| a != b && b > NEVER) && both.clone().any(|(_, &b)| b == NEVER)
            );
            at_once.look_up_exact(level, &history, 1, targets);
            assert!(at_once.steps[..2] == exact.steps[..2] && at_once.found[..2] == exact.found[..2]);
        }
    }

    #[test]
    fn what_all_neurons_show_is_what_each_is_found_to_be() {
        for (jump, seen) in [(Jump::Add, false), (Jump::Set, false), (Jump::Add, true)] {
            let mut history = history(jump);
            let at = history.relative(SEEN, 0);
            for level in SimdLevel::ALL.into_iter().filter(|level| level.is_supported()) {
                history.cache_traces(level, at, seen);
                assert!(
                    history.cached_traces(0, at, !seen).is_none()
                        && history.cached_traces(0, at + 1, seen).is_none()
                );
                for k in 0..2 {
                    let found = TraceAt { decay: history.decays[k], jump, at, seen };
                    let cached = history.cached_traces(k, at, seen).unwrap();
                    let mut spikes = 0;
                    for (neuron_slot, &cached) in cached.iter().enumerate() {
                        let (step, mut trace) =
                            (history.step(0, neuron_slot), [history.found(k, 0, neuron_slot)]);
                        found.of(SimdLevel::Portable, &[step], &mut trace);
                        assert_eq!(cached.to_bits(), trace[0].to_bits(), "{neuron_slot} at {}", level.name());
                        spikes += usize::from(step == at);
                    }
                    assert!(spikes > 0);
                }
            }
            // Nothing is cached if a neuron has spiked since.
            history.cache_traces(SimdLevel::Portable, at - 1, seen);
            assert!(history.cached_traces(0, at - 1, seen).is_none());
        }
    }
}
