//! Batch norm, row by row: `[pixel][channel]`, for any range of channels. Sums over the batch are in f64, rows and
//! pixels ascending.

use crate::PANEL;
use crate::layouts::panel_row::PanelRow;
use crate::simd::dispatch::{Kernel, dispatch};
use crate::simd::registers::{Element, Lanes, prefetch_lines};
use lapicque_base::SimdLevel;
use std::ops::Range;

/// Channels of a row of values `[pixel][all]`.
#[derive(Debug, Clone, Copy)]
pub struct Channels<'a, F> {
    pub values: &'a [F],
    pub all: usize,
    pub first: usize,
}

impl<'a, F: Element> Channels<'a, F> {
    /// A whole row.
    pub fn all(values: &'a [F], all: usize) -> Self {
        Channels { values, all, first: 0 }
    }

    /// The channels `from..from + len` of these, at all pixels.
    #[inline(always)]
    fn pixels(self, from: usize, len: usize) -> impl Iterator<Item = &'a [F]> {
        let range: Range<usize> = self.first + from..self.first + from + len;
        self.values.chunks_exact(self.all).map(move |pixel| &pixel[range.clone()])
    }
}

/// Channels whose sums stay in registers over all pixels of a row.
const TOGETHER: usize = 16;

/// Adds to the sums of each channel: calls `add(sums, first channel, values)` at each pixel for some channels.
#[inline(always)]
fn sum_up<F: Element>(x: Channels<F>, sums: &mut [f64], add: impl Fn(&mut [f64], usize, &[F])) {
    let (whole, rest) = sums.as_chunks_mut::<TOGETHER>();
    let first_of_rest = whole.len() * TOGETHER;
    for (block, sums) in whole.iter_mut().enumerate() {
        let (first, mut own) = (block * TOGETHER, *sums);
        for pixel in x.pixels(first, TOGETHER) {
            add(&mut own, first, pixel);
        }
        *sums = own;
    }
    for pixel in x.pixels(first_of_rest, rest.len()) {
        add(rest, first_of_rest, pixel);
    }
}

/// The normalization of each channel: `(x - mean) inverse`.
#[derive(Debug, Clone, Copy)]
pub struct Normal<'a, F> {
    pub mean: &'a [F],
    pub inverse: &'a [F],
}

/// Adds each channel's values to its sum.
pub fn channel_sums<F: Element>(level: SimdLevel, x: Channels<F>, sums: &mut [f64]) {
    dispatch(level, Sums { x, sums });
}

pub struct Sums<'a, F> {
    x: Channels<'a, F>,
    sums: &'a mut [f64],
}

impl<F: Element> Kernel<F> for Sums<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        sum_up(self.x, self.sums, |sums, _, x| {
            sums.iter_mut().zip(x).for_each(|(sum, x)| *sum += x.to_f64());
        });
    }
}

/// Adds the squares of each channel's distances from its mean.
pub fn channel_squares<F: Element>(level: SimdLevel, x: Channels<F>, means: &[f64], sums: &mut [f64]) {
    dispatch(level, Squares { x, means, sums });
}

pub struct Squares<'a, F> {
    x: Channels<'a, F>,
    means: &'a [f64],
    sums: &'a mut [f64],
}

impl<F: Element> Kernel<F> for Squares<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        let means = self.means;
        sum_up(self.x, self.sums, |sums, first, x| {
            // One slice per pixel: a bounds check for each channel would keep the channels out of one register.
            let means = &means[first..][..sums.len()];
            for ((sum, &x), &mean) in sums.iter_mut().zip(x).zip(means) {
                let distance = x.to_f64() - mean;
                *sum += distance * distance;
            }
        });
    }
}

/// `out = (x - mean) inverse scale`, then `out weight + bias` if they are given.
pub fn normalize<F: Element>(
    level: SimdLevel,
    x: &[F],
    normal: Normal<F>,
    scale: F,
    affine: Option<[&[F]; 2]>,
    out: &mut [F],
) {
    assert_eq!(x.len(), out.len(), "a row of a norm");
    dispatch(level, Normalize { x, normal, scale, affine, out });
}

