//! One partition of a network: its neurons' states, the rows onto them, and what arrives when. It
//! advances alone for as long as no spike of another partition can arrive.

use super::at_level::at_level;
use super::drive::{Drive, Fill};
use super::numbering::BLOCK;
use super::plan::Plan;
use super::plastic::{BRING_EVERY, Plastic};
use super::precision::Precision;
use super::rows::Rows;
use crate::expr::{Arg, ArgSlot, Kernel};
use crate::projection::pack_spikes;
use crate::simd::SimdLevel;

/// Lanes that are advanced at once: their ports, new states and spikes stay in the first-level
/// cache.
const CHUNK: usize = 1024;

/// A spike of a neuron or source: step and number.
pub type Spike = (u64, u32);

/// Synapses that deliver at one step.
#[derive(Debug, Clone, Copy)]
struct Due {
    start: u32,
    count: u32,
}

/// What all partitions share of a population.
pub struct Shared<F: Precision> {
    pub kernel: Kernel<F>,
    pub drives: Vec<(usize, Drive<F>)>,
    pub units: Vec<F>,
    pub blocks: usize,
}

/// A population's neurons in a partition.
pub struct Part<F: Precision> {
    pub population: usize,
    /// First block, counted in the population.
    pub block: usize,
    /// Whole blocks.
    pub lanes: usize,
    pub states: Vec<Vec<F>>,
    /// In slot order: one value, or one a lane.
    pub coefs: Vec<Vec<F>>,
    /// Where the accumulators of each port begin, for ports that get synapses.
    pub slots: Vec<Option<usize>>,
    /// By block: the lanes that are neurons.
    pub masks: Vec<u64>,
    pub taps: Vec<Tap<F>>,
}

/// A trace's neurons in a partition.
pub struct Tap<F> {
    pub trace: usize,
    pub state: usize,
    pub every: u64,
    pub lanes: Vec<u32>,
    /// Samples of all lanes after one another.
    pub samples: Vec<F>,
}

pub struct Partition<F: Precision> {
    pub rows: Rows<F>,
    pub plastic: Vec<Plastic<F>>,
    pub parts: Vec<Part<F>>,
    pub sums: Vec<F::Sum>,
    /// By arrival step modulo its length.
    due: Vec<Vec<Due>>,
    /// Blocks of a population that belong to other partitions lie between two of ours.
    pub stride: usize,
    pub recorded: Vec<Spike>,
    pub delivered: u64,
    scratch: Scratch<F>,
}

struct Scratch<F> {
    ports: Vec<F>,
    outs: Vec<F>,
    zeros: Vec<F>,
    kernel: Vec<F>,
    words: [u64; CHUNK / BLOCK],
}

impl<F: Precision> Partition<F> {
    pub fn new(rows: Rows<F>, parts: Vec<Part<F>>, sums: Vec<F::Sum>, ring: usize, stride: usize) -> Self {
        let zero = <F as crate::Real>::ZERO;
        let most = |f: &dyn Fn(&Part<F>) -> usize| parts.iter().map(f).max().unwrap_or(0);
        let ports = most(&|part| part.slots.len());
        let states = most(&|part| part.states.len());
        let scratch = Scratch {
            ports: vec![zero; ports * CHUNK],
            outs: vec![zero; (states + 1) * CHUNK],
            zeros: vec![zero; CHUNK],
            kernel: vec![],
            words: [0; CHUNK / BLOCK],
        };
        let due = vec![vec![]; ring];
        let plastic = vec![];
        Partition { rows, plastic, parts, sums, due, stride, recorded: vec![], delivered: 0, scratch }
    }

    /// Takes what is due out of the calendar, as when another state is loaded.
    pub fn clear_due(&mut self) {
        self.due.iter_mut().for_each(Vec::clear);
        self.plastic.iter_mut().for_each(Plastic::clear_due);
    }

