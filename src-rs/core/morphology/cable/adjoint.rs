//! The adjoint of a tile's steps: gradients of a loss with respect to everything that the steps read. A segment of steps is repeated
//! from its checkpoint and kept in frames; then its steps are differentiated, the last one first.

use lapicque_base::at_level::{Work, at_level};
use lapicque_base::control::Control;
use lapicque_base::error::Result;
use lapicque_expr::functions::double::ln;
use lapicque_expr::{Arg, ArgSlot, OutSlot};

use super::checkpoint::{Checkpoint, Frame};
use super::elimination::{NONE, Tree, substitute};
use super::placed::{IonArrays, Local, Placed, Reads, Surroundings};
use super::record::Source;
use super::synapse::Origin;
use super::tile::{Shared, Tile};
use crate::mechanism::Part;

/// Gradients of the loss of a tile, `[node][cell]`.
pub struct TileGradient {
    /// With respect to the voltages and ions; in the end `v` is the gradient with respect to the initial voltages.
    pub around: Surroundings,
    pub locals: Vec<LocalGradient>,
    /// By the conductance to the parent.
    pub axial: Vec<f64>,
    /// By the capacitance over the time of an implicit step.
    pub capacitance: Vec<f64>,
    /// By the weight of the synapses' own events.
    pub weights: Vec<f64>,
    /// By connection and its weight, in the order of the tile's synapses.
    pub connections: Vec<(usize, f64)>,
    pub gaps: Vec<f64>,
    parts: Vec<[f64; 2]>,
}

/// Gradients of a mechanism, `[node of the mechanism][cell]`.
pub struct LocalGradient {
    /// In the end by the initial states.
    pub states: Vec<Vec<f64>>,
    pub parameters: Vec<Vec<f64>>,
    /// By the states after a step, and by current, slope and currents of ions.
    after: Vec<Vec<f64>>,
    currents: Vec<Vec<f64>>,
    outs: Vec<Vec<f64>>,
    scratch: Vec<f64>,
}

/// A run whose gradient is computed.
pub struct Course<'a> {
    pub steps: usize,
    /// Steps between two checkpoints.
    pub segment: usize,
    /// By record: the derivatives of the loss with respect to the samples.
    pub samples: &'a [Option<Vec<f64>>],
}

impl Tile {
    /// Computes the gradient of a run that began in the first of `checkpoints`, and of the states' beginning.
    ///
    /// # Errors
    /// `aborted`.
    pub fn differentiate(
        &mut self,
        shared: &Shared,
        checkpoints: &[Checkpoint],
        course: &Course,
        control: &Control,
        progress: impl Fn(usize),
    ) -> Result<TileGradient> {
        let mut gradient = TileGradient::new(self, shared);
        let mut frames: Vec<Frame> = (0..=course.segment).map(|_| Frame::of(self)).collect();
        for (i, checkpoint) in checkpoints.iter().enumerate().rev() {
            let (from, to) = (i * course.segment, ((i + 1) * course.segment).min(course.steps));
            checkpoint.restore(self, shared);
            self.repeat(shared, from, &mut frames[..=to - from]);
            for k in (from..to).rev() {
                let [before, after] = &frames[k - from..][..2] else { unreachable!("a frame for each step") };
                gradient.add_samples(self, course, shared, k + 1);
                gradient.step(self, shared, k, before, &after.before.v);
                control.check()?;
            }
            progress(to - from);
        }
        gradient.add_samples(self, course, shared, 0);
        gradient.start(self, shared);
        Ok(gradient)
    }

