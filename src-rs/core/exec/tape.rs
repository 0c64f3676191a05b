//! What a pass leaves behind: the states of every population, its spikes, and room for gradients.

use crate::geometry::Geometry;
use crate::input::Spikes;
use crate::map_currents::of_one_map;
use crate::network::Network;
use crate::padding::Padding;
use crate::parallel;
use crate::recomputation::is_recomputed;
use lapicque_base::error::{Error, Result, try_vec};
use lapicque_expr::ArgSlot;
use lapicque_graph::{LayerPlan, Plan, Source};
use lapicque_projection::{Aligned, Element, PANEL, first_non_finite, panel_width, panels};

/// Panels of one tile that a task fills or looks through.
const TASK_PANELS: usize = 64;

/// One population's record over a segment of time.
pub struct LayerTape<F: Element> {
    /// Each state before the segment, `[panel][tile][sample][64]`.
    pub begin: Vec<Aligned<F>>,
    /// Each state after every step, `[panel][tile][block][sample][64]`: one block a step, or two
    /// blocks in which the steps take turns.
    pub states: Vec<Aligned<F>>,
    /// Of each state.
    pub state_blocks: Vec<usize>,
    /// Of the first state, and of gradients.
    pub blocks: usize,
    /// Each port `[panel][tile][step][sample][64]`; empty unless the adjoint asks for it or its gradient
    /// goes there.
    pub currents: Vec<Aligned<F>>,
    /// The current where it is the same at every step and the backward pass makes the states again, `[panel][tile][sample][64]`.
    pub constant: Aligned<F>,
    pub spikes: Spikes,
    /// Where somebody reads them: the spikes of the step before the segment, `[panel][tile][sample]`.
    pub last_spikes: Vec<u64>,
    /// The gradient of each port summed over time where the input is constant, `[panel][tile][sample][64]`.
    pub current_sums: Vec<Aligned<F>>,
    /// Of each port whether its current is kept because it is recorded.
    pub recorded: Vec<bool>,
}

/// What of a port is on the tape where the backward pass follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PortRecord {
    /// Nothing: its gradient takes the place of the first state.
    Nothing,
    /// Its values, which the adjoint reads; the gradient takes the place of the first state.
    Values,
    /// Nothing, though the adjoint reads its values: they are made again from a map's. The gradient takes the place
    /// of the first state.
    Again,
    /// Its values or not, and then its gradient.
    Gradient,
}

impl PortRecord {
    pub fn of(plan: &LayerPlan, port: usize) -> Self {
        if port > 0 || plan.looked_at {
            return PortRecord::Gradient;
        }
        match plan.bound.adjoint.args.contains(&ArgSlot::Port(port)) {
            true if of_one_map(plan, port).is_some() => PortRecord::Again,
            true => PortRecord::Values,
            false => PortRecord::Nothing,
        }
    }

    /// Whether the tape has room for it.
    pub fn is_kept(self) -> bool {
        matches!(self, PortRecord::Values | PortRecord::Gradient)
    }
}

/// Whether somebody reads a state of every step of a tape on which the backward pass follows. The first one always is:
/// a loss may read it, and the gradient takes its place.
pub(crate) fn is_read(plan: &Plan, layer: usize, state: usize) -> bool {
    let bound = &plan.layers[layer].bound;
    let by_adjoint = |slot: &ArgSlot| matches!(*slot, ArgSlot::State(i) | ArgSlot::NewState(i) if i == state);
    state == 0
        || bound.adjoint.args.iter().any(by_adjoint)
        || bound.output == Some(state)
        || bound.noise.is_some_and(|noise| noise.clock == state)
        || plan.reads(Source::State(layer, state))
}

