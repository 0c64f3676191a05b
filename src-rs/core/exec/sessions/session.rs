//! The streaming form of a network: one sample, some steps at a time, state carried. The cost of a
//! step is proportional to the events that enter it plus one update of the neurons.

use crate::network::compiled::Network;
use crate::network::noise::Noise;
use crate::network::state::NetworkState;
pub use crate::sessions::step_input::StepInput;
use crate::sessions::step_input::check_step;
pub use crate::sessions::streaming::Streaming;
use crate::sessions::watched::Watched;
use lapicque_base::error::{Error, Result};
use lapicque_base::instantiated;
use lapicque_graph::Unit;
use lapicque_projection::functions;
use lapicque_projection::{Element, first_non_finite};
use std::sync::Arc;

/// One stream. `push` is synchronous: microseconds.
pub struct Session<F: Element> {
    pub(super) model: Arc<Streaming<F>>,
    pub(super) layers: Vec<LayerNow<F>>,
    /// What each map gives now.
    pub(super) maps: Vec<Vec<F>>,
    /// Of each map that mixes time the rows from now on, `[reach + 1][element]`; of a reduction its state; of a batch norm with
    /// weights of each step which step comes.
    pub(super) coming: Vec<Vec<F>>,
    /// `coming` before the step at work, for a step that is refused.
    pub(super) came: Vec<Vec<F>>,
    pub(super) sums: Vec<F>,
    /// What enters each port of the population at work.
    pub(super) currents: Vec<Vec<F>>,
    pub(super) product: Vec<F>,
    pub(super) kernel: Vec<F>,
    pub(super) steps: u64,
    pub(super) watched: Watched<F>,
}

/// One population now.
pub(super) struct LayerNow<F: Element> {
    /// Before and after the step, taking turns; padded to whole panels.
    pub(super) states: [Vec<Vec<F>>; 2],
    pub(super) words: Vec<u64>,
    /// Ascending neurons that fired in the last step, and in the one before it.
    pub(super) fired: [Vec<u32>; 2],
    pub(super) noise: Noise<F>,
}

impl<F: Element> Session<F> {
    pub fn new(model: Arc<Streaming<F>>) -> Self {
        instantiated!(functions, => Session::new_generic as (
            model: Arc<Streaming<F>> = model,
        ) -> Session<F>)
    }

    fn new_generic(model: Arc<Streaming<F>>) -> Self {
        let mut session = Session {
            model: model.clone(),
            layers: vec![],
            maps: vec![],
            coming: vec![],
            came: vec![],
            sums: vec![],
            currents: vec![],
            product: vec![],
            kernel: vec![],
            steps: 0,
            watched: Watched::default(),
        };
        session.reset();
        session
    }

    /// Another stream on the same weights, at rest.
    pub fn fork(&self) -> Self {
        let mut fork = Session::new(Arc::clone(&self.model));
        fork.watched = self.watched.at_rest();
        fork
    }

    /// About what its weights take, where it is alone on them; nothing of others on the same.
    pub fn own_bytes(&self) -> usize {
        let alone = Arc::strong_count(&self.model) == 1;
        if alone { self.model.network().stored_elements() as usize * 2 * size_of::<F>() } else { 0 }
    }

    /// Puts every neuron at rest.
    pub fn reset(&mut self) {
        instantiated!(functions, 'a => Session::reset_generic as (
            session: &'a mut Session<F> = self,
        ) -> ())
    }

    fn reset_generic(&mut self) {
        let state = NetworkState::rest(self.model.network(), 1);
        self.load(&state);
        self.steps = 0;
        self.watched = self.watched.at_rest();
    }

    /// Time steps pushed since the session began or was reset.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// Ascending neurons of the output population that fired in the last step.
    pub fn output(&self) -> &[u32] {
        &self.layers[self.model.network().plan.output].fired[0]
    }

    /// First state (the membrane potential) of the output population, `[neurons]`.
    pub fn membrane(&self) -> &[F] {
        let plan = &self.model.network().plan;
        &self.layers[plan.output].states[0][0][..plan.layers[plan.output].neurons]
    }

    /// Advances one step; the output population's spikes are then in [`Session::output`].
    ///
    /// # Errors
    /// `invalid-parameter`, `shape-mismatch` and `non-finite` for an input that does not fit, `non-finite` where a state
    /// leaves the numbers. The session is then as it was.
    pub fn step(&mut self, input: StepInput<F>) -> Result<()> {
        instantiated!(functions, 'a => Session::step_generic as (
            session: &'a mut Session<F> = self,
            input: StepInput<'a, F> = input,
        ) -> Result<()>)
    }

    fn step_generic(&mut self, input: StepInput<F>) -> Result<()> {
        let model = self.model.clone();
        let network = model.network();
        check_step(network, input)?;
        self.came.iter_mut().zip(&self.coming).for_each(|(came, coming)| came.copy_from_slice(coming));
        for &unit in &network.plan.order {
            match unit {
                Unit::Layers { first, count } => {
                    for layer in first..first + count {
                        self.currents(&model, layer, first, input);
                        self.advance(network, layer);
                        if let Some(name) = self.left_the_numbers(network, layer) {
                            self.take_back(network, layer);
                            let (layer, step) =
                                (network.plan.layers[layer].name.clone(), self.steps as usize);
                            return Err(Error::NonFinite { layer, step, name });
                        }
                        self.watch(&model, layer, input);
                    }
                }
                Unit::Map(map) => self.map(&model, map, input),
            }
        }
        self.watched.publish();
        self.steps += 1;
        Ok(())
    }

    /// A state of a population that is no longer finite: seldom does it become so again, and no spike tells.
    fn left_the_numbers(&self, network: &Network<F>, layer: usize) -> Option<String> {
        let plan = &network.plan.layers[layer];
        let states = self.layers[layer].states[0].iter().zip(&plan.bound.states);
        // Whole panels are quicker to look at; elements without a neuron count for nothing.
        let mut left = states.filter(|(state, _)| {
            first_non_finite(network.level, state).is_some()
                && state[..plan.neurons].iter().any(|x| !x.is_finite())
        });
        left.next().map(|(_, info)| info.name.to_string())
    }

    /// Undoes the step at work, which has come as far as `last`.
    fn take_back(&mut self, network: &Network<F>, last: usize) {
        let layers = network.plan.order.iter().flat_map(|unit| match *unit {
            Unit::Layers { first, count } => first..first + count,
            Unit::Map(_) => 0..0,
        });
        let mut gone = true;
        for layer in layers.take_while(|&layer| std::mem::replace(&mut gone, layer != last)) {
            let now = &mut self.layers[layer];
            now.states.swap(0, 1);
            now.fired.swap(0, 1);
        }
        std::mem::swap(&mut self.coming, &mut self.came);
    }
}
