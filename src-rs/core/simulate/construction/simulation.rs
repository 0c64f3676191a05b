//! A built network.

use super::changed::Changed;
use super::division::{partitions, slots, threads};
use super::pace::Pace;
use super::reuse::{Reuse, ReuseKey};
use crate::delivery::dense_rows::Dense;
use crate::delivery::row_builder::{Builder, Built};
use crate::delivery::rows::Listed;
use crate::delivery::units::{Units, check_units};
use crate::delivery::wide_rows::WideRows;
use crate::neurons::build_part::{part, shared};
use crate::neurons::firing_rates::Rates;
use crate::neurons::junctions::junctions;
use crate::neurons::part::Shared;
use crate::partitions::mean_taps::MeanTap;
use crate::partitions::partition::Partition;
use crate::partitions::structure;
use crate::plan::network::{Connection, Plan};
use crate::plan::plastic_synapse::PlasticSynapse;
use crate::plasticity::learning::Learning;
use crate::plasticity::plastic_rows::plastic;
use crate::random::stream;
use crate::representation::accumulators::Sums;
use crate::representation::numbering::Numbering;
use crate::representation::precision::Precision;
use crate::representation::spike::Spike;
use crate::spec::description::Description;
use crate::wiring::outgoing::Outgoing;
use lapicque_base::control::Control;
use lapicque_base::error::Result;
use lapicque_base::memory;
use lapicque_base::simd::SimdLevel;
use std::cell::OnceCell;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

pub struct Simulation<F: Precision> {
    pub plan: Plan,
    /// The memory estimate before it was built.
    pub bytes: u64,
    pub(crate) seed: u64,
    pub(crate) level: SimdLevel,
    pub(crate) shared: Vec<Shared<F>>,
    pub(crate) partitions: Vec<Mutex<Partition<F>>>,
    pub(crate) units: Units,
    /// The useful number of threads.
    pub(crate) threads: usize,
    pub(crate) pace: Pace,
    /// Steps done.
    pub(crate) step: u64,
    /// Number of steps of a min-delay epoch: neurons advance by it before spikes are exchanged.
    pub(crate) epoch_steps: u64,
    pub(crate) longest: u64,
    /// Spikes of the last `longest` steps.
    pub(crate) in_flight: Vec<Spike>,
    /// Spikes of trains at the current time that are not on their way yet: at 0, or set at the current time.
    pub(crate) pending: Vec<Spike>,
    /// The values that were set since construction.
    pub(crate) changed: Changed,
    /// By mean: samples that are read later because of a delay.
    pub(crate) readings: Vec<VecDeque<f64>>,
}

impl<F: Precision> Simulation<F> {
    /// Builds the network with the threads of the rayon pool in which it is called. `seed` determines wiring, initial values
    /// and noise.
    ///
    /// # Errors
    /// Those of [`Plan::new`]; `too-large` before construction if memory does not suffice; `aborted`.
    pub fn new(description: Description, seed: u64, level: SimdLevel, control: &Control) -> Result<Self> {
        Self::of_row(description, seed, level, control, (&Reuse::new(1), None))
    }

