//! Layer norm and group norm at work: values `[pixel][channel]` of samples at steps, row by row and many rows at a time.

use crate::network::compiled::Network;
use crate::network::sources::{Sources, order_of};
use crate::ops::backward::MapBackward;
use crate::storage::geometry::Geometry;
use crate::storage::parallel;
use crate::storage::rows::row_tasks;
use crate::tape::map_tape::MapTape;
use lapicque_base::simd::SimdLevel;
use lapicque_graph::{MapPlan, NormOver};
use lapicque_projection::{
    Aligned, Element, Order, Row, SUMMED, affine_gradients, normalize_parts, normalize_parts_gradient,
    scale_rows, transpose,
};
use std::borrow::Cow;

/// The parts of a row, of which each has a mean and a variance of its own.
struct Parts {
    level: SimdLevel,
    /// Values of a part.
    len: usize,
    /// Where the parts do not lie one behind the other: the places of their values, part by part.
    order: Option<Vec<usize>>,
}

impl Parts {
    fn new(level: SimdLevel, plan: &MapPlan, over: NormOver) -> Self {
        let (channels, pixels) = (plan.shape.channels, plan.shape.pixels());
        match over {
            NormOver::Sample => Parts { level, len: channels * pixels, order: None },
            NormOver::Channels => Parts { level, len: channels, order: None },
            NormOver::Groups(groups) => {
                let width = channels / groups;
                let of_group = |group: usize| {
                    let of_pixel =
                        move |pixel: usize| (0..width).map(move |c| pixel * channels + group * width + c);
                    (0..pixels).flat_map(of_pixel)
                };
                Parts { level, len: width * pixels, order: Some((0..groups).flat_map(of_group).collect()) }
            }
        }
    }

    /// The values of rows part by part.
    fn of<'a, F: Element>(&self, rows: &'a [F]) -> Cow<'a, [F]> {
        match &self.order {
            None => Cow::Borrowed(rows),
            Some(order) => Cow::Owned(
                rows.chunks_exact(order.len()).flat_map(|row| order.iter().map(|&at| row[at])).collect(),
            ),
        }
    }

    /// Shows the values of rows part by part, and takes over what becomes of them.
    fn show<F: Element, T>(&self, rows: &mut [F], visit: impl FnOnce(&mut [F]) -> T) -> T {
        let Some(order) = &self.order else { return visit(rows) };
        let mut values = self.of(rows).into_owned();
        let result = visit(&mut values);
        for (row, values) in rows.chunks_exact_mut(order.len()).zip(values.chunks_exact(order.len())) {
            order.iter().zip(values).for_each(|(&place, &value)| row[place] = value);
        }
        result
    }

    /// Turns rows into their normalised values, and gives for each part one over its deviation.
    fn normalise<F: Element>(&self, epsilon: f64, rows: &mut [F]) -> Vec<F> {
        self.show(rows, |rows| normalize_parts(self.level, self.len, epsilon, rows))
    }

    /// The gradient of what entered, in place of the normalised values.
    fn gradient<F: Element>(&self, inverses: &[F], gradient: &[F], hat: &mut [F]) {
        let gradient = &self.of(gradient);
        self.show(hat, |hat| normalize_parts_gradient(self.level, self.len, inverses, gradient, hat));
    }
}

/// How many factors there are for the values of a row, which begin anew after so many values.
fn width_of(plan: &MapPlan, over: NormOver) -> usize {
    if over == NormOver::Sample { plan.shape.elements() } else { plan.shape.channels }
}

/// Factors or offsets where the values are kept: those of elements lie in the public order.
fn arranged<'a, F: Element>(plan: &MapPlan, over: NormOver, public: &'a [F]) -> Cow<'a, [F]> {
    let width = width_of(plan, over);
    if over != NormOver::Sample || plan.is_public() {
        return Cow::Borrowed(&public[..width]);
    }
    let mut arranged = vec![F::ZERO; width];
    public[..width].iter().enumerate().for_each(|(n, &x)| arranged[plan.place(n)] = x);
    Cow::Owned(arranged)
}

/// The values that leave, in place of those that enter; `weights` and `bias` are empty or whole.
pub(crate) fn layer_norm<F: Element>(
    level: SimdLevel,
    plan: &MapPlan,
    (over, epsilon): (NormOver, f64),
    [weights, bias]: [&[F]; 2],
    rows: &mut [F],
) {
    Parts::new(level, plan, over).normalise(epsilon, rows);
    if !weights.is_empty() {
        scale_rows(level, &arranged(plan, over, weights), &arranged(plan, over, bias), rows);
    }
}

/// Runs a layer norm over a segment.
pub(crate) fn forward<F: Element>(
    sources: &Sources<F>,
    map: usize,
    norm: (NormOver, f64),
    tape: &mut MapTape<F>,
) {
    let network = sources.network;
    let plan = &network.plan.maps[map];
    let (g, size, affine) = (tape.geometry(&sources.g), plan.shape.elements(), network.affine(map));
    let turned = tape.public && !plan.is_public();
    parallel::for_each(row_tasks(&mut tape.values, &g, size), |(tile, first, values)| {
        let mut scratch = Vec::new();
        for (step, rows) in (first..).zip(values.chunks_mut(g.tile * size)) {
            let rows = &mut rows[..g.valid(tile) * size];
            enter(sources, plan, [tile, step], &mut scratch, rows);
            layer_norm(network.level, plan, norm, affine, rows);
            for row in rows.chunks_exact_mut(size).filter(|_| turned) {
                let kept = row.to_vec();
                transpose(network.level, &kept, [plan.shape.pixels(), plan.shape.channels], row);
            }
        }
    });
}

