//! Parameter search of studies for JavaScript. A proposal takes microseconds, so all calls are synchronous.

use crate::arrays::{self, Float64ArraySlice, copied};
use crate::boundary::{Outcome, Raw, sync};
use crate::handle::lock;
use crate::numbers::{self, MAX_SAFE_INTEGER};
use lapicque_core::search::prune::Decider;
use lapicque_core::search::trial::Report;
use lapicque_core::search::{Search, pareto};
use lapicque_core::{Error, Result};
use napi::Env;
use napi_derive::napi;
use serde_json::{Value, json};
use std::sync::Mutex;

fn parse(name: &str, text: &str) -> Result<Value> {
    serde_json::from_str(text).map_err(|e| Error::invalid(name, text, e.to_string()))
}

/// The search of one study: proposals, told trials, fronts and importances.
#[napi]
pub struct NativeSearch {
    search: Mutex<Search>,
}

const WHAT: &str = "the search of the study";

#[napi]
impl NativeSearch {
    /// Created from JSON `{ space, search, directions, seed, prune }`.
    #[napi]
    pub fn create(description: String) -> Outcome<NativeSearch> {
        sync(|| Ok(NativeSearch { search: Mutex::new(Search::new(&parse("study", &description)?)?) }))
    }

    /// JSON `{ adaptive, size, parameters: [{ name, … }] }`; `size` is null if the search has no end.
    #[napi]
    pub fn describe(&self) -> Outcome<String> {
        sync(|| {
            let search = lock(WHAT, &self.search)?;
            let parameters: Vec<Value> = search.space().parameters.iter().map(|p| p.describe()).collect();
            let described =
                json!({ "adaptive": search.is_adaptive(), "size": search.size(), "parameters": parameters });
            Ok(described.to_string())
        })
    }

    /// The parameters of a trial as JSON, given a JSON list of those of the running trials; `null` if there are no
    /// more.
    #[napi]
    pub fn propose(&self, number: f64, pending: String) -> Outcome<String> {
        sync(|| {
            let number = numbers::whole("number", number, 0..=MAX_SAFE_INTEGER)?;
            let pending = parse("pending", &pending)?;
            let pending = pending.as_array().map_or(&[][..], Vec::as_slice);
            Ok(lock(WHAT, &self.search)?.propose(number, pending)?.to_string())
        })
    }

    /// A uniform random number in [0, 1) of a trial, for a sampler in JavaScript.
    #[napi]
    pub fn uniform(&self, number: f64, index: f64) -> Outcome<f64> {
        sync(|| {
            let number = numbers::whole("number", number, 0..=MAX_SAFE_INTEGER)?;
            let index = numbers::whole("index", index, 0..=MAX_SAFE_INTEGER)?;
            Ok(lock(WHAT, &self.search)?.uniform(number, index))
        })
    }

    /// Refuses parameters (JSON) that are not in the space.
    #[napi]
    pub fn check(&self, parameters: String) -> Outcome<()> {
        sync(|| lock(WHAT, &self.search)?.check(&parse("parameters", &parameters)?))
    }

    /// Tells a finished trial, as JSON; infinities and NaN are strings.
    #[napi]
    pub fn tell(&self, record: String) -> Outcome<()> {
        sync(|| lock(WHAT, &self.search)?.tell(&parse("trial", &record)?))
    }

    /// JSON for a `NativePruner`: the data of the told trials for trial `number`.
    #[napi]
    pub fn pruning(&self, number: f64) -> Outcome<String> {
        sync(|| {
            let number = numbers::whole("number", number, 0..=MAX_SAFE_INTEGER)?;
            Ok(lock(WHAT, &self.search)?.pruning(number).to_string())
        })
    }

    /// Shares of importance by parameter, as JSON.
    #[napi]
    pub fn importance(&self, objective: f64) -> Outcome<String> {
        sync(|| {
            let objective = numbers::size("objective", objective, 0..=1 << 20)?;
            Ok(lock(WHAT, &self.search)?.importance(objective)?.to_string())
        })
    }

    /// Numbers of the trials that no other trial dominates.
    #[napi(ts_return_type = "Outcome<Float64Array>")]
    pub fn front(&self, env: &Env) -> Outcome<Raw> {
        sync(|| {
            let front: Vec<f64> = lock(WHAT, &self.search)?.front().iter().map(|&n| n as f64).collect();
            Raw::new(env, arrays::array(env, "front", &front)?)
        })
    }

    /// The hypervolume between the front and a reference with one number for each objective.
    #[napi]
    pub fn hypervolume(&self, reference: Float64ArraySlice) -> Outcome<f64> {
        sync(|| lock(WHAT, &self.search)?.hypervolume(&copied("reference", &reference)?))
    }
}

/// Decides on the reports of one trial.
#[napi]
pub struct NativePruner {
    decider: Mutex<Decider>,
}

#[napi]
impl NativePruner {
    /// Created from the JSON that `NativeSearch.pruning` returned.
    #[napi]
    pub fn create(snapshot: String) -> Outcome<NativePruner> {
        sync(|| Ok(NativePruner { decider: Mutex::new(Decider::new(&parse("pruning", &snapshot)?)?) }))
    }

    /// Receives a report with one value for each objective; returns whether the trial must end.
    #[napi]
    pub fn report(&self, step: f64, values: Float64ArraySlice) -> Outcome<bool> {
        sync(|| {
            let report = Report { step, values: copied("values", &values)? };
            Ok(lock("the pruner", &self.decider)?.report(&report))
        })
    }
}

/// Rows with one number for each objective; smaller is better.
fn rows(values: &[f64], objectives: f64) -> Result<Vec<&[f64]>> {
    let objectives = numbers::size("objectives", objectives, 1..=1 << 20)?;
    if !values.len().is_multiple_of(objectives) {
        let expected = format!("a multiple of {objectives} numbers");
        return Err(Error::invalid("values", values.len(), expected));
    }
    Ok(values.chunks(objectives).collect())
}

/// The front of each row of `[trials, objectives]`, where smaller is better; front 0 is not dominated. Equal rows share
/// a front.
#[napi(ts_return_type = "Outcome<Uint32Array>")]
pub fn pareto_ranks(env: &Env, values: Float64ArraySlice, objectives: f64) -> Outcome<Raw> {
    sync(|| {
        let values = copied("values", &values)?;
        let ranks: Vec<u32> = pareto::ranks(&rows(&values, objectives)?).iter().map(|&r| r as u32).collect();
        Raw::new(env, arrays::array(env, "ranks", &ranks)?)
    })
}

/// The hypervolume between rows of `[trials, objectives]`, where smaller is better, and `reference`.
#[napi]
pub fn hypervolume(values: Float64ArraySlice, objectives: f64, reference: Float64ArraySlice) -> Outcome<f64> {
    sync(|| {
        let (values, reference) = (copied("values", &values)?, copied("reference", &reference)?);
        let rows = rows(&values, objectives)?;
        if reference.len() as f64 != objectives {
            return Err(Error::invalid("reference", reference.len(), format!("{objectives} numbers")));
        }
        Ok(pareto::hypervolume(&rows, &reference))
    })
}
