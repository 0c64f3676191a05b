//! Validates connection rules against the neurons that they connect.

use crate::spec::description::{Probability, Rule};
use lapicque_base::error::{Error, Result};
use std::ops::Range;

/// The ends of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ends {
    pub sources: usize,
    pub targets: usize,
    /// If a neuron may not connect to itself and some neurons are both source and target: the index that source 0 has, or
    /// would have, among the targets.
    pub itself: Option<i64>,
}

impl Ends {
    /// From the neurons `sources` to `targets` neurons from `first_target` on, both counted among all neurons.
    pub fn between(sources: Range<usize>, first_target: usize, targets: usize, autapses: bool) -> Ends {
        let itself = sources.start as i64 - first_target as i64;
        let mut ends = Ends { sources: sources.len(), targets, itself: Some(itself) };
        if autapses || ends.shared() == [0, 0] {
            ends.itself = None;
        }
        ends
    }

    /// The source's index among the targets, to which it must not connect.
    #[inline(always)]
    pub fn own_target(&self, source: usize) -> Option<usize> {
        let own = source as i64 + self.itself?;
        (0..self.targets as i64).contains(&own).then_some(own as usize)
    }

    /// The target's index among the sources.
    #[inline(always)]
    pub fn own_source(&self, target: usize) -> Option<usize> {
        let own = target as i64 - self.itself?;
        (0..self.sources as i64).contains(&own).then_some(own as usize)
    }

    /// The range of sources that are also targets; the end is exclusive.
    pub fn shared(&self) -> [usize; 2] {
        let Some(itself) = self.itself else { return [0, 0] };
        let within = |x: i64| x.clamp(0, self.sources as i64) as usize;
        let [from, to] = [within(-itself), within(self.targets as i64 - itself)];
        [from, to.max(from)]
    }

    /// The number of pairs that may be connected.
    pub fn pairs(&self) -> u64 {
        let [from, to] = self.shared();
        self.sources as u64 * self.targets as u64 - (to - from) as u64
    }
}

/// Validates a rule. Returns the expected number of synapses; for a probability that depends on distance, the caller computes
/// it.
pub fn check(name: &str, rule: &Rule, ends: Ends, multapses: bool) -> Result<u64> {
    let Ends { sources, targets, .. } = ends;
    let [from, to] = ends.shared();
    let skips = usize::from(to > from);
    let most = |what: &str, count: usize, all: usize| {
        let all = all - skips;
        let expected = if count > 0 && all == 0 {
            format!("0, as there are no {what} without autapses")
        } else if !multapses && count > all {
            format!("at most {all}, the {what} there are, without multapses")
        } else if count > u32::MAX as usize {
            "fewer than 2^32 synapses".into()
        } else {
            return Ok(());
        };
        Err(Error::invalid(format!("{name}.rule.count"), count, expected))
    };
    match rule {
        Rule::AllToAll => Ok(ends.pairs()),
        Rule::OneToOne if sources != targets => Err(Error::ShapeMismatch {
            layer: name.into(),
            expected: format!("as many targets as sources, [{sources}]"),
            got: format!("[{targets}]"),
        }),
        Rule::OneToOne if ends.itself == Some(0) => Err(Error::invalid(
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
            let pairs = ends.pairs();
            if *count > 0 && pairs == 0 {
                let expected = "0, as there are no pairs without autapses";
                return Err(Error::invalid(format!("{name}.rule.count"), count, expected));
            }
            if !multapses && *count > pairs {
                let expected = format!("at most {pairs}, the pairs there are, without multapses");
                return Err(Error::invalid(format!("{name}.rule.count"), count, expected));
            }
            if *count >= 1 << 40 {
                return Err(Error::invalid(format!("{name}.rule.count"), count, "fewer than 2^40 synapses"));
            }
            Ok(*count)
        }
        Rule::Bernoulli { p: Probability::Constant(p) } if !(0.0..=1.0).contains(p) => {
            Err(Error::invalid(format!("{name}.rule.p"), p, "a probability from 0 to 1"))
        }
        Rule::Bernoulli { p: Probability::Constant(p) } => Ok((p * sources as f64 * targets as f64) as u64),
        Rule::Bernoulli { p: Probability::Expression(_) } => Ok(ends.pairs()),
        Rule::Poisson { mean } if !(0.0..=1000.0).contains(mean) => {
            Err(Error::invalid(format!("{name}.rule.mean"), mean, "a mean number of synapses from 0 to 1000"))
        }
        Rule::Poisson { .. } if !multapses => {
            let expected = "true: a Poisson number of synapses may be more than one";
            Err(Error::invalid(format!("{name}.multapses"), false, expected))
        }
        Rule::Poisson { mean } => Ok((mean * ends.pairs() as f64) as u64),
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
            let is_own = |&i: &usize| ends.own_target(from[i] as usize) == Some(to[i] as usize);
            if let Some(i) = (0..from.len()).find(is_own) {
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
