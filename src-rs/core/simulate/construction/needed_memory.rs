//! Estimates the memory of a network before it is allocated.

use super::division::partitions;
use super::division::threads;
use crate::delivery::paged_calendar::{Pending, calendar_horizon};
use crate::delivery::storage::Storage;
use crate::plan::gaps::Gaps;
use crate::plan::inputs::{Input, InputKind};
use crate::plan::network::{Connection, Plan};
use crate::plan::plastic_synapse::PlasticSynapse;
use crate::plan::population::Population;
use crate::plasticity::by_target;
use crate::plasticity::event_log::EventLog;
use crate::plasticity::observed_states::{columns, kept, watched};
use crate::plasticity::plastic_rows::Segment;
use crate::random::distribution::Sampler;
use crate::representation::precision::Precision;
use crate::representation::spike::Spike;
use crate::spec::description::Rule;
use crate::wiring::delays::Delays;
use lapicque_base::error::Result;
use lapicque_dynamics::settings::Lists;
use lapicque_plasticity::Side;

/// Bytes of the buffers of the executor's threads. The executor's code does not count: its pages are backed by a file, so the
/// system can reclaim them.
const BUFFERS: u64 = 512 << 10;

/// Assumed rate of each neuron and train for the spikes in flight, in spikes per second; the true rate is not known
/// beforehand.
const RATE: f64 = 20.0;

impl Plan {
    /// Bytes of a simulation with at most this number of threads.
    ///
    /// # Errors
    /// `invalid-parameter` if the network has more neurons than can be numbered.
    pub fn needed<F: Precision>(&self, at_most: usize) -> Result<u64> {
        Ok(self.bytes::<F>(partitions::<F>(self, threads(self, at_most))?))
    }

    /// Bytes of a simulation on `partitions` partitions, including the process that builds and runs it.
    pub fn bytes<F: Precision>(&self, partitions: usize) -> u64 {
        let real = size_of::<F>() as u64;
        let [low, high] = self.delays();
        let delays = u64::from(high - low) + 1;
        let size = size_of::<F::Synapse>() as u64;
        let storage = self.storage::<F>();
        let synapses = storage.iter().fold(0, |sum: u64, storage| sum.saturating_add(storage.bytes));
        let wide = storage.iter().fold(0, |sum: u64, storage| sum.saturating_add(storage.wide));
        // Segments are padded to whole quads: one and a half slots are empty on average.
        let fixed = self.connections.iter().filter(|c| c.synapse.is_none());
        let fixed = fixed.fold(0, |sum: u64, c| sum.saturating_add(c.expected));
        let row_count = self.sources as u64 * partitions as u64;
        let filling = |synapses: u64, size: u64| {
            row_count.saturating_mul(delays * 3 / 2 * size).min(synapses.saturating_mul(size))
        };
        let filling = filling(fixed, size).saturating_add(filling(wide, Storage::WIDE));
        // Segments and their offsets; no segment is empty. They are first stored by chunk of sources, in pieces so small that
        // the process keeps the freed memory, and are then joined.
        let rows = |synapses: u64| {
            let rows = row_count.saturating_mul(delays).min(synapses).saturating_mul(8);
            rows.saturating_add(if synapses > 0 { row_count * 16 } else { 0 })
        };
        let rows = rows(fixed).max(row_count * 16).saturating_add(rows(wide) + self.sources as u64 * 4);
        // Number of sampled synapses of each neuron during sampling, by thread and in total.
        let degrees = self.neurons as u64 * 4 * (partitions as u64 + 1);
        let segments = self.connections.iter().map(|c| segments::<F>(c, partitions as u64));
        let segments = segments.fold(0, u64::saturating_add);
        // Lists that are kept so that synapses can be read back.
        let list_bytes = |c: &Connection| {
            let each = match c.wiring.rule {
                Rule::List { .. } => 16,
                _ => 0,
            };
            let weights = if let Sampler::Values { .. } = c.weight { 8 } else { 0 };
            let delays = if let Delays::Values(_) = c.delays { 4 } else { 0 };
            c.expected.saturating_mul(each + weights + delays)
        };
        let lists = self.connections.iter().map(list_bytes).fold(0, u64::saturating_add);
        // Elements of both sides, and a list of all synapses while the initial elements are counted.
        let growing = |c: &Connection| {
            let sizes =
                [c.source_population, c.population].map(|population| self.populations[population].size);
            let neuron_slots: u64 = sizes.into_iter().map(|size| size.next_multiple_of(64) as u64).sum();
            if c.structural.is_some() {
                c.expected.saturating_mul(24).saturating_add(neuron_slots * 16)
            } else {
                0
            }
        };
        let growing = self.connections.iter().map(growing).fold(0, u64::saturating_add);
        let lists_of_neurons = self.populations.iter().zip(&self.description.populations);
        let lists_of_neurons: u64 =
            lists_of_neurons.map(|(p, spec)| p.lists() + 8 * listed(&spec.params)).sum();
        let neurons: u64 =
            (0..self.populations.len()).map(|i| self.neuron_bytes::<F>(i)).fold(0, u64::saturating_add);
        let gaps = self.gaps.iter().map(Gaps::bytes::<F>).fold(0, u64::saturating_add);
        let in_flight_bytes = self.in_flight_bytes(partitions, row_count.saturating_mul(delays).min(fixed));
        let watched = self.connections.iter().map(|c| self.histories::<F>(c, partitions as u64));
        let watched = watched.fold(0, u64::saturating_add);
        // Variables with the initial value 0 take memory when they are first written, and the list of spikes when spikes are
        // in flight. By then the memory that fixed in-degrees take during construction has been freed.
        let at_zero = |c: &Connection| {
            let variables = c.synapse.iter().flat_map(|synapse| &synapse.rule.variables[1..]);
            let real = if c.synapse.as_ref().is_some_and(PlasticSynapse::is_double::<F>) { 8 } else { real };
            c.expected.saturating_mul(variables.filter(|variable| variable.init == 0.0).count() as u64 * real)
        };
        let at_zero = self.connections.iter().map(at_zero).fold(0, u64::saturating_add);
        let in_degrees =
            self.connections.iter().filter(|c| matches!(c.wiring.rule, Rule::FixedInDegree { .. }));
        let in_degrees = in_degrees.fold(0, |sum: u64, c| sum.saturating_add(c.expected.saturating_mul(4)));
        // The sampled in-degrees are freed before synapses grow, so the same memory serves both.
        let in_degrees = in_degrees.saturating_sub(growing);
        let during_run = at_zero.saturating_add(watched).saturating_add(in_flight_bytes).max(in_degrees);
        let is_widened = F::WIDENS && (wide > 0 || self.connections.iter().any(|c| c.synapse.is_some()));
        let sum = size_of::<F::Sum>() + if is_widened { size_of::<i64>() } else { 0 };
        let sums = partitions as u64 * (F::MOST_SLOTS.min(1 << 16) * sum) as u64;
        // Inputs as described, as validated, and as they are sampled or added; spikes of trains.
        let current = |input: &Input| match &input.kind {
            InputKind::Current(steps) => steps.values.len() as u64 * (16 + real),
            InputKind::Poisson { mean, .. } => mean.values.len() as u64 * 32,
            InputKind::Normal { .. } => 0,
        };
        let trains = self.trains.len() as u64 * size_of::<(u64, u32)>() as u64;
        let input_bytes = self.description.text + self.inputs.iter().map(current).sum::<u64>() + trains;
        let after_construction = growing.saturating_add(neurons).saturating_add(gaps);
        [
            synapses - at_zero.min(synapses),
            filling,
            rows,
            segments,
            lists,
            lists_of_neurons,
            input_bytes,
            degrees.max(after_construction),
            during_run,
            sums,
            BUFFERS,
        ]
        .into_iter()
        .fold(0, u64::saturating_add)
    }
}

