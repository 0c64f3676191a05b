//! Asynchronous successive halving (L. Li et al., A system for massively parallel hyperparameter tuning, MLSys 2020). At its
//! first report at or after step `minSteps · reduction^k` a trial continues if it is among the best 1 / `reduction` of the
//! trials that have reached this rung, itself included; with fewer than `reduction` trials, if it is the best. With several
//! objectives the order is by fronts and crowding distance (R. Schmucker et al., arXiv:2106.12639).

use super::{
    Decide, Pruner, costs, direction_names, read_directions, read_numbers, report_directions, written,
};
use crate::field::Fields;
use crate::pareto;
use crate::trial::{Direction, Report, Trial};
use lapicque_base::error::Result;
use serde_json::{Value, json};

/// The data of a rung.
#[derive(Debug, Clone)]
pub struct Rungs {
    directions: Vec<Direction>,
    /// Steps of the first rung.
    first: f64,
    reduction: f64,
    startup: usize,
    /// By rung: the costs of the trials that reached it, in the order in which they were told.
    reached: Vec<Vec<Vec<f64>>>,
}

pub fn build(options: &Fields, directions: &[Direction]) -> Result<Box<dyn Pruner>> {
    let first = options.whole("minSteps", Some(1), 1, super::MAX_STEPS)?;
    let reduction = options.whole("reduction", Some(4), 2, 1 << 20)?;
    let startup = options.whole("startup", Some(1), 0, 1 << 53)? as usize;
    Ok(Box::new(Rungs::new(report_directions(options, directions)?, first as f64, reduction as f64, startup)))
}

impl Rungs {
    pub fn new(directions: Vec<Direction>, first: f64, reduction: f64, startup: usize) -> Self {
        Rungs { directions, first, reduction, startup, reached: Vec::new() }
    }

    pub fn observe_reports(&mut self, reports: &[Report]) {
        let (mut rung, mut step) = (0, self.first);
        for report in reports {
            let Some(costs) = costs(report, &self.directions) else { continue };
            while report.step >= step && step.is_finite() {
                if self.reached.len() == rung {
                    self.reached.push(Vec::new());
                }
                self.reached[rung].push(costs.clone());
                rung += 1;
                step *= self.reduction;
            }
        }
    }

    pub fn written(&self) -> Value {
        let rungs: Vec<Value> = self.reached.iter().map(|reached| self.rung(reached)).collect();
        json!({
            "kind": "asha", "directions": direction_names(&self.directions), "minSteps": self.first,
            "reduction": self.reduction, "rungs": rungs,
        })
    }

    /// The number of trials that continue besides a new one, and all costs that a new trial may have to be compared with.
    fn rung(&self, reached: &[Vec<f64>]) -> Value {
        if reached.len() < self.startup.max(1) {
            return Value::Null;
        }
        let last = (((reached.len() + 1) as f64 / self.reduction) as usize).max(1) - 1;
        let points: Vec<&[f64]> = reached.iter().map(Vec::as_slice).collect();
        let list = |i: usize| points[i].iter().map(|&x| written(x)).collect::<Vec<_>>();
        if let [_] = self.directions[..] {
            let mut order: Vec<usize> = (0..points.len()).collect();
            order.sort_by(|&i, &j| points[i][0].total_cmp(&points[j][0]));
            return order.get(last).map_or(Value::Null, |&i| json!({ "last": 0, "others": [list(i)] }));
        }
        // Fronts after that of the last continuing trial do not matter.
        let ranks = pareto::ranks(&points);
        let Some(&at) = pareto::sorted(&points).get(last) else { return Value::Null };
        let others: Vec<_> = (0..points.len()).filter(|&i| ranks[i] <= ranks[at]).map(list).collect();
        json!({ "last": last, "others": others })
    }
}

impl Pruner for Rungs {
    fn observe(&mut self, trial: &Trial, _: u64) {
        self.observe_reports(&trial.reports);
    }

    fn snapshot(&self, _: u64, _: u64) -> Value {
        self.written()
    }
}

struct Halving {
    directions: Vec<Direction>,
    reduction: f64,
    rungs: Vec<Option<(usize, Vec<Vec<f64>>)>>,
    rung: usize,
    step: f64,
}

pub fn restore(snapshot: &Value) -> Option<Box<dyn Decide>> {
    let directions = read_directions(snapshot)?;
    let number = |key: &str| snapshot.get(key)?.as_f64();
    let rung = |value: &Value| {
        if value.is_null() {
            return Some(None);
        }
        let others: Option<Vec<Vec<f64>>> =
            value.get("others")?.as_array()?.iter().map(read_numbers).collect();
        let others = others.filter(|others| others.iter().all(|other| other.len() == directions.len()))?;
        Some(Some((value.get("last")?.as_u64()? as usize, others)))
    };
    let rungs = snapshot.get("rungs")?.as_array()?.iter().map(rung).collect::<Option<_>>()?;
    let reduction = number("reduction").filter(|&reduction| reduction >= 2.0)?;
    let step = number("minSteps").filter(|&step| step > 0.0)?;
    Some(Box::new(Halving { directions, reduction, rungs, rung: 0, step }))
}

impl Decide for Halving {
    fn report(&mut self, report: &Report) -> bool {
        let Some(own) = costs(report, &self.directions) else { return false };
        while report.step >= self.step && self.step.is_finite() {
            if let Some(Some((last, others))) = self.rungs.get(self.rung) {
                // First in the list, so that it ranks before equal trials.
                let points: Vec<&[f64]> =
                    std::iter::once(own.as_slice()).chain(others.iter().map(Vec::as_slice)).collect();
                if pareto::sorted(&points).iter().position(|&i| i == 0).is_some_and(|rank| rank > *last) {
                    return true;
                }
            }
            self.rung += 1;
            self.step *= self.reduction;
        }
        false
    }
}
