//! Fusions: which operations are computed within the unit that reads them, and which buffers two units share, so that values between them
//! are never stored. All conditions are in this file. The executor, its tapes and the memory estimate only read the result. A fusion saves
//! memory and time; it changes no value.
//!
//! One decision is made before there is a plan, because it determines what becomes a map ([`Edges::is_fused`]). All others are a pass over
//! the finished plan ([`Fusions::of`]).

use super::description::NodeSpec;
use super::edges::Edges;
use super::plan::{Feed, LayerPlan, Plan, ProjectionKind, Source};
use super::registered_node::RegisteredNode;
use lapicque_operations::{BatchNorm, Fusing, NormSteps, OperationKind, Pool, Pooling};

/// Maximum number of pixels of a pooling window whose index fits into one byte.
const POOLED_WINDOW: usize = 1 << 8;

/// One fusion. Numbers are those of the plan's projections, maps, layers and ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fusion {
    /// The products with the weights of a projection are summed directly into the currents of a population.
    Projection { projection: usize, layer: usize },
    /// Each row of a convolution is pooled immediately. The convolution's values are never stored, only which of them were selected.
    Pooled { convolution: usize, pool: usize },
    /// Batch norm is applied where the currents of a population are computed. Only the convolution's values are stored.
    Normalized { convolution: usize, norm: usize, layer: usize },
    /// The values of a map alone are the current of a port. The backward pass reads them again, so no tape stores the current.
    Current { map: usize, layer: usize, feed: Feed },
    /// A map stores its values in the order of the neurons that read them, so that they are not reordered for each reader.
    NeuronOrder { map: usize },
    /// The gradient of a map's values is read from the gradient of a port, element by element.
    PortGradient { map: usize, layer: usize, port: usize },
    /// A batch norm writes the gradient of its source where its own gradient is. `at_constant_input`: even if the input is constant.
    GradientInPlace { map: usize, norm: usize, at_constant_input: bool },
}

/// How the values of a map are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MapUse {
    Kept,
    /// Only this pool reads them: each row is pooled immediately.
    Pooled(usize),
    /// Batch norm of this convolution, each of whose values is read by one population only: never stored, but computed from
    /// the convolution's values when it is read.
    Applied(usize),
    /// The values are not read.
    Unread,
}

/// A fusion as it is reported to users.
pub struct FusedLayer<'a> {
    pub layer: &'a str,
    /// The layer within which it is computed.
    pub within: &'a str,
    pub reason: &'static str,
}

/// All fusions of a plan.
#[derive(Debug, Clone, Default)]
pub struct Fusions {
    list: Vec<Fusion>,
    /// By map.
    uses: Vec<MapUse>,
}

impl Fusions {
    /// The pass over a plan.
    pub(super) fn of(plan: &Plan) -> Fusions {
        let readers = readers(plan);
        let maps = 0..plan.maps.len();
        let mut list = projections(plan);
        list.extend(maps.clone().filter_map(|map| pooled(plan, &readers, map)));
        list.extend(maps.clone().filter_map(|map| normalized(plan, &readers, map)));
        list.extend(currents(plan));
        list.extend(maps.clone().filter_map(|map| neuron_order(plan, &readers, map)));
        list.extend(maps.clone().filter_map(|map| port_gradient(plan, &readers, map)));
        list.extend(gradients_in_place(plan, &readers, &list));
        let unread = maps.map(|map| readers[map].is_empty()).collect();
        Fusions::with(list, unread)
    }

    fn with(list: Vec<Fusion>, unread: Vec<bool>) -> Fusions {
        let mut uses: Vec<MapUse> =
            unread.into_iter().map(|unread| if unread { MapUse::Unread } else { MapUse::Kept }).collect();
        for &fusion in &list {
            match fusion {
                Fusion::Pooled { convolution, pool } => uses[convolution] = MapUse::Pooled(pool),
                Fusion::Normalized { convolution, norm, .. } => uses[norm] = MapUse::Applied(convolution),
                _ => {}
            }
        }
        Fusions { list, uses }
    }

