//! Named axes. The size of an axis may be unknown while a function is traced.

use lapicque_base::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::fmt::Write;

/// In JSON `["time", 20]`, or `["time", null]` if the size is unknown.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Axis(pub String, pub Option<usize>);

/// The axes of a tensor; the last one is contiguous in memory.
pub type Axes = Vec<Axis>;

impl Axis {
    pub fn new(name: &str, size: Option<usize>) -> Axis {
        Axis(name.to_string(), size)
    }
}

/// Maximum number of axes of a tensor.
pub const MAX_AXES: usize = 12;

/// Maximum number of characters of a name.
const MAX_NAME: usize = 64;

/// # Errors
/// `invalid-parameter` for a name that is empty or long, for a name that occurs twice, and for many axes.
pub fn check(of: &str, axes: &[Axis]) -> Result<()> {
    if axes.len() > MAX_AXES {
        return Err(Error::invalid(of, format!("{} axes", axes.len()), format!("at most {MAX_AXES} axes")));
    }
    for (i, Axis(name, size)) in axes.iter().enumerate() {
        let is_word = name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-');
        if name.is_empty() || name.len() > MAX_NAME || !is_word {
            let expected = format!("names of axes of 1 to {MAX_NAME} letters, digits, _ and -");
            return Err(Error::invalid(of, format!("{name:?}"), expected));
        }
        if axes[..i].iter().any(|Axis(other, _)| other == name) {
            return Err(Error::invalid(of, format!("two axes \"{name}\""), "another name for each axis"));
        }
        if size.is_some_and(|size| size > u32::MAX as usize) {
            let size = size.unwrap_or(0);
            return Err(Error::invalid(of, format!("axis \"{name}\" of {size} elements"), "a smaller axis"));
        }
    }
    Ok(())
}

pub fn position(axes: &[Axis], name: &str) -> Option<usize> {
    axes.iter().position(|Axis(other, _)| other == name)
}

/// The position of an axis.
///
/// # Errors
/// `unknown-name` with the axes that exist.
pub fn find(of: &str, axes: &[Axis], name: &str) -> Result<usize> {
    let names = || axes.iter().map(|Axis(name, _)| name.as_str());
    position(axes, name).ok_or_else(|| Error::unknown(&format!("axis of {of}"), name, names()))
}

/// The size that an axis of this name has in two tensors.
///
/// # Errors
/// `shape-mismatch` if the sizes are known and differ.
pub fn same_size(of: &str, Axis(name, a): &Axis, Axis(_, b): &Axis) -> Result<Axis> {
    match (a, b) {
        (Some(a), Some(b)) if a != b => Err(Error::ShapeMismatch {
            layer: of.into(),
            expected: format!("[{name} {a}]"),
            got: format!("[{name} {b}]: axes of one name have one size; rename one of them"),
        }),
        _ => Ok(Axis(name.clone(), a.or(*b))),
    }
}

/// The axes of all operands: those of the first one, then those that the others add.
///
/// # Errors
/// `shape-mismatch` for axes of one name and two sizes.
pub fn broadcast(of: &str, operands: &[&Axes]) -> Result<Axes> {
    let mut all = Axes::new();
    for axis in operands.iter().flat_map(|axes| axes.iter()) {
        match position(&all, &axis.0) {
            Some(at) => all[at] = same_size(of, &all[at], axis)?,
            None => all.push(axis.clone()),
        }
    }
    check(of, &all)?;
    Ok(all)
}

/// For messages: `[time 20, batch ?, neuron 10]`.
pub fn text(axes: &[Axis]) -> String {
    let mut text = String::from("[");
    for (i, Axis(name, size)) in axes.iter().enumerate() {
        let comma = if i > 0 { ", " } else { "" };
        let size = size.map_or("?".to_string(), |size| size.to_string());
        let _ = write!(text, "{comma}{name} {size}");
    }
    text + "]"
}

/// The sizes of a bound tensor.
pub fn sizes(axes: &[Axis]) -> Vec<usize> {
    axes.iter().map(|Axis(_, size)| size.unwrap_or(0)).collect()
}

/// The number of elements of a bound tensor; saturates.
pub fn elements(axes: &[Axis]) -> usize {
    sizes(axes).into_iter().fold(1, usize::saturating_mul)
}
