//! Neurons with morphologies: files, compartments, simulations.

use crate::arrays::{self, Float64ArraySlice, Int32ArraySlice, Uint8ArraySlice, Uint32ArraySlice};
use crate::boundary::{Outcome, Raw, from_napi, json, sync};
use crate::codes::parse;
use crate::simulation_estimate::threads_or_default;
use crate::task::{Call, Needs, TaskHandle, spawn, spawn_with};
use lapicque_core::morphology::cable::{Description, Gradient, Passive, Run, TermDescription};
use lapicque_core::morphology::geometry::compartments::Electrical;
use lapicque_core::morphology::geometry::{Arrays, Compartments, Division, Morphology, Region, Soma};
use lapicque_core::morphology::mechanism;
use lapicque_core::{Control, Error, Result, settings};
use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;

/// A morphology: `parents` is -1 for the first branch; `starts` are the first points of the branches and the number of points;
/// `points` are x, y, z and radius in µm.
#[napi(object, object_to_js = false)]
pub struct MorphologyArrays<'env> {
    pub tags: Int32ArraySlice<'env>,
    pub parents: Int32ArraySlice<'env>,
    pub places: Float64ArraySlice<'env>,
    pub starts: Uint32ArraySlice<'env>,
    pub points: Float64ArraySlice<'env>,
}

impl MorphologyArrays<'_> {
    fn morphology(&self) -> Result<Morphology> {
        let arrays = Arrays {
            tags: arrays::copied("tags", &self.tags)?,
            parents: arrays::copied("parents", &self.parents)?,
            places: arrays::copied("places", &self.places)?,
            starts: arrays::copied("starts", &self.starts)?,
            points: arrays::copied("points", &self.points)?,
        };
        arrays.morphology()
    }
}

/// The nodes of a model: `parent` is -1 for a root.
#[napi(object, object_to_js = false)]
pub struct NodeArrays<'env> {
    pub parent: Int32ArraySlice<'env>,
    pub area: Float64ArraySlice<'env>,
    pub axial: Float64ArraySlice<'env>,
    pub capacitance: Float64ArraySlice<'env>,
}

impl NodeArrays<'_> {
    fn passive(&self) -> Result<Passive> {
        let parent = arrays::copied("parent", &self.parent)?;
        Ok(Passive {
            parent: parent.into_iter().map(|parent| usize::try_from(parent).ok()).collect(),
            area: arrays::copied("area", &self.area)?,
            axial: arrays::copied("axial", &self.axial)?,
            capacitance: arrays::copied("capacitance", &self.capacitance)?,
        })
    }
}

macro_rules! set {
    ($env:ident, $out:ident, $($name:literal: $values:expr),+ $(,)?) => {
        $($out.set($name, arrays::array($env, $name, $values)?).map_err(from_napi)?;)+
    };
}

/// Reads an SWC file; `soma` is the convention.
#[napi(
    ts_return_type = "Promise<Outcome<{ tags: Int32Array, parents: Int32Array, places: Float64Array, starts: Uint32Array, points: Float64Array, firstIds: Int32Array, notes: string }>>"
)]
pub fn read_swc<'env>(
    env: &'env Env,
    bytes: Uint8ArraySlice,
    soma: String,
    handle: Option<&TaskHandle>,
) -> napi::Result<Object<'env>> {
    spawn(
        env,
        Call::new("morphology.read", handle),
        move || {
            let bytes = arrays::copied("bytes", &bytes)?;
            let soma: Soma = parse("soma", &soma)?;
            Ok(move |_: &Control| {
                let morphology = Morphology::from_swc(&bytes, soma)?;
                let notes = json(&morphology.notes)?;
                Ok((Arrays::from(&morphology), morphology.first_ids, notes))
            })
        },
        |env, (of, first_ids, notes)| {
            let mut out = Object::new(env).map_err(from_napi)?;
            set!(env, out, "tags": &of.tags, "parents": &of.parents, "places": &of.places,
                "starts": &of.starts, "points": &of.points, "firstIds": &first_ids);
            out.set("notes", notes).map_err(from_napi)?;
            Raw::new(env, out)
        },
    )
}

