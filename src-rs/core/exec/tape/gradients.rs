//! Gradients that a population receives from a later segment and from outside.

use lapicque_projection::{Aligned, Element};

/// Gradients from a later segment of time to the one before it.
pub(crate) struct Carry<F: Element> {
    /// Gradient with respect to each state at the end of the segment, `[panel][tile][sample][64]`; empty if the
    /// sequence is one segment.
    pub states: Vec<Aligned<F>>,
    /// If values of the previous step are read: the gradient of each port at the step after the segment.
    pub currents: Vec<Aligned<F>>,
}

impl<F: Element> Default for Carry<F> {
    fn default() -> Self {
        Carry { states: vec![], currents: vec![] }
    }
}

/// Gradients that a population receives from outside, each `[panel][tile][step][sample][64]` or empty.
#[derive(Default)]
pub struct Injection<F> {
    /// From the loss, with respect to the spikes.
    pub spikes: Vec<F>,
    /// From the loss, with respect to the first state.
    pub membrane: Vec<F>,
    /// From the loss, with respect to other states, each with its number.
    pub states: Vec<(usize, Vec<F>)>,
    /// From the loss, with respect to the currents of ports, each with its number.
    pub currents: Vec<(usize, Vec<F>)>,
    /// From regularizers, with respect to the spikes.
    pub rate: Vec<F>,
}

/// What receives a gradient of the loss in one segment.
pub enum Receiver<'a, F> {
    Layer(usize, &'a mut Injection<F>),
    /// An operation whose values are recorded: `[row][element]` as these are stored.
    Map(usize, &'a mut Vec<F>),
}

impl<F> Injection<F> {
    /// Removes all gradients; buffers stay allocated for the next batch.
    pub fn clear(&mut self) {
        self.spikes.clear();
        self.membrane.clear();
        self.rate.clear();
        self.states.clear();
        self.currents.clear();
    }

    /// The gradients with respect to states.
    pub(crate) fn of_states(&self) -> impl Iterator<Item = (usize, &[F])> {
        let membrane = (!self.membrane.is_empty()).then_some((0, &self.membrane[..]));
        membrane.into_iter().chain(self.states.iter().map(|(state, gradient)| (*state, &gradient[..])))
    }
}
