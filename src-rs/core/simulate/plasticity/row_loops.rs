//! The loops over the synapses of a row, each compiled for every SIMD level. Times are steps as in
//! [`History`](super::history::History).

use super::by_age::Table;
use super::history::{Decay, NEVER, Pair};
use crate::representation::indices::Indices;
use crate::representation::precision::Precision;
use lapicque_base::at_level::{Work, at_level};
use lapicque_base::real::Real;
use lapicque_base::simd::SimdLevel;
use lapicque_plasticity::Jump;
use lapicque_projection::pack_spikes;
use std::hint::select_unpredictable;
use std::sync::atomic::{Ordering, compiler_fence};

/// `out[i] = table[neuron_slots[i]]`.
pub fn gather<L: Copy + Into<u32>, T: Copy>(
    level: SimdLevel,
    table: &[T],
    neuron_slots: Indices<L>,
    out: &mut [T],
) {
    struct Gather<'a, L, T>(&'a [T], Indices<'a, L>, &'a mut [T]);
    impl<L: Copy + Into<u32>, T: Copy> Work for Gather<'_, L, T> {
        type Output = ();

        #[inline(always)]
        fn run(self) {
            let Gather(table, neuron_slots, out) = self;
            neuron_slots.check(table.len());
            for (out, &neuron_slot) in out.iter_mut().zip(neuron_slots.neuron_slots) {
                // SAFETY: all slots are inside the table, as checked above.
                *out = unsafe { *table.get_unchecked(neuron_slot.into() as usize) };
            }
        }
    }
    at_level(level, Gather(table, neuron_slots, out));
}

/// Splits the last two spikes of each neuron's pair into separate arrays of steps and of values of the first trace.
pub fn gather_pairs<F: Precision>(
    level: SimdLevel,
    table: Table<Pair<F>>,
    targets: &[F::Target],
    steps: [&mut [i32]; 2],
    found: [&mut [F]; 2],
) {
    struct Gather<'a, F: Precision>(
        Table<'a, Pair<F>>,
        &'a [F::Target],
        [&'a mut [i32]; 2],
        [&'a mut [F]; 2],
    );
    impl<F: Precision> Work for Gather<'_, F> {
        type Output = ();

        #[inline(always)]
        fn run(self) {
            /// Pairs are copied as they are, then split by vector instructions.
            const TOGETHER: usize = 64;
            let Gather(table, targets, [first, second], [of_first, of_second]) = self;
            let mut pairs = [Pair::NEVER; TOGETHER];
            for (i, targets) in targets.chunks(TOGETHER).enumerate() {
                let n = targets.len();
                for (pair, &target) in pairs.iter_mut().zip(targets) {
                    *pair = table.at(target.into());
                }
                let own = i * TOGETHER..i * TOGETHER + n;
                let steps = first[own.clone()].iter_mut().zip(&mut second[own.clone()]);
                let found = of_first[own.clone()].iter_mut().zip(&mut of_second[own]);
                // One loop for all four arrays, so that each vector of pairs is read once.
                for (((first, second), (of_first, of_second)), pair) in steps.zip(found).zip(&pairs) {
                    ([*first, *second], [*of_first, *of_second]) = (pair.steps, pair.found);
                }
            }
        }
    }
    at_level(level, Gather(table, targets, steps, found));
}

/// Unpacks the steps of the last two spikes of each neuron from words with the later one in the lower half, and counts how
/// many of each are after `after`.
pub fn gather_recent<L: Copy + Into<u32>>(
    level: SimdLevel,
    table: &[u32],
    targets: Indices<L>,
    steps: [&mut [i32]; 2],
    after: i32,
) -> [u32; 2] {
    struct Gather<'a, L>(&'a [u32], Indices<'a, L>, [&'a mut [i32]; 2], i32, &'a mut [u32; 2]);
    impl<L: Copy + Into<u32>> Work for Gather<'_, L> {
        type Output = ();

        #[inline(always)]
        fn run(self) {
            let Gather(table, targets, [first, second], after, counts) = self;
            targets.check(table.len());
            for (both, &target) in second.iter_mut().zip(targets.neuron_slots) {
                // SAFETY: all targets are inside, as checked above.
                *both = unsafe { *table.get_unchecked(target.into() as usize) } as i32;
            }
            // A loop of its own for unpacking, so that the compiler vectorizes it.
            let [mut firsts, mut seconds] = [0; 2];
            for (first, second) in first.iter_mut().zip(second) {
                (*first, *second) = (*second << 16 >> 16, *second >> 16);
                firsts += u32::from(*first > after);
                seconds += u32::from(*second > after);
            }
            *counts = [firsts, seconds];
        }
    }
    let mut counts = [0; 2];
    at_level(level, Gather(table, targets, steps, after, &mut counts));
    counts
}

