//! Maps at work: one row of each operation, the same for a batch and for a session, and the record
//! that a pass keeps of them.

use crate::attention::attend;
use crate::batch_norm::{Norms, batch_moments};
use crate::dense_map;
use crate::dropout::drop_out;
use crate::geometry::Geometry;
use crate::inhibition::inhibit;
use crate::layer_norm::{self, layer_norm};
use crate::matrix_product::matrix_product;
use crate::multiply::multiply;
use crate::network::Network;
use crate::parallel;
use crate::ready::Ready;
use crate::running::{self, running};
use crate::sources::{Sources, order_of};
use crate::temporal;
use lapicque_base::error::{Result, try_vec};
use lapicque_graph::{MapPlan, MapUse, NormSteps, Operation, Plan, Pooling, ProjectionKind, Sliding};
use lapicque_projection::{
    Aligned, Element, Moments, Order, Patches, Pool, PoolKind, Row, Scatter, Taps, Window, dense_row,
    normalise, transpose,
};

/// What is done at each step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Evaluate,
    /// Statistics are those of the batch, and units are dropped; `draw` counts batches.
    Train {
        draw: u64,
    },
}

/// A convolution forward, and back.
pub(crate) struct Convolution {
    pub forward: Scatter,
    pub back: Patches,
}

/// What a map needs beside its weights.
pub(crate) enum MapKernel {
    Nothing,
    Convolution(Box<Convolution>),
    Pool(Box<Pool>),
}

impl MapKernel {
    pub fn new(plan: &Plan, map: &MapPlan) -> Self {
        let (from, to) = (map.entering[0], map.shape);
        match map.operation {
            Operation::Conv { sliding, groups } => {
                let channels = match map.projection.map(|j| plan.projections[j].kind) {
                    Some(ProjectionKind::Conv { channels, .. }) => channels,
                    _ => [from.channels, to.channels],
                };
                let kernel = Convolution::new(sliding, channels, groups, [from.size, to.size]);
                MapKernel::Convolution(Box::new(kernel))
            }
            Operation::Pool { pooling, sliding } => {
                let kind = match pooling {
                    Pooling::Max => PoolKind::Max,
                    Pooling::Sum => PoolKind::Sum,
                    Pooling::Average => PoolKind::Mean,
                };
                let window = sliding.kernel[0] * sliding.kernel[1];
                let taps = taps(sliding, from.size, to.size);
                MapKernel::Pool(Box::new(Pool::new(kind, from.channels, window, taps, to.size)))
            }
            _ => MapKernel::Nothing,
        }
    }
}

impl Convolution {
    pub fn new(sliding: Sliding, channels: [usize; 2], groups: usize, [from, to]: [[usize; 2]; 2]) -> Self {
        // A transposed convolution slides over what it gives.
        let taps = match sliding.transposed {
            None => taps(sliding, from, to),
            Some(_) => {
                let [y, x] = taps(sliding, to, from);
                [y.reversed(from[0]), x.reversed(from[1])]
            }
        };
        let forward = Scatter::new(channels, groups, sliding.kernel, taps, to);
        let back = Patches::new(&forward);
        Convolution { forward, back }
    }
}

fn taps(sliding: Sliding, from: [usize; 2], to: [usize; 2]) -> [Taps; 2] {
    [0, 1].map(|axis| {
        let window = Window {
            kernel: sliding.kernel[axis],
            stride: sliding.stride[axis],
            padding: sliding.padding[axis],
            dilation: sliding.dilation[axis],
        };
        Taps::new(window, from[axis], to[axis])
    })
}

/// A map's record over a segment of time.
pub struct MapTape<F: Element> {
    /// `[tile][step][sample][element]`; the gradient takes their place in the backward pass, pixel by
    /// pixel. Samples that do not exist are 0.
    pub values: Aligned<F>,
    /// The values are in the public order, since only neurons read them, or batch norm on their way there.
    pub public: bool,
    size: usize,
    /// What becomes of the values: only those that are kept are there.
    pub usage: MapUse,
    /// Of a pool the convolution whose rows it takes, and which pixel of each window was the largest.
    pub pooled: Option<usize>,
    pub chosen: Vec<u8>,
    /// The same at every step, which is then kept once.
    pub constant: bool,
    /// The gradient of each source that wants it, in the source's own order, `[row][element]`.
    pub gradients: Vec<Aligned<F>>,
    pub norms: Norms<F>,
    /// Batch norm in training: what the running averages will take in.
    pub moments: Vec<Moments>,
    /// Batch norm that is not kept, on the way back: for each channel the sums of the gradient and of its product
    /// with the normalised values.
    pub gradient_sums: Vec<[f64; 2]>,
    /// Of what mixes time: what is still to leave, before and after the segment (see `temporal`).
    pub begin: Aligned<F>,
    pub end: Aligned<F>,
}

