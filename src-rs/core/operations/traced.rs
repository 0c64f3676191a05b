//! A layer that a user's function of tensors computes ([`lapicque_tensor`]). The function is traced for one sample at one
//! step; the kernels run it for several rows at once.

use crate::definition::{Definition, Fallback, Kind, Param};
use crate::init::{Fan, Initializer, Part};
use crate::operation::{
    BackwardInput, KernelContext, Operation, Planned, Rows, Site, Tensor, WeightUse, Weights,
};
use crate::shape::{Shape, TensorShape};
use lapicque_base::SimdLevel;
use lapicque_base::error::{Error, Result};
use lapicque_projection::{Element, Order, Row};
use lapicque_tensor::{Axes, Axis, Bound, Cost, Graph, Inputs, Node, Op};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The axis of the rows that a kernel runs at once; a user's axis cannot have this name.
const ROW: &str = "__row";

/// The name of the layer's input in its function.
const INPUT: &str = "x";

/// Prefix of a parameter's name in the function.
const PARAMETER: &str = "parameter:";

/// A parameter of the layer as its description states it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameter {
    name: String,
    /// Sizes of all axes.
    shape: Vec<usize>,
    initial: Initializer,
}

impl Parameter {
    fn elements(&self) -> usize {
        self.shape.iter().fold(1, |product, &size| product.saturating_mul(size))
    }

    /// A matrix `[in, out]` has `in` inputs; a vector is a bias.
    fn fan(&self) -> Fan {
        match self.shape[..] {
            [] => Fan::dense(1, 1),
            [size] => Fan::dense(size, size),
            [inputs, outputs] => Fan::dense(outputs, inputs),
            [ref rest @ .., inputs, outputs] => {
                Fan { outputs, inputs, receptive: rest.iter().fold(1, |a, &b| a.saturating_mul(b)) }
            }
        }
    }
}

/// The function for a number of rows: differentiated with respect to the input, and with respect to the parameters.
struct Prepared {
    of_input: Bound,
    of_parameters: Bound,
}

pub struct Traced {
    /// With rows as an axis of the input and the first axis of the result.
    graph: Graph,
    parameters: Vec<Parameter>,
    input: Shape,
    shape: Shape,
    prepared: Mutex<HashMap<usize, Arc<Prepared>>>,
}

/// The names of a shape's axes.
fn names(shape: Shape) -> &'static [&'static str] {
    match shape.rank {
        1 => &["neuron"],
        2 => &["channel", "x"],
        3 => &["channel", "y", "x"],
        _ => &["channel", "z", "y", "x"],
    }
}

fn axes_of(shape: Shape) -> Axes {
    names(shape).iter().zip(shape.sizes()).map(|(name, size)| Axis::new(name, Some(size))).collect()
}

impl Traced {
    /// The graph for one row as a graph for several.
    fn over_rows(layer: &str, mut graph: Graph, input: Shape) -> Result<(Graph, Shape)> {
        let invalid =
            |value: String, expected: &str| Error::invalid(format!("{layer}.graph"), value, expected);
        let [(_, result)] = graph.results[..] else {
            return Err(invalid(format!("{} results", graph.results.len()), "one result"));
        };
        // As it was traced, without rows: the output's axes.
        let own = axes_of(input);
        for node in &mut graph.nodes {
            if let Op::Input { name, axes } = &mut node.op
                && name == INPUT
            {
                let fits = axes.iter().map(|axis| &axis.0).eq(own.iter().map(|axis| &axis.0))
                    && axes.iter().zip(&own).all(|(a, b)| a.1.is_none() || a.1 == b.1);
                if !fits {
                    return Err(Error::ShapeMismatch {
                        layer: layer.into(),
                        expected: lapicque_tensor::axes::text(axes),
                        got: lapicque_tensor::axes::text(&own),
                    });
                }
                axes.clone_from(&own);
            }
        }
        let output = graph.axes()?[result].clone();
        let sizes: Option<Vec<usize>> = output.iter().map(|axis| axis.1).collect();
        let sizes = sizes.filter(|sizes| !sizes.is_empty());
        let sizes = sizes.ok_or_else(|| {
            invalid(lapicque_tensor::axes::text(&output), "a result with axes of known sizes")
        })?;
        let shape = Shape::new(layer, &sizes)?;
        for node in &mut graph.nodes {
            if let Op::Input { name, axes } = &mut node.op
                && name == INPUT
            {
                axes.insert(0, Axis::new(ROW, None));
            }
        }
        if lapicque_tensor::axes::position(&graph.axes()?[result], ROW).is_none() {
            return Err(invalid(
                "a result that does not depend on the input".into(),
                "a function of its input",
            ));
        }
        let order = [ROW.to_string()].into_iter().chain(output.into_iter().map(|axis| axis.0)).collect();
        graph.nodes.push(Node::new(Op::Transpose { axes: order }, vec![result]));
        graph.results = vec![("y".into(), graph.nodes.len() - 1)];
        graph.axes()?;
        Ok((graph, shape))
    }

