//! The synapses of one source, for every rule. They are sampled from a counter made of connection and source, so every caller
//! gets the same synapses.

use super::by_distance::ByDistance;
use super::in_degree::InDegree;
use super::neighbors::Neighbors;
use super::rules::Ends;
use super::source_row::{NEVER, Row, Words, below, many, sample_words};
use crate::random::discrete::{hypergeometric, poisson};
use crate::spec::description::{Probability, Rule};
use lapicque_base::control::Control;
use lapicque_base::error::Result;
use lapicque_base::memory;
use lapicque_base::rng::{Eight, Rng};
use lapicque_base::simd::SimdLevel;
use rayon::prelude::*;
use std::sync::Arc;

/// The connected neurons, and the parts that depend on distances.
#[derive(Debug)]
pub struct Wiring {
    pub rule: Rule,
    pub ends: Ends,
    /// The population's neuron that is target 0.
    pub first_target: u32,
    pub multapses: bool,
    pub by_distance: Option<Arc<ByDistance>>,
    pub places: Option<Arc<Places>>,
}

/// The places of the targets among which a synapse gets one at random: the end of each one's share of `[0, 1)`.
#[derive(Debug)]
pub struct Places(Vec<f64>);

impl Places {
    /// # Panics
    /// If all shares are 0.
    pub fn new(shares: &[f64]) -> Self {
        let total: f64 = shares.iter().sum();
        assert!(total > 0.0, "a share is above 0");
        let mut sum = 0.0;
        let end = |share: &f64| {
            sum += share / total;
            sum
        };
        Places(shares.iter().map(end).collect())
    }

    fn of(&self, word: u32) -> u32 {
        let x = (f64::from(word) + 0.5) / 4_294_967_296.0;
        // The last one's end may be rounded to less than 1.
        self.0.partition_point(|&end| end <= x).min(self.0.len() - 1) as u32
    }
}

/// A rule with the data that must be known before the first source is sampled.
pub struct Outgoing {
    rule: Kind,
    ends: Ends,
    first_target: u32,
    by_distance: Option<Arc<ByDistance>>,
    rng: Rng,
    level: SimdLevel,
    /// The places of the targets, with the generator that chooses among them.
    places: Option<(Arc<Places>, Rng)>,
    /// The number of each source's first synapse, if synapses that are not given as a list are numbered.
    starts: Option<Starts>,
}

enum Kind {
    AllToAll,
    OneToOne,
    /// The number of synapses of each source; the target of each is sampled independently.
    OutDegrees(Vec<u32>),
    /// The number of synapses of each source; their targets are all different.
    Distinct(Vec<u32>),
    /// 1 / ln(1 - p), or 0 if p is 1.
    Bernoulli(f64),
    /// Each target is sampled with the words of this generator; targets that are too far away are skipped.
    ByDistance(Rng, Option<Neighbors>),
    /// The targets of source `s` are `targets[starts[s]..starts[s + 1]]`.
    Sampled {
        starts: Vec<usize>,
        targets: Vec<u32>,
    },
    /// As `Sampled`, with the index of each synapse in the list.
    List {
        starts: Vec<usize>,
        synapses: Vec<(u32, u32)>,
    },
}

