//! The shape rule of each operation: the axes of its result from those of its operands. Sizes may be unknown.

use crate::axes::{Axes, Axis, broadcast, check, find, position, same_size, text};
use crate::graph::{Node, Op};
use crate::scan;
use lapicque_base::error::{Error, Result};

/// The number of operands of an operation: at least, at most.
fn operands(op: &Op) -> [usize; 2] {
    match op {
        Op::Input { .. } | Op::Constant { .. } | Op::Literal { .. } | Op::Parameter { .. } => [0, 0],
        Op::Elementwise(f) => [f.operands(); 2],
        Op::Contract { .. } | Op::Gather { .. } | Op::Expand { .. } => [2, 2],
        Op::Concat { .. } | Op::Stack { .. } => [1, usize::MAX],
        Op::Scan { carries, slices, .. } => [carries + slices, usize::MAX],
        _ => [1, 1],
    }
}

/// # Errors
/// `invalid-parameter`, `unknown-name` and `shape-mismatch`, each with the label of the node.
pub fn infer(node: &Node, of: &[&Axes]) -> Result<Axes> {
    let label = node.label();
    let [least, most] = operands(&node.op);
    if of.len() < least || of.len() > most {
        let expected = match least == most {
            true => format!("{least}"),
            false => format!("at least {least}"),
        };
        return Err(Error::invalid(label, format!("{} operands", of.len()), expected));
    }
    let first = of.first().copied().cloned().unwrap_or_default();
    let axes = match &node.op {
        Op::Input { axes, .. } | Op::Parameter { axes, .. } => axes.clone(),
        Op::Constant { value } => finite(&label, *value).map(|()| vec![])?,
        Op::Literal { axes, values } => literal(&label, axes, values)?,
        Op::Range { axis } => vec![first[find(&label, &first, axis)?].clone()],
        Op::Size { axis } => find(&label, &first, axis).map(|_| vec![])?,
        Op::Elementwise(_) => broadcast(&label, of)?,
        Op::Spike { surrogate } => {
            lapicque_dynamics::surrogate::Surrogate::resolve(Some(surrogate), None, None)
                .map_err(|error| Error::invalid(label.clone(), error, "a surrogate"))?;
            first
        }
        Op::Detach => first,
        Op::Sum { axis } | Op::Mean { axis } | Op::Prod { axis } | Op::LogSumExp { axis } => {
            without(&label, first, axis)?
        }
        Op::Max { axis } | Op::Min { axis } | Op::ArgMax { axis } | Op::ArgMin { axis } => {
            let at = find(&label, &first, axis)?;
            if first[at].1 == Some(0) {
                return Err(Error::invalid(label, format!("axis \"{axis}\" without elements"), "an element"));
            }
            without(&label, first, axis)?
        }
        Op::ArgSort { axis, .. } | Op::CumSum { axis } => find(&label, &first, axis).map(|_| first)?,
        Op::Contract { left, right } => contract(&label, of, left, right)?,
        Op::Transpose { axes } => transpose(&label, &first, axes)?,
        Op::Flatten { axes, name } => flatten(&label, first, axes, name)?,
        Op::Unflatten { axis, axes } => unflatten(&label, first, axis, axes)?,
        Op::Rename { from, to } => {
            let at = find(&label, &first, from)?;
            let mut renamed = first;
            renamed[at].0.clone_from(to);
            renamed
        }
        Op::Slice { axis, from, to, step } => {
            let at = find(&label, &first, axis)?;
            if *step == 0 {
                return Err(Error::invalid(label, "step 0", "a step of at least 1"));
            }
            let mut sliced = first;
            sliced[at].1 = match sliced[at].1 {
                Some(size) => Some(span(&label, axis, size, *from, *to)?.len().div_ceil(*step)),
                None => None,
            };
            sliced
        }
        Op::At { axis, index } => {
            let at = find(&label, &first, axis)?;
            if let Some(size) = first[at].1 {
                element(&label, axis, size, *index)?;
            }
            without(&label, first, axis)?
        }
        Op::Pad { axis, before, after, value } => {
            finite(&label, *value)?;
            let at = find(&label, &first, axis)?;
            let mut padded = first;
            padded[at].1 = padded[at].1.map(|size| size.saturating_add(*before).saturating_add(*after));
            padded
        }
        Op::Concat { axis } => concat(&label, of, axis)?,
        Op::Stack { axis } => {
            let mut axes = vec![Axis::new(axis, Some(of.len()))];
            axes.extend(broadcast(&label, of)?);
            axes
        }
        Op::Gather { axis } => {
            find(&label, &first, axis)?;
            let rest = without(&label, first, axis)?;
            broadcast(&label, &[of[1], &rest]).map(|all| ordered(&all, &rest, of[1]))?
        }
        Op::Expand { axis } => {
            let at = find(&label, of[1], axis)?;
            if position(&first, axis).is_some() {
                return Err(Error::invalid(label, format!("axis \"{axis}\" twice"), "an axis that it lacks"));
            }
            let mut axes = first;
            axes.insert(0, of[1][at].clone());
            axes
        }
        Op::Scan { axis, carries, slices, body, result } => {
            scan::axes(&label, of, axis, [*carries, *slices], body, *result)?
        }
    };
    check(&label, &axes)?;
    Ok(axes)
}

fn finite(label: &str, value: f64) -> Result<()> {
    if value.is_finite() { Ok(()) } else { Err(Error::invalid(label, value, "a finite number")) }
}

