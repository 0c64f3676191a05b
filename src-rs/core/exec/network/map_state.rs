//! State of operations that is carried from batch to batch, in parameters without a gradient: running averages of batch
//! norms, the strength of a mask, the number of dropout's draws. Also: which running averages are frozen.

use crate::network::compiled::Network;
use crate::storage::parameter::{Allowed, Layout};
use lapicque_base::error::Result;
use lapicque_graph::{BatchNorm, FixedNorm, Mixture, OperationKind, Plan, Temporal};
use lapicque_projection::Element;

impl<F: Element> Network<F> {
    /// Determines which batch norms do not update their running averages in the following passes, in addition to those
    /// that never do. These are the norms whose trained parameters are all frozen by an optimizer, or if they have
    /// none, whose averages are frozen.
    pub fn freeze_norms(&mut self, frozen: &[bool]) {
        for (m, map) in self.plan.maps.iter().enumerate() {
            let OperationKind::BatchNorm(BatchNorm { fixed, .. }) = map.operation else { continue };
            let of = |slot: usize| frozen.get(slot).copied().unwrap_or(false);
            let all = match (map.projection, self.running[m]) {
                (Some(j), _) => of(self.slots[j].weight) && self.slots[j].bias.is_none_or(of),
                (None, Some(running)) => running.into_iter().all(of),
                (None, None) => false,
            };
            self.fixed[m] = match fixed {
                FixedNorm::Always => true,
                FixedNorm::Never => false,
                FixedNorm::IfFrozen => all,
            };
        }
    }
}

/// State of operations; see the fields of [`Network`] with these names.
pub(super) struct MapState {
    pub running: Vec<Option<[usize; 2]>>,
    pub fixed: Vec<bool>,
    pub lambdas: Vec<Option<usize>>,
    pub draws: Option<usize>,
}

/// `keep` adds a parameter whose values are all the same at first, and returns its index.
pub(super) fn map_state(
    plan: &Plan,
    mut keep: impl FnMut(String, Layout, f64, Allowed) -> Result<usize>,
) -> Result<MapState> {
    let count = plan.maps.len();
    let mut state = MapState {
        running: vec![None; count],
        fixed: vec![false; count],
        lambdas: vec![None; count],
        draws: None,
    };
    let one = Layout::Plain { len: 1 };
    for (m, map) in plan.maps.iter().enumerate() {
        match map.operation {
            OperationKind::BatchNorm(BatchNorm { steps, fixed, .. }) => {
                let layout = Layout::Shaped { shape: steps.weight_shape(map.shape.channels) };
                let mean = keep(format!("{}.runningMean", map.name), layout, 0.0, Allowed::Any)?;
                let variance = keep(format!("{}.runningVariance", map.name), layout, 1.0, Allowed::Square)?;
                state.running[m] = Some([mean, variance]);
                state.fixed[m] = matches!(fixed, FixedNorm::Always);
            }
            OperationKind::Temporal(Temporal::Mixture(Mixture { lambda: Some(lambda), .. })) => {
                state.lambdas[m] = Some(keep(format!("{}.lambda", map.name), one, lambda, Allowed::Share)?);
            }
            OperationKind::Dropout(_) if state.draws.is_none() => {
                state.draws = Some(keep(format!("{}.draws", map.name), one, 0.0, Allowed::Count)?);
            }
            _ => {}
        }
    }
    Ok(state)
}
