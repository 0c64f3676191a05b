//! Traced functions: their graphs, built node by node, and their values and gradients.

use crate::arrays::{self, Float64ArraySlice, copied};
use crate::boundary::{Outcome, Raw, from_napi, json, sync};
use crate::codes::parse;
use crate::task::{Call, spawn};
use lapicque_core::error::try_vec;
use lapicque_core::tensor::{Axes, Bound, Builder, Graph, Inputs, Node};
use lapicque_core::{Control, Error, Precision, Result, memory, settings};
use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;
use serde_json::Value;
use std::sync::Mutex;

/// The graph of a function that is being traced.
#[napi]
#[derive(Default)]
pub struct GraphBuilder {
    builder: Mutex<Builder>,
}

#[napi]
impl GraphBuilder {
    #[napi(constructor)]
    pub fn new() -> Self {
        GraphBuilder::default()
    }

    /// Adds a node, given as JSON, and returns `[number, axes]` as JSON.
    #[napi]
    pub fn push(&self, node: String) -> Outcome<String> {
        sync(|| {
            let node = Node::from_json(parse::<Value>("node", &node)?)?;
            let mut builder = self.builder.lock().map_err(|e| Error::Internal { reason: e.to_string() })?;
            json(&builder.push(node)?)
        })
    }

    /// The graph with its results, `[[name, node], …]`, as JSON.
    #[napi]
    pub fn finish(&self, results: String) -> Outcome<String> {
        sync(|| {
            let builder = self.builder.lock().map_err(|e| Error::Internal { reason: e.to_string() })?;
            let mut graph = builder.graph.clone();
            graph.results = parse("results", &results)?;
            graph.axes()?;
            json(&graph)
        })
    }
}

/// A tensor of a result or a gradient.
struct Named {
    name: String,
    sizes: Vec<usize>,
    values: Vec<f64>,
}

/// The results of a graph and the gradients of inputs. `inputs`: `[[name, sizes, wanted], …]` as JSON, their numbers one after the other in `values`;
/// `seeds`: `[[result, elements], …]` as JSON, the gradients with respect to results, their numbers in `seed_values`; those of other results are 1.
/// Without a wanted input no gradient is computed. Resolves to `{ results, gradients }`, lists of `{ name, sizes, values }`.
#[napi(ts_return_type = "Promise<Outcome<unknown>>")]
pub fn evaluate_graph<'env>(
    env: &'env Env,
    graph: String,
    inputs: String,
    values: Float64ArraySlice,
    seeds: String,
    seed_values: Float64ArraySlice,
    precision: String,
) -> napi::Result<Object<'env>> {
    spawn(
        env,
        Call::new("evaluateGraph", None),
        || {
            let values = copied("values", &values)?;
            let seeds = named_seeds(&seeds, &copied("seeds", &seed_values)?)?;
            let inputs: Vec<(String, Vec<usize>, bool)> = parse("inputs", &inputs)?;
            let precision = Precision::from_name(&precision)?;
            Ok(move |_: &Control| evaluated(&graph, &inputs, &values, &seeds, precision))
        },
        |env, (results, gradients): (Vec<Named>, Vec<Named>)| {
            let mut out = Object::new(env).map_err(from_napi)?;
            out.set("results", list(env, &results)?).map_err(from_napi)?;
            out.set("gradients", list(env, &gradients)?).map_err(from_napi)?;
            Raw::new(env, out)
        },
    )
}

/// The values of the first result of a graph, computed on this thread; `inputs` and `values` as of [`evaluate_graph`].
#[napi(ts_return_type = "Outcome<Float64Array>")]
pub fn graph_value(
    env: &Env,
    graph: String,
    inputs: String,
    values: Float64ArraySlice,
    precision: String,
) -> Outcome<Raw> {
    sync(|| {
        let inputs: Vec<(String, Vec<usize>, bool)> = parse("inputs", &inputs)?;
        let precision = Precision::from_name(&precision)?;
        let (results, _) = evaluated(&graph, &inputs, &copied("values", &values)?, &[], precision)?;
        let first = results.first().ok_or_else(|| Error::invalid("graph", "no result", "a result"))?;
        Raw::new(env, arrays::array(env, "result", &first.values)?)
    })
}

/// The arithmetic of a graph of inputs `[[name, sizes], …]` (JSON), `{ multiplyAdds, additions }` as JSON. What depends on parameters only is not
/// counted.
#[napi]
pub fn graph_cost(graph: String, inputs: String) -> Outcome<String> {
    sync(|| {
        let inputs: Vec<(String, Vec<usize>)> = parse("inputs", &inputs)?;
        let sizes =
            |name: &str| inputs.iter().find(|(other, _)| other == name).map(|(_, sizes)| sizes.clone());
        let bound = Bound::new(&Graph::from_json(&graph)?, &sizes, &|_| false)?;
        let cost = bound.cost("", &|name| !name.starts_with("parameter:"));
        json(&serde_json::json!({ "multiplyAdds": cost.multiply_adds, "additions": cost.additions }))
    })
}

