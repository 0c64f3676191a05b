//! What differs between f32 and f64: how a synapse is kept and in what its weights are summed.

use super::bit_rows::BitRows;
use super::row_loops::Lanes;
use super::rows::QUAD;
use lapicque_base::memory::Zero;
use lapicque_base::simd::SimdLevel;
use lapicque_expr::functions::single;
use lapicque_expr::step::{self, Source, Step};
use lapicque_expr::{Lane, Program};
use lapicque_projection::Element;

/// A precision of the executor. Weights are whole multiples of a unit of their port, so that sums
/// are exact and independent of their order.
pub trait Precision: Element + Lane + Zero {
    /// A weight and the accumulator it is added to.
    type Synapse: Copy + Send + Sync + Default + Zero + 'static;
    type Sum: Copy + Send + Sync + Default + 'static;
    /// A lane of a partition.
    type Target: Copy + Send + Sync + Into<u32> + PartialEq + Zero + 'static;
    /// Accumulators of a partition.
    const MOST_SLOTS: usize;
    /// The largest weight in units.
    const MOST_WEIGHT: i64;
    /// The largest sum in units.
    const MOST_SUM: i64;
    /// How much larger than at first a weight that learns without bounds is taken to become.
    const GROWTH: f64;
    /// So many times the largest weight can surely be sent by a rule that may send more than that: in f32 there is some room.
    const ROOM: f64;

    /// `slot < MOST_SLOTS`, `|weight| <= MOST_WEIGHT`.
    fn synapse(slot: u32, weight: i64) -> Self::Synapse;
    /// Adds the weights of synapses to their accumulators, of which there are at least 65,536.
    fn deliver(synapses: &[Self::Synapse; QUAD], sums: &mut [Self::Sum]);
    /// Adds units to an accumulator.
    fn increase(sum: &mut Self::Sum, units: i64);
    /// [`BitRows::add_up`] at a level.
    fn add_bits(_: SimdLevel, bits: BitRows, rows: &[u32], weight: i64, sums: &mut [Self::Sum]) {
        bits.add_up::<Self>(rows, weight, sums);
    }
    fn target(lane: u32) -> Self::Target;
    /// Adds weights, each `units` units of the port for 1, to the accumulators of their targets. False where a
    /// weight is not finite or so large that it or the sum leaves the whole numbers; sums then mean nothing.
    #[must_use]
    fn deliver_each(
        targets: Lanes<Self::Target>,
        weights: &[Self],
        units: f64,
        sums: &mut [Self::Sum],
    ) -> bool;
    /// Adds to a sum; false where that leaves the whole numbers.
    fn add_checked(sum: &mut Self::Sum, units: i64) -> bool;
    fn of_sum(sum: Self::Sum) -> Self;
    fn of_steps(steps: i32) -> Self;
    fn of_count(count: i16) -> Self;
    /// The exponential of a number from -80 to 0, with the bits of [`Lane::exp`]; of another one anything.
    fn exp_near(x: Self) -> Self;
    /// A uniform number in (0, 1] of 24 or 32 bits.
    fn unit(word: u32) -> Self;
    /// The step of a program that was compiled ahead, if one was.
    fn step(_: &Program, _: &[Source], _: SimdLevel) -> Option<Step<Self, Self::Sum>> {
        None
    }
}

impl Precision for f32 {
    /// The accumulator in the lower half, the weight in the upper one: 4 bytes are what the memory
    /// of large networks is made of.
    type Synapse = u32;
    type Sum = i32;
    type Target = u16;
    const MOST_SLOTS: usize = 1 << 16;
    const MOST_WEIGHT: i64 = i16::MAX as i64;
    const MOST_SUM: i64 = i32::MAX as i64;
    const GROWTH: f64 = 1.0;
    const ROOM: f64 = 128.0;

