//! Many simulations of one network in one task.

use crate::arrays::{self, Float64ArraySlice};
use crate::boundary::{Raw, error_fields, from_napi};
use crate::network_arrays::NetworkArrays;
use crate::numbers::{self, MAX_SAFE_INTEGER};
use crate::simulation_estimate::threads_or_default;
use crate::task::{Call, Needs, TaskHandle, spawn_with};
use lapicque_core::many::{Spikes, Sweep, Table};
use lapicque_core::simulate::Description;
use lapicque_core::{Control, Error, Precision, Result, settings};
use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;
use serde_json::{Value, json};

/// Runs a network (JSON and its lists) once for each row. `sweep` is JSON: axes, statistics and steps; `values` are the
/// values of all axes, `[axes, rows]`. Resolves to the columns by name, the failed rows with their errors, and the
/// spikes.
#[napi(
    ts_return_type = "Promise<Outcome<{ columns: { name: string, values: Float64Array }[], failed: unknown, atATime: number, spikes?: { offsets: Float64Array, times: Float64Array, ids: Uint32Array } }>>"
)]
#[allow(clippy::too_many_arguments)]
pub fn simulate_many<'env>(
    env: &'env Env,
    description: String,
    lists: NetworkArrays,
    precision: String,
    sweep: String,
    values: Float64ArraySlice,
    seeds: Float64ArraySlice,
    threads: Option<f64>,
    handle: Option<&TaskHandle>,
) -> napi::Result<Object<'env>> {
    spawn_with(
        env,
        Call::new("simulation.many", handle),
        move || {
            let level = settings::simd()?;
            let sweep = Sweep::from_json(&sweep)?;
            let (values, seeds) = (arrays::copied("values", &values)?, arrays::copied("seeds", &seeds)?);
            let seed = |(i, &seed): (usize, &f64)| {
                numbers::whole(&format!("seeds[{i}]"), seed, 0..=MAX_SAFE_INTEGER)
            };
            let seeds = seeds.iter().enumerate().map(seed).collect::<Result<Vec<u64>>>()?;
            if values.len() != sweep.axes.len() * seeds.len() {
                let expected = format!("[{}, {}]", sweep.axes.len(), seeds.len());
                let got = format!("[{}]", values.len());
                return Err(Error::ShapeMismatch { layer: "values".into(), expected, got });
            }
            let lists = lists.edits()?;
            let job = move |control: &Control| {
                let mut network = Description::from_json(&description)?;
                drop(description);
                lists.into_iter().try_for_each(|edit| edit(&mut network))?;
                let values: Vec<Vec<f64>> = match seeds.len() {
                    0 => vec![vec![]; sweep.axes.len()],
                    rows => values.chunks_exact(rows).map(<[f64]>::to_vec).collect(),
                };
                sweep.run(Precision::from_name(&precision)?, &network, &values, &seeds, level, control)
            };
            Ok((job, Needs { threads: threads_or_default(threads)?, long: true }))
        },
        exported,
    )
}

fn exported(env: &Env, table: Table) -> Result<Raw> {
    let column = |(name, values): &(String, Vec<f64>)| {
        let mut to = Object::new(env).map_err(from_napi)?;
        to.set("name", name.as_str()).map_err(from_napi)?;
        to.set("values", arrays::array(env, "values", values)?).map_err(from_napi)?;
        Ok(to)
    };
    let failed: Vec<Value> = (table.failed.iter())
        .map(|(row, error)| json!({ "row": *row as f64, "error": error_fields(error) }))
        .collect();
    let mut out = Object::new(env).map_err(from_napi)?;
    let columns: Vec<Object> = table.columns.iter().map(column).collect::<Result<_>>()?;
    out.set("columns", columns).map_err(from_napi)?;
    out.set("failed", Value::Array(failed)).map_err(from_napi)?;
    out.set("atATime", table.at_a_time as f64).map_err(from_napi)?;
    if let Some(Spikes { offsets, times, ids }) = &table.spikes {
        let mut to = Object::new(env).map_err(from_napi)?;
        to.set("offsets", arrays::array(env, "offsets", offsets)?).map_err(from_napi)?;
        to.set("times", arrays::array(env, "times", times)?).map_err(from_napi)?;
        to.set("ids", arrays::array(env, "ids", ids)?).map_err(from_napi)?;
        out.set("spikes", to).map_err(from_napi)?;
    }
    Raw::new(env, out)
}
