//! Additions of rows.

use crate::PANEL;
use crate::simd::dispatch::{Kernel, dispatch};
use crate::simd::registers::{Element, Lanes, prefetch_lines};
use crate::simd::strip::Strip;
use lapicque_base::SimdLevel;

/// `to[i] += more[i]` for as many elements as the shorter slice has.
pub fn add<F: Element>(level: SimdLevel, to: &mut [F], more: &[F]) {
    dispatch(level, Add { to, more });
}

pub struct Add<'a, F> {
    to: &'a mut [F],
    more: &'a [F],
}

impl<F: Element> Kernel<F> for Add<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        self.to.iter_mut().zip(self.more).for_each(|(x, &y)| *x += y);
    }
}

/// Adds to `to` all rows of `more`, which have the same length, in order.
pub fn add_all<F: Element>(level: SimdLevel, more: &[F], to: &mut [F]) {
    dispatch(level, AddAll { more, to });
}

pub struct AddAll<'a, F> {
    more: &'a [F],
    to: &'a mut [F],
}

impl<F: Element> Kernel<F> for AddAll<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        let AddAll { more, to } = self;
        let width = to.len();
        let whole = width / V::WIDTH * V::WIDTH;
        for first in (0..whole).step_by(V::WIDTH) {
            // SAFETY: a register within the width of each row; the caller guarantees the instructions of `V`.
            unsafe {
                let mut sum = Strip::<V, 1>::load(to.as_ptr().add(first));
                for row in more.chunks_exact(width) {
                    sum.add_row(row.as_ptr().add(first));
                }
                sum.store(to.as_mut_ptr().add(first));
            }
        }
        for row in more.chunks_exact(width) {
            to[whole..].iter_mut().zip(&row[whole..]).for_each(|(sum, &x)| *sum += x);
        }
    }
}

/// Adds rows of `more`, whose starts are `strides[1]` apart, to rows of `width` elements whose starts are `strides[0]`
/// apart, as many as both slices contain completely. With `begin`, to 0 instead of the old values.
pub fn add_rows<F: Element>(
    level: SimdLevel,
    (to, begin): (&mut [F], bool),
    more: &[F],
    strides: [usize; 2],
    width: usize,
) {
    dispatch(level, AddRows { to, begin, more, strides, width });
}

pub struct AddRows<'a, F> {
    to: &'a mut [F],
    begin: bool,
    more: &'a [F],
    strides: [usize; 2],
    width: usize,
}

impl<F: Element> Kernel<F> for AddRows<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        let AddRows { to, begin, more, strides, width } = self;
        for (to, more) in to.chunks_mut(strides[0]).zip(more.chunks(strides[1])) {
            if to.len() < width || more.len() < width {
                continue;
            }
            // Prefetches the next row, because rows are too far apart for the hardware prefetcher.
            if let Some(later) = more.get(width..2 * width) {
                prefetch_lines(later);
            }
            let both = to[..width].iter_mut().zip(&more[..width]);
            match begin {
                // Not a copy: -0 becomes 0.
                true => both.for_each(|(x, &y)| *x = F::ZERO + y),
                false => both.for_each(|(x, &y)| *x += y),
            }
        }
    }
}

/// Adds to each row of a panel, `[row][64]`, the same 64 values.
pub fn add_bias<F: Element>(level: SimdLevel, rows: &mut [F], bias: &[F]) {
    dispatch(level, AddBias { rows, bias: &bias[..PANEL] });
}

pub struct AddBias<'a, F> {
    rows: &'a mut [F],
    bias: &'a [F],
}

impl<F: Element> Kernel<F> for AddBias<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        for row in self.rows.chunks_exact_mut(PANEL) {
            row.iter_mut().zip(self.bias).for_each(|(x, &b)| *x += b);
        }
    }
}

/// `to = first + (second + bias)`, all three `[row][64]`, in one pass.
pub fn sum_with_bias<F: Element>(level: SimdLevel, to: &mut [F], [first, second]: [&[F]; 2], bias: &[F]) {
    assert!(first.len() == to.len() && second.len() == to.len(), "rows of {} elements", to.len());
    dispatch(level, SumWithBias { to, first, second, bias: &bias[..PANEL] });
}

pub struct SumWithBias<'a, F> {
    to: &'a mut [F],
    first: &'a [F],
    second: &'a [F],
    bias: &'a [F],
}

impl<F: Element> Kernel<F> for SumWithBias<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        let rows = self.first.chunks_exact(PANEL).zip(self.second.chunks_exact(PANEL));
        for (to, (first, second)) in self.to.chunks_exact_mut(PANEL).zip(rows) {
            for (((x, &a), &b), &bias) in to.iter_mut().zip(first).zip(second).zip(self.bias) {
                *x = a + (b + bias);
            }
        }
    }
}
