//! Converts a description to a plan: every population becomes a layer, with its feeds from outside and inside of its loop;
//! everything else becomes a map.

use super::builder::Builder;
use super::description::Description;
use super::edges::Edges;
use super::fusions::Fusions;
use super::map_plan::MapPlan;
use crate::init::{Fan, Initializer};
use lapicque_base::error::{Error, Result};
use lapicque_dynamics::Bound;
use lapicque_dynamics::settings::check_time_step;
use lapicque_operations::shape::MAX_SIZE;
use lapicque_operations::{Delays, Shape, Sliding, TensorShape};
use std::collections::HashMap;

/// The kind of a projection's weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProjectionKind {
    Dense,
    OneToOne,
    Conv {
        channels: [usize; 2],
        sliding: Sliding,
        groups: usize,
        /// Whether the kernel has one axis.
        line: bool,
    },
    /// A factor and an offset for each channel.
    Affine(Shape),
    /// A table `[inputs, outputs]`.
    Table,
    /// Weights over time, `[outputs, inputs]`, with a bias per output.
    Time,
    /// Weights of a registered operation, as its definition states.
    Registered {
        weight: TensorShape,
        bias: TensorShape,
    },
}

#[derive(Debug, Clone)]
pub struct ProjectionPlan {
    pub name: String,
    pub kind: ProjectionKind,
    pub inputs: usize,
    /// Number of outputs per part.
    pub outputs: usize,
    /// Number of consecutive parts; each feeds a different port.
    pub parts: usize,
    /// By which weights, bias and delays are drawn.
    pub fan: Fan,
    pub bias: bool,
    pub initial: Initializer,
    pub initial_bias: Initializer,
    pub trainable: bool,
    /// Present for a dense projection whose synapses have delays.
    pub delay: Option<Delays>,
    /// Whether input `i` reaches output `i` of each block of outputs that is as long as the input.
    pub autapses: bool,
    /// For feedback: whether all steps of the population are computed at once.
    pub parallel: bool,
    /// For one-to-one weights: whether all neurons of a part share one weight.
    pub shared: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    Input,
    /// The spikes of a layer.
    Spikes(usize),
    /// A state of a layer after each step.
    State(usize, usize),
    Map(usize),
}

impl Source {
    pub fn layer(self) -> Option<usize> {
        match self {
            Source::Spikes(l) | Source::State(l, _) => Some(l),
            Source::Input | Source::Map(_) => None,
        }
    }

    /// Whether the value is the same at every step, given which inputs and maps are.
    pub fn is_constant(self, input: bool, map: impl FnOnce(usize) -> bool) -> bool {
        match self {
            Source::Input => input,
            Source::Map(m) => map(m),
            Source::Spikes(_) | Source::State(..) => false,
        }
    }
}

