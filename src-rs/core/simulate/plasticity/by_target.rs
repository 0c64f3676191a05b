//! Rows of many sources catch up together, for rules where every step may change synapses. The synapses onto one target
//! are made contiguous, the row whose window begins first before the others. So the events of a target are looked up
//! once for all of its synapses, and those that have applied an event already are at the end. The rule's program runs
//! over as many synapses as there are sources. The result for each synapse is that of the [event
//! rounds](super::event_rounds).

use super::event_log::Piece;
use super::event_rounds::EventRounds;
use super::history::History;
use super::observed_states::{ObservedStates, watched};
use super::plastic_rows::Segment;
use super::row_loops::{apply_decay, gather};
use super::rule_programs::Events;
use crate::representation::indices::Indices;
use crate::representation::precision::Precision;
use lapicque_base::real::Real;
use lapicque_base::simd::SimdLevel;
use lapicque_expr::{Arg, ArgSlot};
use lapicque_plasticity::{Bound, EventKernel, Side};
use lapicque_projection::Aligned;
use smallvec::SmallVec;
use std::ops::Range;

/// Minimum mean number of synapses per target. With fewer, rows catch up one after another, because the program would run over
/// too few synapses.
const LEAST: usize = 32;

/// The number of synapses, or of synapses per target, that are made contiguous at once.
const TOGETHER: [u64; 2] = [1 << 16, 256];

/// Bytes of the contiguous copies of all partitions. `single`: each pair has at most one synapse. Each synapse takes
/// `variables` bytes. A dense copy has a slot for each pair, of which up to a quarter may be empty.
pub fn bytes(synapses: u64, single: bool, [sources, targets, partitions]: [u64; 3], variables: u64) -> u64 {
    let at_once = at_once(synapses, targets, partitions);
    let pairs = sources.saturating_mul(targets);
    if single && synapses.saturating_mul(4) >= pairs.saturating_mul(3) {
        let share = synapses as f64 / pairs as f64;
        return (at_once as f64 / share) as u64 * variables;
    }
    // Each synapse also stores its row.
    at_once.saturating_mul(4 + variables)
}

/// The number of a connection's synapses that are contiguous at once in all partitions.
fn at_once(synapses: u64, targets: u64, partitions: u64) -> u64 {
    synapses.min((TOGETHER[0] * partitions).max(TOGETHER[1] * targets))
}

/// Whether rows may catch up to any step: synapses change only at events of their targets, and the rule does not use the time
/// between them.
pub fn is_possible(rule: &Bound) -> bool {
    let clock = ArgSlot::Port(rule.traces.len());
    let timed = [Some(&rule.pre), rule.post.as_ref()]
        .into_iter()
        .flatten()
        .any(|program| program.args.contains(&clock));
    watched(rule) && rule.post.is_some() && !timed && rule.relax.is_none() && rule.modulated.is_none()
}

/// The rows of a connection in a partition, and the data of their targets.
pub struct Rows<'a, F: Precision> {
    pub segments: &'a mut [Segment],
    pub traces: &'a [F],
    pub targets: &'a [F::Target],
    pub variables: &'a mut [Vec<F>],
    pub rule: &'a Events<F>,
    pub history: &'a History<F>,
    pub watch: &'a ObservedStates<F>,
    pub dendrite: u32,
    pub level: SimdLevel,
}

impl<F: Precision> Rows<'_, F> {
    fn dendrite(&self, row: usize) -> u32 {
        self.segments[row].delay.min(self.dendrite)
    }

    /// The delay in steps after which an event of a target may be applied to the synapses of a row.
    fn target_delay(&self, row: usize) -> u64 {
        u64::from(self.dendrite(row)) + u64::from(self.rule.post_sees_pre)
    }

    fn synapses(&self, row: usize) -> Range<usize> {
        let Segment { start, count, .. } = self.segments[row];
        start as usize..(start + count) as usize
    }

    /// Whether there are enough synapses per target that working by target may be faster than row by row.
    fn are_many(&self) -> bool {
        self.targets.len() >= LEAST * self.watch.neuron_slots()
    }

    fn targets(&self, row: usize) -> &[F::Target] {
        &self.targets[self.synapses(row)]
    }
}

