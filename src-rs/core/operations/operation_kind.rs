//! What computes an operation: the kernels of its own file, or kernels that the time loops of the engine contain.

use crate::attention::Attention;
use crate::dropout::Dropout;
use crate::pool::Pool;
use crate::shape::{Shape, Sliding};
use crate::temporal::Temporal;

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum OperationKind {
    /// The kernels of its own file: an [`Operation`](crate::operation::Operation).
    OwnKernels,
    Dense,
    OneToOne,
    Conv {
        sliding: Sliding,
        groups: usize,
    },
    Pool(Pool),
    Flatten,
    Unflatten,
    Attention(Attention),
    Dropout(Dropout),
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

impl OperationKind {
    /// How it mixes time steps, if it does.
    pub fn temporal(self) -> Option<Temporal> {
        match self {
            OperationKind::Temporal(temporal) => Some(temporal),
            _ => None,
        }
    }

    /// Whether different elements are zeroed at each step.
    pub fn drops_each_step(self) -> bool {
        matches!(self, OperationKind::Dropout(Dropout { each_step: true, .. }))
    }

    /// The only sequence length that it accepts.
    pub fn whole(self) -> Option<usize> {
        match self {
            OperationKind::Temporal(temporal) => temporal.whole(),
            OperationKind::BatchNorm { steps: NormSteps::All(steps), .. } => Some(steps),
            _ => None,
        }
    }
}
