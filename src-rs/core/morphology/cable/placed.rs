//! A mechanism at its nodes: bound once for the model, with arrays for each tile of cells.

use lapicque_base::error::Result;
use lapicque_base::simd::SimdLevel;
use lapicque_expr::{Arg, ArgSlot};

use super::elimination::add_currents;
use super::model::Painted;
use crate::mechanism::{Bound, Environment, Part, Port};

/// Shared by all tiles.
pub struct Placed {
    pub bound: Bound,
    pub nodes: Vec<u32>,
    /// Whether the nodes are consecutive.
    is_range: bool,
    /// Whether every parameter has one value for all nodes and cells.
    is_uniform: bool,
    /// By parameter: one value, or one per node; and a factor per cell.
    values: Vec<(Vec<f64>, Option<Vec<f64>>)>,
}

/// The voltages and ions of a tile, `[node][cell]`.
pub struct Surroundings {
    pub v: Vec<f64>,
    pub ions: Vec<IonArrays>,
}

/// Empty arrays where a quantity does not vary or is not needed.
#[derive(Default)]
pub struct IonArrays {
    pub reversal: Vec<f64>,
    pub inside: Vec<f64>,
    pub current: Vec<f64>,
}

/// The arrays of one tile, `[node of the mechanism][cell]`.
pub struct Local {
    pub cells: usize,
    pub parameters: Vec<Parameter>,
    pub states: Vec<Vec<f64>>,
    next: Vec<Vec<f64>>,
    /// Current, slope, and currents of ions.
    currents: Vec<Vec<f64>>,
    /// Copies of the ports where the nodes are not consecutive.
    pub gathered: Vec<Vec<f64>>,
    pub scratch: Vec<f64>,
}

pub enum Parameter {
    Uniform(f64),
    Elements(Vec<f64>),
}

impl Placed {
    pub fn new(
        painted: &Painted,
        environment: &Environment,
        is_differentiated: bool,
        level: SimdLevel,
    ) -> Result<Self> {
        // All parameters have one value, or none has: two programs for each mechanism can be compiled ahead.
        let is_uniform = painted.values.values().all(|values| values.len() == 1) && painted.scales.is_empty();
        let bound = Bound::new(&painted.definition, environment, is_uniform, is_differentiated, level)?;
        let value = |name: &String| {
            let default = painted.definition.parameters.get(name).and_then(serde_json::Value::as_f64);
            let values = painted.values.get(name).cloned().unwrap_or_else(|| vec![default.unwrap_or(0.0)]);
            (values, painted.scales.get(name).cloned())
        };
        let nodes = &painted.nodes;
        Ok(Placed {
            values: bound.parameters.iter().map(value).collect(),
            is_uniform,
            is_range: nodes.first().zip(nodes.last()).is_none_or(|(a, b)| b - a + 1 == nodes.len()),
            nodes: nodes.iter().map(|&node| node as u32).collect(),
            bound,
        })
    }

    /// The arrays of a tile of these cells.
    pub fn local(&self, members: &[usize]) -> Local {
        let (n, cells) = (self.nodes.len(), members.len());
        let zeros = |count: usize| vec![vec![0.0; n * cells]; count];
        let parameter = |(values, scales): &(Vec<f64>, Option<Vec<f64>>)| match (&values[..], scales) {
            ([value], None) if self.is_uniform => Parameter::Uniform(*value),
            _ => {
                let scale = |cell: usize| scales.as_ref().map_or(1.0, |scales| scales[cell]);
                let value = |node: usize| values[if values.len() == 1 { 0 } else { node }];
                let row = |node| members.iter().map(move |&cell| value(node) * scale(cell));
                Parameter::Elements((0..n).flat_map(row).collect())
            }
        };
        let currents = if self.bound.current.is_some() { 2 + self.bound.currents.len() } else { 0 };
        Local {
            cells,
            parameters: self.values.iter().map(parameter).collect(),
            states: zeros(self.bound.states.len()),
            next: zeros(self.bound.states.len()),
            currents: zeros(currents),
            gathered: vec![Vec::new(); self.bound.ports.len()],
            scratch: Vec::new(),
        }
    }

    /// The factor of a parameter in a cell.
    pub fn scale(&self, parameter: usize, cell: usize) -> f64 {
        self.values[parameter].1.as_ref().map_or(1.0, |scales| scales[cell])
    }

    /// Sets the states to their initial values.
    pub fn start(&self, local: &mut Local, around: &mut Surroundings) {
        if !self.bound.states.is_empty() {
            self.gather(&self.bound.initial, local, around);
            self.run(&self.bound.initial, local, around, Into::Next);
            std::mem::swap(&mut local.states, &mut local.next);
            self.publish(local, around);
        }
    }

