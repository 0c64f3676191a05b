//! Mechanisms that need no definition.

use lapicque_base::error::{Error, Result};
use serde_json::{Map, Value};

use super::definition::Definition;

/// A mechanism of the catalog: its name, default parameters, ions, functions, equations and initial values.
pub struct Entry {
    pub name: &'static str,
    /// What it is, and where its equations are from.
    pub meaning: &'static str,
    parameters: &'static [(&'static str, f64)],
    ions: &'static [&'static str],
    equations: &'static str,
    initial: &'static [(&'static str, &'static str)],
}

/// y z / (exp(z) - 1) for z = x/y, by its series near 0. Divisions by constants are products with reciprocals: a division takes as long as
/// a quarter of an exponential.
const FUNCTIONS: &str = "trap(z, y) = y*where(abs(z) < 0.001, 1 - z*0.5*(1 - z*(1/6)), z/(exp(z) - 1))
    vtrap(x, y) = trap(x*(1/y), y)";

pub const CATALOG: &[Entry] = &[
    Entry {
        name: "passive",
        meaning: "leak: a conductance g with the reversal potential e",
        parameters: &[("g", 0.001), ("e", -70.0)],
        ions: &[],
        equations: "i = g*(v - e)",
        initial: &[],
    },
    Entry {
        name: "hh",
        meaning: "Hodgkin and Huxley (1952), squid axon with the rest at -65 mV; rates at 6.3 °C, factor 3 for 10 °C",
        parameters: &[("gNa", 0.12), ("gK", 0.036), ("gLeak", 0.0003), ("eLeak", -54.3)],
        ions: &["na", "k"],
        equations: "q10 = 3^((celsius - 6.3)/10)
            am = 0.1*vtrap(-(v + 40), 10)
            bm = 4*exp(-(v + 65)*(1/18))
            ah = 0.07*exp(-(v + 65)*(1/20))
            bh = 1/(exp(-(v + 35)*(1/10)) + 1)
            an = 0.01*vtrap(-(v + 55), 10)
            bn = 0.125*exp(-(v + 65)*(1/80))
            m' = q10*(am*(1 - m) - bm*m)
            h' = q10*(ah*(1 - h) - bh*h)
            n' = q10*(an*(1 - n) - bn*n)
            ina = gNa*m^3*h*(v - ena)
            ik = gK*n^4*(v - ek)
            i = gLeak*(v - eLeak)",
        initial: &[],
    },
    Entry {
        name: "caHva",
        meaning: "high-voltage activated calcium channel, rates of Reuveni et al. (1993), no temperature factor",
        parameters: &[("g", 0.0003)],
        ions: &["ca"],
        equations: "am = 0.055*vtrap(-27 - v, 3.8)
            bm = 0.94*exp((-75 - v)/17)
            ah = 0.000457*exp((-13 - v)/50)
            bh = 0.0065/(exp((-v - 15)/28) + 1)
            m' = am*(1 - m) - bm*m
            h' = ah*(1 - h) - bh*h
            ica = g*m^2*h*(v - eca)",
        initial: &[],
    },
    Entry {
        name: "caPool",
        meaning: "calcium in a shell of a depth in µm under the membrane; a share gamma of the current stays free and decays with tau",
        parameters: &[("gamma", 0.05), ("tau", 80.0), ("depth", 0.1), ("rest", 1e-4)],
        ions: &["ca"],
        equations: "cai' = -10000*ica*gamma/(2*96485.33212331*depth) - (cai - rest)/tau",
        initial: &[("cai", "rest")],
    },
    Entry {
        name: "kCa",
        meaning: "calcium-dependent potassium channel (SK): z relaxes to 1/(1 + (half/cai)^4.8) with tau",
        parameters: &[("g", 0.0005), ("half", 0.00043), ("tau", 1.0)],
        ions: &["k", "ca"],
        equations: "z' = (1/(1 + (half/(cai + 0.0000001))^4.8) - z)/tau
            ik = g*z*(v - ek)",
        initial: &[],
    },
    Entry {
        name: "ih",
        meaning: "hyperpolarization-activated cation current, rates of Kole, Hallermann and Stuart (2006)",
        parameters: &[("g", 0.0001), ("e", -45.0)],
        ions: &[],
        equations: "a = 0.00643*vtrap(v + 154.9, 11.9)
            b = 0.193*exp(v/33.1)
            m' = a*(1 - m) - b*m
            i = g*m*(v - e)",
        initial: &[],
    },
    Entry {
        name: "naTraub",
        meaning: "fast sodium of hippocampal pyramidal cells, rates of Traub and Miles (1991) counted from vT, no temperature factor",
        parameters: &[("g", 0.05), ("vT", -63.0)],
        ions: &["na"],
        equations: "u = v - vT
            am = 0.32*vtrap(13 - u, 4)
            bm = 0.28*vtrap(u - 40, 5)
            ah = 0.128*exp((17 - u)*(1/18))
            bh = 4/(1 + exp((40 - u)*(1/5)))
            m' = am*(1 - m) - bm*m
            h' = ah*(1 - h) - bh*h
            ina = g*m^3*h*(v - ena)",
        initial: &[],
    },
    Entry {
        name: "kTraub",
        meaning: "delayed rectifier of hippocampal pyramidal cells, rates of Traub and Miles (1991) counted from vT, no temperature factor",
        parameters: &[("g", 0.005), ("vT", -63.0)],
        ions: &["k"],
        equations: "u = v - vT
            an = 0.032*vtrap(15 - u, 5)
            bn = 0.5*exp((10 - u)*(1/40))
            n' = an*(1 - n) - bn*n
            ik = g*n^4*(v - ek)",
        initial: &[],
    },
    Entry {
        name: "caTraub",
        meaning: "high-threshold calcium of hippocampal pyramidal cells, activation of Traub et al. (1991) with the rest at -60 mV, without inactivation",
        parameters: &[("g", 0.001)],
        ions: &["ca"],
        equations: "am = 1.6/(1 + exp(-0.072*(v - 5)))
            bm = 0.02*vtrap(v + 8.9, 5)
            m' = am*(1 - m) - bm*m
            ica = g*m^2*(v - eca)",
        initial: &[],
    },
    Entry {
        name: "naMainen",
        meaning: "fast sodium of neocortical pyramidal cells, Mainen and Sejnowski (1996); rates and conductance at 23 °C, factor 2.3 for 10 °C",
        parameters: &[("g", 0.1), ("shift", -10.0)],
        ions: &["na"],
        equations: "q = 2.3^((celsius - 23)/10)
            u = v + shift
            am = 0.182*vtrap(-35 - u, 9)
            bm = 0.124*vtrap(u + 35, 9)
            ah = 0.024*vtrap(-50 - u, 5)
            bh = 0.0091*vtrap(u + 75, 5)
            m' = q*(am*(1 - m) - bm*m)
            h' = q*(ah + bh)*(1/(1 + exp((u + 65)*(1/6.2))) - h)
            ina = q*g*m^3*h*(v - ena)",
        initial: &[],
    },
    Entry {
        name: "kvMainen",
        meaning: "fast potassium of neocortical pyramidal cells, Mainen and Sejnowski (1996); rates and conductance at 23 °C, factor 2.3 for 10 °C",
        parameters: &[("g", 0.0005)],
        ions: &["k"],
        equations: "q = 2.3^((celsius - 23)/10)
            an = 0.02*vtrap(25 - v, 9)
            bn = 0.002*vtrap(v - 25, 9)
            n' = q*(an*(1 - n) - bn*n)
            ik = q*g*n*(v - ek)",
        initial: &[],
    },
    Entry {
        name: "kmMainen",
        meaning: "slow potassium (muscarinic) of neocortical pyramidal cells, Mainen and Sejnowski (1996); rates and conductance at 23 °C, factor 2.3 for 10 °C",
        parameters: &[("g", 0.001)],
        ions: &["k"],
        equations: "q = 2.3^((celsius - 23)/10)
            an = 0.001*vtrap(-30 - v, 9)
            bn = 0.001*vtrap(v + 30, 9)
            n' = q*(an*(1 - n) - bn*n)
            ik = q*g*n*(v - ek)",
        initial: &[],
    },
    Entry {
        name: "kCaMainen",
        meaning: "calcium-dependent potassium of neocortical pyramidal cells, Mainen and Sejnowski (1996); rates and conductance at 23 °C, factor 2.3 for 10 °C",
        parameters: &[("g", 0.001)],
        ions: &["k", "ca"],
        equations: "q = 2.3^((celsius - 23)/10)
            n' = q*(0.01*cai*(1 - n) - 0.02*n)
            ik = q*g*n*(v - ek)",
        initial: &[],
    },
    Entry {
        name: "caMainen",
        meaning: "high-voltage activated calcium with the rates of caHva, as Mainen and Sejnowski (1996) use it: at 23 °C, factor 2.3 for 10 °C",
        parameters: &[("g", 0.00001)],
        ions: &["ca"],
        equations: "q = 2.3^((celsius - 23)/10)
            am = 0.055*vtrap(-27 - v, 3.8)
            bm = 0.94*exp((-75 - v)/17)
            ah = 0.000457*exp((-13 - v)/50)
            bh = 0.0065/(exp((-v - 15)/28) + 1)
            m' = q*(am*(1 - m) - bm*m)
            h' = q*(ah*(1 - h) - bh*h)
            ica = q*g*m^2*h*(v - eca)",
        initial: &[],
    },
];

