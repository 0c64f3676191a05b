//! Cells of one model as neurons of a network. Weights arrive at the end of a step, and a spike is one of its step, not of a time
//! within it.

use std::collections::BTreeMap;
use std::ops::Range;

use lapicque_base::error::{Error, Result};
use lapicque_base::simd::SimdLevel;
use serde::Deserialize;

use super::clamp::check_place;
use super::description::Paint;
use super::model::{Ion, Model, Painted, Passive};
use super::network::Detector;
use super::record::{Quantity, Record, Source};
use super::simulation::{Delivery, Settings, WIDTH, groups, needed, shared, source, surroundings};
use super::synapse::{Kinetics, Response, Slope};
use super::tile::{Shared, Site, Tile};
use crate::mechanism::Environment;

/// A population's cells as their user describes them.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PopulationDescription {
    pub nodes: Nodes,
    pub paint: Vec<Paint>,
    /// In addition to those that every model has, or in place of them.
    #[serde(default)]
    pub ions: BTreeMap<String, Ion>,
    pub celsius: f64,
    /// mV.
    pub v_init: f64,
    /// ms; the network's step is a whole multiple. Omitted: it is the network's.
    #[serde(default)]
    pub dt: Option<f64>,
    pub second_order: bool,
    pub detector: DetectorPlace,
    #[serde(default)]
    pub targets: Vec<Target>,
    #[serde(default)]
    pub variables: Vec<Variable>,
}

/// As [`Passive`], with -1 for the parent of a root.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Nodes {
    pub parent: Vec<i64>,
    pub area: Vec<f64>,
    pub axial: Vec<f64>,
    pub capacitance: Vec<f64>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DetectorPlace {
    pub node: usize,
    /// mV.
    pub threshold: f64,
}

/// Where connections and inputs of the network lead to.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Target {
    pub name: String,
    /// With several places, each synapse of a connection has one of them.
    pub nodes: Vec<usize>,
    /// How likely each place is, relative to the others; omitted: all alike.
    #[serde(default)]
    pub shares: Option<Vec<f64>>,
    /// Omitted: an electrode, whose input is a current in nA.
    #[serde(default)]
    pub synapse: Option<TargetSynapse>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TargetSynapse {
    pub kinetics: Kinetics,
    /// mV.
    pub reversal: f64,
}

/// A quantity of every cell that the network can record.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Variable {
    pub name: String,
    pub node: usize,
    pub quantity: Quantity,
}

/// What all cells of a population share.
pub struct CellModel {
    model: Model,
    environment: Environment,
    shared: Shared,
    sub_steps: usize,
    size: usize,
    detector: DetectorPlace,
    targets: Vec<Target>,
    variables: Vec<Variable>,
}

/// The name of the variable that every population has: the voltage at its detector.
pub const VOLTAGE: &str = "v";

/// Some cells of a population with their state.
pub struct Cells {
    tiles: Vec<Tile>,
    /// By tile: its first cell, and how many it has without padding.
    spans: Vec<(usize, usize)>,
    /// By tile, `[variable][cell]`.
    sources: Vec<Vec<Source>>,
}

impl Nodes {
    fn passive(&self) -> Result<Passive> {
        let parent = |&parent: &i64| match parent {
            -1 => Ok(None),
            parent => usize::try_from(parent)
                .map(Some)
                .map_err(|_| Error::invalid("nodes.parent", parent, "a node before, or -1")),
        };
        Ok(Passive {
            parent: self.parent.iter().map(parent).collect::<Result<_>>()?,
            area: self.area.clone(),
            axial: self.axial.clone(),
            capacitance: self.capacitance.clone(),
        })
    }
}

