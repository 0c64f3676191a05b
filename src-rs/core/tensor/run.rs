//! The values of a bound graph.

use crate::axes::{Axes, elements, position, sizes};
use crate::bound::{Bound, Step};
use crate::graph::Op;
use crate::groups::{Feed, Group, strides_in};
use crate::infer::{element, span};
use crate::kernels::product::product;
use crate::kernels::reduce::{Around, Reduction, arg_sort, cumulate, reduce};
use crate::kernels::transfer::{View, transfer};
use lapicque_base::error::{Error, Result};
use lapicque_base::simd::SimdLevel;
use lapicque_expr::{Arg, ArgSlot, Args, Kernel, Outs, Program, set_args};
use rayon::prelude::*;
use std::borrow::Cow;

pub use lapicque_projection::Element as Number;

/// The values of inputs by name.
pub type Inputs<'a, F> = Vec<(&'a str, &'a [F])>;

/// The values of all stored nodes.
pub struct Run<'a, F: Number> {
    pub(crate) bound: &'a Bound,
    pub(crate) level: SimdLevel,
    pub(crate) values: Vec<Cow<'a, [F]>>,
}

/// Elements of a task of an elementwise program.
pub(crate) const TASK: usize = 1 << 14;

impl Bound {
    /// Computes the results.
    ///
    /// # Errors
    /// `shape-mismatch` for an input of another number of elements, `invalid-parameter` for positions to gather that are
    /// not whole numbers within their axis.
    pub fn run<'a, F: Number>(&'a self, level: SimdLevel, inputs: &Inputs<'a, F>) -> Result<Run<'a, F>> {
        let mut values: Vec<Cow<'a, [F]>> = vec![Cow::Borrowed(&[][..]); self.nodes.len()];
        let mut scratch = Vec::new();
        for step in &self.steps {
            match step {
                Step::Group(group) => {
                    let value = forward(self, group, level, &values, &mut scratch);
                    values[group.result] = Cow::Owned(value);
                }
                Step::Node(node) => values[*node] = self.value(*node, level, &values, inputs)?,
            }
        }
        Ok(Run { bound: self, level, values })
    }

