//! Shapes of the values in a network, and how convolutions and pools change them.

use lapicque_base::error::{Error, Result};
use lapicque_projection::{Taps, Window};
use std::fmt;

/// The maximum number of neurons in one population, or of inputs of one projection.
pub const MAX_SIZE: usize = 1 << 24;

/// Channels and pixels. `rank` is the number of sizes of the public shape: 1 `[channels]`, 2 `[channels, width]`, 3
/// `[channels, height, width]`, 4 `[channels, depth, height, width]`. The other sizes are 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    pub channels: usize,
    pub depth: usize,
    pub size: [usize; 2],
    pub rank: usize,
}

/// The sizes of a tensor, at most as many as the weights of a convolution over a volume have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TensorShape {
    sizes: [usize; 5],
    rank: usize,
}

impl<const RANK: usize> From<[usize; RANK]> for TensorShape {
    fn from(sizes: [usize; RANK]) -> Self {
        const { assert!(RANK <= 5) };
        TensorShape { sizes: std::array::from_fn(|axis| sizes.get(axis).copied().unwrap_or(1)), rank: RANK }
    }
}

impl From<Shape> for TensorShape {
    fn from(shape: Shape) -> Self {
        let sizes = shape.sizes();
        let size = |axis: usize| sizes.get(axis).copied().unwrap_or(1);
        TensorShape { sizes: std::array::from_fn(size), rank: sizes.len() }
    }
}

impl TensorShape {
    pub fn sizes(&self) -> &[usize] {
        &self.sizes[..self.rank]
    }

    pub fn elements(&self) -> usize {
        self.sizes.iter().fold(1, |product, &size| product.saturating_mul(size))
    }
}

impl Shape {
    pub fn flat(channels: usize) -> Self {
        Shape { channels, depth: 1, size: [1, 1], rank: 1 }
    }

    /// # Errors
    /// `invalid-parameter` unless there are one to four sizes of at least 1.
    pub fn new(name: &str, sizes: &[usize]) -> Result<Self> {
        let shape = match *sizes {
            [channels] => Shape::flat(channels),
            [channels, width] => Shape { channels, depth: 1, size: [1, width], rank: 2 },
            [channels, height, width] => Shape { channels, depth: 1, size: [height, width], rank: 3 },
            [channels, depth, height, width] => Shape { channels, depth, size: [height, width], rank: 4 },
            _ => {
                return Err(Error::invalid(
                    name,
                    format!("{sizes:?}"),
                    "[channels], [channels, width], [channels, height, width] or [channels, depth, height, width]",
                ));
            }
        };
        if sizes.contains(&0) {
            return Err(Error::invalid(name, format!("{sizes:?}"), "sizes of at least 1"));
        }
        Ok(shape)
    }

    pub fn pixels(&self) -> usize {
        self.depth.saturating_mul(self.size[0]).saturating_mul(self.size[1])
    }

    pub fn has_pixels_of(&self, other: Shape) -> bool {
        (self.rank, self.depth, self.size) == (other.rank, other.depth, other.size)
    }

    /// Whether the order `[pixel][channel]`, in which values are stored, equals the public order `[channel][pixel]`.
    pub fn is_public(&self) -> bool {
        self.channels == 1 || self.pixels() == 1
    }

    /// The offset in the order `[pixel][channel]` of element `n` of the public order.
    pub fn offset(&self, n: usize) -> usize {
        let pixels = self.pixels();
        n % pixels * self.channels + n / pixels
    }

    pub fn elements(&self) -> usize {
        self.channels.saturating_mul(self.pixels())
    }

    /// Channels and pixels.
    pub fn image(&self) -> [usize; 2] {
        [self.channels, self.pixels()]
    }

    /// As in torch.
    pub fn sizes(&self) -> Vec<usize> {
        match self.rank {
            1 => vec![self.channels],
            2 => vec![self.channels, self.size[1]],
            3 => vec![self.channels, self.size[0], self.size[1]],
            _ => vec![self.channels, self.depth, self.size[0], self.size[1]],
        }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.sizes())
    }
}

/// A window that slides over an image, `[height, width]` each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sliding {
    /// 2, or 1 for a line, whose only axis is the width.
    pub axes: usize,
    pub kernel: [usize; 2],
    pub stride: [usize; 2],
    pub padding: [usize; 2],
    pub dilation: [usize; 2],
    /// The transposed (fractionally strided) form, with this number of additional pixels at the far sides.
    pub transposed: Option<[usize; 2]>,
}

