//! Where a connection starts: the input or a layer, and its neurons in the engine's order.

use lapicque_base::error::{Error, Result, try_vec};

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

    /// The public number of each neuron in the engine's order. The engine keeps the channels of a pixel contiguous; the public
    /// order is `[channels, height, width]`. Errors: `too-large`.
    pub fn public(&self) -> Result<Vec<u32>> {
        let mut public = try_vec("the neurons of the integer network", self.neurons, 0)?;
        let [channels, height, width] = self.shape.unwrap_or([1, 1, self.neurons]);
        for (i, public) in public.iter_mut().enumerate() {
            *public = (i % channels * height * width + i / channels) as u32;
        }
        Ok(public)
    }

    /// For each neuron in the engine's order its number after a pool of `pool` x `pool` pixels, `u32::MAX` for those of an incomplete
    /// square; and the shape after the pool.
    ///
    /// # Errors
    /// `shape-mismatch` for a source that is no image, `invalid-parameter`, `too-large`.
    pub fn pooled(&self, layer: &str, pool: usize) -> Result<(Vec<u32>, [usize; 3])> {
        let Some([channels, height, width]) = self.shape else {
            return Err(Error::ShapeMismatch {
                layer: layer.to_string(),
                expected: "an image [channels, height, width]".into(),
                got: format!("[{}] from {}", self.neurons, self.name),
            });
        };
        if pool == 0 || pool > height.min(width) {
            let expected = format!("a whole number from 1 to {}", height.min(width));
            return Err(Error::invalid(format!("{layer}.pool"), pool, expected));
        }
        let shape = [channels, height / pool, width / pool];
        let mut numbers = try_vec("the neurons of the integer network", self.neurons, u32::MAX)?;
        for (i, number) in numbers.iter_mut().enumerate() {
            let (pixel, channel) = (i / channels, i % channels);
            let (y, x) = (pixel / width / pool, pixel % width / pool);
            if y < shape[1] && x < shape[2] {
                *number = ((y * shape[2] + x) * channels + channel) as u32;
            }
        }
        Ok((numbers, shape))
    }
}
