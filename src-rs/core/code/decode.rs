//! Decoders: from the output layer to a score for each class, and to a label.

use lapicque_base::error::{Error, Result, try_vec};
use lapicque_base::real::Real;
use serde::{Deserialize, Serialize};

/// Higher scores win; of equal scores the first class. `L` is the sample's number of steps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Decoder {
    /// Number of spikes.
    SpikeCount {},
    /// Spikes per step.
    Rate {},
    /// Spikes of each of `classes` blocks of neurons.
    PopulationVote { classes: usize },
    /// Minus the step of the first spike; -(L - 1) for a silent neuron.
    FirstSpike {},
    /// Greatest membrane over the steps.
    MaxMembrane {},
    /// Mean membrane over the steps.
    MeanMembrane {},
    /// Membrane at the last step.
    LastMembrane {},
}

impl Decoder {
    /// # Errors
    /// `invalid-parameter` for an unknown kind or option.
    pub fn from_json(value: &serde_json::Value) -> Result<Self> {
        serde_json::from_value(value.clone())
            .map_err(|reason| Error::invalid("decoder", value, reason.to_string()))
    }

    pub fn reads_membrane(&self) -> bool {
        matches!(self, Decoder::MaxMembrane {} | Decoder::MeanMembrane {} | Decoder::LastMembrane {})
    }

    pub fn classes(&self, neurons: usize) -> usize {
        match self {
            Decoder::PopulationVote { classes } => *classes,
            _ => neurons,
        }
    }

    /// `[batch, classes]` from spikes or membrane `[steps, batch, neurons]`.
    ///
    /// # Errors
    /// `shape-mismatch` for a signal or lengths of another size; `invalid-parameter` for an empty
    /// axis, a length outside 1..=steps, blocks that do not divide the neurons.
    pub fn scores<F: Real>(
        &self,
        signal: &[F],
        lengths: Option<&[u32]>,
        steps: usize,
        batch: usize,
        neurons: usize,
    ) -> Result<Vec<f64>> {
        for (name, size) in [("steps", steps), ("batch", batch), ("neurons", neurons)] {
            if size == 0 {
                return Err(Error::invalid(name, 0, "at least 1"));
            }
        }
        let expected = steps.saturating_mul(batch).saturating_mul(neurons);
        if signal.len() != expected || lengths.is_some_and(|lengths| lengths.len() != batch) {
            return Err(Error::ShapeMismatch {
                layer: "decoder".into(),
                expected: format!("[{steps}, {batch}, {neurons}], lengths [{batch}]"),
                got: format!("{} values, {} lengths", signal.len(), lengths.map_or(batch, <[u32]>::len)),
            });
        }
        let outside = |&length: &u32| length == 0 || length as usize > steps;
        if let Some(at) = lengths.and_then(|lengths| lengths.iter().position(outside)) {
            let expected = format!("a length from 1 to {steps}");
            return Err(Error::invalid(format!("lengths[{at}]"), lengths.map_or(0, |l| l[at]), expected));
        }
        let classes = self.classes(neurons);
        if classes == 0 || !neurons.is_multiple_of(classes) {
            return Err(Error::invalid("decoder.classes", classes, format!("a divisor of {neurons}")));
        }
        let mut scores = try_vec("scores", batch * classes, 0.0f64)?;
        for (sample, row) in scores.chunks_exact_mut(classes).enumerate() {
            let length = lengths.map_or(steps, |lengths| lengths[sample] as usize);
            for (class, score) in row.iter_mut().enumerate() {
                let block = neurons / classes;
                for neuron in class * block..(class + 1) * block {
                    let at = |t: usize| signal[(t * batch + sample) * neurons + neuron].to_f64();
                    *score += self.score((0..length).map(at), length);
                }
            }
        }
        Ok(scores)
    }

    /// One neuron's score from its values over the steps that count.
    fn score(&self, mut values: impl Iterator<Item = f64>, length: usize) -> f64 {
        match self {
            Decoder::SpikeCount {} | Decoder::PopulationVote { .. } => values.sum(),
            Decoder::Rate {} | Decoder::MeanMembrane {} => values.sum::<f64>() / length as f64,
            Decoder::FirstSpike {} => -(values.position(|x| x != 0.0).unwrap_or(length - 1) as f64),
            Decoder::MaxMembrane {} => values.fold(f64::NEG_INFINITY, f64::max),
            Decoder::LastMembrane {} => values.last().unwrap_or(f64::NAN),
        }
    }
}

/// The class of the greatest score of each row, the first of equals.
pub fn labels(scores: &[f64], classes: usize) -> Vec<u32> {
    scores
        .chunks_exact(classes.max(1))
        .map(|row| {
            let best = |best: usize, i: usize| if row[i] > row[best] { i } else { best };
            (0..row.len()).fold(0, best) as u32
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    // [steps 3, batch 2, neurons 2]
    const SIGNAL: [f32; 12] = [0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 1.0, 0.5, 2.0, 0.0];

    fn scores(decoder: Decoder, lengths: Option<&[u32]>) -> Vec<f64> {
        decoder.scores(&SIGNAL, lengths, 3, 2, 2).unwrap()
    }

    #[test]
    fn scores_follow_their_definitions() {
        assert_eq!(scores(Decoder::SpikeCount {}, None), [2.0, 1.5, 2.0, 1.0]);
        assert_eq!(scores(Decoder::SpikeCount {}, Some(&[2, 3])), [1.0, 1.0, 2.0, 1.0]);
        assert_eq!(scores(Decoder::Rate {}, Some(&[2, 3])), [0.5, 0.5, 2.0 / 3.0, 1.0 / 3.0]);
        assert_eq!(scores(Decoder::PopulationVote { classes: 1 }, None), [3.5, 3.0]);
        assert_eq!(scores(Decoder::FirstSpike {}, Some(&[3, 2])), [-1.0, 0.0, -1.0, -1.0]);
        assert_eq!(scores(Decoder::MaxMembrane {}, None), [1.0, 1.0, 2.0, 1.0]);
        assert_eq!(scores(Decoder::LastMembrane {}, Some(&[3, 2])), [1.0, 0.5, 0.0, 1.0]);
        assert_eq!(labels(&scores(Decoder::MaxMembrane {}, None), 2), [0, 0]);
        assert_eq!(labels(&scores(Decoder::FirstSpike {}, None), 2), [1, 1]);
    }

    #[test]
    fn bad_input_is_an_error() {
        assert!(Decoder::Rate {}.scores(&SIGNAL, None, 3, 2, 3).is_err());
        assert!(Decoder::Rate {}.scores(&SIGNAL, Some(&[0, 1]), 3, 2, 2).is_err());
        assert!(Decoder::Rate {}.scores(&SIGNAL, Some(&[1]), 3, 2, 2).is_err());
        assert!(Decoder::Rate {}.scores::<f32>(&[], None, 0, 2, 2).is_err());
        assert!(Decoder::PopulationVote { classes: 3 }.scores(&SIGNAL, None, 3, 2, 2).is_err());
    }
}
