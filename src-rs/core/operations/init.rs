//! Initial weights. They are sampled in f64 for either precision, so f32 and f64 networks with the same seed start with
//! the same weights up to rounding.

use crate::legendre::{self, Discretization};
use lapicque_base::error::{Error, Result, try_vec};
use lapicque_base::real::Real;
use lapicque_base::rng::Rng;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// Number of values that a thread samples at a time; even, because a block of the generator gives pairs.
const RUN: usize = 1 << 14;

/// The shape of a weight tensor: `[outputs, inputs · receptive]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fan {
    pub outputs: usize,
    pub inputs: usize,
    /// Elements of a convolution's kernel; 1 for dense weights.
    pub receptive: usize,
}

impl Fan {
    pub fn dense(outputs: usize, inputs: usize) -> Self {
        Fan { outputs, inputs, receptive: 1 }
    }

    fn fan_in(&self) -> f64 {
        (self.inputs * self.receptive) as f64
    }

    fn fan_out(&self) -> f64 {
        (self.outputs * self.receptive) as f64
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FanMode {
    #[default]
    FanIn,
    FanOut,
}

fn one() -> f64 {
    1.0
}

/// Formulas as in `torch.nn.init`; `a` is the negative slope of kaiming's rectifier.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Initializer {
    /// U(-b, b), b = gain / √fan_in. Gain 1 is torch's `Linear` (kaiming uniform with a = √5), also
    /// for its bias.
    FanInUniform {
        #[serde(default = "one")]
        gain: f64,
    },
    /// U(-b, b), b = gain · √(6 / (fan_in + fan_out)) (Glorot and Bengio 2010)
    XavierUniform {
        #[serde(default = "one")]
        gain: f64,
    },
    /// N(0, s), s = gain · √(2 / (fan_in + fan_out))
    XavierNormal {
        #[serde(default = "one")]
        gain: f64,
    },
    /// U(-b, b), b = √(6 / ((1 + a²) fan)) (He et al. 2015)
    KaimingUniform {
        #[serde(default)]
        a: f64,
        #[serde(default)]
        mode: FanMode,
    },
    /// N(0, s), s = √(2 / ((1 + a²) fan))
    KaimingNormal {
        #[serde(default)]
        a: f64,
        #[serde(default)]
        mode: FanMode,
    },
    /// gain · Q, rows or columns orthonormal, whichever are fewer (Saxe et al. 2014)
    Orthogonal {
        #[serde(default = "one")]
        gain: f64,
    },
    /// gain on the diagonal of a dense projection, 0 elsewhere (`eye_`; Le, Jaitly and Hinton 2015)
    Identity {
        #[serde(default = "one")]
        gain: f64,
    },
    Uniform {
        low: f64,
        high: f64,
    },
    Normal {
        mean: f64,
        std: f64,
    },
    Constant {
        value: f64,
    },
    Zeros {},
    /// Given values in the public order; their number must match.
    Values {
        values: Vec<f64>,
    },
    /// Several tensors one after the other.
    Parts {
        parts: Vec<Part>,
    },
    /// The matrix `a` of one Legendre memory of `theta` steps for each group of `order` outputs.
    LegendreMemory {
        order: usize,
        theta: f64,
        #[serde(default)]
        method: Discretization,
    },
    /// The input vector `b` of these memories.
    LegendreInput {
        order: usize,
        theta: f64,
        #[serde(default)]
        method: Discretization,
    },
}

/// One of several tensors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    pub fan: Fan,
    pub elements: usize,
    pub initial: Initializer,
}

impl Default for Initializer {
    fn default() -> Self {
        Initializer::FanInUniform { gain: 1.0 }
    }
}

impl Initializer {
    /// # Errors
    /// `invalid-parameter` for an unknown kind or option, or a value out of range.
    pub fn from_json(value: &serde_json::Value) -> Result<Self> {
        let this: Self = serde_json::from_value(value.clone())
            .map_err(|reason| Error::invalid("initializer", value, reason.to_string()))?;
        this.validate()?;
        Ok(this)
    }

