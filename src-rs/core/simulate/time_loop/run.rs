//! Runs a simulation for some steps and collects what it recorded.

use super::recording::Recording;
use crate::construction::simulation::{Simulation, lock};
use crate::neurons::presampled_poisson::PresampledPoisson;
use crate::partitions::rest::Rest;
use crate::plasticity::learning::learning;
use crate::representation::precision::Precision;
use lapicque_base::control::Control;
use lapicque_base::error::{Error, Result};

impl<F: Precision> Simulation<F> {
    /// Advances by `steps` steps and returns the recording of these steps. Every thread of the rayon pool takes part and waits
    /// for the others, so the pool must have no other work.
    ///
    /// # Errors
    /// `aborted` when canceled: completed steps stay completed, and their recording is lost.
    /// `non-finite` within 1,000 steps after a number becomes infinite or NaN. For a state, it names population, neuron
    /// and state, and the first step at which a state was infinite or NaN. For a plastic weight that cannot be added to
    /// the sums, it names connection and source.
    /// `too-large` before the first step if memory does not suffice for the samples of states and weights, with the
    /// needed and available bytes. If memory does not suffice for the spikes, the error comes during the run, which
    /// then ends as if it were canceled.
    pub fn run(&mut self, steps: u64, control: &Control) -> Result<Recording> {
        let whole = [self.step, self.step + steps];
        self.run_to(whole[1], Some(whole), control)
    }

    /// [`Simulation::run`] as a part of other work: progress is not reported to `control`.
    ///
    /// # Errors
    /// Those of [`Simulation::run`].
    pub fn run_part(&mut self, steps: u64, control: &Control) -> Result<Recording> {
        self.run_to(self.step + steps, None, control)
    }

    /// `progress`: the first and the last step of the progress that is reported to `control`.
    #[inline(never)]
    fn run_to(&mut self, end: u64, progress: Option<[u64; 2]>, control: &Control) -> Result<Recording> {
        for partition in &self.partitions {
            let mut partition = lock(partition);
            partition.recorded.clear();
            partition.lost = 0;
            partition.delivered = 0;
            // Parameters, inputs and states may have been set since the last run.
            partition.rest = Rest::Moving;
            partition.parts.iter_mut().flat_map(|part| &mut part.taps).for_each(|tap| tap.samples.clear());
            partition
                .parts
                .iter_mut()
                .flat_map(|part| &mut part.presampled)
                .for_each(PresampledPoisson::clear);
            for plastic in &mut partition.plastic {
                learning!(plastic, rows => rows.samples.clear());
            }
            if self.step == 0 {
                partition.begin();
            }
        }
        match self.step {
            0 => self.begin_means(),
            // A canceled run leaves only the samples that are still to be read.
            _ => self.retain_pending_means(),
        }
        let start = self.step;
        self.reserve_samples(end)?;
        if self.step < end {
            self.send_pending();
        }
        while self.step < end {
            let to = end
                .min(self.next_change(self.step))
                .min(self.step + self.pace.interval(self.useful_threads()).max(self.epoch_steps));
            match self.advance_watched(to, progress, control)? {
                Some(error) => return Err(error),
                None if self.step < to => return Err(Error::Aborted),
                None => {
                    self.restructure(to);
                    self.adapt(to)?;
                    self.check_spike_memory()?;
                }
            }
        }
        self.collect(start)
    }
}
