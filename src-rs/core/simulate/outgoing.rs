//! The synapses of one source, for every rule: drawn from a counter that is made of connection and
//! source, so that whoever builds the row draws the same.

use super::delays::Delays;
use super::description::Rule;
use super::quantised::Quantised;
use crate::error::{Result, try_vec};
use crate::rng::{Eight, Rng};
use crate::simd::SimdLevel;
use rayon::prelude::*;

/// A rule with what must be known before a single source can be built.
pub struct Outgoing {
    rule: Kind,
    /// Sources and targets are the same neurons, and none connects to itself.
    skip_self: bool,
    targets: usize,
    rng: Rng,
    level: SimdLevel,
}

enum Kind {
    AllToAll,
    OneToOne,
    /// Targets drawn anew for each synapse: how many synapses a source has.
    OutDegrees(Vec<u32>),
    /// As many, all different.
    Distinct(usize),
    /// 1 over the logarithm of 1 - p, and 0 when p is 1.
    Bernoulli(f64),
    /// The targets of source `s` are `targets[starts[s]..starts[s + 1]]`.
    Drawn {
        starts: Vec<usize>,
        targets: Vec<u32>,
    },
    /// The same with each synapse's place in the list.
    List {
        starts: Vec<usize>,
        synapses: Vec<(u32, u32)>,
    },
}

/// The synapses of one source: targets, random words for delays and weights, and for lists each
/// synapse's place.
#[derive(Default)]
pub struct Row {
    pub targets: Vec<u32>,
    pub delays: Vec<u32>,
    pub weights: Vec<u32>,
    pub numbers: Vec<u32>,
    /// Scratch: bits of the targets taken, all clear between rows.
    taken: Vec<u64>,
}

impl Row {
    #[inline(always)]
    fn number(&self, i: usize) -> usize {
        self.numbers.get(i).map_or(0, |&number| number as usize)
    }

    /// The delay of the row's synapse `i` in steps.
    #[inline(always)]
    pub fn delay(&self, i: usize, delays: &Delays) -> u32 {
        delays.steps(self.number(i), self.delays.get(i).copied().unwrap_or(0))
    }

    /// Its port and weight in units.
    #[inline(always)]
    pub fn weight(&self, i: usize, weights: &Quantised) -> (usize, i64) {
        weights.value(self.number(i), self.weights.get(i).copied().unwrap_or(0))
    }
}

/// `[0, n)` from a word, uniform up to 2^-32.
#[inline(always)]
fn below(word: u32, n: usize) -> u32 {
    ((u64::from(word) * n as u64) >> 32) as u32
}

/// Visits `count` blocks from `first` on, eight at a time; of the last eight maybe fewer count.
#[inline(always)]
fn many(rng: &Rng, level: SimdLevel, first: u64, count: usize, mut visit: impl FnMut(&Eight, usize)) {
    let mut eights = [Eight::ZERO; 32];
    for from in (0..count).step_by(8 * eights.len()) {
        let eights = &mut eights[..(count - from).div_ceil(8).min(32)];
        rng.fill(level, first + from as u64, 0, eights.len(), eights);
        for (i, eight) in eights.iter().enumerate() {
            visit(eight, 8.min(count - from - 8 * i));
        }
    }
}

/// The words for delays and weights of eight synapses.
#[inline(always)]
fn words_of(eight: &Eight, n: usize, delays: &mut Vec<u32>, weights: &mut Vec<u32>) {
    let words = |w: usize| -> [u32; 8] { std::array::from_fn(|j| eight.word(j, w)) };
    delays.extend_from_slice(&words(1)[..n]);
    weights.extend_from_slice(&words(2)[..n]);
}

