//! The description of a loss, as it stands in recipes and crosses the boundary.

use lapicque_base::error::{Error, Result};
use serde::{Deserialize, Serialize};

/// Which quantity of the output layer is compared, and how. `S` spikes, `v` membrane, `y` label,
/// `L` the sample's number of steps, CE softmax cross-entropy. Names in brackets: snnTorch's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LossKind {
    /// mean over steps of CE(S\[t\], y) or, where every step has a label, of CE(S\[t\], y\[t\]) (`ce_rate_loss`)
    CrossEntropyRate,
    /// CE(sum over steps of S, y) (`ce_count_loss`)
    CrossEntropyCount,
    /// mean or sum over steps of CE(v\[t\], y) or CE(v\[t\], y\[t\]) (`ce_rate_loss` on the membrane: the mean)
    CrossEntropyMembrane,
    /// CE(mean over steps of S, y); of a population code, mean over its neurons too
    CrossEntropyMeanRate,
    /// CE(max over steps of v, y) (`ce_max_membrane_loss`)
    CrossEntropyMaxMembrane,
    /// CE(mean over steps of v, y)
    CrossEntropyMeanMembrane,
    /// CE(sum over steps of v, y)
    CrossEntropySumMembrane,
    /// CE(f(step of the first spike), y), f = -t or 1/(t+1) (`ce_temporal_loss`)
    CrossEntropyFirstSpike,
    /// (count - target)² / L, target = whole number of spikes (`mse_count_loss`)
    MeanSquaredCount,
    /// (mean over steps of S - target)²
    MeanSquaredRate,
    /// mean or sum over steps of (v\[t\] - target)² (`mse_membrane_loss`: the mean)
    MeanSquaredMembrane,
    /// ((step of the n-th spike - target) / L)² (`mse_temporal_loss`)
    MeanSquaredFirstSpike,
}

impl LossKind {
    pub const ALL: [(&'static str, LossKind); 12] = [
        ("cross-entropy-rate", LossKind::CrossEntropyRate),
        ("cross-entropy-count", LossKind::CrossEntropyCount),
        ("cross-entropy-mean-rate", LossKind::CrossEntropyMeanRate),
        ("cross-entropy-membrane", LossKind::CrossEntropyMembrane),
        ("cross-entropy-max-membrane", LossKind::CrossEntropyMaxMembrane),
        ("cross-entropy-mean-membrane", LossKind::CrossEntropyMeanMembrane),
        ("cross-entropy-sum-membrane", LossKind::CrossEntropySumMembrane),
        ("cross-entropy-first-spike", LossKind::CrossEntropyFirstSpike),
        ("mean-squared-count", LossKind::MeanSquaredCount),
        ("mean-squared-rate", LossKind::MeanSquaredRate),
        ("mean-squared-membrane", LossKind::MeanSquaredMembrane),
        ("mean-squared-first-spike", LossKind::MeanSquaredFirstSpike),
    ];

    pub fn is_cross_entropy(self) -> bool {
        use LossKind::*;
        !matches!(self, MeanSquaredCount | MeanSquaredRate | MeanSquaredMembrane | MeanSquaredFirstSpike)
    }

    /// Whether a label may be given for every step.
    pub fn is_cross_entropy_of_each_step(self) -> bool {
        matches!(self, LossKind::CrossEntropyRate | LossKind::CrossEntropyMembrane)
    }

    pub fn reads_membrane(self) -> bool {
        use LossKind::*;
        matches!(
            self,
            CrossEntropyMembrane
                | CrossEntropyMaxMembrane
                | CrossEntropyMeanMembrane
                | CrossEntropySumMembrane
                | MeanSquaredMembrane
        )
    }
}

/// How samples become one number. `None` leaves them apart; gradients are then those of the mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reduction {
    #[default]
    Mean,
    Sum,
    None,
}

/// How the steps' own losses become the sample's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PerStep {
    #[default]
    Mean,
    Sum,
}

