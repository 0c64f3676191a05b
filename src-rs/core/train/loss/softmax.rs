//! Softmax cross-entropy over many rows at once: the hot loop of training on the membrane.

use lapicque_base::at_level::{Work, at_level};
use lapicque_base::error::{Result, try_vec};
use lapicque_base::real::Real;
use lapicque_base::simd::SimdLevel;
use std::any::TypeId;

/// Rows of logits and the data for their loss. Row `r` belongs to sample `r % samples` and is its step `r / samples`.
pub(super) struct Rows<'r> {
    pub classes: usize,
    pub labels: Labels<'r>,
    /// Number of rows of a sample that count, from the first on.
    pub lengths: &'r [usize],
    /// d(batch loss) / d(one row's cross-entropy), one per sample.
    pub scales: &'r [f64],
}

impl Rows<'_> {
    /// Calls `row(sample, label, logits)` for each row that counts, and `rest` for those that do not.
    pub(super) fn each<'l, F: Real>(
        &self,
        logits: &'l mut [F],
        mut row: impl FnMut(usize, usize, &'l mut [F]),
        rest: impl Fn(&mut [F]),
    ) {
        let samples = self.lengths.len();
        for (r, logits) in logits.chunks_exact_mut(self.classes).enumerate() {
            let (t, s) = (r / samples, r % samples);
            match t < self.lengths[s] {
                true => row(s, self.labels.at(t, s), logits),
                false => rest(logits),
            }
        }
    }
}

/// The labels of a chunk of samples.
#[derive(Clone, Copy)]
pub(super) struct Labels<'r> {
    /// The labels, beginning with that of the chunk's first sample at its first step.
    pub labels: &'r [u32],
    /// Distance between the labels of two steps; 0 if a sample has one label.
    pub stride: usize,
}

impl Labels<'_> {
    #[inline(always)]
    pub(super) fn at(&self, step: usize, sample: usize) -> usize {
        self.labels[step * self.stride + sample] as usize
    }
}

/// Overwrites `logits` with the gradient, and *adds* each row's cross-entropy to its sample's `nll`. `smoothing` is the
/// share of the target that is spread over all classes.
pub(super) fn cross_entropy_rows<F: Real>(
    level: SimdLevel,
    rows: &Rows,
    smoothing: f64,
    logits: &mut [F],
    nll: &mut [f64],
) -> Result<()> {
    let mut products = try_vec("products of sums", rows.lengths.len(), 1.0)?;
    if smoothing > 0.0 {
        add_smoothing(rows, smoothing, logits, nll);
    }
    if TypeId::of::<F>() == TypeId::of::<f32>() {
        // SAFETY: F is f32.
        let logits = unsafe { std::slice::from_raw_parts_mut(logits.as_mut_ptr().cast(), logits.len()) };
        at_level(level, Softmax::<f32> { rows, logits, products: &mut products, nll });
    } else {
        debug_assert_eq!(TypeId::of::<F>(), TypeId::of::<f64>());
        // SAFETY: the other Real is f64.
        let logits = unsafe { std::slice::from_raw_parts_mut(logits.as_mut_ptr().cast(), logits.len()) };
        at_level(level, Softmax::<f64> { rows, logits, products: &mut products, nll });
    }
    if smoothing > 0.0 {
        smooth_gradient(rows, smoothing, logits);
    }
    Ok(())
}

/// The term that smoothing adds to the cross-entropy of the label z\[y\]: smoothing (z\[y\] - mean z).
fn add_smoothing<F: Real>(rows: &Rows, smoothing: f64, logits: &mut [F], nll: &mut [f64]) {
    let add = |s: usize, label: usize, row: &mut [F]| {
        let mean = row.iter().map(|x| x.to_f64()).sum::<f64>() / rows.classes as f64;
        nll[s] += smoothing * (row[label].to_f64() - mean);
    };
    rows.each(logits, add, |_| {});
}

fn smooth_gradient<F: Real>(rows: &Rows, smoothing: f64, gradient: &mut [F]) {
    let smooth = |s: usize, label: usize, row: &mut [F]| {
        let share = smoothing * rows.scales[s];
        row[label] += F::from_f64(share);
        row.iter_mut().for_each(|x| *x = *x - F::from_f64(share / rows.classes as f64));
    };
    rows.each(gradient, smooth, |_| {});
}

struct Softmax<'a, F> {
    rows: &'a Rows<'a>,
    logits: &'a mut [F],
    products: &'a mut [f64],
    nll: &'a mut [f64],
}

impl<F: Exp> Work for Softmax<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        kernel(self.rows, self.logits, self.products, self.nll);
    }
}

/// About half of L1, so that a block stays there during the three passes over it.
const BLOCK_BYTES: usize = 16 * 1024;

