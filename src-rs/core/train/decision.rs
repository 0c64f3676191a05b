//! Decides the class of a sample from its outputs.

use lapicque_base::error::{Error, Result};
use lapicque_projection::Element;
use serde::Deserialize;

/// How a sample's label is decided, from the first step of the loss to the last step of the sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// Most spikes.
    Count,
    /// The largest sum of the membrane over the steps.
    Membrane,
    /// The largest membrane of any step.
    MaxMembrane,
    /// The earliest first spike; that of a silent neuron counts as at the last step.
    FirstSpike,
}

impl Decision {
    /// The decision that is wanted, otherwise the one that fits the loss: by first spikes, or by the maxima of a silent
    /// readout. `of_loss`: the decision of the loss's definition.
    ///
    /// # Errors
    /// `invalid-parameter` for a decision by spikes if the output does not spike.
    pub(super) fn of(
        requested: Option<Decision>,
        of_loss: Option<Decision>,
        spiking: bool,
    ) -> Result<Decision> {
        let decision = requested.unwrap_or(match of_loss {
            Some(Decision::FirstSpike) if spiking => Decision::FirstSpike,
            Some(Decision::MaxMembrane) if !spiking => Decision::MaxMembrane,
            _ if spiking => Decision::Count,
            _ => Decision::Membrane,
        });
        if matches!(decision, Decision::Count | Decision::FirstSpike) && !spiking {
            let expected = "'membrane' or 'max-membrane', for the output does not spike";
            let got = if decision == Decision::Count { "count" } else { "first-spike" };
            return Err(Error::invalid("by", format!("{got:?}"), expected));
        }
        Ok(decision)
    }
}

/// How a score is computed from a neuron's values over the steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Score {
    Sum,
    Max,
    /// Minus the step of the first value that is not 0.
    FirstSpike,
}

/// Outputs of some samples, `[steps, samples, neurons]`.
pub(super) struct Outputs<'a, F> {
    pub values: &'a [F],
    /// `[samples, neurons, classes]`; a class is a block of consecutive neurons, possibly of one.
    pub shape: [usize; 3],
    /// The first step that counts.
    pub from: usize,
    /// Number of steps of each sample that count; `None`: all.
    pub lengths: Option<&'a [u32]>,
}

impl<F: Element> Outputs<'_, F> {
    /// Folds a sample's values into the scores of its neurons, step by step.
    fn fold(
        &self,
        steps: impl Iterator<Item = usize>,
        sample: usize,
        scores: &mut [f64],
        take: impl Fn(&mut f64, f64, usize),
    ) {
        let [count, neurons, _] = self.shape;
        for t in steps {
            let row = &self.values[(t * count + sample) * neurons..][..neurons];
            scores.iter_mut().zip(row).for_each(|(score, x)| take(score, x.to_f64(), t));
        }
    }

    /// Appends for each sample the class whose neurons have the largest sum of scores; the lowest if several are equal.
    /// If `sums` is given, these sums are appended to it, `[samples, classes]`.
    pub fn decide(&self, score: Score, out: &mut Vec<u32>, mut sums: Option<&mut Vec<f64>>) {
        let [count, neurons, classes] = self.shape;
        if self.values.is_empty() {
            return;
        }
        let steps = self.values.len() / (count * neurons);
        let mut scores = vec![0.0f64; neurons];
        for sample in 0..count {
            let end = self.lengths.map_or(steps, |l| steps.min(l[sample] as usize));
            scores.fill(match score {
                Score::Sum => 0.0,
                Score::Max => f64::NEG_INFINITY,
                Score::FirstSpike => 1.0 - end as f64,
            });
            let steps = self.from..end;
            match score {
                Score::Sum => self.fold(steps, sample, &mut scores, |s, x, _| *s += x),
                Score::Max => self.fold(steps, sample, &mut scores, |s, x, _| *s = s.max(x)),
                // Steps are visited in reverse, so the earliest spike is written last.
                Score::FirstSpike => self.fold(steps.rev(), sample, &mut scores, |s, x, t| {
                    if x != 0.0 {
                        *s = -(t as f64);
                    }
                }),
            }
            let votes = scores.chunks_exact(neurons / classes).map(|block| block.iter().sum::<f64>());
            if let Some(sums) = &mut sums {
                sums.extend(votes.clone());
            }
            let best = votes.enumerate().reduce(|best, vote| if vote.1 > best.1 { vote } else { best });
            out.push(best.map_or(0, |(class, _)| class as u32));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_are_what_is_compared() {
        // Two steps of one sample with four neurons.
        let values = [0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.5, 0.0];
        let outputs = Outputs { values: &values, shape: [1, 4, 2], from: 0, lengths: None };
        let scored = |score| {
            let (mut labels, mut scores) = (vec![], vec![]);
            outputs.decide(score, &mut labels, Some(&mut scores));
            (labels, scores)
        };
        assert_eq!(scored(Score::Sum), (vec![0], vec![2.0, 0.5]));
        assert_eq!(scored(Score::Max), (vec![0], vec![2.0, 0.5]));
        // Silent neurons count as if they fired in the last step.
        assert_eq!(scored(Score::FirstSpike), (vec![0], vec![-1.0, -2.0]));
    }

    fn decided(score: Score, from: usize, lengths: Option<&[u32]>, classes: usize) -> Vec<u32> {
        // Three steps of two samples with four neurons.
        let values = [
            [[0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]],
            [[2.0, 0.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]],
            [[0.0, 0.0, 1.5, 1.5], [0.0, 0.0, 3.0, 0.0]],
        ];
        let values = values.as_flattened().as_flattened();
        let mut out = Vec::new();
        Outputs { values, shape: [2, 4, classes], from, lengths }.decide(score, &mut out, None);
        out
    }

    #[test]
    fn each_score_finds_its_class() {
        assert_eq!(decided(Score::Sum, 0, None, 4), [0, 2]);
        assert_eq!(decided(Score::Max, 0, None, 4), [0, 2]);
        assert_eq!(decided(Score::FirstSpike, 0, None, 4), [1, 3]);
        assert_eq!(decided(Score::FirstSpike, 1, None, 4), [0, 2]);
        assert_eq!(decided(Score::Max, 2, None, 4), [2, 2]);
        assert_eq!(decided(Score::Sum, 0, Some(&[1, 2]), 4), [1, 2]);
        assert_eq!(
            decided(Score::FirstSpike, 0, Some(&[1, 1]), 4),
            [0, 0],
            "silent ones are as late as the last step"
        );
    }

    #[test]
    fn all_neurons_of_a_class_vote() {
        assert_eq!(decided(Score::Sum, 0, None, 2), [0, 1]);
        assert_eq!(decided(Score::Max, 0, None, 2), [0, 1]);
    }
}
