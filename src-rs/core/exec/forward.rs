//! The forward scan: currents from the projections, then the neurons' step, tile by tile. A tile
//! of a feed-forward population is one panel; a recurrent one takes all its panels, since each
//! step needs the spikes of the whole population of the step before.

use crate::error::Result;
use crate::exec::coefficients::Coefficients;
use crate::exec::feedback::Feedback;
use crate::exec::geometry::Geometry;
use crate::exec::input::{InputValues, Signal};
use crate::exec::map::MapTape;
use crate::exec::network::Network;
use crate::exec::noise::Noise;
use crate::exec::parallel;
use crate::exec::tape::LayerTape;
use crate::expr::{Arg, ArgSlot, MAX_SLOTS};
use crate::graph::{ProjectionKind, Source};
use crate::projection::{
    Aligned, Element, EventLists, PANEL, Sparse, add, gather_rows, gather_values, gemm_panel, pack_spikes,
    panel_mask, panels, unpack_spikes,
};
use std::ops::Range;

/// One panel of one tile: what a task may write.
pub(crate) struct PanelSlices<'a, F> {
    pub panel: usize,
    /// Each state before the segment, `[sample][64]`.
    pub begin: Vec<&'a [F]>,
    /// Each state `[block][sample][64]`.
    pub states: Vec<&'a mut [F]>,
    pub blocks: usize,
    /// Port 0 `[step][sample][64]`, kept only where the adjoint asks for it.
    pub currents: &'a mut [F],
    /// `[step][sample]`.
    pub bits: &'a mut [u64],
    /// `[sample]`, recurrent populations only.
    pub last_spikes: &'a mut [u64],
}

/// Cuts a tape into tasks `(tile, panels)`.
pub(crate) fn tasks<'a, F: Element>(
    tape: &'a mut LayerTape<F>,
    g: &Geometry,
    panels: usize,
    recurrent: bool,
) -> Vec<(usize, Vec<PanelSlices<'a, F>>)> {
    let states_len = tape.blocks * g.lanes();
    let mut slices: Vec<PanelSlices<F>> = (0..panels * g.tiles)
        .map(|i| PanelSlices {
            panel: i / g.tiles,
            begin: vec![],
            states: vec![],
            blocks: tape.blocks,
            currents: &mut [],
            bits: &mut [],
            last_spikes: &mut [],
        })
        .collect();
    for state in &tape.begin {
        for (slice, chunk) in slices.iter_mut().zip(state.chunks(g.lanes())) {
            slice.begin.push(chunk);
        }
    }
    for state in &mut tape.states {
        for (slice, chunk) in slices.iter_mut().zip(state.chunks_mut(states_len)) {
            slice.states.push(chunk);
        }
    }
    for (slice, chunk) in slices.iter_mut().zip(tape.currents.chunks_mut(g.steps * g.lanes())) {
        slice.currents = chunk;
    }
    for (slice, chunk) in slices.iter_mut().zip(tape.spikes.bits.chunks_mut(g.tile_rows())) {
        slice.bits = chunk;
    }
    for (slice, chunk) in slices.iter_mut().zip(tape.last_spikes.chunks_mut(g.tile)) {
        slice.last_spikes = chunk;
    }
    if recurrent {
        let mut tasks: Vec<_> = (0..g.tiles).map(|tile| (tile, Vec::with_capacity(panels))).collect();
        for (i, slice) in slices.into_iter().enumerate() {
            tasks[i % g.tiles].1.push(slice);
        }
        tasks
    } else {
        slices.into_iter().enumerate().map(|(i, slice)| (i % g.tiles, vec![slice])).collect()
    }
}

pub(crate) struct Forward<'a, F: Element> {
    pub network: &'a Network<F>,
    pub layer: usize,
    pub input: Signal<'a, F>,
    /// Tapes of the layers that run before this one.
    pub before: &'a [LayerTape<F>],
    /// Those of the maps that ran before.
    pub maps: &'a [MapTape<F>],
    pub g: Geometry,
    /// Where this segment begins in the whole sequence.
    pub first_step: usize,
}

