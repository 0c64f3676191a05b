//! Plastic synapses: the rows of one connection in one partition. All synapses of a segment share source and delay, so they
//! share the traces of the source.
//!
//! A row is updated when a spike of the source arrives: first the spikes of the targets since the last update, in
//! order, then the spike itself. As in NEST the whole delay is dendritic unless a smaller dendritic delay is given. A
//! spike of the source reaches the synapse after the axonal delay, a spike of the target after the dendritic delay. The
//! weight arrives at the target after the whole delay. Times in this module are those at which spikes reach the
//! synapse.

use super::by_target::ByTarget;
use super::history::{CATCH_UP_EVERY, History};
use super::observed_states::ObservedStates;
use super::plastic_row::Row;
use super::plastic_rows::{Built, PlasticSpec, Segment};
use super::row_loops::WORD;
use super::row_work::{CHUNK, Work, chunks};
use super::rule_programs::Events;
use crate::delivery::paged_calendar::Pages;
use crate::delivery::wide_rows::WideRows;
use crate::representation::indices::Indices;
use crate::representation::precision::{Delivered, Precision};
use crate::representation::spike::Spike;
use crate::representation::synapse_format::deliver_small;
use lapicque_base::cache::prefetch;
use lapicque_base::real::Real;
use lapicque_base::simd::SimdLevel;
use lapicque_expr::ArgSlot;
use lapicque_plasticity::{Bound, Side};
use std::ops::Range;

/// Bytes of a cache line.
const LINE: usize = 64;

/// Number of parts in which the next synapses are prefetched.
const PARTS: usize = 3;

/// Adds weights to their targets' accumulators in a network of precision `P`.
pub type Send<F, P> =
    fn(SimdLevel, Indices<<F as Precision>::Target>, &[F], f64, &mut [<P as Precision>::Sum]) -> Delivered;

pub struct Plastic<F: Precision> {
    pub connection: usize,
    /// The population of the targets.
    pub population: usize,
    sources: Range<usize>,
    /// By source, counted within the connection: its first segment; one entry more at the end.
    first: Vec<u32>,
    pub segments: Vec<Segment>,
    /// `[segment][trace]`: traces of the source after its last spike.
    pub traces: Vec<F>,
    /// The slots of the targets in the population's part.
    pub targets: Vec<F::Target>,
    /// By variable, then synapse; magnitudes where weights are negative.
    pub variables: Vec<Vec<F>>,
    /// The initial values of the variables.
    initial: Vec<F>,
    pub history: History<F>,
    pub watch: Option<ObservedStates<F>>,
    /// Segments by arrival step.
    due: Pages<u32>,
    longest: u64,
    /// The largest dendritic delay in steps.
    dendrite: u32,
    /// The delay of all synapses, if it is the same.
    same: Option<u64>,
    rule: Events<F>,
    modulator: Option<Range<usize>>,
    /// Steps of modulator spikes that some synapse may not have applied yet.
    pub modulator_spikes: Vec<u64>,
    /// `modulator_spikes` is complete up to this step, even if spikes are scheduled again.
    pub received: u64,
    /// Offsets of the port's accumulators, and the factor from weights to units.
    slots: Range<usize>,
    units: f64,
    /// The factor to wide units, for small weights.
    wide_units: f64,
    work: Work<F>,
    /// Present if rows may catch up together.
    pub by_target: Option<ByTarget<F>>,
    /// Targets of the current chunk, padded with slot 0 to a whole word.
    neuron_slots: Vec<F::Target>,
    level: SimdLevel,
    /// Steps between two samples of all weights, if they are recorded.
    pub every: Option<u64>,
    /// The recorded weights, `[samples][synapses]`.
    pub samples: Vec<F>,
    /// The first step, then the first source, at which a weight arrived that cannot be added to the sum.
    pub fault: Option<(u64, u32)>,
    /// Whether weights must be checked because the port accepts none below 0.
    checked: bool,
    /// The first step, then the first source, at which a weight below 0 arrived.
    pub negative: Option<(u64, u32)>,
}

/// A chunk of segment `i` as a `Row`.
macro_rules! row {
    ($plastic:ident, $i:expr, $chunk:expr) => {
        Row {
            rule: &$plastic.rule,
            history: &$plastic.history,
            watch: $plastic.watch.as_ref(),
            segment: &$plastic.segments[$i],
            dendrite: $plastic.dendrite_of(&$plastic.segments[$i]),
            traces: &$plastic.traces[$i * $plastic.rule.decays.len()..][..$plastic.rule.decays.len()],
            targets: Indices::new(
                $plastic.level,
                &$plastic.neuron_slots[..$chunk.len().next_multiple_of(WORD)],
            ),
            own: $chunk.len(),
            level: $plastic.level,
        }
    };
}

mod catch_up;
mod reading;
mod rebuild;

