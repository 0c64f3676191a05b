//! Where an operation is computed: by the kernels of its own file, or by kernels within the time loops of the engine.

use crate::attention::Attention;
use crate::batch_norm::{BatchNorm, NormSteps};
use crate::dropout::Dropout;
use crate::pool::Pool;
use crate::shape::Sliding;
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
    BatchNorm(BatchNorm),
    Embedding,
    /// An input at one step contributes to the outputs of several steps.
    Temporal(Temporal),
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
            OperationKind::BatchNorm(BatchNorm { steps: NormSteps::All(steps), .. }) => Some(steps),
            _ => None,
        }
    }
}
