//! Weights transposed for the backward pass.

use crate::network::compiled::Network;
use crate::network::sampling::Sampling;
use crate::plan::kernels::{Convolution, MapKernel};
use crate::storage::parallel;
use lapicque_graph::{ProjectionKind, Source};
use lapicque_projection::{Aligned, Element, PANEL, panels, transpose_weights};

/// Transposes weights to `[part][panel of inputs][out][64]`, for every projection whose input gradient is needed and
/// not sampled, unless its weights are already `there`.
pub(crate) fn transpose_all<F: Element>(
    network: &Network<F>,
    sampling: &Sampling,
    there: &mut [bool],
    out: &mut Vec<Aligned<F>>,
    also_input: bool,
) {
    let mut wanted = vec![false; network.plan.projections.len()];
    for layer in &network.plan.layers {
        for feed in layer.all_feeds() {
            if let Some(j) = feed.projection {
                wanted[j] |= also_input || feed.source != Source::Input;
            }
        }
    }
    out.resize_with(wanted.len(), Aligned::default);
    let mut convolutions: Vec<Option<&Convolution>> = network.feedback.iter().map(Option::as_deref).collect();
    for (map, kernel) in network.plan.maps.iter().zip(&network.maps) {
        let Some(j) = map.projection else { continue };
        wanted[j] = also_input || map.sources.iter().any(|&source| source != Source::Input);
        wanted[j] &= !there[j] && !sampling.is_sampled(j);
        if let (true, MapKernel::Convolution(convolution)) = (wanted[j], kernel) {
            convolutions[j] = Some(convolution);
        }
    }
    for (j, there) in there.iter_mut().enumerate() {
        wanted[j] &= !*there && !sampling.is_sampled(j);
        *there |= wanted[j];
    }
    let transposed = convolutions.into_iter().zip(&mut *out).enumerate().filter(|&(j, _)| wanted[j]);
    let work = transposed.filter_map(|(j, (convolution, out))| Some((j, convolution?, out)));
    parallel::for_each(work.collect(), |(j, convolution, out)| {
        out.resize(convolution.back.weights());
        convolution.back.backward_weights(&network.parameters[network.slots[j].weight].data, out);
    });
    for (j, plan) in network.plan.projections.iter().enumerate() {
        if wanted[j] && plan.kind == ProjectionKind::Dense {
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
