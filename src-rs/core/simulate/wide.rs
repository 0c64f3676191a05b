//! Neurons with a state that moves by less than its own rounding in single precision, as one with a time constant of an hour
//! does: their step is computed in double precision. A state is kept as what single precision holds of it, which all others
//! see, and what that leaves over.

use super::advance::{Place, Scratch, run_program};
use super::construction::coefs;
use super::partition::{Part, Shared};
use super::plan::Population;
use super::plastic_synapse::PlasticSynapse;
use super::precision::Precision;
use super::rolled::{Rolled, Room};
use super::simulation::Simulation;
use super::tiles::{TILE, Tiles};
use lapicque_base::control::Control;
use lapicque_base::error::Result;
use lapicque_base::real::Real;
use lapicque_base::simd::SimdLevel;
use lapicque_dynamics::Bound;
use lapicque_expr::{Arg, ArgSlot, Args, Kernel, set_args};
use lapicque_projection::Aligned;

/// A state that loses less than this part of itself in a step loses in single precision another thousandth of that, or all of it.
const SLOW: f64 = f32::EPSILON as f64 / 2.0 / 1e-3;
/// What double precision tells from nothing at all.
const STILL: f64 = 1e-13;
/// Neurons that are looked at together.
const TOGETHER: usize = 4096;

/// What all partitions share of such a population.
pub struct Wide {
    kernel: Kernel<f64>,
    rolled: Option<Rolled<f64>>,
}

/// What a partition keeps of it beside its states.
pub struct Low<F: Precision> {
    states: Tiles<F>,
    coefs: Vec<Aligned<f64>>,
}

/// What a step of a tile is computed in.
#[derive(Default)]
pub struct WideScratch {
    states: Vec<f64>,
    ports: Vec<f64>,
    noise: Vec<f64>,
    zeros: Vec<f64>,
    outs: Vec<f64>,
    rounds: Room<f64>,
    kernel: Vec<f64>,
}

impl Wide {
    pub fn new(bound: &Bound, level: SimdLevel) -> Wide {
        Wide { kernel: Kernel::new(&bound.forward, level), rolled: Rolled::new(bound, level) }
    }
}

/// Whether these neurons are computed in double precision in a network of precision `F`.
pub fn is_wide<F: Precision>(bound: &Bound, derived: &[Vec<f64>]) -> bool {
    size_of::<F>() < size_of::<f64>()
        && (has_slow_time(bound) || slow_states(bound, derived).next().is_some())
}

/// Whether a time constant is one of so many steps: where states turn, as those of a resonator do, none of them tells.
fn has_slow_time(bound: &Bound) -> bool {
    let times = bound.params.iter().filter(|param| param.name.starts_with("tau") && param.name != "tauRef");
    times.flat_map(|param| &param.values).any(|&tau| bound.dt() < SLOW * tau)
}

/// The states that lose a small part of themselves in a step from the start, each by its name.
pub fn slow_states<'a>(bound: &'a Bound, derived: &'a [Vec<f64>]) -> impl Iterator<Item = &'static str> + 'a {
    let lists = derived.iter().chain(bound.states.iter().map(|state| &state.init));
    let neurons = lists.map(Vec::len).max().unwrap_or(1);
    let kernel = Kernel::new(&bound.forward, SimdLevel::detect());
    (0..bound.states.len()).filter_map(move |state| {
        let mut chunks = (0..neurons).step_by(TOGETHER).map(|from| from..(from + TOGETHER).min(neurons));
        chunks.any(|chunk| is_slow(bound, derived, &kernel, state, chunk)).then_some(bound.states[state].name)
    })
}

/// Whether a state of some of these neurons does.
fn is_slow(
    bound: &Bound,
    derived: &[Vec<f64>],
    kernel: &Kernel<f64>,
    state: usize,
    neurons: std::ops::Range<usize>,
) -> bool {
    let of =
        |values: &[f64]| -> Vec<f64> { neurons.clone().map(|n| values[n.min(values.len() - 1)]).collect() };
    let start: Vec<Vec<f64>> = bound.states.iter().map(|state| of(&state.init)).collect();
    let coefs: Vec<Vec<f64>> = derived.iter().map(|values| of(values)).collect();
    let (n, zeros) = (neurons.len(), vec![0.0; neurons.len()]);
    let program = &bound.forward;
    let is_uniform =
        |slot: ArgSlot| program.args.iter().zip(&program.uniform).any(|(&arg, &one)| one && arg == slot);
    // The state and the spikes after a step from so far beside the start.
    let after = |part: f64| {
        let mut states = start.clone();
        states[state].iter_mut().for_each(|x| *x += part * scale(*x));
        let read = |slot: ArgSlot| match slot {
            ArgSlot::State(i) => Arg::Lanes(&states[i]),
            ArgSlot::Coef(k) if is_uniform(slot) => Arg::Uniform(coefs[k][0]),
            ArgSlot::Coef(k) => Arg::Lanes(&coefs[k]),
            _ => Arg::Lanes(&zeros[..]),
        };
        let mut args = Args::new();
        set_args(&mut args, &program.args, read);
        let mut outs = vec![vec![0.0; n]; program.outs.len()];
        let mut slices: Vec<&mut [f64]> = outs.iter_mut().map(|out| &mut out[..]).collect();
        kernel.run(n, &args, &mut slices, &mut vec![]);
        let spikes =
            if outs.len() > bound.states.len() { outs.pop().unwrap_or_default() } else { zeros.clone() };
        (std::mem::take(&mut outs[state]), spikes)
    };
    let (at_start, silent) = after(0.0);
    // To one side a spike may lie, which is no loss of the state.
    [0.5, -0.5, 0.05].into_iter().any(|part| {
        let (moved, spikes) = after(part);
        (0..n).any(|i| {
            let x = start[state][i];
            let lost = (moved[i] - at_start[i]) / (part * scale(x)) - 1.0;
            spikes[i] == silent[i] && lost.abs() < SLOW && lost.abs() > STILL * (1.0 + x.abs())
        })
    })
}

