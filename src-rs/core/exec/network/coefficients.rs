//! A population's coefficients in the form that the kernels read.

use crate::network::compiled::Network;
use crate::storage::geometry::Geometry;
use lapicque_expr::Arg;
use lapicque_projection::{Element, PANEL};

/// Coefficients of one panel as kernel arguments; per-neuron values are repeated for every sample.
pub(crate) struct Coefficients<F> {
    values: Vec<Vec<F>>,
}

impl<F: Element> Coefficients<F> {
    pub fn new(network: &Network<F>, layer: usize, panel: usize, g: &Geometry) -> Self {
        let expand = |c: &Vec<F>| match c.len() {
            1 => c.clone(),
            _ => c[panel * PANEL..(panel + 1) * PANEL].repeat(g.tile),
        };
        Coefficients { values: network.layers[layer].coefs.iter().map(expand).collect() }
    }

    pub fn arg(&self, k: usize) -> Arg<'_, F> {
        match &self.values[k][..] {
            [one] => Arg::Uniform(*one),
            elements => Arg::Elements(elements),
        }
    }
}