    /// Adds the currents at the present voltages and states to the system of the tile.
    pub fn add_currents(
        &self,
        (level, densities): (SimdLevel, &[f64]),
        local: &mut Local,
        around: &mut Surroundings,
        diagonal: &mut [f64],
        right: &mut [f64],
    ) {
        let Some(part) = &self.bound.current else { return };
        self.gather(part, local, around);
        self.run(part, local, around, Into::Currents);
        let Local { cells, currents, .. } = local;
        let nodes = (&self.nodes[..], densities);
        add_currents(level, *cells, nodes, (&currents[0], &currents[1]), diagonal, right);
        for (&ion, current) in self.bound.currents.iter().zip(&currents[2..]) {
            let sum = &mut around.ions[ion].current;
            if !sum.is_empty() {
                for (&node, row) in self.nodes.iter().zip(current.chunks_exact(*cells)) {
                    let sum = &mut sum[node as usize * *cells..][..*cells];
                    sum.iter_mut().zip(row).for_each(|(sum, x)| *sum += x);
                }
            }
        }
    }

    /// Advances the states by a step.
    pub fn step(&self, local: &mut Local, around: &mut Surroundings) {
        let Some(part) = &self.bound.step else { return };
        self.gather(part, local, around);
        self.run(part, local, around, Into::Next);
        std::mem::swap(&mut local.states, &mut local.next);
        self.publish(local, around);
    }

    /// Copies concentrations to the ions.
    fn publish(&self, local: &Local, around: &mut Surroundings) {
        self.publish_states(&local.states, local.cells, around);
    }

    pub fn publish_states(&self, states: &[Vec<f64>], cells: usize, around: &mut Surroundings) {
        for &(state, ion) in &self.bound.pools {
            let inside = &mut around.ions[ion].inside;
            for (&node, row) in self.nodes.iter().zip(states[state].chunks_exact(cells)) {
                inside[node as usize * cells..][..cells].copy_from_slice(row);
            }
        }
    }

    /// Copies what a program reads of its nodes, unless they are consecutive.
    pub fn gather(&self, part: &Part, local: &mut Local, around: &Surroundings) {
        if self.is_range {
            return;
        }
        let cells = local.cells;
        for port in part.ports() {
            let from = around.port(self.bound.ports[port]);
            let to = &mut local.gathered[port];
            to.resize(self.nodes.len() * cells, 0.0);
            for (&node, row) in self.nodes.iter().zip(to.chunks_exact_mut(cells)) {
                row.copy_from_slice(&from[node as usize * cells..][..cells]);
            }
        }
    }

    fn run(&self, part: &Part, local: &mut Local, around: &Surroundings, into: Into) {
        let Local { cells, parameters, states, next, currents, gathered, scratch } = local;
        let reads = Reads { cells: *cells, parameters, states, gathered };
        let outs = match into {
            Into::Next => next,
            Into::Currents => currents,
        };
        part.run(self.nodes.len() * *cells, |slot| self.arg(slot, reads, around), outs, scratch);
    }

    /// The content of an argument that is a port, a state or a coefficient. What a program reads must have been gathered.
    pub fn arg<'a>(&self, slot: ArgSlot, reads: Reads<'a>, around: &'a Surroundings) -> Arg<'a, f64> {
        let elements = self.nodes.len() * reads.cells;
        match slot {
            ArgSlot::Port(i) if self.is_range => {
                let first = self.nodes.first().map_or(0, |&node| node as usize) * reads.cells;
                Arg::Elements(&around.port(self.bound.ports[i])[first..][..elements])
            }
            ArgSlot::Port(i) => Arg::Elements(&reads.gathered[i]),
            ArgSlot::State(i) => Arg::Elements(&reads.states[i]),
            ArgSlot::Coef(i) => match (
                reads.parameters.get(i),
                self.bound.constants.get(i.wrapping_sub(reads.parameters.len())),
            ) {
                (Some(Parameter::Uniform(x)), _) | (None, Some(x)) => Arg::Uniform(*x),
                (Some(Parameter::Elements(x)), _) => Arg::Elements(x),
                (None, None) => unreachable!("a coefficient is a parameter or a constant"),
            },
            _ => unreachable!("a mechanism reads ports, states and coefficients"),
        }
    }
}

/// Arrays of a tile that a mechanism reads, and the values of its states.
#[derive(Clone, Copy)]
pub struct Reads<'a> {
    pub cells: usize,
    pub parameters: &'a [Parameter],
    pub states: &'a [Vec<f64>],
    pub gathered: &'a [Vec<f64>],
}

/// The destination of a program.
#[derive(Clone, Copy)]
enum Into {
    Next,
    Currents,
}

impl Surroundings {
    fn port(&self, port: Port) -> &[f64] {
        match port {
            Port::Voltage => &self.v,
            Port::Reversal(ion) => &self.ions[ion].reversal,
            Port::Inside(ion) => &self.ions[ion].inside,
            Port::Current(ion) => &self.ions[ion].current,
        }
    }

    pub fn port_mut(&mut self, port: Port) -> &mut [f64] {
        match port {
            Port::Voltage => &mut self.v,
            Port::Reversal(ion) => &mut self.ions[ion].reversal,
            Port::Inside(ion) => &mut self.ions[ion].inside,
            Port::Current(ion) => &mut self.ions[ion].current,
        }
    }
}
