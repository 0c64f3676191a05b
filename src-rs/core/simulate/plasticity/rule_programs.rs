//! The programs of a rule, and their arguments.

use super::history::{Decay, History};
use crate::representation::precision::Precision;
use lapicque_base::simd::SimdLevel;
use lapicque_expr::ArgSlot;
use lapicque_plasticity::{Bound, EventKernel, Jump, Side};

/// The programs of a rule, compiled for a level.
pub struct Events<F: Precision> {
    pub pre: EventKernel<F>,
    pub post: Option<EventKernel<F>>,
    pub modulated: Option<EventKernel<F>>,
    pub relax: Option<EventKernel<F>>,
    /// Decay of the source's traces.
    pub decays: Vec<Decay<F>>,
    pub jumps: Vec<Jump>,
    pub post_sees_pre: bool,
    pub pre_sees_post: bool,
    pub starts_at_first: bool,
    /// Whether a program reads the elapsed time.
    pub timed: bool,
    /// Index of the first sight among the ports.
    pub sights: usize,
    pub dt: f64,
}

impl<F: Precision> Events<F> {
    pub fn new(rule: &Bound, dt: f64, level: SimdLevel) -> Self {
        let kernel = |program| EventKernel::new(rule, program, level);
        let programs = [Some(&rule.pre), rule.post.as_ref(), rule.modulated.as_ref(), rule.relax.as_ref()];
        let clock = ArgSlot::Port(rule.traces.len());
        Events {
            timed: programs.into_iter().flatten().any(|program| program.args.contains(&clock)),
            pre: kernel(&rule.pre),
            post: rule.post.as_ref().map(kernel),
            modulated: rule.modulated.as_ref().map(kernel),
            relax: rule.relax.as_ref().map(kernel),
            decays: rule.side(Side::Pre).map(|trace| Decay::new(trace, dt)).collect(),
            jumps: rule.side(Side::Pre).map(|trace| trace.jump).collect(),
            sights: rule.traces.len() + 1,
            post_sees_pre: rule.post_sees_pre,
            pre_sees_post: rule.pre_sees_post,
            starts_at_first: rule.starts_at_first,
            dt,
        }
    }

    /// Index of the elapsed time among the ports.
    pub fn clock(&self, history: &History<F>) -> usize {
        self.decays.len() + history.decays.len()
    }
}