/// Bytes of the segments of a plastic connection, with the traces of their sources.
fn segments<F: Precision>(c: &Connection, partitions: u64) -> u64 {
    let Some(synapse) = &c.synapse else { return 0 };
    let real = real_bytes::<F>(synapse);
    let [low, high] = c.delays.bounds();
    let most = (c.sources.len() as u64 * partitions).saturating_mul(u64::from(high - low) + 1);
    // With structural plasticity every source has a segment, even without a synapse; otherwise some delays have no
    // segment.
    let share = -libm::expm1(-(c.expected as f64) / most as f64);
    let count = if c.structural.is_some() { most } else { (most as f64 * share) as u64 };
    let traces = synapse.rule.traces.iter().filter(|trace| trace.side == Side::Pre).count() as u64;
    count.saturating_mul(size_of::<Segment>() as u64 + traces * real)
}

/// Bytes of a number of plastic synapses.
fn real_bytes<F: Precision>(synapse: &PlasticSynapse) -> u64 {
    if synapse.is_double::<F>() { 8 } else { size_of::<F>() as u64 }
}

impl Plan {
    /// Bytes of the histories of the states that a plastic connection observes, and of its updates by target.
    fn histories<F: Precision>(&self, c: &Connection, partitions: u64) -> u64 {
        let Some(synapse) = &c.synapse else { return 0 };
        let real = real_bytes::<F>(synapse);
        let longest = u64::from(c.delays.bounds()[1].min(synapse.dendrite));
        let ages = 2 * longest + 1 + synapse.rule.sights.iter().map(|s| s.delay).max().unwrap_or(0);
        let size = self.populations[c.population].size as u64;
        let log = EventLog::<F>::bytes(columns(&synapse.rule) as u64, kept(&synapse.rule, longest)[1]);
        let log = if watched(&synapse.rule) { log } else { 0 };
        let together = if by_target::is_possible(&synapse.rule) {
            let is_resampled =
                !matches!(c.wiring.rule, Rule::AllToAll | Rule::OneToOne | Rule::Bernoulli { .. });
            let single = !(is_resampled && c.wiring.multapses);
            let ends = [c.sources.len() as u64, size, partitions];
            by_target::bytes(c.expected, single, ends, synapse.rule.variables.len() as u64 * real)
        } else {
            0
        };
        together.saturating_add(size * (synapse.rule.sights.len() as u64 * ages * real + log))
    }

