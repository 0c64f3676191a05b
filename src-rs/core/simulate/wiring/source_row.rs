//! The synapses of one source as a connection rule samples them.

use super::delays::Delays;
use super::pairs::Columns;
use super::quantized::{Exact, Quantized, in_units};
use crate::random::distribution::Sampler;
use crate::representation::unit::Stored;
use lapicque_base::rng::{Eight, Rng};
use lapicque_base::simd::SimdLevel;

/// The synapses of one source: targets, random words for delays and weights, and for lists the index of each
/// synapse in the list.
#[derive(Default)]
pub struct Row {
    pub targets: Vec<u32>,
    pub delays: Vec<u32>,
    pub weights: Vec<u32>,
    pub numbers: Vec<u32>,
    /// In steps, if delays depend on the distance.
    pub distant_delays: Vec<u32>,
    /// Weights, if they depend on the distance.
    pub distant_weights: Vec<f64>,
    /// If the targets have several places: that of each synapse.
    pub places: Vec<u32>,
    /// Scratch: bits of the targets that are used; all are clear between rows.
    pub(super) taken: Vec<u64>,
    /// Scratch for functions of the distance.
    pub(super) candidates: Vec<u32>,
    pub columns: Columns,
    pub values: Vec<f64>,
    pub kernel: Vec<f64>,
}

impl Row {
    #[inline(always)]
    fn number(&self, i: usize) -> usize {
        self.numbers.get(i).map_or(0, |&number| number as usize)
    }

    /// The delay of the row's synapse `i` in steps.
    #[inline(always)]
    pub fn delay(&self, i: usize, delays: &Delays) -> u32 {
        if let Delays::OfDistance(_) = delays {
            return self.distant_delays[i];
        }
        delays.steps(self.number(i), self.delays.get(i).copied().unwrap_or(0))
    }

    /// The port and the stored weight of the row's synapse `i`.
    #[inline(always)]
    pub fn weight(&self, i: usize, weights: &Quantized) -> (usize, Stored) {
        let place = self.places.get(i).map_or(0, |&place| place as usize);
        if let Quantized::Exact(Exact { weight: Sampler::OfDistance(_), route, units }) = *weights {
            let (port, stored) = in_units(route, units, self.distant_weights[i]);
            return (port + place, stored);
        }
        let (port, stored) = weights.value(self.number(i), self.weights.get(i).copied().unwrap_or(0));
        (port + place, stored)
    }
}

impl Row {
    /// The weight of a synapse before it is rounded to units.
    pub fn exact_weight(&self, i: usize, weight: &Sampler) -> f64 {
        match weight {
            Sampler::OfDistance(_) => self.distant_weights[i],
            _ => weight.value(self.number(i), self.weights.get(i).copied().unwrap_or(0)),
        }
    }
}

/// Up to this probability, no random word makes a synapse.
pub(crate) const NEVER: f64 = 0.5 / 4_294_967_296.0;

/// `[0, n)` from a word, uniform up to 2^-32.
#[inline(always)]
pub(crate) fn below(word: u32, n: usize) -> u32 {
    ((u64::from(word) * n as u64) >> 32) as u32
}

/// Which random words of a row are needed, in addition to those of its targets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Words {
    Neither,
    Delays,
    Both,
}

/// Calls `visit` for `count` blocks from `first` on, eight at a time; not all of the last eight may be valid.
#[inline(always)]
pub(crate) fn many(
    rng: &Rng,
    level: SimdLevel,
    first: u64,
    count: usize,
    mut visit: impl FnMut(&Eight, usize),
) {
    let mut eights = [Eight::ZERO; 32];
    for from in (0..count).step_by(8 * eights.len()) {
        let eights = &mut eights[..(count - from).div_ceil(8).min(32)];
        rng.fill(level, first + from as u64, 0, eights.len(), eights);
        for (i, eight) in eights.iter().enumerate() {
            visit(eight, 8.min(count - from - 8 * i));
        }
    }
}

/// Samples a block for each of `count` synapses: the target, converted by `target` if that is given, and the needed words.
/// Writes whole groups of eight, because a copy of unknown length costs more.
#[inline(always)]
pub(super) fn sample_words(
    (rng, level): (&Rng, SimdLevel),
    first: u64,
    count: usize,
    words: Words,
    [targets, delays, weights]: [&mut Vec<u32>; 3],
    target: Option<impl Fn(u32) -> u32>,
) {
    let resize_for = |needed: bool, of: &mut Vec<u32>| {
        of.resize(if needed { count.next_multiple_of(8) } else { of.len() }, 0)
    };
    resize_for(target.is_some(), targets);
    resize_for(words != Words::Neither, delays);
    resize_for(words == Words::Both, weights);
    let mut eights = [Eight::ZERO; 32];
    for from in (0..count).step_by(8 * eights.len()) {
        let eights = &mut eights[..(count - from).div_ceil(8).min(32)];
        rng.fill(level, first + from as u64, 0, eights.len(), eights);
        // Inline loops rather than closures, which would not be compiled for the SIMD level.
        if let Some(target) = &target {
            for (eight, to) in eights.iter().zip(targets[from..].as_chunks_mut::<8>().0) {
                for (j, to) in to.iter_mut().enumerate() {
                    *to = target(eight.word(j, 0));
                }
            }
        }
        if words != Words::Neither {
            take_words(eights, 1, &mut delays[from..]);
        }
        if words == Words::Both {
            take_words(eights, 2, &mut weights[from..]);
        }
    }
    [targets, delays, weights].into_iter().for_each(|of| of.truncate(count));
}

/// The word `w` of each block.
#[inline(always)]
fn take_words(eights: &[Eight], w: usize, to: &mut [u32]) {
    for (eight, to) in eights.iter().zip(to.as_chunks_mut::<8>().0) {
        for (j, to) in to.iter_mut().enumerate() {
            *to = eight.word(j, w);
        }
    }
}
