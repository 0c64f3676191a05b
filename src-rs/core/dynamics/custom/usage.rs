//! Checks that every parameter is used, and that values of the step before are there where they are read.

use super::Custom;
use super::equations::{NumberOrParam, params};
use super::update::Form;
use crate::settings::Settings;
use lapicque_base::error::{Error, Result};
use lapicque_base::nearest::near;
use lapicque_expr::parse::{BEFORE, Expr, Source, without_index};
use serde_json::{Map, Value};

impl Custom {
    /// Refuses a parameter that no equation uses: it would be set, or learned, without any effect. It comes after all other
    /// checks, because a misspelled name in an equation leaves a parameter unused.
    pub fn check_use(&self, spec: &Map<String, Value>) -> Result<()> {
        let is =
            |value: &NumberOrParam, name: &str| matches!(value, NumberOrParam::Param(param) if param == name);
        let used = |name: &str| {
            self.expressions().any(|expr| expr.mentions(name))
                || self.evaluator.bodies().any(|body| body.mentions(name))
                || self.equations.states.iter().any(|state| is(&state.init, name))
                || self.equations.refractory.as_ref().is_some_and(|refractory| is(&refractory.period, name))
        };
        let Some(unused) = params(spec).into_iter().find(|name| !used(name)) else { return Ok(()) };
        let mut names: Vec<&str> = Vec::new();
        self.expressions().for_each(|expr| expr.names(&mut |name, _| names.push(without_index(name).0)));
        let hint = near(unused, names).map_or(String::new(), |name| format!(" (did you mean \"{name}\"?)"));
        let expected =
            format!("a parameter that the equations use: remove it, or use it in one of them{hint}");
        Err(Error::invalid("params", format!("\"{unused}\", which no equation uses"), expected))
    }

    /// Refuses to learn the refractory period.
    pub fn check_learned(&self, settings: &Settings) -> Result<()> {
        match self.equations.refractory.as_ref().map(|refractory| &refractory.period) {
            Some(NumberOrParam::Param(name)) if settings.param(name).is_some_and(|param| param.learn) => {
                let expected = "parameters with a gradient: the refractory period is rounded to whole steps";
                Err(Error::invalid("learn", format!("\"{name}\""), expected))
            }
            _ => Ok(()),
        }
    }

    /// Refuses `[t-1]` where no value of the step before is known.
    pub(super) fn check_indices(&self, spec: &Map<String, Value>) -> Result<()> {
        if self.update.form == Form::Derivatives {
            for statement in &self.update.statements {
                refuse(&self.update.source, &statement.value, |name| {
                    format!(
                        "a derivative has no steps: write {name}, or difference equations such as v[t] = v[t-1] + …"
                    )
                })?;
            }
        }
        let timing =
            spec.get("options").and_then(|options| options.get("resetTiming")).and_then(Value::as_str);
        let Some(timing) = timing.filter(|timing| *timing != "same-step") else { return Ok(()) };
        if let Some(threshold) = &self.threshold {
            refuse(&threshold.source, &threshold.condition, |_| {
                format!(
                    "with resetTiming \"{timing}\" the spike of the step before is computed again from the states alone: \
                     use \"same-step\", or store the value in a state of its own"
                )
            })?;
        }
        match (timing, &self.reset) {
            ("start-of-next-step", Some((source, statements))) => {
                statements.iter().try_for_each(|statement| {
                    refuse(source, &statement.value, |name| {
                        format!(
                            "with resetTiming \"{timing}\" the reset comes before the update: write {name}"
                        )
                    })
                })
            }
            _ => Ok(()),
        }
    }
}

/// Refuses a value of the step before in `expr`.
fn refuse(source: &Source, expr: &Expr, reason: impl Fn(&str) -> String) -> Result<()> {
    let mut found: Option<(&str, usize)> = None;
    expr.names(&mut |name, at| {
        if let (bare, Some(BEFORE)) = without_index(name) {
            found = found.or(Some((bare, at)));
        }
    });
    match found {
        Some((name, at)) => {
            Err(source.fail(at, format!("{name}{BEFORE} has no value here: {}", reason(name))))
        }
        None => Ok(()),
    }
}
