//! Runs of batches: the samples are independent and share the weights.

use crate::network::Network;
use crate::session::{State, StepInput, public_currents, public_v};
use lapicque_base::control::Control;
use lapicque_base::error::{Error, Result, try_vec};
use rayon::prelude::*;
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
    pub fn from_name(network: &Network, name: &str) -> Result<Self> {
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

    /// Numbers of one sample in one step.
    pub fn width(self, network: &Network) -> usize {
        let layer = match self {
            Recording::Spikes(layer) | Recording::V(layer) | Recording::Currents(layer) => layer,
        };
        let (_, neurons, currents) = network.layers().nth(layer).unwrap_or_default();
        if matches!(self, Recording::Currents(_)) { neurons * currents } else { neurons }
    }
}

/// A recording of one sample.
type Sample = Recordings;

impl Network {
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
        let given_steps = if constant { 1 } else { steps };
        let len = given_steps.checked_mul(batch).and_then(|rows| rows.checked_mul(self.inputs()));
        if len != Some(values.len()) {
            let expected = format!("[{given_steps}, {batch}, {}]", self.inputs());
            return Err(Error::ShapeMismatch {
                layer: "input".into(),
                expected,
                got: format!("{} numbers", values.len()),
            });
        }
        let rows = steps.saturating_mul(batch);
        let mut all = Vec::new();
        for recording in record {
            let len = rows.saturating_mul(recording.width(self));
            all.push(Mutex::new(match recording {
                Recording::Spikes(_) => Recordings::Bytes(try_vec("a recording", len, 0)?),
                _ => Recordings::Words(try_vec("a recording", len, 0)?),
            }));
        }
        let done = AtomicU64::new(0);
        (0..batch).into_par_iter().try_for_each_init(
            || State::new(self),
            |state, sample| {
                let state = state.as_mut().map_err(|error| error.clone())?;
                state.reset(self);
                let mut own: Vec<Sample> =
                    record.iter().map(|r| empty(*r, steps * r.width(self))).collect::<Result<_>>()?;
                for step in 0..steps {
                    control.check()?;
                    let row = if constant { sample } else { step * batch + sample };
                    let counts = &values[row * self.inputs()..][..self.inputs()];
                    state.step(self, StepInput::Counts(counts))?;
                    for (recording, own) in record.iter().zip(&mut own) {
                        self.record(*recording, state, step, own);
                    }
                }
                for ((all, own), recording) in all.iter().zip(&own).zip(record) {
                    let mut all = all.lock().map_err(|_| Error::Internal { reason: "a recording".into() })?;
                    scatter(&mut all, own, recording.width(self), sample, batch);
                }
                control.report(done.fetch_add(1, Ordering::Relaxed) + 1, batch as u64, || {
                    serde_json::Value::Null
                });
                Ok(())
            },
        )?;
        let whole = all
            .into_iter()
            .map(|one| one.into_inner().map_err(|_| Error::Internal { reason: "a recording".into() }));
        whole.collect()
    }

    fn record(&self, recording: Recording, state: &State, step: usize, own: &mut Sample) {
        let width = recording.width(self);
        match (recording, own) {
            (Recording::Spikes(layer), Recordings::Bytes(own)) => {
                let own = &mut own[step * width..][..width];
                for (&count, &i) in state.layers[layer].counts.iter().zip(&self.layers[layer].public) {
                    own[i as usize] = count;
                }
            }
            (Recording::V(layer), Recordings::Words(own)) => {
                public_v(self, state, layer, &mut own[step * width..][..width]);
            }
            (Recording::Currents(layer), Recordings::Words(own)) => {
                public_currents(self, state, layer, &mut own[step * width..][..width]);
            }
            _ => {}
        }
    }
}

fn empty(recording: Recording, len: usize) -> Result<Sample> {
    Ok(match recording {
        Recording::Spikes(_) => Recordings::Bytes(try_vec("a recording", len, 0)?),
        _ => Recordings::Words(try_vec("a recording", len, 0)?),
    })
}

/// Copies `[time, width]` of one sample into `[time, batch, width]`.
fn scatter(all: &mut Recordings, own: &Sample, width: usize, sample: usize, batch: usize) {
    fn copy<T: Copy>(all: &mut [T], own: &[T], width: usize, sample: usize, batch: usize) {
        for (all, own) in all.chunks_exact_mut((width * batch).max(1)).zip(own.chunks_exact(width.max(1))) {
            all[sample * width..][..width].copy_from_slice(own);
        }
    }
    match (all, own) {
        (Recordings::Bytes(all), Recordings::Bytes(own)) => copy(all, own, width, sample, batch),
        (Recordings::Words(all), Recordings::Words(own)) => copy(all, own, width, sample, batch),
        _ => {}
    }
}
