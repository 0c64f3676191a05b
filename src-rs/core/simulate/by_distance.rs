//! What of a connection depends on the distance between the neurons that it connects.

use super::delays::rounded;
use super::formula::Formula;
use super::layout::Distances;
use super::outgoing::Row;

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
    /// Of a connection at each distance, from 0 to 1.
    pub fn probabilities(&self, distances: &[f64], into: &mut Vec<f64>, scratch: &mut Vec<f64>) {
        if let Some(p) = &self.p {
            p.values(distances, into, scratch);
            into.iter_mut().for_each(|p| *p = p.clamp(0.0, 1.0));
        }
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
