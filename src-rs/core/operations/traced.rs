//! A layer that a user's function of tensors computes ([`lapicque_tensor`]). The function is traced for one sample at one
//! step; the kernels run it for several rows at once, and differentiate it with respect to all sources and parameters in
//! one call.

use crate::definition::{Definition, Fallback, Kind, Param, SourceCount};
use crate::init::{Fan, Initializer, Part};
use crate::operation::{
    BackwardInput, Gradients, KernelContext, Operation, Planned, Rows, Site, Tensor, Wanted, WeightUse,
    Weights,
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

/// The name of the layer's only input in its function.
const INPUT: &str = "x";

/// Prefix of the names of several inputs in the function.
const NAMED: &str = "input:";

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

/// A source of the layer: its name in the function, and its shape.
struct Input {
    name: String,
    shape: Shape,
}

pub struct Traced {
    /// With rows as an axis of the inputs and the first axis of the result.
    graph: Graph,
    parameters: Vec<Parameter>,
    inputs: Vec<Input>,
    shape: Shape,
    /// The function by number of rows and wanted gradients.
    prepared: Mutex<HashMap<(usize, u64), Arc<Bound>>>,
}

/// The gradients that a function is differentiated for, as bits: of source `i`, and of the parameters.
const NOTHING: u64 = 0;
const OF_PARAMETERS: u64 = 1 << MAX_INPUTS;
const fn of_source(i: usize) -> u64 {
    1 << i
}

/// Maximum number of sources.
const MAX_INPUTS: usize = 32;

/// Rows of a call that computes gradients: enough for the matrix products to use each block of weights several times.
const ROWS: usize = 128;

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
    /// The sources by the names that the function has for them.
    fn named_inputs(site: &Site) -> Result<Vec<Input>> {
        let field = site.settings.plain("inputs");
        if field.is_null() {
            return match site.sources {
                [(shape, _)] => Ok(vec![Input { name: INPUT.into(), shape: *shape }]),
                _ => {
                    Err(site.invalid("sources", site.sources.len(), "one source: the function has one input"))
                }
            };
        }
        let names: Vec<String> = serde_json::from_value(field.clone())
            .map_err(|e| site.invalid("inputs", e.to_string(), "a list of names"))?;
        if !(1..=MAX_INPUTS).contains(&names.len()) {
            return Err(site.invalid("inputs", names.len(), format!("1 to {MAX_INPUTS} names")));
        }
        if let Some((i, twice)) = names.iter().enumerate().find(|(i, name)| names[..*i].contains(name)) {
            return Err(site.invalid(&format!("inputs[{i}]"), twice, "another name: an input has it"));
        }
        if names.len() != site.sources.len() {
            let expected = format!("{}, one for each of the inputs {}", names.len(), names.join(", "));
            return Err(site.invalid("sources", site.sources.len(), expected));
        }
        let input =
            |(name, &(shape, _)): (&String, &(Shape, &str))| Input { name: format!("{NAMED}{name}"), shape };
        Ok(names.iter().zip(site.sources).map(input).collect())
    }

    /// The graph for one row as a graph for several.
    fn over_rows(site: &Site, mut graph: Graph, inputs: &[Input]) -> Result<(Graph, Shape)> {
        let layer = site.layer;
        let invalid =
            |value: String, expected: &str| Error::invalid(format!("{layer}.graph"), value, expected);
        let [(_, result)] = graph.results[..] else {
            return Err(invalid(format!("{} results", graph.results.len()), "one result"));
        };
        // As it was traced, without rows: the output's axes.
        for node in &mut graph.nodes {
            let Op::Input { name, axes } = &mut node.op else { continue };
            let Some(i) = inputs.iter().position(|input| input.name == *name) else { continue };
            let own = axes_of(inputs[i].shape);
            let fits = axes.iter().map(|axis| &axis.0).eq(own.iter().map(|axis| &axis.0))
                && axes.iter().zip(&own).all(|(a, b)| a.1.is_none() || a.1 == b.1);
            if !fits {
                let own = lapicque_tensor::axes::text(&own);
                let (layer, got) = match name.strip_prefix(NAMED) {
                    None => (layer.into(), own),
                    Some(input) => {
                        (format!("{layer}, input {input}"), format!("{own} from {}", site.sources[i].1))
                    }
                };
                return Err(Error::ShapeMismatch { layer, expected: lapicque_tensor::axes::text(axes), got });
            }
            axes.clone_from(&own);
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
                && inputs.iter().any(|input| input.name == *name)
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
        if let Some(input) = self.inputs.iter().find(|input| input.name == name) {
            return Some([rows].into_iter().chain(input.shape.sizes()).collect());
        }
        self.parameters.iter().find(|own| own.name == name).map(|own| own.shape.clone())
    }

    fn bound(&self, rows: usize, wanted: u64) -> Result<Bound> {
        let is_wanted = |name: &str| match self.inputs.iter().position(|input| input.name == name) {
            Some(i) => wanted & of_source(i) != 0,
            None => wanted & OF_PARAMETERS != 0,
        };
        Bound::new(&self.graph, &|name| self.sizes(name, rows), &is_wanted)
    }

    /// The function for this number of rows; it has been tried for one row by `plan`.
    fn prepared(&self, rows: usize, wanted: u64) -> Option<Arc<Bound>> {
        let mut all = self.prepared.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(prepared) = all.get(&(rows, wanted)) {
            return Some(Arc::clone(prepared));
        }
        let prepared = Arc::new(self.bound(rows, wanted).ok()?);
        all.insert((rows, wanted), Arc::clone(&prepared));
        Some(prepared)
    }

    /// The inputs of the function: values of all rows in the public order, by source, and the parameters.
    fn inputs<'a, F: Element>(&'a self, x: &'a [Vec<F>], weight: &'a [F]) -> Inputs<'a, F> {
        let sources = self.inputs.iter().zip(x).map(|(input, x)| (input.name.as_str(), &x[..]));
        let mut inputs: Inputs<F> = sources.collect();
        let mut from = 0;
        for parameter in &self.parameters {
            inputs.push((&parameter.name, &weight[from..from + parameter.elements()]));
            from += parameter.elements();
        }
        inputs
    }

    /// The gradients of the function for some rows by name; none if it cannot be computed there.
    fn named_gradients<F: Element>(
        &self,
        context: &KernelContext<F>,
        backward: &BackwardInput<F>,
        wanted: u64,
    ) -> Option<Vec<(String, Vec<F>)>> {
        let x = public(context.level, backward.x);
        let prepared = self.prepared(backward.x[0].rows.len(), wanted)?;
        let run = prepared.run(context.level, &self.inputs(&x, context.weight)).ok()?;
        let mut seed = vec![F::ZERO; backward.gradient.len()];
        reordered(context.level, self.shape, backward.gradient, &mut seed, true);
        run.gradients(vec![seed]).ok()
    }

    fn is_source(&self, name: &str) -> bool {
        self.inputs.iter().any(|input| input.name == name)
    }

    /// Number of elements of all parameters.
    fn elements(&self) -> usize {
        self.parameters.iter().map(Parameter::elements).sum()
    }
}

