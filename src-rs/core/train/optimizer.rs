//! Optimizers, their settings per parameter, and one step of them. Each optimizer is one file, declared and listed
//! below.

mod adam;
mod adamw;
mod definition;
mod elements;
mod lion;
mod registry;
mod rmsprop;
mod sgd;

#[cfg(test)]
mod tests;

use definition::{At, Optimizer};
use elements::Step;
use lapicque_base::SimdLevel;
use lapicque_base::error::{Error, Result};
use lapicque_exec::MOMENTS;
use lapicque_options::{OptionSet, Range, Reader};
use lapicque_projection::Element;
use serde::{Deserialize, Serialize};

pub use registry::{OptimizerKind, describe};

macro_rules! optimizers {
    ($($file:ident::$Optimizer:ident),* $(,)?) => {
        /// The options of an optimizer.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Rule {
            $($Optimizer(<$file::$Optimizer as Optimizer>::Options)),*
        }

        impl Rule {
            fn common(&self) -> (f64, f64) {
                match self {
                    $(Rule::$Optimizer(options) => $file::$Optimizer::common(options)),*
                }
            }

            fn step(&self, at: At) -> OptimizerStep {
                match self {
                    $(Rule::$Optimizer(options) => OptimizerStep::$Optimizer($file::$Optimizer::step(options, at))),*
                }
            }
        }

        /// The scalars of one step of one parameter.
        #[derive(Debug, Clone, Copy, PartialEq)]
        pub enum OptimizerStep {
            $($Optimizer(<$file::$Optimizer as Optimizer>::Step)),*
        }

        impl OptimizerStep {
            /// As [`Step::moments`].
            pub fn moments(&self) -> [bool; MOMENTS] {
                match self {
                    $(OptimizerStep::$Optimizer(step) => step.moments()),*
                }
            }

            /// As [`Step::is_moderate`].
            pub fn is_moderate(&self) -> bool {
                match self {
                    $(OptimizerStep::$Optimizer(step) => step.is_moderate()),*
                }
            }

            /// As [`Step::run`].
            pub fn run<F: Element>(
                &self,
                level: SimdLevel,
                w: &mut [F],
                moments: [&mut [F]; MOMENTS],
                g: &[F],
            ) {
                match self {
                    $(OptimizerStep::$Optimizer(step) => step.run(level, w, moments, g)),*
                }
            }
        }

        fn entries() -> Vec<registry::Entry> {
            vec![$(registry::entry_of::<$file::$Optimizer>(|reader| {
                let options = <$file::$Optimizer as Optimizer>::Options::read(reader)?;
                $file::$Optimizer::check(&options)?;
                Ok(Rule::$Optimizer(options))
            })),*]
        }
    };
}

optimizers![adam::Adam, adamw::AdamW, sgd::Sgd, rmsprop::RmsProp, lion::Lion];

/// Separate settings for some parameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ParameterGroup {
    /// Names of parameters (`hidden.weights`) or of whole layers (`hidden`).
    pub parameters: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lr: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight_decay: Option<f64>,
    /// The parameters are neither moved nor decayed.
    #[serde(default)]
    pub frozen: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct OptimizerSpec {
    pub kind: OptimizerKind,
    pub rule: Rule,
    pub groups: Vec<ParameterGroup>,
    /// The gradient of all parameters together is scaled down to at most this Euclidean norm.
    pub max_norm: Option<f64>,
}

/// The settings of a parameter after those of its group are applied.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ParameterSettings {
    pub lr: f64,
    pub weight_decay: f64,
    pub frozen: bool,
}

impl OptimizerSpec {
    /// `{ kind, …options, groups?, maxNorm? }`
    ///
    /// # Errors
    /// `invalid-parameter` for an unknown kind or option, or a value out of range.
    pub fn from_json(value: &serde_json::Value) -> Result<Self> {
        let bad = |reason: serde_json::Error| Error::invalid("optimizer", value, reason.to_string());
        let Some(fields) = value.as_object() else {
            return Err(Error::invalid("optimizer", value, "an object"));
        };
        let mut fields = fields.clone();
        let groups = fields.remove("groups").map_or(Ok(Vec::new()), serde_json::from_value).map_err(bad)?;
        let max_norm = fields.remove("maxNorm").map_or(Ok(None), serde_json::from_value).map_err(bad)?;
        let kind: OptimizerKind =
            serde_json::from_value(fields.remove("kind").unwrap_or_default()).map_err(bad)?;
        let mut reader = Reader::new("optimizer", fields);
        let rule = (kind.entry().read)(&mut reader)?;
        reader.finish(&format!("the optimizer \"{}\"", kind.name()))?;
        let spec = OptimizerSpec { kind, rule, groups, max_norm };
        spec.validate()?;
        Ok(spec)
    }

