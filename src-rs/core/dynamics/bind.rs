//! A model bound to a description: parameters checked, options folded, the two programs lowered.

use serde_json::{Map, Value};

use super::definition::Definition;
use super::derivation::{Coef, CoefKind, Derivation};
use super::names::Named;
use super::registry::Model;
use super::settings::{Settings, short};
use super::surrogate::Surrogate;
use crate::error::{Error, Result};
use crate::expr::adjoint::backward;
use crate::expr::graph::{Sym, input, trace};
use crate::expr::{ArgSlot, Lane, OutSlot, Program};

pub use super::settings::Param as BoundParam;

/// A state variable that a run carries from step to step.
#[derive(Debug, Clone, PartialEq)]
pub struct StateInfo {
    pub name: &'static str,
    pub unit: &'static str,
    /// Initial value: one, or one per neuron.
    pub init: Vec<f64>,
}

/// A neuron model with everything decided but the values that flow through it.
#[derive(Debug, Clone)]
pub struct Bound {
    pub states: Vec<StateInfo>,
    pub ports: Vec<&'static str>,
    pub spiking: bool,
    /// One step. Outs: every state in order, then the spike if the model spikes.
    pub forward: Program,
    /// One step backwards. Outs that are identically zero are absent.
    pub adjoint: Program,
    pub params: Vec<BoundParam>,
    /// Names of the coefficients, in slot order.
    pub coefs: Vec<String>,
    model: &'static str,
    pub(super) settings: Settings,
    surrogate: Option<Surrogate>,
    derivation: Derivation,
}

impl Bound {
    /// Binds `spec`, the JSON of one neuron description, for `n` neurons and steps of `dt` ms.
    ///
    /// # Errors
    /// `unknown-name` for a model, preset, option, parameter or surrogate that does not exist,
    /// `invalid-parameter` for a value out of range, `shape-mismatch` for a list that is not one value
    /// per neuron, `equation` for a surrogate's expression.
    pub fn new(spec: &Value, n: usize, dt: f64) -> Result<Bound> {
        let spec = spec.as_object().ok_or_else(|| Error::invalid("neuron", short(spec), "an object"))?;
        if n == 0 {
            return Err(Error::invalid("neurons", n, "at least one neuron"));
        }
        let key = match spec.get("model") {
            Some(Value::String(key)) => key,
            other => {
                let got = other.map_or("nothing".into(), short);
                return Err(Error::invalid("model", got, "the name of a neuron model"));
            }
        };
        let model = Model::named(key)?;
        let definition = (model.definition)();
        let mut settings = Settings::resolve(&definition, spec, n, dt)?;
        (model.settle)(&mut settings)?;
        settings.check_learned()?;
        let surrogate = match definition.spiking {
            true => {
                let preset = definition.presets.iter().find(|preset| Some(preset.name) == settings.like);
                let preset = preset.and_then(|preset| preset.surrogate);
                Some(Surrogate::resolve(spec.get("surrogate"), preset)?)
            }
            false => None,
        };

        let (derivation, coefs) = Derivation::trace(model, &definition, &settings);
        let step = Step { model, definition: &definition, settings: &settings, coefs: &coefs };
        let (forward, adjoint) = step.lower(surrogate.as_ref());
        let mut names: Vec<String> = step.slots().map(|(name, ..)| name.to_string()).collect();
        names.extend(surrogate.iter().flat_map(Surrogate::names).map(|name| format!("surrogate.{name}")));
        let initial = |name| settings.param(name).map_or(vec![0.0], |param| param.values.clone());
        let states = (model.states)(&settings)
            .iter()
            .map(|state| StateInfo {
                name: state.name,
                unit: state.unit,
                init: state.init.map_or(vec![0.0], initial),
            })
            .collect();
        Ok(Bound {
            states,
            ports: definition.ports,
            spiking: definition.spiking,
            forward,
            adjoint,
            params: settings.params.clone(),
            coefs: names,
            model: definition.key,
            settings,
            surrogate,
            derivation,
        })
    }

    /// The coefficients in slot order, each one value or one per neuron. `params`: the values of
    /// [`Bound::params`], in that order.
    pub fn derive(&self, params: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let mut coefs = self.derivation.derive(params);
        coefs.extend(self.surrogate.iter().flat_map(Surrogate::values).map(|x| vec![x]));
        coefs
    }

