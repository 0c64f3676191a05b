//! Neurons whose change per step is so small that single precision would lose part of it, for example with a time constant
//! of an hour, or with a constant current that hardly reaches the threshold: their step is computed in double precision. A state is stored as its single-precision value,
//! which all readers use, and a remainder.

use super::build_part::coefs;
use super::drive::Driven;
use super::part::{Part, Shared};
use super::sub_steps::{SubStepScratch, SubSteps};
use super::tile_step::{Scratch, TileRange, run_program};
use crate::plan::population::Population;
use crate::representation::precision::Precision;
use crate::representation::tiles::{TILE, Tiles};
use lapicque_base::at_level::at_level;
use lapicque_base::control::Control;
use lapicque_base::error::Result;
use lapicque_base::real::Real;
use lapicque_base::simd::SimdLevel;
use lapicque_dynamics::Bound;
use lapicque_expr::{Arg, ArgSlot, Kernel};
use lapicque_projection::Aligned;

/// The data that all partitions share of such a population.
pub struct Wide {
    kernel: Kernel<f64>,
    rolled: Option<SubSteps<f64>>,
    /// Parallel to [`Shared::drives`]: what is added to their values in double precision.
    pub currents: Vec<Driven<f64>>,
}

/// The data of a partition in addition to its states.
pub struct Low<F: Precision> {
    states: Tiles<F>,
    coefs: Vec<Aligned<f64>>,
}

/// Scratch buffers for the step of a tile.
#[derive(Default)]
pub struct WideScratch {
    states: Vec<f64>,
    ports: Vec<f64>,
    current: Vec<f64>,
    noise: Vec<f64>,
    zeros: Vec<f64>,
    outs: Vec<f64>,
    sub_steps: SubStepScratch<f64>,
    kernel: Vec<f64>,
}

impl Wide {
    pub fn new(bound: &Bound, currents: Vec<Driven<f64>>, level: SimdLevel) -> Wide {
        let (kernel, rolled) = (Kernel::new(&bound.forward, level), SubSteps::new(bound, level));
        Wide { kernel, rolled, currents }
    }
}

impl<F: Precision> Part<F> {
    /// Starts or stops storing the remainder of the states, with the coefficients of a step in double precision.
    ///
    /// # Errors
    /// `too-large`.
    pub fn widen(&mut self, wide: bool, derived: &[Vec<f64>], neuron: impl Fn(usize) -> usize) -> Result<()> {
        if !wide {
            self.low = None;
            return Ok(());
        }
        let none = |_: usize, _: usize| <F as Real>::ZERO;
        let states = match self.low.take() {
            Some(low) => low.states,
            None => Tiles::new(self.states.states(), self.neuron_slots, none, &Control::detached())?,
        };
        self.low = Some(Low { states, coefs: coefs(derived, self.neuron_slots, neuron) });
        Ok(())
    }

    /// A state including its remainder.
    pub fn value(&self, state: usize, neuron_slot: usize) -> f64 {
        let low = self.low.as_ref().map_or(0.0, |low| low.states.at(state, neuron_slot).to_f64());
        self.states.at(state, neuron_slot).to_f64() + low
    }

    pub fn set_value(&mut self, state: usize, neuron_slot: usize, x: f64) {
        let high = <F as Real>::from_f64(x);
        *self.states.at_mut(state, neuron_slot) = high;
        if let Some(low) = &mut self.low {
            *low.states.at_mut(state, neuron_slot) = <F as Real>::from_f64(x - high.to_f64());
        }
    }

    /// The remainders of all states, for [`set_lows`](Part::set_lows).
    pub fn lows(&self) -> Vec<F> {
        self.low.as_ref().map_or(vec![], |low| low.states.all().to_vec())
    }

    pub fn set_lows(&mut self, lows: &[F]) {
        if let Some(low) = &mut self.low {
            low.states.set_all(lows);
        }
    }

    /// The step in double precision.
    pub fn take_wide(
        &mut self,
        at: &TileRange,
        (shared, wide): (&Shared<F>, &Wide),
        population: &Population,
        level: SimdLevel,
        scratch: &mut Scratch<F>,
    ) {
        let (from, neuron_slots) = (at.from, at.neuron_slots);
        let Some(low) = &mut self.low else { return };
        let (count, width) = (self.states.states(), self.states.width());
        let (high, rest) = (self.states.tile(from / TILE), low.states.tile(from / TILE));
        let Scratch { ports, noise, wide: wide_scratch, .. } = scratch;
        let doubled = |to: &mut Vec<f64>, values: &[F]| {
            to.clear();
            to.extend(values.iter().map(|x| x.to_f64()));
        };
        doubled(&mut wide_scratch.ports, ports);
        doubled(&mut wide_scratch.noise, noise);
        doubled(&mut wide_scratch.states, high);
        wide_scratch.states.iter_mut().zip(&*rest).for_each(|(x, low)| *x += low.to_f64());
        wide_scratch.outs.resize(count * TILE, 0.0);
        wide_scratch.zeros.resize(TILE, 0.0);
        let WideScratch { states, ports, current, noise, zeros, outs, sub_steps, kernel } = wide_scratch;
        current.resize(TILE, 0.0);
        for port in (0..self.slots.len()).filter(|&port| shared.driven[port]) {
            let current = &mut current[..neuron_slots];
            at_level(level, at.fill(current, &wide.currents, port, shared.blocks, level));
            ports[port * TILE..].iter_mut().zip(&*current).for_each(|(x, current)| *x += current);
        }
        for (port, recorded) in &mut self.recorded_inputs {
            let own = &ports[*port * TILE..][..neuron_slots];
            recorded[from..].iter_mut().zip(own).for_each(|(x, &input)| *x = <F as Real>::from_f64(input));
        }
        let read = |slot: ArgSlot, start: usize, neuron_slots: usize| match slot {
            ArgSlot::State(i) => Arg::Elements(&states[i * width + start..][..neuron_slots]),
            ArgSlot::Port(port) if self.slots[port].is_some() || shared.driven[port] => {
                Arg::Elements(&ports[port * TILE + start..][..neuron_slots])
            }
            ArgSlot::Noise(draw) => Arg::Elements(&noise[draw * TILE + start..][..neuron_slots]),
            ArgSlot::Coef(k) => match &low.coefs[k][..] {
                [one] => Arg::Uniform(*one),
                many => Arg::Elements(&many[from + start..][..neuron_slots]),
            },
            // Ports without input; a forward program reads no other arguments.
            _ => Arg::Elements(&zeros[..neuron_slots]),
        };
        let words = &mut self.words[from / crate::representation::numbering::BLOCK..];
        let program = (&wide.kernel, wide.rolled.as_ref(), &**population.bound);
        run_program(program, neuron_slots, read, outs, words, sub_steps, kernel);
        for s in 0..count {
            for neuron_slot in 0..neuron_slots {
                let x = outs[s * TILE + neuron_slot];
                let kept = <F as Real>::from_f64(x);
                high[s * width + neuron_slot] = kept;
                rest[s * width + neuron_slot] = <F as Real>::from_f64(x - kept.to_f64());
            }
        }
    }
}
