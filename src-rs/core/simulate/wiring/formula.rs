//! User-defined functions of a pair of neurons, given as text: of their distance, displacements and indices.

use super::pairs::{Columns, Pairs, VARIABLES, Variable};
use crate::spec::description::Rule;
use lapicque_base::error::{Error, Result};
use lapicque_base::simd::SimdLevel;
use lapicque_expr::graph::{Graph, Sym, input, trace};
use lapicque_expr::interval::Interval;
use lapicque_expr::parse::parse;
use lapicque_expr::{Arg, ArgSlot, Kernel, OutSlot, Program};
use rayon::prelude::*;

/// Number of distances, from 0 to the largest, at which a function is evaluated to find its bounds.
const LOOKS: usize = 1 << 12;

/// Up to this number of pairs, all are evaluated to find bounds; beyond it, bounds come from interval arithmetic.
const ALL_PAIRS: u64 = 1 << 26;

/// Maximum number of boxes into which the variables are divided for interval arithmetic.
const BOXES: usize = 1 << 14;

/// An expression of the variables of a pair.
pub struct Formula {
    kernel: Kernel<f64>,
    /// The graph that the kernel computes.
    graph: Graph,
    value: Sym,
    farthest: f64,
    /// The variables that occur, in the order of the kernel's arguments.
    pub variables: Vec<Variable>,
    /// The smallest and the largest value. For functions of the distance alone they come from samples; values in between are
    /// assumed to be within.
    bounds: [f64; 2],
}

impl Formula {
    /// A function of the distance alone.
    ///
    /// # Errors
    /// `equation` with line and column; `invalid-parameter` with `name` where a value is not finite.
    #[cfg(test)]
    pub fn new(name: &str, text: &str, farthest: f64) -> Result<Formula> {
        Self::read(text, farthest)?.bounded_by_distance(name, text)
    }

    /// A function of the pairs that a rule may connect.
    ///
    /// # Errors
    /// `equation` with line and column; `invalid-parameter` with `name` if a value is not finite, for a displacement along a
    /// dimension that does not exist, and for variables of positions without a layout.
    pub fn of_pairs(name: &str, text: &str, pairs: &Pairs, rule: &Rule) -> Result<Formula> {
        let farthest = pairs.distances.as_ref().map_or(0.0, |distances| distances.farthest());
        let formula = Self::read(text, farthest)?;
        for &variable in &formula.variables {
            pairs.check(name, text, variable)?;
        }
        match formula.variables[..] {
            [] | [Variable::Distance] => formula.bounded_by_distance(name, text),
            _ => formula.bounded_by_pairs(name, text, pairs, rule),
        }
    }

    fn read(text: &str, farthest: f64) -> Result<Formula> {
        let (graph, parsed) = trace(false, || {
            let names: Vec<_> = VARIABLES.iter().enumerate().map(|(k, v)| (v.name(), input(k))).collect();
            parse(text, &names)
        });
        let value = parsed?;
        let slots: Vec<ArgSlot> = (0..VARIABLES.len()).map(ArgSlot::Port).collect();
        let program = Program::lower(&graph, &slots, |_| false, &[(OutSlot::State(0), value)]);
        let variable = |slot: &ArgSlot| match slot {
            ArgSlot::Port(k) => Some(VARIABLES[*k]),
            _ => None,
        };
        let variables = program.args.iter().filter_map(variable).collect();
        let kernel = Kernel::new(&program, SimdLevel::detect());
        let bounds = [f64::NEG_INFINITY, f64::INFINITY];
        Ok(Formula { kernel, graph, value, farthest, variables, bounds })
    }

    fn bounded_by_distance(mut self, name: &str, text: &str) -> Result<Formula> {
        let distances = (0..=LOOKS).map(|i| self.farthest * (i as f64 / LOOKS as f64)).collect();
        let columns = Columns::of_distances(distances);
        let (mut values, mut scratch) = (vec![], vec![]);
        self.values(&columns, &mut values, &mut scratch);
        if let Some(i) = values.iter().position(|x| !x.is_finite()) {
            let at = columns.of(Variable::Distance)[i];
            let expected = format!("an expression that is finite at all distances, but at {at} it is");
            return Err(Error::invalid(name, text, format!("{expected} {}", values[i])));
        }
        let fold = |f: fn(f64, f64) -> f64| values.iter().copied().fold(values[0], f);
        self.bounds = [fold(f64::min), fold(f64::max)];
        Ok(self)
    }

    fn bounded_by_pairs(mut self, name: &str, text: &str, pairs: &Pairs, rule: &Rule) -> Result<Formula> {
        let found = match pairs.count(rule) <= ALL_PAIRS {
            true => self.over_all(pairs, rule),
            false => Ok(self.over_boxes(pairs)),
        };
        let [low, high] = found.map_err(|(source, target, value)| {
            let expected = format!(
                "an expression that is finite for all pairs, but for i = {source} and j = {target} it is"
            );
            Error::invalid(name, text, format!("{expected} {value}"))
        })?;
        if !(low.is_finite() && high.is_finite()) {
            let expected = format!(
                "an expression whose bounds are known, because more than {ALL_PAIRS} pairs are too many to evaluate each: \
                 clip(…, low, high) around it states them"
            );
            return Err(Error::invalid(name, text, expected));
        }
        self.bounds = [low, high];
        Ok(self)
    }

