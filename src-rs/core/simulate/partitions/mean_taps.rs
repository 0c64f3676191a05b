//! Samples of means over the neurons of a partition, as exact sums.

use super::partition::Partition;
use crate::neurons::part::Part;
use crate::plan::means::{Mean, Value};
use crate::plan::network::Plan;
use crate::plan::population::Population;
use crate::representation::exact_sum::ExactSum;
use crate::representation::numbering::BLOCK;
use crate::representation::precision::Precision;
use crate::representation::tiles::TILE;
use lapicque_expr::{Arg, ArgSlot, Args};

/// The samples of a mean in a partition since they were last collected.
#[derive(Debug, Default)]
pub struct MeanTap {
    pub samples: Vec<ExactSum>,
}

impl Mean {
    /// The exact sum of an expression over the neurons of a part.
    pub(crate) fn sum<F: Precision>(
        &self,
        part: &Part<F>,
        population: &Population,
        stride: usize,
    ) -> ExactSum {
        let mut sum = ExactSum::default();
        let mut add = |from: usize, values: &[f64]| {
            for (i, &x) in values.iter().enumerate() {
                let neuron_slot = from + i;
                if part.masks[neuron_slot / BLOCK] >> (neuron_slot % BLOCK) & 1 == 1
                    && self.neurons.contains(&part.neuron(neuron_slot, stride))
                {
                    sum.add(x);
                }
            }
        };
        let (mut values, mut scratch) = (vec![0.0; TILE.min(part.neuron_slots)], vec![]);
        for from in (0..part.neuron_slots).step_by(TILE) {
            let neuron_slots = TILE.min(part.neuron_slots - from);
            let state = |s: usize, into: &mut [f64]| {
                into.iter_mut().enumerate().for_each(|(i, x)| *x = part.value(s, from + i));
            };
            match &self.value {
                Value::State(s) => state(*s, &mut values[..neuron_slots]),
                Value::Expression { kernel, args } => {
                    let read: Vec<Vec<f64>> = (args.iter())
                        .map(|&slot| {
                            let mut column = vec![0.0; neuron_slots];
                            match slot {
                                ArgSlot::State(s) => state(s, &mut column),
                                ArgSlot::Coef(k) => match &population.bound.params[k].values[..] {
                                    [one] => column.fill(*one),
                                    many => column.iter_mut().enumerate().for_each(|(i, x)| {
                                        *x = many[part.neuron(from + i, stride).min(population.size - 1)];
                                    }),
                                },
                                _ => {}
                            }
                            column
                        })
                        .collect();
                    let args: Args<f64> = read.iter().map(|column| Arg::Elements(column)).collect();
                    kernel.run(neuron_slots, &args, &mut [&mut values[..neuron_slots]], &mut scratch);
                }
            }
            add(from, &values[..neuron_slots]);
        }
        sum
    }
}

impl<F: Precision> Partition<F> {
    /// Samples step `step`; the samples may be read later.
    pub fn read_means(&mut self, plan: &Plan, step: u64) {
        for (mean, tap) in plan.means.iter().zip(&mut self.means) {
            if (step + mean.delay).is_multiple_of(mean.every) {
                let part = &self.parts[mean.population];
                tap.samples.push(mean.sum(part, &plan.populations[mean.population], self.stride));
            }
        }
    }
}
