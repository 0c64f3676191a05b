//! What a step cannot change is not computed. If a step left the states of a panel of neurons as they were, bit for bit, and none
//! of them fired, then the next step with the same currents leaves them as they are, too. Currents are the same if nothing that
//! they are made of changed; where each neuron has its own input, they are also compared panel by panel, so that the cost of a
//! convolution's neurons follows the events. Neurons with noise are always computed.

use crate::network::compiled::Network;
use crate::sessions::session::Session;
use crate::sessions::step_input::StepInput;
use lapicque_graph::{Feed, LayerPlan, ProjectionKind, Source};
use lapicque_projection::{Element, PANEL};
use smallvec::SmallVec;
use std::ops::Range;

/// Runs of panels, ascending.
pub(super) type Runs = SmallVec<[Range<usize>; 4]>;

/// What the last steps did not change in a population. Each pair is about its last step, and the one before it.
pub(super) struct Stillness<F> {
    /// By panel: the last step left its states as they were, and none of its neurons fired.
    fixed: Vec<bool>,
    /// The currents of the last step by port, if they are compared; otherwise empty.
    currents: Vec<Vec<F>>,
    /// The step had the spikes of the step before.
    same_spikes: [bool; 2],
    /// The step left all states as they were.
    same_states: [bool; 2],
}

/// The inputs of a network and its operations in the last step.
#[derive(Default)]
pub(super) struct StillInputs {
    had_events: bool,
    /// The input had no events in this step, and none in the last one.
    is_silent: bool,
    /// By operation: its values are those of the step before.
    same_maps: Vec<bool>,
}

impl<F: Element> Stillness<F> {
    pub fn unknown(plan: &LayerPlan, network: &Network<F>, panels: usize) -> Self {
        let ports = if has_own_inputs(plan, network) { plan.bound.ports.len() } else { 0 };
        Stillness {
            fixed: vec![false; panels],
            currents: vec![vec![F::ZERO; panels * PANEL]; ports],
            same_spikes: [false; 2],
            same_states: [false; 2],
        }
    }

    fn forget(&mut self) {
        self.fixed.fill(false);
        self.same_spikes = [false; 2];
        self.same_states = [false; 2];
    }

    /// Whether every neuron is at a fixed point of these currents.
    fn is_fixed(&self) -> bool {
        self.fixed.iter().all(|&fixed| fixed)
    }

    /// Runs of panels that have to be computed, because they are not at a fixed point or have other currents.
    pub fn moving(&self, currents: &[Vec<F>], are_same: bool) -> Runs {
        let is_still = |panel: usize| {
            let elements = panel * PANEL..(panel + 1) * PANEL;
            let mut ports = self.currents.iter().zip(currents);
            self.fixed[panel]
                && (are_same
                    || !self.currents.is_empty()
                        && ports
                            .all(|(last, now)| F::same_bits(&last[elements.clone()], &now[elements.clone()])))
        };
        let mut runs = Runs::new();
        for panel in (0..self.fixed.len()).filter(|&panel| !is_still(panel)) {
            match runs.last_mut() {
                Some(run) if run.end == panel => run.end += 1,
                _ => runs.push(panel..panel + 1),
            }
        }
        runs
    }

    /// Notes what a step of these panels changed.
    pub fn note(&mut self, moved: &[Range<usize>], states: &[Vec<Vec<F>>; 2], words: &[u64]) {
        let [now, before] = states;
        for panel in moved.iter().cloned().flatten() {
            let elements = panel * PANEL..(panel + 1) * PANEL;
            self.fixed[panel] = words[panel] == 0
                && now
                    .iter()
                    .zip(before)
                    .all(|(now, before)| F::same_bits(&now[elements.clone()], &before[elements.clone()]));
        }
    }

    pub fn end_step(&mut self, are_spikes_same: bool) {
        self.same_spikes = [are_spikes_same, self.same_spikes[0]];
        // A panel that fired is not fixed, though its states may be the same: then they are only computed once more.
        self.same_states = [self.is_fixed(), self.same_states[0]];
    }

    /// Writes the currents of the last step to `currents`; false if they are not kept.
    pub fn give(&self, currents: &mut Vec<Vec<F>>) -> bool {
        if self.currents.is_empty() {
            return false;
        }
        currents.resize_with(self.currents.len().max(currents.len()), Vec::new);
        self.currents.iter().zip(currents).for_each(|(kept, now)| now.clone_from(kept));
        true
    }

