//! State of training that is carried from batch to batch in addition to the weights: running averages and the number of
//! batches with dropout.

use super::step::Training;
use super::update::Update;
use lapicque_base::error::{Error, Result};
use lapicque_exec::Mode;
use lapicque_exec::parameter::last_count;
use lapicque_graph::{BatchNorm, MapPlan, NormSteps, OperationKind};
use lapicque_projection::Element;

/// For a batch norm: which statistics each of its steps has separately.
fn learned_norm(map: &MapPlan) -> Option<NormSteps> {
    match map.operation {
        OperationKind::BatchNorm(BatchNorm { steps, .. }) => Some(steps),
        _ => None,
    }
}

impl<F: Element> Training<F> {
    /// Sets the optimizer of the following passes: its groups determine which batch norms are frozen, and its kind how
    /// much memory it needs.
    pub fn expect_optimizer(&mut self, update: Option<&Update>) {
        let (mut frozen, mut moments) = (vec![], None);
        if let Some(Update { spec, settings, .. }) = update {
            let parameters = self.network.parameters.iter();
            let trained = parameters.map(|p| if p.trainable { p.data.len() as u64 } else { 0 });
            moments = Some(spec.moment_elements(settings.iter().zip(trained)));
            frozen = settings.iter().map(|settings| settings.frozen).collect();
        }
        self.expected_moments = moments;
        self.network.freeze_norms(&frozen);
    }

    /// # Errors
    /// `unsupported` for a sequence that is divided into segments if a layer needs all of it.
    /// `shape-mismatch` for a batch norm that would normalize single values: they would all be 0.
    pub(super) fn training_mode(&self, [steps, batch]: [usize; 2], segment: usize) -> Result<Mode> {
        let maps = self.network.plan.maps.iter().zip(&self.network.fixed);
        let of_batch =
            |(map, fixed): (_, &bool)| learned_norm(map).filter(|_| !fixed).map(|steps| (map, steps));
        for (map, own) in maps.filter_map(of_batch) {
            let rows = if own == NormSteps::Shared { steps * batch } else { batch };
            if rows * map.shape.pixels() == 1 {
                return Err(Error::ShapeMismatch {
                    layer: map.name.clone(),
                    expected: "more than one value for each channel and statistic in training (more samples, steps or pixels, \
                               or the statistics \"running\")"
                        .into(),
                    got: format!("{:?}", [&[steps, batch], &map.shape.sizes()[..]].concat()),
                });
            }
            if segment == steps {
                continue;
            }
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

    /// Updates this state after a successful batch.
    pub(super) fn after_batch(&mut self, mode: Mode) {
        if mode == Mode::Evaluate {
            return;
        }
        let network = &mut self.network;
        if let Some(slot) = network.draws {
            let draws = &mut network.parameters[slot].data[0];
            // Restarts at the largest count of this precision; otherwise all further batches would have the same mask.
            let next = draws.to_f64() + 1.0;
            *draws = if next > last_count::<F>() { F::ZERO } else { F::from_f64(next) };
        }
        let maps =
            network.plan.maps.iter().zip(&network.running).zip(&network.fixed).zip(&self.workspace.maps);
        for (((map, running), &fixed), tape) in maps {
            let (OperationKind::BatchNorm(BatchNorm { momentum, .. }), Some([mean, variance])) =
                (map.operation, *running)
            else {
                continue;
            };
            // A reused tape may still contain the moments of a previous batch.
            if fixed {
                continue;
            }
            // One after the other, if each step has its own statistics but all steps share the averages.
            for (i, moments) in tape.moments.iter().enumerate() {
                let mut update = |slot: usize, value: f64| {
                    let kept = &mut network.parameters[slot].data;
                    let own = i % kept.len();
                    let kept = &mut kept[own];
                    *kept = F::from_f64((1.0 - momentum) * kept.to_f64() + momentum * value);
                };
                update(mean, moments.mean());
                // Unbiased, as in torch; for a single value it would be NaN.
                update(variance, moments.squares / (moments.count - 1.0).max(1.0));
            }
        }
    }
}
