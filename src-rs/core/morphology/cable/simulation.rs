//! Cells of one model over time.

use lapicque_base::control::Control;
use lapicque_base::error::{Error, Result};
use lapicque_base::memory;
use lapicque_base::simd::SimdLevel;
use lapicque_expr::functions::double::ln;
use rayon::prelude::*;
use serde::Deserialize;

use super::clamp::{CurrentClamp, VoltageClamp, check_place};
use super::elimination::{NONE, Tree};
use super::model::Model;
use super::network::{Connection, Detector, Spike};
use super::placed::{IonArrays, Placed, Surroundings};
use super::record::{Quantity, Record, Source, ion};
use super::synapse::{Running, Slope, Synapse};
use super::tile::{Shared, Tile};
use crate::mechanism::Environment;

/// The step at which an event enters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Delivery {
    /// The step that contains it, as Arbor does.
    #[default]
    Containing,
    /// The step whose start is nearest, as NEURON does.
    Nearest,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// ms.
    pub dt: f64,
    /// Crank–Nicolson in place of implicit Euler.
    pub second_order: bool,
    pub delivery: Delivery,
    pub slope: Slope,
    /// Steps from one sample to the next; the first is at the beginning.
    pub sample_every: usize,
    pub level: SimdLevel,
    /// Cells that are interleaved: 1, 8, or chosen by their number.
    pub interleaved: Option<usize>,
    /// Whether [`Simulation::differentiate`] will be called.
    pub is_differentiated: bool,
}

/// What acts on the cells, and what is observed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Inputs {
    pub cells: usize,
    pub current_clamps: Vec<CurrentClamp>,
    pub voltage_clamps: Vec<VoltageClamp>,
    pub synapses: Vec<Synapse>,
    pub detectors: Vec<Detector>,
    pub connections: Vec<Connection>,
    pub records: Vec<Record>,
}

/// The result of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// `[record][sample]`.
    pub traces: Vec<Vec<f64>>,
    /// By time, then by detector.
    pub spikes: Vec<Spike>,
}

pub struct Simulation {
    pub(super) shared: Shared,
    pub(super) tiles: Vec<Tile>,
    /// By synapse: its tile and place there.
    pub(super) synapses: Vec<(usize, usize)>,
    /// By detector: its connections.
    pub(super) connections: Vec<Vec<(usize, Connection)>>,
    /// Steps between two exchanges of spikes.
    epoch: usize,
    pub(super) done: usize,
}

/// Cells that are interleaved.
pub(super) const WIDTH: usize = 8;
/// Fewer remaining cells are simulated one by one.
const WORTH: usize = 5;
/// Steps between two checks for cancellation, if no spikes are exchanged.
const SLICE: usize = 64;

impl Simulation {
    /// # Errors
    /// Those of the model's definitions; `invalid-parameter` and `unknown-name` for the inputs; `too-large`.
    pub fn new(model: &Model, inputs: &Inputs, settings: &Settings) -> Result<Simulation> {
        check(model, inputs, settings)?;
        let environment = model.environment(settings.dt)?;
        let shared = shared(model, settings, &environment)?;
        let groups = groups(inputs.cells, settings.interleaved);
        let mut simulation = Simulation {
            tiles: Vec::with_capacity(groups.len()),
            synapses: vec![(0, 0); inputs.synapses.len()],
            connections: vec![vec![]; inputs.detectors.len()],
            epoch: epoch(&inputs.connections, settings)?,
            done: 0,
            shared,
        };
        let mut tile_of = vec![0; inputs.cells];
        for members in groups {
            members.iter().for_each(|&cell| tile_of[cell] = simulation.tiles.len());
            let around =
                surroundings(model, &environment, &simulation.shared, &inputs.records, members.len());
            simulation.tiles.push(Tile::new(&simulation.shared, members, around));
        }
        simulation.place(model, inputs, settings, &tile_of)?;
        for (i, connection) in inputs.connections.iter().enumerate() {
            if connection.detector >= inputs.detectors.len() || connection.synapse >= inputs.synapses.len() {
                let expected = "the indices of a detector and of a synapse";
                return Err(Error::invalid("connections", format!("{connection:?}"), expected));
            }
            simulation.connections[connection.detector].push((i, *connection));
        }
        let Simulation { shared, tiles, .. } = &mut simulation;
        tiles.par_iter_mut().for_each(|tile| tile.start(shared));
        Ok(simulation)
    }

