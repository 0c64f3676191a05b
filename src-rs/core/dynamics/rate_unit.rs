//! A unit without memory whose output is a function of its current, as in an artificial neural network.

use super::definition::{Definition, Neuron, OptionDef, Stepped};
use super::names::Named;
use super::settings::Settings;
use super::slstm::gate_state;
use lapicque_expr::Scalar;

pub struct RateUnit;

impl Neuron for RateUnit {
    fn definition() -> Definition {
        Definition {
            key: "rate-unit",
            title: "rate unit",
            equation: "v = activation(x)",
            update: "v[t] = activation(x[t])",
            source: "P. Dayan, L. F. Abbott, Theoretical Neuroscience, MIT Press 2001, section 7.2",
            states: vec![gate_state("v", "rate")],
            params: vec![],
            options: vec![OptionDef {
                name: "activation",
                values: &["identity", "tanh", "sigmoid", "relu", "squared-relu"],
                meaning: "the function of the current; squared-relu is max(0, x)^2",
            }],
            ports: vec!["current"],
            ..Definition::default()
        }
    }

    fn derive<L: Scalar>(_: &Settings, _: &Named<L>) -> Named<L> {
        Named::default()
    }

    fn step<L: Scalar>(s: &Settings, _: &Named<L>, _: &Named<L>, ports: &[L]) -> Stepped<L> {
        let x = ports[0];
        let v = match s.option("activation") {
            "tanh" => x.tanh(),
            "sigmoid" => x.sigmoid(),
            "relu" => L::zero().max(x),
            "squared-relu" => L::zero().max(x).square(),
            _ => x,
        };
        Stepped { states: vec![v], spike: None }
    }
}
