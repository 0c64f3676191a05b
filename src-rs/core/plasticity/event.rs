//! The program of an event, ready to run on many synapses at once.

use super::bind::Bound;
use lapicque_base::real::Real;
use lapicque_base::simd::SimdLevel;
use lapicque_expr::{Arg, ArgSlot, Kernel, Program};
use smallvec::SmallVec;

pub struct EventKernel<F: Real> {
    kernel: Kernel<F>,
    args: Vec<ArgSlot>,
    outs: usize,
    coefs: Vec<F>,
}

impl<F: Real> EventKernel<F> {
    /// `program` is one of `rule`'s.
    pub fn new(rule: &Bound, program: &Program, level: SimdLevel) -> Self {
        EventKernel {
            kernel: Kernel::new(program, level),
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
        self.args.contains(&slot)
    }

    /// One entry a synapse: `states` by variable, `ports` by trace with the elapsed time last.
    pub fn run(
        &self,
        lanes: usize,
        states: &[&[F]],
        ports: &[&[F]],
        outs: &mut [&mut [F]],
        scratch: &mut Vec<F>,
    ) {
        let args: SmallVec<[Arg<F>; 16]> = (self.args.iter())
            .map(|slot| match *slot {
                ArgSlot::State(i) => Arg::Lanes(states[i]),
                ArgSlot::Port(i) => Arg::Lanes(ports[i]),
                ArgSlot::Coef(i) => Arg::Uniform(self.coefs[i]),
                // The programs of events read nothing else.
                _ => Arg::Uniform(F::ZERO),
            })
            .collect();
        self.kernel.run(lanes, &args, outs, scratch);
    }
}