    fn validate(&self) -> Result<()> {
        let within = |range: Range, name: &str, value: f64| {
            if range.holds(value) {
                return Ok(());
            }
            Err(Error::invalid(format!("optimizer.{name}"), value, range.words().into_owned()))
        };
        for (i, group) in self.groups.iter().enumerate() {
            within(Range::LEARNING_RATE, &format!("groups[{i}].lr"), group.lr.unwrap_or(0.0))?;
            within(
                Range::NotNegative,
                &format!("groups[{i}].weightDecay"),
                group.weight_decay.unwrap_or(0.0),
            )?;
        }
        if let Some(norm) = self.max_norm
            && !(norm > 0.0 && norm.is_finite())
        {
            return Err(Error::invalid("optimizer.maxNorm", norm, "a positive number"));
        }
        Ok(())
    }

    fn defaults(&self) -> ParameterSettings {
        let (lr, weight_decay) = self.rule.common();
        ParameterSettings { lr, weight_decay, frozen: false }
    }

    /// The settings of each of these parameters, in their order.
    ///
    /// # Errors
    /// `unknown-name` for an entry of a group that is not one of them; `invalid-parameter` for a parameter in two
    /// groups.
    pub fn settings(&self, parameters: &[&str]) -> Result<Vec<ParameterSettings>> {
        let mut settings = vec![self.defaults(); parameters.len()];
        let mut group_of = vec![None; parameters.len()];
        for (g, group) in self.groups.iter().enumerate() {
            for entry in &group.parameters {
                let of_layer = |name: &str| {
                    let rest = name.strip_prefix(entry.as_str());
                    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
                };
                let is_meant = |name: &str| match entry.strip_prefix('*') {
                    Some(end) => end.starts_with('.') && name.ends_with(end),
                    None => of_layer(name),
                };
                if !parameters.iter().any(|name| is_meant(name)) {
                    let last = entry.trim_start_matches(['*', '.']);
                    let ends = parameters.iter().any(|name| name.rsplit('.').next() == Some(last));
                    let mut error = Error::unknown("parameter", entry, parameters);
                    if let Error::UnknownName { did_you_mean, known, .. } = &mut error
                        && ends
                    {
                        *did_you_mean = Some(format!("*.{last}"));
                        known.clear();
                    }
                    return Err(error);
                }
                for (i, name) in parameters.iter().enumerate().filter(|(_, name)| is_meant(name)) {
                    if group_of[i].is_some_and(|other| other != g) {
                        let expected = "each parameter in one group";
                        return Err(Error::invalid(format!("optimizer.groups[{g}]"), name, expected));
                    }
                    group_of[i] = Some(g);
                    settings[i].lr = group.lr.unwrap_or(settings[i].lr);
                    settings[i].weight_decay = group.weight_decay.unwrap_or(settings[i].weight_decay);
                    settings[i].frozen = group.frozen;
                }
            }
        }
        Ok(settings)
    }

    /// Number of elements of all its moments, given the settings and the number of trained elements of each parameter.
    pub fn moment_elements<'a>(&self, parameters: impl Iterator<Item = (&'a ParameterSettings, u64)>) -> u64 {
        let live = parameters.filter(|(settings, _)| !settings.frozen);
        live.fold(0, |sum: u64, (settings, elements)| {
            let kept = self.step((1, true), settings, 1.0, 1.0).moments().into_iter().filter(|&kept| kept);
            sum.saturating_add(elements.saturating_mul(kept.count() as u64))
        })
    }

    /// The factor for gradients of this Euclidean norm; as torch's `clip_grad_norm_`.
    pub fn clip_scale(&self, norm: f64) -> f64 {
        self.max_norm.map_or(1.0, |most| (most / (norm + 1e-6)).min(1.0))
    }

    /// `step` counts a parameter's steps from 1; `fresh`: its moments begin with this one; `lr_factor` is the schedule's.
    pub fn step(
        &self,
        (step, fresh): (u64, bool),
        settings: &ParameterSettings,
        lr_factor: f64,
        grad_scale: f64,
    ) -> OptimizerStep {
        let (lr, weight_decay) = (settings.lr * lr_factor, settings.weight_decay);
        self.rule.step(At { lr, weight_decay, step, fresh, grad_scale })
    }
}
