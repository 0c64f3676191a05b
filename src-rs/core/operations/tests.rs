//! Loops over all operations and the cases of their definitions: gradients compared with central differences,
//! independence of rows, spikes as events compared with spikes as values.

use crate::definition::{Case, Definition, Factory, Kind};
use crate::{
    BackwardInput, KernelContext, Kernels, OPERATIONS, Registered, Rows, Settings, Shape, Site, Weights,
    kernels,
};
use lapicque_base::SimdLevel;
use lapicque_projection::{Order, Row};
use serde_json::{Map, Value, json};
use std::sync::Arc;

const ROWS: usize = 3;

/// The arguments of a case as fields of a description.
fn fields(definition: &Definition, factory: &Factory, case: &Case) -> Map<String, Value> {
    let preset = factory.preset.map(|(name, value)| (name.to_string(), json!(value)));
    let (positional, optional): (Vec<_>, Vec<_>) =
        definition.params.iter().partition(|param| param.positional);
    let options = case.arguments.get(positional.len()).and_then(Value::as_object);
    let given = positional.iter().zip(&case.arguments).map(|(param, value)| (*param, value));
    let told = optional.iter().filter_map(|param| Some((*param, options?.get(param.name)?)));
    let field = |value: &Value, kind: Kind| match kind {
        Kind::Sizes { axes, .. } if value.is_number() => json!(vec![value; axes]),
        Kind::Axes { .. } if value.is_number() => json!(vec![value; factory.axes]),
        Kind::Switch([_, second]) => json!(value == second),
        _ => value.clone(),
    };
    let fields = given.chain(told).map(|(param, value)| (param.field.to_string(), field(value, param.kind)));
    preset.into_iter().chain(fields).collect()
}

/// Numbers from -1 to 1.
fn drawn(count: usize, seed: u64) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    };
    std::iter::repeat_with(next).take(count).collect()
}

struct Subject {
    kernels: Arc<dyn Kernels<f64>>,
    from: Shape,
    to: Shape,
    weight: Vec<f64>,
    bias: Vec<f64>,
}

impl Subject {
    /// `None` for an operation that the engine's kernels compute.
    fn new(operation: &Registered, factory: &Factory, case: &Case) -> Option<Subject> {
        let definition = &operation.definition;
        let settings = Settings::read(definition, fields(definition, factory, case)).unwrap();
        let from = Shape::new("input", case.input).unwrap();
        let site = Site { layer: "layer", settings: &settings, dt: 1.0, sources: &[(from, "input")] };
        let planned = operation.plan(&site).unwrap();
        if definition.keeps_shape {
            assert_eq!(planned.shape, from, "{}", definition.kind);
        }
        let kernels = kernels(&planned.own?).unwrap();
        let of = |weights: &Weights| {
            let bias = weights.bias.as_ref().map_or(0, |bias| bias.shape.elements());
            (drawn(weights.weight.shape.elements(), 1), drawn(bias, 2))
        };
        let (weight, bias) = planned.weights.as_ref().map_or((vec![], vec![]), of);
        Some(Subject { kernels, from, to: planned.shape, weight, bias })
    }

    /// Calls `visit` with the rows of an input in the public order.
    fn with<T>(&self, x: &[f64], visit: impl FnOnce(&KernelContext<f64>, &[Rows<f64>]) -> T) -> T {
        let rows: Vec<Row<f64>> = x.chunks(self.from.elements()).map(Row::Values).collect();
        self.with_rows(&rows, visit)
    }

    fn with_rows<T>(
        &self,
        rows: &[Row<f64>],
        visit: impl FnOnce(&KernelContext<f64>, &[Rows<f64>]) -> T,
    ) -> T {
        let packed = self.kernels.pack(&self.weight, &self.bias);
        let with = KernelContext {
            level: SimdLevel::Portable,
            weight: &self.weight,
            bias: &self.bias,
            packed: &packed,
        };
        visit(&with, &[Rows { rows, order: Order::public(self.from.pixels()), shape: self.from }])
    }

    fn forward(&self, x: &[f64]) -> Vec<f64> {
        let mut out = vec![0.0; x.len() / self.from.elements() * self.to.elements()];
        self.with(x, |with, x| self.kernels.forward(with, x, &mut out));
        out
    }

