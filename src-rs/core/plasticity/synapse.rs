//! Drives one synapse by spikes at given times, event by event, in f64.

use super::bind::{Bound, Trace};
use super::definition::Side;
use super::event::EventKernel;
use lapicque_base::control::Control;
use lapicque_base::error::{Error, Result};
use lapicque_base::simd::SimdLevel;
use lapicque_expr::functions::double::exp;

/// Spikes closer than this, in ms, are simultaneous.
const SAME: f64 = 1e-6;

/// Ascending times in ms, from 0.
#[derive(Debug, Clone, Default)]
pub struct Trains {
    pub pre: Vec<f64>,
    pub post: Vec<f64>,
    /// Spikes of the modulator. Repeated times are separate spikes.
    pub modulator: Vec<f64>,
}

/// The times at which variables are read.
#[derive(Debug, Clone, Default)]
pub struct Samples {
    pub times: Vec<f64>,
    /// Whether events of the same time are applied before reading.
    pub after: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Response {
    /// The transmitted weight of each spike of the source.
    pub transmitted: Vec<f64>,
    /// `w` after each spike of the source.
    pub weights: Vec<f64>,
    /// Every variable after the last event, in the order of declaration.
    pub last: Vec<f64>,
    /// `[times][variables]`
    pub samples: Vec<f64>,
}

/// Drives a synapse with the initial weight `weight`. The delay is dendritic: a spike of the target at `t` reaches the synapse
/// at `t + delay`, a spike of the source immediately.
///
/// # Errors
/// `invalid-parameter` for times that are not ascending, a delay below 0, or a weight outside the bounds of the rule;
/// `aborted`.
pub fn drive(
    rule: &Bound,
    weight: f64,
    delay: f64,
    trains: &Trains,
    samples: &Samples,
    control: &Control,
) -> Result<Response> {
    ascending("pre", &trains.pre, SAME)?;
    ascending("post", &trains.post, SAME)?;
    ascending("modulator", &trains.modulator, 0.0)?;
    ascending("sampleTimes", &samples.times, 0.0)?;
    if !(delay.is_finite() && delay >= 0.0) {
        return Err(Error::invalid("delay", delay, "a time in ms of at least 0"));
    }
    check_weight(rule, "weight", weight)?;
    if !rule.sights.is_empty() {
        let expected =
            "a rule that reads only spikes; a rule that reads states of its target needs a network";
        return Err(Error::invalid("synapse", "a rule with sights", expected));
    }
    let mut synapse = Synapse::new(rule, rule.clipped(weight));
    let mut response = Response { transmitted: vec![], weights: vec![], last: vec![], samples: vec![] };
    let (mut pre, mut post) = (trains.pre.iter().peekable(), trains.post.iter().peekable());
    let mut modulator = trains.modulator.iter().peekable();
    let mut times = samples.times.iter().peekable();
    for count in 0u64.. {
        if count % 4096 == 0 {
            control.check()?;
        }
        let next_pre = pre.peek().map_or(f64::INFINITY, |t| **t);
        let next_post = post.peek().map_or(f64::INFINITY, |t| **t + delay);
        let next_modulator = modulator.peek().map_or(f64::INFINITY, |t| **t);
        let now = next_pre.min(next_post).min(next_modulator);
        let margin = if samples.after { -SAME } else { SAME };
        while let Some(&time) = times.next_if(|time| **time < now + margin) {
            response.samples.extend(synapse.at(time));
        }
        if now == f64::INFINITY {
            break;
        }
        let meets = |t: f64| t - now < SAME;
        let sides = [meets(next_pre), meets(next_post)];
        let mut modulator_spikes = 0;
        while modulator.next_if(|t| meets(**t)).is_some() {
            modulator_spikes += 1;
        }
        if let Some(sent) = synapse.event(now, sides, modulator_spikes) {
            response.transmitted.push(sent);
            response.weights.push(synapse.variables[0]);
        }
        if sides[0] {
            pre.next();
        }
        if sides[1] {
            post.next();
        }
    }
    response.last = synapse.variables;
    Ok(response)
}

/// Checks an initial weight.
pub fn check_weight(rule: &Bound, name: &str, weight: f64) -> Result<()> {
    if weight.is_finite() && rule.holds(weight) {
        return Ok(());
    }
    let expected = match rule.bounds {
        Some([low, high]) => format!("a weight from {low} to {high}, the bounds of the rule"),
        None => "a finite number".into(),
    };
    Err(Error::invalid(name, weight, expected))
}

fn ascending(name: &str, times: &[f64], apart: f64) -> Result<()> {
    let wrong = |i: &usize| {
        let before = if *i == 0 { 0.0 } else { times[i - 1] + apart };
        !(times[*i].is_finite() && times[*i] >= before)
    };
    match (0..times.len()).find(wrong) {
        Some(i) => Err(Error::invalid(format!("{name}[{i}]"), times[i], "ascending times in ms, from 0")),
        None => Ok(()),
    }
}

struct Synapse<'a> {
    rule: &'a Bound,
    pre: EventKernel<f64>,
    post: Option<EventKernel<f64>>,
    modulated: Option<EventKernel<f64>>,
    relax: Option<EventKernel<f64>>,
    variables: Vec<f64>,
    /// Values after the last spike of their neuron, and the time of that spike.
    traces: Vec<(f64, f64)>,
    /// The time of the last event.
    time: f64,
    started: bool,
}