/// A unit of execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Layers that run together, step by step: a single one, or the members of a loop in the order of a step.
    Layers {
        first: usize,
        count: usize,
    },
    Map(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Feed {
    /// `None`: the source's values are used unchanged.
    pub projection: Option<usize>,
    /// The index of the part of the projection, or of the source's values.
    pub part: usize,
    /// The port that receives the values.
    pub port: usize,
    pub source: Source,
    /// Whether the source's values of the previous step are read.
    pub delayed: bool,
}

pub struct LayerPlan {
    pub name: String,
    pub neurons: usize,
    pub shape: Shape,
    pub bound: Bound,
    /// Feeds from units that have run over all steps before this layer starts.
    pub feeds: Vec<Feed>,
    /// Feeds from members of its own loop.
    pub feedback: Vec<Feed>,
    /// Whether its spikes of the previous step are read.
    pub reads_last_spikes: bool,
    /// Whether its first state is read within its loop, so that it must be stored for the backward pass.
    pub state_is_read: bool,
    /// Whether its state equals its current, and all steps of a sequence are computed at once: its only feed has dense
    /// weights, and so has its only feedback, which is from itself.
    pub parallel: bool,
}

impl LayerPlan {
    /// The default value that other nodes read from a layer.
    pub fn output(&self, layer: usize) -> Source {
        match self.bound.output {
            None => Source::Spikes(layer),
            Some(state) => Source::State(layer, state),
        }
    }

    /// All feeds, from outside and inside of its loop.
    pub fn all_feeds(&self) -> impl Iterator<Item = &Feed> {
        self.feeds.iter().chain(&self.feedback)
    }
}

pub struct Plan {
    pub input_size: usize,
    pub dt: f64,
    pub projections: Vec<ProjectionPlan>,
    /// Sources of a layer come before it.
    pub layers: Vec<LayerPlan>,
    /// Sources of a map come before it.
    pub maps: Vec<MapPlan>,
    /// All layers and maps in the order in which they run.
    pub order: Vec<Unit>,
    pub output: usize,
    /// What is computed within what reads it.
    pub fusions: Fusions,
}

impl Plan {
    /// By layer: whether another layer reads its states, which must then be stored for a whole segment. Groups run one after
    /// the other, and only spikes are always stored.
    pub fn read_as_values(&self) -> Vec<bool> {
        let mut read: Vec<bool> = vec![false; self.layers.len()];
        for source in self.read_from_outside() {
            if let Source::State(source, _) = source {
                read[source] = true;
            }
        }
        read
    }

    /// The values that layers and maps read from outside of their loop, one entry per reader.
    fn read_from_outside(&self) -> impl Iterator<Item = Source> {
        let fed = self.layers.iter().flat_map(|layer| layer.feeds.iter().map(|feed| feed.source));
        fed.chain(self.maps.iter().flat_map(|map| map.sources.iter().copied()))
    }

    /// Whether any node reads this value, inside or outside of a loop.
    pub fn reads(&self, source: Source) -> bool {
        let inside = self.layers.iter().flat_map(|layer| layer.feedback.iter().map(|feed| feed.source));
        self.read_from_outside().chain(inside).any(|read| read == source)
    }

    /// The values of a layer that are read from outside of its loop, without duplicates.
    pub fn outgoing(&self, layer: usize) -> Vec<Source> {
        let mut outgoing: Vec<Source> = Vec::new();
        for source in self.read_from_outside().filter(|source| source.layer() == Some(layer)) {
            if !outgoing.contains(&source) {
                outgoing.push(source);
            }
        }
        outgoing
    }

    /// The layers that run together with this one.
    pub fn group(&self, layer: usize) -> std::ops::Range<usize> {
        let holds = |unit: &&Unit| matches!(unit, Unit::Layers { first, count } if (*first..first + count).contains(&layer));
        match self.order.iter().find(holds) {
            Some(&Unit::Layers { first, count }) => first..first + count,
            _ => layer..layer + 1,
        }
    }

    /// By map: whether its values are the same at every step if the input is constant.
    pub fn constant_maps(&self, constant_input: bool) -> Vec<bool> {
        let mut constant: Vec<bool> = Vec::with_capacity(self.maps.len());
        for map in &self.maps {
            let all = map.operation.temporal().is_none()
                && map.operation.whole().is_none()
                && !map.operation.drops_each_step()
                && map.sources.iter().all(|source| source.is_constant(constant_input, |m| constant[m]));
            constant.push(all);
        }
        constant
    }

    /// The only sequence length that this network accepts, and the layer that requires it.
    pub fn whole_sequence(&self) -> Option<(usize, &str)> {
        self.maps.iter().find_map(|map| Some((map.operation.whole()?, map.name.as_str())))
    }

    /// By map: whether its values are the input of a projection.
    pub fn read_by_projections(&self) -> Vec<bool> {
        let mut read = vec![false; self.maps.len()];
        let fed = self.layers.iter().flat_map(|layer| &layer.feeds);
        let fed = fed.filter(|feed| feed.projection.is_some()).map(|feed| feed.source);
        let maps = self.maps.iter().filter(|map| map.projection.is_some());
        for source in fed.chain(maps.flat_map(|map| map.sources.iter().copied())) {
            if let Source::Map(m) = source {
                read[m] = true;
            }
        }
        read
    }

    /// Whether a value of a population or of the user is the input of a population's projection, not only of a map.
    pub fn enters_a_projection(&self, source: Source) -> bool {
        let mut feeds = self.layers.iter().flat_map(LayerPlan::all_feeds);
        feeds.any(|feed| feed.source == source && feed.projection.is_some())
    }

    pub fn new(description: &Description) -> Result<Plan> {
        check_time_step(description.dt)?;
        check_size("input.size", description.input.size)?;
        let mut index = HashMap::new();
        for (i, node) in description.nodes.iter().enumerate() {
            if node.name() == "input" || node.name().is_empty() {
                return Err(Error::invalid(
                    "node name",
                    format!("\"{}\"", node.name()),
                    "a name other than \"input\" or \"\"",
                ));
            }
            if index.insert(node.name(), i).is_some() {
                return Err(Error::invalid("node name", format!("\"{}\"", node.name()), "a name used once"));
            }
        }
        let edges = Edges::new(description, &index)?;
        let order = edges.order(&description.nodes)?;
        let mut plan = Builder::new(description, &edges)?.build(&order, &index)?;
        plan.fusions = Fusions::of(&plan);
        let outputs = plan.layers[plan.output].neurons;
        match &description.vocabulary {
            Some(tokens) if tokens.len() != outputs => {
                let expected = format!("{outputs}, one for each neuron of the output");
                Err(Error::invalid("vocabulary", format!("{} tokens", tokens.len()), expected))
            }
            _ => Ok(plan),
        }
    }
}

pub(super) fn check_size(name: &str, size: usize) -> Result<()> {
    if size == 0 || size > MAX_SIZE {
        return Err(Error::invalid(name, size, format!("a whole number from 1 to {MAX_SIZE}")));
    }
    Ok(())
}
