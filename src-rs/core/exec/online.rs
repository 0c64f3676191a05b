//! Learning forward in time: at each step the neurons' step is linearised about where they are, every
//! synapse's eligibility traces go one step on, and what the loss says of this step is multiplied by
//! them. Nothing of the past is kept but the traces, whatever the length of the sequence.

use crate::coefficients::Coefficients;
use crate::geometry::Geometry;
use crate::network::Network;
use crate::noise::Noise;
use crate::parallel;
use crate::pass::Segment;
use crate::sources::Sources;
use crate::tape::LayerTape;
use lapicque_base::error::{Error, Result};
use lapicque_expr::{Arg, ArgSlot, MAX_SLOTS, OutSlot};
use lapicque_graph::{Feed, ProjectionKind, Source};
use lapicque_projection::{
    Aligned, Element, LearningSignals, Linearised, MAX_TRACES, PANEL, ReadoutFilter, Row, eligibility_step,
    input_gradient_panel, panel_width, panels,
};
use std::ops::Range;

/// How the loss of one step reaches a synapse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnlineRule {
    /// Traces pass through the readout's leak: G. Bellec et al., Nature Communications 11, 3625 (2020).
    EProp,
    /// The loss of a step reaches what happens in that step only: M. Xiao et al., NeurIPS 2022.
    Ottt,
}

impl OnlineRule {
    pub fn name(self) -> &'static str {
        match self {
            OnlineRule::EProp => "e-prop",
            OnlineRule::Ottt => "ottt",
        }
    }
}

/// A step of one population about where it is, `[panel][row][64]` each.
struct Local<F: Element> {
    states: usize,
    /// Each state's row, and the spike's where there is one, of derivatives with respect to the
    /// states before and, last, the current; absent ones are zero.
    rows: Vec<Vec<Option<Aligned<F>>>>,
}

/// The synapses of one projection.
struct Synapses<F: Element> {
    projection: usize,
    /// `None`: the population's own spikes of the step before.
    source: Option<Source>,
    inputs: usize,
    bias: bool,
    /// `[panel][input, then bias][trace][row][64]`
    traces: Aligned<F>,
}

/// The traces of a chunk of samples.
pub struct Online<F: Element> {
    rule: OnlineRule,
    layers: Vec<Vec<Synapses<F>>>,
    /// For each dense projection between populations its weights as `[panel of inputs][output][64]`.
    transposed: Vec<Aligned<F>>,
}

impl<F: Element> Online<F> {
    /// Refuses what the rule does not cover.
    ///
    /// # Errors
    /// `unsupported`, naming the layer.
    pub fn check(network: &Network<F>, rule: OnlineRule) -> Result<()> {
        let plan = &network.plan;
        let refuse = |feature: String| Err(Error::Unsupported { feature, format: rule.name().into() });
        if let Some(map) = plan.maps.first() {
            return refuse(format!("the layer {} (dense layers between populations only)", map.name));
        }
        let readout = &plan.layers[plan.output];
        for (l, layer) in plan.layers.iter().enumerate() {
            if !layer.bound.spiking && l != plan.output {
                return refuse(format!(
                    "the population {} that does not spike before the output",
                    layer.name
                ));
            }
            if !network.layers[l].learned.is_empty() {
                return refuse(format!("learned parameters of the neurons of {}", layer.name));
            }
            if layer.bound.ports.len() > 1 {
                return refuse(format!("the ports {} of {}", layer.bound.ports.join(", "), layer.name));
            }
            let own = Source::Spikes(l);
            if let Some(feed) = layer.feedback.iter().find(|f| f.source != own || !f.delayed) {
                let from = feed.source.layer().map_or("", |l| &plan.layers[l].name);
                return refuse(format!(
                    "a cycle from {from} to {} by anything but its own spikes",
                    layer.name
                ));
            }
            let reads_state = |feed: &&Feed| match feed.source {
                Source::State(l, _) => plan.layers[l].bound.output.is_none(),
                _ => false,
            };
            if let Some(Feed { source: Source::State(l, i), .. }) = layer.feeds.iter().find(reads_state) {
                return refuse(format!(
                    "the state {} of {} as a signal",
                    plan.layers[*l].bound.states[*i].name, plan.layers[*l].name
                ));
            }
            for j in layer.entering().filter_map(|feed| feed.projection) {
                let projection = &plan.projections[j];
                if projection.trainable && projection.kind != ProjectionKind::Dense {
                    return refuse(format!("training {}, which is not dense", projection.name));
                }
            }
            let traces = layer.bound.states.len() + filter_states(network, rule);
            if traces > MAX_TRACES {
                return refuse(format!("{traces} traces of a synapse to {}", layer.name));
            }
        }
        let varied = network.layers[plan.output].coefs.iter().any(|coef| coef.len() > 1);
        if filter_states(network, rule) > 0 && varied {
            return refuse(format!("a readout {} whose neurons differ", readout.name));
        }
        Ok(())
    }

