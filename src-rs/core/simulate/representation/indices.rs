//! Indices of neurons or accumulators, checked once against the length of the tables that they index.

use super::precision::{Delivered, Precision};
use lapicque_base::at_level::{Work, at_level};
use lapicque_base::simd::SimdLevel;
use std::ops::Deref;

/// Indices into tables, with a known upper bound. A table's length is checked once against the bound, so that loops over the
/// indices need no checks.
pub struct Indices<'a, L> {
    pub neuron_slots: &'a [L],
    beyond: usize,
}

impl<L> Clone for Indices<'_, L> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<L> Copy for Indices<'_, L> {}

impl<L> Deref for Indices<'_, L> {
    type Target = [L];
    fn deref(&self) -> &[L] {
        self.neuron_slots
    }
}

impl<'a, L: Copy + Into<u32>> Indices<'a, L> {
    pub fn new(level: SimdLevel, neuron_slots: &'a [L]) -> Self {
        struct Beyond<'a, L>(&'a [L], &'a mut usize);
        impl<L: Copy + Into<u32>> Work for Beyond<'_, L> {
            type Output = ();

            #[inline(always)]
            fn run(self) {
                let mut most = 0;
                for &neuron_slot in self.0 {
                    most = most.max(neuron_slot.into());
                }
                *self.1 = if self.0.is_empty() { 0 } else { most as usize + 1 };
            }
        }
        let mut beyond = 0;
        at_level(level, Beyond(neuron_slots, &mut beyond));
        Indices { neuron_slots, beyond }
    }

    /// The first `count` indices.
    pub fn up_to(self, count: usize) -> Self {
        Indices { neuron_slots: &self.neuron_slots[..count], ..self }
    }

    /// Panics unless all indices are below this length.
    #[inline(always)]
    pub fn check(&self, len: usize) {
        assert!(self.beyond <= len, "a neuron_slot beyond {len}");
    }
}

/// Adds weights to their targets' accumulators, as [`Precision::deliver_each`] does.
pub fn deliver<F: Precision>(
    level: SimdLevel,
    targets: Indices<F::Target>,
    weights: &[F],
    units: f64,
    sums: &mut [F::Sum],
) -> Delivered {
    struct Deliver<'a, F: Precision>(
        Indices<'a, F::Target>,
        &'a [F],
        f64,
        &'a mut [F::Sum],
        &'a mut Delivered,
    );
    impl<F: Precision> Work for Deliver<'_, F> {
        type Output = ();

        #[inline(always)]
        fn run(self) {
            *self.4 = F::deliver_each(self.0, self.1, self.2, self.3);
        }
    }
    let mut delivered = Delivered { within: false, small: false };
    at_level(level, Deliver(targets, weights, units, sums, &mut delivered));
    delivered
}
