//! The units of weights onto a port, chosen so that sums are exact and independent of their order.

use crate::plan::network::{Connection, Plan};
use crate::random::distribution::Sampler;
use crate::representation::precision::Precision;
use crate::representation::synapse_format::{MOST_WIDE, MOST_WIDE_SUM, SURE, TOLERANCE};
use crate::representation::unit::{Stored, Unit, refused, share};
use crate::spec::description::Rule;
use crate::wiring::route::Route;
use lapicque_base::error::{Error, Result};
use lapicque_base::real::Real;

/// The units of all weights, by population and port.
#[derive(Debug, Clone, PartialEq)]
pub struct Units(Vec<Vec<Unit>>);

impl Units {
    /// Units for at most `in_degree` weights that arrive at a neuron in one step.
    pub fn new<F: Precision>(plan: &Plan, in_degree: u64) -> Units {
        let mut onto = vec![vec![]; plan.populations.len()];
        plan.connections.iter().for_each(|c| onto[c.population].push(c));
        let populations = plan.populations.iter().zip(&onto);
        let ports = |onto: &[&Connection], ports: usize| {
            let mut units: Vec<Unit> = (0..ports).map(|port| unit_of::<F>(onto, port, in_degree)).collect();
            for c in onto {
                if let Route::Places { first, count } = c.route {
                    let unit = units[first];
                    units[first + 1..first + count].fill(unit);
                }
            }
            units
        };
        Units(populations.map(|(population, onto)| ports(onto, population.connected.len())).collect())
    }

    /// The estimated units, before synapses are sampled.
    pub fn estimated<F: Precision>(plan: &Plan) -> Units {
        Units::new::<F>(plan, plan.estimated_in_degree() + plan.future_synapses())
    }

    pub fn of(&self, population: usize) -> &[Unit] {
        &self.0[population]
    }

    /// The share of a connection's synapses that are expected to be stored compactly.
    pub fn compact_share(&self, c: &Connection) -> f64 {
        let units = self.of(c.population);
        let of = |port: usize| units[port].share(&c.weight, |w| c.route.of(w).0 == port);
        c.route.ports(&c.weight).into_iter().map(of).sum::<f64>().min(1.0)
    }
}

impl Plan {
    /// An estimate of the largest in-degree.
    fn estimated_in_degree(&self) -> u64 {
        let onto = |population: usize| {
            let connections = self.connections.iter().filter(|c| c.population == population);
            let exact = |c: &&Connection| {
                matches!(c.wiring.rule, Rule::AllToAll | Rule::OneToOne | Rule::FixedInDegree { .. })
            };
            let mean = |c: &Connection| c.expected.div_ceil(c.wiring.ends.targets.max(1) as u64);
            let all: u64 = connections.clone().map(mean).sum();
            let certain: u64 = connections.filter(exact).map(mean).sum();
            all + 4 * (all - certain).isqrt()
        };
        (0..self.populations.len()).map(onto).max().unwrap_or(0)
    }

    /// Number of synapses that a neuron may get later: with structural plasticity, one per dendritic element.
    pub(crate) fn future_synapses(&self) -> u64 {
        let structural = self.connections.iter().filter_map(|c| c.structural.as_ref());
        structural.map(|structural| u64::from(structural.most)).sum()
    }
}

/// The unit of the weights of a port. `constants`: its weights if all are constant; `most`: the largest magnitude;
/// `in_degree`: the largest number of weights that arrive in one step.
fn unit<F: Precision>(constants: Option<&[f64]>, most: f64, in_degree: u64) -> f64 {
    if most == 0.0 {
        return 1.0;
    }
    let limit = limit::<F>(in_degree);
    if F::MOST_WEIGHT > 1 << 32 {
        return power_of_two(most, limit);
    }
    // A unit of which all constants are integer multiples, for example 0.1 for 0.1 and 0.5.
    let whole = |units: i64, constants: &[f64]| {
        constants.iter().all(|&w| {
            let x = w / most * units as f64;
            (x - x.round()).abs() <= 1e-9 * x.abs()
        })
    };
    let common = |constants| (1..=limit).rev().find(|&units| whole(units, constants));
    let units = constants.and_then(common).unwrap_or(limit);
    most / units as f64
}

fn limit<F: Precision>(in_degree: u64) -> i64 {
    F::MOST_WEIGHT.min(F::MOST_SUM / in_degree.max(1) as i64).max(1)
}

/// A power of two as unit, so that weights keep their bits as far as `limit` units suffice.
fn power_of_two(most: f64, limit: i64) -> f64 {
    libm::exp2(libm::ceil(libm::log2(most / limit as f64)))
}