    /// Bytes of the traces of one sample.
    pub fn bytes(network: &Network<F>, rule: OnlineRule) -> u64 {
        let plan = &network.plan;
        let layers = plan.layers.iter().map(|layer| {
            let traces = layer.bound.states.len() + filter_states(network, rule);
            let used = layer.entering().filter_map(|feed| feed.projection);
            let inputs: usize = used.map(|j| plan.projections[j].inputs + 1).sum();
            (inputs * panels(layer.neurons) * PANEL * traces * size_of::<F>()) as u64
        });
        layers.sum()
    }

    /// Traces at rest for the samples of `g`.
    ///
    /// # Errors
    /// `too-large`.
    pub fn new(network: &Network<F>, rule: OnlineRule, g: &Geometry) -> Result<Self> {
        let plan = &network.plan;
        let rows = g.tiles * g.tile;
        let mut layers = Vec::new();
        for (l, layer) in plan.layers.iter().enumerate() {
            let traces =
                layer.bound.states.len() + usize::from(l != plan.output) * filter_states(network, rule);
            let feeds = layer.feeds.iter().filter_map(|feed| Some((feed.projection?, Some(feed.source))));
            let mut synapses = Vec::new();
            for (j, source) in
                feeds.chain(layer.feedback.iter().filter_map(|feed| Some((feed.projection?, None))))
            {
                let projection = &plan.projections[j];
                if !projection.trainable {
                    continue;
                }
                let (inputs, bias) = (projection.inputs, projection.bias);
                let len = panels(layer.neurons) * (inputs + usize::from(bias)) * traces * rows * PANEL;
                let traces = Aligned::zeroed("eligibility traces", len)?;
                synapses.push(Synapses { projection: j, source, inputs, bias, traces });
            }
            layers.push(synapses);
        }
        let mut transposed = vec![Aligned::default(); plan.projections.len()];
        for feed in plan.layers.iter().flat_map(|layer| &layer.feeds) {
            if let (Some(_), Some(j)) = (feed.source.layer(), feed.projection)
                && plan.projections[j].kind == ProjectionKind::Dense
            {
                transposed[j] = by_output(network, j);
            }
        }
        Ok(Online { rule, layers, transposed })
    }

    /// One step: adds to `gradients`, one buffer a parameter, what `signals` (of the output population,
    /// `[panel][row][64]` each) says.
    pub fn step(
        &mut self,
        network: &Network<F>,
        shown: &Segment<F>,
        spikes: Option<&[F]>,
        membrane: Option<&[F]>,
        gradients: &mut [Aligned<F>],
    ) {
        let plan = &network.plan;
        let (g, level) = (shown.g, network.level);
        let rows = g.tiles * g.tile;
        let local: Vec<Local<F>> =
            (0..plan.layers.len()).map(|l| Local::new(network, l, &shown.tapes[l], g)).collect();
        let filter = (filter_states(network, self.rule) > 0).then(|| local[plan.output].filter());
        let mut signals: Vec<Option<Aligned<F>>> = vec![None; plan.layers.len()];
        signals[plan.output] = spikes.map(Aligned::from);
        for l in (0..plan.layers.len()).rev() {
            let layer = &plan.layers[l];
            let membrane = membrane.filter(|_| l == plan.output);
            let filter = filter.as_ref().filter(|_| l != plan.output);
            let at = Place { local: &local[l], signal: signals[l].as_deref(), membrane, filter, rows };
            for synapses in &mut self.layers[l] {
                let x = synapses.entering(network, shown, l);
                let slots = network.slots[synapses.projection];
                at.learn(level, synapses, &x, slots.weight, slots.bias, gradients);
            }
            // Where the traces pass through the readout, its signal goes on as the loss gave it.
            let through = self.rule == OnlineRule::EProp && !layer.bound.spiking;
            let current = match through {
                true => membrane.map(Aligned::from),
                false => Some(at.current_gradient()),
            };
            let Some(current) = current else { continue };
            for feed in &layer.feeds {
                let Some(source) = feed.source.layer() else { continue };
                let size = panels(plan.layers[source].neurons) * rows * PANEL;
                let signal = signals[source].get_or_insert_with(|| zeros(size));
                match feed.projection {
                    Some(j) if plan.projections[j].kind == ProjectionKind::Dense => {
                        back(level, &self.transposed[j], plan.projections[j].outputs, rows, &current, signal);
                    }
                    other => {
                        let weights = other.map(|j| &network.parameters[network.slots[j].weight].data[..]);
                        for (i, (to, &x)) in signal.iter_mut().zip(current.iter()).enumerate() {
                            let neuron = i / (rows * PANEL) * PANEL + i % PANEL;
                            *to += weights.map_or(x, |w| w[neuron] * x);
                        }
                    }
                }
            }
        }
    }
}