    /// Distributes the inputs over the tiles.
    fn place(
        &mut self,
        model: &Model,
        inputs: &Inputs,
        settings: &Settings,
        tile_of: &[usize],
    ) -> Result<()> {
        let Simulation { shared, tiles, synapses, .. } = self;
        for (i, clamp) in inputs.current_clamps.iter().enumerate() {
            tiles[tile_of[clamp.cell]].current_clamps.push((i, *clamp));
        }
        for (i, clamp) in inputs.voltage_clamps.iter().enumerate() {
            tiles[tile_of[clamp.cell]].voltage_clamps.push((i, clamp.clone()));
        }
        for (i, synapse) in inputs.synapses.iter().enumerate() {
            let tile = &mut tiles[tile_of[synapse.cell]];
            synapses[i] = (tile_of[synapse.cell], tile.synapses.len());
            let mut running = Running::new(synapse, tile.place(synapse.cell), settings.slope, settings.dt);
            running.received = settings.is_differentiated.then(Vec::new);
            tile.synapses.push((i, running));
        }
        for (i, detector) in inputs.detectors.iter().enumerate() {
            tiles[tile_of[detector.cell]].detectors.push((i, *detector));
        }
        let ions: Vec<String> = model.ions.keys().cloned().collect();
        for (i, record) in inputs.records.iter().enumerate() {
            let tile = &mut tiles[tile_of[record.cell]];
            let source = source(record, shared, tile, &ions)?;
            tile.records.push((i, source, vec![]));
        }
        Ok(())
    }

    /// Advances by `steps` and returns what was recorded since the beginning or the last run.
    ///
    /// # Errors
    /// `aborted`; `non-finite` when a voltage is no longer a number; `too-large` for the traces.
    pub fn run(&mut self, steps: usize, control: &Control) -> Result<Run> {
        let samples = steps / self.shared.sample_every + 1;
        let bytes = (self.records() as u64).saturating_mul(samples as u64).saturating_mul(16);
        memory::check("recorded traces", bytes)?;
        let (start, end) = (self.done, self.done + steps);
        let mut spikes = Vec::new();
        self.advance(end, &mut spikes, control, |done| {
            control.report((done - start) as u64, steps as u64, || serde_json::Value::Null);
        })?;
        Ok(self.recorded(spikes))
    }

    fn records(&self) -> usize {
        self.tiles.iter().map(|tile| tile.records.len()).sum()
    }

    /// Advances to step `end`.
    pub(super) fn advance(
        &mut self,
        end: usize,
        spikes: &mut Vec<Spike>,
        control: &Control,
        report: impl Fn(usize),
    ) -> Result<()> {
        while self.done < end {
            control.check()?;
            // Epochs begin at multiples of their length, wherever a run begins.
            let to = (self.done / self.epoch + 1).saturating_mul(self.epoch).min(end);
            let Simulation { shared, tiles, done, .. } = self;
            tiles.par_iter_mut().try_for_each(|tile| tile.run(shared, *done, to))?;
            self.done = to;
            self.exchange(spikes);
            report(to);
        }
        Ok(())
    }

    /// What was recorded since the beginning or the last run.
    pub(super) fn recorded(&mut self, mut spikes: Vec<Spike>) -> Run {
        spikes.sort_by(|a, b| a.time.total_cmp(&b.time).then(a.detector.cmp(&b.detector)));
        let mut traces = vec![vec![]; self.records()];
        for tile in &mut self.tiles {
            tile.records.iter_mut().for_each(|(row, _, samples)| traces[*row] = std::mem::take(samples));
        }
        Run { traces, spikes }
    }

    fn exchange(&mut self, spikes: &mut Vec<Spike>) {
        let new: Vec<Spike> = self.tiles.iter_mut().flat_map(|tile| tile.spikes.drain(..)).collect();
        for spike in &new {
            for &(i, connection) in &self.connections[spike.detector] {
                let (tile, at) = self.synapses[connection.synapse];
                self.tiles[tile].synapses[at].1.expect(spike.time + connection.delay, connection.weight, i);
            }
        }
        spikes.extend(new);
    }
}

