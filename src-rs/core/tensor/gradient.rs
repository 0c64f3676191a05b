//! The gradient of a run: from the results back to the inputs, node by node in reverse.

use crate::axes::{elements, sizes};
use crate::bound::Step;
use crate::graph::Op;
use crate::groups::{Feed, Group};
use crate::kernels::product::product;
use crate::kernels::reduce::{cumulate, reduce_gradient, sum};
use crate::kernels::transfer::{View, sum_into, transfer};
use crate::run::{Contraction, Number, Run, arranged, execute, fed};
use lapicque_base::error::Result;
use lapicque_expr::OutSlot;

/// The gradients of a reverse pass, by node.
struct Gradients<F>(Vec<Option<Vec<F>>>);

impl<F: Number> Gradients<F> {
    /// The gradient of a node, to be added to.
    fn of(&mut self, node: usize, len: usize) -> &mut Vec<F> {
        self.0[node].get_or_insert_with(|| vec![F::ZERO; len])
    }

    /// Adds a gradient of the same size.
    fn add(&mut self, node: usize, gradient: Vec<F>) {
        match &mut self.0[node] {
            Some(sum) => sum.iter_mut().zip(gradient).for_each(|(sum, x)| *sum += x),
            none => *none = Some(gradient),
        }
    }
}

impl<F: Number> Run<'_, F> {
    /// The gradient with respect to each input that was wanted and is reached, by name. `seeds`: the gradient of each
    /// result, in the order of the results.
    ///
    /// # Errors
    /// Those that the run has; so none after a run.
    pub fn gradients(&self, seeds: Vec<Vec<F>>) -> Result<Vec<(String, Vec<F>)>> {
        let bound = self.bound;
        let mut gradients = Gradients((0..bound.nodes.len()).map(|_| None).collect());
        for ((_, node), seed) in bound.results.iter().zip(seeds) {
            if bound.differentiated[*node] {
                gradients.add(*node, seed);
            }
        }
        let mut found: Vec<(String, Vec<F>)> = Vec::new();
        for step in bound.steps.iter().rev() {
            let node = match step {
                Step::Group(group) => group.result,
                Step::Node(node) => *node,
            };
            let Some(gradient) = gradients.0[node].take() else { continue };
            match step {
                Step::Group(group) => self.of_group(group, &gradient, &mut gradients),
                Step::Node(_) => match &bound.nodes[node].op {
                    Op::Input { name, .. } => match found.iter_mut().find(|(other, _)| other == name) {
                        Some((_, sum)) => sum.iter_mut().zip(gradient).for_each(|(sum, x)| *sum += x),
                        None => found.push((name.clone(), gradient)),
                    },
                    _ => self.of_node(node, gradient, &mut gradients)?,
                },
            }
        }
        Ok(found)
    }

    fn of_group(&self, group: &Group, gradient: &[F], to: &mut Gradients<F>) {
        if group.backward.outs.is_empty() {
            return;
        }
        let bound = self.bound;
        let inputs = fed(bound, group, &self.values);
        let mut outs: Vec<Vec<F>> =
            group.backward.outs.iter().map(|_| vec![F::ZERO; gradient.len()]).collect();
        let mut slices: Vec<&mut [F]> = outs.iter_mut().map(|out| &mut out[..]).collect();
        execute(self.level, &group.backward, group, &inputs, Some(gradient), &mut slices, &mut Vec::new());
        for (slot, out) in group.backward.outs.iter().zip(outs) {
            let OutSlot::GradPort(i) = *slot else { continue };
            let (input, feed) = &group.inputs[i];
            match feed {
                Feed::Elements => to.add(*input, out),
                Feed::Uniform => to.add(*input, vec![F::from_f64(sum(&out))]),
                Feed::Strided(strides) => {
                    let into = to.of(*input, elements(&bound.axes[*input]));
                    let view = View { offset: 0, strides: strides.clone() };
                    sum_into(&sizes(&bound.axes[group.result]), &out, into, &view);
                }
            }
        }
    }

    fn of_node(&self, node: usize, gradient: Vec<F>, to: &mut Gradients<F>) -> Result<()> {
        let bound = self.bound;
        let of = &bound.nodes[node].of;
        let len = |of: usize| elements(&bound.axes[of]);
        match &bound.nodes[node].op {
            Op::Rename { .. } | Op::Unflatten { .. } => to.add(of[0], gradient),
            Op::CumSum { axis } => to.add(of[0], cumulate(bound.around(of[0], axis), &gradient, true)),
            Op::Contract { left, right } => self.of_contraction(node, [left, right], &gradient, to),
            Op::Gather { axis } => {
                let index = &self.values[of[1]];
                let into = to.of(of[0], len(of[0]));
                let offsets = bound.gathered(node, axis, index)?;
                offsets.into_iter().zip(gradient).for_each(|(at, x)| into[at] += x);
            }
            Op::Expand { .. } => {
                let (all, _, _) = bound.views(node, 0)?;
                let strides = crate::groups::strides_in(&bound.axes[of[0]], &bound.axes[node]);
                sum_into(&all, &gradient, to.of(of[0], len(of[0])), &View { offset: 0, strides });
            }
            _ => match bound.reduction(node) {
                Some((reduction, axis)) => {
                    let operands = [&self.values[of[0]][..], &self.values[node], &gradient];
                    reduce_gradient(reduction, bound.around(of[0], axis), operands, to.of(of[0], len(of[0])));
                }
                None => {
                    for (i, &of) in of.iter().enumerate().filter(|&(i, _)| i < bound.moved(node)) {
                        if !bound.differentiated[of] {
                            continue;
                        }
                        let (sizes, from, back) = bound.views(node, i)?;
                        transfer(&sizes, (&gradient, &back), (to.of(of, len(of)), &from), true);
                    }
                }
            },
        }
        Ok(())
    }

    /// `dA = dC Bᵀ` and `dB = Aᵀ dC`.
    fn of_contraction(&self, node: usize, [left, right]: [&str; 2], gradient: &[F], to: &mut Gradients<F>) {
        let bound = self.bound;
        let of = &bound.nodes[node].of;
        let plan = Contraction::new([&bound.axes[of[0]], &bound.axes[of[1]]], left, right);
        let [batch, m, k, n] = plan.sizes;
        let flipped = |sizes: [usize; 3], x: &[F]| {
            let view = View { offset: 0, strides: vec![sizes[1] * sizes[2], 1, sizes[2]] };
            arranged(&(vec![sizes[0], sizes[2], sizes[1]], view), x).into_owned()
        };
        if bound.differentiated[of[0]] {
            let b = arranged(&plan.b, &self.values[of[1]]);
            let da = product(self.level, [batch, m, n, k], gradient, &flipped([batch, k, n], &b));
            let (sizes, view) = &plan.a;
            let into = to.of(of[0], elements(&bound.axes[of[0]]));
            transfer(sizes, (&da, &View::whole(sizes)), (into, view), true);
        }
        if bound.differentiated[of[1]] {
            let a = arranged(&plan.a, &self.values[of[0]]);
            let db = product(self.level, [batch, k, m, n], &flipped([batch, m, k], &a), gradient);
            let (sizes, view) = &plan.b;
            let into = to.of(of[1], elements(&bound.axes[of[1]]));
            transfer(sizes, (&db, &View::whole(sizes)), (into, view), true);
        }
    }
}