/// A mechanism of the catalog by name.
///
/// # Errors
/// `unknown-name`.
pub fn built_in(name: &str) -> Result<Definition> {
    let unknown = || Error::unknown("mechanism", name, CATALOG.iter().map(|entry| entry.name));
    let entry = CATALOG.iter().find(|entry| entry.name == name).ok_or_else(unknown)?;
    let text = |&(name, value): &(&str, &str)| (name.to_string(), Value::from(value));
    Ok(Definition {
        name: entry.name.into(),
        parameters: entry
            .parameters
            .iter()
            .map(|&(name, x)| (name.to_string(), Value::from(x)))
            .collect::<Map<_, _>>(),
        ions: entry.ions.iter().map(|ion| ion.to_string()).collect(),
        functions: entry.equations.contains("vtrap").then(|| FUNCTIONS.into()),
        equations: entry.equations.into(),
        initial: entry.initial.iter().map(text).collect(),
    })
}

/// The catalog for callers: each mechanism's definition with its meaning.
///
/// # Errors
/// Those of the catalog's own texts, which tests parse.
pub fn describe() -> Result<Value> {
    let one = |entry: &Entry| {
        let definition = built_in(entry.name)?;
        Ok(serde_json::json!({ "meaning": entry.meaning, "definition": definition }))
    };
    CATALOG.iter().map(one).collect()
}