impl PopulationDescription {
    fn check(&self, nodes: &Passive) -> Result<()> {
        let mut names: Vec<&str> = vec![VOLTAGE];
        let targets = self.targets.iter().map(|target| ("targets", &target.name));
        for (what, name) in targets.chain(self.variables.iter().map(|of| ("variables", &of.name))) {
            let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let begins = name.starts_with(|c: char| c.is_ascii_alphabetic());
            if !begins || !name.chars().all(fits) || names.contains(&&name[..]) {
                let expected =
                    "a name of letters, digits and _, once among targets and variables, other than v";
                return Err(Error::invalid(what, format!("\"{name}\""), expected));
            }
            names.push(name);
        }
        let place = |what: &str, node: usize| check_place(what, (0, 1), node, nodes);
        place("detector", self.detector.node)?;
        if !self.detector.threshold.is_finite() {
            return Err(Error::invalid("detector.threshold", self.detector.threshold, "a voltage"));
        }
        for Target { name, nodes, shares, synapse } in &self.targets {
            let within = |e: Error| e.within(&format!("targets.{name}"));
            nodes.iter().try_for_each(|&node| place("at", node)).map_err(within)?;
            if nodes.is_empty() {
                return Err(within(Error::invalid("at", "nowhere", "at least one place")));
            }
            if let Some(shares) = shares {
                let fits = shares.iter().all(|&share| share >= 0.0 && share.is_finite());
                if shares.len() != nodes.len() || !fits || shares.iter().sum::<f64>() <= 0.0 {
                    let expected = "a number of at least 0 for each place, and one above 0";
                    return Err(within(Error::invalid("shares", format!("{shares:?}"), expected)));
                }
            }
            match synapse {
                Some(TargetSynapse { kinetics, reversal }) => {
                    kinetics.check().map_err(within)?;
                    if !reversal.is_finite() {
                        return Err(within(Error::invalid("reversal", reversal, "a voltage")));
                    }
                }
                None if nodes.len() > 1 => {
                    let expected = "one place, for a current";
                    return Err(within(Error::invalid("at", format!("{} places", nodes.len()), expected)));
                }
                None => {}
            }
        }
        self.variables.iter().try_for_each(|of| place(&format!("variables.{}", of.name), of.node))
    }

    fn sub_steps(&self, network_dt: f64) -> Result<usize> {
        let Some(dt) = self.dt else { return Ok(1) };
        let ratio = network_dt / dt;
        match dt > 0.0 && (0.5..1e6).contains(&ratio) && (ratio - ratio.round()).abs() < 1e-6 {
            true => Ok(ratio.round() as usize),
            false => {
                let expected = format!("a whole fraction of the network's step, which is {network_dt} ms");
                Err(Error::invalid("dt", dt, expected))
            }
        }
    }
}

impl CellModel {
    /// # Errors
    /// Those of the model's definitions; `invalid-parameter` and `unknown-name` for what is described.
    pub fn new(
        description: &PopulationDescription,
        size: usize,
        network_dt: f64,
        level: SimdLevel,
    ) -> Result<CellModel> {
        let passive = description.nodes.passive()?;
        let sub_steps = description.sub_steps(network_dt)?;
        let mut ions = Model::default_ions();
        ions.extend(description.ions.iter().map(|(name, ion)| (name.clone(), *ion)));
        let model = Model {
            mechanisms: description.paint.iter().map(Paint::painted).collect::<Result<Vec<Painted>>>()?,
            passive,
            ions,
            gaps: vec![],
            celsius: description.celsius,
            v_init: description.v_init,
        };
        model.check(size)?;
        description.check(&model.passive)?;
        let settings = Settings {
            dt: network_dt / sub_steps as f64,
            second_order: description.second_order,
            delivery: Delivery::Containing,
            slope: Slope::Exact,
            sample_every: 1,
            level,
            interleaved: None,
            is_differentiated: false,
        };
        let environment = model.environment(settings.dt)?;
        let mut shared = shared(&model, &settings, &environment)?;
        for Target { nodes, synapse, .. } in &description.targets {
            for &node in nodes {
                let response =
                    |of: &TargetSynapse| Response::new(of.kinetics, of.reversal, settings.slope, settings.dt);
                shared.sites.push(Site { node, response: synapse.as_ref().map(response) });
            }
        }
        let DetectorPlace { node, .. } = description.detector;
        let voltage = Variable { name: VOLTAGE.into(), node, quantity: Quantity::Voltage };
        let made = CellModel {
            model,
            environment,
            shared,
            sub_steps,
            size,
            detector: description.detector,
            targets: description.targets.clone(),
            variables: std::iter::once(voltage).chain(description.variables.iter().cloned()).collect(),
        };
        // Variables are resolved for one cell, so that unknown names are found before anything is built.
        made.cells(0..1).map(|_| made)
    }

