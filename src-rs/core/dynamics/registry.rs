//! Models as function pointers. The list of all models is [`MODELS`](super::MODELS).

use super::MODELS;
use super::defaults::ComputeDefault;
use super::definition::{Definition, Neuron, Signs, StateDef, Stepped, Wiring};
use super::names::Named;
use super::settings::Settings;
use lapicque_base::error::{Error, Result};
use lapicque_expr::graph::Sym;

/// Maps settings, coefficients, states and ports to the result of a step.
type StepFn = fn(&Settings, &Named<Sym>, &Named<Sym>, &[Sym]) -> Stepped<Sym>;

/// The declarations of a model, with its equations over [`Sym`].
pub struct Model {
    pub definition: fn() -> Definition,
    pub states: fn(&Settings) -> Vec<StateDef>,
    pub wiring: fn() -> Wiring,
    pub signs: fn() -> Signs,
    pub is_graded: fn(&Settings) -> bool,
    pub validate: fn(&mut Settings) -> Result<()>,
    pub computed: ComputeDefault,
    pub derive: fn(&Settings, &Named<Sym>) -> Named<Sym>,
    pub step: StepFn,
}

impl Model {
    pub const fn of<N: Neuron>() -> Model {
        Model {
            definition: N::definition,
            states: |settings| StateDef::used_by(settings, N::definition().states),
            wiring: N::wiring,
            signs: N::signs,
            is_graded: N::is_graded,
            validate: N::validate,
            computed: N::computed::<Sym>,
            derive: N::derive::<Sym>,
            step: N::step::<Sym>,
        }
    }

    pub fn named(key: &str) -> Result<&'static Model> {
        let known = || MODELS.iter().map(|model| (model.definition)().key);
        let found = MODELS.iter().find(|model| (model.definition)().key == key);
        found.ok_or_else(|| Error::unknown("neuron model", key, known()))
    }
}
