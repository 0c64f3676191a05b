//! The structure of structurally plastic connections: reading, saving and restoring.

use super::state::StructureState;
use crate::construction::simulation::{Simulation, lock};
use crate::partitions::partition::Partition;
use crate::partitions::structure::{elements, participants, rebuild, set_elements};
use crate::plan::network::Connection;
use crate::plasticity::learning::{learning, u32_of};
use crate::representation::precision::Precision;
use lapicque_base::error::{Error, Result};

impl<F: Precision> Simulation<F> {
    /// Calcium and elements of both sides of a connection, `[axonal, dendritic]`, each by neuron of the connection.
    ///
    /// # Errors
    /// `invalid-parameter` for a connection without structural plasticity.
    #[inline(never)]
    pub fn elements_of(&self, connection: usize) -> Result<[[Vec<f64>; 2]; 2]> {
        let c = self.plan.connections.get(connection).filter(|c| c.structural.is_some());
        let Some(c) = c else {
            return Err(Error::invalid("connection", connection, "one with structural plasticity"));
        };
        let partitions: Vec<_> = self.partitions.iter().map(lock).collect();
        Ok([0, 1].map(|side| elements(c, connection, side, partitions.iter().map(|p| &**p))))
    }
}

/// The part of a saved state that describes the structure of a connection.
pub fn save<'a, F: Precision>(
    connection: usize,
    c: &Connection,
    partitions: impl Iterator<Item = &'a Partition<F>> + Clone,
) -> StructureState {
    let mut pairs = Vec::new();
    for partition in partitions.clone() {
        let Some(plastic) = partition.learning(connection) else { continue };
        learning!(plastic, plastic => for segment in &plastic.segments {
            for &neuron_slot in &plastic.targets[segment.start as usize..][..segment.count as usize] {
                let neuron = partition.neuron(plastic, u32_of(neuron_slot) as usize);
                pairs.push((neuron as u32 - c.wiring.first_target, segment.source));
            }
        });
    }
    pairs.sort_unstable();
    let (targets, sources) = pairs.into_iter().unzip();
    let [[axonal_calcium, axonal], [dendritic_calcium, dendritic]] =
        [0, 1].map(|side| elements(c, connection, side, partitions.clone()));
    StructureState { sources, targets, axonal_calcium, axonal, dendritic_calcium, dendritic }
}

/// Errors: `shape-mismatch` for the structure of another network.
pub fn check(connection: usize, c: &Connection, state: Option<&StructureState>) -> Result<()> {
    let wrong = |expected: &str| {
        let layer = format!("state.plastic[{connection}].structure");
        Err(Error::ShapeMismatch { layer, expected: expected.into(), got: "another".into() })
    };
    let (Some(structural), Some(state)) = (&c.structural, state) else {
        return match (&c.structural, state) {
            (None, None) => Ok(()),
            _ => wrong("a structure where synapses come and go, and only there"),
        };
    };
    let [sources, targets] = [0, 1].map(|side| participants(c.source_first, c, side).1);
    let below = |values: &[u32], n: usize| values.iter().all(|&x| (x as usize) < n);
    let numbers = |values: &[f64], n: usize, most: f64| {
        values.len() == n && values.iter().all(|x| x.is_finite() && (0.0..=most).contains(x))
    };
    let most = f64::from(structural.most);
    let fits = state.sources.len() == state.targets.len()
        && below(&state.sources, sources)
        && below(&state.targets, targets)
        && state.targets.is_sorted()
        && numbers(&state.axonal, sources, most)
        && numbers(&state.dendritic, targets, most)
        && numbers(&state.axonal_calcium, sources, f64::MAX)
        && numbers(&state.dendritic_calcium, targets, f64::MAX);
    if fits { Ok(()) } else { wrong("synapses, elements and calcium of this connection") }
}

/// Restores the structure of a connection from a validated state.
pub fn restore<F: Precision>(
    connection: usize,
    c: &Connection,
    state: &StructureState,
    mut partitions: Vec<&mut Partition<F>>,
) {
    let pairs: Vec<(u32, u32)> = state.sources.iter().copied().zip(state.targets.iter().copied()).collect();
    rebuild(connection, c, 0.0, &mut partitions, &[], (&pairs, None));
    set_elements(c, connection, 0, &mut partitions, [&state.axonal_calcium, &state.axonal]);
    set_elements(c, connection, 1, &mut partitions, [&state.dendritic_calcium, &state.dendritic]);
}
