//! Replacing the synapses of a connection (structural plasticity).

use super::Plastic;
use crate::representation::precision::Precision;

impl<F: Precision> Plastic<F> {
    /// Replaces the synapses of the connection. `rows` has one entry per segment (one segment per source): the neuron slot of
    /// each synapse, and its old position; new synapses have none, come last, and start with `weight`. `now` is the end of the
    /// step in which they are created, up to which the others have caught up ([`catch_up`](Plastic::catch_up)); `None` if all
    /// variables will be set.
    pub fn rebuild(&mut self, rows: &[Vec<(u32, Option<usize>)>], weight: F, now: Option<u64>) {
        let count = rows.iter().map(Vec::len).sum();
        let mut targets = Vec::with_capacity(count);
        let mut variables: Vec<Vec<F>> = self.variables.iter().map(|_| Vec::with_capacity(count)).collect();
        for (segment, row) in self.segments.iter_mut().zip(rows) {
            (segment.start, segment.count) = (targets.len() as u32, row.len() as u32);
            targets.extend(row.iter().map(|&(neuron_slot, _)| F::target(neuron_slot)));
            for (k, (to, from)) in variables.iter_mut().zip(&self.variables).enumerate() {
                let new = if k == 0 { weight } else { self.initial[k] };
                to.extend(row.iter().map(|&(_, position)| position.map_or(new, |position| from[position])));
            }
        }
        (self.targets, self.variables) = (targets, variables);
        let Some(now) = now else { return };
        for (i, row) in rows.iter().enumerate() {
            let kept = row.partition_point(|(_, position)| position.is_some());
            self.catch_up_new(i, kept as u32, now);
        }
    }

    /// The synapses of a segment from index `kept` on, which are created at the end of step `now`, catch up with the others.
    /// The others may have caught up further than usual since the last spike; the new ones must still see the same spikes.
    fn catch_up_new(&mut self, i: usize, kept: u32, now: u64) {
        let mut created = self.segments[i].clone();
        let until = created.done;
        created.done = until.min(now.saturating_sub(self.dendrite_of(&created).into()));
        (created.start, created.count) = (created.start + kept, created.count - kept);
        if created.done < until {
            self.catch_up_row(i, &created, until);
        }
    }
}
