//! A study's search: built from one description, told the finished trials, asked for proposals and decisions.

use crate::decode;
use crate::draws::{Use, stream};
use crate::field::shown;
use crate::importance;
use crate::pareto;
use crate::prune::{self, Pruner};
use crate::sampler::{self, Ask, Known, Sampler};
use crate::space::{Point, Space};
use crate::trial::{Direction, Trial};
use lapicque_base::error::{Error, Result};
use serde_json::{Map, Value, json};
use std::collections::HashSet;

/// Objectives at the most.
const OBJECTIVES: usize = 64;

pub struct Search {
    space: Space,
    directions: Vec<Direction>,
    seed: u64,
    /// None where the study proposes by a function of its own.
    sampler: Option<Box<dyn Sampler>>,
    pruner: Box<dyn Pruner>,
    seen: Vec<Trial>,
    numbers: HashSet<u64>,
    known: Known,
}

impl Search {
    /// Of `{ space, search, directions, seed, prune }`; `search` may be of kind `custom`, and `prune` is `{ kind: 'non-finite' }` if
    /// it is missing.
    ///
    /// # Errors
    /// `invalid-parameter`, `unknown-name` and `unsupported`, with the name of what is wrong.
    pub fn new(description: &Value) -> Result<Self> {
        let field = |key: &str| description.get(key).unwrap_or(&Value::Null);
        let space = Space::new(field("space"))?;
        let given = field("directions");
        let expected = || format!("a list of 1 to {OBJECTIVES} times \"minimize\" or \"maximize\"");
        let list = given.as_array().filter(|list| (1..=OBJECTIVES).contains(&list.len()));
        let list = list.ok_or_else(|| Error::invalid("directions", shown(given), expected()))?;
        let direction = |(i, value)| Direction::from_json(&format!("directions[{i}]"), value);
        let directions: Vec<Direction> = list.iter().enumerate().map(direction).collect::<Result<_>>()?;
        let seed = field("seed").as_f64();
        let seed = seed.filter(|seed| seed.fract() == 0.0 && (0.0..=crate::domain::MAX_SAFE).contains(seed));
        let seed = seed
            .ok_or_else(|| Error::invalid("seed", shown(field("seed")), "an integer from 0 to 2^53 - 1"))?;
        let search = field("search");
        let sampler = match search.get("kind").and_then(Value::as_str) {
            Some("custom") => None,
            _ => Some(sampler::build(search, &space, &directions)?),
        };
        let usual = json!({ "kind": "non-finite" });
        let pruner = prune::build(description.get("prune").unwrap_or(&usual), &directions)?;
        Ok(Search {
            space,
            directions,
            seed: seed as u64,
            sampler,
            pruner,
            seen: Vec::new(),
            numbers: HashSet::new(),
            known: Known::default(),
        })
    }

    pub fn space(&self) -> &Space {
        &self.space
    }

    /// Whether proposals depend on what was told; a function of the user's own may.
    pub fn is_adaptive(&self) -> bool {
        self.sampler.as_ref().is_none_or(|sampler| sampler.is_adaptive())
    }

    /// The number of trials after which there are no more.
    pub fn size(&self) -> Option<u64> {
        self.sampler.as_ref().and_then(|sampler| sampler.size())
    }

    /// Parameters of trial `number`, given those of trials that are under way; null where there are no more.
    ///
    /// # Errors
    /// `invalid-parameter` where those under way are not of the space.
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
            seen: &self.seen,
            pending: &pending,
            known: &self.known,
        };
        let point = sampler.propose(&ask)?;
        Ok(point.map_or(Value::Null, |point| decode::parameters(&self.space, &point)))
    }

    /// A random number in \[0, 1) of trial `number`, for a sampler of the user's own.
    pub fn uniform(&self, number: u64, index: u64) -> f64 {
        stream(self.seed, Use::Proposal, number).uniform_f64_at(index)
    }

    /// Refuses parameters that are not of the space.
    ///
    /// # Errors
    /// `invalid-parameter` with the name of the first that is not.
    pub fn check(&self, parameters: &Value) -> Result<()> {
        decode::point(&self.space, "parameters", parameters).map(|_| ())
    }

    /// A finished trial: a record of `src-ts/study/trials.ts`.
    ///
    /// # Errors
    /// `invalid-parameter` where it does not fit, or its number has been told before.
    pub fn tell(&mut self, record: &Value) -> Result<()> {
        let trial = Trial::from_json(&self.space, &self.directions, record)?;
        if !self.numbers.insert(trial.number) {
            return Err(Error::invalid("trial.number", trial.number, "a trial that has not been told yet"));
        }
        self.known.insert(&trial.point);
        self.pruner.see(&trial, self.seed);
        self.seen.push(trial);
        Ok(())
    }

    /// What is needed to decide on trial `number` by the trials told so far: plain data for [`prune::Decider`].
    pub fn pruning(&self, number: u64) -> Value {
        self.pruner.snapshot(number, self.seed)
    }

    fn complete(&self) -> impl Iterator<Item = &Trial> {
        self.seen.iter().filter(|trial| trial.is_complete())
    }

    /// Numbers of the complete trials that no other is better than in all objectives, in ascending order.
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

    /// Importance of each parameter for reaching the best tenth in one objective, by name; they add up to 1 unless all are 0.
    ///
    /// # Errors
    /// `invalid-parameter` for an objective that there is not.
    pub fn importance(&self, objective: usize) -> Result<Value> {
        if objective >= self.directions.len() {
            let expected = format!("an objective from 0 to {}", self.directions.len() - 1);
            return Err(Error::invalid("objective", objective, expected));
        }
        let importances = importance::ped_anova(&self.space, &self.seen, objective);
        let sum: f64 = importances.iter().sum();
        let share = |x: f64| if sum > 0.0 { x / sum } else { 0.0 };
        let named = self.space.parameters.iter().zip(importances);
        let named = named.map(|(parameter, x)| (parameter.name.clone(), Value::from(share(x))));
        Ok(Value::Object(named.collect::<Map<_, _>>()))
    }
}
