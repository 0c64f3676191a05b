//! The convolution over volumes. A direct implementation: each nonzero value adds its window of weights to the outputs
//! around it, so zeros cost nothing.

use crate::definition::{Case, Definition, Factory, Fallback, Kind, Param, SourceCount};
use crate::init::Fan;
use crate::operation::{
    BackwardInput, KernelContext, Operation, Planned, Rows, Site, Tensor, WeightUse, Weights,
};
use crate::shape::{MAX_SIZE, Shape, TensorShape};
use lapicque_base::error::Result;
use lapicque_projection::Element;
use serde_json::json;

const AXES: usize = 3;

/// A window that slides over a volume, `[depth, height, width]` each.
struct Window {
    kernel: [usize; AXES],
    stride: [usize; AXES],
    padding: [usize; AXES],
    dilation: [usize; AXES],
    /// Pixels of the input and of the output.
    from: [usize; AXES],
    to: [usize; AXES],
}

impl Window {
    fn taps(&self) -> usize {
        self.kernel.iter().product()
    }

    /// The output that reads an input along one axis through element `k` of the window.
    fn output(&self, axis: usize, input: usize, k: usize) -> Option<usize> {
        let offset = (input + self.padding[axis]).checked_sub(k * self.dilation[axis])?;
        let output = offset / self.stride[axis];
        (offset % self.stride[axis] == 0 && output < self.to[axis]).then_some(output)
    }

    /// Calls `visit` with each window element through which an output reads this pixel, and with that output's pixel.
    /// Window elements ascend.
    fn each(&self, pixel: usize, mut visit: impl FnMut(usize, usize)) {
        let [_, height, width] = self.from;
        let input = [pixel / (height * width), pixel / width % height, pixel % width];
        let [depths, heights, widths] = self.kernel;
        for kz in 0..depths {
            let Some(z) = self.output(0, input[0], kz) else { continue };
            for ky in 0..heights {
                let Some(y) = self.output(1, input[1], ky) else { continue };
                for kx in 0..widths {
                    if let Some(x) = self.output(2, input[2], kx) {
                        let tap = (kz * heights + ky) * widths + kx;
                        visit(tap, (z * self.to[1] + y) * self.to[2] + x);
                    }
                }
            }
        }
    }
}

pub struct Conv3d {
    window: Window,
    /// Number of input and output channels, of all groups and of one group.
    inputs: usize,
    outputs: usize,
    group: [usize; 2],
}

impl Conv3d {
    /// The output channels of the group that contains an input channel.
    fn group_of(&self, channel: usize) -> std::ops::Range<usize> {
        let [inputs, outputs] = self.group;
        let first = channel / inputs * outputs;
        first..first + outputs
    }

    /// The packed weights from an input channel through an element of the window, one for each output of the group.
    fn row<'a, F>(&self, packed: &'a [F], channel: usize, tap: usize) -> &'a [F] {
        let outputs = self.group[1];
        &packed[(channel * self.window.taps() + tap) * outputs..][..outputs]
    }
}

