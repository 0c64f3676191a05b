//! A training loop written by hand: `forward` returns outputs, `backward` takes their gradients.

use super::step::{Training, check_states};
use lapicque_base::control::Control;
use lapicque_base::error::{Error, Result, try_vec};
use lapicque_base::memory;
use lapicque_exec::Mode;
use lapicque_exec::estimate::{Workload, chunking, state_bytes};
use lapicque_exec::injection::Receiver;
use lapicque_exec::input::InputValues;
use lapicque_exec::outputs::Window;
use lapicque_exec::packed::PackedSpikes;
use lapicque_exec::pass::{Pass, Segment};
use lapicque_exec::state::NetworkState;
use lapicque_projection::Element;

/// The data of a `forward` that its `backward` needs.
pub struct Pending<F> {
    values: Vec<F>,
    spikes: Option<PackedSpikes>,
    shape: [usize; 3],
    constant: bool,
    segment: usize,
    mode: Mode,
    /// Which batch norms were frozen.
    fixed: Vec<bool>,
    /// The initial state; `None`: at rest.
    initial: Option<NetworkState<F>>,
    /// Whether the tapes of the whole batch are still those of that forward pass.
    pub(super) taped: bool,
}

impl<F: Element> Pending<F> {
    fn input(&self) -> InputValues<'_, F> {
        InputValues::from_checked(&self.values, self.spikes.as_ref(), self.shape, self.constant)
    }
}

/// The result of a forward pass.
pub struct Given<F> {
    /// `[time, batch, neurons]` of the output population; empty if it does not spike.
    pub spikes: Vec<u8>,
    /// Its first state, `[time, batch, neurons]`.
    pub v: Vec<F>,
    /// The state of the network at the end.
    pub state: NetworkState<F>,
    /// Number of spikes of each population, over all samples and steps.
    pub counts: Vec<u64>,
    /// Number of spikes or non-zero values of the input.
    pub input_events: u64,
}

impl<F: Element> Training<F> {
    /// Runs a batch from rest or from `initial`, which is constant for the gradient.
    #[inline(never)]
    pub fn forward(
        &mut self,
        input: InputValues<F>,
        segment: Option<usize>,
        initial: Option<&NetworkState<F>>,
        control: &Control,
    ) -> Result<Given<F>> {
        self.network.check_input(&input, initial)?;
        let plan = &self.network.plan;
        let (steps, size, output) = (input.steps, input.batch, plan.output);
        let (neurons, spiking) = (plan.layers[output].neurons, plan.layers[output].bound.spiking);
        let segment = segment.unwrap_or(steps).clamp(1, steps);
        let keep = vec![true; plan.layers.len()];
        let (tile, tiles) =
            chunking(plan, &keep, plan.fusions.uses(), size, segment, size_of::<F>() as u64, true);
        let mode = self.training_mode([steps, size], segment)?;
        self.pending = None;
        self.check_memory(&Workload {
            batch: size,
            steps,
            segment,
            training: true,
            input: input.kind(),
            whole: false,
            moments: self.moment_elements(),
        })?;
        let len = steps * size * neurons;
        let mut spikes = try_vec("output spikes", if spiking { len } else { 0 }, 0u8)?;
        let mut v = try_vec("output membrane", len, F::ZERO)?;
        memory::check("this forward pass", state_bytes(&self.network.plan, size, size_of::<F>() as u64))?;
        let mut state = NetworkState::rest(&self.network, size);
        let (mut counts, mut input_events) = (vec![0; keep.len()], 0);
        for first in (0..size).step_by(tile * tiles) {
            control.check()?;
            let samples = first..(first + tile * tiles).min(size);
            let pass = Pass { input, samples, tile, segment, mode };
            pass.forward(&self.network, &mut self.workspace, &keep, true, initial, &mut |segment_outputs| {
                let Segment { ref range, g, tapes, signal, .. } = segment_outputs;
                let window = pass.window(neurons, range.start);
                for (total, tape) in counts.iter_mut().zip(tapes) {
                    *total += tape.spikes.count(g, self.network.level);
                }
                input_events += signal.events(g, self.network.level, range.clone());
                if spiking {
                    window.collect_spikes(g, &tapes[output], [0, 1], &mut spikes);
                }
                window.collect_state(g, &tapes[output], 0, &mut v);
                check_states(&self.network, &segment_outputs)
            })?;
            pass.save_state(&mut self.workspace, true, &mut state);
        }
        self.after_batch(mode);
        self.pending = Some(Pending {
            mode,
            fixed: self.network.fixed.clone(),
            values: input.values.to_vec(),
            spikes: input.packed().cloned(),
            shape: [steps, size, input.channels],
            constant: input.constant,
            segment,
            initial: initial.cloned(),
            taped: tile * tiles >= size,
        });
        Ok(Given { spikes, v, state, counts, input_events })
    }