impl<F: Element> MapTape<F> {
    pub fn new(
        network: &Network<F>,
        map: usize,
        g: &Geometry,
        constant: bool,
        uses: &[MapUse],
        recorded: bool,
    ) -> Result<Self> {
        let plan = &network.plan.maps[map];
        let size = plan.shape.elements();
        let g = steps_of(g, constant);
        let values = if uses[map] == MapUse::Kept { g.rows() * size } else { 0 };
        let pooled = uses.iter().position(|&used| used == MapUse::Pooled(map));
        let for_neurons = network.plan.is_read_by_neurons(map) || uses.contains(&MapUse::Applied(map));
        let chosen = if pooled.is_some() { values } else { 0 };
        Ok(MapTape {
            values: Aligned::zeroed(&plan.name, values)?,
            public: plan.is_public() || !recorded && for_neurons,
            size,
            usage: uses[map],
            pooled,
            chosen: try_vec(&plan.name, chosen, 0)?,
            constant,
            gradients: vec![],
            norms: Norms::default(),
            moments: vec![],
            gradient_sums: vec![],
            begin: Aligned::zeroed(&plan.name, temporal::pending(plan, &g))?,
            end: Aligned::zeroed(&plan.name, temporal::pending(plan, &g))?,
        })
    }

    /// Makes what is pending at the end of a segment the beginning of the next.
    pub fn carry(&mut self) {
        self.begin.copy_from_slice(&self.end);
    }

    /// Takes over the beginning of a tape of the same samples.
    pub fn take_beginning(&mut self, old: MapTape<F>) {
        if self.begin.len() == old.begin.len() {
            self.begin = old.begin;
        }
    }

    pub fn is_kept(&self) -> bool {
        self.usage == MapUse::Kept
    }

    /// Whether the gradient of what a batch norm alone reads takes the place of its own: where both are there row by row.
    pub fn takes_over(&self, read: &MapTape<F>) -> bool {
        self.is_kept() && read.is_kept() && self.constant == read.constant
    }

    /// Whether there is anything to do before its readers.
    pub fn runs(&self) -> bool {
        matches!(self.usage, MapUse::Kept | MapUse::Applied(_))
    }

    /// The geometry of its rows.
    pub fn geometry(&self, g: &Geometry) -> Geometry {
        steps_of(g, self.constant)
    }

    pub fn row(&self, g: &Geometry, tile: usize, step: usize, sample: usize) -> &[F] {
        let g = self.geometry(g);
        let row = g.row(tile, if self.constant { 0 } else { step }) + sample;
        &self.values[row * self.size..][..self.size]
    }

    /// Values of samples that exist and are not zero, over all steps of the segment.
    pub fn nonzero(&self, g: &Geometry) -> u64 {
        let repeated = if self.constant { g.steps as u64 } else { 1 };
        // Samples that do not exist are zero.
        nonzero(&self.values) * repeated
    }
}

fn steps_of(g: &Geometry, constant: bool) -> Geometry {
    Geometry { steps: if constant { 1 } else { g.steps }, ..*g }
}

/// Values that a task counts.
const TASK_VALUES: usize = 1 << 16;

/// Values that are not zero.
pub(crate) fn nonzero<F: Element>(values: &[F]) -> u64 {
    // Counts of few values are as narrow as the values, so that several are added at once.
    let of_few = |few: &[F]| u64::from(few.iter().map(|&x| u32::from(x != F::ZERO)).sum::<u32>());
    let tasks = values.chunks(TASK_VALUES).collect();
    parallel::map(tasks, |values| values.chunks(1 << 10).map(of_few).sum::<u64>()).into_iter().sum()
}

/// Calls `visit` for each row of samples that exist, ascending.
pub(crate) fn each_row(g: &Geometry, mut visit: impl FnMut(usize, [usize; 3])) {
    for tile in 0..g.tiles {
        for step in 0..g.steps {
            for sample in 0..g.valid(tile) {
                visit(g.row(tile, step) + sample, [tile, step, sample]);
            }
        }
    }
}

/// Rows of a task, elements if its rows are long, and tasks if rows are few: so that threads end together.
const TASK_ROWS: usize = 64;
const TASK_ELEMENTS: usize = 1 << 16;
const TASKS: usize = 8;

/// Cuts rows into tasks `(tile, first step, rows)`.
pub fn row_tasks<'a, T>(values: &'a mut [T], g: &Geometry, size: usize) -> Vec<(usize, usize, &'a mut [T])> {
    let rows = TASK_ROWS.min(TASK_ELEMENTS / size.max(1)).min(g.rows().div_ceil(TASKS));
    let steps = (rows / g.tile).clamp(1, g.steps);
    let mut tasks = Vec::new();
    for (tile, values) in values.chunks_mut((g.tile_rows() * size).max(1)).enumerate() {
        for (block, values) in values.chunks_mut(steps * g.tile * size).enumerate() {
            tasks.push((tile, block * steps, values));
        }
    }
    tasks
}

