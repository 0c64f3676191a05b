//! Lazy updates: rows of plastic synapses catch up with the spikes of their targets.

use super::Plastic;
use crate::plasticity::by_target::{ByTarget, Rows};
use crate::plasticity::event_rounds::EventRounds;
use crate::plasticity::plastic_row::Row;
use crate::plasticity::plastic_rows::Segment;
use crate::plasticity::row_loops::WORD;
use crate::plasticity::row_work::chunks;
use crate::representation::indices::Indices;
use crate::representation::precision::Precision;
use crate::representation::spike::Spike;

impl<F: Precision> Plastic<F> {
    /// Applies all spikes of targets that have reached their synapses by the end of step `now`, and drops them from the
    /// history.
    pub fn catch_up(&mut self, now: u64) {
        let most = self.dendrite;
        self.catch_up_each(now, |segment| now.saturating_sub(segment.delay.min(most).into()));
    }

    /// The same for some rows, by source and delay, between two runs, when the spikes in flight are known. Rows whose source
    /// has no spike in flight catch up to step `now` itself. The history is kept.
    pub fn catch_up_rows(&mut self, selected: impl Fn(&(u32, u32)) -> bool, spikes: &[Spike], now: u64) {
        self.reveal_all(now);
        let sent = self.sent(spikes);
        self.catch_up_together(now, |by_target, rows, _| by_target.is_worth(rows, now));
        for i in 0..self.segments.len() {
            let Segment { source, delay, .. } = self.segments[i];
            if selected(&(source, delay)) {
                let waits = sent[source as usize].iter().any(|&spike| spike + u64::from(delay) > now);
                let before = if waits { u64::from(delay.min(self.dendrite)) } else { 0 };
                self.catch_up_to(i, now.saturating_sub(before));
            }
        }
    }

    fn catch_up_to(&mut self, i: usize, until: u64) {
        let segment = self.segments[i].clone();
        if until > segment.done {
            self.catch_up_row(i, &segment, until);
            self.segments[i].done = until;
        }
    }

    /// The same before the state is saved, so that all partitions have caught up to the same step: otherwise each partition
    /// decides by itself when its rows catch up together.
    pub fn catch_up_to_save(&mut self, now: u64) {
        if self.by_target.is_some() {
            self.catch_up(now);
        }
    }

    /// If it is time, all rows catch up together to step `now`, except for the last few steps.
    pub(super) fn catch_up_together(
        &mut self,
        now: u64,
        is_time: impl FnOnce(&ByTarget<F>, &Rows<F>, &EventRounds) -> bool,
    ) {
        let (Some(by_target), Some(watch)) = (&mut self.by_target, &self.watch) else { return };
        let rows = Rows {
            segments: &mut self.segments,
            traces: &self.traces,
            targets: &self.targets,
            variables: &mut self.variables,
            rule: &self.rule,
            history: &self.history,
            watch,
            dendrite: self.dendrite,
            level: self.level,
        };
        if is_time(by_target, &rows, &self.work.event_rounds) {
            by_target.catch_up(rows, now);
            self.work.event_rounds.applied = 0;
        }
    }

    fn catch_up_each(&mut self, now: u64, until: impl Fn(&Segment) -> u64) {
        self.catch_up_together(now, |by_target, rows, _| by_target.is_worth(rows, now));
        for i in 0..self.segments.len() {
            self.catch_up_to(i, until(&self.segments[i]));
        }
        self.history.rebase(now);
        self.modulator_spikes.retain(|modulator_spike| modulator_spike + self.longest > now);
    }

    /// Some synapses of segment `i`, whose state is that of `of`, catch up to step `until`.
    pub(super) fn catch_up_row(&mut self, i: usize, of: &Segment, until: u64) {
        for chunk in chunks(of) {
            self.take_targets(&chunk);
            let row = Row { segment: of, ..row!(self, i, chunk) };
            row.load(&mut self.work, &self.variables, chunk.start);
            row.apply_pending(&mut self.work, until, &self.modulator_spikes);
            row.relax(&mut self.work, until);
            for (variable, values) in self.variables.iter_mut().zip(&self.work.now) {
                variable[chunk.clone()].copy_from_slice(&values[..chunk.len()]);
            }
        }
    }
}
