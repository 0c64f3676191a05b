//! Synapses that change: the rows of one connection in one partition. All synapses of a segment share
//! source and delay, so they share the traces of the source.
//!
//! Everything happens when a spike of the source arrives: first what spikes of the targets have done
//! since the last one, in their order, then the spike itself. As in NEST the whole delay is the
//! dendrite's: a spike of the source is at the synapse at once, one of the target after the delay, and
//! what is transmitted arrives after the delay.

use super::history::{Decay, History};
use super::partition::Spike;
use super::precision::Precision;
use super::rows::QUAD;
use crate::plasticity::{Bound, EventKernel, Jump, Side};
use crate::simd::SimdLevel;
use std::ops::Range;

/// After so many steps all synapses are brought up to date, so that no history grows without end. It
/// must not depend on how a run is cut.
pub const BRING_EVERY: u64 = 4096;

/// Synapses that are worked on at once.
const CHUNK: usize = 1024;

/// Synapses of one source with the same delay.
#[derive(Debug, Clone)]
pub struct Segment {
    pub source: u32,
    pub start: u32,
    pub count: u32,
    pub delay: u32,
    /// The step of the last spike of the source that has arrived.
    pub last: Option<u64>,
    /// Spikes of the targets that were at the synapses up to this step have been seen to.
    pub done: u64,
}

pub struct Plastic<F: Precision> {
    pub connection: usize,
    /// The population it leads to.
    pub population: usize,
    sources: Range<usize>,
    /// By source, counted in the connection: its first segment; one more at the end.
    first: Vec<u32>,
    pub segments: Vec<Segment>,
    /// `[segment][trace]`: traces of the source after its last spike.
    pub traces: Vec<F>,
    /// Lanes of the population's part.
    pub targets: Vec<u32>,
    /// By variable, then synapse; magnitudes where weights are negative.
    pub variables: Vec<Vec<F>>,
    pub history: History<F>,
    /// By arrival step modulo its length: segments.
    due: Vec<Vec<u32>>,
    longest: u64,
    rule: Events<F>,
    modulator: Option<Range<usize>>,
    /// Steps of the modulator's spikes that some synapse may not have seen.
    pub doses: Vec<u64>,
    /// Up to this step `doses` is complete, whatever is scheduled again.
    pub heard: u64,
    /// First accumulator of the port, and what a weight is worth in its units.
    slot: usize,
    units: f64,
    work: Work<F>,
}

struct Events<F: Precision> {
    pre: EventKernel<F>,
    post: Option<EventKernel<F>>,
    modulated: Option<EventKernel<F>>,
    relax: Option<EventKernel<F>>,
    /// Of the source's traces.
    decays: Vec<Decay<F>>,
    jumps: Vec<Jump>,
    post_sees_pre: bool,
    pre_sees_post: bool,
    starts_at_first: bool,
    dt: f64,
}

/// A chunk of synapses on its way through events.
struct Work<F> {
    /// By variable.
    now: Vec<Vec<F>>,
    outs: Vec<Vec<F>>,
    /// Variables of those that have an event.
    some: Vec<Vec<F>>,
    /// Traces, then the elapsed time in ms.
    ports: Vec<Vec<F>>,
    windows: Vec<Range<usize>>,
    ends: Vec<usize>,
    /// The step of each synapse's last event.
    since: Vec<u64>,
    kernel: Vec<F>,
}

/// Where a connection's synapses go.
pub struct Place {
    pub connection: usize,
    pub population: usize,
    pub sources: Range<usize>,
    pub modulator: Option<Range<usize>>,
    pub lanes: usize,
    pub slot: usize,
    pub units: f64,
    pub longest: u64,
}

/// What the builder of rows hands over.
pub struct Built<F> {
    pub first: Vec<u32>,
    pub segments: Vec<Segment>,
    pub targets: Vec<u32>,
    pub weights: Vec<F>,
}