/// The value of one slot from each neuron's pair.
pub fn gather_halves<L: Copy + Into<u32>, T: Copy>(
    level: SimdLevel,
    table: Table<[T; 2]>,
    half: usize,
    neuron_slots: &[L],
    out: &mut [T],
) {
    struct Gather<'a, L, T>(Table<'a, [T; 2]>, usize, &'a [L], &'a mut [T]);
    impl<L: Copy + Into<u32>, T: Copy> Work for Gather<'_, L, T> {
        type Output = ();

        #[inline(always)]
        fn run(self) {
            let Gather(table, half, neuron_slots, out) = self;
            for (out, &neuron_slot) in out.iter_mut().zip(neuron_slots) {
                *out = table.at(neuron_slot.into())[half % 2];
            }
        }
    }
    at_level(level, Gather(table, half, neuron_slots, out));
}

/// The value of the first table at each slot, and the difference of the second table to it.
pub fn count_between<L: Copy + Into<u32>>(
    level: SimdLevel,
    targets: Indices<L>,
    tables: [&[u16]; 2],
    first: &mut [u16],
    between: &mut [i32],
) {
    gather(level, tables[0], targets, first);
    struct Between<'a, L>(&'a [u16], Indices<'a, L>, &'a [u16], &'a mut [i32]);
    impl<L: Copy + Into<u32>> Work for Between<'_, L> {
        type Output = ();

        #[inline(always)]
        fn run(self) {
            let Between(table, targets, first, between) = self;
            targets.check(table.len());
            for ((between, &first), &target) in between.iter_mut().zip(first).zip(targets.neuron_slots) {
                // SAFETY: all targets are inside, as checked above.
                let last = unsafe { *table.get_unchecked(target.into() as usize) };
                *between = i32::from(last) - i32::from(first);
            }
        }
    }
    at_level(level, Between(tables[1], targets, first, between));
}

/// The steps after the first and up to the second.
#[derive(Debug, Clone, Copy)]
pub struct Window(pub i32, pub i32);

impl Window {
    #[inline(always)]
    pub fn has(self, step: i32) -> bool {
        (step > self.0) & (step <= self.1)
    }

    /// The number of steps in the window.
    pub fn count(self, level: SimdLevel, steps: &[i32]) -> usize {
        struct Count<'a>(Window, &'a [i32], &'a mut u32);
        impl Work for Count<'_> {
            type Output = ();

            #[inline(always)]
            fn run(self) {
                let mut count = 0;
                // Not by `sum`, which might not be compiled for the SIMD level.
                for &step in self.1 {
                    count += u32::from(self.0.has(step));
                }
                *self.2 = count;
            }
        }
        let mut count = 0;
        at_level(level, Count(self, steps, &mut count));
        count as usize
    }

    /// Marks the steps that are in the window.
    pub fn mark(self, level: SimdLevel, steps: &[i32], marks: &mut Marks) {
        struct Mark<'a>(Window, &'a [i32], &'a mut [f32]);
        impl Work for Mark<'_> {
            type Output = ();

            #[inline(always)]
            fn run(self) {
                for (mark, &step) in self.2.iter_mut().zip(self.1) {
                    *mark = if self.0.has(step) { 1.0 } else { 0.0 };
                }
            }
        }
        let (n, whole) = (steps.len(), steps.len().next_multiple_of(WORD));
        marks.neuron_slots.resize(whole.max(marks.neuron_slots.len()), 0.0);
        marks.words.resize(whole / WORD, 0);
        at_level(level, Mark(self, steps, &mut marks.neuron_slots[..n]));
        marks.neuron_slots[n..whole].fill(0.0);
        pack_spikes(level, &marks.neuron_slots[..whole], &mut marks.words);
    }
}

