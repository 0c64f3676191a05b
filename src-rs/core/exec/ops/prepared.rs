//! What maps need beside their parameters, made once for many rows.

use crate::network::compiled::{Network, ProjectionSlots};
use crate::plan::kernels::MapKernel;
use crate::storage::mode::Mode;
use crate::tape::norms::Norms;
use lapicque_graph::{BatchNorm, OperationKind};
use lapicque_projection::{Aligned, Element};
use std::ops::Range;

/// What is made once for many rows of a map, as long as the parameters stay.
pub(crate) struct Ready<F: Element> {
    /// Of batch norm, and its factors and offsets.
    pub norms: Norms<F>,
    pub affine: Option<[Vec<F>; 2]>,
    /// Weights of a convolution or of a registered operation as its kernels want them.
    pub packed: Aligned<F>,
    /// Of dropout in training what each sample's elements drew, `[sample][element]`, since they are dropped at every step alike.
    pub drawn: Aligned<F>,
}

impl<F: Element> Network<F> {
    /// One for all rows of some samples, or of a batch norm with norms of each step one of each.
    pub(crate) fn ready(
        &self,
        map: usize,
        norms: &Norms<F>,
        mode: Mode,
        samples: Range<usize>,
    ) -> Vec<Ready<F>> {
        let plan = &self.plan.maps[map];
        let slots = plan.projection.map(|j| self.slots[j]);
        let of = |slot: usize| &self.parameters[slot].data;
        if let OperationKind::BatchNorm(_) = plan.operation {
            let channels = plan.shape.channels;
            let own = |slot: usize, step: usize| {
                let first = step * channels % of(slot).len();
                of(slot)[first..first + channels].to_vec()
            };
            let each = |(step, norms)| {
                let factors = |slots: ProjectionSlots| {
                    let zeros = || vec![F::ZERO; channels];
                    [own(slots.weight, step), slots.bias.map_or_else(zeros, |bias| own(bias, step))]
                };
                Ready {
                    norms,
                    affine: slots.map(factors),
                    packed: Aligned::default(),
                    drawn: Aligned::default(),
                }
            };
            return norms.split(channels).enumerate().map(each).collect();
        }
        let packed = match (&self.maps[map], slots) {
            (MapKernel::Convolution(convolution), Some(slots)) => convolution.forward.pack(of(slots.weight)),
            _ => self.packed(map),
        };
        vec![Ready { norms: Norms::default(), affine: None, packed, drawn: self.drawn(map, mode, samples) }]
    }

    /// Mean and 1 / deviation of each channel by the running averages; empty for other maps.
    pub(crate) fn running_norms(&self, map: usize) -> Norms<F> {
        let (OperationKind::BatchNorm(BatchNorm { epsilon, .. }), Some([mean, variance])) =
            (self.plan.maps[map].operation, self.running[map])
        else {
            return Norms::default();
        };
        let pairs = self.parameters[mean].data.iter().zip(self.parameters[variance].data.iter());
        Norms::new(pairs.map(|(mean, variance)| [mean.to_f64(), variance.to_f64()]), epsilon)
    }
}
