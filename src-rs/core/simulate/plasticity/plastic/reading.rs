//! Reading plastic synapses as they are at the end of a step.

use super::Plastic;
use crate::plasticity::plastic_row::Row;
use crate::plasticity::row_loops::WORD;
use crate::plasticity::row_work::chunks;
use crate::representation::indices::Indices;
use crate::representation::precision::Precision;
use crate::representation::spike::Spike;
use lapicque_projection::Aligned;
use smallvec::SmallVec;

impl<F: Precision> Plastic<F> {
    /// To be called before [`peek`](Plastic::peek): makes all spikes of targets up to the end of step `now` visible.
    pub fn reveal_all(&mut self, now: u64) {
        self.history.reveal_all(now);
    }

    /// The targets of a segment's synapses, and the variables at the end of step `now` after all spikes that have reached the
    /// synapses by then. These include spikes of the source, `sent`, whose transmission has not arrived yet. The state does not
    /// change.
    pub fn peek(
        &mut self,
        segment: usize,
        sent: &[u64],
        now: u64,
        mut see: impl FnMut(&[F::Target], &[Aligned<F>]),
    ) {
        let width = self.width();
        let delay = u64::from(self.segments[segment].delay);
        let axon = delay - u64::from(self.dendrite_of(&self.segments[segment]));
        let [arrived, at_synapse] =
            [delay, axon].map(|lag| sent.partition_point(|&spike| spike + lag <= now));
        for chunk in chunks(&self.segments[segment]) {
            self.take_targets(&chunk);
            let mut of = self.segments[segment].clone();
            let mut traces: SmallVec<[F; 8]> = self.traces[segment * width..][..width].into();
            let whole = row!(self, segment, chunk);
            whole.load(&mut self.work, &self.variables, chunk.start);
            for spike in sent[arrived..at_synapse].iter().map(|spike| spike + axon) {
                let row = Row { segment: &of, traces: &traces, ..whole };
                row.apply_pending(&mut self.work, spike, &self.modulator_spikes);
                row.pass(&mut self.work, spike);
                traces = row.traces_after(spike);
                (of.last, of.done) = (Some(spike), spike);
            }
            let row = Row { segment: &of, traces: &traces, ..whole };
            let until = now.max(of.done);
            row.apply_pending(&mut self.work, until, &self.modulator_spikes);
            if self.rule.post_sees_pre {
                // A target's spike in the same step as a source spike is applied after that one, so it is still pending
                // and is applied here.
                row.targets_spikes(&mut self.work, until..until + 1);
            }
            row.relax(&mut self.work, until);
            see(&self.targets[chunk], &self.work.now);
        }
    }

    /// For each source, the steps of its spikes among `spikes`, ascending.
    pub fn sent(&self, spikes: &[Spike]) -> Vec<Vec<u64>> {
        let mut sent = vec![vec![]; self.sources.len()];
        for &(step, source) in spikes {
            let own = (source as usize).checked_sub(self.sources.start).and_then(|own| sent.get_mut(own));
            own.into_iter().for_each(|steps| steps.push(step));
        }
        sent.iter_mut().for_each(|steps| steps.sort_unstable());
        sent
    }

    /// Records all weights at the end of step `now` if they are due; `spikes` are those in flight.
    pub fn sample(&mut self, spikes: &[Spike], now: u64) {
        if !self.every.is_some_and(|every| now.is_multiple_of(every)) {
            return;
        }
        self.reveal_all(now);
        let sent = self.sent(spikes);
        let mut samples = std::mem::take(&mut self.samples);
        for segment in 0..self.segments.len() {
            let source = self.segments[segment].source as usize;
            self.peek(segment, &sent[source], now, |targets, variables| {
                samples.extend_from_slice(&variables[0][..targets.len()]);
            });
        }
        self.samples = samples;
    }
}
