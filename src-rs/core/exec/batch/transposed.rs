//! Weights transposed for the backward pass.

use crate::network::compiled::Network;
use crate::network::sampling::Sampling;
use crate::plan::kernels::{Convolution, MapKernel};
use crate::storage::parallel;
use lapicque_graph::{ProjectionKind, Source};
use lapicque_projection::{Aligned, Element, PANEL, panels, transpose_weights};

/// Transposes weights to `[part][panel of inputs][out][64]`, for every projection whose input gradient is needed and
/// not sampled, unless its weights are already `is_transposed`.
pub(crate) fn transpose_all<F: Element>(
    network: &Network<F>,
    sampling: &Sampling,
    is_transposed: &mut [bool],
    out: &mut Vec<Aligned<F>>,
    also_input: bool,
) {
    let mut needed = vec![false; network.plan.projections.len()];
    for layer in &network.plan.layers {
        for feed in layer.all_feeds() {
            if let Some(j) = feed.projection {
                needed[j] |= also_input || feed.source != Source::Input;
            }
        }
    }
    out.resize_with(needed.len(), Aligned::default);
    let mut convolutions: Vec<Option<&Convolution>> = network.feedback.iter().map(Option::as_deref).collect();
    for (map, kernel) in network.plan.maps.iter().zip(&network.maps) {
        let Some(j) = map.projection else { continue };
        needed[j] = also_input || map.sources.iter().any(|&source| source != Source::Input);
        needed[j] &= !is_transposed[j] && !sampling.is_sampled(j);
        if let (true, MapKernel::Convolution(convolution)) = (needed[j], kernel) {
            convolutions[j] = Some(convolution);
        }
    }
    for (j, is_transposed) in is_transposed.iter_mut().enumerate() {
        needed[j] &= !*is_transposed && !sampling.is_sampled(j);
        *is_transposed |= needed[j];
    }
    let transposed = convolutions.into_iter().zip(&mut *out).enumerate().filter(|&(j, _)| needed[j]);
    let work = transposed.filter_map(|(j, (convolution, out))| Some((j, convolution?, out)));
    parallel::for_each(work.collect(), |(j, convolution, out)| {
        out.resize(convolution.backward.weights());
        convolution.backward.backward_weights(&network.parameters[network.slots[j].weight].data, out);
    });
    for (j, plan) in network.plan.projections.iter().enumerate() {
        if needed[j] && plan.kind == ProjectionKind::Dense {
            let count = panels(plan.inputs);
            out[j].resize(plan.parts * count * plan.outputs * PANEL);
            let work: Vec<_> = out[j].chunks_mut(plan.outputs * PANEL).enumerate().collect();
            parallel::for_each(work, |(i, to)| {
                let weights = network.weights(j, i / count);
                transpose_weights(network.level, weights, plan.outputs, plan.inputs, i % count, to);
            });
        }
    }
}
