//! The states of targets that the synapses of a connection read: states at the end of every step, and filters of them.
//! The steps in which they cause a change are stored in a history, with their values.

use super::event_log::EventLog;
use super::history::Decay;
use crate::representation::precision::Precision;
use lapicque_base::real::Real;
use lapicque_base::simd::SimdLevel;
use lapicque_plasticity::{Bound, EventKernel, Jump, Side, SightOf};
use smallvec::SmallVec;

/// Number of steps after which all synapses catch up, if every step may change them: for rules that also change synapses
/// between events, and for others. It must not depend on how a run is divided.
const EVERY: [u64; 2] = [64, 256];

/// Whether a rule reads states of its targets.
pub fn watched(rule: &Bound) -> bool {
    !rule.sights.is_empty() || rule.steps
}

/// For the synapses of a rule: the number of steps after which they catch up, and how many steps back they may then
/// read events of targets, for delays up to `longest`.
pub fn kept(rule: &Bound, longest: u64) -> [u64; 2] {
    let every = EVERY[usize::from(rule.relax.is_none())];
    [every, every + 2 * longest + 1]
}

/// Number of values stored with an event: the target's traces, sights, and whether it was a spike.
pub fn columns(rule: &Bound) -> usize {
    rule.side(Side::Post).count() + rule.sights.len() + 1
}

/// The origin of a sight.
enum From {
    Sight(usize),
    State(usize),
}

struct Sight<F> {
    of: From,
    /// For a filter: its decay per step, and the weights of the states before and after the step. Exact if the state is linear
    /// in between.
    filter: Option<[F; 3]>,
    delay: u64,
    clamped: Option<(F, u64)>,
}

pub struct ObservedStates<F: Precision> {
    neuron_slots: usize,
    sights: Vec<Sight<F>>,
    acts: Option<EventKernel<F>>,
    steps: bool,
    spikes: bool,
    /// `[step modulo the ring][sight][neuron slot]`, without delays.
    ring: Vec<F>,
    length: u64,
    /// By neuron slot: the step of its last spike.
    last: Vec<u64>,
    /// Traces of the targets after the last spike, `[trace][neuron slot]`.
    traces: Vec<Vec<F>>,
    decays: Vec<Decay<F>>,
    jumps: Vec<Jump>,
    /// Events: steps that change synapses, and spikes. Each stores the target's traces, sights, and 1 for a spike.
    pub events: EventLog<F>,
    /// Number of steps after which all synapses catch up.
    pub every: u64,
    /// Maximum number of steps that windows reach back before the last catch-up.
    keep: u64,
    /// Index of the first sight among the ports of the rule's programs.
    pub first_port: usize,
    acting: Vec<F>,
    spiked: Vec<bool>,
    kernel: Vec<F>,
}

/// The step of a spike that never happened.
const NONE: u64 = u64::MAX;

impl<F: Precision> ObservedStates<F> {
    /// `None` for a rule that reads only spikes. `state` maps the name of a target's state to its index.
    pub fn new(
        rule: &Bound,
        dt: f64,
        level: SimdLevel,
        neuron_slots: usize,
        longest: u64,
        state: impl Fn(&str) -> usize,
    ) -> Option<Self> {
        if !watched(rule) {
            return None;
        }
        let real = <F as Real>::from_f64;
        let sights: Vec<Sight<F>> = (rule.sights.iter())
            .map(|sight| Sight {
                of: match sight.of {
                    SightOf::Sight(i) => From::Sight(i),
                    SightOf::State(name) => From::State(state(name)),
                },
                filter: sight.keep.map(|keep| {
                    // The mean of the decaying value over the step.
                    let mean = (1.0 - keep) / -lapicque_expr::functions::double::ln(keep);
                    [keep, mean - keep, 1.0 - mean].map(real)
                }),
                delay: sight.delay,
                clamped: sight.clamped.map(|(value, steps)| (real(value), steps)),
            })
            .collect();
        let length = 2 * longest + 1 + sights.iter().map(|sight| sight.delay).max().unwrap_or(0);
        let post: Vec<_> = rule.traces.iter().filter(|trace| trace.side == Side::Post).collect();
        let [every, reach] = kept(rule, longest);
        Some(ObservedStates {
            acts: rule.acts.as_ref().map(|acts| EventKernel::new(rule, acts, level)),
            steps: rule.steps,
            spikes: rule.spikes,
            ring: vec![real(0.0); neuron_slots * sights.len() * length as usize],
            length,
            last: vec![NONE; neuron_slots],
            traces: vec![vec![real(0.0); neuron_slots]; post.len()],
            decays: post.iter().map(|trace| Decay::new(trace, dt)).collect(),
            jumps: post.iter().map(|trace| trace.jump).collect(),
            events: EventLog::new(neuron_slots, columns(rule), every, reach),
            every,
            keep: reach - every,
            first_port: rule.traces.len() + 1,
            acting: vec![real(0.0); neuron_slots],
            spiked: vec![false; neuron_slots],
            kernel: vec![],
            neuron_slots,
            sights,
        })
    }

