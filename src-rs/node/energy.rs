//! Operations and energy of a network from what a run counted.

use crate::boundary::{Outcome, sync};
use crate::numbers;
use lapicque_core::energy::{ConnectionCounts, HOROWITZ_45_NM, synaptic_operations};
use napi_derive::napi;
use serde_json::json;

/// What passed through one projection, over all samples and steps.
#[napi(object, object_to_js = false)]
pub struct JsConnections {
    /// Non-zero values that entered it.
    pub events: f64,
    /// Synapses that each of them reaches.
    pub fan_out: f64,
    /// All synapses.
    pub synapses: f64,
    /// Whether all that enters is spikes.
    pub spiking: bool,
}

/// Synaptic operations and an energy estimate per sample, as JSON.
#[napi]
pub fn estimate_energy(projections: Vec<JsConnections>, samples: f64, steps: f64) -> Outcome<String> {
    sync(|| {
        let count = |name: &str, value: f64| numbers::whole(name, value, 0..=numbers::MAX_SAFE_INTEGER);
        let counts = projections
            .iter()
            .map(|p| {
                Ok((
                    [count("events", p.events)?],
                    [count("fanOut", p.fan_out)?],
                    count("synapses", p.synapses)?,
                    p.spiking,
                ))
            })
            .collect::<lapicque_core::Result<Vec<_>>>()?;
        let layers: Vec<_> = counts
            .iter()
            .map(|(events, fan_out, synapses, spiking)| ConnectionCounts {
                events,
                fan_out,
                synapses: *synapses,
                spiking_input: *spiking,
            })
            .collect();
        let operations = synaptic_operations(&layers, count("samples", samples)?, count("steps", steps)?)?;
        let energy = HOROWITZ_45_NM.estimate(&operations);
        Ok(json!({ "operations": operations, "energy": energy }).to_string())
    })
}
