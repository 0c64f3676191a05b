//! What training keeps from batch to batch beside the weights: running averages and the number of
//! batches for which units were dropped.

use super::step::Training;
use lapicque_base::error::{Error, Result};
use lapicque_exec::map::Mode;
use lapicque_exec::parameter::last_count;
use lapicque_graph::Operation;
use lapicque_projection::Element;

impl<F: Element> Training<F> {
    /// # Errors
    /// `unsupported` for a sequence that is cut into segments where a layer needs all of it.
    pub(super) fn training_mode(&self, steps: usize, segment: usize) -> Result<Mode> {
        let norm = |m: &&lapicque_graph::MapPlan| matches!(m.operation, Operation::BatchNorm { .. });
        if let Some(map) = self.network.plan.maps.iter().find(norm).filter(|_| segment < steps) {
            return Err(Error::Unsupported {
                feature: format!(
                    "segments of {segment} of {steps} steps with {}: its averages take in the whole sequence",
                    map.name
                ),
                format: "training".into(),
            });
        }
        if let Some((_, layer)) = self.network.plan.whole_sequence().filter(|_| segment < steps) {
            return Err(Error::Unsupported {
                feature: format!(
                    "segments of {segment} of {steps} steps with {layer}: its weights are for the whole sequence"
                ),
                format: "training".into(),
            });
        }
        let draws = self.network.draws.map(|slot| self.network.parameters[slot].data[0].to_f64());
        Ok(Mode::Train { draw: draws.unwrap_or(0.0) as u64 })
    }

    /// After a batch that succeeded.
    pub(super) fn take_in(&mut self, mode: Mode) {
        if mode == Mode::Evaluate {
            return;
        }
        let network = &mut self.network;
        if let Some(slot) = network.draws {
            let draws = &mut network.parameters[slot].data[0];
            // Anew where the precision cannot count on: else all further batches would see one mask.
            let next = draws.to_f64() + 1.0;
            *draws = if next > last_count::<F>() { F::ZERO } else { F::from_f64(next) };
        }
        for ((map, running), tape) in network.plan.maps.iter().zip(&network.running).zip(&self.workspace.maps)
        {
            let (Operation::BatchNorm { momentum, .. }, Some([mean, variance])) = (map.operation, *running)
            else {
                continue;
            };
            // One after the other, where each step has statistics of its own but all share the averages.
            for (i, moments) in tape.moments.iter().enumerate() {
                let mut update = |slot: usize, value: f64| {
                    let kept = &mut network.parameters[slot].data;
                    let own = i % kept.len();
                    let kept = &mut kept[own];
                    *kept = F::from_f64((1.0 - momentum) * kept.to_f64() + momentum * value);
                };
                update(mean, moments.mean());
                // Unbiased, as in torch; of a single value it would not be a number.
                update(variance, moments.squares / (moments.count - 1.0).max(1.0));
            }
        }
    }
}