impl<F: Precision> Plastic<F> {
    /// Sets the factors from weights to the compact and the wide units of the port.
    pub fn set_units(&mut self, [units, wide]: [f64; 2]) {
        (self.units, self.wide_units) = (units, wide);
    }

    /// `state` maps the name of a target's state to its index.
    pub fn new(
        rule: &Bound,
        dt: f64,
        level: SimdLevel,
        spec: PlasticSpec,
        built: Built<F>,
        state: impl Fn(&str) -> usize,
    ) -> Self {
        let real = <F as Real>::from_f64;
        let Built { first, segments, targets, mut weights, .. } = built;
        if rule.bounds.is_some() {
            weights.iter_mut().for_each(|w| *w = real(rule.clipped(w.to_f64())));
        }
        let count = weights.len();
        let mut variables = vec![weights];
        variables.extend(rule.variables[1..].iter().map(|v| vec![real(v.init); count]));
        let spread = spec.spread.map(|delay| u64::from(delay.min(spec.dendrite)));
        let post = rule.traces.iter().filter(|trace| trace.side == Side::Post);
        Plastic {
            initial: rule.variables.iter().map(|v| real(v.init)).collect(),
            traces: vec![real(0.0); segments.len() * rule.side(Side::Pre).count()],
            history: History::new(spec.neuron_slots, post, dt, spread),
            watch: ObservedStates::new(rule, dt, level, spec.neuron_slots, spread[1], state),
            due: Pages::new(spec.spread[1].into()),
            rule: Events::new(rule, dt, level),
            work: Work::new(rule),
            by_target: ByTarget::new(rule, level),
            neuron_slots: vec![F::target(0); CHUNK],
            connection: spec.connection,
            population: spec.population,
            sources: spec.sources,
            modulator: spec.modulator,
            modulator_spikes: vec![],
            received: 0,
            longest: spec.longest,
            dendrite: spec.dendrite,
            same: (spread[0] == spread[1]).then_some(spread[0]),
            every: spec.every,
            samples: vec![],
            fault: None,
            checked: spec.checked,
            negative: None,
            slots: spec.slot..spec.slot + spec.neuron_slots,
            level,
            units: spec.units,
            wide_units: spec.wide_units,
            first,
            segments,
            targets,
            variables,
        }
    }

    /// Whether the rule depends on spikes of the targets.
    pub fn listens(&self) -> bool {
        self.rule.post.is_some() || self.watch.is_some() || !self.history.decays.is_empty()
    }

    /// Whether the rule stores events, which must be dropped in time.
    pub fn remembers(&self) -> bool {
        self.listens() || self.modulator.is_some()
    }

    /// After this number of steps all rows catch up.
    pub fn catch_up_every(&self) -> u64 {
        self.watch.as_ref().map_or(CATCH_UP_EVERY, |watch| watch.every)
    }

    /// The dendritic delay of a segment in steps.
    fn dendrite_of(&self, segment: &Segment) -> u32 {
        segment.delay.min(self.dendrite)
    }

    /// Number of traces of a source.
    pub fn width(&self) -> usize {
        self.rule.decays.len()
    }

    pub fn smallest_delay(&self) -> Option<u32> {
        self.segments.iter().map(|segment| segment.delay).min()
    }

    /// Enters the spikes in flight into an empty calendar.
    pub fn reschedule(&mut self, spikes: &[Spike], now: u64) {
        self.clear_due(now);
        self.received = now;
        self.schedule(spikes, now);
    }

    pub fn clear_due(&mut self, now: u64) {
        self.due.clear(now);
        (self.fault, self.negative) = (None, None);
    }

    /// Enters spikes into the calendar. Arrivals up to step `now` are past.
    pub fn schedule(&mut self, spikes: &[Spike], now: u64) {
        if let Some(modulator) = &self.modulator {
            let received = self.received;
            let new =
                spikes.iter().filter(|(step, by)| *step > received && modulator.contains(&(*by as usize)));
            self.modulator_spikes.extend(new.map(|(step, _)| step));
            self.modulator_spikes.sort_unstable();
        }
        for &(step, source) in spikes {
            let Some(source) = (source as usize).checked_sub(self.sources.start) else { continue };
            if source >= self.sources.len() {
                continue;
            }
            self.enter(step, source, self.first[source], now);
        }
    }

    /// Enters the segments of a spike's row from a segment on.
    fn enter(&mut self, step: u64, source: usize, from: u32, now: u64) {
        for segment in from..self.first[source + 1] {
            let arrival = step + u64::from(self.segments[segment as usize].delay);
            if arrival >= self.due.opened() {
                return self.due.put_off(arrival, step, source as u32, segment, 0);
            }
            if arrival > now {
                self.due.entries_at(arrival).push(segment);
            }
        }
    }