impl Outgoing {
    /// The rule must have passed [`check`](super::rules::check).
    ///
    /// # Errors
    /// `too-large`, `aborted`.
    pub fn new(wiring: &Wiring, seed: u64, stream: u64, control: &Control) -> Result<Outgoing> {
        let Wiring { rule, ends, first_target, multapses, by_distance, places } = wiring;
        let (ends, multapses) = (*ends, *multapses);
        let sources = ends.sources;
        let rng = Rng::new(seed, stream);
        // The numbers of synapses are sampled from a separate stream.
        let separate_rng = Rng::new(seed, stream | 1 << 63);
        let candidates = |source| (ends.targets - usize::from(ends.own_target(source).is_some())) as u64;
        let rule = match rule {
            Rule::AllToAll => Kind::AllToAll,
            Rule::OneToOne => Kind::OneToOne,
            Rule::FixedInDegree { count } => {
                let in_degree = InDegree { rng: separate_rng, ends, count: *count, multapses };
                let (starts, targets) = in_degree.by_source(control)?;
                Kind::Sampled { starts, targets }
            }
            Rule::FixedTotal { count } if multapses => {
                Kind::OutDegrees(histogram(&separate_rng, *count, ends, control)?)
            }
            Rule::FixedTotal { count } => {
                // Source by source: how many of the synapses fall on the pairs of this source among the remaining pairs.
                let (mut count, mut pairs) = (*count, ends.pairs());
                let counts = (0..sources).map(|source| {
                    control.check()?;
                    let own = candidates(source);
                    let taken = hypergeometric(separate_rng.uniform_f64_at(source as u64), count, own, pairs);
                    count -= taken;
                    pairs -= own;
                    Ok(taken as u32)
                });
                Kind::Distinct(counts.collect::<Result<_>>()?)
            }
            Rule::Bernoulli { p: Probability::Expression(_) } => {
                let near = by_distance.as_ref().and_then(|by_distance| {
                    let first = *first_target as usize;
                    let layout = by_distance.pairs.distances.as_ref()?.targets();
                    Neighbors::new(layout, first..first + ends.targets, by_distance.reach())
                });
                Kind::ByDistance(separate_rng, near)
            }
            Rule::Bernoulli { p: Probability::Constant(p) } if *p >= 1.0 => Kind::Bernoulli(0.0),
            Rule::Bernoulli { p: Probability::Constant(p) } => Kind::Bernoulli(1.0 / libm::log1p(-p)),
            Rule::Poisson { mean } => {
                // A Poisson number of synapses, each to a random target: then each pair has an independent Poisson number.
                let count = |source| {
                    control.check()?;
                    Ok(poisson(separate_rng.uniform_f64_at(source as u64), mean * candidates(source) as f64)
                        as u32)
                };
                Kind::OutDegrees((0..sources).map(count).collect::<Result<_>>()?)
            }
            Rule::FixedOutDegree { count } if multapses => Kind::OutDegrees(vec![*count as u32; sources]),
            Rule::FixedOutDegree { count } => Kind::Distinct(vec![*count as u32; sources]),
            Rule::List { sources: from, targets: to } => {
                let starts = starts(sources, from.iter().copied());
                let (mut next, mut synapses) =
                    (starts.clone(), memory::huge_pages::<(u32, u32)>("a list of synapses", from.len())?);
                memory::clear_pages(&mut synapses, || control.check())?;
                for (number, (&source, &target)) in from.iter().zip(to).enumerate() {
                    if number.is_multiple_of(1 << 16) {
                        control.check()?;
                    }
                    synapses[next[source as usize]] = (target, number as u32);
                    next[source as usize] += 1;
                }
                Kind::List { starts, synapses }
            }
        };
        let (by_distance, level) = (by_distance.clone(), SimdLevel::Portable);
        let places = places.as_ref().map(|places| (Arc::clone(places), Rng::new(seed, stream | 1 << 62)));
        Ok(Outgoing {
            rule,
            ends,
            first_target: *first_target,
            by_distance,
            rng,
            level,
            places,
            starts: None,
        })
    }

    /// Visits all targets, also those that are too far away; the rows are the same.
    #[cfg(test)]
    pub fn looking_everywhere(mut self) -> Outgoing {
        if let Kind::ByDistance(_, near) = &mut self.rule {
            *near = None;
        }
        self
    }

    /// Whether targets that are too far away are skipped.
    #[cfg(test)]
    pub fn looks_nearby(&self) -> bool {
        matches!(&self.rule, Kind::ByDistance(_, Some(_)))
    }

    /// Numbers synapses from source to source, for individual weights.
    pub fn numbered(self, starts: Option<Starts>) -> Outgoing {
        Outgoing { starts, ..self }
    }

    /// Samples with the instructions of a SIMD level; the rows are the same.
    pub fn at(self, level: SimdLevel) -> Outgoing {
        Outgoing { level, ..self }
    }

