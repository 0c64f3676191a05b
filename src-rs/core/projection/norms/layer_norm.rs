//! Normalization of parts of rows by their own mean and variance. A part's sums add its values in order; the sums of
//! eight parts are interleaved, because each addition waits for the one before it.

use super::norm::normalized_gradient;
use crate::simd::dispatch::{Kernel, dispatch};
use crate::simd::registers::{Element, Lanes};
use lapicque_base::SimdLevel;

/// Parts whose sums are interleaved.
const TOGETHER: usize = 8;

/// Replaces parts of `len` values by their normalized values, `(x - mean) / √(variance + ε)` with the variance divided
/// by n, and returns the inverse standard deviation of each part.
pub fn normalize_parts<F: Element>(level: SimdLevel, len: usize, epsilon: f64, x: &mut [F]) -> Vec<F> {
    dispatch(level, Normalize { len, epsilon: F::from_f64(epsilon), x })
}

pub struct Normalize<'a, F> {
    len: usize,
    epsilon: F,
    x: &'a mut [F],
}

impl<F: Element> Kernel<F> for Normalize<'_, F> {
    type Output = Vec<F>;

    // The index is that of a value in each of several parts.
    #[allow(clippy::needless_range_loop)]
    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) -> Vec<F> {
        let Normalize { len, epsilon, x } = self;
        let n = F::from_f64(len as f64);
        let mut inverses = Vec::with_capacity(x.len() / len);
        for parts in x.chunks_mut(len * TOGETHER) {
            let mut means = [F::ZERO; TOGETHER];
            let mut squares = [F::ZERO; TOGETHER];
            let count = parts.len() / len;
            if count == TOGETHER {
                let all: [&[F]; TOGETHER] = std::array::from_fn(|p| &parts[p * len..][..len]);
                for i in 0..len {
                    (0..TOGETHER).for_each(|p| means[p] += all[p][i]);
                }
                means.iter_mut().for_each(|sum| *sum = *sum / n);
                for i in 0..len {
                    for p in 0..TOGETHER {
                        let x = all[p][i] - means[p];
                        squares[p] = x.mul_add(x, squares[p]);
                    }
                }
            } else {
                for ((mean, squares), part) in means.iter_mut().zip(&mut squares).zip(parts.chunks_exact(len))
                {
                    *mean = part.iter().fold(F::ZERO, |sum, &x| sum + x) / n;
                    *squares = part.iter().fold(F::ZERO, |sum, &x| (x - *mean).mul_add(x - *mean, sum));
                }
            }
            for ((part, &mean), &squares) in parts.chunks_exact_mut(len).zip(&means).zip(&squares) {
                let inverse = F::ONE / (squares / n + epsilon).sqrt();
                part.iter_mut().for_each(|x| *x = (*x - mean) * inverse);
                inverses.push(inverse);
            }
        }
        inverses
    }
}

/// Replaces the normalized values `hat` by the input gradient of `normalize_parts`; `gradient` is that of the
/// normalized values.
pub fn normalize_parts_gradient<F: Element>(
    level: SimdLevel,
    len: usize,
    inverses: &[F],
    gradient: &[F],
    hat: &mut [F],
) {
    dispatch(level, Gradient { len, inverses, gradient, hat });
}

pub struct Gradient<'a, F> {
    len: usize,
    inverses: &'a [F],
    gradient: &'a [F],
    hat: &'a mut [F],
}

