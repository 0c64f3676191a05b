//! AdamW.

use super::adam::AdamStep;
use super::definition::{At, Definition, Optimizer};
use lapicque_options::{Range, options};

pub struct AdamW;

options! {
    pub struct AdamWOptions {
        /// Learning rate.
        lr: f64 [Range::LEARNING_RATE] = 1e-3,
        /// Decay factors of the first and the second moment.
        betas: [f64; 2] [Range::BelowOne] = [0.9, 0.999],
        /// Added to the root of the second moment.
        eps: f64 [Range::NotNegative] = 1e-8,
        /// As torch's `weight_decay`: the decay shrinks the weights themselves and does not pass through the moments.
        weight_decay: f64 [Range::NotNegative] = 1e-2,
    }
}

impl Optimizer for AdamW {
    type Options = AdamWOptions;
    type Step = AdamStep;

    fn definition() -> Definition {
        Definition {
            kind: "adamw",
            title: "AdamW: Adam whose weight decay does not pass through the moments",
            update: "w *= 1 - lr weightDecay; m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g²; w -= lr (m / (1 - beta1^t)) / \
                     (sqrt(v / (1 - beta2^t)) + eps)",
            source: "I. Loshchilov, F. Hutter, ICLR 2019; defaults and order of operations are torch's",
        }
    }

    fn common(options: &AdamWOptions) -> (f64, f64) {
        (options.lr, options.weight_decay)
    }

    fn step(options: &AdamWOptions, at: At) -> AdamStep {
        AdamStep::new(options.betas, options.eps, true, at)
    }
}