    /// The smallest and the largest value over all pairs, or a pair whose value is not finite.
    fn over_all(&self, pairs: &Pairs, rule: &Rule) -> std::result::Result<[f64; 2], (u32, u32, f64)> {
        /// Sources per task.
        const SOURCES: usize = 64;
        let none = || [f64::INFINITY, f64::NEG_INFINITY];
        let join = |a: [f64; 2], b: [f64; 2]| [a[0].min(b[0]), a[1].max(b[1])];
        let runs = pairs.runs(rule);
        let of = |runs: &[(u32, Vec<u32>)]| {
            let (mut columns, mut values, mut scratch) = (Columns::default(), vec![], vec![]);
            let mut bounds = none();
            let mut look = |source: u32, targets: &[u32]| {
                pairs.fill(source as usize, targets, &self.variables, &mut columns);
                self.values(&columns, &mut values, &mut scratch);
                match values.iter().position(|x| !x.is_finite()) {
                    Some(i) => Err((source, targets[i] - pairs.first_target, values[i])),
                    None => {
                        bounds = values.iter().fold(bounds, |all, &x| join(all, [x, x]));
                        Ok(())
                    }
                }
            };
            let mut targets = vec![];
            for (source, listed) in runs {
                match listed.is_empty() {
                    true => {
                        pairs.candidates(*source as usize, rule, &mut targets);
                        look(*source, &targets)?;
                    }
                    false => look(*source, listed)?,
                }
            }
            Ok(bounds)
        };
        let found: Vec<_> = runs.par_chunks(SOURCES).map(of).collect();
        let bounds = found.into_iter().try_fold(none(), |all, own| Ok(join(all, own?)))?;
        // There was no pair.
        Ok(if bounds[0] <= bounds[1] { bounds } else { [0.0; 2] })
    }

    /// Bounds by interval arithmetic, for any pairs.
    fn over_boxes(&self, pairs: &Pairs) -> [f64; 2] {
        let count = self.variables.len().max(1);
        let parts = libm::floor(libm::pow(BOXES as f64, 1.0 / count as f64)).max(1.0) as usize;
        let ranges: Vec<[f64; 2]> = self.variables.iter().map(|&variable| pairs.range(variable)).collect();
        let mut inputs = [Interval::new(0.0, 0.0); VARIABLES.len()];
        let mut bounds = [f64::INFINITY, f64::NEG_INFINITY];
        for number in 0..parts.pow(count as u32) {
            let mut rest = number;
            for (&variable, [low, high]) in self.variables.iter().zip(&ranges) {
                let edge = |k: usize| low + (high - low) * (k as f64 / parts as f64);
                inputs[variable as usize] = Interval::new(edge(rest % parts), edge(rest % parts + 1));
                rest /= parts;
            }
            let value = self.graph.evaluate(&inputs)[self.value.index()];
            bounds = [bounds[0].min(value.low), bounds[1].max(value.high)];
        }
        bounds
    }

    pub fn bounds(&self) -> [f64; 2] {
        self.bounds
    }

    /// A distance beyond which no value is above `limit`; infinite if unknown.
    pub fn reach(&self, limit: f64) -> f64 {
        let of_distance = matches!(self.variables[..], [] | [Variable::Distance]);
        if self.bounds[0] > limit || !of_distance {
            return f64::INFINITY;
        }
        let distance = |i: usize| self.farthest * (i as f64 / LOOKS as f64);
        let above = |&i: &usize| {
            let mut inputs = [Interval::new(0.0, 0.0); VARIABLES.len()];
            inputs[Variable::Distance as usize] = Interval::new(distance(i), distance(i + 1));
            self.graph.evaluate(&inputs)[self.value.index()].high > limit
        };
        (0..LOOKS)
            .rev()
            .find(above)
            .map_or(0.0, |i| if i + 1 < LOOKS { distance(i + 1) } else { f64::INFINITY })
    }

    /// One value per pair, written to `into`.
    pub fn values(&self, columns: &Columns, into: &mut Vec<f64>, scratch: &mut Vec<f64>) {
        let neuron_slots = columns.len();
        into.clear();
        into.resize(neuron_slots, 0.0);
        if neuron_slots == 0 {
            return;
        }
        let mut args = [Arg::Uniform(0.0); VARIABLES.len()];
        args.iter_mut().zip(&self.variables).for_each(|(arg, &v)| *arg = Arg::Elements(columns.of(v)));
        self.kernel.run(neuron_slots, &args[..self.variables.len()], &mut [&mut into[..]], scratch);
        let [low, high] = self.bounds;
        into.iter_mut().for_each(|x| *x = x.clamp(low, high));
    }
}

impl std::fmt::Debug for Formula {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "Formula({:?})", self.bounds)
    }
}
