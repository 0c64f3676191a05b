//! The storage of a static synapse: its accumulator and its weight in one word. The compact form depends on the
//! precision; the wide form has enough bits for weights that differ by more than a compact one can represent.

use super::indices::Indices;
use super::precision::Precision;
use lapicque_base::memory::Zero;
use lapicque_base::real::Real;

/// Synapses that are delivered at once. The synapses of one source and delay are padded to whole quads with weights of 0.
pub const QUAD: usize = 4;

/// The maximum relative error of a stored weight.
pub const TOLERANCE: f64 = 1.0 / 1024.0;

/// From this number of units on, rounding a weight to integer units keeps it within [`TOLERANCE`].
pub const SURE: i64 = 512;

/// An accumulator and the weight that is added to it.
pub trait Synapse: Copy + Send + Sync + Default + Zero + 'static {
    type Sum;
    /// Both the accumulator's offset and the weight in units must be in range.
    fn new(slot: u32, weight: i64) -> Self;
    /// Adds the weights of synapses to their accumulators; `sums` has at least 65,536 elements.
    fn deliver(synapses: &[Self; QUAD], sums: &mut [Self::Sum]);
}

/// The accumulator in the lower half, the weight in the upper one: these 4 bytes make up most of the memory of a large
/// network.
impl Synapse for u32 {
    type Sum = i32;

    #[inline(always)]
    fn new(slot: u32, weight: i64) -> u32 {
        slot & 0xFFFF | u32::from(weight as i16 as u16) << 16
    }

    #[inline(always)]
    fn deliver(synapses: &[u32; QUAD], sums: &mut [i32]) {
        // A 16-bit index is always within 65,536 elements, so the compiler omits the bounds check.
        let Some(sums) = sums.first_chunk_mut::<65_536>() else { return };
        for &synapse in synapses {
            let sum = &mut sums[usize::from(synapse as u16)];
            *sum = sum.wrapping_add(synapse as i32 >> 16);
        }
    }
}

/// The compact form of f64.
impl Synapse for (u32, i64) {
    type Sum = i64;

    #[inline(always)]
    fn new(slot: u32, weight: i64) -> (u32, i64) {
        (slot, weight)
    }

    #[inline(always)]
    fn deliver(synapses: &[(u32, i64); QUAD], sums: &mut [i64]) {
        for &(slot, weight) in synapses {
            let sum = &mut sums[slot as usize];
            *sum = sum.wrapping_add(weight);
        }
    }
}

/// The wide form of f32: 16 bits for the accumulator, 48 bits for the weight, summed in 64 bits.
pub type Wide = u64;

/// The largest wide weight, and the largest sum, in units.
pub const MOST_WIDE: i64 = (1 << 47) - 1;
pub const MOST_WIDE_SUM: i64 = 1 << 62;

impl Synapse for Wide {
    type Sum = i64;

    #[inline(always)]
    fn new(slot: u32, weight: i64) -> Wide {
        u64::from(slot & 0xFFFF) | (weight as u64) << 16
    }

    #[inline(always)]
    fn deliver(synapses: &[Wide; QUAD], sums: &mut [i64]) {
        let Some(sums) = sums.first_chunk_mut::<65_536>() else { return };
        for &synapse in synapses {
            let sum = &mut sums[usize::from(synapse as u16)];
            *sum = sum.wrapping_add(synapse as i64 >> 16);
        }
    }
}

/// Adds the weights that [`Precision::deliver_each`] skipped, because they are fewer than [`SURE`] units of factor `compact`,
/// to the wide accumulators of their targets; `wide` is the factor to wide units.
pub fn deliver_small<F: Precision>(
    targets: Indices<F::Target>,
    weights: &[F],
    [compact, wide]: [f64; 2],
    sums: &mut [i64],
) {
    for (&target, &weight) in targets.iter().zip(weights) {
        if weight.scaled(compact).abs() < SURE as f64 {
            let sum = &mut sums[target.into() as usize];
            // Cannot overflow: the sum of all small weights is within the range of the accumulator.
            *sum = sum.wrapping_add((Real::to_f64(weight) * wide).round_ties_even() as i64);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums_of<Y: Synapse<Sum: Clone + Default>>(synapses: [(u32, i64); QUAD]) -> Vec<Y::Sum> {
        let mut sums = vec![Y::Sum::default(); 1 << 16];
        Y::deliver(&synapses.map(|(slot, weight)| Y::new(slot, weight)), &mut sums);
        sums
    }

    #[test]
    fn a_compact_synapse_keeps_slot_and_weight() {
        let sums = sums_of::<u32>([(0, 5), (65_535, -7), (65_535, -32_767), (3, 32_767)]);
        assert_eq!((sums[0], sums[65_535], sums[3]), (5, -32_774, 32_767));
    }

    #[test]
    fn a_wide_synapse_keeps_slot_and_weight() {
        let sums = sums_of::<Wide>([(0, 5), (65_535, -7), (65_535, -MOST_WIDE), (3, MOST_WIDE)]);
        assert_eq!((sums[0], sums[65_535], sums[3]), (5, -7 - MOST_WIDE, MOST_WIDE));
    }
}
