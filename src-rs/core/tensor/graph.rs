//! The graph of a traced function as plain data, and its construction node by node with checks.

use crate::axes::{Axes, Axis};
use crate::elementwise::Elementwise;
use crate::infer::infer;
use lapicque_base::error::{Error, Result};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

/// An operation with its options. Operands are in [`Node::of`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Op {
    /// A value from outside, by its name.
    Input {
        name: String,
        axes: Axes,
    },
    /// A number for all elements.
    Constant {
        value: f64,
    },
    /// A literal tensor.
    Literal {
        axes: Axes,
        values: Vec<f64>,
    },
    /// 0, 1, 2 … along an axis of the operand; the result has this axis alone.
    Range {
        axis: String,
    },
    /// The number of elements along an axis of the operand.
    Size {
        axis: String,
    },
    #[serde(skip)]
    Elementwise(Elementwise),
    /// 1 where the operand is above 0, else 0; the derivative is the surrogate's.
    Spike {
        surrogate: Value,
    },
    /// The value, through which no gradient flows.
    Detach,
    Sum {
        axis: String,
    },
    Mean {
        axis: String,
    },
    Prod {
        axis: String,
    },
    /// The largest element; the gradient goes to the first one.
    Max {
        axis: String,
    },
    Min {
        axis: String,
    },
    /// `log(sum(exp(x)))`, without overflow.
    LogSumExp {
        axis: String,
    },
    /// The index of the first largest element.
    ArgMax {
        axis: String,
    },
    ArgMin {
        axis: String,
    },
    /// The indices that sort an axis, equal elements in their order.
    ArgSort {
        axis: String,
        descending: bool,
    },
    /// The sum up to each element, including it.
    CumSum {
        axis: String,
    },
    /// The sum over `left` of the first and `right` of the second operand of their products; other axes of one name are
    /// aligned.
    Contract {
        left: String,
        right: String,
    },
    /// The order of axes in memory.
    Transpose {
        axes: Vec<String>,
    },
    /// Several axes as one, in this order; it becomes the last axis.
    Flatten {
        axes: Vec<String>,
        name: String,
    },
    /// One axis as several.
    Unflatten {
        axis: String,
        axes: Axes,
    },
    Rename {
        from: String,
        to: String,
    },
    /// Elements `from`, `from + step` … before `to`; negative positions count from the end.
    Slice {
        axis: String,
        from: i64,
        to: Option<i64>,
        step: usize,
    },
    /// One element of an axis, without the axis.
    At {
        axis: String,
        index: i64,
    },
    Pad {
        axis: String,
        before: usize,
        after: usize,
        value: f64,
    },
    /// The operands one after the other along an axis that all of them have.
    Concat {
        axis: String,
    },
    /// The operands side by side along a new axis, which becomes the first.
    Stack {
        axis: String,
    },
    /// The elements of the first operand at the positions given by the second one; other axes of one name are aligned.
    Gather {
        axis: String,
    },
    /// The first operand repeated along an axis of the second one.
    Expand {
        axis: String,
    },
    /// A loop over an axis: see [`crate::scan`].
    Scan {
        axis: String,
        carries: usize,
        slices: usize,
        body: Box<Graph>,
        result: usize,
    },
    /// An input of the body of a loop.
    Parameter {
        index: usize,
        axes: Axes,
    },
}

/// One operation of a graph.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    pub op: Op,
    /// The operands, all before this node.
    pub of: Vec<usize>,
    /// The place in the user's function, for messages; not saved.
    pub at: Option<String>,
}

/// A traced function. Results have names: the terms of a loss, or the outputs of a layer.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Graph {
    pub nodes: Vec<Node>,
    pub results: Vec<(String, usize)>,
}

/// Maximum number of results of a traced function.
const MAX_RESULTS: usize = 256;

/// Maximum number of nodes of a traced function.
pub const MAX_NODES: usize = 100_000;

impl Op {
    pub fn name(&self) -> String {
        match self {
            Op::Elementwise(f) => f.name().to_string(),
            Op::Input { name, .. } => format!("input \"{name}\""),
            _ => match serde_json::to_value(self) {
                Ok(Value::Object(object)) => object["op"].as_str().unwrap_or_default().to_string(),
                _ => String::new(),
            },
        }
    }
}

impl Node {
    pub fn new(op: Op, of: Vec<usize>) -> Node {
        Node { op, of, at: None }
    }

    /// The operation and its place, for messages.
    pub fn label(&self) -> String {
        match &self.at {
            Some(at) => format!("{} ({at})", self.op.name()),
            None => self.op.name(),
        }
    }

