//! The connections of a network, and an order in which all nodes can run.
//!
//! Edges marked `delayed`, and all edges from a population to itself, read the previous step. The populations of a loop
//! are run together, as one item of the plan: a task takes one tile with all panels of all members and advances step by
//! step. Within a step, the members run in the order of the edges that are not delayed. Input from outside the loop is
//! computed ahead for a block of steps. The backward pass mirrors this. A cycle without a delayed edge is refused.

use super::description::{Description, How, NodeSpec};
use lapicque_base::error::{Error, Result};
use std::collections::HashMap;

/// Edges by node index; `None` is the network's input.
pub(super) struct Edges<'a> {
    pub incoming: Vec<Vec<Incoming<'a>>>,
    /// Nodes that read each node.
    pub outgoing: Vec<Vec<usize>>,
}

#[derive(Clone, Copy)]
pub(super) struct Incoming<'a> {
    pub from: Option<usize>,
    pub how: &'a How,
}

/// A value that a population or map reads.
#[derive(Clone, Copy)]
pub(super) struct Reading<'a> {
    /// The fused projection in between.
    pub through: Option<usize>,
    pub source: Option<usize>,
    /// Empty: the default ports of the model.
    pub ports: &'a [String],
    pub state: Option<&'a str>,
    /// Whether the values of the previous step are read.
    pub delayed: bool,
}

impl<'a> Edges<'a> {
    pub fn new(description: &'a Description, index: &HashMap<&str, usize>) -> Result<Self> {
        let find = |name: &str| -> Result<Option<usize>> {
            if name == "input" {
                return Ok(None);
            }
            index.get(name).copied().map(Some).ok_or_else(|| {
                Error::unknown(
                    "node",
                    name,
                    description.nodes.iter().map(|node| node.name()).chain(["input"]),
                )
            })
        };
        let count = description.nodes.len();
        let mut edges = Edges { incoming: vec![Vec::new(); count], outgoing: vec![Vec::new(); count] };
        for edge in &description.edges {
            let to = find(&edge.to)?.ok_or_else(|| {
                Error::invalid("edges", format!("[\"{}\", \"input\"]", edge.from), "an edge to a node")
            })?;
            let from = find(&edge.from)?;
            edges.incoming[to].push(Incoming { from, how: &edge.how });
            if let Some(from) = from {
                edges.outgoing[from].push(to);
            }
        }
        edges.check(&description.nodes)?;
        edges.check_edge_options(&description.nodes)?;
        Ok(edges)
    }

    fn check(&self, nodes: &[NodeSpec]) -> Result<()> {
        for (node, incoming) in nodes.iter().zip(&self.incoming) {
            let expected = match node {
                NodeSpec::Registered(node) => node.operation.definition.sources.refused(incoming.len()),
                NodeSpec::Dynamics { .. } => (incoming.is_empty()).then_some("at least one source"),
            };
            if let Some(expected) = expected {
                let name = format!("{}: number of incoming edges", node.name());
                return Err(Error::invalid(name, incoming.len(), expected));
            }
        }
        Ok(())
    }

    /// Only edges between populations may name ports, states and delays.
    fn check_edge_options(&self, nodes: &[NodeSpec]) -> Result<()> {
        let population = |node: usize| matches!(nodes[node], NodeSpec::Dynamics { .. });
        for (to, incoming) in self.incoming.iter().enumerate() {
            for &Incoming { from, how } in incoming {
                let source = from.is_some_and(population);
                let name = || {
                    format!("edge from {} to {}", from.map_or("input", |i| nodes[i].name()), nodes[to].name())
                };
                if let ([port, ..], false) = (how.ports(), population(to)) {
                    let expected = "an edge to a population";
                    return Err(Error::invalid(format!("{}: port", name()), port, expected));
                }
                if let (Some(state), false) = (&how.state, source) {
                    let expected = "an edge from a population";
                    return Err(Error::invalid(format!("{}: state", name()), state, expected));
                }
                if how.delayed && !(source && (population(to) || self.is_fused(nodes, to))) {
                    let expected = "an edge from a population to another, or to a dense, one-to-one or convolutional projection \
                         between two populations";
                    return Err(Error::invalid(format!("{}: delayed", name()), true, expected));
                }
            }
        }
        Ok(())
    }