    /// Repeats steps from `from` on, one for each frame but the last.
    fn repeat(&mut self, shared: &Shared, from: usize, frames: &mut [Frame]) {
        let mut next: Vec<usize> =
            self.synapses.iter().map(|(_, synapse)| synapse.first_since(from)).collect();
        let steps = frames.len() - 1;
        for (k, frame) in (from..).zip(&mut frames[..steps]) {
            for ((_, synapse), next) in self.synapses.iter_mut().zip(&mut next) {
                *next = synapse.receive_again(k, *next);
            }
            frame.before.save(self);
            self.assemble(shared, k);
            frame.save_ions(&self.around);
            self.solve(shared);
            frame.reciprocal.copy_from_slice(&self.diagonal);
            self.advance(shared);
        }
        frames[steps].before.save(self);
    }
}

impl TileGradient {
    fn new(tile: &Tile, shared: &Shared) -> Self {
        let elements = tile.around.v.len();
        let ion = |ion: &IonArrays| IonArrays {
            reversal: vec![0.0; ion.reversal.len()],
            inside: vec![0.0; ion.inside.len()],
            current: vec![0.0; ion.current.len()],
        };
        TileGradient {
            around: Surroundings { v: vec![0.0; elements], ions: tile.around.ions.iter().map(ion).collect() },
            locals: (shared.placed.iter().zip(&tile.locals))
                .map(|(placed, local)| LocalGradient::new(placed, local))
                .collect(),
            axial: vec![0.0; elements],
            capacitance: vec![0.0; elements],
            weights: vec![0.0; tile.synapses.len()],
            connections: vec![],
            gaps: vec![0.0; shared.gaps.len()],
            parts: vec![[0.0; 2]; tile.synapses.len()],
        }
    }

    /// Adds the gradient of the samples after `k` steps.
    fn add_samples(&mut self, tile: &Tile, course: &Course, shared: &Shared, k: usize) {
        if !k.is_multiple_of(shared.sample_every) {
            return;
        }
        for &(row, source, _) in &tile.records {
            let Some(samples) = &course.samples[row] else { continue };
            let gradient = match source {
                Source::Voltage { at } => &mut self.around.v[at],
                Source::State { mechanism, state, at } => &mut self.locals[mechanism].states[state][at],
                Source::Concentration { ion, at } => &mut self.around.ions[ion].inside[at],
                _ => unreachable!("the loss depends on voltages, states and concentrations"),
            };
            *gradient += samples[k / shared.sample_every];
        }
    }

    /// From the gradient after step `k` to that before it.
    fn step(&mut self, tile: &mut Tile, shared: &Shared, k: usize, frame: &Frame, after: &[f64]) {
        for (parts, (_, synapse)) in self.parts.iter_mut().zip(&tile.synapses) {
            parts[0] *= synapse.response.decay[0];
            parts[1] *= synapse.response.decay[1];
        }
        for (to, from) in tile.around.ions.iter_mut().zip(&frame.ions) {
            to.reversal.copy_from_slice(&from.reversal);
            to.current.copy_from_slice(&from.current);
        }
        tile.around.v.copy_from_slice(after);
        for &i in shared.order.iter().rev() {
            self.withdraw(i, tile, shared, &frame.before.states[i]);
            let placed = &shared.placed[i];
            if let Some(part) = placed.bound.adjoint.as_ref().and_then(|adjoint| adjoint.step.as_ref()) {
                let gradient = &mut self.locals[i];
                std::mem::swap(&mut gradient.states, &mut gradient.after);
                gradient.states.iter_mut().for_each(|states| states.fill(0.0));
                let read = (&mut tile.locals[i], &frame.before.states[i][..], &tile.around);
                gradient.pull_back(placed, (part, Of::States), read, &mut self.around);
            }
        }
        tile.around.v.copy_from_slice(&frame.before.v);
        self.solve(tile, shared, frame, after);
        self.electrodes(tile, shared, k, frame, after);
        for i in 0..shared.placed.len() {
            self.currents(i, tile, shared, frame, after);
        }
        self.around.ions.iter_mut().for_each(|ion| ion.current.fill(0.0));
        for &(ion, factor, _) in &shared.nernst {
            let inside = &tile.around.ions[ion].inside;
            let gradient = &mut self.around.ions[ion];
            let both = gradient.inside.iter_mut().zip(&mut gradient.reversal);
            for ((to, from), inside) in both.zip(inside) {
                *to -= factor / inside * *from;
                *from = 0.0;
            }
        }
        for (s, (_, synapse)) in tile.synapses.iter().enumerate() {
            for received in synapse.received_in(k) {
                let gradient = synapse.response.weight_gradient(self.parts[s]);
                match received.origin {
                    Origin::Own => self.weights[s] += gradient,
                    Origin::Connection(i) => self.connections.push((i, gradient)),
                }
            }
        }
    }

