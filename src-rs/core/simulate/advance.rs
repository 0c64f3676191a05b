//! One step of the neurons of a tile: its ports are filled, the program of the neurons runs, and spikes
//! are read off as bits. In small networks what is done once for a tile counts as much as the neurons.

use super::at_level::{Work, at_level};
use super::drive::{Driven, Fill};
use super::gaps::Junctions;
use super::numbering::BLOCK;
use super::partition::{Part, Shared};
use super::plan::Population;
use super::precision::Precision;
use super::tiles::TILE;
use lapicque_base::error::Result;
use lapicque_base::real::Real;
use lapicque_base::simd::SimdLevel;
use lapicque_expr::{Arg, ArgSlot};
use lapicque_projection::{Aligned, pack_spikes};
use smallvec::SmallVec;

/// What a step of a tile is computed in.
pub struct Scratch<F: Precision> {
    /// `[port][TILE]`, `[draw][TILE]`, zeros, and where the kernel puts spikes.
    ports: Aligned<F>,
    noise: Aligned<F>,
    zeros: Aligned<F>,
    spikes: Aligned<F>,
    kernel: Vec<F>,
    /// The spikes of the tile, by block.
    pub words: [u64; TILE / BLOCK],
}

impl<F: Precision> Scratch<F> {
    /// For populations of at most so many ports and numbers to be drawn in a step.
    pub fn new(ports: usize, draws: usize) -> Result<Self> {
        let zeroed = |len| Aligned::zeroed("a partition", len);
        Ok(Scratch {
            ports: zeroed(ports * TILE)?,
            noise: zeroed(draws * TILE)?,
            zeros: zeroed(TILE)?,
            spikes: zeroed(TILE)?,
            kernel: vec![],
            words: [0; TILE / BLOCK],
        })
    }
}

/// Which lanes of a part, and when.
pub struct Place {
    pub from: usize,
    pub lanes: usize,
    pub block: usize,
    pub stride: usize,
    pub step: u64,
}

impl Place {
    fn fill<'a, F: Precision>(
        &self,
        buffer: &'a mut [F],
        drives: &'a [Driven<F>],
        port: usize,
        blocks: usize,
        level: SimdLevel,
    ) -> Fill<'a, F> {
        let &Place { block, stride, step, .. } = self;
        Fill { buffer, sums: None, drives, port, step, block, stride, blocks, level }
    }
}

impl<F: Precision> Part<F> {
    /// Advances some lanes and leaves their spikes in the scratch's words.
    #[allow(clippy::too_many_arguments)]
    pub fn advance(
        &mut self,
        at: &Place,
        shared: &Shared<F>,
        population: &Population,
        level: SimdLevel,
        sums: &mut [F::Sum],
        junctions: &[Junctions<F>],
        scratch: &mut Scratch<F>,
    ) {
        let (from, lanes) = (at.from, at.lanes);
        let arrivals = Arrivals {
            ports: &mut scratch.ports,
            slots: &self.slots,
            driven: &shared.driven,
            units: &shared.units,
            sums,
            from,
            lanes,
        };
        at_level(level, arrivals);
        for port in (0..self.slots.len()).filter(|&port| shared.driven[port]) {
            let buffer = &mut scratch.ports[port * TILE..][..lanes];
            let sums = self.slots[port].map(|slot| (&mut sums[slot + from..][..lanes], shared.units[port]));
            at_level(level, Fill { sums, ..at.fill(buffer, &shared.drives, port, shared.blocks, level) });
            for currents in junctions.iter().filter_map(|junctions| junctions.of(self.population, port)) {
                buffer.iter_mut().zip(&currents[from..]).for_each(|(x, &current)| *x += current);
            }
        }
        for (draw, buffer) in scratch.noise.chunks_exact_mut(TILE).enumerate().take(shared.noise.len()) {
            let buffer = &mut buffer[..lanes];
            at_level(level, at.fill(buffer, &shared.noise, draw, shared.blocks, level));
        }
        let program = &population.bound.forward;
        let (old, new) = self.states.step(from / TILE);
        // Each written where it stays: there are so many calls that what grows costs as much as what it holds.
        let mut args: SmallVec<[Arg<F>; 32]> =
            SmallVec::from_elem(Arg::Uniform(<F as Real>::ZERO), program.args.len());
        for (arg, slot) in args.iter_mut().zip(&program.args) {
            *arg = match *slot {
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
                _ => continue,
            };
        }
        let spikes = &mut scratch.spikes[..lanes];
        let mut outs: SmallVec<[&mut [F]; 12]> = SmallVec::new();
        for state in new.chunks_exact_mut(TILE) {
            outs.push(&mut state[..lanes]);
        }
        outs.push(spikes);
        shared.kernel.run(lanes, &args, &mut outs[..program.outs.len()], &mut scratch.kernel);
        drop((args, outs));
        if population.bound.spiking {
            pack_spikes(level, &scratch.spikes[..lanes], &mut scratch.words[..lanes / BLOCK]);
        }
        self.states.settle(from / TILE);
    }
}

/// What has arrived at the ports that nothing else enters. Accumulators are cleared.
struct Arrivals<'a, F: Precision> {
    ports: &'a mut [F],
    slots: &'a [Option<usize>],
    driven: &'a [bool],
    units: &'a [F],
    sums: &'a mut [F::Sum],
    from: usize,
    lanes: usize,
}

impl<F: Precision> Work for Arrivals<'_, F> {
    #[inline(always)]
    fn run(self) {
        let Arrivals { ports, slots, driven, units, sums, from, lanes } = self;
        for (port, slot) in slots.iter().enumerate() {
            let Some(slot) = slot.filter(|_| !driven[port]) else { continue };
            let (sums, unit) = (&mut sums[slot + from..][..lanes], units[port]);
            for (x, sum) in ports[port * TILE..][..lanes].iter_mut().zip(sums) {
                *x = F::of_sum(*sum) * unit;
                *sum = F::Sum::default();
            }
        }
    }
}