/// Checks a morphology and measures its branches: lengths in µm, areas in µm².
#[napi(ts_return_type = "Outcome<{ lengths: Float64Array, areas: Float64Array }>")]
pub fn measure_morphology(env: &Env, morphology: MorphologyArrays) -> Outcome<Raw> {
    sync(|| {
        let branches = morphology.morphology()?.branches;
        let lengths: Vec<f64> = branches.iter().map(|branch| branch.length()).collect();
        let areas: Vec<f64> = branches.iter().map(|branch| branch.area()).collect();
        let mut out = Object::new(env).map_err(from_napi)?;
        set!(env, out, "lengths": &lengths, "areas": &areas);
        Raw::new(env, out)
    })
}

/// Cuts a morphology into compartments. `division` is JSON; resistivity (Ω cm) and capacitance (µF/cm²) are per branch;
/// `regions` is a JSON list. `spans` are the first node and the number of compartments of each branch; `axial` the resistances to
/// the parents in MΩ; `inside` for each region and node whether the region contains it.
#[napi(
    ts_return_type = "Outcome<{ parent: Int32Array, area: Float64Array, axial: Float64Array, branch: Uint32Array, x: Float64Array, distance: Float64Array, at: Float64Array, spans: Uint32Array, inside: Uint8Array }>"
)]
pub fn cut_morphology(
    env: &Env,
    morphology: MorphologyArrays,
    division: String,
    resistivity: Float64ArraySlice,
    capacitance: Float64ArraySlice,
    regions: String,
) -> Outcome<Raw> {
    sync(|| {
        let morphology = morphology.morphology()?;
        let n = morphology.branches.len();
        let division: Division = parse("compartments", &division)?;
        let regions: Vec<Region> = parse("region", &regions)?;
        let per_branch = |name: &str, values: Vec<f64>| match values.len() == n {
            true => Ok(values),
            false => Err(Error::invalid(name, format!("{} values", values.len()), format!("{n} values"))),
        };
        let resistivity = per_branch("resistivity", arrays::copied("resistivity", &resistivity)?)?;
        let capacitance = per_branch("capacitance", arrays::copied("capacitance", &capacitance)?)?;
        let of = |i: usize| Electrical { resistivity: resistivity[i], capacitance: capacitance[i] };
        let cut = Compartments::new(&morphology, division, of)?;
        let mut inside = Vec::with_capacity(regions.len() * cut.len());
        for region in &regions {
            inside.extend(region.nodes(&morphology, &cut)?.into_iter().map(u8::from));
        }
        let parent: Vec<i32> = cut.parent.iter().map(|p| p.map_or(-1, |p| p as i32)).collect();
        let branch: Vec<u32> = cut.branch.iter().map(|&branch| branch as u32).collect();
        let spans: Vec<u32> = cut.spans.iter().flat_map(|&(first, n)| [first as u32, n as u32]).collect();
        let axial = cut.axial(|branch| resistivity[branch]);
        let mut out = Object::new(env).map_err(from_napi)?;
        set!(env, out, "parent": &parent, "area": &cut.area, "axial": &axial, "branch": &branch, "x": &cut.x,
            "distance": &cut.distance, "at": cut.at.as_flattened(), "spans": &spans, "inside": &inside);
        Raw::new(env, out)
    })
}

/// The catalog of mechanisms, as JSON.
#[napi]
pub fn describe_mechanisms() -> Outcome<String> {
    sync(|| Ok(mechanism::describe()?.to_string()))
}

/// Nodes and memory of a simulation (JSON), as JSON, without building it.
#[napi]
pub fn estimate_morphologies(nodes: NodeArrays, description: String) -> Outcome<String> {
    sync(|| {
        let estimate = Description::from_json(&description)?.estimate(nodes.passive()?)?;
        Ok(serde_json::json!({ "nodes": estimate.nodes, "bytes": estimate.bytes }).to_string())
    })
}