    /// Samples the synapses of `source`, with at least the random words in `words`.
    #[inline(always)]
    pub fn row(&self, source: usize, words: Words, row: &mut Row) {
        [&mut row.targets, &mut row.delays, &mut row.weights, &mut row.numbers]
            .into_iter()
            .for_each(Vec::clear);
        row.places.clear();
        if let Kind::ByDistance(separate_rng, near) = &self.rule {
            self.targets_by_distance(source, (separate_rng, near.as_ref()), row);
        }
        let Row { targets, delays, weights, numbers, taken, .. } = row;
        let rng = &self.rng;
        let start = (source as u64) << 32;
        let own = self.ends.own_target(source);
        // Without autapses, numbers from the source on stand for the next target.
        let past = |t: u32| t + u32::from(own.is_some_and(|own| t as usize >= own));
        let candidates = self.ends.targets - usize::from(own.is_some());
        let words_to_sample = match &self.rule {
            Kind::AllToAll => {
                targets.extend((0..candidates as u32).map(past));
                words
            }
            Kind::OneToOne => {
                targets.push(source as u32);
                words
            }
            Kind::Sampled { starts, targets: all } => {
                targets.extend_from_slice(&all[starts[source]..starts[source + 1]]);
                words
            }
            Kind::OutDegrees(counts) => {
                let count = counts[source] as usize;
                let target = |word| past(below(word, candidates));
                sample_words(
                    (rng, self.level),
                    start,
                    count,
                    words,
                    [targets, delays, weights],
                    Some(target),
                );
                Words::Neither
            }
            Kind::Distinct(counts) => {
                distinct(
                    candidates,
                    counts[source] as usize,
                    taken,
                    |k| rng.block_at(start + k as u64)[0],
                    |t| targets.push(past(t)),
                );
                words
            }
            Kind::Bernoulli(scale) => {
                let mut target = 0.0;
                for k in 0.. {
                    let words = rng.block_at(start + k);
                    // The gap between two successes has a geometric distribution.
                    let u = (f64::from(words[0]) + (f64::from(words[3]) + 0.5) / 4_294_967_296.0)
                        / 4_294_967_296.0;
                    target += libm::floor(libm::log(u) * scale);
                    if target >= candidates as f64 {
                        break;
                    }
                    targets.push(past(target as u32));
                    target += 1.0;
                }
                words
            }
            Kind::ByDistance(..) => words,
            Kind::List { starts, synapses } => {
                for &(target, number) in &synapses[starts[source]..starts[source + 1]] {
                    let words = rng.block_at(u64::from(number));
                    targets.push(target);
                    delays.push(words[1]);
                    weights.push(words[2]);
                    numbers.push(number);
                }
                Words::Neither
            }
        };
        if words_to_sample != Words::Neither {
            let (count, none) = (targets.len(), None::<fn(u32) -> u32>);
            sample_words((rng, self.level), start, count, words_to_sample, [targets, delays, weights], none);
        }
        if let Some(starts) = &self.starts {
            let first = starts[source];
            numbers.extend(first..first + targets.len() as u32);
        }
        if self.first_target > 0 {
            targets.iter_mut().for_each(|target| *target += self.first_target);
        }
        if let Some(by_distance) = &self.by_distance {
            by_distance.fill(source, row);
        }
        if let Some((places, rng)) = &self.places {
            let words = (0..row.targets.len() as u64).map(|i| rng.u32_at(start + i));
            row.places.extend(words.map(|word| places.of(word)));
        }
    }

    /// The targets of a source whose probability depends on the distance; if `near` is given, those that are too far
    /// away are skipped.
    #[inline(always)]
    fn targets_by_distance(
        &self,
        source: usize,
        (separate_rng, near): (&Rng, Option<&Neighbors>),
        row: &mut Row,
    ) {
        let Row { targets, taken, candidates: all, columns, values, kernel, .. } = row;
        let start = (source as u64) << 32;
        let own = self.ends.own_target(source);
        if let Some(near) = near {
            all.clear();
            taken.resize(self.ends.targets.div_ceil(64), 0);
            if let Some(by_distance) = &self.by_distance
                && let Some(distances) = &by_distance.pairs.distances
            {
                near.mark(distances.source(source), taken);
                for (i, bits) in taken.iter_mut().enumerate() {
                    while *bits != 0 {
                        all.push((64 * i) as u32 + bits.trailing_zeros() + self.first_target);
                        *bits &= *bits - 1;
                    }
                }
                by_distance.probabilities(source, all, columns, values, kernel);
            }
            for (&target, &p) in all.iter().zip(values.iter()).filter(|&(_, &p)| p > NEVER) {
                let target = target - self.first_target;
                if own == Some(target as usize) {
                    continue;
                }
                // The word that the target has if all targets are visited.
                let candidate = target as usize - usize::from(own.is_some_and(|own| target as usize > own));
                let (block, word) = Eight::block_and_word(candidate % 32);
                let word = separate_rng.block_at(start + (candidate / 32 * 8 + block) as u64)[word];
                if f64::from(word) + 0.5 < p * 4_294_967_296.0 {
                    targets.push(target);
                }
            }
            return;
        }
        let past = |t: u32| t + u32::from(own.is_some_and(|own| t as usize >= own));
        let candidates = self.ends.targets - usize::from(own.is_some());
        all.clear();
        all.extend((0..candidates as u32).map(|t| past(t) + self.first_target));
        if let Some(by_distance) = &self.by_distance {
            by_distance.probabilities(source, all, columns, values, kernel);
        }
        let mut pairs = all.iter().zip(values.iter());
        many(separate_rng, self.level, start, all.len().div_ceil(4), |eight, _| {
            for (&word, (&target, p)) in eight.0.iter().zip(&mut pairs) {
                if f64::from(word) + 0.5 < p * 4_294_967_296.0 {
                    targets.push(target - self.first_target);
                }
            }
        });
    }
}

