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
    /// A bit for each of the first 64 ports: rows are short, so the test must be fast.
    ports: u64,
    outs: usize,
    coefs: Vec<F>,
}

impl<F: Real> EventKernel<F> {
    /// `program` is one of `rule`'s.
    pub fn new(rule: &Bound, program: &Program, level: SimdLevel) -> Self {
        Self::with_uniform(rule, program, level, |_| false)
    }

    /// As `new`, where some arguments have one value for all synapses.
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

    /// Number of outputs: the variables, and the transmitted weight if the event transmits.
    pub fn outs(&self) -> usize {
        self.outs
    }

    pub fn reads(&self, slot: ArgSlot) -> bool {
        match slot {
            ArgSlot::Port(port) if port < u64::BITS as usize => self.ports >> port & 1 == 1,
            _ => self.args.contains(&slot),
        }
    }

    /// One element per synapse: `states` by variable, `ports` by trace with the elapsed time last. Elements beyond `elements` are
    /// ignored.
    pub fn run(
        &self,
        elements: usize,
        states: &[impl Deref<Target = [F]>],
        ports: &[impl Deref<Target = [F]>],
        outs: &mut [&mut [F]],
        scratch: &mut Vec<F>,
    ) {
        let of = |slot| match slot {
            ArgSlot::State(i) => Arg::Elements(&states[i][..]),
            ArgSlot::Port(i) => Arg::Elements(&ports[i][..]),
            // The programs of events read no other arguments.
            _ => Arg::Uniform(F::ZERO),
        };
        self.run_of(elements, of, outs, scratch);
    }

    /// As `run`, where `of` returns each state and port.
    #[inline]
    pub fn run_of<'a>(
        &self,
        elements: usize,
        of: impl Fn(ArgSlot) -> Arg<'a, F>,
        outs: &mut [&mut [F]],
        scratch: &mut Vec<F>,
    ) {
        // Written in place, because rows are short and numerous.
        let mut args: SmallVec<[Arg<F>; 16]> = SmallVec::from_elem(Arg::Uniform(F::ZERO), self.args.len());
        for (arg, slot) in args.iter_mut().zip(&self.args) {
            *arg = match *slot {
                ArgSlot::Coef(i) => Arg::Uniform(self.coefs[i]),
                slot => of(slot),
            };
        }
        self.kernel.run(elements, &args, outs, scratch);
    }
}
