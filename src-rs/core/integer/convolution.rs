//! Convolutions: each event adds its window of weights to the pixels around it. Neurons lie pixel by pixel with their channels contiguous.

use crate::events::Event;
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

/// Weights `[in][kernel row][kernel column][out]`.
pub struct Convolution {
    geometry: Geometry,
    weights: Vec<i8>,
}

impl Convolution {
    /// `weights`: `[out, in, kernel row, kernel column]`. Errors: `too-large`.
    pub fn new(geometry: Geometry, weights: &[i8]) -> Result<Self> {
        let (inputs, outputs) = (geometry.input[0], geometry.output[0]);
        let window = geometry.kernel[0] * geometry.kernel[1];
        let mut own = try_vec("the weights of the integer network", weights.len(), 0)?;
        for (i, &weight) in weights.iter().enumerate() {
            let (pixel, input, output) = (i % window, i / window % inputs, i / window / inputs);
            own[(input * window + pixel) * outputs + output] = weight;
        }
        Ok(Convolution { geometry, weights: own })
    }

    pub fn bytes(&self) -> usize {
        self.weights.len()
    }

    /// Adds `count * weight << shift` for each event to the exact sums.
    #[inline(always)]
    pub fn add(&self, events: &[Event], max_count: i32, shift: u32, sums: &mut [i32]) {
        let Geometry { input, output, kernel, stride, padding } = self.geometry;
        let (channels, outputs) = (input[0], output[0]);
        for event in events {
            let count = event.count.clamp(-max_count, max_count) << shift;
            let (pixel, channel) = (event.neuron as usize / channels, event.neuron as usize % channels);
            let [y, x] = [pixel / input[2] + padding[0], pixel % input[2] + padding[1]];
            let windows = &self.weights[channel * kernel[0] * kernel[1] * outputs..];
            for row in 0..kernel[0] {
                let Some(target_y) = target(y, row, stride[0], output[1]) else { continue };
                for column in 0..kernel[1] {
                    let Some(target_x) = target(x, column, stride[1], output[2]) else { continue };
                    let weights = &windows[(row * kernel[1] + column) * outputs..][..outputs];
                    let sums = &mut sums[(target_y * output[2] + target_x) * outputs..][..outputs];
                    for (sum, &weight) in sums.iter_mut().zip(weights) {
                        *sum += count * i32::from(weight);
                    }
                }
            }
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