/// How an early first spike becomes a large logit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Inverse {
    /// -t
    #[default]
    Negate,
    /// 1 / (t + 1)
    Reciprocal,
}

/// What the mean over samples with class weights divides by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WeightedMean {
    /// the number of samples (snnTorch, all losses but the temporal cross-entropy)
    Samples,
    /// the sum of the samples' weights (torch's `CrossEntropyLoss`)
    Weights,
}

/// One number, or one for each of the first spikes (time of the first, the second …).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum OneOrMany {
    One(f64),
    Many(Vec<f64>),
}

impl OneOrMany {
    pub fn as_slice(&self) -> &[f64] {
        match self {
            OneOrMany::One(x) => std::slice::from_ref(x),
            OneOrMany::Many(xs) => xs,
        }
    }
}

/// A loss and its options. An option that the kind does not read is an error.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LossSpec {
    pub kind: LossKind,
    #[serde(default)]
    pub reduction: Reduction,
    /// Steps before this one do not count (0); targets in steps count from there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<usize>,
    /// One weight a class; a sample's loss is multiplied by that of its label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class_weights: Option<Vec<f64>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weighted_mean: Option<WeightedMean>,
    /// Share of the target that is spread over all classes (0), as torch's `label_smoothing`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label_smoothing: Option<f64>,
    /// Population code: the outputs form this many blocks of equal size, one a class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub population_classes: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_step: Option<PerStep>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inverse: Option<Inverse>,
    /// Spikes per step wanted of the label's output (1) …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correct_rate: Option<f64>,
    /// … and of the others (0).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incorrect_rate: Option<f64>,
    /// Target of the label's output: membrane or rate (1), step of the spikes (0) …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_target: Option<OneOrMany>,
    /// … and of the others: membrane or rate (0), step (-1; negative steps count from the end).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub off_target: Option<OneOrMany>,
    /// A spike closer than this many steps to its target counts as on it (0).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tolerance: Option<f64>,
}

impl LossSpec {
    pub fn new(kind: LossKind) -> Self {
        LossSpec {
            kind,
            reduction: Reduction::Mean,
            from: None,
            class_weights: None,
            weighted_mean: None,
            label_smoothing: None,
            population_classes: None,
            per_step: None,
            inverse: None,
            correct_rate: None,
            incorrect_rate: None,
            on_target: None,
            off_target: None,
            tolerance: None,
        }
    }

    /// # Errors
    /// `unknown-name` for the kind; `invalid-parameter` for an unknown, misplaced or bad option.
    pub fn from_json(value: &serde_json::Value) -> Result<Self> {
        if let Some(name) = value.get("kind").and_then(|kind| kind.as_str())
            && !LossKind::ALL.iter().any(|(known, _)| *known == name)
        {
            return Err(Error::unknown("loss", name, LossKind::ALL.iter().map(|(known, _)| known)));
        }
        let spec: LossSpec = serde_json::from_value(value.clone())
            .map_err(|reason| Error::invalid("loss", value, reason.to_string()))?;
        spec.validate()?;
        Ok(spec)
    }

    /// Which outputs the loss reads: (spikes, membrane).
    pub fn needs(&self) -> (bool, bool) {
        let membrane = self.kind.reads_membrane();
        (!membrane, membrane)
    }

