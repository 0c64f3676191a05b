//! Numbers with which a run cannot continue: states that are not finite, and weights that cannot be summed.

use super::partition::Partition;
use crate::plan::network::Plan;
use crate::plan::signs;
use crate::plasticity::learning::learning;
use crate::representation::precision::Precision;
use lapicque_base::error::Error;
use lapicque_base::simd::SimdLevel;

/// An error and its sort key, which decides the error that is reported: the step, then connection and source, and after all
/// connections population and neuron.
pub type Fault = ((u64, bool, usize, usize), Error);

/// The errors of a partition at the end of `step`: its first state that is not finite, and the first error of each plastic
/// connection.
pub fn faults<F: Precision>(
    plan: &Plan,
    partition: &Partition<F>,
    level: SimdLevel,
    step: u64,
) -> impl Iterator<Item = Fault> {
    let state = partition.find_non_finite(level).map(|(population, neuron, state)| {
        let found = &plan.populations[population];
        let name = format!("{} of neuron {neuron}", found.bound.states[state].name);
        let error = Error::NonFinite { layer: found.name.clone(), step: step as usize, name };
        ((step, true, population, neuron), error)
    });
    let weights = partition.plastic.iter().filter_map(|plastic| {
        let ((step, source), connection) = (learning!(plastic, rows => rows.fault)?, plastic.connection());
        let layer = plan.description.connections[connection].name(connection);
        let headroom = F::HEADROOM;
        let name = format!(
            "the weight that source {source} transmits (sums hold {headroom} times the largest weight)"
        );
        Some((
            (step, false, connection, source as usize),
            Error::NonFinite { layer, step: step as usize, name },
        ))
    });
    let negative = partition.plastic.iter().filter_map(|plastic| {
        let ((step, source), connection) = (learning!(plastic, rows => rows.negative)?, plastic.connection());
        let c = &plan.connections[connection];
        let layer = plan.description.connections[connection].name(connection);
        let (port, _) = c.route.of(c.synapse.as_ref().map_or(1.0, |synapse| synapse.sign));
        let name = format!("{layer}: the weight that source {source} transmits");
        let error = signs::refused(
            &plan.populations[c.population],
            port,
            &name,
            format!("a weight below 0 at step {step}"),
        );
        Some(((step, false, connection, source as usize), error))
    });
    weights.chain(negative).chain(state)
}
