//! Random numbers of neurons. A number is a function of seed, population, draw, sample, neuron and step. So it does not
//! depend on threads or on how the batch is divided, and the backward pass can draw it again.

use crate::network::compiled::Network;
use lapicque_base::rng::Rng;
use lapicque_projection::Element;

/// Separates these streams from those of initial weights.
const TAG: u64 = 0x4E << 56;

/// The draws of some panels of one population.
pub(crate) struct Noise<F> {
    seed: u64,
    layer: u64,
    /// The index of the state that counts steps.
    pub clock: usize,
    /// By draw: `[sample][element]`.
    values: Vec<Vec<F>>,
}

impl<F: Element> Noise<F> {
    pub fn new(network: &Network<F>, layer: usize) -> Self {
        let info = network.plan.layers[layer].bound.noise;
        let values = vec![vec![]; info.map_or(0, |info| info.draws)];
        let clock = info.map_or(0, |info| info.clock);
        Noise { seed: network.description.seed, layer: layer as u64, clock, values }
    }

    /// Draws numbers for the elements `[sample][width]`, beginning with `first_sample` and `first_neuron`; `clock`
    /// contains the step of each element.
    pub fn draw(&mut self, first_sample: usize, first_neuron: usize, width: usize, clock: &[F]) {
        for (draw, values) in self.values.iter_mut().enumerate() {
            values.resize(clock.len(), F::ZERO);
            for (row, (values, clock)) in values.chunks_mut(width).zip(clock.chunks(width)).enumerate() {
                let sample = (first_sample + row) as u64 & 0xFFFF_FFFF;
                let stream = TAG | self.layer << 40 | (draw as u64) << 32 | sample;
                let rng = Rng::new(self.seed, stream);
                for (pair, (values, clock)) in values.chunks_mut(2).zip(clock.chunks(2)).enumerate() {
                    // Neuron numbers are below 2^24, and the clock wraps around at 2^24.
                    let neuron = first_neuron as u64 / 2 + pair as u64;
                    let normal = rng.normal_pair_at((clock[0].to_f64() as u64) << 23 | neuron);
                    values.iter_mut().zip(normal).for_each(|(value, x)| *value = F::from_f64(x));
                }
            }
        }
    }

    pub fn values(&self, draw: usize) -> &[F] {
        &self.values[draw]
    }

    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}
