//! Runs of batches: the samples are independent and share the weights.

use crate::network::IntegerNetwork;
use crate::session::{IntegerStepInput, State, check};
use lapicque_base::control::Control;
use lapicque_base::error::{Error, Result, try_vec};
use rayon::prelude::*;
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// The input of a run, `[time, batch, channels]`.
#[derive(Debug, Clone, Copy)]
pub struct Counts<'a, C> {
    pub values: &'a [C],
    pub steps: usize,
    pub batch: usize,
    /// One step, `[batch, channels]`, that is given in each.
    pub constant: bool,
}

/// What to record: of one layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recording {
    /// Counts, `[time, batch, neurons]`.
    Spikes(usize),
    /// `[time, batch, neurons]`.
    V(usize),
    /// `[time, batch, neurons, currents]`.
    Currents(usize),
}

/// One recording of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recordings {
    Bytes(Vec<u8>),
    Words(Vec<i32>),
}

impl Recording {
    /// `lif1.spikes`, `lif1.v` or `lif1.currents`.
    ///
    /// # Errors
    /// `unknown-name`.
    pub fn from_name(network: &IntegerNetwork, name: &str) -> Result<Self> {
        let found =
            network.layers().enumerate().find_map(|(i, (layer, ..))| match name.strip_prefix(layer)? {
                ".spikes" => Some(Recording::Spikes(i)),
                ".v" => Some(Recording::V(i)),
                ".currents" => Some(Recording::Currents(i)),
                _ => None,
            });
        found.ok_or_else(|| {
            let known = network
                .layers()
                .flat_map(|(layer, ..)| ["spikes", "v", "currents"].map(|what| format!("{layer}.{what}")));
            Error::unknown("recording", name, known)
        })
    }

    fn layer(self) -> usize {
        let (Recording::Spikes(layer) | Recording::V(layer) | Recording::Currents(layer)) = self;
        layer
    }

    /// Numbers of one sample in one step.
    pub fn width(self, network: &IntegerNetwork) -> usize {
        let (_, neurons, currents) = network.layers().nth(self.layer()).unwrap_or_default();
        if matches!(self, Recording::Currents(_)) { neurons * currents } else { neurons }
    }
}

/// Samples that a thread runs together: they share the weights that are in its caches.
const TILE: usize = 8;
/// Rows (steps of samples) of a layer before the next layer follows.
const ROWS: usize = 512;
/// Neurons of these rows, so that their events take little memory.
const MAX_NEURONS: usize = 1 << 23;

impl IntegerNetwork {
    /// Runs all samples from rest.
    ///
    /// # Errors
    /// `shape-mismatch`, `invalid-parameter` for a count out of range, `too-large`, `aborted`.
    pub fn run<C: Copy + Into<i32> + Sync>(
        &self,
        input: Counts<C>,
        record: &[Recording],
        control: &Control,
    ) -> Result<Vec<Recordings>> {
        let Counts { values, steps, batch, constant } = input;
        let stored_steps = if constant { 1 } else { steps };
        let len = stored_steps.checked_mul(batch).and_then(|rows| rows.checked_mul(self.inputs()));
        if len != Some(values.len()) {
            let expected = format!("[{stored_steps}, {batch}, {}]", self.inputs());
            return Err(Error::ShapeMismatch {
                layer: "input".into(),
                expected,
                got: format!("{} numbers", values.len()),
            });
        }
        let rows = steps.saturating_mul(batch);
        let mut all = Vec::new();
        for &recording in record {
            all.push(Mutex::new(self.empty(recording, rows)?));
        }
        let neurons = self.layers.iter().map(|layer| layer.neurons).fold(self.inputs(), usize::max);
        let tile = TILE.min(batch.div_ceil(rayon::current_num_threads())).min(MAX_NEURONS / neurons).max(1);
        let done = AtomicU64::new(0);
        (0..batch.div_ceil(tile)).into_par_iter().try_for_each_init(
            || None,
            |state: &mut Option<State>, i| {
                let samples = i * tile..batch.min((i + 1) * tile);
                match state {
                    Some(state) if state.samples == samples.len() => state.reset(self),
                    _ => *state = Some(State::new(self, samples.len())?),
                }
                let Some(state) = state else { return Ok(()) };
                let most = ROWS.min(MAX_NEURONS / neurons) / samples.len();
                let chunk = if self.has_feedback { 1 } else { most.max(1) };
                let own = self.run_tile(input, samples.clone(), chunk, record, state, control)?;
                for ((all, own), recording) in all.iter().zip(&own).zip(record) {
                    let mut all = all.lock().map_err(|_| Error::Internal { reason: "a recording".into() })?;
                    scatter(&mut all, own, recording.width(self), samples.clone(), batch);
                }
                let finished = done.fetch_add(samples.len() as u64, Ordering::Relaxed) + samples.len() as u64;
                control.report(finished, batch as u64, || serde_json::Value::Null);
                Ok(())
            },
        )?;
        let whole = all
            .into_iter()
            .map(|one| one.into_inner().map_err(|_| Error::Internal { reason: "a recording".into() }));
        whole.collect()
    }

