//! Layer norm and group norm.

use crate::definition::{Case, Definition, Factory, Fallback, Kind, Param, Range, SourceCount};
use crate::factors::Factors;
use crate::operation::{BackwardInput, KernelContext, Operation, Planned, Rows, Site};
use crate::shape::MAX_SIZE;
use lapicque_base::SimdLevel;
use lapicque_base::error::Result;
use lapicque_projection::{Element, SUMMED, normalize_parts, normalize_parts_gradient, scale_rows};
use serde_json::json;
use std::borrow::Cow;

/// The part of a sample at one step that has a common mean and variance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Over {
    Sample,
    /// The channels of a pixel.
    Channels,
    /// This number of groups of neighboring channels, each over all pixels.
    Groups(usize),
}

pub struct LayerNorm {
    factors: Factors,
    epsilon: f64,
    /// Number of values per row.
    elements: usize,
    /// Number of values per part. A part has one mean and one variance.
    len: usize,
    /// The offsets of the values of a row, part by part, if parts are not contiguous.
    order: Option<Vec<usize>>,
}

impl LayerNorm {
    /// The values of rows part by part.
    fn parts<'a, F: Element>(&self, rows: &'a [F]) -> Cow<'a, [F]> {
        match &self.order {
            None => Cow::Borrowed(rows),
            Some(order) => Cow::Owned(
                rows.chunks_exact(order.len()).flat_map(|row| order.iter().map(|&at| row[at])).collect(),
            ),
        }
    }

    /// Passes the values of rows to `visit` part by part, and writes the changed values back.
    fn by_parts<F: Element, T>(&self, rows: &mut [F], visit: impl FnOnce(&mut [F]) -> T) -> T {
        let Some(order) = &self.order else { return visit(rows) };
        let mut values = self.parts(rows).into_owned();
        let result = visit(&mut values);
        for (row, values) in rows.chunks_exact_mut(order.len()).zip(values.chunks_exact(order.len())) {
            order.iter().zip(values).for_each(|(&offset, &value)| row[offset] = value);
        }
        result
    }

    /// Factors and offsets, if there are any.
    fn split<'a, F: Element>(&self, packed: &'a [F]) -> Option<(&'a [F], &'a [F])> {
        packed.split_at_checked(self.factors.width())
    }

    /// Replaces rows by their normalized values, and returns the inverse standard deviation of each part.
    fn normalize<F: Element>(&self, level: SimdLevel, rows: &mut [F]) -> Vec<F> {
        self.by_parts(rows, |rows| normalize_parts(level, self.len, self.epsilon, rows))
    }
}

impl Operation for LayerNorm {
    fn definition() -> Definition {
        let groups = Kind::Count { min: 1, max: MAX_SIZE };
        Definition {
            kind: "layer-norm",
            sources: SourceCount::One,
            params: vec![
                Param::new(
                    "epsilon",
                    Kind::Number(Range::Positive),
                    Fallback::Value(json!(1e-5)),
                    "added to the variance (ε)",
                ),
                Param::new(
                    "affine",
                    Kind::Flag,
                    Fallback::Value(json!(true)),
                    "whether there are a trained factor and offset",
                ),
                Param::new(
                    "over",
                    Kind::Switch(["sample", "channels"]),
                    Fallback::Value(json!(false)),
                    "the elements that share one mean and one variance: all elements of a sample, or the channels of \
                     each pixel, as in `torch.nn.LayerNorm(channels)` with pixels as tokens. With `'channels'`, each \
                     channel has a factor and an offset",
                )
                .field("channels")
                .quiet(),
                Param::new(
                    "groups",
                    groups,
                    Fallback::Absent,
                    "group norm: this number of groups of neighboring channels, each normalized separately over its \
                     pixels, with a factor and an offset for each channel (Y. Wu, K. He, ECCV 2018), as \
                     `torch.nn.GroupNorm`; a divisor of the channels, not together with `over`",
                ),
                Param::trainable(),
            ],
            keeps_shape: true,
            factories: vec![Factory {
                name: "layerNorm",
                section: "Elements",
                summary: "Layer norm: `y = weight (x - mean) / √(variance + ε) + bias` over all elements of one sample at one step, with a trained \
                          factor and offset for each element (J. L. Ba, J. R. Kiros, G. E. Hinton, arXiv:1607.06450), as `torch.nn.LayerNorm` over \
                          the whole shape. Tensors `weight` and `bias` of that shape. With `over: 'channels'` or `groups` it is the layer norm of \
                          tokens or group norm, with tensors `[channels]`.",
                returns: "a layer that keeps its shape",
                throws: "for groups that do not divide the channels, or together with `over: 'channels'`",
                cases: vec![
                    Case { input: &[3, 2, 2], arguments: vec![] },
                    Case { input: &[3, 2, 2], arguments: vec![json!({ "over": "channels", "epsilon": 0.1 })] },
                    Case { input: &[4, 3], arguments: vec![json!({ "groups": 2 })] },
                    Case { input: &[6], arguments: vec![json!({ "affine": false })] },
                ],
                torch: Some("torch.nn.LayerNorm"),
                ..Factory::default()
            }],
            ..Definition::default()
        }
    }