impl<F: Element> Forward<'_, F> {
    /// Runs one population over the segment. `transposed`: a weight gradient will follow.
    pub fn run(&self, tape: &mut LayerTape<F>, transposed: bool) -> Result<()> {
        let plan = &self.network.plan.layers[self.layer];
        let panels = panels(plan.neurons);
        let work = tasks(tape, &self.g, panels, !plan.feedback.is_empty());
        let done = parallel::map(work, |(tile, panels)| self.tile(tile, panels));
        done.into_iter().collect::<Result<()>>()?;
        if plan.bound.spiking {
            tape.spikes.index(plan.neurons, &self.g, transposed, self.network.level)?;
        }
        Ok(())
    }

    fn tile(&self, tile: usize, mut slices: Vec<PanelSlices<F>>) -> Result<()> {
        let g = &self.g;
        let plan = &self.network.plan.layers[self.layer];
        let lanes = g.lanes();
        let coefs: Vec<_> =
            slices.iter().map(|s| Coefficients::new(self.network, self.layer, s.panel, g)).collect();
        let fixed: Vec<_> = slices.iter().map(|s| self.constant_current(s.panel, tile)).collect();
        let mut scratch = Scratch::new(lanes);
        let mut noise = Noise::new(self.network, self.layer);
        let mut feedback = Feedback::new(&slices, !plan.feedback.is_empty());
        let mut varying: Vec<Aligned<F>> = slices.iter().map(|_| Aligned::default()).collect();
        for block in g.blocks() {
            for (slice, current) in slices.iter().zip(&mut varying) {
                if fixed[0].is_empty() {
                    self.currents(slice.panel, tile, block.clone(), current, &mut scratch.product);
                }
            }
            for t in block.clone() {
                feedback.list(self.network.level, plan.neurons, g.tile)?;
                let images = match feedback.recurrent {
                    true => self.network.feed_images_back(self.layer, &feedback.lists, g.tile),
                    false => vec![],
                };
                let at = (t - block.start) * lanes;
                for (i, slice) in slices.iter_mut().enumerate() {
                    let current = match (&fixed[i][..], varying[i].get(at..at + lanes)) {
                        (constant, None) if !feedback.recurrent => constant,
                        ([], Some(current)) if !feedback.recurrent => current,
                        (constant, current) => {
                            scratch.current.copy_from_slice(current.unwrap_or(constant));
                            self.feed_back(
                                slice.panel,
                                &feedback,
                                &images,
                                &mut scratch.current,
                                &mut scratch.product,
                            );
                            &scratch.current
                        }
                    };
                    let place = (tile, t);
                    let (spikes, kernel) = (&mut scratch.spikes, &mut scratch.kernel);
                    self.step(slice, place, current, &coefs[i], &mut noise, spikes, kernel);
                }
                feedback.keep(&slices, t, g.tile);
            }
        }
        Ok(())
    }

    /// The neurons' step of one panel: `current` is port 0.
    #[allow(clippy::too_many_arguments)]
    fn step(
        &self,
        slice: &mut PanelSlices<F>,
        (tile, t): (usize, usize),
        current: &[F],
        coefs: &Coefficients<F>,
        noise: &mut Noise<F>,
        spikes: &mut [F],
        kernel_scratch: &mut Vec<F>,
    ) {
        let plan = &self.network.plan.layers[self.layer];
        let lanes = self.g.lanes();
        if let Some(kept) = slice.currents.get_mut(t * lanes..(t + 1) * lanes) {
            kept.copy_from_slice(current);
        }
        let mut args = [Arg::Uniform(F::ZERO); MAX_SLOTS];
        let mut outs: [&mut [F]; MAX_SLOTS] = std::array::from_fn(|_| &mut [][..]);
        let mut previous: [&[F]; MAX_SLOTS] = [&[]; MAX_SLOTS];
        let count = slice.states.len();
        for (i, (begin, state)) in slice.begin.iter().zip(slice.states.iter_mut()).enumerate() {
            (previous[i], outs[i]) = before_and_after(begin, state, slice.blocks, t);
        }
        let spiking = plan.bound.spiking;
        if spiking {
            outs[count] = &mut spikes[..lanes];
        }
        if !noise.is_empty() {
            noise.draw(self.g.first + tile * self.g.tile, slice.panel * PANEL, PANEL, previous[noise.clock]);
        }
        let program = &plan.bound.forward;
        for (arg, slot) in args.iter_mut().zip(&program.args) {
            *arg = match *slot {
                ArgSlot::State(i) => Arg::Lanes(previous[i]),
                ArgSlot::Port(_) => Arg::Lanes(current),
                ArgSlot::Coef(k) => coefs.arg(k),
                ArgSlot::Noise(k) => Arg::Lanes(noise.values(k)),
                _ => Arg::Uniform(F::ZERO),
            };
        }
        let kernel = &self.network.layers[self.layer].forward;
        kernel.run(lanes, &args[..program.args.len()], &mut outs[..program.outs.len()], kernel_scratch);
        if spiking {
            let words = &mut slice.bits[t * self.g.tile..(t + 1) * self.g.tile];
            pack_spikes(self.network.level, &spikes[..lanes], words);
            let mask = panel_mask(plan.neurons, slice.panel);
            if mask != u64::MAX {
                words.iter_mut().for_each(|w| *w &= mask);
            }
        }
    }

    fn is_constant(&self, source: Source) -> bool {
        match source {
            Source::Input => matches!(&self.input, Signal::Values(InputValues { constant: true, .. }, _)),
            Source::Map(m) => self.maps[m].constant,
            Source::Layer(_) => false,
        }
    }

    /// The current of a constant input, `[sample][64]`; empty when anything else feeds this layer: the
    /// order of the sum would then be another than where the same values come step by step.
    fn constant_current(&self, panel: usize, tile: usize) -> Vec<F> {
        let mut total = Vec::new();
        let feeds = &self.network.plan.layers[self.layer].feeds;
        if !feeds.iter().all(|feed| self.is_constant(feed.source)) {
            return total;
        }
        for feed in feeds {
            let mut product = vec![F::ZERO; self.g.lanes()];
            match (feed.source, &self.input) {
                (Source::Input, Signal::Values(input, _)) => {
                    self.input_product(feed.projection, input, panel, tile, 0, &mut product);
                }
                (Source::Map(m), _) => {
                    self.map_product(feed.projection, m, panel, tile, 0..1, &mut product);
                }
                _ => continue,
            }
            if total.is_empty() { total = product } else { add(self.network.level, &mut total, &product) }
        }
        total
    }

    /// Everything that varies with time and feeds this layer, for a block of steps:
    /// `[step][sample][64]`. Stays empty when nothing does.
    fn currents(
        &self,
        panel: usize,
        tile: usize,
        block: Range<usize>,
        out: &mut Aligned<F>,
        product: &mut Aligned<F>,
    ) {
        let (g, level) = (&self.g, self.network.level);
        let lanes = g.lanes();
        let len = block.len() * lanes;
        let mut begun = false;
        for feed in &self.network.plan.layers[self.layer].feeds {
            let target: &mut Aligned<F> = if begun { &mut *product } else { &mut *out };
            target.resize(len.max(target.len()));
            let target = &mut target[..len];
            let rows = g.row(tile, block.start)..g.row(tile, block.end);
            match feed.source {
                Source::Input => match &self.input {
                    Signal::Spikes(spikes) => match feed.projection {
                        Some(j) => self.gather(j, panel, &spikes.lists, rows, target),
                        None => unpack_spikes(level, &spikes.bits[panel * g.rows()..][rows], target),
                    },
                    Signal::Values(input, _) if input.constant => {
                        let (first, others) = target.split_at_mut(lanes);
                        self.input_product(feed.projection, input, panel, tile, 0, first);
                        others.chunks_mut(lanes).for_each(|step| step.copy_from_slice(first));
                    }
                    Signal::Values(input, _) => {
                        for (t, step) in block.clone().zip(target.chunks_mut(lanes)) {
                            self.input_product(
                                feed.projection,
                                input,
                                panel,
                                tile,
                                self.first_step + t,
                                step,
                            );
                        }
                    }
                },
                Source::Map(m) if self.maps[m].constant => {
                    let (first, others) = target.split_at_mut(lanes);
                    self.map_product(feed.projection, m, panel, tile, 0..1, first);
                    others.chunks_mut(lanes).for_each(|step| step.copy_from_slice(first));
                }
                Source::Map(m) => self.map_product(feed.projection, m, panel, tile, block.clone(), target),
                Source::Layer(l) => {
                    let source = &self.before[l];
                    let bound = &self.network.plan.layers[l].bound;
                    match feed.projection {
                        Some(j) if bound.spiking => self.gather(j, panel, &source.spikes.lists, rows, target),
                        None if bound.spiking => {
                            unpack_spikes(level, &source.spikes.bits[panel * g.rows()..][rows], target)
                        }
                        Some(j) => {
                            let slots = self.network.slots[j];
                            let inputs = self.network.plan.projections[j].inputs;
                            let weights =
                                &self.network.parameters[slots.weight].data[panel * inputs * PANEL..];
                            for k in 0..panels(inputs) {
                                let values = self.source_values(l, k, tile, block.clone());
                                let width = PANEL.min(inputs - k * PANEL);
                                let b = &weights[k * PANEL * PANEL..][..width * PANEL];
                                gemm_panel(
                                    level,
                                    block.len() * g.tile,
                                    width,
                                    values,
                                    PANEL,
                                    1,
                                    b,
                                    target,
                                    k > 0,
                                );
                            }
                            add_bias(target, self.bias(j, panel));
                        }
                        None => target.copy_from_slice(self.source_values(l, panel, tile, block.clone())),
                    }
                }
            }
            if begun {
                add(level, &mut out[..len], &product[..len]);
            }
            begun = true;
        }
    }

    /// What a map brings over a block of steps, `[step][sample][64]`.
    fn map_product(
        &self,
        projection: Option<usize>,
        map: usize,
        panel: usize,
        tile: usize,
        block: Range<usize>,
        out: &mut [F],
    ) {
        let (plan, tape) = (&self.network.plan.maps[map], &self.maps[map]);
        let size = plan.shape.elements();
        let g = tape.geometry(&self.g);
        let values = &tape.values[g.row(tile, block.start) * size..g.row(tile, block.end) * size];
        let dense = projection.filter(|&j| self.network.plan.projections[j].kind == ProjectionKind::Dense);
        if let Some(j) = dense {
            let weights = &self.network.parameters[self.network.slots[j].weight].data;
            let weights = &weights[panel * size * PANEL..][..size * PANEL];
            let rows = values.len() / size;
            gemm_panel(self.network.level, rows, size, values, size, 1, weights, out, false);
            add_bias(out, self.bias(j, panel));
            return;
        }
        let weights = projection
            .map(|j| &self.network.parameters[self.network.slots[j].weight].data[panel * PANEL..][..PANEL]);
        let public = tape.public;
        let neurons = panel * PANEL..size.min((panel + 1) * PANEL);
        for (row, lanes) in values.chunks(size).zip(out.chunks_mut(PANEL)) {
            let (used, padding) = lanes.split_at_mut(neurons.len());
            match public {
                true => used.copy_from_slice(&row[neurons.clone()]),
                false => {
                    used.iter_mut().zip(neurons.clone()).for_each(|(lane, n)| *lane = row[plan.place(n)])
                }
            }
            padding.fill(F::ZERO);
            if let Some(weights) = weights {
                lanes.iter_mut().zip(weights).for_each(|(x, &w)| *x = *x * w);
            }
        }
    }

    /// A non-spiking source's output (its first state) over a block of steps, `[step][sample][64]`.
    fn source_values(&self, layer: usize, panel: usize, tile: usize, block: Range<usize>) -> &[F] {
        let tape = &self.before[layer];
        let start = (panel * self.g.tiles + tile) * tape.blocks;
        &tape.states[0][(start + block.start) * self.g.lanes()..(start + block.end) * self.g.lanes()]
    }

    fn gather(&self, projection: usize, panel: usize, lists: &EventLists, rows: Range<usize>, out: &mut [F]) {
        let plan = &self.network.plan.projections[projection];
        let weights = &self.network.parameters[self.network.slots[projection].weight].data;
        match plan.kind {
            ProjectionKind::Dense => {
                let weights = &weights[panel * plan.inputs * PANEL..(panel + 1) * plan.inputs * PANEL];
                let width = PANEL.min(plan.outputs - panel * PANEL);
                gather_rows(
                    self.network.level,
                    weights,
                    lists,
                    rows,
                    self.bias(projection, panel),
                    width,
                    out,
                );
            }
            _ => {
                out.fill(F::ZERO);
                let neurons = panel * PANEL..(panel + 1) * PANEL;
                for (row, lanes) in rows.zip(out.chunks_mut(PANEL)) {
                    let fired = lists.list(row).iter().map(|&i| i as usize);
                    for neuron in fired.filter(|i| neurons.contains(i)) {
                        lanes[neuron - neurons.start] = weights[neuron];
                    }
                }
            }
        }
    }

    fn bias(&self, projection: usize, panel: usize) -> &[F] {
        match self.network.slots[projection].bias {
            Some(slot) => &self.network.parameters[slot].data[panel * PANEL..(panel + 1) * PANEL],
            None => zeros(),
        }
    }

    /// The product of the user's own rows of one step of one tile.
    fn input_product(
        &self,
        projection: Option<usize>,
        input: &InputValues<F>,
        panel: usize,
        tile: usize,
        step: usize,
        out: &mut [F],
    ) {
        let valid = self.g.valid(tile);
        let row = input.row(step, self.g.first + tile * self.g.tile);
        let values = &input.values[row * input.channels..][..valid * input.channels];
        out.fill(F::ZERO);
        let dense = projection.filter(|&j| self.network.plan.projections[j].kind == ProjectionKind::Dense);
        if let Some(j) = dense {
            let weights = &self.network.parameters[self.network.slots[j].weight].data;
            let weights = &weights[panel * input.channels * PANEL..][..input.channels * PANEL];
            if let Signal::Values(_, Some(sparse)) = self.input {
                let x = Sparse {
                    lists: &sparse.lists,
                    values: &input.values[self.g.first * input.channels..],
                    list_stride: input.channels,
                    event_stride: 1,
                    events: input.channels,
                };
                let rows = tile * self.g.tile..tile * self.g.tile + valid;
                let width = PANEL.min(self.network.plan.projections[j].outputs - panel * PANEL);
                gather_values(self.network.level, x, weights, rows, width, &mut out[..valid * PANEL], false);
                add_bias(out, self.bias(j, panel));
                return;
            }
            gemm_panel(
                self.network.level,
                valid,
                input.channels,
                values,
                input.channels,
                1,
                weights,
                &mut out[..valid * PANEL],
                false,
            );
            add_bias(out, self.bias(j, panel));
            return;
        }
        let width = PANEL.min(input.channels - panel * PANEL);
        for (row, lanes) in values.chunks(input.channels).zip(out.chunks_mut(PANEL)) {
            lanes[..width].copy_from_slice(&row[panel * PANEL..][..width]);
        }
        if let Some(j) = projection {
            let weights =
                &self.network.parameters[self.network.slots[j].weight].data[panel * PANEL..][..PANEL];
            for lanes in out.chunks_mut(PANEL) {
                lanes.iter_mut().zip(weights).for_each(|(x, &w)| *x = *x * w);
            }
        }
    }

    /// Adds what the population's own spikes of the step before bring.
    fn feed_back(
        &self,
        panel: usize,
        feedback: &Feedback,
        images: &[(usize, Vec<F>)],
        current: &mut [F],
        product: &mut Aligned<F>,
    ) {
        let plan = &self.network.plan.layers[self.layer];
        for &j in &plan.feedback {
            if let Some((_, rows)) = images.iter().find(|(image, _)| *image == j) {
                let neurons = panel * PANEL..plan.neurons.min((panel + 1) * PANEL);
                for (lanes, row) in current.chunks_mut(PANEL).zip(rows.chunks(plan.neurons)) {
                    lanes.iter_mut().zip(&row[neurons.clone()]).for_each(|(x, &y)| *x += y);
                }
                continue;
            }
            product.resize(self.g.lanes().max(product.len()));
            let product = &mut product[..self.g.lanes()];
            self.gather(j, panel, &feedback.lists, 0..self.g.tile, product);
            add(self.network.level, current, product);
        }
    }
}

