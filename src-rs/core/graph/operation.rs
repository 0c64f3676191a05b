//! Maps: layers without a state. They read populations, the input or one another, and what they
//! give are values.

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
        /// Whether all pixels of a channel share one fate.
        whole_channels: bool,
        /// Whether each step has a mask of its own.
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
    /// What enters at one step leaves at several.
    Temporal(Temporal),
    /// An operation that has a definition: its kernels are [`MapPlan::registered`].
    Registered,
}

/// Whether a batch norm normalises by its running averages in training, too, and leaves them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FixedNorm {
    Always,
    Never,
    /// Where the optimiser freezes its parameters.
    IfFrozen,
}

/// What the steps of a batch norm have of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NormSteps {
    /// Nothing.
    Shared,
    /// Mean and variance, in training.
    Statistics,
    /// So many steps: all, weights and running averages too.
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
    /// Of a registered operation.
    pub registered: Option<Arc<dyn Prepared>>,
    /// Its weights, where it has any.
    pub projection: Option<usize>,
    pub sources: Vec<Source>,
    /// Shape of each source.
    pub entering: Vec<Shape>,
    /// What it gives. Values are kept pixel by pixel, the channels of a pixel side by side.
    pub shape: Shape,
    /// Where each element of the public order is kept; empty where that is the public order.
    places: Vec<u32>,
}

impl Operation {
    /// Whether it mixes steps of time, and how.
    pub fn temporal(self) -> Option<Temporal> {
        match self {
            Operation::Temporal(temporal) => Some(temporal),
            _ => None,
        }
    }

    /// Whether it zeroes other elements at each step.
    pub fn drops_each_step(self) -> bool {
        matches!(self, Operation::Dropout { each_step: true, .. })
    }

    /// The steps of the only sequence that it takes.
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

    /// Values of each sample that go from one step to the next.
    pub fn carried(&self) -> usize {
        match self.operation {
            Operation::Temporal(temporal) => temporal.reach() * self.shape.elements(),
            // The steps so far.
            Operation::BatchNorm { steps: NormSteps::All(_), .. } => 1,
            _ => 0,
        }
    }

    /// Where the values keep element `n` of the public order `[channels, height, width]`.
    #[inline(always)]
    pub fn place(&self, n: usize) -> usize {
        self.places.get(n).map_or(n, |&place| place as usize)
    }

    /// Whether its values in the order in which they are kept are in the public order too.
    pub fn is_public(&self) -> bool {
        self.places.is_empty()
    }
}
