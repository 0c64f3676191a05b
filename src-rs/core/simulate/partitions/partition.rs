//! One partition of a network: its neurons' states, the rows onto them, and the calendars of arrivals. It advances
//! independently for as long as no spike of another partition can arrive.

use super::mean_taps::MeanTap;
use super::rest::Rest;
use crate::delivery::dense_rows::Dense;
use crate::delivery::rows::Listed;
use crate::delivery::wide_rows::WideRows;
use crate::neurons::firing_rates::Rates;
use crate::neurons::junctions::Junctions;
use crate::neurons::part::{Part, Shared};
use crate::neurons::tile_step::{Arrived, Scratch, TileRange};
use crate::neurons::together::Together;
use crate::plan::network::{Plan, Read};
use crate::plasticity::growth::Growing;
use crate::plasticity::learning::{Learning, learning};
use crate::plasticity::plastic::Plastic;
use crate::representation::accumulators::Sums;
use crate::representation::numbering::BLOCK;
use crate::representation::precision::Precision;
use crate::representation::spike::Spike;
use crate::representation::tiles::TILE;
use lapicque_base::error::Result;
use lapicque_base::real::Real;
use lapicque_base::simd::SimdLevel;
use lapicque_projection::first_non_finite;

pub struct Partition<F: Precision> {
    pub rows: Listed<F::Synapse>,
    pub dense: Vec<Dense<F>>,
    pub wide: Option<WideRows>,
    pub plastic: Vec<Learning<F>>,
    /// Elements of structurally plastic connections.
    pub growing: Vec<Growing>,
    /// Firing rates of populations with intrinsic plasticity.
    pub rates: Vec<Rates>,
    pub parts: Vec<Part<F>>,
    /// By mean of the plan.
    pub means: Vec<MeanTap>,
    pub junctions: Vec<Junctions<F>>,
    /// The states that all partitions have published.
    pub published: Vec<F>,
    pub sums: Sums<F::Sum>,
    /// Distance of two consecutive blocks of this partition in a population; the blocks between them belong to other
    /// partitions.
    pub stride: usize,
    pub recorded: Vec<Spike>,
    /// The number of spikes that did not fit into memory; once it is above 0, no further spikes are recorded.
    pub lost: usize,
    pub delivered: u64,
    /// The small populations that are advanced together, once a run has begun; `None` after a change of neurons or inputs.
    pub together: Option<Together<F>>,
    /// Whether further steps without arrivals change anything. Unknown at the start of each part of a run.
    pub rest: Rest,
    scratch: Scratch<F>,
}

/// The tiles of a step that are done, for prefetching.
struct TileCount {
    done: usize,
    all: usize,
}

impl<F: Precision> Partition<F> {
    pub fn new(
        rows: Listed<F::Synapse>,
        parts: Vec<Part<F>>,
        sums: Sums<F::Sum>,
        stride: usize,
        draws: usize,
    ) -> Result<Self> {
        let ports = parts.iter().map(|part| part.slots.len()).max().unwrap_or(0);
        let states = parts.iter().map(|part| part.states.states()).max().unwrap_or(0);
        let scratch = Scratch::new(ports, draws, states)?;
        let (plastic, junctions) = (vec![], vec![]);
        Ok(Partition {
            rows,
            dense: vec![],
            wide: None,
            plastic,
            growing: vec![],
            rates: vec![],
            parts,
            means: vec![],
            junctions,
            published: vec![],
            sums,
            stride,
            recorded: vec![],
            lost: 0,
            delivered: 0,
            together: None,
            rest: Rest::default(),
            scratch,
        })
    }

    /// Clears the calendar after step `now`, for example when another state is loaded.
    pub fn clear_due(&mut self, now: u64) {
        self.rows.clear(now);
        self.wide.iter_mut().for_each(|wide| wide.rows.clear(now));
        self.dense.iter_mut().for_each(Dense::clear_due);
        self.plastic.iter_mut().for_each(|plastic| plastic.clear_due(now));
    }

    /// At the start of a simulation: past values that synapses read equal the initial values.
    pub fn begin(&mut self) {
        for plastic in &mut self.plastic {
            let states = &self.parts[plastic.population()].states;
            learning!(plastic, rows => if let Some(watch) = &mut rows.watch {
                watch.begin(|s, neuron_slot| Real::from_f64(states.at(s, neuron_slot).to_f64()));
            });
        }
    }

    /// The neuron of a plastic connection's slot, counted within its population.
    pub fn neuron<V: Precision>(&self, plastic: &Plastic<V>, neuron_slot: usize) -> usize {
        self.parts[plastic.population].neuron(neuron_slot, self.stride)
    }