    /// Gradients with respect to the learned parameters, from those with respect to the coefficients
    /// (in slot order, each one value or one per neuron; absent ones are zero). A parameter with one
    /// value gets the sum over the neurons, taken in ascending order.
    pub fn derive_adjoint(
        &self,
        params: &[Vec<f64>],
        grad_coefs: &[Option<Vec<f64>>],
    ) -> Vec<Option<Vec<f64>>> {
        self.derivation.derive_adjoint(params, grad_coefs)
    }

    /// The description with every default and preset written out: what files store.
    pub fn resolved(&self) -> Value {
        let mut spec = Map::new();
        spec.insert("model".into(), self.model.into());
        self.settings.write(&mut spec);
        if let Some(surrogate) = &self.surrogate {
            spec.insert("surrogate".into(), surrogate.resolved());
        }
        Value::Object(spec)
    }
}

/// What the trace of a step needs.
struct Step<'a> {
    model: &'a Model,
    definition: &'a Definition,
    settings: &'a Settings,
    coefs: &'a [Coef],
}

impl Step<'_> {
    /// Name, uniformity and learnedness of each slot.
    fn slots(&self) -> impl Iterator<Item = (&'static str, bool, bool)> {
        self.coefs.iter().filter_map(|coef| match coef.kind {
            CoefKind::Slot { uniform, learned, .. } => Some((coef.name, uniform, learned)),
            CoefKind::Const(_) => None,
        })
    }

    /// The forward program and its adjoint.
    fn lower(&self, surrogate: Option<&Surrogate>) -> (Program, Program) {
        let states = (self.model.states)(self.settings);
        let derived = self.slots().count();
        let n_coefs = derived + surrogate.map_or(0, |surrogate| surrogate.names().count());
        let mut inputs: Vec<ArgSlot> = Vec::new();
        let (mut forward, mut adjoint) = (Vec::new(), Vec::new());
        let (graph, ()) = trace(false, || {
            let mut arg = |slot: ArgSlot| {
                inputs.push(slot);
                input(inputs.len() - 1)
            };
            let old: Named<Sym> =
                states.iter().enumerate().map(|(i, state)| (state.name, arg(ArgSlot::State(i)))).collect();
            let ports: Vec<Sym> = (0..self.definition.ports.len()).map(|i| arg(ArgSlot::Port(i))).collect();
            let slots: Vec<Sym> = (0..n_coefs).map(|i| arg(ArgSlot::Coef(i))).collect();
            let coefs: Named<Sym> = (self.coefs.iter())
                .map(|coef| match coef.kind {
                    CoefKind::Const(x) => (coef.name, Sym::constant(x)),
                    CoefKind::Slot { slot, .. } => (coef.name, slots[slot]),
                })
                .collect();
            let stepped = (self.model.step)(self.settings, &coefs, &old, &ports);
            forward.extend(stepped.states.iter().enumerate().map(|(i, &x)| (OutSlot::State(i), x)));
            forward.extend(stepped.spike.map(|spike| (OutSlot::Spike, spike)));

            let mut seeds: Vec<(Sym, Sym)> = Vec::new();
            let mut tape: Vec<(Sym, Sym)> = Vec::new();
            for (i, &new) in stepped.states.iter().enumerate() {
                seeds.push((new, arg(ArgSlot::GradState(i))));
                tape.push((new, arg(ArgSlot::NewState(i))));
            }
            seeds.extend(stepped.spike.map(|spike| (spike, arg(ArgSlot::GradSpike))));
            let derivative = |x: Sym| match surrogate {
                Some(surrogate) => surrogate.derivative(x, &slots[derived..]),
                None => Sym::zero(),
            };
            let gradients = backward(&seeds, &tape, &derivative);
            let mut out = |slot: OutSlot, x: Sym| adjoint.extend(gradients.of(x).map(|g| (slot, g)));
            old.iter().enumerate().for_each(|(i, (_, x))| out(OutSlot::GradState(i), x));
            ports.iter().enumerate().for_each(|(i, &x)| out(OutSlot::GradPort(i), x));
            for (i, (_, _, learned)) in self.slots().enumerate() {
                if learned {
                    out(OutSlot::GradCoef(i), slots[i]);
                }
            }
        });
        let uniform: Vec<bool> = self.slots().map(|(_, uniform, _)| uniform).collect();
        let is_uniform = |slot: ArgSlot| match slot {
            ArgSlot::Coef(i) => uniform.get(i).copied().unwrap_or(true),
            _ => false,
        };
        let lower = |outs: &[(OutSlot, Sym)]| Program::lower(&graph, &inputs, is_uniform, outs);
        (lower(&forward), lower(&adjoint))
    }
}