#[inline(always)]
fn kernel<F: Exp>(rows: &Rows, logits: &mut [F], products: &mut [f64], nll: &mut [f64]) {
    let (classes, samples) = (rows.classes, rows.lengths.len());
    let block = (BLOCK_BYTES / (classes * size_of::<F>())).max(1);
    // The sums of the rows are in [1, classes]: their product is exact enough in f64, and many rows need only one
    // logarithm.
    let rows_a_logarithm = (700.0 / libm::log(classes.max(2) as f64)) as usize;
    for (b, rows_of_block) in logits.chunks_mut(block * classes).enumerate() {
        let first = b * block;
        let tail = |r: usize| ((first + r) / samples, (first + r) % samples);
        let (mut t, mut s) = tail(0);
        for row in rows_of_block.chunks_exact_mut(classes) {
            let mut max = row[0];
            for &x in row.iter() {
                max = if x > max { x } else { max };
            }
            for x in row.iter_mut() {
                *x = *x - max;
            }
            if t < rows.lengths[s] {
                nll[s] -= row[rows.labels.at(t, s)].to_f64();
            }
            (t, s) = if s + 1 == samples { (t + 1, 0) } else { (t, s + 1) };
        }
        for x in rows_of_block.iter_mut() {
            *x = x.exp_of_negative();
        }
        (t, s) = tail(0);
        for row in rows_of_block.chunks_exact_mut(classes) {
            if t < rows.lengths[s] {
                let mut sum = F::ZERO;
                for &x in row.iter() {
                    sum += x;
                }
                products[s] *= sum.to_f64();
                if t % rows_a_logarithm == rows_a_logarithm - 1 {
                    nll[s] += libm::log(products[s]);
                    products[s] = 1.0;
                }
                let scale = F::from_f64(rows.scales[s]);
                let over_sum = scale / sum;
                for x in row.iter_mut() {
                    *x = *x * over_sum;
                }
                let label = &mut row[rows.labels.at(t, s)];
                *label = *label - scale;
            } else {
                row.fill(F::ZERO);
            }
            (t, s) = if s + 1 == samples { (t + 1, 0) } else { (t, s + 1) };
        }
    }
    for (nll, product) in nll.iter_mut().zip(products.iter()) {
        *nll += libm::log(*product);
    }
}

/// A branch-free exponential that vectorizes: 2^n times a Taylor polynomial on |r| <= ln 2 / 2.
trait Exp: Real {
    /// exp(x) for x <= 0 (NaN stays NaN), and 0 below 2^-64 in f32 and 2^-512 in f64. The gradient of the label is `p - 1`, so it is 0 long before that.
    /// Smaller gradients would become subnormal on their way back through layers and steps, and some CPUs are slow with these. The limits are a choice.
    fn exp_of_negative(self) -> Self;
}

macro_rules! exp {
    ($t:ty, $bits:ty, $mantissa:literal, $bias:literal, $least:expr, $ln2_high:expr, $ln2_low:literal, [$($term:literal),*]) => {
        impl Exp for $t {
            #[inline(always)]
            fn exp_of_negative(self) -> Self {
                // Adding 1.5 * 2^mantissa rounds to an integer and leaves it in the low bits.
                const ROUND: $t = 1.5 * ((1 as $bits) << $mantissa) as $t;
                let x = if self < $least { $least } else { self };
                let shifted = <$t>::mul_add(x, std::f64::consts::LOG2_E as $t, ROUND);
                let n = shifted - ROUND;
                let r = <$t>::mul_add(n, -($ln2_high), x);
                let r = <$t>::mul_add(n, -$ln2_low, r);
                let mut p: $t = 0.0;
                $(p = <$t>::mul_add(p, r, (1.0f64 / $term) as $t);)*
                let power = p * <$t>::from_bits((shifted.to_bits() << $mantissa).wrapping_add($bias << $mantissa));
                if self < $least { 0.0 } else { power }
            }
        }
    };
}

exp!(
    f32,
    u32,
    23,
    127,
    -64.0 * std::f32::consts::LN_2,
    355.0 / 512.0,
    -2.121_944_4e-4,
    [5040.0, 720.0, 120.0, 24.0, 6.0, 2.0, 1.0, 1.0]
);
exp!(
    f64,
    u64,
    52,
    1023,
    -512.0 * std::f64::consts::LN_2,
    0.693_147_180_369_123_8,
    1.908_214_929_270_587_7e-10,
    [
        6227020800.0,
        479001600.0,
        39916800.0,
        3628800.0,
        362880.0,
        40320.0,
        5040.0,
        720.0,
        120.0,
        24.0,
        6.0,
        2.0,
        1.0,
        1.0
    ]
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_is_within_two_units_of_libm() {
        for i in 0..=40_000 {
            let x = -f64::from(i) * (354.0 / 40_000.0);
            let (got, want) = (x.exp_of_negative(), libm::exp(x));
            assert!((got - want).abs() <= 2.0 * f64::EPSILON * want, "{x}: {got} {want}");
            let x = -(i as f32) * (44.0 / 40_000.0);
            let (got, want) = (f64::from(x.exp_of_negative()), libm::exp(f64::from(x)));
            assert!((got - want).abs() <= 2.0 * f64::from(f32::EPSILON) * want, "{x}: {got} {want}");
        }
        assert!(f32::NAN.exp_of_negative().is_nan() && f64::NAN.exp_of_negative().is_nan());
        for x in [-44.4, -87.0, -1e30, f32::NEG_INFINITY] {
            assert_eq!(x.exp_of_negative(), 0.0, "{x}");
        }
        for x in [-355.0, -708.0, -1e300, f64::NEG_INFINITY] {
            assert_eq!(x.exp_of_negative(), 0.0, "{x}");
        }
    }

    #[test]
    fn every_simd_level_gives_the_same_bits() {
        let (samples, classes, steps) = (5, 7, 90);
        let logits: Vec<f32> =
            (0..steps * samples * classes).map(|i| ((i * 7919) % 1009) as f32 / 80.0 - 6.0).collect();
        let rows = Rows {
            classes,
            labels: Labels { labels: &[0, 6, 3, 2, 2], stride: 0 },
            lengths: &[90, 90, 17, 1, 50],
            scales: &[0.2, 0.1, 0.3, 1.0, 2.0],
        };
        let run = |level| {
            let (mut grad, mut nll) = (logits.clone(), vec![0.0; samples]);
            cross_entropy_rows(level, &rows, 0.1, &mut grad, &mut nll).unwrap();
            (grad, nll)
        };
        let reference = run(SimdLevel::Portable);
        for level in SimdLevel::ALL.into_iter().filter(|level| level.is_supported()) {
            assert_eq!(run(level), reference, "{}", level.name());
        }
    }
}