    fn value<'a, F: Number>(
        &'a self,
        node: usize,
        level: SimdLevel,
        values: &[Cow<'a, [F]>],
        inputs: &Inputs<'a, F>,
    ) -> Result<Cow<'a, [F]>> {
        let (of, axes) = (&self.nodes[node].of, &self.axes[node]);
        let x = |i: usize| &*values[of[i]];
        let own = |i: usize| &self.axes[of[i]];
        Ok(Cow::Owned(match &self.nodes[node].op {
            Op::Input { name, .. } => {
                let found = inputs.iter().find(|(other, _)| other == name).map(|&(_, values)| values);
                let values = found.ok_or_else(|| Error::invalid(name.clone(), "nothing", "a tensor"))?;
                if values.len() != elements(axes) {
                    let (expected, got) = (crate::axes::text(axes), format!("{} values", values.len()));
                    return Err(Error::ShapeMismatch { layer: name.clone(), expected, got });
                }
                return Ok(Cow::Borrowed(values));
            }
            Op::Constant { value } => vec![F::from_f64(*value)],
            Op::Literal { values, .. } => values.iter().map(|&x| F::from_f64(x)).collect(),
            Op::Range { .. } => (0..elements(axes)).map(|i| F::from_f64(i as f64)).collect(),
            Op::Size { axis } => vec![F::from_f64(self.size(of[0], axis) as f64)],
            Op::Detach | Op::Rename { .. } | Op::Unflatten { .. } => x(0).to_vec(),
            Op::CumSum { axis } => cumulate(self.around(of[0], axis), x(0), false),
            Op::ArgSort { axis, descending } => arg_sort(self.around(of[0], axis), x(0), *descending),
            Op::Contract { left, right } => {
                let plan = Contraction::new([own(0), own(1)], left, right);
                plan.product(level, x(0), x(1))
            }
            Op::Gather { axis } => self.gather(node, axis, x(0), x(1))?,
            _ => match self.reduction(node) {
                Some((reduction, axis)) => reduce(reduction, self.around(of[0], axis), x(0)),
                None => {
                    let mut out = vec![F::ZERO; elements(axes)];
                    if let Op::Pad { value, .. } = self.nodes[node].op {
                        out.fill(F::from_f64(value));
                    }
                    for (i, of) in of.iter().enumerate().filter(|&(i, _)| i < self.moved(node)) {
                        let (sizes, from, to) = self.views(node, i)?;
                        transfer(&sizes, (&values[*of], &from), (&mut out, &to), false);
                    }
                    out
                }
            },
        }))
    }

    fn size(&self, node: usize, axis: &str) -> usize {
        position(&self.axes[node], axis).and_then(|at| self.axes[node][at].1).unwrap_or(0)
    }

    pub(crate) fn around(&self, node: usize, axis: &str) -> Around {
        Around::new(&sizes(&self.axes[node]), position(&self.axes[node], axis).unwrap_or(0))
    }

    /// What a node computes along an axis.
    pub(crate) fn reduction(&self, node: usize) -> Option<(Reduction, &str)> {
        Some(match &self.nodes[node].op {
            Op::Sum { axis } => (Reduction::Sum(1.0), axis),
            Op::Mean { axis } => (Reduction::Sum(1.0 / self.size(self.nodes[node].of[0], axis) as f64), axis),
            Op::Prod { axis } => (Reduction::Prod, axis),
            Op::Max { axis } => (Reduction::Max, axis),
            Op::Min { axis } => (Reduction::Min, axis),
            Op::LogSumExp { axis } => (Reduction::LogSumExp, axis),
            Op::ArgMax { axis } => (Reduction::ArgMax, axis),
            Op::ArgMin { axis } => (Reduction::ArgMin, axis),
            _ => return None,
        })
    }

    /// The number of operands whose elements a node moves.
    pub(crate) fn moved(&self, node: usize) -> usize {
        match self.nodes[node].op {
            Op::Concat { .. } | Op::Stack { .. } => usize::MAX,
            _ => 1,
        }
    }

    /// For an operation that moves the elements of operand `i`: the sizes of what is moved, from where, to where.
    ///
    /// # Errors
    /// `invalid-parameter` for positions outside of their axis.
    pub(crate) fn views(&self, node: usize, i: usize) -> Result<(Vec<usize>, View, View)> {
        let Self { nodes, axes, .. } = self;
        let (own, of, label) = (&axes[node], &axes[nodes[node].of[i]], nodes[node].label());
        let mut to = View::whole(&sizes(own));
        let mut from = View { offset: 0, strides: strides_in(of, own) };
        let mut moved = sizes(own);
        let stride = |axes: &Axes, axis: &str| {
            position(axes, axis).map_or(0, |at| crate::groups::strides(&sizes(axes))[at])
        };
        match &nodes[node].op {
            Op::Slice { axis, from: first, to: last, step } => {
                let range = span(&label, axis, self.size(nodes[node].of[0], axis), *first, *last)?;
                from.offset = range.start * stride(of, axis);
                if let Some(at) = position(own, axis) {
                    from.strides[at] *= step;
                }
            }
            Op::At { axis, index } => {
                from.offset =
                    element(&label, axis, self.size(nodes[node].of[0], axis), *index)? * stride(of, axis);
            }
            Op::Pad { axis, before, .. } => {
                to.offset = before * stride(own, axis);
                if let Some(at) = position(own, axis) {
                    moved[at] = self.size(nodes[node].of[0], axis);
                }
            }
            Op::Concat { axis } => {
                let before: usize = nodes[node].of[..i].iter().map(|&of| self.size(of, axis)).sum();
                to.offset = before * stride(own, axis);
                if let Some(at) = position(own, axis) {
                    moved[at] = self.size(nodes[node].of[i], axis);
                }
            }
            Op::Stack { axis } => {
                to.offset = i * stride(own, axis);
                if let Some(at) = position(own, axis) {
                    moved[at] = 1;
                }
            }
            Op::Flatten { axes: flat, .. } => {
                // The axes of the operand in the order of the result.
                let rest = of.iter().filter(|axis| !flat.contains(&axis.0));
                let order: Axes = rest
                    .chain(flat.iter().filter_map(|name| position(of, name).map(|at| &of[at])))
                    .cloned()
                    .collect();
                return Ok((
                    sizes(&order),
                    View { offset: 0, strides: strides_in(of, &order) },
                    View::whole(&sizes(&order)),
                ));
            }
            _ => {}
        }
        Ok((moved, from, to))
    }

    /// The offsets in the first operand of the elements of a gather.
    pub(crate) fn gathered<F: Number>(&self, node: usize, axis: &str, index: &[F]) -> Result<Vec<usize>> {
        let of = &self.nodes[node].of;
        let (own, x, by) = (&self.axes[node], &self.axes[of[0]], &self.axes[of[1]]);
        let stride = crate::groups::strides(&sizes(x))[position(x, axis).unwrap_or(0)];
        let size = self.size(of[0], axis);
        let rest: Axes = x.iter().filter(|other| other.0 != axis).cloned().collect();
        let all = crate::groups::strides(&sizes(x));
        let strides: Vec<usize> = own
            .iter()
            .map(|axis| position(&rest, &axis.0).and_then(|_| position(x, &axis.0)).map_or(0, |at| all[at]))
            .collect();
        let by = strides_in(by, own);
        let own = sizes(own);
        let mut offsets = Vec::with_capacity(own.iter().product());
        let mut place = vec![0usize; own.len()];
        for _ in 0..own.iter().product::<usize>() {
            let (mut at, mut i) = (0, 0);
            for (k, &n) in place.iter().enumerate() {
                at += n * strides[k];
                i += n * by[k];
            }
            let position = index[i].to_f64();
            if position.fract() != 0.0 || position < 0.0 || position >= size as f64 {
                let expected = format!("whole positions below {size}, the size of axis \"{axis}\"");
                return Err(Error::invalid(self.nodes[node].label(), position, expected));
            }
            offsets.push(at + position as usize * stride);
            for k in (0..own.len()).rev() {
                place[k] += 1;
                if place[k] < own[k] {
                    break;
                }
                place[k] = 0;
            }
        }
        Ok(offsets)
    }

    fn gather<F: Number>(&self, node: usize, axis: &str, x: &[F], index: &[F]) -> Result<Vec<F>> {
        Ok(self.gathered(node, axis, index)?.into_iter().map(|at| x[at]).collect())
    }
}

