//! The rows of a plastic connection in a partition, in the precision that its rule needs. In single precision a
//! variable would not change at all if its changes are smaller than its rounding, so a slow rule is computed in double
//! precision in every network.

use super::plastic::Plastic;
use crate::delivery::wide_rows::WideRows;
use crate::representation::indices::{Indices, deliver};
use crate::representation::precision::{Delivered, Precision};
use crate::representation::spike::Spike;
use crate::representation::synapse_format::SURE;
use lapicque_base::simd::SimdLevel;

pub enum Learning<F: Precision> {
    /// In the precision of the network.
    Own(Box<Plastic<F>>),
    /// In double precision in a network of single precision.
    Double(Box<Plastic<f64>>),
}

/// Expands `$do` with the rows of either precision as `$rows`.
macro_rules! learning {
    ($of:expr, $rows:ident => $do:expr) => {
        match $of {
            $crate::plasticity::learning::Learning::Own($rows) => $do,
            $crate::plasticity::learning::Learning::Double($rows) => $do,
        }
    };
}
pub(crate) use learning;

impl<F: Precision> Learning<F> {
    pub fn connection(&self) -> usize {
        learning!(self, rows => rows.connection)
    }

    /// The population of the targets.
    pub fn population(&self) -> usize {
        learning!(self, rows => rows.population)
    }

    pub fn synapses(&self) -> usize {
        learning!(self, rows => rows.targets.len())
    }

    /// The target slot of each synapse in the partition.
    pub fn targets(&self) -> impl Iterator<Item = u32> + '_ {
        (0..self.synapses()).map(|i| learning!(self, rows => u32_of(rows.targets[i])))
    }

    pub fn smallest_delay(&self) -> Option<u32> {
        learning!(self, rows => rows.smallest_delay())
    }

    pub fn clear_due(&mut self, now: u64) {
        learning!(self, rows => rows.clear_due(now));
    }

    pub fn schedule(&mut self, spikes: &[Spike], now: u64) {
        learning!(self, rows => rows.schedule(spikes, now));
    }

    pub fn reschedule(&mut self, spikes: &[Spike], now: u64) {
        learning!(self, rows => rows.reschedule(spikes, now));
    }

    /// Delivers the arrivals of step `now`. Returns the number of synapses.
    pub fn deliver(&mut self, now: u64, sums: &mut [F::Sum], wide: Option<&mut WideRows>) -> u64 {
        match self {
            Learning::Own(rows) => rows.deliver::<F>(now, sums, wide, deliver::<F>),
            Learning::Double(rows) => rows.deliver::<F>(now, sums, wide, deliver_rounded::<F>),
        }
    }

    pub fn listens(&self) -> bool {
        learning!(self, rows => rows.listens())
    }

    pub fn remembers(&self) -> bool {
        learning!(self, rows => rows.remembers())
    }

    pub fn catch_up_every(&self) -> u64 {
        learning!(self, rows => rows.catch_up_every())
    }

    pub fn catch_up(&mut self, now: u64) {
        learning!(self, rows => rows.catch_up(now));
    }

    pub fn catch_up_to_save(&mut self, now: u64) {
        learning!(self, rows => rows.catch_up_to_save(now));
    }

    pub fn catch_up_rows(&mut self, meant: impl Fn(&(u32, u32)) -> bool, spikes: &[Spike], now: u64) {
        learning!(self, rows => rows.catch_up_rows(meant, spikes, now));
    }

    pub fn sample(&mut self, spikes: &[Spike], now: u64) {
        learning!(self, rows => rows.sample(spikes, now));
    }

    pub fn rebuild(&mut self, rows: &[Vec<(u32, Option<usize>)>], weight: f64, now: Option<u64>) {
        learning!(self, plastic => plastic.rebuild(rows, lapicque_base::Real::from_f64(weight), now));
    }
}

/// Converts a target of either precision to u32.
pub fn u32_of(target: impl Into<u32>) -> u32 {
    target.into()
}

/// Adds weights of double precision to the accumulators of their targets, as [`Precision::deliver_each`] does for those of the
/// network's precision.
fn deliver_rounded<F: Precision>(
    _: SimdLevel,
    targets: Indices<u32>,
    weights: &[f64],
    units: f64,
    sums: &mut [F::Sum],
) -> Delivered {
    let (mut within, mut small) = (true, false);
    for (&target, &weight) in targets.iter().zip(weights) {
        let scaled = weight.scaled(units);
        if F::WIDENS && scaled.abs() < SURE as f64 {
            small |= scaled != 0.0;
            continue;
        }
        let rounded = scaled.round();
        // False for NaN too.
        let fits = rounded.abs() <= F::MOST_SUM as f64;
        within &= fits & F::add_checked(&mut sums[target as usize], rounded as i64);
    }
    Delivered { within, small }
}