    /// Undoes the publication of a pool's concentrations: its states receive their gradient, and the concentrations are those before.
    fn withdraw(&mut self, i: usize, tile: &mut Tile, shared: &Shared, before: &[Vec<f64>]) {
        let (placed, cells) = (&shared.placed[i], tile.locals[i].cells);
        for &(state, ion) in &placed.bound.pools {
            let inside = &mut self.around.ions[ion].inside;
            for (&node, row) in placed.nodes.iter().zip(self.locals[i].states[state].chunks_exact_mut(cells))
            {
                let inside = &mut inside[node as usize * cells..][..cells];
                for (to, from) in row.iter_mut().zip(inside) {
                    *to += std::mem::take(from);
                }
            }
        }
        placed.publish_states(before, cells, &mut tile.around);
    }

    /// Solves the adjoint system into `right` of the tile, and adds what follows for the nodes.
    fn solve(&mut self, tile: &mut Tile, shared: &Shared, frame: &Frame, after: &[f64]) {
        let (cells, factor) = (tile.members.len(), shared.factor());
        tile.diagonal.copy_from_slice(&frame.reciprocal);
        tile.right.iter_mut().zip(&self.around.v).for_each(|(right, gradient)| *right = factor * gradient);
        substitute(shared.level, cells, &shared.tree, &tile.diagonal, &mut tile.right);
        tile.implicit_gaps(shared);
        let TileGradient { around, axial, capacitance, .. } = self;
        let flows = Flows {
            tree: &shared.tree,
            per_step: 1.0 / factor,
            adjoint: &tile.right,
            v: [&frame.before.v, after],
            gradient: &mut around.v,
            axial,
            capacitance,
        };
        match cells {
            1 => at_level(shared.level, Wide::<1>(flows)),
            8 => at_level(shared.level, Wide::<8>(flows)),
            _ => unreachable!("cells are grouped by 1 or 8"),
        }
    }

    /// Clamps, synapses and gap junctions.
    fn electrodes(&mut self, tile: &mut Tile, shared: &Shared, k: usize, frame: &Frame, after: &[f64]) {
        let v = &frame.before.v;
        let change = |at: usize| (after[at] - v[at]) / shared.factor();
        let adjoint = &tile.right;
        let middle = (k as f64 + 0.5) * shared.dt;
        for (_, clamp) in &tile.voltage_clamps {
            let at = tile.at(tile.place(clamp.cell), clamp.node);
            if clamp.voltage(middle).is_some() {
                self.around.v[at] -= adjoint[at] / clamp.resistance;
            }
        }
        for ((parts, before), (_, synapse)) in
            self.parts.iter_mut().zip(&frame.before.parts).zip(&mut tile.synapses)
        {
            synapse.parts = *before;
            let at = synapse.node * tile.members.len() + synapse.place;
            let [of_v, of_conductance] =
                synapse.response.gradient(*before, v[at], [-adjoint[at], -adjoint[at] * change(at)]);
            self.around.v[at] += of_v;
            parts[1] += of_conductance;
            parts[0] -= of_conductance;
        }
        for (gap, gradient) in shared.gaps.iter().zip(&mut self.gaps) {
            for place in 0..tile.members.len() {
                let (a, b) = (tile.at(place, gap.a), tile.at(place, gap.b));
                let across = adjoint[a] - adjoint[b];
                *gradient -= across * (v[a] - v[b]);
                *gradient -= match gap.implicit {
                    true => across * (change(a) - change(b)),
                    false => adjoint[a] * change(a) + adjoint[b] * change(b),
                };
            }
            for place in 0..tile.members.len() {
                let (a, b) = (tile.at(place, gap.a), tile.at(place, gap.b));
                let flow = gap.conductance * (adjoint[a] - adjoint[b]);
                self.around.v[a] -= flow;
                self.around.v[b] += flow;
            }
        }
    }