/// How far beside a state it is looked at.
fn scale(x: f64) -> f64 {
    (0.02 * x.abs()).max(1.0)
}

impl<F: Precision> Simulation<F> {
    /// The populations and connections that are computed in double precision in a network of another, by name.
    pub fn in_double_precision(&self) -> Vec<String> {
        let populations = self.plan.populations.iter().zip(&self.shared);
        let wide = populations
            .filter(|(_, shared)| shared.wide.is_some())
            .map(|(population, _)| population.name.clone());
        let connections = self.plan.connections.iter().zip(&self.plan.description.connections).enumerate();
        let double = connections
            .filter(|(_, (c, _))| c.synapse.as_ref().is_some_and(PlasticSynapse::is_double::<F>))
            .map(|(i, (_, spec))| spec.name(i));
        wide.chain(double).collect()
    }
}

impl<F: Precision> Part<F> {
    /// Keeps what is left over of the states from now on, or no longer, with the coefficients of a step in double precision.
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
            None => Tiles::new(self.states.states(), self.lanes, none, &Control::detached())?,
        };
        self.low = Some(Low { states, coefs: coefs(derived, self.lanes, neuron) });
        Ok(())
    }

    /// A state with all that is kept of it.
    pub fn value(&self, state: usize, lane: usize) -> f64 {
        let low = self.low.as_ref().map_or(0.0, |low| low.states.at(state, lane).to_f64());
        self.states.at(state, lane).to_f64() + low
    }

    pub fn set_value(&mut self, state: usize, lane: usize, x: f64) {
        let high = <F as Real>::from_f64(x);
        *self.states.at_mut(state, lane) = high;
        if let Some(low) = &mut self.low {
            *low.states.at_mut(state, lane) = <F as Real>::from_f64(x - high.to_f64());
        }
    }

    /// What is left over of all states, to be [set](Part::set_lows) again.
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
        at: &Place,
        shared: &Shared<F>,
        wide: &Wide,
        population: &Population,
        scratch: &mut Scratch<F>,
    ) {
        let (from, lanes) = (at.from, at.lanes);
        let Some(low) = &mut self.low else { return };
        let (count, width) = (self.states.states(), self.states.width());
        let (high, rest) = (self.states.tile(from / TILE), low.states.tile(from / TILE));
        let Scratch { ports, noise, wide: room, .. } = scratch;
        let doubled = |to: &mut Vec<f64>, values: &[F]| {
            to.clear();
            to.extend(values.iter().map(|x| x.to_f64()));
        };
        doubled(&mut room.ports, ports);
        doubled(&mut room.noise, noise);
        doubled(&mut room.states, high);
        room.states.iter_mut().zip(&*rest).for_each(|(x, low)| *x += low.to_f64());
        room.outs.resize(count * TILE, 0.0);
        room.zeros.resize(TILE, 0.0);
        let WideScratch { states, ports, noise, zeros, outs, rounds, kernel } = room;
        let read = |slot: ArgSlot, start: usize, lanes: usize| match slot {
            ArgSlot::State(i) => Arg::Lanes(&states[i * width + start..][..lanes]),
            ArgSlot::Port(port) if self.slots[port].is_some() || shared.driven[port] => {
                Arg::Lanes(&ports[port * TILE + start..][..lanes])
            }
            ArgSlot::Noise(draw) => Arg::Lanes(&noise[draw * TILE + start..][..lanes]),
            ArgSlot::Coef(k) => match &low.coefs[k][..] {
                [one] => Arg::Uniform(*one),
                many => Arg::Lanes(&many[from + start..][..lanes]),
            },
            // Ports that nothing enters; a forward program reads nothing else.
            _ => Arg::Lanes(&zeros[..lanes]),
        };
        let words = &mut self.words[from / super::numbering::BLOCK..];
        let program = (&wide.kernel, wide.rolled.as_ref(), &**population.bound);
        run_program(program, lanes, read, outs, words, rounds, kernel);
        for s in 0..count {
            for lane in 0..lanes {
                let x = outs[s * TILE + lane];
                let kept = <F as Real>::from_f64(x);
                high[s * width + lane] = kept;
                rest[s * width + lane] = <F as Real>::from_f64(x - kept.to_f64());
            }
        }
    }
}
