//! A contiguous part of the elements of a source, in a shape of its own.

use crate::definition::{Case, Definition, Factory, Fallback, Kind, Param, SourceCount, Types};
use crate::operation::{BackwardInput, KernelContext, Operation, Planned, Rows, Site};
use crate::shape::{MAX_SIZE, Shape};
use lapicque_base::error::Result;
use lapicque_projection::{Element, Row};
use serde_json::json;
use std::ops::Range;

pub struct Slice {
    source: Shape,
    /// The elements, in the public order of the source.
    elements: Range<usize>,
    shape: Shape,
}

impl Slice {
    /// The offsets of each element in rows of the source and of the output, both `[pixel][channel]`.
    fn offsets(&self) -> impl Iterator<Item = (usize, usize)> {
        let Slice { source, elements, shape } = self;
        elements.clone().enumerate().map(|(to, from)| (source.offset(from), shape.offset(to)))
    }
}

impl Operation for Slice {
    fn definition() -> Definition {
        Definition {
            kind: "slice",
            sources: SourceCount::One,
            params: vec![
                Param::new(
                    "from",
                    Kind::Count { min: 0, max: MAX_SIZE },
                    Fallback::Needed,
                    "index of the first element, in the order of the source's axes (of an image: `(c height + y) width + x`)",
                )
                .positional(),
                Param::new(
                    "shape",
                    Kind::Shape { min_rank: 1 },
                    Fallback::Needed,
                    "shape of the part, `[channels]` or of an image; its elements are consecutive ones of the source",
                )
                .positional()
                .literal("S"),
            ],
            types: Some(Types { node: "Slice", options: "MapOptions", ..Types::default() }),
            factories: vec![Factory {
                name: "slice",
                section: "Elements",
                summary: "A part of the values: consecutive elements from `from`, in another shape; as `torch.narrow` followed by `reshape`. \
                          The named inputs of a {@link graph} are slices of its input.",
                returns: "a layer from values of any shape to that shape",
                throws: "`shape-mismatch` for a source with fewer elements",
                cases: vec![
                    Case { input: &[7], arguments: vec![json!(2), json!([4])] },
                    Case { input: &[10], arguments: vec![json!(1), json!([2, 2, 2])] },
                    Case { input: &[3, 2, 2], arguments: vec![json!(4), json!([2, 2, 2])] },
                ],
                example: "sequential(input(100), slice(20, [40]), dense(40, 10), lif({ beta: 0.9 }));",
                ..Factory::default()
            }],
            ..Definition::default()
        }
    }

    fn plan(site: &Site) -> Result<Planned<Self>> {
        let source = site.first();
        let from = site.settings.count("from");
        let shape = Shape::new(&format!("{}.shape", site.layer), &site.settings.list("shape"))?;
        let elements = from..from.saturating_add(shape.elements());
        if elements.end > source.elements() {
            let name = site.sources.first().map_or("", |&(_, name)| name);
            let expected = format!("at least {} elements for {shape} from element {from}", elements.end);
            return Err(site.mismatch(expected, format!("{source} from {name}")));
        }
        Ok(Planned { operation: Slice { source, elements, shape }, shape, weights: None })
    }

    fn forward<F: Element>(&self, _context: &KernelContext<F>, x: &[Rows<F>], out: &mut [F]) {
        out.fill(F::ZERO);
        for (row, out) in x[0].rows.iter().zip(out.chunks_exact_mut(self.shape.elements())) {
            match row {
                Row::Events(events) => {
                    // Ascending in the public order.
                    let element = |&event: &_| event as usize;
                    let first = events.partition_point(|event| element(event) < self.elements.start);
                    let part =
                        events[first..].iter().map(element).take_while(|&event| event < self.elements.end);
                    part.for_each(|event| out[self.shape.offset(event - self.elements.start)] = F::ONE);
                }
                Row::Values(values) => {
                    let pixels = self.source.pixels();
                    for (to, from) in self.elements.clone().enumerate() {
                        out[self.shape.offset(to)] = values[x[0].order.at(from / pixels, from % pixels)];
                    }
                }
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
        dx.fill(F::ZERO);
        let rows = dx.chunks_exact_mut(self.source.elements());
        for (dx, gradient) in rows.zip(backward.gradient.chunks_exact(self.shape.elements())) {
            self.offsets().for_each(|(source, own)| dx[source] = gradient[own]);
        }
    }
}
