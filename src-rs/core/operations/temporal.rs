//! Operations that mix time steps: synapses with delays, filters, and operations on whole sequences.

/// Upper limit of the length of sequences and kernels, so that step buffers stay bounded.
pub const MAX_STEPS: usize = 1 << 16;

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Temporal {
    /// A dense projection, each synapse with a delay of up to `reach` steps of `dt` ms. In training, a `learned` delay may be
    /// between two steps and is then interpolated.
    Delays {
        reach: usize,
        dt: f64,
        learned: bool,
    },
    Filter(Filter),
    Mixture(Mixture),
    /// The reduction of the steps so far, for each element.
    Reduction(TimeReduction),
}

/// `y[t] = Σ kernel[lag] x[t - lag] + bias` for each element, with one kernel or a kernel for `each` channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filter {
    pub lags: usize,
    pub each: bool,
}

/// `y[t] = Σ weight[t, s] x[s] + bias[t]` for each element over a sequence of exactly `steps`. With `order`, only the steps `t - order + 1` to
/// `t` count fully; the other steps count by a factor that changes in training, if `lambda` is its initial value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mixture {
    pub steps: usize,
    pub order: Option<usize>,
    pub lambda: Option<f64>,
}

/// The reduction over the steps of a sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeReduction {
    Sum,
    Mean,
    Max,
}

impl Temporal {
    /// Number of rows that are carried from one step to the next: the following rows to which a value may contribute. A
    /// mixture with an order also stores the number of steps so far. A reduction stores its value so far and its number
    /// of steps.
    pub fn reach(self) -> usize {
        match self {
            Temporal::Reduction(_) => 2,
            Temporal::Delays { reach, .. } => reach,
            Temporal::Filter(Filter { lags, .. }) => lags - 1,
            Temporal::Mixture(Mixture { order, .. }) => order.unwrap_or(0),
        }
    }

    /// Whether an input is added to rows of this step and of later ones.
    pub fn spreads(self) -> bool {
        !matches!(self, Temporal::Reduction(_))
    }

    /// The only sequence length that it accepts.
    pub fn whole(self) -> Option<usize> {
        match self {
            Temporal::Mixture(Mixture { steps, .. }) => Some(steps),
            _ => None,
        }
    }
}
