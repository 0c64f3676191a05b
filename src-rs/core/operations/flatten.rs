//! Flattens an image to one axis.

use crate::definition::{Case, Definition, Factory, Types};
use crate::operation::Site;
use crate::operation_kind::OperationKind;
use crate::registry::{Layer, PlannedLayer};
use crate::shape::Shape;
use lapicque_base::error::Result;

pub struct Flatten;

impl Layer for Flatten {
    fn definition() -> Definition {
        Definition {
            kind: "flatten",
            types: Some(Types { node: "Flatten", options: "MapOptions", ..Types::default() }),
            factories: vec![Factory {
                name: "flatten",
                section: "Elements",
                summary: "Flattens an image to one axis: element `(c, y, x)` becomes `(c height + y) width + x`. The values do not change; \
                          {@link dense} also accepts an image directly.",
                returns: "a layer from `[channels, height, width]` to `[channels height width]`",
                cases: vec![
                    Case { input: &[2, 3, 3], arguments: vec![] },
                    Case { input: &[3, 4], arguments: vec![] },
                ],
                ..Factory::default()
            }],
            ..Definition::default()
        }
    }

    fn plan(site: &Site) -> Result<PlannedLayer> {
        let shape = Shape::flat(site.first().elements());
        Ok(PlannedLayer::of_engine(OperationKind::Flatten, shape))
    }
}
