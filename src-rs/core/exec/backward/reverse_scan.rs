//! The reverse scan, backwards in time: the gradients of a population's output from its readers, then the adjoint of
//! the neurons' step. The gradient with respect to each port overwrites data on the tape that are no longer needed (see
//! `tape`).

use crate::backward::parallel_backward::ParallelBackward;
use crate::backward::scan_state::{AdjointBuffers, EdgeSlices, Scan, each_chunk};
use crate::forward::map_currents::MapCurrents;
use crate::network::coefficients::Coefficients;
use crate::network::compiled::{Layer, Network};
use crate::network::panel_slices::Member;
use crate::network::panel_slices::{PanelSlices, tasks};
use crate::network::sampling::Sampling;
use crate::plan::records::PortRecord;
use crate::storage::buffers::Buffer;
use crate::storage::geometry::Geometry;
use crate::storage::padding::Padding;
use crate::storage::parallel;
use crate::tape::gradients::{Carry, Injection};
use crate::tape::impulse_response::Response;
use crate::tape::layer_tape::LayerTape;
use crate::tape::map_tape::MapTape;
use lapicque_expr::{Arg, ArgSlot, Args, OutSlot, Outs, set_args};
use lapicque_graph::Source;
use lapicque_projection::{Aligned, Element, PANEL, add, panels, prefetch_lines};
use smallvec::SmallVec;
use std::ops::Range;

impl<F: Element> Carry<F> {
    /// `handed_over`: there are several segments. With one, no gradients of states are passed on.
    pub fn zero(&mut self, network: &Network<F>, layer: usize, g: &Geometry, handed_over: bool) {
        let plan = &network.plan.layers[layer];
        let len = panels(plan.neurons) * g.tiles * g.elements();
        let states = if handed_over { plan.bound.states.len() } else { 0 };
        let ports = if plan.feedback.iter().any(|feed| feed.delayed) { plan.bound.ports.len() } else { 0 };
        self.states.resize_with(states, Aligned::default);
        self.currents.resize_with(ports, Aligned::default);
        for zeros in self.states.iter_mut().chain(&mut self.currents) {
            zeros.clear();
            zeros.resize(len);
        }
    }
}

pub(crate) struct Backward<'a, F: Element> {
    pub network: &'a Network<F>,
    /// The layers that run together.
    pub group: Range<usize>,
    /// Tapes of the layers that run after these.
    pub after: &'a [LayerTape<F>],
    /// Tapes of the operations, with the gradients from those that read these layers.
    pub maps: &'a [MapTape<F>],
    /// By projection: its weights as `[part][panel of inputs][out][64]`, if they are needed.
    pub transposed: &'a [Aligned<F>],
    /// One per layer of the network.
    pub injections: &'a [Injection<F>],
    pub g: Geometry,
    /// By member: the ports whose gradient is summed over time into the tape, because their input is constant.
    pub summed: Vec<Vec<bool>>,
    /// By layer of the network: whether its gradient buffer contains the gradient of its input signals.
    pub direct: &'a [bool],
    pub responses: &'a [Option<Response<F>>],
    pub sampling: &'a Sampling,
    /// Whether the segment begins at rest, so that the gradient reaches learned initial values.
    pub from_rest: bool,
}

/// Gradients of a population that reach its learned parameters. Each has one value, or one per neuron.
pub(crate) struct LayerGradients {
    pub coefs: Vec<Option<Vec<f64>>>,
    /// By state: of its initial values.
    pub starts: Vec<Option<Vec<f64>>>,
}

impl LayerGradients {
    fn none<F: Element>(network: &Network<F>, layer: usize) -> Self {
        let Layer { coefs, starts, .. } = &network.layers[layer];
        LayerGradients { coefs: vec![None; coefs.len()], starts: vec![None; starts.len()] }
    }
}

/// What a gradient belongs to.
#[derive(Clone, Copy)]
enum Of {
    Coef(usize),
    Start(usize),
}

/// Number of tasks per tile for a population whose spike gradient is computed element by element; a task takes several
/// panels.
const SAMPLED_TASKS: usize = 4;

/// Gradients of coefficients and initial values of one panel of one tile: `(layer, of, panel, [64])`.
type PanelGradients<F> = Vec<(usize, Of, usize, Vec<F>)>;

