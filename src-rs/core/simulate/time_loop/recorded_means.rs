//! Means over neurons and fields during a run: begun, gathered from all partitions, collected.

use super::recording::Trace;
use crate::construction::simulation::{Simulation, lock};
use crate::plan::means::Mean;
use crate::representation::exact_sum::ExactSum;
use crate::representation::precision::Precision;
use std::collections::VecDeque;

impl<F: Precision> Simulation<F> {
    /// At the start: what is read with a delay has always been as it is.
    pub(crate) fn begin_means(&mut self) {
        let mut readings = Vec::with_capacity(self.plan.means.len());
        for mean in &self.plan.means {
            let waiting = mean.waiting(0);
            let value = if waiting > 0 { self.mean_now(mean) } else { 0.0 };
            readings.push(std::iter::repeat_n(value, waiting).collect());
        }
        self.readings = readings;
    }

    fn mean_now(&self, mean: &Mean) -> f64 {
        let population = &self.plan.populations[mean.population];
        let sums = self.partitions.iter().map(|partition| {
            let partition = lock(partition);
            mean.sum(&partition.parts[mean.population], population, partition.stride)
        });
        sums.fold(ExactSum::default(), ExactSum::join).mean(mean.neurons.len())
    }

    /// What was sampled since the last run, with what waited before, by mean; of readings up to step `from` nothing.
    pub(crate) fn gathered(&self, from: u64) -> Vec<VecDeque<f64>> {
        let partitions: Vec<_> = self.partitions.iter().map(lock).collect();
        let gather = |(k, mean): (usize, &Mean)| {
            let mut all = self.readings.get(k).cloned().unwrap_or_default();
            let samples = partitions.iter().map(|partition| partition.means[k].samples.len()).min();
            for i in 0..samples.unwrap_or(0) {
                let sums = partitions.iter().map(|partition| partition.means[k].samples[i]);
                all.push_back(sums.fold(ExactSum::default(), ExactSum::join).mean(mean.neurons.len()));
            }
            // The last of them is of the last step that was done.
            let waiting = mean.waiting(self.step);
            let since = (self.step / mean.every - from / mean.every) as usize;
            let past = all.len().saturating_sub(waiting + since);
            all.drain(..past);
            all
        };
        self.plan.means.iter().enumerate().map(gather).collect()
    }

    /// Leaves what waits to be read, and forgets all else.
    pub(crate) fn settle_means(&mut self) {
        self.readings = self.gathered(self.step);
        for partition in &self.partitions {
            lock(partition).means.iter_mut().for_each(|tap| tap.samples.clear());
        }
    }

    /// Means and fields of the readings after step `start`.
    pub(crate) fn collect_means(&mut self, start: u64) -> [Vec<Trace>; 2] {
        let all = self.gathered(start);
        let traces = self.plan.means.iter().zip(all).map(|(mean, values)| {
            let steps: Vec<u64> =
                (start / mean.every + 1..=self.step / mean.every).map(|k| k * mean.every).collect();
            let mut values: Vec<f64> = values.into_iter().take(steps.len()).collect();
            // Of a state of before there were means.
            values.resize(steps.len(), f64::NAN);
            Trace { steps, values }
        });
        let mut traces: Vec<Trace> = traces.collect();
        let fields = self.plan.fields.iter().map(|field| {
            let [excitatory, inhibitory] = [field.excitatory, field.inhibitory].map(|k| &traces[k]);
            let pairs = excitatory.values.iter().zip(&inhibitory.values);
            let values = pairs.map(|(e, i)| e + field.alpha * i).collect();
            Trace { steps: excitatory.steps.clone(), values }
        });
        let fields = fields.collect();
        traces.truncate(self.plan.means.len() - 2 * self.plan.fields.len());
        self.settle_means();
        [traces, fields]
    }
}
