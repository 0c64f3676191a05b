//! Functions of the distance between two neurons, given as text.

use lapicque_base::error::{Error, Result};
use lapicque_base::simd::SimdLevel;
use lapicque_expr::graph::{Graph, Sym, input, trace};
use lapicque_expr::interval::Interval;
use lapicque_expr::parse::parse;
use lapicque_expr::{Arg, ArgSlot, Kernel, OutSlot, Program};

/// At so many distances, from 0 to the largest, a function is looked at for its bounds.
const LOOKS: usize = 1 << 12;

/// An expression in `d`.
pub struct Formula {
    kernel: Kernel<f64>,
    /// What the kernel computes.
    graph: Graph,
    value: Sym,
    farthest: f64,
    /// Whether `d` takes part.
    varies: bool,
    /// The smallest and the largest value at the distances looked at; others are taken to be within.
    bounds: [f64; 2],
}

impl Formula {
    /// # Errors
    /// `equation` with line and column; `invalid-parameter` with `name` where a value is not finite.
    pub fn new(name: &str, text: &str, farthest: f64) -> Result<Formula> {
        let (graph, parsed) = trace(false, || parse(text, &[("d", input(0))]));
        let value = parsed?;
        let program = Program::lower(&graph, &[ArgSlot::Port(0)], |_| false, &[(OutSlot::State(0), value)]);
        let varies = !program.args.is_empty();
        let kernel = Kernel::new(&program, SimdLevel::detect());
        let bounds = [f64::NEG_INFINITY, f64::INFINITY];
        let mut formula = Formula { kernel, graph, value, farthest, varies, bounds };
        let distances: Vec<f64> = (0..=LOOKS).map(|i| farthest * (i as f64 / LOOKS as f64)).collect();
        let (mut values, mut scratch) = (vec![], vec![]);
        formula.values(&distances, &mut values, &mut scratch);
        if let Some(i) = values.iter().position(|x| !x.is_finite()) {
            let expected =
                format!("an expression that is finite at all distances, but at {} it is", distances[i]);
            return Err(Error::invalid(name, text, format!("{expected} {}", values[i])));
        }
        let fold = |f: fn(f64, f64) -> f64| values.iter().copied().fold(values[0], f);
        formula.bounds = [fold(f64::min), fold(f64::max)];
        Ok(formula)
    }

    pub fn bounds(&self) -> [f64; 2] {
        self.bounds
    }

    /// A distance from which on no value is above `limit`; infinite where none is known.
    pub fn reach(&self, limit: f64) -> f64 {
        if self.bounds[0] > limit {
            return f64::INFINITY;
        }
        let distance = |i: usize| self.farthest * (i as f64 / LOOKS as f64);
        let above = |&i: &usize| {
            let between = Interval::new(distance(i), distance(i + 1));
            self.graph.evaluate(&[between])[self.value.index()].high > limit
        };
        (0..LOOKS)
            .rev()
            .find(above)
            .map_or(0.0, |i| if i + 1 < LOOKS { distance(i + 1) } else { f64::INFINITY })
    }

    /// One value for each distance, in `into`.
    pub fn values(&self, distances: &[f64], into: &mut Vec<f64>, scratch: &mut Vec<f64>) {
        let lanes = distances.len();
        into.clear();
        into.resize(lanes, 0.0);
        if lanes == 0 {
            return;
        }
        let args = [Arg::Lanes(distances)];
        self.kernel.run(lanes, &args[..usize::from(self.varies)], &mut [&mut into[..]], scratch);
        let [low, high] = self.bounds;
        into.iter_mut().for_each(|x| *x = x.clamp(low, high));
    }
}

impl std::fmt::Debug for Formula {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "Formula({:?})", self.bounds)
    }
}
