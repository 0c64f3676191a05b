//! Arguments and results of a run.

use lapicque_base::real::Real;
use smallvec::SmallVec;

use super::program::ArgSlot;

/// One argument of a run: the same value for all elements, or one per element.
#[derive(Debug, Clone, Copy)]
pub enum Arg<'a, F> {
    Uniform(F),
    Elements(&'a [F]),
}

impl<'a, F: Copy> Arg<'a, F> {
    pub(super) fn is_uniform(&self) -> bool {
        matches!(self, Arg::Uniform(_))
    }

    /// Elements `from..from + n`.
    #[inline(always)]
    pub(super) fn part(self, from: usize, n: usize) -> Arg<'a, F> {
        match self {
            Arg::Uniform(x) => Arg::Uniform(x),
            Arg::Elements(x) => Arg::Elements(&x[from..][..n]),
        }
    }
}

/// The arguments of a run, stored on the stack. A kernel is called for some hundreds of elements, so preparing arrays for the
/// largest program would cost as much as running a small one.
pub type Args<'a, F> = SmallVec<[Arg<'a, F>; 32]>;

/// Fills `args` with `of` of each slot. Each element is written in place: calls are so frequent that growing or moving the
/// array would cost as much as its content.
#[inline(always)]
pub fn set_args<'a, F: Real>(args: &mut Args<'a, F>, slots: &[ArgSlot], of: impl Fn(ArgSlot) -> Arg<'a, F>) {
    args.clear();
    args.resize(slots.len(), Arg::Uniform(F::ZERO));
    args.iter_mut().zip(slots).for_each(|(arg, &slot)| *arg = of(slot));
}

/// The destinations of a run's results.
pub type Outs<'a, F> = SmallVec<[&'a mut [F]; 12]>;
