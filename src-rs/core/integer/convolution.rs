//! Convolutions: each event adds its window of weights to the pixels around it. Neurons lie pixel by pixel with their channels contiguous.

use crate::events::{BURST, Row, burst};
use crate::sources::{Pixel, Pixels};
use lapicque_base::error::{Error, Result, try_vec};

/// The sizes of a convolution.
#[derive(Debug, Clone, Copy)]
pub struct Geometry {
    /// `[channels, height, width]`, after the pool.
    pub input: [usize; 3],
    pub output: [usize; 3],
    pub kernel: [usize; 2],
    pub stride: [usize; 2],
    pub padding: [usize; 2],
}

impl Geometry {
    /// Checks that the output has the size that the window gives.
    ///
    /// # Errors
    /// `shape-mismatch`, `invalid-parameter`.
    pub fn check(&self, layer: &str) -> Result<()> {
        for axis in 0..2 {
            let (kernel, stride, padding) = (self.kernel[axis], self.stride[axis], self.padding[axis]);
            let sizes = [kernel, stride];
            if sizes.contains(&0) || [kernel, stride, padding].iter().any(|&size| size > 1 << 16) {
                let got = format!("kernel {kernel}, stride {stride}, padding {padding}");
                return Err(Error::invalid(layer, got, "sizes from 1 to 65536, and a padding from 0"));
            }
            let padded = self.input[axis + 1] + 2 * padding;
            let size = padded.checked_sub(kernel).map_or(0, |last_start| last_start / stride + 1);
            if size != self.output[axis + 1] {
                return Err(Error::ShapeMismatch {
                    layer: layer.to_string(),
                    expected: format!("{size} pixels along axis {} of the image", axis + 1),
                    got: self.output[axis + 1].to_string(),
                });
            }
        }
        Ok(())
    }

    /// Weights of all windows; `None` when no machine could hold them.
    pub fn weights(&self) -> Option<usize> {
        let [height, width] = self.kernel;
        [self.output[0], height, width].into_iter().try_fold(self.input[0], usize::checked_mul)
    }
}

/// Weights `[in][kernel row][kernel column, from the last to the first][out]`: ascending weights of a row of the window are those of ascending
/// pixels. Each row is padded with zeros to whole registers.
pub struct Convolution {
    geometry: Geometry,
    pixels: Pixels,
    /// Weights of a row with its zeros.
    row: usize,
    weights: Vec<i8>,
}

/// 16-bit sums of a small register.
const REGISTER: usize = 16;

impl Convolution {
    /// `pixels`: those of the input. `weights`: `[out, in, kernel row, kernel column]`. Errors: `too-large`.
    pub fn new(geometry: Geometry, pixels: Pixels, weights: &[i8]) -> Result<Self> {
        let (inputs, outputs) = (geometry.input[0], geometry.output[0]);
        let [height, width] = geometry.kernel;
        let row = (width * outputs).next_multiple_of(REGISTER);
        let len = row.saturating_mul(height).saturating_mul(inputs);
        let mut own = try_vec("the weights of the integer network", len, 0)?;
        for (i, &weight) in weights.iter().enumerate() {
            let (column, y, i) = (i % width, i / width % height, i / width / height);
            let (input, output) = (i % inputs, i / inputs);
            own[(input * height + y) * row + (width - 1 - column) * outputs + output] = weight;
        }
        Ok(Convolution { geometry, pixels, row, weights: own })
    }

    pub fn bytes(&self) -> usize {
        self.weights.len()
    }

    /// 16-bit sums of [`Convolution::add`]: those of all targets, and what a padded row reaches beyond.
    pub fn sums(neurons: usize) -> usize {
        neurons + REGISTER
    }

