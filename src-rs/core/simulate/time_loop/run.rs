//! Runs a simulation for some steps and collects what it recorded.

use super::recording::Recording;
use crate::construction::simulation::{Simulation, lock};
use crate::neurons::poisson_ahead::PoissonAhead;
use crate::plasticity::learning::learning;
use crate::representation::precision::Precision;
use crate::representation::precision::functions;
use lapicque_base::control::Control;
use lapicque_base::error::{Error, Result};
use lapicque_base::instantiated;

impl<F: Precision> Simulation<F> {
    /// Advances by `steps` steps. The recording is that of these steps. Every thread of the rayon pool
    /// takes part and waits for the others: the pool must have no other work.
    ///
    /// # Errors
    /// `aborted` when cancelled: the steps done so far stay done, and what they recorded is lost.
    /// `non-finite` with population, neuron and state and the step at which the first of them left the numbers, or with
    /// connection and source where a weight that learns has left what can be summed; found within 1,000 steps.
    /// `too-large` before the first step where memory does not hold what states and weights are read, with the bytes needed and
    /// available; on the way, as when cancelled, where it does not hold the spikes.
    pub fn run(&mut self, steps: u64, control: &Control) -> Result<Recording> {
        let whole = [self.step, self.step + steps];
        self.run_to(whole[1], Some(whole), control)
    }

    /// [`Simulation::run`] as a part of other work: `control` hears nothing of its progress.
    ///
    /// # Errors
    /// Those of [`Simulation::run`].
    pub fn run_part(&mut self, steps: u64, control: &Control) -> Result<Recording> {
        self.run_to(self.step + steps, None, control)
    }

    /// `told`: from where to where all is to go, as `control` is told.
    fn run_to(&mut self, end: u64, told: Option<[u64; 2]>, control: &Control) -> Result<Recording> {
        instantiated!(functions, 'a => Simulation::run_to_generic as (
            simulation: &'a mut Simulation<F> = self,
            end: u64 = end,
            told: Option<[u64; 2]> = told,
            control: &'a Control = control,
        ) -> Result<Recording>)
    }

    fn run_to_generic(&mut self, end: u64, told: Option<[u64; 2]>, control: &Control) -> Result<Recording> {
        for partition in &self.partitions {
            let mut partition = lock(partition);
            partition.recorded.clear();
            partition.lost = 0;
            partition.delivered = 0;
            partition.parts.iter_mut().flat_map(|part| &mut part.taps).for_each(|tap| tap.samples.clear());
            partition.parts.iter_mut().flat_map(|part| &mut part.ahead).for_each(PoissonAhead::clear);
            for plastic in &mut partition.plastic {
                learning!(plastic, rows => rows.samples.clear());
            }
            if self.step == 0 {
                partition.begin();
            }
        }
        match self.step {
            0 => self.begin_means(),
            // Of a run that was cancelled nothing is left but what waits.
            _ => self.settle_means(),
        }
        let start = self.step;
        self.make_room(end)?;
        while self.step < end {
            let to =
                end.min(self.next_change(self.step)).min(self.step + self.pace.stretch().max(self.batch));
            match self.advance_watched(to, told, control)? {
                Some(error) => return Err(error),
                None if self.step < to => return Err(Error::Aborted),
                None => {
                    self.restructure(to);
                    self.adapt(to)?;
                    self.check_room()?;
                }
            }
        }
        self.collect(start)
    }
}
