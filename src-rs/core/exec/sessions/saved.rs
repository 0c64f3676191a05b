//! The state of a session between two steps: saving, restoring.

use crate::network::noise::Noise;
use crate::network::state::{LayerState, NetworkState};
use crate::sessions::session::{LayerNow, Session};
use crate::sessions::stillness::Stillness;
use lapicque_base::error::Result;
use lapicque_graph::MapPlan;
use lapicque_projection::{Element, PANEL, panels};

impl<F: Element> Session<F> {
    #[inline(never)]
    pub fn restore(&mut self, state: &NetworkState<F>) -> Result<()> {
        state.check(self.model.network(), 1)?;
        self.load(state);
        Ok(())
    }

    pub(super) fn load(&mut self, state: &NetworkState<F>) {
        let network = self.model.network();
        self.maps = network.plan.maps.iter().map(|map| vec![F::ZERO; map.shape.elements()]).collect();
        let pending_rows = |(m, map): (usize, &MapPlan)| {
            let mut rows = state.pending_of(m).to_vec();
            rows.resize(rows.len() + spread_now(map), F::ZERO);
            rows
        };
        self.pending = network.plan.maps.iter().enumerate().map(pending_rows).collect();
        self.previous_pending.clone_from(&self.pending);
        self.layers = network
            .plan
            .layers
            .iter()
            .zip(&state.layers)
            .enumerate()
            .map(|(layer, (plan, from))| {
                let padded = panels(plan.neurons) * PANEL;
                let states: Vec<Vec<F>> = from
                    .states
                    .iter()
                    .zip(&network.layers[layer].starts)
                    .map(|(s, start)| {
                        let mut values = s.clone();
                        values.resize(padded, start[0]);
                        values
                    })
                    .collect();
                let fired = from.last_spikes.iter().flatten().enumerate().filter(|(_, s)| **s);
                LayerNow {
                    states: [states.clone(), states],
                    words: vec![0; padded / PANEL],
                    fired: [fired.map(|(i, _)| i as u32).collect(), vec![]],
                    noise: Noise::new(network, layer),
                    still: Stillness::unknown(plan, network, padded / PANEL),
                }
            })
            .collect();
        self.forget_stillness();
    }

    #[inline(never)]
    pub fn save(&self) -> NetworkState<F> {
        let network = self.model.network();
        let layers = network.plan.layers.iter().zip(&self.layers);
        let layers = layers.map(|(plan, now)| LayerState {
            neurons: plan.neurons,
            states: now.states[0].iter().map(|s| s[..plan.neurons].to_vec()).collect(),
            last_spikes: plan.reads_last_spikes.then(|| {
                let mut spikes = vec![false; plan.neurons];
                now.fired[0].iter().for_each(|&i| spikes[i as usize] = true);
                spikes
            }),
        });
        let pending = (self.pending.iter().zip(&network.plan.maps))
            .map(|(rows, map)| rows[..rows.len() - spread_now(map)].to_vec());
        NetworkState { batch: 1, layers: layers.collect(), pending: pending.collect() }
    }
}

/// Number of elements of an operation's output at the current step, which `pending` has in addition to the pending rows.
fn spread_now(map: &MapPlan) -> usize {
    match map.operation.temporal() {
        Some(temporal) if temporal.spreads() => map.shape.elements(),
        _ => 0,
    }
}
