//! The loops over the synapses of a row, each compiled for every SIMD level. They compute with the
//! steps of [`History`](super::history::History).

use super::at_level::{Work, at_level};
use super::history::{Decay, NEVER};
use super::precision::Precision;
use lapicque_base::real::Real;
use lapicque_base::simd::SimdLevel;
use lapicque_plasticity::Jump;

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

/// Steps after the first and up to the second.
#[derive(Debug, Clone, Copy)]
pub struct Window(pub i32, pub i32);

impl Window {
    #[inline(always)]
    pub fn has(self, step: i32) -> bool {
        (step > self.0) & (step <= self.1)
    }

    pub fn count(self, level: SimdLevel, steps: &[i32]) -> usize {
        struct Count<'a>(Window, &'a [i32], &'a mut u32);
        impl Work for Count<'_> {
            #[inline(always)]
            fn run(self) {
                *self.2 = self.1.iter().map(|&step| u32::from(self.0.has(step))).sum();
            }
        }
        let mut count = 0;
        at_level(level, Count(self, steps, &mut count));
        count as usize
    }

    /// The places of those of some steps that it has, ascending.
    pub fn places(self, steps: &[i32], places: &mut Vec<u32>) {
        places.resize(steps.len() + 1, 0);
        let mut count = 0;
        for (place, &step) in steps.iter().enumerate() {
            // Without a branch, which would be foretold wrongly: what is too much is written over.
            places[count] = place as u32;
            count += usize::from(self.has(step));
        }
        places.truncate(count);
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

/// Sends weights to their targets.
pub fn deliver<F: Precision>(
    level: SimdLevel,
    targets: &[F::Target],
    weights: &[F],
    units: f64,
    sums: &mut [F::Sum],
) {
    struct Deliver<'a, F: Precision>(&'a [F::Target], &'a [F], f64, &'a mut [F::Sum]);
    impl<F: Precision> Work for Deliver<'_, F> {
        #[inline(always)]
        fn run(self) {
            F::deliver_each(self.0, self.1, self.2, self.3);
        }
    }
    at_level(level, Deliver(targets, weights, units, sums));
}
