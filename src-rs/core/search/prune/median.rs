//! Prunes a trial whose best report so far is worse than the median, over the complete trials, of their reports at the same
//! step (D. Golovin et al., Google Vizier, KDD 2017). With several objectives it must be worse than the median in each of
//! them.

use super::{
    Decide, Pruner, Schedule, costs, direction_names, read_directions, read_numbers, report_directions,
    written,
};
use crate::field::Fields;
use crate::trial::{Direction, Report, Trial};
use lapicque_base::error::Result;
use serde_json::{Value, json};
use std::collections::BTreeMap;

struct Median {
    directions: Vec<Direction>,
    startup: u64,
    warmup: u64,
    interval: u64,
    percentile: f64,
    complete: u64,
    /// By step (ordered by its bits): the costs in each direction, ascending.
    steps: BTreeMap<u64, Vec<Vec<f64>>>,
}

pub fn build(options: &Fields, directions: &[Direction]) -> Result<Box<dyn Pruner>> {
    let is_percentage = |p: f64| (0.0..=100.0).contains(&p);
    Ok(Box::new(Median {
        directions: report_directions(options, directions)?,
        startup: options.whole("startup", Some(5), 0, 1 << 53)?,
        warmup: options.whole("warmup", Some(0), 0, super::MAX_STEPS)?,
        interval: options.whole("interval", Some(1), 1, super::MAX_STEPS)?,
        percentile: options.number("percentile", Some(50.0), "a percentage from 0 to 100", is_percentage)?,
        complete: 0,
        steps: BTreeMap::new(),
    }))
}

/// Linear interpolation, as numpy's default.
fn percentile(sorted: &[f64], percent: f64) -> f64 {
    let at = percent / 100.0 * (sorted.len() - 1) as f64;
    let (below, above) = (sorted[at.floor() as usize], sorted[at.ceil() as usize]);
    if below == above { below } else { below + (above - below) * at.fract() }
}

impl Pruner for Median {
    fn observe(&mut self, trial: &Trial, _: u64) {
        if !trial.is_complete() {
            return;
        }
        self.complete += 1;
        for report in trial.reports.iter().filter(|report| report.step >= self.warmup as f64) {
            let Some(costs) = costs(report, &self.directions) else { continue };
            let step =
                self.steps.entry(report.step.to_bits()).or_insert_with(|| vec![Vec::new(); costs.len()]);
            for (sorted, cost) in step.iter_mut().zip(costs) {
                let at = sorted.partition_point(|other| other.total_cmp(&cost).is_le());
                sorted.insert(at, cost);
            }
        }
    }

    fn snapshot(&self, _: u64, _: u64) -> Value {
        let bound = |sorted: &Vec<f64>| written(percentile(sorted, self.percentile));
        let step = |(bits, each): (&u64, &Vec<Vec<f64>>)| {
            json!([f64::from_bits(*bits), each.iter().map(bound).collect::<Vec<_>>()])
        };
        // There are no bounds before there are enough trials, at least one.
        let steps: Vec<Value> = match self.complete >= self.startup.max(1) {
            true => self.steps.iter().map(step).collect(),
            false => Vec::new(),
        };
        json!({
            "kind": "median", "directions": direction_names(&self.directions), "warmup": self.warmup,
            "interval": self.interval, "steps": steps,
        })
    }
}

struct Compared {
    directions: Vec<Direction>,
    schedule: Schedule,
    best: Vec<f64>,
    bounds: BTreeMap<u64, Vec<f64>>,
}

pub fn restore(snapshot: &Value) -> Option<Box<dyn Decide>> {
    let directions = read_directions(snapshot)?;
    let bound = |entry: &Value| Some((entry.get(0)?.as_f64()?.to_bits(), read_numbers(entry.get(1)?)?));
    let bounds = snapshot.get("steps")?.as_array()?.iter().map(bound).collect::<Option<_>>()?;
    let best = vec![f64::INFINITY; directions.len()];
    Some(Box::new(Compared { directions, schedule: Schedule::read(snapshot)?, best, bounds }))
}

impl Decide for Compared {
    fn report(&mut self, report: &Report) -> bool {
        let Some(costs) = costs(report, &self.directions) else { return false };
        self.best.iter_mut().zip(costs).for_each(|(best, cost)| *best = best.min(cost));
        let is_due = self.schedule.is_due(report.step);
        let bounds = self.bounds.get(&report.step.to_bits()).filter(|_| is_due);
        bounds.is_some_and(|bounds| {
            !bounds.is_empty() && self.best.iter().zip(bounds).all(|(best, bound)| best > bound)
        })
    }
}