    /// The values that a population or map reads, by its edges.
    pub fn readings<'b>(
        &'b self,
        nodes: &'b [NodeSpec],
        unit: usize,
    ) -> impl Iterator<Item = Reading<'a>> + 'b {
        self.incoming[unit].iter().map(move |edge| {
            let through = edge.from.filter(|&node| self.is_fused(nodes, node));
            let first = through.map_or(*edge, |node| self.incoming[node][0]);
            let itself = first.from == Some(unit) && matches!(nodes[unit], NodeSpec::Dynamics { .. });
            Reading {
                through,
                source: first.from,
                ports: edge.how.ports(),
                state: first.how.state.as_deref(),
                delayed: itself || first.how.delayed,
            }
        })
    }

    /// Populations and maps in an order in which they can run; where several are possible, in the order of the description.
    /// The nodes of a loop form one group and run together, step by step.
    pub fn order(&self, nodes: &[NodeSpec]) -> Result<Vec<Vec<usize>>> {
        let units: Vec<usize> = (0..nodes.len()).filter(|&i| !self.is_fused(nodes, i)).collect();
        let loops = self.loops(nodes, &units);
        let mut done = vec![false; nodes.len()];
        let mut order: Vec<Vec<usize>> = Vec::new();
        let mut remaining: Vec<usize> = units.clone();
        while !remaining.is_empty() {
            let ready = |&&unit: &&usize| {
                let members = units.iter().filter(|&&other| loops[other] == loops[unit]);
                let mut sources = members.flat_map(|&m| self.readings(nodes, m)).filter_map(|r| r.source);
                sources.all(|source| done[source] || loops[source] == loops[unit])
            };
            let Some(&next) = remaining.iter().find(ready) else { break };
            let members: Vec<usize> = units.iter().copied().filter(|&u| loops[u] == loops[next]).collect();
            let group = self.order_of_loop(nodes, &members)?;
            group.iter().for_each(|&unit| done[unit] = true);
            remaining.retain(|&unit| !done[unit]);
            order.push(group);
        }
        Ok(order)
    }

    /// By unit: the number of its loop. A node that reads values of the previous step runs together with their source and with
    /// all nodes between them.
    fn loops(&self, nodes: &[NodeSpec], units: &[usize]) -> Vec<usize> {
        let mut after: Vec<Vec<usize>> = vec![vec![]; nodes.len()];
        let mut before: Vec<Vec<usize>> = vec![vec![]; nodes.len()];
        for &unit in units {
            for reading in self.readings(nodes, unit) {
                let Some(source) = reading.source else { continue };
                after[source].push(unit);
                before[unit].push(source);
                if reading.delayed {
                    after[unit].push(source);
                    before[source].push(unit);
                }
            }
        }
        // Strongly connected components: a post-order of the graph, then a search of the reversed graph from the last node on.
        let mut post_order = Vec::new();
        let mut seen = vec![false; nodes.len()];
        for &unit in units {
            walk(unit, &after, &mut seen, &mut post_order);
        }
        let mut number = vec![usize::MAX; nodes.len()];
        let mut seen = vec![false; nodes.len()];
        for &unit in post_order.iter().rev() {
            let mut found = Vec::new();
            walk(unit, &before, &mut seen, &mut found);
            found.iter().for_each(|&member| number[member] = unit);
        }
        number
    }

    /// The members of one loop, ordered so that each comes after those whose values of the same step it reads.
    fn order_of_loop(&self, nodes: &[NodeSpec], members: &[usize]) -> Result<Vec<usize>> {
        let names =
            |members: &[usize]| members.iter().map(|&i| nodes[i].name()).collect::<Vec<_>>().join(", ");
        let population = |&&unit: &&usize| matches!(nodes[unit], NodeSpec::Dynamics { .. });
        let cyclic =
            members.len() > 1 || self.readings(nodes, members[0]).any(|r| r.source == Some(members[0]));
        if cyclic && !members.iter().all(|unit| population(&unit)) {
            let among = names(members);
            let feature = match members.iter().find(population) {
                None => format!("a cycle of projections without a population in it (among {among})"),
                Some(_) => {
                    let maps: Vec<usize> = members.iter().filter(|unit| !population(unit)).copied().collect();
                    format!(
                        "{} within a cycle (among {among}; dense and one-to-one projections and convolutions of \
                         the step before can be)",
                        names(&maps)
                    )
                }
            };
            return Err(Error::Unsupported { feature, format: "a network of layers".into() });
        }
        let mut order: Vec<usize> = Vec::new();
        while order.len() < members.len() {
            let ready = |&&unit: &&usize| {
                !order.contains(&unit)
                    && self.readings(nodes, unit).all(|reading| {
                        let inside = reading.source.filter(|source| members.contains(source));
                        reading.delayed || inside.is_none_or(|source| order.contains(&source))
                    })
            };
            let Some(&next) = members.iter().find(ready) else {
                let rest: Vec<usize> = members.iter().copied().filter(|unit| !order.contains(unit)).collect();
                let expected =
                    "an edge with `delayed: true` in every cycle: within a step nothing can wait for itself";
                return Err(Error::invalid("edges", format!("a cycle among {}", names(&rest)), expected));
            };
            order.push(next);
        }
        Ok(order)
    }
}

/// Visits all reachable nodes that were not seen yet, and appends them in post-order of a depth-first search.
fn walk(from: usize, next: &[Vec<usize>], seen: &mut [bool], post_order: &mut Vec<usize>) {
    if std::mem::replace(&mut seen[from], true) {
        return;
    }
    let mut path = vec![(from, 0)];
    while let Some((at, tried)) = path.last_mut() {
        match next[*at].get(*tried) {
            Some(&to) => {
                *tried += 1;
                if !std::mem::replace(&mut seen[to], true) {
                    path.push((to, 0));
                }
            }
            None => {
                post_order.push(*at);
                path.pop();
            }
        }
    }
}
