//! Concatenates all sources along the channels, in the order of the edges.

use crate::definition::{Definition, SourceCount};
use crate::operation::{BackwardInput, KernelContext, Operation, Planned, Rows, Site};
use crate::shape::Shape;
use lapicque_base::error::Result;
use lapicque_projection::{Element, Order};

pub struct Concat {
    /// Number of channels of each source.
    channels: Vec<usize>,
    /// The shape of the output.
    shape: Shape,
}

impl Operation for Concat {
    fn definition() -> Definition {
        let sources = SourceCount::AtLeastOne;
        Definition { kind: "concat", sources, params: vec![], keeps_shape: false, ..Definition::default() }
    }

    fn plan(site: &Site) -> Result<Planned<Self>> {
        let first = site.first();
        let from = site.sources.first().map_or("", |&(_, name)| name);
        if let Some((other, _)) = site.sources.iter().find(|(shape, _)| !shape.has_pixels_of(first)) {
            return Err(site.mismatch(format!("the pixels of {first} from {from}"), other));
        }
        let channels: Vec<usize> = site.sources.iter().map(|(shape, _)| shape.channels).collect();
        let shape = Shape { channels: channels.iter().sum(), ..first };
        Ok(Planned { operation: Concat { channels, shape }, shape, weights: None })
    }

    fn forward<F: Element>(&self, _context: &KernelContext<F>, x: &[Rows<F>], out: &mut [F]) {
        out.fill(F::ZERO);
        let own = Order::of_values(self.shape.channels);
        let mut first = 0;
        for source in x {
            let image = [source.shape.channels, self.shape.pixels()];
            for (row, out) in source.rows.iter().zip(out.chunks_exact_mut(self.shape.elements())) {
                row.write_into([source.order, own], image, &mut out[first..]);
            }
            first += source.shape.channels;
        }
    }

    fn source_gradient<F: Element>(
        &self,
        _context: &KernelContext<F>,
        source: usize,
        backward: &BackwardInput<F>,
        dx: &mut [F],
    ) {
        let first: usize = self.channels[..source].iter().sum();
        let (all, own) = (self.shape.channels, self.channels[source]);
        for (pixel, dx) in backward.gradient.chunks_exact(all).zip(dx.chunks_exact_mut(own)) {
            dx.copy_from_slice(&pixel[first..first + own]);
        }
    }
}
