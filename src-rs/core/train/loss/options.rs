//! The options that losses share.

use lapicque_options::{Range, choices, options};

choices! {
    /// How samples become one number. `None` leaves them apart; gradients are then those of the mean.
    pub enum Reduction {
        Mean = "mean",
        Sum = "sum",
        None = "none",
    }
}

choices! {
    /// How the steps' own losses become the sample's.
    pub enum PerStep {
        Mean = "mean",
        Sum = "sum",
    }
}

choices! {
    /// What the mean over samples with class weights divides by.
    pub enum WeightedMean {
        /// The number of samples (snnTorch, all losses but the temporal cross-entropy).
        Samples = "samples",
        /// The sum of the samples' weights (torch's `CrossEntropyLoss`).
        Weights = "weights",
    }
}

options! {
    /// Options of every loss.
    pub struct CommonOptions {
        /// How samples become one number. `'sum'` adds up samples and, of squared errors, classes and the spikes of
        /// one neuron. `'none'` computes the loss and gradients of the mean, and `perSample` then has squared errors
        /// for each class.
        reduction: Reduction = Reduction::Mean,
        /// Steps before this one do not count; target steps are counted from it.
        from: usize = 0,
        /// Weight of each class, `[classes]`; default all 1. Not available if every step has a label.
        class_weights: Option<Vec<f64>> [Range::NotNegative] = None,
        /// With class weights: whether the mean divides by the number of samples (default except for `crossEntropyFirstSpike`) or by
        /// the sum of their weights.
        weighted_mean: Option<WeightedMean> = None,
    }
}

options! {
    /// Further options of losses of spikes summed over time.
    pub struct PooledOptions {
        /// Number of classes into which the output neurons are grouped evenly; the spikes of a class are pooled. Default: each neuron is a class.
        population_classes: Option<usize> [Range::AtLeast(1)] = None,
    }
}

options! {
    /// Further options of losses of each step.
    pub struct SteppedOptions {
        /// Whether the value of a sample is the mean of the values of its steps or their sum.
        per_step: PerStep = PerStep::Mean,
    }
}
