//! What leaves a population, as losses and penalties read it: spikes, or the values of graded ones. Gradients go back
//! to the same values, so that both speak of one quantity.

use lapicque_exec::geometry::Geometry;
use lapicque_exec::outputs::Window;
use lapicque_exec::tape::LayerTape;
use lapicque_graph::LayerPlan;
use lapicque_projection::Element;

/// The state that holds the values of graded (or smoothed) spikes; none where a spike is 1.
fn graded(layer: &LayerPlan) -> Option<usize> {
    layer.bound.output.filter(|_| layer.bound.spiking)
}

/// Whether the values of `layer` must be kept to be read after a segment.
pub fn is_read_as_values(layer: &LayerPlan) -> bool {
    graded(layer).is_some()
}

/// Copies what left at every step of a segment.
pub fn collect<F: Element>(
    window: &Window,
    g: &Geometry,
    tape: &LayerTape<F>,
    layer: &LayerPlan,
    out: &mut [F],
) {
    match graded(layer) {
        Some(state) => window.collect_state(g, tape, state, out),
        None => window.collect_spikes(g, tape, [F::ZERO, F::ONE], out),
    }
}

/// Adds up what left, `[samples][neurons]`, over the steps of a segment that count.
pub fn count<F: Element>(
    window: &Window,
    g: &Geometry,
    tape: &LayerTape<F>,
    layer: &LayerPlan,
    lengths: Option<&[u32]>,
    counts: &mut [F],
) {
    let Some(state) = graded(layer) else {
        return window.count_spikes(g, tape, lengths, counts);
    };
    let row = window.neurons;
    let mut values = vec![F::ZERO; g.steps * counts.len()];
    Window { first_step: 0, ..*window }.collect_state(g, tape, state, &mut values);
    for (step, values) in values.chunks(counts.len().max(1)).enumerate() {
        for (sample, (sums, values)) in counts.chunks_mut(row).zip(values.chunks(row)).enumerate() {
            if lengths.is_none_or(|l| window.first_step + step < l[sample] as usize) {
                sums.iter_mut().zip(values).for_each(|(sum, &x)| *sum += x);
            }
        }
    }
}
