//! A network ready to stream: its weights in the layout for single rows.

use crate::network::compiled::Network;
use crate::ops::prepared::Prepared;
use crate::ops::temporal::Timing;
use crate::sessions::session::StepInput;
use crate::storage::mode::Mode;
use lapicque_base::error::{Error, Result};
use lapicque_graph::{Feed, ProjectionKind};
use lapicque_projection::{Aligned, Element, PANEL, add, gather_one, gemm_panel, panels, to_rowmajor_inputs};
use std::sync::Arc;

/// A network ready to stream: weights as `[part][in][outputs padded to 64]`, shared by its sessions.
pub struct Streaming<F: Element> {
    pub(crate) network: Arc<Network<F>>,
    rows: Vec<Aligned<F>>,
    biases: Vec<Aligned<F>>,
    /// By operation: one entry, or one per step; batch norms use the running averages.
    pub(crate) prepared: Vec<Vec<Prepared<F>>>,
    /// By projection: the packed weights of a convolution within a loop, as its kernel reads them.
    pub(crate) packed: Vec<Aligned<F>>,
    /// By operation; used only by those that mix time.
    pub(crate) timing: Vec<Timing<F>>,
}

impl<F: Element> Streaming<F> {
    #[inline(never)]
    pub fn new(network: Arc<Network<F>>) -> Result<Self> {
        if let Some((steps, layer)) = network.needs_whole_sequence() {
            return Err(Error::Unsupported {
                feature: format!("{layer}, whose weights are for whole sequences of {steps} steps"),
                format: "a session".into(),
            });
        }
        let mut rows = Vec::new();
        let mut biases = Vec::new();
        for (j, (plan, slots)) in network.plan.projections.iter().zip(&network.slots).enumerate() {
            let weights = &network.parameters[slots.weight].data;
            let padded = panels(plan.outputs) * PANEL;
            rows.push(match plan.kind {
                ProjectionKind::Dense => {
                    let each = plan.inputs * padded;
                    let mut rows = Aligned::zeroed(&plan.name, plan.parts * each)?;
                    for (part, rows) in rows.chunks_mut(each).enumerate() {
                        to_rowmajor_inputs(network.weights(j, part), plan.outputs, plan.inputs, rows);
                    }
                    rows
                }
                ProjectionKind::OneToOne => weights.clone(),
                // Operations read the parameters themselves.
                _ => Aligned::default(),
            });
            biases.push(match slots.bias {
                _ if !matches!(plan.kind, ProjectionKind::Dense | ProjectionKind::OneToOne) => {
                    Aligned::default()
                }
                Some(bias) => network.parameters[bias].data.clone(),
                None => Aligned::zeroed(&plan.name, plan.parts * padded)?,
            });
        }
        let prepared = (0..network.plan.maps.len())
            .map(|map| network.prepare(map, &network.running_norms(map), Mode::Evaluate, 0..1))
            .collect();
        let packed = (0..network.slots.len()).map(|j| network.packed_feedback(j)).collect();
        let timing = (0..network.plan.maps.len()).map(|map| network.timing(map, Mode::Evaluate)).collect();
        Ok(Streaming { network, rows, biases, prepared, packed, timing })
    }

    pub fn network(&self) -> &Network<F> {
        &self.network
    }

    /// The product with one input row.
    pub(crate) fn product(&self, feed: &Feed, input: StepInput<F>, out: &mut [F]) {
        let Some(j) = feed.projection else {
            out.fill(F::ZERO);
            match input {
                StepInput::Events(events) => events.iter().for_each(|&i| out[i as usize] = F::ONE),
                StepInput::Values(values) => out[..values.len()].copy_from_slice(values),
            }
            return;
        };
        let plan = &self.network.plan.projections[j];
        let of_part = |all: &'_ [F]| -> std::ops::Range<usize> {
            let each = all.len() / plan.parts;
            feed.part * each..(feed.part + 1) * each
        };
        let rows = &self.rows[j][of_part(&self.rows[j])];
        let bias = &self.biases[j][of_part(&self.biases[j])];
        match (plan.kind, input) {
            (ProjectionKind::Dense, StepInput::Events(events)) => {
                gather_one(self.network.level, rows, out.len(), events, bias, out);
            }
            (ProjectionKind::Dense, StepInput::Values(values)) => {
                let weights = self.network.weights(j, feed.part);
                for (panel, out) in out.chunks_mut(PANEL).enumerate() {
                    let weights = &weights[panel * plan.inputs * PANEL..][..plan.inputs * PANEL];
                    let (level, inputs) = (self.network.level, plan.inputs);
                    gemm_panel(level, 1, inputs, values, inputs, 1, weights, out, false);
                }
                add(self.network.level, out, bias);
            }
            (_, StepInput::Events(events)) => {
                out.fill(F::ZERO);
                events.iter().for_each(|&i| out[i as usize] = rows[i as usize]);
            }
            (_, StepInput::Values(values)) => {
                out.fill(F::ZERO);
                out.iter_mut().zip(values).zip(rows).for_each(|((o, &x), &w)| *o = x * w);
            }
        }
    }
}