impl<'a> Synapse<'a> {
    fn new(rule: &'a Bound, weight: f64) -> Self {
        let kernel = |program| EventKernel::new(rule, program, SimdLevel::Portable);
        let mut variables: Vec<f64> = rule.variables.iter().map(|variable| variable.init).collect();
        variables[0] = weight;
        Synapse {
            pre: kernel(&rule.pre),
            post: rule.post.as_ref().map(kernel),
            modulated: rule.modulated.as_ref().map(kernel),
            relax: rule.relax.as_ref().map(kernel),
            variables,
            traces: vec![(0.0, 0.0); rule.traces.len()],
            time: 0.0,
            started: false,
            rule,
        }
    }

    fn elapsed(&self, now: f64) -> f64 {
        if self.rule.starts_at_first && !self.started { 0.0 } else { now - self.time }
    }

    fn trace(&self, i: usize, now: f64) -> f64 {
        let (value, since) = self.traces[i];
        value * exp(-self.rule.traces[i].rate * (now - since))
    }

    /// The variables at a time without an event.
    fn at(&self, now: f64) -> Vec<f64> {
        match &self.relax {
            Some(relax) => call(relax, &self.variables, &vec![0.0; self.traces.len()], self.elapsed(now)),
            None => self.variables.clone(),
        }
    }

    /// Spikes of the source, the target or the modulator at the same time; returns the transmitted weight.
    fn event(&mut self, now: f64, [pre, post]: [bool; 2], modulator_spikes: usize) -> Option<f64> {
        let before: Vec<f64> = (0..self.traces.len()).map(|i| self.trace(i, now)).collect();
        let spiked = |trace: &Trace| if trace.side == Side::Pre { pre } else { post };
        let after: Vec<f64> = (self.rule.traces.iter().zip(&before))
            .map(|(trace, &x)| if spiked(trace) { trace.jump.after(x) } else { x })
            .collect();
        // The traces that a spike sees: those of its own side before its jump, those of the other side with or without the
        // jump of a simultaneous spike.
        let seen = |side: Side, jumped: bool| -> Vec<f64> {
            let pairs = before.iter().zip(&after).zip(&self.rule.traces);
            pairs.map(|((&b, &a), trace)| if trace.side != side && jumped { a } else { b }).collect()
        };
        let (to_pre, to_post) =
            (seen(Side::Pre, self.rule.pre_sees_post), seen(Side::Post, self.rule.post_sees_pre));
        let mut sent = None;
        // The modulator is applied before a spike of the source and after everything that precedes that.
        if post && !self.rule.post_sees_pre {
            self.change(now, &to_post, |synapse| synapse.post.as_ref());
        }
        for _ in 0..modulator_spikes {
            self.change(now, &before, |synapse| synapse.modulated.as_ref());
        }
        if pre {
            sent = self.change(now, &to_pre, |synapse| Some(&synapse.pre));
        }
        if post && self.rule.post_sees_pre {
            self.change(now, &to_post, |synapse| synapse.post.as_ref());
        }
        for (i, trace) in self.rule.traces.iter().enumerate() {
            if spiked(trace) {
                self.traces[i] = (after[i], now);
            }
        }
        sent
    }
}

impl Synapse<'_> {
    /// Runs the program of an event, if the rule has it; returns the transmitted weight.
    fn change(
        &mut self,
        now: f64,
        traces: &[f64],
        kernel: impl Fn(&Self) -> Option<&EventKernel<f64>>,
    ) -> Option<f64> {
        let outs = call(kernel(self)?, &self.variables, traces, self.elapsed(now));
        let n = self.variables.len();
        self.variables.copy_from_slice(&outs[..n]);
        (self.time, self.started) = (now, true);
        outs.get(n).copied()
    }
}

fn call(kernel: &EventKernel<f64>, variables: &[f64], traces: &[f64], elapsed: f64) -> Vec<f64> {
    let mut outs = vec![0.0; kernel.outs()];
    let states: Vec<&[f64]> = variables.chunks(1).collect();
    let elapsed = [elapsed];
    let ports: Vec<&[f64]> = traces.chunks(1).chain([&elapsed[..]]).collect();
    let mut slots: Vec<&mut [f64]> = outs.chunks_mut(1).collect();
    kernel.run(1, &states, &ports, &mut slots, &mut vec![]);
    outs
}