    /// Enters spikes into the calendar. Arrivals up to step `now` are past.
    pub fn schedule(&mut self, spikes: &[Spike], now: u64) {
        self.schedule_fixed(spikes, now);
        self.plastic.iter_mut().for_each(|plastic| plastic.schedule(spikes, now));
    }

    /// Replaces the rows by rebuilt ones, and enters spikes into their calendars.
    pub fn put_rows(
        &mut self,
        rows: Listed<F::Synapse>,
        dense: Vec<Dense<F>>,
        wide: Option<WideRows>,
        (spikes, now): (&[Spike], u64),
    ) {
        (self.rows, self.dense, self.wide) = (rows, dense, wide);
        self.rows.clear(now);
        self.wide.iter_mut().for_each(|wide| wide.rows.clear(now));
        self.schedule_fixed(spikes, now);
    }

    /// Enters spikes into the calendars of static synapses.
    fn schedule_fixed(&mut self, spikes: &[Spike], now: u64) {
        self.rows.schedule(spikes, now);
        if let Some(wide) = self.wide.as_mut().filter(|wide| wide.rows.rows.synapses > 0) {
            wide.rows.schedule(spikes, now);
        }
        for dense in &mut self.dense {
            spikes.iter().for_each(|&(step, source)| dense.schedule(step, source as usize, now));
        }
    }

    /// One step of all neurons, which ends at `step`; the run continues at least to step `end`. Appends spikes to `fired`.
    pub fn step(
        &mut self,
        plan: &Plan,
        shared: &[Shared<F>],
        level: SimdLevel,
        (step, end): (u64, u64),
        fired: &mut Vec<Spike>,
    ) {
        let delivered = self.delivered;
        self.deliver(level, step);
        let has_arrivals = self.delivered != delivered || self.wide.as_ref().is_some_and(|wide| wide.touched);
        if has_arrivals {
            self.rest = Rest::Moving;
        } else if self.rest == Rest::Resting {
            self.parts.iter_mut().for_each(|part| sample_taps(part, step));
            return;
        }
        let before = (!has_arrivals && self.may_rest(shared, step)).then(|| self.all_states());
        let first = fired.len();
        let mut together =
            self.together.take().unwrap_or_else(|| Together::new(plan, shared, &self.parts, level));
        together.advance(
            (plan, shared),
            level,
            (step, end),
            &mut self.parts,
            &mut self.sums,
            &mut self.scratch,
        );
        let mut tiles = TileCount { done: 0, all: self.parts.iter().map(Part::tiles).sum() };
        for i in 0..self.parts.len() {
            if self.parts[i].neuron_slots == 0 {
                continue;
            }
            if together.is_silent(i) && self.plastic.is_empty() && self.parts[i].taps.is_empty() {
                continue;
            }
            let before = fired.len();
            if !together.has(i) {
                self.advance_neurons(i, plan, shared, level, (step, end), &mut tiles);
            }
            self.collect_spikes(i, plan, step, fired);
            self.show_to_plastic_synapses(i, plan, &fired[before..], step);
            self.record_spikes(i, plan, &fired[before..]);
            sample_taps(&mut self.parts[i], step);
        }
        self.together = Some(together);
        self.wide.iter_mut().for_each(|wide| wide.touched = false);
        self.read_means(plan, step);
        self.update_rates(plan, &fired[first..], step);
        self.grow_elements(plan, level, &fired[first..]);
        self.catch_up_plastic_synapses(step);
        if let Some(before) = before {
            self.note_rest(&before, fired.len() > first);
        }
    }

    /// Adds the weights of all synapses that are due.
    fn deliver(&mut self, level: SimdLevel, step: u64) {
        let (quads, synapses) = self.rows.arriving(level, step);
        self.delivered += synapses;
        for dense in &mut self.dense {
            self.delivered += dense.deliver(step, &mut self.sums);
        }
        self.rows.deliver(quads, &mut self.sums);
        if let Some(wide) = &mut self.wide {
            self.delivered += wide.deliver(level, step);
        }
        for plastic in &mut self.plastic {
            self.delivered += plastic.deliver(step, &mut self.sums, self.wide.as_mut());
        }
    }

