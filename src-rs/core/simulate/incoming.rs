//! The synapses of one target, for every rule: drawn from a counter that is made of connection and
//! target, so that whoever builds the target draws the same.

use super::description::Rule;
use crate::error::{Error, Result, try_vec};
use crate::rng::Rng;
use rayon::prelude::*;

/// A rule with what must be known before a single target can be built.
#[derive(Debug)]
pub struct Incoming {
    rule: Kind,
    /// Sources and targets are the same neurons, and none connects to itself.
    skip_self: bool,
    sources: usize,
    rng: Rng,
}

#[derive(Debug)]
enum Kind {
    AllToAll,
    OneToOne,
    /// The same number of sources for every target.
    InDegree(u32),
    Distinct(u32),
    /// A number for each target.
    InDegrees(Vec<u32>),
    /// 1 over the logarithm of 1 - p, and 0 when p is 1.
    Bernoulli(f64),
    /// Sources by target; `number` is the synapse's place in the list.
    List {
        starts: Vec<usize>,
        synapses: Vec<(u32, u32)>,
    },
}

/// One synapse: its source, its number for values that are given one by one, and random words for
/// delay and weight.
pub struct Synapse {
    pub source: u32,
    pub number: usize,
    pub delay: u32,
    pub weight: u32,
}

/// `[0, n)` from a word, uniform up to 2^-32.
#[inline]
fn below(word: u32, n: usize) -> u32 {
    ((u64::from(word) * n as u64) >> 32) as u32
}

impl Incoming {
    /// The rule must have passed [`check`] with the same sizes and choices.
    pub fn new(
        rule: &Rule,
        [sources, targets]: [usize; 2],
        skip_self: bool,
        multapses: bool,
        seed: u64,
        stream: u64,
    ) -> Result<Incoming> {
        let rng = Rng::new(seed, stream);
        let rule = match rule {
            Rule::AllToAll => Kind::AllToAll,
            Rule::OneToOne => Kind::OneToOne,
            Rule::FixedInDegree { count } if multapses => Kind::InDegree(*count as u32),
            Rule::FixedInDegree { count } => Kind::Distinct(*count as u32),
            Rule::FixedTotal { count } => Kind::InDegrees(histogram(*count, targets, seed, stream)?),
            Rule::Bernoulli { p } if *p >= 1.0 => Kind::Bernoulli(0.0),
            Rule::Bernoulli { p } => Kind::Bernoulli(1.0 / libm::log1p(-p)),
            Rule::FixedOutDegree { count } => {
                let pairs = outgoing(&rng, sources, targets, *count, skip_self, multapses)?;
                by_target(pairs, targets)
            }
            Rule::List { sources, targets: to } => {
                by_target(sources.iter().copied().zip(to.iter().copied()).collect(), targets)
            }
        };
        Ok(Incoming { rule, skip_self, sources, rng })
    }

    /// Calls `visit` for each synapse onto `target`. `taken` is scratch, empty before and after.
    #[inline]
    pub fn visit(&self, target: usize, taken: &mut Vec<u64>, mut visit: impl FnMut(Synapse)) {
        let rng = &self.rng;
        let words = |k: usize| rng.block_at((target as u64) << 32 | k as u64);
        // Numbers past the target stand for the next source.
        let past = |s: u32| if self.skip_self && s as usize >= target { s + 1 } else { s };
        let candidates = self.sources - usize::from(self.skip_self);
        let mut give = |source: u32, number: usize, [_, delay, weight, _]: [u32; 4]| {
            visit(Synapse { source, number, delay, weight });
        };
        match &self.rule {
            Kind::AllToAll => (0..candidates).for_each(|k| give(past(k as u32), k, words(k))),
            Kind::OneToOne => give(target as u32, target, words(0)),
            Kind::InDegree(count) => (0..*count as usize).for_each(|k| {
                let words = words(k);
                give(past(below(words[0], candidates)), k, words);
            }),
            Kind::InDegrees(counts) => (0..counts[target] as usize).for_each(|k| {
                let words = words(k);
                give(past(below(words[0], candidates)), k, words);
            }),
            Kind::Distinct(count) => {
                distinct(candidates, *count as usize, taken, words, |s, k, words| give(past(s), k, words));
            }
            Kind::Bernoulli(scale) => {
                let mut source = 0.0;
                for k in 0.. {
                    let words = words(k);
                    // A gap between successes is geometric.
                    let u = (f64::from(words[0]) + (f64::from(words[3]) + 0.5) / 4_294_967_296.0)
                        / 4_294_967_296.0;
                    source += libm::floor(libm::log(u) * scale);
                    if source >= candidates as f64 {
                        break;
                    }
                    give(past(source as u32), k, words);
                    source += 1.0;
                }
            }
            Kind::List { starts, synapses } => {
                for &(source, number) in &synapses[starts[target]..starts[target + 1]] {
                    give(source, number as usize, rng.block_at(u64::from(number)));
                }
            }
        }
    }
}

