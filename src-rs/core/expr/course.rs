//! Runs several steps of a program; the states of each step are the input of the next. Preparing the arguments of a step costs
//! as much as a small neuron, and little of it changes between steps.

use super::args::{Arg, Args, Outs};
use super::kernel::Kernel;
use lapicque_base::cache::prefetch;
use lapicque_base::real::Real;
use std::marker::PhantomData;
use std::ops::Range;

/// An argument over several steps.
#[derive(Debug, Clone, Copy)]
pub enum Course<'a, F> {
    /// The same at every step.
    Same(Arg<'a, F>),
    /// Separate elements for every step; the steps are consecutive.
    Each(&'a [F]),
    /// The state with this index before the step.
    State(usize),
}

/// A state over several steps: the elements before step 0, and slots that receive the state after each step in turn.
pub struct StateCourse<'a, F> {
    begin: &'a [F],
    slots: *mut F,
    blocks: usize,
    /// Whether the cache lines of the next step are prefetched.
    needs_prefetch: bool,
    borrowed: PhantomData<&'a mut [F]>,
}

impl<'a, F> StateCourse<'a, F> {
    /// `slots = [blocks][begin.len()]`: the state after step `t` is stored in block `t % blocks`. `needs_prefetch`: the slots are in
    /// slow memory, so lines are prefetched. Panics if `slots` has another length.
    pub fn new(begin: &'a [F], slots: &'a mut [F], blocks: usize, needs_prefetch: bool) -> Self {
        assert_eq!(slots.len(), blocks * begin.len(), "the places of a state");
        StateCourse { begin, slots: slots.as_mut_ptr(), blocks, needs_prefetch, borrowed: PhantomData }
    }

    fn slot(&self, t: usize) -> *mut F {
        let block = if t < self.blocks { t } else { t % self.blocks };
        self.slots.wrapping_add(block * self.begin.len())
    }

    /// The state before step `t`.
    ///
    /// # Safety
    /// No mutable reference to the slot of step `t - 1` may exist.
    unsafe fn before(&self, t: usize) -> &'a [F] {
        match t.checked_sub(1) {
            None => self.begin,
            // SAFETY: a block of the slots, which are borrowed for 'a; the caller guarantees the rest.
            Some(t) => unsafe { std::slice::from_raw_parts(self.slot(t), self.begin.len()) },
        }
    }

    /// The slot for the state after step `t`.
    ///
    /// # Safety
    /// No other reference to the slot of step `t` may exist.
    unsafe fn after(&self, t: usize) -> &'a mut [F] {
        // SAFETY: as above.
        unsafe { std::slice::from_raw_parts_mut(self.slot(t), self.begin.len()) }
    }

    fn prefetch_slot(&self, t: usize) {
        if self.needs_prefetch && self.blocks > 2 && t < self.blocks {
            let line = 64 / size_of::<F>();
            (0..self.begin.len().div_ceil(line)).for_each(|i| prefetch(self.slot(t).wrapping_add(i * line)));
        }
    }
}

impl<F: Real> Kernel<F> {
    /// [`step`](Self::step) for each of `steps`, with the same results. `args`: in the order of the program's arguments;
    /// `states`: in the order of its outputs; `words`: those of all steps, consecutive. Panics if a slice is too short, or if
    /// a state has one slot for more than one step.
    pub fn steps(
        &self,
        elements: usize,
        steps: Range<usize>,
        args: &[Course<F>],
        states: &mut [StateCourse<F>],
        words: &mut [u64],
        scratch: &mut Vec<F>,
    ) {
        let is_single_step = steps.end <= 1;
        assert!(
            states.iter().all(|state| state.begin.len() == elements && (is_single_step || state.blocks > 1))
        );
        let each = words.len() / steps.len().max(1);
        let mut now = Args::new();
        now.extend(args.iter().map(|course| match course {
            Course::Same(arg) => *arg,
            Course::Each(_) | Course::State(_) => Arg::Elements(&[]),
        }));
        let mut outs = Outs::new();
        outs.extend(states.iter().map(|_| <&mut [F]>::default()));
        for (i, t) in steps.enumerate() {
            for (arg, course) in now.iter_mut().zip(args) {
                match *course {
                    Course::Same(_) => {}
                    Course::Each(elements_of_all) => {
                        *arg = Arg::Elements(&elements_of_all[i * elements..(i + 1) * elements])
                    }
                    // SAFETY: the reference that could write to the slot of the previous step is replaced below before
                    // anything is read or written.
                    Course::State(s) => *arg = Arg::Elements(unsafe { states[s].before(t) }),
                }
            }
            for (out, state) in outs.iter_mut().zip(&*states) {
                // SAFETY: arguments refer to the slot of step `t - 1`, which is a different one.
                *out = unsafe { state.after(t) };
                state.prefetch_slot(t + 1);
            }
            self.step(elements, &now, &mut outs, &mut words[i * each..(i + 1) * each], scratch);
        }
    }
}