impl Sliding {
    /// Reads one or two numbers for each option; one axis is the width.
    ///
    /// # Errors
    /// `invalid-parameter` with the name of the option, for a wrong number of values or a value out of range.
    pub fn new(
        layer: &str,
        kernel: &[usize],
        [stride, padding, dilation]: [&[usize]; 3],
        transposed: Option<&[usize]>,
    ) -> Result<Self> {
        let axes = kernel.len();
        if !(1..=2).contains(&axes) {
            return Err(Error::invalid(format!("{layer}.kernel"), format!("{kernel:?}"), "one or two sizes"));
        }
        let read = |name: &str, given: &[usize], least: usize, fill: usize| match *given {
            _ if given.iter().any(|&x| x < least || x > 1 << 16) => {
                let expected = format!("whole numbers from {least} to {}", 1 << 16);
                Err(Error::invalid(format!("{layer}.{name}"), format!("{given:?}"), expected))
            }
            [width] if axes == 1 => Ok([fill, width]),
            [height, width] if axes == 2 => Ok([height, width]),
            _ => Err(Error::invalid(
                format!("{layer}.{name}"),
                format!("{given:?}"),
                format!("{axes} numbers, as the kernel has"),
            )),
        };
        let sliding = Sliding {
            axes,
            kernel: read("kernel", kernel, 1, 1)?,
            stride: read("stride", stride, 1, 1)?,
            padding: read("padding", padding, 0, 0)?,
            dilation: read("dilation", dilation, 1, 1)?,
            transposed: transposed.map(|extra| read("outputPadding", extra, 0, 0)).transpose()?,
        };
        // Additional pixels beyond that would not be covered by any window.
        let is_covered = |(axis, &extra): (usize, &usize)| {
            extra == 0 || extra < sliding.stride[axis].max(sliding.dilation[axis])
        };
        match sliding.transposed {
            Some(extra) if !extra.iter().enumerate().all(is_covered) => {
                let (name, extra) = (format!("{layer}.outputPadding"), transposed.unwrap_or_default());
                Err(Error::invalid(name, format!("{extra:?}"), "less than the stride or the dilation"))
            }
            _ => Ok(sliding),
        }
    }

    /// The number of output pixels. Formulas as in torch's documentation.
    ///
    /// # Errors
    /// `invalid-parameter` if no pixel is left.
    pub fn output(&self, layer: &str, input: [usize; 2]) -> Result<[usize; 2]> {
        let mut out = [0; 2];
        for axis in 0..2 {
            let reach = self.dilation[axis] * (self.kernel[axis] - 1) + 1;
            let size = match self.transposed {
                None => (input[axis] + 2 * self.padding[axis])
                    .checked_sub(reach)
                    .map(|last_start| last_start / self.stride[axis] + 1),
                Some(extra) => ((input[axis] - 1) * self.stride[axis] + reach + extra[axis])
                    .checked_sub(2 * self.padding[axis]),
            };
            out[axis] = size.filter(|&size| size > 0).ok_or_else(|| self.leaves_nothing(layer, input))?;
        }
        Ok(out)
    }

    fn leaves_nothing(&self, layer: &str, input: [usize; 2]) -> Error {
        let quoted = |sizes: [usize; 2]| format!("{:?}", &sizes[2 - self.axes..]);
        let apart = match self.dilation {
            [1, 1] => String::new(),
            dilation => format!(" with dilation {}", quoted(dilation)),
        };
        let (window, image) = (quoted(self.kernel) + &apart, format!("an image of {}", quoted(input)));
        if self.transposed.is_none() {
            let expected = "a window within the padded image";
            return Error::invalid(format!("{layer}.kernel"), format!("{window} over {image}"), expected);
        }
        let got = format!("{} with a window of {window} and {image}", quoted(self.padding));
        Error::invalid(format!("{layer}.padding"), got, "a padding that leaves pixels")
    }

    /// For rows and columns: the input pixels that each output pixel reads.
    pub fn taps(&self, from: [usize; 2], to: [usize; 2]) -> [Taps; 2] {
        [0, 1].map(|axis| {
            let window = Window {
                kernel: self.kernel[axis],
                stride: self.stride[axis],
                padding: self.padding[axis],
                dilation: self.dilation[axis],
            };
            Taps::new(window, from[axis], to[axis])
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sizes of torch 2.15 for the same options.
    #[test]
    fn sizes_are_torchs() {
        let slide = |kernel: [usize; 2],
                     stride: [usize; 2],
                     padding: [usize; 2],
                     dilation: [usize; 2],
                     transposed: Option<[usize; 2]>| {
            Sliding::new("conv", &kernel, [&stride, &padding, &dilation], transposed.as_ref().map(|t| &t[..]))
                .unwrap()
        };
        assert_eq!(slide([5, 5], [1, 1], [0, 0], [1, 1], None).output("c", [28, 28]).unwrap(), [24, 24]);
        assert_eq!(slide([3, 2], [2, 3], [1, 0], [2, 1], None).output("c", [9, 11]).unwrap(), [4, 4]);
        let up = slide([3, 3], [2, 2], [1, 1], [1, 1], Some([1, 0]));
        assert_eq!(up.output("c", [4, 5]).unwrap(), [8, 9]);
        assert!(slide([5, 5], [1, 1], [0, 0], [1, 1], None).output("c", [4, 9]).is_err());
        assert!(Sliding::new("c", &[3], [&[1, 1], &[0], &[1]], None).is_err());
        assert!(Sliding::new("c", &[3], [&[0], &[0], &[1]], None).is_err());
    }
}