impl<F: Element> Kernel<F> for Gradient<'_, F> {
    type Output = ();

    // As above.
    #[allow(clippy::needless_range_loop)]
    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        let Gradient { len, inverses, gradient, hat } = self;
        let n = F::from_f64(len as f64);
        let all = gradient.chunks(len * TOGETHER).zip(hat.chunks_mut(len * TOGETHER));
        for ((gradient, hat), inverses) in all.zip(inverses.chunks(TOGETHER)) {
            let mut plain = [F::ZERO; TOGETHER];
            let mut product = [F::ZERO; TOGETHER];
            if inverses.len() == TOGETHER {
                let of: [[&[F]; 2]; TOGETHER] =
                    std::array::from_fn(|p| [&gradient[p * len..][..len], &hat[p * len..][..len]]);
                for i in 0..len {
                    for p in 0..TOGETHER {
                        let [g, hat] = [of[p][0][i], of[p][1][i]];
                        plain[p] += g;
                        product[p] = g.mul_add(hat, product[p]);
                    }
                }
            } else {
                for (p, (g, hat)) in gradient.chunks_exact(len).zip(hat.chunks_exact(len)).enumerate() {
                    plain[p] = g.iter().fold(F::ZERO, |sum, &g| sum + g);
                    product[p] = g.iter().zip(hat).fold(F::ZERO, |sum, (&g, &hat)| g.mul_add(hat, sum));
                }
            }
            let parts = gradient.chunks_exact(len).zip(hat.chunks_exact_mut(len)).zip(inverses);
            for (p, ((g, hat), &inverse)) in parts.enumerate() {
                let means = [plain[p] / n, product[p] / n];
                g.iter().zip(hat).for_each(|(&g, hat)| *hat = normalized_gradient(g, *hat, inverse, means));
            }
        }
    }
}

/// `x = x factor + offset` for each row; a row has as many values as there are factors.
pub fn scale_rows<F: Element>(level: SimdLevel, factors: &[F], offsets: &[F], rows: &mut [F]) {
    dispatch(level, Scale { factors, offsets, rows });
}

pub struct Scale<'a, F> {
    factors: &'a [F],
    offsets: &'a [F],
    rows: &'a mut [F],
}

impl<F: Element> Kernel<F> for Scale<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        for row in self.rows.chunks_exact_mut(self.factors.len()) {
            for ((x, &factor), &offset) in row.iter_mut().zip(self.factors).zip(self.offsets) {
                *x = x.mul_add(factor, offset);
            }
        }
    }
}

/// Columns whose sums stay in registers over all rows.
pub const SUMMED: usize = 32;

/// `factors[c] += Σ_r hat[r][first + c] gradient[r][first + c]` and `offsets[c] += Σ_r gradient[r][first + c]`, over
/// rows of `width`, ascending, for at most `SUMMED` columns.
pub fn affine_gradients<F: Element>(
    level: SimdLevel,
    [hat, gradient]: [&[F]; 2],
    width: usize,
    first: usize,
    [factors, offsets]: [&mut [F]; 2],
) {
    dispatch(level, Affine { hat, gradient, width, first, factors, offsets });
}

pub struct Affine<'a, F> {
    hat: &'a [F],
    gradient: &'a [F],
    width: usize,
    first: usize,
    factors: &'a mut [F],
    offsets: &'a mut [F],
}

impl<F: Element> Kernel<F> for Affine<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        let columns = self.first..self.first + self.factors.len();
        let rows = self.hat.chunks_exact(self.width).zip(self.gradient.chunks_exact(self.width));
        let rows = rows.map(|(hat, gradient)| (&hat[columns.clone()], &gradient[columns.clone()]));
        if let (Some(factors), Some(offsets)) = (
            self.factors.as_chunks_mut::<SUMMED>().0.first_mut(),
            self.offsets.as_chunks_mut::<SUMMED>().0.first_mut(),
        ) {
            let (mut product, mut plain) = (*factors, *offsets);
            for (hat, gradient) in rows {
                for (((product, plain), &hat), &g) in
                    product.iter_mut().zip(&mut plain).zip(hat).zip(gradient)
                {
                    *product = hat.mul_add(g, *product);
                    *plain += g;
                }
            }
            (*factors, *offsets) = (product, plain);
            return;
        }
        for (hat, gradient) in rows {
            let sums = self.factors.iter_mut().zip(self.offsets.iter_mut());
            for (((product, plain), &hat), &g) in sums.zip(hat).zip(gradient) {
                *product = hat.mul_add(g, *product);
                *plain += g;
            }
        }
    }
}
