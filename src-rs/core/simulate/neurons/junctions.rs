//! The sampled gap junctions of a partition; the input of each neuron is a sum over them.

use crate::plan::gaps::{SampledJunction, WHAT};
use crate::plan::network::Plan;
use crate::random::stream;
use crate::representation::numbering::{BLOCK, Numbering};
use crate::representation::precision::Precision;
use crate::wiring::outgoing::Outgoing;
use crate::wiring::source_row::{Row, Words};
use lapicque_base::control::Control;
use lapicque_base::error::{Result, try_vec};
use lapicque_base::memory;
use lapicque_base::real::Real;
use std::ops::Range;

/// The junctions of a partition's neurons of one population, through one port.
pub struct Junctions<F> {
    pub part: usize,
    pub port: usize,
    /// The state that is subtracted from the published ones.
    pub state: Option<usize>,
    /// By neuron slot: its first junction; one entry more at the end.
    pub starts: Vec<u32>,
    /// Indices of the other neurons' states in the concatenation of what all partitions publish.
    pub others: Vec<u32>,
    pub conductances: Vec<F>,
    /// By neuron slot.
    pub currents: Vec<F>,
}

/// Offset of each partition's published states ([`Plan::published`]), for all of its neurons.
fn published_offsets(plan: &Plan, numbering: &Numbering) -> Vec<Vec<usize>> {
    let mut next = 0;
    let mut reserve = |population: usize, partition: usize| {
        let from = next;
        next += numbering.blocks(population, partition) * BLOCK;
        from
    };
    let mut of =
        |partition| plan.published.iter().map(|&(population, _)| reserve(population, partition)).collect();
    (0..numbering.partitions).map(&mut of).collect()
}

/// Samples the gap junctions of each partition.
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
    let from = published_offsets(plan, numbering);
    let mut made: Vec<Vec<Junctions<F>>> = partitions.clone().map(|_| vec![]).collect();
    for (i, population) in plan.populations.iter().enumerate() {
        let v = population.bound.states.iter().position(|state| state.name == "v");
        for port in (0..population.bound.ports.len()).filter(|&port| plan.gap_port(i, port)) {
            let into = IntoPort::draw(plan, &outgoing, (i, port), control)?;
            let state = if plan.at_port(i, port).any(|gaps| gaps.graded) { None } else { v };
            for (p, made) in partitions.clone().zip(&mut made) {
                let neuron_slots = numbering.blocks(i, p) * BLOCK;
                let own = (0..neuron_slots).map(|neuron_slot| into.of(numbering.neuron(i, p, neuron_slot)));
                let count = own.clone().map(<[SampledJunction]>::len).sum();
                let mut starts = try_vec(WHAT, neuron_slots + 1, 0u32)?;
                let mut others = memory::huge_pages::<u32>(WHAT, count)?;
                let mut conductances = memory::huge_pages::<F>(WHAT, count)?;
                let mut next = 0;
                for (neuron_slot, junctions_of_neuron) in own.enumerate() {
                    control.check()?;
                    for &((published, neuron), g) in junctions_of_neuron {
                        let (owner, neuron_slot) =
                            numbering.locate(plan.published[published as usize].0, neuron as usize);
                        let published = from[owner][published as usize] + neuron_slot;
                        (others[next], conductances[next]) = (published as u32, Real::from_f64(g));
                        next += 1;
                    }
                    starts[neuron_slot + 1] = next as u32;
                }
                let currents = try_vec(WHAT, neuron_slots, <F as Real>::ZERO)?;
                made.push(Junctions { part: i, port, state, starts, others, conductances, currents });
            }
        }
    }
    Ok(made)
}

/// The junctions into one port of a population, by neuron; slots beyond the last neuron have none.
struct IntoPort {
    starts: Vec<usize>,
    all: Vec<SampledJunction>,
}

