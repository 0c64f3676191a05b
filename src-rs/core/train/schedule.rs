//! Learning-rate schedules: pure functions from a position to a factor on the learning rate.
//!
//! The formulas are torch's (`torch.optim.lr_scheduler`, its closed forms), with learning rates as factors of the
//! optimizer's rate. A position is the number of completed steps or epochs, whichever the caller counts.

use lapicque_base::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::f64::consts::PI;

mod defaults {
    pub fn tenth() -> f64 {
        0.1
    }
    pub fn one() -> u64 {
        1
    }
    pub fn pct_start() -> f64 {
        0.3
    }
    pub fn div_factor() -> f64 {
        25.0
    }
    pub fn final_div_factor() -> f64 {
        1e4
    }
    pub fn patience() -> u64 {
        10
    }
    pub fn threshold() -> f64 {
        1e-4
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Anneal {
    #[default]
    Cosine,
    Linear,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PlateauMode {
    /// Smaller is better.
    #[default]
    Min,
    Max,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ThresholdMode {
    #[default]
    Relative,
    Absolute,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum ScheduleSpec {
    Constant {},
    /// gamma^⌊n / stepSize⌋
    Step {
        step_size: u64,
        #[serde(default = "defaults::tenth")]
        gamma: f64,
    },
    /// gamma^(number of milestones reached)
    MultiStep {
        milestones: Vec<u64>,
        #[serde(default = "defaults::tenth")]
        gamma: f64,
    },
    /// gamma^n
    Exponential {
        gamma: f64,
    },
    /// From 1 down to `minFactor` over `period`, and back up over the next.
    Cosine {
        period: u64,
        #[serde(default)]
        min_factor: f64,
    },
    /// From 1 down to `minFactor`, then at 1 again; each period `periodGrowth` times as long.
    CosineRestarts {
        period: u64,
        #[serde(default = "defaults::one")]
        period_growth: u64,
        #[serde(default)]
        min_factor: f64,
    },
    /// Linearly from `startFactor` to 1 in `steps`, then `then` from its own start.
    WarmUp {
        steps: u64,
        #[serde(default)]
        start_factor: f64,
        then: Box<ScheduleSpec>,
    },
    /// From 1 / divFactor up to 1 (the optimizer's rate is the greatest), then down to
    /// 1 / (divFactor · finalDivFactor); with `threePhase` symmetrically down first.
    OneCycle {
        total_steps: u64,
        #[serde(default = "defaults::pct_start")]
        pct_start: f64,
        #[serde(default = "defaults::div_factor")]
        div_factor: f64,
        #[serde(default = "defaults::final_div_factor")]
        final_div_factor: f64,
        #[serde(default)]
        anneal: Anneal,
        #[serde(default)]
        three_phase: bool,
    },
    /// Times `factor` whenever the metric has not bettered for more than `patience` epochs.
    ReduceOnPlateau {
        #[serde(default = "defaults::tenth")]
        factor: f64,
        #[serde(default = "defaults::patience")]
        patience: u64,
        #[serde(default = "defaults::threshold")]
        threshold: f64,
        #[serde(default)]
        threshold_mode: ThresholdMode,
        #[serde(default)]
        mode: PlateauMode,
        #[serde(default)]
        cooldown: u64,
        #[serde(default)]
        min_factor: f64,
    },
}

impl ScheduleSpec {
    /// # Errors
    /// `invalid-parameter` for an unknown kind or option, or a value out of range.
    pub fn from_json(value: &serde_json::Value) -> Result<Self> {
        let spec: Self = serde_json::from_value(value.clone())
            .map_err(|reason| Error::invalid("schedule", value, reason.to_string()))?;
        spec.validate()?;
        Ok(spec)
    }

    fn validate(&self) -> Result<()> {
        let positive = |name: &str, value: f64| {
            if value > 0.0 && value.is_finite() {
                return Ok(());
            }
            Err(Error::invalid(format!("schedule.{name}"), value, "a positive number"))
        };
        let share = |name: &str, value: f64| {
            if (0.0..=1.0).contains(&value) {
                return Ok(());
            }
            Err(Error::invalid(format!("schedule.{name}"), value, "a number between 0 and 1"))
        };
        match self {
            ScheduleSpec::Constant {} => Ok(()),
            ScheduleSpec::Step { step_size, gamma } => {
                positive("stepSize", *step_size as f64)?;
                positive("gamma", *gamma)
            }
            ScheduleSpec::MultiStep { milestones, gamma } => {
                if !milestones.is_sorted() {
                    let got = format!("{milestones:?}");
                    return Err(Error::invalid("schedule.milestones", got, "ascending numbers"));
                }
                positive("gamma", *gamma)
            }
            ScheduleSpec::Exponential { gamma } => positive("gamma", *gamma),
            ScheduleSpec::Cosine { period, min_factor } => {
                positive("period", *period as f64)?;
                share("minFactor", *min_factor)
            }
            ScheduleSpec::CosineRestarts { period, period_growth, min_factor } => {
                positive("period", *period as f64)?;
                positive("periodGrowth", *period_growth as f64)?;
                share("minFactor", *min_factor)
            }
            ScheduleSpec::WarmUp { steps, start_factor, then } => {
                positive("steps", *steps as f64)?;
                share("startFactor", *start_factor)?;
                then.validate()
            }
            ScheduleSpec::OneCycle { total_steps, pct_start, div_factor, final_div_factor, .. } => {
                positive("totalSteps", *total_steps as f64)?;
                share("pctStart", *pct_start)?;
                positive("divFactor", *div_factor)?;
                positive("finalDivFactor", *final_div_factor)
            }
            ScheduleSpec::ReduceOnPlateau { factor, threshold, min_factor, .. } => {
                if !(*factor > 0.0 && *factor < 1.0) {
                    return Err(Error::invalid("schedule.factor", factor, "a number between 0 and 1"));
                }
                if !(*threshold >= 0.0 && threshold.is_finite()) {
                    return Err(Error::invalid("schedule.threshold", threshold, "at least 0"));
                }
                share("minFactor", *min_factor)
            }
        }
    }

    /// The factor at position `n`. `history` holds the metric after each epoch done, oldest first;
    /// only `reduce-on-plateau` reads it, and it alone ignores `n`.
    pub fn factor(&self, n: u64, history: &[f64]) -> f64 {
        let at = n as f64;
        match self {
            ScheduleSpec::Constant {} => 1.0,
            ScheduleSpec::Step { step_size, gamma } => libm::pow(*gamma, (n / (*step_size).max(1)) as f64),
            ScheduleSpec::MultiStep { milestones, gamma } => {
                libm::pow(*gamma, milestones.iter().filter(|&&milestone| milestone <= n).count() as f64)
            }
            ScheduleSpec::Exponential { gamma } => libm::pow(*gamma, at),
            ScheduleSpec::Cosine { period, min_factor } => {
                anneal(Anneal::Cosine, 1.0, *min_factor, at / *period as f64)
            }
            ScheduleSpec::CosineRestarts { period, period_growth, min_factor } => {
                let (since, length) = since_restart(n, (*period).max(1), (*period_growth).max(1));
                anneal(Anneal::Cosine, 1.0, *min_factor, since as f64 / length as f64)
            }
            ScheduleSpec::WarmUp { steps, start_factor, .. } if n < *steps => {
                anneal(Anneal::Linear, *start_factor, 1.0, at / *steps as f64)
            }
            ScheduleSpec::WarmUp { steps, then, .. } => then.factor(n - steps, history),
            ScheduleSpec::OneCycle { .. } => self.one_cycle(at),
            ScheduleSpec::ReduceOnPlateau { .. } => self.plateau(history),
        }
    }

    fn one_cycle(&self, at: f64) -> f64 {
        let ScheduleSpec::OneCycle {
            total_steps,
            pct_start,
            div_factor,
            final_div_factor,
            anneal: kind,
            three_phase,
        } = self
        else {
            return 1.0;
        };
        let total = *total_steps as f64;
        let low = 1.0 / div_factor;
        let least = low / final_div_factor;
        let rise = pct_start * total - 1.0;
        let phases = match three_phase {
            true => {
                vec![(rise, low, 1.0), (2.0 * pct_start * total - 2.0, 1.0, low), (total - 1.0, low, least)]
            }
            false => vec![(rise, low, 1.0), (total - 1.0, 1.0, least)],
        };
        let mut start = 0.0;
        for (end, from, to) in phases {
            if at <= end {
                return anneal(*kind, from, to, if end > start { (at - start) / (end - start) } else { 1.0 });
            }
            start = end;
        }
        least
    }

    fn plateau(&self, history: &[f64]) -> f64 {
        let ScheduleSpec::ReduceOnPlateau {
            factor: by,
            patience,
            threshold,
            threshold_mode,
            mode,
            cooldown,
            min_factor,
        } = self
        else {
            return 1.0;
        };
        let sign = if *mode == PlateauMode::Min { 1.0 } else { -1.0 };
        let (mut factor, mut best, mut bad, mut cooling) = (1.0f64, None, 0, 0);
        for &metric in history {
            let is_better = best.is_none_or(|best: f64| {
                let bar = match threshold_mode {
                    ThresholdMode::Relative => best * (1.0 - sign * threshold),
                    ThresholdMode::Absolute => best - sign * threshold,
                };
                sign * metric < sign * bar
            });
            if is_better {
                (best, bad) = (Some(metric), 0);
            } else {
                bad += 1;
            }
            if cooling > 0 {
                (cooling, bad) = (cooling - 1, 0);
            }
            if bad > *patience {
                factor = (factor * by).max(*min_factor);
                (cooling, bad) = (*cooldown, 0);
            }
        }
        factor
    }
}

/// From `start` to `end` as `share` goes from 0 to 1.
fn anneal(kind: Anneal, start: f64, end: f64, share: f64) -> f64 {
    match kind {
        Anneal::Cosine => end + (start - end) / 2.0 * (1.0 + libm::cos(PI * share)),
        Anneal::Linear => start + (end - start) * share,
    }
}

/// Steps since the last restart, and the length of the period they lie in.
fn since_restart(n: u64, period: u64, growth: u64) -> (u64, u64) {
    if growth == 1 {
        return (n % period, period);
    }
    let (mut since, mut length) = (n, period);
    while since >= length {
        since -= length;
        length = length.saturating_mul(growth);
    }
    (since, length)
}

/// Expected rates are those of PyTorch's own tests (`test/optim/test_lrscheduler.py`) and of the
/// examples in its documentation.
#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn spec(json: serde_json::Value) -> ScheduleSpec {
        ScheduleSpec::from_json(&json).unwrap()
    }

    fn check(json: serde_json::Value, base: f64, expected: &[f64]) {
        let schedule = spec(json.clone());
        for (n, want) in expected.iter().enumerate() {
            let got = base * schedule.factor(n as u64, &[]);
            assert!(
                (got - want).abs() <= 1e-12 * want.abs().max(1.0),
                "{json} at {n}: {got}, expected {want}"
            );
        }
    }

    #[test]
    fn steps_and_powers() {
        check(json!({"kind": "constant"}), 0.3, &[0.3; 5]);
        let step = [0.05, 0.05, 0.05, 0.005, 0.005, 0.005, 0.0005];
        check(json!({"kind": "step", "stepSize": 3}), 0.05, &step);
        let multi = [0.05, 0.05, 0.005, 0.005, 0.005, 0.0005, 0.0005, 0.0005, 0.0005, 0.00005];
        check(json!({"kind": "multi-step", "milestones": [2, 5, 9]}), 0.05, &multi);
        check(json!({"kind": "exponential", "gamma": 0.8}), 0.05, &[0.05, 0.04, 0.032]);
    }

    #[test]
    fn warm_up_goes_over_into_the_next() {
        let linear = json!({"kind": "warm-up", "steps": 4, "startFactor": 0.5, "then": {"kind": "constant"}});
        check(linear, 0.05, &[0.025, 0.03125, 0.0375, 0.04375, 0.05, 0.05]);
        let then = json!({"kind": "step", "stepSize": 2});
        let stepped = json!({"kind": "warm-up", "steps": 2, "then": then});
        check(stepped, 1.0, &[0.0, 0.5, 1.0, 1.0, 0.1, 0.1]);
    }

    #[test]
    fn cosines() {
        let half = |n: u64, period: f64| (1.0 + (PI * n as f64 / period).cos()) / 2.0;
        let expected: Vec<f64> = (0..20).map(|n| 1e-3 + (0.05 - 1e-3) * half(n, 5.0)).collect();
        check(json!({"kind": "cosine", "period": 5, "minFactor": 0.02}), 0.05, &expected);
        for growth in [1, 2, 4] {
            let (mut since, mut length) = (0, 10);
            let mut expected = vec![0.05];
            for _ in 1..100 {
                since += 1;
                if since >= length {
                    since -= length;
                    length *= growth;
                }
                expected.push(0.05 * half(since, length as f64));
            }
            check(json!({"kind": "cosine-restarts", "period": 10, "periodGrowth": growth}), 0.05, &expected);
        }
    }

    #[test]
    fn one_cycle() {
        let linear = json!({"kind": "one-cycle", "totalSteps": 10, "finalDivFactor": 2, "anneal": "linear"});
        check(linear, 25.0, &[1.0, 13.0, 25.0, 21.5, 18.0, 14.5, 11.0, 7.5, 4.0, 0.5]);
        let three = json!({"kind": "one-cycle", "totalSteps": 10, "pctStart": 0.4, "finalDivFactor": 4,
            "anneal": "linear", "threePhase": true});
        check(three, 25.0, &[1.0, 9.0, 17.0, 25.0, 17.0, 9.0, 1.0, 0.75, 0.5, 0.25]);
        let down = |k: f64| 0.5 + (25.0 - 0.5) / 2.0 * ((PI * k / 7.0).cos() + 1.0);
        let cosine = [1.0, 13.0, 25.0, down(1.0), down(2.0), down(3.0), down(4.0), down(5.0), down(6.0), 0.5];
        check(json!({"kind": "one-cycle", "totalSteps": 10, "finalDivFactor": 2}), 25.0, &cosine);
        let over = spec(json!({"kind": "one-cycle", "totalSteps": 10}));
        assert_eq!(over.factor(10, &[]), 1.0 / 25.0 / 1e4);
    }

    fn plateau(json: serde_json::Value, metrics: &[f64], expected: &[f64]) {
        let schedule = spec(json.clone());
        for (n, want) in expected.iter().enumerate() {
            let got = 0.5 * schedule.factor(0, &metrics[..=n]);
            assert!((got - want).abs() < 1e-12, "{json} after {n}: {got}, expected {want}");
        }
    }

    fn falling(runs: &[(f64, usize)]) -> Vec<f64> {
        runs.iter().flat_map(|&(rate, times)| std::iter::repeat_n(rate, times)).collect()
    }

    #[test]
    fn plateaus() {
        let slowly: Vec<f64> = (0..22).map(|i| 10.0 - f64::from(i) * 0.0165).collect();
        plateau(
            json!({"kind": "reduce-on-plateau", "patience": 5, "thresholdMode": "absolute", "threshold": 0.1}),
            &slowly,
            &falling(&[(0.5, 6), (0.05, 7), (0.005, 7), (0.0005, 2)]),
        );
        let metrics = falling(&[(-0.8, 2), (-0.234, 20)]);
        plateau(
            json!({"kind": "reduce-on-plateau", "mode": "max", "patience": 5, "cooldown": 5,
                "thresholdMode": "absolute"}),
            &metrics,
            &falling(&[(0.5, 8), (0.05, 11), (0.005, 3)]),
        );
        let growing = |by: f64| (0..20).map(|i| 1.5 * by.powi(i)).collect::<Vec<f64>>();
        let relative = |extra: serde_json::Value| {
            let mut spec = json!({"kind": "reduce-on-plateau", "mode": "max", "threshold": 0.1});
            spec.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
            spec
        };
        plateau(relative(json!({"patience": 3})), &growing(1.025), &[0.5; 20]);
        let falls = falling(&[(0.5, 6), (0.05, 11), (0.005, 3)]);
        plateau(relative(json!({"patience": 5, "cooldown": 5})), &growing(1.005), &falls);
        let metrics = falling(&[(1.0, 7), (0.6, 1), (0.5, 12)]);
        plateau(relative(json!({"mode": "min", "patience": 5, "cooldown": 5})), &metrics, &falls);
        let bounded = relative(json!({"patience": 5, "cooldown": 5, "minFactor": 0.8}));
        plateau(bounded, &growing(1.005), &falling(&[(0.5, 6), (0.4, 14)]));
    }

    #[test]
    fn bad_schedules_are_errors() {
        for bad in [
            json!({"kind": "step", "stepSize": 0}),
            json!({"kind": "multi-step", "milestones": [3, 1]}),
            json!({"kind": "exponential"}),
            json!({"kind": "cosine", "period": 0}),
            json!({"kind": "warm-up", "steps": 3}),
            json!({"kind": "warm-up", "steps": 3, "then": {"kind": "cosine", "period": 0}}),
            json!({"kind": "one-cycle", "totalSteps": 10, "pctStart": 1.1}),
            json!({"kind": "one-cycle", "totalSteps": 10, "anneal": "CATS"}),
            json!({"kind": "reduce-on-plateau", "factor": 1.0}),
            json!({"kind": "constant", "gamma": 1.0}),
        ] {
            assert!(matches!(ScheduleSpec::from_json(&bad), Err(Error::InvalidParameter { .. })), "{bad}");
        }
    }
}