impl Outgoing {
    /// The rule must have passed [`check`](super::rules::check) with the same sizes and choices.
    pub fn new(
        rule: &Rule,
        [sources, targets]: [usize; 2],
        skip_self: bool,
        multapses: bool,
        seed: u64,
        stream: u64,
    ) -> Result<Outgoing> {
        let rng = Rng::new(seed, stream);
        // What decides how many synapses there are is drawn apart from the synapses themselves.
        let apart = Rng::new(seed, stream | 1 << 63);
        let rule = match rule {
            Rule::AllToAll => Kind::AllToAll,
            Rule::OneToOne => Kind::OneToOne,
            Rule::FixedInDegree { count } => {
                let draws = InDegree { rng: apart, sources, count: *count, skip_self, multapses };
                draws.by_source(targets)?
            }
            Rule::FixedTotal { count } => Kind::OutDegrees(histogram(&apart, *count, sources)),
            Rule::Bernoulli { p } if *p >= 1.0 => Kind::Bernoulli(0.0),
            Rule::Bernoulli { p } => Kind::Bernoulli(1.0 / libm::log1p(-p)),
            Rule::FixedOutDegree { count } if multapses => Kind::OutDegrees(vec![*count as u32; sources]),
            Rule::FixedOutDegree { count } => Kind::Distinct(*count),
            Rule::List { sources: from, targets: to } => {
                let starts = starts(sources, from.iter().copied());
                let (mut next, mut synapses) =
                    (starts.clone(), try_vec("a list of synapses", from.len(), (0, 0))?);
                for (number, (&source, &target)) in from.iter().zip(to).enumerate() {
                    synapses[next[source as usize]] = (target, number as u32);
                    next[source as usize] += 1;
                }
                Kind::List { starts, synapses }
            }
        };
        Ok(Outgoing { rule, skip_self, targets, rng, level: SimdLevel::Portable })
    }

    /// Draws by the instructions of a level: the same rows.
    pub fn at(self, level: SimdLevel) -> Outgoing {
        Outgoing { level, ..self }
    }

    /// The synapses of `source`. Without `drawn`, nothing needs the words for delays and weights, and
    /// they are left out.
    #[inline(always)]
    pub fn row(&self, source: usize, drawn: bool, row: &mut Row) {
        let Row { targets, delays, weights, numbers, taken } = row;
        [&mut *targets, &mut *delays, &mut *weights, &mut *numbers].into_iter().for_each(Vec::clear);
        let rng = &self.rng;
        let start = (source as u64) << 32;
        // Numbers past the source stand for the next target.
        let past = |t: u32| t + u32::from(self.skip_self && t as usize >= source);
        let candidates = self.targets - usize::from(self.skip_self);
        let drawn_alone = match &self.rule {
            Kind::AllToAll => {
                targets.extend((0..candidates as u32).map(past));
                drawn
            }
            Kind::OneToOne => {
                targets.push(source as u32);
                drawn
            }
            Kind::Drawn { starts, targets: all } => {
                targets.extend_from_slice(&all[starts[source]..starts[source + 1]]);
                drawn
            }
            Kind::OutDegrees(counts) => {
                let count = counts[source] as usize;
                many(rng, self.level, start, count, |eight, n| {
                    let words: [u32; 8] = std::array::from_fn(|j| past(below(eight.word(j, 0), candidates)));
                    targets.extend_from_slice(&words[..n]);
                    if drawn {
                        words_of(eight, n, delays, weights);
                    }
                });
                false
            }
            Kind::Distinct(count) => {
                distinct(
                    candidates,
                    *count,
                    taken,
                    |k| rng.block_at(start + k as u64)[0],
                    |t| targets.push(past(t)),
                );
                drawn
            }
            Kind::Bernoulli(scale) => {
                let mut target = 0.0;
                for k in 0.. {
                    let words = rng.block_at(start + k);
                    // A gap between successes is geometric.
                    let u = (f64::from(words[0]) + (f64::from(words[3]) + 0.5) / 4_294_967_296.0)
                        / 4_294_967_296.0;
                    target += libm::floor(libm::log(u) * scale);
                    if target >= candidates as f64 {
                        break;
                    }
                    targets.push(past(target as u32));
                    target += 1.0;
                }
                drawn
            }
            Kind::List { starts, synapses } => {
                for &(target, number) in &synapses[starts[source]..starts[source + 1]] {
                    let words = rng.block_at(u64::from(number));
                    targets.push(target);
                    delays.push(words[1]);
                    weights.push(words[2]);
                    numbers.push(number);
                }
                false
            }
        };
        if drawn_alone {
            many(rng, self.level, start, targets.len(), |eight, n| words_of(eight, n, delays, weights));
        }
    }
}