impl<F: Element> Backward<'_, F> {
    /// Returns for each member the gradients of the coefficients and initial values that depend on learned parameters.
    pub fn run(&self, tapes: &mut [LayerTape<F>], carries: &mut [Carry<F>]) -> Vec<LayerGradients> {
        if let ([tape], true) = (&mut *tapes, self.direct[self.group.start]) {
            self.all_steps(tape);
            return vec![LayerGradients::none(self.network, self.group.start)];
        }
        let (g, elements) = (&self.g, self.g.elements());
        let mut sums: Vec<Vec<Aligned<F>>> = Vec::new();
        let mut edges: Vec<Vec<Option<EdgeSlices<F>>>> = Vec::new();
        for ((layer, tape), summed) in self.group.clone().zip(&mut *tapes).zip(&self.summed) {
            debug_assert_eq!(tape.blocks, g.steps);
            let count = panels(self.network.plan.layers[layer].neurons) * g.tiles;
            let mut own = std::mem::take(&mut tape.current_sums);
            for (sum, &is_summed) in own.iter_mut().zip(summed) {
                sum.clear();
                sum.resize(if is_summed { count * elements } else { 0 });
            }
            sums.push(own);
            edges.push((0..count).map(|_| Some(EdgeSlices::default())).collect());
        }
        for ((edges, carry), sums) in edges.iter_mut().zip(carries).zip(&mut sums) {
            each_chunk(&mut carry.states, edges, elements, |edge, chunk| edge.states.push(chunk));
            each_chunk(&mut carry.currents, edges, elements, |edge, chunk| edge.currents.push(chunk));
            each_chunk(sums, edges, elements, |edge, chunk| edge.sums.push(chunk));
        }
        let mut work = Vec::new();
        let least = self.panels_of_a_task();
        for (tile, members) in tasks(self.network, self.group.start, tapes, g, least) {
            let own = members.iter().map(|member| {
                let edges = &mut edges[member.layer - self.group.start];
                member.slices.iter().filter_map(|s| edges[s.panel * g.tiles + tile].take()).collect()
            });
            let own: Vec<Vec<EdgeSlices<F>>> = own.collect();
            work.push((tile, members, own));
        }
        let parts = parallel::map(work, |(tile, members, edges)| self.tile(tile, members, edges));
        for (tape, sums) in tapes.iter_mut().zip(sums) {
            tape.current_sums = sums;
        }
        self.reduce(parts)
    }

    /// If the gradient of spikes is computed element by element, a block of the readers' gradients comes from main
    /// memory and little of it is used. So the panels of a task share the block.
    fn panels_of_a_task(&self) -> usize {
        let plan = &self.network.plan;
        let spikes = Source::Spikes(self.group.start);
        let feeds = plan.layers[self.group.end..].iter().flat_map(|layer| &layer.feeds);
        let sampled = |j: usize| self.sampling.is_sampled(j);
        match feeds.filter(|feed| feed.source == spikes).any(|feed| feed.projection.is_some_and(sampled)) {
            true => (panels(plan.layers[self.group.start].neurons) / SAMPLED_TASKS).max(1),
            false => 1,
        }
    }

    /// The gradient of the input of a population whose steps are computed at once.
    fn all_steps(&self, tape: &mut LayerTape<F>) {
        let (g, layer) = (self.g, self.group.start);
        let Some(Some(response)) = self.responses.get(layer) else { return };
        let membrane = &self.injections[layer].membrane;
        let gradients = |panel: usize, tile: usize, block: Range<usize>, out: &mut Aligned<F>| {
            self.output_gradients(
                Source::State(layer, 0),
                tile,
                block.clone(),
                vec![(panel, &[], &mut *out)],
            );
            if !membrane.is_empty() {
                let from = ((panel * g.tiles + tile) * g.steps + block.start) * g.elements();
                let more = &membrane[from..][..out.len()];
                add(self.network.level, out, more);
            }
        };
        let tiles = ParallelBackward { network: self.network, response, layer, g }.run(gradients);
        let plan = &self.network.plan.layers[layer];
        let rows = g.tile_rows() * PANEL;
        for (i, to) in tape.gradient_mut(plan, 0).chunks_mut(rows).enumerate() {
            let (panel, tile) = (i / g.tiles, i % g.tiles);
            let Some(from) = tiles[tile].chunks(rows).nth(panel) else { break };
            to.copy_from_slice(from);
            for (_, more) in &self.injections[layer].currents {
                add(self.network.level, to, &more[i * rows..][..rows]);
            }
        }
    }

    fn tile(
        &self,
        tile: usize,
        members: Vec<Member<F>>,
        mut edges: Vec<Vec<EdgeSlices<F>>>,
    ) -> PanelGradients<F> {
        let g = &self.g;
        let most =
            members.iter().map(|member| self.network.plan.layers[member.layer].bound.states.len()).max();
        let blocks = vec![g.steps; most.unwrap_or(0)];
        let mut recomputed_states = self.state_buffers(&members);
        let mut members: Vec<Member<F>> = members;
        for (member, buffers) in members.iter_mut().zip(&mut recomputed_states) {
            self.recompute_states(member, tile, buffers, &blocks);
        }
        let mut buffers: Vec<Buffer<F>> = members.iter().map(|_| self.network.buffers.take()).collect();
        let own = members.iter().zip(&edges).zip(&mut buffers);
        let mut scans: Vec<Scan<F>> =
            own.map(|((member, edges), buffer)| self.scan(member, edges, buffer)).collect();
        for block in g.blocks().rev() {
            for (member, scan) in members.iter().zip(&mut scans) {
                for (k, &source) in scan.sources.iter().enumerate() {
                    let panels = member.slices.iter().zip(&mut scan.outputs);
                    let rows = block.start * g.tile..block.end * g.tile;
                    let panels = panels.map(|(slice, outputs)| {
                        let active = slice.active.get(rows.clone()).unwrap_or_default();
                        (slice.panel, active, &mut *outputs[k])
                    });
                    self.output_gradients(source, tile, block.clone(), panels.collect());
                }
                self.recompute_currents(member, tile, block.clone(), &mut scan.recomputed);
            }
            for t in block.clone().rev() {
                for m in (0..members.len()).rev() {
                    let Scan { sources, inside, .. } = &mut scans[m];
                    for (&source, inside) in sources.iter().zip(inside) {
                        self.loop_gradient(&members, &edges, source, t + 1, inside);
                    }
                    let step = [tile, t, t - block.start];
                    self.member_step(&mut members[m], &mut edges[m], &mut scans[m], step);
                }
            }
        }
        let mut starts = Vec::new();
        if self.from_rest {
            self.start_gradients(&members, &edges, &mut scans, tile, &mut starts);
        }
        self.collected(&members, edges, &scans, starts)
    }

    /// One step of the adjoint of a member, for each of its panels: `[tile, step, step of the block]`.
    fn member_step<'a>(
        &self,
        member: &mut Member<F>,
        edges: &mut [EdgeSlices<F>],
        scan: &mut Scan<'a, F>,
        [tile, t, in_block]: [usize; 3],
    ) {
        let (level, elements, layer) = (self.network.level, self.g.elements(), member.layer);
        let plan = &self.network.plan.layers[layer];
        let Scan { coefs, sources, outputs, inside, recomputed, state_grads, sums, buffers, .. } = scan;
        for (i, slice) in member.slices.iter_mut().enumerate() {
            let from = ((slice.panel * self.g.tiles + tile) * self.g.steps + t) * elements;
            for (state, gradient) in self.injections[layer].of_states() {
                add(level, state_grads[i][state], &gradient[from..][..elements]);
            }
            let mut spikes = None;
            for ((&source, output), inside) in sources.iter().zip(&mut outputs[i]).zip(&*inside) {
                let gradient = &mut output[in_block * elements..][..elements];
                if !inside.is_empty() {
                    add(level, gradient, &inside[i * elements..(i + 1) * elements]);
                }
                match source {
                    Source::State(_, state) => add(level, state_grads[i][state], gradient),
                    _ => spikes = Some(&*gradient),
                }
            }
            let spikes = spikes.map_or(Arg::Uniform(F::ZERO), |gradient| Arg::Elements(gradient));
            self.adjoint(
                slice,
                &mut state_grads[i],
                [layer, tile, t],
                (spikes, recomputed[i].get(in_block * elements..).unwrap_or_default()),
                &coefs[i],
                buffers,
            );
            for (port, more) in &self.injections[layer].currents {
                let more = &more[from..][..elements];
                add(level, &mut slice.gradient_mut(plan, *port)[t * elements..(t + 1) * elements], more);
            }
            for (port, sum) in edges[i].sums.iter_mut().enumerate().filter(|(_, sum)| !sum.is_empty()) {
                match slice.is_recomputed() {
                    true => add(level, sum, buffers.currents[port]),
                    false => add(level, sum, &slice.gradient(plan, port)[t * elements..(t + 1) * elements]),
                }
            }
            for (sum, grad) in sums[i].iter_mut().zip(&buffers.coefs) {
                add(level, sum, grad);
            }
        }
    }

    /// Adds the gradients of learned initial values, summed over the samples, to `result`: those of the states before the
    /// first step, and through readers of these states.
    fn start_gradients(
        &self,
        members: &[Member<F>],
        edges: &[Vec<EdgeSlices<F>>],
        scans: &mut [Scan<F>],
        tile: usize,
        result: &mut PanelGradients<F>,
    ) {
        let (g, level, elements) = (&self.g, self.network.level, self.g.elements());
        for (member, scan) in members.iter().zip(scans) {
            let plan = &self.network.plan.layers[member.layer];
            for state in (0..plan.bound.states.len()).filter(|&state| plan.bound.learns_start(state)) {
                let own = Source::State(member.layer, state);
                if let Some(k) = scan.sources.iter().position(|&source| source == own)
                    && !scan.inside[k].is_empty()
                {
                    self.loop_gradient(members, edges, own, 0, scan.inside[k]);
                    let panels = scan.state_grads.iter_mut().zip(scan.inside[k].chunks(elements));
                    panels.for_each(|(grads, inside)| add(level, grads[state], inside));
                }
                for (slice, grads) in member.slices.iter().zip(&scan.state_grads) {
                    let mut total = vec![F::ZERO; PANEL];
                    let samples = grads[state].chunks(PANEL).take(g.valid(tile));
                    samples.for_each(|row| add(level, &mut total, row));
                    result.push((member.layer, Of::Start(state), slice.panel, total));
                }
            }
        }
    }

    /// Stores the gradients at the first step in the edges, and adds those of the coefficients to `result`.
    fn collected(
        &self,
        members: &[Member<F>],
        mut edges: Vec<Vec<EdgeSlices<F>>>,
        scans: &[Scan<F>],
        mut result: PanelGradients<F>,
    ) -> PanelGradients<F> {
        let (level, elements) = (self.network.level, self.g.elements());
        for ((member, edges), scan) in members.iter().zip(&mut edges).zip(scans) {
            let plan = &self.network.plan.layers[member.layer];
            for ((slice, edge), (grads, sums)) in
                member.slices.iter().zip(edges).zip(scan.state_grads.iter().zip(&scan.sums))
            {
                edge.states.iter_mut().zip(grads).for_each(|(to, from)| to.copy_from_slice(from));
                for (port, current) in edge.currents.iter_mut().enumerate() {
                    current.copy_from_slice(&slice.gradient(plan, port)[..elements]);
                }
                for (&k, sum) in scan.learned.iter().zip(sums) {
                    let mut total = vec![F::ZERO; PANEL];
                    sum.chunks(PANEL).for_each(|row| add(level, &mut total, row));
                    result.push((member.layer, Of::Coef(k), slice.panel, total));
                }
            }
        }
        result
    }

    /// Recomputes the currents that a member's tape does not store, over a block of steps: `[step][sample][64]` per
    /// panel.
    fn recompute_currents(
        &self,
        member: &Member<F>,
        tile: usize,
        block: Range<usize>,
        recomputed: &mut [Buffer<F>],
    ) {
        let plan = &self.network.plan.layers[member.layer];
        let is_recomputed = member.slices.iter().any(|slice| slice.is_recomputed());
        if plan.bound.ports.is_empty()
            || is_recomputed
            || PortRecord::of(&self.network.plan, member.layer, 0) != PortRecord::Again
        {
            return;
        }
        let of_maps = MapCurrents { network: self.network, maps: self.maps, g: self.g };
        let Some((feed, map)) = self.network.plan.fusions.current(member.layer, 0) else { return };
        let len = block.len() * self.g.elements();
        let buffers = member.slices.iter().zip(recomputed).map(|(slice, recomputed)| {
            recomputed.reuse(len);
            (slice.panel, &mut recomputed[..])
        });
        of_maps.panels(feed, map, [member.layer, tile], block, &mut buffers.collect::<Vec<_>>());
    }

    /// One step of the adjoint for one panel; `recomputed` is the recomputed current if the tape does not store it,
    /// otherwise empty.
    fn adjoint<'a>(
        &self,
        slice: &mut PanelSlices<F>,
        state_grads: &mut [&'a mut [F]],
        [layer, tile, t]: [usize; 3],
        (spikes, recomputed): (Arg<F>, &[F]),
        coefs: &Coefficients<F>,
        buffers: &mut AdjointBuffers<'a, F>,
    ) {
        let plan = &self.network.plan.layers[layer];
        let program = &plan.bound.adjoint;
        let elements = self.g.elements();
        let AdjointBuffers { states, currents, coefs: coef_grads, zeros, kernel, noise } = buffers;
        let spikes = if let Arg::Elements(_) = spikes { spikes } else { Arg::Elements(zeros) };
        if !noise.is_empty() {
            let (g, clock) = (&self.g, slice.before(noise.clock, t));
            noise.draw(g.first + tile * g.tile, slice.panel * PANEL, PANEL, clock);
        }
        let arg = |slot: ArgSlot| match slot {
            ArgSlot::State(i) => Arg::Elements(slice.before(i, t)),
            ArgSlot::NewState(i) => Arg::Elements(slice.after(i, t)),
            ArgSlot::Port(0) if slice.is_recomputed() => Arg::Elements(&*slice.constant),
            ArgSlot::Port(0) if !recomputed.is_empty() => Arg::Elements(&recomputed[..elements]),
            ArgSlot::Port(p) => Arg::Elements(&slice.currents[p][t * elements..(t + 1) * elements]),
            ArgSlot::Coef(k) => coefs.arg(k),
            ArgSlot::GradState(i) => Arg::Elements(&*state_grads[i]),
            ArgSlot::GradSpike => spikes,
            ArgSlot::Noise(k) => Arg::Elements(noise.values(k)),
            ArgSlot::Variable(_) => unreachable!("an adjoint has no loop"),
        };
        let mut args = Args::new();
        set_args(&mut args, &program.args, arg);
        // The hardware prefetcher does not follow descending addresses.
        if let Some(earlier) = t.checked_sub(1).filter(|_| self.g.is_large(plan) && !slice.is_recomputed()) {
            for slot in &program.args {
                match *slot {
                    ArgSlot::State(i) => prefetch_lines(slice.before(i, earlier)),
                    ArgSlot::NewState(i) => prefetch_lines(slice.after(i, earlier)),
                    ArgSlot::Port(p) => {
                        if let Some(current) = slice.currents[p].get(earlier * elements..t * elements) {
                            prefetch_lines(current);
                        }
                    }
                    _ => {}
                }
            }
        }
        let mut free: SmallVec<[_; 8]> = SmallVec::new();
        free.extend(states.iter_mut().map(|state| Some(&mut **state)));
        let mut ports: SmallVec<[_; 8]> = SmallVec::new();
        ports.extend(currents.iter_mut().map(|current| Some(&mut **current)));
        let mut more = coef_grads.iter_mut();
        let mut outs = Outs::new();
        for slot in &program.outs {
            let buffer = match *slot {
                OutSlot::GradState(i) => free[i].take(),
                OutSlot::GradPort(p) => ports[p].take(),
                _ => more.next().map(|grad| &mut **grad),
            };
            outs.extend(buffer);
        }
        let is_output = |slot: OutSlot| program.outs.contains(&slot);
        self.network.layers[layer].adjoint.run(elements, &args, &mut outs, kernel);
        drop((args, outs, free, ports, more));
        // Gradients of states remain within their neuron and sample.
        let padding = Padding::of(&self.g, plan.neurons, slice.panel, tile);
        for grads in currents.iter_mut().chain(coef_grads.iter_mut()) {
            padding.clear(grads);
        }
        for (i, (now, before)) in state_grads.iter_mut().zip(states.iter_mut()).enumerate() {
            if is_output(OutSlot::GradState(i)) { std::mem::swap(now, before) } else { now.fill(F::ZERO) }
        }
        if slice.is_recomputed() {
            // Only the sum over time is read.
            return;
        }
        for (port, current) in currents.iter().enumerate() {
            let gradient = &mut slice.gradient_mut(plan, port)[t * elements..(t + 1) * elements];
            if is_output(OutSlot::GradPort(port)) {
                gradient.copy_from_slice(current)
            } else {
                gradient.fill(F::ZERO)
            }
        }
    }

    /// Sums the parts in the order of tiles; a uniform value also over its neurons.
    fn reduce(&self, parts: Vec<PanelGradients<F>>) -> Vec<LayerGradients> {
        let layers = &self.network.layers[self.group.clone()];
        let mut totals: Vec<LayerGradients> =
            self.group.clone().map(|layer| LayerGradients::none(self.network, layer)).collect();
        for (layer, of, panel, part) in parts.into_iter().flatten() {
            let neurons = self.network.plan.layers[layer].neurons;
            let LayerGradients { coefs, starts } = &mut totals[layer - self.group.start];
            let total = match of {
                Of::Coef(k) => &mut coefs[k],
                Of::Start(state) => &mut starts[state],
            };
            let sum = total.get_or_insert_with(|| vec![0.0; neurons]);
            for (to, &x) in sum[panel * PANEL..].iter_mut().zip(&part) {
                *to += x.to_f64();
            }
        }
        for (total, layer) in totals.iter_mut().zip(layers) {
            let of_coefs = total.coefs.iter_mut().zip(&layer.coefs);
            for (sum, values) in of_coefs.chain(total.starts.iter_mut().zip(&layer.starts)) {
                if let (Some(sum), 1) = (sum, values.len()) {
                    *sum = vec![sum.iter().sum()];
                }
            }
        }
        totals
    }
}