/// States of the readout through which traces pass.
fn filter_states<F: Element>(network: &Network<F>, rule: OnlineRule) -> usize {
    let readout = &network.plan.layers[network.plan.output].bound;
    if rule == OnlineRule::EProp && !readout.spiking { readout.states.len() } else { 0 }
}

fn zeros<F: Element>(len: usize) -> Aligned<F> {
    let mut zeros = Aligned::default();
    zeros.resize(len);
    zeros
}

/// Weights as `[panel of inputs][output][64]`.
fn by_output<F: Element>(network: &Network<F>, projection: usize) -> Aligned<F> {
    let plan = &network.plan.projections[projection];
    let weights = &network.parameters[network.slots[projection].weight].data;
    let mut transposed = zeros(panels(plan.inputs) * plan.outputs * PANEL);
    let work: Vec<_> = transposed.chunks_mut(plan.outputs * PANEL).enumerate().collect();
    parallel::for_each(work, |(panel, to)| {
        lapicque_projection::transpose_weights(network.level, weights, plan.outputs, plan.inputs, panel, to);
    });
    transposed
}

/// Adds to a source's signal the gradient of what it sent.
fn back<F: Element>(
    level: lapicque_base::SimdLevel,
    transposed: &[F],
    outputs: usize,
    rows: usize,
    current: &[F],
    signal: &mut [F],
) {
    let work: Vec<_> = signal.chunks_mut(rows * PANEL).zip(transposed.chunks(outputs * PANEL)).collect();
    parallel::for_each(work, |(signal, weights)| {
        let panel = |k: usize| &current[k * rows * PANEL..(k + 1) * rows * PANEL];
        input_gradient_panel(level, rows, outputs, panel, weights, signal, true);
    });
}

impl<F: Element> Local<F> {
    /// The adjoint of the step, once for each thing that comes out of it.
    fn new(network: &Network<F>, layer: usize, tape: &LayerTape<F>, g: &Geometry) -> Self {
        let plan = &network.plan.layers[layer];
        let bound = &plan.bound;
        let states = bound.states.len();
        let len = panels(plan.neurons) * g.tiles * g.lanes();
        let results = states + usize::from(bound.spiking);
        let column = |slot: &OutSlot| match *slot {
            OutSlot::GradState(k) => Some(k),
            OutSlot::GradPort(_) => Some(states),
            _ => None,
        };
        let columns: Vec<usize> = bound.adjoint.outs.iter().filter_map(column).collect();
        let mut rows: Vec<Vec<Option<Aligned<F>>>> = vec![vec![None; states + 1]; results];
        for (seed, row) in rows.iter_mut().enumerate() {
            let mut found: Vec<Aligned<F>> = columns.iter().map(|_| zeros(len)).collect();
            let mut chunks: Vec<Vec<&mut [F]>> = (0..len / g.lanes()).map(|_| vec![]).collect();
            for part in &mut found {
                chunks.iter_mut().zip(part.chunks_mut(g.lanes())).for_each(|(to, chunk)| to.push(chunk));
            }
            parallel::for_each(chunks.into_iter().enumerate().collect(), |(chunk, outs)| {
                adjoint(network, layer, tape, g, chunk, seed, outs);
            });
            for (&k, part) in columns.iter().zip(found) {
                // What is zero everywhere need not be multiplied: a spike has no part in a leak.
                row[k] = part.iter().any(|&x| x != F::ZERO).then_some(part);
            }
        }
        Local { states, rows }
    }

