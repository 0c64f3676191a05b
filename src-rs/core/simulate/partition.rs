//! One partition of a network: its neurons' states, the rows onto them, and what arrives when. It
//! advances alone for as long as no spike of another partition can arrive.

use super::at_level::at_level;
use super::dense::Dense;
use super::drive::{Driven, Fill};
use super::gaps::Junctions;
use super::history::BRING_EVERY;
use super::numbering::BLOCK;
use super::plan::Plan;
use super::plastic::Plastic;
use super::precision::Precision;
use super::rows::{QUAD, Rows};
use super::tiles::{TILE, Tiles};
use lapicque_base::error::Result;
use lapicque_base::simd::SimdLevel;
use lapicque_expr::{Arg, ArgSlot, Kernel};
use lapicque_projection::{Aligned, pack_spikes};
use smallvec::SmallVec;

/// A spike of a neuron or source: step and number.
pub type Spike = (u64, u32);

/// Synapses that deliver at one step, from a quad on.
#[derive(Debug, Clone, Copy)]
struct Due {
    start: u32,
    count: u32,
}

/// What all partitions share of a population.
pub struct Shared<F: Precision> {
    pub kernel: Kernel<F>,
    pub drives: Vec<Driven<F>>,
    /// What equations draw in a step: its number in place of a port.
    pub noise: Vec<Driven<F>>,
    /// Whether a port has a drive.
    pub driven: Vec<bool>,
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
    pub states: Tiles<F>,
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
    pub junctions: Vec<Junctions<F>>,
    pub sums: Vec<F::Sum>,
    /// By arrival step modulo its length.
    due: Vec<Vec<Due>>,
    /// Blocks of a population that belong to other partitions lie between two of ours.
    pub stride: usize,
    pub recorded: Vec<Spike>,
    pub delivered: u64,
    scratch: Scratch<F>,
}

struct Scratch<F: Precision> {
    /// `[port][TILE]`, `[draw][TILE]`, zeros, and where the kernel puts spikes.
    ports: Aligned<F>,
    noise: Aligned<F>,
    zeros: Aligned<F>,
    spikes: Aligned<F>,
    kernel: Vec<F>,
    /// The quads that deliver in a step.
    quads: Vec<u32>,
    words: [u64; TILE / BLOCK],
}

impl<F: Precision> Partition<F> {
    pub fn new(
        rows: Rows<F>,
        parts: Vec<Part<F>>,
        sums: Vec<F::Sum>,
        ring: usize,
        stride: usize,
        draws: usize,
    ) -> Result<Self> {
        let ports = parts.iter().map(|part| part.slots.len()).max().unwrap_or(0);
        let zeroed = |len| Aligned::zeroed("a partition", len);
        let scratch = Scratch {
            ports: zeroed(ports * TILE)?,
            noise: zeroed(draws * TILE)?,
            zeros: zeroed(TILE)?,
            spikes: zeroed(TILE)?,
            kernel: vec![],
            quads: vec![],
            words: [0; TILE / BLOCK],
        };
        let due = vec![vec![]; ring];
        let (plastic, junctions) = (vec![], vec![]);
        Ok(Partition {
            rows,
            plastic,
            parts,
            junctions,
            sums,
            due,
            stride,
            recorded: vec![],
            delivered: 0,
            scratch,
        })
    }

    /// Takes what is due out of the calendar, as when another state is loaded.
    pub fn clear_due(&mut self) {
        self.due.iter_mut().for_each(Vec::clear);
        self.rows.dense.iter_mut().for_each(Dense::clear_due);
        self.plastic.iter_mut().for_each(Plastic::clear_due);
    }

    /// The neuron of a plastic connection's lane, counted in its population.
    pub fn neuron(&self, plastic: &Plastic<F>, lane: usize) -> usize {
        self.parts[plastic.population].neuron(lane, self.stride)
    }

