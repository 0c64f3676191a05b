//! Reading and replacing the trains of spike sources between two runs.

use crate::construction::simulation::{Simulation, lock};
use crate::plan::trains::steps;
use crate::representation::precision::Precision;
use lapicque_base::error::{Error, Result};
use std::ops::Range;

/// Trains of a source that a saved state contains: its name, and the times in ms of all its trains.
pub type SetTrains = (String, Vec<Vec<f64>>);

impl<F: Precision> Simulation<F> {
    /// The times in ms of some trains of a source, as they were set last.
    ///
    /// # Errors
    /// `unknown-name`; `invalid-parameter` for a range outside the source.
    pub fn trains(&self, source: &str, trains: Range<usize>) -> Result<Vec<Vec<f64>>> {
        Ok(self.plan.train_times(&self.numbers(source, trains)?))
    }

    /// Replaces some trains of a source by these times in ms, which count from the start of the simulation. Spikes before now
    /// stay as they were; a spike at the current time is sent when the simulation goes on.
    ///
    /// # Errors
    /// `unknown-name`; `shape-mismatch` if there is not one train for each; `invalid-parameter` for times off the grid, not
    /// ascending or in the past, and for a second spike at the current time. Nothing is changed in these cases.
    #[inline(never)]
    pub fn set_trains(&mut self, source: &str, trains: Range<usize>, times: &[Vec<f64>]) -> Result<()> {
        let numbers = self.numbers(source, trains)?;
        if times.len() != numbers.len() {
            let (expected, got) = (format!("[{}]", numbers.len()), format!("[{}]", times.len()));
            return Err(Error::ShapeMismatch { layer: format!("{source}.trains"), expected, got });
        }
        let dt = self.plan.description.dt;
        let spikes = steps(&format!("{source}.trains"), times, numbers.start, self.step, dt)?;
        if let Some(spike) =
            spikes.iter().find(|&spike| spike.0 == self.step && self.in_flight.contains(spike))
        {
            let i = spike.1 as usize - numbers.start;
            let expected = "later times, because the source has spiked at this time";
            return Err(Error::invalid(format!("{source}.trains[{i}][0]"), times[i][0], expected));
        }
        let all = self.plan.train_source(source)?.numbers.clone();
        let before = self.plan.train_times(&all);
        self.changed.trains.entry(source.into()).or_insert(before);
        self.plan.put_trains(&numbers, &spikes);
        self.pending.retain(|&(_, number)| !numbers.contains(&(number as usize)));
        self.pending.extend(spikes.into_iter().filter(|&(step, _)| step == self.step));
        self.pending.sort_unstable();
        Ok(())
    }

    /// The numbers of some trains of a source.
    fn numbers(&self, source: &str, trains: Range<usize>) -> Result<Range<usize>> {
        let of = self.plan.train_source(source)?;
        if trains.start < trains.end && trains.end <= of.numbers.len() {
            return Ok(of.numbers.start + trains.start..of.numbers.start + trains.end);
        }
        let expected = format!("some of the {} trains of {source}", of.numbers.len());
        Err(Error::invalid("trains", format!("{} to {}", trains.start, trains.end), expected))
    }

    /// Sends the spikes of trains at the current time, at the beginning of a run: they are on their way from now on.
    pub(crate) fn send_pending(&mut self) {
        let pending = std::mem::take(&mut self.pending);
        if pending.is_empty() {
            return;
        }
        for partition in &self.partitions {
            lock(partition).schedule(&pending, self.step);
        }
        self.in_flight.extend(pending);
        self.in_flight.sort_unstable();
    }

    /// The trains that were set, for a saved state.
    pub(crate) fn saved_trains(&self) -> Vec<SetTrains> {
        let all = |name: &String| self.plan.train_source(name).map(|of| self.plan.train_times(&of.numbers));
        self.changed.trains.keys().filter_map(|name| Some((name.clone(), all(name).ok()?))).collect()
    }

    /// Checks the trains of a saved state, before anything is changed.
    ///
    /// # Errors
    /// `unknown-name`, `shape-mismatch` or `invalid-parameter` if the state belongs to another network.
    pub(crate) fn check_trains(&self, trains: &[SetTrains]) -> Result<()> {
        trains.iter().try_for_each(|(name, times)| {
            let of = self.plan.train_source(name)?;
            if times.len() != of.numbers.len() {
                let layer = format!("state.changes: {name}.trains");
                let (expected, got) = (format!("[{}]", of.numbers.len()), format!("[{}]", times.len()));
                return Err(Error::ShapeMismatch { layer, expected, got });
            }
            let dt = self.plan.description.dt;
            steps(&format!("state.changes: {name}.trains"), times, 0, 0, dt).map(|_| ())
        })
    }

    /// Replaces the trains that were set by those of a checked state.
    pub(crate) fn put_saved_trains(&mut self, trains: &[SetTrains]) -> Result<()> {
        let set = std::mem::take(&mut self.changed.trains);
        let put = |simulation: &mut Self, name: &String, times: &[Vec<f64>]| -> Result<()> {
            let numbers = simulation.plan.train_source(name)?.numbers.clone();
            let spikes = steps(name, times, numbers.start, 0, simulation.plan.description.dt)?;
            simulation.plan.put_trains(&numbers, &spikes);
            Ok(())
        };
        for (name, before) in set {
            put(self, &name, &before)?;
        }
        for (name, times) in trains {
            let before = self.trains(name, 0..times.len())?;
            put(self, name, times)?;
            self.changed.trains.insert(name.clone(), before);
        }
        Ok(())
    }
}