fn check(model: &Model, inputs: &Inputs, settings: &Settings) -> Result<()> {
    if !(settings.dt > 0.0 && settings.dt.is_finite()) {
        return Err(Error::invalid("dt", settings.dt, "a number above 0, in ms"));
    }
    if settings.sample_every == 0 {
        return Err(Error::invalid("sampleEvery", 0, "at least 1 step"));
    }
    if inputs.cells == 0 {
        return Err(Error::invalid("cells", 0, "at least 1"));
    }
    model.check(inputs.cells)?;
    memory::check("cells with morphologies", needed(model, inputs.cells, settings.interleaved)?)?;
    let place = |what, cell, node| check_place(what, (cell, inputs.cells), node, &model.passive);
    for clamp in &inputs.current_clamps {
        place("currentClamp", clamp.cell, clamp.node)?;
        clamp.check()?;
    }
    for clamp in &inputs.voltage_clamps {
        place("voltageClamp", clamp.cell, clamp.node)?;
        clamp.check()?;
    }
    for synapse in &inputs.synapses {
        place("synapse", synapse.cell, synapse.node)?;
        synapse.check()?;
    }
    inputs.detectors.iter().try_for_each(|detector| place("detector", detector.cell, detector.node))?;
    inputs.records.iter().try_for_each(|record| place("record", record.cell, record.node))
}

/// The memory of the cells in bytes, an upper bound.
///
/// # Errors
/// Those of the definitions' texts.
pub fn needed(model: &Model, cells: usize, interleaved: Option<usize>) -> Result<u64> {
    // The voltages, the system, and three arrays for each ion.
    let mut values = model.passive.parent.len() * (3 + 3 * model.ions.len());
    for painted in &model.mechanisms {
        let parsed = painted.definition.parse()?;
        // Two copies of the states; current, slope and the currents of ions; copies of what is read; parameters.
        let ports = 1 + 3 * painted.definition.ions.len();
        let own = painted.values.values().filter(|values| values.len() > 1).count() + painted.scales.len();
        let arrays = 2 * parsed.states.len() + 2 + painted.definition.ions.len() + ports + own;
        values = values.saturating_add(painted.nodes.len().saturating_mul(arrays));
    }
    let padded: usize = groups(cells, interleaved).iter().map(Vec::len).sum();
    Ok((values as u64).saturating_mul(8).saturating_mul(padded as u64))
}

/// As many steps as no spike can cross.
fn epoch(connections: &[Connection], settings: &Settings) -> Result<usize> {
    let shortest = connections.iter().map(|connection| connection.delay).fold(f64::INFINITY, f64::min);
    if connections.iter().any(|connection| connection.delay.is_nan() || !connection.weight.is_finite()) {
        return Err(Error::invalid("connections.delay", "NaN", "finite weights and delays"));
    }
    let steps = (shortest / settings.dt + 1e-9) as usize;
    match steps {
        0 => Err(Error::invalid(
            "connections.delay",
            shortest,
            format!("at least dt, which is {} ms", settings.dt),
        )),
        steps => Ok(steps.min(SLICE)),
    }
}

/// Cells in groups of one width.
pub(super) fn groups(cells: usize, interleaved: Option<usize>) -> Vec<Vec<usize>> {
    let mut groups = Vec::new();
    let mut from = 0;
    while from < cells {
        let left = cells - from;
        let width = match interleaved {
            Some(width) if width != 1 => WIDTH,
            Some(_) => 1,
            None if left >= WORTH => WIDTH,
            None => 1,
        };
        groups.push((0..width).map(|place| from + place.min(left - 1)).collect());
        from += width;
    }
    groups
}

pub(super) fn shared(model: &Model, settings: &Settings, environment: &Environment) -> Result<Shared> {
    let placed = (model.mechanisms.iter())
        .map(|painted| Placed::new(painted, environment, settings.is_differentiated, settings.level))
        .collect::<Result<Vec<Placed>>>()?;
    let passive = &model.passive;
    let n = passive.parent.len();
    let axial: Vec<f64> = (0..n).map(|i| passive.parent[i].map_or(0.0, |_| 1.0 / passive.axial[i])).collect();
    let implicit = if settings.second_order { settings.dt / 2.0 } else { settings.dt };
    // µF/cm² times µm² over ms in µS.
    let mut base: Vec<f64> =
        (0..n).map(|i| 1e-5 * passive.capacitance[i] * passive.area[i] / implicit).collect();
    for i in 0..n {
        if let Some(parent) = passive.parent[i] {
            base[i] += axial[i];
            base[parent] += axial[i];
        }
    }
    let written = |ion: usize| placed.iter().any(|p| p.bound.pools.iter().any(|&(_, pool)| pool == ion));
    let nernst = (model.ions.values().enumerate())
        .filter(|(i, ion)| ion.reversal.is_none() && written(*i))
        .map(|(i, ion)| (i, ion.nernst(model.celsius), ion.outside))
        .collect();
    // Pools read the currents of channels at the voltage before the step; what reads a concentration steps after its pool.
    let stage = |i: &usize| match (placed[*i].bound.pools.is_empty(), placed[*i].bound.reads_concentration) {
        (true, false) => 0,
        (false, _) => 1,
        (true, true) => 2,
    };
    let mut order: Vec<usize> = (0..placed.len()).collect();
    order.sort_by_key(stage);
    Ok(Shared {
        level: settings.level,
        dt: settings.dt,
        second_order: settings.second_order,
        nearest: settings.delivery == Delivery::Nearest,
        sample_every: settings.sample_every,
        tree: Tree { parent: passive.parent.iter().map(|p| p.map_or(NONE, |p| p as u32)).collect(), axial },
        base,
        densities: passive.area.iter().map(|area| 0.01 * area).collect(),
        placed,
        order,
        gaps: model.gaps.clone(),
        nernst,
        inside: model.ions.values().map(|ion| ion.inside).collect(),
        sites: vec![],
    })
}

