//! The streaming form of a network: one sample, some steps at a time, state carried. The cost of a
//! step is proportional to the events that enter it plus one update of the neurons.

use crate::error::{Error, Result};
use crate::exec::batch_norm::Norms;
use crate::exec::input::InputValues;
use crate::exec::map::Mode;
use crate::exec::network::Network;
use crate::exec::noise::Noise;
use crate::exec::state::{LayerState, NetworkState};
use crate::expr::{Arg, ArgSlot, MAX_SLOTS};
use crate::graph::{MapPlan, ProjectionKind, Source, Unit};
use crate::projection::{
    Aligned, Element, Lags, PANEL, Row, add, gather_one, gemm_panel, pack_spikes, panel_mask, panels,
    to_rowmajor_inputs,
};
use std::sync::Arc;

/// A network ready to stream: weights as `[in][outputs padded to 64]`, shared by its sessions.
pub struct Streaming<F: Element> {
    network: Arc<Network<F>>,
    rows: Vec<Aligned<F>>,
    biases: Vec<Aligned<F>>,
    /// Of each map, by the running averages.
    norms: Vec<Norms<F>>,
    /// Where the delays of each map end.
    lags: Vec<Option<Lags<F>>>,
}

impl<F: Element> Streaming<F> {
    pub fn new(network: Arc<Network<F>>) -> Result<Self> {
        if let Some((steps, layer)) = network.plan.whole_sequence() {
            return Err(Error::Unsupported {
                feature: format!("{layer}, whose weights are for whole sequences of {steps} steps"),
                format: "a session".into(),
            });
        }
        let mut rows = Vec::new();
        let mut biases = Vec::new();
        for (plan, slots) in network.plan.projections.iter().zip(&network.slots) {
            let weights = &network.parameters[slots.weight].data;
            let padded = panels(plan.outputs) * PANEL;
            rows.push(match plan.kind {
                ProjectionKind::Dense => {
                    let mut rows = Aligned::zeroed(&plan.name, plan.inputs * padded)?;
                    to_rowmajor_inputs(weights, plan.outputs, plan.inputs, &mut rows);
                    rows
                }
                ProjectionKind::OneToOne => weights.clone(),
                // Maps read the parameters themselves.
                _ => Aligned::default(),
            });
            biases.push(match slots.bias {
                _ if !matches!(plan.kind, ProjectionKind::Dense | ProjectionKind::OneToOne) => {
                    Aligned::default()
                }
                Some(bias) => network.parameters[bias].data.clone(),
                None => Aligned::zeroed(&plan.name, padded)?,
            });
        }
        let norms = (0..network.plan.maps.len()).map(|map| network.running_norms(map)).collect();
        let lags = (0..network.plan.maps.len()).map(|map| network.lags(map, Mode::Evaluate)).collect();
        Ok(Streaming { network, rows, biases, norms, lags })
    }

    pub fn network(&self) -> &Network<F> {
        &self.network
    }
}

/// One stream. `push` is synchronous: microseconds.
pub struct Session<F: Element> {
    model: Arc<Streaming<F>>,
    layers: Vec<LayerNow<F>>,
    /// What each map gives now.
    maps: Vec<Vec<F>>,
    /// Of each map that mixes time the rows from now on, `[reach + 1][element]`.
    coming: Vec<Vec<F>>,
    sums: Vec<F>,
    current: Vec<F>,
    product: Vec<F>,
    kernel: Vec<F>,
    steps: u64,
}

/// One population now.
struct LayerNow<F: Element> {
    /// Before and after the step, taking turns; padded to whole panels.
    states: [Vec<Vec<F>>; 2],
    lanes: Vec<F>,
    words: Vec<u64>,
    /// Ascending neurons that fired in the last step.
    fired: Vec<u32>,
    noise: Noise<F>,
}