/// What enters at one step of a tile, `[sample][pixel][channel]` of those that exist.
fn enter<F: Element>(
    sources: &Sources<F>,
    plan: &MapPlan,
    [tile, step]: [usize; 2],
    scratch: &mut Vec<Vec<F>>,
    rows: &mut [F],
) {
    let (shape, from) = (plan.shape, order_of(plan.sources[0], plan.shape));
    let own = Order::of_values(shape.channels);
    for (sample, row) in rows.chunks_exact_mut(shape.elements()).enumerate() {
        sources.with_rows(&plan.sources, [tile, step, sample], scratch, |x| {
            x[0].write(sources.network.level, [from, own], shape.image(), row);
        });
    }
}

impl<F: Element> Network<F> {
    /// Factors and offsets of a map, empty where it has none.
    fn affine(&self, map: usize) -> [&[F]; 2] {
        let Some(j) = self.plan.maps[map].projection else { return [&[]; 2] };
        let slots = self.slots[j];
        [Some(slots.weight), slots.bias].map(|slot| slot.map_or(&[][..], |slot| &self.parameters[slot].data))
    }
}

impl<F: Element> MapBackward<'_, F> {
    /// As `run`, of a layer norm.
    pub(crate) fn layer_norm(
        &self,
        g: &Geometry,
        (over, epsilon): (NormOver, f64),
        tape: &mut MapTape<F>,
    ) -> Vec<(usize, Aligned<F>)> {
        let (plan, level) = (self.plan(), self.network.level);
        let (size, values) = (plan.shape.elements(), &tape.values);
        // The normalised values first: the gradients of the factors read them too.
        let mut hat = Aligned::default();
        hat.resize(g.rows() * size);
        let parts = Parts::new(level, plan, over);
        let tasks = row_tasks(&mut hat, g, size);
        let inverses = parallel::map(tasks, |(tile, first, hat)| {
            let (mut scratch, mut inverses) = (Vec::new(), Vec::new());
            for (step, hat) in (first..).zip(hat.chunks_mut(g.tile * size)) {
                let hat = &mut hat[..g.valid(tile) * size];
                enter(&self.sources, plan, [tile, step], &mut scratch, hat);
                inverses.extend(parts.normalise(epsilon, hat));
            }
            inverses
        });
        let added = self.affine_gradients(over, &hat, values);
        let mut gradients = std::mem::take(&mut tape.gradients);
        gradients.resize_with(1, Aligned::default);
        if !self.wanted[0] {
            gradients[0].clear();
            tape.gradients = gradients;
            return added;
        }
        let [weights, _] = self.network.affine(self.map);
        let factors = if weights.is_empty() { None } else { Some(arranged(plan, over, weights)) };
        let to = order_of(plan.sources[0], plan.shape);
        let tasks = row_tasks(&mut hat, g, size).into_iter().zip(inverses);
        parallel::for_each(tasks.collect(), |((tile, first, hat), inverses)| {
            let each = g.valid(tile) * size / parts.len;
            let mut gradient = Vec::new();
            for ((step, hat), inverses) in
                (first..).zip(hat.chunks_mut(g.tile * size)).zip(inverses.chunks(each))
            {
                let hat = &mut hat[..g.valid(tile) * size];
                gradient.clear();
                gradient.extend_from_slice(&values[g.row(tile, step) * size..][..hat.len()]);
                for row in gradient.chunks_exact_mut(factors.as_ref().map_or(usize::MAX, |all| all.len())) {
                    row.iter_mut()
                        .zip(factors.iter().flat_map(|all| all.iter()))
                        .for_each(|(g, &w)| *g = *g * w);
                }
                parts.gradient(inverses, &gradient, hat);
                self.turn(to, hat);
            }
        });
        gradients[0] = hat;
        tape.gradients = gradients;
        added
    }

    /// Puts rows `[pixel][channel]` into another order.
    fn turn(&self, to: Order, rows: &mut [F]) {
        let shape = self.plan().shape;
        let own = Order::of_values(shape.channels);
        if to == own || shape.pixels() == 1 {
            return;
        }
        for row in rows.chunks_exact_mut(shape.elements()) {
            let kept = row.to_vec();
            Row::Values(&kept).write(self.network.level, [own, to], shape.image(), row);
        }
    }

    /// `(parameter, its gradient with this segment's share added)` from the normalised values and their gradient.
    fn affine_gradients(&self, over: NormOver, hat: &[F], gradient: &[F]) -> Vec<(usize, Aligned<F>)> {
        let (network, plan) = (self.network, self.plan());
        let Some(j) = plan.projection.filter(|&j| network.plan.projections[j].trainable) else {
            return vec![];
        };
        let (slots, width) = (network.slots[j], width_of(plan, over));
        let of = |slot: usize| (slot, network.parameters[slot].grad.clone());
        let mut added: Vec<(usize, Aligned<F>)> =
            [Some(slots.weight), slots.bias].into_iter().flatten().map(of).collect();
        let mut sums: Vec<Vec<F>> =
            added.iter().map(|(_, grad)| arranged(plan, over, grad).into_owned()).collect();
        sums.resize(2, vec![F::ZERO; width]);
        if let [factors, offsets] = &mut sums[..] {
            let columns = factors.chunks_mut(SUMMED).zip(offsets.chunks_mut(SUMMED)).enumerate();
            parallel::for_each(columns.collect(), |(i, (factors, offsets))| {
                affine_gradients(network.level, [hat, gradient], width, i * SUMMED, [factors, offsets]);
            });
        }
        let moved = over == NormOver::Sample && !plan.is_public();
        for ((_, grad), sums) in added.iter_mut().zip(sums) {
            for (n, grad) in grad[..width].iter_mut().enumerate() {
                *grad = sums[if moved { plan.place(n) } else { n }];
            }
        }
        added
    }
}
