//! The tapes of a network: creating them for a segment, setting neurons to rest, checking states.

use crate::network::compiled::Network;
use crate::plan::pending::pending;
use crate::plan::recomputed::is_recomputed;
use crate::plan::records::{PortRecord, is_read};
use crate::storage::geometry::Geometry;
use crate::storage::padding::Padding;
use crate::storage::parallel;
use crate::tape::input::Spikes;
use crate::tape::layer_tape::{LayerTape, TASK_PANELS};
use crate::tape::map_tape::{MapTape, steps_of};
use crate::tape::norms::Norms;
use lapicque_base::error::{Error, Result, try_vec};
use lapicque_graph::{Fusions, MapUse};
use lapicque_projection::{Aligned, Element, PANEL, first_non_finite, panels};

/// What a population's tape stores at every step because it is recorded.
#[derive(Clone, Copy)]
pub(crate) struct Recorded<'a> {
    pub ports: &'a [usize],
    pub states: &'a [usize],
}

impl<F: Element> LayerTape<F> {
    /// `keep`: store the states of every step; if a backward pass `follows`, only those that it reads and does not
    /// recompute. `marked`: mark where gradients of spikes would be read,
    /// even without a backward pass.
    pub(crate) fn new(
        network: &Network<F>,
        layer: usize,
        g: &Geometry,
        [keep, follows, constant_input, marked]: [bool; 4],
        Recorded { ports, states: recorded_states }: Recorded,
    ) -> Result<Self> {
        let plan = &network.plan.layers[layer];
        let recorded: Vec<bool> = (0..plan.bound.ports.len()).map(|port| ports.contains(&port)).collect();
        let panels = panels(plan.neurons);
        let blocks = if keep { g.steps } else { 2 };
        let recomputed = keep
            && follows
            && recorded_states.is_empty()
            && ports.is_empty()
            && is_recomputed(&network.plan, layer, g, constant_input);
        let (mut begin, mut states, mut state_blocks) = (Vec::new(), Vec::new(), Vec::new());
        for state in 0..plan.bound.states.len() {
            let blocks = match recomputed || follows && !is_read(&network.plan, layer, state) {
                true if !recorded_states.contains(&state) => 2,
                _ => blocks,
            };
            begin.push(Aligned::zeroed(&plan.name, panels * g.tiles * g.elements())?);
            states.push(Aligned::zeroed(&plan.name, panels * g.tiles * blocks * g.elements())?);
            state_blocks.push(blocks);
        }
        let bits = if plan.bound.spiking { try_vec(&plan.name, panels * g.rows(), 0u64)? } else { vec![] };
        let active = keep && (follows || marked) && network.layers[layer].active.is_some();
        let active = try_vec(&plan.name, if active { panels * g.rows() } else { 0 }, 0u64)?;
        let last = if plan.reads_last_spikes { panels * g.tiles * g.tile } else { 0 };
        let kept = |port: usize| {
            recorded[port] || keep && !recomputed && PortRecord::of(&network.plan, layer, port).is_kept()
        };
        let currents = (0..plan.bound.ports.len())
            .map(|port| Aligned::zeroed(&plan.name, if kept(port) { panels * g.rows() * PANEL } else { 0 }))
            .collect::<Result<_>>()?;
        Ok(LayerTape {
            begin,
            states,
            state_blocks,
            blocks,
            currents,
            constant: Aligned::zeroed(
                &plan.name,
                if recomputed { panels * g.tiles * g.elements() } else { 0 },
            )?,
            spikes: Spikes { bits, ..Default::default() },
            active,
            last_spikes: vec![0; last],
            current_sums: vec![Aligned::default(); plan.bound.ports.len()],
            recorded,
        })
    }

