//! Convolutions: each event adds its window of weights to the pixels around it. Neurons lie pixel by pixel with their channels contiguous.

use crate::events::Row;
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
            let size = padded.checked_sub(kernel).map_or(0, |room| room / stride + 1);
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

/// Weights `[in][kernel row][kernel column, from the last to the first][out]`: so the targets of a row of the window, of ascending weights, are
/// ascending pixels.
pub struct Convolution {
    geometry: Geometry,
    pixels: Pixels,
    weights: Vec<i8>,
}

impl Convolution {
    /// `pixels`: those of the input. `weights`: `[out, in, kernel row, kernel column]`. Errors: `too-large`.
    pub fn new(geometry: Geometry, pixels: Pixels, weights: &[i8]) -> Result<Self> {
        let (inputs, outputs) = (geometry.input[0], geometry.output[0]);
        let [height, width] = geometry.kernel;
        let window = height * width;
        let mut own = try_vec("the weights of the integer network", weights.len(), 0)?;
        for (i, &weight) in weights.iter().enumerate() {
            let (pixel, input, output) = (i % window, i / window % inputs, i / window / inputs);
            let column = width - 1 - pixel % width;
            own[(input * window + pixel / width * width + column) * outputs + output] = weight;
        }
        Ok(Convolution { geometry, pixels, weights: own })
    }

    pub fn bytes(&self) -> usize {
        self.weights.len()
    }

    /// Adds `count * weight << shift` for each event to the exact sums of all targets.
    #[inline(always)]
    pub fn add(&self, row: Row, max_count: i32, shift: u32, sums: &mut [i32]) {
        for (i, &neuron) in row.neurons.iter().enumerate() {
            let count =
                row.counts.map_or(1, |counts| i32::from(counts[i]).clamp(-max_count, max_count)) << shift;
            if let Some(pixel) = self.pixels.of(neuron) {
                self.add_window(pixel, count, sums);
            }
        }
    }

    #[inline(always)]
    fn add_window(&self, pixel: Pixel, count: i32, sums: &mut [i32]) {
        let Geometry { output, kernel, stride, padding, .. } = self.geometry;
        let outputs = output[0];
        let [y, x] = [pixel.y + padding[0], pixel.x + padding[1]];
        let window = &self.weights[pixel.channel * kernel[0] * kernel[1] * outputs..];
        // Weights whose target is outside the image, before and behind.
        let last = kernel[1] - 1;
        let columns = last.saturating_sub(x)..kernel[1].min((output[2] + last).saturating_sub(x));
        for row in 0..kernel[0] {
            let Some(target_y) = target(y, row, stride[0], output[1]) else { continue };
            let weights = &window[row * kernel[1] * outputs..];
            let line = target_y * output[2];
            if stride[1] == 1 {
                if columns.is_empty() {
                    continue;
                }
                let len = columns.len() * outputs;
                let from = line + x + columns.start - last;
                add_run(
                    count,
                    &weights[columns.start * outputs..][..len],
                    &mut sums[from * outputs..][..len],
                );
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
fn add_run(count: i32, weights: &[i8], sums: &mut [i32]) {
    if count == 1 {
        for (sum, &weight) in sums.iter_mut().zip(weights) {
            *sum += i32::from(weight);
        }
    } else {
        for (sum, &weight) in sums.iter_mut().zip(weights) {
            *sum += count * i32::from(weight);
        }
    }
}

/// The output pixel along an axis that reads the padded pixel `at` by its window's element `offset`.
#[inline(always)]
fn target(at: usize, offset: usize, stride: usize, size: usize) -> Option<usize> {
    let from = at.checked_sub(offset)?;
    let target = if stride == 1 { from } else { (from % stride == 0).then_some(from / stride)? };
    (target < size).then_some(target)
}
