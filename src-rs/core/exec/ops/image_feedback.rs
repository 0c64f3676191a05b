//! Recurrence through a convolution: takes all neurons of a sample in the previous step at once, because a window
//! reaches across panels.

use crate::network::compiled::Network;
use crate::storage::geometry::Geometry;
use crate::storage::parallel;
use crate::storage::parameter::Parameter;
use lapicque_base::simd::SimdLevel;
use lapicque_projection::{
    Aligned, Element, EventLists, Order, PANEL, PatchScratch, Row, Scatter, TapLists, transpose,
};

impl<F: Element> Network<F> {
    /// The output of a convolution for all neurons of one sample, in their order, one part after the other. `packed`
    /// are the packed weights.
    pub(crate) fn feed_image_back(
        &self,
        projection: usize,
        packed: &[F],
        x: Row<F>,
        sums: &mut Vec<F>,
        out: &mut [F],
    ) {
        let Some(convolution) = &self.feedback[projection] else { return };
        let scatter = &convolution.forward;
        let (from, to) = (Order::public(scatter.pixels()), Order::public(scatter.pixels_out()));
        let slots = self.slots[projection];
        let bias = slots.bias.map_or(&[][..], |slot| &self.parameters[slot].data);
        let weights = &self.parameters[slots.weight].data;
        sums.resize(scatter.sums(), F::ZERO);
        scatter.row(self.level, (weights, packed), (x, from), bias, sums, to, out);
    }

    /// The packed weights of a convolution within a loop, as its kernel reads them; otherwise empty.
    pub(crate) fn packed_feedback(&self, projection: usize) -> Aligned<F> {
        let weights = &self.parameters[self.slots[projection].weight].data;
        self.feedback[projection].as_ref().map(|c| c.forward.pack(weights)).unwrap_or_default()
    }

    /// Adds the gradient of the input to `out`, `[panel][sample][64]`, from that of the currents that the convolution
    /// feeds: `current(part, panel)`, `[sample][64]`, with `neurons` neurons per part.
    pub(crate) fn image_gradient<'a>(
        &self,
        projection: usize,
        transposed: &[F],
        neurons: usize,
        current: impl Fn(usize, usize) -> &'a [F],
        out: &mut [F],
        elements: usize,
    ) where
        F: 'a,
    {
        let Some(convolution) = &self.feedback[projection] else { return };
        let scatter = &convolution.forward;
        let order = Order::public(scatter.pixels());
        let taken = scatter.channels[0] * scatter.pixels();
        let (mut gradient, mut dx) = (vec![F::ZERO; scatter.sums()], vec![F::ZERO; taken]);
        let mut pixel_gradient = PixelOrder::new(scatter);
        let mut scratch = PatchScratch::default();
        for sample in 0..elements / PANEL {
            let of_sample = |part, panel| &current(part, panel)[sample * PANEL..][..PANEL];
            pixel_gradient.write(self.level, neurons, of_sample, &mut gradient);
            convolution.backward.input_gradient(
                self.level,
                transposed,
                &gradient,
                &mut scratch,
                order,
                &mut dx,
            );
            for (panel, row) in dx.chunks(PANEL).enumerate() {
                let out = &mut out[panel * elements + sample * PANEL..][..row.len()];
                out.iter_mut().zip(row).for_each(|(x, &y)| *x += y);
            }
        }
    }
}

/// Transposes the gradient of a convolution's output for one sample from panels to pixels.
struct PixelOrder<'a, F> {
    scatter: &'a Scatter,
    /// `[channel][pixel]`
    image: Vec<F>,
    /// `[pixel][channel]`, if the kernels need padded channels.
    unpadded: Vec<F>,
}

impl<'a, F: Element> PixelOrder<'a, F> {
    fn new(scatter: &'a Scatter) -> Self {
        let image = vec![F::ZERO; scatter.channels[1] * scatter.pixels_out()];
        let unpadded = if scatter.is_unpadded() { vec![] } else { image.clone() };
        PixelOrder { scatter, image, unpadded }
    }