pub struct Normalize<'a, F> {
    x: &'a [F],
    normal: Normal<'a, F>,
    scale: F,
    affine: Option<[&'a [F]; 2]>,
    out: &'a mut [F],
}

impl<F: Element> Kernel<F> for Normalize<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        let Normal { mean, inverse } = self.normal;
        let channels = mean.len();
        for (x, out) in self.x.chunks_exact(channels).zip(self.out.chunks_exact_mut(channels)) {
            let normal = x.iter().zip(mean).zip(inverse);
            match self.affine {
                Some([weight, bias]) => {
                    for ((out, ((&x, &mean), &inverse)), (&w, &b)) in
                        out.iter_mut().zip(normal).zip(weight.iter().zip(bias))
                    {
                        *out = ((x - mean) * inverse * self.scale).mul_add(w, b);
                    }
                }
                None => {
                    for (out, ((&x, &mean), &inverse)) in out.iter_mut().zip(normal) {
                        *out = (x - mean) * inverse * self.scale;
                    }
                }
            }
        }
    }
}

/// As [`normalize`], for contiguous elements `x[row * stride..]` of each row, where each element has its own mean,
/// factor and offset. `out` is `[row][64]`; its other elements are unchanged.
pub fn normalize_panel<F: Element>(
    level: SimdLevel,
    (x, stride): (&[F], usize),
    normal: Normal<F>,
    scale: F,
    affine: Option<[&[F]; 2]>,
    out: &mut [F],
) {
    assert!(normal.mean.len() <= PANEL, "elements of a panel");
    dispatch(level, NormalizePanel { x, stride, normal, scale, affine, out });
}

pub struct NormalizePanel<'a, F> {
    x: &'a [F],
    stride: usize,
    normal: Normal<'a, F>,
    scale: F,
    affine: Option<[&'a [F]; 2]>,
    out: &'a mut [F],
}

impl<F: Element> Kernel<F> for NormalizePanel<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        let NormalizePanel { x, stride, normal, scale, affine, out } = self;
        let width = normal.mean.len();
        for (i, out) in out.chunks_exact_mut(PANEL).enumerate() {
            // Prefetches the next row, because rows are too far apart for the hardware prefetcher.
            if let Some(later) = x.get(i * stride + width..i * stride + 2 * width) {
                prefetch_lines(later);
            }
            let (x, out) = (&x[i * stride..][..width], &mut out[..width]);
            // SAFETY: the caller guarantees the instructions of `V`.
            unsafe { Normalize { x, normal, scale, affine, out }.run::<V>() };
        }
    }
}

/// Adds each channel's gradients `g`, and their products with the normalized values: `[g, g x̂]`.
pub fn gradient_sums<F: Element>(
    level: SimdLevel,
    x: Channels<F>,
    gradient: Channels<F>,
    normal: Normal<F>,
    sums: [&mut [f64]; 2],
) {
    dispatch(level, GradientSums { x, gradient, normal, sums });
}

pub struct GradientSums<'a, F> {
    x: Channels<'a, F>,
    gradient: Channels<'a, F>,
    normal: Normal<'a, F>,
    sums: [&'a mut [f64]; 2],
}

impl<F: Element> Kernel<F> for GradientSums<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        let [plain, product] = self.sums;
        let Normal { mean, inverse } = self.normal;
        let (whole, rest) = product.as_chunks_mut::<TOGETHER>();
        let (whole_plain, rest_plain) = plain.as_chunks_mut::<TOGETHER>();
        let first_of_rest = whole.len() * TOGETHER;
        for (block, (plain, product)) in whole_plain.iter_mut().zip(whole).enumerate() {
            let first = block * TOGETHER;
            let normal = (&mean[first..][..TOGETHER], &inverse[first..][..TOGETHER]);
            let (mut own_plain, mut own) = (*plain, *product);
            let pixels = self.x.pixels(first, TOGETHER).zip(self.gradient.pixels(first, TOGETHER));
            pixels.for_each(|(x, gradient)| add_products([&mut own_plain, &mut own], x, gradient, normal));
            (*plain, *product) = (own_plain, own);
        }
        let normal = (&mean[first_of_rest..], &inverse[first_of_rest..]);
        let len = rest.len();
        for (x, gradient) in self.x.pixels(first_of_rest, len).zip(self.gradient.pixels(first_of_rest, len)) {
            add_products([rest_plain, rest], x, gradient, normal);
        }
    }
}

