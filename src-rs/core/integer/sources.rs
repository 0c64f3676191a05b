//! Where a connection starts: the input or a layer, and its neurons in the engine's order.

use lapicque_base::error::{Error, Result};

/// What sends spikes: source 0 is the input, source i + 1 is layer i.
pub struct Source {
    pub name: String,
    pub neurons: usize,
    pub shape: Option<[usize; 3]>,
    /// Whether counts may be below 0.
    pub signed: bool,
}

impl Source {
    /// Checks that a shape has as many pixels as there are neurons.
    ///
    /// # Errors
    /// `shape-mismatch`, `invalid-parameter`.
    pub fn new(name: &str, neurons: usize, shape: Option<[usize; 3]>) -> Result<Self> {
        const MOST: usize = 1 << 26;
        if !(1..=MOST).contains(&neurons) {
            return Err(Error::invalid(
                format!("{name}.neurons"),
                neurons,
                format!("a whole number from 1 to {MOST}"),
            ));
        }
        let pixels = shape.map(|shape| shape.iter().try_fold(1, |n: usize, &size| n.checked_mul(size)));
        if pixels.is_some_and(|pixels| pixels != Some(neurons)) {
            return Err(Error::ShapeMismatch {
                layer: name.to_string(),
                expected: format!("a shape of {neurons} neurons"),
                got: format!("{:?}", shape.unwrap_or_default()),
            });
        }
        Ok(Source { name: name.to_string(), neurons, shape, signed: false })
    }

    pub fn order(&self) -> Order {
        Order::new(self.shape, self.neurons)
    }

    /// The pixels after a pool of `pool` x `pool` pixels.
    ///
    /// # Errors
    /// `shape-mismatch` for a source that is no image, `invalid-parameter`.
    pub fn pooled(&self, layer: &str, pool: usize) -> Result<Pixels> {
        let Some(shape) = self.shape else {
            return Err(Error::ShapeMismatch {
                layer: layer.to_string(),
                expected: "an image [channels, height, width]".into(),
                got: format!("[{}] from {}", self.neurons, self.name),
            });
        };
        let least = shape[1].min(shape[2]);
        if pool == 0 || pool > least {
            let expected = format!("a whole number from 1 to {least}");
            return Err(Error::invalid(format!("{layer}.pool"), pool, expected));
        }
        Ok(Pixels::new(shape, pool))
    }
}

/// The order of the neurons of a source. The engine keeps the channels of a pixel contiguous; the public order is
/// `[channels, height, width]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    pub channels: usize,
    pub pixels: usize,
}

impl Order {
    pub fn new(shape: Option<[usize; 3]>, neurons: usize) -> Self {
        let [channels, height, width] = shape.unwrap_or([1, 1, neurons]);
        Order { channels, pixels: height * width }
    }

    /// Whether both orders are the same.
    pub fn is_public(self) -> bool {
        self.channels == 1 || self.pixels == 1
    }

    /// The public number of the engine's neuron `i`.
    pub fn public(self, i: usize) -> usize {
        if self.is_public() { i } else { i % self.channels * self.pixels + i / self.channels }
    }

    /// The engine's number of the public neuron `i`.
    pub fn own(self, i: usize) -> usize {
        if self.is_public() { i } else { i % self.pixels * self.channels + i / self.pixels }
    }
}

/// Where the neurons of an image lie after a pool.
pub struct Pixels {
    channels: Divisor,
    width: Divisor,
    pool: Divisor,
    /// `[channels, height, width]`, after the pool.
    pub shape: [usize; 3],
}

/// The pixel and the channel of a neuron.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pixel {
    pub y: usize,
    pub x: usize,
    pub channel: usize,
}

impl Pixels {
    /// Of an image before the pool.
    pub fn new([channels, height, width]: [usize; 3], pool: usize) -> Self {
        Pixels {
            channels: Divisor::new(channels),
            width: Divisor::new(width),
            pool: Divisor::new(pool),
            shape: [channels, height / pool, width / pool],
        }
    }

    /// Where a neuron lies; `None` in an incomplete square of the pool.
    #[inline(always)]
    pub fn of(&self, neuron: u32) -> Option<Pixel> {
        let [pixel, channel] = self.channels.divide(neuron);
        let [y, x] = self.width.divide(pixel);
        let [[y, _], [x, _]] = [self.pool.divide(y), self.pool.divide(x)];
        let (y, x) = (y as usize, x as usize);
        (y < self.shape[1] && x < self.shape[2]).then_some(Pixel { y, x, channel: channel as usize })
    }

    /// The number of a neuron among those after the pool, `u32::MAX` in an incomplete square.
    #[inline(always)]
    pub fn number(&self, neuron: u32) -> u32 {
        match self.of(neuron) {
            Some(Pixel { y, x, channel }) => ((y * self.shape[2] + x) * self.shape[0] + channel) as u32,
            None => u32::MAX,
        }
    }
}

/// A number to divide by, as the multiplication that takes its place.
struct Divisor {
    by: u32,
    /// 2^64 / by, rounded up; 0 for 1.
    reciprocal: u64,
}

impl Divisor {
    /// `by` is from 1 to the neurons of a source.
    fn new(by: usize) -> Self {
        Divisor { by: by as u32, reciprocal: (u64::MAX / by as u64).wrapping_add(1) }
    }

    /// Quotient and rest.
    #[inline(always)]
    fn divide(&self, n: u32) -> [u32; 2] {
        if self.by == 1 {
            return [n, 0];
        }
        // Exact for 32 bits: the reciprocal is less than 1 too large, which makes less than n / 2^64.
        let quotient = ((u128::from(self.reciprocal) * u128::from(n)) >> 64) as u32;
        [quotient, n - quotient * self.by]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_divisor_divides_as_the_operator() {
        let edges = [0, 1, 2, 3, 5, 63, 64, 65, (1 << 26) - 1, 1 << 26, u32::MAX - 1, u32::MAX];
        for by in [1, 2, 3, 7, 12, 64, 100, 576, 65_537, (1 << 26) - 1, 1 << 26] {
            let near = (1..40).flat_map(|k| [k * by - 1, k * by, k * by + 1]);
            for n in near.chain(edges) {
                assert_eq!(Divisor::new(by as usize).divide(n), [n / by, n % by], "{n} / {by}");
            }
        }
    }

    #[test]
    fn the_engine_keeps_the_channels_of_a_pixel_contiguous() {
        let order = Order::new(Some([2, 2, 3]), 12);
        let public: Vec<usize> = (0..12).map(|i| order.public(i)).collect();
        assert_eq!(public, [0, 6, 1, 7, 2, 8, 3, 9, 4, 10, 5, 11]);
        assert!((0..12).all(|i| order.own(order.public(i)) == i));
    }

    #[test]
    fn a_pool_numbers_its_squares_and_drops_incomplete_ones() {
        let pixels = Pixels::new([2, 3, 5], 2);
        assert_eq!(pixels.shape, [2, 1, 2]);
        let numbers: Vec<u32> = (0..30).map(|i| pixels.number(i)).collect();
        let none = u32::MAX;
        let row = [0, 1, 0, 1, 2, 3, 2, 3, none, none];
        assert_eq!(numbers, [row, row, [none; 10]].concat());
    }
}