    pub fn neuron_slots(&self) -> usize {
        self.neuron_slots
    }

    /// Number of values stored with an event.
    pub fn columns(&self) -> usize {
        self.decays.len() + self.sights.len() + 1
    }

    pub fn sights(&self) -> usize {
        self.sights.len()
    }

    fn offset(&self, step: u64, sight: usize) -> usize {
        ((step % self.length) as usize * self.sights.len() + sight) * self.neuron_slots
    }

    /// The value of a sight at the end of a step, or at the start.
    pub fn seen(&self, sight: usize, step: u64) -> &[F] {
        let step = step.saturating_sub(self.sights[sight].delay);
        &self.ring[self.offset(step, sight)..][..self.neuron_slots]
    }

    /// At the start of a simulation: past values equal the initial states.
    pub fn begin(&mut self, state: impl Fn(usize, usize) -> F) {
        let width = self.sights.len() * self.neuron_slots;
        for i in 0..self.sights.len() {
            for neuron_slot in 0..self.neuron_slots {
                self.ring[i * self.neuron_slots + neuron_slot] = match self.sights[i].of {
                    From::State(s) => state(s, neuron_slot),
                    From::Sight(s) => self.ring[s * self.neuron_slots + neuron_slot],
                };
            }
        }
        for step in 1..self.length as usize {
            self.ring.copy_within(..width, step * width);
        }
    }

    /// Records the end of step `now`; the neurons of these slots spiked in it.
    pub fn observe(
        &mut self,
        now: u64,
        copy_state: impl Fn(usize, &mut [F]),
        fired: impl Iterator<Item = usize>,
    ) {
        let neuron_slots = self.neuron_slots;
        let fired: Vec<usize> = fired.collect();
        fired.iter().for_each(|&neuron_slot| self.spiked[neuron_slot] = true);
        for i in 0..self.sights.len() {
            let to = self.offset(now, i);
            let before = self.offset(now - 1, i);
            if let From::State(s) = self.sights[i].of {
                copy_state(s, &mut self.ring[to..to + neuron_slots]);
            }
            if let Some((value, steps)) = self.sights[i].clamped {
                for neuron_slot in 0..neuron_slots {
                    let clamped = self.spiked[neuron_slot]
                        || (self.last[neuron_slot] != NONE && now - self.last[neuron_slot] < steps);
                    if clamped && steps > 0 {
                        self.ring[to + neuron_slot] = value;
                    }
                }
            }
            let Some(factors) = self.sights[i].filter else {
                if let From::Sight(s) = self.sights[i].of {
                    let from = self.offset(now, s);
                    self.ring.copy_within(from..from + neuron_slots, to);
                }
                continue;
            };
            // The input of a filter is always a sight itself.
            let From::Sight(s) = self.sights[i].of else { continue };
            let (old, new) = (self.offset(now - 1, s), self.offset(now, s));
            for neuron_slot in 0..neuron_slots {
                let [keep, a, b] = factors;
                self.ring[to + neuron_slot] = keep * self.ring[before + neuron_slot]
                    + a * self.ring[old + neuron_slot]
                    + b * self.ring[new + neuron_slot];
            }
        }
        self.enter(now);
        for neuron_slot in fired {
            self.spiked[neuron_slot] = false;
            for k in 0..self.decays.len() {
                self.traces[k][neuron_slot] = self.jumps[k].after(self.trace(k, neuron_slot, now));
            }
            self.last[neuron_slot] = now;
        }
    }