impl Operation for Conv3d {
    fn definition() -> Definition {
        let channels = Kind::Count { min: 1, max: MAX_SIZE };
        let sizes = |min| Kind::Sizes { axes: AXES, min, max: 1 << 16 };
        let each = |size: usize| Fallback::Value(json!(vec![size; AXES]));
        let initial = || Fallback::Value(json!({ "kind": "fan-in-uniform", "gain": 1.0 }));
        Definition {
            kind: "conv3d",
            sources: SourceCount::One,
            params: vec![
                Param::new("inputs", channels, Fallback::Needed, "input channels").field("in").positional(),
                Param::new("outputs", channels, Fallback::Needed, "output channels")
                    .field("out")
                    .positional(),
                Param::new(
                    "kernel",
                    sizes(1),
                    Fallback::Needed,
                    "pixels of the window, `[depth, height, width]` or one number for all three",
                )
                .positional(),
                Param::new("stride", sizes(1), each(1), "pixels from one window to the next, at least 1"),
                Param::new("padding", sizes(0), each(0), "zeros around the volume, in pixels on each side"),
                Param::new(
                    "dilation",
                    sizes(1),
                    each(1),
                    "pixels from one element of a window to the next, at least 1",
                ),
                Param::new(
                    "groups",
                    channels,
                    Fallback::Value(json!(1)),
                    "channels are split into this number of separate groups, a divisor of both numbers of channels",
                ),
                Param::new(
                    "bias",
                    Kind::Flag,
                    Fallback::Value(json!(true)),
                    "adds a trained constant to each channel",
                ),
                Param::new("initial", Kind::Initial, initial(), "initial weights; default as in torch"),
                Param::new(
                    "initialBias",
                    Kind::Initial,
                    initial(),
                    "initial biases, with the fan-in of the weights",
                ),
                Param::trainable(),
            ],
            keeps_shape: false,
            factories: vec![Factory {
                name: "conv3d",
                section: "Images",
                summary: "A convolution over volumes: `y[o, p] = Σ W[o, c, k] x[c, stride p + dilation k - padding] + b[o]`, summed over channels `c` of \
                          the group and offsets `k` in the window; weights `[outputs, inputs / groups, kz, ky, kx]`, \
                          bias `[outputs]`. Definitions, \
                          sizes and initial weights are those of `torch.nn.Conv3d`. For spike inputs, silent inputs cost nothing.",
                returns: "a layer from `[inputs, depth, height, width]` to `[outputs, depth', height', width']`, each side \
                          `floor((side + 2 padding - dilation (kernel - 1) - 1) / stride) + 1`",
                throws: "for groups that do not divide the channels or a window larger than the volume, and \
                         `shape-mismatch` for an input that is not a volume of `inputs` channels",
                cases: vec![
                    Case { input: &[2, 3, 4, 3], arguments: vec![json!(2), json!(3), json!(2)] },
                    Case {
                        input: &[2, 4, 5, 4],
                        arguments: vec![
                            json!(2),
                            json!(4),
                            json!([2, 3, 1]),
                            json!({ "stride": [2, 1, 2], "padding": [1, 2, 0], "dilation": [1, 2, 1], "groups": 2 }),
                        ],
                    },
                    Case {
                        input: &[1, 2, 2, 3],
                        arguments: vec![json!(1), json!(2), json!(2), json!({ "bias": false })],
                    },
                ],
                torch: Some("torch.nn.Conv3d"),
                ..Factory::default()
            }],
            ..Definition::default()
        }
    }

    fn plan(site: &Site) -> Result<Planned<Self>> {
        let (settings, from) = (site.settings, site.first());
        let [inputs, outputs, groups] = ["in", "out", "groups"].map(|field| settings.count(field));
        if (from.rank, from.channels) != (AXES + 1, inputs) {
            let name = site.sources.first().map_or("", |&(_, name)| name);
            return Err(
                site.mismatch(format!("[{inputs}, depth, height, width]"), format!("{from} from {name}"))
            );
        }
        if !inputs.is_multiple_of(groups) || !outputs.is_multiple_of(groups) {
            let expected = format!("a common divisor of {inputs} and {outputs} channels");
            return Err(site.invalid("groups", groups, expected));
        }
        let [kernel, stride, padding, dilation] =
            ["kernel", "stride", "padding", "dilation"].map(|field| settings.sizes::<AXES>(field));
        let from = [from.depth, from.size[0], from.size[1]];
        let mut to = [0; AXES];
        for axis in 0..AXES {
            let reach = dilation[axis] * (kernel[axis] - 1) + 1;
            let Some(free) = (from[axis] + 2 * padding[axis]).checked_sub(reach) else {
                let got = format!("{kernel:?} over a volume of {from:?} pixels");
                return Err(site.invalid("kernel", got, "a window within the padded volume"));
            };
            to[axis] = free / stride[axis] + 1;
        }
        let [depth, height, width] = to;
        let shape = Shape { channels: outputs, depth, size: [height, width], rank: AXES + 1 };
        let group = [inputs / groups, outputs / groups];
        let window = Window { kernel, stride, padding, dilation, from, to };
        let receptive = kernel.iter().fold(1, |product: usize, &size| product.saturating_mul(size));
        let [kz, ky, kx] = kernel;
        let weights = Weights {
            weight: Tensor {
                shape: TensorShape::from([outputs, group[0], kz, ky, kx]),
                initial: settings.initial("initial"),
            },
            bias: settings.flag("bias").then(|| Tensor {
                shape: TensorShape::from([outputs]),
                initial: settings.initial("initialBias"),
            }),
            fan: Fan { outputs, inputs: group[0], receptive },
            trainable: settings.flag("trainable"),
            used: WeightUse::Own,
        };
        Ok(Planned { operation: Conv3d { window, inputs, outputs, group }, shape, weights: Some(weights) })
    }