    #[inline(always)]
    fn synapse(slot: u32, weight: i64) -> u32 {
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

    #[inline(always)]
    fn increase(sum: &mut i32, units: i64) {
        *sum = sum.wrapping_add(units as i32);
    }

    #[cfg(target_arch = "x86_64")]
    fn add_bits(level: SimdLevel, bits: BitRows, rows: &[u32], weight: i64, sums: &mut [i32]) {
        match level {
            // SAFETY: the CPU has the level.
            SimdLevel::Avx512 if level.is_supported() => unsafe {
                bits.add_up_avx512(rows, weight as i16, sums);
            },
            // SAFETY: as above.
            SimdLevel::Avx2 if level.is_supported() => unsafe {
                bits.add_up_avx2(rows, weight as i16, sums);
            },
            _ => bits.add_up::<f32>(rows, weight, sums),
        }
    }

    #[inline(always)]
    fn target(lane: u32) -> u16 {
        lane as u16
    }

    #[inline(always)]
    fn deliver_each(targets: Lanes<u16>, weights: &[f32], units: f64, sums: &mut [i32]) -> bool {
        /// 1.5 * 2^23: adding it rounds to the nearest integer and leaves that in the low bits.
        const ROUND: f32 = 12_582_912.0;
        /// What can be rounded so.
        const MOST: f32 = 4_194_303.0;
        /// Rounded in vectors, then added one by one.
        const TOGETHER: usize = 64;
        let units = units as f32;
        targets.check(sums.len());
        let mut within = true;
        for (targets, weights) in targets.chunks(TOGETHER).zip(weights.chunks(TOGETHER)) {
            let mut whole = [0i32; TOGETHER];
            for (whole, &weight) in whole.iter_mut().zip(weights) {
                let scaled = weight * units;
                // Nor is anything that is not a number.
                within &= scaled.abs() <= MOST;
                *whole = ((scaled + ROUND).to_bits() as i32).wrapping_sub(ROUND.to_bits() as i32);
            }
            let mut add = |target: u16, whole: i32| {
                // SAFETY: all targets are inside, as checked above.
                let sum = unsafe { sums.get_unchecked_mut(usize::from(target)) };
                let (new, left) = sum.overflowing_add(whole);
                *sum = new;
                left
            };
            let (eights, rest) = targets.as_chunks::<8>();
            let (of_eights, of_rest) = whole[..targets.len()].as_chunks::<8>();
            for (eight, whole) in eights.iter().zip(of_eights) {
                for (&target, &whole) in eight.iter().zip(whole) {
                    if add(target, whole) {
                        return false;
                    }
                }
            }
            if rest.iter().zip(of_rest).any(|(&target, &whole)| add(target, whole)) {
                return false;
            }
        }
        within
    }

    fn add_checked(sum: &mut i32, units: i64) -> bool {
        let new = i32::try_from(i64::from(*sum) + units);
        *sum = new.unwrap_or(0);
        new.is_ok()
    }

    #[inline(always)]
    fn of_sum(sum: i32) -> f32 {
        sum as f32
    }

    #[inline(always)]
    fn of_steps(steps: i32) -> f32 {
        steps as f32
    }

    #[inline(always)]
    fn of_count(count: i16) -> f32 {
        f32::from(count)
    }

    #[inline(always)]
    fn exp_near(x: f32) -> f32 {
        single::exp_near(x)
    }

    #[inline(always)]
    fn unit(word: u32) -> f32 {
        // Signed integers convert in vectors at every level.
        ((word >> 8) as i32 + 1) as f32 * (1.0 / (1u32 << 24) as f32)
    }

    fn step(program: &Program, sources: &[Source], level: SimdLevel) -> Option<Step<f32, i32>> {
        step::find(program, sources, level)
    }
}

impl Precision for f64 {
    type Synapse = (u32, i64);
    type Sum = i64;
    type Target = u32;
    const MOST_SLOTS: usize = 1 << 24;
    const MOST_WEIGHT: i64 = 1 << 62;
    const MOST_SUM: i64 = 1 << 62;
    const GROWTH: f64 = 1024.0;
    const ROOM: f64 = Self::GROWTH;

    #[inline(always)]
    fn synapse(slot: u32, weight: i64) -> (u32, i64) {
        (slot, weight)
    }

    #[inline(always)]
    fn deliver(synapses: &[(u32, i64); QUAD], sums: &mut [i64]) {
        for &(slot, weight) in synapses {
            let sum = &mut sums[slot as usize];
            *sum = sum.wrapping_add(weight);
        }
    }

    #[inline(always)]
    fn increase(sum: &mut i64, units: i64) {
        *sum = sum.wrapping_add(units);
    }

    #[inline(always)]
    fn target(lane: u32) -> u32 {
        lane
    }

    #[inline(always)]
    fn deliver_each(targets: Lanes<u32>, weights: &[f64], units: f64, sums: &mut [i64]) -> bool {
        const MOST: f64 = 9_223_372_036_854_774_784.0;
        let mut within = true;
        for (&target, &weight) in targets.iter().zip(weights) {
            let scaled = weight * units;
            within &= scaled.abs() <= MOST;
            let sum = &mut sums[target as usize];
            let (new, left) = sum.overflowing_add(scaled.round() as i64);
            within &= !left;
            *sum = new;
        }
        within
    }

    fn add_checked(sum: &mut i64, units: i64) -> bool {
        let (new, left) = sum.overflowing_add(units);
        *sum = new;
        !left
    }

    #[inline(always)]
    fn of_sum(sum: i64) -> f64 {
        sum as f64
    }

    #[inline(always)]
    fn of_steps(steps: i32) -> f64 {
        f64::from(steps)
    }

    #[inline(always)]
    fn of_count(count: i16) -> f64 {
        f64::from(count)
    }

    #[inline(always)]
    fn exp_near(x: f64) -> f64 {
        Lane::exp(x)
    }

