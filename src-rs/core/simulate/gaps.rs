//! Gap junctions: a current `g (v_other - v)` into a neuron for each, from the potentials at the end of the
//! step before, the same for the whole step. Graded synapses likewise let `weight s_other` into it, `s` being any
//! state. These states are shown to all partitions once a step.

use super::by_distance::ByDistance;
use super::construction::stream;
use super::description::{GapSpec, Rule};
use super::distribution::{Distribution, Sampler};
use super::formula::Formula;
use super::numbering::{BLOCK, Numbering};
use super::outgoing::{Outgoing, Row, Wiring, Words};
use super::partition::Partition;
use super::plan::{Names, Plan, Population};
use super::precision::Precision;
use super::route::{Route, route};
use super::rules::{Ends, check};
use super::signs;
use lapicque_base::control::Control;
use lapicque_base::error::{Error, Result, try_vec};
use lapicque_base::memory;
use lapicque_base::real::Real;
use std::ops::Range;

/// Gap junctions or graded synapses between two populations, checked.
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
    /// The states that are shown, of the ones and of the others.
    states: [usize; 2],
    /// Of what the ones show nothing is taken off.
    graded: bool,
    /// Junctions, or how many are to be expected.
    pub expected: u64,
}

/// One that is drawn: which state is shown, by its number in [`Plan::shown`], and of which neuron; and the conductance.
type Drawn = ((u32, u32), f64);

/// What errors call them.
const WHAT: &str = "gap junctions";

impl Gaps {
    /// Bytes while they are drawn: what is drawn, and what partitions keep of it.
    pub fn bytes<F: Precision>(&self) -> u64 {
        let drawn = self.expected.saturating_mul(1 + u64::from(self.symmetric));
        drawn.saturating_mul((size_of::<Drawn>() + size_of::<u32>() + size_of::<F>()) as u64)
    }
}

/// The junctions of a partition's neurons of one population, through one port.
pub struct Junctions<F> {
    part: usize,
    pub port: usize,
    /// The potential that is taken off what the others show.
    state: Option<usize>,
    /// By lane: its first junction; one more at the end.
    starts: Vec<u32>,
    /// Where the other neuron's state is among those that all partitions show, one partition after the other.
    others: Vec<u32>,
    conductances: Vec<F>,
    /// By lane.
    currents: Vec<F>,
}

/// Where each partition shows each state of [`Plan::shown`], all lanes of it, among what all of them show.
fn shown_from(plan: &Plan, numbering: &Numbering) -> Vec<Vec<usize>> {
    let mut next = 0;
    let mut place = |population: usize, partition: usize| {
        let from = next;
        next += numbering.blocks(population, partition) * BLOCK;
        from
    };
    let mut of = |partition| plan.shown.iter().map(|&(population, _)| place(population, partition)).collect();
    (0..numbering.partitions).map(&mut of).collect()
}

impl Plan {
    /// The states that neurons show each other, by population: what gap junctions need on both sides, and graded synapses.
    pub(super) fn shows(&self) -> Vec<(usize, usize)> {
        let mut shown = vec![];
        for gaps in &self.gaps {
            let [from, to] = [(gaps.from.0, gaps.states[0]), (gaps.to, gaps.states[1])];
            for state in if gaps.graded { [from, from] } else { [from, to] } {
                if let Err(place) = shown.binary_search(&state) {
                    shown.insert(place, state);
                }
            }
        }
        shown
    }

    /// Whether gap junctions lead into a port.
    pub(super) fn gap_port(&self, population: usize, port: usize) -> bool {
        self.at_port(population, port).next().is_some()
    }

    fn at_port(&self, population: usize, port: usize) -> impl Iterator<Item = &Gaps> {
        self.gaps.iter().filter(move |gaps| {
            (gaps.to == population && gaps.ports[1] == port)
                || (gaps.symmetric && gaps.from.0 == population && gaps.ports[0] == port)
        })
    }

