//! The measure of a gradient: central differences of the loss in double precision, spikes made smooth, as
//! training computes it: with the statistics of the batch and with units dropped.

use lapicque_core::control::Control;
use lapicque_core::exec::Network;
use lapicque_core::exec::input::InputValues;
use lapicque_core::graph::Description;
use lapicque_core::rng::Rng;
use lapicque_core::simd::SimdLevel;
use lapicque_core::train::batch::{Batch, Method, Objective, ObjectiveLoss};
use lapicque_core::train::loss::Targets;
use lapicque_core::train::step::Training;
use serde_json::{Value, json};

pub const STEPS: usize = 5;
pub const BATCH: usize = 3;
pub const CLASSES: usize = 3;

/// So many coordinates are compared, drawn from input and parameters in turn, each once; all of them where
/// there are fewer.
const COORDINATES: usize = 100;
/// How far a gradient may be from the quotient of differences, relative to that.
const TOLERANCE: f64 = 1e-6;
/// A quotient carries the rounding of the loss, which does not shrink with it: what is smaller than this
/// share of the largest gradient is told apart from that.
const SMALL: f64 = 1e-3;
/// Where a choice lies within the span (the larger of two values, a threshold that no surrogate smooths), a shorter
/// one tells.
const SPANS: [f64; 3] = [1.0, 1.0 / 8.0, 1.0 / 64.0];

pub fn description(input: Value, nodes: &[Value], edges: Value, dt: f64) -> Description {
    let description = json!({ "schema": 1, "dt": dt, "precision": "f64", "seed": 3, "input": input, "nodes": nodes,
        "edges": edges, "output": "out" });
    Description::from_json(&description.to_string()).unwrap()
}

/// A network, what enters it, and how its gradients are found.
#[derive(Clone)]
pub struct Check {
    pub description: Description,
    pub values: Vec<f64>,
    /// The input is the same at every step.
    pub constant: bool,
    pub segment: Option<usize>,
    /// Whether the input has a gradient.
    pub input: bool,
    /// Half of what a difference spans, of numbers up to 1.
    pub span: f64,
}

impl Check {
    /// With an input drawn from 0 to 1.
    pub fn new(description: Description) -> Self {
        let mut values = vec![0.0; STEPS * BATCH * description.input.size];
        Rng::new(11, 5).fill_uniform(&mut values, 0);
        Check { description, values, constant: false, segment: None, input: true, span: 2e-4 }
    }

    pub fn network(&self) -> Network<f64> {
        Network::new(&self.description, SimdLevel::detect()).unwrap()
    }

    pub fn entering<'a>(&self, values: &'a [f64]) -> InputValues<'a, f64> {
        let shape = [STEPS, BATCH, self.description.input.size];
        InputValues::new(values, shape, self.constant, SimdLevel::detect()).unwrap()
    }

    /// The loss of one step from gradients of zero, which then are in the parameters.
    pub fn step(&self, training: &mut Training<f64>, values: &[f64], dx: Option<&mut [f64]>) -> f64 {
        let objective = Objective {
            loss: ObjectiveLoss::from_json(&json!({ "kind": "cross-entropy-membrane" })).unwrap(),
            metrics: vec![],
            readout: None,
            regularizers: vec![],
            segment: self.segment,
            method: Method::Bptt,
            population_classes: None,
            by: None,
        };
        let targets = Targets::Classes(&[0, 2, 1]);
        let batch = Batch { input: self.entering(values), targets, lengths: None, extra: &[], initial: None };
        training.network.parameters.iter_mut().for_each(|parameter| parameter.clear_grad());
        training.gradients(&batch, &objective, dx, &Control::detached()).unwrap().loss
    }

    /// Compares gradients with differences.
    #[track_caller]
    pub fn run(&self, what: &str) {
        let mut training = Training::new(self.network());
        // Running averages and draws move with every step, and go back.
        let kept: Vec<Vec<f64>> = training.network.parameters.iter().map(|p| p.values()).collect();
        let mut dx = vec![0.0; self.values.len()];
        let loss = self.step(&mut training, &self.values, self.input.then_some(&mut dx[..]));
        assert!(loss.is_finite(), "{what}");
        let parameters = &training.network.parameters;
        let learned: Vec<usize> = (0..parameters.len()).filter(|&p| parameters[p].trainable).collect();
        let mut gradients = vec![(None, String::from("input"), dx)];
        for &p in &learned {
            let parameter = &parameters[p];
            gradients.push((Some(p), parameter.name.clone(), parameter.layout.to_public(&parameter.grad)));
        }
        gradients.retain(|(parameter, ..)| self.input || parameter.is_some());
        let all = gradients.iter().flat_map(|(.., gradient)| gradient);
        let small = SMALL * all.fold(0.0_f64, |most, &x| most.max(x.abs()));
        let sizes: Vec<usize> = gradients.iter().map(|(.., gradient)| gradient.len()).collect();
        for (g, i) in coordinates(&sizes) {
            let (parameter, name, gradient) = &gradients[g];
            let mut tried = Vec::new();
            let close = SPANS.iter().any(|share| {
                let numeric = self.quotient(&mut training, &kept, *parameter, i, share * self.span);
                tried.push(numeric);
                (gradient[i] - numeric).abs() <= TOLERANCE * numeric.abs().max(small)
            });
            assert!(close, "{what}: {name}[{i}]: {}, by differences {tried:?}", gradient[i]);
        }
    }

    /// The central difference of fourth order, whose own error is below rounding, by element `i` of a parameter
    /// or of the input.
    fn quotient(
        &self,
        training: &mut Training<f64>,
        kept: &[Vec<f64>],
        parameter: Option<usize>,
        i: usize,
        span: f64,
    ) -> f64 {
        let h = span * parameter.map_or(&self.values, |p| &kept[p])[i].abs().max(1.0);
        let mut loss = |by: f64| {
            let (mut values, mut tensors) = (self.values.clone(), kept.to_vec());
            parameter.map_or(&mut values, |p| &mut tensors[p])[i] += by;
            for (parameter, tensor) in training.network.parameters.iter_mut().zip(&tensors) {
                parameter.set(tensor).unwrap();
            }
            training.network.derive_coefficients();
            self.step(training, &values, None)
        };
        (loss(-2.0 * h) - 8.0 * loss(-h) + 8.0 * loss(h) - loss(2.0 * h)) / (12.0 * h)
    }
}

/// `(tensor, element)`, one of each tensor in turn.
fn coordinates(sizes: &[usize]) -> Vec<(usize, usize)> {
    let shuffled = |(tensor, &size): (usize, &usize)| {
        let mut keys = vec![0.0_f64; size];
        Rng::new(17, tensor as u64).fill_uniform(&mut keys, 0);
        let mut order: Vec<usize> = (0..size).collect();
        order.sort_by(|&a, &b| keys[a].total_cmp(&keys[b]));
        order
    };
    let tensors: Vec<Vec<usize>> = sizes.iter().enumerate().map(shuffled).collect();
    let longest = sizes.iter().copied().max().unwrap_or(0);
    let turns = (0..longest).flat_map(|turn| tensors.iter().enumerate().map(move |t| (turn, t)));
    turns.filter_map(|(turn, (t, order))| Some((t, *order.get(turn)?))).take(COORDINATES).collect()
}
