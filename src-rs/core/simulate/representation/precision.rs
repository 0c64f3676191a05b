//! Differences between f32 and f64: the storage of a synapse and the type of the sums of weights.

use super::bit_rows::BitRows;
use super::indices::Indices;
use super::synapse_format::{SURE, Synapse};
use lapicque_base::memory::Zero;
use lapicque_base::simd::SimdLevel;
use lapicque_expr::functions::single;
use lapicque_expr::step::{self, Source, Step};
use lapicque_expr::{Kernel, Program, Scalar};
use lapicque_projection::Element;
use std::sync::{Arc, OnceLock};

/// A precision of the executor. Weights are integer multiples of a unit of their port, so that sums are exact and independent
/// of their order.
pub trait Precision: Element + Scalar + Zero {
    /// A weight and the accumulator it is added to, in the compact form.
    type Synapse: Synapse<Sum = Self::Sum>;
    type Sum: Copy + Send + Sync + Default + 'static;
    /// Index of a neuron slot in a partition.
    type Target: Copy + Send + Sync + Into<u32> + PartialEq + Zero + 'static;
    /// Maximum number of accumulators of a partition.
    const MOST_SLOTS: usize;
    /// The largest weight in units.
    const MOST_WEIGHT: i64;
    /// The largest sum in units.
    const MOST_SUM: i64;
    /// Whether weights that the compact form would round by too much are stored in the [wide](super::synapse_format::Wide)
    /// form; otherwise they are refused.
    const WIDENS: bool;
    /// The factor by which a plastic weight without bounds is assumed to grow.
    const GROWTH: f64;
    /// A rule may always transmit this multiple of its largest weight; f32 reserves some range for that.
    const HEADROOM: f64;

    /// Adds units to an accumulator.
    fn increase(sum: &mut Self::Sum, units: i64);
    /// [`BitRows::add_up`] at a level.
    fn add_bits(_: SimdLevel, bits: BitRows, rows: &[u32], weight: i64, sums: &mut [Self::Sum]) {
        bits.add_up::<Self>(rows, weight, sums);
    }
    fn target(neuron_slot: u32) -> Self::Target;
    /// Adds weights to the accumulators of their targets; `units` is the factor from weights to units of the port. If the
    /// precision [widens](Precision::WIDENS), weights of fewer than [`SURE`] units are skipped, for
    /// [`deliver_small`](super::synapse_format::deliver_small).
    fn deliver_each(
        targets: Indices<Self::Target>,
        weights: &[Self],
        units: f64,
        sums: &mut [Self::Sum],
    ) -> Delivered;
    /// Adds to a sum; false if the result is outside the range of exact integers.
    fn add_checked(sum: &mut Self::Sum, units: i64) -> bool;
    /// A weight in units, scaled as by [`deliver_each`](Precision::deliver_each).
    fn scaled(self, units: f64) -> f64;
    fn of_sum(sum: Self::Sum) -> Self;
    fn of_steps(steps: i32) -> Self;
    fn of_count(count: i16) -> Self;
    /// The exponential of a number from -80 to 0, with the same bits as [`Scalar::exp`]; undefined for other numbers.
    fn exp_near(x: Self) -> Self;
    /// A uniform number in (0, 1], from 24 or 32 random bits.
    fn unit(word: u32) -> Self;
    /// The cached kernel of the neurons for this precision.
    fn kernel_of(kernels: &Kernels) -> &OnceLock<(SimdLevel, Arc<Kernel<Self>>)>;
    /// The step of a program that was compiled ahead of time, if there is one.
    fn step(_: &Program, _: &[Source], _: SimdLevel) -> Option<Step<Self, Self::Sum>> {
        None
    }
}

/// The outcome of adding weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct Delivered {
    /// False if a weight is not finite, or if it or the sum is outside the range of exact integers; the sums are then
    /// undefined.
    pub within: bool,
    /// Whether some weights were skipped because they are small.
    pub small: bool,
}

impl Precision for f32 {
    /// The accumulator in the lower half, the weight in the upper one: these 4 bytes make up most of the memory of a large
    /// network.
    type Synapse = u32;
    type Sum = i32;
    type Target = u16;
    const MOST_SLOTS: usize = 1 << 16;
    const MOST_WEIGHT: i64 = i16::MAX as i64;
    const MOST_SUM: i64 = i32::MAX as i64;
    const WIDENS: bool = true;
    const GROWTH: f64 = 1.0;
    const HEADROOM: f64 = 128.0;

