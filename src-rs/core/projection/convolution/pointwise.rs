//! The input gradient of a pointwise convolution: a dense product, because without a following pool nearly every output
//! has a gradient. Sums have the same order as in [`super::patches`].

use super::taps::Taps;
use crate::PANEL;
use crate::dense::gemm::{gemm_panel, input_gradient_panel};
use crate::layouts::aligned::Aligned;
use crate::layouts::panels::{panel_width, panels};
use crate::layouts::row::Order;
use crate::layouts::transpose::transpose_columns;
use crate::simd::registers::Element;
use lapicque_base::SimdLevel;
use std::ops::Range;

/// Channels whose weights are transposed together: a cache line.
const BLOCK: usize = 16;

/// Weights are `[panel of channels in][channel out][64]`.
#[derive(Debug, Clone)]
pub struct Pointwise {
    /// Channels of the input and of the output.
    channels: [usize; 2],
    pixels: usize,
    /// Output channels, padded as in gradients.
    width: usize,
}

impl Pointwise {
    /// `None` if the window is larger than a pixel or skips pixels, including the last ones (as a stride that uses one
    /// pixel of two). `taps`: from the output to the input.
    pub fn new(
        channels: [usize; 2],
        kernel: [usize; 2],
        taps: &[Taps; 2],
        input_size: [usize; 2],
        width: usize,
    ) -> Option<Self> {
        let every = |(taps, input_size): (&Taps, usize)| {
            taps.len() == input_size && taps.stride1_padding(input_size) == Some(0)
        };
        let pixels = taps[0].len() * taps[1].len();
        (kernel == [1, 1] && taps.iter().zip(input_size).all(every)).then_some(Pointwise {
            channels,
            pixels,
            width,
        })
    }

    pub fn weights(&self) -> usize {
        panels(self.channels[0]) * self.channels[1] * PANEL
    }

    /// Converts the weights of the forward pass, `[channel in][width]`, to the layout of the backward pass.
    pub fn backward_weights<F: Element>(&self, forward: &[F], backward: &mut [F]) {
        let [inputs, outputs] = self.channels;
        for first in (0..inputs).step_by(BLOCK) {
            let count = BLOCK.min(inputs - first);
            let panel = &mut backward[first / PANEL * outputs * PANEL..][..outputs * PANEL];
            for (o, elements) in panel.chunks_exact_mut(PANEL).enumerate() {
                let elements = &mut elements[first % PANEL..][..count];
                let from = forward[first * self.width + o..].iter().step_by(self.width);
                elements.iter_mut().zip(from).for_each(|(element, &w)| *element = w);
            }
        }
    }

    pub fn input_gradient<F: Element>(
        &self,
        level: SimdLevel,
        weights: &[F],
        gradient: &[F],
        product: &mut Aligned<F>,
        to: Order,
        dx: &mut [F],
    ) {
        let outputs = self.channels[1];
        assert_eq!(weights.len(), self.weights(), "weights of the backward pass");
        product.resize(self.pixels * PANEL);
        for (panel, weights) in weights.chunks_exact(outputs * PANEL).enumerate() {
            gemm_panel(level, self.pixels, outputs, gradient, self.width, 1, weights, product, false);
            self.store(level, panel, product, to, dx);
        }
    }

    /// The gradient of one panel of input channels at some pixels, `[pixel][64]`, from the gradients of some output
    /// channels, `[panel][pixel][64]`. The first output channels start the sums; ascending ones add to them.
    pub fn product<F: Element>(
        &self,
        level: SimdLevel,
        weights: &[F],
        panel: usize,
        (channels, pixels): (Range<usize>, usize),
        gradient: &[F],
        product: &mut [F],
    ) {
        let [inputs, outputs] = self.channels;
        assert_eq!(weights.len(), self.weights(), "weights of the backward pass");
        let weights = &weights[panel * outputs * PANEL..][..outputs * PANEL][channels.start * PANEL..];
        let of_panel = |p: usize| &gradient[p * pixels * PANEL..][..pixels * PANEL];
        let (width, begun) = (panel_width(inputs, panel), channels.start > 0);
        input_gradient_panel(level, width, pixels, channels.len(), of_panel, weights, product, begun);
    }

    /// Stores the gradient of one panel of input channels, `[pixel][64]`, into a row.
    pub fn store<F: Element>(&self, level: SimdLevel, panel: usize, product: &[F], to: Order, dx: &mut [F]) {
        let inputs = self.channels[0];
        assert_eq!(dx.len(), inputs * self.pixels, "the gradient of a row");
        let channels = panel * PANEL..inputs.min((panel + 1) * PANEL);
        if to == Order::public(self.pixels) {
            let dx = &mut dx[channels.start * self.pixels..channels.end * self.pixels];
            return transpose_columns(level, product, PANEL, [self.pixels, channels.len()], dx);
        }
        if to == Order::of_values(inputs) {
            for (dx, product) in dx.chunks_exact_mut(inputs).zip(product.chunks_exact(PANEL)) {
                dx[channels.clone()].copy_from_slice(&product[..channels.len()]);
            }
            return;
        }
        for (element, channel) in channels.enumerate() {
            for (pixel, product) in product.chunks_exact(PANEL).enumerate() {
                dx[to.at(channel, pixel)] = product[element];
            }
        }
    }
}