/// Runs one map over a segment.
pub(crate) fn forward<F: Element>(sources: &Sources<F>, map: usize, mode: Mode, tape: &mut MapTape<F>) {
    let network = sources.network;
    let plan = &network.plan.maps[map];
    let g = tape.geometry(&sources.g);
    if let Some(running) = running(plan) {
        return running::forward(sources, map, running, tape);
    }
    if plan.operation.temporal().is_some() {
        return temporal::forward(sources, map, mode, tape);
    }
    match plan.operation {
        Operation::Dense => return dense_map::forward(sources, map, tape),
        Operation::LayerNorm { over, epsilon } => {
            return layer_norm::forward(sources, map, (over, epsilon), tape);
        }
        _ => {}
    }
    if let Some(convolution) = tape.pooled {
        return forward_pooled(sources, [convolution, map], &g, tape);
    }
    let norms = match (plan.operation, mode) {
        (Operation::BatchNorm { epsilon, steps, .. }, Mode::Train { .. }) if !network.fixed[map] => {
            let moments = batch_moments(sources, map, &g);
            let repeated = if tape.constant { sources.g.steps } else { 1 };
            let norms = Norms::new(moments.iter().map(|m| [m.mean(), m.variance()]), epsilon);
            tape.moments = match steps {
                NormSteps::Statistics => moments.repeat(repeated),
                _ => moments.iter().map(|m| m.times(repeated as f64)).collect(),
            };
            norms
        }
        _ => network.running_norms(map),
    };
    if let MapUse::Applied(_) = tape.usage {
        tape.norms = norms;
        return;
    }
    let samples = g.first..g.first + g.batch;
    let (size, ready, turned) =
        (tape.size, &network.ready(map, &norms, mode, samples), tape.public && !plan.is_public());
    let drops = network.draws_each_step(map, mode);
    let tasks = row_tasks(&mut tape.values, &g, size);
    parallel::for_each(tasks, |(tile, first, values)| {
        let (mut scratch, mut sums, mut drawn) = (Vec::new(), Vec::new(), Vec::new());
        let mut row = Aligned::default();
        row.resize(if turned { size } else { 0 });
        for (i, out) in values.chunks_mut(size).enumerate() {
            let (step, sample) = (first + i / g.tile, i % g.tile);
            if sample >= g.valid(tile) {
                continue;
            }
            sources.with_rows(&plan.sources, [tile, step, sample], &mut scratch, |rows| {
                let out = if turned { &mut row[..] } else { &mut *out };
                let ready = &ready[step.min(ready.len() - 1)];
                network.map_row(map, rows, ready, tile * g.tile + sample, &mut sums, out);
                if let Some((rate, draw)) = drops {
                    let at = [sources.first_step + step, g.first + tile * g.tile + sample];
                    network.draw_step(map, draw, at, &mut drawn);
                    drop_out(rate, &drawn, out);
                }
            });
            if turned {
                transpose(network.level, &row, [plan.shape.pixels(), plan.shape.channels], out);
            }
        }
    });
    tape.norms = norms;
}

/// Runs a convolution and the pool behind it, row by row.
fn forward_pooled<F: Element>(
    sources: &Sources<F>,
    [convolution, map]: [usize; 2],
    g: &Geometry,
    tape: &mut MapTape<F>,
) {
    let network = sources.network;
    let plan = &network.plan.maps[convolution];
    let MapKernel::Pool(pool) = &network.maps[map] else { return };
    let (size, ready) = (tape.size, &network.ready(convolution, &Norms::default(), Mode::Evaluate, 0..0)[0]);
    let shape = network.plan.maps[map].shape;
    let turned = tape.public && !network.plan.maps[map].is_public();
    let values = row_tasks(&mut tape.values, g, size);
    let chosen = row_tasks(&mut tape.chosen, g, size);
    let tasks = values
        .into_iter()
        .zip(chosen)
        .map(|((tile, first, values), (.., chosen))| (tile, first, values, chosen));
    parallel::for_each(tasks.collect(), |(tile, first, values, chosen)| {
        let (mut scratch, mut sums) = (Vec::new(), Vec::new());
        let (mut between, mut row) = (Aligned::default(), Aligned::default());
        between.resize(plan.shape.elements());
        row.resize(if turned { size } else { 0 });
        for (i, (out, chosen)) in values.chunks_mut(size).zip(chosen.chunks_mut(size)).enumerate() {
            let (step, sample) = (first + i / g.tile, i % g.tile);
            if sample >= g.valid(tile) {
                continue;
            }
            sources.with_rows(&plan.sources, [tile, step, sample], &mut scratch, |rows| {
                network.map_row(convolution, rows, ready, 0, &mut sums, &mut between);
            });
            if turned {
                pool.choose(network.level, &between, &mut row, chosen);
                transpose(network.level, &row, [shape.pixels(), shape.channels], out);
            } else {
                pool.choose(network.level, &between, out, chosen);
            }
        }
    });
}