impl<F: Element> LayerTape<F> {
    /// `keep`: the states of every step, or if a backward pass `follows` those that it reads and does not make again.
    /// `recorded`: ports whose currents are kept.
    pub fn new(
        network: &Network<F>,
        layer: usize,
        g: &Geometry,
        [keep, follows, constant_input]: [bool; 3],
        recorded: &[usize],
    ) -> Result<Self> {
        let plan = &network.plan.layers[layer];
        let recorded: Vec<bool> = (0..plan.bound.ports.len()).map(|port| recorded.contains(&port)).collect();
        let panels = panels(plan.neurons);
        let blocks = if keep { g.steps } else { 2 };
        let again = keep && follows && is_recomputed(&network.plan, layer, g, constant_input);
        let (mut begin, mut states, mut state_blocks) = (Vec::new(), Vec::new(), Vec::new());
        for state in 0..plan.bound.states.len() {
            let blocks = if again || follows && !is_read(&network.plan, layer, state) { 2 } else { blocks };
            begin.push(Aligned::zeroed(&plan.name, panels * g.tiles * g.lanes())?);
            states.push(Aligned::zeroed(&plan.name, panels * g.tiles * blocks * g.lanes())?);
            state_blocks.push(blocks);
        }
        let bits = if plan.bound.spiking { try_vec(&plan.name, panels * g.rows(), 0u64)? } else { vec![] };
        let last = if plan.remembered { panels * g.tiles * g.tile } else { 0 };
        let kept = |port: usize| recorded[port] || keep && !again && PortRecord::of(plan, port).is_kept();
        let currents = (0..plan.bound.ports.len())
            .map(|port| Aligned::zeroed(&plan.name, if kept(port) { panels * g.rows() * PANEL } else { 0 }))
            .collect::<Result<_>>()?;
        Ok(LayerTape {
            begin,
            states,
            state_blocks,
            blocks,
            currents,
            constant: Aligned::zeroed(&plan.name, if again { panels * g.tiles * g.lanes() } else { 0 })?,
            spikes: Spikes { bits, ..Default::default() },
            last_spikes: vec![0; last],
            current_sums: vec![Aligned::default(); plan.bound.ports.len()],
            recorded,
        })
    }

    /// Values of a state that are not zero, over all steps, which the tape must have kept.
    pub fn nonzero(&self, g: &Geometry, state: usize, neurons: usize) -> u64 {
        let mut total = 0;
        for (i, steps) in self.states[state].chunks(self.blocks * g.lanes()).enumerate() {
            let (width, samples) = (panel_width(neurons, i / g.tiles), g.valid(i % g.tiles));
            for step in steps.chunks(g.lanes()) {
                let rows = step.chunks(PANEL).take(samples);
                total += rows.flat_map(|row| &row[..width]).filter(|&&x| x != F::ZERO).count() as u64;
            }
        }
        total
    }

    /// The gradient of a port after the reverse scan, `[panel][tile][step][sample][64]`.
    pub fn gradient(&self, plan: &LayerPlan, port: usize) -> &[F] {
        match PortRecord::of(plan, port) {
            PortRecord::Gradient => &self.currents[port],
            PortRecord::Nothing | PortRecord::Values | PortRecord::Again => &self.states[0],
        }
    }

    pub fn gradient_mut(&mut self, plan: &LayerPlan, port: usize) -> &mut [F] {
        match PortRecord::of(plan, port) {
            PortRecord::Gradient => &mut self.currents[port],
            PortRecord::Nothing | PortRecord::Values | PortRecord::Again => &mut self.states[0],
        }
    }

    /// Puts every neuron at rest.
    pub fn rest(&mut self, network: &Network<F>, layer: usize, g: &Geometry) {
        let plan = &network.plan.layers[layer];
        self.last_spikes.fill(0);
        for (state, info) in self.begin.iter_mut().zip(&plan.bound.states) {
            if let [value] = info.init[..] {
                let parts = state.chunks_mut(TASK_PANELS * g.lanes()).collect();
                parallel::for_each(parts, |part: &mut [F]| part.fill(F::from_f64(value)));
                continue;
            }
            for (chunk, lanes) in state.chunks_mut(g.lanes()).enumerate() {
                let panel = chunk / g.tiles;
                for (i, x) in lanes.iter_mut().enumerate() {
                    let neuron = panel * PANEL + i % PANEL;
                    *x = F::from_f64(*info.init.get(neuron).unwrap_or(&info.init[0]));
                }
            }
        }
    }

