//! The reverse scan: gradients of the spikes from the layers above, then the adjoint of the
//! neurons' step, backwards in time. The gradient with respect to a population's current takes
//! the place of its first state on the tape, which is no longer needed then.

use crate::exec::coefficients::Coefficients;
use crate::exec::forward::{MAX_SLOTS, PanelSlices, tasks};
use crate::exec::geometry::Geometry;
use crate::exec::map::MapTape;
use crate::exec::network::Network;
use crate::exec::parallel;
use crate::exec::tape::LayerTape;
use crate::expr::{Arg, ArgSlot, OutSlot};
use crate::graph::{ProjectionKind, Source};
use crate::projection::{Aligned, Element, PANEL, add, input_gradient_panel, panels};
use crate::simd::SimdLevel;
use std::ops::Range;

/// What a later segment of time hands to the one before it.
pub(crate) struct Carry<F: Element> {
    /// Gradient with respect to each state at the end of the segment, `[panel][tile][sample][64]`.
    pub states: Vec<Aligned<F>>,
    /// Recurrent populations: gradient of the current of the step after the segment.
    pub current: Aligned<F>,
}

impl<F: Element> Default for Carry<F> {
    fn default() -> Self {
        Carry { states: vec![], current: Aligned::default() }
    }
}

impl<F: Element> Carry<F> {
    pub fn zero(&mut self, network: &Network<F>, layer: usize, g: &Geometry) {
        let plan = &network.plan.layers[layer];
        let len = panels(plan.neurons) * g.tiles * g.lanes();
        self.states.resize_with(plan.bound.states.len(), Aligned::default);
        for state in &mut self.states {
            state.clear();
            state.resize(len);
        }
        self.current.clear();
        self.current.resize(if plan.feedback.is_empty() { 0 } else { len });
    }
}

/// Gradients that enter a population from outside, each `[panel][tile][step][sample][64]` or empty.
#[derive(Default)]
pub(crate) struct Injection<F> {
    /// From the loss, with respect to the spikes.
    pub spikes: Vec<F>,
    /// From the loss, with respect to the first state.
    pub membrane: Vec<F>,
    /// From regularisers, with respect to the spikes.
    pub rate: Vec<F>,
}

pub(crate) struct Backward<'a, F: Element> {
    pub network: &'a Network<F>,
    pub layer: usize,
    /// Tapes of the layers that run after this one.
    pub after: &'a [LayerTape<F>],
    /// Tapes of the maps, with the gradients of those that read this layer.
    pub maps: &'a [MapTape<F>],
    /// For each projection its weights as `[panel of inputs][out][64]`, where somebody needs them.
    pub transposed: &'a [Aligned<F>],
    pub injection: &'a Injection<F>,
    pub g: Geometry,
    /// Sum the gradient of the current over time into the tape (a constant input feeds this layer).
    pub sum_current: bool,
}

/// Gradients of coefficients of one panel of one tile: `(coefficient, [64])`.
type CoefficientGradients<F> = Vec<(usize, usize, Vec<F>)>;

