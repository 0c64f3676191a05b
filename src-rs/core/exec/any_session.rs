//! A session whose precision is that of its network.

use crate::any_state::{AnyRecording, AnyState};
use crate::sessions::session::{Session, StepInput};
use lapicque_base::error::Result;
use lapicque_base::{Real, any_precision, by_precision};
use lapicque_projection::Element;

any_precision! {
    /// A [`Session`] in either precision. Methods are documented there.
    pub enum AnySession of Session
}

impl AnySession {
    pub fn fork(&self) -> Result<Self> {
        by_precision!(self, s => s.fork().map(Self::from))
    }

    pub fn own_bytes(&self) -> usize {
        by_precision!(self, s => s.own_bytes())
    }

    pub fn reset(&mut self) {
        by_precision!(self, s => s.reset());
    }

    pub fn steps(&self) -> u64 {
        by_precision!(self, s => s.steps())
    }

    pub fn output(&self) -> &[u32] {
        by_precision!(self, s => s.output())
    }

    /// In double precision, which represents both precisions exactly.
    pub fn membrane(&self) -> Vec<f64> {
        by_precision!(self, s => s.membrane().iter().map(|x| x.to_f64()).collect())
    }

    /// A step with ascending input channels.
    pub fn step_events(&mut self, events: &[u32]) -> Result<()> {
        by_precision!(self, s => s.step(StepInput::Events(events)))
    }

    /// A step with one value per channel.
    pub fn step_values(&mut self, values: &[f32]) -> Result<()> {
        fn step<F: Element>(session: &mut Session<F>, values: &[f32]) -> Result<()> {
            match F::slice_of_f32(values) {
                Some(values) => session.step(StepInput::Values(values)),
                None => {
                    let values: Vec<F> = values.iter().map(|&x| F::from_f64(f64::from(x))).collect();
                    session.step(StepInput::Values(&values))
                }
            }
        }
        by_precision!(self, s => step(s, values))
    }

    /// A step with one value per channel, which a session in single precision rounds.
    pub fn step_doubles(&mut self, values: &[f64]) -> Result<()> {
        fn step<F: Element>(session: &mut Session<F>, values: &[f64]) -> Result<()> {
            let values: Vec<F> = values.iter().map(|&x| F::from_f64(x)).collect();
            session.step(StepInput::Values(&values))
        }
        by_precision!(self, s => step(s, values))
    }

    pub fn advance_without_input(&mut self, steps: u64) -> Result<u64> {
        by_precision!(self, s => s.advance_without_input(steps))
    }

    pub fn record(&mut self, names: &[String]) -> Result<()> {
        by_precision!(self, s => s.record(names))
    }

    pub fn recorded(&self, i: usize) -> Option<AnyRecording> {
        by_precision!(self, s => s.recorded(i).map(AnyRecording::from))
    }

    pub fn save(&self) -> AnyState {
        by_precision!(self, s => s.save().into())
    }

    pub fn restore(&mut self, state: &AnyState) -> Result<()> {
        by_precision!(self, s => s.restore(state.of()?))
    }
}
