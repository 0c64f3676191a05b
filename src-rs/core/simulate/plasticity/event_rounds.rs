//! Applies the events of targets to the synapses of a row, for rules where every step may change them. In each round,
//! every synapse with events applies its next one. Synapses with most events come first, so those with a further event
//! are contiguous. As many rounds as fit into a chunk are looked up at once.

use super::event_log::{Block, Piece};
use super::observed_states::ObservedStates;
use super::plastic_row::{Row, call};
use super::row_loops::{Window, count_between, elapse, gather};
use super::row_work::{CHUNK, SparseSubset, Work};
use crate::representation::indices::Indices;
use crate::representation::precision::Precision;
use lapicque_expr::ArgSlot;
use lapicque_plasticity::EventKernel;
use smallvec::SmallVec;
use std::ops::Range;

/// The synapses of a chunk that have events, and the location of these events in a block of the log.
#[derive(Default)]
pub struct EventRounds {
    /// By synapse: the number of events of its target before the window, and in the window.
    before: Vec<u16>,
    numbers: Vec<i32>,
    /// Synapses with events, in the order in which they were found, and in the order of the rounds.
    found: Vec<u32>,
    which: Vec<u32>,
    /// By number of events: the offset of the synapses with that number.
    starts: Vec<u32>,
    /// In the order of the rounds: the number of events, and the index of the first.
    left: Vec<u32>,
    first: Vec<u32>,
    /// The number of synapses in each of the rounds that are looked up, and the steps of their events.
    sizes: Vec<usize>,
    steps: Vec<i32>,
    /// Number of events that were applied row by row since the counter was reset.
    pub applied: usize,
}

impl EventRounds {
    /// Sorts synapses with events: by number of events descending, then by index.
    fn sort(&mut self) {
        let EventRounds { numbers, which, found, starts, .. } = self;
        let most = found.iter().map(|&j| numbers[j as usize]).max().unwrap_or(0) as usize;
        starts.clear();
        starts.resize(most + 1, 0);
        found.iter().for_each(|&j| starts[numbers[j as usize] as usize] += 1);
        let mut start = 0;
        for count in starts.iter_mut().rev() {
            start += std::mem::replace(count, start);
        }
        which.clear();
        which.resize(found.len(), 0);
        for &j in &*found {
            let offset = &mut starts[numbers[j as usize] as usize];
            which[*offset as usize] = j;
            *offset += 1;
        }
    }

    /// Selects rounds from `round` on, of which the first has `some` synapses, as many as fit into a chunk. Returns the round
    /// after those, and its number of synapses.
    fn choose(&mut self, mut round: usize, mut some: usize) -> (usize, usize) {
        let mut events = 0;
        self.sizes.clear();
        while some > 0 && events + some <= CHUNK {
            self.sizes.push(some);
            events += some;
            round += 1;
            while some > 0 && self.left[some - 1] as usize <= round {
                some -= 1;
            }
        }
        (round, some)
    }

    /// Copies the values of one column of the log, for the selected rounds, of which the first is `round`.
    fn look_up<T: Copy, U>(
        &self,
        round: usize,
        (column, neuron_slots): (&[T], usize),
        of: impl Fn(T) -> U,
        to: &mut [U],
    ) {
        let mut to = to;
        for (round, &some) in (round..).zip(&self.sizes) {
            let (own, rest) = to.split_at_mut(some);
            let events = &column[round * neuron_slots..];
            own.iter_mut().zip(&self.first).for_each(|(to, &index)| *to = of(events[index as usize]));
            to = rest;
        }
    }
}

