//! Lowers equations to programs: a step is run on symbols, which records it as a graph, and the graph is lowered.

use super::bind::{NoiseInfo, StateInfo};
use super::defaults::ComputeDefault;
use super::definition::{Stepped, Wiring};
use super::derivation::{Coef, CoefKind};
use super::names::Named;
use super::surrogate::Surrogate;
use lapicque_expr::adjoint::backward;
use lapicque_expr::affine::affine;
use lapicque_expr::graph::{Binary, Graph, Op, Repeat, Sym, Unary, input, recording, trace, trace_rolled};
use lapicque_expr::transplant::transplant;
use lapicque_expr::{ArgSlot, OutSlot, Program, Scalar};
use std::cell::RefCell;

/// A step as `count` repetitions of one program, a sub-step, so that any number of sub-steps can be compiled ahead of
/// time. The result has the same bits as that of [`Bound::forward`](super::Bound::forward).
#[derive(Debug, Clone)]
pub struct Rolled {
    pub count: usize,
    /// Its outputs are the variables before the first sub-step.
    pub before: Program,
    /// Its outputs are the variables after a sub-step.
    pub sub_step: Program,
    /// Computes the outputs of the step from the variables after the last sub-step.
    pub after: Program,
    /// Present if the number of sub-steps depends on an error estimate.
    pub adaptive: Option<Adaptive>,
}

/// How the error of a sub-step determines the number of sub-steps. The last variable of a sub-step is the error.
#[derive(Debug, Clone)]
pub struct Adaptive {
    pub tolerance: f64,
    /// Ascending, all below [`Rolled::count`].
    pub candidates: Vec<Candidate>,
}

/// A number of sub-steps.
#[derive(Debug, Clone)]
pub struct Candidate {
    pub sub_steps: usize,
    /// Pairs of a coefficient slot of the sub-step and the slot that replaces it in sub-steps of this length.
    pub slots: Vec<(usize, usize)>,
}

/// Maps coefficients, states, ports and random numbers to the result of a step.
type StepOf<'a> = dyn Fn(&Named<Sym>, &[Sym], &[Sym], &[Sym]) -> Stepped<Sym> + 'a;

/// Equations over [`Sym`], the type that records them.
pub struct Traceable<'a> {
    pub states: Vec<StateInfo>,
    pub output: Option<usize>,
    pub wiring: Wiring,
    pub noise: Option<NoiseInfo>,
    /// The value at which a parameter of this name is folded away.
    pub neutral: &'a dyn Fn(&str) -> Option<f64>,
    pub computed: ComputeDefault,
    pub derive: &'a dyn Fn(&Named<Sym>) -> Named<Sym>,
    pub step: &'a StepOf<'a>,
}

/// The data for tracing a step.
pub struct Step<'a> {
    pub equations: &'a Traceable<'a>,
    pub ports: usize,
    pub coefs: &'a [Coef],
}

/// A step on inputs of the graph, as recorded.
struct Recorded {
    old: Vec<Sym>,
    ports: Vec<Sym>,
    coefs: Vec<Sym>,
    stepped: Stepped<Sym>,
}

impl Recorded {
    fn outs(&self) -> Vec<(OutSlot, Sym)> {
        let states = self.stepped.states.iter().enumerate().map(|(i, &x)| (OutSlot::State(i), x));
        states.chain(self.stepped.spike.map(|spike| (OutSlot::Spike, spike))).collect()
    }
}

/// Inputs numbered from here on stand for derivatives of spikes while a step is analyzed; no step has that many inputs.
const PLACEHOLDERS: usize = 1 << 24;

/// 1 where all factors of `gradient` in `outs` are 0; `None` if they are not linear in it.
fn all_factors_zero(outs: &[(OutSlot, Sym)], gradient: Sym) -> Option<Sym> {
    let outs: Vec<Sym> = outs.iter().map(|&(_, out)| out).collect();
    let mut factors: Vec<Sym> = Vec::new();
    for form in affine(&outs, &[gradient], &[]) {
        let factor = form?.coefs[0].filter(|factor| !factors.contains(factor));
        factors.extend(factor);
    }
    // A multiple of another factor is 0 wherever that factor is 0.
    let multiple = |factor: Sym| match recording(|graph| graph.op(factor)) {
        Op::Unary(Unary::Neg, a) => factors.contains(&a),
        Op::Binary(Binary::Mul, a, b) => factors.contains(&a) || factors.contains(&b),
        _ => false,
    };
    // NaN does not count as 0.
    let zero = |x: Sym| x.at_least(Sym::zero()) * Sym::zero().at_least(x);
    let own: Vec<Sym> = factors.iter().copied().filter(|&factor| !multiple(factor)).collect();
    own.into_iter().map(zero).reduce(|a, b| a * b)
}

