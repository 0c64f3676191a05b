//! Weights and variables of synapses that change, given other values between two runs.

use super::held::check_held;
use super::plan::Plan;
use super::precision::Precision;
use super::route::Route;
use super::simulation::{Simulation, lock};
use super::synapses::{order, plastic, variable};
use lapicque_base::error::{Error, Result};
use lapicque_base::real::Real;
use lapicque_dynamics::names::unknown;
use lapicque_plasticity::synapse::check_weight;
use std::ops::Range;

/// New values of one variable, one for all synapses or one each, and those of the connections' own.
struct Given<'a> {
    values: &'a [f64],
    own: &'a Range<usize>,
}

impl Given<'_> {
    fn at(&self, synapse: usize) -> f64 {
        self.values[if self.values.len() == 1 { 0 } else { self.own.start + synapse }]
    }
}

impl<F: Precision> Simulation<F> {
    /// Gives the synapses of plastic connections, one connection after the other and in the order in which they are read, other
    /// weights, `w`, or other variables of their rules. What has been at the synapses by now, but has not arrived, is seen to when it
    /// does: it moves the new values by what it has moved the old.
    ///
    /// # Errors
    /// `invalid-parameter` for another connection or a weight that the rule or the port cannot have, `unknown-name`,
    /// `shape-mismatch`; nothing is changed then.
    pub fn set_synapses(&mut self, connections: &[usize], values: &[(String, Vec<f64>)]) -> Result<()> {
        let mut partitions: Vec<_> = self.partitions.iter().map(lock).collect();
        let mut own = Vec::with_capacity(connections.len());
        let mut total = 0;
        for &connection in connections {
            plastic(&self.plan, connection)?;
            let count = order(&self.plan, connection, &partitions).1;
            own.push((connection, total..total + count));
            total += count;
        }
        for (name, values) in values {
            if values.len() != 1 && values.len() != total {
                let (layer, got) = (label(name).into(), format!("[{}]", values.len()));
                return Err(Error::ShapeMismatch { layer, expected: format!("[1] or [{total}]"), got });
            }
            check_held::<F>(label(name), values)?;
            for (connection, own) in &own {
                check(&self.plan, *connection, name, &Given { values, own })?;
            }
        }
        let now = (&self.in_flight[..], self.step);
        for (connection, own) in &own {
            for partition in &mut partitions {
                let rows = partition.plastic.iter_mut().filter(|plastic| plastic.connection == *connection);
                rows.for_each(|plastic| plastic.bring_whole(now.0, now.1));
            }
            let number = |name: &str| number(&self.plan, *connection, name);
            let seen = values.iter().map(|(name, values)| {
                let k = number(name)?;
                Ok((k, values, variable::<F, _>(&self.plan, *connection, &mut partitions, now, k)?))
            });
            for (k, values, seen) in seen.collect::<Result<Vec<_>>>()? {
                let rule = &plastic(&self.plan, *connection)?.rule;
                let (sign, bounds) = match k {
                    0 => (plastic(&self.plan, *connection)?.sign, rule.bounds),
                    _ => (1.0, None),
                };
                let sign = <F as Real>::from_f64(sign);
                let [low, high] = bounds.map_or([None; 2], |b| b.map(|x| Some(<F as Real>::from_f64(x))));
                let (places, _) = order(&self.plan, *connection, &partitions);
                for (partition, places) in partitions.iter_mut().zip(&places) {
                    let rows =
                        partition.plastic.iter_mut().filter(|plastic| plastic.connection == *connection);
                    for (x, &place) in rows.flat_map(|plastic| &mut plastic.variables[k]).zip(places) {
                        let wanted = sign * <F as Real>::from_f64(Given { values, own }.at(place));
                        let seen = sign * seen[place];
                        // The same where nothing is to come, whatever the sum would be rounded to.
                        *x = if *x == seen { wanted } else { *x + (wanted - seen) };
                        *x = low.map_or(*x, |low| x.max(low));
                        *x = high.map_or(*x, |high| x.min(high));
                    }
                }
            }
        }
        Ok(())
    }
}

/// The weights have a name of their own.
fn label(name: &str) -> &str {
    if name == "w" { "weights" } else { name }
}

fn number(plan: &Plan, connection: usize, name: &str) -> Result<usize> {
    let variables = &plastic(plan, connection)?.rule.variables;
    let known = || variables.iter().map(|variable| variable.name);
    known().position(|known| known == name).ok_or_else(|| {
        let c = &plan.description.connections[connection];
        unknown(&format!("variable of {}", c.name(connection)), name, known())
    })
}

/// Whether a connection can have these values.
fn check(plan: &Plan, connection: usize, name: &str, given: &Given) -> Result<()> {
    if number(plan, connection, name)? > 0 {
        return Ok(());
    }
    let synapse = plastic(plan, connection)?;
    let by_sign = matches!(plan.connections[connection].route, Route::BySign { .. });
    for i in 0..given.own.len() {
        let w = given.at(i);
        let place = if given.values.len() == 1 { 0 } else { given.own.start + i };
        let path = || format!("weights[{place}]");
        check_weight(&synapse.rule, &path(), synapse.sign * w)?;
        if by_sign && w * synapse.sign < 0.0 {
            return Err(Error::invalid(path(), w, "a weight of the sign that those of the connection had"));
        }
        if w.abs() > synapse.most {
            let most = synapse.most;
            let expected = format!(
                "at most {most}, the largest weight there was: bounds of the rule make room for more"
            );
            return Err(Error::invalid(path(), w, expected));
        }
    }
    Ok(())
}