impl<F: Precision> Plastic<F> {
    pub fn new(rule: &Bound, dt: f64, level: SimdLevel, place: Place, built: Built<F>) -> Self {
        let real = <F as crate::Real>::from_f64;
        let Built { first, segments, targets, weights } = built;
        let count = weights.len();
        let mut variables = vec![weights];
        variables.extend(rule.variables[1..].iter().map(|v| vec![real(v.init); count]));
        let kernel = |program| EventKernel::new(rule, program, level);
        let buffers = |n: usize| vec![vec![real(0.0); CHUNK]; n];
        let n = variables.len();
        Plastic {
            traces: vec![real(0.0); segments.len() * rule.side(Side::Pre).count()],
            history: History::new(place.lanes, rule.traces.iter().filter(|t| t.side == Side::Post), dt),
            due: vec![vec![]; place.longest as usize + 1],
            rule: Events {
                pre: kernel(&rule.pre),
                post: rule.post.as_ref().map(kernel),
                modulated: rule.modulated.as_ref().map(kernel),
                relax: rule.relax.as_ref().map(kernel),
                decays: rule.side(Side::Pre).map(|trace| Decay::new(trace, dt)).collect(),
                jumps: rule.side(Side::Pre).map(|trace| trace.jump).collect(),
                post_sees_pre: rule.post_sees_pre,
                pre_sees_post: rule.pre_sees_post,
                starts_at_first: rule.starts_at_first,
                dt,
            },
            work: Work {
                now: buffers(n),
                outs: buffers(n + 1),
                some: buffers(n),
                ports: buffers(rule.traces.len() + 1),
                windows: vec![0..0; CHUNK],
                ends: vec![0; CHUNK],
                since: vec![0; CHUNK],
                kernel: vec![],
            },
            connection: place.connection,
            population: place.population,
            sources: place.sources,
            modulator: place.modulator,
            doses: vec![],
            heard: 0,
            longest: place.longest,
            slot: place.slot,
            units: place.units,
            first,
            segments,
            targets,
            variables,
        }
    }

    /// Whether spikes of the targets matter at all.
    pub fn listens(&self) -> bool {
        self.rule.post.is_some() || !self.history.decays.is_empty()
    }

    /// Whether something is kept that must be forgotten in time.
    pub fn remembers(&self) -> bool {
        self.listens() || self.modulator.is_some()
    }

    /// Traces of a source.
    pub fn width(&self) -> usize {
        self.rule.decays.len()
    }

    pub fn smallest_delay(&self) -> Option<u32> {
        self.segments.iter().map(|segment| segment.delay).min()
    }

    pub fn clear_due(&mut self) {
        self.due.iter_mut().for_each(Vec::clear);
    }

    /// Enters spikes into the calendar. Arrivals up to step `now` are past.
    pub fn schedule(&mut self, spikes: &[Spike], now: u64) {
        let ring = self.due.len() as u64;
        if let Some(modulator) = &self.modulator {
            let heard = self.heard;
            let new = spikes.iter().filter(|(step, by)| *step > heard && modulator.contains(&(*by as usize)));
            self.doses.extend(new.map(|(step, _)| step));
            self.doses.sort_unstable();
        }
        for &(step, source) in spikes {
            let Some(source) = (source as usize).checked_sub(self.sources.start) else { continue };
            if source >= self.sources.len() {
                continue;
            }
            for segment in self.first[source]..self.first[source + 1] {
                let arrival = step + u64::from(self.segments[segment as usize].delay);
                if arrival > now {
                    self.due[(arrival % ring) as usize].push(segment);
                }
            }
        }
    }

    /// What arrives at step `now`. Returns how many synapses it passed.
    pub fn deliver(&mut self, now: u64, sums: &mut [F::Sum]) -> u64 {
        let ring = self.due.len() as u64;
        let mut due = std::mem::take(&mut self.due[(now % ring) as usize]);
        let mut passed = 0;
        for &segment in &due {
            passed += u64::from(self.segments[segment as usize].count);
            self.arrive(segment as usize, now, sums);
        }
        due.clear();
        self.due[(now % ring) as usize] = due;
        passed
    }

    /// A spike of the population at `lane`.
    pub fn fired(&mut self, lane: usize, step: u64) {
        self.history.push(lane, step);
    }

    /// Sees to all spikes of targets that have been at their synapses at the end of step `now`, and
    /// forgets them.
    pub fn bring(&mut self, now: u64) {
        for i in 0..self.segments.len() {
            let segment = self.segments[i].clone();
            let until = now.saturating_sub(u64::from(segment.delay));
            if until <= segment.done {
                continue;
            }
            for chunk in chunks(&segment) {
                self.work_off(i, chunk.clone(), until, now);
                self.relax(&segment, chunk.len(), until);
                for (variable, values) in self.variables.iter_mut().zip(&self.work.now) {
                    variable[chunk.clone()].copy_from_slice(&values[..chunk.len()]);
                }
            }
            self.segments[i].done = until;
        }
        self.history.forget(now, 2 * self.longest + 1);
        self.doses.retain(|dose| dose + self.longest > now);
    }

    /// The variables of a segment as they are at the end of step `now`; nothing is changed.
    pub fn peek(&mut self, segment: usize, now: u64, mut see: impl FnMut(usize, usize, &[Vec<F>])) {
        let of = self.segments[segment].clone();
        let until = now.saturating_sub(u64::from(of.delay)).max(of.done);
        for chunk in chunks(&of) {
            self.work_off(segment, chunk.clone(), until, now);
            if self.rule.post_sees_pre {
                // Those that meet a spike of the source wait for it, and it has been.
                self.targets_spikes(segment, chunk.clone(), until..until + 1, now);
            }
            self.relax(&of, chunk.len(), until);
            see(chunk.start, chunk.len(), &self.work.now);
        }
    }

