//! Dropout at work: which elements of a sample are dropped in a batch.

use crate::network::Network;
use lapicque_base::rng::Rng;
use lapicque_graph::Operation;
use lapicque_projection::Element;

/// Streams of random numbers from here on are those of dropout.
const DROPOUT_STREAMS: u64 = 1 << 62;

impl<F: Element> Network<F> {
    /// Zeroes elements or scales them by 1 / (1 - rate): the same for a sample at every step.
    pub fn drop_out(&self, map: usize, draw: u64, sample: usize, drawn: &mut Vec<F>, x: &mut [F]) {
        let plan = &self.plan.maps[map];
        let Operation::Dropout { rate, whole_channels } = plan.operation else { return };
        // Elements with a number of their own: those of a channel follow each other in the public order.
        let share = if whole_channels { plan.shape.pixels() } else { 1 };
        let numbers = x.len() / share;
        let stream = DROPOUT_STREAMS + (draw << 16) + map as u64;
        drawn.resize(numbers, F::ZERO);
        Rng::new(self.description.seed, stream).fill_uniform(drawn, (sample * numbers) as u64);
        let (rate, kept) = (F::from_f64(rate), F::from_f64(1.0 / (1.0 - rate)));
        let dropped = |x: F, drawn: F| if drawn < rate { F::ZERO } else { x * kept };
        if share == 1 && plan.is_public() {
            x.iter_mut().zip(&*drawn).for_each(|(x, &drawn)| *x = dropped(*x, drawn));
            return;
        }
        for n in 0..x.len() {
            let x = &mut x[plan.place(n)];
            *x = dropped(*x, drawn[n / share]);
        }
    }
}