    /// The gradients of the input, in the public order, and of weight and bias.
    fn backward(&self, x: &[f64], gradient: &[f64]) -> [Vec<f64>; 3] {
        self.with(x, |with, rows| {
            let mut saved = vec![0.0; ROWS * self.kernels.saved()];
            self.kernels.save(with, rows, &mut saved);
            let x = if saved.is_empty() { rows } else { &[] };
            let backward = BackwardInput { x, saved: &saved, gradient };
            let mut dx = vec![0.0; ROWS * self.from.elements()];
            self.kernels.source_gradient(with, 0, &backward, &mut dx);
            let in_public =
                |row: &[f64]| (0..row.len()).map(|n| row[self.from.offset(n)]).collect::<Vec<_>>();
            let dx = dx.chunks(self.from.elements()).flat_map(in_public).collect();
            let [of_weight, of_bias] = self.kernels.weight_pieces();
            let (mut dw, mut db) = (vec![0.0; self.weight.len()], vec![0.0; self.bias.len()]);
            let mut biases = db.chunks_mut(of_bias);
            for (piece, dw) in dw.chunks_mut(of_weight).enumerate() {
                let sums = [dw, biases.next().unwrap_or_default()];
                self.kernels.weight_gradient(with, piece, &backward, sums);
            }
            [dx, dw, db]
        })
    }
}

/// Compares with central differences of the sum of outputs times `gradient`.
fn close(what: &str, analytic: &[f64], mut loss: impl FnMut(usize, f64) -> f64) {
    const STEP: f64 = 1e-6;
    for (i, &analytic) in analytic.iter().enumerate() {
        let numeric = (loss(i, STEP) - loss(i, -STEP)) / (2.0 * STEP);
        assert!(
            (analytic - numeric).abs() < 1e-6 * numeric.abs().max(1.0),
            "{what}[{i}]: {analytic}, by differences {numeric}"
        );
    }
}

/// Each case of an operation with kernels of its own, and a name.
fn subjects() -> impl Iterator<Item = (String, Subject)> {
    OPERATIONS.iter().flat_map(|operation| {
        let factories = operation.definition.factories.iter();
        let cases =
            factories.flat_map(|factory| factory.cases.iter().enumerate().map(move |case| (factory, case)));
        cases.filter_map(move |(factory, (i, case))| {
            Some((format!("{}, case {i}", factory.name), Subject::new(operation, factory, case)?))
        })
    })
}

#[test]
fn gradients_are_those_of_central_differences() {
    for (name, mut subject) in subjects() {
        let x = drawn(ROWS * subject.from.elements(), 3);
        let gradient = drawn(ROWS * subject.to.elements(), 4);
        let [dx, dw, db] = subject.backward(&x, &gradient);
        let value = |subject: &Subject, x: &[f64]| -> f64 {
            subject.forward(x).iter().zip(&gradient).map(|(y, g)| y * g).sum()
        };
        close(&format!("{name}: input"), &dx, |i, step| {
            let mut x = x.clone();
            x[i] += step;
            value(&subject, &x)
        });
        close(&format!("{name}: weight"), &dw, |i, step| {
            subject.weight[i] += step;
            let loss = value(&subject, &x);
            subject.weight[i] -= step;
            loss
        });
        close(&format!("{name}: bias"), &db, |i, step| {
            subject.bias[i] += step;
            let loss = value(&subject, &x);
            subject.bias[i] -= step;
            loss
        });
    }
}

#[test]
fn each_row_alone_gives_the_same_bits() {
    for (name, subject) in subjects() {
        let x = drawn(ROWS * subject.from.elements(), 5);
        let alone: Vec<f64> =
            x.chunks(subject.from.elements()).flat_map(|row| subject.forward(row)).collect();
        assert_eq!(subject.forward(&x), alone, "{name}");
    }
}

#[test]
fn spikes_give_the_bits_of_values_of_0_and_1() {
    for (name, subject) in subjects() {
        let elements = subject.from.elements();
        let x: Vec<f64> = drawn(elements, 6).iter().map(|&x| f64::from(u8::from(x > 0.3))).collect();
        let events: Vec<u32> = (0..elements as u32).filter(|&n| x[n as usize] == 1.0).collect();
        let mut out = vec![0.0; subject.to.elements()];
        subject.with_rows(&[Row::Events(&events)], |with, x| subject.kernels.forward(with, x, &mut out));
        assert_eq!(out, subject.forward(&x), "{name}");
    }
}

#[test]
fn kinds_and_functions_have_names_of_their_own() {
    let mut kinds: Vec<&str> = OPERATIONS.iter().map(|operation| operation.definition.kind).collect();
    let factories = OPERATIONS.iter().flat_map(|operation| &operation.definition.factories);
    let mut names: Vec<&str> = factories.map(|factory| factory.name).collect();
    for names in [&mut kinds, &mut names] {
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
