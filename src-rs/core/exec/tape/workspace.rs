//! Buffers of a pass, reused from batch to batch.

use crate::storage::geometry::Geometry;
use crate::tape::active_counts::ActiveCounts;
use crate::tape::gradients::{Carry, Injection};
use crate::tape::impulse_response::Response;
use crate::tape::input::{SignalKind, Spikes};
use crate::tape::layer_tape::{LayerTape, Snapshot};
use crate::tape::map_tape::MapTape;
use crate::tape::unit_times::UnitTimes;
use lapicque_projection::{Aligned, Element};

/// Buffers that are reused from batch to batch.
pub struct Workspace<F: Element> {
    pub(crate) key: Option<(Geometry, Vec<bool>, [bool; 3])>,
    /// Operations whose values are recorded, and ports of layers, `(layer, port)`, whose currents are recorded.
    pub(crate) recorded: Vec<usize>,
    pub(crate) recorded_ports: Vec<(usize, usize)>,
    /// States, `(layer, state)`, that are stored at every step, whether or not a backward pass reads them.
    pub(crate) recorded_states: Vec<(usize, usize)>,
    /// Whether tapes mark where a backward pass would read gradients of spikes, even though none follows.
    pub(crate) marked: bool,
    pub tapes: Vec<LayerTape<F>>,
    pub maps: Vec<MapTape<F>>,
    pub(crate) input: Spikes,
    /// The kind of the last segment's input.
    pub(crate) kind: SignalKind,
    pub(crate) carries: Vec<Carry<F>>,
    /// As `carries`, for operations that mix time.
    pub(crate) map_carries: Vec<Aligned<F>>,
    pub(crate) injections: Vec<Injection<F>>,
    /// By operation: the gradient of the loss with respect to its values, `[row][element]`; empty without one.
    pub(crate) map_injections: Vec<Vec<F>>,
    pub(crate) snapshots: Vec<Vec<Snapshot<F>>>,
    pub(crate) map_snapshots: Vec<Vec<Aligned<F>>>,
    pub(crate) transposed: Vec<Aligned<F>>,
    /// By population: counts summed over the backward passes since they were cleared.
    pub active: Vec<ActiveCounts>,
    /// For populations whose steps are computed at once.
    pub(crate) responses: Vec<Option<Response<F>>>,
    /// Whether the last forward pass began at rest, not from a given state.
    pub(crate) from_rest: bool,
    /// Present while times are taken.
    pub times: Option<UnitTimes>,
}

impl<F: Element> Default for Workspace<F> {
    fn default() -> Self {
        Workspace {
            key: None,
            recorded: vec![],
            recorded_ports: vec![],
            recorded_states: vec![],
            marked: false,
            tapes: vec![],
            maps: vec![],
            input: Spikes::default(),
            kind: SignalKind::default(),
            carries: vec![],
            map_carries: vec![],
            injections: vec![],
            map_injections: vec![],
            snapshots: vec![],
            map_snapshots: vec![],
            transposed: vec![],
            active: vec![],
            responses: vec![],
            from_rest: true,
            times: None,
        }
    }
}

impl<F: Element> Workspace<F> {
    /// Records the values of these operations and the currents of these ports, `(layer, port)`, from now on.
    pub fn record(&mut self, maps: Vec<usize>, ports: Vec<(usize, usize)>) {
        if self.recorded != maps || self.recorded_ports != ports {
            self.key = None;
        }
        (self.recorded, self.recorded_ports) = (maps, ports);
    }

    /// Stores these states, `(layer, state)`, at every step from now on.
    pub fn record_states(&mut self, states: Vec<(usize, usize)>) {
        if self.recorded_states != states {
            self.key = None;
        }
        self.recorded_states = states;
    }
}
