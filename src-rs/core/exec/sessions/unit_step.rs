//! One step of a unit in a session: a row of an operation, or the currents of a population and then its neurons.

use crate::network::compiled::Network;
use crate::ops::reductions::running;
use crate::sessions::session::Session;
use crate::sessions::step_input::StepInput;
use crate::sessions::stillness::{Runs, seen_before};
use crate::sessions::streaming::Streaming;
use lapicque_expr::{Arg, ArgSlot, Args, Outs, set_args};
use lapicque_graph::{Feed, Source};
use lapicque_projection::{Element, PANEL, Row, add, panel_mask, panels, transpose};

impl<F: Element> Session<F> {
    /// Computes one row of an operation.
    pub(super) fn map(&mut self, model: &Streaming<F>, map: usize, input: StepInput<F>) {
        let network = model.network();
        let mut out = std::mem::take(&mut self.maps[map]);
        let mut sums = std::mem::take(&mut self.sums);
        let mut pending = std::mem::take(&mut self.pending[map]);
        let rows = network.plan.maps[map].sources.iter().map(|&source| {
            match self.value_of(network, source, 0, input) {
                StepInput::Events(events) => Row::Events(events),
                StepInput::Values(values) => Row::Values(values),
            }
        });
        let rows: Vec<Row<F>> = rows.collect();
        if let Some(running) = running(&network.plan.maps[map]) {
            network.run_on(map, running, rows[0], [&mut sums, &mut pending], &mut out);
        } else if let Some(over) = network.over_time(map, &model.timing[map]) {
            over.stream(rows[0], &mut pending, &mut out);
        } else {
            // The step within the sequence, if each step has its own weights. It restarts after a complete sequence.
            let of_steps = &model.prepared[map];
            let step = pending.first().map_or(0, |step| step.to_f64() as usize) % of_steps.len();
            network.map_row(map, &rows, &of_steps[step], 0, &mut sums, &mut out);
            if let Some(next) = pending.first_mut() {
                *next = F::from_f64(((step + 1) % of_steps.len()) as f64);
            }
        }
        self.pending[map] = pending;
        self.sums = sums;
        self.maps[map] = out;
    }

    /// The value of a source: that of its last computed step, or of the step before if `before` is 1. Values of
    /// operations are in their stored order.
    fn value_of<'b>(
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

    /// Sums the input currents of each port of a population, in the order of the forward scan of a batch; its loop begins
    /// with layer `first`.
    pub(super) fn currents(&mut self, model: &Streaming<F>, layer: usize, first: usize, input: StepInput<F>) {
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
            let before = seen_before(feed, layer, first);
            match feed.projection.filter(|&j| network.feedback[j].is_some()) {
                Some(_) if feed.part > 0 => {}
                Some(j) => {
                    let parts: Vec<usize> =
                        plan.feedback.iter().filter(|f| f.projection == Some(j)).map(|f| f.port).collect();
                    let mut image = vec![F::ZERO; parts.len() * plan.neurons];
                    let mut sums = std::mem::take(&mut self.sums);
                    let row = match self.value_of(network, feed.source, before, input) {
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

    /// The current from one feed.
    pub(super) fn product(
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
            let (values, padding) = out.split_at_mut(neurons);
            padding.fill(F::ZERO);
            if map.is_public() {
                values.copy_from_slice(&self.maps[m][feed.part * neurons..][..neurons]);
                return;
            }
            if neurons == map.shape.elements() {
                let image = [map.shape.pixels(), map.shape.channels];
                return transpose(network.level, &self.maps[m], image, values);
            }
            for (x, n) in values.iter_mut().zip(feed.part * neurons..) {
                *x = self.maps[m][map.offset(n)];
            }
            return;
        }
        model.product(feed, self.value_of(network, feed.source, before, input), out);
    }

    /// A step of a population in which nothing changes.
    pub(super) fn pass(&mut self, layer: usize) {
        let now = &mut self.layers[layer];
        now.states.swap(0, 1);
        now.fired.swap(0, 1);
        let are_spikes_same = now.fired[0] == now.fired[1];
        now.fired[0].clear();
        now.still.end_step(are_spikes_same);
    }

    /// The neurons' step, except for panels in which nothing changes. Returns the panels that were computed. `are_same`: the
    /// currents are those of the last step.
    pub(super) fn advance(&mut self, network: &Network<F>, layer: usize, are_same: bool) -> Runs {
        let plan = &network.plan.layers[layer];
        let runtime = &network.layers[layer];
        let now = &mut self.layers[layer];
        let padded = now.words.len() * PANEL;
        let [before, after] = &mut now.states;
        let moving = if now.noise.is_empty() {
            now.still.moving(&self.currents, are_same)
        } else {
            now.noise.draw(0, 0, padded, &before[now.noise.clock]);
            [0..padded / PANEL].into_iter().collect()
        };
        let mut args = Args::new();
        for panels in &moving {
            let elements = panels.start * PANEL..panels.end * PANEL;
            let arg = |slot: ArgSlot| match slot {
                ArgSlot::State(i) => Arg::Elements(&before[i][elements.clone()]),
                ArgSlot::Port(p) => Arg::Elements(&self.currents[p][elements.clone()]),
                ArgSlot::Coef(k) => match &runtime.coefs[k][..] {
                    [one] => Arg::Uniform(*one),
                    each => Arg::Elements(&each[elements.clone()]),
                },
                ArgSlot::Noise(k) => Arg::Elements(&now.noise.values(k)[elements.clone()]),
                // A forward program has no other arguments.
                _ => Arg::Uniform(F::ZERO),
            };
            set_args(&mut args, &plan.bound.forward.args, arg);
            let mut outs = Outs::new();
            outs.extend(after.iter_mut().map(|state| &mut state[elements.clone()]));
            let words = &mut now.words[panels.clone()];
            runtime.forward.step(elements.len(), &args, &mut outs, words, &mut self.kernel);
        }
        drop(args);
        for panel in moving.iter().cloned().flatten() {
            now.words[panel] &= panel_mask(plan.neurons, panel);
        }
        now.states.swap(0, 1);
        now.still.note(&moving, &now.states, &now.words);
        if plan.bound.spiking {
            now.fired.swap(0, 1);
            now.fired[0].clear();
            for (p, &word) in now.words.iter().enumerate() {
                let mut word = word;
                while word != 0 {
                    now.fired[0].push((p * PANEL) as u32 + word.trailing_zeros());
                    word &= word - 1;
                }
            }
        }
        now.still.end_step(now.fired[0] == now.fired[1]);
        moving
    }
}