/// `count` different numbers below `n` (R. W. Floyd's algorithm, Comm. ACM 30, 1987).
pub(crate) fn distinct(
    n: usize,
    count: usize,
    taken: &mut Vec<u64>,
    word: impl Fn(usize) -> u32,
    mut give: impl FnMut(u32),
) {
    taken.resize(n.div_ceil(64), 0);
    let mut chosen = Vec::with_capacity(count);
    for (k, last) in (n - count..n).enumerate() {
        let draw = below(word(k), last + 1) as usize;
        let is_taken = taken[draw / 64] >> (draw % 64) & 1 == 1;
        let number = if is_taken { last } else { draw };
        taken[number / 64] |= 1 << (number % 64);
        chosen.push(number);
        give(number as u32);
    }
    chosen.into_iter().for_each(|number| taken[number / 64] = 0);
}

/// The number of each source's synapses if `count` synapses connect random pairs.
fn histogram(rng: &Rng, count: u64, ends: Ends, control: &Control) -> Result<Vec<u32>> {
    const CHUNK: u64 = 1 << 22;
    let (n, [from, to]) = (ends.sources, ends.shared());
    let alike = from == to || to - from == n;
    // Without autapses, sources that are also targets have one pair less.
    let own = ends.targets.saturating_sub(1) as u64;
    let [before, shared] = [from as u64 * ends.targets as u64, (to - from) as u64 * own];
    let of_pair = |pair: u64| match pair.checked_sub(before) {
        None => pair / ends.targets as u64,
        Some(pair) if pair < shared => from as u64 + pair / own,
        Some(pair) => to as u64 + (pair - shared) / ends.targets as u64,
    };
    let counts = |chunk: u64| {
        let mut counts = vec![0u32; n];
        if control.canceled() {
            return counts;
        }
        let (first, last) = (chunk * CHUNK, ((chunk + 1) * CHUNK).min(count));
        if alike {
            let mut left = (last - first) as usize;
            many(rng, SimdLevel::detect(), first / 4, left.div_ceil(4), |eight, _| {
                eight.0[..left.min(32)].iter().for_each(|&word| counts[below(word, n) as usize] += 1);
                left -= left.min(32);
            });
        } else {
            for k in first..last {
                let pair = (u128::from(rng.u64_at(k)) * u128::from(ends.pairs())) >> 64;
                counts[of_pair(pair as u64) as usize] += 1;
            }
        }
        counts
    };
    let add = |mut a: Vec<u32>, b: Vec<u32>| {
        a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
        a
    };
    let counts = (0..count.div_ceil(CHUNK)).into_par_iter().map(counts).reduce(|| vec![0; n], add);
    control.check().map(|()| counts)
}

/// The offset of each source's synapses when they are sorted by source.
fn starts(sources: usize, of: impl Iterator<Item = u32>) -> Vec<usize> {
    let mut starts = vec![0usize; sources + 1];
    of.for_each(|source| starts[source as usize + 1] += 1);
    (0..sources).for_each(|s| starts[s + 1] += starts[s]);
    starts
}

/// The number of the first synapse of each source.
pub type Starts = Arc<[u32]>;
