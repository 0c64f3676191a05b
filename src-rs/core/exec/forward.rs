//! The forward scan: currents from the projections, then the neurons' step, tile by tile. A tile
//! of a feed-forward population is one panel; the populations of a loop take all their panels, since
//! each step needs what all of them gave in the step before.

use crate::coefficients::Coefficients;
use crate::feedback::{Member, Returning};
use crate::geometry::Geometry;
use crate::input::{InputValues, Signal};
use crate::map::MapTape;
use crate::network::Network;
use crate::noise::Noise;
use crate::parallel;
use crate::response::{self, Response};
use crate::sources::Sources;
use crate::tape::LayerTape;
use lapicque_base::error::Result;
use lapicque_expr::{Arg, ArgSlot, MAX_SLOTS};
use lapicque_graph::{Feed, ProjectionKind, Source};
use lapicque_projection::{
    Aligned, Element, EventLists, PANEL, Sparse, add, gather_rows, gather_values, gemm_columns, pack_spikes,
    panel_mask, panel_width, panels, prefetch_lines, unpack_spikes,
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
    /// Each port `[step][sample][64]`, kept only where the backward pass asks for it.
    pub currents: Vec<&'a mut [F]>,
    /// `[step][sample]`.
    pub bits: &'a mut [u64],
    /// `[sample]`, where somebody reads the spikes of the step before.
    pub last_spikes: &'a [u64],
}

impl<F> PanelSlices<'_, F> {
    /// State `i` before step `t`.
    pub fn before(&self, i: usize, t: usize) -> &[F] {
        if t == 0 { self.begin[i] } else { self.after(i, t - 1) }
    }

    /// State `i` after step `t`, which is one of the last `blocks`.
    pub fn after(&self, i: usize, t: usize) -> &[F] {
        let lanes = self.begin[i].len();
        &self.states[i][t % self.blocks * lanes..][..lanes]
    }

    /// The spikes of the step before `t`.
    pub fn spikes_before(&self, t: usize, tile: usize) -> &[u64] {
        if t == 0 { self.last_spikes } else { &self.bits[(t - 1) * tile..t * tile] }
    }
}

/// The panels of one tape, each panel's tiles one behind the other.
pub(crate) fn slices<'a, F: Element>(
    tape: &'a mut LayerTape<F>,
    g: &Geometry,
    panels: usize,
) -> Vec<PanelSlices<'a, F>> {
    let states_len = tape.blocks * g.lanes();
    let mut slices: Vec<PanelSlices<F>> = (0..panels * g.tiles)
        .map(|i| PanelSlices {
            panel: i / g.tiles,
            begin: vec![],
            states: vec![],
            blocks: tape.blocks,
            currents: vec![],
            bits: &mut [],
            last_spikes: &[],
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
    for port in &mut tape.currents {
        let mut chunks = port.chunks_mut(g.steps * g.lanes());
        slices.iter_mut().for_each(|slice| slice.currents.push(chunks.next().unwrap_or_default()));
    }
    for (slice, chunk) in slices.iter_mut().zip(tape.spikes.bits.chunks_mut(g.tile_rows())) {
        slice.bits = chunk;
    }
    for (slice, chunk) in slices.iter_mut().zip(tape.last_spikes.chunks(g.tile)) {
        slice.last_spikes = chunk;
    }
    slices
}

/// Cuts the tapes of a group of layers, numbered from `first`, into tasks `(tile, members)`.
pub(crate) fn tasks<'a, F: Element>(
    network: &Network<F>,
    first: usize,
    tapes: &'a mut [LayerTape<F>],
    g: &Geometry,
) -> Vec<(usize, Vec<Member<'a, F>>)> {
    let plans = &network.plan.layers[first..first + tapes.len()];
    if plans.len() == 1 && plans[0].feedback.is_empty() {
        let alone = |(i, slice)| (i % g.tiles, vec![Member { layer: first, slices: vec![slice] }]);
        return slices(&mut tapes[0], g, panels(plans[0].neurons))
            .into_iter()
            .enumerate()
            .map(alone)
            .collect();
    }
    let mut tasks: Vec<(usize, Vec<Member<F>>)> = (0..g.tiles).map(|tile| (tile, vec![])).collect();
    for (layer, (plan, tape)) in (first..).zip(plans.iter().zip(tapes)) {
        tasks.iter_mut().for_each(|(_, members)| members.push(Member { layer, slices: vec![] }));
        for (i, slice) in slices(tape, g, panels(plan.neurons)).into_iter().enumerate() {
            tasks[i % g.tiles].1[layer - first].slices.push(slice);
        }
    }
    tasks
}