    fn arrive(&mut self, i: usize, now: u64, sums: &mut [F::Sum]) {
        let segment = self.segments[i].clone();
        let spike = now - u64::from(segment.delay);
        let sides = self.rule.decays.len();
        for chunk in chunks(&segment) {
            let n = chunk.len();
            self.work_off(i, chunk.clone(), spike, now);
            self.find_traces(i, chunk.clone(), spike, now, self.rule.pre_sees_post);
            let (rule, work) = (&self.rule, &mut self.work);
            if rule.relax.is_some() {
                elapsed(work, n, spike, rule.dt, rule.starts_at_first && segment.last.is_none());
            }
            call(&rule.pre, n, &work.now, &work.ports, &mut work.outs, &mut work.kernel);
            for (variable, values) in self.variables.iter_mut().zip(&work.outs) {
                variable[chunk.clone()].copy_from_slice(&values[..n]);
            }
            let sent = &work.outs[self.variables.len()];
            for (targets, sent) in self.targets[chunk].chunks(QUAD).zip(sent[..n].chunks(QUAD)) {
                // What is left of a quad adds nothing to the first accumulator.
                let mut quad = [F::Synapse::default(); QUAD];
                for ((synapse, &lane), &w) in quad.iter_mut().zip(targets).zip(sent) {
                    let weight = (<F as crate::Real>::to_f64(w) * self.units).round() as i64;
                    *synapse = F::synapse((self.slot + lane as usize) as u32, weight);
                }
                F::deliver(&quad, sums);
            }
        }
        for (k, decay) in self.rule.decays.iter().enumerate() {
            let trace = source_trace(self.traces[i * sides + k], decay, segment.last, spike);
            self.traces[i * sides + k] = self.rule.jumps[k].after(trace);
        }
        let segment = &mut self.segments[i];
        (segment.last, segment.done) = (Some(spike), spike);
    }

    /// The traces at step `at`, with or without the jumps of targets' spikes that are at the synapses
    /// then; those before have been seen to.
    fn find_traces(&mut self, i: usize, chunk: Range<usize>, at: u64, now: u64, seen: bool) {
        let (segment, n, sides) = (&self.segments[i], chunk.len(), self.rule.decays.len());
        let work = &mut self.work;
        for (k, decay) in self.rule.decays.iter().enumerate() {
            let trace = source_trace(self.traces[i * sides + k], decay, segment.last, at);
            work.ports[k][..n].fill(trace);
        }
        let age = now - at + u64::from(segment.delay);
        for k in 0..self.history.decays.len() {
            let port = &mut work.ports[sides + k][..n];
            for ((x, &lane), &end) in port.iter_mut().zip(&self.targets[chunk.clone()]).zip(&work.ends) {
                // Before the first step nobody had spiked.
                *x = match now >= age {
                    true => self.history.trace(lane as usize, end, k, now, age, seen),
                    false => <F as crate::Real>::ZERO,
                };
            }
        }
    }

    /// Loads a chunk of a segment and applies what has been at the synapses after `done` and up to step
    /// `until`: spikes of targets and of the modulator.
    fn work_off(&mut self, i: usize, chunk: Range<usize>, until: u64, now: u64) {
        let (done, n) = (self.segments[i].done, chunk.len());
        for (values, variable) in self.work.now.iter_mut().zip(&self.variables) {
            values[..n].copy_from_slice(&variable[chunk.clone()]);
        }
        self.work.since[..n].fill(done);
        let mut from = done;
        if self.rule.modulated.is_some() {
            let [first, last] = [done, until].map(|step| self.doses.partition_point(|&dose| dose <= step));
            for k in first..last {
                let dose = self.doses[k];
                self.targets_spikes(i, chunk.clone(), from..dose, now);
                self.find_traces(i, chunk.clone(), dose, now, false);
                self.dose(n, dose);
                from = dose;
            }
        }
        self.targets_spikes(i, chunk, from..until, now);
    }

    fn dose(&mut self, n: usize, step: u64) {
        let (rule, work) = (&self.rule, &mut self.work);
        let Some(modulated) = &rule.modulated else { return };
        elapsed(work, n, step, rule.dt, false);
        call(modulated, n, &work.now, &work.ports, &mut work.outs, &mut work.kernel);
        work.now.iter_mut().zip(&work.outs).for_each(|(now, out)| now[..n].copy_from_slice(&out[..n]));
        work.since[..n].fill(step);
    }

