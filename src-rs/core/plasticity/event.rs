//! The program of an event, ready to run on many synapses at once.

use super::bind::Bound;
use lapicque_base::real::Real;
use lapicque_base::simd::SimdLevel;
use lapicque_expr::{Arg, ArgSlot, Kernel, Program};
use smallvec::SmallVec;
use std::ops::Deref;

pub struct EventKernel<F: Real> {
    kernel: Kernel<F>,
    args: Vec<ArgSlot>,
    /// A bit for each of the first ports: rows are short, and ask much.
    ports: u64,
    outs: usize,
    coefs: Vec<F>,
}

impl<F: Real> EventKernel<F> {
    /// `program` is one of `rule`'s.
    pub fn new(rule: &Bound, program: &Program, level: SimdLevel) -> Self {
        Self::with_uniform(rule, program, level, |_| false)
    }

    /// The same where some of what is read of each synapse is one number for all of them.
    pub fn with_uniform(
        rule: &Bound,
        program: &Program,
        level: SimdLevel,
        is_uniform: impl Fn(ArgSlot) -> bool,
    ) -> Self {
        let mut program = program.clone();
        let slots = program.uniform.iter_mut().zip(&program.args);
        slots.for_each(|(uniform, &slot)| *uniform |= is_uniform(slot));
        EventKernel {
            kernel: Kernel::new(&program, level),
            ports: (0..u64::BITS as usize)
                .filter(|&port| program.args.contains(&ArgSlot::Port(port)))
                .fold(0, |ports, port| ports | 1 << port),
            args: program.args.clone(),
            outs: program.outs.len(),
            coefs: rule.coefs.iter().map(|&x| F::from_f64(x)).collect(),
        }
    }

    /// Variables after the event, then what is transmitted if the event transmits.
    pub fn outs(&self) -> usize {
        self.outs
    }

    pub fn reads(&self, slot: ArgSlot) -> bool {
        match slot {
            ArgSlot::Port(port) if port < u64::BITS as usize => self.ports >> port & 1 == 1,
            _ => self.args.contains(&slot),
        }
    }

    /// One entry a synapse: `states` by variable, `ports` by trace with the elapsed time last; what is longer than `lanes`
    /// is read so far.
    pub fn run(
        &self,
        lanes: usize,
        states: &[impl Deref<Target = [F]>],
        ports: &[impl Deref<Target = [F]>],
        outs: &mut [&mut [F]],
        scratch: &mut Vec<F>,
    ) {
        let of = |slot| match slot {
            ArgSlot::State(i) => Arg::Lanes(&states[i][..]),
            ArgSlot::Port(i) => Arg::Lanes(&ports[i][..]),
            // The programs of events read nothing else.
            _ => Arg::Uniform(F::ZERO),
        };
        self.run_of(lanes, of, outs, scratch);
    }

    /// The same with what `of` says of each state and port.
    #[inline]
    pub fn run_of<'a>(
        &self,
        lanes: usize,
        of: impl Fn(ArgSlot) -> Arg<'a, F>,
        outs: &mut [&mut [F]],
        scratch: &mut Vec<F>,
    ) {
        // Each written where it stays: rows are short, and there are many of them.
        let mut args: SmallVec<[Arg<F>; 16]> = SmallVec::from_elem(Arg::Uniform(F::ZERO), self.args.len());
        for (arg, slot) in args.iter_mut().zip(&self.args) {
            *arg = match *slot {
                ArgSlot::Coef(i) => Arg::Uniform(self.coefs[i]),
                slot => of(slot),
            };
        }
        self.kernel.run(lanes, &args, outs, scratch);
    }
}