    fn sizes(&self, name: &str, rows: usize) -> Option<Vec<usize>> {
        if name == INPUT {
            return Some([rows].into_iter().chain(self.input.sizes()).collect());
        }
        self.parameters.iter().find(|own| own.name == name).map(|own| own.shape.clone())
    }

    fn bound(&self, rows: usize, wanted: &dyn Fn(&str) -> bool) -> Result<Bound> {
        Bound::new(&self.graph, &|name| self.sizes(name, rows), wanted)
    }

    fn prepare(&self, rows: usize) -> Result<Prepared> {
        Ok(Prepared {
            of_input: self.bound(rows, &|name| name == INPUT)?,
            of_parameters: self.bound(rows, &|name| name != INPUT)?,
        })
    }

    /// The function for so many rows; it has been tried for one row by `plan`.
    fn prepared(&self, rows: usize) -> Option<Arc<Prepared>> {
        let mut all = self.prepared.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(prepared) = all.get(&rows) {
            return Some(Arc::clone(prepared));
        }
        let prepared = Arc::new(self.prepare(rows).ok()?);
        all.insert(rows, Arc::clone(&prepared));
        Some(prepared)
    }

    /// The inputs of the function: values of all rows in the public order, and the parameters.
    fn inputs<'a, F: Element>(&'a self, x: &'a [F], weight: &'a [F]) -> Inputs<'a, F> {
        let mut inputs: Inputs<F> = vec![(INPUT, x)];
        let mut from = 0;
        for parameter in &self.parameters {
            inputs.push((&parameter.name, &weight[from..from + parameter.elements()]));
            from += parameter.elements();
        }
        inputs
    }

    /// The gradients of the function for some rows; `None` if it cannot be computed there.
    fn gradients<F: Element>(
        &self,
        context: &KernelContext<F>,
        backward: &BackwardInput<F>,
        of: impl Fn(&Prepared) -> &Bound,
    ) -> Option<Vec<(String, Vec<F>)>> {
        let x = public(context.level, &backward.x[0]);
        let prepared = self.prepared(backward.x[0].rows.len())?;
        let inputs = self.inputs(&x, context.weight);
        let run = of(&prepared).run(context.level, &inputs).ok()?;
        let mut seed = vec![F::ZERO; backward.gradient.len()];
        reordered(context.level, self.shape, backward.gradient, &mut seed, true);
        run.gradients(vec![seed]).ok()
    }
}

/// Rows in the public order.
fn public<F: Element>(level: SimdLevel, x: &Rows<F>) -> Vec<F> {
    let mut values = vec![F::ZERO; x.rows.len() * x.shape.elements()];
    x.public(level, &mut values);
    values
}

/// Rows `[pixel][channel]` in the public order, or back.
fn reordered<F: Element>(level: SimdLevel, shape: Shape, from: &[F], to: &mut [F], to_public: bool) {
    if shape.is_public() {
        return to.copy_from_slice(from);
    }
    let [own, public] = [Order::of_values(shape.channels), Order::public(shape.pixels())];
    let order = if to_public { [own, public] } else { [public, own] };
    for (from, to) in from.chunks_exact(shape.elements()).zip(to.chunks_exact_mut(shape.elements())) {
        Row::Values(from).write(level, order, shape.image(), to);
    }
}

impl Operation for Traced {
    fn definition() -> Definition {
        Definition {
            kind: "traced",
            params: vec![
                Param::new("graph", Kind::Plain, Fallback::Needed, "the traced function as a graph"),
                Param::new(
                    "parameters",
                    Kind::Plain,
                    Fallback::Needed,
                    "names, shapes and initial values of its parameters",
                ),
                Param::trainable(),
            ],
            ..Definition::default()
        }
    }

