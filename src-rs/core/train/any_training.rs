//! A network in training whose precision its description states.

use super::batch::{Batch, BatchReport, Objective};
use super::by_hand::Given;
use super::declared::Declared;
use super::loss::Targets;
use super::moments::Moments;
use super::step::Training;
use super::update::Update;
use lapicque_base::control::Control;
use lapicque_base::error::{Result, try_vec};
use lapicque_base::memory;
use lapicque_base::{AnyReals, Real, any_precision, by_precision};
use lapicque_exec::estimate::state_bytes;
use lapicque_exec::operations::Operations;
use lapicque_exec::state::NetworkState;
use lapicque_exec::{AnyNetwork, AnyRunOutput, AnySession, AnyState, OwnedInput, UnitTimes};
use lapicque_graph::{Description, Plan, Unit};
use lapicque_projection::Element;
use std::sync::Arc;
use std::time::Instant;

any_precision! {
    /// A [`Training`] in either precision. Methods are documented there, and those of its network at [`Network`](lapicque_exec::Network).
    pub enum AnyTraining of Training
}

/// A [`Batch`] for a network of either precision.
#[derive(Clone, Copy)]
pub struct AnyBatch<'a> {
    pub input: &'a OwnedInput,
    pub targets: Targets<'a>,
    /// Number of steps of each sample that count; `None`: all.
    pub lengths: Option<&'a [u32]>,
    /// Further tensors by name, which traced losses read.
    pub extra: &'a [(String, Vec<f64>)],
    /// The state before the first step; `None`: at rest.
    pub initial: Option<&'a AnyState>,
}

/// The result of [`AnyTraining::forward`]: [`Given`] with the first state in double precision.
pub struct AnyGiven {
    pub spikes: Vec<u8>,
    pub v: Vec<f64>,
    pub state: AnyState,
    pub counts: Vec<u64>,
    pub input_events: u64,
}

impl AnyTraining {
    pub fn new(network: AnyNetwork) -> Self {
        match network {
            AnyNetwork::Single(network) => Self::Single(Training::new(network)),
            AnyNetwork::Double(network) => Self::Double(Training::new(network)),
        }
    }

    pub fn plan(&self) -> &Arc<Plan> {
        by_precision!(self, t => &t.network.plan)
    }

    pub fn current_description(&self) -> Description {
        by_precision!(self, t => t.network.current_description())
    }

    pub fn weights_sha256(&self) -> String {
        by_precision!(self, t => t.network.weights_sha256())
    }

    /// A session with the present weights that records variables of each step, given as `layer.variable`.
    ///
    /// # Errors
    /// Those of [`Training::session`] and of [`Session::record`](lapicque_exec::session::Session::record).
    pub fn session(&mut self, record: &[String]) -> Result<AnySession> {
        let mut session: AnySession = by_precision!(self, t => t.session()?.into());
        session.record(record)?;
        Ok(session)
    }

    /// Runs a batch and records variables, given as `layer.variable`.
    ///
    /// # Errors
    /// Those of [`Network::run`](lapicque_exec::Network::run); `unknown-name` for a variable; `invalid-parameter` for a state of the other precision.
    pub fn run(
        &self,
        input: &OwnedInput,
        record: &[String],
        state: Option<&AnyState>,
        control: &Control,
    ) -> Result<AnyRunOutput> {
        by_precision!(self, t => {
            let network = &t.network;
            let record = record.iter().map(|name| network.variable(name)).collect::<Result<Vec<_>>>()?;
            let state = state.map(AnyState::of).transpose()?;
            let run = input.with(network.level, |x| network.run(x, &record, state, control))?;
            Ok(run.into())
        })
    }

    /// The state of `batch` samples at rest. Errors: `too-large`.
    pub fn rest(&self, batch: usize) -> Result<AnyState> {
        by_precision!(self, t => {
            let bytes = state_bytes(&t.network.plan, batch, size_of::<f64>() as u64);
            memory::check("this state", bytes)?;
            Ok(NetworkState::rest(&t.network, batch).into())
        })
    }

    pub fn operations(&self, input: &OwnedInput, control: &Control) -> Result<Operations> {
        by_precision!(self, t => input.with(t.network.level, |x| t.network.operations(x, control)))
    }

    pub fn expect_optimizer(&mut self, update: Option<&Update>) {
        by_precision!(self, t => t.expect_optimizer(update));
    }

    pub fn forward(
        &mut self,
        input: &OwnedInput,
        segment: Option<usize>,
        state: Option<&AnyState>,
        control: &Control,
    ) -> Result<AnyGiven> {
        by_precision!(self, t => {
            let state = state.map(AnyState::of).transpose()?;
            let level = t.network.level;
            let given = input.with(level, |x| t.forward(x, segment, state, control))?;
            let Given { spikes, v, state, counts, input_events } = given;
            Ok(AnyGiven { spikes, v: doubles(&v), state: state.into(), counts, input_events })
        })
    }

    /// With `input_gradient`, returns the gradient with respect to the input.
    ///
    /// # Errors
    /// Those of [`Training::backward`]; `invalid-parameter` for a gradient that the precision cannot represent.
    pub fn backward(
        &mut self,
        spikes: Option<&AnyReals>,
        v: Option<&AnyReals>,
        input_gradient: bool,
        control: &Control,
    ) -> Result<Option<Vec<f64>>> {
        by_precision!(self, t => {
            let spikes = spikes.map(|spikes| spikes.of("gradient of spikes")).transpose()?;
            let v = v.map(|v| v.of("gradient of v")).transpose()?;
            let gradient = t.backward(spikes.as_deref(), v.as_deref(), input_gradient, control)?;
            Ok(input_gradient.then(|| doubles(&gradient)))
        })
    }