    /// The membrane currents of a mechanism.
    fn currents(&mut self, i: usize, tile: &mut Tile, shared: &Shared, frame: &Frame, after: &[f64]) {
        let (placed, cells) = (&shared.placed[i], tile.members.len());
        let Some(adjoint) = &placed.bound.adjoint else { return };
        let Some(part) = &adjoint.current else { return };
        let gradient = &mut self.locals[i];
        let [of_current, of_slope, of_ions @ ..] = &mut gradient.currents[..] else { return };
        let rows = of_current.chunks_exact_mut(cells).zip(of_slope.chunks_exact_mut(cells));
        for (&node, (of_current, of_slope)) in placed.nodes.iter().zip(rows) {
            let (area, first) = (shared.densities[node as usize], node as usize * cells);
            for k in 0..cells {
                let at = first + k;
                of_current[k] = -area * tile.right[at];
                of_slope[k] = of_current[k] * ((after[at] - frame.before.v[at]) / shared.factor());
            }
        }
        for (&ion, seeds) in adjoint.varying.iter().zip(of_ions) {
            for (&node, row) in placed.nodes.iter().zip(seeds.chunks_exact_mut(cells)) {
                row.copy_from_slice(&self.around.ions[ion].current[node as usize * cells..][..cells]);
            }
        }
        let read = (&mut tile.locals[i], &frame.before.states[i][..], &tile.around);
        gradient.pull_back(placed, (part, Of::Currents), read, &mut self.around);
    }

    /// The beginning of the states, as functions of the initial voltages and of parameters.
    fn start(&mut self, tile: &mut Tile, shared: &Shared) {
        tile.around.ions.iter_mut().for_each(|ion| ion.current.fill(0.0));
        for &(ion, factor, outside) in &shared.nernst {
            tile.around.ions[ion].reversal.fill(factor * ln(outside / shared.inside[ion]));
        }
        for &i in shared.order.iter().rev() {
            let placed = &shared.placed[i];
            let elements = placed.nodes.len() * tile.members.len();
            let mut before = vec![vec![]; placed.bound.states.len()];
            placed
                .bound
                .pools
                .iter()
                .for_each(|&(state, ion)| before[state] = vec![shared.inside[ion]; elements]);
            self.withdraw(i, tile, shared, &before);
            if let Some(adjoint) = &placed.bound.adjoint {
                let gradient = &mut self.locals[i];
                gradient.after.clone_from(&gradient.states);
                let read = (&mut tile.locals[i], &[][..], &tile.around);
                gradient.pull_back(placed, (&adjoint.initial, Of::States), read, &mut self.around);
            }
        }
    }
}

impl LocalGradient {
    fn new(placed: &Placed, local: &Local) -> Self {
        let elements = placed.nodes.len() * local.cells;
        let zeros = |count: usize| vec![vec![0.0; elements]; count];
        let adjoint = placed.bound.adjoint.as_ref();
        let parts =
            adjoint.map(|adjoint| [Some(&adjoint.initial), adjoint.current.as_ref(), adjoint.step.as_ref()]);
        let outs = parts.into_iter().flatten().flatten().map(|part| part.outs().len()).max();
        LocalGradient {
            states: zeros(placed.bound.states.len()),
            parameters: zeros(placed.bound.parameters.len()),
            after: zeros(placed.bound.states.len()),
            currents: zeros(adjoint.map_or(0, |adjoint| 2 + adjoint.varying.len())),
            outs: zeros(outs.unwrap_or(0)),
            scratch: vec![],
        }
    }