    fn kernel_of(kernels: &Kernels) -> &OnceLock<(SimdLevel, Arc<Kernel<f32>>)> {
        &kernels.single
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
    fn target(neuron_slot: u32) -> u16 {
        neuron_slot as u16
    }

    #[inline(always)]
    fn deliver_each(targets: Indices<u16>, weights: &[f32], units: f64, sums: &mut [i32]) -> Delivered {
        /// 1.5 * 2^23: adding it rounds to the nearest integer and leaves that in the low bits.
        const ROUND: f32 = 12_582_912.0;
        /// The largest magnitude that can be rounded this way.
        const MOST: f32 = 4_194_303.0;
        /// Weights are rounded by vector instructions, then added one by one.
        const TOGETHER: usize = 64;
        let units = units as f32;
        targets.check(sums.len());
        let (mut within, mut small) = (true, false);
        for (targets, weights) in targets.chunks(TOGETHER).zip(weights.chunks(TOGETHER)) {
            let mut whole = [0i32; TOGETHER];
            for (whole, &weight) in whole.iter_mut().zip(weights) {
                let scaled = weight * units;
                // False for NaN too.
                within &= scaled.abs() <= MOST;
                let is_small = scaled.abs() < SURE as f32;
                small |= is_small & (scaled != 0.0);
                let rounded = ((scaled + ROUND).to_bits() as i32).wrapping_sub(ROUND.to_bits() as i32);
                *whole = if is_small { 0 } else { rounded };
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
                        return Delivered { within: false, small };
                    }
                }
            }
            if rest.iter().zip(of_rest).any(|(&target, &whole)| add(target, whole)) {
                return Delivered { within: false, small };
            }
        }
        Delivered { within, small }
    }

    #[inline(always)]
    fn scaled(self, units: f64) -> f64 {
        f64::from(self * units as f32)
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
        // Converted as signed integers, because these have vector conversions at every level.
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
    const WIDENS: bool = false;
    const GROWTH: f64 = 1024.0;
    const HEADROOM: f64 = Self::GROWTH;

    fn kernel_of(kernels: &Kernels) -> &OnceLock<(SimdLevel, Arc<Kernel<f64>>)> {
        &kernels.double
    }

    #[inline(always)]
    fn increase(sum: &mut i64, units: i64) {
        *sum = sum.wrapping_add(units);
    }

    #[inline(always)]
    fn target(neuron_slot: u32) -> u32 {
        neuron_slot
    }

    #[inline(always)]
    fn deliver_each(targets: Indices<u32>, weights: &[f64], units: f64, sums: &mut [i64]) -> Delivered {
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
        Delivered { within, small: false }
    }

    #[inline(always)]
    fn scaled(self, units: f64) -> f64 {
        self * units
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
        Scalar::exp(x)
    }

    #[inline(always)]
    fn unit(word: u32) -> f64 {
        (f64::from(word) + 1.0) * (1.0 / 4_294_967_296.0)
    }
}

/// The kernel of a step for each precision, with its SIMD level.
#[derive(Default)]
pub struct Kernels {
    pub single: OnceLock<(SimdLevel, Arc<Kernel<f32>>)>,
    pub double: OnceLock<(SimdLevel, Arc<Kernel<f64>>)>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::representation::synapse_format::deliver_small;

    #[test]
    fn weights_come_to_their_targets_and_none_is_lost_unseen() {
        /// With this factor about a quarter of the weights are small.
        const UNITS: f32 = 4000.0;
        let rng = lapicque_base::rng::Rng::new(1, 2);
        for level in SimdLevel::ALL.into_iter().filter(|level| level.is_supported()) {
            let deliver = |targets: &[u16], weights: &[f32], sums: &mut [i32]| {
                crate::representation::indices::deliver::<f32>(
                    level,
                    Indices::new(level, targets),
                    weights,
                    UNITS.into(),
                    sums,
                )
            };
            for n in [0, 1, 7, 64, 100, 507] {
                let targets: Vec<u16> = (0..n).map(|i| (rng.u32_at(i) % 97) as u16).collect();
                let weights: Vec<f32> = (0..n).map(|i| f32::unit(rng.u32_at(1 << 32 | i)) - 0.5).collect();
                let (mut sums, mut expected) = (vec![5; 97], vec![5; 97]);
                let (mut wide, mut expected_wide) = (vec![5; 97], vec![5; 97]);
                let mut some = false;
                for (&target, &weight) in targets.iter().zip(&weights) {
                    if (weight * UNITS).abs() < SURE as f32 {
                        some |= weight != 0.0;
                        expected_wide[usize::from(target)] +=
                            (f64::from(weight) * 1e9).round_ties_even() as i64;
                    } else {
                        expected[usize::from(target)] += (weight * UNITS).round_ties_even() as i32;
                    }
                }
                let delivered = deliver(&targets, &weights, &mut sums);
                assert_eq!(delivered, Delivered { within: true, small: some }, "{n} at {}", level.name());
                let neuron_slots = Indices::new(level, &targets);
                deliver_small::<f32>(neuron_slots, &weights, [UNITS.into(), 1e9], &mut wide);
                assert!(sums == expected && wide == expected_wide, "{n} at {}", level.name());
                // A weight that is too large or NaN, or a sum that is too large, at any position.
                for i in [0, n / 2, n.saturating_sub(1)].map(|i| i as usize).into_iter().filter(|_| n > 0) {
                    for wrong in [f32::NAN, f32::INFINITY, 5e3] {
                        let mut weights = weights.clone();
                        weights[i] = wrong;
                        assert!(!deliver(&targets, &weights, &mut sums).within);
                    }
                    let mut weights = weights.clone();
                    weights[i] = 0.5;
                    let mut full = vec![0; 97];
                    full[usize::from(targets[i])] = i32::MAX - 100;
                    if targets.iter().filter(|&&target| target == targets[i]).count() == 1 {
                        assert!(!deliver(&targets, &weights, &mut full).within);
                    }
                }
            }
        }
    }

    #[test]
    #[should_panic]
    fn a_target_that_is_not_there_is_not_written() {
        let level = SimdLevel::detect();
        let neuron_slots = Indices::new(level, &[3]);
        let _ = crate::representation::indices::deliver::<f32>(level, neuron_slots, &[1.0], 1.0, &mut [0; 3]);
    }
}