/// What enters at one step.
#[derive(Clone, Copy)]
pub enum StepInput<'a, F> {
    /// Ascending channels, each once.
    Events(&'a [u32]),
    Values(&'a [F]),
}

impl<F: Element> Session<F> {
    pub fn new(model: Arc<Streaming<F>>) -> Self {
        let mut session = Session {
            model: model.clone(),
            layers: vec![],
            maps: vec![],
            coming: vec![],
            sums: vec![],
            current: vec![],
            product: vec![],
            kernel: vec![],
            steps: 0,
        };
        session.reset();
        session
    }

    /// Puts every neuron at rest.
    pub fn reset(&mut self) {
        let state = NetworkState::rest(self.model.network(), 1);
        self.load(&state);
        self.steps = 0;
    }

    /// Time steps pushed since the session began or was reset.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    pub fn restore(&mut self, state: &NetworkState<F>) -> Result<()> {
        state.check(self.model.network(), 1)?;
        self.load(state);
        Ok(())
    }

    fn load(&mut self, state: &NetworkState<F>) {
        let network = self.model.network();
        self.maps = network.plan.maps.iter().map(|map| vec![F::ZERO; map.shape.elements()]).collect();
        let coming = |(m, map): (usize, &MapPlan)| {
            let mut rows = state.pending_of(m).to_vec();
            let now = if map.operation.temporal().is_some() { map.shape.elements() } else { 0 };
            rows.resize(rows.len() + now, F::ZERO);
            rows
        };
        self.coming = network.plan.maps.iter().enumerate().map(coming).collect();
        self.layers = network
            .plan
            .layers
            .iter()
            .zip(&state.layers)
            .enumerate()
            .map(|(layer, (plan, from))| {
                let padded = panels(plan.neurons) * PANEL;
                let states: Vec<Vec<F>> = from
                    .states
                    .iter()
                    .zip(&plan.bound.states)
                    .map(|(s, info)| {
                        let mut lanes = s.clone();
                        lanes.resize(padded, F::from_f64(info.init[0]));
                        lanes
                    })
                    .collect();
                let fired = from.last_spikes.iter().flatten().enumerate().filter(|(_, s)| **s);
                LayerNow {
                    states: [states.clone(), states],
                    lanes: vec![F::ZERO; padded],
                    words: vec![0; padded / PANEL],
                    fired: fired.map(|(i, _)| i as u32).collect(),
                    noise: Noise::new(network, layer),
                }
            })
            .collect();
    }

    pub fn save(&self) -> NetworkState<F> {
        let network = self.model.network();
        let layers = network.plan.layers.iter().zip(&self.layers);
        let layers = layers.map(|(plan, now)| LayerState {
            neurons: plan.neurons,
            states: now.states[0].iter().map(|s| s[..plan.neurons].to_vec()).collect(),
            last_spikes: (!plan.feedback.is_empty()).then(|| {
                let mut spikes = vec![false; plan.neurons];
                now.fired.iter().for_each(|&i| spikes[i as usize] = true);
                spikes
            }),
        });
        let sizes = network.plan.maps.iter().map(|map| map.shape.elements());
        let pending = self
            .coming
            .iter()
            .zip(sizes)
            .map(|(rows, size)| rows[..rows.len().saturating_sub(size)].to_vec());
        NetworkState { batch: 1, layers: layers.collect(), pending: pending.collect() }
    }

    /// Advances one step; the output population's spikes are then in [`Session::output`].
    pub fn step(&mut self, input: StepInput<F>) -> Result<()> {
        let model = self.model.clone();
        let network = model.network();
        check_step(network, input)?;
        for &unit in &network.plan.order {
            match unit {
                Unit::Layer(layer) => {
                    self.currents(&model, layer, input);
                    self.advance(network, layer);
                }
                Unit::Map(map) => self.map(&model, map, input),
            }
        }
        self.steps += 1;
        Ok(())
    }

    /// Ascending neurons of the output population that fired in the last step.
    pub fn output(&self) -> &[u32] {
        &self.layers[self.model.network().plan.output].fired
    }

    /// First state (the membrane potential) of the output population, `[neurons]`.
    pub fn membrane(&self) -> &[F] {
        let plan = &self.model.network().plan;
        &self.layers[plan.output].states[0][0][..plan.layers[plan.output].neurons]
    }

    /// One map's row; a population's order of values is that of its neurons.
    fn map(&mut self, model: &Streaming<F>, map: usize, input: StepInput<F>) {
        let network = model.network();
        let mut out = std::mem::take(&mut self.maps[map]);
        let mut sums = std::mem::take(&mut self.sums);
        let mut coming = std::mem::take(&mut self.coming[map]);
        let rows =
            network.plan.maps[map].sources.iter().map(|&source| match self.now(network, source, input) {
                StepInput::Events(events) => Row::Events(events),
                StepInput::Values(values) => Row::Values(values),
            });
        let rows: Vec<Row<F>> = rows.collect();
        if let Some(over) = network.over_time(map, model.lags[map].as_ref()) {
            over.spread(rows[0], 0, &mut coming);
            let size = out.len();
            out.copy_from_slice(&coming[..size]);
            over.add_bias(0, &mut out);
            coming.copy_within(size.., 0);
            let kept = coming.len() - size;
            coming[kept..].fill(F::ZERO);
        } else {
            network.map_row(map, &rows, &model.norms[map], Mode::Evaluate, 0, &mut sums, &mut out);
        }
        self.coming[map] = coming;
        self.sums = sums;
        self.maps[map] = out;
    }

    /// What a source gives at this step; maps in the order in which they keep it.
    fn now<'b>(
        &'b self,
        network: &'b Network<F>,
        source: Source,
        input: StepInput<'b, F>,
    ) -> StepInput<'b, F> {
        match source {
            Source::Input => input,
            Source::Layer(l) if network.plan.layers[l].bound.spiking => {
                StepInput::Events(&self.layers[l].fired)
            }
            Source::Layer(l) => {
                let n = network.plan.layers[l].neurons;
                StepInput::Values(&self.layers[l].states[0][0][..n])
            }
            Source::Map(m) => StepInput::Values(&self.maps[m]),
        }
    }

    /// Sums what enters a population, in the order of the clocked executor.
    fn currents(&mut self, model: &Streaming<F>, layer: usize, input: StepInput<F>) {
        let plan = &model.network.plan.layers[layer];
        let padded = panels(plan.neurons) * PANEL;
        for (i, feed) in plan.feeds.iter().enumerate() {
            let mut target = std::mem::take(if i == 0 { &mut self.current } else { &mut self.product });
            target.resize(padded, F::ZERO);
            model.product(feed.projection, self.now(&model.network, feed.source, input), &mut target);
            if let (None, Source::Map(m)) = (feed.projection, feed.source) {
                let map = &model.network.plan.maps[m];
                for (n, x) in target[..plan.neurons].iter_mut().enumerate() {
                    *x = self.maps[m][map.place(n)];
                }
            }
            *(if i == 0 { &mut self.current } else { &mut self.product }) = target;
            if i > 0 {
                add(model.network.level, &mut self.current, &self.product);
            }
        }
        for &j in &plan.feedback {
            self.product.resize(padded, F::ZERO);
            if model.network.feedback[j].is_some() {
                self.product.fill(F::ZERO);
                let (fired, out) = (&self.layers[layer].fired, &mut self.product[..plan.neurons]);
                model.network.feed_image_back(j, fired, &mut self.sums, out);
                add(model.network.level, &mut self.current, &self.product);
                continue;
            }
            model.product(Some(j), StepInput::Events(&self.layers[layer].fired), &mut self.product);
            add(model.network.level, &mut self.current, &self.product);
        }
    }

    fn advance(&mut self, network: &Network<F>, layer: usize) {
        let plan = &network.plan.layers[layer];
        let runtime = &network.layers[layer];
        let now = &mut self.layers[layer];
        let padded = now.lanes.len();
        let [before, after] = &mut now.states;
        if !now.noise.is_empty() {
            now.noise.draw(0, 0, padded, &before[now.noise.clock]);
        }
        let mut args = [Arg::Uniform(F::ZERO); MAX_SLOTS];
        let program = &plan.bound.forward;
        for (arg, slot) in args.iter_mut().zip(&program.args) {
            *arg = match *slot {
                ArgSlot::State(i) => Arg::Lanes(&before[i]),
                ArgSlot::Port(_) => Arg::Lanes(&self.current),
                ArgSlot::Coef(k) => match &runtime.coefs[k][..] {
                    [one] => Arg::Uniform(*one),
                    lanes => Arg::Lanes(lanes),
                },
                ArgSlot::Noise(k) => Arg::Lanes(now.noise.values(k)),
                _ => Arg::Uniform(F::ZERO),
            };
        }
        let mut outs: [&mut [F]; MAX_SLOTS] = std::array::from_fn(|_| &mut [][..]);
        let count = after.len();
        for (out, state) in outs.iter_mut().zip(after.iter_mut()) {
            *out = state;
        }
        if plan.bound.spiking {
            outs[count] = &mut now.lanes;
        }
        runtime.forward.run(
            padded,
            &args[..program.args.len()],
            &mut outs[..program.outs.len()],
            &mut self.kernel,
        );
        now.states.swap(0, 1);
        if plan.bound.spiking {
            pack_spikes(network.level, &now.lanes, &mut now.words);
            now.fired.clear();
            for (p, &word) in now.words.iter().enumerate() {
                let mut word = word & panel_mask(plan.neurons, p);
                while word != 0 {
                    now.fired.push((p * PANEL) as u32 + word.trailing_zeros());
                    word &= word - 1;
                }
            }
        }
    }
}