impl<F: Number> Run<'_, F> {
    /// The value of a result.
    pub fn result(&self, name: &str) -> &[F] {
        let found = self.bound.results.iter().find(|(other, _)| other == name);
        found.map_or(&[], |(_, node)| &self.values[*node])
    }
}

/// A contraction as a batch of matrix products.
pub(crate) struct Contraction {
    /// `[batch, m, k, n]`
    pub sizes: [usize; 4],
    /// The elements of each operand as `[batch][m][k]` and `[batch][k][n]`: sizes and strides.
    pub a: (Vec<usize>, View),
    pub b: (Vec<usize>, View),
}

impl Contraction {
    pub fn new([a, b]: [&Axes; 2], left: &str, right: &str) -> Contraction {
        let shared: Vec<&str> = a
            .iter()
            .map(|axis| axis.0.as_str())
            .filter(|&name| name != left && name != right && position(b, name).is_some())
            .collect();
        let only_a: Vec<&str> = a
            .iter()
            .map(|axis| axis.0.as_str())
            .filter(|&name| name != left && !shared.contains(&name))
            .collect();
        let only_b: Vec<&str> = b
            .iter()
            .map(|axis| axis.0.as_str())
            .filter(|&name| name != right && !shared.contains(&name))
            .collect();
        let order = |axes: &Axes, names: Vec<&str>| {
            let strides = crate::groups::strides(&sizes(axes));
            let at = |name: &&str| position(axes, name).unwrap_or(0);
            let of = |list: &[usize]| names.iter().map(|name| list[at(name)]).collect::<Vec<usize>>();
            (of(&sizes(axes)), View { offset: 0, strides: of(&strides) })
        };
        let size = |axes: &Axes, names: &[&str]| {
            names.iter().map(|name| position(axes, name).and_then(|at| axes[at].1).unwrap_or(1)).product()
        };
        Contraction {
            sizes: [size(a, &shared), size(a, &only_a), size(a, &[left]), size(b, &only_b)],
            a: order(a, [&shared[..], &only_a, &[left]].concat()),
            b: order(b, [&shared[..], &[right], &only_b].concat()),
        }
    }