pub(super) fn surroundings(
    model: &Model,
    environment: &Environment,
    shared: &Shared,
    records: &[Record],
    cells: usize,
) -> Surroundings {
    let elements = shared.base.len() * cells;
    let ions = environment.ions.iter().map(|ion| {
        let all = |is: bool, value: f64| if is { vec![value; elements] } else { vec![] };
        let recorded = records.iter().any(|record| record.quantity == Quantity::IonCurrent(ion.name.clone()));
        // Initial states may depend on it.
        let initial = model.ions[&ion.name].nernst(model.celsius) * ln(ion.outside / ion.inside);
        IonArrays {
            reversal: all(ion.reversal.is_none(), initial),
            inside: all(ion.varies, ion.inside),
            current: all(recorded || ion.is_current_read, 0.0),
        }
    });
    Surroundings { v: vec![model.v_init; elements], ions: ions.collect() }
}

pub(super) fn source(record: &Record, shared: &Shared, tile: &Tile, ions: &[String]) -> Result<Source> {
    let cells = tile.members.len();
    let at = record.node * cells + tile.place(record.cell);
    let ion = |name: &str| ion(name, ions);
    let constant = |name: &str| {
        let expected = "an ion whose concentration a pool computes";
        Error::invalid("record.ion", format!("\"{name}\""), expected)
    };
    Ok(match &record.quantity {
        Quantity::Voltage => Source::Voltage { at },
        Quantity::IonCurrent(name) => Source::IonCurrent { ion: ion(name)?, at },
        Quantity::Concentration(name) => {
            let ion = ion(name)?;
            let varies = !tile.around.ions[ion].inside.is_empty();
            varies.then_some(Source::Concentration { ion, at }).ok_or_else(|| constant(name))?
        }
        Quantity::Reversal(name) => {
            let ion = ion(name)?;
            let varies = !tile.around.ions[ion].reversal.is_empty();
            varies.then_some(Source::Reversal { ion, at }).ok_or_else(|| constant(name))?
        }
        Quantity::State(name, state) => {
            let named = |placed: &&Placed| placed.bound.name == *name;
            let known = shared.placed.iter().map(|placed| &placed.bound.name);
            let first =
                shared.placed.iter().find(named).ok_or_else(|| Error::unknown("mechanism", name, known))?;
            if !first.bound.states.contains(state) {
                return Err(Error::unknown("state", state, &first.bound.states).within(name));
            }
            // One mechanism may be painted several times, on different nodes.
            let place = |(mechanism, placed): (usize, &Placed)| {
                let node = placed.nodes.iter().position(|&node| node as usize == record.node)?;
                let state = placed.bound.states.iter().position(|known| known == state)?;
                let at = node * cells + tile.place(record.cell);
                named(&placed).then_some(Source::State { mechanism, state, at })
            };
            let absent = || Error::invalid("record.node", record.node, format!("a compartment with {name}"));
            shared.placed.iter().enumerate().find_map(place).ok_or_else(absent)?
        }
        Quantity::ClampCurrent(index) => {
            let found = tile.voltage_clamps.iter().position(|(i, _)| i == index);
            let index =
                found.ok_or_else(|| Error::invalid("record.clamp", index, "a voltage clamp of the cell"))?;
            Source::Clamp { index }
        }
        Quantity::SynapseCurrent(index) => {
            let found = tile.synapses.iter().position(|(i, _)| i == index);
            let index =
                found.ok_or_else(|| Error::invalid("record.synapse", index, "a synapse of the cell"))?;
            Source::Synapse { index }
        }
    })
}
