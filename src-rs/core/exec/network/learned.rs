//! Learned parameters of neurons: coefficients and descriptions with their present values.

use crate::network::compiled::Network;
use crate::storage::parameter::Parameter;
use lapicque_dynamics::{Bound, BoundParam};
use lapicque_graph::{Description, NodeSpec};
use lapicque_projection::{Element, PANEL, panels};

impl<F: Element> Network<F> {
    /// Computes every population's coefficients and initial values from its parameters; call it after a parameter has
    /// changed.
    #[inline(never)]
    pub fn derive_coefficients(&mut self) {
        for (layer, plan) in self.layers.iter_mut().zip(&self.plan.layers) {
            if !layer.coefs.is_empty() && layer.learned.is_empty() {
                continue;
            }
            let values = current_values(&plan.bound, &layer.learned, &self.parameters);
            layer.coefs = plan.bound.derive(&values).iter().map(|c| padded(c, plan.neurons)).collect();
            layer.starts = plan.bound.starts(&values).iter().map(|x| padded(x, plan.neurons)).collect();
        }
    }

    /// The values of all of a population's parameters; learned ones have their present values.
    pub(crate) fn dynamics_values(&self, layer: usize) -> Vec<Vec<f64>> {
        current_values(&self.plan.layers[layer].bound, &self.layers[layer].learned, &self.parameters)
    }

    /// The description with learned parameters, and those that follow them, at their present values.
    #[inline(never)]
    pub fn current_description(&self) -> Description {
        let mut description = self.description.clone();
        for (l, layer) in self.plan.layers.iter().enumerate() {
            let node = description.nodes.iter_mut().find(|n| n.name() == layer.name);
            let Some(NodeSpec::Dynamics { dynamics, .. }) = node else { continue };
            if self.layers[l].learned.is_empty() {
                continue;
            }
            let values = self.dynamics_values(l);
            let learned = self.layers[l].learned.iter().map(|&(i, _)| (i, values[i].clone()));
            for (i, values) in learned.chain(layer.bound.defaults(&values)) {
                dynamics["params"][layer.bound.params[i].name] = match &values[..] {
                    [one] => serde_json::json!(one),
                    many => serde_json::json!(many),
                };
            }
        }
        description
    }
}

fn current_values<F: Element>(
    bound: &Bound,
    learned: &[(usize, usize)],
    parameters: &[Parameter<F>],
) -> Vec<Vec<f64>> {
    let mut values: Vec<Vec<f64>> = bound.params.iter().map(|p| p.values.clone()).collect();
    for &(i, parameter) in learned {
        values[i] = values_of(&bound.params[i], &parameters[parameter]);
    }
    values
}

/// The present values of a learned parameter: one, or one per neuron.
fn values_of<F: Element>(param: &BoundParam, parameter: &Parameter<F>) -> Vec<f64> {
    parameter.data.iter().flat_map(|x| std::iter::repeat_n(x.to_f64(), param.shared)).collect()
}

/// The padding behind the last neuron repeats the first value, so that no kernel divides by zero there.
fn padded<F: Element>(values: &[f64], neurons: usize) -> Vec<F> {
    let mut out: Vec<F> = values.iter().map(|&x| F::from_f64(x)).collect();
    if out.len() > 1 {
        let first = out[0];
        out.resize(panels(neurons) * PANEL, first);
    }
    out
}
