//! The streaming form of a network: one sample, a few steps at a time, with the state carried over. The cost of a step
//! is proportional to the number of its input events, plus one update of the neurons.

use crate::network::compiled::Network;
use crate::network::noise::Noise;
use crate::network::state::NetworkState;
use crate::plan::estimate::state_bytes;
pub use crate::sessions::step_input::StepInput;
use crate::sessions::step_input::check_step;
use crate::sessions::stillness::{StillInputs, Stillness};
pub use crate::sessions::streaming::Streaming;
use crate::sessions::watched::Watched;
use lapicque_base::error::{Error, Result};
use lapicque_base::memory;
use lapicque_graph::Unit;
use lapicque_projection::{Element, PANEL, first_non_finite};
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// One stream. `push` is synchronous: microseconds.
pub struct Session<F: Element> {
    pub(super) model: Arc<Streaming<F>>,
    pub(super) layers: Vec<LayerNow<F>>,
    /// The present values of each operation.
    pub(super) maps: Vec<Vec<F>>,
    /// By operation. If it mixes time: the rows from this step on, `[reach + 1][element]`. For a reduction: its state.
    /// For a batch norm with weights per step: the number of the next step.
    pub(super) pending: Vec<Vec<F>>,
    /// `pending` before the current step, to restore it if the step is refused.
    pub(super) previous_pending: Vec<Vec<F>>,
    pub(super) sums: Vec<F>,
    /// The input of each port of the current population.
    pub(super) currents: Vec<Vec<F>>,
    pub(super) product: Vec<F>,
    pub(super) kernel: Vec<F>,
    pub(super) steps: u64,
    pub(super) watched: Watched<F>,
    pub(super) still: StillInputs,
}

/// The state of one population.
pub(super) struct LayerNow<F: Element> {
    /// Before and after the step, swapped at each step; padded to whole panels.
    pub(super) states: [Vec<Vec<F>>; 2],
    pub(super) words: Vec<u64>,
    /// Ascending neurons that fired in the last step, and in the one before it.
    pub(super) fired: [Vec<u32>; 2],
    pub(super) noise: Noise<F>,
    pub(super) still: Stillness<F>,
}

impl<F: Element> Session<F> {
    /// A stream at rest.
    ///
    /// # Errors
    /// `too-large` if its state does not fit into memory.
    #[inline(never)]
    pub fn new(model: Arc<Streaming<F>>) -> Result<Self> {
        // A session holds its state twice, and makes two more copies while it is reset.
        let state = state_bytes(&model.network().plan, 1, size_of::<F>() as u64);
        memory::check("a session", state.saturating_mul(4))?;
        let mut session = Session {
            model: model.clone(),
            layers: vec![],
            maps: vec![],
            pending: vec![],
            previous_pending: vec![],
            sums: vec![],
            currents: vec![],
            product: vec![],
            kernel: vec![],
            steps: 0,
            watched: Watched::default(),
            still: StillInputs::default(),
        };
        session.reset();
        Ok(session)
    }

    /// Another stream with the same weights, at rest.
    ///
    /// # Errors
    /// `too-large` if its state does not fit into memory.
    pub fn fork(&self) -> Result<Self> {
        let mut fork = Session::new(Arc::clone(&self.model))?;
        fork.watched = self.watched.at_rest();
        Ok(fork)
    }

    /// Approximate size of its weights if no other session shares them, otherwise 0.
    pub fn own_bytes(&self) -> usize {
        let is_only_owner = Arc::strong_count(&self.model) == 1;
        if is_only_owner { self.model.network().stored_elements() as usize * 2 * size_of::<F>() } else { 0 }
    }