/// Adds gradients, and their products with the normalized values.
#[inline(always)]
fn add_products<F: Element>(
    [plain, product]: [&mut [f64]; 2],
    x: &[F],
    gradient: &[F],
    (mean, inverse): (&[F], &[F]),
) {
    let sums = plain.iter_mut().zip(product);
    let normal = mean.iter().zip(inverse);
    for ((((plain, product), &x), &g), (&mean, &inverse)) in sums.zip(x).zip(gradient).zip(normal) {
        *plain += g.to_f64();
        *product += g.to_f64() * ((x - mean) * inverse).to_f64();
    }
}

/// Replaces the gradient of the normalized values by that of the original values: `whole (g - ḡ - x̂ mean(g x̂))`, with
/// the two means for each channel. Both means are 0 if the statistics are not part of the gradient.
pub fn batch_norm_gradient<F: Element>(
    level: SimdLevel,
    x: &[F],
    gradient: &mut [F],
    normal: Normal<F>,
    whole: &[F],
    means: [&[F]; 2],
) {
    dispatch(level, Gradient { x, gradient, normal, whole, means });
}

pub struct Gradient<'a, F> {
    x: &'a [F],
    gradient: &'a mut [F],
    normal: Normal<'a, F>,
    whole: &'a [F],
    means: [&'a [F]; 2],
}

impl<F: Element> Kernel<F> for Gradient<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        let Normal { mean, inverse } = self.normal;
        let channels = mean.len();
        let pixels = self.x.chunks_exact(channels).zip(self.gradient.chunks_exact_mut(channels));
        for (x, gradient) in pixels {
            let normal = mean.iter().zip(inverse);
            let factors = self.whole.iter().zip(self.means[0]).zip(self.means[1]);
            for (((&x, g), (&mean, &inverse)), ((&whole, &m), &product)) in
                x.iter().zip(gradient).zip(normal).zip(factors)
            {
                let hat = (x - mean) * inverse;
                *g = whole * (*g - m - hat * product);
            }
        }
    }
}

/// As [`batch_norm_gradient`], for values `[channel][pixel]` that a population reads, from the population's gradient,
/// starting at the neuron `first`.
pub fn population_norm_gradient<F: Element>(
    level: SimdLevel,
    x: &[F],
    (gradient, first): (PanelRow<F>, usize),
    normal: Normal<F>,
    whole: &[F],
    means: [&[F]; 2],
    out: &mut [F],
) {
    let channels = normal.mean.len();
    assert!(x.len() == out.len() && x.len().is_multiple_of(channels), "a row of {channels} channels");
    dispatch(level, PopulationGradient { x, gradient, first, normal, whole, means, out });
}

pub struct PopulationGradient<'a, F> {
    x: &'a [F],
    gradient: PanelRow<'a, F>,
    first: usize,
    normal: Normal<'a, F>,
    whole: &'a [F],
    means: [&'a [F]; 2],
    out: &'a mut [F],
}

impl<F: Element> Kernel<F> for PopulationGradient<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        let Normal { mean, inverse } = self.normal;
        let pixels = self.x.len() / mean.len();
        let of_channels =
            mean.iter().zip(inverse).zip(self.whole).zip(self.means[0].iter().zip(self.means[1]));
        for (c, (((&mean, &inverse), &whole), (&m, &product))) in of_channels.enumerate() {
            let (mut n, end) = (c * pixels, (c + 1) * pixels);
            while n < end {
                let gradient = self.gradient.elements(self.first + n, end - n);
                let to = n + gradient.len();
                for ((out, &x), &g) in self.out[n..to].iter_mut().zip(&self.x[n..to]).zip(gradient) {
                    let hat = (x - mean) * inverse;
                    *out = whole * (g - m - hat * product);
                }
                n = to;
            }
        }
    }
}
