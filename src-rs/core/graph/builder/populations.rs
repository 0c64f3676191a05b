//! Builds populations, their ports and feeds, and the loops that they form.

use super::{Builder, check_shape, mismatch};
use crate::description::NodeSpec;
use crate::plan::{Feed, LayerPlan, ProjectionKind, ProjectionPlan, Source, Unit, check_size};
use lapicque_base::error::{Error, Result};
use lapicque_dynamics::Bound;
use lapicque_operations::Shape;

impl Builder<'_> {
    /// Populations that run together. All are created first, so that they can read each other.
    pub(super) fn layers(&mut self, group: &[usize]) -> Result<()> {
        let first = self.layers.len();
        for &node in group {
            let NodeSpec::Dynamics { name, neurons, dynamics } = &self.description.nodes[node] else {
                continue;
            };
            check_size(&format!("{name}.neurons"), *neurons)?;
            let bound = Bound::new(dynamics, *neurons, self.description.dt).map_err(|e| e.within(name))?;
            let plan = LayerPlan {
                name: name.clone(),
                neurons: *neurons,
                shape: Shape::flat(*neurons),
                bound,
                feeds: vec![],
                feedback: vec![],
                reads_last_spikes: false,
                state_is_read: false,
                parallel: false,
            };
            self.node_sources[node] = Some(plan.output(self.layers.len()));
            self.layers.push(plan);
        }
        for (layer, &node) in (first..).zip(group) {
            self.feeds(layer, node, first)?;
        }
        for layer in first..self.layers.len() {
            for feed in self.layers[layer].feedback.clone() {
                self.check_image_feedback(&feed, layer)?;
                match feed.source {
                    Source::Spikes(l) => self.layers[l].reads_last_spikes |= feed.delayed,
                    Source::State(l, state) => self.layers[l].state_is_read |= state == 0,
                    Source::Input | Source::Map(_) => {}
                }
            }
        }
        for (layer, &node) in (first..).zip(group) {
            self.layers[layer].parallel = self.is_parallel(layer, node)?;
        }
        self.order.push(Unit::Layers { first, count: group.len() });
        Ok(())
    }

    /// The feeds of one population; members of its loop are numbered from `first`.
    fn feeds(&mut self, layer: usize, node: usize, first: usize) -> Result<()> {
        let NodeSpec::Dynamics { name, neurons, .. } = &self.description.nodes[node] else { return Ok(()) };
        let edges = self.edges;
        for reading in edges.readings(&self.description.nodes, node) {
            let projection = reading.through.and_then(|node| self.slot[node]);
            let source = self.source(&reading, Some(layer))?;
            let inside = source.layer().is_some_and(|l| l >= first);
            if source.layer() == Some(layer) && projection.is_none() {
                return Err(Error::invalid(
                    "edges",
                    format!("[\"{name}\", \"{name}\"]"),
                    "a projection between a population and itself",
                ));
            }
            let ports = self.ports(layer, reading.ports, source)?;
            let entering = self.shape(source);
            let source = match projection {
                Some(j) if matches!(self.projections[j].kind, ProjectionKind::Conv { .. }) => {
                    self.take_image(layer, j, entering, ports.len())?;
                    source
                }
                Some(j) => {
                    let from = self.name(source);
                    check_shape(
                        &self.projections[j].name,
                        self.projections[j].inputs,
                        entering.elements(),
                        from,
                    )?;
                    self.cut(j, name, *neurons, ports.len())?;
                    self.flat(source)
                }
                None => {
                    check_shape(name, *neurons * ports.len(), entering.elements(), self.name(source))?;
                    let channels = entering.channels / ports.len();
                    if self.layers[layer].feeds.is_empty() && entering.channels == channels * ports.len() {
                        self.layers[layer].shape = Shape { channels, ..entering };
                    }
                    match ports.len() {
                        1 => source,
                        _ => self.as_map(source),
                    }
                }
            };
            // A network has an input also if its first neurons read none, such as generators.
            if source != Source::Input || projection.is_some() {
                ports.iter().try_for_each(|&port| self.layers[layer].bound.check_port(name, port))?;
            }
            let feeds = ports.into_iter().enumerate().map(|(part, port)| Feed {
                projection,
                part,
                port,
                source,
                delayed: reading.delayed,
            });
            match inside {
                true => self.layers[layer].feedback.extend(feeds),
                false => self.layers[layer].feeds.extend(feeds),
            }
        }
        if self.layers[layer].feeds.is_empty()
            && self.layers[layer].feedback.iter().all(|f| f.source.layer() == Some(layer))
        {
            return Err(Error::invalid(
                format!("{name}: number of incoming edges"),
                0,
                "at least one source",
            ));
        }
        Ok(())
    }

    /// The ports that an edge feeds: the named ones, or the default ports of the model.
    fn ports(&self, layer: usize, names: &[String], source: Source) -> Result<Vec<usize>> {
        let LayerPlan { name, bound, .. } = &self.layers[layer];
        if names.is_empty() {
            let itself = source.layer() == Some(layer);
            return Ok(if itself { &bound.feedback_ports } else { &bound.input_ports }.clone());
        }
        let mut ports = Vec::new();
        for port in names {
            match bound.ports.iter().position(|other| other == port) {
                Some(i) if ports.contains(&i) => {
                    return Err(Error::invalid(
                        format!("edges: ports of {name}"),
                        format!("{names:?}"),
                        "each port once",
                    ));
                }
                Some(i) => ports.push(i),
                None => {
                    return Err(Error::unknown(
                        &format!("port of {name}"),
                        port,
                        bound.ports.iter().copied(),
                    ));
                }
            }
        }
        Ok(ports)
    }

    /// Divides the outputs of a projection into one part per port.
    fn cut(&mut self, projection: usize, layer: &str, neurons: usize, parts: usize) -> Result<()> {
        let plan = &mut self.projections[projection];
        let outputs = plan.outputs * plan.parts;
        if outputs != neurons * parts {
            let expected = match parts {
                1 => format!("[{neurons}]"),
                _ => format!("[{}], {neurons} for each of {parts} ports", neurons * parts),
            };
            return Err(mismatch(layer, expected, format!("[{outputs}] from {}", plan.name)));
        }
        (plan.outputs, plan.parts) = (neurons, parts);
        Ok(())
    }

    /// A population whose shape is not given otherwise takes the shape of the convolution's image.
    fn take_image(&mut self, layer: usize, projection: usize, from: Shape, parts: usize) -> Result<()> {
        let ProjectionPlan { name, kind: ProjectionKind::Conv { channels, sliding, .. }, .. } =
            &self.projections[projection]
        else {
            return Ok(());
        };
        let LayerPlan { neurons, shape, feeds, .. } = &mut self.layers[layer];
        if from.rank == 1 || shape.rank != 1 || !feeds.is_empty() {
            return Ok(());
        }
        let image = Shape { channels: channels[1] / parts, size: sliding.output(name, from.size)?, ..from };
        if image.elements() == *neurons {
            *shape = image;
        }
        Ok(())
    }

    /// A convolution within a loop must produce the image shape of the population that it feeds.
    fn check_image_feedback(&mut self, feed: &Feed, layer: usize) -> Result<()> {
        let Some(j) = feed.projection else { return Ok(()) };
        let ProjectionPlan { name, kind: ProjectionKind::Conv { channels, sliding, line, .. }, .. } =
            &self.projections[j]
        else {
            return Ok(());
        };
        let (from, to) = (self.shape(feed.source), self.layers[layer].shape);
        let size = sliding.output(name, from.size)?;
        let rank = if *line { 2 } else { 3 };
        let parts = self.layers[layer].feedback.iter().filter(|other| other.projection == Some(j)).count();
        if from.rank != rank || *channels != [from.channels, parts * to.channels] || size != to.size {
            let got = format!("a convolution of {channels:?} channels that gives {size:?} pixels");
            let expected = match parts {
                1 => format!("one from {from} to {to}"),
                _ => format!("one from {from} to {parts} times the channels of {to}"),
            };
            return Err(mismatch(name, expected, got));
        }
        Ok(())
    }
}