    /// `[input channel][element of the window][output channel of the group]`
    fn pack<F: Element>(&self, weight: &[F], _bias: &[F]) -> Vec<F> {
        let ([inputs, outputs], taps) = (self.group, self.window.taps());
        let mut packed = Vec::with_capacity(weight.len());
        for channel in 0..self.inputs {
            let first = self.group_of(channel).start;
            for tap in 0..taps {
                let at = |o: usize| weight[((first + o) * inputs + channel % inputs) * taps + tap];
                packed.extend((0..outputs).map(at));
            }
        }
        packed
    }

    fn forward<F: Element>(&self, context: &KernelContext<F>, x: &[Rows<F>], out: &mut [F]) {
        let pixels: usize = self.window.to.iter().product();
        for (row, out) in out.chunks_exact_mut(pixels * self.outputs).enumerate() {
            out.fill(F::ZERO);
            if !context.bias.is_empty() {
                out.chunks_exact_mut(self.outputs).for_each(|out| out.copy_from_slice(context.bias));
            }
            x[0].each_nonzero(row, |channel, pixel, x| {
                self.window.each(pixel, |tap, output| {
                    let out = &mut out[output * self.outputs..][self.group_of(channel)];
                    let weights = self.row(context.packed, channel, tap);
                    out.iter_mut().zip(weights).for_each(|(out, &w)| *out += x * w);
                });
            });
        }
    }

    fn source_gradient<F: Element>(
        &self,
        context: &KernelContext<F>,
        _source: usize,
        backward: &BackwardInput<F>,
        dx: &mut [F],
    ) {
        let [from, to] = [self.window.from, self.window.to].map(|size| size.iter().product::<usize>());
        dx.fill(F::ZERO);
        let rows =
            backward.gradient.chunks_exact(to * self.outputs).zip(dx.chunks_exact_mut(from * self.inputs));
        for (gradient, dx) in rows {
            for (pixel, dx) in dx.chunks_exact_mut(self.inputs).enumerate() {
                self.window.each(pixel, |tap, output| {
                    let gradient = &gradient[output * self.outputs..][..self.outputs];
                    for (channel, dx) in dx.iter_mut().enumerate() {
                        let terms = gradient[self.group_of(channel)].iter().zip(self.row(
                            context.packed,
                            channel,
                            tap,
                        ));
                        *dx += terms.fold(F::ZERO, |sum, (&g, &w)| sum + g * w);
                    }
                });
            }
        }
    }

    /// One piece for each output channel.
    fn weight_pieces(&self) -> [usize; 2] {
        [self.group[0] * self.window.taps(), 1]
    }

    fn weight_gradient<F: Element>(
        &self,
        _context: &KernelContext<F>,
        piece: usize,
        backward: &BackwardInput<F>,
        [weight, bias]: [&mut [F]; 2],
    ) {
        let (taps, inputs) = (self.window.taps(), self.group[0]);
        let pixels: usize = self.window.to.iter().product();
        for (row, gradient) in backward.gradient.chunks_exact(pixels * self.outputs).enumerate() {
            let of_output = |pixel: usize| gradient[pixel * self.outputs + piece];
            bias.iter_mut().for_each(|bias| (0..pixels).for_each(|pixel| *bias += of_output(pixel)));
            backward.x[0].each_nonzero(row, |channel, pixel, x| {
                if self.group_of(channel).contains(&piece) {
                    let weight = &mut weight[channel % inputs * taps..][..taps];
                    self.window.each(pixel, |tap, output| weight[tap] += x * of_output(output));
                }
            });
        }
    }

    fn fan_outs<F: Element>(&self, weight: &[F]) -> (Vec<u64>, u64) {
        let (packed, taps) = (self.pack(weight, &[]), self.window.taps());
        let count = |row: &[F]| row.iter().filter(|&&w| w != F::ZERO).count() as u64;
        let from: usize = self.window.from.iter().product();
        let (mut fans, mut synapses) = (Vec::with_capacity(self.inputs * from), 0);
        for channel in 0..self.inputs {
            let of_taps: Vec<u64> = (0..taps).map(|tap| count(self.row(&packed, channel, tap))).collect();
            for pixel in 0..from {
                let mut fan = 0;
                self.window.each(pixel, |tap, _| {
                    fan += of_taps[tap];
                    synapses += self.group[1] as u64;
                });
                fans.push(fan);
            }
        }
        (fans, synapses)
    }
}
