//! Who reads whom, and an order in which all can run.

use super::description::{Description, NodeSpec};
use crate::error::{Error, Result};
use std::collections::HashMap;

/// Edges by node index; `None` is the network's input.
pub(super) struct Edges {
    pub incoming: Vec<Vec<Option<usize>>>,
    /// Nodes that read each node.
    pub outgoing: Vec<Vec<usize>>,
}

impl Edges {
    pub fn new(description: &Description, index: &HashMap<&str, usize>) -> Result<Self> {
        let find = |name: &str| -> Result<Option<usize>> {
            if name == "input" {
                return Ok(None);
            }
            index.get(name).copied().map(Some).ok_or_else(|| Error::UnknownName {
                kind: "node".into(),
                name: name.into(),
                did_you_mean: None,
            })
        };
        let count = description.nodes.len();
        let mut edges = Edges { incoming: vec![Vec::new(); count], outgoing: vec![Vec::new(); count] };
        for (from, to) in &description.edges {
            let to = find(to)?.ok_or_else(|| {
                Error::invalid("edges", format!("[\"{from}\", \"input\"]"), "an edge to a node")
            })?;
            let from = find(from)?;
            edges.incoming[to].push(from);
            if let Some(from) = from {
                edges.outgoing[from].push(to);
            }
        }
        edges.check(&description.nodes)?;
        Ok(edges)
    }

    fn check(&self, nodes: &[NodeSpec]) -> Result<()> {
        for (node, incoming) in nodes.iter().zip(&self.incoming) {
            let expected = match node {
                NodeSpec::Dynamics { .. }
                | NodeSpec::Concat { .. }
                | NodeSpec::Add { .. }
                | NodeSpec::Multiply { .. } => (incoming.is_empty()).then_some("at least one source"),
                NodeSpec::Attention { .. } => {
                    (incoming.len() != 3).then_some("three sources: queries, keys and values")
                }
                _ => (incoming.len() != 1).then_some("exactly one source for a projection"),
            };
            if let Some(expected) = expected {
                let name = format!("{}: number of incoming edges", node.name());
                return Err(Error::invalid(name, incoming.len(), expected));
            }
        }
        Ok(())
    }

    /// Whether a node's weights belong to the populations that it feeds, instead of a map of its
    /// own: their currents are then summed without being written anywhere between.
    pub fn is_fused(&self, nodes: &[NodeSpec], node: usize) -> bool {
        let populations =
            self.outgoing[node].iter().all(|&to| matches!(nodes[to], NodeSpec::Dynamics { .. }));
        match nodes[node] {
            // What mixes time runs over a whole segment before the population does.
            NodeSpec::Dense { delay: Some(_), .. } => false,
            NodeSpec::Dense { .. } | NodeSpec::OneToOne { .. } => populations,
            // Of a population's own spikes: it is its recurrence.
            NodeSpec::Conv { .. } => {
                populations && self.outgoing[node].iter().all(|&to| self.incoming[node] == [Some(to)])
            }
            _ => false,
        }
    }

    /// What a population or map reads: the source, and the fused projection between.
    pub fn behind(&self, nodes: &[NodeSpec], edge: Option<usize>) -> (Option<usize>, Option<usize>) {
        match edge {
            Some(node) if self.is_fused(nodes, node) => (Some(node), self.incoming[node][0]),
            source => (None, source),
        }
    }

    /// Populations and maps in topological order, in that of the description where there is a
    /// choice; a population's edge to itself does not count.
    pub fn order(&self, nodes: &[NodeSpec]) -> Result<Vec<usize>> {
        let units: Vec<usize> = (0..nodes.len()).filter(|&i| !self.is_fused(nodes, i)).collect();
        let mut done = vec![false; nodes.len()];
        let mut order = Vec::new();
        while order.len() < units.len() {
            let ready = |&&unit: &&usize| {
                let mut sources = self.incoming[unit].iter().map(|&edge| self.behind(nodes, edge).1);
                let itself = matches!(nodes[unit], NodeSpec::Dynamics { .. }).then_some(unit);
                !done[unit] && sources.all(|s| s.is_none_or(|s| done[s] || Some(s) == itself))
            };
            let Some(&next) = units.iter().find(ready) else {
                let remaining = units.iter().filter(|&&unit| !done[unit]);
                let loops = remaining.clone().all(|&unit| !matches!(nodes[unit], NodeSpec::Dynamics { .. }));
                let names: Vec<&str> = remaining.map(|&unit| nodes[unit].name()).collect();
                let what = match loops {
                    true => "a cycle of projections without a population in it",
                    false => "a cycle through more than one population",
                };
                return Err(Error::Unsupported {
                    feature: format!("{what} (among {})", names.join(", ")),
                    format: "the clocked executor".into(),
                });
            };
            done[next] = true;
            order.push(next);
        }
        Ok(order)
    }
}
