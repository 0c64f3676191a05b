//! Sets weights and variables of plastic synapses between two runs.

use crate::construction::simulation::{Simulation, lock};
use crate::delivery::units::Units;
use crate::partitions::synapses::{count, order, plastic, variable, visit};
use crate::plan::in_range::check_representable;
use crate::plan::network::Plan;
use crate::plan::signs;
use crate::plasticity::learning::learning;
use crate::representation::precision::Precision;
use crate::representation::unit::{Stored, refused};
use crate::wiring::route::Route;
use lapicque_base::error::{Error, Result};
use lapicque_base::real::Real;
use lapicque_plasticity::{synapse::check_weight, up_to};
use std::collections::HashSet;
use std::ops::Range;

/// New values of one variable, one for all synapses or one each, and those of each connection.
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
    /// Sets the weights (`w`) or other variables of the synapses of plastic connections, one connection after the other, in
    /// the order in which synapses are read back. Events that have reached a synapse but are not applied yet are applied later
    /// (lazy update); they change the new values by the same amount as they would have changed the old ones. If the given
    /// values of a row (source and delay) equal the values that are read back, the row does not change at all.
    ///
    /// # Errors
    /// `invalid-parameter` for a connection that is not plastic, or for a weight outside the bounds of the rule or the port;
    /// `unknown-name`; `shape-mismatch`. Nothing is changed in these cases.
    #[inline(never)]
    pub fn set_synapses(&mut self, connections: &[usize], values: &[(String, Vec<f64>)]) -> Result<()> {
        let mut partitions: Vec<_> = self.partitions.iter().map(lock).collect();
        let mut own = Vec::with_capacity(connections.len());
        let mut total = 0;
        for &connection in connections {
            plastic(&self.plan, connection)?;
            let count = count(&self.plan, connection, &partitions);
            own.push((connection, total..total + count));
            total += count;
        }
        for (name, values) in values {
            if values.len() != 1 && values.len() != total {
                let (layer, got) = (label(name).into(), format!("[{}]", values.len()));
                return Err(Error::ShapeMismatch { layer, expected: format!("[1] or [{total}]"), got });
            }
            check_representable::<F>(label(name), values)?;
            for (connection, own) in &own {
                check::<F>(&self.plan, &self.units, *connection, name, &Given { values, own })?;
            }
        }
        let now = (&self.in_flight[..], self.step);
        for (connection, own) in &own {
            let synapse = plastic(&self.plan, *connection)?;
            let numbered = values.iter().map(|(name, values)| {
                let k = number(&self.plan, *connection, name)?;
                let sign = if k == 0 { synapse.sign } else { 1.0 };
                Ok((k, sign, Given { values, own }))
            });
            let numbered = numbered.collect::<Result<Vec<_>>>()?;
            // Catching up to the current step rounds decayed variables once more, so rows whose values do not change must not
            // catch up. A row (one source) is handled in all partitions together, because partitions must not differ in the
            // step to which it has caught up.
            let mut changed = HashSet::new();
            visit(&self.plan, *connection, &mut partitions, now, |row, positions, _, value| {
                let differs = |(k, sign, given): &(usize, f64, Given)| {
                    let mut seen = positions.iter().enumerate();
                    seen.any(|(j, &position)| !reads_as::<F>(given.at(position), sign * value(*k, j)))
                };
                if numbered.iter().any(differs) {
                    changed.insert((row.source, row.delay));
                }
            });
            if changed.is_empty() {
                continue;
            }
            for partition in &mut partitions {
                let rows = partition.plastic.iter_mut().filter(|plastic| plastic.connection() == *connection);
                rows.for_each(|plastic| plastic.catch_up_rows(|row| changed.contains(row), now.0, now.1));
            }
            for (k, sign, given) in numbered {
                let seen = variable::<f64, F, _>(&self.plan, *connection, &mut partitions, now, k)?;
                let bounds = synapse.rule.bounds.filter(|_| k == 0);
                let (positions, _) = order(&self.plan, *connection, &partitions);
                for (partition, positions) in partitions.iter_mut().zip(&positions) {
                    let Some(i) = partition.learning_at(*connection) else { continue };
                    learning!(&mut partition.plastic[i], rows => {
                        for (x, &position) in rows.variables[k].iter_mut().zip(positions) {
                            *x = moved::<F, _>(*x, sign * seen[position], sign * given.at(position), bounds);
                        }
                    });
                }
            }
        }
        Ok(())
    }
}