    /// Bytes of the spikes in flight: in the list of all spikes, of which a run stores two copies, and in the calendars
    /// of `segments` rows in total and of plastic connections.
    fn in_flight_bytes(&self, partitions: usize, segments: u64) -> u64 {
        /// The capacity of a growing list is up to one and a half times its length.
        const GROWTH: f64 = 1.5;
        let [low, high] = self.delays();
        let spikes = RATE * self.description.dt / 1000.0;
        // How often a segment is in a calendar.
        let entries = |low: u32, high: u32| {
            let horizon = calendar_horizon(u64::from(high)) as f64;
            spikes * horizon.min(f64::from(low + high) / 2.0) * GROWTH
        };
        // How often a source is in a partition's calendar, if that has pages.
        let waiting = |high: u32| match calendar_horizon(u64::from(high)) < u64::from(high) {
            true => spikes * f64::from(high) * GROWTH * size_of::<Pending>() as f64,
            false => 0.0,
        };
        let of = |sources: usize| (sources * partitions) as f64;
        let listed =
            self.sources as f64 * spikes * f64::from(high) * 2.0 * GROWTH * size_of::<Spike>() as f64;
        let fixed = match segments {
            0 => 0.0,
            _ => segments as f64 * entries(low, high) * 8.0 + of(self.sources) * waiting(high),
        };
        let plastic = self.connections.iter().filter(|c| c.synapse.is_some()).map(|c| {
            let [low, high] = c.delays.bounds();
            let most = of(c.sources.len()) * f64::from(high - low + 1);
            most.min(c.expected as f64) * entries(low, high) * 4.0 + of(c.sources.len()) * waiting(high)
        });
        (listed + fixed + plastic.sum::<f64>()) as u64
    }
}

/// Number of values in the lists of a description.
fn listed(lists: &Lists) -> u64 {
    lists.values().map(|list| list.len() as u64).sum()
}

impl Plan {
    /// Bytes of a population's states and coefficients, and of the coefficients in f64 while they are copied to partitions.
    fn neuron_bytes<F: Precision>(&self, i: usize) -> u64 {
        let population = &self.populations[i];
        let (neuron_slots, coefs) = (population.size.next_multiple_of(64) as u64, population.coefs());
        let own = coefs.iter().filter(|values| values.len() > 1).count() as u64;
        let (states, real) = (population.bound.states.len() as u64, size_of::<F>() as u64);
        // Before neurons with individual parameters are derived, the estimate assumes the larger size.
        let decided = || match own {
            0 => self.is_wide::<F>(i, &coefs),
            _ => population.is_wide.get().copied().unwrap_or(true),
        };
        let is_wide = size_of::<F>() < size_of::<f64>() && decided();
        let cells = population.bound.cells().map_or(0, |cells| cells.bytes().unwrap_or(u64::MAX));
        let wide = if is_wide { neuron_slots * (states * real + own * 8) } else { 0 };
        let own = neuron_slots * (states + own) * real + population.size as u64 * own * 8 + wide;
        own.saturating_add(cells)
    }
}

impl Population {
    /// Bytes of parameters and initial states that differ from neuron to neuron.
    fn lists(&self) -> u64 {
        let differ = |values: &Vec<f64>| if values.len() > 1 { values.len() as u64 } else { 0 };
        let params: u64 = self.bound.params.iter().map(|param| 2 * differ(&param.values)).sum();
        let states: u64 = self.bound.states.iter().map(|state| differ(&state.init)).sum();
        let initial =
            |sampler: &Sampler| if let Sampler::Values { values, .. } = sampler { differ(values) } else { 0 };
        let initial: u64 = self.initial.iter().flatten().map(initial).sum();
        8 * (params + states + initial)
    }

    /// Coefficients for the estimate, with one value each, or two if neurons have individual values because a parameter differs
    /// or changes.
    fn coefs(&self) -> Vec<Vec<f64>> {
        if let (None, Some(coefs)) = (&self.intrinsic, self.bound.same_coefs()) {
            return coefs.to_vec();
        }
        let some = |values: &[f64], differ: bool| if differ { vec![values[0]; 2] } else { vec![values[0]] };
        let moves = self.intrinsic.as_ref().map(|intrinsic| &intrinsic.parameter);
        let params: Vec<Vec<f64>> = (self.bound.params.iter())
            .map(|param| {
                some(&param.values, param.values.len() > 1 || moves.is_some_and(|moves| *moves == param.name))
            })
            .collect();
        self.bound.derive(&params)
    }
}
