//! Applies events to the synapses of a row, a chunk of them at a time: the programs of the rule run over all of them at
//! once.

use super::history::History;
use super::lookup_cache::LookupCache;
use super::observed_states::ObservedStates;
use super::plastic_rows::Segment;
use super::row_loops::{TraceAt, WORD, Window, apply_decay, elapse, gather, gather_halves, take};
use super::row_work::{SparseSubset, Work};
use super::rule_programs::Events;
use crate::representation::indices::Indices;
use crate::representation::precision::Precision;
use lapicque_base::real::Real;
use lapicque_base::simd::SimdLevel;
use lapicque_expr::ArgSlot;
use lapicque_plasticity::EventKernel;
use lapicque_projection::Aligned;
use smallvec::SmallVec;
use std::ops::{Deref, Range};

/// If less than one synapse in this many has an event, only those with events are computed.
const SPARSE: usize = 16;

/// If less than one synapse in this many may have another pair of spikes in the window, pairs are looked up one by one.
const PART: usize = 4;

/// Synapses of one source with one delay, at most [`CHUNK`]. They are padded to a multiple of the word size, so that loops
/// have no remainder and fewer mispredicted ends. The results of the padding are discarded.
#[derive(Clone, Copy)]
pub struct Row<'a, F: Precision> {
    pub rule: &'a Events<F>,
    pub history: &'a History<F>,
    /// The states of targets that the rule reads.
    pub watch: Option<&'a ObservedStates<F>>,
    pub segment: &'a Segment,
    /// The dendritic delay in steps: from a spike of a target to its effect at the synapse, and from the synapse to the
    /// target.
    pub dendrite: u32,
    /// Traces of the source after its last spike.
    pub traces: &'a [F],
    pub targets: Indices<'a, F::Target>,
    /// Number of synapses without padding.
    pub own: usize,
    pub level: SimdLevel,
}

