//! How a population takes a step of several rounds of a method (`subSteps`) whose round is compiled ahead.

use super::precision::Precision;
use lapicque_base::real::Real;
use lapicque_base::simd::SimdLevel;
use lapicque_dynamics::Bound;
use lapicque_expr::{Arg, ArgSlot, Args, Kernel, Outs, Program, set_args};

/// Neurons that go through all rounds of a step before the next do: what a round leaves stays in the first-level cache.
pub const LANES: usize = 256;

pub struct Rolled<F: Precision> {
    rounds: usize,
    variables: usize,
    before: Part<F>,
    round: Part<F>,
    after: Part<F>,
}

struct Part<F: Real> {
    args: Vec<ArgSlot>,
    kernel: Kernel<F>,
}

impl<F: Real> Part<F> {
    fn new(program: &Program, level: SimdLevel) -> Self {
        Part { args: program.args.clone(), kernel: Kernel::new(program, level) }
    }

    fn args<'a>(&self, read: impl Fn(ArgSlot) -> Arg<'a, F>) -> Args<'a, F> {
        let mut args = Args::new();
        set_args(&mut args, &self.args, read);
        args
    }
}

impl<F: Precision> Rolled<F> {
    /// None where a round would be interpreted: the whole step then takes fewer calls.
    pub fn new(bound: &Bound, level: SimdLevel) -> Option<Self> {
        let rolled = bound.rolled.as_ref()?;
        let round = Part::new(&rolled.round, level);
        round.kernel.is_native().then(|| Rolled {
            rounds: rolled.count,
            variables: rolled.round.outs.len(),
            before: Part::new(&rolled.before, level),
            round,
            after: Part::new(&rolled.after, level),
        })
    }

    /// As [`Kernel::step`] of at most [`LANES`] lanes. `read`: the arguments of the step; `room` and `scratch` grow as needed.
    pub fn step<'a>(
        &self,
        lanes: usize,
        read: impl Fn(ArgSlot) -> Arg<'a, F>,
        outs: &mut [&mut [F]],
        words: &mut [u64],
        [room, scratch]: [&mut Vec<F>; 2],
    ) {
        room.resize(2 * self.variables * LANES, <F as Real>::ZERO);
        let (mut now, mut next) = room.split_at_mut(self.variables * LANES);
        self.before.kernel.run(lanes, &self.before.args(&read), &mut each(now, lanes), scratch);
        for _ in 0..self.rounds {
            let args = self.round.args(|slot| variable(now, slot, lanes).unwrap_or_else(|| read(slot)));
            self.round.kernel.run(lanes, &args, &mut each(next, lanes), scratch);
            drop(args);
            std::mem::swap(&mut now, &mut next);
        }
        let args = self.after.args(|slot| variable(now, slot, lanes).unwrap_or_else(|| read(slot)));
        self.after.kernel.step(lanes, &args, outs, words, scratch);
    }
}

fn variable<F>(of: &[F], slot: ArgSlot, lanes: usize) -> Option<Arg<'_, F>> {
    match slot {
        ArgSlot::Variable(i) => Some(Arg::Lanes(&of[i * LANES..][..lanes])),
        _ => None,
    }
}

fn each<F>(of: &mut [F], lanes: usize) -> Outs<'_, F> {
    of.chunks_exact_mut(LANES).map(|x| &mut x[..lanes]).collect()
}
