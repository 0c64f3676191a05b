//! Recording in a session: the variables of each step that a user reads.

use crate::batch::run::Recording;
use crate::batch::variables::{Variable, product_feeds};
use crate::sessions::session::Session;
use crate::sessions::step_input::StepInput;
use crate::sessions::streaming::Streaming;
use lapicque_base::error::Result;
use lapicque_projection::{Element, PANEL, panels};

/// The recorded variables of each step. For ports and projections it also stores the values, which are not part of any
/// state.
pub(super) struct Watched<F> {
    variables: Vec<(usize, Variable)>,
    now: Vec<Vec<F>>,
    /// Values of the current step, which may still be refused.
    next: Vec<Vec<F>>,
}

impl<F> Default for Watched<F> {
    fn default() -> Self {
        Watched { variables: vec![], now: vec![], next: vec![] }
    }
}

impl<F: Element> Watched<F> {
    pub fn new(variables: &[(usize, Variable)], sizes: impl Iterator<Item = usize>) -> Self {
        let now: Vec<Vec<F>> = sizes.map(|size| vec![F::ZERO; size]).collect();
        Watched { variables: variables.to_vec(), next: now.clone(), now }
    }

    pub fn at_rest(&self) -> Self {
        Watched::new(&self.variables, self.now.iter().map(Vec::len))
    }

    /// Whether a recorded variable needs the currents of each step.
    pub fn reads_currents(&self) -> bool {
        let is_current = |(_, variable): &_| matches!(variable, Variable::Port(_) | Variable::Product);
        self.variables.iter().any(is_current)
    }

    pub fn publish(&mut self) {
        std::mem::swap(&mut self.now, &mut self.next);
    }
}

impl<F: Element> Session<F> {
    /// Records these variables in each step from now on; names as in
    /// [`Network::variable`](crate::network::compiled::Network::variable).
    ///
    /// # Errors
    /// `unknown-name`
    #[inline(never)]
    pub fn record(&mut self, names: &[String]) -> Result<()> {
        let network = self.model.network();
        let variables = names.iter().map(|name| network.variable(name)).collect::<Result<Vec<_>>>()?;
        let size = |&(index, variable): &(usize, Variable)| match variable {
            Variable::Port(_) | Variable::Product => network.recorded(index, variable),
            _ => 0,
        };
        self.watched = Watched::new(&variables, variables.iter().map(size));
        Ok(())
    }

    /// The recorded variable `i` after the last step. Before the first step it is the state of rest, and zeros for
    /// ports and layers without a state.
    #[inline(never)]
    pub fn recorded(&self, i: usize) -> Option<Recording<F>> {
        let network = self.model.network();
        let &(index, variable) = self.watched.variables.get(i)?;
        let neurons = || network.plan.layers[index].neurons;
        Some(match variable {
            Variable::Spikes => {
                let mut spikes = vec![0; neurons()];
                self.layers[index].fired[0].iter().for_each(|&n| spikes[n as usize] = 1);
                Recording::Spikes(spikes)
            }
            Variable::State(state) => {
                Recording::State(self.layers[index].states[0][state][..neurons()].to_vec())
            }
            Variable::Values => {
                let map = &network.plan.maps[index];
                let offsets = (0..map.shape.elements()).map(|n| map.offset(n));
                Recording::State(offsets.map(|offset| self.maps[index][offset]).collect())
            }
            Variable::Port(_) | Variable::Product => Recording::State(self.watched.now[i].clone()),
        })
    }

    /// Stores the currents of the ports of a population that has just run its step, and the outputs of its projections.
    pub(super) fn watch(&mut self, model: &Streaming<F>, layer: usize, input: StepInput<F>) {
        if self.watched.variables.is_empty() {
            return;
        }
        let plan = &model.network.plan;
        let mut watched = std::mem::take(&mut self.watched);
        for (i, &(index, variable)) in watched.variables.iter().enumerate() {
            let next = &mut watched.next[i];
            match variable {
                Variable::Port(port) if index == layer => {
                    next.copy_from_slice(&self.currents[port][..plan.layers[layer].neurons]);
                }
                Variable::Product => {
                    let Some((_, feeds)) = product_feeds(plan, index).filter(|(to, _)| *to == layer) else {
                        continue;
                    };
                    let outputs = plan.projections[index].outputs;
                    let mut product = vec![F::ZERO; panels(outputs) * PANEL];
                    for (feed, next) in feeds.into_iter().zip(next.chunks_mut(outputs)) {
                        self.product(model, layer, feed, 0, input, &mut product);
                        next.copy_from_slice(&product[..outputs]);
                    }
                }
                _ => {}
            }
        }
        self.watched = watched;
    }
}
