//! The loops over the synapses of a row, each compiled for every SIMD level. They compute with the
//! steps of [`History`](super::history::History).

use super::at_level::{Work, at_level};
use super::history::{Decay, NEVER};
use super::precision::Precision;
use lapicque_base::real::Real;
use lapicque_base::simd::SimdLevel;
use lapicque_plasticity::Jump;
use lapicque_projection::pack_spikes;

/// `out[i] = table[lanes[i]]`.
pub fn gather<L: Copy + Into<u32>, T: Copy>(level: SimdLevel, table: &[T], lanes: &[L], out: &mut [T]) {
    struct Gather<'a, L, T>(&'a [T], &'a [L], &'a mut [T]);
    impl<L: Copy + Into<u32>, T: Copy> Work for Gather<'_, L, T> {
        #[inline(always)]
        fn run(self) {
            let Gather(table, lanes, out) = self;
            for (out, &lane) in out.iter_mut().zip(lanes) {
                *out = table[lane.into() as usize];
            }
        }
    }
    at_level(level, Gather(table, lanes, out));
}

/// Of pairs the first and the second.
pub fn gather_pairs<L: Copy + Into<u32>>(
    level: SimdLevel,
    table: &[[i32; 2]],
    lanes: &[L],
    [first, second]: [&mut [i32]; 2],
) {
    struct Gather<'a, L>(&'a [[i32; 2]], &'a [L], [&'a mut [i32]; 2]);
    impl<L: Copy + Into<u32>> Work for Gather<'_, L> {
        #[inline(always)]
        fn run(self) {
            let Gather(table, lanes, [first, second]) = self;
            for ((first, second), &lane) in first.iter_mut().zip(second).zip(lanes) {
                [*first, *second] = table[lane.into() as usize];
            }
        }
    }
    at_level(level, Gather(table, lanes, [first, second]));
}

/// Steps after the first and up to the second.
#[derive(Debug, Clone, Copy)]
pub struct Window(pub i32, pub i32);

impl Window {
    #[inline(always)]
    pub fn has(self, step: i32) -> bool {
        (step > self.0) & (step <= self.1)
    }

    /// Marks those of some steps that it has.
    pub fn mark(self, level: SimdLevel, steps: &[i32], marks: &mut Marks) {
        struct Mark<'a>(Window, &'a [i32], &'a mut [f32]);
        impl Work for Mark<'_> {
            #[inline(always)]
            fn run(self) {
                for (mark, &step) in self.2.iter_mut().zip(self.1) {
                    *mark = if self.0.has(step) { 1.0 } else { 0.0 };
                }
            }
        }
        let (n, whole) = (steps.len(), steps.len().next_multiple_of(WORD));
        marks.lanes.resize(whole.max(marks.lanes.len()), 0.0);
        marks.words.resize(whole / WORD, 0);
        at_level(level, Mark(self, steps, &mut marks.lanes[..n]));
        marks.lanes[n..whole].fill(0.0);
        pack_spikes(level, &marks.lanes[..whole], &mut marks.words);
    }
}

/// Which places of a row are meant, as bits: they are counted and found word by word.
#[derive(Default)]
pub struct Marks {
    lanes: Vec<f32>,
    words: Vec<u64>,
}

const WORD: usize = u64::BITS as usize;

impl Marks {
    pub fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// The places, ascending.
    pub fn places(&self, places: &mut Vec<u32>) {
        places.clear();
        for (i, &word) in self.words.iter().enumerate() {
            let mut word = word;
            while word != 0 {
                places.push((i * WORD) as u32 + word.trailing_zeros());
                word &= word - 1;
            }
        }
    }
}

/// Takes the new values of those whose step is in the window.
pub fn take<T: Copy>(level: SimdLevel, window: Window, steps: &[i32], new: &[T], values: &mut [T]) {
    struct Take<'a, T>(Window, &'a [i32], &'a [T], &'a mut [T]);
    impl<T: Copy> Work for Take<'_, T> {
        #[inline(always)]
        fn run(self) {
            let Take(window, steps, new, values) = self;
            for ((value, &new), &step) in values.iter_mut().zip(new).zip(steps) {
                *value = if window.has(step) { new } else { *value };
            }
        }
    }
    at_level(level, Take(window, steps, new, values));
}

/// A trace that is `value` at step 0, `late` steps after each of some steps.
pub fn fade<F: Precision>(
    level: SimdLevel,
    decay: Decay<F>,
    value: F,
    late: i32,
    steps: &[i32],
    out: &mut [F],
) {
    struct Fade<'a, F>(Decay<F>, F, i32, &'a [i32], &'a mut [F]);
    impl<F: Precision> Work for Fade<'_, F> {
        #[inline(always)]
        fn run(self) {
            let Fade(decay, value, late, steps, out) = self;
            for (out, &step) in out.iter_mut().zip(steps) {
                *out = value * decay.of(step + late);
            }
        }
    }
    at_level(level, Fade(decay, value, late, steps, out));
}

/// Traces as they are found at a step.
pub struct Found<F> {
    pub decay: Decay<F>,
    pub jump: Jump,
    pub at: i32,
    /// Whether a spike at that very step is seen.
    pub seen: bool,
}

impl<F: Precision> Found<F> {
    /// Of neurons whose last spikes, at `steps`, found the values of `traces`; these become those at the
    /// step. Later spikes give nothing of meaning.
    pub fn of(&self, level: SimdLevel, steps: &[i32], traces: &mut [F]) {
        at_level(level, Finding(self, steps, traces));
    }
}

struct Finding<'a, F>(&'a Found<F>, &'a [i32], &'a mut [F]);

impl<F: Precision> Work for Finding<'_, F> {
    #[inline(always)]
    fn run(self) {
        let Finding(found, steps, traces) = self;
        let (decay, at) = (found.decay, found.at);
        let unseen = if found.seen { i32::MAX } else { at };
        let add = matches!(found.jump, Jump::Add);
        for (trace, &step) in traces.iter_mut().zip(steps) {
            let after = if add { *trace + <F as Real>::ONE } else { <F as Real>::ONE };
            let faded = after * decay.of(at - step);
            let x = if step == unseen { *trace } else { faded };
            *trace = if step == NEVER { <F as Real>::ZERO } else { x };
        }
    }
}

/// The time in ms from each synapse's last event to one `late` steps after each of some steps.
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

/// Sends weights to their targets, as [`Precision::deliver_each`] says.
#[must_use]
pub fn deliver<F: Precision>(
    level: SimdLevel,
    targets: &[F::Target],
    weights: &[F],
    units: f64,
    sums: &mut [F::Sum],
) -> bool {
    struct Deliver<'a, F: Precision>(&'a [F::Target], &'a [F], f64, &'a mut [F::Sum], &'a mut bool);
    impl<F: Precision> Work for Deliver<'_, F> {
        #[inline(always)]
        fn run(self) {
            *self.4 = F::deliver_each(self.0, self.1, self.2, self.3);
        }
    }
    let mut within = false;
    at_level(level, Deliver(targets, weights, units, sums, &mut within));
    within
}