pub struct ByTarget<F: Precision> {
    /// The rule's program, in which the values of a target's event are uniform over all synapses.
    post: EventKernel<F>,
    /// The step up to which events of targets have been applied.
    reached: u64,
    /// Rows with the step after which their windows begin, the earliest first.
    order: Vec<(u64, u32)>,
    columns: Columns<F>,
    decayed: Decayed<F>,
    /// Slots of the targets with an event.
    acting: Vec<u32>,
    ports: Vec<Aligned<F>>,
    outs: Vec<Aligned<F>>,
    kernel: Vec<F>,
}

/// Synapses by target.
#[derive(Default)]
struct Columns<F> {
    /// The targets, if nearly all of them have one synapse of each row. Then there is a slot for every pair; a slot without a
    /// synapse contains an arbitrary value.
    dense: Vec<u32>,
    /// By neuron slot: the offset of its synapses; one entry more at the end.
    starts: Vec<u32>,
    /// By neuron slot: the next synapse to be copied in, to come into range, or to be copied back.
    next: Vec<u32>,
    /// By synapse: the index of its row.
    rows: Vec<u32>,
    /// By neuron slot: whether its synapses are exactly one of each of the first rows.
    is_plain: Vec<bool>,
    /// By variable, then synapse.
    values: Vec<Vec<F>>,
}

/// Traces of sources.
struct Decayed<F> {
    /// By row: steps from its last spike to the base of the history.
    late: Vec<i32>,
    /// By trace, then row: values after the last spike, and decayed values at the current event.
    after: Vec<Vec<F>>,
    now: Vec<Vec<F>>,
}

impl<F: Precision> ByTarget<F> {
    /// `None` if the rule does not allow it ([`is_possible`]).
    pub fn new(rule: &Bound, level: SimdLevel) -> Option<Self> {
        let post = rule.post.as_ref().filter(|_| is_possible(rule))?;
        let sides = rule.side(Side::Pre).count();
        let of_target = |slot| matches!(slot, ArgSlot::Port(port) if port >= sides);
        let none = || vec![vec![]; sides];
        Some(ByTarget {
            post: EventKernel::with_uniform(rule, post, level, of_target),
            reached: 0,
            order: vec![],
            columns: Columns { values: vec![vec![]; rule.variables.len()], ..Columns::default() },
            decayed: Decayed { late: vec![], after: none(), now: none() },
            acting: vec![],
            ports: vec![Aligned::default(); sides],
            outs: vec![Aligned::default(); rule.variables.len()],
            kernel: vec![],
        })
    }

    /// Bytes of the contiguous copies.
    #[cfg(test)]
    pub fn copied_bytes(&self) -> u64 {
        let values = self.columns.values.iter().map(Vec::len).sum::<usize>();
        (values * size_of::<F>() + self.columns.rows.len() * 4) as u64
    }

    /// Whether single rows have applied about as many events, when their sources spiked, as copying all synapses to the
    /// contiguous layout and back costs.
    pub fn is_due(&self, rows: &Rows<F>, event_rounds: &EventRounds) -> bool {
        event_rounds.applied > rows.targets.len() / 2 && rows.are_many()
    }

    /// Whether targets have had enough events up to step `now`.
    pub fn is_worth(&self, rows: &Rows<F>, now: u64) -> bool {
        let mut events = 0;
        for Piece { counts: [before, by_then], .. } in rows.watch.events.pieces(self.reached, now) {
            let counts = before.iter().zip(by_then);
            events += counts.map(|(before, by_then)| usize::from(by_then - before)).sum::<usize>();
        }
        events >= rows.watch.neuron_slots() && rows.are_many()
    }

