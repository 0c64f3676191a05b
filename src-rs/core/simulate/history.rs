//! The last spikes of the neurons that learn, each with the traces it found. Synapses look them up when
//! a spike of their source arrives, which may be long after.

use crate::expr::functions::double::exp;
use crate::plasticity::{Jump, Trace};
use crate::real::Real;

/// What an exponential loses in whole steps.
pub struct Decay<F> {
    table: Vec<F>,
    /// Per step.
    rate: f64,
}

impl<F: Real> Decay<F> {
    pub fn new(trace: &Trace, dt: f64) -> Self {
        let rate = trace.rate * dt;
        Decay { table: (0..4096).map(|n| F::from_f64(exp(-rate * f64::from(n)))).collect(), rate }
    }

    #[inline]
    pub fn of(&self, steps: u64) -> F {
        match self.table.get(steps as usize) {
            Some(&factor) => factor,
            None => F::from_f64(exp(-self.rate * steps as f64)),
        }
    }
}

pub struct History<F> {
    /// Spikes that there is room for, of each neuron.
    capacity: usize,
    counts: Vec<u32>,
    /// `[lane][capacity]`: the lower half of the number of the step. What is kept is never 2^31 old.
    steps: Vec<u32>,
    /// `[lane][capacity][trace]`: traces at the spike, without its own jump.
    found: Vec<F>,
    pub decays: Vec<Decay<F>>,
    jumps: Vec<Jump>,
}

/// Which of a neuron's spikes.
pub type Window = std::ops::Range<usize>;

impl<F: Real> History<F> {
    pub fn new<'a>(lanes: usize, traces: impl Iterator<Item = &'a Trace> + Clone, dt: f64) -> Self {
        let capacity = 8;
        let jumps: Vec<Jump> = traces.clone().map(|trace| trace.jump).collect();
        History {
            capacity,
            counts: vec![0; lanes],
            steps: vec![0; lanes * capacity],
            found: vec![F::ZERO; lanes * capacity * jumps.len()],
            decays: traces.map(|trace| Decay::new(trace, dt)).collect(),
            jumps,
        }
    }

    pub fn lanes(&self) -> usize {
        self.counts.len()
    }

    /// A spike at `step`, later than all before.
    pub fn push(&mut self, lane: usize, step: u64) {
        let count = self.counts[lane] as usize;
        if count == self.capacity {
            self.grow();
        }
        let (at, width) = (lane * self.capacity + count, self.jumps.len());
        self.steps[at] = step as u32;
        for trace in 0..width {
            self.found[at * width + trace] = match count {
                0 => F::ZERO,
                _ => {
                    self.after(lane, count - 1, trace)
                        * self.decays[trace].of(self.age(lane, count - 1, step))
                }
            };
        }
        self.counts[lane] += 1;
    }

    fn grow(&mut self) {
        let (old, new, width) = (self.capacity, self.capacity * 2, self.jumps.len());
        let lanes = self.counts.len();
        let (mut steps, mut found) = (vec![0; lanes * new], vec![F::ZERO; lanes * new * width]);
        for lane in 0..lanes {
            steps[lane * new..][..old].copy_from_slice(&self.steps[lane * old..][..old]);
            found[lane * new * width..][..old * width]
                .copy_from_slice(&self.found[lane * old * width..][..old * width]);
        }
        (self.capacity, self.steps, self.found) = (new, steps, found);
    }

    /// Steps from a spike to `now`.
    #[inline]
    pub fn age(&self, lane: usize, spike: usize, now: u64) -> u64 {
        u64::from((now as u32).wrapping_sub(self.steps[lane * self.capacity + spike]))
    }

    /// A trace at a spike, without its own jump.
    #[inline]
    pub fn before(&self, lane: usize, spike: usize, trace: usize) -> F {
        self.found[(lane * self.capacity + spike) * self.jumps.len() + trace]
    }

    #[inline]
    fn after(&self, lane: usize, spike: usize, trace: usize) -> F {
        self.jumps[trace].after(self.before(lane, spike, trace))
    }

    /// The spikes at ages from `youngest` to below `oldest`, as seen at `now`.
    #[inline]
    pub fn window(&self, lane: usize, now: u64, youngest: u64, oldest: u64) -> Window {
        let mut end = self.counts[lane] as usize;
        while end > 0 && self.age(lane, end - 1, now) < youngest {
            end -= 1;
        }
        let mut start = end;
        while start > 0 && self.age(lane, start - 1, now) < oldest {
            start -= 1;
        }
        start..end
    }

    /// A trace `age` steps before `now`; `seen`: with the jump of a spike at that very step. `end` is the
    /// end of a window of at least this age.
    #[inline]
    pub fn trace(&self, lane: usize, end: usize, trace: usize, now: u64, age: u64, seen: bool) -> F {
        // A window may end before a spike at that very step.
        let met = end < self.counts[lane] as usize && self.age(lane, end, now) == age;
        let last = if met { end + 1 } else { end };
        if last == 0 {
            return F::ZERO;
        }
        let since = self.age(lane, last - 1, now) - age;
        match since {
            0 if !seen => self.before(lane, last - 1, trace),
            _ => self.after(lane, last - 1, trace) * self.decays[trace].of(since),
        }
    }

    /// Forgets what nobody will ask for who asks for at most `oldest` steps before `now`: all but the
    /// last of the older ones, from which traces go on.
    pub fn forget(&mut self, now: u64, oldest: u64) {
        let width = self.jumps.len();
        for lane in 0..self.counts.len() {
            let count = self.counts[lane] as usize;
            let mut old = self.window(lane, now, oldest, u64::MAX).end;
            // Long before it is 2^31 steps old nothing is left of it.
            let gone = old > 0 && self.age(lane, old - 1, now) > 1 << 30;
            old -= usize::from(old > 0 && !gone);
            let (steps, found) = (lane * self.capacity, lane * self.capacity * width);
            self.steps.copy_within(steps + old..steps + count, steps);
            self.found.copy_within(found + old * width..found + count * width, found);
            self.counts[lane] -= old as u32;
        }
    }

    /// A neuron's spikes: their steps and `[spike][trace]` what they found.
    pub fn spikes(&self, lane: usize, now: u64) -> (Vec<u64>, Vec<f64>) {
        let (count, width) = (self.counts[lane] as usize, self.jumps.len());
        let steps = (0..count).map(|spike| now - self.age(lane, spike, now)).collect();
        let found = &self.found[lane * self.capacity * width..][..count * width];
        (steps, found.iter().map(|x| x.to_f64()).collect())
    }

    /// Replaces a neuron's spikes.
    pub fn set(&mut self, lane: usize, steps: &[u64], found: &[f64]) {
        while self.capacity < steps.len() {
            self.grow();
        }
        let width = self.jumps.len();
        self.counts[lane] = steps.len() as u32;
        for (i, &step) in steps.iter().enumerate() {
            self.steps[lane * self.capacity + i] = step as u32;
        }
        for (i, &x) in found.iter().enumerate() {
            self.found[lane * self.capacity * width + i] = F::from_f64(x);
        }
    }
}