/// Whether `given` equals `value` as it is read back in a network of this precision.
fn reads_as<F: Precision>(given: f64, value: f64) -> bool {
    <F as Real>::from_f64(given) == <F as Real>::from_f64(value)
}

/// The value to store so that a synapse that now reads back as `seen` reads back as `requested`. `x` is the stored value, to
/// which pending events are still to be applied.
fn moved<F: Precision, V: Precision>(x: V, seen: f64, requested: f64, bounds: Option<[f64; 2]>) -> V {
    // Compares the values that are read back, so a difference by rounding alone does not count as a change.
    if reads_as::<F>(requested, seen) {
        return x;
    }
    let [seen, requested] = [seen, requested].map(<V as Real>::from_f64);
    // If no event is pending, `requested` itself is stored, free of the rounding of the sum.
    let x = if x == seen { requested } else { x + (requested - seen) };
    let bounds = bounds.map(|bounds| bounds.map(<V as Real>::from_f64));
    bounds.map_or(x, |[low, high]| x.max(low).min(high))
}

/// The name that errors use for a variable: the weights have a name of their own.
fn label(name: &str) -> &str {
    if name == "w" { "weights" } else { name }
}

fn number(plan: &Plan, connection: usize, name: &str) -> Result<usize> {
    let variables = &plastic(plan, connection)?.rule.variables;
    let names = || variables.iter().map(|variable| variable.name);
    names().position(|other| other == name).ok_or_else(|| {
        let c = &plan.description.connections[connection];
        Error::unknown(&format!("variable of {}", c.name(connection)), name, names())
    })
}

/// Checks whether a connection can have these values.
fn check<F: Precision>(
    plan: &Plan,
    units: &Units,
    connection: usize,
    name: &str,
    given: &Given,
) -> Result<()> {
    if number(plan, connection, name)? > 0 {
        return Ok(());
    }
    let synapse = plastic(plan, connection)?;
    let by_sign = matches!(plan.connections[connection].route, Route::BySign { .. });
    let changes_sign = |w: f64| by_sign && w * synapse.sign < 0.0;
    let c = &plan.connections[connection];
    let target = &plan.populations[c.population];
    let unsigned = signs::unsigned(target, c.route);
    // Weights without bounds may have become larger than the initial ones.
    let headroom = if synapse.rule.bounds.is_some() { 1.0 } else { F::HEADROOM };
    let most = headroom * synapse.most;
    let excites = |w: f64| w < 0.0 && unsigned.is_some();
    let unit = &units.of(c.population)[c.route.of(synapse.sign).0];
    // A weight that has outgrown the range for which the unit was chosen is always precise enough.
    let is_near = |w: f64| w.abs() > synapse.most || unit.store(w.abs()) != Stored::Refused;
    let fits = |w: f64| {
        let in_range = synapse.rule.holds(synapse.sign * w) && up_to(w.abs(), most);
        in_range && !changes_sign(w) && !excites(w) && is_near(w)
    };
    let Some(i) = (0..given.own.len()).find(|&i| !fits(given.at(i))) else { return Ok(()) };
    let w = given.at(i);
    let index = if given.values.len() == 1 { 0 } else { given.own.start + i };
    let path = format!("weights[{index}]");
    check_weight(&synapse.rule, &path, synapse.sign * w)?;
    if let Some(port) = unsigned.filter(|_| w < 0.0) {
        return Err(signs::refused(target, port, &path, w));
    }
    if !is_near(w) {
        return Err(refused::<F>(path, w, unit));
    }
    let expected = match changes_sign(w) {
        true => "a weight of the same sign as the connection's weights".into(),
        false => format!(
            "at most {most}, {headroom} times the largest weight there was: bounds of the rule make room for more"
        ),
    };
    Err(Error::invalid(path, w, expected))
}
