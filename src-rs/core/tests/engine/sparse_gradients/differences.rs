//! A surrogate gradient is the gradient of another function: near to the weights as they are, a spike is what it is there plus
//! the change of the surrogate's integral. That function is written out here for two hidden populations, and its differences
//! are those of the loss.

use super::{BATCH, CLASSES, STEPS, dense, description, dynamics, step};
use lapicque_core::exec::Network;
use lapicque_core::graph::Description;
use lapicque_core::rng::Rng;
use lapicque_core::simd::SimdLevel;
use serde_json::json;

const INPUTS: usize = 20;
const HIDDEN: [usize; 2] = [70, 200];
const BETA: f64 = 0.9;
const WIDTH: f64 = 0.1;
const RESET_TO: f64 = 0.15;

/// The integral of `max(0, 1 - |x| / WIDTH)` from 0.
fn integral(x: f64) -> f64 {
    let near = x.abs().min(WIDTH);
    (near - near * near / (2.0 * WIDTH)) * x.signum()
}

#[derive(Clone, Copy)]
struct Neuron {
    same_step: bool,
    reset: &'static str,
    detached: bool,
}

/// The potentials that a spike is read from, in the order of reading.
#[derive(Default)]
struct Base {
    potentials: Vec<f64>,
    read: usize,
    recording: bool,
}

impl Base {
    /// `(spike, its value at the base)`.
    fn spike(&mut self, v: f64) -> (f64, f64) {
        if self.recording {
            self.potentials.push(v);
        }
        let at = self.potentials[self.read];
        self.read += 1;
        let fired = f64::from(at > 1.0);
        (fired + integral(v - 1.0) - integral(at - 1.0), fired)
    }
}

impl Neuron {
    fn step(self, base: &mut Base, old: f64, current: f64) -> (f64, f64) {
        let reset = |v: f64, s: f64| match self.reset {
            "subtract" => v - s,
            "value" => s * RESET_TO + (1.0 - s) * v,
            _ => v,
        };
        let held = |(spike, fired): (f64, f64)| if self.detached { fired } else { spike };
        if self.same_step {
            let charged = BETA * old + current;
            let spike = base.spike(charged);
            return (reset(charged, held(spike)), spike.0);
        }
        let before = held(base.spike(old));
        let v = match self.reset {
            "value" => BETA * reset(old, before) + current,
            _ => reset(BETA * old + current, before),
        };
        (v, base.spike(v).0)
    }
}

fn product(weights: &[f64], x: &[f64], outputs: usize) -> Vec<f64> {
    (0..outputs).map(|o| weights[o * x.len()..][..x.len()].iter().zip(x).map(|(w, x)| w * x).sum()).collect()
}

/// The loss with the weights of three layers, biases of zero.
fn loss(neuron: Neuron, weights: &[Vec<f64>], input: &[f64], base: &mut Base) -> f64 {
    base.read = 0;
    let mut total = 0.0;
    for sample in 0..BATCH {
        let mut v = HIDDEN.map(|n| vec![0.0; n]);
        let (mut out, mut mean) = (vec![0.0; CLASSES], vec![0.0; CLASSES]);
        for t in 0..STEPS {
            let mut x = input[(t * BATCH + sample) * INPUTS..][..INPUTS].to_vec();
            for (layer, v) in v.iter_mut().enumerate() {
                let current = product(&weights[layer], &x, v.len());
                x = vec![0.0; v.len()];
                for ((v, x), current) in v.iter_mut().zip(&mut x).zip(current) {
                    (*v, *x) = neuron.step(base, *v, current);
                }
            }
            for ((out, mean), current) in out.iter_mut().zip(&mut mean).zip(product(&weights[2], &x, CLASSES))
            {
                *out = BETA * *out + current;
                *mean += *out / STEPS as f64;
            }
        }
        let sum: f64 = mean.iter().map(|x| x.exp()).sum();
        total += (sum.ln() - mean[sample % CLASSES]) / BATCH as f64;
    }
    total
}

fn network(neuron: Neuron) -> Description {
    let hidden = json!({ "model": "lif", "params": { "beta": BETA, "vReset": RESET_TO, "vInit": 0 },
        "options": { "reset": neuron.reset, "resetTiming": if neuron.same_step { "same-step" } else { "next-step" },
            "detachReset": neuron.detached.to_string() },
        "surrogate": { "name": "triangular", "width": WIDTH } });
    let mut nodes = [
        dense("dense1", INPUTS, HIDDEN[0], 2.0),
        dynamics("hidden1", HIDDEN[0], hidden.clone()),
        dense("dense2", HIDDEN[0], HIDDEN[1], 4.0),
        dynamics("hidden2", HIDDEN[1], hidden),
        dense("dense3", HIDDEN[1], CLASSES, 1.0),
        dynamics("out", CLASSES, json!({ "model": "li", "params": { "beta": BETA } })),
    ];
    for layer in [0, 2, 4] {
        nodes[layer]["bias"] = json!(false);
    }
    description("f64", json!({ "size": INPUTS }), &nodes)
}

#[test]
fn gradients_are_those_of_differences() {
    for same_step in [false, true] {
        for reset in ["subtract", "value", "none"] {
            for detached in [true, false] {
                let neuron = Neuron { same_step, reset, detached };
                let description = network(neuron);
                let level = SimdLevel::detect();
                let found = step::<f64>(&description, level, None);
                let first = found.active[0];
                assert!(first.computed > 0 && first.computed < first.products / 4, "{first:?} is not sparse");
                let mut input = vec![0.0; STEPS * BATCH * INPUTS];
                Rng::new(11, 5).fill_uniform(&mut input, 0);
                let network = Network::<f64>::new(&description, level).unwrap();
                let weights: Vec<Vec<f64>> = network.parameters.iter().map(|p| p.values()).collect();
                let mut base = Base { recording: true, ..Default::default() };
                loss(neuron, &weights, &input, &mut base);
                base.recording = false;
                for layer in 0..2 {
                    let gradient = &found.gradients[layer].1;
                    let largest = gradient.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
                    for i in (0..weights[layer].len()).step_by(weights[layer].len() / 7) {
                        let mut at = |by: f64| {
                            let mut weights = weights.clone();
                            weights[layer][i] += by;
                            loss(neuron, &weights, &input, &mut base)
                        };
                        let numeric = (at(1e-5) - at(-1e-5)) / 2e-5;
                        let off = (numeric - gradient[i]).abs();
                        assert!(
                            off <= 1e-5 * largest,
                            "{same_step} {reset} {detached}: {}[{i}]: {}, by differences {numeric}",
                            found.gradients[layer].0,
                            gradient[i]
                        );
                    }
                }
            }
        }
    }
}
