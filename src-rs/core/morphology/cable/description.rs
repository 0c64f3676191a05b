//! A simulation as its user describes it, in JSON; the nodes are arrays beside it.

use std::collections::BTreeMap;

use lapicque_base::control::Control;
use lapicque_base::error::{Error, Result};
use lapicque_base::memory;
use lapicque_base::simd::SimdLevel;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::gradient::{Gradient, Kind, Term};
use super::model::{Gap, Ion, Model, Painted, Passive};
use super::simulation::{Delivery, Inputs, Run, Settings, Simulation, needed};
use super::synapse::Slope;
use crate::mechanism::{Definition, built_in};

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Description {
    pub inputs: Inputs,
    pub paint: Vec<Paint>,
    /// In addition to those that every model has, or in place of them.
    #[serde(default)]
    pub ions: BTreeMap<String, Ion>,
    #[serde(default)]
    pub gaps: Vec<Gap>,
    pub celsius: f64,
    /// mV.
    pub v_init: f64,
    /// ms.
    pub dt: f64,
    pub steps: usize,
    pub sample_every: usize,
    pub second_order: bool,
    /// NEURON's delivery of events and its secant of NMDA synapses.
    pub as_neuron: bool,
}

/// A mechanism on nodes.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Paint {
    pub mechanism: Mechanism,
    pub nodes: Vec<usize>,
    #[serde(default)]
    pub values: Map<String, Value>,
    /// By parameter: a factor per cell.
    #[serde(default)]
    pub scales: BTreeMap<String, Vec<f64>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Mechanism {
    /// Of the catalog.
    Name(String),
    Own(Box<Definition>),
}

/// A term of a loss; its values are an array beside it.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TermDescription {
    pub record: usize,
    pub kind: Kind,
    pub weight: f64,
}

/// Sizes of a simulation before it is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Estimate {
    /// Nodes of all cells.
    pub nodes: u64,
    /// Memory of the cells and of what is recorded.
    pub bytes: u64,
}

impl Mechanism {
    /// # Errors
    /// `unknown-name`.
    pub fn definition(&self) -> Result<Definition> {
        match self {
            Mechanism::Name(name) => built_in(name),
            Mechanism::Own(definition) => Ok(Definition::clone(definition)),
        }
    }
}

impl Paint {
    pub(super) fn painted(&self) -> Result<Painted> {
        let definition = self.mechanism.definition()?;
        let mut values = BTreeMap::new();
        for (name, value) in &self.values {
            let list = match value {
                Value::Array(list) => list.iter().map(Value::as_f64).collect(),
                one => one.as_f64().map(|x| vec![x]),
            };
            let wrong = || Error::invalid(format!("{}.{name}", definition.name), value, "numbers");
            values.insert(name.clone(), list.ok_or_else(wrong)?);
        }
        Ok(Painted { definition, nodes: self.nodes.clone(), values, scales: self.scales.clone() })
    }
}

impl Description {
    /// # Errors
    /// `invalid-parameter` for JSON of another form.
    pub fn from_json(text: &str) -> Result<Description> {
        serde_json::from_str(text)
            .map_err(|e| Error::invalid("simulation", "JSON of another form", e.to_string()))
    }

    fn model(&self, passive: Passive) -> Result<Model> {
        let mut ions = Model::default_ions();
        ions.extend(self.ions.iter().map(|(name, ion)| (name.clone(), *ion)));
        Ok(Model {
            passive,
            mechanisms: self.paint.iter().map(Paint::painted).collect::<Result<_>>()?,
            ions,
            gaps: self.gaps.clone(),
            celsius: self.celsius,
            v_init: self.v_init,
        })
    }

    fn settings(&self, level: SimdLevel, is_differentiated: bool) -> Settings {
        Settings {
            dt: self.dt,
            second_order: self.second_order,
            delivery: if self.as_neuron { Delivery::Nearest } else { Delivery::Containing },
            slope: if self.as_neuron { Slope::Secant } else { Slope::Exact },
            sample_every: self.sample_every,
            level,
            interleaved: None,
            is_differentiated,
        }
    }

    /// Memory of what is recorded. While they are copied for the caller, traces exist twice.
    fn trace_bytes(&self) -> u64 {
        let samples = (self.steps / self.sample_every.max(1) + 1) as u64;
        (16 * self.inputs.records.len() as u64).saturating_mul(samples)
    }

    /// # Errors
    /// Those of the model and of the definitions' texts.
    pub fn estimate(&self, passive: Passive) -> Result<Estimate> {
        let model = self.model(passive)?;
        model.check(self.inputs.cells)?;
        let nodes = (model.passive.parent.len() as u64).saturating_mul(self.inputs.cells as u64);
        let cells = needed(&model, self.inputs.cells, None)?;
        Ok(Estimate { nodes, bytes: cells.saturating_add(self.trace_bytes()) })
    }

    /// # Errors
    /// `too-large` before anything is built; those of [`Simulation::new`] and [`Simulation::run`].
    pub fn run(&self, passive: Passive, level: SimdLevel, control: &Control) -> Result<Run> {
        let model = self.model(passive)?;
        memory::check("recorded traces", self.trace_bytes())?;
        Simulation::new(&model, &self.inputs, &self.settings(level, false))?.run(self.steps, control)
    }

    /// A loss and its gradient; `values` are those of the terms one after the other.
    ///
    /// # Errors
    /// As [`Description::run`], and those of [`Simulation::differentiate`].
    pub fn differentiate(
        &self,
        passive: Passive,
        terms: &[TermDescription],
        values: &[f64],
        level: SimdLevel,
        control: &Control,
    ) -> Result<Gradient> {
        let model = self.model(passive)?;
        memory::check("recorded traces", self.trace_bytes())?;
        let samples = self.steps / self.sample_every.max(1) + 1;
        if values.len() != samples.saturating_mul(terms.len()) {
            let expected = format!("{samples} for each of {} records", terms.len());
            return Err(Error::invalid("objective", format!("{} values", values.len()), expected));
        }
        let term = |(&TermDescription { record, kind, weight }, values): (&TermDescription, &[f64])| Term {
            record,
            kind,
            weight,
            values: values.to_vec(),
        };
        let terms: Vec<Term> = terms.iter().zip(values.chunks_exact(samples)).map(term).collect();
        let mut simulation = Simulation::new(&model, &self.inputs, &self.settings(level, true))?;
        simulation.differentiate(self.steps, &terms, control)
    }
}