/// `count` different numbers below `n` (R. W. Floyd's algorithm, Comm. ACM 30, 1987).
fn distinct(
    n: usize,
    count: usize,
    taken: &mut Vec<u64>,
    words: impl Fn(usize) -> [u32; 4],
    mut give: impl FnMut(u32, usize, [u32; 4]),
) {
    taken.resize(n.div_ceil(64), 0);
    let mut chosen = Vec::with_capacity(count);
    for (k, last) in (n - count..n).enumerate() {
        let words = words(k);
        let draw = below(words[0], last + 1) as usize;
        let is_taken = taken[draw / 64] >> (draw % 64) & 1 == 1;
        let number = if is_taken { last } else { draw };
        taken[number / 64] |= 1 << (number % 64);
        chosen.push(number);
        give(number as u32, k, words);
    }
    chosen.into_iter().for_each(|number| taken[number / 64] = 0);
}

/// How many of `count` synapses fall on each target.
fn histogram(count: u64, targets: usize, seed: u64, stream: u64) -> Result<Vec<u32>> {
    const CHUNK: u64 = 1 << 22;
    // The draws of the synapses themselves are those of the stream with the upper bit clear.
    let rng = Rng::new(seed, stream | 1 << 63);
    let counts = |chunk: u64| {
        let mut counts = vec![0u32; targets];
        let (from, to) = (chunk * CHUNK, ((chunk + 1) * CHUNK).min(count));
        for block in from / 4..to.div_ceil(4) {
            let left = (to - block * 4).min(4) as usize;
            rng.block_at(block)[..left].iter().for_each(|&word| counts[below(word, targets) as usize] += 1);
        }
        counts
    };
    let add = |mut a: Vec<u32>, b: Vec<u32>| {
        a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
        a
    };
    Ok((0..count.div_ceil(CHUNK)).into_par_iter().map(counts).reduce(|| vec![0; targets], add))
}

/// The pairs of a fixed out-degree, by source.
fn outgoing(
    rng: &Rng,
    sources: usize,
    targets: usize,
    count: usize,
    skip_self: bool,
    multapses: bool,
) -> Result<Vec<(u32, u32)>> {
    let mut pairs = try_vec("the synapses of a fixed out-degree", sources * count, (0u32, 0u32))?;
    if count == 0 {
        return Ok(pairs);
    }
    let candidates = targets - usize::from(skip_self);
    pairs.par_chunks_mut(count).enumerate().for_each(|(source, row)| {
        // Delays and weights are drawn by the number of a synapse, targets where no number reaches.
        let words = |k: usize| rng.block_at(1 << 63 | (source as u64) << 31 | k as u64);
        let past = |t: u32| if skip_self && t as usize >= source { t + 1 } else { t };
        if multapses {
            let target = |k| past(below(words(k)[0], candidates));
            row.iter_mut().enumerate().for_each(|(k, pair)| *pair = (source as u32, target(k)));
        } else {
            distinct(candidates, count, &mut Vec::new(), words, |t, k, _| row[k] = (source as u32, past(t)));
        }
    });
    Ok(pairs)
}

