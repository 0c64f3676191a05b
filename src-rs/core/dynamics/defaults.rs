//! Defaults that are expressions of other parameters. Such a parameter follows the others: its value is computed wherever
//! theirs are, and its gradient is added to theirs.

use super::decay::MEMBRANE;
use super::definition::Fallback;
use super::derivation::{Output, evaluate};
use super::names::Named;
use super::settings::{Param, Settings};
use lapicque_expr::Scalar;
use lapicque_expr::graph::{Sym, input, trace};

/// Computes a parameter whose default is [`Fallback::Computed`] from the others.
pub type ComputeDefault = fn(&Settings, &Named<Sym>, &str) -> Sym;

/// All parameters by name; `own` are the values of those that are given.
pub fn complete<L: Scalar>(
    settings: &Settings,
    own: impl Fn(usize) -> L,
    computed: fn(&Settings, &Named<L>, &str) -> L,
) -> Named<L> {
    let params = &settings.params;
    let value = |i: usize| {
        let (mut i, mut visited) = (i, 0);
        while let Some(Fallback::Same(other)) = params[i].follows {
            match params.iter().position(|param| param.name == other) {
                Some(source) if visited < params.len() => (i, visited) = (source, visited + 1),
                _ => return L::zero(),
            }
        }
        own(i)
    };
    let mut named: Named<L> = params.iter().enumerate().map(|(i, param)| (param.name, value(i))).collect();
    for param in params {
        let x = match param.follows {
            Some(Fallback::MembraneOver(capacitance)) => {
                MEMBRANE.tau(settings, &named) / L::constant(capacitance)
            }
            Some(Fallback::Computed(_)) => computed(settings, &named, param.name),
            _ => continue,
        };
        named = named.iter().map(|(name, old)| (name, if name == param.name { x } else { old })).collect();
    }
    named
}

impl Settings {
    /// Sets the values of parameters that follow others.
    pub fn fill_defaults(&mut self, computed: ComputeDefault) {
        let follows = |param: &Param| param.follows.is_some();
        if !self.params.iter().any(follows) {
            return;
        }
        let (graph, named) = trace(true, || complete(self, input, computed));
        let followers: Vec<usize> = (0..self.params.len()).filter(|&i| follows(&self.params[i])).collect();
        let nodes = followers.iter().map(|&i| named.get(self.params[i].name)).collect();
        let outputs = Output::all(&graph, self.params.len(), nodes);
        let given: Vec<Vec<f64>> =
            self.params.iter_mut().map(|param| std::mem::take(&mut param.values)).collect();
        let values = evaluate(&graph, &outputs, &given, self.dt, 0);
        self.params.iter_mut().zip(given).for_each(|(param, values)| param.values = values);
        followers.into_iter().zip(values).for_each(|(i, values)| self.params[i].values = values);
    }
}