    /// The fusions that remain if the values of these maps are recorded: they have to be stored, in the order of the map.
    pub fn without(&self, recorded: &[usize]) -> Fusions {
        let is_recorded = |map: usize| recorded.contains(&map);
        let remains = |fusion: &&Fusion| match **fusion {
            Fusion::Pooled { convolution, .. } => !is_recorded(convolution),
            Fusion::Normalized { convolution, norm, .. } => !is_recorded(convolution) && !is_recorded(norm),
            Fusion::NeuronOrder { map } => !is_recorded(map),
            // What the backward pass and the currents read is the same for stored values.
            Fusion::Projection { .. }
            | Fusion::Current { .. }
            | Fusion::PortGradient { .. }
            | Fusion::GradientInPlace { .. } => true,
        };
        let unread = (0..self.uses.len()).map(|map| self.uses[map] == MapUse::Unread && !is_recorded(map));
        Fusions::with(self.list.iter().filter(remains).copied().collect(), unread.collect())
    }

    /// How each map's values are used.
    pub fn uses(&self) -> &[MapUse] {
        &self.uses
    }

    /// The convolution whose rows a pool takes as they are computed.
    pub fn pooled_by(&self, map: usize) -> Option<usize> {
        self.uses.iter().position(|&usage| usage == MapUse::Pooled(map))
    }

    /// Whether a map's values are stored in the order of neurons.
    pub fn is_in_neuron_order(&self, map: usize) -> bool {
        self.list.iter().any(|fusion| match *fusion {
            Fusion::NeuronOrder { map: own } => own == map,
            // Its batch norm, which is applied later, is read by neurons.
            Fusion::Normalized { convolution, .. } => convolution == map,
            _ => false,
        })
    }

    /// The map that alone is the current of a port, and the feed from it.
    pub fn current(&self, layer: usize, port: usize) -> Option<(&Feed, usize)> {
        self.list.iter().find_map(|fusion| match fusion {
            Fusion::Current { map, layer: own, feed } if (*own, feed.port) == (layer, port) => {
                Some((feed, *map))
            }
            _ => None,
        })
    }

    /// The population and port whose gradient is that of a map's values.
    pub fn port_gradient(&self, map: usize) -> Option<(usize, usize)> {
        self.list.iter().find_map(|fusion| match *fusion {
            Fusion::PortGradient { map: own, layer, port } if own == map => Some((layer, port)),
            _ => None,
        })
    }

    /// The batch norm that writes the gradient of a map's values where its own gradient is.
    pub fn gradient_in_place(&self, map: usize, constant_input: bool) -> Option<usize> {
        self.list.iter().find_map(|fusion| match *fusion {
            Fusion::GradientInPlace { map: own, norm, at_constant_input } if own == map => {
                (at_constant_input || !constant_input).then_some(norm)
            }
            _ => None,
        })
    }

    /// The layers that are computed within another one, in the order of the plan.
    pub fn fused_layers<'a>(&'a self, plan: &'a Plan) -> impl Iterator<Item = FusedLayer<'a>> {
        let map = move |map: usize| &plan.maps[map].name[..];
        self.list.iter().filter_map(move |fusion| match *fusion {
            Fusion::Projection { projection, layer } => Some(FusedLayer {
                layer: &plan.projections[projection].name,
                within: &plan.layers[layer].name,
                reason: "only populations read it: products are summed into their currents",
            }),
            Fusion::Pooled { convolution, pool } => Some(FusedLayer {
                layer: map(convolution),
                within: map(pool),
                reason: "only this max pool reads it: each row is pooled immediately",
            }),
            Fusion::Normalized { norm, layer, .. } => Some(FusedLayer {
                layer: map(norm),
                within: &plan.layers[layer].name,
                reason: "batch norm of a convolution for one population: applied as the currents are computed",
            }),
            Fusion::Current { .. }
            | Fusion::NeuronOrder { .. }
            | Fusion::PortGradient { .. }
            | Fusion::GradientInPlace { .. } => None,
        })
    }
}

