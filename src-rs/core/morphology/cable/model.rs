//! A model: the nodes of one or several trees, and what is painted on them. All cells of a simulation share it.

use std::collections::BTreeMap;

use lapicque_base::error::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::mechanism::{Definition, Environment, IonUse};

/// Nodes, parents before children; several roots are several trees.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Passive {
    pub parent: Vec<Option<usize>>,
    /// µm²; 0 for ends of branches, which have no membrane.
    pub area: Vec<f64>,
    /// Resistance to the parent in MΩ.
    pub axial: Vec<f64>,
    /// µF/cm².
    pub capacitance: Vec<f64>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Painted {
    pub definition: Definition,
    /// Ascending.
    pub nodes: Vec<usize>,
    /// By parameter, in place of its default: one value, or one per node of `nodes`.
    #[serde(default)]
    pub values: BTreeMap<String, Vec<f64>>,
    /// By parameter: a factor per cell.
    #[serde(default)]
    pub scales: BTreeMap<String, Vec<f64>>,
}

/// Concentrations in mM, and a reversal potential in mV that replaces the one that follows from them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Ion {
    pub valence: i32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reversal: Option<f64>,
    pub inside: f64,
    pub outside: f64,
}

/// An ohmic connection of two nodes.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Gap {
    pub a: usize,
    pub b: usize,
    /// µS.
    pub conductance: f64,
    /// Whether a step is implicit in both voltages; otherwise each side sees the other's voltage before the step.
    pub implicit: bool,
}

#[derive(Debug, Clone)]
pub struct Model {
    pub passive: Passive,
    pub mechanisms: Vec<Painted>,
    pub ions: BTreeMap<String, Ion>,
    pub gaps: Vec<Gap>,
    pub celsius: f64,
    /// The voltage of all nodes at the beginning, in mV.
    pub v_init: f64,
}

/// The gas constant in J/(mol K) and Faraday's constant in C/mol, exact since 2019.
const GAS: f64 = 8.314_462_618_153_24;
const FARADAY: f64 = 96_485.332_123_310_01;

impl Ion {
    /// RT/zF in mV: the reversal potential is this times ln(outside / inside).
    pub fn nernst(&self, celsius: f64) -> f64 {
        1000.0 * GAS * (celsius + 273.15) / (f64::from(self.valence) * FARADAY)
    }
}

impl Model {
    /// The ions of squid axon at NEURON's defaults, calcium by its concentrations.
    pub fn default_ions() -> BTreeMap<String, Ion> {
        let ion = |valence, reversal, inside, outside| Ion { valence, reversal, inside, outside };
        BTreeMap::from([
            ("na".into(), ion(1, Some(50.0), 10.0, 140.0)),
            ("k".into(), ion(1, Some(-77.0), 54.4, 2.5)),
            ("ca".into(), ion(2, None, 5e-5, 2.0)),
        ])
    }

    /// # Errors
    /// `invalid-parameter` for the first value that is out of its range.
    pub fn check(&self, cells: usize) -> Result<()> {
        let Passive { parent, area, axial, capacitance } = &self.passive;
        let n = parent.len();
        if n == 0 || n > u32::MAX as usize || [area.len(), axial.len(), capacitance.len()] != [n; 3] {
            return Err(Error::invalid("nodes", n, "as many areas, resistances and capacitances as nodes"));
        }
        let number = |name: &str, i: usize, x: f64, holds: bool, expected: &str| match holds && x.is_finite()
        {
            true => Ok(()),
            false => Err(Error::invalid(format!("{name}[{i}]"), x, expected)),
        };
        for i in 0..n {
            if parent[i].is_some_and(|parent| parent >= i) {
                return Err(Error::invalid(
                    format!("parent[{i}]"),
                    format!("{:?}", parent[i]),
                    "a node before it",
                ));
            }
            number("area", i, area[i], area[i] >= 0.0, "at least 0")?;
            if parent[i].is_some() {
                number("axial", i, axial[i], axial[i] > 0.0, "a resistance above 0")?;
            } else if area[i] == 0.0 && !parent.contains(&Some(i)) {
                return Err(Error::invalid(format!("area[{i}]"), 0, "an area above 0 for a single node"));
            }
            let charged = area[i] == 0.0 || capacitance[i] > 0.0;
            number("capacitance", i, capacitance[i], charged, "a number above 0")?;
        }
        for (name, ion) in &self.ions {
            if ion.valence == 0 || ion.inside <= 0.0 || ion.outside <= 0.0 {
                let expected = "a valence other than 0 and concentrations above 0";
                return Err(Error::invalid(format!("ions.{name}"), format!("{ion:?}"), expected));
            }
        }
        for gap in &self.gaps {
            if gap.a >= n || gap.b >= n || gap.a == gap.b || gap.conductance.is_nan() || gap.conductance < 0.0
            {
                return Err(Error::invalid(
                    "gaps",
                    format!("{gap:?}"),
                    "two nodes and a conductance of at least 0",
                ));
            }
        }
        number("celsius", 0, self.celsius, self.celsius > -273.15, "a temperature")?;
        number("vInit", 0, self.v_init, true, "a voltage")?;
        self.mechanisms.iter().try_for_each(|painted| painted.check(area, cells))
    }

