//! Currents between the members of a loop within a tile, step by step: from a population's own previous step, from the
//! other members' previous step, and from members that have already computed the current step.

use crate::forward::currents::{dense, gather, state_product};
use crate::network::compiled::Network;
use crate::network::panel_slices::Member;
use crate::network::panel_slices::PanelSlices;
use lapicque_base::error::Result;
use lapicque_graph::{Feed, Source};
use lapicque_projection::{
    Aligned, Element, EventLists, PANEL, Row, add, add_bias, gemm_columns, panel_width, sum_with_bias,
};
use std::ops::Range;

/// The spikes of one member as lists, one per sample.
#[derive(Default)]
struct Listed {
    before: EventLists,
    now: EventLists,
}

/// The currents from within the loop, for one tile.
pub(crate) struct Returning<'a, F: Element> {
    network: &'a Network<F>,
    group: Range<usize>,
    tile: usize,
    lists: Vec<Listed>,
    /// By member: whether another member reads its spikes of the same step.
    read_now: Vec<bool>,
    words: Vec<u64>,
    /// The current of each port of the current member, `[panel][sample][64]`, unless the sum is written to the tape.
    currents: Vec<Aligned<F>>,
    in_tape: Vec<bool>,
    product: Aligned<F>,
    sums: Vec<F>,
    /// By projection of the network: the packed weights of a convolution within the loop, as its kernel reads them.
    packed: Vec<Aligned<F>>,
}

impl<'a, F: Element> Returning<'a, F> {
    pub fn new(network: &'a Network<F>, group: Range<usize>, tile: usize) -> Self {
        let layers = &network.plan.layers[group.clone()];
        let inside: Vec<&Feed> = layers.iter().flat_map(|plan| &plan.feedback).collect();
        let now = |layer| inside.iter().any(|feed| feed.source == Source::Spikes(layer) && !feed.delayed);
        let read_now = group.clone().map(now).collect();
        let mut product = Aligned::default();
        product.resize(if inside.is_empty() { 0 } else { tile * PANEL });
        let packed = (0..network.plan.projections.len()).map(|j| {
            let used = inside.iter().any(|feed| feed.projection == Some(j));
            if used { network.packed_feedback(j) } else { Aligned::default() }
        });
        Returning {
            network,
            lists: layers.iter().map(|_| Listed::default()).collect(),
            read_now,
            words: vec![],
            currents: vec![],
            in_tape: vec![],
            product,
            sums: vec![],
            packed: packed.collect(),
            group,
            tile,
        }
    }

    /// Lists the spikes of the step before `t` of the members whose previous spikes are read.
    pub fn begin_step(&mut self, members: &[Member<F>], t: usize) -> Result<()> {
        for (member, listed) in members.iter().zip(&mut self.lists) {
            let plan = &self.network.plan.layers[member.layer];
            if plan.reads_last_spikes {
                let words = member.slices.iter().flat_map(|slice| slice.spikes_before(t, self.tile));
                self.words.clear();
                self.words.extend(words);
                listed.before.rebuild_rows(self.network.level, &self.words, plan.neurons, self.tile)?;
            }
        }
        Ok(())
    }

    /// Lists the spikes of a member that has just computed step `t`.
    pub fn end_member(&mut self, members: &[Member<F>], m: usize, t: usize) -> Result<()> {
        if !self.read_now[m] {
            return Ok(());
        }
        let neurons = self.network.plan.layers[members[m].layer].neurons;
        self.words.clear();
        self.words.extend(members[m].slices.iter().flat_map(|slice| slice.spikes_before(t + 1, self.tile)));
        self.lists[m].now.rebuild_rows(self.network.level, &self.words, neurons, self.tile)
    }