    /// Adds the gradients of the parameters, given those of the outputs of the last `forward`. There can be one
    /// backward pass per forward pass; it uses the weights of that forward pass. With `of_input`, returns the gradient
    /// with respect to the input, in its layout; else an empty list.
    ///
    /// # Errors
    /// `invalid-parameter` and `shape-mismatch` before the computation starts; `aborted` and `non-finite` during it:
    /// all gradients are then zero.
    #[inline(never)]
    pub fn backward(
        &mut self,
        spikes: Option<&[F]>,
        v: Option<&[F]>,
        of_input: bool,
        control: &Control,
    ) -> Result<Vec<F>> {
        let mut begun = false;
        let result = self.add_gradients(spikes, v, of_input, control, &mut begun);
        if begun && result.is_err() {
            self.clear_gradients();
        }
        result
    }

    fn add_gradients(
        &mut self,
        spikes: Option<&[F]>,
        v: Option<&[F]>,
        of_input: bool,
        control: &Control,
        begun: &mut bool,
    ) -> Result<Vec<F>> {
        let pending = self.pending.take().ok_or_else(|| {
            Error::invalid(
                "backward",
                "no forward pass with these weights before it",
                "one call after each forward()",
            )
        })?;
        self.network.fixed.clone_from(&pending.fixed);
        let input = pending.input();
        let plan = &self.network.plan;
        let (steps, size, output) = (input.steps, input.batch, plan.output);
        let (neurons, spiking) = (plan.layers[output].neurons, plan.layers[output].bound.spiking);
        let len = steps * size * neurons;
        check(spikes, "gradient of spikes", len, neurons)?;
        check(v, "gradient of v", len, neurons)?;
        if spikes.is_some() && !spiking {
            return Err(Error::invalid(
                "gradient of spikes",
                "an array",
                "nothing: the readout does not spike",
            ));
        }
        let keep = vec![true; plan.layers.len()];
        let (tile, tiles) =
            chunking(plan, &keep, plan.fusions.uses(), size, pending.segment, size_of::<F>() as u64, true);
        let rows = if input.constant { size } else { steps * size };
        let of_input = if of_input { rows * input.channels } else { 0 };
        let mut input_gradient = try_vec("input gradient", of_input, F::ZERO)?;
        self.prepare_gradients()?;
        *begun = true;
        for first in (0..size).step_by(tile * tiles) {
            control.check()?;
            let samples = first..(first + tile * tiles).min(size);
            let pass = Pass { input, samples, tile, segment: pending.segment, mode: pending.mode };
            if !pending.taped {
                let initial = pending.initial.as_ref();
                pass.forward(&self.network, &mut self.workspace, &keep, true, initial, &mut |_| Ok(()))?;
            }
            pass.backward(
                &mut self.network,
                &mut self.workspace,
                false,
                &mut |range, g, receiver| {
                    let (layer, injection) = match receiver {
                        Receiver::Layer(layer, injection) => (layer, injection),
                        Receiver::Map(_, gradient) => return gradient.clear(),
                    };
                    injection.rate.clear();
                    injection.currents.clear();
                    if layer != output {
                        injection.clear();
                    } else {
                        injection.states.clear();
                        let window =
                            Window { neurons, batch: size, first_sample: first, first_step: range.start };
                        window.inject(g, spikes.unwrap_or(&[]), spikes.is_some(), &mut injection.spikes);
                        window.inject(g, v.unwrap_or(&[]), v.is_some(), &mut injection.membrane);
                    }
                },
                (of_input > 0).then_some(&mut input_gradient[..]),
            )?;
        }
        self.check_gradients()?;
        self.check_input_gradient(&input_gradient, size * input.channels)?;
        Ok(input_gradient)
    }
}

fn check<F: Element>(gradient: Option<&[F]>, name: &str, len: usize, neurons: usize) -> Result<()> {
    let Some(gradient) = gradient else { return Ok(()) };
    if gradient.len() != len {
        return Err(Error::ShapeMismatch {
            layer: name.into(),
            expected: format!("[time, batch, {neurons}] = {len} values"),
            got: format!("{} values", gradient.len()),
        });
    }
    match gradient.iter().position(|x| !x.is_finite()) {
        Some(i) => Err(Error::invalid(format!("{name}[{i}]"), gradient[i], "a finite number")),
        None => Ok(()),
    }
}
