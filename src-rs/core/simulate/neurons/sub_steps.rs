//! Steps of populations whose method uses several sub-steps (`subSteps`, `tolerance`), each of which is a program.

use super::compacted::Compacted;
use crate::representation::precision::Precision;
use crate::representation::tiles::TILE;
use lapicque_base::real::Real;
use lapicque_base::simd::SimdLevel;
use lapicque_dynamics::{Adaptive, Bound};
use lapicque_expr::{Arg, ArgSlot, Args, Kernel, Outs, Program, set_args};

pub struct SubSteps<F: Precision> {
    pub(crate) variables: usize,
    before: Part<F>,
    sub_step: Kernel<F>,
    after: Part<F>,
    /// The numbers of sub-steps among which the error estimate chooses, ascending; otherwise one number.
    pub(crate) choices: Vec<Choice<F>>,
}

/// A number of sub-steps.
pub(crate) struct Choice<F> {
    pub sub_steps: usize,
    /// Arguments of a sub-step of this length.
    args: Vec<ArgSlot>,
    /// The largest allowed error of each sub-step.
    most: F,
    /// The largest error of a single sub-step, as long as the step, at which this number is chosen.
    pub from: F,
}

struct Part<F: Real> {
    args: Vec<ArgSlot>,
    kernel: Kernel<F>,
}

/// Scratch buffers of a step.
#[derive(Default)]
pub struct SubStepScratch<F> {
    variables: Vec<F>,
    compacted: Compacted<F>,
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

impl<F: Precision> SubSteps<F> {
    /// `None` if all sub-steps would be executed and interpreted: the whole step then needs fewer calls.
    pub fn new(bound: &Bound, level: SimdLevel) -> Option<Self> {
        let rolled = bound.rolled.as_ref()?;
        let sub_step = Kernel::new(&rolled.sub_step, level);
        let is_worthwhile = sub_step.is_native() || rolled.adaptive.is_some();
        is_worthwhile.then(|| SubSteps {
            variables: rolled.sub_step.outs.len(),
            before: Part::new(&rolled.before, level),
            sub_step,
            after: Part::new(&rolled.after, level),
            choices: choices(rolled.count, &rolled.sub_step, rolled.adaptive.as_ref()),
        })
    }

    /// Number of neurons per call. With a fixed number of sub-steps, the variables of half a tile stay in the first-level
    /// cache. With a tolerance, neurons that need more sub-steps are compacted, which pays only for larger groups.
    pub fn at_once(&self) -> usize {
        if self.choices.len() > 1 { TILE } else { TILE / 2 }
    }

    /// As [`Kernel::step`] for at most [`TILE`] neurons; all sub-steps of these neurons are completed in one call.
    /// `read`: the arguments of the step; `buffers` and `scratch` grow as needed.
    pub fn step<'a>(
        &self,
        neuron_slots: usize,
        read: impl Fn(ArgSlot) -> Arg<'a, F>,
        outs: &mut [&mut [F]],
        words: &mut [u64],
        buffers: &mut SubStepScratch<F>,
        scratch: &mut Vec<F>,
    ) {
        let SubStepScratch { variables, compacted } = buffers;
        variables.resize(2 * self.variables * TILE, <F as Real>::ZERO);
        let (mut now, mut next) = variables.split_at_mut(self.variables * TILE);
        self.before.kernel.run(neuron_slots, &self.before.args(&read), &mut each(now, neuron_slots), scratch);
        let [first, others @ ..] = &self.choices[..] else { unreachable!("choices are never empty") };
        for _ in 0..first.sub_steps {
            self.sub_step(first, neuron_slots, &read, [now, next], scratch);
            std::mem::swap(&mut now, &mut next);
        }
        if !others.is_empty() {
            // The single sub-step read `next` and wrote `now`, because the buffers have been swapped.
            compacted.again(self, neuron_slots, &read, (next, now), scratch);
        }
        let args = self.after.args(|slot| variable(now, slot, neuron_slots).unwrap_or_else(|| read(slot)));
        self.after.kernel.step(neuron_slots, &args, outs, words, scratch);
    }

    /// Computes one sub-step from the variables in `now` to those in `next`.
    pub(crate) fn sub_step<'a>(
        &self,
        choice: &Choice<F>,
        neuron_slots: usize,
        read: impl Fn(ArgSlot) -> Arg<'a, F>,
        [now, next]: [&mut [F]; 2],
        scratch: &mut Vec<F>,
    ) {
        let mut args = Args::new();
        set_args(&mut args, &choice.args, |slot| {
            variable(now, slot, neuron_slots).unwrap_or_else(|| read(slot))
        });
        self.sub_step.run(neuron_slots, &args, &mut each(next, neuron_slots), scratch);
    }
}

impl<F: Real> Choice<F> {
    /// Whether a sub-step with this error is accepted; NaN is not.
    pub fn holds(&self, error: F) -> bool {
        error <= self.most
    }

    /// The arguments of a sub-step in addition to its variables.
    pub fn read(&self) -> impl Iterator<Item = ArgSlot> {
        self.args.iter().copied().filter(|slot| !matches!(slot, ArgSlot::Variable(_)))
    }
}

fn choices<F: Real>(count: usize, sub_step: &Program, adaptive: Option<&Adaptive>) -> Vec<Choice<F>> {
    let infinite = F::from_f64(f64::INFINITY);
    let all = Choice { sub_steps: count, args: sub_step.args.clone(), most: infinite, from: infinite };
    let Some(Adaptive { tolerance, candidates }) = adaptive else { return vec![all] };
    let candidates = candidates.iter().map(|candidate| {
        let in_place = |slot: &ArgSlot| match *slot {
            ArgSlot::Coef(k) => {
                let pair = candidate.slots.iter().find(|&&(short, _)| short == k);
                ArgSlot::Coef(pair.map_or(k, |&(_, long)| long))
            }
            other => other,
        };
        Choice {
            sub_steps: candidate.sub_steps,
            args: sub_step.args.iter().map(in_place).collect(),
            most: F::from_f64(*tolerance),
            // The error of this method is of second order, so it falls with the cube of the number of sub-steps.
            from: F::from_f64(tolerance * (candidate.sub_steps as f64).powi(3)),
        }
    });
    candidates.chain([all]).collect()
}

fn variable<F>(of: &[F], slot: ArgSlot, neuron_slots: usize) -> Option<Arg<'_, F>> {
    match slot {
        ArgSlot::Variable(i) => Some(Arg::Elements(&of[i * TILE..][..neuron_slots])),
        _ => None,
    }
}

fn each<F>(of: &mut [F], neuron_slots: usize) -> Outs<'_, F> {
    of.chunks_exact_mut(TILE).map(|x| &mut x[..neuron_slots]).collect()
}