/// Marks of synapses of a row; they are collected word by word.
#[derive(Default)]
pub struct Marks {
    neuron_slots: Vec<f32>,
    words: Vec<u64>,
}

pub const WORD: usize = u64::BITS as usize;

impl Marks {
    /// The marked indices, ascending.
    pub fn indices(&self, indices: &mut Vec<u32>) {
        indices.clear();
        for (i, &word) in self.words.iter().enumerate() {
            let mut word = word;
            while word != 0 {
                indices.push((i * WORD) as u32 + word.trailing_zeros());
                word &= word - 1;
            }
        }
    }
}

/// Stores the new values of the entries whose step is in the window.
pub fn take<T: Copy>(level: SimdLevel, window: Window, steps: &[i32], new: &[T], values: &mut [T]) {
    struct Take<'a, T>(Window, &'a [i32], &'a [T], &'a mut [T]);
    impl<T: Copy> Work for Take<'_, T> {
        type Output = ();

        #[inline(always)]
        fn run(self) {
            let Take(window, steps, new, values) = self;
            // Both values are read: an `if` could become a selection of addresses, which makes vector code gather.
            let choose = |value: T, new: T, step: i32| select_unpredictable(window.has(step), new, value);
            let (words, rest) = values.as_chunks_mut::<WORD>();
            let ((new, new_rest), (steps, steps_rest)) = (new.as_chunks::<WORD>(), steps.as_chunks::<WORD>());
            for ((values, new), steps) in words.iter_mut().zip(new).zip(steps) {
                let mut chosen = *values;
                for ((value, &new), &step) in chosen.iter_mut().zip(new).zip(steps) {
                    *value = choose(*value, new, step);
                }
                // Without the fence the compiler emits masked stores, which cost dozens of operations on AMD cores without
                // AVX-512.
                compiler_fence(Ordering::SeqCst);
                *values = chosen;
            }
            for ((value, &new), &step) in rest.iter_mut().zip(new_rest).zip(steps_rest) {
                *value = choose(*value, new, step);
            }
        }
    }
    at_level(level, Take(window, steps, new, values));
}

/// A trace with the value `value` at step 0, decayed to `late` steps after each of `steps`. Values for negative ages and for
/// steps after `to` are undefined.
pub fn apply_decay<F: Precision>(
    level: SimdLevel,
    decay: Decay<F>,
    value: F,
    late: i32,
    (steps, to): (&[i32], i32),
    out: &mut [F],
) {
    struct ApplyDecay<'a, F, const NEAR: bool>(Decay<F>, F, i32, &'a [i32], &'a mut [F]);
    impl<F: Precision, const NEAR: bool> Work for ApplyDecay<'_, F, NEAR> {
        type Output = ();

        #[inline(always)]
        fn run(self) {
            let ApplyDecay(decay, value, late, steps, out) = self;
            for (out, &step) in out.iter_mut().zip(steps) {
                let steps = step.wrapping_add(late);
                *out = value * if NEAR { decay.of_near(steps) } else { decay.of(steps) };
            }
        }
    }
    match decay.is_near(to.saturating_add(late)) {
        true => at_level(level, ApplyDecay::<F, true>(decay, value, late, steps, out)),
        false => at_level(level, ApplyDecay::<F, false>(decay, value, late, steps, out)),
    }
}

/// Computes traces at a step.
pub struct TraceAt<F> {
    pub decay: Decay<F>,
    pub jump: Jump,
    pub at: i32,
    /// Whether a spike at that step is included.
    pub seen: bool,
}

impl<F: Precision> TraceAt<F> {
    /// For neurons whose last spikes at `steps` have the trace values `traces`: replaces these by the values at the step.
    /// Results for later spikes are undefined.
    pub fn of(&self, level: SimdLevel, steps: &[i32], traces: &mut [F]) {
        at_level(level, TraceAtSpikes(self, steps, traces));
    }

