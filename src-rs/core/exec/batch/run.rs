//! Inference: runs a batch through the network from a given state, with recordings.

use crate::batch::outputs::Window;
use crate::batch::pass::{Pass, Segment};
pub use crate::batch::variables::Variable;
use crate::forward::forward_scan::Forward;
use crate::network::compiled::Network;
use crate::network::state::{LayerState, NetworkState};
use crate::plan::estimate::{Workload, chunking, estimate, state_bytes};
use crate::storage::mode::Mode;
use crate::tape::input::InputValues;
use lapicque_base::control::Control;
use lapicque_base::error::{Error, Result, try_vec};
use lapicque_base::memory;
use lapicque_graph::{OperationKind, Source};
use lapicque_projection::{Element, PANEL, count_events, first_non_finite, panels};
use std::sync::PoisonError;

/// Maximum number of steps that a run stores at a time.
const SEGMENT: usize = 256;

/// Maximum size of a run's workspace that is stored for the next run.
const KEPT_BYTES: u64 = 256 << 20;

/// A recorded variable, `[time, batch, neurons]`.
#[derive(Debug, Clone, PartialEq)]
pub enum Recording<F> {
    Spikes(Vec<u8>),
    State(Vec<F>),
}

pub struct RunOutput<F> {
    /// In the order of the request.
    pub recordings: Vec<Recording<F>>,
    pub state: NetworkState<F>,
    /// Spikes of each population over the whole run, all samples.
    pub spikes: Vec<u64>,
    /// By population, if requested: the number of elements whose surrogate derivative is not zero; `None` if the
    /// derivative does not vanish.
    pub active: Vec<Option<u64>>,
    /// By projection: the number of its input spikes, without those of the last step if they are read one step later.
    /// For values: the number of non-zero ones.
    pub events: Vec<u64>,
}

impl<F: Element> Network<F> {
    /// Runs a batch. Equal input and state give equal bits whatever the number of threads.
    pub fn run(
        &self,
        input: InputValues<F>,
        record: &[(usize, Variable)],
        initial: Option<&NetworkState<F>>,
        control: &Control,
    ) -> Result<RunOutput<F>> {
        self.run_batch(input, record, initial, false, control)
    }

    /// As [`Network::run`] from rest, with [`RunOutput::active`]. Every population's first state must be recorded.
    pub(crate) fn run_marked(
        &self,
        input: InputValues<F>,
        record: &[(usize, Variable)],
        control: &Control,
    ) -> Result<RunOutput<F>> {
        self.run_batch(input, record, None, true, control)
    }

    #[inline(never)]
    fn run_batch(
        &self,
        input: InputValues<F>,
        record: &[(usize, Variable)],
        initial: Option<&NetworkState<F>>,
        marked: bool,
        control: &Control,
    ) -> Result<RunOutput<F>> {
        self.check_input(&input, initial)?;
        let (steps, batch) = (input.steps, input.batch);
        let segment = match self.plan.whole_sequence() {
            None => steps.min(SEGMENT),
            Some(_) => steps,
        };
        let work = Workload {
            batch,
            steps,
            segment,
            training: false,
            input: input.kind(),
            whole: false,
            moments: 0,
        };
        let sizes = record.iter().map(|&(layer, variable)| {
            let bytes = if variable == Variable::Spikes { 1 } else { size_of::<F>() };
            let each = (self.recorded(layer, variable) * bytes) as u64;
            // One copy in the engine and one in JavaScript.
            (steps as u64).saturating_mul(batch as u64).saturating_mul(2 * each)
        });
        // Currents of ports are also stored on the tape.
        let of_ports = record.iter().filter(|(_, variable)| matches!(variable, Variable::Port(_)));
        let of_ports = of_ports.map(|&(layer, _)| {
            let elements = panels(self.plan.layers[layer].neurons) * PANEL * size_of::<F>();
            (elements as u64).saturating_mul(segment as u64).saturating_mul(batch as u64)
        });
        let recordings = sizes.chain(of_ports).fold(0, u64::saturating_add);
        let recorded = record.iter().filter(|(_, variable)| *variable == Variable::Values);
        let recorded: Vec<usize> = recorded.map(|&(map, _)| map).collect();
        let ports = record.iter().filter_map(|&(layer, variable)| match variable {
            Variable::Port(port) => Some((layer, port)),
            _ => None,
        });
        let ports: Vec<(usize, usize)> = ports.collect();
        let fusions = self.plan.fusions.without(&recorded);
        let uses = fusions.uses();
        let needed = estimate(&self.plan, uses, self.stored_elements(), &work, size_of::<F>() as u64);
        let cached = self.ran_in.lock().unwrap_or_else(PoisonError::into_inner).take();
        let (allocated, mut w) = cached.unwrap_or_default();
        let state = state_bytes(&self.plan, batch, size_of::<F>() as u64);
        let tape = needed.tape.saturating_sub(allocated);
        memory::check("this run", recordings.saturating_add(tape).saturating_add(state))?;
        w.record(recorded, ports);
        w.marked = marked;
        let mut recordings = Vec::new();
        for &(layer, variable) in record {
            let len = steps * batch * self.recorded(layer, variable);
            recordings.push(match variable {
                Variable::Spikes => Recording::Spikes(try_vec("recording", len, 0)?),
                Variable::State(_) | Variable::Port(_) | Variable::Values | Variable::Product => {
                    Recording::State(try_vec("recording", len, F::ZERO)?)
                }
            });
        }
        let mut keep = self.plan.read_as_values();
        for &(layer, variable) in record {
            let is_current = matches!(variable, Variable::Port(_)) && self.plan.layers[layer].parallel;
            if is_current || matches!(variable, Variable::State(_)) {
                keep[layer] = true;
            }
        }
        let (tile, tiles) = chunking(&self.plan, &keep, uses, batch, segment, size_of::<F>() as u64, false);
        let mut state = NetworkState::rest(self, batch);
        let mut counts = RunCounts::new(self);
        let chunk = tile * tiles;
        for first in (0..batch).step_by(chunk) {
            let samples = first..(first + chunk).min(batch);
            let pass = Pass { input, samples, tile, segment, mode: Mode::Evaluate };
            pass.forward(self, &mut w, &keep, false, initial, &mut |segment| {
                control.check()?;
                self.record_segment(&pass, &segment, record, &mut recordings)?;
                counts.add(self, &segment);
                control.report(
                    (first * steps + segment.range.end * pass.samples.len()) as u64,
                    (batch * steps) as u64,
                    || serde_json::Value::Null,
                );
                Ok(())
            })?;
            pass.save_state(&mut w, false, &mut state);
        }
        if needed.tape <= KEPT_BYTES {
            *self.ran_in.lock().unwrap_or_else(PoisonError::into_inner) = Some((needed.tape, w));
        }
        self.check_state(&state, steps)?;
        let events = counts.projection_events(self, initial, &state);
        let RunCounts { spikes, active, .. } = counts;
        Ok(RunOutput { recordings, state, spikes, active, events })
    }