/// Simulates cells with morphologies; `description` is JSON. Resolves to the traces, `[record, sample]`, and the spikes.
#[napi(
    ts_return_type = "Promise<Outcome<{ traces: Float64Array, detectors: Uint32Array, times: Float64Array }>>"
)]
pub fn simulate_morphologies<'env>(
    env: &'env Env,
    nodes: NodeArrays,
    description: String,
    threads: Option<f64>,
    handle: Option<&TaskHandle>,
) -> napi::Result<Object<'env>> {
    spawn_with(
        env,
        Call::new("morphology.simulate", handle),
        move || {
            let level = settings::simd()?;
            let passive = nodes.passive()?;
            let job = move |control: &Control| {
                let description = Description::from_json(&description)?;
                description.run(passive, level, control)
            };
            Ok((job, Needs { threads: threads_or_default(threads)?, long: true }))
        },
        exported,
    )
}

/// Simulates cells as `simulateMorphologies`, and differentiates a loss over what they record. `objective` is a JSON list of records,
/// each with its values in `values`, `[term, sample]`. `layout` is JSON: for each mechanism the names of its parameters and states, whose
/// gradients are in `parameters` and `states`, `[mechanism, name, node of the mechanism]`.
#[napi(
    ts_return_type = "Promise<Outcome<{ loss: number, traces: Float64Array, detectors: Uint32Array, times: Float64Array, layout: string, parameters: Float64Array, states: Float64Array, voltage: Float64Array, axial: Float64Array, capacitance: Float64Array, synapses: Float64Array, connections: Float64Array, gaps: Float64Array }>>"
)]
pub fn differentiate_morphologies<'env>(
    env: &'env Env,
    nodes: NodeArrays,
    description: String,
    objective: String,
    values: Float64ArraySlice,
    threads: Option<f64>,
    handle: Option<&TaskHandle>,
) -> napi::Result<Object<'env>> {
    spawn_with(
        env,
        Call::new("morphology.differentiate", handle),
        move || {
            let level = settings::simd()?;
            let passive = nodes.passive()?;
            let values = arrays::copied("values", &values)?;
            let job = move |control: &Control| {
                let description = Description::from_json(&description)?;
                let terms: Vec<TermDescription> = parse("objective", &objective)?;
                description.differentiate(passive, &terms, &values, level, control)
            };
            Ok((job, Needs { threads: threads_or_default(threads)?, long: true }))
        },
        exported_gradient,
    )
}

fn exported_gradient(env: &Env, gradient: Gradient) -> Result<Raw> {
    let names = |of: &[(String, Vec<f64>)]| of.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    let layout: Vec<_> = (gradient.mechanisms.iter())
        .map(|of| serde_json::json!({ "parameters": names(&of.parameters), "states": names(&of.states) }))
        .collect();
    let joined = |of: &mut dyn Iterator<Item = &(String, Vec<f64>)>| {
        of.flat_map(|(_, x)| x.clone()).collect::<Vec<f64>>()
    };
    let parameters = joined(&mut gradient.mechanisms.iter().flat_map(|of| &of.parameters));
    let states = joined(&mut gradient.mechanisms.iter().flat_map(|of| &of.states));
    let mut out = Object::new(env).map_err(from_napi)?;
    set_run(env, &mut out, &gradient.run)?;
    out.set("loss", gradient.loss).map_err(from_napi)?;
    out.set("layout", json(&layout)?).map_err(from_napi)?;
    set!(env, out, "parameters": &parameters, "states": &states, "voltage": &gradient.voltage,
        "axial": &gradient.axial, "capacitance": &gradient.capacitance, "synapses": &gradient.synapses,
        "connections": &gradient.connections, "gaps": &gradient.gaps);
    Raw::new(env, out)
}

fn exported(env: &Env, run: Run) -> Result<Raw> {
    let mut out = Object::new(env).map_err(from_napi)?;
    set_run(env, &mut out, &run)?;
    Raw::new(env, out)
}

fn set_run(env: &Env, out: &mut Object, run: &Run) -> Result<()> {
    let detectors: Vec<u32> = run.spikes.iter().map(|spike| spike.detector as u32).collect();
    let times: Vec<f64> = run.spikes.iter().map(|spike| spike.time).collect();
    set!(env, out, "traces": &run.traces.concat(), "detectors": &detectors, "times": &times);
    Ok(())
}
