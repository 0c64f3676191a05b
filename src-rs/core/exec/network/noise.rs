//! Random numbers of neurons. A number is a function of seed, population, draw, sample, neuron and
//! step, so it depends on no thread and no cut of the batch, and the backward pass draws it again.

use crate::network::compiled::Network;
use lapicque_base::rng::Rng;
use lapicque_projection::Element;

/// Sets these streams apart from those of initial weights.
const TAG: u64 = 0x4E << 56;

/// The draws of some panels of one population.
pub(crate) struct Noise<F> {
    seed: u64,
    layer: u64,
    /// The state that counts steps.
    pub clock: usize,
    /// Each draw `[sample][element]`.
    values: Vec<Vec<F>>,
}

impl<F: Element> Noise<F> {
    pub fn new(network: &Network<F>, layer: usize) -> Self {
        let info = network.plan.layers[layer].bound.noise;
        let values = vec![vec![]; info.map_or(0, |info| info.draws)];
        let clock = info.map_or(0, |info| info.clock);
        Noise { seed: network.description.seed, layer: layer as u64, clock, values }
    }

    /// Draws for elements `[sample][width]`, of samples and neurons from these on; `clock` holds the step of
    /// each.
    pub fn draw(&mut self, first_sample: usize, first_neuron: usize, width: usize, clock: &[F]) {
        for (draw, values) in self.values.iter_mut().enumerate() {
            values.resize(clock.len(), F::ZERO);
            for (row, (values, clock)) in values.chunks_mut(width).zip(clock.chunks(width)).enumerate() {
                let sample = (first_sample + row) as u64 & 0xFFFF_FFFF;
                let stream = TAG | self.layer << 40 | (draw as u64) << 32 | sample;
                let rng = Rng::new(self.seed, stream);
                for (pair, (values, clock)) in values.chunks_mut(2).zip(clock.chunks(2)).enumerate() {
                    // Neurons are below 2^24, and the clock starts anew there.
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