    /// Lets all rows catch up as far as is possible for all of them at the end of step `now`.
    pub fn catch_up(&mut self, mut rows: Rows<F>, now: u64) {
        let longest = (0..rows.segments.len()).map(|row| u64::from(rows.dendrite(row))).max().unwrap_or(0);
        let Some(to) = now.checked_sub(2 * longest + u64::from(rows.rule.post_sees_pre)) else { return };
        self.order.clear();
        let begin = |row: usize| rows.segments[row].done.saturating_sub(rows.target_delay(row));
        let all = (0..rows.segments.len()).map(|row| (begin(row), row as u32));
        self.order.extend(all.filter(|&(from, _)| from < to));
        self.order.sort_unstable();
        let order = std::mem::take(&mut self.order);
        let most = at_once(u64::MAX, rows.watch.neuron_slots() as u64, 1) as usize;
        let mut left = &order[..];
        while !left.is_empty() {
            let mut synapses = 0;
            let fits = left.iter().take_while(|&&(_, row)| {
                synapses += rows.synapses(row as usize).len();
                synapses <= most
            });
            let (tile, rest) = left.split_at(fits.count().max(1));
            self.columns.load(&rows, tile);
            self.run(&rows, tile, to);
            self.columns.store(&mut rows, tile);
            left = rest;
        }
        for &(_, row) in &order {
            rows.segments[row as usize].done = to + rows.target_delay(row as usize);
        }
        (self.order, self.reached) = (order, to);
    }

    /// Applies the events of targets up to step `to` to the synapses of some rows.
    fn run(&mut self, rows: &Rows<F>, tile: &[(u64, u32)], to: u64) {
        self.decayed.begin(rows, tile);
        // Number of rows whose window contains the step.
        let mut seeing = 0;
        for step in tile[0].0 + 1..=to {
            seeing += tile[seeing..].iter().take_while(|&&(from, _)| from < step).count();
            for piece in rows.watch.events.pieces(step - 1, step) {
                self.acting.clear();
                let counts = piece.counts[0].iter().zip(piece.counts[1]).zip(0..);
                self.acting.extend(
                    counts
                        .filter(|((before, by_then), _)| before < by_then)
                        .map(|(_, neuron_slot)| neuron_slot),
                );
                if !self.acting.is_empty() {
                    self.decayed.find(rows, &self.post, rows.history.relative(step, 0), seeing);
                    self.act(rows, &piece, seeing);
                }
            }
        }
    }

    /// Applies the events of some targets in one step to the synapses of the first rows.
    fn act(&mut self, rows: &Rows<F>, piece: &Piece<F>, seeing: usize) {
        let ByTarget { post, columns, decayed, acting, ports, outs, kernel, .. } = self;
        let (sides, clock) = (rows.rule.decays.len(), rows.rule.clock(rows.history));
        for &neuron_slot in &*acting {
            let event_index = usize::from(piece.counts[0][neuron_slot as usize]) * rows.watch.neuron_slots()
                + neuron_slot as usize;
            let own = columns.seeing(neuron_slot as usize, seeing);
            let (n, is_plain) = (own.len(), columns.is_plain[neuron_slot as usize]);
            let sources = Indices::new(rows.level, if is_plain { &[] } else { &columns.rows[own.clone()] });
            for (k, (port, decayed)) in ports.iter_mut().zip(&decayed.now).enumerate() {
                if !is_plain && post.reads(ArgSlot::Port(k)) {
                    port.resize(n.max(port.len()));
                    gather(rows.level, decayed, sources, &mut port[..n]);
                }
            }
            let column = |port: usize| &piece.block.found[port - sides - usize::from(port > clock)];
            let of = |slot| match slot {
                ArgSlot::State(variable) => Arg::Elements(&columns.values[variable][own.clone()]),
                ArgSlot::Port(port) if port >= sides => Arg::Uniform(column(port)[event_index]),
                ArgSlot::Port(port) if is_plain => Arg::Elements(&decayed.now[port][..n]),
                ArgSlot::Port(port) => Arg::Elements(&ports[port][..n]),
                _ => Arg::Uniform(<F as Real>::ZERO),
            };
            outs.iter_mut().for_each(|out| out.resize(n.max(out.len())));
            let mut into: SmallVec<[&mut [F]; 8]> = outs.iter_mut().map(|out| &mut out[..n]).collect();
            post.run_of(n, of, &mut into, kernel);
            let values = columns.values.iter_mut().map(|values| &mut values[own.clone()]);
            values.zip(into).for_each(|(values, out)| values.copy_from_slice(out));
        }
    }
}