    /// The recurrence of a readout whose neurons are alike and linear.
    fn filter(&self) -> ReadoutFilter<F> {
        let first = |part: &Option<Aligned<F>>| part.as_ref().map_or(F::ZERO, |part| part[0]);
        ReadoutFilter {
            transition: self.rows.iter().flat_map(|row| row[..self.states].iter().map(first)).collect(),
            input: self.rows.iter().map(|row| first(&row[self.states])).collect(),
        }
    }

    fn spike_row(&self) -> Option<&Vec<Option<Aligned<F>>>> {
        self.rows.get(self.states)
    }

    fn panel(&self, panel: usize, rows: usize) -> Linearised<'_, F> {
        fn own<'a, F: Element>(part: &'a Option<Aligned<F>>, lanes: &Range<usize>) -> Option<&'a [F]> {
            part.as_ref().map(|part| &part[lanes.clone()])
        }
        let lanes = panel * rows * PANEL..(panel + 1) * rows * PANEL;
        let part = |part| own(part, &lanes);
        let of_states = &self.rows[..self.states];
        Linearised {
            states: of_states.iter().flat_map(|row| row[..self.states].iter().map(part)).collect(),
            current: of_states.iter().map(|row| part(&row[self.states])).collect(),
            spike: self.spike_row().map_or(vec![], |row| row[..self.states].iter().map(part).collect()),
            spike_current: self.spike_row().and_then(|row| part(&row[self.states])),
        }
    }
}

/// The derivatives of result `seed` (a state, or the spike after them) for one panel of one tile.
fn adjoint<F: Element>(
    network: &Network<F>,
    layer: usize,
    tape: &LayerTape<F>,
    g: &Geometry,
    chunk: usize,
    seed: usize,
    parts: Vec<&mut [F]>,
) {
    let bound = &network.plan.layers[layer].bound;
    let lanes = g.lanes();
    let at = chunk * lanes..(chunk + 1) * lanes;
    let (ones, none) = (vec![F::ONE; lanes], vec![F::ZERO; lanes]);
    let seeded = |result: usize| Arg::Lanes(if result == seed { &ones[..] } else { &none[..] });
    let (panel, tile) = (chunk / g.tiles, chunk % g.tiles);
    let coefs = Coefficients::new(network, layer, panel, g);
    let mut noise = Noise::new(network, layer);
    if !noise.is_empty() {
        let clock = &tape.begin[noise.clock][at.clone()];
        noise.draw(g.first + tile * g.tile, panel * PANEL, PANEL, clock);
    }
    let mut args = [Arg::Uniform(F::ZERO); MAX_SLOTS];
    for (arg, slot) in args.iter_mut().zip(&bound.adjoint.args) {
        *arg = match *slot {
            ArgSlot::State(i) => Arg::Lanes(&tape.begin[i][at.clone()]),
            ArgSlot::NewState(i) => Arg::Lanes(&tape.states[i][at.clone()]),
            ArgSlot::Port(p) => Arg::Lanes(&tape.currents[p][at.clone()]),
            ArgSlot::Coef(k) => coefs.arg(k),
            ArgSlot::GradState(i) => seeded(i),
            ArgSlot::GradSpike => seeded(bound.states.len()),
            ArgSlot::Noise(k) => Arg::Lanes(noise.values(k)),
        };
    }
    let mut other: Vec<Vec<F>> = bound.adjoint.outs.iter().map(|_| vec![]).collect();
    let mut parts = parts.into_iter();
    let mut outs: Vec<&mut [F]> = Vec::new();
    for (slot, other) in bound.adjoint.outs.iter().zip(&mut other) {
        outs.push(match slot {
            OutSlot::GradState(_) | OutSlot::GradPort(_) => parts.next().unwrap_or_default(),
            _ => {
                other.resize(lanes, F::ZERO);
                other
            }
        });
    }
    let kernel = &network.layers[layer].adjoint;
    kernel.run(lanes, &args[..bound.adjoint.args.len()], &mut outs, &mut vec![]);
}

