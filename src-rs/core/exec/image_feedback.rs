//! Recurrence through a convolution: the spikes of the step before, of all neurons of a sample at
//! once, since a window reaches across panels.

use crate::exec::geometry::Geometry;
use crate::exec::map::Convolution;
use crate::exec::network::Network;
use crate::exec::parallel;
use crate::exec::parameter::Parameter;
use crate::exec::tape::LayerTape;
use crate::graph::{Plan, ProjectionKind};
use crate::projection::{Aligned, Element, EventLists, Order, PANEL, PatchScratch, Row, Scatter, TapLists};
use crate::simd::SimdLevel;

/// The kernels of a convolution that feeds back, forward and back.
pub(crate) type Kernels = Option<Box<Convolution>>;

/// For each projection its kernels, where it is such a convolution.
pub(crate) fn kernels(plan: &Plan) -> Vec<Kernels> {
    let mut kernels: Vec<Kernels> = plan.projections.iter().map(|_| None).collect();
    for layer in &plan.layers {
        for &j in &layer.feedback {
            if let ProjectionKind::Conv { channels, sliding, groups, .. } = plan.projections[j].kind {
                let size = layer.shape.size;
                kernels[j] = Some(Box::new(Convolution::new(sliding, channels, groups, [size, size])));
            }
        }
    }
    kernels
}

impl<F: Element> Network<F> {
    /// What a convolution brings back to all neurons of one sample, in their order.
    /// Weights are given as packed.
    pub(crate) fn feed_image_back(
        &self,
        projection: usize,
        packed: &[F],
        fired: &[u32],
        sums: &mut Vec<F>,
        out: &mut [F],
    ) {
        let Some(convolution) = &self.feedback[projection] else { return };
        let scatter = &convolution.forward;
        let order = Order::public(scatter.pixels());
        let slots = self.slots[projection];
        let bias = slots.bias.map_or(&[][..], |slot| &self.parameters[slot].data);
        let weights = &self.parameters[slots.weight].data;
        sums.resize(scatter.sums(), F::ZERO);
        scatter.row(self.level, (weights, packed), (Row::Events(fired), order), bias, sums, order, out);
    }

    /// The weights of a convolution that feeds back, as its kernel wants them; else nothing.
    pub(crate) fn packed_feedback(&self, projection: usize) -> Aligned<F> {
        let weights = &self.parameters[self.slots[projection].weight].data;
        self.feedback[projection].as_ref().map(|c| c.forward.pack(weights)).unwrap_or_default()
    }

    /// The same for each sample of a tile, `[sample][neuron]`, one array a convolution.
    pub(crate) fn feed_images_back(
        &self,
        layer: usize,
        lists: &EventLists,
        tile: usize,
    ) -> Vec<(usize, Vec<F>)> {
        let plan = &self.plan.layers[layer];
        let images = plan.feedback.iter().filter(|&&j| self.feedback[j].is_some());
        let mut sums = Vec::new();
        images
            .map(|&j| {
                let (packed, mut rows) = (self.packed_feedback(j), vec![F::ZERO; tile * plan.neurons]);
                for (sample, row) in rows.chunks_mut(plan.neurons).enumerate() {
                    self.feed_image_back(j, &packed, lists.list(sample), &mut sums, row);
                }
                (j, rows)
            })
            .collect()
    }

    /// Adds the gradient of the spikes to `out`, `[panel][sample][64]`, from that of the currents of
    /// the next step, `next(panel)` `[sample][64]`.
    pub(crate) fn image_gradient<'a>(
        &self,
        projection: usize,
        turned: &[F],
        next: impl Fn(usize) -> &'a [F],
        out: &mut [F],
        lanes: usize,
    ) where
        F: 'a,
    {
        let Some(convolution) = &self.feedback[projection] else { return };
        let scatter = &convolution.forward;
        let order = Order::public(scatter.pixels());
        let neurons = scatter.channels[0] * scatter.pixels();
        let (mut gradient, mut dx) = (vec![F::ZERO; scatter.sums()], vec![F::ZERO; neurons]);
        let mut scratch = PatchScratch::default();
        for sample in 0..lanes / PANEL {
            for n in 0..neurons {
                let x = next(n / PANEL)[sample * PANEL + n % PANEL];
                gradient[scatter.place(n / scatter.pixels(), n % scatter.pixels())] = x;
            }
            convolution.back.input_gradient(self.level, turned, &gradient, &mut scratch, order, &mut dx);
            for (panel, row) in dx.chunks(PANEL).enumerate() {
                let out = &mut out[panel * lanes + sample * PANEL..][..row.len()];
                out.iter_mut().zip(row).for_each(|(x, &y)| *x += y);
            }
        }
    }
}

/// Adds the gradients of the weights and the bias; `fired` lists each row's spikes of the step before.
pub(crate) fn weight_gradient<F: Element>(
    scatter: &Scatter,
    (weight, bias): (usize, Option<usize>),
    parameters: &mut [Parameter<F>],
    fired: &EventLists,
    tape: &LayerTape<F>,
    g: &Geometry,
    level: SimdLevel,
) {
    let (channels, pixels) = (scatter.channels[1], scatter.pixels());
    let neurons = channels * pixels;
    // As the kernel wants it.
    let mut rows = Aligned::<F>::default();
    rows.resize(g.rows() * scatter.sums());
    for (r, row) in rows.chunks_mut(scatter.sums()).enumerate() {
        for n in 0..neurons {
            row[scatter.place(n / pixels, n % pixels)] =
                tape.states[0][(n / PANEL * g.rows() + r) * PANEL + n % PANEL];
        }
    }
    let order = Order::public(pixels);
    let tasks: Vec<_> = parameters[weight].grad.chunks_mut(scatter.window()).enumerate().collect();
    parallel::for_each(tasks, |(channel, dw)| {
        let mut lists = TapLists::default();
        for (r, gradient) in rows.chunks(scatter.sums()).enumerate() {
            let x = (Row::Events(fired.list(r)), order);
            scatter.weight_gradient(level, x, gradient, channel..channel + 1, &mut lists, dw);
        }
    });
    if let Some(slot) = bias {
        let mut sums = vec![F::ZERO; scatter.groups * scatter.width()];
        rows.chunks(scatter.sums()).for_each(|row| scatter.bias_gradient(level, row, &mut sums));
        scatter.unpad_add(&sums, &mut parameters[slot].grad);
    }
}
