//! Forward traces of reference libraries, in both precisions.

use super::peers::{Layer, Recurrence, layer};
use crate::Bound;
use lapicque_base::Real;
use lapicque_base::simd::SimdLevel;
use lapicque_expr::{Arg, ArgSlot, Kernel};
use lapicque_references::Case;

/// The recording of a run: by output, `[time, batch, neuron]`.
struct Recording {
    states: Vec<Vec<f64>>,
    spikes: Vec<f64>,
}

/// Runs one layer over `input` `[time, batch, neuron]`, batch row by row.
fn run<F: Real>(layer: &Layer, bound: &Bound, input: &[f64], [steps, batch, n]: [usize; 3]) -> Recording {
    let kernel = Kernel::<F>::new(&bound.forward, SimdLevel::detect());
    let params: Vec<Vec<f64>> = bound.params.iter().map(|param| param.values.clone()).collect();
    let real = |x: &[f64]| x.iter().map(|&x| F::from_f64(x)).collect::<Vec<F>>();
    let coefs: Vec<Vec<F>> = bound.derive(&params).iter().map(|values| real(values)).collect();
    let outs = bound.states.len() + usize::from(bound.spiking);
    let size = steps * batch * n;
    let mut recording =
        Recording { states: vec![vec![0.0; size]; bound.states.len()], spikes: vec![0.0; size] };
    let mut scratch = Vec::new();
    for row in 0..batch {
        let initial = |init: &[f64]| real(&(0..n).map(|i| init[i % init.len()]).collect::<Vec<_>>());
        let mut states: Vec<Vec<F>> = bound.states.iter().map(|state| initial(&state.init)).collect();
        let mut spikes = vec![F::ZERO; n];
        for t in 0..steps {
            let at = (t * batch + row) * n;
            let mut current = real(&input[at..at + n]);
            recur(&layer.recurrence, &spikes, &mut current);
            let mut new = vec![vec![F::ZERO; n]; outs];
            let args: Vec<Arg<F>> = (bound.forward.args.iter())
                .map(|&slot| match slot {
                    ArgSlot::State(i) => Arg::Elements(&states[i]),
                    ArgSlot::Port(_) => Arg::Elements(&current),
                    ArgSlot::Coef(i) if coefs[i].len() == 1 => Arg::Uniform(coefs[i][0]),
                    ArgSlot::Coef(i) => Arg::Elements(&coefs[i]),
                    other => panic!("{other:?} in a forward program"),
                })
                .collect();
            let mut slices: Vec<&mut [F]> = new.iter_mut().map(Vec::as_mut_slice).collect();
            kernel.run(n, &args, &mut slices, &mut scratch);
            if bound.spiking {
                spikes = new.pop().unwrap();
                recording.spikes[at..at + n].iter_mut().zip(&spikes).for_each(|(r, s)| *r = s.to_f64());
            }
            for (into, state) in recording.states.iter_mut().zip(&new) {
                into[at..at + n].iter_mut().zip(state).for_each(|(r, s)| *r = s.to_f64());
            }
            states = new;
        }
    }
    recording
}

fn recur<F: Real>(recurrence: &Recurrence, spikes: &[F], current: &mut [F]) {
    let n = spikes.len();
    for (i, current) in current.iter_mut().enumerate() {
        match recurrence {
            Recurrence::None => {}
            Recurrence::OneToOne(v) => *current += F::from_f64(v[i % v.len()]) * spikes[i],
            Recurrence::AllToAll(matrix, bias) => {
                for (j, &spike) in spikes.iter().enumerate() {
                    *current += F::from_f64(matrix[i * n + j]) * spike;
                }
                *current += F::from_f64(bias.get(i).copied().unwrap_or(0.0));
            }
        }
    }
}

/// Our state for a library's name of it.
fn state(bound: &Bound, theirs: &str) -> usize {
    let ours = match theirs {
        "mem" | "v" => "v",
        "syn" | "i" => "iSyn",
        "syn_exc" => "synExc",
        "syn_inh" => "synInh",
        "rho" => "refractory",
        other => panic!("unknown quantity {other}"),
    };
    bound.states.iter().position(|state| state.name == ours).unwrap()
}

/// The input of the neurons: as named in the reference file, through input weights if it has any.
fn input(case: &Case) -> (Vec<f64>, [usize; 3]) {
    let x = case.tensor(case.car["inputs"]["input"].as_str().unwrap());
    let [steps, batch, inputs] = x.shape[..] else { panic!("{}: input is not [T, B, N]", case.name) };
    let Some(name) = case.car["weights"].get("input").or_else(|| case.car["weights"].get("W_in")) else {
        return (x.values, [steps, batch, inputs]);
    };
    let weights = case.tensor(name.as_str().unwrap());
    let n = weights.shape[0];
    let mut current = vec![0.0; steps * batch * n];
    for row in 0..steps * batch {
        for i in 0..n {
            current[row * n + i] =
                (0..inputs).map(|j| x.values[row * inputs + j] * weights.values[i * inputs + j]).sum();
        }
    }
    (current, [steps, batch, n])
}

fn check<F: Real>(case: &Case, layer: &Layer) {
    let (current, shape) = input(case);
    let bound = Bound::new(&layer.spec, shape[2], layer.dt).unwrap_or_else(|e| panic!("{}: {e}", case.name));
    let recording = run::<F>(layer, &bound, &current, shape);
    for (quantity, tensor) in case.car["expected"].as_object().unwrap() {
        let tensor = tensor.as_str().unwrap();
        match quantity.as_str() {
            "spk" => case.compare(tensor, &recording.spikes),
            other => case.compare(tensor, &recording.states[state(&bound, other)]),
        }
    }
}

fn check_group(group: &str, at_least: usize) {
    let cases = Case::all(group);
    let layers: Vec<_> = cases.iter().filter_map(|case| layer(case).map(|layer| (case, layer))).collect();
    assert!(layers.len() >= at_least, "{group}: only {} cases are run", layers.len());
    for (case, layer) in &layers {
        check::<f32>(case, layer);
        check::<f64>(case, layer);
    }
}

#[test]
fn snntorch_is_reproduced() {
    check_group("01_neurons_snntorch", 24);
}

#[test]
fn spikingjelly_is_reproduced() {
    check_group("01_neurons_spikingjelly", 17);
}

#[test]
fn norse_is_reproduced() {
    check_group("01_neurons_norse", 6);
}
