//! The events of targets for rules where every step may change synapses: the steps that do and the spikes, each with
//! the states at the event. They are stored in blocks of steps: the first events of all neurons in a block are
//! contiguous, then the second ones. For the last steps, the number of events in the block up to each step is stored.
//! So a synapse finds the events of a window directly, however many there are, and those of a row of synapses are close
//! to each other.

use crate::representation::precision::Precision;
use lapicque_base::real::Real;

/// The events of one block of steps.
pub struct Block<F> {
    /// `[number][neuron slot]`: the lower 32 bits of the step.
    pub steps: Vec<u32>,
    /// By value that is stored with an event, likewise.
    pub found: Vec<Vec<F>>,
}

impl<F: Precision> Block<F> {
    fn clear(&mut self) {
        self.steps.clear();
        self.found.iter_mut().for_each(Vec::clear);
    }

    fn write(&mut self, index: usize, rows: usize, step: u64, found: impl Iterator<Item = F>) {
        if self.steps.len() < rows {
            self.steps.resize(rows, 0);
            self.found.iter_mut().for_each(|column| column.resize(rows, <F as Real>::ZERO));
        }
        self.steps[index] = step as u32;
        self.found.iter_mut().zip(found).for_each(|(column, x)| column[index] = x);
    }
}

/// The part of a window that lies in one block.
pub struct Piece<'a, F> {
    pub block: &'a Block<F>,
    /// By neuron slot: the number of events of the block before the window, and up to its end.
    pub counts: [&'a [u16]; 2],
}

pub struct EventLog<F: Precision> {
    neuron_slots: usize,
    /// Steps per block.
    every: u64,
    /// Maximum number of steps that a window may reach back.
    reach: u64,
    /// The last step that has ended.
    newest: u64,
    /// The blocks of the last steps, by block number modulo the number of blocks.
    blocks: Vec<Block<F>>,
    /// `[step modulo reach + 1][neuron slot]`: events of the block up to the end of the step.
    counts: Vec<u16>,
    /// Counts of zero for all neurons.
    none: Vec<u16>,
}

impl<F: Precision> EventLog<F> {
    /// Blocks of `every` steps; windows begin at most `reach` steps before the last step.
    pub fn new(neuron_slots: usize, columns: usize, every: u64, reach: u64) -> Self {
        let block = || Block { steps: vec![], found: vec![vec![]; columns] };
        EventLog {
            neuron_slots,
            every,
            reach,
            newest: 0,
            blocks: (0..reach / every + 2).map(|_| block()).collect(),
            counts: vec![0; neuron_slots * (reach as usize + 1)],
            none: vec![0; neuron_slots],
        }
    }

    /// Bytes per neuron, for a moderate number of events.
    pub fn bytes(columns: u64, reach: u64) -> u64 {
        2 * (reach + 1) + 16 * (4 + columns * size_of::<F>() as u64)
    }

    fn offset(&self, step: u64) -> usize {
        (step % (self.reach + 1)) as usize * self.neuron_slots
    }

    /// The first step whose events have been dropped.
    fn forgotten(&self) -> u64 {
        self.newest.saturating_sub(self.reach)
    }

    /// The number of events of a block up to the end of a step.
    fn counts(&self, step: u64) -> &[u16] {
        &self.counts[self.offset(step)..][..self.neuron_slots]
    }

    /// Whether the next step is the first one of a block.
    fn is_end(&self, step: u64) -> bool {
        step.is_multiple_of(self.every)
    }

    fn block(&self, number: u64) -> usize {
        number as usize % self.blocks.len()
    }

