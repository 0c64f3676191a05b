//! Dropout: which elements of a sample are dropped in a batch.

use crate::network::compiled::Network;
use crate::storage::mode::Mode;
use crate::storage::parallel;
use lapicque_base::rng::Rng;
use lapicque_graph::{Dropout, OperationKind};
use lapicque_projection::{Aligned, Element};
use std::ops::Range;

/// Random streams from this number on are used for dropout.
const DROPOUT_STREAMS: u64 = 1 << 62;

/// First element of the stream paths of the masks of single steps.
const STEP_MASKS: u64 = 1;

impl<F: Element> Network<F> {
    /// The random numbers of each sample's elements in this batch, `[sample][element]` in the order of the operation's
    /// values. Empty for other operations, outside training, and if each step has its own mask.
    pub(crate) fn uniforms(&self, map: usize, mode: Mode, samples: Range<usize>) -> Aligned<F> {
        let plan = &self.plan.maps[map];
        let mut all = Aligned::default();
        let (OperationKind::Dropout(Dropout { each_step: false, .. }), Mode::Train { draw }) =
            (plan.operation, mode)
        else {
            return all;
        };
        let size = plan.shape.elements();
        let rng = Rng::new(self.description.seed, DROPOUT_STREAMS + (draw << 16) + map as u64);
        all.resize(samples.len() * size);
        parallel::for_each(samples.zip(all.chunks_mut(size)).collect(), |(sample, own)| {
            self.draw_mask(map, rng, sample, own);
        });
        all
    }

    /// For dropout with a mask per step, in training: the dropped fraction, and the number of the batch.
    pub(crate) fn draws_each_step(&self, map: usize, mode: Mode) -> Option<(f64, u64)> {
        match (self.plan.maps[map].operation, mode) {
            (OperationKind::Dropout(Dropout { each_step: true, rate, .. }), Mode::Train { draw }) => {
                Some((rate, draw))
            }
            _ => None,
        }
    }

    /// The random numbers of a sample's elements at one step, in the order of the operation's values.
    pub(crate) fn draw_step(&self, map: usize, draw: u64, [step, sample]: [usize; 2], own: &mut Vec<F>) {
        own.resize(self.plan.maps[map].shape.elements(), F::ZERO);
        let path = [STEP_MASKS, draw, map as u64, step as u64];
        self.draw_mask(map, Rng::named(self.description.seed, &path), sample, own);
    }

    fn draw_mask(&self, map: usize, rng: Rng, sample: usize, own: &mut [F]) {
        let plan = &self.plan.maps[map];
        let whole_channels =
            matches!(plan.operation, OperationKind::Dropout(Dropout { whole_channels: true, .. }));
        // Number of elements per random number. The elements of a channel are consecutive in the public order.
        let share = if whole_channels { plan.shape.pixels() } else { 1 };
        let draw = |numbers: &mut [F]| {
            let first = (sample * numbers.len()) as u64;
            rng.fill_uniform(numbers, first);
        };
        if share == 1 && plan.is_public() {
            return draw(own);
        }
        let mut uniforms = vec![F::ZERO; own.len() / share];
        draw(&mut uniforms);
        (0..own.len()).for_each(|n| own[plan.offset(n)] = uniforms[n / share]);
    }
}

/// Zeroes elements whose random number is below `rate`, and scales the others by 1 / (1 - rate).
pub(crate) fn drop_out<F: Element>(rate: f64, uniforms: &[F], x: &mut [F]) {
    let (rate, kept) = (F::from_f64(rate), F::from_f64(1.0 / (1.0 - rate)));
    for (x, &uniform) in x.iter_mut().zip(uniforms) {
        *x = if uniform < rate { F::ZERO } else { *x * kept };
    }
}