    /// As `of`, from the last two spikes (the later one first): uses the earlier one if the later one is after the step.
    pub fn of_two(&self, level: SimdLevel, steps: [&[i32]; 2], found: [&[F]; 2], traces: &mut [F]) {
        at_level(level, TraceAtTwoSpikes(self, steps, found, traces));
    }

    /// As `of`, for the newest spikes, none of which is after the step.
    pub fn of_pairs(&self, level: SimdLevel, pairs: &[Pair<F>], traces: &mut [F]) {
        struct OfPairs<'a, F>(&'a TraceAt<F>, &'a [Pair<F>], &'a mut [F]);
        impl<F: Precision> Work for OfPairs<'_, F> {
            type Output = ();

            #[inline(always)]
            fn run(self) {
                for (trace, pair) in self.2.iter_mut().zip(self.1) {
                    *trace = self.0.find(pair.steps[0], pair.found[0]);
                }
            }
        }
        at_level(level, OfPairs(self, pairs, traces));
    }

    /// As `of_pairs`, for a trace whose values are stored separately.
    pub fn of_halves(&self, level: SimdLevel, pairs: &[Pair<F>], found: &[[F; 2]], traces: &mut [F]) {
        struct OfHalves<'a, F>(&'a TraceAt<F>, &'a [Pair<F>], &'a [[F; 2]], &'a mut [F]);
        impl<F: Precision> Work for OfHalves<'_, F> {
            type Output = ();

            #[inline(always)]
            fn run(self) {
                for ((trace, pair), found) in self.3.iter_mut().zip(self.1).zip(self.2) {
                    *trace = self.0.find(pair.steps[0], found[0]);
                }
            }
        }
        at_level(level, OfHalves(self, pairs, found, traces));
    }

    #[inline(always)]
    fn find(&self, step: i32, trace: F) -> F {
        let excluded = if self.seen { i32::MAX } else { self.at };
        let one = <F as Real>::ONE;
        let after = if matches!(self.jump, Jump::Add) { trace + one } else { one };
        let decayed = after * self.decay.of(self.at - step);
        let x = if step == excluded { trace } else { decayed };
        if step == NEVER { <F as Real>::ZERO } else { x }
    }
}

struct TraceAtSpikes<'a, F>(&'a TraceAt<F>, &'a [i32], &'a mut [F]);

impl<F: Precision> Work for TraceAtSpikes<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let TraceAtSpikes(found, steps, traces) = self;
        for (trace, &step) in traces.iter_mut().zip(steps) {
            *trace = found.find(step, *trace);
        }
    }
}

struct TraceAtTwoSpikes<'a, F>(&'a TraceAt<F>, [&'a [i32]; 2], [&'a [F]; 2], &'a mut [F]);

impl<F: Precision> Work for TraceAtTwoSpikes<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let TraceAtTwoSpikes(found, [later, earlier], [of_later, of_earlier], traces) = self;
        let both = later.iter().zip(earlier).zip(of_later.iter().zip(of_earlier));
        for (trace, ((&later, &earlier), (&of_later, &of_earlier))) in traces.iter_mut().zip(both) {
            let late = later > found.at;
            // Selected without a branch as in `take`.
            let step = select_unpredictable(late, earlier, later);
            *trace = found.find(step, select_unpredictable(late, of_earlier, of_later));
        }
    }
}

/// The time in ms from each synapse's last event to `late` steps after each of `steps`.
pub fn elapse<F: Precision>(
    level: SimdLevel,
    dt: f64,
    late: i32,
    steps: &[i32],
    since: &[i32],
    out: &mut [F],
) {
    struct Elapse<'a, F>(F, i32, &'a [i32], &'a [i32], &'a mut [F]);
    impl<F: Precision> Work for Elapse<'_, F> {
        type Output = ();

        #[inline(always)]
        fn run(self) {
            let Elapse(dt, late, steps, since, out) = self;
            for ((out, &since), &step) in out.iter_mut().zip(since).zip(steps) {
                *out = F::of_steps(step + late - since) * dt;
            }
        }
    }
    at_level(level, Elapse(<F as Real>::from_f64(dt), late, steps, since, out));
}