impl<F: Element> Network<F> {
    /// One row of a map, `[pixel][channel]`, of one of the samples that it is ready for.
    pub(crate) fn map_row(
        &self,
        map: usize,
        rows: &[Row<F>],
        ready: &Ready<F>,
        sample: usize,
        sums: &mut Vec<F>,
        out: &mut [F],
    ) {
        let plan = &self.plan.maps[map];
        let shape = plan.shape;
        let (channels, pixels) = (shape.channels, shape.pixels());
        let own = Order::of_values(channels);
        let (x, from) = (rows[0], order_of(plan.sources[0], plan.entering[0]));
        let weights = plan.projection.map_or(&[][..], |j| &self.parameters[self.slots[j].weight].data);
        let bias = plan.projection.and_then(|j| self.slots[j].bias);
        let bias = bias.map_or(&[][..], |slot| &self.parameters[slot].data);
        match plan.operation {
            Operation::Dense => dense_row(self.level, weights, plan.entering[0].elements(), x, bias, out),
            Operation::OneToOne => {
                x.write(self.level, [from, own], [channels, pixels], out);
                for (n, &w) in weights[..out.len()].iter().enumerate() {
                    let out = &mut out[plan.place(n)];
                    *out = *out * w;
                }
            }
            Operation::Conv { .. } => {
                if let MapKernel::Convolution(convolution) = &self.maps[map] {
                    let scatter = &convolution.forward;
                    sums.resize(scatter.sums(), F::ZERO);
                    scatter.row(self.level, (weights, &ready.packed), (x, from), bias, sums, own, out);
                }
            }
            Operation::Pool { .. } => {
                if let MapKernel::Pool(pool) = &self.maps[map] {
                    pool.row(self.level, x, from, out);
                }
            }
            Operation::Flatten => {
                let entering = plan.entering[0];
                let public = Order::public(entering.pixels());
                x.write(self.level, [from, public], entering.image(), out);
            }
            Operation::Unflatten => {
                x.write(self.level, [Order::public(pixels), own], [channels, pixels], out)
            }
            Operation::Concat => {
                out.fill(F::ZERO);
                let mut first = 0;
                for ((&row, &source), &entering) in rows.iter().zip(&plan.sources).zip(&plan.entering) {
                    row.write_into(
                        [order_of(source, entering), own],
                        [entering.channels, pixels],
                        &mut out[first..],
                    );
                    first += entering.channels;
                }
            }
            Operation::Add => {
                x.write(self.level, [from, own], [channels, pixels], out);
                for (&row, &source) in rows.iter().zip(&plan.sources).skip(1) {
                    row.add_into([order_of(source, shape), own], [channels, pixels], out);
                }
            }
            Operation::Multiply => multiply(self.level, plan, rows, sums, out),
            Operation::MatrixProduct { sizes } => matrix_product(self.level, plan, sizes, rows, out),
            Operation::Inhibition => inhibit(self.level, plan, rows, sums, out),
            Operation::Attention { heads, scale } => {
                attend(self.level, plan, (heads, scale), rows, sums, out);
            }
            Operation::Dropout { rate, .. } => {
                x.write(self.level, [from, own], [channels, pixels], out);
                if !ready.drawn.is_empty() {
                    drop_out(rate, &ready.drawn[sample * out.len()..], out);
                }
            }
            Operation::LayerNorm { epsilon, over } => {
                x.write(self.level, [from, own], [channels, pixels], out);
                layer_norm(self.level, plan, (over, epsilon), [weights, bias], out);
            }
            Operation::BatchNorm { scale, .. } => {
                let affine = ready.affine.as_ref().map(|affine| affine.each_ref().map(|of| &of[..]));
                let x = match x {
                    Row::Values(values) if from == own => values,
                    other => {
                        sums.resize(out.len(), F::ZERO);
                        other.write(self.level, [from, own], [channels, pixels], sums);
                        &sums[..]
                    }
                };
                normalise(self.level, x, ready.norms.normal(), F::from_f64(scale), affine, out);
            }
            Operation::Embedding => {
                let row = row_number(x);
                out.copy_from_slice(&weights[row * channels..][..channels]);
            }
            // More than a row: see `temporal` and `running`.
            Operation::Temporal(_) => {}
        }
    }
}

/// The number that an embedding looks up.
pub(crate) fn row_number<F: Element>(x: Row<F>) -> usize {
    match x {
        Row::Events(events) => events.len(),
        Row::Values(values) => values[0].to_f64() as usize,
    }
}