/// The gradients with respect to results, by name.
fn named_seeds(seeds: &str, values: &[f64]) -> Result<Vec<(String, Vec<f64>)>> {
    let seeds: Vec<(String, usize)> = parse("seeds", seeds)?;
    let mut rest = values;
    let part = |(name, count): (String, usize)| {
        let (part, after) = rest.split_at_checked(count).ok_or_else(|| {
            Error::invalid(format!("seeds.{name}"), "fewer numbers", format!("{count} numbers"))
        })?;
        rest = after;
        Ok((name, part.to_vec()))
    };
    seeds.into_iter().map(part).collect()
}

/// Results and gradients of a graph; an input is `(name, sizes, whether its gradient is wanted)`.
fn evaluated(
    graph: &str,
    inputs: &[(String, Vec<usize>, bool)],
    values: &[f64],
    seeds: &[(String, Vec<f64>)],
    precision: Precision,
) -> Result<(Vec<Named>, Vec<Named>)> {
    let graph = Graph::from_json(graph)?;
    let sizes =
        |name: &str| inputs.iter().find(|(other, ..)| other == name).map(|(_, sizes, _)| sizes.clone());
    let wanted = |name: &str| inputs.iter().any(|(other, _, wanted)| other == name && *wanted);
    let bound = Bound::new(&graph, &sizes, &wanted)?;
    memory::check("the tensors of a traced function", bound.values().saturating_mul(16))?;
    match precision {
        Precision::F32 => evaluate::<f32>(&bound, inputs, values, seeds),
        Precision::F64 => evaluate::<f64>(&bound, inputs, values, seeds),
    }
}

fn evaluate<F: lapicque_core::projection::Element>(
    bound: &Bound,
    inputs: &[(String, Vec<usize>, bool)],
    values: &[f64],
    seeds: &[(String, Vec<f64>)],
) -> Result<(Vec<Named>, Vec<Named>)> {
    let mut tensors: Vec<Vec<F>> = vec![];
    let mut from = 0usize;
    for (name, sizes, _) in inputs {
        let count = sizes.iter().try_fold(1usize, |product, &size| product.checked_mul(size));
        let part = count.and_then(|count| values.get(from..from.checked_add(count)?));
        let part = part.ok_or_else(|| Error::invalid(name.clone(), "fewer numbers", format!("{sizes:?}")))?;
        from += part.len();
        let mut tensor = try_vec(name, part.len(), F::ZERO)?;
        tensor.iter_mut().zip(part).for_each(|(x, &y)| *x = F::from_f64(y));
        tensors.push(tensor);
    }
    let named: Inputs<F> =
        inputs.iter().map(|(name, ..)| name.as_str()).zip(tensors.iter().map(|t| &t[..])).collect();
    let run = bound.run(settings::simd()?, &named)?;
    let sizes = |axes: &Axes| axes.iter().map(|axis| axis.1.unwrap_or(0)).collect::<Vec<usize>>();
    let doubles = |values: &[F]| values.iter().map(|x| x.to_f64()).collect::<Vec<f64>>();
    let results: Vec<Named> = bound
        .results()
        .map(|(name, axes)| Named {
            name: name.into(),
            sizes: sizes(axes),
            values: doubles(run.result(name)),
        })
        .collect();
    if let Some((name, _)) = seeds.iter().find(|(name, _)| results.iter().all(|result| result.name != *name))
    {
        return Err(Error::unknown("result", name, results.iter().map(|result| &result.name)));
    }
    if !inputs.iter().any(|(.., wanted)| *wanted) {
        return Ok((results, vec![]));
    }
    let parts = results.iter().map(|Named { name, values, .. }| {
        let Some((_, seed)) = seeds.iter().find(|(other, _)| other == name) else {
            return Ok(vec![F::ONE; values.len()]);
        };
        match seed.len() == values.len() {
            true => Ok(seed.iter().map(|&x| F::from_f64(x)).collect()),
            false => {
                let got = format!("{} numbers", seed.len());
                Err(Error::invalid(format!("seeds.{name}"), got, format!("{} numbers", values.len())))
            }
        }
    });
    let parts = parts.collect::<Result<Vec<Vec<F>>>>()?;
    let gradients = run.gradients(parts)?.into_iter().map(|(name, gradient)| {
        let sizes = inputs.iter().find(|(other, ..)| *other == name).map(|(_, sizes, _)| sizes.clone());
        Named { sizes: sizes.unwrap_or_default(), values: doubles(&gradient), name }
    });
    Ok((results, gradients.collect()))
}

fn list<'env>(env: &'env Env, tensors: &[Named]) -> Result<napi::bindgen_prelude::Array<'env>> {
    let mut list = env.create_array(tensors.len() as u32).map_err(from_napi)?;
    for (i, Named { name, sizes, values }) in tensors.iter().enumerate() {
        let mut one = Object::new(env).map_err(from_napi)?;
        one.set("name", name.as_str()).map_err(from_napi)?;
        one.set("sizes", sizes.iter().map(|&size| size as f64).collect::<Vec<f64>>()).map_err(from_napi)?;
        one.set("values", arrays::array(env, "tensor", values)?).map_err(from_napi)?;
        list.set(i as u32, one).map_err(from_napi)?;
    }
    Ok(list)
}