    /// Sets every neuron to its state of rest.
    #[inline(never)]
    pub fn reset(&mut self) {
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
    /// `invalid-parameter`, `shape-mismatch` and `non-finite` for an invalid input; `non-finite` if a state becomes NaN
    /// or infinite. The session is then unchanged.
    #[inline(never)]
    pub fn step(&mut self, input: StepInput<F>) -> Result<()> {
        let model = self.model.clone();
        let network = model.network();
        check_step(network, input)?;
        self.begin_input(input);
        self.previous_pending
            .iter_mut()
            .zip(&self.pending)
            .for_each(|(previous, pending)| previous.copy_from_slice(pending));
        for &unit in &network.plan.order {
            match unit {
                Unit::Layers { first, count } => {
                    for layer in first..first + count {
                        if self.is_still(network, layer, first) {
                            self.pass(layer);
                            continue;
                        }
                        let are_same = self.has_same_currents(network, layer, first);
                        if !(are_same && self.layers[layer].still.give(&mut self.currents)) {
                            self.currents(&model, layer, first, input);
                        }
                        let moved = self.advance(network, layer, are_same);
                        if let Some(name) = self.non_finite_state(network, layer, &moved) {
                            self.undo_step(network, layer);
                            let (layer, step) =
                                (network.plan.layers[layer].name.clone(), self.steps as usize);
                            return Err(Error::NonFinite { layer, step, name });
                        }
                        self.watch(&model, layer, input);
                        self.layers[layer].still.keep(&mut self.currents);
                    }
                }
                Unit::Map(map) => {
                    if !self.note_map(network, map) {
                        self.map(&model, map, input);
                    }
                }
            }
        }
        self.watched.publish();
        self.steps += 1;
        Ok(())
    }

    /// Advances by up to `steps` steps without input, and stops after the first in which output neurons fire, or after a few
    /// milliseconds. Returns the number of steps. Those that change nothing cost nothing.
    ///
    /// # Errors
    /// `non-finite` if a state becomes NaN or infinite; the steps before are kept.
    #[inline(never)]
    pub fn advance_without_input(&mut self, steps: u64) -> Result<u64> {
        const AT_MOST: Duration = Duration::from_millis(2);
        let model = self.model.clone();
        let began = Instant::now();
        let mut done = 0;
        while done < steps {
            if self.is_at_rest(model.network()) {
                self.steps += steps - done;
                return Ok(steps);
            }
            self.step(StepInput::Events(&[]))?;
            done += 1;
            if !self.output().is_empty() || (done.is_multiple_of(16) && began.elapsed() > AT_MOST) {
                break;
            }
        }
        Ok(done)
    }

    /// The name of a state that is NaN or infinite. Such a state rarely becomes finite again, and the spikes do not
    /// show it.
    fn non_finite_state(&self, network: &Network<F>, layer: usize, moved: &[Range<usize>]) -> Option<String> {
        let plan = &network.plan.layers[layer];
        let states = self.layers[layer].states[0].iter().zip(&plan.bound.states);
        // Whole panels are tested first, which is faster; elements without a neuron are ignored afterwards.
        let mut non_finite = states.filter(|(state, _)| {
            let is_suspect = |run: &Range<usize>| {
                first_non_finite(network.level, &state[run.start * PANEL..run.end * PANEL]).is_some()
            };
            moved.iter().any(is_suspect) && state[..plan.neurons].iter().any(|x| !x.is_finite())
        });
        non_finite.next().map(|(_, info)| info.name.to_string())
    }

    /// Undoes the current step, which has run up to layer `last`.
    fn undo_step(&mut self, network: &Network<F>, last: usize) {
        let layers = network.plan.order.iter().flat_map(|unit| match *unit {
            Unit::Layers { first, count } => first..first + count,
            Unit::Map(_) => 0..0,
        });
        let mut is_before = true;
        for layer in layers.take_while(|&layer| std::mem::replace(&mut is_before, layer != last)) {
            let now = &mut self.layers[layer];
            now.states.swap(0, 1);
            now.fired.swap(0, 1);
        }
        std::mem::swap(&mut self.pending, &mut self.previous_pending);
        self.forget_stillness();
    }
}