impl Edges<'_> {
    /// Whether a node's weights belong to the populations that it feeds, instead of forming a map: their currents are then
    /// summed without intermediate storage.
    pub fn is_fused(&self, nodes: &[NodeSpec], node: usize) -> bool {
        // A map would have to read stored values.
        let populations =
            self.outgoing[node].iter().all(|&to| matches!(nodes[to], NodeSpec::Dynamics { .. }));
        // Then it is part of a loop: an edge is delayed, or the population reads itself.
        let is_within_loop = || {
            let reads_itself = |from| self.outgoing[node].iter().all(|&to| from == Some(to));
            self.incoming[node]
                .iter()
                .all(|edge| edge.how.delayed || edge.from.is_some() && reads_itself(edge.from))
        };
        let NodeSpec::Registered(RegisteredNode { operation, settings, .. }) = &nodes[node] else {
            return false;
        };
        populations
            && match operation.fusing(settings) {
                Fusing::Never => false,
                Fusing::IntoPopulations => true,
                Fusing::WithinLoops => is_within_loop(),
            }
    }
}

/// What reads the values of a map.
enum Reader<'a> {
    Map(usize),
    Population(usize, &'a Feed),
}

/// By map: all its readers, one entry for each reading.
fn readers(plan: &Plan) -> Vec<Vec<Reader<'_>>> {
    let mut readers: Vec<Vec<Reader>> = plan.maps.iter().map(|_| vec![]).collect();
    for (layer, feed) in feeds(plan) {
        if let Source::Map(map) = feed.source {
            readers[map].push(Reader::Population(layer, feed));
        }
    }
    for (reader, map) in plan.maps.iter().enumerate() {
        for &source in &map.sources {
            if let Source::Map(source) = source {
                readers[source].push(Reader::Map(reader));
            }
        }
    }
    readers
}

fn feeds(plan: &Plan) -> impl Iterator<Item = (usize, &Feed)> {
    plan.layers.iter().enumerate().flat_map(|(l, layer)| layer.all_feeds().map(move |feed| (l, feed)))
}

/// The builder has attached these projections to populations, see [`Edges::is_fused`].
fn projections(plan: &Plan) -> Vec<Fusion> {
    // A projection onto several ports has one part per port.
    let whole = feeds(plan).filter(|(_, feed)| feed.part == 0);
    whole
        .filter_map(|(layer, feed)| Some(Fusion::Projection { projection: feed.projection?, layer }))
        .collect()
}

fn pooled(plan: &Plan, readers: &[Vec<Reader>], convolution: usize) -> Option<Fusion> {
    // One reader, because nothing else could read values that are not stored.
    let [Reader::Map(pool)] = readers[convolution][..] else { return None };
    match (plan.maps[convolution].operation, plan.maps[pool].operation) {
        // A max pool, because the gradient enters one pixel of each window, whose index is stored in one byte. For a mean the backward pass
        // would have to distribute it over all pixels.
        (OperationKind::Conv { .. }, OperationKind::Pool(Pool { pooling: Pooling::Max, sliding, .. }))
            if sliding.kernel[0].saturating_mul(sliding.kernel[1]) <= POOLED_WINDOW =>
        {
            Some(Fusion::Pooled { convolution, pool })
        }
        _ => None,
    }
}