    fn validate(&self) -> Result<()> {
        use Initializer::*;
        if let Values { values } = self {
            return match values.iter().position(|x| !x.is_finite()) {
                Some(i) => {
                    Err(Error::invalid(format!("initializer.values[{i}]"), values[i], "a finite number"))
                }
                None => Ok(()),
            };
        }
        if let Parts { parts } = self {
            return parts.iter().try_for_each(|part| part.initial.validate());
        }
        let numbers = match *self {
            FanInUniform { gain }
            | XavierUniform { gain }
            | XavierNormal { gain }
            | Orthogonal { gain }
            | Identity { gain } => vec![("gain", gain)],
            KaimingUniform { a, .. } | KaimingNormal { a, .. } => vec![("a", a)],
            Uniform { low, high } => vec![("low", low), ("high", high)],
            Normal { mean, std } => vec![("mean", mean), ("std", std)],
            Constant { value } => vec![("value", value)],
            Zeros {} | Values { .. } | Parts { .. } => vec![],
            LegendreMemory { theta, .. } | LegendreInput { theta, .. } => vec![("theta", theta)],
        };
        for (name, number) in numbers {
            if !number.is_finite() {
                return Err(Error::invalid(format!("initializer.{name}"), number, "a finite number"));
            }
        }
        match *self {
            Uniform { low, high } if low > high => {
                Err(Error::invalid("initializer.high", high, format!("at least low, {low}")))
            }
            Normal { std, .. } if std < 0.0 => Err(Error::invalid("initializer.std", std, "at least 0")),
            _ => Ok(()),
        }
    }

    /// Whether it samples a normal distribution, so that no bound on its values can be stated.
    pub fn is_unbounded(&self) -> bool {
        use Initializer::*;
        match self {
            Parts { parts } => parts.iter().any(|part| part.initial.is_unbounded()),
            _ => matches!(self, Normal { .. } | XavierNormal { .. } | KaimingNormal { .. }),
        }
    }

    /// Fills `values` from the start of the stream: weights `[outputs, inputs · receptive]` row by row, or any other
    /// number of values (a bias) with the bound that `fan` implies.
    ///
    /// # Errors
    /// `invalid-parameter` for an invalid option; `shape-mismatch` for an orthogonal or identity bias, and for another
    /// number of values.
    pub fn fill<F: Real>(&self, values: &mut [F], fan: Fan, rng: Rng) -> Result<()> {
        self.validate()?;
        use Initializer::*;
        let fan_of = |mode| match mode {
            FanMode::FanIn => fan.fan_in(),
            FanMode::FanOut => fan.fan_out(),
        };
        let both = fan.fan_in() + fan.fan_out();
        let symmetric = |bound: f64| (-bound, 2.0 * bound);
        let ((low, width), std) = match *self {
            FanInUniform { gain } => (symmetric(gain / fan.fan_in().sqrt()), None),
            XavierUniform { gain } => (symmetric(gain * (6.0 / both).sqrt()), None),
            KaimingUniform { a, mode } => (symmetric((6.0 / ((1.0 + a * a) * fan_of(mode))).sqrt()), None),
            Uniform { low, high } => ((low, high - low), None),
            XavierNormal { gain } => ((0.0, 0.0), Some(gain * (2.0 / both).sqrt())),
            KaimingNormal { a, mode } => ((0.0, 0.0), Some((2.0 / ((1.0 + a * a) * fan_of(mode))).sqrt())),
            Normal { mean, std } => ((mean, 0.0), Some(std)),
            Constant { value } => ((value, 0.0), None),
            Zeros {} => ((0.0, 0.0), None),
            Orthogonal { gain } => return orthogonal(values, fan, gain, rng),
            Identity { gain } => return identity(values, fan, gain),
            Values { values: ref list } => return copy(values, list),
            Parts { ref parts } => return in_parts(values, parts, rng),
            LegendreMemory { order, theta, method } => {
                return legendre(values, fan, &legendre::LegendreMemory::new(order, theta, method)?, true);
            }
            LegendreInput { order, theta, method } => {
                return legendre(values, fan, &legendre::LegendreMemory::new(order, theta, method)?, false);
            }
        };
        if std.is_none() && width == 0.0 {
            values.fill(F::from_f64(low));
            return Ok(());
        }
        values.par_chunks_mut(RUN).enumerate().for_each(|(i, run)| {
            let start = (i * RUN) as u64;
            let Some(std) = std else {
                let mut uniforms = [0.0; 256];
                for (values, start) in run.chunks_mut(uniforms.len()).zip((start..).step_by(uniforms.len())) {
                    rng.fill_uniform(&mut uniforms[..values.len()], start);
                    values
                        .iter_mut()
                        .zip(&uniforms)
                        .for_each(|(value, x)| *value = F::from_f64(low + width * x));
                }
                return;
            };
            for (two, pair) in run.chunks_mut(2).zip(start / 2..) {
                let draws = rng.normal_pair_at(pair).map(|x| low + std * x);
                two.iter_mut().zip(draws).for_each(|(value, x)| *value = F::from_f64(x));
            }
        });
        Ok(())
    }
}

fn copy<F: Real>(values: &mut [F], list: &[f64]) -> Result<()> {
    if values.len() != list.len() {
        return Err(Error::ShapeMismatch {
            layer: "values initializer".into(),
            expected: format!("{} values", values.len()),
            got: list.len().to_string(),
        });
    }
    values.iter_mut().zip(list).for_each(|(to, &x)| *to = F::from_f64(x));
    Ok(())
}