impl<F: Precision> Row<'_, F> {
    /// Applies the events of targets that reach the synapses after the start of `span` and up to its end.
    pub fn targets_events(
        &self,
        work: &mut Work<F>,
        post: &EventKernel<F>,
        watch: &ObservedStates<F>,
        span: Range<u64>,
    ) {
        let [from, to] = [span.start, span.end].map(|step| step.saturating_sub(self.target_delay()));
        for Piece { block, counts } in watch.events.pieces(from, to) {
            if self.find_events(work, counts) {
                self.apply_rounds(work, post, block, to);
            }
        }
    }

    /// Finds the synapses with events in a block, from the counts before the window and up to its end. Returns whether there
    /// are any.
    fn find_events(&self, work: &mut Work<F>, counts: [&[u16]; 2]) -> bool {
        let Work { event_rounds, marks, .. } = work;
        let (n, neuron_slots) = (self.targets.len(), counts[0].len());
        event_rounds.before.resize(CHUNK, 0);
        event_rounds.numbers.resize(CHUNK, 0);
        count_between(
            self.level,
            self.targets,
            counts,
            &mut event_rounds.before[..n],
            &mut event_rounds.numbers[..n],
        );
        event_rounds.numbers[self.own..n].fill(0);
        Window(0, i32::MAX).mark(self.level, &event_rounds.numbers[..n], marks);
        marks.indices(&mut event_rounds.found);
        event_rounds.sort();
        let EventRounds { before, numbers, which, left, first, .. } = event_rounds;
        left.clear();
        left.extend(which.iter().map(|&j| numbers[j as usize] as u32));
        let event_index = |j: usize| u32::from(before[j]) * neuron_slots as u32 + self.targets[j].into();
        first.clear();
        first.extend(which.iter().map(|&j| event_index(j as usize)));
        !which.is_empty()
    }

    /// Applies the events of a block, none after step `to`, to the synapses that have some, round by round.
    fn apply_rounds(&self, work: &mut Work<F>, post: &EventKernel<F>, block: &Block<F>, to: u64) {
        let Work { now, event_rounds, sparse, since, .. } = work;
        let own = Indices::new(self.level, &event_rounds.which);
        for (some, values) in sparse.now.iter_mut().zip(&*now) {
            gather(self.level, values, own, &mut some[..own.len()]);
        }
        if self.rule.timed {
            gather(self.level, since, own, &mut sparse.since[..own.len()]);
        }
        let (mut round, mut some) = (0, own.len());
        while some > 0 {
            let first = round;
            (round, some) = work.event_rounds.choose(round, some);
            self.run_rounds(work, post, block, (first, to));
        }
        let Work { now, event_rounds, sparse, since, .. } = work;
        let which = event_rounds.which.iter().map(|&j| j as usize);
        for (values, some) in now.iter_mut().zip(&sparse.now) {
            which.clone().zip(&**some).for_each(|(j, &x)| values[j] = x);
        }
        if self.rule.timed {
            which.zip(&sparse.since).for_each(|(j, &step)| since[j] = step);
        }
    }

    /// Runs the selected rounds, of which the first is `first`.
    fn run_rounds(
        &self,
        work: &mut Work<F>,
        post: &EventKernel<F>,
        block: &Block<F>,
        (first, to): (usize, u64),
    ) {
        let (neuron_slots, sides) = (self.history.neuron_slots(), self.rule.decays.len());
        let Work { ports, outs, sparse, kernel, event_rounds, .. } = work;
        let n = event_rounds.sizes.iter().sum();
        event_rounds.applied += n;
        let mut steps = std::mem::take(&mut event_rounds.steps);
        steps.resize(CHUNK, 0);
        event_rounds.look_up(
            first,
            (&block.steps, neuron_slots),
            |step| self.history.relative_half(step),
            &mut steps,
        );
        self.decay_source(post, ports, (&steps[..n], self.history.relative(to, 0)));
        let clock = self.rule.clock(self.history);
        // The columns are the traces of the targets, then the sights; between these ports is that of the elapsed time.
        for (column, port) in block.found.iter().zip((sides..clock).chain(self.rule.sights..)) {
            if post.reads(ArgSlot::Port(port)) {
                event_rounds.look_up(first, (column, neuron_slots), |x| x, &mut ports[port]);
            }
        }
        let (mut from, delay) = (0, self.dendrite as i32);
        let SparseSubset { now, since, .. } = sparse;
        for &some in &event_rounds.sizes {
            let round = from..from + some;
            let steps = &steps[round.clone()];
            if self.rule.timed {
                let port = &mut ports[clock][round.clone()];
                elapse(self.level, self.rule.dt, delay, steps, &since[..some], port);
                since.iter_mut().zip(steps).for_each(|(since, step)| *since = step + delay);
            }
            let ports: SmallVec<[&[F]; 16]> = ports.iter().map(|port| &port[round.clone()]).collect();
            call(post, some, now, &ports, outs.iter_mut().map(|out| &mut out[..some]), kernel);
            now.iter_mut().zip(&*outs).for_each(|(now, out)| now[..some].copy_from_slice(&out[..some]));
            from += some;
        }
        event_rounds.steps = steps;
    }
}