    /// Keeps the currents of the step for comparison.
    pub fn keep(&mut self, currents: &mut [Vec<F>]) {
        self.currents.iter_mut().zip(currents).for_each(|(kept, now)| std::mem::swap(kept, now));
    }
}

impl<F: Element> Session<F> {
    /// Notes the input of a step that begins.
    pub(super) fn begin_input(&mut self, input: StepInput<F>) {
        let has_events = !matches!(input, StepInput::Events([]));
        self.still.is_silent = !has_events && !self.still.had_events;
        self.still.had_events = has_events;
    }

    /// After a change of states from outside, everything is computed.
    pub(super) fn forget_stillness(&mut self) {
        self.layers.iter_mut().for_each(|layer| layer.still.forget());
        let same_maps = vec![false; self.maps.len()];
        self.still = StillInputs { had_events: true, is_silent: false, same_maps };
    }

    /// Whether the values of a source are those of the step before. `before` as in `value_of`.
    fn is_same(&self, source: Source, before: usize) -> bool {
        match source {
            Source::Input => self.still.is_silent,
            Source::Spikes(layer) => self.layers[layer].still.same_spikes[before],
            Source::State(layer, _) => self.layers[layer].still.same_states[before],
            Source::Map(map) => self.still.same_maps[map],
        }
    }

    /// Whether an operation would give the values that it gave at the last step.
    pub(super) fn note_map(&mut self, network: &Network<F>, map: usize) -> bool {
        let sources = &network.plan.maps[map].sources;
        let same = self.is_memoryless(network, map) && sources.iter().all(|&source| self.is_same(source, 0));
        self.still.same_maps[map] = same;
        same
    }

    /// Whether the values of an operation depend on its inputs of the same step only.
    fn is_memoryless(&self, network: &Network<F>, map: usize) -> bool {
        self.pending[map].is_empty() && network.plan.maps[map].operation.temporal().is_none()
    }

    /// Whether the currents of a population are those of the last step; its loop begins with layer `first`.
    pub(super) fn has_same_currents(&self, network: &Network<F>, layer: usize, first: usize) -> bool {
        let plan = &network.plan.layers[layer];
        let feeds = plan.feeds.iter().map(|feed| (feed, 0));
        let feedback = plan.feedback.iter().map(|feed| (feed, seen_before(feed, layer, first)));
        feeds.chain(feedback).all(|(feed, before)| self.is_same(feed.source, before))
    }

    /// Whether the step of a population changes nothing, and nobody reads its currents.
    pub(super) fn is_still(&self, network: &Network<F>, layer: usize, first: usize) -> bool {
        let now = &self.layers[layer];
        now.still.is_fixed()
            && now.noise.is_empty()
            && !self.watched.reads_currents()
            && self.has_same_currents(network, layer, first)
    }

    /// Whether further steps without input change nothing but their number.
    pub(super) fn is_at_rest(&self, network: &Network<F>) -> bool {
        let layers = || self.layers.iter();
        self.still.is_silent
            && !self.watched.reads_currents()
            && (0..self.maps.len()).all(|map| self.is_memoryless(network, map))
            && self.still.same_maps.iter().all(|&same| same)
            && layers().all(|now| now.noise.is_empty() && now.still.is_fixed())
            && layers().all(|now| now.still.same_states == [true; 2] && now.still.same_spikes == [true; 2])
    }
}

/// Which value of its source a feedback reads, as in `value_of`. A member that has not run at this step yet still has the values of
/// the previous step as its last ones.
pub(super) fn seen_before(feed: &Feed, layer: usize, first: usize) -> usize {
    let has_run = feed.source.layer().is_some_and(|source| (first..layer).contains(&source));
    usize::from(feed.delayed && has_run)
}

/// Whether the current of each neuron comes from inputs of its own.
fn has_own_inputs<F: Element>(plan: &LayerPlan, network: &Network<F>) -> bool {
    plan.feeds.iter().chain(&plan.feedback).all(|feed| {
        feed.projection.is_none_or(|j| network.plan.projections[j].kind == ProjectionKind::OneToOne)
    })
}