    /// What mechanisms share.
    ///
    /// # Errors
    /// Those of the definitions' texts.
    pub fn environment(&self, dt: f64) -> Result<Environment> {
        let (mut written, mut read) = (Vec::new(), Vec::new());
        for painted in &self.mechanisms {
            let parsed = painted.definition.parse()?;
            let reads = |ion: &&String| {
                let current = format!("i{ion}");
                parsed.reads(&current) && !parsed.assigns(&current)
            };
            read.extend(painted.definition.ions.iter().filter(reads).cloned());
            written.extend(parsed.states.into_iter().map(|(name, _)| name));
        }
        let ion = |(name, ion): (&String, &Ion)| {
            let varies = written.contains(&format!("{name}i"));
            let fixed = ion.nernst(self.celsius) * libm::log(ion.outside / ion.inside);
            let reversal = ion.reversal.or((!varies).then_some(fixed));
            IonUse {
                name: name.clone(),
                reversal,
                inside: ion.inside,
                outside: ion.outside,
                varies,
                is_current_read: read.contains(name),
            }
        };
        Ok(Environment { celsius: self.celsius, dt, ions: self.ions.iter().map(ion).collect() })
    }
}

impl Painted {
    fn check(&self, area: &[f64], cells: usize) -> Result<()> {
        let name = &self.definition.name;
        let place = |&node: &usize| area.get(node).is_none_or(|&area| area == 0.0);
        if let Some(node) = self.nodes.iter().find(|node| place(node)) {
            return Err(Error::invalid(format!("{name}.nodes"), node, "nodes with an area above 0"));
        }
        if !self.nodes.windows(2).all(|pair| pair[0] < pair[1]) {
            return Err(Error::invalid(format!("{name}.nodes"), "a list", "ascending nodes"));
        }
        for (parameter, values) in self.values.iter().chain(&self.scales) {
            if !self.definition.parameters.contains_key(parameter) {
                let known = self.definition.parameters.keys();
                return Err(Error::unknown("parameter", parameter, known).within(name));
            }
            if let Some(x) = values.iter().find(|x| !x.is_finite()) {
                return Err(Error::invalid(format!("{name}.{parameter}"), x, "finite numbers"));
            }
        }
        let nodes = self.nodes.len();
        if let Some((parameter, values)) = self.values.iter().find(|(_, v)| v.len() != 1 && v.len() != nodes)
        {
            let expected = format!("one value, or one for each of {nodes} compartments");
            return Err(Error::invalid(
                format!("{name}.{parameter}"),
                format!("{} values", values.len()),
                expected,
            ));
        }
        if let Some((parameter, scales)) = self.scales.iter().find(|(_, scales)| scales.len() != cells) {
            let expected = format!("one factor for each of {cells} cells");
            return Err(Error::invalid(
                format!("{name}.{parameter}"),
                format!("{} factors", scales.len()),
                expected,
            ));
        }
        Ok(())
    }
}
