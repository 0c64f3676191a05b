//! The network of a description as data: indices in place of names, steps in place of times.

use super::gaps::Gaps;
use super::inputs::Input;
use super::means::{Field, Mean};
use super::plastic_synapse::PlasticSynapse;
use super::population::Population;
use super::structural::Structural;
use super::trains::TrainSource;
use crate::random::distribution::Sampler;
use crate::representation::precision::Precision;
use crate::spec::description::Description;
use crate::wiring::delays::Delays;
use crate::wiring::outgoing::Starts;
use crate::wiring::outgoing::Wiring;
use crate::wiring::route::Route;
use std::ops::Range;

#[derive(Debug)]
pub struct Plan {
    pub description: Description,
    pub populations: Vec<Population>,
    /// Number of neurons of all populations. The sources of spike trains are numbered after them.
    pub neurons: usize,
    pub sources: usize,
    /// Spikes of the trains, as `(step, source)` in ascending order.
    pub(crate) trains: Vec<(u64, u32)>,
    pub(crate) train_sources: Vec<TrainSource>,
    pub(crate) connections: Vec<Connection>,
    pub(crate) inputs: Vec<Input>,
    pub(crate) gaps: Vec<Gaps>,
    /// Published states as `(population, state)`, ascending.
    pub(crate) published: Vec<(usize, usize)>,
    pub(crate) traces: Vec<TracePlan>,
    pub(crate) weights: Vec<WeightsPlan>,
    /// The means of fields come last.
    pub(crate) means: Vec<Mean>,
    pub(crate) fields: Vec<Field>,
}

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
    /// The population of the sources, and its first neuron; meaningless if the sources are spike trains.
    pub source_population: usize,
    pub source_first: usize,
    /// Number of synapses; an expected number if they are sampled.
    pub expected: u64,
    /// Present if individual weights were set for synapses that are not given as a list.
    pub(crate) starts: Option<Starts>,
}

#[derive(Debug)]
pub struct TracePlan {
    pub population: usize,
    pub read: Read,
    pub every: u64,
    pub neurons: Vec<u32>,
}

/// The recorded quantity of a neuron.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Read {
    State(usize),
    /// The input of a port in a step: arrivals, drives and gap junction currents.
    Port(usize),
}

#[derive(Debug)]
pub struct WeightsPlan {
    pub connection: usize,
    pub every: u64,
}

impl Plan {
    /// Whether a population is computed in double precision in a network of precision `F`, given its coefficients. Decided
    /// once; whoever changes its parameters or inputs clears [`Population::is_wide`].
    pub(crate) fn is_wide<F: Precision>(&self, i: usize, coefs: &[Vec<f64>]) -> bool {
        let population = &self.populations[i];
        let decide = || population.bound.need_double(coefs, &self.constant_drives(i));
        // Cells are in double precision by themselves.
        let is_point = population.bound.cells().is_none();
        is_point && size_of::<F>() < size_of::<f64>() && *population.is_wide.get_or_init(decide)
    }
}
