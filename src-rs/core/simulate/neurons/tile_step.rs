//! One step of the neurons of a tile: its ports are filled, the program of the neurons runs, and spikes are read as
//! bits. In small networks the constant cost per tile matters as much as the neurons.

use super::double_step::WideScratch;
use super::drive::{Driven, Fill};
use super::generated_step::GeneratedStep;
use super::junctions::Junctions;
use super::part::{Part, Shared};
use super::sub_steps::{SubStepScratch, SubSteps};
use crate::plan::population::Population;
use crate::representation::numbering::BLOCK;
use crate::representation::precision::Precision;
use crate::representation::tiles::TILE;
use lapicque_base::at_level::{Work, at_level};
use lapicque_base::error::Result;
use lapicque_base::real::Real;
use lapicque_base::simd::SimdLevel;
use lapicque_dynamics::Bound;
use lapicque_expr::{Arg, ArgSlot, Args, Kernel, Outs, set_args};
use lapicque_projection::Aligned;
use smallvec::SmallVec;

/// Scratch buffers for the step of a tile.
pub struct Scratch<F: Precision> {
    /// `[port][TILE]`, `[draw][TILE]`, zeros, and the states that a kernel writes.
    pub ports: Aligned<F>,
    pub noise: Aligned<F>,
    pub(super) zeros: Aligned<F>,
    pub(super) outs: Aligned<F>,
    pub(super) sub_steps: SubStepScratch<F>,
    pub(super) kernel: Vec<F>,
    /// For populations that are computed in double precision.
    pub wide: WideScratch,
}

impl<F: Precision> Scratch<F> {
    /// For populations with at most these numbers of ports, random numbers per step, and states.
    pub fn new(ports: usize, draws: usize, states: usize) -> Result<Self> {
        let zeroed = |len| Aligned::zeroed("a partition", len);
        Ok(Scratch {
            ports: zeroed(ports * TILE)?,
            noise: zeroed(draws * TILE)?,
            zeros: zeroed(TILE)?,
            outs: zeroed(states * TILE)?,
            sub_steps: SubStepScratch::default(),
            kernel: vec![],
            wide: WideScratch::default(),
        })
    }
}

/// The slots of a part, and the step.
pub struct TileRange {
    pub from: usize,
    pub neuron_slots: usize,
    pub block: usize,
    pub stride: usize,
    pub step: u64,
    /// The run continues at least to this step.
    pub end: u64,
}

impl TileRange {
    /// The input of a port, without arriving spikes.
    pub fn fill<'a, F: Precision>(
        &self,
        buffer: &'a mut [F],
        drives: &'a [Driven<F>],
        port: usize,
        blocks: usize,
        level: SimdLevel,
    ) -> Fill<'a, F> {
        let &TileRange { block, stride, step, .. } = self;
        Fill { buffer, sums: None, presampled: None, drives, port, step, block, stride, blocks, level }
    }
}

/// What has arrived at the neurons of a partition since the last step.
pub struct Arrived<'a, F: Precision> {
    /// The sums of weights, by slot; they are cleared as they are read.
    pub sums: &'a mut [F::Sum],
    /// Those of weights that are computed in double precision, if there are any at this step.
    pub wide: Option<&'a mut [i64]>,
    pub junctions: &'a [Junctions<F>],
}