    pub fn product<F: Number>(&self, level: SimdLevel, a: &[F], b: &[F]) -> Vec<F> {
        product(level, self.sizes, &arranged(&self.a, a), &arranged(&self.b, b))
    }
}

/// A tensor in another order of its axes.
pub(crate) fn arranged<'x, F: Number>((sizes, from): &(Vec<usize>, View), x: &'x [F]) -> Cow<'x, [F]> {
    let whole = View::whole(sizes);
    if whole.strides == from.strides {
        return Cow::Borrowed(x);
    }
    let mut out = vec![F::ZERO; x.len()];
    transfer(sizes, (x, from), (&mut out, &whole), false);
    Cow::Owned(out)
}

/// The elements of the inputs of a group in the order of its result.
pub(crate) fn fed<'v, F: Number>(
    bound: &Bound,
    group: &Group,
    values: &'v [Cow<'_, [F]>],
) -> Vec<Cow<'v, [F]>> {
    let all = sizes(&bound.axes[group.result]);
    group
        .inputs
        .iter()
        .map(|(input, feed)| match feed {
            Feed::Uniform | Feed::Elements => Cow::Borrowed(&*values[*input]),
            Feed::Strided(strides) => {
                let mut out = vec![F::ZERO; all.iter().product()];
                let from = View { offset: 0, strides: strides.clone() };
                transfer(&all, (&values[*input], &from), (&mut out, &View::whole(&all)), false);
                Cow::Owned(out)
            }
        })
        .collect()
}

fn forward<F: Number>(
    bound: &Bound,
    group: &Group,
    level: SimdLevel,
    values: &[Cow<'_, [F]>],
    scratch: &mut Vec<F>,
) -> Vec<F> {
    let mut out = vec![F::ZERO; elements(&bound.axes[group.result])];
    let inputs = fed(bound, group, values);
    execute(level, &group.forward, group, &inputs, None, &mut [&mut out], scratch);
    out
}

/// Runs a program of a group over all elements. `seed`: the gradient of the result.
pub(crate) fn execute<F: Number>(
    level: SimdLevel,
    program: &Program,
    group: &Group,
    inputs: &[Cow<'_, [F]>],
    seed: Option<&[F]>,
    outs: &mut [&mut [F]],
    scratch: &mut Vec<F>,
) {
    let count = outs.first().map_or(0, |out| out.len());
    let kernel: Kernel<F> = Kernel::interpreted(program, level);
    let run = |first: usize, n: usize, mut outs: Outs<F>, scratch: &mut Vec<F>| {
        let mut args: Args<F> = Args::new();
        set_args(&mut args, &program.args, |slot| match slot {
            ArgSlot::Port(i) if i < inputs.len() => match group.inputs[i].1 {
                Feed::Uniform => Arg::Uniform(inputs[i][0]),
                _ => Arg::Elements(&inputs[i][first..first + n]),
            },
            _ => Arg::Elements(&seed.unwrap_or_default()[first..first + n]),
        });
        kernel.run(n, &args, &mut outs, scratch);
    };
    if count <= TASK {
        let outs: Outs<F> = outs.iter_mut().map(|out| &mut **out).collect();
        return run(0, count, outs, scratch);
    }
    let mut tasks: Vec<Outs<F>> = (0..count.div_ceil(TASK)).map(|_| Outs::new()).collect();
    for out in outs.iter_mut() {
        tasks.iter_mut().zip(out.chunks_mut(TASK)).for_each(|(task, out)| task.push(out));
    }
    tasks.into_par_iter().enumerate().for_each(|(i, outs)| {
        let n = TASK.min(count - i * TASK);
        run(i * TASK, n, outs, &mut Vec::new());
    });
}
