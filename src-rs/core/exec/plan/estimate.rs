//! How much memory a pass needs, and how a batch is divided into chunks of samples accordingly.

use super::tile_bytes::{product, sum, tile_bytes};
use crate::plan::layouts::layouts;
use crate::plan::online_plan::OnlineRule;
use crate::plan::recomputed::is_recomputed;
use crate::plan::weight_parts::parts;
use crate::plan::{online_plan, parallel_steps};
use crate::storage::geometry::{BLOCKS_AT_ONCE, Geometry};
use crate::storage::input_kind::InputKind;
use lapicque_graph::{MapPlan, MapUse, OperationKind, Plan, ProjectionKind, ProjectionPlan, Source};
use lapicque_operations::kernels;
use lapicque_projection::{PANEL, padded_channels, panels};
use serde::Serialize;

/// The tapes of one chunk stay below this, if one tile of samples does. The limit is below the size of a last-level
/// cache, and small compared with the weights of a network that needs more.
const CHUNK_BYTES: u64 = 22 << 20;

/// If convolutions are trained, a tile takes no more than this unless it would become too narrow. They run row by row,
/// so wider tiles cost memory and save only a few percent of the time
/// (docs/notes/convolutions-and-attention.md).
const TILE_BYTES: u64 = 12 << 20;

/// A chunk has at least `TASKS` tasks, for as many threads, if it stays below `TASKS_BYTES`
/// (docs/notes/dense-training.md).
const TASKS: usize = 4;
const TASKS_BYTES: u64 = 128 << 20;

/// Minimum number of samples of such a tile.
const NARROW_TILE: usize = 8;

/// For the size of event lists, one neuron in this number is assumed to fire per step.
const NEURONS_PER_EVENT: u64 = 10;

/// Bytes that a batch needs, by purpose.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Estimate {
    /// Weights and all other learned parameters.
    pub parameters: u64,
    /// Gradients, optimizer moments and transposed weights; 0 without training.
    pub training: u64,
    /// The engine's copy of the input.
    pub input: u64,
    /// States, spikes and their lists, for one chunk of samples over one segment of time, and additional buffers of the
    /// backward pass.
    pub tape: u64,
    /// Outputs of the network and its state at the end; in training, instead of the state, the gradient of the one that a
    /// loss reads.
    pub outputs: u64,
    pub total: u64,
}

/// The work of a pass, as far as memory is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Workload {
    pub batch: usize,
    pub steps: usize,
    /// Steps per segment; if equal to the number of steps, the whole sequence is stored.
    pub segment: usize,
    pub training: bool,
    pub input: InputKind,
    /// Whether all samples have to be in memory at once.
    pub whole: bool,
    /// Elements of all moments of the optimizer; 0 without training.
    pub moments: u64,
}

/// Samples per tile and tiles per chunk.
pub fn chunking(
    plan: &Plan,
    keep: &[bool],
    uses: &[MapUse],
    batch: usize,
    segment: usize,
    real: u64,
    training: bool,
) -> (usize, usize) {
    let bytes_of = |tile| tile_bytes(plan, keep, uses, [tile, segment], real as usize, training).max(1);
    let tile = Geometry::tile_of(batch);
    if training && plan.maps.iter().any(|map| matches!(map.operation, OperationKind::BatchNorm(_))) {
        // The statistics are those of the whole batch.
        return (tile, batch.div_ceil(tile));
    }
    let convolves = plan.maps.iter().any(|map| matches!(map.operation, OperationKind::Conv { .. }));
    let narrow = training && convolves && bytes_of(tile) > TILE_BYTES && tile > NARROW_TILE;
    let tile = match narrow {
        true => {
            let fitting = (NARROW_TILE..tile).rev().find(|&tile| bytes_of(tile) <= TILE_BYTES);
            batch.div_ceil(batch.div_ceil(fitting.unwrap_or(NARROW_TILE)))
        }
        false => tile,
    };
    let tiles = batch.div_ceil(tile);
    let within = |bytes: u64| (bytes / bytes_of(tile)) as usize;
    let least = within(TASKS_BYTES).min(TASKS.div_ceil(tile_tasks(plan)));
    let most = if narrow { 1 } else { within(CHUNK_BYTES) }.max(least).clamp(1, tiles);
    (tile, tiles.div_ceil(tiles.div_ceil(most)))
}

