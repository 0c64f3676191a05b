//! The state and the result of a run whose precision is chosen at run time.

use crate::batch::run::{Recording, RunOutput};
use crate::network::state::{LayerState, NetworkState};
use lapicque_base::error::{Error, Result};
use lapicque_base::{AnyReals, Precision, any_precision, by_precision};
use lapicque_projection::Element;
use std::any::Any;

any_precision! {
    /// A [`NetworkState`] in either precision.
    pub enum AnyState of NetworkState
}

impl AnyState {
    /// The state for a network of precision `F`.
    ///
    /// # Errors
    /// `invalid-parameter` if it has the other precision.
    pub fn of<F: Element>(&self) -> Result<&NetworkState<F>> {
        let same = by_precision!(self, state => (state as &dyn Any).downcast_ref());
        let expected = || format!("one of precision {}", F::NAME);
        same.ok_or_else(|| {
            Error::invalid("state", format!("one of precision {}", self.precision().name()), expected())
        })
    }

    /// The states of samples of several states.
    ///
    /// # Errors
    /// Those of [`NetworkState::gathered`]; `invalid-parameter` for states of both precisions.
    pub fn gathered(parts: &[(&Self, usize)]) -> Result<Self> {
        fn of<F: Element>(parts: &[(&AnyState, usize)]) -> Result<NetworkState<F>> {
            let parts = parts.iter().map(|&(state, sample)| Ok((state.of()?, sample)));
            NetworkState::gathered(&parts.collect::<Result<Vec<_>>>()?)
        }
        match parts.first() {
            Some((Self::Double(_), _)) => of(parts).map(Self::Double),
            _ => of(parts).map(Self::Single),
        }
    }

    /// Number of samples.
    pub fn batch(&self) -> usize {
        by_precision!(self, state => state.batch)
    }

    /// In double precision, which represents both precisions exactly.
    pub fn to_doubles(&self) -> NetworkState<f64> {
        by_precision!(self, state => state.converted())
    }

    pub fn from_doubles(precision: Precision, state: &NetworkState<f64>) -> Self {
        match precision {
            Precision::F32 => Self::Single(state.converted()),
            Precision::F64 => Self::Double(state.converted()),
        }
    }
}

impl<F: Element> NetworkState<F> {
    /// The state in another precision; exact in double precision.
    pub fn converted<G: Element>(&self) -> NetworkState<G> {
        let values = |values: &Vec<F>| values.iter().map(|x| G::from_f64(x.to_f64())).collect::<Vec<G>>();
        let layer = |layer: &LayerState<F>| LayerState {
            neurons: layer.neurons,
            states: layer.states.iter().map(values).collect(),
            last_spikes: layer.last_spikes.clone(),
        };
        NetworkState {
            batch: self.batch,
            layers: self.layers.iter().map(layer).collect(),
            pending: self.pending.iter().map(values).collect(),
        }
    }
}

/// A [`Recording`] in either precision.
#[derive(Debug, Clone, PartialEq)]
pub enum AnyRecording {
    Spikes(Vec<u8>),
    State(AnyReals),
}

impl<F> From<Recording<F>> for AnyRecording
where
    AnyReals: From<Vec<F>>,
{
    fn from(recording: Recording<F>) -> Self {
        match recording {
            Recording::Spikes(spikes) => AnyRecording::Spikes(spikes),
            Recording::State(values) => AnyRecording::State(values.into()),
        }
    }
}

/// A [`RunOutput`] in either precision.
pub struct AnyRunOutput {
    pub recordings: Vec<AnyRecording>,
    pub state: AnyState,
    pub spikes: Vec<u64>,
    pub events: Vec<u64>,
}

impl<F> From<RunOutput<F>> for AnyRunOutput
where
    AnyReals: From<Vec<F>>,
    AnyState: From<NetworkState<F>>,
{
    fn from(run: RunOutput<F>) -> Self {
        AnyRunOutput {
            recordings: run.recordings.into_iter().map(AnyRecording::from).collect(),
            state: run.state.into(),
            spikes: run.spikes,
            events: run.events,
        }
    }
}