impl<F: Precision> Part<F> {
    /// Advances some neurons and writes their spikes to the part's words.
    pub fn advance(
        &mut self,
        at: &TileRange,
        shared: &Shared<F>,
        population: &Population,
        level: SimdLevel,
        arrived: Arrived<F>,
        scratch: &mut Scratch<F>,
    ) {
        let Arrived { sums, mut wide, junctions } = arrived;
        let (from, neuron_slots) = (at.from, at.neuron_slots);
        if shared.generated.as_ref().is_none_or(|generated| generated.sums.is_empty()) {
            let arrivals = Arrivals {
                ports: &mut scratch.ports,
                slots: &self.slots,
                driven: &shared.driven,
                units: &shared.units,
                sums,
                from,
                neuron_slots,
            };
            at_level(level, arrivals);
        }
        for port in (0..self.slots.len()).filter(|&port| shared.driven[port]) {
            let buffer = &mut scratch.ports[port * TILE..][..neuron_slots];
            let sums =
                self.slots[port].map(|slot| (&mut sums[slot + from..][..neuron_slots], shared.units[port]));
            let presampled = if at.stride == 1 { self.presampled.get_mut(port) } else { None };
            let presampled = presampled.map(|presampled| (presampled, at.end));
            at_level(
                level,
                Fill { sums, presampled, ..at.fill(buffer, &shared.drives, port, shared.blocks, level) },
            );
            for currents in junctions.iter().filter_map(|junctions| junctions.of(self.population, port)) {
                buffer.iter_mut().zip(&currents[from..]).for_each(|(x, &current)| *x += current);
            }
            let wide_input = (self.slots[port], shared.wide_units[port], wide.as_deref_mut());
            if let (Some(slot), Some(unit), Some(sums)) = wide_input {
                at_level(level, AddWide { buffer, sums: &mut sums[slot + from..][..neuron_slots], unit });
            }
        }
        for (port, recorded_inputs) in &mut self.recorded_inputs {
            recorded_inputs[from..from + neuron_slots]
                .copy_from_slice(&scratch.ports[*port * TILE..][..neuron_slots]);
        }
        if let Some(cells) = &shared.cells {
            return self.step_cells(at, cells, &shared.driven, scratch);
        }
        for (draw, buffer) in scratch.noise.chunks_exact_mut(TILE).enumerate().take(shared.noise.len()) {
            let buffer = &mut buffer[..neuron_slots];
            at_level(level, at.fill(buffer, &shared.noise, draw, shared.blocks, level));
        }
        match (&shared.wide, &shared.generated) {
            (Some(wide), _) => self.take_wide(at, (shared, wide), population, level, scratch),
            (None, Some(generated)) => self.take_generated(at, shared, generated, sums, scratch),
            (None, None) => self.take(at, shared, population, scratch),
        }
    }

    /// Runs the step that was compiled ahead of time.
    fn take_generated(
        &mut self,
        at: &TileRange,
        shared: &Shared<F>,
        generated: &GeneratedStep<F>,
        sums: &mut [F::Sum],
        scratch: &mut Scratch<F>,
    ) {
        let (from, neuron_slots) = (at.from, at.neuron_slots);
        let mut own_sums: SmallVec<[&mut [F::Sum]; 4]> = SmallVec::new();
        let (mut rest, mut begin) = (sums, 0);
        for slot in generated.sums.iter().filter_map(|&port| self.slots[port]) {
            let (_, after) = rest.split_at_mut(slot + from - begin);
            let (own, after) = after.split_at_mut(neuron_slots);
            own_sums.push(own);
            (rest, begin) = (after, slot + from + neuron_slots);
        }
        let mut read: SmallVec<[&[F]; 8]> = SmallVec::new();
        for &slot in &generated.elements {
            read.push(match slot {
                ArgSlot::Port(port) if self.slots[port].is_some() || shared.driven[port] => {
                    &scratch.ports[port * TILE..][..neuron_slots]
                }
                ArgSlot::Noise(draw) => &scratch.noise[draw * TILE..][..neuron_slots],
                ArgSlot::Coef(k) => &self.coefs[k][from..][..neuron_slots],
                _ => &scratch.zeros[..neuron_slots],
            });
        }
        let words = &mut self.words[from / BLOCK..][..neuron_slots / BLOCK];
        let width = self.states.width();
        (generated.step)(
            self.states.tile(from / TILE),
            width,
            &mut own_sums,
            &read,
            &generated.values,
            words,
        );
    }

