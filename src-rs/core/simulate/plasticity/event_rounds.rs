//! Applies the events of targets to the synapses of a row, for rules where every step may change them. In each round,
//! every synapse with events applies its next one. Synapses with most events come first, so those with a further event
//! are contiguous. As many rounds as fit into a chunk are looked up at once.

use super::event_log::{Block, Piece};
use super::observed_states::ObservedStates;
use super::plastic_row::{Row, call};
use super::row_loops::{Window, count_between, elapse, gather};
use super::row_work::{CHUNK, Few, Work};
use crate::representation::indices::Indices;
use crate::representation::precision::Precision;
use lapicque_expr::ArgSlot;
use lapicque_plasticity::EventKernel;
use smallvec::SmallVec;
use std::ops::Range;

/// Which synapses of a chunk have events, and where these are in a block of the log.
#[derive(Default)]
pub struct EventRounds {
    /// By synapse: how many events its target had before, and has in the window.
    before: Vec<u16>,
    numbers: Vec<i32>,
    /// Those that have some, as they were found and in the order of their turns.
    found: Vec<u32>,
    which: Vec<u32>,
    /// By number of events, where the synapses that have so many begin.
    starts: Vec<u32>,
    /// In the order of turns: how many events there are, and the place of the first.
    left: Vec<u32>,
    first: Vec<u32>,
    /// Of the turns that are looked up, how many synapses each has, and all steps.
    sizes: Vec<usize>,
    steps: Vec<i32>,
    /// So many events have been applied one row after another, since somebody began to count.
    pub applied: usize,
}

impl EventRounds {
    /// Puts those that have an event in order: most first, and of as many the first synapse first.
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
            let place = &mut starts[numbers[j as usize] as usize];
            which[*place as usize] = j;
            *place += 1;
        }
    }

    /// Takes turns from `turn` on, in which `some` synapses have an event, as many as there is room for. Returns the turn after
    /// those, and how many have an event in it.
    fn choose(&mut self, mut turn: usize, mut some: usize) -> (usize, usize) {
        let mut events = 0;
        self.sizes.clear();
        while some > 0 && events + some <= CHUNK {
            self.sizes.push(some);
            events += some;
            turn += 1;
            while some > 0 && self.left[some - 1] as usize <= turn {
                some -= 1;
            }
        }
        (turn, some)
    }

    /// Puts what the chosen turns, the first of which is `turn`, have in a column of the log after one another.
    fn look_up<T: Copy, U>(
        &self,
        turn: usize,
        (column, lanes): (&[T], usize),
        of: impl Fn(T) -> U,
        to: &mut [U],
    ) {
        let mut to = to;
        for (turn, &some) in (turn..).zip(&self.sizes) {
            let (own, rest) = to.split_at_mut(some);
            let events = &column[turn * lanes..];
            own.iter_mut().zip(&self.first).for_each(|(to, &place)| *to = of(events[place as usize]));
            to = rest;
        }
    }
}