    /// Copies the recorded variables of one segment.
    fn record_segment(
        &self,
        pass: &Pass<F>,
        segment: &Segment<F>,
        record: &[(usize, Variable)],
        recordings: &mut [Recording<F>],
    ) -> Result<()> {
        for (&(layer, variable), recording) in record.iter().zip(recordings) {
            let window = pass.window(self.recorded(layer, variable), segment.range.start);
            match recording {
                Recording::State(out) => self.collect(&window, segment, (layer, variable), out)?,
                Recording::Spikes(out) => {
                    window.collect_spikes(segment.g, &segment.tapes[layer], [0, 1], out)
                }
            }
        }
        Ok(())
    }

    /// Copies a variable of one segment, apart from spikes. Its layer or operation must be recorded by the workspace, and
    /// states must be kept.
    ///
    /// # Errors
    /// `too-large`
    pub fn collect(
        &self,
        window: &Window,
        segment: &Segment<F>,
        (layer, variable): (usize, Variable),
        out: &mut [F],
    ) -> Result<()> {
        let Segment { range, g, tapes, maps, signal } = segment;
        match variable {
            Variable::State(i) => window.collect_state(g, &tapes[layer], i, out),
            Variable::Values => window.collect_values(g, &maps[layer], &self.plan.maps[layer], out),
            Variable::Port(port) => window.collect_port(g, &tapes[layer], port, out),
            Variable::Product => {
                let forward = Forward {
                    network: self,
                    group: 0..0,
                    input: **signal,
                    before: tapes,
                    maps,
                    g: **g,
                    first_step: range.start,
                    responses: &[],
                };
                window.collect_product(&forward, layer, out)?
            }
            Variable::Spikes => {}
        }
        Ok(())
    }

    /// Refuses a run in which a state became NaN or infinite, for example because a sum overflowed: the neuron would
    /// stay silent without an error.
    fn check_state(&self, state: &NetworkState<F>, steps: usize) -> Result<()> {
        for (plan, layer) in self.plan.layers.iter().zip(&state.layers) {
            for (info, values) in plan.bound.states.iter().zip(&layer.states) {
                if first_non_finite(self.level, values).is_some() {
                    let (layer, name) = (plan.name.clone(), info.name.to_string());
                    return Err(Error::NonFinite { layer, step: steps - 1, name });
                }
            }
        }
        Ok(())
    }

    pub fn check_input(&self, input: &InputValues<F>, initial: Option<&NetworkState<F>>) -> Result<()> {
        if input.channels != self.plan.input_size {
            return Err(Error::ShapeMismatch {
                layer: "input".into(),
                expected: format!("[…, {}]", self.plan.input_size),
                got: format!("[…, {}]", input.channels),
            });
        }
        self.check_row_numbers(input)?;
        self.check_sequence(input.steps)?;
        if let Some(state) = initial {
            state.check(self, input.batch)?;
            state.check_beginning(self)?;
        }
        Ok(())
    }