impl<F: Element> Backward<'_, F> {
    /// Returns the gradient of each coefficient that something learned depends on.
    pub fn run(&self, tape: &mut LayerTape<F>, carry: &mut Carry<F>) -> Vec<Option<Vec<f64>>> {
        let plan = &self.network.plan.layers[self.layer];
        let (count, recurrent) = (panels(plan.neurons), !plan.feedback.is_empty());
        let lanes = self.g.lanes();
        let sums = if self.sum_current { count * self.g.tiles * lanes } else { 0 };
        let mut current_sum = std::mem::take(&mut tape.current_sum);
        current_sum.clear();
        current_sum.resize(sums);
        debug_assert_eq!(tape.blocks, self.g.steps);
        let mut edges: Vec<EdgeSlices<F>> =
            (0..count * self.g.tiles).map(|_| EdgeSlices::default()).collect();
        for state in &mut carry.states {
            for (edge, chunk) in edges.iter_mut().zip(state.chunks_mut(lanes)) {
                edge.states.push(chunk);
            }
        }
        for (edge, chunk) in edges.iter_mut().zip(carry.current.chunks_mut(lanes)) {
            edge.current = chunk;
        }
        for (edge, chunk) in edges.iter_mut().zip(current_sum.chunks_mut(lanes)) {
            edge.sum = chunk;
        }
        let mut work = Vec::new();
        let mut edges: Vec<Option<EdgeSlices<F>>> = edges.into_iter().map(Some).collect();
        for (tile, slices) in tasks(tape, &self.g, count, recurrent) {
            let own = slices.iter().filter_map(|s| edges[s.panel * self.g.tiles + tile].take()).collect();
            work.push((tile, slices, own));
        }
        let parts = parallel::map(work, |(tile, slices, edges)| self.tile(tile, slices, edges));
        tape.current_sum = current_sum;
        self.reduce(parts)
    }

    fn tile(
        &self,
        tile: usize,
        mut slices: Vec<PanelSlices<F>>,
        mut edges: Vec<EdgeSlices<F>>,
    ) -> CoefficientGradients<F> {
        let g = &self.g;
        let plan = &self.network.plan.layers[self.layer];
        let lanes = g.lanes();
        let states = plan.bound.states.len();
        let coefs: Vec<_> =
            slices.iter().map(|s| Coefficients::new(self.network, self.layer, s.panel, g)).collect();
        let learned: Vec<usize> = plan
            .bound
            .adjoint
            .outs
            .iter()
            .filter_map(|o| match o {
                OutSlot::GradCoef(k) => Some(*k),
                _ => None,
            })
            .collect();
        let mut sums: Vec<Vec<Vec<F>>> =
            slices.iter().map(|_| vec![vec![F::ZERO; lanes]; learned.len()]).collect();
        let mut output: Vec<Aligned<F>> = slices.iter().map(|_| Aligned::default()).collect();
        let mut fed_back = vec![F::ZERO; if plan.feedback.is_empty() { 0 } else { lanes * slices.len() }];
        let mut buffers = AdjointBuffers::new(states, learned.len(), lanes);
        let mut state_grads: Vec<Vec<Aligned<F>>> =
            edges.iter().map(|e| e.states.iter().map(|s| Aligned::from(&**s)).collect()).collect();
        for block in g.blocks().rev() {
            for (slice, output) in slices.iter().zip(&mut output) {
                self.output_gradient(slice.panel, tile, block.clone(), output);
            }
            for t in block.clone().rev() {
                if !plan.feedback.is_empty() {
                    self.feedback_gradient(&slices, &edges, t, &mut fed_back);
                }
                for (i, slice) in slices.iter_mut().enumerate() {
                    let gradient = &mut output[i][(t - block.start) * lanes..][..lanes];
                    if !plan.feedback.is_empty() {
                        add(self.network.level, gradient, &fed_back[i * lanes..(i + 1) * lanes]);
                    }
                    let edge = &mut edges[i];
                    let chunk = slice.panel * g.tiles + tile;
                    if !self.injection.membrane.is_empty() {
                        add(
                            self.network.level,
                            &mut state_grads[i][0],
                            &self.injection.membrane[(chunk * g.steps + t) * lanes..][..lanes],
                        );
                    }
                    if !plan.bound.spiking {
                        add(self.network.level, &mut state_grads[i][0], gradient);
                    }
                    self.adjoint(slice, &mut state_grads[i], t, gradient, &coefs[i], &mut buffers);
                    if !edge.sum.is_empty() {
                        add(self.network.level, edge.sum, &slice.states[0][t * lanes..(t + 1) * lanes]);
                    }
                    for (sum, grad) in sums[i].iter_mut().zip(&buffers.coefs) {
                        add(self.network.level, sum, grad);
                    }
                }
            }
        }
        for ((slice, edge), grads) in slices.iter().zip(&mut edges).zip(&state_grads) {
            edge.states.iter_mut().zip(grads).for_each(|(to, from)| to.copy_from_slice(from));
            if !edge.current.is_empty() {
                edge.current.copy_from_slice(&slice.states[0][..lanes]);
            }
        }
        let mut result = Vec::new();
        for (slice, sums) in slices.iter().zip(&sums) {
            for (&k, sum) in learned.iter().zip(sums) {
                let mut total = vec![F::ZERO; PANEL];
                sum.chunks(PANEL).for_each(|row| add(self.network.level, &mut total, row));
                result.push((k, slice.panel, total));
            }
        }
        result
    }

    /// One step of the adjoint for one panel.
    fn adjoint(
        &self,
        slice: &mut PanelSlices<F>,
        state_grads: &mut [Aligned<F>],
        t: usize,
        output: &[F],
        coefs: &Coefficients<F>,
        buffers: &mut AdjointBuffers<F>,
    ) {
        let plan = &self.network.plan.layers[self.layer];
        let program = &plan.bound.adjoint;
        let lanes = self.g.lanes();
        let AdjointBuffers { states, current, coefs: coef_grads, kernel } = buffers;
        let mut args = [Arg::Uniform(F::ZERO); MAX_SLOTS];
        for (arg, slot) in args.iter_mut().zip(&program.args) {
            *arg = match *slot {
                ArgSlot::State(i) if t == 0 => Arg::Lanes(slice.begin[i]),
                ArgSlot::State(i) => Arg::Lanes(&slice.states[i][(t - 1) * lanes..t * lanes]),
                ArgSlot::NewState(i) => Arg::Lanes(&slice.states[i][t * lanes..(t + 1) * lanes]),
                ArgSlot::Port(_) => Arg::Lanes(&slice.currents[t * lanes..(t + 1) * lanes]),
                ArgSlot::Coef(k) => coefs.arg(k),
                ArgSlot::GradState(i) => Arg::Lanes(&state_grads[i]),
                ArgSlot::GradSpike => Arg::Lanes(output),
            };
        }
        let mut outs: [&mut [F]; MAX_SLOTS] = std::array::from_fn(|_| &mut [][..]);
        let mut free: [Option<&mut Aligned<F>>; MAX_SLOTS] = std::array::from_fn(|_| None);
        for (place, state) in free.iter_mut().zip(states.iter_mut()) {
            *place = Some(state);
        }
        let mut port = Some(&mut *current);
        let mut more = coef_grads.iter_mut();
        let mut given = [false; MAX_SLOTS];
        let mut has_port = false;
        for (out, slot) in outs.iter_mut().zip(&program.outs) {
            let buffer = match *slot {
                OutSlot::GradState(i) => {
                    given[i] = true;
                    free[i].take()
                }
                OutSlot::GradPort(_) => {
                    has_port = true;
                    port.take()
                }
                _ => more.next(),
            };
            if let Some(buffer) = buffer {
                *out = &mut buffer[..];
            }
        }
        let kernel_fn = &self.network.layers[self.layer].adjoint;
        kernel_fn.run(lanes, &args[..program.args.len()], &mut outs[..program.outs.len()], kernel);
        for (i, (now, before)) in state_grads.iter_mut().zip(states.iter_mut()).enumerate() {
            if given[i] { std::mem::swap(now, before) } else { now.fill(F::ZERO) }
        }
        let place = &mut slice.states[0][t * lanes..(t + 1) * lanes];
        if has_port { place.copy_from_slice(current) } else { place.fill(F::ZERO) }
    }

    /// The gradient with respect to this layer's output over a block of steps, from the layers it
    /// feeds and from outside: `[step][sample][64]`.
    fn output_gradient(&self, panel: usize, tile: usize, block: Range<usize>, out: &mut Aligned<F>) {
        let g = &self.g;
        let lanes = g.lanes();
        let len = block.len() * lanes;
        out.resize(len);
        let mut begun = false;
        for (i, tape) in self.after.iter().enumerate() {
            let consumer = &self.network.plan.layers[self.layer + 1 + i];
            for feed in consumer.feeds.iter().filter(|f| f.source == Source::Layer(self.layer)) {
                let gradient = |k: usize| {
                    let start = (k * g.tiles + tile) * tape.blocks + block.start;
                    &tape.states[0][start * lanes..][..len]
                };
                match feed.projection {
                    Some(j) if self.network.plan.projections[j].kind == ProjectionKind::Dense => {
                        self.through(j, panel, g.tile * block.len(), gradient, out, begun);
                    }
                    other => {
                        if !begun {
                            out.fill(F::ZERO);
                        }
                        let weights = other.map(|j| self.one_to_one(j, panel));
                        add_scaled(self.network.level, out, gradient(panel), weights);
                    }
                }
                begun = true;
            }
        }
        if !begun {
            out.fill(F::ZERO);
        }
        self.gradient_of_maps(panel, tile, &block, out);
        let chunk = panel * g.tiles + tile;
        for more in [&self.injection.spikes, &self.injection.rate].into_iter().filter(|i| !i.is_empty()) {
            add(self.network.level, out, &more[(chunk * g.steps + block.start) * lanes..][..len]);
        }
    }

    /// Adds what the maps that read this layer say.
    fn gradient_of_maps(&self, panel: usize, tile: usize, block: &Range<usize>, out: &mut [F]) {
        let neurons = self.network.plan.layers[self.layer].neurons;
        let width = PANEL.min(neurons - panel * PANEL);
        for (map, tape) in self.network.plan.maps.iter().zip(self.maps) {
            for (&source, gradient) in map.sources.iter().zip(&tape.gradients) {
                if source != Source::Layer(self.layer) {
                    continue;
                }
                let first = self.g.row(tile, block.start);
                for (lanes, row) in out.chunks_mut(PANEL).zip(gradient.chunks(neurons).skip(first)) {
                    lanes.iter_mut().zip(&row[panel * PANEL..][..width]).for_each(|(x, &y)| *x += y);
                }
            }
        }
    }

    /// `rows` rows of the input gradient of a dense projection, its outputs ascending.
    fn through<'b>(
        &self,
        projection: usize,
        panel: usize,
        rows: usize,
        gradient: impl Fn(usize) -> &'b [F],
        out: &mut [F],
        accumulate: bool,
    ) where
        F: 'b,
    {
        let outputs = self.network.plan.projections[projection].outputs;
        let weights = &self.transposed[projection][panel * outputs * PANEL..(panel + 1) * outputs * PANEL];
        input_gradient_panel(self.network.level, rows, outputs, gradient, weights, out, accumulate);
    }

    fn one_to_one(&self, projection: usize, panel: usize) -> &[F] {
        let slot = self.network.slots[projection].weight;
        &self.network.parameters[slot].data[panel * PANEL..(panel + 1) * PANEL]
    }

    /// What the currents of the next step say about the spikes of step `t`, for all panels.
    fn feedback_gradient(&self, slices: &[PanelSlices<F>], edges: &[EdgeSlices<F>], t: usize, out: &mut [F]) {
        let lanes = self.g.lanes();
        let next = |k: usize| match t + 1 < self.g.steps {
            true => &slices[k].states[0][(t + 1) * lanes..(t + 2) * lanes],
            false => &edges[k].current[..],
        };
        let feedback = &self.network.plan.layers[self.layer].feedback;
        let (images, others): (Vec<usize>, Vec<usize>) =
            feedback.iter().partition(|&&j| self.network.feedback[j].is_some());
        for (panel, out) in out.chunks_mut(lanes).enumerate() {
            let mut begun = false;
            for &j in &others {
                if self.network.plan.projections[j].kind == ProjectionKind::Dense {
                    self.through(j, panel, self.g.tile, next, out, begun);
                } else {
                    if !begun {
                        out.fill(F::ZERO);
                    }
                    add_scaled(self.network.level, out, next(panel), Some(self.one_to_one(j, panel)));
                }
                begun = true;
            }
            if !begun {
                out.fill(F::ZERO);
            }
        }
        for &j in &images {
            self.network.image_gradient(j, &self.transposed[j], next, out, lanes);
        }
    }

    /// Sums the parts in the order of tiles; a uniform coefficient also over its neurons.
    fn reduce(&self, parts: Vec<CoefficientGradients<F>>) -> Vec<Option<Vec<f64>>> {
        let layer = &self.network.layers[self.layer];
        let neurons = self.network.plan.layers[self.layer].neurons;
        let mut total: Vec<Option<Vec<f64>>> = vec![None; layer.coefs.len()];
        for (k, panel, part) in parts.into_iter().flatten() {
            let sum = total[k].get_or_insert_with(|| vec![0.0; neurons]);
            for (to, &x) in sum[panel * PANEL..].iter_mut().zip(&part) {
                *to += x.to_f64();
            }
        }
        for (sum, coef) in total.iter_mut().zip(&layer.coefs) {
            if let (Some(sum), 1) = (sum, coef.len()) {
                *sum = vec![sum.iter().sum()];
            }
        }
        total
    }
}