struct Scratch<F: Element> {
    current: Aligned<F>,
    product: Aligned<F>,
    spikes: Aligned<F>,
    kernel: Vec<F>,
}

impl<F: Element> Scratch<F> {
    fn new(lanes: usize) -> Self {
        let mut spikes = Aligned::default();
        spikes.resize(lanes);
        Scratch { current: spikes.clone(), product: Aligned::default(), spikes, kernel: vec![] }
    }
}

/// The state before step `t`, and where the state after it goes.
fn before_and_after<'b, F>(
    begin: &'b [F],
    state: &'b mut [F],
    blocks: usize,
    t: usize,
) -> (&'b [F], &'b mut [F]) {
    let lanes = begin.len();
    let new = t % blocks;
    if t == 0 {
        return (begin, &mut state[..lanes]);
    }
    let old = (t - 1) % blocks;
    if old < new {
        let (left, right) = state.split_at_mut(new * lanes);
        (&left[old * lanes..], &mut right[..lanes])
    } else {
        let (left, right) = state.split_at_mut(old * lanes);
        (&right[..lanes], &mut left[new * lanes..(new + 1) * lanes])
    }
}

fn add_bias<F: Element>(out: &mut [F], bias: &[F]) {
    for lanes in out.chunks_mut(PANEL) {
        lanes.iter_mut().zip(bias).for_each(|(x, &b)| *x += b);
    }
}

fn zeros<F: Element>() -> &'static [F] {
    F::ZERO_PANEL
}
