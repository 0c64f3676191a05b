//! User-defined neurons: helpers that describe and run them.

mod built_in;
mod gradients;
mod methods;
mod references;
mod texts;
mod time;

use crate::Bound;
use lapicque_base::Real;
use lapicque_base::simd::SimdLevel;
use lapicque_expr::{Arg, ArgSlot, Kernel, OutSlot, Program};
use serde_json::{Value, json};

/// A description of states, parameters and texts.
fn neuron(states: &[&str], params: Value, update: &str, more: Value) -> Value {
    let states: Vec<Value> = states.iter().map(|name| json!({"name": name, "init": 0.0})).collect();
    let mut equations = json!({"states": states, "update": update});
    for (key, value) in more.as_object().unwrap() {
        equations[key] = value.clone();
    }
    json!({"model": "custom", "equations": equations, "params": params})
}

/// Those of the parameters that some text uses: others are refused.
fn used(params: Value, texts: &str) -> Value {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mentioned = |name: &str| texts.split(|c| !is_name(c)).any(|word| word == name);
    let Value::Object(params) = params else { return params };
    params.into_iter().filter(|(name, _)| mentioned(name)).collect::<serde_json::Map<_, _>>().into()
}

fn with(mut spec: Value, key: &str, value: Value) -> Value {
    spec[key] = value;
    spec
}

fn bind(spec: &Value) -> Bound {
    Bound::new(spec, 3, 1.0).unwrap_or_else(|e| panic!("{e}\n{spec}"))
}

/// A compiled program.
struct Runner<'a, F: Real> {
    bound: &'a Bound,
    program: &'a Program,
    kernel: Kernel<F>,
    coefs: Vec<Vec<f64>>,
}

impl<'a, F: Real> Runner<'a, F> {
    fn new(bound: &'a Bound, adjoint: bool) -> Self {
        let program = if adjoint { &bound.adjoint } else { &bound.forward };
        let params: Vec<Vec<f64>> = bound.params.iter().map(|param| param.values.clone()).collect();
        let kernel = Kernel::new(program, SimdLevel::detect());
        Runner { bound, program, kernel, coefs: bound.derive(&params) }
    }

    fn name(&self, slot: &ArgSlot) -> String {
        let state = |i: usize| self.bound.states[i].name;
        match *slot {
            ArgSlot::State(i) => format!("old {}", state(i)),
            ArgSlot::NewState(i) => format!("new {}", state(i)),
            ArgSlot::GradState(i) => format!("grad {}", state(i)),
            ArgSlot::Port(_) => "input".into(),
            ArgSlot::GradSpike => "grad spike".into(),
            ArgSlot::Noise(k) => format!("noise {k}"),
            ArgSlot::Coef(k) => self.bound.coefs[k].clone(),
            ArgSlot::Variable(_) => unreachable!("equations have no loop"),
        }
    }

    /// Each output by element: `arg` returns the value of an argument for an element.
    fn run(&self, elements: usize, arg: &dyn Fn(&str, usize) -> f64) -> Vec<(OutSlot, Vec<F>)> {
        let values: Vec<Vec<F>> = (self.program.args.iter())
            .map(|slot| match slot {
                ArgSlot::Coef(k) => vec![F::from_f64(self.coefs[*k][0])],
                _ => (0..elements).map(|element| F::from_f64(arg(&self.name(slot), element))).collect(),
            })
            .collect();
        let args: Vec<Arg<F>> = (self.program.args.iter().zip(&values))
            .map(|(slot, values)| match slot {
                ArgSlot::Coef(_) => Arg::Uniform(values[0]),
                _ => Arg::Elements(values),
            })
            .collect();
        let mut outs = vec![vec![F::ZERO; elements]; self.program.outs.len()];
        let mut slices: Vec<&mut [F]> = outs.iter_mut().map(|out| &mut out[..]).collect();
        self.kernel.run(elements, &args, &mut slices, &mut Vec::new());
        self.program.outs.iter().copied().zip(outs).collect()
    }
}

fn run<F: Real>(
    bound: &Bound,
    adjoint: bool,
    elements: usize,
    arg: &dyn Fn(&str, usize) -> f64,
) -> Vec<(OutSlot, Vec<F>)> {
    Runner::new(bound, adjoint).run(elements, arg)
}

/// Pseudo-random numbers by name and element, in all relevant magnitudes.
fn noise(name: &str, element: usize) -> f64 {
    let mut x = element as u64 + 1;
    for byte in name.bytes().chain([7, 3]) {
        x = (x ^ u64::from(byte)).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29);
    }
    let unit = (x >> 11) as f64 / (1u64 << 53) as f64;
    match name {
        "old refractory" => (unit * 4.0).floor(),
        "old clock" => (unit * 40.0).floor(),
        "old clockTurns" => 0.0,
        _ => unit * 4.0 - 1.5,
    }
}

fn method(spec: &Value, name: &str) -> Value {
    with(spec.clone(), "options", json!({"method": name}))
}
