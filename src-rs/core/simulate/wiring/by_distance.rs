//! The parts of a connection that depend on the pair of neurons, in most cases on their distance.

use super::delays::rounded;
use super::formula::Formula;
use super::pairs::{Columns, Pairs, Variable};
use super::rules::Ends;
use super::source_row::{NEVER, Row};
use crate::random::distribution::Distribution;
use crate::spec::description::{Probability, Rule};
use crate::spec::layout::{Distances, Layout};
use lapicque_base::error::{Error, Result};
use std::sync::Arc;

#[derive(Debug)]
pub struct ByDistance {
    pub pairs: Pairs,
    pub p: Option<Formula>,
    pub weight: Option<Formula>,
    /// In ms.
    pub delay: Option<Formula>,
    pub dt: f64,
}

impl ByDistance {
    /// The expressions of a connection, if it has any: of its rule, its weights (with this name), and its delays. `layouts`:
    /// the populations of sources and targets, each with its layout; `ends_and_offsets`: its ends, its first source in
    /// the population, and its first target.
    ///
    /// # Errors
    /// `invalid-parameter` for expressions of positions without a layout, `shape-mismatch` for layouts that differ,
    /// `equation`.
    pub fn of(
        name: &str,
        rule: &Rule,
        [weight, delay]: [(&str, &Distribution); 2],
        layouts: [(&str, Option<&Arc<Layout>>); 2],
        (ends, first_source, first_target): (Ends, usize, usize),
        dt: f64,
    ) -> Result<Option<Arc<ByDistance>>> {
        let text = |of: &Distribution| match of {
            Distribution::Expression(text) => Some(text.clone()),
            _ => None,
        };
        let p = match rule {
            Rule::Bernoulli { p: Probability::Expression(text) } => Some(text.clone()),
            _ => None,
        };
        let texts = [("rule.p", p), (weight.0, text(weight.1)), (delay.0, text(delay.1))];
        if texts.iter().all(|(_, text)| text.is_none()) {
            return Ok(None);
        }
        let distances = match layouts {
            [(_, Some(from)), (_, Some(to))] => Some(Distances::new(name, from, to, first_source)?),
            _ => None,
        };
        let pairs = Pairs { distances, ends, first_target: first_target as u32 };
        let formula = |(of, text): (&str, Option<String>)| {
            let Some(text) = text else { return Ok(None) };
            let formula = Formula::of_pairs(&format!("{name}.{of}"), &text, &pairs, rule);
            let formula = formula?;
            let position_variable = formula.variables.iter().find(|variable| needs_positions(variable));
            let without_layout = layouts.iter().find(|(_, layout)| layout.is_none());
            match (position_variable, without_layout) {
                (Some(variable), Some((of, _))) => {
                    let expected = format!("a layout: an expression has {} in it", variable.name());
                    Err(Error::invalid(format!("{of}.layout"), "nothing", expected))
                }
                _ => Ok(Some(formula)),
            }
        };
        let [p, weight, delay] = texts;
        let (p, weight, delay) = (formula(p)?, formula(weight)?, formula(delay)?);
        Ok(Some(Arc::new(ByDistance { pairs, p, weight, delay, dt })))
    }

    /// The variables of the probability.
    fn of_probability(&self) -> &[Variable] {
        self.p.as_ref().map_or(&[], |p| &p.variables)
    }

    /// The probabilities of a connection from one source to each of `targets`, clamped to 0 and 1.
    pub fn probabilities(
        &self,
        source: usize,
        targets: &[u32],
        columns: &mut Columns,
        into: &mut Vec<f64>,
        scratch: &mut Vec<f64>,
    ) {
        if let Some(p) = &self.p {
            self.pairs.fill(source, targets, self.of_probability(), columns);
            p.values(columns, into, scratch);
            into.iter_mut().for_each(|p| *p = p.clamp(0.0, 1.0));
        }
    }

    /// The distance beyond which there are no synapses; infinite if unknown.
    pub fn reach(&self) -> f64 {
        self.p.as_ref().map_or(f64::INFINITY, |p| p.reach(NEVER))
    }

    /// The mean probability over all pairs, or over about a million of them.
    pub fn mean_probability(&self) -> f64 {
        const SAMPLES: usize = 1000;
        let some = |n: usize| (0..n).step_by(n.div_ceil(SAMPLES).max(1));
        let Pairs { ends, first_target, .. } = self.pairs;
        let targets: Vec<u32> = some(ends.targets).map(|t| first_target + t as u32).collect();
        let (mut columns, mut values, mut scratch) = (Columns::default(), vec![], vec![]);
        let (mut sum, mut count) = (0.0, 0.0);
        for source in some(ends.sources) {
            self.probabilities(source, &targets, &mut columns, &mut values, &mut scratch);
            // The pair of a neuron with itself may have no finite value.
            let values = values.iter().filter(|p| p.is_finite());
            count += values.clone().count() as f64;
            sum += values.sum::<f64>();
        }
        if count > 0.0 { sum / count } else { 0.0 }
    }

    /// Computes delays and weights of a row whose targets are known.
    pub fn fill(&self, source: usize, row: &mut Row) {
        let Row { targets, columns, values, kernel, distant_delays, distant_weights, .. } = row;
        if let Some(delay) = &self.delay {
            self.pairs.fill(source, targets, &delay.variables, columns);
            delay.values(columns, values, kernel);
            distant_delays.clear();
            distant_delays.extend(values.iter().map(|&ms| rounded(ms, self.dt) as u32));
        }
        if let Some(weight) = &self.weight {
            self.pairs.fill(source, targets, &weight.variables, columns);
            weight.values(columns, distant_weights, kernel);
        }
    }
}

/// Whether the variable needs positions of neurons.
fn needs_positions(variable: &Variable) -> bool {
    !matches!(variable, Variable::Source | Variable::Target)
}