    pub fn evaluate(
        &mut self,
        batch: &AnyBatch,
        objective: &Objective,
        control: &Control,
    ) -> Result<BatchReport> {
        let AnyBatch { input, targets, lengths, extra, initial } = *batch;
        by_precision!(self, t => {
            let initial = initial.map(AnyState::of).transpose()?;
            input.with(t.network.level, |input| {
                t.evaluate(&Batch { input, targets, lengths, extra, initial }, objective, control)
            })
        })
    }

    /// With `input_gradient`, also returns the gradient with respect to the input, in its layout.
    ///
    /// # Errors
    /// Those of [`Training::gradients`].
    pub fn gradients(
        &mut self,
        batch: &AnyBatch,
        objective: &Objective,
        input_gradient: bool,
        control: &Control,
    ) -> Result<(BatchReport, Option<Vec<f64>>)> {
        fn gradients<F: Element>(
            training: &mut Training<F>,
            AnyBatch { input, targets, lengths, extra, initial }: AnyBatch,
            objective: &Objective,
            input_gradient: bool,
            control: &Control,
        ) -> Result<(BatchReport, Option<Vec<f64>>)> {
            let initial = initial.map(AnyState::of).transpose()?;
            input.with(training.network.level, |values| {
                let elements = if input_gradient { input.gradient_elements() } else { 0 };
                let mut gradient = try_vec("input gradient", elements, F::ZERO)?;
                let sink = input_gradient.then_some(&mut gradient[..]);
                let batch = Batch { input: values, targets, lengths, extra, initial };
                let report = training.gradients(&batch, objective, sink, control)?;
                Ok((report, input_gradient.then(|| doubles(&gradient))))
            })
        }
        by_precision!(self, t => gradients(t, *batch, objective, input_gradient, control))
    }

    pub fn declare(&mut self, declared: &[Declared]) -> Result<()> {
        by_precision!(self, t => t.declare(declared))
    }

    pub fn update(&mut self, update: &Update, lr_factor: f64) -> Result<Option<f64>> {
        by_precision!(self, t => {
            let began = Instant::now();
            let norm = t.update(update, lr_factor);
            if let Some(times) = &mut t.workspace.times {
                times.update += began.elapsed();
            }
            norm
        })
    }

    /// Takes times from now on, or no longer. Returns those since the last call, each unit with the names of its layers.
    pub fn take_times(&mut self, goes_on: bool) -> (Vec<Vec<String>>, UnitTimes) {
        by_precision!(self, t => {
            let plan = &t.network.plan;
            let names = plan.order.iter().map(|unit| match *unit {
                Unit::Layers { first, count } => {
                    plan.layers[first..first + count].iter().map(|layer| layer.name.clone()).collect()
                }
                Unit::Map(map) => vec![plan.maps[map].name.clone()],
            });
            let names: Vec<Vec<String>> = names.collect();
            let next = goes_on.then(|| UnitTimes::new(names.len()));
            let times = std::mem::replace(&mut t.workspace.times, next);
            let times = times.unwrap_or_else(|| UnitTimes::new(names.len()));
            (names, times)
        })
    }

    pub fn moments(&self) -> Moments {
        by_precision!(self, t => t.moments())
    }

    pub fn set_moments(&mut self, moments: &Moments) -> Result<()> {
        by_precision!(self, t => t.set_moments(moments))
    }

    pub fn clear_gradients(&mut self) {
        by_precision!(self, t => t.clear_gradients());
    }

    pub fn gradient_norms(&self) -> Vec<(String, f64)> {
        by_precision!(self, t => t.gradient_norms())
    }

    pub fn tensors(&mut self, kind: &str) -> Result<Vec<(String, AnyReals)>> {
        by_precision!(self, t => {
            Ok(t.tensors(kind)?.into_iter().map(|(name, values)| (name, values.into())).collect())
        })
    }

    /// Converts the tensors to the precision of the network and sets them.
    ///
    /// # Errors
    /// Those of [`Training::set_tensors`]; `invalid-parameter` for a number that the precision cannot represent.
    pub fn set_tensors(&mut self, kind: &str, tensors: &[(&str, &AnyReals)]) -> Result<()> {
        by_precision!(self, t => {
            let converted = tensors.iter().map(|&(name, values)| Ok((name, values.of(name)?)));
            t.set_tensors(kind, &converted.collect::<Result<Vec<_>>>()?)
        })
    }

    /// As [`set_tensors`](Self::set_tensors) of values, with parameters of losses that do not exist yet.
    ///
    /// # Errors
    /// Those of [`Training::set_declared`].
    pub fn set_declared(&mut self, declared: &[Declared], tensors: &[(&str, &AnyReals)]) -> Result<()> {
        by_precision!(self, t => {
            let converted = tensors.iter().map(|&(name, values)| Ok((name, values.of(name)?)));
            t.set_declared(declared, &converted.collect::<Result<Vec<_>>>()?)
        })
    }
}

fn doubles<F: Real>(values: &[F]) -> Vec<f64> {
    values.iter().map(|x| x.to_f64()).collect()
}