fn literal(label: &str, axes: &Axes, values: &[f64]) -> Result<Axes> {
    let sizes = axes.iter().map(|axis| axis.1).collect::<Option<Vec<usize>>>();
    let elements = sizes.map(|sizes| sizes.into_iter().fold(1, usize::saturating_mul));
    if elements != Some(values.len()) {
        let got = format!("{} values", values.len());
        return Err(Error::ShapeMismatch { layer: label.into(), expected: text(axes), got });
    }
    values.iter().try_for_each(|&value| finite(label, value))?;
    Ok(axes.clone())
}

fn without(label: &str, mut axes: Axes, axis: &str) -> Result<Axes> {
    let at = find(label, &axes, axis)?;
    axes.remove(at);
    Ok(axes)
}

/// Axes of both operands, then those of the left one alone, then those of the right one alone.
fn contract(label: &str, of: &[&Axes], left: &str, right: &str) -> Result<Axes> {
    let (a, b) = (of[0], of[1]);
    let (at_left, at_right) = (find(label, a, left)?, find(label, b, right)?);
    let renamed = Axis(left.into(), b[at_right].1);
    same_size(label, &a[at_left], &renamed)?;
    let (rest_a, rest_b) = (without(label, a.clone(), left)?, without(label, b.clone(), right)?);
    let mut axes = Axes::new();
    for axis in &rest_a {
        if let Some(at) = position(&rest_b, &axis.0) {
            axes.push(same_size(label, axis, &rest_b[at])?);
        }
    }
    axes.extend(rest_a.iter().filter(|axis| position(&rest_b, &axis.0).is_none()).cloned());
    axes.extend(rest_b.iter().filter(|axis| position(&rest_a, &axis.0).is_none()).cloned());
    Ok(axes)
}

fn transpose(label: &str, axes: &Axes, order: &[String]) -> Result<Axes> {
    if order.len() != axes.len() {
        return Err(Error::ShapeMismatch {
            layer: label.into(),
            expected: format!("each of {} once", text(axes)),
            got: format!("{order:?}"),
        });
    }
    order.iter().map(|name| Ok(axes[find(label, axes, name)?].clone())).collect()
}

fn flatten(label: &str, axes: Axes, flat: &[String], name: &str) -> Result<Axes> {
    let mut size = Some(1usize);
    let mut rest = axes.clone();
    for axis in flat {
        let at = find(label, &rest, axis)?;
        size = size.zip(rest.remove(at).1).map(|(a, b)| a.saturating_mul(b));
    }
    if flat.is_empty() {
        return Err(Error::invalid(label, "no axes", "at least one axis"));
    }
    rest.push(Axis::new(name, size));
    Ok(rest)
}

fn unflatten(label: &str, axes: Axes, axis: &str, parts: &[Axis]) -> Result<Axes> {
    let at = find(label, &axes, axis)?;
    let sizes = parts.iter().map(|part| part.1).collect::<Option<Vec<usize>>>();
    let Some(product) = sizes.map(|sizes| sizes.into_iter().fold(1, usize::saturating_mul)) else {
        return Err(Error::invalid(label, text(parts), "a size for each axis"));
    };
    if axes[at].1.is_some_and(|size| size != product) || parts.is_empty() {
        return Err(Error::ShapeMismatch {
            layer: label.into(),
            expected: text(&axes[at..=at]),
            got: text(parts),
        });
    }
    let mut result = axes;
    result.splice(at..=at, parts.iter().cloned());
    Ok(result)
}

fn concat(label: &str, of: &[&Axes], axis: &str) -> Result<Axes> {
    let mut all = of[0].clone();
    let mut total = Some(0usize);
    for axes in of {
        let at = find(label, axes, axis)?;
        total = total.zip(axes[at].1).map(|(sum, size)| sum.saturating_add(size));
        for own in axes.iter().filter(|own| own.0 != axis) {
            match position(&all, &own.0) {
                Some(at) => all[at] = same_size(label, &all[at], own)?,
                None => all.push(own.clone()),
            }
        }
    }
    let at = find(label, &all, axis)?;
    all[at].1 = total;
    Ok(all)
}

/// The axes of a gathered tensor: those of the tensor, then those that the positions add.
fn ordered(all: &[Axis], rest: &[Axis], index: &[Axis]) -> Axes {
    let of = |name: &str| all[position(all, name).unwrap_or(0)].clone();
    let added = index.iter().filter(|axis| position(rest, &axis.0).is_none());
    rest.iter().chain(added).map(|axis| of(&axis.0)).collect()
}

/// The positions of a slice.
pub fn span(
    label: &str,
    axis: &str,
    size: usize,
    from: i64,
    to: Option<i64>,
) -> Result<std::ops::Range<usize>> {
    let place = |at: i64| {
        let at = if at < 0 { at.saturating_add(size as i64) } else { at };
        usize::try_from(at).ok().filter(|&at| at <= size)
    };
    match (place(from), place(to.unwrap_or(size as i64))) {
        (Some(from), Some(to)) if from <= to => Ok(from..to),
        _ => {
            let got = format!("{from} to {}", to.map_or("the end".into(), |to| to.to_string()));
            Err(Error::invalid(label, got, format!("positions of the {size} elements of axis \"{axis}\"")))
        }
    }
}

/// The position of one element.
pub fn element(label: &str, axis: &str, size: usize, index: i64) -> Result<usize> {
    let at = if index < 0 { index.saturating_add(size as i64) } else { index };
    usize::try_from(at).ok().filter(|&at| at < size).ok_or_else(|| {
        Error::invalid(label, index, format!("a position of the {size} elements of axis \"{axis}\""))
    })
}
