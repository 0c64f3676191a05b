//! What of a connection depends on the distance between the neurons that it connects.

use super::delays::rounded;
use super::description::{Probability, Rule};
use super::distribution::Distribution;
use super::formula::Formula;
use super::layout::{Distances, Layout};
use super::outgoing::{NEVER, Row};
use lapicque_base::error::{Error, Result};
use std::sync::Arc;

#[derive(Debug)]
pub struct ByDistance {
    pub distances: Distances,
    pub p: Option<Formula>,
    pub weight: Option<Formula>,
    /// In ms.
    pub delay: Option<Formula>,
    pub dt: f64,
}

impl ByDistance {
    /// The expressions of a connection, if it has any: of its rule, weights (by this name), and delays. `ends`: its sources'
    /// population and that of its targets, each with its layout; `first_source`: its first source in the population.
    ///
    /// # Errors
    /// `invalid-parameter` without a layout, `shape-mismatch` for layouts that differ, `equation`.
    pub fn of(
        name: &str,
        rule: &Rule,
        [weight, delay]: [(&str, &Distribution); 2],
        ends: [(&str, Option<&Arc<Layout>>); 2],
        first_source: usize,
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
        let layout = |(of, layout): (&str, Option<&Arc<Layout>>)| {
            let expected = "a layout: an expression has d in it";
            layout.cloned().ok_or_else(|| Error::invalid(format!("{of}.layout"), "nothing", expected))
        };
        let [from, to] = [layout(ends[0])?, layout(ends[1])?];
        let distances = Distances::new(name, &from, &to, first_source)?;
        let farthest = distances.farthest();
        let formula = |(of, text): (&str, Option<String>)| {
            text.map(|text| Formula::new(&format!("{name}.{of}"), &text, farthest)).transpose()
        };
        let [p, weight, delay] = texts;
        let (p, weight, delay) = (formula(p)?, formula(weight)?, formula(delay)?);
        Ok(Some(Arc::new(ByDistance { distances, p, weight, delay, dt })))
    }

    /// Of a connection at each distance, from 0 to 1.
    pub fn probabilities(&self, distances: &[f64], into: &mut Vec<f64>, scratch: &mut Vec<f64>) {
        if let Some(p) = &self.p {
            p.values(distances, into, scratch);
            into.iter_mut().for_each(|p| *p = p.clamp(0.0, 1.0));
        }
    }

    /// From which distance on there are no synapses; infinite where that is not known.
    pub fn reach(&self) -> f64 {
        self.p.as_ref().map_or(f64::INFINITY, |p| p.reach(NEVER))
    }

    /// The mean probability, from about a million pairs or all.
    pub fn mean_probability(&self, sources: usize, first_target: u32, targets: usize) -> f64 {
        const LOOKS: usize = 1000;
        let some = |n: usize| (0..n).step_by(n.div_ceil(LOOKS).max(1));
        let targets: Vec<u32> = some(targets).map(|t| first_target + t as u32).collect();
        let (mut distances, mut values, mut scratch) = (vec![], vec![], vec![]);
        let (mut sum, mut count) = (0.0, 0.0);
        for source in some(sources) {
            self.distances.of(source, &targets, &mut distances);
            self.probabilities(&distances, &mut values, &mut scratch);
            sum += values.iter().sum::<f64>();
            count += values.len() as f64;
        }
        if count > 0.0 { sum / count } else { 0.0 }
    }

    /// Delays and weights of a row whose targets are known.
    pub fn fill(&self, source: usize, row: &mut Row) {
        let Row { targets, distances, values, kernel, distant_delays, distant_weights, .. } = row;
        self.distances.of(source, targets, distances);
        if let Some(delay) = &self.delay {
            delay.values(distances, values, kernel);
            distant_delays.clear();
            distant_delays.extend(values.iter().map(|&ms| rounded(ms, self.dt) as u32));
        }
        if let Some(weight) = &self.weight {
            weight.values(distances, distant_weights, kernel);
        }
    }
}