    /// Adds `count * weight << shift` for each event to the exact sums of all targets. `narrow`: zeros, as many as
    /// [`Convolution::sums`] says, which it leaves.
    #[inline(always)]
    pub fn add(&self, row: Row, max_count: i32, shift: u32, narrow: &mut [i16], sums: &mut [i32]) {
        let mut start = 0;
        while start < row.neurons.len() {
            let end = match row.counts {
                None => row.neurons.len().min(start + BURST),
                Some(counts) => burst(counts, start, max_count),
            };
            for i in start..end {
                let count = row.counts.map_or(1, |counts| i32::from(counts[i]).clamp(-max_count, max_count));
                if let Some(pixel) = self.pixels.of(row.neurons[i]) {
                    self.add_window(pixel, count as i16, narrow);
                }
            }
            for (sum, narrow) in sums.iter_mut().zip(narrow.iter_mut()) {
                *sum += i32::from(*narrow) << shift;
                *narrow = 0;
            }
            start = end;
        }
    }

    #[inline(always)]
    fn add_window(&self, pixel: Pixel, count: i16, sums: &mut [i16]) {
        let Geometry { output, kernel, stride, padding, .. } = self.geometry;
        let outputs = output[0];
        let [y, x] = [pixel.y + padding[0], pixel.x + padding[1]];
        let windows = &self.weights[pixel.channel * kernel[0] * self.row..][..kernel[0] * self.row];
        let last = kernel[1] - 1;
        // With stride 1 the columns whose target is in the image. If all are, a row is added with its zeros.
        let columns = last.saturating_sub(x)..kernel[1].min((output[2] + last).saturating_sub(x));
        if stride[1] == 1 && columns.is_empty() {
            return;
        }
        let len = if columns.len() == kernel[1] { self.row } else { columns.len() * outputs };
        for (row, weights) in windows.chunks_exact(self.row).enumerate() {
            let Some(target_y) = target(y, row, stride[0], output[1]) else { continue };
            let line = target_y * output[2];
            if stride[1] == 1 {
                let from = (line + x + columns.start - last) * outputs;
                add_run(count, &weights[columns.start * outputs..][..len], &mut sums[from..][..len]);
                continue;
            }
            for column in 0..kernel[1] {
                let Some(target_x) = target(x, column, stride[1], output[2]) else { continue };
                let weights = &weights[(last - column) * outputs..][..outputs];
                add_run(count, weights, &mut sums[(line + target_x) * outputs..][..outputs]);
            }
        }
    }
}

#[inline(always)]
fn add_run(count: i16, weights: &[i8], sums: &mut [i16]) {
    if count != 1 {
        for (sum, &weight) in sums.iter_mut().zip(weights) {
            *sum += count * i16::from(weight);
        }
        return;
    }
    let ((wide, rest), (wide_sums, rest_sums)) = (weights.as_chunks::<64>(), sums.as_chunks_mut::<64>());
    for (sums, weights) in wide_sums.iter_mut().zip(wide) {
        add_register(weights, sums);
    }
    let ((narrow, rest), (narrow_sums, rest_sums)) =
        (rest.as_chunks::<REGISTER>(), rest_sums.as_chunks_mut::<REGISTER>());
    for (sums, weights) in narrow_sums.iter_mut().zip(narrow) {
        add_register(weights, sums);
    }
    for (sum, &weight) in rest_sums.iter_mut().zip(rest) {
        *sum += i16::from(weight);
    }
}

/// By a copy, so that the compiler knows that sums and weights are apart and keeps to vector instructions.
#[inline(always)]
fn add_register<const N: usize>(weights: &[i8; N], sums: &mut [i16; N]) {
    let mut new = *sums;
    for i in 0..N {
        new[i] += i16::from(weights[i]);
    }
    *sums = new;
}

/// The output pixel along an axis that reads the padded pixel `at` by its window's element `offset`.
#[inline(always)]
fn target(at: usize, offset: usize, stride: usize, size: usize) -> Option<usize> {
    let from = at.checked_sub(offset)?;
    let target = if stride == 1 { from } else { (from % stride == 0).then_some(from / stride)? };
    (target < size).then_some(target)
}