/// Each part is sampled from a stream of its own.
fn in_parts<F: Real>(values: &mut [F], parts: &[Part], rng: Rng) -> Result<()> {
    let mut rest = values;
    for (i, part) in parts.iter().enumerate() {
        if part.elements > rest.len() {
            let (layer, got) = ("parts initializer".into(), format!("{} values", rest.len()));
            return Err(Error::ShapeMismatch { layer, expected: format!("{} values", part.elements), got });
        }
        let (own, after) = std::mem::take(&mut rest).split_at_mut(part.elements);
        part.initial.fill(own, part.fan, rng.part(i as u64))?;
        rest = after;
    }
    Ok(())
}

/// One memory for each input: blocks on the diagonal, of the matrix `a` if `itself`, otherwise of the vector `b`.
fn legendre<F: Real>(
    values: &mut [F],
    fan: Fan,
    memory: &legendre::LegendreMemory,
    itself: bool,
) -> Result<()> {
    let order = memory.order;
    let (rows, columns) = (fan.outputs, fan.inputs * fan.receptive);
    let width = if itself { order } else { 1 };
    check_matrix("Legendre", values.len(), fan)?;
    if !rows.is_multiple_of(order) || rows / order * width != columns {
        let expected = format!("[{order} k, {width} k] for k memories of order {order}");
        let (layer, got) = ("Legendre initializer".into(), format!("[{rows}, {columns}]"));
        return Err(Error::ShapeMismatch { layer, expected, got });
    }
    for (i, value) in values.iter_mut().enumerate() {
        let (row, column) = (i / columns, i % columns);
        let x = match (row / order == column / width, itself) {
            (false, _) => 0.0,
            (true, true) => memory.a[row % order * order + column % order],
            (true, false) => memory.b[row % order],
        };
        *value = F::from_f64(x);
    }
    Ok(())
}

fn identity<F: Real>(values: &mut [F], fan: Fan, gain: f64) -> Result<()> {
    check_matrix("identity", values.len(), fan)?;
    let columns = fan.inputs * fan.receptive;
    for (i, value) in values.iter_mut().enumerate() {
        *value = F::from_f64(if i / columns == i % columns { gain } else { 0.0 });
    }
    Ok(())
}

/// Refuses values that are not a matrix of weights, such as a bias.
fn check_matrix(initializer: &str, values: usize, fan: Fan) -> Result<()> {
    let (rows, columns) = (fan.outputs, fan.inputs * fan.receptive);
    match values == rows * columns {
        true => Ok(()),
        false => Err(Error::ShapeMismatch {
            layer: format!("{initializer} initializer"),
            expected: format!("[{rows}, {columns}]"),
            got: format!("{values} values"),
        }),
    }
}