    /// Refuses sequences whose length differs from that of layers with weights per step.
    pub(crate) fn check_sequence(&self, steps: usize) -> Result<()> {
        match self.plan.whole_sequence() {
            Some((expected, layer)) if expected != steps => Err(Error::ShapeMismatch {
                layer: layer.into(),
                expected: format!("{expected} steps"),
                got: format!("{steps}"),
            }),
            _ => Ok(()),
        }
    }

    /// Refuses numbers that are not a row index of an embedding.
    pub(crate) fn check_row_numbers(&self, input: &InputValues<F>) -> Result<()> {
        for map in &self.plan.maps {
            if let (OperationKind::Embedding, Some(j)) = (map.operation, map.projection) {
                let count = self.plan.projections[j].inputs;
                let wrong = |&x: &F| x < F::ZERO || x.to_f64() >= count as f64 || x.to_f64().fract() != 0.0;
                if let Some(i) = input.values.iter().position(wrong) {
                    let expected = format!("the number of one of the {count} rows of {}", map.name);
                    return Err(Error::invalid(format!("input[{i}]"), input.values[i], expected));
                }
            }
        }
        Ok(())
    }

    /// States that projections read after their population has run, each with a count.
    fn states_read_by_projections(&self) -> Vec<(Source, u64)> {
        let fed = self.plan.layers.iter().flat_map(|layer| &layer.feeds);
        let fed = fed.filter(|feed| feed.projection.is_some()).map(|feed| feed.source);
        let maps = self.plan.maps.iter().filter(|map| map.projection.is_some());
        let sources = fed.chain(maps.flat_map(|map| map.sources.iter().copied()));
        let mut states: Vec<(Source, u64)> = Vec::new();
        for source in sources.filter(|source| matches!(source, Source::State(..))) {
            if states.iter().all(|(other, _)| *other != source) {
                states.push((source, 0));
            }
        }
        states
    }

    /// The number of inputs of each projection; `events_of(source, delayed)` returns that of its source.
    fn projection_events(&self, events_of: impl Fn(Source, bool) -> u64) -> Vec<u64> {
        let mut events = vec![0; self.plan.projections.len()];
        for map in &self.plan.maps {
            if let Some(j) = map.projection {
                events[j] = events_of(map.sources[0], false);
            }
        }
        for feed in self.plan.layers.iter().flat_map(|layer| layer.all_feeds()) {
            if let Some(j) = feed.projection {
                events[j] = events_of(feed.source, feed.delayed);
            }
        }
        events
    }
}

/// Counts of a run over all samples and steps.
struct RunCounts {
    /// By population.
    spikes: Vec<u64>,
    active: Vec<Option<u64>>,
    /// Number of non-zero values of the operations that projections read.
    values: Vec<u64>,
    read: Vec<bool>,
    /// Number of non-zero values of the states that projections read.
    states: Vec<(Source, u64)>,
    input_events: u64,
}

impl RunCounts {
    fn new<F: Element>(network: &Network<F>) -> Self {
        RunCounts {
            spikes: vec![0; network.plan.layers.len()],
            active: vec![None; network.plan.layers.len()],
            values: vec![0; network.plan.maps.len()],
            read: network.plan.read_by_projections(),
            states: network.states_read_by_projections(),
            input_events: 0,
        }
    }

    fn add<F: Element>(&mut self, network: &Network<F>, segment: &Segment<F>) {
        let Segment { range, g, tapes, maps, signal } = segment;
        let level = network.level;
        for ((total, active), tape) in self.spikes.iter_mut().zip(&mut self.active).zip(*tapes) {
            *total += tape.spikes.count(g, level);
            if !tape.active.is_empty() {
                *active.get_or_insert(0) += count_events(level, &tape.active) as u64;
            }
        }
        for (m, tape) in maps.iter().enumerate().filter(|&(m, _)| self.read[m]) {
            self.values[m] += tape.nonzero(g);
        }
        for (source, count) in &mut self.states {
            if let Source::State(layer, i) = *source {
                *count += tapes[layer].nonzero(g, i, network.plan.layers[layer].neurons);
            }
        }
        self.input_events += signal.events(g, level, range.clone());
    }

    /// The number of inputs of each projection, for a run from `initial` to `end`.
    fn projection_events<F: Element>(
        &self,
        network: &Network<F>,
        initial: Option<&NetworkState<F>>,
        end: &NetworkState<F>,
    ) -> Vec<u64> {
        let RunCounts { spikes, values, states, input_events, .. } = self;
        let left = |state: &NetworkState<F>| state.layers.iter().map(LayerState::left).collect::<Vec<_>>();
        let begin = initial.map_or_else(|| vec![0; spikes.len()], left);
        let end = left(end);
        let arrived = |l: usize| begin[l] + spikes[l] - end[l];
        network.projection_events(|from, delayed| match from {
            Source::Input => *input_events,
            Source::Spikes(l) if delayed => arrived(l),
            Source::Map(m) => values[m],
            // States that are read only within a loop are not counted; the spikes are used instead.
            Source::Spikes(l) | Source::State(l, _) => {
                states.iter().find(|(source, _)| *source == from).map_or(spikes[l], |&(_, count)| count)
            }
        })
    }
}