/// `count` different numbers below `n` (R. W. Floyd's algorithm, Comm. ACM 30, 1987).
fn distinct(
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

/// How many of `count` synapses fall on each of `n` neurons.
fn histogram(rng: &Rng, count: u64, n: usize) -> Vec<u32> {
    const CHUNK: u64 = 1 << 22;
    let counts = |chunk: u64| {
        let mut counts = vec![0u32; n];
        let (from, to) = (chunk * CHUNK, ((chunk + 1) * CHUNK).min(count));
        let mut left = (to - from) as usize;
        many(rng, SimdLevel::detect(), from / 4, left.div_ceil(4), |eight, _| {
            eight.0[..left.min(32)].iter().for_each(|&word| counts[below(word, n) as usize] += 1);
            left -= left.min(32);
        });
        counts
    };
    let add = |mut a: Vec<u32>, b: Vec<u32>| {
        a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
        a
    };
    (0..count.div_ceil(CHUNK)).into_par_iter().map(counts).reduce(|| vec![0; n], add)
}

/// Where the synapses of each source begin when they are sorted by source.
fn starts(sources: usize, of: impl Iterator<Item = u32>) -> Vec<usize> {
    let mut starts = vec![0usize; sources + 1];
    of.for_each(|source| starts[source as usize + 1] += 1);
    (0..sources).for_each(|s| starts[s + 1] += starts[s]);
    starts
}

/// A fixed number of sources for each target is drawn by target.
struct InDegree {
    rng: Rng,
    sources: usize,
    count: usize,
    skip_self: bool,
    multapses: bool,
}

impl InDegree {
    #[inline(always)]
    fn visit(&self, target: usize, taken: &mut Vec<u64>, mut visit: impl FnMut(u32)) {
        let candidates = self.sources - usize::from(self.skip_self);
        let past = |s: u32| s + u32::from(self.skip_self && s as usize >= target);
        let at = |k: usize| (target as u64) << 32 | k as u64;
        if self.multapses {
            // All four words of a block are sources.
            let mut left = self.count;
            many(&self.rng, SimdLevel::detect(), at(0), left.div_ceil(4), |eight, _| {
                for &word in &eight.0[..left.min(32)] {
                    visit(past(below(word, candidates)));
                }
                left -= left.min(32);
            });
        } else {
            distinct(candidates, self.count, taken, |k| self.rng.block_at(at(k))[0], |s| visit(past(s)));
        }
    }

    /// The targets by source, ascending. Each task looks through all draws for its own sources.
    fn by_source(&self, targets: usize) -> Result<Kind> {
        let tasks = rayon::current_num_threads().min(self.sources);
        let bound = |task: usize| task * self.sources / tasks;
        let degrees: Vec<Vec<usize>> = (0..tasks)
            .into_par_iter()
            .map(|task| {
                let (mut degrees, mut taken) = (vec![0; self.sources], Vec::new());
                for target in task * targets / tasks..(task + 1) * targets / tasks {
                    self.visit(target, &mut taken, |source| degrees[source as usize] += 1);
                }
                degrees
            })
            .collect();
        let mut starts = vec![0; self.sources + 1];
        for s in 0..self.sources {
            starts[s + 1] = starts[s] + degrees.iter().map(|degrees| degrees[s]).sum::<usize>();
        }
        let mut all = try_vec("the synapses of a fixed in-degree", starts[self.sources], 0u32)?;
        let mut rest = &mut all[..];
        let mut shares = Vec::new();
        for task in 0..tasks {
            let (share, after) = rest.split_at_mut(starts[bound(task + 1)] - starts[bound(task)]);
            shares.push(share);
            rest = after;
        }
        shares.into_par_iter().enumerate().for_each(|(task, share)| {
            let (low, high) = (bound(task), bound(task + 1));
            let mut next: Vec<usize> = (low..high).map(|s| starts[s] - starts[low]).collect();
            let mut taken = Vec::new();
            for target in 0..targets {
                self.visit(target, &mut taken, |source| {
                    if let Some(next) = (source as usize).checked_sub(low).and_then(|s| next.get_mut(s)) {
                        share[*next] = target as u32;
                        *next += 1;
                    }
                });
            }
        });
        Ok(Kind::Drawn { starts, targets: all })
    }
}
