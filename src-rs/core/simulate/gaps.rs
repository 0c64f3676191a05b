//! Gap junctions: a current `g (v_other - v)` into a neuron for each, from the potentials at the end of the
//! step before, the same for the whole step. Potentials are shown to all partitions once a step.

use super::construction::stream;
use super::description::{GapSpec, Rule};
use super::distribution::Sampler;
use super::numbering::{BLOCK, Numbering};
use super::outgoing::{Outgoing, Row, Wiring, Words};
use super::partition::Partition;
use super::plan::Plan;
use super::precision::Precision;
use super::route::{Route, route};
use super::rules::{Ends, check};
use lapicque_base::error::{Error, Result};
use lapicque_base::real::Real;

/// Gap junctions between two populations, checked.
#[derive(Debug)]
pub struct Gaps {
    /// Population and first neuron of the ones, counted in the population.
    pub from: (usize, usize),
    pub to: usize,
    pub ports: [usize; 2],
    pub wiring: Wiring,
    pub conductance: Sampler,
    /// Whether each lets a current into both neurons.
    pub symmetric: bool,
    /// Junctions, or how many are to be expected.
    pub expected: u64,
}

/// One that is drawn: population, port, neuron, other population, other neuron, conductance: into each neuron.
type Drawn = (usize, usize, usize, usize, usize, f64);

impl Gaps {
    /// Bytes while they are drawn: all of them, and half of them once more to sort by.
    pub fn bytes(&self) -> u64 {
        let drawn = self.expected.saturating_mul(1 + u64::from(self.symmetric));
        drawn.saturating_mul(size_of::<Drawn>() as u64 * 3 / 2)
    }
}

/// The junctions of a partition's neurons of one population, through one port.
pub struct Junctions<F> {
    part: usize,
    pub port: usize,
    state: usize,
    /// By lane: its first junction; one more at the end.
    starts: Vec<u32>,
    /// Partition of the other neuron, and its place among the potentials that are shown.
    others: Vec<(u32, u32)>,
    conductances: Vec<F>,
    /// By lane.
    currents: Vec<F>,
}

/// What a partition shows: the potentials of the populations that have gap junctions, all lanes of each.
fn shown_from(plan: &Plan, numbering: &Numbering, partition: usize) -> Vec<usize> {
    let mut next = 0;
    let place = |population: usize| {
        let from = next;
        next += if plan.has_gaps(population) { numbering.blocks(population, partition) * BLOCK } else { 0 };
        from
    };
    (0..plan.populations.len()).map(place).collect()
}

impl Plan {
    pub(super) fn has_gaps(&self, population: usize) -> bool {
        self.gaps.iter().any(|gaps| gaps.from.0 == population || gaps.to == population)
    }

    /// Whether gap junctions lead into a port.
    pub(super) fn gap_port(&self, population: usize, port: usize) -> bool {
        let into = |gaps: &Gaps| {
            (gaps.to == population && gaps.ports[1] == port)
                || (gaps.symmetric && gaps.from.0 == population && gaps.ports[0] == port)
        };
        self.gaps.iter().any(into)
    }

    pub(super) fn gap(&self, i: usize, spec: &GapSpec) -> Result<Gaps> {
        let name = format!("gaps[{i}] ({} to {})", spec.from, spec.to);
        let [from, to] = [self.population(spec.from.of())?, self.population(spec.to.of())?];
        let [source, target] = [&self.populations[from], &self.populations[to]];
        let sources = spec.from.range(&format!("{name}.from"), source.size)?;
        let targets = spec.to.range(&format!("{name}.to"), target.size)?;
        for population in [source, target] {
            if !population.bound.states.iter().any(|state| state.name == "v") {
                let expected = "neurons with a potential v";
                return Err(Error::invalid(name, &population.name, expected));
            }
        }
        let first_source = source.first + sources.start;
        let all_sources = first_source..first_source + sources.len();
        let ends = Ends::between(all_sources, target.first + targets.start, targets.len(), false);
        let listed = match &spec.rule {
            Rule::List { sources, .. } => Some(sources.len()),
            _ => None,
        };
        let expected = check(&name, &spec.rule, ends, spec.multapses)?;
        let conductance = Sampler::new(&format!("{name}.conductance"), &spec.conductance, listed)?;
        if conductance.bounds()[0] < 0.0 {
            let expected = "conductances of at least 0";
            return Err(Error::invalid(format!("{name}.conductance"), conductance.bounds()[0], expected));
        }
        let port = |population| match route(population, spec.port.as_deref(), false)? {
            Route::Port(port) | Route::BySign { positive: port, .. } => Ok::<usize, Error>(port),
        };
        Ok(Gaps {
            from: (from, sources.start),
            to,
            ports: [port(source)?, port(target)?],
            wiring: Wiring {
                rule: spec.rule.clone(),
                ends,
                first_target: targets.start as u32,
                multapses: spec.multapses,
                by_distance: None,
            },
            conductance,
            symmetric: spec.symmetric,
            expected,
        })
    }
}