/// Gram–Schmidt, each vector twice: the Q of a normal matrix's QR with positive diagonal in R.
fn orthogonal<F: Real>(values: &mut [F], fan: Fan, gain: f64, rng: Rng) -> Result<()> {
    check_matrix("orthogonal", values.len(), fan)?;
    let (rows, columns) = (fan.outputs, fan.inputs * fan.receptive);
    let (vectors, length) = (rows.min(columns), rows.max(columns));
    let mut q = try_vec("orthogonal weights", vectors * length, 0.0f64)?;
    for (x, index) in q.iter_mut().zip(0..) {
        *x = rng.normal_at(index);
    }
    for k in 0..vectors {
        let (before, rest) = q.split_at_mut(k * length);
        let vector = &mut rest[..length];
        for _ in 0..2 {
            for earlier in before.chunks_exact(length) {
                let along: f64 = earlier.iter().zip(vector.iter()).map(|(a, b)| a * b).sum();
                vector.iter_mut().zip(earlier).for_each(|(x, e)| *x -= along * e);
            }
            let norm = vector.iter().map(|x| x * x).sum::<f64>().sqrt();
            vector.iter_mut().for_each(|x| *x /= norm);
        }
    }
    for (i, value) in values.iter_mut().enumerate() {
        let (row, column) = (i / columns, i % columns);
        let (vector, at) = if rows <= columns { (row, column) } else { (column, row) };
        *value = F::from_f64(gain * q[vector * length + at]);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn draw(json: serde_json::Value, fan: Fan) -> Vec<f64> {
        let mut values = vec![f64::NAN; fan.outputs * fan.inputs * fan.receptive];
        Initializer::from_json(&json).unwrap().fill(&mut values, fan, Rng::new(5, 1)).unwrap();
        values
    }

    /// Value `i` is computed from number `i` of the stream, on any thread.
    #[test]
    fn values_follow_the_stream_one_by_one() {
        let rng = Rng::new(5, 1);
        let fan = Fan::dense(3, 2 * RUN / 3 + 5);
        let uniform = draw(json!({"kind": "uniform", "low": -1.0, "high": 2.0}), fan);
        let normal = draw(json!({"kind": "normal", "mean": 0.5, "std": 3.0}), fan);
        assert!(uniform.len() > 2 * RUN && uniform.len() % 2 == 1, "some runs, and half a pair");
        for (i, (&u, &n)) in uniform.iter().zip(&normal).enumerate() {
            assert_eq!(u, -1.0 + 3.0 * rng.uniform_f64_at(i as u64), "uniform {i}");
            assert_eq!(n, 0.5 + 3.0 * rng.normal_at(i as u64), "normal {i}");
        }
    }

    /// Bounds and deviations as torch's documentation states them.
    #[test]
    fn distributions_have_torch_bounds_and_deviations() {
        let fan = Fan { outputs: 40, inputs: 30, receptive: 9 };
        let (fan_in, fan_out) = (270.0f64, 360.0f64);
        let relu_like = 2.0 / (1.0 + 0.3 * 0.3);
        for (json, bound) in [
            (json!({"kind": "fan-in-uniform"}), 1.0 / fan_in.sqrt()),
            (json!({"kind": "xavier-uniform", "gain": 2.0}), 2.0 * (6.0 / (fan_in + fan_out)).sqrt()),
            (json!({"kind": "kaiming-uniform", "a": 0.3}), (3.0 * relu_like / fan_in).sqrt()),
            // torch's Linear: kaiming uniform with a = √5
            (json!({"kind": "kaiming-uniform", "a": 5f64.sqrt()}), 1.0 / fan_in.sqrt()),
            (json!({"kind": "uniform", "low": -0.25, "high": 0.25}), 0.25),
        ] {
            let values = draw(json.clone(), fan);
            let most = values.iter().fold(0.0f64, |most, x| most.max(x.abs()));
            assert!(most <= bound * (1.0 + 1e-12) && most > 0.999 * bound, "{json}: {most} {bound}");
            let variance = values.iter().map(|x| x * x).sum::<f64>() / values.len() as f64;
            assert!((variance / (bound * bound / 3.0) - 1.0).abs() < 0.05, "{json}");
        }
        for (json, std) in [
            (json!({"kind": "xavier-normal"}), (2.0 / (fan_in + fan_out)).sqrt()),
            (json!({"kind": "kaiming-normal", "a": 0.3, "mode": "fan-out"}), (relu_like / fan_out).sqrt()),
            (json!({"kind": "normal", "mean": 0.0, "std": 0.7}), 0.7),
        ] {
            let values = draw(json.clone(), fan);
            let variance = values.iter().map(|x| x * x).sum::<f64>() / values.len() as f64;
            assert!((variance.sqrt() / std - 1.0).abs() < 0.03, "{json}");
        }
        assert!(draw(json!({"kind": "constant", "value": 0.5}), fan).iter().all(|&x| x == 0.5));
        assert!(draw(json!({"kind": "zeros"}), fan).iter().all(|&x| x == 0.0));
    }

    #[test]
    fn orthogonal_rows_or_columns_are_orthonormal() {
        for (rows, columns) in [(7, 12), (12, 7), (9, 9)] {
            let q = draw(json!({"kind": "orthogonal", "gain": 3.0}), Fan::dense(rows, columns));
            let vector = |k: usize, i: usize| match rows <= columns {
                true => q[k * columns + i],
                false => q[i * columns + k],
            };
            for a in 0..rows.min(columns) {
                for b in 0..rows.min(columns) {
                    let dot: f64 = (0..rows.max(columns)).map(|i| vector(a, i) * vector(b, i)).sum();
                    assert!((dot - if a == b { 9.0 } else { 0.0 }).abs() < 1e-12);
                }
            }
        }
    }

    #[test]
    fn precisions_start_at_the_same_weights() {
        let fan = Fan::dense(5, 8);
        let wide = draw(json!({"kind": "fan-in-uniform"}), fan);
        let mut narrow = vec![0.0f32; wide.len()];
        Initializer::default().fill(&mut narrow, fan, Rng::new(5, 1)).unwrap();
        assert!(narrow.iter().zip(&wide).all(|(&a, &b)| a == b as f32));
    }

    #[test]
    fn bad_options_are_errors() {
        for bad in [
            json!({"kind": "magic"}),
            json!({"kind": "uniform", "low": 1.0, "high": 0.0}),
            json!({"kind": "normal", "mean": 0.0, "std": -1.0}),
            json!({"kind": "zeros", "gain": 1.0}),
        ] {
            assert!(matches!(Initializer::from_json(&bad), Err(Error::InvalidParameter { .. })), "{bad}");
        }
        let bias =
            Initializer::Orthogonal { gain: 1.0 }.fill(&mut [0.0f32; 3], Fan::dense(3, 4), Rng::new(0, 0));
        assert!(matches!(bias, Err(Error::ShapeMismatch { .. })));
    }
}
