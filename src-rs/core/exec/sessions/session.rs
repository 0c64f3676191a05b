//! The streaming form of a network: one sample, some steps at a time, state carried. The cost of a
//! step is proportional to the events that enter it plus one update of the neurons.

use crate::batch::run::Recording;
use crate::batch::variables::{Variable, product_feeds};
use crate::network::compiled::Network;
use crate::network::noise::Noise;
use crate::network::state::{LayerState, NetworkState};
use crate::ops::reductions::running;
pub use crate::sessions::streaming::Streaming;
use crate::tape::input::InputValues;
use lapicque_base::error::{Error, Result};
use lapicque_base::instantiated;
use lapicque_expr::{Arg, ArgSlot, Args, Outs, set_args};
use lapicque_graph::{Feed, MapPlan, Source, Unit};
use lapicque_projection::functions;
use lapicque_projection::{Element, PANEL, Row, add, first_non_finite, panel_mask, panels};
use std::sync::Arc;

/// One stream. `push` is synchronous: microseconds.
pub struct Session<F: Element> {
    model: Arc<Streaming<F>>,
    layers: Vec<LayerNow<F>>,
    /// What each map gives now.
    maps: Vec<Vec<F>>,
    /// Of each map that mixes time the rows from now on, `[reach + 1][element]`; of a reduction its state; of a batch norm with
    /// weights of each step which step comes.
    coming: Vec<Vec<F>>,
    /// `coming` before the step at work, for a step that is refused.
    came: Vec<Vec<F>>,
    sums: Vec<F>,
    /// What enters each port of the population at work.
    currents: Vec<Vec<F>>,
    product: Vec<F>,
    kernel: Vec<F>,
    steps: u64,
    watched: Watched<F>,
}

/// One population now.
struct LayerNow<F: Element> {
    /// Before and after the step, taking turns; padded to whole panels.
    states: [Vec<Vec<F>>; 2],
    words: Vec<u64>,
    /// Ascending neurons that fired in the last step, and in the one before it.
    fired: [Vec<u32>; 2],
    noise: Noise<F>,
}

/// What is recorded of each step: of ports and projections also the values, which no state has.
struct Watched<F> {
    wanted: Vec<(usize, Variable)>,
    now: Vec<Vec<F>>,
    /// Of the step at work, which may be refused.
    next: Vec<Vec<F>>,
}

impl<F> Default for Watched<F> {
    fn default() -> Self {
        Watched { wanted: vec![], now: vec![], next: vec![] }
    }
}

impl<F: Element> Watched<F> {
    fn new(wanted: &[(usize, Variable)], sizes: impl Iterator<Item = usize>) -> Self {
        let now: Vec<Vec<F>> = sizes.map(|size| vec![F::ZERO; size]).collect();
        Watched { wanted: wanted.to_vec(), next: now.clone(), now }
    }

    fn at_rest(&self) -> Self {
        Watched::new(&self.wanted, self.now.iter().map(Vec::len))
    }

