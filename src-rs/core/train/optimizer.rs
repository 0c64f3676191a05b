//! Which optimiser, with which settings for which parameter, and the scalars of one of its steps.
//! The loops over weights are the projections'.

use lapicque_base::error::{Error, Result};
use serde::{Deserialize, Serialize};

fn adam_lr() -> f64 {
    1e-3
}

fn adam_betas() -> [f64; 2] {
    [0.9, 0.999]
}

fn adam_eps() -> f64 {
    1e-8
}

fn adamw_decay() -> f64 {
    1e-2
}

/// The rule of a step; defaults are torch's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum OptimizerRule {
    Sgd {
        lr: f64,
        #[serde(default)]
        momentum: f64,
        #[serde(default)]
        dampening: f64,
        #[serde(default)]
        nesterov: bool,
        #[serde(default)]
        weight_decay: f64,
    },
    /// Kingma and Ba 2015; the decay joins the gradient.
    Adam {
        #[serde(default = "adam_lr")]
        lr: f64,
        #[serde(default = "adam_betas")]
        betas: [f64; 2],
        #[serde(default = "adam_eps")]
        eps: f64,
        #[serde(default)]
        weight_decay: f64,
    },
    /// Loshchilov and Hutter 2019; the decay shrinks the weights themselves.
    Adamw {
        #[serde(default = "adam_lr")]
        lr: f64,
        #[serde(default = "adam_betas")]
        betas: [f64; 2],
        #[serde(default = "adam_eps")]
        eps: f64,
        #[serde(default = "adamw_decay")]
        weight_decay: f64,
    },
}

/// Moments of one kind mean nothing to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OptimizerKind {
    Sgd,
    Adam,
    Adamw,
}

/// Settings of their own for some parameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ParameterGroup {
    /// Names of parameters (`hidden.weights`) or of whole layers (`hidden`).
    pub parameters: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lr: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight_decay: Option<f64>,
    /// Neither moved nor decayed.
    #[serde(default)]
    pub frozen: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct OptimizerSpec {
    pub rule: OptimizerRule,
    pub groups: Vec<ParameterGroup>,
    /// The gradient of all parameters together is scaled down to at most this Euclidean norm.
    pub max_norm: Option<f64>,
}

/// What a parameter's group leaves of the settings.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ParameterSettings {
    pub lr: f64,
    pub weight_decay: f64,
    pub frozen: bool,
}

/// Everything that a loop over weights needs to know of one step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum StepScalars {
    Sgd {
        lr: f64,
        momentum: f64,
        dampening: f64,
        weight_decay: f64,
        nesterov: bool,
        /// The momentum buffer starts as the gradient, undamped.
        first: bool,
        grad_scale: f64,
    },
    Adam {
        lr: f64,
        beta1: f64,
        beta2: f64,
        eps: f64,
        weight_decay: f64,
        /// AdamW's decay.
        decoupled: bool,
        /// 1 - beta1^step
        bias_correction1: f64,
        /// 1 - beta2^step
        bias_correction2: f64,
        grad_scale: f64,
    },
}

impl OptimizerSpec {
    /// `{ kind, …rule, groups?, maxNorm? }`
    ///
    /// # Errors
    /// `invalid-parameter` for an unknown kind or option, or a value out of range.
    pub fn from_json(value: &serde_json::Value) -> Result<Self> {
        let bad = |reason: serde_json::Error| Error::invalid("optimizer", value, reason.to_string());
        let Some(fields) = value.as_object() else {
            return Err(Error::invalid("optimizer", value, "an object"));
        };
        let mut rule = fields.clone();
        let groups = rule.remove("groups").map_or(Ok(Vec::new()), serde_json::from_value).map_err(bad)?;
        let max_norm = rule.remove("maxNorm").map_or(Ok(None), serde_json::from_value).map_err(bad)?;
        let rule = serde_json::from_value(serde_json::Value::Object(rule)).map_err(bad)?;
        let spec = OptimizerSpec { rule, groups, max_norm };
        spec.validate()?;
        Ok(spec)
    }