/// The rows of each source in the public order.
fn public<F: Element>(level: SimdLevel, x: &[Rows<F>]) -> Vec<Vec<F>> {
    let of_source = |x: &Rows<F>| {
        let mut values = vec![F::ZERO; x.rows.len() * x.shape.elements()];
        x.public(level, &mut values);
        values
    };
    x.iter().map(of_source).collect()
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
            sources: SourceCount::AtLeastOne,
            params: vec![
                Param::new(
                    "inputs",
                    Kind::Plain,
                    Fallback::Absent,
                    "the names that the function has for its sources, in their order; absent for one source, `x`",
                )
                .sparse(),
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
        let inputs = Traced::named_inputs(site)?;
        let (graph, shape) = Traced::over_rows(site, graph, &inputs)?;
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
        let operation = Traced { graph, parameters, inputs, shape, prepared: Mutex::default() };
        operation.bound(1, NOTHING)?;
        operation.bound(1, u64::MAX)?;
        Ok(Planned { operation, shape, weights })
    }

    fn forward<F: Element>(&self, context: &KernelContext<F>, x: &[Rows<F>], out: &mut [F]) {
        let values = public(context.level, x);
        let prepared = self.prepared(x[0].rows.len(), NOTHING);
        let inputs = self.inputs(&values, context.weight);
        let run = prepared.as_ref().and_then(|prepared| prepared.run(context.level, &inputs).ok());
        match run {
            Some(run) => reordered(context.level, self.shape, run.result("y"), out, false),
            // A position to gather is out of range: the values are not numbers, which the next population refuses.
            None => out.fill(F::from_f64(f64::NAN)),
        }
    }

    /// The executor calls `gradients` instead.
    fn source_gradient<F: Element>(
        &self,
        context: &KernelContext<F>,
        source: usize,
        backward: &BackwardInput<F>,
        dx: &mut [F],
    ) {
        let sources: Vec<bool> = (0..self.inputs.len()).map(|i| i == source).collect();
        let wanted = Wanted { sources: &sources, weight: false };
        dx.copy_from_slice(&Operation::gradients(self, context, backward, &wanted).sources[source]);
    }

    fn gradient_rows(&self) -> usize {
        ROWS
    }

    fn gradients<F: Element>(
        &self,
        context: &KernelContext<F>,
        backward: &BackwardInput<F>,
        wanted: &Wanted,
    ) -> Gradients<F> {
        let mut bits = if wanted.weight { OF_PARAMETERS } else { NOTHING };
        let sources = wanted.sources.iter().enumerate().filter(|(_, wanted)| **wanted);
        sources.for_each(|(i, _)| bits |= of_source(i));
        let found = self.named_gradients(context, backward, bits).unwrap_or_default();
        let of = |name: &str| found.iter().find(|(other, _)| other == name).map(|(_, gradient)| gradient);
        let rows = backward.x[0].rows.len();
        let of_source = |(input, &wanted): (&Input, &bool)| {
            let mut dx = vec![F::ZERO; if wanted { rows * input.shape.elements() } else { 0 }];
            if let Some(gradient) = of(&input.name).filter(|_| wanted) {
                reordered(context.level, input.shape, gradient, &mut dx, false);
            }
            dx
        };
        let sources = self.inputs.iter().zip(wanted.sources).map(of_source).collect();
        let mut weight = Vec::new();
        for parameter in self.parameters.iter().filter(|_| wanted.weight) {
            match of(&parameter.name) {
                Some(gradient) => weight.extend_from_slice(gradient),
                None => weight.resize(weight.len() + parameter.elements(), F::ZERO),
            }
        }
        Gradients { sources, weight }
    }

    fn fan_outs<F: Element>(&self, weight: &[F]) -> (Vec<u64>, u64) {
        let weight: Vec<f64> = weight.iter().map(|w| w.to_f64()).collect();
        let x: Vec<Vec<f64>> = self.inputs.iter().map(|input| vec![0.0; input.shape.elements()]).collect();
        let prepared = self.prepared(1, NOTHING);
        let inputs = self.inputs(&x, &weight);
        let first = &self.inputs[0].name;
        let synapses = prepared
            .and_then(|prepared| prepared.synapses(first, &|name| self.is_source(name), &inputs).ok());
        match synapses {
            Some(synapses) if !synapses.fan_outs.is_empty() => (synapses.fan_outs, synapses.all),
            _ => (vec![0; x[0].len()], 0),
        }
    }

    fn cost(&self) -> Cost {
        let counted =
            |prepared: Arc<Bound>| prepared.cost(&self.inputs[0].name, &|name| self.is_source(name));
        self.prepared(1, NOTHING).map_or(Cost::default(), counted)
    }

    fn working(&self, rows: usize, gradients: bool) -> u64 {
        let values = self.prepared(1, NOTHING).map_or(0, |prepared| prepared.values());
        let values = values.saturating_mul(rows as u64);
        match gradients {
            true => values.saturating_mul(2).saturating_add(self.elements() as u64),
            false => values,
        }
    }
}
