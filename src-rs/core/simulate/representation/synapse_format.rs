//! The storage of a static synapse: its accumulator and its weight in one word. The compact form depends on the
//! precision; the wide form has enough bits for weights that differ by more than a compact one can represent.

use super::indices::Indices;
use super::precision::Precision;
use lapicque_base::memory::Zero;
use lapicque_base::real::Real;

/// Synapses that are delivered at once. The synapses of one source and delay fill whole ones; what is
/// left over weighs nothing.
pub const QUAD: usize = 4;

/// What arrives differs from a weight by at most this share of it.
pub const TOLERANCE: f64 = 1.0 / 1024.0;

/// A weight of so many units is within [`TOLERANCE`] of itself when it is rounded to whole units.
pub const SURE: i64 = 512;

/// An accumulator and the weight that is added to it.
pub trait Synapse: Copy + Send + Sync + Default + Zero + 'static {
    type Sum;
    /// The weight in units; both must have room.
    fn new(slot: u32, weight: i64) -> Self;
    /// Adds the weights of synapses to their accumulators, of which there are at least 65,536.
    fn deliver(synapses: &[Self; QUAD], sums: &mut [Self::Sum]);
}

/// The accumulator in the lower half, the weight in the upper one: 4 bytes are what the memory of large networks is
/// made of.
impl Synapse for u32 {
    type Sum = i32;

    #[inline(always)]
    fn new(slot: u32, weight: i64) -> u32 {
        slot & 0xFFFF | u32::from(weight as i16 as u16) << 16
    }

    #[inline(always)]
    fn deliver(synapses: &[u32; QUAD], sums: &mut [i32]) {
        // A slot of 16 bits is always inside: the compiler leaves the check out.
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

/// Adds those of some weights that [`Precision::deliver_each`] left out, since they are fewer than [`SURE`] of the `compact`
/// units, to the wide accumulators of their targets, each `wide` units for 1.
pub fn deliver_small<F: Precision>(
    targets: Indices<F::Target>,
    weights: &[F],
    [compact, wide]: [f64; 2],
    sums: &mut [i64],
) {
    for (&target, &weight) in targets.iter().zip(weights) {
        if weight.scaled(compact).abs() < SURE as f64 {
            let sum = &mut sums[target.into() as usize];
            // One that is small has room: all of them together are less than what the sum has room for.
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
