//! Gap junctions: each contributes a current `g (v_other - v)` to a neuron, from the potentials at the end of the
//! previous step, constant during the step. Graded synapses likewise contribute `weight s_other`, where `s` is any
//! state. These states are published to all partitions once per step.

use super::network::Plan;
use super::population::{Names, Population};
use super::ports::route;
use super::signs;
use crate::random::distribution::{Distribution, Sampler};
use crate::representation::precision::Precision;
use crate::spec::description::{GapSpec, Rule};
use crate::wiring::by_distance::ByDistance;
use crate::wiring::formula::Formula;
use crate::wiring::outgoing::Wiring;
use crate::wiring::route::Route;
use crate::wiring::rules::{Ends, check};
use lapicque_base::error::{Error, Result};
use std::collections::HashSet;
use std::ops::Range;

/// Gap junctions or graded synapses between two populations, checked.
#[derive(Debug)]
pub struct Gaps {
    /// Population and first neuron of the sources, counted within the population.
    pub from: (usize, usize),
    pub to: usize,
    pub ports: [usize; 2],
    pub wiring: Wiring,
    pub conductance: Sampler,
    /// Whether each junction lets a current into both neurons.
    pub symmetric: bool,
    /// Neurons of one population that are sources and targets of symmetric junctions, if the rule considers each pair of them
    /// in both directions: only the direction from the lower to the higher neuron counts.
    pub once: Range<usize>,
    /// The published states, of gap junctions and of graded synapses.
    pub states: [usize; 2],
    /// Graded synapses: nothing is subtracted from the states.
    pub graded: bool,
    /// Number of junctions; an expected number if they are sampled.
    pub expected: u64,
}

/// A sampled junction: index of the published state in [`Plan::published`], neuron, and conductance.
pub type SampledJunction = ((u32, u32), f64);

/// The name that errors use.
pub const WHAT: &str = "gap junctions";

impl Gaps {
    /// Bytes during sampling: the sampled junctions, and their data in partitions.
    pub fn bytes<F: Precision>(&self) -> u64 {
        let junctions = self.expected.saturating_mul(1 + u64::from(self.symmetric));
        junctions.saturating_mul((size_of::<SampledJunction>() + size_of::<u32>() + size_of::<F>()) as u64)
    }
}

impl Plan {
    /// The states that neurons publish, by population: those of both sides of gap junctions, and of the sources of graded
    /// synapses.
    pub(crate) fn published_states(&self) -> Vec<(usize, usize)> {
        let mut published = vec![];
        for gaps in &self.gaps {
            let [from, to] = [(gaps.from.0, gaps.states[0]), (gaps.to, gaps.states[1])];
            for state in if gaps.graded { [from, from] } else { [from, to] } {
                if let Err(index) = published.binary_search(&state) {
                    published.insert(index, state);
                }
            }
        }
        published
    }

    /// Whether gap junctions lead into a port.
    pub(crate) fn gap_port(&self, population: usize, port: usize) -> bool {
        self.at_port(population, port).next().is_some()
    }

    pub(crate) fn at_port(&self, population: usize, port: usize) -> impl Iterator<Item = &Gaps> {
        self.gaps.iter().filter(move |gaps| {
            (gaps.to == population && gaps.ports[1] == port)
                || (gaps.symmetric && gaps.from.0 == population && gaps.ports[0] == port)
        })
    }