    /// Applies to the loaded chunk the spikes of its targets that are at the synapses after the start of
    /// `span` and up to its end.
    fn targets_spikes(&mut self, i: usize, chunk: Range<usize>, span: Range<u64>, now: u64) {
        if self.rule.post.is_none() && self.history.decays.is_empty() {
            return;
        }
        let (segment, n, work) = (&self.segments[i], chunk.len(), &mut self.work);
        // A spike of a target at step t is at the synapse at t + delay. One that meets a spike of the
        // source comes before it, unless it is to see it.
        let delay = u64::from(segment.delay);
        let late = u64::from(self.rule.post_sees_pre);
        let at = now + delay + late;
        let (youngest, oldest) = (at - span.end, at - span.start);
        let targets = &self.targets[chunk];
        for (j, &lane) in targets.iter().enumerate() {
            let window = self.history.window(lane as usize, now, youngest, oldest);
            work.ends[j] = window.end;
            work.windows[j] = window;
        }
        let Some(post) = &self.rule.post else { return };
        let sides = self.rule.decays.len();
        let mut active: Vec<usize> = (0..n).filter(|&j| !work.windows[j].is_empty()).collect();
        while !active.is_empty() {
            let m = active.len();
            for (some, values) in work.some.iter_mut().zip(&work.now) {
                some.iter_mut().zip(&active).for_each(|(x, &j)| *x = values[j]);
            }
            for (at, &j) in active.iter().enumerate() {
                let (lane, spike) = (targets[j] as usize, work.windows[j].start);
                let step = now - self.history.age(lane, spike, now) + delay;
                for (k, decay) in self.rule.decays.iter().enumerate() {
                    work.ports[k][at] = source_trace(self.traces[i * sides + k], decay, segment.last, step);
                }
                for k in 0..self.history.decays.len() {
                    work.ports[sides + k][at] = self.history.before(lane, spike, k);
                }
                let elapsed = (step - work.since[j]) as f64 * self.rule.dt;
                if let Some(port) = work.ports.last_mut() {
                    port[at] = <F as crate::Real>::from_f64(elapsed);
                }
                work.since[j] = step;
            }
            call(post, m, &work.some, &work.ports, &mut work.outs, &mut work.kernel);
            for (values, outs) in work.now.iter_mut().zip(&work.outs) {
                active.iter().zip(outs).for_each(|(&j, &x)| values[j] = x);
            }
            active.retain(|&j| {
                work.windows[j].start += 1;
                !work.windows[j].is_empty()
            });
        }
    }

    /// Lets the loaded synapses rest until step `until`.
    fn relax(&mut self, segment: &Segment, n: usize, until: u64) {
        let (rule, work) = (&self.rule, &mut self.work);
        let Some(relax) = &rule.relax else { return };
        elapsed(work, n, until, rule.dt, rule.starts_at_first && segment.last.is_none());
        call(relax, n, &work.now, &work.ports, &mut work.outs, &mut work.kernel);
        work.now.iter_mut().zip(&work.outs).for_each(|(now, out)| now[..n].copy_from_slice(&out[..n]));
    }
}

fn chunks(segment: &Segment) -> impl Iterator<Item = Range<usize>> + use<> {
    let (start, end) = (segment.start as usize, (segment.start + segment.count) as usize);
    (start..end).step_by(CHUNK).map(move |from| from..(from + CHUNK).min(end))
}

/// The elapsed time of the first `n` synapses at step `now`.
fn elapsed<F: Precision>(work: &mut Work<F>, n: usize, now: u64, dt: f64, not_yet: bool) {
    let Some(port) = work.ports.last_mut() else { return };
    for (x, &since) in port[..n].iter_mut().zip(&work.since) {
        let steps = if not_yet { 0 } else { now - since };
        *x = <F as crate::Real>::from_f64(steps as f64 * dt);
    }
}

/// A trace of the source at a step at or after its last spike.
fn source_trace<F: Precision>(value: F, decay: &Decay<F>, last: Option<u64>, step: u64) -> F {
    last.map_or(<F as crate::Real>::ZERO, |last| value * decay.of(step - last))
}

fn call<F: Precision>(
    kernel: &EventKernel<F>,
    n: usize,
    states: &[Vec<F>],
    ports: &[Vec<F>],
    outs: &mut [Vec<F>],
    scratch: &mut Vec<F>,
) {
    let states: Vec<&[F]> = states.iter().map(|x| &x[..n]).collect();
    let ports: Vec<&[F]> = ports.iter().map(|x| &x[..n]).collect();
    let mut outs: Vec<&mut [F]> = outs.iter_mut().take(kernel.outs()).map(|x| &mut x[..n]).collect();
    kernel.run(n, &states, &ports, &mut outs, scratch);
}