impl<F: Precision> Columns<F> {
    /// Copies the synapses of some rows to the contiguous layout.
    fn load(&mut self, rows: &Rows<F>, tile: &[(u64, u32)]) {
        if !self.count_dense(rows, tile) {
            self.dense.clear();
            self.starts.fill(0);
            for &target in tile.iter().flat_map(|&(_, row)| rows.targets(row as usize)) {
                self.starts[target.into() as usize + 1] += 1;
            }
        }
        let mut all = 0;
        for start in &mut self.starts {
            all += *start;
            *start = all;
        }
        let all = all as usize;
        self.values.iter_mut().for_each(|values| values.resize(all.max(values.len()), <F as Real>::ZERO));
        self.begin();
        self.is_plain.clear();
        if !self.dense.is_empty() {
            self.is_plain.resize(rows.watch.neuron_slots(), true);
            for (values, variable) in self.values.iter_mut().zip(&*rows.variables) {
                let take = |offset: usize, synapse: usize| values[offset] = variable[synapse];
                each_synapse(rows.segments, rows.targets, &self.dense, tile, take);
            }
            return;
        }
        self.rows.resize(all.max(self.rows.len()), 0);
        for (number, row) in tile.iter().enumerate() {
            let own = rows.synapses(row.1 as usize);
            for (i, &target) in own.clone().zip(&rows.targets[own]) {
                let next = &mut self.next[target.into() as usize];
                let offset = *next as usize;
                *next += 1;
                self.rows[offset] = number as u32;
                for (values, variable) in self.values.iter_mut().zip(&*rows.variables) {
                    values[offset] = variable[i];
                }
            }
        }
        self.begin();
        self.is_plain.extend(self.starts.windows(2).map(|own| {
            let rows = &self.rows[own[0] as usize..own[1] as usize];
            rows.iter().zip(0..).all(|(&row, number)| row == number)
        }));
    }

    /// Counts the slots of the dense layout; returns whether nearly every target has one synapse of each row.
    fn count_dense(&mut self, rows: &Rows<F>, tile: &[(u64, u32)]) -> bool {
        self.starts.clear();
        self.starts.resize(rows.watch.neuron_slots() + 1, 0);
        let (mut synapses, mut last) = (0, &rows.targets[..0]);
        for targets in tile.iter().map(|&(_, row)| rows.targets(row as usize)) {
            synapses += targets.len();
            if targets == last {
                continue;
            }
            if !targets.windows(2).all(|two| two[0].into() < two[1].into()) {
                return false;
            }
            targets.iter().for_each(|&target| self.starts[target.into() as usize + 1] = tile.len() as u32);
            last = targets;
        }
        self.dense.clear();
        self.dense.extend(
            (0..).zip(&self.starts[1..]).filter(|(_, end)| **end > 0).map(|(neuron_slot, _)| neuron_slot),
        );
        4 * synapses >= 3 * self.dense.len() * tile.len()
    }

    /// Resets `next` to the first synapse of each target.
    fn begin(&mut self) {
        self.next.clear();
        self.next.extend(&self.starts[..self.starts.len() - 1]);
    }

    /// The synapses of a target that belong to the first `rows` rows. The number of rows never decreases.
    fn seeing(&mut self, neuron_slot: usize, rows: usize) -> Range<usize> {
        let [start, end] = [self.starts[neuron_slot], self.starts[neuron_slot + 1]];
        let next = &mut self.next[neuron_slot];
        if self.is_plain[neuron_slot] {
            return start as usize..(start as usize + rows).min(end as usize);
        }
        let later = &self.rows[*next as usize..end as usize];
        *next += later.iter().take_while(|&&row| (row as usize) < rows).count() as u32;
        start as usize..*next as usize
    }