/// Minimum number of tasks of a tile, for most of the work. It is one if populations form a loop or an operation mixes
/// time, because that work goes from step to step. Otherwise it is one per panel of the widest population.
fn tile_tasks(plan: &Plan) -> usize {
    let loops = plan.layers.iter().any(|layer| !layer.feedback.is_empty());
    let over_time = plan.maps.iter().any(|map| map.operation.temporal().is_some());
    let widest = plan.layers.iter().map(|layer| panels(layer.neurons)).max();
    if loops || over_time { 1 } else { widest.unwrap_or(1).max(1) }
}

/// Bytes of the event lists of one chunk: by row and, for weight gradients, by neuron. A list takes four bytes for its
/// end and four for its offset.
fn lists(neurons: usize, g: &Geometry, transposed: bool) -> u64 {
    let events = product([neurons, g.tiles, g.steps, g.tile]) / NEURONS_PER_EVENT * 4;
    let by_row = product([g.tiles, g.steps, g.tile, 8]);
    let by_neuron = product([neurons, g.tiles, g.tile_rows().div_ceil(lapicque_projection::SEGMENT), 8]);
    let both = events.saturating_mul(2).saturating_add(by_neuron);
    by_row.saturating_add(if transposed { both } else { events })
}

/// Memory of one chunk of samples over one segment.
fn chunk_bytes(
    plan: &Plan,
    keep: &[bool],
    uses: &[MapUse],
    g: &Geometry,
    work: &Workload,
    real: usize,
) -> u64 {
    // Recomputed states take a buffer of one panel per thread.
    let constant = work.training && work.input == InputKind::Constant;
    let recomputed = |layer: &usize| constant && is_recomputed(plan, *layer, g, true);
    let keep: Vec<bool> = keep.iter().enumerate().map(|(layer, &keep)| keep && !recomputed(&layer)).collect();
    let buffers = (0..plan.layers.len()).filter(recomputed).map(|layer| g.panel_states(&plan.layers[layer]));
    let buffers = product([buffers.max().unwrap_or(0), real, rayon::current_num_threads()]);
    let mut bytes =
        tile_bytes(plan, &keep, uses, [g.tile, g.steps], real, work.training).saturating_mul(g.tiles as u64);
    let mut add = |more: u64| bytes = bytes.saturating_add(more);
    add(buffers);
    let rows = g.tiles.saturating_mul(g.steps).saturating_mul(g.tile);
    let boundaries = work.steps.div_ceil(work.segment);
    if work.input == InputKind::Spikes {
        add(lists(plan.input_size, g, work.training && plan.enters_a_projection(Source::Input)));
    }
    for map in plan.maps.iter().filter(|_| work.training) {
        if let Some(ProjectionKind::Conv { channels: [inputs, outputs], sliding, groups, .. }) =
            map.projection.map(|j| plan.projections[j].kind)
        {
            // The parts of the gradient, and their sum.
            let [height, width] = sliding.kernel;
            let weights = product([inputs, height, width, padded_channels(outputs / groups)]);
            let parts = parts(weights as usize, real) as u64;
            add(weights.saturating_mul(real as u64).saturating_mul(parts + 1));
        }
    }
    add(parallel_steps::elements(plan, g.steps).saturating_mul(real as u64));
    add(operation_at_work(plan, g, work, real));
    for (l, layer) in plan.layers.iter().enumerate() {
        let panels = panels(layer.neurons);
        let states = product([panels, g.tiles, g.elements(), real, layer.bound.states.len()]);
        if layer.bound.spiking {
            add(lists(layer.neurons, g, work.training && plan.enters_a_projection(Source::Spikes(l))));
        }
        if !work.training {
            continue;
        }
        if layer.reads_last_spikes {
            // Its spikes of the previous step, and their lists.
            add(product([panels, rows, 8]));
            add(lists(layer.neurons, g, true));
        }
        if l == plan.output {
            // The gradient of the one output that a loss reads.
            add(product([panels, rows, PANEL, real]));
        }
        add(states);
        if boundaries > 1 {
            add(states.saturating_mul(boundaries as u64));
        }
    }
    bytes
}

