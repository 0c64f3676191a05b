//! Reshapes one axis to an image.

use crate::definition::{Case, Definition, Factory, Fallback, Kind, Param, Types};
use crate::operation::Site;
use crate::operation_kind::OperationKind;
use crate::registry::{Layer, PlannedLayer};
use crate::shape::Shape;
use lapicque_base::error::Result;
use serde_json::json;

pub struct Unflatten;

impl Layer for Unflatten {
    fn definition() -> Definition {
        Definition {
            kind: "unflatten",
            params: vec![
                Param::new(
                    "shape",
                    Kind::Shape { min_rank: 2 },
                    Fallback::Needed,
                    "`[channels, width]`, `[channels, height, width]` or `[channels, depth, height, width]`, positive integers",
                )
                .positional()
                .literal("S"),
            ],
            takes_flat: true,
            types: Some(Types { node: "Unflatten", options: "MapOptions", ..Types::default() }),
            factories: vec![Factory {
                name: "unflatten",
                section: "Elements",
                summary: "Reshapes one axis to an image, the inverse of {@link flatten}: element `(c height + y) width + x` becomes `(c, y, x)`; \
                          as `torch.nn.Unflatten`. With it a dense layer can feed transposed convolutions, as in a decoder.",
                returns: "a layer from this number of elements to that shape",
                throws: "`shape-mismatch` for another number of elements",
                cases: vec![
                    Case { input: &[12], arguments: vec![json!([3, 2, 2])] },
                    Case { input: &[2, 6], arguments: vec![json!([4, 3])] },
                ],
                example: "sequential(dense(10, 64), unflatten([4, 4, 4]), conv2d(4, 1, 2, { stride: 2, transposed: true }), lif({ beta: 0.5 }));",
                ..Factory::default()
            }],
            ..Definition::default()
        }
    }

    fn plan(site: &Site) -> Result<PlannedLayer> {
        let shape = Shape::new(&format!("{}.shape", site.layer), &site.settings.list("shape"))?;
        site.check_elements(shape.elements(), site.first().elements())?;
        Ok(PlannedLayer::of_engine(OperationKind::Unflatten, shape))
    }
}