    pub(super) fn gap(&self, i: usize, spec: GapSpec, names: &Names) -> Result<Gaps> {
        let name = format!("gaps[{i}] ({} to {})", spec.from, spec.to);
        let [from, to] = [self.population(spec.from.of())?, self.population(spec.to.of())?];
        let [source, target] = [&self.populations[from], &self.populations[to]];
        let sources = spec.from.range(&format!("{name}.from"), source.size)?;
        let targets = spec.to.range(&format!("{name}.to"), target.size)?;
        let graded = spec.state.is_some();
        if graded && spec.symmetric {
            return Err(Error::invalid(format!("{name}.symmetric"), true, "false for graded synapses"));
        }
        let state = |population: &Population| {
            let names = || population.bound.states.iter().map(|state| state.name);
            let wanted = spec.state.as_deref().unwrap_or("v");
            names().position(|name| name == wanted).ok_or_else(|| match graded {
                true => Error::unknown(&format!("state of {}", population.name), wanted, names()),
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
        let layouts = of.map(|of| (of, names.get(of).and_then(|known| known.layout.as_ref())));
        let values = [("conductance", &spec.conductance), ("delay", &Distribution::Constant(0.0))];
        let places = (ends, sources.start, targets.start);
        let by_distance = ByDistance::of(&name, &spec.rule, values, layouts, places, self.description.dt)?;
        if let Some(apart) = by_distance.as_ref().filter(|apart| apart.p.is_some()) {
            let mean = apart.mean_probability();
            expected = (mean * expected as f64) as u64;
        }
        let bounds = by_distance.as_deref().and_then(|apart| apart.weight.as_ref()).map(Formula::bounds);
        let conductance = match bounds {
            Some(bounds) => Sampler::OfDistance(bounds),
            None => Sampler::new(&format!("{name}.conductance"), spec.conductance, listed)?,
        };
        if !graded && conductance.bounds()[0] < 0.0 {
            let expected = "conductances of at least 0";
            return Err(Error::invalid(format!("{name}.conductance"), conductance.bounds()[0], expected));
        }
        let port = |population| match route(population, spec.port.as_deref(), false)? {
            Route::Port(port) | Route::BySign { positive: port, .. } => Ok::<usize, Error>(port),
        };
        let to_port = port(target)?;
        if graded {
            signs::check_weights(target, Route::Port(to_port), &format!("{name}.conductance"), &conductance)?;
        }
        let ports = [if spec.symmetric { port(source)? } else { to_port }, to_port];
        let mut into =
            [Some((target, to_port)), spec.symmetric.then_some((source, ports[0]))].into_iter().flatten();
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
            },
            conductance,
            symmetric: spec.symmetric,
            expected,
        })
    }
}

/// The gap junctions of each partition, drawn.
///
/// # Errors
/// `too-large`, `aborted`.
pub fn junctions<F: Precision>(
    plan: &Plan,
    numbering: &Numbering,
    seed: u64,
    control: &Control,
) -> Result<Vec<Vec<Junctions<F>>>> {
    let outgoing = (plan.gaps.iter().enumerate())
        .map(|(i, gaps)| Outgoing::new(&gaps.wiring, seed, stream::GAP | i as u64, control))
        .collect::<Result<Vec<_>>>()?;
    let partitions = 0..numbering.partitions;
    let from = shown_from(plan, numbering);
    let mut made: Vec<Vec<Junctions<F>>> = partitions.clone().map(|_| vec![]).collect();
    for (i, population) in plan.populations.iter().enumerate() {
        let v = population.bound.states.iter().position(|state| state.name == "v");
        for port in (0..population.bound.ports.len()).filter(|&port| plan.gap_port(i, port)) {
            let into = IntoPort::draw(plan, &outgoing, (i, port), control)?;
            let state = if plan.at_port(i, port).any(|gaps| gaps.graded) { None } else { v };
            for (p, made) in partitions.clone().zip(&mut made) {
                let lanes = numbering.blocks(i, p) * BLOCK;
                let own = (0..lanes).map(|lane| into.of(numbering.neuron(i, p, lane)));
                let count = own.clone().map(<[Drawn]>::len).sum();
                let mut starts = try_vec(WHAT, lanes + 1, 0u32)?;
                let mut others = memory::huge_pages::<u32>(WHAT, count)?;
                let mut conductances = memory::huge_pages::<F>(WHAT, count)?;
                let mut next = 0;
                for (lane, drawn) in own.enumerate() {
                    control.check()?;
                    for &((shown, neuron), g) in drawn {
                        let (owner, lane) = numbering.place(plan.shown[shown as usize].0, neuron as usize);
                        let shown = from[owner][shown as usize] + lane;
                        (others[next], conductances[next]) = (shown as u32, Real::from_f64(g));
                        next += 1;
                    }
                    starts[lane + 1] = next as u32;
                }
                let currents = try_vec(WHAT, lanes, <F as Real>::ZERO)?;
                made.push(Junctions { part: i, port, state, starts, others, conductances, currents });
            }
        }
    }
    Ok(made)
}

/// The junctions that let currents into a port of a population, by neuron; beyond its last neuron there are none.
struct IntoPort {
    starts: Vec<usize>,
    all: Vec<Drawn>,
}

impl IntoPort {
    /// Each is drawn twice, once to be counted: nothing but the junctions themselves is held. Those of a neuron are
    /// in one order, whatever the partitions.
    fn draw(plan: &Plan, outgoing: &[Outgoing], to: (usize, usize), control: &Control) -> Result<IntoPort> {
        let size = plan.populations[to.0].size;
        let mut starts = try_vec(WHAT, size + 1, 0usize)?;
        each_into(plan, outgoing, to, control, |neuron, _| starts[neuron + 1] += 1)?;
        (0..size).for_each(|neuron| starts[neuron + 1] += starts[neuron]);
        let (mut next, mut all) = (starts.clone(), memory::huge_pages::<Drawn>(WHAT, starts[size])?);
        memory::clear_pages(&mut all, || control.check())?;
        each_into(plan, outgoing, to, control, |neuron, drawn| {
            all[next[neuron]] = drawn;
            next[neuron] += 1;
        })?;
        let mut into = IntoPort { starts, all };
        for neuron in 0..size {
            control.check()?;
            let own = into.starts[neuron]..into.starts[neuron + 1];
            into.all[own].sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        }
        Ok(into)
    }