    /// `out` is as [`Scatter::sums`]; `elements(part, panel)` returns 64 neurons of a part of `neurons` neurons.
    fn write<'b>(
        &mut self,
        level: SimdLevel,
        neurons: usize,
        elements: impl Fn(usize, usize) -> &'b [F],
        out: &mut [F],
    ) where
        F: 'b,
    {
        let PixelOrder { scatter, image, unpadded } = self;
        for (part, image) in image.chunks_mut(neurons).enumerate() {
            for (panel, image) in image.chunks_mut(PANEL).enumerate() {
                image.copy_from_slice(&elements(part, panel)[..image.len()]);
            }
        }
        let size = [scatter.channels[1], scatter.pixels_out()];
        match scatter.is_unpadded() {
            true => transpose(level, image, size, out),
            false => {
                transpose(level, image, size, unpadded);
                scatter.pad(unpadded, out);
            }
        }
    }
}

/// The input of a convolution within a loop, row by row.
pub(crate) enum InputRows<'a, F> {
    Spikes(&'a EventLists),
    /// Appends the values of a row to a buffer.
    States(&'a dyn Fn(usize, &mut Vec<F>)),
}

/// Number of rows that are transposed at a time: some for each thread, with little memory.
const ROWS: usize = 64;
/// Number of these rows per task.
const TRANSPOSED: usize = 8;

/// Adds the gradients of the weights and the bias. `gradients` are those of the currents, one part after the other,
/// `[panel][row][64]` with `neurons` neurons per part.
pub(crate) fn weight_gradient<F: Element>(
    scatter: &Scatter,
    (weight, bias): (usize, Option<usize>),
    parameters: &mut [Parameter<F>],
    projection_input: InputRows<F>,
    (gradients, neurons): (&[&[F]], usize),
    g: &Geometry,
    level: SimdLevel,
) {
    let (row, inputs) = (scatter.sums(), scatter.channels[0] * scatter.pixels());
    let mut of_bias = vec![F::ZERO; scatter.groups * scatter.width()];
    let (mut transposed, mut values) = (Aligned::<F>::default(), Vec::new());
    transposed.resize(ROWS.min(g.rows()) * row);
    for first in (0..g.rows()).step_by(ROWS) {
        // Transposes the gradients for the kernel.
        let count = ROWS.min(g.rows() - first);
        let transposed = &mut transposed[..count * row];
        parallel::for_each(transposed.chunks_mut(TRANSPOSED * row).enumerate().collect(), |(task, rows)| {
            let mut transposed = PixelOrder::new(scatter);
            for (i, out) in rows.chunks_mut(row).enumerate() {
                let r = first + task * TRANSPOSED + i;
                let of_row = |part: usize, panel| &gradients[part][(panel * g.rows() + r) * PANEL..][..PANEL];
                transposed.write(level, neurons, of_row, out);
            }
        });
        values.clear();
        if let InputRows::States(add) = projection_input {
            (first..first + count).for_each(|row| add(row, &mut values));
        }
        let projection_input = |i: usize| match projection_input {
            InputRows::Spikes(lists) => Row::Events(lists.list(first + i)),
            InputRows::States(_) => Row::Values(&values[i * inputs..][..inputs]),
        };
        let rows: Vec<_> =
            transposed.chunks(row).enumerate().map(|(i, row)| (projection_input(i), row)).collect();
        let order = Order::public(scatter.pixels());
        let tasks: Vec<_> = parameters[weight].grad.chunks_mut(scatter.window()).enumerate().collect();
        parallel::for_each(tasks, |(channel, dw)| {
            let mut lists = TapLists::default();
            for &(x, gradient) in &rows {
                let channels = channel..channel + 1;
                scatter.weight_gradient(level, (x, order), gradient, channels, &mut lists, dw);
            }
        });
        if bias.is_some() {
            rows.iter().for_each(|(_, row)| scatter.bias_gradient(level, row, &mut of_bias));
        }
    }
    if let Some(slot) = bias {
        scatter.unpad_add(&of_bias, &mut parameters[slot].grad);
    }
}
