//! How much memory a network needs, before any of it is taken.

use super::dense::Kind;
use super::description::Rule;
use super::gaps::Gaps;
use super::plan::{Connection, Plan, Population};
use super::plastic::Segment;
use super::precision::Precision;

/// What the code of the executor and the buffers of its threads take, which the first network brings into memory.
const PROGRAM: u64 = 4 << 20;

impl Plan {
    /// Bytes of a simulation on `partitions` partitions, and of the process that builds and runs it.
    pub fn bytes<F: Precision>(&self, partitions: usize) -> u64 {
        let real = size_of::<F>() as u64;
        let [low, high] = self.delays();
        let delays = u64::from(high - low) + 1;
        let size = size_of::<F::Synapse>() as u64;
        let each = |c: &Connection| match &c.synapse {
            Some(synapse) => size_of::<F::Target>() as u64 + synapse.rule.variables.len() as u64 * real,
            None => size,
        };
        let of = |c: &Connection| match Kind::of::<F>(self, c) {
            Some(kind) => kind.bytes::<F>(self, c),
            None => c.expected.saturating_mul(each(c)),
        };
        let synapses = self.connections.iter().map(of);
        let synapses = synapses.fold(0, u64::saturating_add);
        // Segments are filled up to whole quads: one and a half synapses are empty on average.
        let filling =
            (self.sources as u64 * partitions as u64).saturating_mul(delays * 3 / 2 * size).min(synapses);
        // Segments, twice when they are joined, and where they begin; none is empty.
        let places = self.sources as u64 * partitions as u64;
        let fixed = self.connections.iter().filter(|c| c.synapse.is_none());
        let fixed = fixed.fold(0, |sum: u64, c| sum.saturating_add(c.expected));
        let rows = places.saturating_mul(delays).min(fixed).saturating_mul(8).saturating_add(places * 16);
        let segments = |c: &Connection| {
            let [low, high] = c.delays.bounds();
            let most = (c.sources.len() as u64 * partitions as u64).saturating_mul(u64::from(high - low) + 1);
            let most = if c.synapse.is_some() { most.min(c.expected) } else { 0 };
            most.saturating_mul(size_of::<Segment>() as u64)
        };
        let segments = self.connections.iter().map(segments).fold(0, u64::saturating_add);
        // What rules hold while the rows are built.
        let held = |c: &Connection| match c.wiring.rule {
            Rule::List { .. } => c.expected.saturating_mul(16),
            Rule::FixedInDegree { .. } => c.expected.saturating_mul(4),
            _ => 0,
        };
        let lists = self.connections.iter().map(held).fold(0, u64::saturating_add);
        let neurons: u64 = self
            .populations
            .iter()
            .map(|p| (p.size.div_ceil(64) * 64 * (p.bound.states.len() + p.own_coefs())) as u64 * real)
            .sum();
        let gaps = self.gaps.iter().map(Gaps::bytes).fold(0, u64::saturating_add);
        let watched = |c: &Connection| {
            let Some(synapse) = &c.synapse else { return 0 };
            let ages =
                2 * u64::from(high) + 1 + synapse.rule.sights.iter().map(|s| s.delay).max().unwrap_or(0);
            (self.populations[c.population].size * synapse.rule.sights.len()) as u64 * ages * real
        };
        let watched = self.connections.iter().map(watched).sum();
        let sums = partitions as u64 * (F::MOST_SLOTS.min(1 << 16) * size_of::<F::Sum>()) as u64;
        [synapses, filling, rows, segments, lists, neurons, gaps, watched, sums, PROGRAM]
            .into_iter()
            .fold(0, u64::saturating_add)
    }
}

impl Population {
    /// Coefficients with a value for each lane, as those of a parameter that differs or moves have.
    fn own_coefs(&self) -> usize {
        let some = |values: &[f64], differ: bool| if differ { vec![values[0]; 2] } else { vec![values[0]] };
        let moves = self.intrinsic.as_ref().map(|intrinsic| &intrinsic.parameter);
        let params: Vec<Vec<f64>> = (self.bound.params.iter())
            .map(|param| {
                some(&param.values, param.values.len() > 1 || moves.is_some_and(|moves| *moves == param.name))
            })
            .collect();
        self.bound.derive(&params).iter().filter(|values| values.len() > 1).count()
    }
}