/// `stored`: number of stored elements of all parameters; `uses`: how the values of operations are used.
pub fn estimate(plan: &Plan, uses: &[MapUse], stored: u64, work: &Workload, real: u64) -> Estimate {
    let real = real as usize;
    let mut keep = plan.read_as_values();
    keep.iter_mut().for_each(|keep| *keep |= work.training);
    keep[plan.output] = true;
    let (tile, tiles) = chunking(plan, &keep, uses, work.batch, work.segment, real as u64, work.training);
    let tiles = if work.whole { work.batch.div_ceil(tile) } else { tiles };
    let g = Geometry { first: 0, batch: tile * tiles, tile, tiles, steps: work.segment };
    let tape = chunk_bytes(plan, &keep, uses, &g, work, real);

    let parameters = stored.saturating_mul(real as u64);
    let training = if work.training { training_bytes(plan, stored, work, real) } else { 0 };
    let input = input_bytes(plan, work, real);

    let output = &plan.layers[plan.output];
    let spiking = usize::from(output.bound.spiking);
    let outputs = if work.training {
        // For one chunk: the outputs, and the gradient of the one that a loss reads.
        product([work.steps, work.batch.min(tile * tiles), output.neurons, real, 2 + spiking])
    } else {
        // One copy in the engine and one in JavaScript.
        product([work.steps, work.batch, output.neurons, real + spiking, 2]).saturating_add(state_bytes(
            plan,
            work.batch,
            real as u64,
        ))
    };
    let total = sum([parameters, training, input, tape, outputs]);
    Estimate { parameters, training, input, tape, outputs, total }
}

/// Bytes of a network's state for a batch: states and last spikes of neurons, and values that operations carry to later
/// steps.
pub fn state_bytes(plan: &Plan, batch: usize, real: u64) -> u64 {
    let layers = plan.layers.iter().map(|layer| {
        let last_spikes = u64::from(layer.reads_last_spikes);
        let each = (layer.bound.states.len() as u64).saturating_mul(real).saturating_add(last_spikes);
        (layer.neurons as u64).saturating_mul(each)
    });
    let maps = plan.maps.iter().map(|map| (map.carried() as u64).saturating_mul(real));
    sum(layers.chain(maps)).saturating_mul(batch as u64)
}

/// As `estimate`, for a batch that learns forward in time, in blocks of steps.
pub fn estimate_online(plan: &Plan, stored: u64, work: &Workload, rule: OnlineRule, real: u64) -> Estimate {
    let (tile, tiles, traces) = online_plan::chunking(plan, rule, work.steps, work.batch, real);
    let real = real as usize;
    let g =
        Geometry { first: 0, batch: tile * tiles, tile, tiles, steps: online_plan::block_steps(work.steps) };
    let of_spikes = plan.layers.iter().filter(|layer| layer.bound.spiking);
    let of_spikes = sum(of_spikes.map(|layer| lists(layer.neurons, &g, false)));
    let of_input = if work.input == InputKind::Spikes { lists(plan.input_size, &g, false) } else { 0 };
    let tape = sum([traces, of_spikes, of_input]);

    let parameters = stored.saturating_mul(real as u64);
    let training = training_bytes(plan, stored, work, real);
    let input = input_bytes(plan, work, real);
    let output = &plan.layers[plan.output];
    let read = 1 + usize::from(output.bound.spiking);
    // Values and gradients of one block.
    let outputs = product([g.steps, work.batch.min(tile * tiles), output.neurons, real, 2 * read]);
    let total = sum([parameters, training, input, tape, outputs]);
    Estimate { parameters, training, input, tape, outputs, total }
}