    pub(super) fn validate(&self) -> Result<()> {
        use LossKind::*;
        let kind = self.kind;
        let read = |name: &str, given: bool, by: bool| {
            if given && !by {
                let expected = format!("no such option for the loss \"{}\"", self.kind_name());
                return Err(Error::invalid(format!("loss.{name}"), "a value", expected));
            }
            Ok(())
        };
        let targeted = matches!(kind, MeanSquaredRate | MeanSquaredMembrane | MeanSquaredFirstSpike);
        let summed = matches!(
            kind,
            CrossEntropyRate | CrossEntropyCount | CrossEntropyMeanRate | MeanSquaredCount | MeanSquaredRate
        );
        let stepwise = matches!(kind, CrossEntropyRate | CrossEntropyMembrane | MeanSquaredMembrane);
        read("perStep", self.per_step.is_some(), stepwise)?;
        read("populationClasses", self.population_classes.is_some(), summed)?;
        read("inverse", self.inverse.is_some(), kind == CrossEntropyFirstSpike)?;
        read("correctRate", self.correct_rate.is_some(), kind == MeanSquaredCount)?;
        read("incorrectRate", self.incorrect_rate.is_some(), kind == MeanSquaredCount)?;
        read("onTarget", self.on_target.is_some(), targeted)?;
        read("offTarget", self.off_target.is_some(), targeted)?;
        read("tolerance", self.tolerance.is_some(), kind == MeanSquaredFirstSpike)?;
        read("weightedMean", self.weighted_mean.is_some(), self.class_weights.is_some())?;
        read("labelSmoothing", self.label_smoothing.is_some(), kind.is_cross_entropy())?;
        if let Some(share) = self.label_smoothing {
            if !(0.0..=1.0).contains(&share) {
                return Err(Error::invalid("loss.labelSmoothing", share, "a share from 0 to 1"));
            }
            if self.class_weights.is_some() {
                return Err(Error::invalid(
                    "loss.labelSmoothing",
                    share,
                    "no such option beside class weights",
                ));
            }
        }
        for (name, rate) in [("correctRate", self.correct_rate), ("incorrectRate", self.incorrect_rate)] {
            if let Some(rate) = rate
                && !(0.0..=1.0).contains(&rate)
            {
                return Err(Error::invalid(
                    format!("loss.{name}"),
                    rate,
                    "a rate between 0 and 1 spikes per step",
                ));
            }
        }
        if let Some(tolerance) = self.tolerance
            && !(tolerance >= 0.0 && tolerance.is_finite())
        {
            return Err(Error::invalid("loss.tolerance", tolerance, "a number of steps of at least 0"));
        }
        if let Some(0) = self.population_classes {
            return Err(Error::invalid("loss.populationClasses", 0, "at least 1"));
        }
        if let Some(weights) = &self.class_weights {
            for (class, &weight) in weights.iter().enumerate() {
                if !(weight >= 0.0 && weight.is_finite()) {
                    let expected = "a finite weight of at least 0";
                    return Err(Error::invalid(format!("loss.classWeights[{class}]"), weight, expected));
                }
            }
        }
        self.validate_targets()
    }

    fn validate_targets(&self) -> Result<()> {
        let spikes =
            [("onTarget", &self.on_target), ("offTarget", &self.off_target)].map(|(name, target)| {
                let Some(target) = target else { return Ok(1) };
                let values = target.as_slice();
                if values.is_empty() || values.iter().any(|x| !x.is_finite()) {
                    let expected = "a finite number or a list of them";
                    return Err(Error::invalid(format!("loss.{name}"), format!("{values:?}"), expected));
                }
                if values.len() > 1 && self.kind != LossKind::MeanSquaredFirstSpike {
                    return Err(Error::invalid(format!("loss.{name}"), format!("{values:?}"), "one number"));
                }
                Ok(values.len())
            });
        let [on, off] = spikes;
        let (on, off) = (on?, off?);
        if on != off {
            return Err(Error::invalid(
                "loss.offTarget",
                format!("{off} targets"),
                format!("{on}, as onTarget"),
            ));
        }
        Ok(())
    }

    pub(super) fn kind_name(&self) -> &'static str {
        LossKind::ALL.iter().find(|(_, kind)| *kind == self.kind).map_or("", |(name, _)| name)
    }

    pub(super) fn on_off(&self, on: f64, off: f64) -> (Vec<f64>, Vec<f64>) {
        let or = |target: &Option<OneOrMany>, default: f64| {
            target.as_ref().map_or_else(|| vec![default], |target| target.as_slice().to_vec())
        };
        (or(&self.on_target, on), or(&self.off_target, off))
    }
}