impl<F: Precision> Row<'_, F> {
    /// Applies the events of the targets that are at the synapses after the start of `span` and up to its end.
    pub fn targets_events(
        &self,
        work: &mut Work<F>,
        post: &EventKernel<F>,
        watch: &ObservedStates<F>,
        span: Range<u64>,
    ) {
        let [from, to] = [span.start, span.end].map(|step| step.saturating_sub(self.behind()));
        for Piece { block, counts } in watch.events.pieces(from, to) {
            if self.find_events(work, counts) {
                self.take_turns(work, post, block, to);
            }
        }
    }

    /// Finds which synapses have events in a block, and how many, from those that were before the window and up to its end.
    /// Returns whether there are any.
    fn find_events(&self, work: &mut Work<F>, counts: [&[u16]; 2]) -> bool {
        let Work { turns, marks, .. } = work;
        let (n, lanes) = (self.targets.len(), counts[0].len());
        turns.before.resize(CHUNK, 0);
        turns.numbers.resize(CHUNK, 0);
        count_between(self.level, self.targets, counts, &mut turns.before[..n], &mut turns.numbers[..n]);
        turns.numbers[self.own..n].fill(0);
        Window(0, i32::MAX).mark(self.level, &turns.numbers[..n], marks);
        marks.places(&mut turns.found);
        turns.sort();
        let EventRounds { before, numbers, which, left, first, .. } = turns;
        left.clear();
        left.extend(which.iter().map(|&j| numbers[j as usize] as u32));
        let place = |j: usize| u32::from(before[j]) * lanes as u32 + self.targets[j].into();
        first.clear();
        first.extend(which.iter().map(|&j| place(j as usize)));
        !which.is_empty()
    }

    /// Lets the synapses that have been found take their turns with events of a block, none after step `to`.
    fn take_turns(&self, work: &mut Work<F>, post: &EventKernel<F>, block: &Block<F>, to: u64) {
        let Work { now, turns, few, since, .. } = work;
        let own = Indices::new(self.level, &turns.which);
        for (some, values) in few.now.iter_mut().zip(&*now) {
            gather(self.level, values, own, &mut some[..own.len()]);
        }
        if self.rule.timed {
            gather(self.level, since, own, &mut few.since[..own.len()]);
        }
        let (mut turn, mut some) = (0, own.len());
        while some > 0 {
            let first = turn;
            (turn, some) = work.turns.choose(turn, some);
            self.run_turns(work, post, block, (first, to));
        }
        let Work { now, turns, few, since, .. } = work;
        let which = turns.which.iter().map(|&j| j as usize);
        for (values, some) in now.iter_mut().zip(&few.now) {
            which.clone().zip(&**some).for_each(|(j, &x)| values[j] = x);
        }
        if self.rule.timed {
            which.zip(&few.since).for_each(|(j, &step)| since[j] = step);
        }
    }

    /// Runs the turns that have been chosen, the first of which is `first`.
    fn run_turns(
        &self,
        work: &mut Work<F>,
        post: &EventKernel<F>,
        block: &Block<F>,
        (first, to): (usize, u64),
    ) {
        let (lanes, sides) = (self.history.lanes(), self.rule.decays.len());
        let Work { ports, outs, few, kernel, turns, .. } = work;
        let n = turns.sizes.iter().sum();
        turns.applied += n;
        let mut steps = std::mem::take(&mut turns.steps);
        steps.resize(CHUNK, 0);
        turns.look_up(first, (&block.steps, lanes), |step| self.history.relative_half(step), &mut steps);
        self.decay_source(post, ports, (&steps[..n], self.history.relative(to, 0)));
        let clock = self.rule.clock(self.history);
        // Traces of the targets, then sights, between which there is the time.
        for (column, port) in block.found.iter().zip((sides..clock).chain(self.rule.sights..)) {
            if post.reads(ArgSlot::Port(port)) {
                turns.look_up(first, (column, lanes), |x| x, &mut ports[port]);
            }
        }
        let (mut from, delay) = (0, self.dendrite as i32);
        let Few { now, since, .. } = few;
        for &some in &turns.sizes {
            let turn = from..from + some;
            let steps = &steps[turn.clone()];
            if self.rule.timed {
                let port = &mut ports[clock][turn.clone()];
                elapse(self.level, self.rule.dt, delay, steps, &since[..some], port);
                since.iter_mut().zip(steps).for_each(|(since, step)| *since = step + delay);
            }
            let ports: SmallVec<[&[F]; 16]> = ports.iter().map(|port| &port[turn.clone()]).collect();
            call(post, some, now, &ports, outs.iter_mut().map(|out| &mut out[..some]), kernel);
            now.iter_mut().zip(&*outs).for_each(|(now, out)| now[..some].copy_from_slice(&out[..some]));
            from += some;
        }
        turns.steps = steps;
    }
}