    /// Runs a few samples, a layer through `chunk` steps before the next layer; returns their recordings, `[time, sample, width]`.
    fn run_tile<C: Copy + Into<i32>>(
        &self,
        input: Counts<C>,
        samples: Range<usize>,
        chunk: usize,
        record: &[Recording],
        state: &mut State,
        control: &Control,
    ) -> Result<Vec<Recordings>> {
        let Counts { values, steps, batch, constant } = input;
        let rows = steps * samples.len();
        let mut own = record.iter().map(|r| self.empty(*r, rows)).collect::<Result<Vec<_>>>()?;
        for start in (0..steps).step_by(chunk) {
            let n = chunk.min(steps - start);
            state.begin(self);
            for step in start..start + n {
                for sample in samples.clone() {
                    let row = if constant { sample } else { step * batch + sample };
                    let counts = IntegerStepInput::Counts(&values[row * self.inputs()..][..self.inputs()]);
                    check(self, &counts)?;
                    state.read(self, counts);
                }
            }
            for layer in 0..self.layers.len() {
                control.check()?;
                // What holds only the last step is recorded step by step.
                let is_state = |r: &Recording| *r == Recording::V(layer) || *r == Recording::Currents(layer);
                let slice = if record.iter().any(is_state) { 1 } else { n };
                for step in (0..n).step_by(slice) {
                    state.advance(self, layer, step..step + slice);
                    for (recording, own) in record.iter().zip(&mut own) {
                        if recording.layer() != layer {
                            continue;
                        }
                        for i in step..step + slice {
                            self.record(*recording, state, i, start + i, own);
                        }
                    }
                }
            }
        }
        Ok(own)
    }

    /// Records step `step` of those that have been read as step `at` of the run.
    fn record(&self, recording: Recording, state: &State, step: usize, at: usize, own: &mut Recordings) {
        let (number, width) = (recording.layer(), recording.width(self));
        let layer = &self.layers[number];
        for sample in 0..state.samples {
            let from = (at * state.samples + sample) * width;
            match (recording, &mut *own) {
                (Recording::Spikes(_), Recordings::Bytes(own)) => {
                    let row = state.sent(number, step, sample);
                    for (i, &neuron) in row.neurons.iter().enumerate() {
                        let count = row.counts.map_or(1, |counts| counts[i]);
                        own[from + layer.order.public(neuron as usize)] = count as u8;
                    }
                }
                (Recording::V(_), Recordings::Words(own)) => {
                    state.layers[number].public_v(layer, sample, &mut own[from..][..width]);
                }
                (Recording::Currents(_), Recordings::Words(own)) => {
                    state.layers[number].public_currents(layer, sample, &mut own[from..][..width]);
                }
                _ => {}
            }
        }
    }

    /// A recording of `rows` rows. Errors: `too-large`.
    fn empty(&self, recording: Recording, rows: usize) -> Result<Recordings> {
        let len = rows.saturating_mul(recording.width(self));
        Ok(match recording {
            Recording::Spikes(_) => Recordings::Bytes(try_vec("a recording", len, 0)?),
            _ => Recordings::Words(try_vec("a recording", len, 0)?),
        })
    }
}

/// Copies `[time, sample, width]` of a few samples into `[time, batch, width]`.
fn scatter(all: &mut Recordings, own: &Recordings, width: usize, samples: Range<usize>, batch: usize) {
    fn copy<T: Copy>(all: &mut [T], own: &[T], width: usize, samples: Range<usize>, batch: usize) {
        let len = width * samples.len();
        for (all, own) in all.chunks_exact_mut((width * batch).max(1)).zip(own.chunks_exact(len.max(1))) {
            all[samples.start * width..][..len].copy_from_slice(own);
        }
    }
    match (all, own) {
        (Recordings::Bytes(all), Recordings::Bytes(own)) => copy(all, own, width, samples, batch),
        (Recordings::Words(all), Recordings::Words(own)) => copy(all, own, width, samples, batch),
        _ => {}
    }
}