    /// Enters spikes into the calendar. Arrivals up to step `now` are past.
    pub fn schedule(&mut self, spikes: &[Spike], now: u64) {
        /// How many spikes ahead a row's segments are called into the cache.
        const AHEAD: usize = 6;
        let ring = self.due.len() as u64;
        for (i, &(step, source)) in spikes.iter().enumerate() {
            if let Some(&(_, source)) = spikes.get(i + 2 * AHEAD) {
                self.rows.call_place(source as usize);
            }
            if let Some(&(_, source)) = spikes.get(i + AHEAD) {
                self.rows.call_segments(source as usize);
            }
            let (mut start, segments) = self.rows.row(source as usize);
            for segment in segments {
                let (count, arrival) = (u32::from(segment.count), step + u64::from(segment.delay));
                if arrival > now {
                    self.due[(arrival % ring) as usize].push(Due { start, count });
                }
                start += count.div_ceil(QUAD as u32);
            }
        }
        for dense in &mut self.rows.dense {
            spikes.iter().for_each(|&(step, source)| dense.schedule(step, source as usize, now));
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
        for dense in &mut self.rows.dense {
            self.delivered += dense.deliver(step, &mut self.sums);
        }
        for plastic in &mut self.plastic {
            self.delivered += plastic.deliver(step, &mut self.sums);
        }
        for part in &mut self.parts {
            let (shared, population) = (&shared[part.population], &plan.populations[part.population]);
            let before = fired.len();
            let mut from = 0;
            while from < part.lanes {
                let lanes = TILE.min(part.lanes - from);
                let block = part.block + from / BLOCK * self.stride;
                let place = Place { from, lanes, block, stride: self.stride, step };
                part.advance(
                    &place,
                    shared,
                    population,
                    level,
                    &mut self.sums,
                    &self.junctions,
                    &mut self.scratch,
                );
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
            if let [all] = &population.recorded[..]
                && *all == (0..population.size)
            {
                self.recorded.extend_from_slice(&fired[before..]);
            } else {
                let chosen = |neuron: u32| {
                    let own = neuron as usize - population.first;
                    population.recorded.iter().any(|range| range.contains(&own))
                };
                self.recorded.extend(fired[before..].iter().filter(|&&(_, neuron)| chosen(neuron)));
            }
            for tap in part.taps.iter_mut().filter(|tap| step.is_multiple_of(tap.every)) {
                let state = |&lane: &u32| part.states.at(tap.state, lane as usize);
                tap.samples.extend(tap.lanes.iter().map(state));
            }
        }
        if step.is_multiple_of(BRING_EVERY) {
            self.plastic
                .iter_mut()
                .filter(|plastic| plastic.remembers())
                .for_each(|plastic| plastic.bring(step));
        }
        self.plastic.iter_mut().for_each(|plastic| plastic.sample(step));
    }

    /// Adds the weights of all synapses whose spikes arrive at `step`.
    fn deliver(&mut self, step: u64) {
        /// How many quads ahead they are called into the cache.
        const AHEAD: usize = 96;
        /// Numbers written at once, more than are needed.
        const AT_ONCE: usize = 8;
        let ring = self.due.len() as u64;
        let due = &mut self.due[(step % ring) as usize];
        if due.is_empty() {
            return;
        }
        // One list of quads: a loop without ends of segments in it is one without wrong guesses.
        let quads: usize = due.iter().map(|segment| (segment.count as usize).div_ceil(QUAD)).sum();
        let list = &mut self.scratch.quads;
        list.clear();
        list.resize(quads + AHEAD.max(AT_ONCE), 0);
        let mut at = 0;
        for segment in due.drain(..) {
            let count = (segment.count as usize).div_ceil(QUAD);
            for from in (0..count).step_by(AT_ONCE) {
                let numbers: [u32; AT_ONCE] = std::array::from_fn(|i| segment.start + (from + i) as u32);
                list[at + from..][..AT_ONCE].copy_from_slice(&numbers);
            }
            at += count;
            self.delivered += u64::from(segment.count);
        }
        list[quads..].fill(0);
        deliver::<F>(&list[..quads], &list[AHEAD..], &self.rows.quads, &mut self.sums);
    }

    /// The first state that is not finite: population, neuron and state.
    pub fn find_non_finite(&self) -> Option<(usize, usize, usize)> {
        self.parts.iter().find_map(|part| {
            (0..part.states.states()).find_map(|state| {
                let valid = |lane: usize| part.masks[lane / BLOCK] >> (lane % BLOCK) & 1 == 1;
                let lane = (0..part.lanes).find(|&l| !part.states.at(state, l).is_finite() && valid(l))?;
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
    #[allow(clippy::too_many_arguments)]
    fn advance(
        &mut self,
        at: &Place,
        shared: &Shared<F>,
        population: &super::plan::Population,
        level: SimdLevel,
        sums: &mut [F::Sum],
        junctions: &[Junctions<F>],
        scratch: &mut Scratch<F>,
    ) {
        let (from, lanes) = (at.from, at.lanes);
        for (port, buffer) in scratch.ports.chunks_exact_mut(TILE).enumerate().take(self.slots.len()) {
            let slot = self.slots[port];
            if slot.is_none() && !shared.driven[port] {
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
                level,
            };
            at_level(level, fill);
            for currents in junctions.iter().filter_map(|junctions| junctions.of(self.population, port)) {
                buffer[..lanes].iter_mut().zip(&currents[from..]).for_each(|(x, &current)| *x += current);
            }
        }
        for (draw, buffer) in scratch.noise.chunks_exact_mut(TILE).enumerate().take(shared.noise.len()) {
            let fill = Fill {
                buffer: &mut buffer[..lanes],
                sums: None,
                drives: &shared.noise,
                port: draw,
                step: at.step,
                block: at.block,
                stride: at.stride,
                blocks: shared.blocks,
                level,
            };
            at_level(level, fill);
        }
        let program = &population.bound.forward;
        let (old, new) = self.states.step(from / TILE);
        let argument = |slot: &ArgSlot| match *slot {
            ArgSlot::State(i) => Arg::Lanes(&old[i * TILE..][..lanes]),
            ArgSlot::Port(port) if self.slots[port].is_some() || shared.driven[port] => {
                Arg::Lanes(&scratch.ports[port * TILE..][..lanes])
            }
            ArgSlot::Port(_) => Arg::Lanes(&scratch.zeros[..lanes]),
            ArgSlot::Noise(draw) => Arg::Lanes(&scratch.noise[draw * TILE..][..lanes]),
            ArgSlot::Coef(k) => match &self.coefs[k][..] {
                [one] => Arg::Uniform(*one),
                many => Arg::Lanes(&many[from..][..lanes]),
            },
            // A forward program reads nothing else.
            _ => Arg::Uniform(<F as lapicque_base::Real>::ZERO),
        };
        let args: SmallVec<[Arg<F>; 32]> = program.args.iter().map(argument).collect();
        let spikes = &mut scratch.spikes[..lanes];
        let states = new.chunks_exact_mut(TILE).map(|state| &mut state[..lanes]);
        let mut outs: SmallVec<[&mut [F]; 12]> = states.chain(std::iter::once(spikes)).collect();
        shared.kernel.run(lanes, &args, &mut outs[..program.outs.len()], &mut scratch.kernel);
        drop((args, outs));
        if population.bound.spiking {
            pack_spikes(level, &scratch.spikes[..lanes], &mut scratch.words[..lanes / BLOCK]);
        }
        self.states.settle(from / TILE);
    }
}

/// Adds the quads of a list, each with one of a later place called into the cache. Apart from the
/// partition, so that sums are known to be nothing else of it.
#[inline(never)]
fn deliver<F: Precision>(list: &[u32], later: &[u32], quads: &[[F::Synapse; QUAD]], sums: &mut [F::Sum]) {
    for (&quad, &later) in list.iter().zip(later) {
        prefetch(&quads[later as usize]);
        F::deliver(&quads[quad as usize], sums);
    }
}

/// Calls a value into the cache.
#[inline(always)]
pub fn prefetch<T>(value: &T) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a hint to the cache; the address is that of a value.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(value).cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = value;
}