    /// Runs the step of any program.
    fn take(
        &mut self,
        at: &TileRange,
        shared: &Shared<F>,
        population: &Population,
        scratch: &mut Scratch<F>,
    ) {
        let (from, neuron_slots) = (at.from, at.neuron_slots);
        let width = self.states.width();
        let states = self.states.tile(from / TILE);
        let Scratch { ports, noise, zeros, outs, sub_steps, kernel, .. } = scratch;
        let read = |slot: ArgSlot, start: usize, neuron_slots: usize| match slot {
            ArgSlot::State(i) => Arg::Elements(&states[i * width + start..][..neuron_slots]),
            ArgSlot::Port(port) if self.slots[port].is_some() || shared.driven[port] => {
                Arg::Elements(&ports[port * TILE + start..][..neuron_slots])
            }
            ArgSlot::Port(_) => Arg::Elements(&zeros[..neuron_slots]),
            ArgSlot::Noise(draw) => Arg::Elements(&noise[draw * TILE + start..][..neuron_slots]),
            ArgSlot::Coef(k) => match &self.coefs[k][..] {
                [one] => Arg::Uniform(*one),
                many => Arg::Elements(&many[from + start..][..neuron_slots]),
            },
            // A forward program reads no other arguments.
            _ => Arg::Uniform(<F as Real>::ZERO),
        };
        let program = (&*shared.kernel, shared.rolled.as_ref(), &**population.bound);
        let words = &mut self.words[from / BLOCK..];
        run_program(program, neuron_slots, read, outs, words, sub_steps, kernel);
        for (state, out) in states.chunks_exact_mut(width).zip(outs.chunks_exact(TILE)) {
            state[..neuron_slots].copy_from_slice(&out[..neuron_slots]);
        }
    }
}

/// Runs the program of a population on `neuron_slots` neurons, in sub-steps if it has some. `read` provides the
/// arguments from a first slot on. `outs` are the states after the step, `[state][TILE]`, and `words` the spikes.
pub fn run_program<'a, F: Precision>(
    (kernel, rolled, bound): (&Kernel<F>, Option<&SubSteps<F>>, &Bound),
    neuron_slots: usize,
    read: impl Fn(ArgSlot, usize, usize) -> Arg<'a, F>,
    outs: &mut [F],
    words: &mut [u64],
    sub_steps: &mut SubStepScratch<F>,
    scratch: &mut Vec<F>,
) {
    let at_once = rolled.map_or(TILE, SubSteps::at_once);
    for start in (0..neuron_slots).step_by(at_once) {
        let neuron_slots = at_once.min(neuron_slots - start);
        let mut written = Outs::<F>::new();
        for out in outs.chunks_exact_mut(TILE).take(bound.states.len()) {
            written.push(&mut out[start..][..neuron_slots]);
        }
        let words = &mut words[start / BLOCK..][..neuron_slots / BLOCK];
        let read = |slot| read(slot, start, neuron_slots);
        match rolled {
            Some(rolled) => rolled.step(neuron_slots, read, &mut written, words, sub_steps, scratch),
            None => {
                let mut args = Args::new();
                set_args(&mut args, &bound.forward.args, read);
                kernel.step(neuron_slots, &args, &mut written, words, scratch);
            }
        }
    }
}

/// Adds the wide sums and clears their accumulators.
struct AddWide<'a, F> {
    buffer: &'a mut [F],
    sums: &'a mut [i64],
    unit: f64,
}

impl<F: Precision> Work for AddWide<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for (x, sum) in self.buffer.iter_mut().zip(self.sums) {
            *x += <F as Real>::from_f64(*sum as f64 * self.unit);
            *sum = 0;
        }
    }
}

/// The arrivals at ports without any other input. Accumulators are cleared.
struct Arrivals<'a, F: Precision> {
    ports: &'a mut [F],
    slots: &'a [Option<usize>],
    driven: &'a [bool],
    units: &'a [F],
    sums: &'a mut [F::Sum],
    from: usize,
    neuron_slots: usize,
}

impl<F: Precision> Work for Arrivals<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Arrivals { ports, slots, driven, units, sums, from, neuron_slots } = self;
        for (port, slot) in slots.iter().enumerate() {
            let Some(slot) = slot.filter(|_| !driven[port]) else { continue };
            let (sums, unit) = (&mut sums[slot + from..][..neuron_slots], units[port]);
            for (x, sum) in ports[port * TILE..][..neuron_slots].iter_mut().zip(sums) {
                *x = F::of_sum(*sum) * unit;
                *sum = F::Sum::default();
            }
        }
    }
}
