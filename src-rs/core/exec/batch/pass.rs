//! One chunk of samples through the network: forward over segments of time, then backward over
//! them in reverse. Between segments only the states are kept, so a long sequence needs the memory
//! of one segment plus a state per boundary.

use crate::backward::reverse_scan::Backward;
use crate::backward::weight_gradient::WeightGradient;
use crate::batch::outputs::Window;
use crate::forward::forward_scan::Forward;
use crate::forward::parallel_forward;
use crate::network::compiled::Network;
use crate::network::sampling::Sampling;
use crate::network::sources::Sources;
use crate::network::state::NetworkState;
use crate::ops;
use crate::ops::backward::MapBackward;
use crate::plan::kernels::{Convolution, MapKernel};
use crate::plan::parallel_steps::is_direct;
use crate::plan::pending::pending;
use crate::storage::geometry::Geometry;
use crate::storage::mode::Mode;
use crate::storage::parallel;
use crate::tape::gradients::{Carry, Injection};
use crate::tape::impulse_response::Response;
use crate::tape::input::{InputValues, Signal, Spikes};
use crate::tape::layer_tape::LayerTape;
use crate::tape::map_tape::MapTape;
use crate::tape::workspace::Workspace;
use lapicque_base::error::Result;
use lapicque_base::instantiated;
use lapicque_base::workers;
use lapicque_graph::{MapUse, Plan, ProjectionKind, Source, Unit};
use lapicque_projection::functions;
use lapicque_projection::{Aligned, Element, PANEL, panels, transpose_weights};
use std::ops::Range;

/// What a pass shows after each segment of time.
pub struct Segment<'a, F: Element> {
    pub range: Range<usize>,
    pub g: &'a Geometry,
    pub tapes: &'a [LayerTape<F>],
    pub maps: &'a [MapTape<F>],
    pub signal: &'a Signal<'a, F>,
}

/// A chunk of samples of a batch, and how its time is cut.
pub struct Pass<'a, F> {
    pub input: InputValues<'a, F>,
    /// Samples of this chunk.
    pub samples: Range<usize>,
    /// Samples per tile.
    pub tile: usize,
    /// Steps per segment.
    pub segment: usize,
    pub mode: Mode,
}

/// Fills in the gradient that enters a layer from outside in one segment.
type Inject<'a, F> = dyn FnMut(&Range<usize>, &Geometry, usize, &mut Injection<F>) + 'a;

/// Steps of single neurons from which on a pass takes longer than a thread takes to wake up.
const SHARED: usize = 1 << 16;

