//! The output of a population, as losses and penalties read it: spikes, or the values of graded spikes. Their gradient
//! is with respect to these values, so reading 0 and 1 for graded spikes would not match it.

use lapicque_exec::LayerTape;
use lapicque_exec::geometry::Geometry;
use lapicque_exec::outputs::Window;
use lapicque_graph::LayerPlan;
use lapicque_projection::Element;

/// Copies the output of a spiking population after every step of the segment to `[steps][samples][neurons]`.
pub(super) fn collect<F: Element>(
    window: &Window,
    layer: &LayerPlan,
    g: &Geometry,
    tape: &LayerTape<F>,
    out: &mut [F],
) {
    match layer.bound.output {
        Some(graded) => window.collect_state(g, tape, graded, out),
        None => window.collect_spikes(g, tape, [F::ZERO, F::ONE], out),
    }
}

/// Adds up the output of each neuron over the steps of the segment that count, `[samples][neurons]`. For a population
/// with graded spikes the tape must store every step.
pub(super) fn count<F: Element>(
    window: &Window,
    layer: &LayerPlan,
    g: &Geometry,
    tape: &LayerTape<F>,
    lengths: Option<&[u32]>,
    counts: &mut [F],
) {
    let Some(graded) = layer.bound.output else {
        return window.count_spikes(g, tape, lengths, counts);
    };
    let mut values = vec![F::ZERO; g.steps * counts.len()];
    let first_step = window.first_step;
    Window { first_step: 0, ..*window }.collect_state(g, tape, graded, &mut values);
    for (step, row) in values.chunks_exact(counts.len()).enumerate() {
        for (i, (count, &value)) in counts.iter_mut().zip(row).enumerate() {
            if lengths.is_none_or(|l| first_step + step < l[i / window.neurons] as usize) {
                *count += value;
            }
        }
    }
}
