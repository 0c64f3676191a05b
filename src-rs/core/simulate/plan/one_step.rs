//! One step of some neurons outside a run, in either precision: what a plan finds out about neurons before it stores them.

use lapicque_base::real::Real;
use lapicque_base::simd::SimdLevel;
use lapicque_dynamics::Bound;
use lapicque_expr::{Arg, ArgSlot, Args, Kernel, Program, set_args};
use std::ops::Range;

/// Neurons that are tested together.
const TOGETHER: usize = 4096;

/// Groups of neurons that are tested together. `lists`: values of neurons, one for all or one per neuron; if all have one
/// value, one neuron stands for all.
pub fn groups<'a>(lists: impl Iterator<Item = &'a Vec<f64>>) -> impl Iterator<Item = Range<usize>> {
    let neurons = lists.map(Vec::len).max().unwrap_or(1);
    (0..neurons).step_by(TOGETHER).map(move |from| from..(from + TOGETHER).min(neurons))
}

/// The values of a group, from one for all neurons or one per neuron.
pub fn of_group(values: &[f64], neurons: &Range<usize>) -> Vec<f64> {
    neurons.clone().map(|n| values[n.min(values.len() - 1)]).collect()
}

/// The initial states of a group.
pub fn initial_states(bound: &Bound, neurons: &Range<usize>) -> Vec<Vec<f64>> {
    bound.states.iter().map(|state| of_group(&state.init, neurons)).collect()
}

/// A program of neurons in one precision.
pub struct OneStep<F: Real> {
    program: Program,
    kernel: Kernel<F>,
}

/// The same for some neurons, with their coefficients.
pub struct Stepper<'a, F: Real> {
    step: &'a OneStep<F>,
    coefs: Vec<Vec<F>>,
    n: usize,
}

impl<F: Real> OneStep<F> {
    pub fn new(program: Program) -> Self {
        OneStep { kernel: Kernel::new(&program, SimdLevel::detect()), program }
    }

    pub fn of(&self, derived: &[Vec<f64>], neurons: &Range<usize>) -> Stepper<'_, F> {
        let rounded = |values: &Vec<f64>| of_group(values, neurons).into_iter().map(F::from_f64).collect();
        Stepper { step: self, coefs: derived.iter().map(rounded).collect(), n: neurons.len() }
    }
}

impl<F: Real> Stepper<'_, F> {
    /// The outputs of the program after a step. `states`, `ports`: by state or port, one value per neuron; ports that are not
    /// listed and random numbers are 0.
    pub fn after(&self, states: &[Vec<f64>], ports: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let OneStep { program, kernel } = self.step;
        let rounded = |lists: &[Vec<f64>]| -> Vec<Vec<F>> {
            lists.iter().map(|list| list.iter().map(|&x| F::from_f64(x)).collect()).collect()
        };
        let (states, ports, zeros) = (rounded(states), rounded(ports), vec![F::ZERO; self.n]);
        let is_uniform =
            |slot: ArgSlot| program.args.iter().zip(&program.uniform).any(|(&arg, &one)| one && arg == slot);
        let read = |slot: ArgSlot| match slot {
            ArgSlot::State(i) => Arg::Elements(&states[i][..]),
            ArgSlot::Port(port) if port < ports.len() => Arg::Elements(&ports[port][..]),
            ArgSlot::Coef(k) if is_uniform(slot) => Arg::Uniform(self.coefs[k][0]),
            ArgSlot::Coef(k) => Arg::Elements(&self.coefs[k][..]),
            _ => Arg::Elements(&zeros[..]),
        };
        let mut args = Args::new();
        set_args(&mut args, &program.args, read);
        let mut outs = vec![vec![F::ZERO; self.n]; program.outs.len()];
        let mut slices: Vec<&mut [F]> = outs.iter_mut().map(|out| &mut out[..]).collect();
        kernel.run(self.n, &args, &mut slices, &mut vec![]);
        outs.into_iter().map(|out| out.into_iter().map(Real::to_f64).collect()).collect()
    }
}
