//! Means over neurons and fields during a run: start, gathering from all partitions, collection.

use super::recording::Trace;
use crate::construction::simulation::{Simulation, lock};
use crate::plan::means::Mean;
use crate::representation::exact_sum::ExactSum;
use crate::representation::precision::Precision;
use std::collections::VecDeque;

impl<F: Precision> Simulation<F> {
    /// At the start of a simulation: samples that are read with a delay equal the initial values.
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

    /// By mean: the samples since the last run, after earlier samples that are still to be read. Readings up to step
    /// `from` are removed.
    pub(crate) fn gathered(&self, from: u64) -> Vec<VecDeque<f64>> {
        let partitions: Vec<_> = self.partitions.iter().map(lock).collect();
        let gather = |(k, mean): (usize, &Mean)| {
            let mut all = self.readings.get(k).cloned().unwrap_or_default();
            let samples = partitions.iter().map(|partition| partition.means[k].samples.len()).min();
            for i in 0..samples.unwrap_or(0) {
                let sums = partitions.iter().map(|partition| partition.means[k].samples[i]);
                all.push_back(sums.fold(ExactSum::default(), ExactSum::join).mean(mean.neurons.len()));
            }
            // The last sample is that of the last completed step.
            let waiting = mean.waiting(self.step);
            let since = (self.step / mean.every - from / mean.every) as usize;
            let past = all.len().saturating_sub(waiting + since);
            all.drain(..past);
            all
        };
        self.plan.means.iter().enumerate().map(gather).collect()
    }

    /// Keeps only the samples that are still to be read.
    pub(crate) fn retain_pending_means(&mut self) {
        self.readings = self.gathered(self.step);
        for partition in &self.partitions {
            lock(partition).means.iter_mut().for_each(|tap| tap.samples.clear());
        }
    }

    /// Means and fields read after step `start`.
    pub(crate) fn collect_means(&mut self, start: u64) -> [Vec<Trace>; 2] {
        let all = self.gathered(start);
        let traces = self.plan.means.iter().zip(all).map(|(mean, values)| {
            let steps: Vec<u64> =
                (start / mean.every + 1..=self.step / mean.every).map(|k| k * mean.every).collect();
            let mut values: Vec<f64> = values.into_iter().take(steps.len()).collect();
            // The state is from a version without means.
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
        self.retain_pending_means();
        [traces, fields]
    }
}
