//! Data that operations need in addition to their parameters, computed once for many rows.

use crate::network::compiled::{Network, ProjectionSlots};
use crate::plan::kernels::MapKernel;
use crate::storage::mode::Mode;
use crate::tape::norms::Norms;
use lapicque_graph::{BatchNorm, OperationKind};
use lapicque_projection::{Aligned, Element};
use std::ops::Range;

/// Data that are computed once for many rows of an operation, as long as its parameters do not change.
pub(crate) struct Prepared<F: Element> {
    /// For batch norm: its norms, factors and offsets.
    pub norms: Norms<F>,
    pub affine: Option<[Vec<F>; 2]>,
    /// Weights of a convolution or of a registered operation, packed for its kernels.
    pub packed: Aligned<F>,
    /// For dropout in training: the random numbers of each sample's elements, `[sample][element]`. The mask is the same
    /// at every step.
    pub uniforms: Aligned<F>,
}

impl<F: Element> Network<F> {
    /// One entry for all rows of some samples; for a batch norm with norms per step, one entry per step.
    pub(crate) fn prepare(
        &self,
        map: usize,
        norms: &Norms<F>,
        mode: Mode,
        samples: Range<usize>,
    ) -> Vec<Prepared<F>> {
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
                Prepared {
                    norms,
                    affine: slots.map(factors),
                    packed: Aligned::default(),
                    uniforms: Aligned::default(),
                }
            };
            return norms.split(channels).enumerate().map(each).collect();
        }
        let packed = match (&self.maps[map], slots) {
            (MapKernel::Convolution(convolution), Some(slots)) => convolution.forward.pack(of(slots.weight)),
            _ => self.packed(map),
        };
        vec![Prepared {
            norms: Norms::default(),
            affine: None,
            packed,
            uniforms: self.uniforms(map, mode, samples),
        }]
    }

    /// Mean and 1 / deviation of each channel from the running averages; empty for other operations.
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
