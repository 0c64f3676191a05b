//! Where an operation is computed: by the kernels of its own file, or by kernels within the time loops of the engine.

use crate::shape::{Shape, Sliding};
use crate::temporal::Temporal;
use lapicque_projection::{Pool as PoolKernel, PoolKind};

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

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pooling {
    Max,
    Average,
    Sum,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pool {
    pub pooling: Pooling,
    pub sliding: Sliding,
    /// Whether a mean counts the pixels of the padding.
    pub counts_padding: bool,
}

impl Pool {
    /// The kernel for an input of shape `from` and an output of `to` pixels.
    pub fn kernel(&self, from: Shape, to: [usize; 2]) -> PoolKernel {
        let kind = match self.pooling {
            Pooling::Max => PoolKind::Max,
            Pooling::Sum => PoolKind::Sum,
            Pooling::Average if self.counts_padding => PoolKind::Mean,
            Pooling::Average => PoolKind::MeanOfImage,
        };
        let window = self.sliding.kernel[0] * self.sliding.kernel[1];
        PoolKernel::new(kind, from.channels, window, self.sliding.taps(from.size, to), to)
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dropout {
    pub rate: f64,
    /// Whether all pixels of a channel are dropped together.
    pub whole_channels: bool,
    /// Whether each step has a separate mask.
    pub each_step: bool,
}

/// Normalizes each channel to mean 0 and variance `scale`², over time, batch and pixels, or over batch and pixels of
/// each step. Outside training, or if it is fixed, it uses running averages.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BatchNorm {
    pub epsilon: f64,
    pub momentum: f64,
    pub scale: f64,
    pub steps: NormSteps,
    pub fixed: FixedNorm,
}

/// Whether a batch norm uses its running averages in training too, and does not update them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FixedNorm {
    Always,
    Never,
    /// If the optimizer freezes its parameters.
    IfFrozen,
}

/// The data that each step of a batch norm has separately.
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
    pub fn weight_shape(self, channels: usize) -> Shape {
        match self {
            NormSteps::All(steps) => Shape { channels: steps, depth: 1, size: [1, channels], rank: 2 },
            _ => Shape::flat(channels),
        }
    }
}

/// The sources are queries, keys and values, each `[channels, …tokens]`. For each head: `scale (Q Kᵀ) V`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Attention {
    pub heads: usize,
    pub scale: f64,
}
