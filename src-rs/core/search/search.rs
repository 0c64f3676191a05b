//! The search of a study. It is built from one description, is told the finished trials, and returns proposals and pruning
//! decisions.

use crate::decode;
use crate::draws::{Use, stream};
use crate::field::quoted;
use crate::importance;
use crate::pareto;
use crate::prune::{self, Pruner};
use crate::sampler::{self, Ask, PointSet, Sampler};
use crate::space::{Point, Space};
use crate::trial::{Direction, Trial};
use lapicque_base::error::{Error, Result};
use serde_json::{Map, Value, json};
use std::collections::HashSet;

/// Maximum number of objectives.
const OBJECTIVES: usize = 64;

pub struct Search {
    space: Space,
    directions: Vec<Direction>,
    seed: u64,
    /// `None` if a user-defined function of the study proposes.
    sampler: Option<Box<dyn Sampler>>,
    pruner: Box<dyn Pruner>,
    trials: Vec<Trial>,
    numbers: HashSet<u64>,
    finished_points: PointSet,
}

impl Search {
    /// Builds a search from `{ space, search, directions, seed, prune }`. `search` may be of kind `custom`; `prune` defaults
    /// to `{ kind: 'non-finite' }`.
    ///
    /// # Errors
    /// `invalid-parameter`, `unknown-name` and `unsupported`, with the name of the invalid part.
    pub fn new(description: &Value) -> Result<Self> {
        let field = |key: &str| description.get(key).unwrap_or(&Value::Null);
        let space = Space::new(field("space"))?;
        let value = field("directions");
        let expected = || format!("a list of 1 to {OBJECTIVES} times \"minimize\" or \"maximize\"");
        let list = value.as_array().filter(|list| (1..=OBJECTIVES).contains(&list.len()));
        let list = list.ok_or_else(|| Error::invalid("directions", quoted(value), expected()))?;
        let direction = |(i, value)| Direction::from_json(&format!("directions[{i}]"), value);
        let directions: Vec<Direction> = list.iter().enumerate().map(direction).collect::<Result<_>>()?;
        let seed = field("seed").as_f64();
        let seed = seed.filter(|seed| seed.fract() == 0.0 && (0.0..=crate::domain::MAX_SAFE).contains(seed));
        let seed = seed
            .ok_or_else(|| Error::invalid("seed", quoted(field("seed")), "an integer from 0 to 2^53 - 1"))?;
        let search = field("search");
        let sampler = match search.get("kind").and_then(Value::as_str) {
            Some("custom") => None,
            _ => Some(sampler::build(search, &space, &directions)?),
        };
        let default = json!({ "kind": "non-finite" });
        let pruner = prune::build(description.get("prune").unwrap_or(&default), &directions)?;
        Ok(Search {
            space,
            directions,
            seed: seed as u64,
            sampler,
            pruner,
            trials: Vec::new(),
            numbers: HashSet::new(),
            finished_points: PointSet::default(),
        })
    }

    pub fn space(&self) -> &Space {
        &self.space
    }

    /// Whether proposals depend on the finished trials; for a user-defined function they may.
    pub fn is_adaptive(&self) -> bool {
        self.sampler.as_ref().is_none_or(|sampler| sampler.is_adaptive())
    }

    /// The number of trials after which the search is exhausted.
    pub fn size(&self) -> Option<u64> {
        self.sampler.as_ref().and_then(|sampler| sampler.size())
    }

    /// The parameters of trial `number`, given those of running trials; null if the search is exhausted.
    ///
    /// # Errors
    /// `invalid-parameter` if parameters of a running trial are not in the space.
    pub fn propose(&mut self, number: u64, pending: &[Value]) -> Result<Value> {
        let point = |(i, parameters)| decode::point(&self.space, &format!("pending[{i}]"), parameters);
        let pending: Vec<Point> = pending.iter().enumerate().map(point).collect::<Result<_>>()?;
        let Some(sampler) = &mut self.sampler else {
            return Err(Error::Unsupported { feature: "proposals".into(), format: "custom search".into() });
        };
        let ask = Ask {
            space: &self.space,
            directions: &self.directions,
            seed: self.seed,
            number,
            trials: &self.trials,
            pending: &pending,
            finished_points: &self.finished_points,
        };
        let point = sampler.propose(&ask)?;
        Ok(point.map_or(Value::Null, |point| decode::parameters(&self.space, &point)))
    }

