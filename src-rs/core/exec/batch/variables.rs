//! The variables of a network that can be recorded, by name: states and spikes of populations, the currents of their
//! ports, and the values of layers without a state.

use crate::batch::outputs::Window;
use crate::forward::forward_scan::Forward;
use crate::network::compiled::Network;
use crate::storage::parallel;
use lapicque_base::error::{Error, Result, try_vec};
use lapicque_graph::{Feed, Plan};
use lapicque_projection::{Element, PANEL, panels};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variable {
    Spikes,
    /// Index of a state of the population.
    State(usize),
    /// The current of a port of the population, summed over all its sources.
    Port(usize),
    /// The values of an operation; the index is that of the operation, not of a layer.
    Values,
    /// The output of a projection onto populations; the index is that of the projection, not of a layer.
    Product,
}

/// The feeds of a projection onto a population from outside of its loop, in the order of the projection's parts, and
/// that population. `None` if the projection is within a loop or part of an operation.
pub(crate) fn product_feeds(plan: &Plan, projection: usize) -> Option<(usize, Vec<&Feed>)> {
    plan.layers.iter().enumerate().find_map(|(layer, of)| {
        let mut feeds: Vec<&Feed> =
            of.feeds.iter().filter(|feed| feed.projection == Some(projection)).collect();
        feeds.sort_by_key(|feed| feed.part);
        feeds.dedup_by_key(|feed| feed.part);
        (feeds.len() == plan.projections[projection].parts).then_some((layer, feeds))
    })
}

impl<F: Element> Network<F> {
    /// All names that [`Network::variable`] accepts: `layer.state`, `layer.spikes`, `layer.port` and `layer.values`.
    pub fn recordable(&self) -> Vec<String> {
        let plan = &self.plan;
        let layers = plan.layers.iter().flat_map(|l| {
            let states = l.bound.states.iter().map(|s| s.name);
            let ports = l.bound.ports.iter().copied();
            let own = l.bound.spiking.then_some("spikes").into_iter().chain(states.clone());
            let ports = ports.filter(move |port| states.clone().all(|state| state != *port));
            own.chain(ports).map(|name| format!("{}.{name}", l.name)).collect::<Vec<_>>()
        });
        let products = (0..plan.projections.len()).filter(|&j| product_feeds(plan, j).is_some());
        let products = products.map(|j| &plan.projections[j].name);
        let values = plan.maps.iter().map(|map| &map.name).chain(products);
        layers.chain(values.map(|name| format!("{name}.values"))).collect()
    }

    /// `layer.variable`, for example `lif1.v`, `lif1.spikes`, `lif1.current` or `conv1.values`.
    ///
    /// # Errors
    /// `unknown-name`
    pub fn variable(&self, name: &str) -> Result<(usize, Variable)> {
        let unknown = || Error::unknown("recording", name, self.recordable().iter().map(String::as_str));
        let (layer, variable) = name.rsplit_once('.').ok_or_else(unknown)?;
        let plan = &self.plan;
        if let (Some(map), "values") = (plan.maps.iter().position(|m| m.name == layer), variable) {
            return Ok((map, Variable::Values));
        }
        let product = |j: &usize| plan.projections[*j].name == layer && product_feeds(plan, *j).is_some();
        if let (Some(j), "values") = ((0..plan.projections.len()).find(product), variable) {
            return Ok((j, Variable::Product));
        }
        let index = plan.layers.iter().position(|l| l.name == layer).ok_or_else(unknown)?;
        let bound = &plan.layers[index].bound;
        if variable == "spikes" && bound.spiking {
            return Ok((index, Variable::Spikes));
        }
        if let Some(state) = bound.states.iter().position(|s| s.name == variable) {
            return Ok((index, Variable::State(state)));
        }
        match bound.ports.iter().position(|port| *port == variable) {
            Some(port) => Ok((index, Variable::Port(port))),
            None => Err(unknown()),
        }
    }

    /// The population and port whose current is the output of a projection alone. Then the gradients of both are equal.
    pub fn sole_port(&self, projection: usize) -> Option<(usize, usize)> {
        let (layer, feeds) = product_feeds(&self.plan, projection)?;
        let [feed] = feeds[..] else { return None };
        let count = self.plan.layers[layer].all_feeds().filter(|other| other.port == feed.port).count();
        (count == 1).then_some((layer, feed.port))
    }

    /// Number of elements of a recorded variable.
    pub fn recorded(&self, index: usize, variable: Variable) -> usize {
        match variable {
            Variable::Values => self.plan.maps[index].shape.elements(),
            Variable::Product => self.plan.projections[index].outputs * self.plan.projections[index].parts,
            Variable::Spikes | Variable::State(_) | Variable::Port(_) => self.plan.layers[index].neurons,
        }
    }
}

impl Window {
    /// Computes and copies the output of a projection over a segment that has run; `forward` has the tapes of all
    /// layers. The run itself adds these products directly to a port and does not store them; the bits are the same.
    pub(crate) fn collect_product<F: Element>(
        &self,
        forward: &Forward<F>,
        projection: usize,
        out: &mut [F],
    ) -> Result<()> {
        let (plan, g) = (&forward.network.plan, &forward.g);
        let Some((layer, feeds)) = product_feeds(plan, projection) else { return Ok(()) };
        let outputs = plan.projections[projection].outputs;
        for (part, feed) in feeds.into_iter().enumerate() {
            for tile in 0..g.tiles {
                let product = |panel: usize| -> Result<Vec<F>> {
                    let mut elements = try_vec("recording", g.steps * g.elements(), F::ZERO)?;
                    forward.of_feed(feed, [layer, panel, tile], 0..g.steps, &mut elements);
                    Ok(elements)
                };
                for (panel, elements) in
                    parallel::map((0..panels(outputs)).collect(), product).into_iter().enumerate()
                {
                    let first = panel * PANEL;
                    let width = PANEL.min(outputs - first);
                    for (row, elements) in elements?.chunks(PANEL).enumerate() {
                        let (step, sample) = (row / g.tile, row % g.tile);
                        if sample < g.valid(tile) {
                            let row = (self.first_step + step) * self.batch
                                + self.first_sample
                                + tile * g.tile
                                + sample;
                            let to = row * self.neurons + part * outputs + first;
                            out[to..to + width].copy_from_slice(&elements[..width]);
                        }
                    }
                }
            }
        }
        Ok(())
    }
}
