//! Batch norm: statistics of the whole batch, or of each of its steps, and the backward pass through them. Channels are
//! independent, so sums over rows are divided among threads by channels. Data per channel are `[step][channel]` if each
//! step has its own, otherwise `[channel]`.

use crate::network::sources::{Sources, order_of};
use crate::ops::backward::MapBackward;
use crate::storage::geometry::Geometry;
use crate::storage::mode::Mode;
use crate::storage::parallel;
use crate::storage::rows::{each_row, row_tasks};
use crate::tape::map_tape::MapTape;
use crate::tape::norms::Norms;
use lapicque_graph::{BatchNorm, MapPlan, MapUse, NormSteps, OperationKind, Source};
use lapicque_projection::{
    Aligned, Channels, Element, Moments, Normal, Order, Row, batch_norm_gradient, channel_squares,
    channel_sums, gradient_sums, prefetch_lines, transpose,
};
use std::ops::Range;

/// Number of channels that a task sums: one cache line, or two if there are enough channels for all threads.
const TASK_CHANNELS: usize = 16;
const MANY_CHANNELS: usize = 128;

/// Groups of rows of a batch norm that share statistics.
#[derive(Clone, Copy)]
struct Groups {
    /// One, or the number of steps.
    count: usize,
    channels: usize,
}

impl Groups {
    /// The groups that belong to these norms.
    fn of<F>(norms: &Norms<F>, plan: &MapPlan) -> Self {
        let channels = plan.shape.channels;
        Groups { count: norms.mean.len() / channels, channels }
    }

    /// The range of a step's group in an array with `width` values per group.
    fn at(self, step: usize, width: usize) -> Range<usize> {
        let group = if self.count == 1 { 0 } else { step };
        group * width..(group + 1) * width
    }

    /// Number of values per channel in each group.
    fn sizes(self, plan: &MapPlan, g: &Geometry) -> Vec<f64> {
        let mut sizes = vec![0.0; self.count];
        each_row(g, |_, [_, step, _]| sizes[self.at(step, 1).start] += plan.shape.pixels() as f64);
        sizes
    }

    /// Calls `of` with ranges of channels and combines the results, `[group][channel]`. Uses several tasks if rows can
    /// be read in parts.
    fn by_channels<T: Copy + Send>(
        self,
        source: Source,
        of: impl Fn(Range<usize>) -> Vec<T> + Sync + Send,
    ) -> Vec<T> {
        let width = match source {
            Source::Map(_) if self.channels < MANY_CHANNELS => TASK_CHANNELS,
            Source::Map(_) => 2 * TASK_CHANNELS,
            _ => self.channels.max(1),
        };
        let tasks = (0..self.channels).step_by(width).map(|first| first..self.channels.min(first + width));
        let parts = parallel::map(tasks.collect(), |channels| (channels.len(), of(channels)));
        let group = |k: usize| parts.iter().flat_map(move |(len, part)| &part[k * len..][..*len]).copied();
        (0..self.count).flat_map(group).collect()
    }
}

/// Computes sums over rows and pixels for each channel, rows ascending.
pub(crate) fn batch_moments<F: Element>(sources: &Sources<F>, map: usize, g: &Geometry) -> Vec<Moments> {
    let plan = &sources.network.plan.maps[map];
    let level = sources.network.level;
    let together =
        matches!(plan.operation, OperationKind::BatchNorm(BatchNorm { steps: NormSteps::Shared, .. }));
    let groups = Groups { count: if together { 1 } else { g.steps }, channels: plan.shape.channels };
    let sizes = groups.sizes(plan, g);
    groups.by_channels(plan.sources[0], |channels| {
        let len = channels.len();
        let mut sums = vec![0.0; groups.count * len];
        each_channel(sources, map, g, channels.clone(), |_, [_, step, _], x| {
            channel_sums(level, x, &mut sums[groups.at(step, len)]);
        });
        let means: Vec<f64> = sums.iter().enumerate().map(|(i, sum)| sum / sizes[i / len]).collect();
        let mut squares = vec![0.0; groups.count * len];
        each_channel(sources, map, g, channels, |_, [_, step, _], x| {
            let own = groups.at(step, len);
            channel_squares(level, x, &means[own.clone()], &mut squares[own]);
        });
        let all = sums.into_iter().zip(squares).enumerate();
        all.map(|(i, (sum, squares))| Moments { count: sizes[i / len], sum, squares }).collect()
    })
}