    fn of(&self, neuron: usize) -> &[Drawn] {
        match self.starts.get(neuron..neuron + 2) {
            Some(&[from, to]) => &self.all[from..to],
            _ => &[],
        }
    }
}

/// Visits each junction that lets a current into a port of a population, with the neuron that it is into.
fn each_into(
    plan: &Plan,
    outgoing: &[Outgoing],
    to: (usize, usize),
    control: &Control,
    mut visit: impl FnMut(usize, Drawn),
) -> Result<()> {
    let mut row = Row::default();
    for (gaps, outgoing) in plan.gaps.iter().zip(outgoing) {
        let there = (gaps.to, gaps.ports[1]) == to;
        let back = gaps.symmetric && (gaps.from.0, gaps.ports[0]) == to;
        let number = |state: (usize, usize)| plan.shown.binary_search(&state).unwrap_or(0) as u32;
        let [one, other] = [(gaps.from.0, gaps.states[0]), (gaps.to, gaps.states[1])].map(number);
        for source in 0..if there || back { gaps.wiring.ends.sources } else { 0 } {
            control.check()?;
            outgoing.row(source, Words::Both, &mut row);
            for (k, &target) in row.targets.iter().enumerate() {
                let (a, b) = (gaps.from.1 + source, target as usize);
                let g = row.exact_weight(k, &gaps.conductance);
                if there {
                    visit(b, ((one, a as u32), g));
                }
                if back {
                    visit(a, ((other, b as u32), g));
                }
            }
        }
    }
    Ok(())
}

impl<F: Precision> Junctions<F> {
    /// The currents of some lanes, where these are the population and the port.
    pub fn of(&self, part: usize, port: usize) -> Option<&[F]> {
        (self.part == part && self.port == port).then_some(&self.currents[..])
    }
}

impl<F: Precision> Partition<F> {
    /// Shows states after a step.
    pub fn show(&self, plan: &Plan, into: &mut Vec<F>) {
        into.clear();
        for &(population, state) in &plan.shown {
            let parts = self.parts.iter().filter(|part| part.population == population);
            parts.for_each(|part| into.extend((0..part.lanes).map(|lane| part.states.at(state, lane))));
        }
    }

    /// The currents of the next step from what all partitions show.
    pub fn bridge<P: std::ops::Deref<Target = Vec<F>>>(&mut self, shown: &[P]) {
        self.shown.clear();
        shown.iter().for_each(|states| self.shown.extend_from_slice(states));
        for junctions in &mut self.junctions {
            let states = &self.parts[junctions.part].states;
            let Junctions { state, starts, others, conductances, currents, .. } = junctions;
            let v = |lane| state.map_or(<F as Real>::ZERO, |state| states.at(state, lane));
            let all = (&others[..], &conductances[..], &self.shown[..]);
            for (group, currents) in currents.as_chunks_mut::<ABREAST>().0.iter_mut().enumerate() {
                let first = group * ABREAST;
                let own = std::array::from_fn(|i| starts[first + i] as usize..starts[first + i + 1] as usize);
                *currents = sums(all, own, std::array::from_fn(|i| v(first + i)));
            }
        }
    }
}

/// Neurons whose junctions are summed side by side: each sum is a chain of additions that wait for one another. Blocks have
/// whole groups.
const ABREAST: usize = 8;

/// `sum g (shown - v)` over the junctions of each of some neurons, in their order.
fn sums<F: Real>(
    (others, conductances, shown): (&[u32], &[F], &[F]),
    own: [Range<usize>; ABREAST],
    v: [F; ABREAST],
) -> [F; ABREAST] {
    let mut sums = [F::ZERO; ABREAST];
    let all = own.iter().map(Range::len).min().unwrap_or(0);
    let mine = own.each_ref().map(|own| (&others[own.clone()], &conductances[own.clone()]));
    let shared = mine.map(|(others, conductances)| (&others[..all], &conductances[..all]));
    for k in 0..all {
        for ((sum, (others, conductances)), &v) in sums.iter_mut().zip(&shared).zip(&v) {
            *sum += conductances[k] * (shown[others[k] as usize] - v);
        }
    }
    for (i, (others, conductances)) in mine.into_iter().enumerate() {
        for (&other, &g) in others[all..].iter().zip(&conductances[all..]) {
            sums[i] += g * (shown[other as usize] - v[i]);
        }
    }
    sums
}
