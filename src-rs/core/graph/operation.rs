//! Maps: stateless operations. They read populations, the input or other maps; their results are values.

use super::description::Pooling;
use super::plan::Source;
use super::temporal::Temporal;
use lapicque_operations::{Prepared, Shape, Sliding};
use std::sync::Arc;

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Operation {
    Dense,
    OneToOne,
    Conv {
        sliding: Sliding,
        groups: usize,
    },
    Pool {
        pooling: Pooling,
        sliding: Sliding,
    },
    Flatten,
    Unflatten,
    Attention {
        heads: usize,
        scale: f64,
    },
    Dropout {
        rate: f64,
        /// Whether all pixels of a channel are dropped together.
        whole_channels: bool,
        /// Whether each step has a separate mask.
        each_step: bool,
    },
    BatchNorm {
        epsilon: f64,
        momentum: f64,
        scale: f64,
        steps: NormSteps,
        fixed: FixedNorm,
    },
    Embedding,
    /// An input at one step contributes to the outputs of several steps.
    Temporal(Temporal),
    /// A registered operation; its kernels are [`MapPlan::registered`].
    Registered,
}

/// Whether a batch norm uses its running averages in training too, and does not update them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FixedNorm {
    Always,
    Never,
    /// If the optimizer freezes its parameters.
    IfFrozen,
}

/// What each step of a batch norm has separately.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NormSteps {
    /// Nothing.
    Shared,
    /// Mean and variance in training.
    Statistics,
    /// Everything, including weights and running averages, for this number of steps.
    All(usize),
}

impl NormSteps {
    /// The shape of its weights and of its running averages.
    pub fn kept(self, channels: usize) -> Shape {
        match self {
            NormSteps::All(steps) => Shape { channels: steps, depth: 1, size: [1, channels], rank: 2 },
            _ => Shape::flat(channels),
        }
    }
}

pub struct MapPlan {
    pub name: String,
    pub operation: Operation,
    /// Present for a registered operation.
    pub registered: Option<Arc<dyn Prepared>>,
    /// The index of its weights, if it has any.
    pub projection: Option<usize>,
    pub sources: Vec<Source>,
    /// Shape of each source.
    pub entering: Vec<Shape>,
    /// The shape of the result. Values are stored pixel by pixel; the channels of a pixel are contiguous.
    pub shape: Shape,
    /// The offset of each element in public order; empty if values are stored in public order.
    places: Vec<u32>,
}

impl Operation {
    /// How it mixes time steps, if it does.
    pub fn temporal(self) -> Option<Temporal> {
        match self {
            Operation::Temporal(temporal) => Some(temporal),
            _ => None,
        }
    }

    /// Whether different elements are zeroed at each step.
    pub fn drops_each_step(self) -> bool {
        matches!(self, Operation::Dropout { each_step: true, .. })
    }

    /// The only sequence length that it accepts.
    pub fn whole(self) -> Option<usize> {
        match self {
            Operation::Temporal(temporal) => temporal.whole(),
            Operation::BatchNorm { steps: NormSteps::All(steps), .. } => Some(steps),
            _ => None,
        }
    }
}

impl MapPlan {
    pub fn new(
        name: String,
        operation: Operation,
        projection: Option<usize>,
        sources: Vec<Source>,
        entering: Vec<Shape>,
        shape: Shape,
    ) -> Self {
        let places = match shape.is_public() {
            true => vec![],
            false => (0..shape.elements()).map(|n| shape.place(n) as u32).collect(),
        };
        MapPlan { name, operation, registered: None, projection, sources, entering, shape, places }
    }

    /// Number of values per sample that are carried from one step to the next.
    pub fn carried(&self) -> usize {
        match self.operation {
            Operation::Temporal(temporal) => temporal.reach() * self.shape.elements(),
            // The number of steps so far.
            Operation::BatchNorm { steps: NormSteps::All(_), .. } => 1,
            _ => 0,
        }
    }

    /// The offset of element `n` of the public order `[channels, height, width]`.
    #[inline(always)]
    pub fn place(&self, n: usize) -> usize {
        self.places.get(n).map_or(n, |&place| place as usize)
    }

    /// Whether values are stored in public order.
    pub fn is_public(&self) -> bool {
        self.places.is_empty()
    }
}