/// Calls `visit` with the index and position of each row, ascending, and with the input of some channels.
fn each_channel<F: Element>(
    sources: &Sources<F>,
    map: usize,
    g: &Geometry,
    channels: Range<usize>,
    mut visit: impl FnMut(usize, [usize; 3], Channels<F>),
) {
    let plan = &sources.network.plan.maps[map];
    let (shape, from) = (plan.shape, order_of(plan.sources[0], plan.shape));
    let (own, pixels) = (Order::of_values(shape.channels), shape.pixels());
    let public = match plan.sources[0] {
        Source::Map(m) => Some(&sources.maps[m]).filter(|tape| tape.public),
        _ => None,
    };
    let (mut scratch, mut dense) = (Vec::new(), Vec::new());
    each_row(g, |row, at| {
        sources.with_rows(&plan.sources, at, &mut scratch, |rows| {
            let (all, first) = (shape.channels, channels.start);
            let x = match (rows[0], public) {
                (Row::Values(values), Some(tape)) => {
                    let part = first * pixels..channels.end * pixels;
                    // Rows are too far apart for the hardware prefetcher.
                    let next = (row + 1) * shape.elements();
                    if let Some(later) = tape.values.get(next + part.start..next + part.end) {
                        prefetch_lines(later);
                    }
                    let values = &values[part];
                    dense.resize(values.len(), F::ZERO);
                    transpose(sources.network.level, values, [channels.len(), pixels], &mut dense);
                    Channels::all(&dense, channels.len())
                }
                (Row::Values(values), _) if from == own => Channels { values, all, first },
                (other, _) => {
                    dense.resize(shape.elements(), F::ZERO);
                    other.write(sources.network.level, [from, own], [all, pixels], &mut dense);
                    Channels { values: &dense, all, first }
                }
            };
            visit(row, at, x);
        });
    });
}

/// Converts a gradient to that of the input of the norm: a factor, the mean of the gradient, and the mean of its
/// product with the normalized values.
pub(crate) struct Factors<F> {
    pub whole: Vec<F>,
    pub means: [Vec<F>; 2],
}