    /// A random number in \[0, 1) of trial `number`, for a user-defined sampler.
    pub fn uniform(&self, number: u64, index: u64) -> f64 {
        stream(self.seed, Use::Proposal, number).uniform_f64_at(index)
    }

    /// Checks that parameters are in the space.
    ///
    /// # Errors
    /// `invalid-parameter` with the name of the first that is not.
    pub fn check(&self, parameters: &Value) -> Result<()> {
        decode::point(&self.space, "parameters", parameters).map(|_| ())
    }

    /// Adds a finished trial: a record of `src-ts/study/trials.ts`.
    ///
    /// # Errors
    /// `invalid-parameter` if it does not fit the space, or if its number was added before.
    pub fn tell(&mut self, record: &Value) -> Result<()> {
        let trial = Trial::from_json(&self.space, &self.directions, record)?;
        if !self.numbers.insert(trial.number) {
            return Err(Error::invalid("trial.number", trial.number, "a trial that has not been told yet"));
        }
        self.finished_points.insert(&trial.point);
        self.pruner.observe(&trial, self.seed);
        self.trials.push(trial);
        Ok(())
    }

    /// The data with which trial `number` is pruned, from the trials told so far: plain data for [`prune::Decider`].
    pub fn pruning(&self, number: u64) -> Value {
        self.pruner.snapshot(number, self.seed)
    }

    fn complete(&self) -> impl Iterator<Item = &Trial> {
        self.trials.iter().filter(|trial| trial.is_complete())
    }

    /// Numbers of the complete trials that no other trial dominates, in ascending order.
    pub fn front(&self) -> Vec<u64> {
        let trials: Vec<&Trial> = self.complete().collect();
        let costs: Vec<&[f64]> = trials.iter().map(|trial| trial.costs.as_slice()).collect();
        let ranks = pareto::ranks(&costs);
        let mut front: Vec<u64> =
            trials.iter().zip(ranks).filter(|(_, rank)| *rank == 0).map(|(trial, _)| trial.number).collect();
        front.sort_unstable();
        front
    }

    /// The volume between the front and a reference point, in the units of the objectives.
    ///
    /// # Errors
    /// `invalid-parameter` unless there is one finite number for each objective.
    pub fn hypervolume(&self, reference: &[f64]) -> Result<f64> {
        if reference.len() != self.directions.len() || reference.iter().any(|x| !x.is_finite()) {
            let expected = format!("{} finite numbers, one for each objective", self.directions.len());
            return Err(Error::invalid("reference", format!("{reference:?}"), expected));
        }
        let reference: Vec<f64> =
            reference.iter().zip(&self.directions).map(|(&x, direction)| direction.cost(x)).collect();
        let costs: Vec<&[f64]> = self.complete().map(|trial| trial.costs.as_slice()).collect();
        Ok(pareto::hypervolume(&costs, &reference))
    }

    /// The importance of each parameter, by name, for reaching the best tenth in one objective; the sum is 1 unless all are 0.
    ///
    /// # Errors
    /// `invalid-parameter` if there is no such objective.
    pub fn importance(&self, objective: usize) -> Result<Value> {
        if objective >= self.directions.len() {
            let expected = format!("an objective from 0 to {}", self.directions.len() - 1);
            return Err(Error::invalid("objective", objective, expected));
        }
        let importances = importance::ped_anova(&self.space, &self.trials, objective);
        let sum: f64 = importances.iter().sum();
        let share = |x: f64| if sum > 0.0 { x / sum } else { 0.0 };
        let named = self.space.parameters.iter().zip(importances);
        let named = named.map(|(parameter, x)| (parameter.name.clone(), Value::from(share(x))));
        Ok(Value::Object(named.collect::<Map<_, _>>()))
    }
}