    /// # Errors
    /// `unknown-name` for an operation that does not exist, `invalid-parameter` for its options.
    pub fn from_json(value: Value) -> Result<Node> {
        let Value::Object(mut object) = value else {
            return Err(Error::invalid("node", value, "an object with op and of"));
        };
        let of = object.remove("of").unwrap_or(Value::Array(vec![]));
        let of = serde_json::from_value(of)
            .map_err(|e| Error::invalid("of", e.to_string(), "numbers of nodes"))?;
        let at = object.remove("at").and_then(|at| at.as_str().map(str::to_string));
        let name = object.get("op").and_then(Value::as_str).unwrap_or_default().to_string();
        let op = match Elementwise::from_name(&name) {
            Some(f) if object.len() == 1 => Op::Elementwise(f),
            _ => serde_json::from_value(Value::Object(object)).map_err(|e| {
                Error::invalid(format!("operation {name}"), e.to_string(), "an operation and its options")
            })?,
        };
        Ok(Node { op, of, at })
    }
}

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut object = match &self.op {
            Op::Elementwise(f) => Map::from_iter([("op".to_string(), Value::from(f.name()))]),
            op => match serde_json::to_value(op).map_err(serde::ser::Error::custom)? {
                Value::Object(object) => object,
                _ => Map::new(),
            },
        };
        object.insert("of".into(), Value::from(self.of.clone()));
        object.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Node::from_json(value).map_err(serde::de::Error::custom)
    }
}

impl Graph {
    /// Reads and checks a graph.
    ///
    /// # Errors
    /// `invalid-parameter`, `unknown-name` and `shape-mismatch`
    pub fn from_json(text: &str) -> Result<Graph> {
        let graph: Graph = serde_json::from_str(text)
            .map_err(|e| Error::invalid("traced function", e.to_string(), "a graph as trace() writes it"))?;
        if graph.results.len() > MAX_RESULTS {
            let expected = format!("at most {MAX_RESULTS} results");
            return Err(Error::invalid("results", graph.results.len(), expected));
        }
        graph.axes()?;
        if let Some(node) = graph.nodes.iter().find(|node| matches!(node.op, Op::Parameter { .. })) {
            return Err(Error::invalid(node.label(), "a parameter outside of a loop", "an input"));
        }
        for (i, (name, _)) in graph.results.iter().enumerate() {
            if graph.results[..i].iter().any(|(other, _)| other == name) {
                return Err(Error::invalid("results", format!("two results {name:?}"), "one of each name"));
            }
        }
        Ok(graph)
    }

    /// The axes of all nodes, with the sizes that are known.
    ///
    /// # Errors
    /// `invalid-parameter`, `unknown-name` and `shape-mismatch`
    pub fn axes(&self) -> Result<Vec<Axes>> {
        let mut builder = Builder::default();
        for node in &self.nodes {
            builder.push(node.clone())?;
        }
        match self.results.iter().find(|(_, node)| *node >= self.nodes.len()) {
            Some((name, node)) => Err(Error::invalid(format!("result {name}"), node, "the number of a node")),
            None => Ok(builder.axes),
        }
    }

    /// The inputs, by name.
    pub fn inputs(&self) -> impl Iterator<Item = (usize, &str, &Axes)> {
        self.nodes.iter().enumerate().filter_map(|(i, node)| match &node.op {
            Op::Input { name, axes } => Some((i, name.as_str(), axes)),
            _ => None,
        })
    }
}

/// A graph under construction: each node is checked when it is added.
#[derive(Debug, Clone, Default)]
pub struct Builder {
    pub graph: Graph,
    axes: Vec<Axes>,
}

impl Builder {
    /// Adds a node and returns its number and its axes.
    ///
    /// # Errors
    /// `invalid-parameter`, `unknown-name` and `shape-mismatch`; the graph is then unchanged.
    pub fn push(&mut self, node: Node) -> Result<(usize, &[Axis])> {
        if self.graph.nodes.len() >= MAX_NODES {
            return Err(Error::invalid(node.label(), "one more operation", format!("at most {MAX_NODES}")));
        }
        if let Some(&wrong) = node.of.iter().find(|&&of| of >= self.axes.len()) {
            return Err(Error::invalid(
                node.label(),
                format!("node {wrong}"),
                "operands before the operation",
            ));
        }
        let operands: Vec<&Axes> = node.of.iter().map(|&of| &self.axes[of]).collect();
        let axes = infer(&node, &operands)?;
        self.axes.push(axes);
        self.graph.nodes.push(node);
        let number = self.axes.len() - 1;
        Ok((number, &self.axes[number]))
    }

    pub fn axes(&self, node: usize) -> &[Axis] {
        &self.axes[node]
    }
}