    fn plan(site: &Site) -> Result<Planned<Self>> {
        let (settings, shape) = (site.settings, site.first());
        let [channels, pixels] = shape.image();
        let over = match (settings.optional_count("groups"), settings.flag("channels")) {
            (None, true) => Over::Channels,
            (None, false) => Over::Sample,
            (Some(_), true) => {
                let expected = "nothing beside the channels of a pixel";
                return Err(site.invalid("groups", "a number", expected));
            }
            (Some(groups), _) if !channels.is_multiple_of(groups) => {
                return Err(site.invalid("groups", groups, format!("a divisor of {channels} channels")));
            }
            (Some(groups), _) => Over::Groups(groups),
        };
        let (len, order) = match over {
            Over::Sample => (channels * pixels, None),
            Over::Channels => (channels, None),
            Over::Groups(groups) => {
                let width = channels / groups;
                let of_group = |group: usize| {
                    let of_pixel =
                        move |pixel: usize| (0..width).map(move |c| pixel * channels + group * width + c);
                    (0..pixels).flat_map(of_pixel)
                };
                (width * pixels, Some((0..groups).flat_map(of_group).collect()))
            }
        };
        let factors = Factors::new(shape, over == Over::Sample);
        let weights = settings.flag("affine").then(|| factors.weights(true, settings.flag("trainable")));
        let (epsilon, elements) = (settings.number("epsilon"), shape.elements());
        Ok(Planned { operation: LayerNorm { factors, epsilon, elements, len, order }, shape, weights })
    }

    /// Factors, then offsets, in the order of the values.
    fn pack<F: Element>(&self, weight: &[F], bias: &[F]) -> Vec<F> {
        [weight, bias].into_iter().flat_map(|public| self.factors.arranged(public)).collect()
    }

    fn forward<F: Element>(&self, context: &KernelContext<F>, x: &[Rows<F>], out: &mut [F]) {
        x[0].values(context.level, out);
        self.normalize(context.level, out);
        if let Some((factors, offsets)) = self.split(context.packed) {
            scale_rows(context.level, factors, offsets, out);
        }
    }

    /// The normalized values, then the inverse standard deviation of each part.
    fn saved(&self) -> usize {
        self.elements + self.elements / self.len
    }

    fn save<F: Element>(&self, context: &KernelContext<F>, x: &[Rows<F>], saved: &mut [F]) {
        let (hat, inverses) = saved.split_at_mut(x[0].rows.len() * self.elements);
        x[0].values(context.level, hat);
        inverses.copy_from_slice(&self.normalize(context.level, hat));
    }

    fn source_gradient<F: Element>(
        &self,
        context: &KernelContext<F>,
        _source: usize,
        backward: &BackwardInput<F>,
        dx: &mut [F],
    ) {
        let (hat, inverses) = backward.saved.split_at(backward.gradient.len());
        let mut gradient = Cow::Borrowed(backward.gradient);
        if let Some((factors, _)) = self.split(context.packed) {
            for row in gradient.to_mut().chunks_exact_mut(factors.len()) {
                row.iter_mut().zip(factors).for_each(|(g, &w)| *g = *g * w);
            }
        }
        dx.copy_from_slice(hat);
        let gradient = self.parts(&gradient);
        self.by_parts(dx, |dx| normalize_parts_gradient(context.level, self.len, inverses, &gradient, dx));
    }

    fn weight_pieces(&self) -> [usize; 2] {
        [SUMMED; 2]
    }

    fn weight_gradient<F: Element>(
        &self,
        context: &KernelContext<F>,
        piece: usize,
        backward: &BackwardInput<F>,
        sums: [&mut [F]; 2],
    ) {
        let hat = &backward.saved[..backward.gradient.len()];
        self.factors.add_gradients(context.level, [hat, backward.gradient], piece, sums);
    }

    fn fan_outs<F: Element>(&self, weight: &[F]) -> (Vec<u64>, u64) {
        self.factors.fan_outs(weight)
    }
}
