//! The part of a connection's synapse model that the plan needs.

use super::population::Population;
use super::signs;
use crate::random::distribution::Sampler;
use crate::representation::precision::Precision;
use crate::wiring::route::Route;
use lapicque_base::error::{Error, Result};
use lapicque_plasticity::SightOf;
use lapicque_plasticity::synapse::check_weight;
use serde_json::Value;
use std::ops::Range;

/// The synapse model of a connection.
#[derive(Debug)]
pub struct PlasticSynapse {
    pub rule: lapicque_plasticity::Bound,
    /// Whether changes of its variables would be lost in single precision.
    slow: bool,
    /// -1 if weights are negative: the rule works on magnitudes.
    pub sign: f64,
    /// The largest magnitude that may be transmitted.
    pub most: f64,
    pub modulator: Option<Range<usize>>,
    /// The largest dendritic delay in steps; the rest of a delay is axonal.
    pub dendrite: u32,
}

impl PlasticSynapse {
    /// Whether it is computed in double precision in a network of precision `F`.
    pub fn is_double<F: Precision>(&self) -> bool {
        self.slow && size_of::<F>() < size_of::<f64>()
    }

    pub fn new(
        name: &str,
        spec: &Value,
        weight: &Sampler,
        route: Route,
        target: &Population,
        dt: f64,
    ) -> Result<PlasticSynapse> {
        let rule =
            lapicque_plasticity::Bound::new(spec, dt).map_err(|e| e.within(&format!("{name}.synapse")))?;
        for sight in &rule.sights {
            let states = target.bound.states.iter().map(|state| state.name);
            if let SightOf::State(state) = sight.of
                && !states.clone().any(|name| name == state)
            {
                return Err(Error::unknown(
                    &format!("state of {}, which {name} sees", target.name),
                    state,
                    states,
                ));
            }
        }
        let bounds = weight.bounds();
        signs::check_bounds(target, route, name, rule.bounds)?;
        let crosses = rule.bounds.is_some_and(|[low, _]| low < 0.0);
        let sign = if !crosses && bounds[1] <= 0.0 && bounds[0] < 0.0 { -1.0 } else { 1.0 };
        for w in bounds {
            check_weight(&rule, &format!("{name}.weight"), sign * w)?;
        }
        if matches!(route, Route::BySign { .. }) && (crosses || bounds[0] * bounds[1] < 0.0) {
            let expected = "a port: weights that change their sign cannot choose it";
            return Err(Error::invalid(format!("{name}.port"), "nothing", expected));
        }
        let most = bounds.into_iter().map(|w| rule.most(w)).fold(0.0, f64::max);
        let largest = bounds.into_iter().map(f64::abs).fold(0.0, f64::max);
        let slow = rule.is_slow(largest);
        Ok(PlasticSynapse { rule, slow, sign, most, modulator: None, dendrite: u32::MAX })
    }
}
