//! Spike trains of sources, checked and in steps.

use super::network::Plan;
use crate::representation::spike::Spike;
use lapicque_base::error::{Error, Result};
use std::ops::Range;

/// A source of spike trains.
#[derive(Debug)]
pub struct TrainSource {
    pub name: String,
    /// The numbers of its trains, which follow those of all neurons.
    pub numbers: Range<usize>,
}

/// The spikes of trains whose first one has the number `first`, train by train. A spike at step `k` is at `k dt` ms; `now`: the
/// first allowed step.
///
/// # Errors
/// `invalid-parameter` with `name`, the train and the index of a time that is off the grid, not ascending, or before `now`.
pub fn steps(name: &str, trains: &[Vec<f64>], first: usize, now: u64, dt: f64) -> Result<Vec<Spike>> {
    let mut spikes = vec![];
    for (i, train) in trains.iter().enumerate() {
        let mut next = now;
        for (j, &ms) in train.iter().enumerate() {
            let step = (ms / dt).round();
            let on_grid = (0.0..9e15).contains(&step) && (ms - step * dt).abs() <= 1e-6 * dt;
            if !on_grid || (step as u64) < next {
                let since = if now == 0 { "0".into() } else { format!("{} (now)", now as f64 * dt) };
                let expected =
                    format!("ascending whole multiples of {dt} ms from {since} on, one spike per step");
                return Err(Error::invalid(format!("{name}[{i}][{j}]"), ms, expected));
            }
            next = step as u64 + 1;
            spikes.push((step as u64, (first + i) as u32));
        }
    }
    Ok(spikes)
}

impl Plan {
    /// # Errors
    /// `unknown-name`.
    pub(crate) fn train_source(&self, name: &str) -> Result<&TrainSource> {
        let found = self.train_sources.iter().find(|source| source.name == name);
        let known = || self.train_sources.iter().map(|source| source.name.as_str());
        found.ok_or_else(|| Error::unknown("source", name, known()))
    }

    /// The times in ms of some trains.
    pub(crate) fn train_times(&self, numbers: &Range<usize>) -> Vec<Vec<f64>> {
        let mut times = vec![vec![]; numbers.len()];
        for &(step, number) in self.trains.iter().filter(|(_, number)| numbers.contains(&(*number as usize)))
        {
            times[number as usize - numbers.start].push(step as f64 * self.description.dt);
        }
        times
    }

    /// Replaces some trains by these spikes.
    pub(crate) fn put_trains(&mut self, numbers: &Range<usize>, spikes: &[Spike]) {
        self.trains.retain(|&(_, number)| !numbers.contains(&(number as usize)));
        self.trains.extend_from_slice(spikes);
        self.trains.sort_unstable();
    }
}