    /// The events after the end of step `from` up to the end of step `to`, block by block.
    pub fn pieces(&self, from: u64, to: u64) -> impl Iterator<Item = Piece<'_, F>> {
        let from = from.max(self.forgotten());
        let to = to.min(self.newest).max(from);
        (from / self.every..to.div_ceil(self.every)).map(move |block| {
            let (first, last) = (from.max(block * self.every), to.min((block + 1) * self.every));
            let before = if self.is_end(first) { &self.none } else { self.counts(first) };
            Piece { block: &self.blocks[self.block(block)], counts: [before, self.counts(last)] }
        })
    }

    /// Starts step `now`, which must follow the last one.
    pub fn begin(&mut self, now: u64) {
        let (from, to) = (self.offset(now - 1), self.offset(now));
        if self.is_end(now - 1) {
            self.counts[to..to + self.neuron_slots].fill(0);
            let block = self.block((now - 1) / self.every);
            self.blocks[block].clear();
        } else {
            self.counts.copy_within(from..from + self.neuron_slots, to);
        }
        self.newest = now;
    }

    /// Adds an event of the current step.
    pub fn push(&mut self, neuron_slot: usize, found: impl Iterator<Item = F>) {
        self.write(neuron_slot, self.newest, found);
    }

    /// Adds an event at a step, which must not be before the neuron's last event.
    fn write(&mut self, neuron_slot: usize, step: u64, found: impl Iterator<Item = F>) {
        let (at, block) = (self.offset(step) + neuron_slot, self.block((step - 1) / self.every));
        let number = usize::from(self.counts[at]);
        let offset = number * self.neuron_slots + neuron_slot;
        self.blocks[block].write(offset, (number + 1) * self.neuron_slots, step, found);
        self.counts[at] += 1;
    }

    /// A neuron's events after step `oldest`: their steps and values, `[event][column]`.
    pub fn events(&self, neuron_slot: usize, oldest: u64) -> (Vec<u64>, Vec<f64>) {
        let (mut steps, mut found) = (vec![], vec![]);
        for Piece { block, counts: [before, by_then] } in self.pieces(oldest, self.newest) {
            for number in before[neuron_slot]..by_then[neuron_slot] {
                let offset = usize::from(number) * self.neuron_slots + neuron_slot;
                let age = (self.newest as u32).wrapping_sub(block.steps[offset]);
                steps.push(self.newest - u64::from(age));
                found.extend(block.found.iter().map(|column| column[offset].to_f64()));
            }
        }
        (steps, found)
    }

    /// Removes all events; the last step was `now`.
    pub fn clear(&mut self, now: u64) {
        self.counts.fill(0);
        self.blocks.iter_mut().for_each(Block::clear);
        self.newest = now;
    }

    /// Restores the events of a neuron without events, in the form of [`events`](EventLog::events).
    pub fn set(&mut self, neuron_slot: usize, steps: &[u64], found: &[f64]) {
        let columns = self.blocks[0].found.len();
        let mut event = steps.partition_point(|&step| step <= self.forgotten());
        for step in self.forgotten() + 1..=self.newest {
            if !self.is_end(step - 1) {
                let [from, to] = [step - 1, step].map(|step| self.offset(step) + neuron_slot);
                self.counts[to] = self.counts[from];
            }
            if steps.get(event) == Some(&step) {
                let found = &found[event * columns..][..columns];
                self.write(neuron_slot, step, found.iter().map(|&x| <F as Real>::from_f64(x)));
                event += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lapicque_base::rng::Rng;

    const REACH: u64 = 90;

    /// Whether a neuron has an event at a step: the first neuron never, the last one always.
    fn acts(neuron_slot: usize, step: u64) -> bool {
        let odds = [0.0, 0.05, 0.5, 1.0][neuron_slot];
        f64::from(Rng::new(1, 2).u32_at(4 * step + neuron_slot as u64)) < odds * 2f64.powi(32)
    }

    fn value(neuron_slot: usize, step: u64) -> [f64; 2] {
        [step as f64 + neuron_slot as f64 / 4.0, -(step as f64)]
    }

    fn log() -> EventLog<f64> {
        EventLog::new(4, 2, 32, REACH)
    }

    fn advance(log: &mut EventLog<f64>, steps: impl Iterator<Item = u64>) {
        for step in steps {
            log.begin(step);
            let acting = (0..4).filter(|&neuron_slot| acts(neuron_slot, step));
            acting.for_each(|neuron_slot| log.push(neuron_slot, value(neuron_slot, step).into_iter()));
        }
    }

    /// The steps of a neuron's events in a window, as they are looked up.
    fn window(log: &EventLog<f64>, neuron_slot: usize, from: u64, to: u64) -> Vec<u64> {
        let mut steps = vec![];
        for Piece { block, counts: [before, by_then] } in log.pieces(from, to) {
            for number in before[neuron_slot]..by_then[neuron_slot] {
                let index = usize::from(number) * 4 + neuron_slot;
                let step = u64::from(block.steps[index]);
                assert_eq!([0, 1].map(|column| block.found[column][index]), value(neuron_slot, step));
                steps.push(step);
            }
        }
        steps
    }

    fn holds(log: &EventLog<f64>, now: u64) {
        for neuron_slot in 0..4 {
            for from in (now.saturating_sub(REACH)..=now).step_by(7) {
                for to in [from, from + 1, from + 40, now - 2, now] {
                    let to = to.clamp(from, now);
                    let all = (from + 1..=to).filter(|&step| acts(neuron_slot, step));
                    assert_eq!(window(log, neuron_slot, from, to), all.collect::<Vec<_>>(), "{neuron_slot}");
                }
            }
        }
    }

    #[test]
    fn a_window_has_its_events_however_many_there_were_before() {
        let mut log = log();
        for now in (10..1000).step_by(10) {
            advance(&mut log, now - 9..=now);
            holds(&log, now);
        }
    }

    #[test]
    fn a_log_goes_on_from_what_was_kept_of_it() {
        let (mut log, mut second) = (log(), log());
        for now in [5, 60, 64, 93, 400] {
            log.clear(0);
            advance(&mut log, 1..=now);
            second.clear(now);
            for neuron_slot in 0..4 {
                let (steps, found) = log.events(neuron_slot, now.saturating_sub(REACH));
                second.set(neuron_slot, &steps, &found);
                assert_eq!(second.events(neuron_slot, now.saturating_sub(REACH)), (steps, found));
            }
            holds(&second, now);
            for later in (now + 10..now + 200).step_by(10) {
                advance(&mut second, later - 9..=later);
                holds(&second, later);
            }
        }
    }
}