impl<F: Element> Pass<'_, F> {
    fn geometry(&self, segment: &Range<usize>) -> Geometry {
        Geometry::new(self.samples.start, self.samples.len(), self.tile, segment.len())
    }

    /// Wakes the threads that will share what there is to do, if they will.
    fn wake(&self, network: &Network<F>) {
        let neurons: usize = network.plan.layers.iter().map(|layer| layer.neurons).sum();
        if neurons * self.samples.len() * self.input.steps >= SHARED {
            workers::attend();
        }
    }

    pub fn segments(&self) -> Vec<Range<usize>> {
        let steps = self.input.steps;
        (0..steps.div_ceil(self.segment))
            .map(|i| i * self.segment..((i + 1) * self.segment).min(steps))
            .collect()
    }

    pub fn window(&self, neurons: usize, first_step: usize) -> Window {
        Window { neurons, batch: self.input.batch, first_sample: self.samples.start, first_step }
    }

    /// Makes the tapes for a segment; `keep[layer]`: hold the states of every step, as far as the backward pass reads
    /// them if it `follows`.
    fn prepare(
        &self,
        network: &Network<F>,
        w: &mut Workspace<F>,
        g: &Geometry,
        keep: &[bool],
        follows: bool,
    ) -> Result<()> {
        let key = (Geometry { first: 0, ..*g }, keep.to_vec(), [self.input.constant, follows, w.marked]);
        if w.key.as_ref() == Some(&key) {
            return Ok(());
        }
        let mut old = std::mem::take(&mut w.tapes).into_iter();
        w.key = None;
        for (layer, &keep) in keep.iter().enumerate() {
            let ports: Vec<usize> =
                w.recorded_ports.iter().filter(|(of, _)| *of == layer).map(|&(_, port)| port).collect();
            let mut tape =
                LayerTape::new(network, layer, g, [keep, follows, self.input.constant, w.marked], &ports)?;
            if let Some(old) = old.next() {
                // Another segment length in the same sequence: the state goes on.
                tape.take_beginning(old);
            }
            w.tapes.push(tape);
        }
        let mut old = std::mem::take(&mut w.maps).into_iter();
        let uses = network.plan.map_uses(&w.recorded);
        for (map, &constant) in network.plan.constant_maps(self.input.constant).iter().enumerate() {
            let recorded = w.recorded.contains(&map);
            let mut tape = MapTape::new(network, map, g, constant, &uses, recorded)?;
            if let Some(old) = old.next() {
                tape.take_beginning(old);
            }
            w.maps.push(tape);
        }
        w.key = Some(key);
        Ok(())
    }

    /// Runs forward over all segments. `each` sees the tapes after each of them.
    pub fn forward(
        &self,
        network: &Network<F>,
        w: &mut Workspace<F>,
        keep: &[bool],
        backward_follows: bool,
        initial: Option<&NetworkState<F>>,
        mut each: impl FnMut(Segment<F>) -> Result<()>,
    ) -> Result<()> {
        instantiated!(functions, 'a => Pass::forward_generic as (
            pass: &'a Pass<'a, F> = self,
            network: &'a Network<F> = network,
            w: &'a mut Workspace<F> = w,
            keep: &'a [bool] = keep,
            backward_follows: bool = backward_follows,
            initial: Option<&'a NetworkState<F>> = initial,
            each: &'a mut (dyn FnMut(Segment<F>) -> Result<()> + 'a) = &mut each,
        ) -> Result<()>)
    }

    fn forward_generic(
        &self,
        network: &Network<F>,
        w: &mut Workspace<F>,
        keep: &[bool],
        backward_follows: bool,
        initial: Option<&NetworkState<F>>,
        each: &mut dyn FnMut(Segment<F>) -> Result<()>,
    ) -> Result<()> {
        self.wake(network);
        let segments = self.segments();
        w.snapshots.clear();
        w.map_snapshots.clear();
        for (i, segment) in segments.iter().enumerate() {
            let g = self.geometry(segment);
            self.prepare(network, w, &g, keep, backward_follows)?;
            if i == 0 {
                for (layer, tape) in w.tapes.iter_mut().enumerate() {
                    tape.rest(network, layer, &g);
                    if let Some(state) = initial {
                        state.load(layer, self.samples.start, tape, &g);
                    }
                }
                for (map, tape) in w.maps.iter_mut().enumerate() {
                    tape.begin.fill(F::ZERO);
                    if let Some(state) = initial {
                        state.load_pending(map, self.samples.start, tape, &g);
                    }
                }
            }
            if backward_follows && segments.len() > 1 {
                w.snapshots.push(w.tapes.iter().map(|t| t.snapshot()).collect());
                w.map_snapshots.push(w.maps.iter().map(|t| t.begin.clone()).collect());
            }
            parallel_forward::renew(network, &mut w.responses, g.steps)?;
            let Workspace { tapes, maps, input, responses, .. } = &mut *w;
            let signal =
                self.run_segment(network, tapes, maps, input, responses, segment, backward_follows)?;
            let kind = signal.kind();
            each(Segment { range: segment.clone(), g: &g, tapes, maps, signal: &signal })?;
            w.kind = kind;
            if i + 1 < segments.len() || !backward_follows {
                w.tapes.iter_mut().for_each(|t| t.carry(&g));
                w.maps.iter_mut().for_each(|t| t.carry());
            }
        }
        Ok(())
    }

    /// Takes the states at the end of a forward pass that a backward pass follows, which finds the tapes as they were.
    pub fn save_state(&self, w: &mut Workspace<F>, state: &mut NetworkState<F>) {
        instantiated!(functions, 'a => Pass::save_state_generic as (
            pass: &'a Pass<'a, F> = self,
            w: &'a mut Workspace<F> = w,
            state: &'a mut NetworkState<F> = state,
        ) -> ())
    }

    fn save_state_generic(&self, w: &mut Workspace<F>, state: &mut NetworkState<F>) {
        let Some(last) = self.segments().pop() else { return };
        let (g, first) = (self.geometry(&last), self.samples.start);
        for (layer, tape) in w.tapes.iter_mut().enumerate() {
            let begin = tape.snapshot();
            tape.carry(&g);
            state.save(layer, first, tape, &g);
            tape.restore(&begin);
        }
        for (map, tape) in w.maps.iter_mut().enumerate() {
            let begin = tape.begin.clone();
            tape.carry();
            state.save_pending(map, first, tape, &g);
            tape.begin.copy_from_slice(&begin);
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn run_segment<'b>(
        &'b self,
        network: &Network<F>,
        tapes: &mut [LayerTape<F>],
        maps: &mut [MapTape<F>],
        input: &'b mut Spikes,
        responses: &[Option<Response<F>>],
        segment: &Range<usize>,
        transposed: bool,
    ) -> Result<Signal<'b, F>> {
        let g = self.geometry(segment);
        let of_input = transposed && network.plan.enters_a_projection(Source::Input);
        let signal = Signal::new(self.input, input, &g, segment.start, of_input, network.level)?;
        let first_step = segment.start;
        for &unit in &network.plan.order {
            match unit {
                Unit::Layers { first, count } => {
                    let (before, rest) = tapes.split_at_mut(first);
                    let group = first..first + count;
                    let input = signal;
                    let forward = Forward { network, group, input, before, maps, g, first_step, responses };
                    forward.run(&mut rest[..count], transposed)?;
                }
                Unit::Map(map) if !maps[map].runs() => {}
                Unit::Map(map) => {
                    let (before, rest) = maps.split_at_mut(map);
                    let sources =
                        Sources { network, input: signal, layers: tapes, maps: before, g, first_step };
                    ops::forward::forward(&sources, map, self.mode, &mut rest[0]);
                }
            }
        }
        Ok(signal)
    }

    /// Adds this chunk's gradients to the parameters. `inject` fills in what enters each layer
    /// from outside in one segment. With `truncate` gradients stay in their segment; with `input_gradient` the gradient with
    /// respect to the input is written there in the input's own layout.
    pub fn backward(
        &self,
        network: &mut Network<F>,
        w: &mut Workspace<F>,
        truncate: bool,
        mut inject: impl FnMut(&Range<usize>, &Geometry, usize, &mut Injection<F>),
        input_gradient: Option<&mut [F]>,
    ) -> Result<()> {
        instantiated!(functions, 'a => Pass::backward_generic as (
            pass: &'a Pass<'a, F> = self,
            network: &'a mut Network<F> = network,
            w: &'a mut Workspace<F> = w,
            truncate: bool = truncate,
            inject: &'a mut Inject<'a, F> = &mut inject,
            input_gradient: Option<&'a mut [F]> = input_gradient,
        ) -> Result<()>)
    }

    fn backward_generic(
        &self,
        network: &mut Network<F>,
        w: &mut Workspace<F>,
        truncate: bool,
        inject: &mut Inject<F>,
        mut input_gradient: Option<&mut [F]>,
    ) -> Result<()> {
        self.wake(network);
        let segments = self.segments();
        let layers = network.plan.layers.len();
        w.injections.resize_with(layers, Injection::default);
        w.carries.resize_with(layers, Carry::default);
        w.map_carries.resize_with(network.plan.maps.len(), Aligned::default);
        // Which of them are there already.
        let mut transposed = vec![false; network.plan.projections.len()];
        // What a later segment hands over enters step by step.
        let whole = truncate || segments.len() == 1;
        for (i, segment) in segments.iter().enumerate().rev() {
            let g = self.geometry(segment);
            if i + 1 < segments.len() {
                let keep = vec![true; layers];
                self.prepare(network, w, &g, &keep, true)?;
                for (tape, snapshot) in w.tapes.iter_mut().zip(&w.snapshots[i]) {
                    tape.restore(snapshot);
                }
                for (tape, begin) in w.maps.iter_mut().zip(&w.map_snapshots[i]) {
                    tape.begin.copy_from_slice(begin);
                }
            }
            if truncate || i + 1 == segments.len() {
                for (layer, carry) in w.carries.iter_mut().enumerate() {
                    carry.zero(network, layer, &g, segments.len() > 1);
                }
                for (map, carry) in network.plan.maps.iter().zip(&mut w.map_carries) {
                    carry.clear();
                    carry.resize(pending(map, &g));
                }
            }
            let signal = if i + 1 < segments.len() {
                let (tapes, maps) = (&mut w.tapes, &mut w.maps);
                self.run_segment(network, tapes, maps, &mut w.input, &w.responses, segment, true)?
            } else {
                Signal::existing(self.input, &w.input, w.kind)
            };
            let sampling = Sampling::new(network, &w.tapes, &w.maps, &g);
            let also_input = input_gradient.is_some();
            transpose_all(network, &sampling, &mut transposed, &mut w.transposed, also_input);
            for layer in 0..layers {
                inject(segment, &g, layer, &mut w.injections[layer]);
            }
            let plan = network.plan.clone();
            let wanted = wanted_maps(&plan, network, input_gradient.is_some());
            for &unit in plan.order.iter().rev() {
                let group = match unit {
                    Unit::Layers { first, count } => first..first + count,
                    Unit::Map(map) => {
                        if !wanted[map] || w.maps[map].usage == MapUse::Unread {
                            continue;
                        }
                        let (before, rest) = w.maps.split_at_mut(map);
                        let (own, after) = rest.split_at_mut(1);
                        let normalised = plan
                            .normalised_by(map)
                            .filter(|reader| after[reader - map - 1].takes_over(&own[0]));
                        if let Some(reader) = normalised {
                            std::mem::swap(&mut own[0].values, &mut after[reader - map - 1].values);
                        }
                        let gathered = normalised.is_some();
                        let (layers, first_step) = (&w.tapes[..], segment.start);
                        let sources = Sources { network, input: signal, layers, maps: before, g, first_step };
                        let wants = |&source: &Source| match source {
                            Source::Input => input_gradient.is_some(),
                            Source::Spikes(_) | Source::State(..) => true,
                            Source::Map(m) => wanted[m],
                        };
                        let wanted = plan.maps[map].sources.iter().map(wants).collect();
                        let (transposed, mode) = (&w.transposed[..], self.mode);
                        let back = MapBackward {
                            network,
                            map,
                            layers,
                            after,
                            transposed,
                            sources,
                            mode,
                            wanted,
                            gathered,
                            sampling: &sampling,
                        };
                        let added = back.run(&mut own[0], &mut w.map_carries[map]);
                        for (parameter, gradient) in added {
                            network.parameters[parameter].grad = gradient;
                        }
                        if let Some(out) = input_gradient.as_deref_mut() {
                            self.input_gradient_of_map(
                                &plan.maps[map].sources,
                                &own[0],
                                &g,
                                segment.start,
                                out,
                            );
                        }
                        continue;
                    }
                };
                let constant = matches!(signal, Signal::Values(InputValues { constant: true, .. }, _));
                let is_constant = |source: Source| source.is_constant(constant, |m| w.maps[m].constant);
                let summed = plan.layers[group.clone()].iter().map(|layer| {
                    let of = |port| layer.feeds.iter().any(|f| f.port == port && is_constant(f.source));
                    (0..layer.bound.ports.len()).map(of).collect()
                });
                let summed = summed.collect();
                let (rest, after) = w.tapes.split_at_mut(group.end);
                let direct: Vec<bool> =
                    (0..layers).map(|layer| whole && is_direct(&plan, layer, g.steps)).collect();
                let backward = Backward {
                    network,
                    group: group.clone(),
                    after,
                    maps: &w.maps,
                    transposed: &w.transposed,
                    injections: &w.injections,
                    g,
                    summed,
                    direct: &direct,
                    responses: &w.responses,
                    sampling: &sampling,
                };
                let coefs = backward.run(&mut rest[group.clone()], &mut w.carries[group.clone()]);
                for (layer, coefs) in group.clone().zip(coefs) {
                    accumulate_learned(network, layer, &coefs);
                }
                for layer in group {
                    WeightGradient {
                        input: signal,
                        tapes: &w.tapes,
                        maps: &w.maps,
                        g,
                        first_step: segment.start,
                        level: network.level,
                    }
                    .run(network, layer)?;
                    if let Some(out) = input_gradient.as_deref_mut() {
                        self.input_gradient(
                            network,
                            layer,
                            &w.tapes[layer],
                            &w.transposed,
                            &g,
                            segment.start,
                            out,
                        );
                    }
                }
            }
            sampling.add_to(&mut w.active);
        }
        Ok(())
    }
}

