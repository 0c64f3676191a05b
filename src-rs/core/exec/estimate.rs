//! How much memory a pass needs, and from that how a batch is cut into chunks of samples.

use crate::error::{Error, Result};
use crate::exec::geometry::{Geometry, panels};
use crate::expr::ArgSlot;
use crate::graph::Plan;
use crate::projection::PANEL;
use serde::Serialize;

/// Tapes of one chunk are kept below this where one tile of samples allows it: about the size of a
/// last-level cache, and small beside the weights of a network that needs more.
const CHUNK_BYTES: u64 = 32 << 20;

/// Bytes that a batch needs beyond its input, by what needs them.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Estimate {
    /// Weights and everything else that is learned.
    pub parameters: u64,
    /// Gradients, optimiser moments and transposed weights; 0 without training.
    pub training: u64,
    /// States and spikes of one chunk of samples over one segment of time.
    pub tape: u64,
    /// Recorded outputs.
    pub outputs: u64,
    pub total: u64,
}

/// What a pass is to do, as far as memory is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Workload {
    pub batch: usize,
    pub steps: usize,
    /// Steps per segment; `steps` keeps the whole sequence.
    pub segment: usize,
    pub training: bool,
}

/// Bytes of one tile's tape.
fn tile_bytes(plan: &Plan, keep: &[bool], tile: usize, segment: usize, real: u64) -> u64 {
    let mut bytes = 0;
    let row = (tile * PANEL) as u64 * real;
    for (layer, &keep) in plan.layers.iter().zip(keep) {
        let panels = panels(layer.neurons) as u64;
        let blocks = 1 + if keep { segment as u64 } else { 2 };
        bytes += panels * blocks * row * layer.bound.states.len() as u64;
        if keep && layer.bound.adjoint.args.contains(&ArgSlot::Port(0)) {
            bytes += panels * segment as u64 * row;
        }
        bytes += panels * (segment * tile) as u64 * 8;
    }
    bytes + panels(plan.input_size) as u64 * (segment * tile) as u64 * 8
}

/// Samples per tile and tiles per chunk.
pub fn chunking(plan: &Plan, keep: &[bool], batch: usize, segment: usize, real: u64) -> (usize, usize) {
    let tile = Geometry::tile_of(batch);
    let bytes = tile_bytes(plan, keep, tile, segment, real).max(1);
    let tiles = batch.div_ceil(tile);
    let most = ((CHUNK_BYTES / bytes) as usize).clamp(1, tiles);
    (tile, tiles.div_ceil(tiles.div_ceil(most)))
}

pub fn estimate(plan: &Plan, parameters: u64, work: &Workload, real: u64) -> Estimate {
    let mut keep = plan.read_as_values();
    keep.iter_mut().for_each(|keep| *keep |= work.training);
    keep[plan.output] = true;
    let (tile, tiles) = chunking(plan, &keep, work.batch, work.segment, real);
    let mut tape = tile_bytes(plan, &keep, tile, work.segment, real).saturating_mul(tiles as u64);
    let boundaries = work.steps.div_ceil(work.segment) as u64;
    if boundaries > 1 && work.training {
        tape += tile_bytes(plan, &vec![false; keep.len()], tile, 0, real) / 2 * tiles as u64 * boundaries;
    }
    let parameters = parameters * real;
    let training = if work.training { 4 * parameters } else { 0 };
    let neurons = plan.layers[plan.output].neurons as u64;
    let rows = (work.steps as u64).saturating_mul(work.batch as u64);
    let outputs =
        rows.saturating_mul(neurons).saturating_mul(if work.training { 4 * real } else { 1 + real });
    let total = parameters.saturating_add(training).saturating_add(tape).saturating_add(outputs);
    Estimate { parameters, training, tape, outputs, total }
}

/// Refuses what the machine's memory cannot hold, before anything is allocated.
pub fn check_memory(what: &str, needed: u64) -> Result<()> {
    match available_memory() {
        Some(allowed) if needed > allowed => Err(Error::TooLarge { what: what.into(), needed, allowed }),
        _ => Ok(()),
    }
}

/// Bytes that this machine can still give, where it tells.
fn available_memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find(|l| l.starts_with("MemAvailable:"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| kib * 1024)
}
