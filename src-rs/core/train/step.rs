//! One training step on one batch: forward, loss, backward, then an optimizer step. Samples are processed in chunks and
//! time in segments, so memory is bounded for any batch.

use super::batch::{Batch, BatchReport, Method, Objective};
use super::moderate::{Moderate, moderate_limit};
use super::optimizer::OptimizerKind;
use super::update::CHUNK;
use lapicque_base::control::Control;
use lapicque_base::error::{Error, Result};
use lapicque_base::memory;
use lapicque_exec::Mode;
use lapicque_exec::Workspace;
use lapicque_exec::estimate::{Estimate, Workload};
use lapicque_exec::geometry::Geometry;
use lapicque_exec::online::Online;
use lapicque_exec::pass::{Pass, Segment};
use lapicque_exec::session::{Session, Streaming};
use lapicque_exec::{Network, Parameter, parallel};
use lapicque_projection::{Element, all_within, first_non_finite};
use std::sync::{Arc, Weak};

/// Refuses work that does not fit into memory. Memory that earlier steps were granted is allocated already.
pub(super) fn grant(granted: &mut u64, what: &str, needed: u64) -> Result<()> {
    if needed > *granted {
        memory::check(what, needed - *granted)?;
        *granted = needed;
    }
    Ok(())
}

/// A network in training, with the buffers that are reused from step to step.
pub struct Training<F: Element> {
    pub network: Network<F>,
    /// Number of parameters of layers; those of losses follow.
    pub(super) of_layers: usize,
    pub(super) workspace: Workspace<F>,
    /// The input of the last `forward` of a hand-written loop.
    pub(super) pending: Option<super::by_hand::Pending<F>>,
    /// Whether a part of a batch's gradients has been added.
    unfinished: bool,
    /// Whether the gradients are those of the last optimizer step, which kept them to be read: the next ones replace them.
    pub(super) applied: bool,
    /// The traces of the last step forward in time.
    pub(super) traces: Option<Online<F>>,
    /// Bytes that have been granted so far for the buffers of a step, and for its traces.
    granted: u64,
    pub(super) granted_traces: u64,
    pub(super) moderate: Moderate,
    /// The optimizer that the moments of the parameters belong to.
    pub(super) moments_of: Option<OptimizerKind>,
    /// Number of elements of the moments of the optimizer of the following passes, if one was named.
    pub(super) expected_moments: Option<u64>,
    /// The copy of the network that the latest streams use, as long as one of them exists.
    pub(super) streaming: Weak<Streaming<F>>,
}

impl<F: Element> Training<F> {
    #[inline(never)]
    pub fn new(network: Network<F>) -> Self {
        Training {
            of_layers: network.parameters.len(),
            network,
            workspace: Workspace::default(),
            pending: None,
            unfinished: false,
            applied: false,
            traces: None,
            granted: 0,
            granted_traces: 0,
            moderate: Moderate::default(),
            moments_of: None,
            expected_moments: None,
            streaming: Weak::new(),
        }
    }

    /// A stream with the present weights: a copy, which streams with the same weights share.
    /// Errors: `unsupported` for a network that cannot run step by step, `too-large`.
    #[inline(never)]
    pub fn session(&mut self) -> Result<Session<F>> {
        let shared = self.streaming.upgrade();
        let shared = shared.filter(|shared| self.network.has_parameters_of(shared.network()));
        let streaming = match shared {
            Some(shared) => shared,
            None => Arc::new(Streaming::new(Arc::new(self.network.snapshot()?))?),
        };
        self.streaming = Arc::downgrade(&streaming);
        Session::new(streaming)
    }

    /// Loss and gradients of one batch. The gradients are added to the existing ones; the optimizer applies `scale`.
    /// With `input_gradient` also the gradient of the input, in its layout.
    ///
    /// # Errors
    /// Before the computation starts: `shape-mismatch`, `invalid-parameter`, `too-large`. During it: `aborted` and
    /// `non-finite`; all gradients are then zero, also those of earlier batches.
    #[inline(never)]
    pub fn gradients(
        &mut self,
        batch: &Batch<F>,
        objective: &Objective,
        input_gradient: Option<&mut [F]>,
        control: &Control,
    ) -> Result<BatchReport> {
        self.declare(&objective.declared())?;
        let mut sink = input_gradient;
        let result = match objective.method {
            Method::Online(rule) if sink.is_some() => Err(Error::Unsupported {
                feature: "the gradient with respect to the input".into(),
                format: rule.name().into(),
            }),
            Method::Online(rule) => self.online(batch, objective, rule, control),
            Method::Bptt | Method::Truncated(_) => self.pass(batch, objective, true, &mut sink, control),
        };
        if std::mem::take(&mut self.unfinished) && result.is_err() {
            self.clear_gradients();
        }
        result
    }

    /// Loss and predictions without gradients.
    #[inline(never)]
    pub fn evaluate(
        &mut self,
        batch: &Batch<F>,
        objective: &Objective,
        control: &Control,
    ) -> Result<BatchReport> {
        self.declare(&objective.declared())?;
        self.pass(batch, objective, false, &mut None, control)
    }

    /// Marks that the tapes of a hand-written forward pass will be overwritten.
    pub(super) fn forget_tapes(&mut self) {
        if let Some(pending) = &mut self.pending {
            pending.taped = false;
        }
    }

