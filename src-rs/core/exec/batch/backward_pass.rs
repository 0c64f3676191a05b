//! The backward half of a pass, segment by segment in reverse.

use crate::batch::input_gradient::InputGradient;
use crate::batch::pass::Pass;
use crate::batch::segment_backward::{SegmentBackward, needs_source_gradient};
use crate::batch::transposed::transpose_all;
use crate::network::compiled::Network;
use crate::network::sampling::Sampling;
use crate::plan::parallel_steps::is_direct;
use crate::plan::pending::pending;
use crate::storage::geometry::Geometry;
use crate::tape::gradients::{Carry, Injection, Receiver};
use crate::tape::input::Signal;
use crate::tape::unit_times::timed;
use crate::tape::workspace::Workspace;
use lapicque_base::error::Result;
use lapicque_graph::{Plan, Unit};
use lapicque_projection::{Aligned, Element};
use std::ops::Range;

/// Fills in the gradient of the loss with respect to a layer or an operation in one segment.
type Inject<'a, F> = dyn FnMut(&Range<usize>, &Geometry, Receiver<F>) + 'a;

impl<F: Element> Pass<'_, F> {
    /// Adds this chunk's gradients to the parameters. `inject` fills in the gradient of the loss with respect to each
    /// layer, and to each operation whose values are recorded, in one segment. With `truncate`, gradients stay within their segment. `input_gradient`, if
    /// given, receives the gradient with respect to the input, in the layout of the input.
    #[inline(never)]
    pub fn backward(
        &self,
        network: &mut Network<F>,
        w: &mut Workspace<F>,
        truncate: bool,
        inject: &mut Inject<F>,
        mut input_gradient: Option<&mut [F]>,
    ) -> Result<()> {
        self.wake_threads(network);
        let segments = self.segments();
        let plan = network.plan.clone();
        let layers = plan.layers.len();
        w.injections.resize_with(layers, Injection::default);
        w.map_injections.clear();
        w.map_injections.resize_with(plan.maps.len(), Vec::new);
        w.carries.resize_with(layers, Carry::default);
        w.map_carries.resize_with(plan.maps.len(), Aligned::default);
        let mut is_transposed = vec![false; plan.projections.len()];
        let needs_gradient = maps_with_gradient(&plan, input_gradient.is_some());
        // The gradients from a later segment are processed step by step.
        let whole = truncate || segments.len() == 1;
        for (i, segment) in segments.iter().enumerate().rev() {
            let (g, last) = (self.geometry(segment), i + 1 == segments.len());
            if !last {
                self.restore(network, w, &g, i)?;
            }
            if truncate || last {
                zero_carries(network, w, &g, segments.len() > 1);
            }
            let Workspace {
                tapes,
                maps,
                input,
                kind,
                responses,
                injections,
                map_injections,
                carries,
                map_carries,
                transposed,
                active,
                recorded,
                from_rest,
                times,
                ..
            } = &mut *w;
            let from_rest = *from_rest;
            let signal = match last {
                true => Signal::existing(self.input, input, *kind),
                false => {
                    let times = times.as_mut().map(|times| &mut times.forward[..]);
                    self.run_segment(network, tapes, maps, input, responses, segment, true, times)?
                }
            };
            let sampling = Sampling::new(network, tapes, maps, &g);
            let also_input = input_gradient.is_some();
            transpose_all(network, &sampling, &mut is_transposed, transposed, also_input);
            for (layer, injection) in injections.iter_mut().enumerate() {
                inject(segment, &g, Receiver::Layer(layer, injection));
            }
            for &map in &*recorded {
                inject(segment, &g, Receiver::Map(map, &mut map_injections[map]));
            }
            let direct = (0..layers).map(|layer| whole && is_direct(&plan, layer, g.steps));
            let mut backward = SegmentBackward {
                pass: self,
                plan: &plan,
                signal,
                g,
                first_step: segment.start,
                needs_gradient: &needs_gradient,
                direct: direct.collect(),
                sampling: &sampling,
                tapes,
                maps,
                carries,
                map_carries,
                injections,
                map_injections,
                transposed,
                responses,
                from_rest: i == 0 && from_rest,
                input_gradient: input_gradient.as_deref_mut().map(|sum| InputGradient {
                    input: self.input,
                    g,
                    first_step: segment.start,
                    sum,
                }),
            };
            let mut times = times.as_mut().map(|times| &mut times.backward[..]);
            for (place, &unit) in plan.order.iter().enumerate().rev() {
                timed(&mut times, place, || match unit {
                    Unit::Layers { first, count } => backward.layers(network, first..first + count),
                    Unit::Map(map) => {
                        backward.map(network, map);
                        Ok(())
                    }
                })?;
            }
            sampling.add_to(active);
        }
        Ok(())
    }

    /// Resets the tapes to the beginning of a segment that is not the last: the forward pass has overwritten them
    /// since.
    fn restore(
        &self,
        network: &Network<F>,
        w: &mut Workspace<F>,
        g: &Geometry,
        segment: usize,
    ) -> Result<()> {
        let keep = vec![true; network.plan.layers.len()];
        self.prepare(network, w, g, &keep, true)?;
        for (tape, snapshot) in w.tapes.iter_mut().zip(&w.snapshots[segment]) {
            tape.restore(snapshot);
        }
        for (tape, begin) in w.maps.iter_mut().zip(&w.map_snapshots[segment]) {
            tape.begin.copy_from_slice(begin);
        }
        Ok(())
    }
}

/// Sets the gradients from later segments to zero. `passed_on`: there are several segments.
fn zero_carries<F: Element>(network: &Network<F>, w: &mut Workspace<F>, g: &Geometry, passed_on: bool) {
    for (layer, carry) in w.carries.iter_mut().enumerate() {
        carry.zero(network, layer, g, passed_on);
    }
    for (map, carry) in network.plan.maps.iter().zip(&mut w.map_carries) {
        carry.clear();
        carry.resize(pending(map, g));
    }
}

/// By operation: whether its gradient is needed by its own weights or delays, or by anything before it; `input`: also
/// by the input.
fn maps_with_gradient(plan: &Plan, input: bool) -> Vec<bool> {
    let mut needs_gradient: Vec<bool> = Vec::with_capacity(plan.maps.len());
    for map in &plan.maps {
        let own = map.projection.is_some_and(|j| {
            let projection = &plan.projections[j];
            projection.trainable || projection.delay.as_ref().is_some_and(|delay| delay.trainable)
        });
        let before = map.sources.iter().any(|&source| needs_source_gradient(source, &needs_gradient, input));
        needs_gradient.push(own || before);
    }
    needs_gradient
}