impl<F: Element> Streaming<F> {
    /// The product of one row.
    fn product(&self, projection: Option<usize>, input: StepInput<F>, out: &mut [F]) {
        let Some(j) = projection else {
            out.fill(F::ZERO);
            match input {
                StepInput::Events(events) => events.iter().for_each(|&i| out[i as usize] = F::ONE),
                StepInput::Values(values) => out[..values.len()].copy_from_slice(values),
            }
            return;
        };
        let plan = &self.network.plan.projections[j];
        match (plan.kind, input) {
            (ProjectionKind::Dense, StepInput::Events(events)) => {
                gather_one(self.network.level, &self.rows[j], out.len(), events, &self.biases[j], out);
            }
            (ProjectionKind::Dense, StepInput::Values(values)) => {
                let weights = &self.network.parameters[self.network.slots[j].weight].data;
                for (panel, out) in out.chunks_mut(PANEL).enumerate() {
                    let weights = &weights[panel * plan.inputs * PANEL..][..plan.inputs * PANEL];
                    gemm_panel(
                        self.network.level,
                        1,
                        plan.inputs,
                        values,
                        plan.inputs,
                        1,
                        weights,
                        out,
                        false,
                    );
                }
                add(self.network.level, out, &self.biases[j]);
            }
            (_, StepInput::Events(events)) => {
                out.fill(F::ZERO);
                events.iter().for_each(|&i| out[i as usize] = self.rows[j][i as usize]);
            }
            (_, StepInput::Values(values)) => {
                out.fill(F::ZERO);
                out.iter_mut().zip(values).zip(self.rows[j].iter()).for_each(|((o, &x), &w)| *o = x * w);
            }
        }
    }
}

fn check_step<F: Element>(network: &Network<F>, input: StepInput<F>) -> Result<()> {
    let channels = network.plan.input_size;
    match input {
        StepInput::Events(events) => {
            if let Some(i) = events.iter().position(|&e| e as usize >= channels) {
                return Err(Error::invalid(
                    format!("events[{i}]"),
                    events[i],
                    format!("a channel below {channels}"),
                ));
            }
            if let Some(i) = events.windows(2).position(|w| w[0] >= w[1]) {
                return Err(Error::invalid(
                    format!("events[{}]", i + 1),
                    events[i + 1],
                    "channels in ascending order, each once",
                ));
            }
        }
        StepInput::Values(values) => {
            if values.len() != channels {
                return Err(Error::ShapeMismatch {
                    layer: "input".into(),
                    expected: format!("[{channels}]"),
                    got: format!("[{}]", values.len()),
                });
            }
            if let Some(i) = values.iter().position(|x| !x.is_finite()) {
                return Err(Error::NonFinite {
                    layer: "input".into(),
                    step: 0,
                    name: format!("channel {i}"),
                });
            }
            network.check_row_numbers(&InputValues::again(values, None, [1, 1, channels], false))?;
        }
    }
    Ok(())
}
