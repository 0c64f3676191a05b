//! The sum of all sources.

use crate::definition::{Definition, SourceCount};
use crate::operation::{BackwardInput, KernelContext, Operation, Planned, Rows, Site};
use lapicque_base::error::Result;
use lapicque_projection::{Element, Order};

pub struct Add;

impl Operation for Add {
    fn definition() -> Definition {
        let sources = SourceCount::AtLeastOne;
        Definition { kind: "add", sources, params: vec![], keeps_shape: true, ..Definition::default() }
    }

    fn plan(site: &Site) -> Result<Planned<Self>> {
        Ok(Planned { operation: Add, shape: site.same_shapes()?, weights: None })
    }

    fn forward<F: Element>(&self, context: &KernelContext<F>, x: &[Rows<F>], out: &mut [F]) {
        let Some((first, others)) = x.split_first() else { return };
        first.values(context.level, out);
        let (shape, own) = (first.shape, Order::of_values(first.shape.channels));
        for other in others {
            for (row, out) in other.rows.iter().zip(out.chunks_exact_mut(shape.elements())) {
                row.add_into([other.order, own], shape.image(), out);
            }
        }
    }

    fn source_gradient<F: Element>(
        &self,
        _context: &KernelContext<F>,
        _source: usize,
        backward: &BackwardInput<F>,
        dx: &mut [F],
    ) {
        dx.copy_from_slice(backward.gradient);
    }
}
