//! Dropout at work: which elements of a sample are dropped in a batch.

use crate::map::Mode;
use crate::network::Network;
use crate::parallel;
use lapicque_base::rng::Rng;
use lapicque_graph::Operation;
use lapicque_projection::{Aligned, Element};
use std::ops::Range;

/// Streams of random numbers from here on are those of dropout.
const DROPOUT_STREAMS: u64 = 1 << 62;

impl<F: Element> Network<F> {
    /// What the elements of each sample drew in this batch, `[sample][element]` in the order of the map's values; nothing of other maps and
    /// outside training.
    pub(crate) fn drawn(&self, map: usize, mode: Mode, samples: Range<usize>) -> Aligned<F> {
        let plan = &self.plan.maps[map];
        let mut all = Aligned::default();
        let (Operation::Dropout { whole_channels, .. }, Mode::Train { draw }) = (plan.operation, mode) else {
            return all;
        };
        let size = plan.shape.elements();
        // Elements with a number of their own: those of a channel follow each other in the public order.
        let share = if whole_channels { plan.shape.pixels() } else { 1 };
        let numbers = size / share;
        let stream = DROPOUT_STREAMS + (draw << 16) + map as u64;
        all.resize(samples.len() * size);
        parallel::for_each(samples.zip(all.chunks_mut(size)).collect(), |(sample, own)| {
            let draw = |numbers: &mut [F]| {
                let first = (sample * numbers.len()) as u64;
                Rng::new(self.description.seed, stream).fill_uniform(numbers, first);
            };
            if share == 1 && plan.is_public() {
                return draw(own);
            }
            let mut drawn = vec![F::ZERO; numbers];
            draw(&mut drawn);
            (0..size).for_each(|n| own[plan.place(n)] = drawn[n / share]);
        });
        all
    }
}

/// Zeroes elements by what they drew, or scales them by 1 / (1 - rate).
pub(crate) fn drop_out<F: Element>(rate: f64, drawn: &[F], x: &mut [F]) {
    let (rate, kept) = (F::from_f64(rate), F::from_f64(1.0 / (1.0 - rate)));
    for (x, &drawn) in x.iter_mut().zip(drawn) {
        *x = if drawn < rate { F::ZERO } else { *x * kept };
    }
}