    /// Sets every neuron to its state of rest.
    pub fn rest(&mut self, network: &Network<F>, layer: usize, g: &Geometry) {
        self.last_spikes.fill(0);
        for (state, start) in self.begin.iter_mut().zip(&network.layers[layer].starts) {
            if let [value] = start[..] {
                let parts = state.chunks_mut(TASK_PANELS * g.elements()).collect();
                parallel::for_each(parts, |part: &mut [F]| part.fill(value));
                continue;
            }
            for (chunk, elements) in state.chunks_mut(g.elements()).enumerate() {
                let of_panel = &start[chunk / g.tiles * PANEL..][..PANEL];
                elements.chunks_mut(PANEL).for_each(|row| row.copy_from_slice(of_panel));
            }
        }
    }

    /// Refuses a segment that ends with a state that is NaN or infinite. Such a state rarely becomes finite again, and
    /// no gradient shows it where no loss reads it. `step` is the last one.
    ///
    /// # Errors
    /// `non-finite`, naming layer and state.
    pub fn check_states(&self, network: &Network<F>, layer: usize, g: &Geometry, step: usize) -> Result<()> {
        let (plan, elements) = (&network.plan.layers[layer], g.elements());
        let states = self.states.iter().zip(&self.state_blocks);
        for ((state, &blocks), info) in states.zip(&plan.bound.states) {
            let (each, last) = (blocks * elements, (g.steps - 1) % blocks * elements);
            let parts = state.chunks(TASK_PANELS * each).collect();
            let finite =
                |blocks: &[F]| first_non_finite(network.level, &blocks[last..last + elements]).is_none();
            let fine = parallel::map(parts, |part: &[F]| part.chunks(each).all(finite));
            if fine.into_iter().all(|fine| fine) {
                continue;
            }
            for (chunk, blocks) in state.chunks(each).enumerate() {
                let values = &blocks[last..last + elements];
                if first_non_finite(network.level, values).is_none() {
                    continue;
                }
                if !Padding::of(g, plan.neurons, chunk / g.tiles, chunk % g.tiles).is_finite(values) {
                    let (layer, name) = (plan.name.clone(), info.name.to_string());
                    return Err(Error::NonFinite { layer, step, name });
                }
            }
        }
        Ok(())
    }

    /// The first step of the segment after which a state is not finite; the tape must store all steps.
    pub fn first_non_finite(
        &self,
        network: &Network<F>,
        layer: usize,
        g: &Geometry,
        state: usize,
    ) -> Option<usize> {
        let elements = g.elements();
        let first = |(chunk, steps): (usize, &[F])| {
            first_non_finite(network.level, steps)?;
            let padding =
                Padding::of(g, network.plan.layers[layer].neurons, chunk / g.tiles, chunk % g.tiles);
            steps.chunks(elements).position(|step| !padding.is_finite(step))
        };
        self.states[state].chunks(self.blocks * elements).enumerate().filter_map(first).min()
    }
}

impl<F: Element> MapTape<F> {
    pub fn new(
        network: &Network<F>,
        map: usize,
        g: &Geometry,
        constant: bool,
        fusions: &Fusions,
    ) -> Result<Self> {
        let plan = &network.plan.maps[map];
        let size = plan.shape.elements();
        let g = steps_of(g, constant);
        let usage = fusions.uses()[map];
        let values = if usage == MapUse::Kept { g.rows() * size } else { 0 };
        let pooled = fusions.pooled_by(map);
        let chosen = if pooled.is_some() { values } else { 0 };
        Ok(MapTape {
            values: Aligned::zeroed(&plan.name, values)?,
            public: plan.is_public() || fusions.is_in_neuron_order(map),
            size,
            usage,
            pooled,
            chosen: try_vec(&plan.name, chosen, 0)?,
            constant,
            gradients: vec![],
            norms: Norms::default(),
            moments: vec![],
            gradient_sums: vec![],
            begin: Aligned::zeroed(&plan.name, pending(plan, &g))?,
            end: Aligned::zeroed(&plan.name, pending(plan, &g))?,
        })
    }
}
