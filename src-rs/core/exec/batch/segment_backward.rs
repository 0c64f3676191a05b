//! One segment of a backward pass: visits each unit once, from the last to the first.

use crate::backward::reverse_scan::{Backward, LayerGradients};
use crate::backward::weight_gradient::WeightGradient;
use crate::batch::input_gradient::InputGradient;
use crate::batch::pass::Pass;
use crate::network::compiled::Network;
use crate::network::sampling::Sampling;
use crate::network::sources::Sources;
use crate::ops::backward::MapBackward;
use crate::storage::geometry::Geometry;
use crate::tape::gradients::{Carry, Injection};
use crate::tape::impulse_response::Response;
use crate::tape::input::Signal;
use crate::tape::layer_tape::LayerTape;
use crate::tape::map_tape::MapTape;
use lapicque_base::error::Result;
use lapicque_graph::{MapUse, Plan, Source};
use lapicque_projection::{Aligned, Element};
use std::ops::Range;

pub(crate) struct SegmentBackward<'a, F: Element> {
    pub pass: &'a Pass<'a, F>,
    pub plan: &'a Plan,
    pub signal: Signal<'a, F>,
    pub g: Geometry,
    pub first_step: usize,
    /// By operation: whether it has to compute gradients at all.
    pub needs_gradient: &'a [bool],
    /// By layer: whether gradients are computed for all steps at once, see `parallel_steps`.
    pub direct: Vec<bool>,
    pub sampling: &'a Sampling,
    pub tapes: &'a mut [LayerTape<F>],
    pub maps: &'a mut [MapTape<F>],
    pub carries: &'a mut [Carry<F>],
    pub map_carries: &'a mut [Aligned<F>],
    pub injections: &'a [Injection<F>],
    pub map_injections: &'a [Vec<F>],
    pub transposed: &'a [Aligned<F>],
    pub responses: &'a [Option<Response<F>>],
    /// Whether the segment begins at rest.
    pub from_rest: bool,
    /// `None` if it is not requested.
    pub input_gradient: Option<InputGradient<'a, F>>,
}

impl<F: Element> SegmentBackward<'_, F> {
    /// Computes the gradients of an operation's weights and of its sources; the latter stay on its tape.
    pub fn map(&mut self, network: &mut Network<F>, map: usize) {
        if !self.needs_gradient[map] || self.maps[map].usage == MapUse::Unread {
            return;
        }
        let plan = &self.plan.maps[map];
        let (before, rest) = self.maps.split_at_mut(map);
        let (own, after) = rest.split_at_mut(1);
        let normalized = self.plan.fusions.gradient_in_place(map, self.signal.is_constant());
        if let Some(reader) = normalized {
            std::mem::swap(&mut own[0].values, &mut after[reader - map - 1].values);
        }
        let needs_gradient = plan
            .sources
            .iter()
            .map(|&source| needs_source_gradient(source, self.needs_gradient, self.input_gradient.is_some()));
        let backward = MapBackward {
            network,
            map,
            layers: self.tapes,
            after,
            transposed: self.transposed,
            sources: Sources {
                network,
                input: self.signal,
                layers: self.tapes,
                maps: before,
                g: self.g,
                first_step: self.first_step,
            },
            mode: self.pass.mode,
            needs_gradient: needs_gradient.collect(),
            gathered: normalized.is_some(),
            injected: &self.map_injections[map],
            sampling: self.sampling,
        };
        let added = backward.run(&mut own[0], &mut self.map_carries[map]);
        for (parameter, gradient) in added {
            network.parameters[parameter].grad = gradient;
        }
        if let Some(of_input) = &mut self.input_gradient {
            of_input.add_operation(&plan.sources, &own[0]);
        }
    }

    /// As [`Self::map`], for populations that run together.
    pub fn layers(&mut self, network: &mut Network<F>, group: Range<usize>) -> Result<()> {
        let constant = self.signal.is_constant();
        let is_constant = |source: Source| source.is_constant(constant, |m| self.maps[m].constant);
        let summed = self.plan.layers[group.clone()].iter().map(|layer| {
            let of = |port| layer.feeds.iter().any(|f| f.port == port && is_constant(f.source));
            (0..layer.bound.ports.len()).map(of).collect()
        });
        let summed = summed.collect();
        let (tapes, after) = self.tapes.split_at_mut(group.end);
        let backward = Backward {
            network,
            group: group.clone(),
            after,
            maps: self.maps,
            transposed: self.transposed,
            injections: self.injections,
            g: self.g,
            summed,
            direct: &self.direct,
            responses: self.responses,
            sampling: self.sampling,
            from_rest: self.from_rest,
        };
        let gradients = backward.run(&mut tapes[group.clone()], &mut self.carries[group.clone()]);
        for (layer, gradients) in group.clone().zip(gradients) {
            accumulate_learned(network, layer, &gradients);
        }
        for layer in group {
            WeightGradient {
                input: self.signal,
                tapes: self.tapes,
                maps: self.maps,
                g: self.g,
                first_step: self.first_step,
                level: network.level,
            }
            .run(network, layer)?;
            if let Some(of_input) = &mut self.input_gradient {
                of_input.add_population(network, layer, &self.tapes[layer], self.transposed);
            }
        }
        Ok(())
    }
}

/// Whether the gradient of a source is needed. `maps`: whether that of each operation is; `input`: whether that of the
/// input is.
pub(crate) fn needs_source_gradient(source: Source, maps: &[bool], input: bool) -> bool {
    match source {
        Source::Input => input,
        Source::Spikes(_) | Source::State(..) => true,
        Source::Map(m) => maps[m],
    }
}

/// Adds the gradients of coefficients and initial values to those of the learned parameters from which they are derived.
fn accumulate_learned<F: Element>(network: &mut Network<F>, layer: usize, of: &LayerGradients) {
    if network.layers[layer].learned.is_empty() {
        return;
    }
    let values = network.dynamics_values(layer);
    let grads = network.plan.layers[layer].bound.derive_adjoint(&values, &of.coefs, &of.starts);
    for &(i, parameter) in &network.layers[layer].learned {
        if let Some(grad) = &grads[i] {
            let shares = grad.chunks(network.plan.layers[layer].bound.params[i].shared);
            for (to, share) in network.parameters[parameter].grad.iter_mut().zip(shares) {
                let sum = share.iter().copied().reduce(|sum, x| sum + x).unwrap_or(0.0);
                *to += F::from_f64(sum);
            }
        }
    }
}