    /// Advances the neurons of one part, tile by tile, with the sums of their ports.
    fn advance_neurons(
        &mut self,
        i: usize,
        plan: &Plan,
        shared: &[Shared<F>],
        level: SimdLevel,
        (step, end): (u64, u64),
        progress: &mut TileCount,
    ) {
        let part = &mut self.parts[i];
        let (shared, population) = (&shared[part.population], &plan.populations[part.population]);
        let mut wide_sums = self.wide.as_mut().filter(|wide| wide.touched).map(|wide| &mut *wide.sums);
        let tiles = part.tiles();
        for tile in 0..tiles {
            // Tiles are visited in alternating order, because the last tiles of the previous step are still in the
            // first-level cache.
            let from = TILE * if step.is_multiple_of(2) { tile } else { tiles - 1 - tile };
            let neuron_slots = TILE.min(part.neuron_slots - from);
            let block = part.block + from / BLOCK * self.stride;
            let tile = TileRange { from, neuron_slots, block, stride: self.stride, step, end };
            let arrived = Arrived {
                sums: &mut self.sums[..],
                wide: wide_sums.as_deref_mut(),
                junctions: &self.junctions,
            };
            part.advance(&tile, shared, population, level, arrived, &mut self.scratch);
            self.dense.iter().for_each(|dense| dense.prefetch(step + 1, progress.done, progress.all));
            progress.done += 1;
        }
    }

    /// Appends the spikes of a part to `fired`.
    fn collect_spikes(&self, i: usize, plan: &Plan, step: u64, fired: &mut Vec<Spike>) {
        let part = &self.parts[i];
        append_spikes(part, (plan.populations[part.population].first, self.stride), step, fired);
    }

    /// Lets the plastic synapses onto a part remember the spikes of its neurons, and the states that their rules read.
    fn show_to_plastic_synapses(&mut self, i: usize, plan: &Plan, fired: &[Spike], step: u64) {
        let (part, stride) = (&self.parts[i], self.stride);
        let first = plan.populations[part.population].first;
        let neuron_slot = |&(_, neuron): &Spike| part.neuron_slot(neuron as usize - first, stride);
        let listening = self.plastic.iter_mut().filter(|p| p.population() == part.population && p.listens());
        listening.for_each(|plastic| {
            let neuron_slots = fired.iter().map(neuron_slot);
            learning!(&mut *plastic, rows => neuron_slots.clone().for_each(|neuron_slot| rows.fired(neuron_slot, step)));
            match plastic {
                Learning::Own(rows) => {
                    let Some(watch) = &mut rows.watch else { return };
                    watch.observe(step, |s, to| part.states.copy_to(s, to), neuron_slots);
                }
                Learning::Double(rows) => {
                    let Some(watch) = &mut rows.watch else { return };
                    let copy = |s: usize, to: &mut [f64]| {
                        (0..).zip(to).for_each(|(neuron_slot, x)| *x = part.value(s, neuron_slot));
                    };
                    watch.observe(step, copy, neuron_slots);
                }
            }
        });
    }

    /// Records the spikes of a part, if they are to be recorded.
    fn record_spikes(&mut self, i: usize, plan: &Plan, fired: &[Spike]) {
        let population = &plan.populations[self.parts[i].population];
        if fired.is_empty() {
            // A population whose spikes are not recorded is skipped quickly, because there may be thousands of them.
        } else if self.lost > 0 || self.recorded.try_reserve(fired.len()).is_err() {
            self.lost = self.lost.max(self.recorded.len()) + fired.len();
        } else if let [all] = &population.recorded[..]
            && *all == (0..population.size)
        {
            self.recorded.extend_from_slice(fired);
        } else {
            let chosen = |neuron: u32| {
                let own = neuron as usize - population.first;
                population.recorded.iter().any(|range| range.contains(&own))
            };
            self.recorded.extend(fired.iter().filter(|&&(_, neuron)| chosen(neuron)));
        }
    }

    /// Advances the synaptic elements of structurally plastic connections.
    fn grow_elements(&mut self, plan: &Plan, level: SimdLevel, fired: &[Spike]) {
        let (parts, stride) = (&self.parts, self.stride);
        for growing in &mut self.growing {
            let Some(structural) = &plan.connections[growing.connection].structural else { continue };
            growing.advance(structural, level, |population, spike| {
                let of = &plan.populations[population];
                let own =
                    |&&(_, neuron): &&Spike| (of.first..of.first + of.size).contains(&(neuron as usize));
                for &(_, neuron) in fired.iter().filter(own) {
                    spike(parts[population].neuron_slot(neuron as usize - of.first, stride));
                }
            });
        }
    }

    /// Lets the plastic synapses whose history would become too long catch up.
    fn catch_up_plastic_synapses(&mut self, step: u64) {
        let due =
            |plastic: &&mut Learning<F>| plastic.remembers() && step.is_multiple_of(plastic.catch_up_every());
        self.plastic.iter_mut().filter(due).for_each(|plastic| plastic.catch_up(step));
    }

