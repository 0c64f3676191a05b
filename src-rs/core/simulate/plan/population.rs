//! A population of the network as data.

use super::intrinsic::Intrinsic;
use super::neurons::Neurons;
use crate::random::distribution::Sampler;
use crate::spec::layout::Layout;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

#[derive(Debug)]
pub struct Population {
    pub name: String,
    pub size: usize,
    /// The number of its first neuron.
    pub first: usize,
    pub bound: Arc<Neurons>,
    /// Whether the neurons are computed in double precision in a network of single precision; see [`Plan::is_wide`].
    pub(crate) is_wide: OnceLock<bool>,
    pub(crate) initial: Vec<Option<Sampler>>,
    pub(crate) intrinsic: Option<Intrinsic>,
    /// By port: whether it gets synapses.
    pub(crate) connected: Vec<bool>,
    /// Neurons whose spikes are recorded, counted within the population; ascending, without duplicates.
    pub(crate) recorded: Vec<Range<usize>>,
}

/// A resolved population or source: its range among all neurons, and its location.
pub(crate) struct Resolved {
    pub(crate) range: Range<usize>,
    pub(crate) layout: Option<Arc<Layout>>,
}

pub(crate) type Names = HashMap<String, Resolved>;

impl Population {
    /// The number of its neurons whose spikes are recorded.
    pub fn recorded_neurons(&self) -> usize {
        self.recorded.iter().map(ExactSizeIterator::len).sum()
    }
}