    /// Copies the synapses back to their rows.
    fn store(&mut self, rows: &mut Rows<F>, tile: &[(u64, u32)]) {
        if !self.dense.is_empty() {
            for (values, variable) in self.values.iter().zip(&mut *rows.variables) {
                let put = |offset: usize, synapse: usize| variable[synapse] = values[offset];
                each_synapse(rows.segments, rows.targets, &self.dense, tile, put);
            }
            return;
        }
        self.begin();
        for &(_, row) in tile {
            let own = rows.synapses(row as usize);
            for (i, &target) in own.clone().zip(&rows.targets[own]) {
                let next = &mut self.next[target.into() as usize];
                for (values, variable) in self.values.iter().zip(&mut *rows.variables) {
                    variable[i] = values[*next as usize];
                }
                *next += 1;
            }
        }
    }
}

/// Calls `each` with the offsets of every synapse of some rows, in the dense layout and in its row. It takes as many rows at a
/// time as fill a cache line, target after target.
#[inline(always)]
fn each_synapse<L: Copy + Into<u32>>(
    segments: &[Segment],
    targets: &[L],
    neuron_slots: &[u32],
    tile: &[(u64, u32)],
    mut each: impl FnMut(usize, usize),
) {
    const SOME: usize = 16;
    for (part, some) in tile.chunks(SOME).enumerate() {
        let mut own = [(0, 0); SOME];
        for (own, &(_, row)) in own.iter_mut().zip(some) {
            let Segment { start, count, .. } = segments[row as usize];
            *own = (start as usize, (start + count) as usize);
        }
        let own = &mut own[..some.len()];
        let are_whole = own.iter().all(|(start, end)| end - start == neuron_slots.len());
        for (column, &neuron_slot) in neuron_slots.iter().enumerate() {
            let offset = column * tile.len() + part * SOME;
            if are_whole {
                own.iter().enumerate().for_each(|(i, (start, _))| each(offset + i, start + column));
                continue;
            }
            for (i, (next, end)) in own.iter_mut().enumerate() {
                if *next < *end && targets[*next].into() == neuron_slot {
                    each(offset + i, *next);
                    *next += 1;
                }
            }
        }
    }
}

impl<F: Precision> Decayed<F> {
    /// Loads the traces of some rows.
    fn begin(&mut self, rows: &Rows<F>, tile: &[(u64, u32)]) {
        /// The age of a source without a spike, long enough that no trace is left.
        const LONG: i32 = 1 << 29;
        let Decayed { late, after, now } = self;
        let width = after.len();
        late.clear();
        after.iter_mut().for_each(Vec::clear);
        now.iter_mut().for_each(|now| now.resize(tile.len(), <F as Real>::ZERO));
        for row in tile.iter().map(|&(_, row)| row as usize) {
            let last = rows.segments[row].last;
            late.push(last.map_or(LONG, |last| rows.history.age_of(last) + rows.dendrite(row) as i32));
            for (after, &trace) in after.iter_mut().zip(&rows.traces[row * width..]) {
                after.push(if last.is_some() { trace } else { <F as Real>::ZERO });
            }
        }
    }

    /// Computes the traces that the program reads for events of targets at a step, for the first rows.
    fn find(&mut self, rows: &Rows<F>, post: &EventKernel<F>, step: i32, seeing: usize) {
        let Decayed { late, after, now } = self;
        for (k, (after, now)) in after.iter().zip(now).enumerate() {
            if post.reads(ArgSlot::Port(k)) {
                let (now, one) = (&mut now[..seeing], <F as Real>::ONE);
                apply_decay(rows.level, rows.rule.decays[k], one, step, (&late[..seeing], i32::MAX), now);
                now.iter_mut().zip(after).for_each(|(now, &after)| *now = after * *now);
            }
        }
    }
}