impl IntoPort {
    /// Samples each junction twice, the first time to count them, so that no memory is needed beyond the junctions
    /// themselves. The order of a neuron's junctions does not depend on partitions.
    fn draw(plan: &Plan, outgoing: &[Outgoing], to: (usize, usize), control: &Control) -> Result<IntoPort> {
        let size = plan.populations[to.0].size;
        let mut starts = try_vec(WHAT, size + 1, 0usize)?;
        each_into(plan, outgoing, to, control, |neuron, _| starts[neuron + 1] += 1)?;
        (0..size).for_each(|neuron| starts[neuron + 1] += starts[neuron]);
        let (mut next, mut all) =
            (starts.clone(), memory::huge_pages::<SampledJunction>(WHAT, starts[size])?);
        memory::clear_pages(&mut all, || control.check())?;
        each_into(plan, outgoing, to, control, |neuron, junction| {
            all[next[neuron]] = junction;
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

    fn of(&self, neuron: usize) -> &[SampledJunction] {
        match self.starts.get(neuron..neuron + 2) {
            Some(&[from, to]) => &self.all[from..to],
            _ => &[],
        }
    }
}

/// Visits each junction into a port of a population, with the target neuron.
fn each_into(
    plan: &Plan,
    outgoing: &[Outgoing],
    to: (usize, usize),
    control: &Control,
    mut visit: impl FnMut(usize, SampledJunction),
) -> Result<()> {
    let mut row = Row::default();
    for (gaps, outgoing) in plan.gaps.iter().zip(outgoing) {
        let forward = (gaps.to, gaps.ports[1]) == to;
        let backward = gaps.symmetric && (gaps.from.0, gaps.ports[0]) == to;
        let number = |state: (usize, usize)| plan.published.binary_search(&state).unwrap_or(0) as u32;
        let [one, other] = [(gaps.from.0, gaps.states[0]), (gaps.to, gaps.states[1])].map(number);
        for source in 0..if forward || backward { gaps.wiring.ends.sources } else { 0 } {
            control.check()?;
            outgoing.row(source, Words::Both, &mut row);
            for (k, &target) in row.targets.iter().enumerate() {
                let (a, b) = (gaps.from.1 + source, target as usize);
                if a > b && gaps.once.contains(&a) && gaps.once.contains(&b) {
                    continue;
                }
                let g = row.exact_weight(k, &gaps.conductance);
                if forward {
                    visit(b, ((one, a as u32), g));
                }
                if backward {
                    visit(a, ((other, b as u32), g));
                }
            }
        }
    }
    Ok(())
}

impl<F: Precision> Junctions<F> {
    /// The currents of some neuron slots, if the junctions are those of this population and port.
    pub fn of(&self, part: usize, port: usize) -> Option<&[F]> {
        (self.part == part && self.port == port).then_some(&self.currents[..])
    }
}

/// Number of neurons whose junctions are summed together: each sum is a chain of dependent additions, so interleaving several
/// hides their latency. Blocks contain whole groups.
pub const ABREAST: usize = 8;

/// `sum g (published - v)` over the junctions of each of some neurons, in their order.
pub fn sums<F: Real>(
    (others, conductances, published): (&[u32], &[F], &[F]),
    own: [Range<usize>; ABREAST],
    v: [F; ABREAST],
) -> [F; ABREAST] {
    let mut sums = [F::ZERO; ABREAST];
    let all = own.iter().map(Range::len).min().unwrap_or(0);
    let mine = own.each_ref().map(|own| (&others[own.clone()], &conductances[own.clone()]));
    let shared = mine.map(|(others, conductances)| (&others[..all], &conductances[..all]));
    for k in 0..all {
        for ((sum, (others, conductances)), &v) in sums.iter_mut().zip(&shared).zip(&v) {
            *sum += conductances[k] * (published[others[k] as usize] - v);
        }
    }
    for (i, (others, conductances)) in mine.into_iter().enumerate() {
        for (&other, &g) in others[all..].iter().zip(&conductances[all..]) {
            sums[i] += g * (published[other as usize] - v[i]);
        }
    }
    sums
}
