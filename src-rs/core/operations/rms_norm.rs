//! RMS norm.

use crate::definition::{Case, Definition, Factory, Fallback, Kind, Param, Range, SourceCount};
use crate::factors::Factors;
use crate::operation::{BackwardInput, KernelContext, Operation, Planned, Rows, Site};
use lapicque_base::error::Result;
use lapicque_projection::{Element, SUMMED};
use serde_json::json;

pub struct RmsNorm {
    factors: Factors,
    /// `None`: the machine epsilon of the network's precision, as torch's.
    epsilon: Option<f64>,
    /// Values of a row.
    elements: usize,
    /// Number of values that share one root mean square.
    len: usize,
}

impl RmsNorm {
    /// The inverse of the root mean square of some values.
    fn inverse<F: Element>(&self, values: &[F]) -> F {
        let machine = if size_of::<F>() == size_of::<f32>() { f64::from(f32::EPSILON) } else { f64::EPSILON };
        let squares = values.iter().fold(F::ZERO, |sum, &x| sum + x * x);
        let mean = squares / F::from_f64(self.len as f64);
        F::ONE / (mean + F::from_f64(self.epsilon.unwrap_or(machine))).sqrt()
    }
}

impl Operation for RmsNorm {
    fn definition() -> Definition {
        Definition {
            kind: "rms-norm",
            sources: SourceCount::One,
            params: vec![
                Param::new(
                    "epsilon",
                    Kind::Number(Range::Positive),
                    Fallback::Absent,
                    "added to the mean square (ε); by default the machine epsilon of the network's precision, as torch's",
                ),
                Param::new(
                    "affine",
                    Kind::Flag,
                    Fallback::Value(json!(true)),
                    "whether there is a trained factor (the gain)",
                ),
                Param::new(
                    "over",
                    Kind::Switch(["sample", "channels"]),
                    Fallback::Value(json!(false)),
                    "the elements that share one root mean square: all elements of a sample, with a factor for each, \
                     or the channels of each pixel, with a factor for each channel, as in \
                     `torch.nn.RMSNorm(channels)` with pixels as tokens",
                )
                .field("channels")
                .quiet(),
                Param::trainable(),
            ],
            keeps_shape: true,
            factories: vec![Factory {
                name: "rmsNorm",
                section: "Elements",
                summary: "RMS norm: `y = weight x / √(mean(x²) + ε)` over all elements of one sample at one step, with a trained factor for each \
                          element and no offset (B. Zhang, R. Sennrich, NeurIPS 2019), as `torch.nn.RMSNorm` over the whole shape. Tensor `weight` of \
                          that shape; with `over: 'channels'` it is `[channels]`.",
                returns: "a layer that keeps its shape",
                throws: "",
                cases: vec![
                    Case { input: &[3, 2, 2], arguments: vec![] },
                    Case { input: &[3, 2, 2], arguments: vec![json!({ "over": "channels", "epsilon": 0.1 })] },
                    Case { input: &[6], arguments: vec![json!({ "affine": false, "epsilon": 0.01 })] },
                ],
                torch: Some("torch.nn.RMSNorm"),
                ..Factory::default()
            }],
            ..Definition::default()
        }
    }

    fn plan(site: &Site) -> Result<Planned<Self>> {
        let (settings, shape) = (site.settings, site.first());
        let by_channels = settings.flag("channels");
        let factors = Factors::new(shape, !by_channels);
        let weights = settings.flag("affine").then(|| factors.weights(false, settings.flag("trainable")));
        let (epsilon, elements) = (settings.optional_number("epsilon"), shape.elements());
        let len = if by_channels { shape.channels } else { elements };
        Ok(Planned { operation: RmsNorm { factors, epsilon, elements, len }, shape, weights })
    }

    fn pack<F: Element>(&self, weight: &[F], _bias: &[F]) -> Vec<F> {
        self.factors.arranged(weight)
    }

    fn forward<F: Element>(&self, context: &KernelContext<F>, x: &[Rows<F>], out: &mut [F]) {
        x[0].values(context.level, out);
        for part in out.chunks_exact_mut(self.len) {
            let inverse = self.inverse(part);
            part.iter_mut().for_each(|x| *x = *x * inverse);
        }
        for row in out.chunks_exact_mut(context.packed.len().max(1)) {
            row.iter_mut().zip(context.packed).for_each(|(x, &factor)| *x = *x * factor);
        }
    }

    /// The normalized values, then the inverse of each root mean square.
    fn saved(&self) -> usize {
        self.elements + self.elements / self.len
    }

    fn save<F: Element>(&self, context: &KernelContext<F>, x: &[Rows<F>], saved: &mut [F]) {
        let (hat, inverses) = saved.split_at_mut(x[0].rows.len() * self.elements);
        x[0].values(context.level, hat);
        for (part, inverse) in hat.chunks_exact_mut(self.len).zip(inverses) {
            *inverse = self.inverse(part);
            part.iter_mut().for_each(|x| *x = *x * *inverse);
        }
    }

    /// `(g - x̂ mean(g x̂)) / rms` with the gradient `g` of the normalized values `x̂`.
    fn source_gradient<F: Element>(
        &self,
        context: &KernelContext<F>,
        _source: usize,
        backward: &BackwardInput<F>,
        dx: &mut [F],
    ) {
        let (hat, inverses) = backward.saved.split_at(backward.gradient.len());
        dx.copy_from_slice(backward.gradient);
        for row in dx.chunks_exact_mut(context.packed.len().max(1)) {
            row.iter_mut().zip(context.packed).for_each(|(g, &factor)| *g = *g * factor);
        }
        let parts = dx.chunks_exact_mut(self.len).zip(hat.chunks_exact(self.len)).zip(inverses);
        for ((g, hat), &inverse) in parts {
            let products = g.iter().zip(hat).fold(F::ZERO, |sum, (&g, &hat)| sum + g * hat);
            let mean = products / F::from_f64(self.len as f64);
            g.iter_mut().zip(hat).for_each(|(g, &hat)| *g = inverse * (*g - hat * mean));
        }
    }

    fn weight_pieces(&self) -> [usize; 2] {
        [SUMMED; 2]
    }

    fn weight_gradient<F: Element>(
        &self,
        context: &KernelContext<F>,
        piece: usize,
        backward: &BackwardInput<F>,
        [factors, _]: [&mut [F]; 2],
    ) {
        let hat = &backward.saved[..backward.gradient.len()];
        let mut offsets = vec![F::ZERO; factors.len()];
        self.factors.add_gradients(context.level, [hat, backward.gradient], piece, [factors, &mut offsets]);
    }

    fn fan_outs<F: Element>(&self, weight: &[F]) -> (Vec<u64>, u64) {
        self.factors.fan_outs(weight)
    }
}