    /// The first neuron with a state that is not finite: population, neuron and state.
    pub fn find_non_finite(&self, level: SimdLevel) -> Option<(usize, usize, usize)> {
        self.parts.iter().find_map(|part| {
            first_non_finite(level, part.states.all())?;
            let lost = |neuron_slot: usize| {
                let is_neuron = part.masks[neuron_slot / BLOCK] >> (neuron_slot % BLOCK) & 1 == 1;
                let mut states = 0..part.states.states();
                states.find(|&state| is_neuron && !part.states.at(state, neuron_slot).is_finite())
            };
            let (neuron_slot, state) =
                (0..part.neuron_slots).find_map(|neuron_slot| Some((neuron_slot, lost(neuron_slot)?)))?;
            Some((part.population, part.neuron(neuron_slot, self.stride), state))
        })
    }
}

impl<F: Precision> Partition<F> {
    /// Adds the spikes of a step to the firing rates of populations with intrinsic plasticity.
    fn update_rates(&mut self, plan: &Plan, fired: &[Spike], now: u64) {
        let (parts, stride) = (&self.parts, self.stride);
        for rates in &mut self.rates {
            let of = &plan.populations[rates.population];
            let Some(intrinsic) = &of.intrinsic else { continue };
            let own = |&&(_, neuron): &&Spike| (of.first..of.first + of.size).contains(&(neuron as usize));
            for &(_, neuron) in fired.iter().filter(own) {
                rates.spike(
                    intrinsic,
                    parts[rates.population].neuron_slot(neuron as usize - of.first, stride),
                    now,
                );
            }
        }
    }
}

impl<F: Precision> Partition<F> {
    /// The rows of a plastic connection.
    pub fn learning(&self, connection: usize) -> Option<&Learning<F>> {
        self.plastic.iter().find(|rows| rows.connection() == connection)
    }

    /// The neuron of each synapse's target, counted in its population.
    pub fn targets<'a>(&'a self, rows: &'a Learning<F>) -> impl Iterator<Item = usize> + 'a {
        let part = &self.parts[rows.population()];
        rows.targets().map(|neuron_slot| part.neuron(neuron_slot as usize, self.stride))
    }

    /// The neuron of each slot, counted within its population.
    pub fn neuron_slots_of(&self, rows: &Learning<F>) -> impl Iterator<Item = usize> + '_ {
        let part = &self.parts[rows.population()];
        (0..part.neuron_slots).map(|neuron_slot| part.neuron(neuron_slot, self.stride))
    }

    /// The index of the rows that [`Partition::learning`] returns.
    pub fn learning_at(&self, connection: usize) -> Option<usize> {
        self.plastic.iter().position(|rows| rows.connection() == connection)
    }
}

/// Appends the spikes of a part of a population, whose first neuron is given, in ascending order.
#[inline(always)]
fn append_spikes<F: Precision>(
    part: &Part<F>,
    (first, stride): (usize, usize),
    step: u64,
    fired: &mut Vec<Spike>,
) {
    for (chunk, words) in part.words.chunks(64).enumerate() {
        let masks = &part.masks[64 * chunk..][..words.len()];
        // Few blocks have spikes; they are found without a mispredicted branch per block.
        let own = words.iter().zip(masks).enumerate();
        let mut some = own.fold(0, |some, (i, (word, mask))| some | u64::from(word & mask != 0) << i);
        while some != 0 {
            let i = some.trailing_zeros() as usize;
            let block = part.block + (64 * chunk + i) * stride;
            let (first, mut word) = ((first + block * BLOCK) as u32, words[i] & masks[i]);
            while word != 0 {
                fired.push((step, first + word.trailing_zeros()));
                word &= word - 1;
            }
            some &= some - 1;
        }
    }
}

/// Records what is sampled at this step.
#[inline(always)]
fn sample_taps<F: Precision>(part: &mut Part<F>, step: u64) {
    for tap in part.taps.iter_mut().filter(|tap| step.is_multiple_of(tap.every)) {
        match tap.read {
            Read::State(state) => {
                tap.samples.extend(
                    tap.neuron_slots.iter().map(|&neuron_slot| part.states.at(state, neuron_slot as usize)),
                );
            }
            Read::Port(port) => {
                let recorded_inputs = part.recorded_inputs.iter().filter(|(of, _)| *of == port);
                recorded_inputs.for_each(|(_, values)| {
                    tap.samples
                        .extend(tap.neuron_slots.iter().map(|&neuron_slot| values[neuron_slot as usize]));
                });
            }
        }
    }
}