    /// Marks that a part of a batch's gradients is about to be added: on an error all of them are cleared.
    pub(super) fn begin(&mut self) {
        self.unfinished = true;
    }

    /// Allocates the gradients, and clears those that an optimizer step has applied.
    pub(super) fn prepare_gradients(&mut self) -> Result<()> {
        self.clear_applied_gradients();
        self.network.parameters.iter_mut().try_for_each(Parameter::ensure_grad)
    }

    /// Clears the gradients that an optimizer step has applied and kept.
    pub(super) fn clear_applied_gradients(&mut self) {
        if self.applied {
            self.clear_gradients();
        }
    }

    /// Number of elements of the optimizer's moments; without an optimizer, of the existing moments.
    pub(super) fn moment_elements(&self) -> u64 {
        let existing = || self.network.parameters.iter().map(Parameter::moment_elements).sum();
        self.expected_moments.unwrap_or_else(existing)
    }

    /// Refuses work that does not fit into memory.
    pub(super) fn check_memory(&mut self, work: &Workload) -> Result<()> {
        let Estimate { training, tape, outputs, .. } = self.network.estimate(work);
        let needed = training.saturating_add(tape).saturating_add(outputs);
        let what = if work.training { "this training step" } else { "this evaluation" };
        grant(&mut self.granted, what, needed)
    }

    /// Refuses a batch whose loss or gradients are not finite, and finds the layer and step where that began.
    pub(super) fn check_finite(&mut self, loss: f64, backward: bool, batch: &Batch<F>) -> Result<()> {
        let gradients = if backward { self.check_gradients() } else { Ok(()) };
        if loss.is_finite() && gradients.is_ok() {
            return Ok(());
        }
        if let Some(error) = self.first_non_finite(batch)? {
            return Err(error);
        }
        gradients?;
        Err(Error::NonFinite { layer: "loss".into(), step: 0, name: "the loss".into() })
    }

    /// Refuses gradients that are not finite.
    pub(super) fn check_gradients(&mut self) -> Result<()> {
        let level = self.network.level;
        self.network.parameters.iter_mut().for_each(Parameter::zero_autapse_gradients);
        let parameters = &self.network.parameters;
        let chunks = parameters.iter().flat_map(|p| p.grad.chunks(CHUNK)).collect();
        let moderate = parallel::map(chunks, |chunk: &[F]| all_within(level, chunk, moderate_limit()));
        self.moderate.gradients = moderate.into_iter().all(|moderate| moderate);
        if self.moderate.gradients {
            return Ok(());
        }
        match parameters.iter().find(|p| first_non_finite(level, &p.grad).is_some()) {
            Some(parameter) => Err(non_finite(&parameter.name, "the gradient of ")),
            None => Ok(()),
        }
    }

    /// Refuses a gradient of the input that is not finite; `row`: number of values of one step.
    pub(super) fn check_input_gradient(&self, gradient: &[F], row: usize) -> Result<()> {
        match first_non_finite(self.network.level, gradient) {
            Some(at) => {
                Err(Error::NonFinite { layer: "input".into(), step: at / row, name: "its gradient".into() })
            }
            None => Ok(()),
        }
    }

    /// The result of a forward pass. If a state became NaN or infinite, an error with the first such state and its
    /// step.
    pub(super) fn located(&mut self, result: Result<()>, batch: &Batch<F>) -> Result<()> {
        match result {
            Err(error @ Error::NonFinite { .. }) => Err(self.first_non_finite(batch)?.unwrap_or(error)),
            other => other,
        }
    }

    fn first_non_finite(&mut self, batch: &Batch<F>) -> Result<Option<Error>> {
        let input = batch.input;
        let tile = Geometry::tile_of(input.batch);
        let keep = vec![true; self.network.plan.layers.len()];
        let mut found: Option<Error> = None;
        for first in (0..input.batch).step_by(tile) {
            let samples = first..(first + tile).min(input.batch);
            let pass = Pass { input, samples, tile, segment: input.steps.min(64), mode: Mode::Evaluate };
            let network = &self.network;
            pass.forward(network, &mut self.workspace, &keep, false, None, &mut |segment| {
                let Segment { range, g, tapes, .. } = segment;
                for (layer, (tape, plan)) in tapes.iter().zip(&network.plan.layers).enumerate() {
                    for (state, info) in plan.bound.states.iter().enumerate() {
                        let first = tape.first_non_finite(network, layer, g, state);
                        if let (Some(step), None) = (first, &found) {
                            found = Some(Error::NonFinite {
                                layer: plan.name.clone(),
                                step: range.start + step,
                                name: info.name.to_string(),
                            });
                        }
                    }
                }
                Ok(())
            })?;
        }
        Ok(found)
    }
}

/// Refuses a segment that ends with a state that is not finite.
pub(super) fn check_states<F: Element>(network: &Network<F>, segment: &Segment<F>) -> Result<()> {
    let mut tapes = segment.tapes.iter().enumerate();
    tapes.try_for_each(|(l, tape)| tape.check_states(network, l, segment.g, segment.range.end - 1))
}

/// The error of a parameter whose values are not finite.
pub(super) fn non_finite(parameter: &str, what: &str) -> Error {
    let (layer, tensor) = parameter.rsplit_once('.').unwrap_or((parameter, ""));
    Error::NonFinite { layer: layer.into(), step: 0, name: format!("{what}{tensor}") }
}