/// The gap junctions of each partition, drawn.
pub fn junctions<F: Precision>(
    plan: &Plan,
    numbering: &Numbering,
    seed: u64,
) -> Result<Vec<Vec<Junctions<F>>>> {
    let partitions = numbering.partitions;
    let mut all: Vec<Drawn> = Vec::new();
    for (i, gaps) in plan.gaps.iter().enumerate() {
        let outgoing = Outgoing::new(&gaps.wiring, seed, stream::GAP | i as u64)?;
        let mut row = Row::default();
        for source in 0..gaps.wiring.ends.sources {
            outgoing.row(source, Words::Both, &mut row);
            for (k, &target) in row.targets.iter().enumerate() {
                let (a, b) = (gaps.from.1 + source, target as usize);
                let g = row.exact_weight(k, &gaps.conductance);
                all.push((gaps.to, gaps.ports[1], b, gaps.from.0, a, g));
                if gaps.symmetric {
                    all.push((gaps.from.0, gaps.ports[0], a, gaps.to, b, g));
                }
            }
        }
    }
    // One order of every neuron's sum, whatever the partitions.
    all.sort_by(|a, b| (a.0, a.1, a.2, a.3, a.4).cmp(&(b.0, b.1, b.2, b.3, b.4)).then(a.5.total_cmp(&b.5)));
    let from: Vec<Vec<usize>> = (0..partitions).map(|p| shown_from(plan, numbering, p)).collect();
    let place = |population: usize, neuron: usize| {
        let block = neuron / BLOCK;
        let owner = |p: &usize| {
            let first = numbering.first_block(population, *p);
            block >= first && (block - first).is_multiple_of(partitions)
        };
        let p = (0..partitions).find(owner).unwrap_or(0);
        let lane = (block - numbering.first_block(population, p)) / partitions * BLOCK + neuron % BLOCK;
        (p, lane)
    };
    let mut made: Vec<Vec<Junctions<F>>> = (0..partitions).map(|_| vec![]).collect();
    for same in all.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
        let (population, port) = (same[0].0, same[0].1);
        let state = plan.populations[population].bound.states.iter().position(|state| state.name == "v");
        for (p, made) in made.iter_mut().enumerate() {
            let lanes = numbering.blocks(population, p) * BLOCK;
            let mut own: Vec<(usize, (u32, u32), F)> = Vec::new();
            for &(.., neuron, other_population, other, g) in same {
                let (owner, lane) = place(population, neuron);
                if owner == p {
                    let (of, other_lane) = place(other_population, other);
                    let index = from[of][other_population] + other_lane;
                    own.push((lane, (of as u32, index as u32), Real::from_f64(g)));
                }
            }
            own.sort_by_key(|&(lane, ..)| lane);
            let mut starts = vec![0u32; lanes + 1];
            own.iter().for_each(|&(lane, ..)| starts[lane + 1] += 1);
            (0..lanes).for_each(|lane| starts[lane + 1] += starts[lane]);
            made.push(Junctions {
                part: population,
                port,
                state: state.unwrap_or(0),
                starts,
                others: own.iter().map(|&(_, other, _)| other).collect(),
                conductances: own.iter().map(|&(.., g)| g).collect(),
                currents: vec![<F as Real>::ZERO; lanes],
            });
        }
    }
    Ok(made)
}

impl<F: Precision> Junctions<F> {
    /// The currents of some lanes, where these are the population and the port.
    pub fn of(&self, part: usize, port: usize) -> Option<&[F]> {
        (self.part == part && self.port == port).then_some(&self.currents[..])
    }
}

impl<F: Precision> Partition<F> {
    /// Shows the potentials after a step.
    pub fn show(&self, plan: &Plan, into: &mut Vec<F>) {
        into.clear();
        for part in self.parts.iter().filter(|part| plan.has_gaps(part.population)) {
            let states = &plan.populations[part.population].bound.states;
            let v = states.iter().position(|state| state.name == "v").unwrap_or(0);
            into.extend((0..part.lanes).map(|lane| part.states.at(v, lane)));
        }
    }

    /// The currents of the next step from what all partitions show.
    pub fn bridge<P: std::ops::Deref<Target = Vec<F>>>(&mut self, shown: &[P]) {
        for junctions in &mut self.junctions {
            let states = &self.parts[junctions.part].states;
            for (lane, current) in junctions.currents.iter_mut().enumerate() {
                let own = junctions.starts[lane] as usize..junctions.starts[lane + 1] as usize;
                if own.is_empty() {
                    continue;
                }
                let v = states.at(junctions.state, lane);
                let mut sum = <F as Real>::ZERO;
                for (&(p, i), &g) in junctions.others[own.clone()].iter().zip(&junctions.conductances[own]) {
                    sum += g * (shown[p as usize][i as usize] - v);
                }
                *current = sum;
            }
        }
    }
}
