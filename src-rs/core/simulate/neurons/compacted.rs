//! Neurons whose step needs several sub-steps: neurons of a range with the same number of sub-steps are compacted. The
//! number follows from the neuron's own variables only, so it depends neither on its neighbors nor on the division of
//! work.

use super::sub_steps::{Choice, SubSteps};
use crate::representation::numbering::BLOCK;
use crate::representation::precision::Precision;
use crate::representation::tiles::TILE;
use lapicque_base::real::Real;
use lapicque_expr::step::VECTOR;
use lapicque_expr::{Arg, ArgSlot};

/// Scratch buffers for the sub-steps.
#[derive(Default)]
pub struct Compacted<F> {
    /// The variables before and after a sub-step, then the other arguments of a sub-step.
    buffers: [Vec<F>; 3],
    /// Neurons that need more than one sub-step, and their chosen numbers of sub-steps.
    chosen: Vec<(usize, usize)>,
    /// Positions in `chosen` of the neurons that are processed together, and whether a sub-step of theirs had too large
    /// an error.
    group: Vec<usize>,
    rejected: Vec<bool>,
}

impl<F: Precision> Compacted<F> {
    /// Computes the neurons that need several sub-steps. `now`: the variables before the step; `next`: the variables after a
    /// single sub-step, which are replaced for these neurons.
    pub fn again<'a>(
        &mut self,
        rolled: &SubSteps<F>,
        neuron_slots: usize,
        read: impl Fn(ArgSlot) -> Arg<'a, F>,
        (now, next): (&[F], &mut [F]),
        scratch: &mut Vec<F>,
    ) {
        let last = rolled.choices.len() - 1;
        let errors = &next[(rolled.variables - 1) * TILE..][..neuron_slots];
        self.chosen.clear();
        for (block, errors) in errors.chunks(BLOCK).enumerate() {
            // All errors are checked at once, because no neuron of most blocks needs several sub-steps.
            if errors.iter().fold(true, |all, &error| all & (error <= rolled.choices[0].from)) {
                continue;
            }
            for (neuron_slot, &error) in errors.iter().enumerate() {
                let choice = (0..last).find(|&i| error <= rolled.choices[i].from).unwrap_or(last);
                self.chosen.extend((choice > 0).then_some((block * BLOCK + neuron_slot, choice)));
            }
        }
        for (i, choice) in rolled.choices.iter().enumerate().skip(1) {
            self.group.clear();
            self.group.extend((0..self.chosen.len()).filter(|&k| self.chosen[k].1 == i));
            if !self.group.is_empty() {
                self.take(rolled, choice, &read, now, scratch);
                self.put(last, next);
            }
        }
    }

    /// Runs the sub-steps of one choice for the neurons that made it.
    fn take<'a>(
        &mut self,
        rolled: &SubSteps<F>,
        choice: &Choice<F>,
        read: impl Fn(ArgSlot) -> Arg<'a, F>,
        now: &[F],
        scratch: &mut Vec<F>,
    ) {
        let Compacted { buffers: [before, after, others], chosen, group, rejected } = self;
        let own = group.len();
        let count = own.next_multiple_of(VECTOR).min(TILE);
        let pick = |to: &mut [F], from: &[F]| {
            to.iter_mut().zip(&*group).for_each(|(x, &k)| *x = from[chosen[k].0]);
            let (own, padding) = to[..count].split_at_mut(own);
            padding.fill(own[own.len() - 1]);
        };
        before.resize(rolled.variables * TILE, <F as Real>::ZERO);
        after.resize(rolled.variables * TILE, <F as Real>::ZERO);
        for (to, from) in before.chunks_exact_mut(TILE).zip(now.chunks_exact(TILE)) {
            pick(to, from);
        }
        others.resize(choice.read().count() * TILE, <F as Real>::ZERO);
        for (slot, to) in choice.read().zip(others.chunks_exact_mut(TILE)) {
            if let Arg::Elements(from) = read(slot) {
                pick(to, from);
            }
        }
        let read = |slot: ArgSlot| match read(slot) {
            Arg::Elements(_) => {
                let index = choice.read().position(|other| other == slot);
                index.map_or(Arg::Uniform(<F as Real>::ZERO), |k| Arg::Elements(&others[k * TILE..][..count]))
            }
            uniform => uniform,
        };
        rejected.clear();
        rejected.resize(own, false);
        for _ in 0..choice.sub_steps {
            rolled.sub_step(choice, count, read, [&mut *before, &mut *after], scratch);
            std::mem::swap(before, after);
            let errors = &before[(rolled.variables - 1) * TILE..];
            rejected.iter_mut().zip(errors).for_each(|(rejected, &error)| *rejected |= !choice.holds(error));
        }
    }

    /// Stores the results. A neuron with a sub-step of too large an error is moved to the last choice instead.
    fn put(&mut self, last: usize, next: &mut [F]) {
        let Compacted { buffers: [taken, ..], chosen, group, rejected } = self;
        for (index, (&k, &rejected)) in group.iter().zip(&*rejected).enumerate() {
            let (neuron_slot, choice) = &mut chosen[k];
            if rejected && *choice < last {
                *choice = last;
                continue;
            }
            for (to, from) in next.chunks_exact_mut(TILE).zip(taken.chunks_exact(TILE)) {
                to[*neuron_slot] = from[index];
            }
        }
    }
}