    /// The neuron of a plastic connection's lane, counted in its population.
    pub fn neuron(&self, plastic: &Plastic<F>, lane: usize) -> usize {
        self.parts[plastic.population].neuron(lane, self.stride)
    }

    /// Enters spikes into the calendar. Arrivals up to step `now` are past.
    pub fn schedule(&mut self, spikes: &[Spike], now: u64) {
        let ring = self.due.len() as u64;
        for &(step, source) in spikes {
            let (mut start, segments) = self.rows.row(source as usize);
            for segment in segments {
                let (count, arrival) = (u32::from(segment.count), step + u64::from(segment.delay));
                if arrival > now {
                    self.due[(arrival % ring) as usize].push(Due { start, count });
                }
                start += count;
            }
        }
        self.plastic.iter_mut().for_each(|plastic| plastic.schedule(spikes, now));
    }

    /// One step of all neurons, which ends at `step`; appends their spikes to `fired`.
    pub fn step(
        &mut self,
        plan: &Plan,
        shared: &[Shared<F>],
        level: SimdLevel,
        step: u64,
        fired: &mut Vec<Spike>,
    ) {
        self.deliver(step);
        for plastic in &mut self.plastic {
            self.delivered += plastic.deliver(step, &mut self.sums);
        }
        for part in &mut self.parts {
            let (shared, population) = (&shared[part.population], &plan.populations[part.population]);
            let before = fired.len();
            let mut from = 0;
            while from < part.lanes {
                let lanes = CHUNK.min(part.lanes - from);
                let block = part.block + from / BLOCK * self.stride;
                let place = Place { from, lanes, block, stride: self.stride, step };
                part.advance(&place, shared, population, level, &mut self.sums, &mut self.scratch);
                if population.bound.spiking {
                    let masks = &part.masks[from / BLOCK..][..lanes / BLOCK];
                    for (i, (&word, &mask)) in self.scratch.words.iter().zip(masks).enumerate() {
                        let first = (population.first + (block + i * self.stride) * BLOCK) as u32;
                        let mut word = word & mask;
                        while word != 0 {
                            fired.push((step, first + word.trailing_zeros()));
                            word &= word - 1;
                        }
                    }
                }
                from += lanes;
            }
            let listening =
                self.plastic.iter_mut().filter(|p| p.population == part.population && p.listens());
            listening.for_each(|plastic| {
                for &(_, neuron) in &fired[before..] {
                    plastic.fired(part.lane(neuron as usize - population.first, self.stride), step);
                }
            });
            if population.recorded {
                self.recorded.extend_from_slice(&fired[before..]);
            }
            for tap in part.taps.iter_mut().filter(|tap| step.is_multiple_of(tap.every)) {
                let state = &part.states[tap.state];
                tap.samples.extend(tap.lanes.iter().map(|&lane| state[lane as usize]));
            }
        }
        if step.is_multiple_of(BRING_EVERY) {
            self.plastic
                .iter_mut()
                .filter(|plastic| plastic.remembers())
                .for_each(|plastic| plastic.bring(step));
        }
    }

    /// Adds the weights of all synapses whose spikes arrive at `step`.
    fn deliver(&mut self, step: u64) {
        /// How many segments ahead their synapses are called into the cache.
        const AHEAD: usize = 6;
        let ring = self.due.len() as u64;
        let due = &mut self.due[(step % ring) as usize];
        for (i, segment) in due.iter().enumerate() {
            if let Some(next) = due.get(i + AHEAD) {
                prefetch(&self.rows.synapses[next.start as usize..][..next.count as usize]);
            }
            let synapses = &self.rows.synapses[segment.start as usize..][..segment.count as usize];
            F::deliver(synapses, &mut self.sums);
            self.delivered += u64::from(segment.count);
        }
        due.clear();
    }