    /// Delivers the arrivals of step `now` to the accumulators of a network, including those of the wide form. Returns the number
    /// of synapses.
    pub fn deliver<P: Precision>(
        &mut self,
        now: u64,
        sums: &mut [P::Sum],
        mut wide: Option<&mut WideRows>,
        send: Send<F, P>,
    ) -> u64 {
        self.history.reveal(now);
        self.catch_up_together(now, |by_target, rows, event_rounds| by_target.is_due(rows, event_rounds));
        for pending in self.due.open(now) {
            let spike = self.due.spike(&pending);
            self.enter(spike, pending.source as usize, pending.segment, now - 1);
        }
        let mut due = std::mem::take(self.due.entries_at(now));
        let passed = due.iter().map(|&segment| u64::from(self.segments[segment as usize].count)).sum();
        self.cache_traces(passed, now);
        for (i, &segment) in due.iter().enumerate() {
            let sums = (&mut *sums, wide.as_deref_mut());
            self.arrive::<P>(segment as usize, due.get(i + 1).copied(), now, sums, send);
        }
        due.clear();
        *self.due.entries_at(now) = due;
        passed
    }

    /// Computes the traces of all targets once, if many synapses will read them, all at the same step.
    fn cache_traces(&mut self, synapses: u64, now: u64) {
        let sides = self.rule.decays.len();
        let is_read = (0..self.history.decays.len()).any(|k| self.rule.pre.reads(ArgSlot::Port(sides + k)));
        let (Some(dendrite), true) = (self.same, is_read && synapses >= self.history.neuron_slots() as u64)
        else {
            return;
        };
        let at = self.history.relative(now - dendrite, dendrite);
        self.history.cache_traces(self.level, at, self.rule.pre_sees_post);
    }

    /// Prefetches one of `PARTS` parts of some synapses: as many lines at once as the core can have outstanding without
    /// stalling.
    fn prefetch(&self, synapses: &Range<usize>, part: usize) {
        let share = |per_line: usize| {
            let each = synapses.len().div_ceil(PARTS * per_line) * per_line;
            let start = (synapses.start + part * each).min(synapses.end);
            (start..(start + each).min(synapses.end)).step_by(per_line)
        };
        share(LINE / size_of::<F::Target>()).for_each(|at| prefetch(&self.targets[at]));
        for variable in &self.variables {
            share(LINE / size_of::<F>()).for_each(|at| prefetch(&variable[at]));
        }
    }

    /// Copies the targets of a chunk.
    fn take_targets(&mut self, chunk: &Range<usize>) {
        let own = chunk.len();
        self.neuron_slots[own.next_multiple_of(WORD) - WORD..][..WORD].fill(F::target(0));
        self.neuron_slots[..own].copy_from_slice(&self.targets[chunk.clone()]);
    }

    /// Records a spike of the neuron in this slot.
    pub fn fired(&mut self, neuron_slot: usize, step: u64) {
        self.history.push(neuron_slot, step);
    }

    /// A spike of a segment's source arrives at step `now`; `next` is the segment after it.
    fn arrive<P: Precision>(
        &mut self,
        i: usize,
        next: Option<u32>,
        now: u64,
        (sums, mut wide): (&mut [P::Sum], Option<&mut WideRows>),
        send: Send<F, P>,
    ) {
        let spike = now - u64::from(self.dendrite_of(&self.segments[i]));
        let mut all = chunks(&self.segments[i]).peekable();
        let after = next.and_then(|next| chunks(&self.segments[next as usize]).next()).unwrap_or(0..0);
        while let Some(chunk) = all.next() {
            let after = all.peek().unwrap_or(&after);
            self.take_targets(&chunk);
            let row = row!(self, i, chunk);
            row.load(&mut self.work, &self.variables, chunk.start);
            self.prefetch(after, 0);
            row.apply_pending(&mut self.work, spike, &self.modulator_spikes);
            self.prefetch(after, 1);
            let sent = row.send(&mut self.work, spike, &mut self.variables, chunk.start);
            let (targets, sums) = (row.targets.up_to(row.own), &mut sums[self.slots.clone()]);
            let delivered = send(self.level, targets, sent, self.units, sums);
            if let Some(wide) = wide.as_deref_mut().filter(|_| delivered.small) {
                let sums = &mut wide.touch()[self.slots.clone()];
                deliver_small::<F>(targets, sent, [self.units, self.wide_units], sums);
            }
            if !delivered.within {
                let found = (now, self.segments[i].source);
                self.fault = Some(self.fault.map_or(found, |first| first.min(found)));
            }
            if self.checked && sent.iter().any(|&weight| weight < <F as Real>::ZERO) {
                let found = (now, self.segments[i].source);
                self.negative = Some(self.negative.map_or(found, |first| first.min(found)));
            }
            self.prefetch(after, 2);
        }
        let width = self.width();
        let row = row!(self, i, (0..0));
        let traces = row.traces_after(spike);
        self.traces[i * width..][..width].copy_from_slice(&traces);
        let segment = &mut self.segments[i];
        (segment.last, segment.done) = (Some(spike), spike);
    }
}