    fn validate(&self) -> Result<()> {
        let at_least_zero = |name: &str, value: f64| {
            if value >= 0.0 && value.is_finite() {
                return Ok(());
            }
            Err(Error::invalid(format!("optimizer.{name}"), value, "a finite number of at least 0"))
        };
        match self.rule {
            OptimizerRule::Sgd { momentum, dampening, nesterov, .. } => {
                at_least_zero("momentum", momentum)?;
                at_least_zero("dampening", dampening)?;
                if nesterov && !(momentum > 0.0 && dampening == 0.0) {
                    let expected = "a momentum and no dampening beside it";
                    return Err(Error::invalid("optimizer.nesterov", true, expected));
                }
            }
            OptimizerRule::Adam { betas, eps, .. } | OptimizerRule::Adamw { betas, eps, .. } => {
                at_least_zero("eps", eps)?;
                for (i, beta) in betas.into_iter().enumerate() {
                    if !(0.0..1.0).contains(&beta) {
                        return Err(Error::invalid(
                            format!("optimizer.betas[{i}]"),
                            beta,
                            "a number in [0, 1)",
                        ));
                    }
                }
            }
        }
        let whole = self.defaults();
        at_least_zero("lr", whole.lr)?;
        at_least_zero("weightDecay", whole.weight_decay)?;
        for (i, group) in self.groups.iter().enumerate() {
            at_least_zero(&format!("groups[{i}].lr"), group.lr.unwrap_or(0.0))?;
            at_least_zero(&format!("groups[{i}].weightDecay"), group.weight_decay.unwrap_or(0.0))?;
        }
        if let Some(norm) = self.max_norm
            && !(norm > 0.0 && norm.is_finite())
        {
            return Err(Error::invalid("optimizer.maxNorm", norm, "a positive number"));
        }
        Ok(())
    }

    fn defaults(&self) -> ParameterSettings {
        let (OptimizerRule::Sgd { lr, weight_decay, .. }
        | OptimizerRule::Adam { lr, weight_decay, .. }
        | OptimizerRule::Adamw { lr, weight_decay, .. }) = self.rule;
        ParameterSettings { lr, weight_decay, frozen: false }
    }

    /// The settings of each of these parameters, in their order.
    ///
    /// # Errors
    /// `unknown-name` for a group's entry that is none of them; `invalid-parameter` for a parameter
    /// in two groups.
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

    pub fn kind(&self) -> OptimizerKind {
        match self.rule {
            OptimizerRule::Sgd { .. } => OptimizerKind::Sgd,
            OptimizerRule::Adam { .. } => OptimizerKind::Adam,
            OptimizerRule::Adamw { .. } => OptimizerKind::Adamw,
        }
    }

    /// Buffers that a parameter's state holds beside it: none, a momentum, or two moments.
    pub fn buffers(&self) -> usize {
        match self.rule {
            OptimizerRule::Sgd { momentum: 0.0, .. } => 0,
            OptimizerRule::Sgd { .. } => 1,
            _ => 2,
        }
    }

    /// What gradients of this Euclidean norm are multiplied by; as torch's `clip_grad_norm_`.
    pub fn clip_scale(&self, norm: f64) -> f64 {
        self.max_norm.map_or(1.0, |most| (most / (norm + 1e-6)).min(1.0))
    }