    /// The first state that is not finite: population, neuron and state.
    pub fn find_non_finite(&self) -> Option<(usize, usize, usize)> {
        self.parts.iter().find_map(|part| {
            part.states.iter().enumerate().find_map(|(state, lanes)| {
                let valid = |lane: usize| part.masks[lane / BLOCK] >> (lane % BLOCK) & 1 == 1;
                let lane = (0..part.lanes).find(|&l| !lanes[l].is_finite() && valid(l))?;
                Some((part.population, part.neuron(lane, self.stride), state))
            })
        })
    }
}

/// Which lanes of a part, and when.
struct Place {
    from: usize,
    lanes: usize,
    block: usize,
    stride: usize,
    step: u64,
}

impl<F: Precision> Part<F> {
    /// The neuron of a lane, counted in its population.
    pub fn neuron(&self, lane: usize, stride: usize) -> usize {
        (self.block + lane / BLOCK * stride) * BLOCK + lane % BLOCK
    }

    /// The lane of a neuron that the part has.
    fn lane(&self, neuron: usize, stride: usize) -> usize {
        (neuron / BLOCK - self.block) / stride * BLOCK + neuron % BLOCK
    }

    /// Advances some lanes and leaves their spikes in the scratch's words.
    fn advance(
        &mut self,
        at: &Place,
        shared: &Shared<F>,
        population: &super::plan::Population,
        level: SimdLevel,
        sums: &mut [F::Sum],
        scratch: &mut Scratch<F>,
    ) {
        let (from, lanes) = (at.from, at.lanes);
        let driven = |port: usize| shared.drives.iter().any(|(to, _)| *to == port);
        for (port, buffer) in scratch.ports.chunks_exact_mut(CHUNK).enumerate().take(self.slots.len()) {
            let slot = self.slots[port];
            if slot.is_none() && !driven(port) {
                continue;
            }
            let fill = Fill {
                buffer: &mut buffer[..lanes],
                sums: slot.map(|slot| (&mut sums[slot + from..][..lanes], shared.units[port])),
                drives: &shared.drives,
                port,
                step: at.step,
                block: at.block,
                stride: at.stride,
                blocks: shared.blocks,
            };
            at_level(level, fill);
        }
        let program = &population.bound.forward;
        let args: Vec<Arg<F>> = (program.args.iter())
            .map(|slot| match *slot {
                ArgSlot::State(i) => Arg::Lanes(&self.states[i][from..][..lanes]),
                ArgSlot::Port(port) if self.slots[port].is_some() || driven(port) => {
                    Arg::Lanes(&scratch.ports[port * CHUNK..][..lanes])
                }
                ArgSlot::Port(_) => Arg::Lanes(&scratch.zeros[..lanes]),
                ArgSlot::Coef(k) => match &self.coefs[k][..] {
                    [one] => Arg::Uniform(*one),
                    many => Arg::Lanes(&many[from..][..lanes]),
                },
                // A forward program reads nothing else.
                _ => Arg::Uniform(<F as crate::Real>::ZERO),
            })
            .collect();
        let mut outs: Vec<&mut [F]> = (scratch.outs.chunks_exact_mut(CHUNK).take(program.outs.len()))
            .map(|out| &mut out[..lanes])
            .collect();
        shared.kernel.run(lanes, &args, &mut outs, &mut scratch.kernel);
        for (state, out) in self.states.iter_mut().zip(&outs) {
            state[from..][..lanes].copy_from_slice(out);
        }
        if population.bound.spiking {
            pack_spikes(level, outs[self.states.len()], &mut scratch.words[..lanes / BLOCK]);
        }
    }
}

#[inline(always)]
fn prefetch<T>(items: &[T]) {
    #[cfg(target_arch = "x86_64")]
    {
        let (start, bytes) = (items.as_ptr().cast::<i8>(), size_of_val(items));
        for offset in (0..bytes).step_by(64) {
            // SAFETY: a hint to the cache; the address is inside the slice.
            unsafe {
                use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
                _mm_prefetch::<_MM_HINT_T0>(start.add(offset));
            }
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = items;
}