pub(crate) struct Forward<'a, F: Element> {
    pub network: &'a Network<F>,
    /// The layers that run together.
    pub group: Range<usize>,
    pub input: Signal<'a, F>,
    /// Tapes of the layers that run before these.
    pub before: &'a [LayerTape<F>],
    /// Those of the maps that ran before.
    pub maps: &'a [MapTape<F>],
    pub g: Geometry,
    /// Where this segment begins in the whole sequence.
    pub first_step: usize,
    pub responses: &'a [Option<Response<F>>],
}

/// What one member of a group needs beside its slices, for each panel.
struct Drive<F: Element> {
    coefs: Vec<Coefficients<F>>,
    /// Of each port what comes from outside and is the same at every step, `[sample][64]`, or nothing.
    fixed: Vec<Vec<Vec<F>>>,
    /// Of each port what varies, over a block of steps, `[step][sample][64]`.
    varying: Vec<Vec<Aligned<F>>>,
    noise: Noise<F>,
}

impl<F: Element> Forward<'_, F> {
    /// Runs the group over the segment. `transposed`: a weight gradient will follow.
    pub fn run(&self, tapes: &mut [LayerTape<F>], transposed: bool) -> Result<()> {
        if let [tape] = tapes
            && response::forward(&self.sources(), self.responses, self.group.start, tape)
        {
            return Ok(());
        }
        let work = tasks(self.network, self.group.start, tapes, &self.g);
        let done = parallel::map(work, |(tile, members)| self.tile(tile, members));
        done.into_iter().collect::<Result<()>>()?;
        for (tape, plan) in tapes.iter_mut().zip(&self.network.plan.layers[self.group.clone()]) {
            if plan.bound.spiking {
                tape.spikes.index(plan.neurons, &self.g, transposed, self.network.level)?;
            }
        }
        Ok(())
    }

    fn sources(&self) -> Sources<'_, F> {
        let Forward { network, input, before: layers, maps, g, first_step, .. } = *self;
        Sources { network, input, layers, maps, g, first_step }
    }

    fn tile(&self, tile: usize, mut members: Vec<Member<F>>) -> Result<()> {
        let g = &self.g;
        let lanes = g.lanes();
        let mut drives: Vec<Drive<F>> = members.iter().map(|member| self.drive(member, tile)).collect();
        let mut scratch = Scratch::new(lanes);
        let mut returning = Returning::new(self.network, self.group.clone(), g.tile);
        let none = vec![F::ZERO; lanes];
        for block in g.blocks() {
            for (member, drive) in members.iter().zip(&mut drives) {
                for ((slice, fixed), varying) in
                    member.slices.iter().zip(&drive.fixed).zip(&mut drive.varying)
                {
                    for (port, (fixed, varying)) in fixed.iter().zip(varying).enumerate() {
                        if fixed.is_empty() {
                            let (layer, panel) = (member.layer, slice.panel);
                            self.currents(
                                [layer, panel, tile, port],
                                block.clone(),
                                varying,
                                &mut scratch.product,
                            );
                        }
                    }
                }
            }
            for t in block.clone() {
                let at = (t - block.start) * lanes;
                returning.begin_step(&members, t)?;
                for m in 0..members.len() {
                    let plan = &self.network.plan.layers[members[m].layer];
                    let drive = &mut drives[m];
                    let from_outside = |i: usize, port: usize| match &drive.fixed[i][port][..] {
                        [] => drive.varying[i][port].get(at..at + lanes).unwrap_or(&none),
                        constant => constant,
                    };
                    if !plan.feedback.is_empty() {
                        returning.sum(&members, m, t, from_outside);
                    }
                    for i in 0..members[m].slices.len() {
                        let mut ports: [&[F]; MAX_SLOTS] = [&[]; MAX_SLOTS];
                        for (port, current) in ports[..plan.bound.ports.len()].iter_mut().enumerate() {
                            *current = match plan.feedback.is_empty() {
                                true => match &drive.fixed[i][port][..] {
                                    [] => drive.varying[i][port].get(at..at + lanes).unwrap_or(&none),
                                    constant => constant,
                                },
                                false => returning.current(port, i),
                            };
                        }
                        let Scratch { spikes, kernel, .. } = &mut scratch;
                        let place = [members[m].layer, tile, t];
                        let slice = &mut members[m].slices[i];
                        self.step(slice, place, &ports, &drive.coefs[i], &mut drive.noise, spikes, kernel);
                    }
                    returning.end_member(&members, m, t)?;
                }
            }
        }
        Ok(())
    }

    fn drive(&self, member: &Member<F>, tile: usize) -> Drive<F> {
        let (network, layer) = (self.network, member.layer);
        let ports = network.plan.layers[layer].bound.ports.len();
        let slices = member.slices.iter();
        let fixed =
            slices.clone().map(|s| (0..ports).map(|p| self.constant_current([layer, s.panel, tile, p])));
        Drive {
            coefs: slices.clone().map(|s| Coefficients::new(network, layer, s.panel, &self.g)).collect(),
            fixed: fixed.map(Iterator::collect).collect(),
            varying: slices.map(|_| vec![Aligned::default(); ports]).collect(),
            noise: Noise::new(network, layer),
        }
    }

    /// The neurons' step of one panel.
    #[allow(clippy::too_many_arguments)]
    fn step(
        &self,
        slice: &mut PanelSlices<F>,
        [layer, tile, t]: [usize; 3],
        ports: &[&[F]],
        coefs: &Coefficients<F>,
        noise: &mut Noise<F>,
        spikes: &mut [F],
        kernel_scratch: &mut Vec<F>,
    ) {
        let plan = &self.network.plan.layers[layer];
        let lanes = self.g.lanes();
        for (port, (kept, current)) in slice.currents.iter_mut().zip(ports).enumerate() {
            if let Some(kept) = kept.get_mut(t * lanes..(t + 1) * lanes)
                && plan.bound.adjoint.args.contains(&ArgSlot::Port(port))
            {
                kept.copy_from_slice(current);
            }
        }
        let mut args = [Arg::Uniform(F::ZERO); MAX_SLOTS];
        let mut outs: [&mut [F]; MAX_SLOTS] = std::array::from_fn(|_| &mut [][..]);
        let mut previous: [&[F]; MAX_SLOTS] = [&[]; MAX_SLOTS];
        // The tape is larger than the caches near to a core.
        if slice.blocks > 2 && t + 1 < slice.blocks {
            slice.states.iter().for_each(|state| prefetch_lines(&state[(t + 1) * lanes..(t + 2) * lanes]));
        }
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
                ArgSlot::Port(p) => Arg::Lanes(ports[p]),
                ArgSlot::Coef(k) => coefs.arg(k),
                ArgSlot::Noise(k) => Arg::Lanes(noise.values(k)),
                _ => Arg::Uniform(F::ZERO),
            };
        }
        let kernel = &self.network.layers[layer].forward;
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
            Source::Spikes(_) | Source::State(..) => false,
        }
    }

    fn feeds(&self, layer: usize, port: usize) -> impl Iterator<Item = &Feed> + Clone {
        self.network.plan.layers[layer].feeds.iter().filter(move |feed| feed.port == port)
    }

    /// The current of a port from a constant input, `[sample][64]`; empty when anything else feeds it:
    /// the order of the sum would then be another than where the same values come step by step.
    fn constant_current(&self, [layer, panel, tile, port]: [usize; 4]) -> Vec<F> {
        let mut total = Vec::new();
        let feeds = self.feeds(layer, port);
        if !feeds.clone().all(|feed| self.is_constant(feed.source)) {
            return total;
        }
        for feed in feeds {
            let mut product = vec![F::ZERO; self.g.lanes()];
            match (feed.source, &self.input) {
                (Source::Input, Signal::Values(input, _)) => {
                    self.input_product(feed, input, panel, tile, 0, &mut product);
                }
                (Source::Map(m), _) => {
                    self.map_product(feed, m, [layer, panel, tile], 0..1, &mut product);
                }
                _ => continue,
            }
            if total.is_empty() { total = product } else { add(self.network.level, &mut total, &product) }
        }
        total
    }

    /// Everything that feeds a port from outside where not all of it is constant, for a block of steps:
    /// `[step][sample][64]`. Stays empty when nothing does.
    fn currents(
        &self,
        [layer, panel, tile, port]: [usize; 4],
        block: Range<usize>,
        out: &mut Aligned<F>,
        product: &mut Aligned<F>,
    ) {
        let (g, level) = (&self.g, self.network.level);
        let lanes = g.lanes();
        let len = block.len() * lanes;
        let mut begun = false;
        for feed in self.feeds(layer, port) {
            let target: &mut Aligned<F> = if begun { &mut *product } else { &mut *out };
            target.resize(len.max(target.len()));
            let target = &mut target[..len];
            let rows = g.row(tile, block.start)..g.row(tile, block.end);
            match feed.source {
                Source::Input => match &self.input {
                    Signal::Spikes(spikes) => match feed.projection {
                        Some(j) => {
                            gather(self.network, [j, feed.part, panel], &spikes.lists, (rows, g.tile), target)
                        }
                        None => unpack_spikes(level, &spikes.bits[panel * g.rows()..][rows], target),
                    },
                    Signal::Values(input, _) if input.constant => {
                        let (first, others) = target.split_at_mut(lanes);
                        self.input_product(feed, input, panel, tile, 0, first);
                        others.chunks_mut(lanes).for_each(|step| step.copy_from_slice(first));
                    }
                    Signal::Values(input, _) => {
                        for (t, step) in block.clone().zip(target.chunks_mut(lanes)) {
                            self.input_product(feed, input, panel, tile, self.first_step + t, step);
                        }
                    }
                },
                Source::Map(m) if self.maps[m].constant => {
                    let (first, others) = target.split_at_mut(lanes);
                    self.map_product(feed, m, [layer, panel, tile], 0..1, first);
                    others.chunks_mut(lanes).for_each(|step| step.copy_from_slice(first));
                }
                Source::Map(m) => self.map_product(feed, m, [layer, panel, tile], block.clone(), target),
                Source::Spikes(l) => {
                    let spikes = &self.before[l].spikes;
                    match feed.projection {
                        Some(j) => {
                            gather(self.network, [j, feed.part, panel], &spikes.lists, (rows, g.tile), target)
                        }
                        None => unpack_spikes(level, &spikes.bits[panel * g.rows()..][rows], target),
                    }
                }
                Source::State(l, i) => {
                    let tape = &self.before[l];
                    let values = |k: usize| {
                        let start = (k * g.tiles + tile) * tape.blocks + block.start;
                        &tape.states[i][start * lanes..][..len]
                    };
                    state_product(self.network, feed, panel, values, target);
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
        feed: &Feed,
        map: usize,
        [layer, panel, tile]: [usize; 3],
        block: Range<usize>,
        out: &mut [F],
    ) {
        let (plan, tape) = (&self.network.plan.maps[map], &self.maps[map]);
        let size = plan.shape.elements();
        let g = tape.geometry(&self.g);
        let values = &tape.values[g.row(tile, block.start) * size..g.row(tile, block.end) * size];
        if let Some(j) = dense(self.network, feed) {
            let weights = &self.network.weights(j, feed.part)[panel * size * PANEL..][..size * PANEL];
            let rows = values.len() / size;
            let columns = panel_width(self.network.plan.projections[j].outputs, panel);
            gemm_columns(self.network.level, columns, rows, size, values, size, 1, weights, out, false);
            add_bias(out, self.network.bias(j, feed.part, panel));
            return;
        }
        let weights = feed.projection.map(|j| &self.network.weights(j, feed.part)[panel * PANEL..][..PANEL]);
        // Without weights a part is some of the map's elements, otherwise all of them.
        let (first, neurons) = match feed.projection {
            Some(_) => (0, size),
            None => {
                let neurons = self.network.plan.layers[layer].neurons;
                (feed.part * neurons, neurons)
            }
        };
        let public = tape.public;
        let neurons = first + panel * PANEL..first + neurons.min((panel + 1) * PANEL);
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

    /// The product of the user's own rows of one step of one tile.
    fn input_product(
        &self,
        feed: &Feed,
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
        if let Some(j) = dense(self.network, feed) {
            let bias = self.network.bias(j, feed.part, panel);
            let weights = self.network.weights(j, feed.part);
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
                let width = panel_width(self.network.plan.projections[j].outputs, panel);
                gather_values(self.network.level, x, weights, rows, width, &mut out[..valid * PANEL], false);
                add_bias(out, bias);
                return;
            }
            gemm_columns(
                self.network.level,
                panel_width(self.network.plan.projections[j].outputs, panel),
                valid,
                input.channels,
                values,
                input.channels,
                1,
                weights,
                &mut out[..valid * PANEL],
                false,
            );
            add_bias(out, bias);
            return;
        }
        let width = panel_width(input.channels, panel);
        for (row, lanes) in values.chunks(input.channels).zip(out.chunks_mut(PANEL)) {
            lanes[..width].copy_from_slice(&row[panel * PANEL..][..width]);
        }
        if let Some(j) = feed.projection {
            let weights = &self.network.weights(j, feed.part)[panel * PANEL..][..PANEL];
            for lanes in out.chunks_mut(PANEL) {
                lanes.iter_mut().zip(weights).for_each(|(x, &w)| *x = *x * w);
            }
        }
    }
}

/// The projection of a feed if it is dense.
pub(crate) fn dense<F: Element>(network: &Network<F>, feed: &Feed) -> Option<usize> {
    feed.projection.filter(|&j| network.plan.projections[j].kind == ProjectionKind::Dense)
}

/// What spikes bring to one panel, `[projection, part, panel]`, over some rows of their lists, of which
/// those `stride` apart are one sample's.
pub(crate) fn gather<F: Element>(
    network: &Network<F>,
    [projection, part, panel]: [usize; 3],
    lists: &EventLists,
    (rows, stride): (Range<usize>, usize),
    out: &mut [F],
) {
    let plan = &network.plan.projections[projection];
    let weights = network.weights(projection, part);
    match plan.kind {
        ProjectionKind::Dense => {
            let weights = &weights[panel * plan.inputs * PANEL..(panel + 1) * plan.inputs * PANEL];
            let width = panel_width(plan.outputs, panel);
            let bias = network.bias(projection, part, panel);
            gather_rows(network.level, weights, lists, rows, stride, bias, width, out);
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

/// What the state of a population brings to one panel; `values(k)` are those of its panel `k`,
/// `[row][64]`.
pub(crate) fn state_product<'b, F: Element>(
    network: &Network<F>,
    feed: &Feed,
    panel: usize,
    values: impl Fn(usize) -> &'b [F],
    out: &mut [F],
) {
    let Some(j) = feed.projection else { return out.copy_from_slice(values(panel)) };
    let weights = network.weights(j, feed.part);
    if dense(network, feed).is_none() {
        let weights = &weights[panel * PANEL..][..PANEL];
        for (out, row) in out.chunks_mut(PANEL).zip(values(panel).chunks(PANEL)) {
            out.iter_mut().zip(row).zip(weights).for_each(|((out, &x), &w)| *out = x * w);
        }
        return;
    }
    let inputs = network.plan.projections[j].inputs;
    let weights = &weights[panel * inputs * PANEL..];
    let rows = out.len() / PANEL;
    let columns = panel_width(network.plan.projections[j].outputs, panel);
    for k in 0..panels(inputs) {
        let width = panel_width(inputs, k);
        let b = &weights[k * PANEL * PANEL..][..width * PANEL];
        gemm_columns(network.level, columns, rows, width, values(k), PANEL, 1, b, out, k > 0);
    }
    add_bias(out, network.bias(j, feed.part, panel));
}

struct Scratch<F: Element> {
    product: Aligned<F>,
    spikes: Aligned<F>,
    kernel: Vec<F>,
}

impl<F: Element> Scratch<F> {
    fn new(lanes: usize) -> Self {
        let mut spikes = Aligned::default();
        spikes.resize(lanes);
        Scratch { product: Aligned::default(), spikes, kernel: vec![] }
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

pub(crate) fn add_bias<F: Element>(out: &mut [F], bias: &[F]) {
    for lanes in out.chunks_mut(PANEL) {
        lanes.iter_mut().zip(bias).for_each(|(x, &b)| *x += b);
    }
}