    pub(crate) fn gap(&self, i: usize, spec: GapSpec, names: &Names) -> Result<Gaps> {
        let name = format!("gaps[{i}] ({} to {})", spec.from, spec.to);
        let [from, to] = [self.population(spec.from.of())?, self.population(spec.to.of())?];
        let [source, target] = [&self.populations[from], &self.populations[to]];
        for of in [source, target] {
            of.bound.refuse_cells(|| format!("{name}: gap junctions and graded synapses"))?;
        }
        let sources = spec.from.range(&format!("{name}.from"), source.size)?;
        let targets = spec.to.range(&format!("{name}.to"), target.size)?;
        let graded = spec.state.is_some();
        if graded && spec.symmetric {
            return Err(Error::invalid(format!("{name}.symmetric"), true, "false for graded synapses"));
        }
        let state = |population: &Population| {
            let names = || population.bound.states.iter().map(|state| state.name);
            let published_state = spec.state.as_deref().unwrap_or("v");
            names().position(|name| name == published_state).ok_or_else(|| match graded {
                true => Error::unknown(&format!("state of {}", population.name), published_state, names()),
                false => Error::invalid(name.clone(), &population.name, "neurons with a potential v"),
            })
        };
        let states = [state(source)?, if graded { 0 } else { state(target)? }];
        let first_source = source.first + sources.start;
        let all_sources = first_source..first_source + sources.len();
        let ends =
            Ends::between(all_sources, target.first + targets.start, targets.len(), graded && spec.autapses);
        let listed = match &spec.rule {
            Rule::List { sources, .. } => Some(sources.len()),
            _ => None,
        };
        let mut expected = check(&name, &spec.rule, ends, spec.multapses)?;
        let of = [spec.from.of(), spec.to.of()];
        let layouts = of.map(|of| (of, names.get(of).and_then(|resolved| resolved.layout.as_ref())));
        let values = [("conductance", &spec.conductance), ("delay", &Distribution::Constant(0.0))];
        let ends_and_offsets = (ends, sources.start, targets.start);
        let by_distance =
            ByDistance::of(&name, &spec.rule, values, layouts, ends_and_offsets, self.description.dt)?;
        let common = match spec.symmetric && from == to {
            true => sources.start.max(targets.start)..sources.end.min(targets.end),
            false => 0..0,
        };
        let once = once(&name, &spec, common, [sources.start, targets.start])?;
        let twice = (once.len() as u64).saturating_mul((once.len() as u64).saturating_sub(1)) / 2;
        if let Some(expressions) = by_distance.as_ref().filter(|expressions| expressions.p.is_some()) {
            let mean = expressions.mean_probability();
            expected = (mean * expected as f64) as u64;
        }
        let pairs = ends.pairs().max(1) as f64;
        expected -= (expected as f64 * (twice as f64 / pairs).min(1.0)) as u64;
        let bounds =
            by_distance.as_deref().and_then(|expressions| expressions.weight.as_ref()).map(Formula::bounds);
        let conductance = match bounds {
            Some(bounds) => Sampler::OfDistance(bounds),
            None => Sampler::new(&format!("{name}.conductance"), spec.conductance, listed)?,
        };
        if !graded && conductance.bounds()[0] < 0.0 {
            let expected = "conductances of at least 0";
            return Err(Error::invalid(format!("{name}.conductance"), conductance.bounds()[0], expected));
        }
        let port = |population| match route(population, spec.port.as_deref(), false)? {
            Route::Port(port) | Route::BySign { positive: port, .. } | Route::Places { first: port, .. } => {
                Ok::<usize, Error>(port)
            }
        };
        let to_port = port(target)?;
        if graded {
            signs::check_weights(target, Route::Port(to_port), &format!("{name}.conductance"), &conductance)?;
        }
        let ports = [if spec.symmetric { port(source)? } else { to_port }, to_port];
        let mut into =
            [Some((target, to_port)), spec.symmetric.then_some((source, ports[0]))].into_iter().flatten();
        into.clone().try_for_each(|(of, port)| of.bound.check_port(&of.name, port))?;
        if let Some((of, port)) = into.find(|&(of, port)| !graded && signs::is_unsigned(of, port)) {
            let expected = "a port for currents: those of gap junctions have both signs";
            return Err(Error::invalid(format!("{name}.port"), of.bound.ports[port], expected));
        }
        let ends_at = [(if spec.symmetric { from } else { to }, ports[0]), (to, to_port)];
        if ends_at.iter().any(|&(to, port)| self.at_port(to, port).any(|gaps| gaps.graded != graded)) {
            let expected = "a port that has either gap junctions or graded synapses";
            return Err(Error::invalid(format!("{name}.port"), target.bound.ports[to_port], expected));
        }
        Ok(Gaps {
            from: (from, sources.start),
            to,
            ports,
            states,
            graded,
            wiring: Wiring {
                rule: spec.rule,
                ends,
                first_target: targets.start as u32,
                multapses: spec.multapses,
                by_distance,
                places: None,
            },
            conductance,
            symmetric: spec.symmetric,
            once,
            expected,
        })
    }
}

/// [`Gaps::once`] of a description. `common`: the neurons that are on both sides of symmetric junctions; `first`: the first
/// source and the first target, as the rule counts them.
///
/// # Errors
/// `invalid-parameter` for a list with both directions of a pair, and for a rule that may draw both although each pair may have
/// one junction only.
fn once(name: &str, spec: &GapSpec, common: Range<usize>, first: [usize; 2]) -> Result<Range<usize>> {
    match &spec.rule {
        Rule::AllToAll | Rule::Bernoulli { .. } | Rule::Poisson { .. } if common.len() > 1 => Ok(common),
        Rule::List { sources, targets } if common.len() > 1 => {
            let pair = |(&a, &b): (&u32, &u32)| (first[0] + a as usize, first[1] + b as usize);
            let pairs: HashSet<(usize, usize)> = sources.iter().zip(targets).map(pair).collect();
            match sources.iter().zip(targets).map(pair).position(|(a, b)| a != b && pairs.contains(&(b, a))) {
                Some(i) => Err(Error::invalid(
                    format!("{name}.rule"),
                    format!("pair {i} from {} to {} and its opposite", sources[i], targets[i]),
                    "each pair in one direction, because a symmetric junction has both; or symmetric: false",
                )),
                None => Ok(0..0),
            }
        }
        Rule::FixedInDegree { .. } | Rule::FixedOutDegree { .. } | Rule::FixedTotal { .. }
            if common.len() > 1 && !spec.multapses =>
        {
            Err(Error::invalid(
                format!("{name}.rule"),
                "a fixed number of symmetric junctions in one population, without multapses",
                "rule.pairwiseBernoulli or rule.list, because both neurons of a pair may be drawn; or symmetric: false",
            ))
        }
        _ => Ok(0..0),
    }
}