    #[inline(always)]
    fn unit(word: u32) -> f64 {
        (f64::from(word) + 1.0) * (1.0 / 4_294_967_296.0)
    }
}

/// The unit of the weights of a port: `values` are its constant weights if all are constant, `most`
/// is the largest magnitude, `in_degree` bounds how many weights arrive in one step.
pub fn unit<F: Precision>(constants: Option<&[f64]>, most: f64, in_degree: u64) -> f64 {
    if most == 0.0 {
        return 1.0;
    }
    let limit = F::MOST_WEIGHT.min(F::MOST_SUM / in_degree.max(1) as i64).max(1);
    if F::MOST_WEIGHT > 1 << 32 {
        // A power of two: weights keep their bits as far as there is room.
        return libm::exp2(libm::ceil(libm::log2(most / limit as f64)));
    }
    // A unit of which all constants are whole multiples, as 0.1 of 0.1 and 0.5.
    let whole = |units: i64| {
        let near = |&w: &f64| {
            let x = w / most * units as f64;
            (x - x.round()).abs() <= 1e-9 * x.abs()
        };
        constants.is_some_and(|constants| constants.iter().all(near))
    };
    let units = (1..=limit).rev().find(|&units| whole(units)).unwrap_or(limit);
    most / units as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_with_a_common_unit_are_kept_exactly() {
        let unit = unit::<f32>(Some(&[0.1, -0.5]), 0.5, 1250);
        for w in [0.1, -0.5] {
            let units = (w / unit).round();
            assert!(units.abs() <= 32767.0 && (units * unit - w).abs() < 1e-15);
        }
    }

    #[test]
    fn no_sum_leaves_its_range() {
        for in_degree in [1, 100, 40_000, 1_000_000] {
            let unit = unit::<f32>(None, 3.0, in_degree);
            assert!((3.0 / unit).round() * in_degree as f64 <= i32::MAX as f64);
        }
        let unit = unit::<f64>(None, 3.0, 4000);
        assert!(3.0 / unit * 4000.0 <= (1u64 << 62) as f64);
        assert!((3.0f64 / unit).fract() == 0.0);
    }

    #[test]
    fn weights_come_to_their_targets_and_none_is_lost_unseen() {
        let rng = lapicque_base::rng::Rng::new(1, 2);
        for level in SimdLevel::ALL.into_iter().filter(|level| level.is_supported()) {
            let deliver = |targets: &[u16], weights: &[f32], sums: &mut [i32]| {
                super::super::row_loops::deliver::<f32>(
                    level,
                    Lanes::new(level, targets),
                    weights,
                    1000.0,
                    sums,
                )
            };
            for n in [0, 1, 7, 64, 100, 507] {
                let targets: Vec<u16> = (0..n).map(|i| (rng.u32_at(i) % 97) as u16).collect();
                let weights: Vec<f32> = (0..n).map(|i| f32::unit(rng.u32_at(1 << 32 | i)) - 0.5).collect();
                let (mut sums, mut expected) = (vec![5; 97], vec![5; 97]);
                for (&target, &weight) in targets.iter().zip(&weights) {
                    expected[usize::from(target)] += (weight * 1000.0).round_ties_even() as i32;
                }
                assert!(
                    deliver(&targets, &weights, &mut sums) && sums == expected,
                    "{n} at {}",
                    level.name()
                );
                // One that is too large, or no number, or a sum that is too large, wherever it is.
                for i in [0, n / 2, n.saturating_sub(1)].map(|i| i as usize).into_iter().filter(|_| n > 0) {
                    for wrong in [f32::NAN, f32::INFINITY, 5e3] {
                        let mut weights = weights.clone();
                        weights[i] = wrong;
                        assert!(!deliver(&targets, &weights, &mut sums));
                    }
                    let mut weights = weights.clone();
                    weights[i] = 0.5;
                    let mut full = vec![0; 97];
                    full[usize::from(targets[i])] = i32::MAX - 100;
                    if targets.iter().filter(|&&target| target == targets[i]).count() == 1 {
                        assert!(!deliver(&targets, &weights, &mut full));
                    }
                }
            }
        }
    }

    #[test]
    #[should_panic]
    fn a_target_that_is_not_there_is_not_written() {
        let level = SimdLevel::detect();
        let lanes = Lanes::new(level, &[3]);
        let _ = super::super::row_loops::deliver::<f32>(level, lanes, &[1.0], 1.0, &mut [0; 3]);
    }

    #[test]
    fn a_synapse_keeps_slot_and_weight() {
        let mut sums = vec![0i32; 1 << 16];
        let synapses =
            [(0, 5), (65_535, -7), (65_535, -32_767), (3, 32_767)].map(|(s, w)| f32::synapse(s, w));
        f32::deliver(&synapses, &mut sums);
        assert_eq!((sums[0], sums[65_535], sums[3]), (5, -32_774, 32_767));
    }
}
