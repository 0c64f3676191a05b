//! Runs a single neuron.

use crate::Bound;
use lapicque_base::simd::SimdLevel;
use lapicque_expr::{Arg, ArgSlot, Kernel};
use serde_json::Value;

/// By step: every state and, if the model spikes, the spike of one neuron with the given `input`.
pub fn run(spec: Value, dt: f64, input: &[f64]) -> Vec<Vec<f64>> {
    run_ports(spec, dt, &[input])
}

/// As [`run`], for a neuron with several inputs.
pub fn run_ports(spec: Value, dt: f64, inputs: &[&[f64]]) -> Vec<Vec<f64>> {
    let bound = Bound::new(&spec, 1, dt).unwrap();
    let kernel = Kernel::<f64>::new(&bound.forward, SimdLevel::detect());
    let params: Vec<Vec<f64>> = bound.params.iter().map(|param| param.values.clone()).collect();
    let coefs = bound.derive(&params);
    let mut state: Vec<f64> = bound.states.iter().map(|info| info.init[0]).collect();
    let step = |t: usize| {
        let args: Vec<Arg<f64>> = (bound.forward.args.iter())
            .map(|&slot| match slot {
                ArgSlot::State(i) => Arg::Elements(&state[i..=i]),
                ArgSlot::Port(i) => Arg::Elements(&inputs[i][t..=t]),
                ArgSlot::Coef(i) => Arg::Uniform(coefs[i][0]),
                other => panic!("{other:?} in a forward program"),
            })
            .collect();
        let mut outs = vec![[0.0]; bound.forward.outs.len()];
        let mut slices: Vec<&mut [f64]> = outs.iter_mut().map(|out| &mut out[..]).collect();
        kernel.run(1, &args, &mut slices, &mut Vec::new());
        let outs: Vec<f64> = outs.iter().map(|out| out[0]).collect();
        let n = state.len();
        state.copy_from_slice(&outs[..n]);
        outs
    };
    (0..inputs[0].len()).map(step).collect()
}