    /// Makes the state at the end of a segment the beginning of the next.
    pub fn carry(&mut self, g: &Geometry) {
        let lanes = g.lanes();
        for ((begin, state), &blocks) in self.begin.iter_mut().zip(&self.states).zip(&self.state_blocks) {
            let last = (g.steps - 1) % blocks * lanes;
            let parts = begin.chunks_mut(TASK_PANELS * lanes).zip(state.chunks(TASK_PANELS * blocks * lanes));
            parallel::for_each(parts.collect(), |(begin, state)| {
                let chunks = begin.chunks_mut(lanes).zip(state.chunks(blocks * lanes));
                chunks.for_each(|(to, from)| to.copy_from_slice(&from[last..last + lanes]));
            });
        }
        if !self.last_spikes.is_empty() {
            let rows = g.rows();
            for (i, last) in self.last_spikes.chunks_mut(g.tile).enumerate() {
                let (panel, tile) = (i / g.tiles, i % g.tiles);
                let row = panel * rows + g.row(tile, g.steps - 1);
                last.copy_from_slice(&self.spikes.bits[row..row + g.tile]);
            }
        }
    }

    /// Refuses a segment at whose end a state has left the numbers: what is not finite seldom becomes finite again, and
    /// where no loss reads it no gradient tells. `step` is the last one.
    ///
    /// # Errors
    /// `non-finite`, naming layer and state.
    pub fn check_states(&self, network: &Network<F>, layer: usize, g: &Geometry, step: usize) -> Result<()> {
        let (plan, lanes) = (&network.plan.layers[layer], g.lanes());
        let states = self.states.iter().zip(&self.state_blocks);
        for ((state, &blocks), info) in states.zip(&plan.bound.states) {
            let (each, last) = (blocks * lanes, (g.steps - 1) % blocks * lanes);
            let parts = state.chunks(TASK_PANELS * each).collect();
            let finite =
                |blocks: &[F]| first_non_finite(network.level, &blocks[last..last + lanes]).is_none();
            let fine = parallel::map(parts, |part: &[F]| part.chunks(each).all(finite));
            if fine.into_iter().all(|fine| fine) {
                continue;
            }
            for (chunk, blocks) in state.chunks(each).enumerate() {
                let values = &blocks[last..last + lanes];
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

    /// The first step of the segment after which a state is not finite; the tape must have kept all steps.
    pub fn first_non_finite(
        &self,
        network: &Network<F>,
        layer: usize,
        g: &Geometry,
        state: usize,
    ) -> Option<usize> {
        let lanes = g.lanes();
        let first = |(chunk, steps): (usize, &[F])| {
            first_non_finite(network.level, steps)?;
            let padding =
                Padding::of(g, network.plan.layers[layer].neurons, chunk / g.tiles, chunk % g.tiles);
            steps.chunks(lanes).position(|step| !padding.is_finite(step))
        };
        self.states[state].chunks(self.blocks * lanes).enumerate().filter_map(first).min()
    }

    /// Takes over the beginning of a tape of the same samples.
    pub fn take_beginning(&mut self, old: LayerTape<F>) {
        let same = self.begin.iter().map(|s| s.len()).eq(old.begin.iter().map(|s| s.len()));
        if same && self.last_spikes.len() == old.last_spikes.len() {
            self.begin = old.begin;
            self.last_spikes = old.last_spikes;
        }
    }

    /// Copies the beginning, to run a segment again later.
    pub fn snapshot(&self) -> Snapshot<F> {
        Snapshot { states: self.begin.clone(), last_spikes: self.last_spikes.clone() }
    }

    pub fn restore(&mut self, snapshot: &Snapshot<F>) {
        self.begin.clone_from(&snapshot.states);
        self.last_spikes.copy_from_slice(&snapshot.last_spikes);
    }
}

/// The state of one population at one moment, in the layout of the tape.
#[derive(Clone)]
pub struct Snapshot<F: Element> {
    /// Each state `[panel][tile][sample][64]`.
    pub states: Vec<Aligned<F>>,
    pub last_spikes: Vec<u64>,
}