    /// Runs an adjoint program and adds its results to the gradients.
    fn pull_back(
        &mut self,
        placed: &Placed,
        (part, of): (&Part, Of),
        (local, states, around): (&mut Local, &[Vec<f64>], &Surroundings),
        to: &mut Surroundings,
    ) {
        placed.gather(part, local, around);
        let Local { cells, parameters, gathered, .. } = local;
        let reads = Reads { cells: *cells, parameters, states, gathered };
        let seeds = match of {
            Of::States => &self.after,
            Of::Currents => &self.currents,
        };
        let arg = |slot: ArgSlot| match slot {
            ArgSlot::GradState(i) => Arg::Elements(&seeds[i]),
            other => placed.arg(other, reads, around),
        };
        let outs = &mut self.outs[..part.outs().len()];
        part.run(placed.nodes.len() * *cells, arg, outs, &mut self.scratch);
        for (&slot, out) in part.outs().iter().zip(outs) {
            match slot {
                OutSlot::GradPort(i) => {
                    let to = to.port_mut(placed.bound.ports[i]);
                    for (&node, row) in placed.nodes.iter().zip(out.chunks_exact(*cells)) {
                        add(&mut to[node as usize * *cells..][..*cells], row);
                    }
                }
                OutSlot::GradState(i) => add(&mut self.states[i], out),
                OutSlot::GradCoef(i) => add(&mut self.parameters[i], out),
                _ => unreachable!("an adjoint program returns gradients"),
            }
        }
    }
}

/// The gradients from which an adjoint program starts.
#[derive(Clone, Copy)]
enum Of {
    States,
    Currents,
}

fn add(to: &mut [f64], from: &[f64]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to += from);
}

/// What flows between nodes and into capacitances, in the adjoint of a step.
struct Flows<'a> {
    tree: &'a Tree,
    per_step: f64,
    adjoint: &'a [f64],
    /// Before and after the step.
    v: [&'a [f64]; 2],
    gradient: &'a mut [f64],
    axial: &'a mut [f64],
    capacitance: &'a mut [f64],
}

/// For this many cells.
struct Wide<'a, const W: usize>(Flows<'a>);

impl<const W: usize> Work for Wide<'_, W> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Flows { tree: Tree { parent, axial }, per_step, adjoint, v, gradient, .. } = self.0;
        let (adjoint, _) = adjoint.as_chunks::<W>();
        let [before, after] = v.map(|v| v.as_chunks::<W>().0);
        let (gradient, _) = gradient.as_chunks_mut::<W>();
        let (of_axial, _) = self.0.axial.as_chunks_mut::<W>();
        let (of_capacitance, _) = self.0.capacitance.as_chunks_mut::<W>();
        let n = parent.len();
        assert!(adjoint.len() == n && before.len() == n && after.len() == n && gradient.len() == n);
        assert!(axial.len() == n && of_axial.len() == n && of_capacitance.len() == n);
        for i in 0..n {
            let (p, g) = (parent[i] as usize, axial[i]);
            for k in 0..W {
                let change = per_step * (after[i][k] - before[i][k]);
                of_capacitance[i][k] = (-adjoint[i][k]).mul_add(change, of_capacitance[i][k]);
                if parent[i] != NONE {
                    let of_parent = per_step * (after[p][k] - before[p][k]);
                    let across = (before[i][k] - before[p][k]) + (change - of_parent);
                    let between = adjoint[i][k] - adjoint[p][k];
                    of_axial[i][k] = (-between).mul_add(across, of_axial[i][k]);
                    gradient[i][k] = (-g).mul_add(between, gradient[i][k]);
                    gradient[p][k] = g.mul_add(between, gradient[p][k]);
                }
            }
        }
    }
}