    /// The targets; a place of one is a port of the network.
    pub fn targets(&self) -> &[Target] {
        &self.targets
    }

    /// The names and units of what can be recorded, with the values at the beginning.
    pub fn variables(&self) -> Result<Vec<(&str, &'static str, f64)>> {
        let cells = self.cells(0..1)?;
        let unit = |of: &Variable| match of.quantity {
            Quantity::Voltage | Quantity::Reversal(_) => "mV",
            Quantity::IonCurrent(_) => "mA/cm²",
            Quantity::Concentration(_) => "mM",
            _ => "",
        };
        let all = self.variables.iter().enumerate();
        Ok(all.map(|(i, of)| (&of.name[..], unit(of), cells.value(i, 0))).collect())
    }

    /// Operations of a cell in a step of the network, roughly.
    pub fn operations(&self) -> usize {
        /// Those of the elimination at a node, and of a synapse.
        const NODE: usize = 16;
        const SYNAPSE: usize = 6;
        let mechanisms: usize = (self.shared.placed.iter())
            .map(|placed| {
                let parts = placed.bound.current.iter().chain(&placed.bound.step);
                placed.nodes.len() * parts.map(|part| part.program().operations()).sum::<usize>()
            })
            .sum();
        let passive = self.shared.base.len() * NODE + self.shared.sites.len() * SYNAPSE;
        self.sub_steps * (mechanisms + passive)
    }

    /// The memory of the cells in bytes, an upper bound.
    ///
    /// # Errors
    /// Those of the definitions' texts.
    pub fn bytes(&self) -> Result<u64> {
        let cells = self.size.next_multiple_of(WIDTH) as u64;
        let sites = (self.shared.sites.len() * size_of::<[f64; 2]>()) as u64;
        Ok(needed(&self.model, self.size, None)?.saturating_add(cells.saturating_mul(sites)))
    }

    /// The numbers that a saved state of a cell has: voltages by node, then the states of each mechanism, `[state][node]`, then both
    /// parts of the conductance of each place.
    pub fn state_size(&self) -> usize {
        let placed = self.shared.placed.iter();
        let states: usize = placed.map(|placed| placed.bound.states.len() * placed.nodes.len()).sum();
        self.shared.base.len() + states + 2 * self.shared.sites.len()
    }

    /// Some cells at the beginning.
    ///
    /// # Errors
    /// `unknown-name` and `invalid-parameter` for variables.
    pub fn cells(&self, cells: Range<usize>) -> Result<Cells> {
        self.cells_of(cells.len(), |cell| cells.start + cell)
    }

    /// `count` cells at the beginning; `number` is their number within the population.
    ///
    /// # Errors
    /// Those of [`CellModel::cells`].
    pub fn cells_of(&self, count: usize, number: impl Fn(usize) -> usize) -> Result<Cells> {
        let ions: Vec<String> = self.model.ions.keys().cloned().collect();
        let record = |of: &Variable, cell| Record { cell, node: of.node, quantity: of.quantity.clone() };
        let recorded: Vec<Record> = self.variables.iter().map(|of| record(of, 0)).collect();
        let mut cells = Cells { tiles: vec![], spans: vec![], sources: vec![] };
        let mut first = 0;
        for slots in groups(count, None) {
            let own = slots.iter().collect::<std::collections::BTreeSet<_>>().len();
            let members: Vec<usize> = slots.iter().map(|&slot| number(slot)).collect();
            let around = surroundings(&self.model, &self.environment, &self.shared, &recorded, members.len());
            let mut tile = Tile::new(&self.shared, members.clone(), around);
            for (place, &cell) in members[..own].iter().enumerate() {
                let DetectorPlace { node, threshold } = self.detector;
                tile.detectors.push((first + place, Detector { cell, node, threshold }));
            }
            let mut sources = vec![];
            for of in &self.variables {
                for &cell in &members {
                    sources.push(source(&record(of, cell), &self.shared, &tile, &ions)?);
                }
            }
            tile.start(&self.shared);
            cells.tiles.push(tile);
            cells.spans.push((first, own));
            cells.sources.push(sources);
            first += own;
        }
        Ok(cells)
    }
}