    /// `step` counts a parameter's steps from 1; `lr_factor` is the schedule's.
    pub fn scalars(
        &self,
        step: u64,
        settings: &ParameterSettings,
        lr_factor: f64,
        grad_scale: f64,
    ) -> StepScalars {
        let (lr, weight_decay) = (settings.lr * lr_factor, settings.weight_decay);
        let (betas, eps, decoupled) = match self.rule {
            OptimizerRule::Sgd { momentum, dampening, nesterov, .. } => {
                let first = step <= 1;
                return StepScalars::Sgd {
                    lr,
                    momentum,
                    dampening,
                    weight_decay,
                    nesterov,
                    first,
                    grad_scale,
                };
            }
            OptimizerRule::Adam { betas, eps, .. } => (betas, eps, false),
            OptimizerRule::Adamw { betas, eps, .. } => (betas, eps, true),
        };
        let [beta1, beta2] = betas;
        StepScalars::Adam {
            lr,
            beta1,
            beta2,
            eps,
            weight_decay,
            decoupled,
            bias_correction1: 1.0 - libm::pow(beta1, step.max(1) as f64),
            bias_correction2: 1.0 - libm::pow(beta2, step.max(1) as f64),
            grad_scale,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn spec(json: serde_json::Value) -> OptimizerSpec {
        OptimizerSpec::from_json(&json).unwrap()
    }

    #[test]
    fn defaults_are_torch() {
        let adam = spec(json!({"kind": "adam"}));
        let settings = adam.settings(&["w"]).unwrap()[0];
        let StepScalars::Adam { lr, beta1, beta2, eps, weight_decay, decoupled, .. } =
            adam.scalars(1, &settings, 1.0, 1.0)
        else {
            panic!()
        };
        assert_eq!((lr, beta1, beta2, eps, weight_decay, decoupled), (1e-3, 0.9, 0.999, 1e-8, 0.0, false));
        assert_eq!(spec(json!({"kind": "adamw"})).settings(&["w"]).unwrap()[0].weight_decay, 0.01);
    }

    #[test]
    fn bias_corrections_are_their_products() {
        let adam = spec(json!({"kind": "adamw", "lr": 0.5, "betas": [0.9, 0.99]}));
        let settings = adam.settings(&["w"]).unwrap()[0];
        let (mut power1, mut power2) = (1.0, 1.0);
        for step in 1..=20 {
            power1 *= 0.9;
            power2 *= 0.99;
            let StepScalars::Adam { lr, bias_correction1, bias_correction2, grad_scale, .. } =
                adam.scalars(step, &settings, 0.1, 0.25)
            else {
                panic!()
            };
            assert_eq!((lr, grad_scale), (0.05, 0.25));
            assert!((bias_correction1 - (1.0 - power1)).abs() < 1e-15);
            assert!((bias_correction2 - (1.0 - power2)).abs() < 1e-15);
        }
    }

    #[test]
    fn groups_set_layers_and_single_parameters() {
        let sgd = spec(json!({"kind": "sgd", "lr": 0.1, "weightDecay": 0.2, "groups": [
            {"parameters": ["hidden"], "lr": 0.01},
            {"parameters": ["out.bias"], "weightDecay": 0, "frozen": true},
        ]}));
        let names = ["hidden.weights", "hidden.bias", "hidden2.weights", "out.weights", "out.bias"];
        let settings = sgd.settings(&names).unwrap();
        let lrs: Vec<f64> = settings.iter().map(|s| s.lr).collect();
        assert_eq!(lrs, [0.01, 0.01, 0.1, 0.1, 0.1]);
        assert_eq!(settings[4], ParameterSettings { lr: 0.1, weight_decay: 0.0, frozen: true });
        assert!(!settings[3].frozen && settings[3].weight_decay == 0.2);
        assert!(
            matches!(sgd.settings(&["out.bias"]), Err(Error::UnknownName { name, .. }) if name == "hidden")
        );
        let biases =
            spec(json!({"kind": "sgd", "lr": 0.1, "groups": [{"parameters": ["*.bias"], "frozen": true}]}));
        let frozen: Vec<bool> = biases.settings(&names).unwrap().iter().map(|s| s.frozen).collect();
        assert_eq!(frozen, [false, true, false, false, true]);
        let word = spec(json!({"kind": "sgd", "lr": 0.1, "groups": [{"parameters": ["bias"]}]}));
        assert!(matches!(
            word.settings(&names),
            Err(Error::UnknownName { did_you_mean: Some(near), .. }) if near == "*.bias"
        ));
        let twice = spec(json!({"kind": "sgd", "lr": 0.1, "groups": [
            {"parameters": ["a"]}, {"parameters": ["a.weights"]},
        ]}));
        assert!(matches!(twice.settings(&["a.weights"]), Err(Error::InvalidParameter { .. })));
    }

    #[test]
    fn clipping_is_torch_clip_grad_norm() {
        let clipped = spec(json!({"kind": "adam", "maxNorm": 2.0}));
        assert_eq!(clipped.clip_scale(1.0), 1.0);
        assert_eq!(clipped.clip_scale(8.0), 2.0 / (8.0 + 1e-6));
        assert_eq!(spec(json!({"kind": "adam"})).clip_scale(1e9), 1.0);
    }

    #[test]
    fn bad_settings_are_errors() {
        for bad in [
            json!({"kind": "sgd"}),
            json!({"kind": "sgd", "lr": -0.1}),
            json!({"kind": "sgd", "lr": 0.1, "nesterov": true}),
            json!({"kind": "adam", "betas": [0.9, 1.0]}),
            json!({"kind": "adam", "betas": [0.9]}),
            json!({"kind": "adam", "momentum": 0.9}),
            json!({"kind": "adam", "maxNorm": 0}),
            json!({"kind": "adam", "groups": [{"parameters": ["a"], "lr": -1}]}),
            json!({"kind": "adam", "groups": [{"lr": 1}]}),
            json!({"kind": "lion"}),
            json!("adam"),
        ] {
            assert!(matches!(OptimizerSpec::from_json(&bad), Err(Error::InvalidParameter { .. })), "{bad}");
        }
    }
}
