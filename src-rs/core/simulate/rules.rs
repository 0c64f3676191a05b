//! What connection rules ask for, checked against the populations they connect.

use super::description::Rule;
use crate::error::{Error, Result};

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