impl<F: Precision> Row<'_, F> {
    /// Loads the variables from the rows.
    pub fn load(&self, work: &mut Work<F>, variables: &[Vec<F>], start: usize) {
        let (n, own) = (self.targets.len(), self.own);
        for (values, variable) in work.now.iter_mut().zip(variables) {
            values[n - WORD..n].fill(<F as Real>::ZERO);
            values[..own].copy_from_slice(&variable[start..][..own]);
        }
        work.spikes.clear();
        if self.rule.timed {
            work.since[..n].fill(self.history.relative(self.segment.done, 0));
        }
    }

    /// Applies the events that reached the synapses after `done` and up to step `until`: spikes of targets and of the
    /// modulator.
    pub fn apply_pending(&self, work: &mut Work<F>, until: u64, modulator_spikes: &[u64]) {
        let mut from = self.segment.done;
        if let Some(modulated) = &self.rule.modulated {
            let [first, last] = [from, until]
                .map(|step| modulator_spikes.partition_point(|&modulator_spike| modulator_spike <= step));
            for &modulator_spike in &modulator_spikes[first..last] {
                self.targets_spikes(work, from..modulator_spike);
                self.find_traces(work, modulated, modulator_spike, false);
                self.find_sights(work, modulated, modulator_spike);
                self.elapsed(work, modulator_spike, false);
                self.change(work, modulated);
                work.since[..self.targets.len()].fill(self.history.relative(modulator_spike, 0));
                from = modulator_spike;
            }
        }
        self.targets_spikes(work, from..until);
    }

    /// Applies a spike of the source at step `spike`, after all earlier events. Returns the transmitted weights.
    pub fn send<'w>(
        &self,
        work: &'w mut Work<F>,
        spike: u64,
        variables: &mut [Vec<F>],
        start: usize,
    ) -> &'w [F] {
        self.find_traces(work, &self.rule.pre, spike, self.rule.pre_sees_post);
        self.find_sights(work, &self.rule.pre, spike);
        self.elapsed(work, spike, self.rule.starts_at_first && self.segment.last.is_none());
        let own = self.own;
        let Work { now, ports, outs, kernel, .. } = work;
        let kept = variables.iter_mut().map(|variable| &mut variable[start..][..own]);
        let sent = outs.last_mut().map_or(&mut [][..], |sent| &mut sent[..own]);
        call(&self.rule.pre, own, now, ports, kept.chain([&mut *sent]), kernel);
        sent
    }

    /// As `send` for reading back: variables are not stored, and nothing is transmitted.
    pub fn pass(&self, work: &mut Work<F>, spike: u64) {
        self.find_traces(work, &self.rule.pre, spike, self.rule.pre_sees_post);
        self.find_sights(work, &self.rule.pre, spike);
        self.elapsed(work, spike, self.rule.starts_at_first && self.segment.last.is_none());
        self.change(work, &self.rule.pre);
        work.spikes.clear();
        if self.rule.timed {
            work.since[..self.targets.len()].fill(self.history.relative(spike, 0));
        }
    }

    /// Applies the decay of variables up to step `until`.
    pub fn relax(&self, work: &mut Work<F>, until: u64) {
        if let Some(relax) = &self.rule.relax {
            self.elapsed(work, until, self.rule.starts_at_first && self.segment.last.is_none());
            self.change(work, relax);
        }
    }

    fn change(&self, work: &mut Work<F>, kernel: &EventKernel<F>) {
        let (n, Work { now, ports, outs, kernel: scratch, .. }) = (self.targets.len(), work);
        call(kernel, n, now, ports, parts(outs, n), scratch);
        now.iter_mut().zip(outs).for_each(|(now, out)| now[..n].copy_from_slice(&out[..n]));
    }

    /// A trace of the source at a step, which must not be before its last spike.
    pub fn source_trace(&self, trace: usize, step: u64) -> F {
        match self.segment.last {
            None => <F as Real>::ZERO,
            Some(last) => self.traces[trace] * self.rule.decays[trace].of((step - last).min(1 << 30) as i32),
        }
    }

    /// The traces of the source after a spike at this step.
    pub fn traces_after(&self, spike: u64) -> SmallVec<[F; 8]> {
        (0..self.traces.len()).map(|k| self.rule.jumps[k].after(self.source_trace(k, spike))).collect()
    }

    /// The time since each synapse's last event at step `now`.
    fn elapsed(&self, work: &mut Work<F>, now: u64, not_yet: bool) {
        let (n, clock) = (self.targets.len(), self.rule.clock(self.history));
        if !self.rule.timed {
            return;
        }
        let port = &mut work.ports[clock][..n];
        match not_yet {
            true => port.fill(<F as Real>::ZERO),
            false => {
                let now = self.history.relative(now, 0);
                let dt = <F as Real>::from_f64(self.rule.dt);
                for (x, &since) in port.iter_mut().zip(&work.since) {
                    *x = F::of_steps(now - since) * dt;
                }
            }
        }
    }

    /// Computes the traces that a kernel reads at step `at`. `seen`: whether they include the jumps of target spikes that
    /// reach the synapses at that step.
    fn find_traces(&self, work: &mut Work<F>, kernel: &EventKernel<F>, at: u64, seen: bool) {
        let (n, sides, level) = (self.targets.len(), self.rule.decays.len(), self.level);
        let reads = |port: &usize| kernel.reads(ArgSlot::Port(*port));
        for k in (0..sides).filter(reads) {
            work.ports[k][..n].fill(self.source_trace(k, at));
        }
        if !(sides..sides + self.history.decays.len()).any(|port| reads(&port)) {
            return;
        }
        let at = self.history.relative(at, u64::from(self.dendrite));
        let late = Window(at, i32::MAX);
        let Work { spikes, outs, ports, .. } = work;
        let traces = || (0..self.history.decays.len()).filter(|k| reads(&(sides + k)));
        if self.history.cached_traces(0, at, seen).is_some() {
            for (k, cached) in traces().filter_map(|k| Some((k, self.history.cached_traces(k, at, seen)?))) {
                gather(level, cached, self.targets, &mut ports[sides + k][..n]);
            }
            return;
        }
        // A trace continues from the last spike, or from an earlier one if the last is too late.
        spikes.look_up_exact(level, self.history, 0, self.targets);
        let some_late = self.history.newest() > at;
        let steps = [&spikes.steps[0][..n], &spikes.steps[1][..n]];
        for k in traces() {
            let (port, found) = (&mut ports[sides + k][..n], self.find(k, at, seen));
            if k == 0 {
                found.of_two(level, steps, [&spikes.found[0][..n], &spikes.found[1][..n]], port);
            } else if let [first, second, ..] = &mut outs[..] {
                for (half, out) in [&mut *first, &mut *second].into_iter().enumerate() {
                    gather_halves(level, self.history.further(k, 0), half, &self.targets, &mut out[..n]);
                }
                found.of_two(level, steps, [&first[..n], &second[..n]], port);
            }
        }
        // Goes further back until every target has a spike that is early enough.
        for slot in 2.. {
            if !some_late || late.count(level, &spikes.steps[slot - 1][..n]) == 0 {
                break;
            }
            let is_there = slot < self.history.slots();
            if is_there {
                spikes.look_up_exact(level, self.history, slot, self.targets);
            }
            for k in traces() {
                let values = &mut outs[0][..n];
                if is_there {
                    self.found_of(spikes, k, slot, &self.targets, values);
                    self.find(k, at, seen).of(level, &spikes.steps[slot][..n], values);
                } else {
                    values.fill(<F as Real>::ZERO);
                }
                take(level, late, &spikes.steps[slot - 1][..n], &outs[0][..n], &mut ports[sides + k][..n]);
            }
            if !is_there {
                break;
            }
        }
    }

    /// How to compute a trace of the targets at a step.
    fn find(&self, trace: usize, at: i32, seen: bool) -> TraceAt<F> {
        TraceAt { decay: self.history.decays[trace], jump: self.history.jump(trace), at, seen }
    }

    /// The trace values at the spikes of a slot, by target.
    fn found_of(
        &self,
        spikes: &LookupCache<F>,
        column: usize,
        slot: usize,
        targets: &[F::Target],
        out: &mut [F],
    ) {
        match column {
            // All synapses of the chunk use the cache; for a subset the values are looked up.
            0 if spikes.has_found(slot) && targets.len() == self.targets.len() => {
                out.copy_from_slice(&spikes.found[slot][..out.len()]);
            }
            0 => {
                let pairs = self.history.pairs(slot / 2);
                let found = targets.iter().map(|&target| pairs.at(target.into()).found[slot % 2]);
                out.iter_mut().zip(found).for_each(|(x, found)| *x = found);
            }
            _ => gather_halves(self.level, self.history.further(column, slot / 2), slot, targets, out),
        }
    }

    /// Loads the states of targets that a kernel reads, as the synapses see them at step `at`.
    fn find_sights(&self, work: &mut Work<F>, kernel: &EventKernel<F>, at: u64) {
        let Some(watch) = self.watch else { return };
        let at = at.saturating_sub(u64::from(self.dendrite));
        for i in 0..watch.sights() {
            let port = self.rule.sights + i;
            if kernel.reads(ArgSlot::Port(port)) {
                let out = &mut work.ports[port][..self.targets.len()];
                gather(self.level, watch.seen(i, at), self.targets, out);
            }
        }
    }

    /// Applies the spikes of targets that reach the synapses after the start of `span` and up to its end.
    pub fn targets_spikes(&self, work: &mut Work<F>, span: Range<u64>) {
        let Some(post) = &self.rule.post else { return };
        if span.is_empty() {
            return;
        }
        if let Some(watch) = self.watch {
            return self.targets_events(work, post, watch, span);
        }
        let (n, level) = (self.targets.len(), self.level);
        let [from, to] = [span.start, span.end].map(|step| self.history.relative(step, self.target_delay()));
        let window = Window(from, to);
        let after = Window(from, i32::MAX);
        // Slots of the history in which many synapses have a spike in the window are processed as a whole. Deeper slots are
        // looked up only for synapses with a spike in the slot before, if these are few or a new pair of slots would be
        // needed.
        let (mut dense_slots, mut first, mut deep) = (0, 0, 0..0);
        let (history, spikes) = (self.history, &mut work.spikes);
        let exact = !history.decays.is_empty() && post.reads(ArgSlot::Port(self.rule.decays.len()));
        for slot in 0..history.slots() {
            match exact {
                true => spikes.look_up_exact(level, history, slot, self.targets),
                false => spikes.look_up_steps(level, history, slot, self.targets, from),
            }
            let count = spikes.count(level, slot, from, n);
            if count == 0 {
                break;
            }
            let is_many = count * SPARSE >= n;
            dense_slots += usize::from(is_many);
            let more = slot + 1 < history.slots() && history.latest(slot + 1) > from;
            if is_many && !more {
                break;
            }
            if !is_many || (slot % 2 == 1 && count * PART < n) {
                after.mark(level, &spikes.steps[slot][..n], &mut work.marks);
                (first, deep) = (slot, usize::from(is_many)..self.find_in_deeper_slots(work, slot, after));
                break;
            }
        }
        // The oldest spikes first.
        for level in deep.rev() {
            let mut which = std::mem::take(&mut work.sparse.which[level]);
            which.retain(|&j| window.has(work.spikes.step(history, first + level, j, &self.targets)));
            if !which.is_empty() {
                self.apply_sparse(work, post, first + level, &which, to);
            }
            work.sparse.which[level] = which;
        }
        for slot in (0..dense_slots).rev() {
            self.apply_dense(work, post, slot, window);
        }
    }

    /// Finds the synapses with spikes in the window: in `slot`, where they are marked, and in the slots beyond. Returns the
    /// number of slots.
    fn find_in_deeper_slots(&self, work: &mut Work<F>, slot: usize, after: Window) -> usize {
        let Work { marks, sparse: SparseSubset { which, .. }, spikes, .. } = work;
        let step = |slot: usize, j: u32| spikes.step(self.history, slot, j, &self.targets);
        let mut level = 0;
        loop {
            if which.len() < level + 2 {
                which.resize_with(level + 2, Vec::new);
            }
            if level == 0 {
                marks.indices(&mut which[0]);
            }
            let beyond = slot + level + 1;
            level += 1;
            if beyond == self.history.slots() || !after.has(self.history.latest(beyond)) {
                return level;
            }
            let (found, next) = which.split_at_mut(level);
            next[0].clear();
            next[0].extend(found[level - 1].iter().filter(|&&j| after.has(step(beyond, j))));
            if next[0].is_empty() {
                return level;
            }
        }
    }

    /// Applies the spikes of a slot in which many synapses have one: computes all synapses, and stores those with a spike in
    /// the window.
    fn apply_dense(&self, work: &mut Work<F>, post: &EventKernel<F>, slot: usize, window: Window) {
        let (n, level) = (self.targets.len(), self.level);
        let Work { now, outs, ports, spikes, since, kernel, .. } = work;
        let steps = &spikes.steps[slot][..n];
        self.find_at_spikes(post, ports, (spikes, slot), &self.targets, (steps, window.1), since);
        call(post, n, now, ports, parts(outs, n), kernel);
        for (values, outs) in now.iter_mut().zip(outs) {
            take(level, window, steps, &outs[..n], &mut values[..n]);
        }
        if self.rule.timed {
            let delay = self.dendrite as i32;
            for (since, &step) in since.iter_mut().zip(steps).filter(|(_, step)| window.has(**step)) {
                *since = step + delay;
            }
        }
    }

    /// Applies the spikes of a slot to a sparse subset of the synapses.
    fn apply_sparse(&self, work: &mut Work<F>, post: &EventKernel<F>, slot: usize, which: &[u32], to: i32) {
        let (m, level) = (which.len(), self.level);
        let Work { now, outs, ports, spikes, since, sparse, kernel, .. } = work;
        let targets: SmallVec<[F::Target; 64]> = which.iter().map(|&j| self.targets[j as usize]).collect();
        let steps = which.iter().map(|&j| spikes.step(self.history, slot, j, &self.targets));
        sparse.steps.iter_mut().zip(steps).for_each(|(to, step)| *to = step);
        let indices = Indices::new(level, which);
        if self.rule.timed {
            gather(level, since, indices, &mut sparse.since[..m]);
        }
        for (some, values) in sparse.now.iter_mut().zip(&*now) {
            gather(level, values, indices, &mut some[..m]);
        }
        self.find_at_spikes(post, ports, (spikes, slot), &targets, (&sparse.steps[..m], to), &sparse.since);
        call(post, m, &sparse.now, ports, parts(outs, m), kernel);
        for (values, outs) in now.iter_mut().zip(&*outs) {
            which.iter().zip(&**outs).for_each(|(&j, &x)| values[j as usize] = x);
        }
        if self.rule.timed {
            let late = self.dendrite as i32;
            which.iter().zip(&sparse.steps).for_each(|(&j, &step)| since[j as usize] = step + late);
        }
    }

    /// Computes what the program of a target's spike reads, for spikes of a slot at `steps`; values for steps after `to` are
    /// undefined.
    fn find_at_spikes(
        &self,
        post: &EventKernel<F>,
        ports: &mut [Aligned<F>],
        (spikes, slot): (&LookupCache<F>, usize),
        targets: &[F::Target],
        (steps, to): (&[i32], i32),
        since: &[i32],
    ) {
        let (n, sides) = (steps.len(), self.rule.decays.len());
        self.decay_source(post, ports, (steps, to));
        for k in (0..self.history.decays.len()).filter(|k| post.reads(ArgSlot::Port(sides + k))) {
            self.found_of(spikes, k, slot, targets, &mut ports[sides + k][..n]);
        }
        if self.rule.timed {
            let port = &mut ports[self.rule.clock(self.history)][..n];
            elapse(self.level, self.rule.dt, self.dendrite as i32, steps, &since[..n], port);
        }
    }

    /// The delay in steps after which a spike of a target may be applied. If it reaches a synapse in the same step as a spike
    /// of the source, it comes first, unless it must see that spike.
    pub fn target_delay(&self) -> u64 {
        u64::from(self.dendrite) + u64::from(self.rule.post_sees_pre)
    }

    /// Computes what a program reads of the source's traces when target spikes at `steps` reach the synapses; values for steps
    /// after `to` are undefined.
    pub fn decay_source(&self, post: &EventKernel<F>, ports: &mut [Aligned<F>], (steps, to): (&[i32], i32)) {
        for k in (0..self.rule.decays.len()).filter(|&k| post.reads(ArgSlot::Port(k))) {
            let port = &mut ports[k][..steps.len()];
            match self.segment.last {
                None => port.fill(<F as Real>::ZERO),
                Some(last) => {
                    // The age of the source's last spike when the target's spike reaches the synapse.
                    let late = self.history.age_of(last) + self.dendrite as i32;
                    apply_decay(self.level, self.rule.decays[k], self.traces[k], late, (steps, to), port);
                }
            }
        }
    }
}

fn parts<F: Precision>(outs: &mut [Aligned<F>], n: usize) -> impl Iterator<Item = &mut [F]> {
    outs.iter_mut().map(move |out| &mut out[..n])
}

/// Runs a program on `n` synapses.
pub fn call<'o, F: Precision>(
    kernel: &EventKernel<F>,
    n: usize,
    states: &[Aligned<F>],
    ports: &[impl Deref<Target = [F]>],
    outs: impl Iterator<Item = &'o mut [F]>,
    scratch: &mut Vec<F>,
) {
    let mut outs: SmallVec<[&mut [F]; 8]> = outs.take(kernel.outs()).collect();
    kernel.run(n, states, ports, &mut outs, scratch);
}
