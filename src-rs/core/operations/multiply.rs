//! The product of several sources, element by element. A source of one pixel applies to all pixels. A source of spikes
//! acts as a mask.

use crate::definition::{Definition, SourceCount};
use crate::operation::{BackwardInput, KernelContext, Operation, Planned, Rows, Site};
use crate::shape::Shape;
use lapicque_base::SimdLevel;
use lapicque_base::error::Result;
use lapicque_projection::Element;

pub struct Multiply {
    shape: Shape,
}

impl Multiply {
    /// Multiplies rows by the values of a source.
    fn times<F: Element>(&self, level: SimdLevel, x: &Rows<F>, rows: &mut [F]) {
        let mut values = vec![F::ZERO; x.rows.len() * x.shape.elements()];
        x.values(level, &mut values);
        let each = rows.chunks_exact_mut(self.shape.elements()).zip(values.chunks_exact(x.shape.elements()));
        for (row, values) in each {
            // The source has as many elements as the output, or those of one pixel.
            for out in row.chunks_exact_mut(values.len()) {
                out.iter_mut().zip(values).for_each(|(x, &y)| *x = *x * y);
            }
        }
    }
}

impl Operation for Multiply {
    fn definition() -> Definition {
        let sources = SourceCount::AtLeastOne;
        Definition { kind: "multiply", sources, params: vec![], keeps_shape: true, ..Definition::default() }
    }

    fn plan(site: &Site) -> Result<Planned<Self>> {
        let shape = site.first();
        let fits = |other: &Shape| *other == shape || (other.channels, other.pixels()) == (shape.channels, 1);
        if let Some((other, _)) = site.sources.iter().find(|(other, _)| !fits(other)) {
            let from = site.sources.first().map_or("", |&(_, name)| name);
            let expected = format!("{shape} as from {from}, or one pixel of its channels");
            return Err(site.mismatch(expected, other));
        }
        Ok(Planned { operation: Multiply { shape }, shape, weights: None })
    }

    fn forward<F: Element>(&self, context: &KernelContext<F>, x: &[Rows<F>], out: &mut [F]) {
        out.fill(F::ONE);
        x.iter().for_each(|source| self.times(context.level, source, out));
    }

    /// The gradient times the other sources, summed over pixels if the source has one pixel.
    fn source_gradient<F: Element>(
        &self,
        context: &KernelContext<F>,
        source: usize,
        backward: &BackwardInput<F>,
        dx: &mut [F],
    ) {
        let mut product = backward.gradient.to_vec();
        for (_, other) in backward.x.iter().enumerate().filter(|&(other, _)| other != source) {
            self.times(context.level, other, &mut product);
        }
        let entering = backward.x[source].shape;
        if entering.pixels() == self.shape.pixels() {
            return dx.copy_from_slice(&product);
        }
        dx.fill(F::ZERO);
        let rows = product.chunks_exact(self.shape.elements()).zip(dx.chunks_exact_mut(entering.elements()));
        for (product, dx) in rows {
            for pixel in product.chunks_exact(self.shape.channels) {
                dx.iter_mut().zip(pixel).for_each(|(sum, &x)| *sum += x);
            }
        }
    }
}