impl Step<'_> {
    /// Name, uniformity and learnedness of each slot.
    pub fn slots(&self) -> impl Iterator<Item = (&'static str, bool, bool)> {
        self.coefs.iter().filter_map(|coef| match coef.kind {
            CoefKind::Slot { uniform, learned, .. } => Some((coef.name, uniform, learned)),
            CoefKind::Const(_) => None,
        })
    }

    /// The inputs of the graph: all arguments of a step, with this number of coefficients.
    fn inputs(&self, coefs: usize) -> Vec<ArgSlot> {
        let draws = self.equations.noise.map_or(0, |noise| noise.draws);
        let states = (0..self.equations.states.len()).map(ArgSlot::State);
        let ports_and_noise = (0..self.ports).map(ArgSlot::Port).chain((0..draws).map(ArgSlot::Noise));
        states.chain(ports_and_noise).chain((0..coefs).map(ArgSlot::Coef)).collect()
    }

    fn record(&self, inputs: &[ArgSlot]) -> Recorded {
        let of = |kind: fn(&ArgSlot) -> bool| -> Vec<Sym> {
            inputs.iter().enumerate().filter(|(_, slot)| kind(slot)).map(|(i, _)| input(i)).collect()
        };
        let old = of(|slot| matches!(slot, ArgSlot::State(_)));
        let ports = of(|slot| matches!(slot, ArgSlot::Port(_)));
        let noise = of(|slot| matches!(slot, ArgSlot::Noise(_)));
        let slots = of(|slot| matches!(slot, ArgSlot::Coef(_)));
        let coefs: Named<Sym> = (self.coefs.iter())
            .map(|coef| match coef.kind {
                CoefKind::Const(x) => (coef.name, Sym::constant(x)),
                CoefKind::Slot { slot, .. } => (coef.name, slots[slot]),
            })
            .collect();
        let stepped = (self.equations.step)(&coefs, &old, &ports, &noise);
        Recorded { old, ports, coefs: slots, stepped }
    }

    fn program(&self, graph: &Graph, inputs: &[ArgSlot], outs: &[(OutSlot, Sym)]) -> Program {
        let uniform: Vec<bool> = self.slots().map(|(_, uniform, _)| uniform).collect();
        let is_uniform = |slot: ArgSlot| match slot {
            ArgSlot::Coef(i) => uniform.get(i).copied().unwrap_or(true),
            _ => false,
        };
        Program::lower(graph, inputs, is_uniform, outs)
    }

    /// The forward program and its adjoint.
    pub fn lower(&self, surrogate: Option<&Surrogate>) -> (Program, Program) {
        let mut inputs = self.inputs_with(surrogate);
        let (graph, (forward, adjoint)) = trace(false, || {
            let recorded = self.record(&inputs);
            let derivative = |x: Sym| match surrogate {
                Some(surrogate) => self.surrogate_derivative(&recorded, surrogate, x),
                None => Sym::zero(),
            };
            let adjoint = self.adjoint(&recorded, &mut inputs, &derivative);
            (recorded.outs(), adjoint)
        });
        (self.program(&graph, &inputs, &forward), self.program(&graph, &inputs, &adjoint))
    }

    /// A program with one output, a spike, which is above 0 where the adjoint reads the gradient with respect to the
    /// spike. Where all factors of that gradient are 0, nothing depends on it. `None` if the surrogate's derivative
    /// vanishes nowhere, or if the adjoint is not linear in that gradient.
    pub fn active(&self, surrogate: &Surrogate) -> Option<Program> {
        if !surrogate.vanishes() {
            return None;
        }
        let mut inputs = self.inputs_with(Some(surrogate));
        // Each derivative of a spike is first an input, which counts as finite, so the adjoint needs no guards against
        // other values.
        let spikes: RefCell<Vec<[Sym; 2]>> = RefCell::default();
        let (graph, (old_inputs, all_zero)) = trace(false, || {
            let recorded = self.record(&inputs);
            let derivative = |x: Sym| {
                let mut spikes = spikes.borrow_mut();
                let placeholder = input(PLACEHOLDERS + spikes.len());
                spikes.push([placeholder, self.surrogate_derivative(&recorded, surrogate, x)]);
                placeholder
            };
            let outs = self.adjoint(&recorded, &mut inputs, &derivative);
            let old_inputs: Vec<Sym> = (0..inputs.len()).map(input).collect();
            let gradient = inputs.iter().position(|&slot| slot == ArgSlot::GradSpike).map(input);
            (old_inputs, gradient.and_then(|gradient| all_factors_zero(&outs, gradient)))
        });
        let all_zero = all_zero?;
        let (graph, active) = trace(false, || {
            let mut substitutions: Vec<(Sym, Sym)> =
                old_inputs.into_iter().enumerate().map(|(i, old)| (old, input(i))).collect();
            for [placeholder, derivative] in spikes.into_inner() {
                let moved = transplant(&graph, &substitutions, &[derivative]);
                substitutions.push((placeholder, moved[0]));
            }
            transplant(&graph, &substitutions, &[all_zero])[0].not()
        });
        Some(self.program(&graph, &inputs, &[(OutSlot::Spike, active)]))
    }

    /// The inputs of the graph of a step, including the parameters of a surrogate.
    fn inputs_with(&self, surrogate: Option<&Surrogate>) -> Vec<ArgSlot> {
        self.inputs(self.slots().count() + surrogate.map_or(0, |surrogate| surrogate.names().count()))
    }

    /// The derivative of a spike at `x`.
    fn surrogate_derivative(&self, recorded: &Recorded, surrogate: &Surrogate, x: Sym) -> Sym {
        surrogate.derivative(x, &recorded.coefs[self.slots().count()..])
    }

    /// The outputs of the adjoint of a recorded step. Extends the graph, and `inputs` by the arguments that the adjoint
    /// reads.
    fn adjoint(
        &self,
        recorded: &Recorded,
        inputs: &mut Vec<ArgSlot>,
        derivative: &dyn Fn(Sym) -> Sym,
    ) -> Vec<(OutSlot, Sym)> {
        let Recorded { old, ports, coefs, stepped } = recorded;
        let mut arg = |slot: ArgSlot| {
            inputs.push(slot);
            input(inputs.len() - 1)
        };
        let mut seeds: Vec<(Sym, Sym)> = Vec::new();
        let mut tape: Vec<(Sym, Sym)> = Vec::new();
        for (i, &new) in stepped.states.iter().enumerate() {
            seeds.push((new, arg(ArgSlot::GradState(i))));
            tape.push((new, arg(ArgSlot::NewState(i))));
        }
        seeds.extend(stepped.spike.map(|spike| (spike, arg(ArgSlot::GradSpike))));
        let gradients = backward(&seeds, &tape, derivative);
        let mut adjoint = Vec::new();
        let mut out = |slot: OutSlot, x: Sym| adjoint.extend(gradients.of(x).map(|g| (slot, g)));
        old.iter().enumerate().for_each(|(i, &x)| out(OutSlot::GradState(i), x));
        ports.iter().enumerate().for_each(|(i, &x)| out(OutSlot::GradPort(i), x));
        for (i, (_, _, learned)) in self.slots().enumerate() {
            if learned {
                out(OutSlot::GradCoef(i), coefs[i]);
            }
        }
        adjoint
    }

    /// The step as sub-steps; `None` if it has only one.
    pub fn roll(&self, adaptive: Option<Adaptive>) -> Option<Rolled> {
        let mut inputs = self.inputs(self.slots().count());
        let (graph, recorded) = trace_rolled(false, inputs.len(), || self.record(&inputs));
        let Repeat { count, first, next } = graph.repeat()?;
        let variables = 0..first.len();
        inputs.extend(variables.clone().chain(variables).map(ArgSlot::Variable));
        let program = |outs: &[(OutSlot, Sym)]| self.program(&graph, &inputs, outs);
        let each = |of: &[Sym]| -> Vec<(OutSlot, Sym)> {
            of.iter().enumerate().map(|(i, &x)| (OutSlot::Variable(i), x)).collect()
        };
        Some(Rolled {
            count: *count,
            before: program(&each(first)),
            sub_step: program(&each(next)),
            after: program(&recorded.outs()),
            adaptive,
        })
    }
}