    fn plan(site: &Site) -> Result<Planned<Self>> {
        let field = |name: &str| site.settings.plain(name);
        let graph = Graph::from_json(&field("graph").to_string())?;
        let mut parameters: Vec<Parameter> =
            serde_json::from_value(field("parameters").clone()).map_err(|e| {
                site.invalid("parameters", e.to_string(), "a list of names, shapes and initializers")
            })?;
        let (graph, shape) = Traced::over_rows(site.layer, graph, site.first())?;
        let total = parameters.iter().map(Parameter::elements).fold(0, usize::saturating_add);
        let parts = parameters
            .iter()
            .map(|own| Part { fan: own.fan(), elements: own.elements(), initial: own.initial.clone() })
            .collect();
        let weights = Weights {
            weight: Tensor { shape: TensorShape::from([total]), initial: Initializer::Parts { parts } },
            bias: None,
            fan: Fan::dense(total, 1),
            trainable: site.settings.flag("trainable"),
            used: WeightUse::Own,
        };
        let weights = (total > 0).then_some(weights);
        // As the function names them.
        parameters.iter_mut().for_each(|own| own.name.insert_str(0, PARAMETER));
        let operation = Traced { graph, parameters, input: site.first(), shape, prepared: Mutex::default() };
        operation.prepare(1)?;
        Ok(Planned { operation, shape, weights })
    }

    fn forward<F: Element>(&self, context: &KernelContext<F>, x: &[Rows<F>], out: &mut [F]) {
        let values = public(context.level, &x[0]);
        let prepared = self.prepared(x[0].rows.len());
        let inputs = self.inputs(&values, context.weight);
        let run = prepared.as_ref().and_then(|prepared| prepared.of_input.run(context.level, &inputs).ok());
        match run {
            Some(run) => reordered(context.level, self.shape, run.result("y"), out, false),
            // A position to gather is out of range: the values are not numbers, which the next population refuses.
            None => out.fill(F::from_f64(f64::NAN)),
        }
    }

    fn source_gradient<F: Element>(
        &self,
        context: &KernelContext<F>,
        _source: usize,
        backward: &BackwardInput<F>,
        dx: &mut [F],
    ) {
        dx.fill(F::ZERO);
        let gradients = self.gradients(context, backward, |prepared| &prepared.of_input).unwrap_or_default();
        if let Some((_, gradient)) = gradients.first() {
            reordered(context.level, self.input, gradient, dx, false);
        }
    }

    fn weight_gradient<F: Element>(
        &self,
        context: &KernelContext<F>,
        _piece: usize,
        backward: &BackwardInput<F>,
        [sums, _]: [&mut [F]; 2],
    ) {
        let gradients =
            self.gradients(context, backward, |prepared| &prepared.of_parameters).unwrap_or_default();
        let mut from = 0;
        for parameter in &self.parameters {
            let len = parameter.elements();
            if let Some((_, gradient)) = gradients.iter().find(|(name, _)| *name == parameter.name) {
                sums[from..from + len].iter_mut().zip(gradient).for_each(|(sum, &x)| *sum += x);
            }
            from += len;
        }
    }

    fn fan_outs<F: Element>(&self, weight: &[F]) -> (Vec<u64>, u64) {
        let weight: Vec<f64> = weight.iter().map(|w| w.to_f64()).collect();
        let x = vec![0.0; self.input.elements()];
        let prepared = self.prepared(1);
        let inputs = self.inputs(&x, &weight);
        let synapses = prepared.and_then(|prepared| prepared.of_input.synapses(INPUT, &inputs).ok());
        match synapses {
            Some(synapses) if !synapses.fan_outs.is_empty() => (synapses.fan_outs, synapses.all),
            _ => (vec![0; x.len()], 0),
        }
    }

    fn cost(&self) -> Cost {
        self.prepared(1).map_or(Cost::default(), |prepared| prepared.of_input.cost(&|name| name == INPUT))
    }

    fn working(&self, rows: usize, gradients: bool) -> u64 {
        let values = self.prepared(1).map_or(0, |prepared| prepared.of_input.values());
        values.saturating_mul(rows as u64).saturating_mul(if gradients { 2 } else { 1 })
    }
}