/// What one panel of one tile hands over between segments and steps.
struct EdgeSlices<'a, F> {
    states: Vec<&'a mut [F]>,
    current: &'a mut [F],
    sum: &'a mut [F],
}

impl<F> Default for EdgeSlices<'_, F> {
    fn default() -> Self {
        EdgeSlices { states: vec![], current: &mut [], sum: &mut [] }
    }
}

struct AdjointBuffers<F: Element> {
    states: Vec<Aligned<F>>,
    current: Aligned<F>,
    coefs: Vec<Aligned<F>>,
    kernel: Vec<F>,
}

impl<F: Element> AdjointBuffers<F> {
    fn new(states: usize, coefs: usize, lanes: usize) -> Self {
        let mut zeros = Aligned::default();
        zeros.resize(lanes);
        AdjointBuffers {
            states: vec![zeros.clone(); states],
            coefs: vec![zeros.clone(); coefs],
            current: zeros,
            kernel: vec![],
        }
    }
}

fn add_scaled<F: Element>(level: SimdLevel, out: &mut [F], gradient: &[F], weights: Option<&[F]>) {
    let Some(weights) = weights else { return add(level, out, gradient) };
    for (out, row) in out.chunks_mut(PANEL).zip(gradient.chunks(PANEL)) {
        for ((x, &y), &w) in out.iter_mut().zip(row).zip(weights) {
            *x += y * w;
        }
    }
}