/// Weights as `[part][panel of inputs][out][64]` for every projection of which the whole gradient of the input is wanted, unless they
/// are `there`.
fn transpose_all<F: Element>(
    network: &Network<F>,
    sampling: &Sampling,
    there: &mut [bool],
    out: &mut Vec<Aligned<F>>,
    also_input: bool,
) {
    let mut wanted = vec![false; network.plan.projections.len()];
    for layer in &network.plan.layers {
        for feed in layer.entering() {
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
    let turned = convolutions.into_iter().zip(&mut *out).enumerate().filter(|&(j, _)| wanted[j]);
    let work = turned.filter_map(|(j, (convolution, out))| Some((j, convolution?, out)));
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

/// For each map whether anything before it, or its own weights and delays, wants a gradient.
fn wanted_maps<F: Element>(plan: &Plan, network: &Network<F>, input: bool) -> Vec<bool> {
    let mut wanted: Vec<bool> = Vec::with_capacity(plan.maps.len());
    for map in &plan.maps {
        let own = map.projection.is_some_and(|j| {
            let projection = &network.plan.projections[j];
            projection.trainable || projection.delay.as_ref().is_some_and(|delay| delay.trainable)
        });
        let before = map.sources.iter().any(|&source| match source {
            Source::Input => input,
            Source::Spikes(_) | Source::State(..) => true,
            Source::Map(m) => wanted[m],
        });
        wanted.push(own || before);
    }
    wanted
}

/// Carries gradients of coefficients over to the learned parameters they derive from.
fn accumulate_learned<F: Element>(network: &mut Network<F>, layer: usize, coefs: &[Option<Vec<f64>>]) {
    if network.layers[layer].learned.is_empty() {
        return;
    }
    let values = network.dynamics_values(layer);
    let grads = network.plan.layers[layer].bound.derive_adjoint(&values, coefs);
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