fn normalized(plan: &Plan, readers: &[Vec<Reader>], norm: usize) -> Option<Fusion> {
    let [Source::Map(convolution)] = plan.maps[norm].sources[..] else { return None };
    let is_convolution = matches!(plan.maps[convolution].operation, OperationKind::Conv { .. });
    // The population computes its currents with one mean and one variance per channel, the same at every step.
    let is_shared = matches!(
        plan.maps[norm].operation,
        OperationKind::BatchNorm(BatchNorm { steps: NormSteps::Shared, .. })
    );
    // The convolution's values are stored in the order of the neurons, so only the norm may read them; and each is normalized for one
    // neuron, or it would be computed several times.
    let is_alone = only_norm(plan, readers, convolution) == Some(norm);
    let (layer, _) = only_port(plan, readers, norm)?;
    (is_convolution && is_shared && is_alone).then_some(Fusion::Normalized { convolution, norm, layer })
}

fn currents(plan: &Plan) -> impl Iterator<Item = Fusion> {
    let current = |layer: usize, own: &LayerPlan, port: usize| {
        let mut feeds = own.all_feeds().filter(|feed| feed.port == port);
        match (feeds.next(), feeds.next()) {
            // Alone and without weights: any sum or product would have to be computed again.
            (Some(feed @ &Feed { source: Source::Map(map), projection: None, .. }), None) => {
                Some(Fusion::Current { map, layer, feed: *feed })
            }
            _ => None,
        }
    };
    let ports = plan.layers.iter().enumerate();
    ports.flat_map(move |(l, layer)| {
        (0..layer.bound.ports.len()).filter_map(move |port| current(l, layer, port))
    })
}

fn neuron_order(plan: &Plan, readers: &[Vec<Reader>], map: usize) -> Option<Fusion> {
    let element_by_element = |reader: &Reader| match reader {
        // Maps read images pixel by pixel, with the channels of a pixel together.
        Reader::Map(_) => false,
        // A dense projection reads stored rows as they are.
        Reader::Population(_, feed) => {
            !feed.projection.is_some_and(|j| plan.projections[j].kind == ProjectionKind::Dense)
        }
    };
    let all = !readers[map].is_empty() && readers[map].iter().all(element_by_element);
    all.then_some(Fusion::NeuronOrder { map })
}

fn port_gradient(plan: &Plan, readers: &[Vec<Reader>], map: usize) -> Option<Fusion> {
    let (layer, port) = only_port(plan, readers, map)?;
    Some(Fusion::PortGradient { map, layer, port })
}

fn gradients_in_place(plan: &Plan, readers: &[Vec<Reader>], list: &[Fusion]) -> Vec<Fusion> {
    let constant = plan.constant_maps(true);
    let of = |map: usize| {
        // The only reader, so that no other gradient has to be added; and one whose source has the same size.
        let norm = only_norm(plan, readers, map)?;
        // Both are stored row by row, and the norm has a gradient.
        let applied =
            |fusion: &Fusion| matches!(fusion, Fusion::Normalized { norm: own, .. } if *own == norm);
        if list.iter().any(applied) || readers[norm].is_empty() {
            return None;
        }
        // At a constant input, one of the two may have one row for all steps.
        let at_constant_input = constant[map] == constant[norm];
        Some(Fusion::GradientInPlace { map, norm, at_constant_input })
    };
    (0..plan.maps.len()).filter_map(of).collect()
}

/// The batch norm that is the only reader of a map.
fn only_norm(plan: &Plan, readers: &[Vec<Reader>], map: usize) -> Option<usize> {
    match readers[map][..] {
        [Reader::Map(norm)] if matches!(plan.maps[norm].operation, OperationKind::BatchNorm(_)) => Some(norm),
        _ => None,
    }
}

/// The population and port, if they are the only reader of all elements of a map, without a projection.
fn only_port(plan: &Plan, readers: &[Vec<Reader>], map: usize) -> Option<(usize, usize)> {
    match readers[map][..] {
        [Reader::Population(layer, &Feed { part: 0, projection: None, port, .. })]
            if plan.layers[layer].neurons == plan.maps[map].shape.elements() =>
        {
            Some((layer, port))
        }
        _ => None,
    }
}