    fn trace(&self, k: usize, neuron_slot: usize, now: u64) -> F {
        match self.last[neuron_slot] {
            NONE => <F as Real>::ZERO,
            last => self.traces[k][neuron_slot] * self.decays[k].of((now - last).min(1 << 29) as i32),
        }
    }

    /// The data to be saved, `[…][neuron slot]`: the ring from the oldest step on, the steps of the last spikes (-1 if
    /// none), and the target's traces.
    pub fn save(&self, now: u64) -> Vec<Vec<f64>> {
        let mut rows = Vec::new();
        for age in (0..self.length).rev() {
            // Steps before the start have the initial values.
            let step = (now + self.length - age) % self.length;
            for i in 0..self.sights.len() {
                rows.push(
                    self.ring[self.offset(step, i)..][..self.neuron_slots]
                        .iter()
                        .map(|x| x.to_f64())
                        .collect(),
                );
            }
        }
        rows.push(self.last.iter().map(|&step| if step == NONE { -1.0 } else { step as f64 }).collect());
        rows.extend(self.traces.iter().map(|trace| trace.iter().map(|x| x.to_f64()).collect()));
        rows
    }

    /// Number of rows that [`save`](ObservedStates::save) returns.
    pub fn rows(&self) -> usize {
        self.length as usize * self.sights.len() + 1 + self.traces.len()
    }

    /// Restores what [`save`](ObservedStates::save) returned, read by `value(row, neuron_slot)`.
    pub fn restore(&mut self, now: u64, value: impl Fn(usize, usize) -> f64) {
        let mut row = 0;
        for age in (0..self.length).rev() {
            let step = (now + self.length - age) % self.length;
            for i in 0..self.sights.len() {
                let offset = self.offset(step, i);
                (0..self.neuron_slots).for_each(|neuron_slot| {
                    self.ring[offset + neuron_slot] = <F as Real>::from_f64(value(row, neuron_slot))
                });
                row += 1;
            }
        }
        for neuron_slot in 0..self.neuron_slots {
            let step = value(row, neuron_slot);
            self.last[neuron_slot] = if step < 0.0 { NONE } else { step as u64 };
        }
        for (k, trace) in self.traces.iter_mut().enumerate() {
            for (neuron_slot, x) in trace.iter_mut().enumerate() {
                *x = <F as Real>::from_f64(value(row + 1 + k, neuron_slot));
            }
        }
    }

    /// Adds the events of step `now` to the log.
    fn enter(&mut self, now: u64) {
        let neuron_slots = self.neuron_slots;
        let (mut acting, mut kernel) = (std::mem::take(&mut self.acting), std::mem::take(&mut self.kernel));
        if self.steps {
            match &self.acts {
                None => acting.fill(<F as Real>::ONE),
                Some(acts) => {
                    let mut ports: Vec<&[F]> = vec![&[]; self.first_port];
                    ports.extend((0..self.sights.len()).map(|i| {
                        let step = now.saturating_sub(self.sights[i].delay);
                        &self.ring[self.offset(step, i)..][..neuron_slots]
                    }));
                    acts.run(neuron_slots, &[] as &[&[F]], &ports, &mut [&mut acting], &mut kernel);
                }
            }
        }
        (self.acting, self.kernel) = (acting, kernel);
        self.events.begin(now);
        for neuron_slot in 0..neuron_slots {
            let spiked = self.spiked[neuron_slot];
            let acts = self.steps && self.acting[neuron_slot] > <F as Real>::ZERO;
            if !(acts || (self.spikes && spiked)) {
                continue;
            }
            let traces = (0..self.decays.len()).map(|k| self.trace(k, neuron_slot, now));
            let found: SmallVec<[F; 8]> = traces
                .chain((0..self.sights.len()).map(|i| self.seen(i, now)[neuron_slot]))
                .chain([if spiked { <F as Real>::ONE } else { <F as Real>::ZERO }])
                .collect();
            self.events.push(neuron_slot, found.into_iter());
        }
    }

    /// The stored events of a neuron in the form of [`EventLog::events`], without those that no synapse can read any more.
    pub fn events_of(&self, neuron_slot: usize, now: u64) -> (Vec<u64>, Vec<f64>) {
        self.events.events(neuron_slot, (now - now % self.every).saturating_sub(self.keep))
    }
}