    /// Sums the current of each port of member `m` at step `t`: first `from_outside(panel, port)`, then the loop's
    /// edges in order. The sums are written directly to the tape if it stores them.
    pub fn sum<'b>(
        &mut self,
        members: &mut [Member<F>],
        m: usize,
        t: usize,
        from_outside: impl Fn(usize, usize) -> &'b [F],
    ) where
        F: 'b,
    {
        let plan = &self.network.plan.layers[members[m].layer];
        let (ports, elements) = (plan.bound.ports.len(), self.tile * PANEL);
        let slices = &mut members[m].slices;
        self.in_tape.clear();
        self.in_tape
            .extend((0..ports).map(|port| slices.iter().all(|slice| slice.stores_current(plan, port))));
        // Nothing reads the currents on the tape while the sums of a step are computed.
        let mut tapes: Vec<_> = slices.iter_mut().map(|slice| std::mem::take(&mut slice.currents)).collect();
        let mut buffers = std::mem::take(&mut self.currents);
        buffers.resize_with(ports.max(buffers.len()), Aligned::default);
        let mut currents: Vec<Vec<&mut [F]>> = Vec::with_capacity(ports);
        for (buffer, &in_tape) in buffers.iter_mut().zip(&self.in_tape) {
            buffer.resize(if in_tape { buffer.len() } else { (tapes.len() * elements).max(buffer.len()) });
            currents.push(buffer.chunks_mut(elements).take(if in_tape { 0 } else { tapes.len() }).collect());
        }
        for tape in &mut tapes {
            let ports = tape.iter_mut().zip(&mut currents).zip(&self.in_tape);
            for ((kept, current), _) in ports.filter(|(_, in_tape)| **in_tape) {
                current.push(&mut kept[t * elements..(t + 1) * elements]);
            }
        }
        self.sum_into(members, m, t, from_outside, &mut currents);
        self.currents = buffers;
        members[m].slices.iter_mut().zip(tapes).for_each(|(slice, tape)| slice.currents = tape);
    }

    /// As `sum`, written to `[port][panel]`.
    fn sum_into<'b>(
        &mut self,
        members: &[Member<F>],
        m: usize,
        t: usize,
        from_outside: impl Fn(usize, usize) -> &'b [F],
        currents: &mut [Vec<&mut [F]>],
    ) where
        F: 'b,
    {
        let (network, elements) = (self.network, self.tile * PANEL);
        let layer = members[m].layer;
        let plan = &network.plan.layers[layer];
        let begin = |port: usize, currents: &mut Vec<&mut [F]>| {
            let panels = currents.iter_mut().enumerate();
            panels.for_each(|(panel, current)| current.copy_from_slice(from_outside(panel, port)));
        };
        let mut begun = vec![false; currents.len()];
        for feed in &plan.feedback {
            if let Some(j) = feed.projection.filter(|&j| network.feedback[j].is_some()) {
                if feed.part == 0 {
                    self.add_image(members, layer, (j, feed), t, &from_outside, &mut begun, currents);
                }
                continue;
            }
            let dense = dense(network, feed);
            if let (Some(_), Source::State(l, i)) = (dense, feed.source) {
                let slices = &members[l - self.group.start].slices;
                let neurons = network.plan.layers[l].neurons;
                let values = |k: usize| state(&slices[k], i, t, feed.delayed);
                side_by_side(self.tile, neurons, values, &mut self.sums);
            }
            let begun = match feed.source {
                Source::Spikes(_) | Source::State(..) => std::mem::replace(&mut begun[feed.port], true),
                Source::Input | Source::Map(_) => continue,
            };
            for (panel, current) in currents[feed.port].iter_mut().enumerate() {
                let product = &mut self.product[..elements];
                let mut bias = None;
                match feed.source {
                    Source::Spikes(l) => {
                        let listed = &self.lists[l - self.group.start];
                        let lists = if feed.delayed { &listed.before } else { &listed.now };
                        match feed.projection {
                            Some(j) => {
                                gather(network, [j, feed.part, panel], lists, (0..self.tile, 1), product)
                            }
                            None => ones(lists, panel, product),
                        }
                    }
                    Source::State(l, i) => match dense {
                        Some(j) => {
                            let inputs = network.plan.projections[j].inputs;
                            let weights = network.weights(j, feed.part);
                            let weights = &weights[panel * inputs * PANEL..][..inputs * PANEL];
                            let (rows, level) = (&self.sums[..], network.level);
                            let columns = panel_width(network.plan.projections[j].outputs, panel);
                            let m = self.tile;
                            gemm_columns(level, columns, m, inputs, rows, inputs, 1, weights, product, false);
                            bias = Some(network.bias(j, feed.part, panel));
                        }
                        None => {
                            let slices = &members[l - self.group.start].slices;
                            let values = |k: usize| state(&slices[k], i, t, feed.delayed);
                            state_product(network, feed, panel, values, product);
                        }
                    },
                    Source::Input | Source::Map(_) => {}
                }
                match (begun, bias) {
                    (false, Some(bias)) => {
                        sum_with_bias(
                            network.level,
                            current,
                            [from_outside(panel, feed.port), product],
                            bias,
                        );
                        continue;
                    }
                    (false, None) => current.copy_from_slice(from_outside(panel, feed.port)),
                    (true, Some(bias)) => add_bias(network.level, product, bias),
                    (true, None) => {}
                }
                add(network.level, current, product);
            }
        }
        for (port, current) in currents.iter_mut().enumerate().filter(|&(port, _)| !begun[port]) {
            begin(port, current);
        }
    }

    /// The current of a port and panel after [`Returning::sum`], `[sample][64]`; empty if it was written to the tape.
    pub fn current(&self, port: usize, panel: usize) -> &[F] {
        let elements = self.tile * PANEL;
        if self.in_tape[port] { &[] } else { &self.currents[port][panel * elements..(panel + 1) * elements] }
    }

    /// Adds all parts of a convolution's currents, sample by sample, because a window reaches across panels. A port
    /// without a sum so far begins with the current from outside.
    #[allow(clippy::too_many_arguments)]
    fn add_image<'b>(
        &mut self,
        members: &[Member<F>],
        layer: usize,
        (projection, feed): (usize, &Feed),
        t: usize,
        from_outside: &impl Fn(usize, usize) -> &'b [F],
        begun: &mut [bool],
        currents: &mut [Vec<&mut [F]>],
    ) where
        F: 'b,
    {
        let network = self.network;
        let plan = &network.plan.layers[layer];
        let parts = plan.feedback.iter().filter(|f| f.projection == Some(projection));
        let parts: Vec<(usize, bool)> =
            parts.map(|f| (f.port, std::mem::replace(&mut begun[f.port], true))).collect();
        let mut image = vec![F::ZERO; parts.len() * plan.neurons];
        let mut values = Vec::new();
        for sample in 0..self.tile {
            let row = match feed.source {
                Source::State(l, i) => {
                    let source = &members[l - self.group.start];
                    values.clear();
                    for slice in &source.slices {
                        values
                            .extend_from_slice(&state(slice, i, t, feed.delayed)[sample * PANEL..][..PANEL]);
                    }
                    Row::Values(&values[..network.plan.layers[l].neurons])
                }
                Source::Spikes(l) => {
                    let listed = &self.lists[l - self.group.start];
                    Row::Events(if feed.delayed { &listed.before } else { &listed.now }.list(sample))
                }
                Source::Input | Source::Map(_) => return,
            };
            network.feed_image_back(projection, &self.packed[projection], row, &mut self.sums, &mut image);
            for (&(port, begun), image) in parts.iter().zip(image.chunks(plan.neurons)) {
                let panels = currents[port].iter_mut().zip(image.chunks(PANEL)).enumerate();
                for (panel, (current, values)) in panels {
                    let elements = &mut current[sample * PANEL..][..PANEL];
                    if begun {
                        elements.iter_mut().zip(values).for_each(|(x, &y)| *x += y);
                        continue;
                    }
                    let outside = &from_outside(panel, port)[sample * PANEL..][..PANEL];
                    let (own, padding) = elements.split_at_mut(values.len());
                    own.iter_mut().zip(outside).zip(values).for_each(|((x, &y), &z)| *x = y + z);
                    padding.copy_from_slice(&outside[values.len()..]);
                }
            }
        }
    }
}