/// Temporary buffers of an operation that are freed before the next one runs: the maximum over all operations.
fn operation_at_work(plan: &Plan, g: &Geometry, work: &Workload, real: usize) -> u64 {
    let constant = plan.constant_maps(work.input == InputKind::Constant);
    let of = |(map, constant): (&MapPlan, bool)| {
        let steps = if constant { 1 } else { g.steps };
        // Packed weights have as many elements as the parameter.
        let packed = map.projection.map_or(0, |j| tensor_elements(&plan.projections[j]));
        let (saved, working) = match map.registered.as_ref().and_then(kernels::<f32>) {
            Some(kernels) => {
                let saved = if work.training { kernels.saved() } else { 0 };
                let rows = kernels.gradient_rows().max(g.tile);
                let at_once = rayon::current_num_threads();
                let at_once = if rows > g.tile { at_once.max(BLOCKS_AT_ONCE) } else { at_once };
                let working = kernels.working(rows, work.training).saturating_mul(at_once as u64);
                (product([g.tiles, steps, g.tile, saved]), working)
            }
            None => (0, 0),
        };
        // The new gradient replaces the old one, so both exist at once. For convolutions it is counted with the parts.
        let convolution = matches!(map.operation, OperationKind::Conv { .. });
        let gradient = if work.training && !convolution { packed } else { 0 };
        let packed = if convolution || map.registered.is_some() { packed } else { 0 };
        sum([packed, saved, working, gradient]).saturating_mul(real as u64)
    };
    plan.maps.iter().zip(constant).map(of).max().unwrap_or(0)
}

/// Number of stored elements of the weights and the bias of a projection.
fn tensor_elements(projection: &ProjectionPlan) -> u64 {
    let (weight, bias) = layouts(projection);
    let bias = if projection.bias { bias.stored_len() } else { 0 };
    weight.stored_len() as u64 + bias as u64
}

/// Gradients, the optimizer's moments, and the transposed weights of all projections whose input is a population or an
/// operation.
fn training_bytes(plan: &Plan, stored: u64, work: &Workload, real: usize) -> u64 {
    let feeds = plan.layers.iter().flat_map(|layer| layer.all_feeds());
    let feeds = feeds.filter_map(|feed| Some((feed.projection?, feed.source)));
    let of_maps = plan.maps.iter().filter_map(|map| Some((map.projection?, *map.sources.first()?)));
    let transposed = feeds.chain(of_maps).filter(|&(_, source)| source != Source::Input);
    let transposed = transposed.map(|(j, _)| {
        let projection = &plan.projections[j];
        match projection.kind {
            ProjectionKind::Dense => {
                // Each part of a projection onto several ports has its own feed.
                product([panels(projection.inputs), projection.outputs, PANEL, real])
            }
            ProjectionKind::Conv { .. } => product([layouts(projection).0.stored_len(), real]),
            _ => 0,
        }
    });
    let numbers = stored.saturating_add(work.moments).saturating_mul(real as u64);
    numbers.saturating_add(sum(transposed))
}

/// The engine's copy of the input.
fn input_bytes(plan: &Plan, work: &Workload, real: usize) -> u64 {
    let steps = if work.input == InputKind::Constant { 1 } else { work.steps };
    let row = match work.input {
        InputKind::Spikes => 8 * panels(plan.input_size),
        // Numbers are given in single precision, and converted for double precision.
        _ => plan.input_size.saturating_mul(if real == 8 { 12 } else { 4 }),
    };
    product([steps, work.batch, row])
}