impl<F: Element> Synapses<F> {
    /// What each input sent, `[input, then bias][row]`.
    fn entering(&self, network: &Network<F>, shown: &Segment<F>, layer: usize) -> Vec<F> {
        let g = shown.g;
        let rows = g.tiles * g.tile;
        let mut x = vec![F::ZERO; (self.inputs + usize::from(self.bias)) * rows];
        let sources = Sources {
            network,
            input: *shown.signal,
            layers: shown.tapes,
            maps: shown.maps,
            g: *g,
            first_step: shown.range.start,
        };
        let mut scratch = vec![];
        for (tile, sample) in (0..g.tiles).flat_map(|tile| (0..g.valid(tile)).map(move |s| (tile, s))) {
            let row = tile * g.tile + sample;
            let mut put = |i: usize, value: F| x[i * rows + row] = value;
            match self.source {
                Some(source) => {
                    sources.with_rows(
                        &[source],
                        [tile, 0, sample],
                        &mut scratch,
                        |entering| match entering[0] {
                            Row::Events(events) => events.iter().for_each(|&i| put(i as usize, F::ONE)),
                            Row::Values(values) => values.iter().enumerate().for_each(|(i, &v)| put(i, v)),
                        },
                    );
                }
                None => {
                    for (panel, words) in shown.tapes[layer].last_spikes.chunks(rows).enumerate() {
                        let width = panel_width(self.inputs, panel);
                        let fired = (0..width).filter(|j| words[row] >> j & 1 == 1);
                        fired.for_each(|j| put(panel * PANEL + j, F::ONE));
                    }
                }
            }
            if self.bias {
                x[self.inputs * rows + row] = F::ONE;
            }
        }
        x
    }
}

/// One population at one step.
struct Place<'a, F: Element> {
    local: &'a Local<F>,
    signal: Option<&'a [F]>,
    membrane: Option<&'a [F]>,
    filter: Option<&'a ReadoutFilter<F>>,
    rows: usize,
}

impl<F: Element> Place<'_, F> {
    fn learn(
        &self,
        level: lapicque_base::SimdLevel,
        synapses: &mut Synapses<F>,
        x: &[F],
        weight: usize,
        bias: Option<usize>,
        gradients: &mut [Aligned<F>],
    ) {
        let lanes = self.rows * PANEL;
        let of_panel = synapses.inputs + usize::from(synapses.bias);
        let traces = self.local.states + self.filter.map_or(0, |f| f.input.len());
        let of_panels: Vec<_> = (0..synapses.traces.len() / (of_panel * traces * lanes))
            .map(|panel| {
                let own = panel * lanes..(panel + 1) * lanes;
                let signals = LearningSignals {
                    spikes: self.signal.map(|all| &all[own.clone()]),
                    membrane: self.membrane.map(|all| &all[own.clone()]),
                };
                (self.local.panel(panel, self.rows), signals)
            })
            .collect();
        let mut weights = std::mem::take(&mut gradients[weight]);
        let mut biases = bias.map(|bias| std::mem::take(&mut gradients[bias])).unwrap_or_default();
        let mut sums = weights.chunks_mut(PANEL);
        let mut biases_left = biases.chunks_mut(PANEL);
        let mut work = Vec::new();
        for (i, traces) in synapses.traces.chunks_mut(traces * lanes).enumerate() {
            let (panel, input) = (i / of_panel, i % of_panel);
            let sum = if input < synapses.inputs { sums.next() } else { biases_left.next() };
            work.extend(sum.map(|sum| (panel, input, traces, sum)));
        }
        parallel::for_each(work, |(panel, input, traces, sum)| {
            let (linearised, signals) = &of_panels[panel];
            let x = &x[input * self.rows..(input + 1) * self.rows];
            eligibility_step(level, x, linearised, self.filter, *signals, traces, sum);
        });
        gradients[weight] = weights;
        if let Some(bias) = bias {
            gradients[bias] = biases;
        }
    }

    /// The gradient of this step's loss with respect to this step's current, `[panel][row][64]`.
    fn current_gradient(&self) -> Aligned<F> {
        let len = self.signal.or(self.membrane).map_or(0, <[F]>::len);
        let mut out = zeros(len);
        let through_state = self.local.rows.first().and_then(|row| row[self.local.states].as_deref());
        let through_spike = self.local.spike_row().and_then(|row| row[self.local.states].as_deref());
        for (signal, part) in [(self.signal, through_spike), (self.membrane, through_state)] {
            let (Some(signal), Some(part)) = (signal, part) else { continue };
            for ((to, &s), &p) in out.iter_mut().zip(signal).zip(part) {
                *to = s.mul_add(p, *to);
            }
        }
        out
    }
}