/// Copies panels, `values(panel)` as `[sample][64]`, to rows `[sample][width]`, so that one product has the full depth.
pub(crate) fn side_by_side<'b, F: Element>(
    samples: usize,
    width: usize,
    values: impl Fn(usize) -> &'b [F],
    rows: &mut Vec<F>,
) {
    rows.resize(samples * width, F::ZERO);
    for first in (0..width).step_by(PANEL) {
        let count = PANEL.min(width - first);
        for (row, elements) in rows.chunks_mut(width).zip(values(first / PANEL).chunks(PANEL)) {
            row[first..first + count].copy_from_slice(&elements[..count]);
        }
    }
}

/// The value of a state that a reader sees at step `t`.
fn state<'b, F>(slice: &'b PanelSlices<F>, i: usize, t: usize, delayed: bool) -> &'b [F] {
    if delayed { slice.before(i, t) } else { slice.after(i, t) }
}

/// Spikes that are read without a projection, as 0 and 1, `[sample][64]`.
fn ones<F: Element>(lists: &EventLists, panel: usize, out: &mut [F]) {
    out.fill(F::ZERO);
    let neurons = panel * PANEL..(panel + 1) * PANEL;
    for (sample, elements) in out.chunks_mut(PANEL).enumerate() {
        let fired = lists.list(sample).iter().map(|&i| i as usize);
        fired.filter(|i| neurons.contains(i)).for_each(|i| elements[i - neurons.start] = F::ONE);
    }
}