    /// As [`Simulation::new`], for a row of a sweep. Rows share equal data: always their neurons, and synapses if the rows are
    /// `reuse_key`.
    ///
    /// # Errors
    /// Those of [`Simulation::new`].
    #[inline(never)]
    pub fn of_row(
        mut description: Description,
        seed: u64,
        level: SimdLevel,
        control: &Control,
        (reuse, reuse_key): (&Reuse<F>, Option<&ReuseKey>),
    ) -> Result<Self> {
        description.draw(seed)?;
        let plan = Plan::with(description, &|i, spec, dt| reuse.neurons(i, spec, dt))?;
        plan.check_representable::<F>()?;
        check_units(&plan)?;
        let level = if level.is_supported() { level } else { SimdLevel::detect() };
        let threads = threads(&plan, rayon::current_num_threads());
        let partitions = partitions::<F>(&plan, threads)?;
        memory::check("the network", plan.bytes::<F>(partitions))?;
        let numbering = Numbering::new(plan.populations.iter().map(|p| p.size), partitions);
        let of = |(i, c): (usize, &Connection)| {
            Ok(Outgoing::new(&c.wiring, seed, stream::CONNECTION | i as u64, control)?.at(level))
        };
        let outgoing = || plan.connections.iter().enumerate().map(of).collect();
        // Sampled at most once, and not at all if an earlier row has stored everything that is derived from it.
        let sampled_wiring = OnceCell::new();
        let outgoing = || match sampled_wiring.get() {
            Some(sampled_wiring) => Ok(Arc::clone(sampled_wiring)),
            None => reuse
                .wiring(seed, reuse_key, outgoing)
                .map(|wiring| Arc::clone(sampled_wiring.get_or_init(|| wiring))),
        };
        let (slots, totals): (Vec<_>, Vec<usize>) =
            (0..partitions).map(|p| slots(&plan, &numbering, p)).unzip();
        let built = reuse.synapses((seed, partitions), reuse_key, || {
            let outgoing = outgoing()?;
            Builder::new::<F>(&plan, &outgoing, &numbering, level, control).build::<F>(&slots)
        })?;
        let Built { rows, wide, dense, units, mut widened } = Arc::unwrap_or_clone(built);
        let learns = plan.connections.iter().any(|c| c.synapse.is_some());
        let outgoing = if learns { outgoing()? } else { Arc::default() };
        let plastic = plastic(&plan, &outgoing, &numbering, (&slots, &units), level, control)?;
        drop((outgoing, sampled_wiring));
        let is_widened = plan.widen::<F>(&mut widened);
        let wide_rows = (0..partitions).map(|p| wide.as_ref().map(|wide| &wide[p]));
        let static_delays = rows.iter().filter_map(|rows| rows.smallest_delay());
        let static_delays = static_delays.chain(wide_rows.flatten().filter_map(|rows| rows.smallest_delay()));
        let static_delays = static_delays.chain(dense.iter().flatten().map(|dense| dense.delay));
        let smallest =
            static_delays.chain(plastic.iter().flatten().filter_map(Learning::smallest_delay)).min();
        let longest = u64::from(plan.delays()[1]);
        let mut junctions = junctions::<F>(&plan, &numbering, seed, control)?;
        let derived = plan
            .populations
            .iter()
            .map(|population| population.derived::<F>(control))
            .collect::<Result<Vec<_>>>()?;
        let mut wide = wide.map(Vec::into_iter);
        let all = rows.into_iter().zip(dense).zip(plastic).enumerate();
        let partitions = all.map(|(p, ((rows, dense), plastic))| {
            let parts = (0..plan.populations.len())
                .map(|i| part(&plan, &numbering, i, p, (&slots[p][i], &derived[i]), (seed, level), control));
            let sums = Sums::new(totals[p].max(1 << 16));
            let parts = parts.collect::<Result<_>>()?;
            let draws = plan.populations.iter().filter_map(|p| p.bound.noise).map(|noise| noise.draws).max();
            let draws = draws.unwrap_or(0);
            let rows = Listed::new(rows, longest);
            let mut partition = Partition::new(rows, parts, sums, numbering.partitions, draws)?;
            let wide = wide.as_mut().and_then(Iterator::next).unwrap_or_default();
            partition.wide = is_widened
                .then(|| WideRows::new(Listed::new(wide, longest), Sums::new(totals[p].max(1 << 16))));
            (partition.dense, partition.plastic) = (dense, plastic);
            let moving = (0..plan.populations.len()).filter(|&i| plan.populations[i].intrinsic.is_some());
            partition.rates = moving.map(|i| Rates::new(i, partition.parts[i].neuron_slots)).collect();
            partition.junctions = std::mem::take(&mut junctions[p]);
            partition.means = plan.means.iter().map(|_| MeanTap::default()).collect();
            Ok(partition)
        });
        let mut partitions = partitions.collect::<Result<Vec<Partition<F>>>>()?;
        for (i, c) in plan.connections.iter().enumerate().filter(|(_, c)| c.structural.is_some()) {
            structure::start(i, c, &mut partitions);
        }
        let partitions = partitions.into_iter().map(Mutex::new).collect();
        let shared = (0..plan.populations.len())
            .map(|i| shared(&plan, i, level, seed, (units.of(i), &widened[i]), &derived[i]))
            .collect::<Result<_>>()?;
        // Without synapses nothing is exchanged; 100 steps keep progress and cancellation responsive.
        // Gap junctions read the states of all neurons at every step.
        let epoch_steps = if plan.gaps.is_empty() { smallest.map_or(100, u64::from) } else { 1 };
        let in_flight = vec![];
        // Now it is known which populations are in double precision.
        let bytes = plan.bytes::<F>(numbering.partitions);
        let pending = plan.trains.iter().take_while(|&&(step, _)| step == 0).copied().collect();
        Ok(Simulation {
            plan,
            bytes,
            seed,
            level,
            shared,
            partitions,
            units,
            threads,
            pace: Pace::default(),
            step: 0,
            epoch_steps,
            longest,
            in_flight,
            pending,
            changed: Changed::default(),
            readings: vec![],
        })
    }

    /// The chosen number of threads: 1 while one thread is faster, or where more have nothing to do.
    pub fn chosen_threads(&self) -> usize {
        if self.pace.prefers_one() { 1 } else { self.threads }
    }

    /// The names of populations and connections that are computed in double precision in a network of single precision.
    #[inline(never)]
    pub fn in_double_precision(&self) -> Vec<String> {
        let populations = self.plan.populations.iter().zip(&self.shared);
        let wide = populations
            .filter(|(_, shared)| shared.wide.is_some())
            .map(|(population, _)| population.name.clone());
        let connections = self.plan.connections.iter().zip(&self.plan.description.connections).enumerate();
        let double = connections
            .filter(|(_, (c, _))| c.synapse.as_ref().is_some_and(PlasticSynapse::is_double::<F>))
            .map(|(i, (_, spec))| spec.name(i));
        wide.chain(double).collect()
    }

    /// Steps done since the start.
    pub fn step(&self) -> u64 {
        self.step
    }

    /// Number of synapses.
    #[inline(never)]
    pub fn synapses(&self) -> u64 {
        let count = |p: &Partition<F>| {
            let dense = p.dense.iter().map(Dense::synapses).sum::<u64>();
            let wide = p.wide.as_ref().map_or(0, |wide| wide.rows.rows.synapses);
            p.rows.rows.synapses + wide + dense + p.plastic.iter().map(|p| p.synapses() as u64).sum::<u64>()
        };
        self.partitions.iter().map(|p| count(&lock(p))).sum()
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
