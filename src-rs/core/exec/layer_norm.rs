//! Layer norm and group norm at work, on one row: values `[pixel][channel]` of a sample at a step.

use lapicque_graph::{MapPlan, NormOver};
use lapicque_projection::{Element, moments, normalised_gradient};

/// The parts of a row, of which each has a mean and a variance of its own.
struct Parts {
    /// Values of a part.
    len: usize,
    /// Where the parts do not lie one behind the other: the places of their values, part by part.
    order: Option<Vec<usize>>,
}

impl Parts {
    fn new(plan: &MapPlan, over: NormOver) -> Self {
        let (channels, pixels) = (plan.shape.channels, plan.shape.pixels());
        match over {
            NormOver::Sample => Parts { len: channels * pixels, order: None },
            NormOver::Channels => Parts { len: channels, order: None },
            NormOver::Groups(groups) => {
                let width = channels / groups;
                let of_group = |group: usize| {
                    let of_pixel =
                        move |pixel: usize| (0..width).map(move |c| pixel * channels + group * width + c);
                    (0..pixels).flat_map(of_pixel)
                };
                Parts { len: width * pixels, order: Some((0..groups).flat_map(of_group).collect()) }
            }
        }
    }

    /// Shows the values of a row part by part, and takes over what becomes of them.
    fn show<F: Element>(&self, row: &mut [F], visit: impl FnOnce(&mut [F])) {
        let Some(order) = &self.order else { return visit(row) };
        let mut values: Vec<F> = order.iter().map(|&place| row[place]).collect();
        visit(&mut values);
        order.iter().zip(&values).for_each(|(&place, &value)| row[place] = value);
    }

    /// Turns a row into its normalised values, and gives for each part one over its deviation.
    fn normalise<F: Element>(&self, epsilon: f64, row: &mut [F]) -> Vec<F> {
        let mut inverses = Vec::with_capacity(row.len() / self.len);
        self.show(row, |row| {
            for part in row.chunks_exact_mut(self.len) {
                let (mean, inverse) = moments(part, epsilon);
                part.iter_mut().for_each(|x| *x = (*x - mean) * inverse);
                inverses.push(inverse);
            }
        });
        inverses
    }
}

/// The factor or offset of element `n` in the public order: its own, or that of its channel.
pub(crate) fn affine_of(plan: &MapPlan, over: NormOver, n: usize) -> usize {
    if over == NormOver::Sample { n } else { n / plan.shape.pixels() }
}

/// Turns a row into its normalised values.
pub(crate) fn normalise_row<F: Element>(plan: &MapPlan, over: NormOver, epsilon: f64, row: &mut [F]) {
    Parts::new(plan, over).normalise(epsilon, row);
}

/// The values that leave, in place of those that enter.
pub(crate) fn layer_norm<F: Element>(
    plan: &MapPlan,
    over: NormOver,
    epsilon: f64,
    [weights, bias]: [&[F]; 2],
    row: &mut [F],
) {
    normalise_row(plan, over, epsilon, row);
    if weights.is_empty() {
        return;
    }
    for n in 0..row.len() {
        let (x, at) = (&mut row[plan.place(n)], affine_of(plan, over, n));
        *x = x.mul_add(weights[at], bias[at]);
    }
}

/// The gradient of what entered, in place of that of what left; `row` is what entered, and is spent.
pub(crate) fn layer_norm_gradient<F: Element>(
    plan: &MapPlan,
    over: NormOver,
    epsilon: f64,
    weights: &[F],
    row: &mut [F],
    gradient: &mut [F],
) {
    if !weights.is_empty() {
        for n in 0..gradient.len() {
            let g = &mut gradient[plan.place(n)];
            *g = *g * weights[affine_of(plan, over, n)];
        }
    }
    let parts = Parts::new(plan, over);
    let inverses = parts.normalise(epsilon, row);
    let count = F::from_f64(parts.len as f64);
    parts.show(row, |hat| {
        parts.show(gradient, |gradient| {
            let rows = gradient.chunks_exact_mut(parts.len).zip(hat.chunks_exact(parts.len));
            for ((g, hat), inverse) in rows.zip(inverses) {
                let mean = g.iter().fold(F::ZERO, |sum, &g| sum + g) / count;
                let product = g.iter().zip(hat).fold(F::ZERO, |sum, (&g, &hat)| g.mul_add(hat, sum));
                let means = [mean, product / count];
                g.iter_mut().zip(hat).for_each(|(g, &hat)| *g = normalised_gradient(*g, hat, inverse, means));
            }
        });
    });
}
