//! The network of a description as data: indices in place of names, steps in place of times.

use super::gaps::Gaps;
use super::inputs::Input;
use super::intrinsic::Intrinsic;
use super::means::{Field, Mean};
use super::neurons::Neurons;
use super::plastic_synapse::PlasticSynapse;
use super::structural::Structural;
use crate::random::distribution::Sampler;
use crate::spec::description::Description;
use crate::spec::layout::Layout;
use crate::wiring::delays::Delays;
use crate::wiring::outgoing::Starts;
use crate::wiring::outgoing::Wiring;
use crate::wiring::route::Route;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

#[derive(Debug)]
pub struct Plan {
    pub description: Description,
    pub populations: Vec<Population>,
    /// Neurons of all populations; the sources of spike trains are numbered after them.
    pub neurons: usize,
    pub sources: usize,
    /// Spikes of the trains, as `(step, source)` in ascending order.
    pub(crate) trains: Vec<(u64, u32)>,
    pub(crate) connections: Vec<Connection>,
    pub(crate) inputs: Vec<Input>,
    pub(crate) gaps: Vec<Gaps>,
    /// Populations and their states that these show, ascending.
    pub(crate) shown: Vec<(usize, usize)>,
    pub(crate) traces: Vec<TracePlan>,
    pub(crate) weights: Vec<WeightsPlan>,
    /// Those of fields come last.
    pub(crate) means: Vec<Mean>,
    pub(crate) fields: Vec<Field>,
}

#[derive(Debug)]
pub struct Population {
    pub name: String,
    pub size: usize,
    /// Number of its first neuron.
    pub first: usize,
    pub bound: Arc<Neurons>,
    pub(crate) initial: Vec<Option<Sampler>>,
    pub(crate) intrinsic: Option<Intrinsic>,
    /// Which ports get synapses.
    pub(crate) connected: Vec<bool>,
    /// Neurons whose spikes are kept, counted in the population; ascending, none twice.
    pub(crate) recorded: Vec<Range<usize>>,
}

/// A resolved population or source: its neurons among all, and their location.
pub(crate) struct Known {
    pub(crate) range: Range<usize>,
    pub(crate) layout: Option<Arc<Layout>>,
}

pub(crate) type Names = HashMap<String, Known>;

#[derive(Debug)]
pub struct Connection {
    pub sources: Range<usize>,
    pub population: usize,
    pub route: Route,
    pub wiring: Wiring,
    pub weight: Sampler,
    pub delays: Delays,
    pub synapse: Option<PlasticSynapse>,
    pub structural: Option<Structural>,
    /// The population of the sources, and its first neuron; of no meaning where they are spike trains.
    pub source_population: usize,
    pub source_first: usize,
    /// Synapses, or how many are to be expected.
    pub expected: u64,
    /// Where weights of their own were set for synapses that are no list.
    pub(crate) starts: Option<Starts>,
}

#[derive(Debug)]
pub struct TracePlan {
    pub population: usize,
    pub read: Read,
    pub every: u64,
    pub neurons: Vec<u32>,
}

/// What a trace reads of a neuron.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Read {
    State(usize),
    /// What enters a port in a step: arrivals, and what drives and gap junctions add to them.
    Port(usize),
}

#[derive(Debug)]
pub struct WeightsPlan {
    pub connection: usize,
    pub every: u64,
}

impl Population {
    /// How many of its neurons' spikes are kept.
    pub fn recorded_neurons(&self) -> usize {
        self.recorded.iter().map(ExactSizeIterator::len).sum()
    }
}
