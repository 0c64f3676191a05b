//! HSA, Hough's spiker algorithm: the spikes whose convolution with a filter stays below the signal.

use super::definition::{Data, Definition, Encoder, Time};
use super::draws::Draws;
use super::raster::{Raster, finite, width_of};
use lapicque_base::error::{Error, Result};
use lapicque_options::options;

pub struct Hsa;

options! {
    pub struct HsaOptions {
        /// Coefficients of the filter, at least one.
        filter: Vec<f64>,
    }
}

impl Encoder for Hsa {
    type Options = HsaOptions;

    fn definition() -> Definition {
        Definition {
            kind: "hsa",
            meaning: "Hough's spiker algorithm: a spike at each step t where x[t+k] >= h[k] for every coefficient h[k] of `filter`, and then \
                      x[t+k] -= h[k]. The first axis is time; there are no spikes whose filter would end after the signal",
            source: "M. Hough et al., International Conference on Robotics and Artificial Life, 1999",
            time: Time::FirstAxis,
            draws: false,
            last_axis: None,
        }
    }

    fn encode(data: &Data, options: &HsaOptions, _: &Draws) -> Result<Raster> {
        let filter = &options.filter;
        if filter.is_empty() {
            return Err(Error::invalid("filter", "[]", "at least one coefficient"));
        }
        let width = width_of(data.values, data.steps)?;
        finite("data", data.values)?;
        let mut raster = Raster::new(data.steps, width, 0.0)?;
        let mut rest = vec![0.0f64; data.steps];
        for i in 0..width {
            rest.iter_mut().enumerate().for_each(|(t, x)| *x = f64::from(data.values[t * width + i]));
            for t in 0..(data.steps + 1).saturating_sub(filter.len()) {
                let window = &mut rest[t..t + filter.len()];
                if window.iter().zip(filter).all(|(x, h)| x >= h) {
                    raster.values[t * width + i] = 1.0;
                    window.iter_mut().zip(filter).for_each(|(x, h)| *x -= h);
                }
            }
        }
        Ok(raster)
    }
}