impl<F: Element> MapBackward<'_, F> {
    /// Computes the gradient of the input. Returns the new gradients of factors and offsets, with this segment's
    /// contribution included.
    pub(crate) fn batch_norm(
        &self,
        g: &Geometry,
        scale: f64,
        tape: &mut MapTape<F>,
    ) -> Vec<(usize, Aligned<F>)> {
        let plan = &self.network.plan.maps[self.map];
        let sums = self.gradient_sums(g, tape);
        let applied = matches!(tape.usage, MapUse::Applied(_));
        let constant = self.sources.input.is_constant();
        let is_in_place = |&source: &Source| match source {
            Source::Map(m) => self.network.plan.fusions.gradient_in_place(m, constant).is_some(),
            _ => false,
        };
        if applied {
            tape.gradient_sums.clone_from(&sums);
        } else if self.needs_gradient[0] && is_in_place(&plan.sources[0]) {
            let mut values = std::mem::take(&mut tape.values);
            self.normalized_gradient(g, &sums, &tape.norms, None, &mut values);
            tape.values = values;
        } else if self.needs_gradient[0] {
            let mut gradients = std::mem::take(&mut tape.gradients);
            gradients.resize_with(1, Aligned::default);
            gradients[0].resize(g.rows() * plan.shape.elements());
            self.normalized_gradient(g, &sums, &tape.norms, Some(&tape.values), &mut gradients[0]);
            tape.gradients = gradients;
        }
        let Some(j) = plan.projection.filter(|&j| self.network.plan.projections[j].trainable) else {
            return vec![];
        };
        let slots = self.network.slots[j];
        let add = |slot: usize, of: &dyn Fn(&[f64; 2]) -> f64| {
            let mut grad = self.network.parameters[slot].grad.clone();
            for sums in sums.chunks(grad.len()) {
                grad.iter_mut().zip(sums).for_each(|(grad, sums)| *grad += F::from_f64(of(sums)));
            }
            (slot, grad)
        };
        let mut added = vec![add(slots.weight, &|&[_, product]| scale * product)];
        added.extend(slots.bias.map(|slot| add(slot, &|&[plain, _]| plain)));
        added
    }

    /// The sums of the gradient, and of its product with the normalized values.
    fn gradient_sums(&self, g: &Geometry, tape: &MapTape<F>) -> Vec<[f64; 2]> {
        let plan = &self.network.plan.maps[self.map];
        let (all, size, pixels) = (plan.shape.channels, plan.shape.elements(), plan.shape.pixels());
        let population = match tape.usage {
            MapUse::Applied(_) => self.population_gradient(self.map, tape.constant),
            _ => None,
        };
        let groups = Groups::of(&tape.norms, plan);
        groups.by_channels(plan.sources[0], |channels| {
            let (first, len) = (channels.start, channels.len());
            let mut sums = vec![[0.0; 2]; groups.count * len];
            let (mut plain, mut product) = (vec![0.0; sums.len()], vec![0.0; sums.len()]);
            let (mut public, mut transposed) = (Aligned::default(), Aligned::default());
            for buffer in [&mut public, &mut transposed] {
                buffer.resize(if population.is_some() { len * pixels } else { 0 });
            }
            each_channel(&self.sources, self.map, g, channels, |row, at, x| {
                let gradient = match &population {
                    Some(population) => {
                        population.row(at).copy(first * pixels, &mut public);
                        transpose(self.network.level, &public, [len, pixels], &mut transposed);
                        Channels::all(&transposed, len)
                    }
                    None => Channels { values: &tape.values[row * size..][..size], all, first },
                };
                let Norms { mean, inverse } = &tape.norms;
                let from = groups.at(at[1], all).start + first;
                let normal = Normal { mean: &mean[from..][..len], inverse: &inverse[from..][..len] };
                let own = groups.at(at[1], len);
                let into = [&mut plain[own.clone()], &mut product[own]];
                gradient_sums(self.network.level, x, gradient, normal, into);
            });
            sums.iter_mut().zip(plain.into_iter().zip(product)).for_each(|(sum, (a, b))| *sum = [a, b]);
            sums
        })
    }

    /// The factors of batch norm `map`, from the sums of its gradient.
    pub(crate) fn factors(
        &self,
        map: usize,
        g: &Geometry,
        sums: &[[f64; 2]],
        norms: &Norms<F>,
    ) -> Factors<F> {
        let (network, plan) = (self.network, &self.network.plan.maps[map]);
        let scale =
            if let OperationKind::BatchNorm(BatchNorm { scale, .. }) = plan.operation { scale } else { 1.0 };
        let channels = plan.shape.channels;
        let sizes = Groups::of(norms, plan).sizes(plan, g);
        let mean_of = |i: usize| -> Vec<F> {
            // Running averages are constants for the gradient.
            let of_batch = self.mode != Mode::Evaluate && !network.fixed[map];
            let mean = |(k, sums): (usize, &[f64; 2])| F::from_f64(sums[i] / sizes[k / channels]);
            sums.iter().enumerate().map(|sums| if of_batch { mean(sums) } else { F::ZERO }).collect()
        };
        let weights = plan.projection.map_or(&[][..], |j| &network.parameters[network.slots[j].weight].data);
        let of_channel = |(c, &inverse): (usize, &F)| {
            let weight = weights.get(c % weights.len().max(1)).copied().unwrap_or(F::ONE);
            inverse * F::from_f64(scale) * weight
        };
        let whole = norms.inverse.iter().enumerate().map(of_channel).collect();
        Factors { whole, means: [mean_of(0), mean_of(1)] }
    }

    /// The gradient of the input, from that of the normalized values: `values`, or `dx` itself if none are given.
    fn normalized_gradient(
        &self,
        g: &Geometry,
        sums: &[[f64; 2]],
        norms: &Norms<F>,
        values: Option<&[F]>,
        dx: &mut Aligned<F>,
    ) {
        let (network, plan) = (self.network, self.plan());
        let (shape, size) = (plan.shape, plan.shape.elements());
        let Factors { whole, means: [mean, mean_product] } = self.factors(self.map, g, sums, norms);
        let groups = Groups::of(norms, plan);
        let (own, order) = (Order::of_values(shape.channels), order_of(plan.sources[0], shape));
        parallel::for_each(row_tasks(dx, g, size), |(tile, first, dx)| {
            let (mut scratch, mut dense) = (Vec::new(), vec![F::ZERO; size]);
            for (i, dx) in dx.chunks_mut(size).enumerate() {
                let at = [tile, first + i / g.tile, i % g.tile];
                if at[2] >= g.valid(tile) {
                    dx.fill(F::ZERO);
                    continue;
                }
                let row = g.row(tile, at[1]) + at[2];
                let own_group = groups.at(at[1], shape.channels);
                let means = [&mean[own_group.clone()], &mean_product[own_group.clone()]];
                let normal = Normal {
                    mean: &norms.mean[own_group.clone()],
                    inverse: &norms.inverse[own_group.clone()],
                };
                self.sources.with_rows(&plan.sources, at, &mut scratch, |rows| {
                    let x = match rows[0] {
                        Row::Values(x) if order == own => x,
                        other => {
                            other.write(network.level, [order, own], shape.image(), &mut dense);
                            &dense[..]
                        }
                    };
                    if let Some(values) = values {
                        dx.copy_from_slice(&values[row * size..][..size]);
                    }
                    batch_norm_gradient(network.level, x, dx, normal, &whole[own_group], means);
                });
                if order != own {
                    dense.copy_from_slice(dx);
                    Row::Values(&dense).write(network.level, [own, order], shape.image(), dx);
                }
            }
        });
    }
}