/// The connections onto a port.
struct Arriving<'a> {
    /// Static connections, each with its number of synapses; connections with equal weights count as one.
    fixed: Vec<(&'a Connection, f64)>,
    port: usize,
    /// The largest weight, and the largest weight of plastic synapses, which are compact unless they are small.
    most: f64,
    changing: f64,
    /// For each plastic connection: the largest weight and the number of synapses.
    plastic: Vec<[f64; 2]>,
    /// All weights, if they are constant.
    constants: Option<Vec<f64>>,
}

impl<'a> Arriving<'a> {
    fn new<F: Precision>(onto: &[&'a Connection], port: usize) -> Self {
        let (fixed, plastic, constants) = (vec![], vec![], Some(vec![]));
        let mut all = Arriving { fixed, port, most: 0.0, changing: 0.0, plastic, constants };
        let mut grows_from_nothing = false;
        for &c in onto {
            if let Some(synapse) = &c.synapse {
                if c.route.of(synapse.sign).0 == port {
                    let keeps = synapse.rule.bounds.is_some() && !synapse.rule.beyond;
                    let growth = if keeps { 1.0 } else { F::GROWTH };
                    (all.changing, all.constants) = (all.changing.max(synapse.most * growth), None);
                    grows_from_nothing |= !keeps && synapse.most == 0.0;
                    all.plastic.push([synapse.most, c.expected as f64]);
                }
                continue;
            }
            all.most = all.most.max(largest(c, port));
            match c.weight.constant().map(|w| c.route.of(w)) {
                Some((to, w)) if to == port && w != 0.0 => {
                    all.constants.iter_mut().for_each(|list| list.push(w));
                }
                Some(_) => {}
                None => all.constants = None,
            }
            all.add(c);
        }
        all.most = all.most.max(all.changing);
        if grows_from_nothing {
            // The growth of these weights is not known, so they get as much range as the others need.
            all.changing = all.most;
        }
        all
    }

    fn add(&mut self, c: &'a Connection) {
        /// This number of different connections is a sufficient sample.
        const MOST: usize = 64;
        let alike = |other: &Connection| {
            let is_list = matches!(c.weight, Sampler::Values { .. });
            !is_list && other.route == c.route && other.weight == c.weight
        };
        match self.fixed.iter().position(|(other, _)| alike(other)) {
            Some(index) => self.fixed[index].1 += c.expected as f64,
            None if self.fixed.len() < MOST && c.route.ports(&c.weight).contains(&self.port) => {
                self.fixed.push((c, c.expected as f64));
            }
            None => {}
        }
    }

    /// The number of synapses, and the number of them that a unit allows to be compact.
    fn expected(&self, unit: &Unit) -> [f64; 2] {
        /// Most plastic weights are assumed to be larger than this fraction of the largest.
        const TYPICAL: f64 = 1.0 / 8.0;
        let of = |&(c, count): &(&Connection, f64)| {
            let is_own = |w: f64| c.route.of(w).0 == self.port;
            let all = share(&c.weight, is_own, |_| true, [0.0, f64::INFINITY]);
            [count * all, count * unit.share(&c.weight, is_own)]
        };
        let of_plastic = |&[most, count]: &[f64; 2]| {
            let is_compact = most == 0.0 || most * TYPICAL >= SURE as f64 * unit.compact;
            [count, if is_compact { count } else { 0.0 }]
        };
        let all = self.fixed.iter().map(of).chain(self.plastic.iter().map(of_plastic));
        all.fold([0.0; 2], |sum, of| [sum[0] + of[0], sum[1] + of[1]])
    }

    /// Candidates for the largest weight of the compact form, descending.
    fn candidates(&self) -> Vec<f64> {
        /// Only the connections with the most synapses.
        const SOME: usize = 8;
        let mut fixed: Vec<_> = self.fixed.iter().collect();
        fixed.sort_by(|a, b| b.1.total_cmp(&a.1));
        let mut all = vec![self.changing];
        for (c, _) in fixed.into_iter().take(SOME) {
            let quantiles = c.weight.quantiles().into_iter().map(|w| c.route.of(w));
            all.extend(quantiles.filter(|&(port, _)| port == self.port).map(|(_, w)| w.abs()));
        }
        all.retain(|&w| w > 0.0 && w >= self.changing);
        all.sort_by(|a, b| b.total_cmp(a));
        all.dedup();
        all
    }
}

/// The largest weight of a connection at a port.
fn largest(c: &Connection, port: usize) -> f64 {
    let arriving = c.weight.bounds().map(|w| c.route.of(w)).into_iter().filter(|&(to, _)| to == port);
    arriving.fold(0.0, |most, (_, w)| most.max(w.abs()))
}

fn unit_of<F: Precision>(onto: &[&Connection], port: usize, in_degree: u64) -> Unit {
    /// If this number of synapses are compact, no other unit is tried; another unit must make this number more of them
    /// compact.
    const ENOUGH: f64 = 0.9;
    const WORTH: f64 = 0.01;
    let arriving = Arriving::new::<F>(onto, port);
    let wide = MOST_WIDE.min(MOST_WIDE_SUM / in_degree.max(1) as i64).max(1);
    let of = |most: f64| {
        let constants = arriving.constants.as_ref();
        let constants = constants.map(|all| all.iter().copied().filter(|w| w.abs() <= most));
        let compact = unit::<F>(constants.map(Vec::from_iter).as_deref(), most, in_degree);
        // A number that `F` cannot represent is no unit.
        let represented = <F as Real>::from_f64(compact).to_f64();
        let is_representable = (represented - compact).abs() <= compact * TOLERANCE / 16.0;
        Unit {
            compact,
            most: if is_representable { limit::<F>(in_degree) } else { 0 },
            wide: if arriving.most > 0.0 { power_of_two(arriving.most, wide) } else { 1.0 },
            most_wide: if F::WIDENS { wide } else { 0 },
            smallest: libm::exp2(if F::WIDENS { -140.0 } else { -1065.0 }),
        }
    };
    let mut best = of(arriving.most);
    let [all, mut compact] = arriving.expected(&best);
    if !F::WIDENS || compact >= ENOUGH * all {
        return best;
    }
    for most in arriving.candidates() {
        let other = of(most);
        let [_, more] = arriving.expected(&other);
        if more > compact + WORTH * all {
            (best, compact) = (other, more);
        }
    }
    best
}

/// Error: `invalid-parameter` if no unit can be chosen: all weights of the port are 0 at the start, and those of a rule may grow
/// without bounds or are not what the rule transmits.
pub fn check_units(plan: &Plan) -> Result<()> {
    for (i, c) in plan.connections.iter().enumerate() {
        let Some(synapse) = c.synapse.as_ref().filter(|synapse| synapse.rule.beyond && synapse.most == 0.0)
        else {
            continue;
        };
        let onto: Vec<_> = plan.connections.iter().filter(|other| other.population == c.population).collect();
        if Arriving::new::<f64>(&onto, c.route.of(synapse.sign).0).most == 0.0 {
            let name = plan.description.connections[i].name(i);
            let expected = "a weight other than 0, or wMin and wMax in the rule: the fixed-point unit follows from the largest weight";
            return Err(Error::invalid(format!("{name}.weight"), 0, expected));
        }
    }
    Ok(())
}

/// Error: `invalid-parameter` if even the largest weight of a plastic connection would be rounded by too much, because other
/// weights of the port are much larger.
pub fn check_changing<F: Precision>(plan: &Plan, units: &Units) -> Result<()> {
    for (i, c) in plan.connections.iter().enumerate() {
        let Some(synapse) = &c.synapse else { continue };
        let most = synapse.most.copysign(synapse.sign);
        let unit = &units.of(c.population)[c.route.of(most).0];
        for w in c.weight.constant().into_iter().chain([most]) {
            if unit.store(w.abs()) == Stored::Refused {
                return Err(refused::<F>(weight_of(plan, i), w, unit));
            }
        }
    }
    Ok(())
}

/// The name that errors use for the weights of connection `number`.
pub fn weight_of(plan: &Plan, number: usize) -> String {
    format!("{}.weight", plan.description.connections[number].name(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_with_a_common_unit_are_kept_exactly() {
        let unit = unit::<f32>(Some(&[0.1, -0.5]), 0.5, 1250);
        for w in [0.1, -0.5] {
            let units = (w / unit).round();
            assert!(units.abs() <= 32767.0 && (units * unit - w).abs() < 1e-15);
        }
    }

    #[test]
    fn no_sum_leaves_its_range() {
        for in_degree in [1, 100, 40_000, 1_000_000] {
            let unit = unit::<f32>(None, 3.0, in_degree);
            assert!((3.0 / unit).round() * in_degree as f64 <= i32::MAX as f64);
        }
        let unit = unit::<f64>(None, 3.0, 4000);
        assert!(3.0 / unit * 4000.0 <= (1u64 << 62) as f64);
        assert!((3.0f64 / unit).fract() == 0.0);
    }
}