impl Cells {
    /// One step of the network, which ends at `step`, of the cells from `slots.start` to before `slots.end`. `input` is what a port
    /// gets in the step: a current in nA flows during it, weights in µS act from its end on. `spiked` is called with the cells that
    /// spiked.
    pub fn step(
        &mut self,
        model: &CellModel,
        step: u64,
        slots: Range<usize>,
        input: impl Fn(usize, usize) -> f64,
        mut spiked: impl FnMut(usize),
    ) {
        let shared = &model.shared;
        let tiles = self.tiles.iter_mut().zip(&self.spans);
        for (tile, &(first, own)) in tiles.filter(|(_, (first, _))| slots.contains(first)) {
            let cells = tile.members.len();
            for (i, _) in shared.sites.iter().enumerate().filter(|(_, site)| site.response.is_none()) {
                let currents = &mut tile.sites[i * cells..][..own];
                currents.iter_mut().enumerate().for_each(|(place, x)| x[0] = input(i, first + place));
            }
            for sub_step in 0..model.sub_steps {
                tile.step(shared, (step as usize - 1) * model.sub_steps + sub_step);
            }
            tile.spikes.drain(..).for_each(|spike| spiked(spike.detector));
            for (i, site) in shared.sites.iter().enumerate() {
                let Some(response) = &site.response else { continue };
                for (place, parts) in tile.sites[i * cells..][..own].iter_mut().enumerate() {
                    let weight = input(i, first + place);
                    if weight != 0.0 {
                        response.add(parts, weight);
                    }
                }
            }
        }
    }

    /// A variable of a cell.
    pub fn value(&self, variable: usize, cell: usize) -> f64 {
        let (tile, place) = self.locate(cell);
        self.tiles[tile].read(self.sources[tile][variable * self.tiles[tile].members.len() + place])
    }

    /// The tile and the place of a cell.
    fn locate(&self, cell: usize) -> (usize, usize) {
        let tile = self.spans.partition_point(|&(first, _)| first <= cell) - 1;
        (tile, cell - self.spans[tile].0)
    }

    /// Copies the state of a cell to `to`, which has [`CellModel::state_size`] numbers.
    pub fn save(&self, cell: usize, to: &mut [f64]) {
        let (tile, place) = self.locate(cell);
        let tile = &self.tiles[tile];
        let cells = tile.members.len();
        let states = tile.locals.iter().flat_map(|local| &local.states);
        let values = std::iter::once(&tile.around.v).chain(states);
        let values = values.flat_map(|of| of.iter().skip(place).step_by(cells)).copied();
        let parts = tile.sites.iter().skip(place).step_by(cells).flatten().copied();
        to.iter_mut().zip(values.chain(parts)).for_each(|(to, x)| *to = x);
    }

    /// Sets the state of a cell to one that [`Cells::save`] has copied.
    pub fn restore(&mut self, model: &CellModel, cell: usize, from: &[f64]) {
        let (tile, place) = self.locate(cell);
        let tile = &mut self.tiles[tile];
        let cells = tile.members.len();
        let states = tile.locals.iter_mut().flat_map(|local| &mut local.states);
        let values = std::iter::once(&mut tile.around.v).chain(states);
        let values = values.flat_map(|of| of.iter_mut().skip(place).step_by(cells));
        let parts = tile.sites.iter_mut().skip(place).step_by(cells).flatten();
        values.chain(parts).zip(from).for_each(|(to, &x)| *to = x);
        for (placed, local) in model.shared.placed.iter().zip(&tile.locals) {
            placed.publish_states(&local.states, cells, &mut tile.around);
        }
    }
}