/// Pairs by target, each with its number.
fn by_target(pairs: Vec<(u32, u32)>, targets: usize) -> Kind {
    let mut starts = vec![0usize; targets + 1];
    pairs.iter().for_each(|&(_, target)| starts[target as usize + 1] += 1);
    for t in 0..targets {
        starts[t + 1] += starts[t];
    }
    let (mut next, mut synapses) = (starts.clone(), vec![(0, 0); pairs.len()]);
    for (number, &(source, target)) in pairs.iter().enumerate() {
        synapses[next[target as usize]] = (source, number as u32);
        next[target as usize] += 1;
    }
    Kind::List { starts, synapses }
}

/// What a rule asks for, checked. Returns the expected number of synapses.
pub fn check(
    name: &str,
    rule: &Rule,
    [sources, targets]: [usize; 2],
    skip_self: bool,
    multapses: bool,
) -> Result<u64> {
    let most = |what: &str, count: usize, all: usize| {
        let all = all - usize::from(skip_self);
        if (!multapses && count > all) || (count > 0 && all == 0) || count > u32::MAX as usize {
            let expected = format!("at most {all}, the {what} there are, without multapses");
            return Err(Error::invalid(format!("{name}.rule.count"), count, expected));
        }
        Ok(())
    };
    match rule {
        Rule::AllToAll => Ok((sources - usize::from(skip_self)) as u64 * targets as u64),
        Rule::OneToOne if sources != targets => Err(Error::ShapeMismatch {
            layer: name.into(),
            expected: format!("as many targets as sources, [{sources}]"),
            got: format!("[{targets}]"),
        }),
        Rule::OneToOne if skip_self => Err(Error::invalid(
            format!("{name}.autapses"),
            false,
            "true: one-to-one connects each neuron with itself",
        )),
        Rule::OneToOne => Ok(targets as u64),
        Rule::FixedInDegree { count } => {
            most("sources", *count, sources)?;
            Ok(*count as u64 * targets as u64)
        }
        Rule::FixedOutDegree { count } => {
            most("targets", *count, targets)?;
            let all = *count as u64 * sources as u64;
            number_fits(name, all).map(|()| all)
        }
        Rule::FixedTotal { count } => {
            if !multapses {
                return Err(Error::Unsupported {
                    feature: format!("{name}: a fixed total number of synapses without multapses"),
                    format: "simulate".into(),
                });
            }
            most("sources", usize::from(*count > 0), sources)?;
            if *count >= 1 << 40 {
                return Err(Error::invalid(format!("{name}.rule.count"), count, "fewer than 2^40 synapses"));
            }
            Ok(*count)
        }
        Rule::Bernoulli { p } if !(0.0..=1.0).contains(p) => {
            Err(Error::invalid(format!("{name}.rule.p"), p, "a probability from 0 to 1"))
        }
        Rule::Bernoulli { p } => Ok((p * sources as f64 * targets as f64) as u64),
        Rule::List { sources: from, targets: to } => {
            if from.len() != to.len() {
                return Err(Error::ShapeMismatch {
                    layer: format!("{name}.rule.targets"),
                    expected: format!("[{}]", from.len()),
                    got: format!("[{}]", to.len()),
                });
            }
            for (what, ids, size) in [("sources", from, sources), ("targets", to, targets)] {
                if let Some(i) = ids.iter().position(|&id| id as usize >= size) {
                    let expected = format!("a neuron below {size}");
                    return Err(Error::invalid(format!("{name}.rule.{what}[{i}]"), ids[i], expected));
                }
            }
            if skip_self && let Some(i) = (0..from.len()).find(|&i| from[i] == to[i]) {
                let expected = "another neuron than the source, without autapses";
                return Err(Error::invalid(format!("{name}.rule.targets[{i}]"), to[i], expected));
            }
            number_fits(name, from.len() as u64).map(|()| from.len() as u64)
        }
    }
}

fn number_fits(name: &str, count: u64) -> Result<()> {
    match u32::try_from(count) {
        Ok(_) => Ok(()),
        Err(_) => Err(Error::invalid(
            format!("{name}.rule"),
            format!("{count} synapses"),
            "at most 2^32 - 1 synapses",
        )),
    }
}