    fn publish(&mut self) {
        std::mem::swap(&mut self.now, &mut self.next);
    }
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
        instantiated!(functions, => Session::new_generic as (
            model: Arc<Streaming<F>> = model,
        ) -> Session<F>)
    }

    fn new_generic(model: Arc<Streaming<F>>) -> Self {
        let mut session = Session {
            model: model.clone(),
            layers: vec![],
            maps: vec![],
            coming: vec![],
            came: vec![],
            sums: vec![],
            currents: vec![],
            product: vec![],
            kernel: vec![],
            steps: 0,
            watched: Watched::default(),
        };
        session.reset();
        session
    }

    /// Another stream on the same weights, at rest.
    pub fn fork(&self) -> Self {
        let mut fork = Session::new(Arc::clone(&self.model));
        fork.watched = self.watched.at_rest();
        fork
    }

    /// About what its weights take, where it is alone on them; nothing of others on the same.
    pub fn own_bytes(&self) -> usize {
        let alone = Arc::strong_count(&self.model) == 1;
        if alone { self.model.network().stored_elements() as usize * 2 * size_of::<F>() } else { 0 }
    }

    /// Puts every neuron at rest.
    pub fn reset(&mut self) {
        instantiated!(functions, 'a => Session::reset_generic as (
            session: &'a mut Session<F> = self,
        ) -> ())
    }

    fn reset_generic(&mut self) {
        let state = NetworkState::rest(self.model.network(), 1);
        self.load(&state);
        self.steps = 0;
        self.watched = self.watched.at_rest();
    }

    /// Time steps pushed since the session began or was reset.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    pub fn restore(&mut self, state: &NetworkState<F>) -> Result<()> {
        instantiated!(functions, 'a => Session::restore_generic as (
            session: &'a mut Session<F> = self,
            state: &'a NetworkState<F> = state,
        ) -> Result<()>)
    }

    fn restore_generic(&mut self, state: &NetworkState<F>) -> Result<()> {
        state.check(self.model.network(), 1)?;
        self.load(state);
        Ok(())
    }

    fn load(&mut self, state: &NetworkState<F>) {
        let network = self.model.network();
        self.maps = network.plan.maps.iter().map(|map| vec![F::ZERO; map.shape.elements()]).collect();
        let coming = |(m, map): (usize, &MapPlan)| {
            let mut rows = state.pending_of(m).to_vec();
            rows.resize(rows.len() + spread_now(map), F::ZERO);
            rows
        };
        self.coming = network.plan.maps.iter().enumerate().map(coming).collect();
        self.came.clone_from(&self.coming);
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
                    words: vec![0; padded / PANEL],
                    fired: [fired.map(|(i, _)| i as u32).collect(), vec![]],
                    noise: Noise::new(network, layer),
                }
            })
            .collect();
    }

    pub fn save(&self) -> NetworkState<F> {
        instantiated!(functions, 'a => Session::save_generic as (
            session: &'a Session<F> = self,
        ) -> NetworkState<F>)
    }

    fn save_generic(&self) -> NetworkState<F> {
        let network = self.model.network();
        let layers = network.plan.layers.iter().zip(&self.layers);
        let layers = layers.map(|(plan, now)| LayerState {
            neurons: plan.neurons,
            states: now.states[0].iter().map(|s| s[..plan.neurons].to_vec()).collect(),
            last_spikes: plan.remembered.then(|| {
                let mut spikes = vec![false; plan.neurons];
                now.fired[0].iter().for_each(|&i| spikes[i as usize] = true);
                spikes
            }),
        });
        let pending = (self.coming.iter().zip(&network.plan.maps))
            .map(|(rows, map)| rows[..rows.len() - spread_now(map)].to_vec());
        NetworkState { batch: 1, layers: layers.collect(), pending: pending.collect() }
    }

    /// Advances one step; the output population's spikes are then in [`Session::output`].
    ///
    /// # Errors
    /// `invalid-parameter`, `shape-mismatch` and `non-finite` for an input that does not fit, `non-finite` where a state
    /// leaves the numbers. The session is then as it was.
    pub fn step(&mut self, input: StepInput<F>) -> Result<()> {
        instantiated!(functions, 'a => Session::step_generic as (
            session: &'a mut Session<F> = self,
            input: StepInput<'a, F> = input,
        ) -> Result<()>)
    }

    fn step_generic(&mut self, input: StepInput<F>) -> Result<()> {
        let model = self.model.clone();
        let network = model.network();
        check_step(network, input)?;
        self.came.iter_mut().zip(&self.coming).for_each(|(came, coming)| came.copy_from_slice(coming));
        for &unit in &network.plan.order {
            match unit {
                Unit::Layers { first, count } => {
                    for layer in first..first + count {
                        self.currents(&model, layer, first, input);
                        self.advance(network, layer);
                        if let Some(name) = self.left_the_numbers(network, layer) {
                            self.take_back(network, layer);
                            let (layer, step) =
                                (network.plan.layers[layer].name.clone(), self.steps as usize);
                            return Err(Error::NonFinite { layer, step, name });
                        }
                        self.watch(&model, layer, input);
                    }
                }
                Unit::Map(map) => self.map(&model, map, input),
            }
        }
        self.watched.publish();
        self.steps += 1;
        Ok(())
    }

    /// A state of a population that is no longer finite: seldom does it become so again, and no spike tells.
    fn left_the_numbers(&self, network: &Network<F>, layer: usize) -> Option<String> {
        let plan = &network.plan.layers[layer];
        let states = self.layers[layer].states[0].iter().zip(&plan.bound.states);
        // Whole panels are quicker to look at; lanes without a neuron count for nothing.
        let mut left = states.filter(|(state, _)| {
            first_non_finite(network.level, state).is_some()
                && state[..plan.neurons].iter().any(|x| !x.is_finite())
        });
        left.next().map(|(_, info)| info.name.to_string())
    }

    /// Undoes the step at work, which has come as far as `last`.
    fn take_back(&mut self, network: &Network<F>, last: usize) {
        let layers = network.plan.order.iter().flat_map(|unit| match *unit {
            Unit::Layers { first, count } => first..first + count,
            Unit::Map(_) => 0..0,
        });
        let mut gone = true;
        for layer in layers.take_while(|&layer| std::mem::replace(&mut gone, layer != last)) {
            let now = &mut self.layers[layer];
            now.states.swap(0, 1);
            now.fired.swap(0, 1);
        }
        std::mem::swap(&mut self.coming, &mut self.came);
    }

    /// Records these variables, as [`Network::variable`] knows them, in each step from now on.
    ///
    /// # Errors
    /// `unknown-name`
    pub fn record(&mut self, names: &[String]) -> Result<()> {
        instantiated!(functions, 'a => Session::record_generic as (
            session: &'a mut Session<F> = self,
            names: &'a [String] = names,
        ) -> Result<()>)
    }

    fn record_generic(&mut self, names: &[String]) -> Result<()> {
        let network = self.model.network();
        let wanted = names.iter().map(|name| network.variable(name)).collect::<Result<Vec<_>>>()?;
        let size = |&(index, variable): &(usize, Variable)| match variable {
            Variable::Port(_) | Variable::Product => network.recorded(index, variable),
            _ => 0,
        };
        self.watched = Watched::new(&wanted, wanted.iter().map(size));
        Ok(())
    }

    /// Number `i` of what is recorded, in the last step that was taken; at the start what is at rest, and zeros for ports
    /// and layers without a state.
    pub fn recorded(&self, i: usize) -> Option<Recording<F>> {
        instantiated!(functions, 'a => Session::recorded_generic as (
            session: &'a Session<F> = self,
            i: usize = i,
        ) -> Option<Recording<F>>)
    }

    fn recorded_generic(&self, i: usize) -> Option<Recording<F>> {
        let network = self.model.network();
        let &(index, variable) = self.watched.wanted.get(i)?;
        let neurons = || network.plan.layers[index].neurons;
        Some(match variable {
            Variable::Spikes => {
                let mut spikes = vec![0; neurons()];
                self.layers[index].fired[0].iter().for_each(|&n| spikes[n as usize] = 1);
                Recording::Spikes(spikes)
            }
            Variable::State(state) => {
                Recording::State(self.layers[index].states[0][state][..neurons()].to_vec())
            }
            Variable::Values => {
                let map = &network.plan.maps[index];
                let places = (0..map.shape.elements()).map(|n| map.place(n));
                Recording::State(places.map(|place| self.maps[index][place]).collect())
            }
            Variable::Port(_) | Variable::Product => Recording::State(self.watched.now[i].clone()),
        })
    }

    /// Takes what entered the ports of a population that has just gone through its step, and what its projections gave.
    fn watch(&mut self, model: &Streaming<F>, layer: usize, input: StepInput<F>) {
        if self.watched.wanted.is_empty() {
            return;
        }
        let plan = &model.network.plan;
        let mut watched = std::mem::take(&mut self.watched);
        for (i, &(index, variable)) in watched.wanted.iter().enumerate() {
            let next = &mut watched.next[i];
            match variable {
                Variable::Port(port) if index == layer => {
                    next.copy_from_slice(&self.currents[port][..plan.layers[layer].neurons]);
                }
                Variable::Product => {
                    let Some((_, feeds)) = product_feeds(plan, index).filter(|(to, _)| *to == layer) else {
                        continue;
                    };
                    let outputs = plan.projections[index].outputs;
                    let mut product = vec![F::ZERO; panels(outputs) * PANEL];
                    for (feed, next) in feeds.into_iter().zip(next.chunks_mut(outputs)) {
                        self.product(model, layer, feed, 0, input, &mut product);
                        next.copy_from_slice(&product[..outputs]);
                    }
                }
                _ => {}
            }
        }
        self.watched = watched;
    }

    /// Ascending neurons of the output population that fired in the last step.
    pub fn output(&self) -> &[u32] {
        &self.layers[self.model.network().plan.output].fired[0]
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
        let rows = network.plan.maps[map].sources.iter().map(|&source| {
            match self.given(network, source, 0, input) {
                StepInput::Events(events) => Row::Events(events),
                StepInput::Values(values) => Row::Values(values),
            }
        });
        let rows: Vec<Row<F>> = rows.collect();
        if let Some(running) = running(&network.plan.maps[map]) {
            network.run_on(map, running, rows[0], [&mut sums, &mut coming], &mut out);
        } else if let Some(over) = network.over_time(map, &model.timing[map]) {
            over.stream(rows[0], &mut coming, &mut out);
        } else {
            // Which step of its sequence this is, where each has weights of its own. One that is over begins anew.
            let of_steps = &model.ready[map];
            let step = coming.first().map_or(0, |step| step.to_f64() as usize) % of_steps.len();
            network.map_row(map, &rows, &of_steps[step], 0, &mut sums, &mut out);
            if let Some(next) = coming.first_mut() {
                *next = F::from_f64(((step + 1) % of_steps.len()) as f64);
            }
        }
        self.coming[map] = coming;
        self.sums = sums;
        self.maps[map] = out;
    }

    /// What a source gives at this step, or gave `before` one step: 0 or 1 counted from its last; maps in
    /// the order in which they keep it.
    fn given<'b>(
        &'b self,
        network: &'b Network<F>,
        source: Source,
        before: usize,
        input: StepInput<'b, F>,
    ) -> StepInput<'b, F> {
        match source {
            Source::Input => input,
            Source::Spikes(l) => StepInput::Events(&self.layers[l].fired[before]),
            Source::State(l, i) => {
                let n = network.plan.layers[l].neurons;
                StepInput::Values(&self.layers[l].states[before][i][..n])
            }
            Source::Map(m) => StepInput::Values(&self.maps[m]),
        }
    }

    /// Sums what enters each port of a population, in the order of the clocked executor; its loop begins
    /// with layer `first`.
    fn currents(&mut self, model: &Streaming<F>, layer: usize, first: usize, input: StepInput<F>) {
        let network = &model.network;
        let plan = &network.plan.layers[layer];
        let padded = panels(plan.neurons) * PANEL;
        let mut currents = std::mem::take(&mut self.currents);
        let mut product = std::mem::take(&mut self.product);
        currents.resize_with(plan.bound.ports.len().max(currents.len()), Vec::new);
        product.resize(padded, F::ZERO);
        for (port, current) in currents.iter_mut().take(plan.bound.ports.len()).enumerate() {
            current.resize(padded, F::ZERO);
            let mut begun = false;
            for feed in plan.feeds.iter().filter(|feed| feed.port == port) {
                let target = if begun { &mut product } else { &mut *current };
                self.product(model, layer, feed, 0, input, target);
                if begun {
                    add(network.level, current, &product);
                }
                begun = true;
            }
            if !begun {
                current.fill(F::ZERO);
            }
        }
        for feed in &plan.feedback {
            // Who has not yet gone through this step has given its last values in the one before.
            let gone = feed.source.layer().is_some_and(|l| (first..layer).contains(&l));
            let before = usize::from(feed.delayed && gone);
            match feed.projection.filter(|&j| network.feedback[j].is_some()) {
                Some(_) if feed.part > 0 => {}
                Some(j) => {
                    let parts: Vec<usize> =
                        plan.feedback.iter().filter(|f| f.projection == Some(j)).map(|f| f.port).collect();
                    let mut image = vec![F::ZERO; parts.len() * plan.neurons];
                    let mut sums = std::mem::take(&mut self.sums);
                    let row = match self.given(network, feed.source, before, input) {
                        StepInput::Events(events) => Row::Events(events),
                        StepInput::Values(values) => Row::Values(values),
                    };
                    network.feed_image_back(j, &model.packed[j], row, &mut sums, &mut image);
                    self.sums = sums;
                    for (port, image) in parts.into_iter().zip(image.chunks(plan.neurons)) {
                        currents[port].iter_mut().zip(image).for_each(|(x, &y)| *x += y);
                    }
                }
                None => {
                    self.product(model, layer, feed, before, input, &mut product);
                    add(network.level, &mut currents[feed.port], &product);
                }
            }
        }
        (self.currents, self.product) = (currents, product);
    }

    /// What one feed brings.
    fn product(
        &self,
        model: &Streaming<F>,
        layer: usize,
        feed: &Feed,
        before: usize,
        input: StepInput<F>,
        out: &mut [F],
    ) {
        let network = model.network();
        if let (None, Source::Map(m)) = (feed.projection, feed.source) {
            let (map, neurons) = (&network.plan.maps[m], network.plan.layers[layer].neurons);
            out.fill(F::ZERO);
            for (x, n) in out[..neurons].iter_mut().zip(feed.part * neurons..) {
                *x = self.maps[m][map.place(n)];
            }
            return;
        }
        model.product(feed, self.given(network, feed.source, before, input), out);
    }

    fn advance(&mut self, network: &Network<F>, layer: usize) {
        let plan = &network.plan.layers[layer];
        let runtime = &network.layers[layer];
        let now = &mut self.layers[layer];
        let padded = now.words.len() * PANEL;
        let [before, after] = &mut now.states;
        if !now.noise.is_empty() {
            now.noise.draw(0, 0, padded, &before[now.noise.clock]);
        }
        let arg = |slot: ArgSlot| match slot {
            ArgSlot::State(i) => Arg::Lanes(&before[i]),
            ArgSlot::Port(p) => Arg::Lanes(&self.currents[p][..padded]),
            ArgSlot::Coef(k) => match &runtime.coefs[k][..] {
                [one] => Arg::Uniform(*one),
                lanes => Arg::Lanes(lanes),
            },
            ArgSlot::Noise(k) => Arg::Lanes(now.noise.values(k)),
            // A forward program reads nothing else.
            _ => Arg::Uniform(F::ZERO),
        };
        let mut args = Args::new();
        set_args(&mut args, &plan.bound.forward.args, arg);
        let mut outs = Outs::new();
        outs.extend(after.iter_mut().map(|state| &mut state[..]));
        runtime.forward.step(padded, &args, &mut outs, &mut now.words, &mut self.kernel);
        drop((args, outs));
        now.states.swap(0, 1);
        if plan.bound.spiking {
            now.fired.swap(0, 1);
            now.fired[0].clear();
            for (p, &word) in now.words.iter().enumerate() {
                let mut word = word & panel_mask(plan.neurons, p);
                while word != 0 {
                    now.fired[0].push((p * PANEL) as u32 + word.trailing_zeros());
                    word &= word - 1;
                }
            }
        }
    }
}

/// Elements that a map spreads over this step, beside those over later ones.
fn spread_now(map: &MapPlan) -> usize {
    match map.operation.temporal() {
        Some(temporal) if temporal.spreads() => map.shape.elements(),
        _ => 0,
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
