//! The target outputs of a batch, checked once.

use lapicque_base::error::{Error, Result};

#[derive(Debug, Clone, Copy)]
pub enum Targets<'a> {
    /// One label per sample, `[batch]`, or for a cross-entropy of each step one per step, `[time, batch]`.
    Classes(&'a [u32]),
    /// Regression: `[batch, neurons]`, or for the membrane also `[time, batch, neurons]`.
    Values(&'a [f64]),
}

/// Whether there is a label for every step (`true`) or one per sample (`false`).
pub(super) fn check_classes(
    labels: &[u32],
    steps: usize,
    batch: usize,
    classes: usize,
    may_vary_in_time: bool,
) -> Result<bool> {
    let in_time = labels.len() != batch;
    if in_time && !(may_vary_in_time && labels.len() == steps * batch) {
        let expected = match may_vary_in_time {
            true => format!("[{batch}] or [{steps}, {batch}]"),
            false => format!("[{batch}]"),
        };
        let got = format!("[{}]", labels.len());
        return Err(Error::ShapeMismatch { layer: "targets".into(), expected, got });
    }
    match labels.iter().position(|&label| label as usize >= classes) {
        Some(at) => Err(Error::invalid(
            format!("targets[{at}]"),
            labels[at],
            format!("a label from 0 to {}", classes.saturating_sub(1)),
        )),
        None => Ok(in_time),
    }
}

/// Whether there are values for every step (`true`) or one row per sample (`false`).
pub(super) fn check_values(
    values: &[f64],
    steps: usize,
    batch: usize,
    neurons: usize,
    may_vary_in_time: bool,
) -> Result<bool> {
    let row = batch * neurons;
    let in_time = values.len() != row;
    if in_time && !(may_vary_in_time && values.len() == steps * row) {
        let expected = if may_vary_in_time {
            format!("[{batch}, {neurons}] or [{steps}, {batch}, {neurons}]")
        } else {
            format!("[{batch}, {neurons}]")
        };
        let got = format!("{} values", values.len());
        return Err(Error::ShapeMismatch { layer: "targets".into(), expected, got });
    }
    match values.iter().position(|x| !x.is_finite()) {
        Some(at) => Err(Error::invalid(format!("targets[{at}]"), values[at], "a finite number")),
        None => Ok(in_time),
    }
}

pub(super) fn check_lengths(lengths: &[u32], steps: usize, batch: usize) -> Result<()> {
    if lengths.len() != batch {
        return Err(Error::ShapeMismatch {
            layer: "lengths".into(),
            expected: format!("[{batch}]"),
            got: format!("[{}]", lengths.len()),
        });
    }
    match lengths.iter().position(|&length| length == 0 || length as usize > steps) {
        Some(at) => {
            Err(Error::invalid(format!("lengths[{at}]"), lengths[at], format!("a length from 1 to {steps}")))
        }
        None => Ok(()),
    }
}
