//! Maps: stateless operations. They read populations, the input or other maps; their results are values.

use super::plan::Source;
use lapicque_operations::{BatchNorm, NormSteps, OperationKind, Prepared, Shape};
use std::sync::Arc;

pub struct MapPlan {
    pub name: String,
    pub operation: OperationKind,
    /// Present for [`OperationKind::OwnKernels`].
    pub registered: Option<Arc<dyn Prepared>>,
    /// The index of its weights, if it has any.
    pub projection: Option<usize>,
    pub sources: Vec<Source>,
    /// Shape of each source.
    pub input_shapes: Vec<Shape>,
    /// The shape of the result. Values are stored pixel by pixel; the channels of a pixel are contiguous.
    pub shape: Shape,
    /// The offset of each element in public order; empty if values are stored in public order.
    offsets: Vec<u32>,
}

impl MapPlan {
    pub fn new(
        name: String,
        operation: OperationKind,
        projection: Option<usize>,
        sources: Vec<Source>,
        input_shapes: Vec<Shape>,
        shape: Shape,
    ) -> Self {
        let offsets = match shape.is_public() {
            true => vec![],
            false => (0..shape.elements()).map(|n| shape.offset(n) as u32).collect(),
        };
        MapPlan { name, operation, registered: None, projection, sources, input_shapes, shape, offsets }
    }

    /// Number of values per sample that are carried from one step to the next.
    pub fn carried(&self) -> usize {
        match self.operation {
            OperationKind::Temporal(temporal) => temporal.reach() * self.shape.elements(),
            // The number of steps so far.
            OperationKind::BatchNorm(BatchNorm { steps: NormSteps::All(_), .. }) => 1,
            _ => 0,
        }
    }

    /// The offset of element `n` of the public order `[channels, height, width]`.
    #[inline(always)]
    pub fn offset(&self, n: usize) -> usize {
        self.offsets.get(n).map_or(n, |&offset| offset as usize)
    }

    /// Whether values are stored in public order.
    pub fn is_public(&self) -> bool {
        self.offsets.is_empty()
    }
}
