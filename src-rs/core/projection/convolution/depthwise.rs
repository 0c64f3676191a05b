//! The input gradient of a convolution whose groups have one channel each. It vectorizes over channels, because no sum
//! crosses channels. An element is one sum over `(row, column, channel of its group)` of the output, ascending.

use super::patches::Patches;
use crate::simd::dispatch::{Kernel, dispatch};
use crate::simd::registers::{Element, Lanes};
use lapicque_base::SimdLevel;

/// Adds to `dx`, `[pixel][group]`. `weights` are `[channel of the group][ky][kx][group]`, `gradient` is
/// `[pixel][group][width]`, `values` is scratch for it in the order of the weights.
pub(crate) fn input_gradient<F: Element>(
    level: SimdLevel,
    patches: &Patches,
    weights: &[F],
    gradient: &[F],
    values: &mut Vec<F>,
    dx: &mut [F],
) {
    dispatch(level, Depthwise { patches, weights, gradient, values, dx });
}

pub struct Depthwise<'a, F> {
    patches: &'a Patches,
    weights: &'a [F],
    gradient: &'a [F],
    values: &'a mut Vec<F>,
    dx: &'a mut [F],
}

impl<F: Element> Kernel<F> for Depthwise<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        let Depthwise { patches: p, weights, gradient, values, dx } = self;
        let (groups, outputs) = (p.groups, p.channels[1] / p.groups);
        let [input_size, output_size] = p.size;
        let window = p.kernel[0] * p.kernel[1];
        values.clear();
        for pixel in gradient.chunks_exact(groups * p.width) {
            for o in 0..outputs {
                values.extend(pixel.chunks_exact(p.width).map(|of_group| of_group[o]));
            }
        }
        // From the last row of the window on, so that for each input row the output rows ascend.
        for (ky, rows) in p.rows.iter().enumerate().rev() {
            for &(row, y) in rows {
                for x in 0..output_size[1] {
                    let pixel = row as usize * output_size[1] + x;
                    for (k, at) in p.columns.pairs(x) {
                        let sums = &mut dx[(y as usize * input_size[1] + at) * groups..][..groups];
                        for o in 0..outputs {
                            let gradient = &values[(pixel * outputs + o) * groups..][..groups];
                            let weights = &weights[(o * window + ky * p.kernel[1] + k) * groups..][..groups];
                            for ((sum, &g), &w) in sums.iter_mut().zip(gradient).zip(weights) {
                                *sum = g.mul_add(w, *sum);
                            }
                        }
                    }
                }
            }
        }
    }
}
