//! Sets weights of static synapses between two runs. Rows do not store the connection of a synapse, so the rows are rebuilt
//! with the new weights by the code that built them first. So all rules for weights apply here too.

use crate::construction::changed::ChangedWeights;
use crate::construction::division::slots;
use crate::construction::simulation::{Simulation, lock};
use crate::delivery::row_builder::{Builder, Built};
use crate::delivery::rows::Listed;
use crate::delivery::wide_rows::WideRows;
use crate::neurons::build_part::shared;
use crate::plan::in_range::check_representable;
use crate::plan::network::Connection;
use crate::plan::signs;
use crate::plasticity::learning::learning;
use crate::random::distribution::Sampler;
use crate::random::stream;
use crate::representation::accumulators::Sums;
use crate::representation::numbering::Numbering;
use crate::representation::precision::Precision;
use crate::wiring::outgoing::Outgoing;
use crate::wiring::outgoing::Starts;
use crate::wiring::source_row::{Row, Words};
use lapicque_base::control::Control;
use lapicque_base::error::{Error, Result};
use lapicque_base::memory;
use std::collections::BTreeMap;

/// The weights to be set for a connection.
pub(crate) enum Numbers<'a> {
    /// One weight, or one per synapse in the order in which they are read back.
    Values(&'a [f64]),
    /// The weights of the description.
    Before(Sampler),
}

/// Rows with new weights.
pub(crate) struct NewWeights<F: Precision> {
    weights: Vec<(usize, Sampler, Option<Starts>)>,
    built: Built<F>,
}

/// The numbers of a connection's synapses in the order in which they are read back: by target, source and delay; synapses
/// equal in these stay in sampling order. And the number of each source's first synapse, if numbers go from source to source.
fn order(c: &Connection, number: usize, seed: u64) -> Result<(Vec<u32>, Option<Starts>)> {
    let outgoing = Outgoing::new(&c.wiring, seed, stream::CONNECTION | number as u64, &Control::detached())?;
    let (mut row, mut all) = (Row::default(), Vec::<(u32, u32, u32, u32)>::new());
    let (mut starts, mut next, mut listed) = (Vec::with_capacity(c.sources.len()), 0u32, false);
    for source in 0..c.sources.len() {
        outgoing.row(source, Words::Both, &mut row);
        let needed = all.len() + row.targets.len();
        let refused = |_| memory::refused::<(u32, u32, u32, u32)>("the synapses of a connection", needed);
        all.try_reserve(row.targets.len()).map_err(refused)?;
        if needed > u32::MAX as usize {
            let (what, allowed) = ("weights of a connection's synapses".into(), 16 << 32);
            return Err(Error::TooLarge { what, needed: 16 * needed as u64, allowed });
        }
        starts.push(next);
        for (i, &target) in row.targets.iter().enumerate() {
            let own = row.numbers.get(i).copied();
            listed |= own.is_some();
            all.push((target, source as u32, row.delay(i, &c.delays), own.unwrap_or(next + i as u32)));
        }
        next += row.targets.len() as u32;
    }
    all.sort_by_key(|&(target, source, delay, _)| (target, source, delay));
    Ok((all.into_iter().map(|synapse| synapse.3).collect(), (!listed).then(|| starts.into())))
}

impl<F: Precision> Simulation<F> {
    /// Sets the weights of static connections, one connection after the other, in the order in which synapses are read back:
    /// one weight for all, or one each. Spikes in flight arrive with the new weights.
    ///
    /// # Errors
    /// `invalid-parameter` for another connection, for weights that the precision cannot represent next to the others, and for
    /// a sign that selects a port without synapses; `shape-mismatch`; `too-large`. Nothing is changed in these cases.
    #[inline(never)]
    pub fn set_weights(&mut self, connections: &[usize], values: &[f64]) -> Result<()> {
        check_representable::<F>("weights", values)?;
        let mut own: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
        match values {
            [one] => own.extend(connections.iter().map(|&connection| (connection, vec![*one]))),
            _ => {
                let mut total = 0;
                for &connection in connections {
                    let count = self.static_count(connection)?;
                    let taken = values.get(total..total + count).unwrap_or(&[]).to_vec();
                    own.insert(connection, taken);
                    total += count;
                }
                if total != values.len() {
                    let (expected, got) = (format!("[1] or [{total}]"), format!("[{}]", values.len()));
                    return Err(Error::ShapeMismatch { layer: "weights".into(), expected, got });
                }
            }
        }
        let new = self.new_weights(own.iter().map(|(&i, values)| (i, Numbers::Values(values))).collect())?;
        let mut all: BTreeMap<usize, Vec<f64>> =
            self.changed.weights.iter().map(|(&i, changed)| (i, changed.values.clone())).collect();
        all.extend(own);
        self.put_weights(new, all)
    }

    fn static_connection(&self, number: usize) -> Result<&Connection> {
        let connections = &self.plan.connections;
        connections.get(number).filter(|c| c.synapse.is_none()).ok_or_else(|| {
            Error::invalid("connection", number, "the number of a connection without a synapse model")
        })
    }

    fn static_count(&self, number: usize) -> Result<usize> {
        let c = self.static_connection(number)?;
        Ok(order(c, number, self.seed)?.0.len())
    }

    /// # Errors
    /// Those of [`set_weights`](Simulation::set_weights).
    pub(crate) fn new_weights(&mut self, requested: BTreeMap<usize, Numbers>) -> Result<NewWeights<F>> {
        let mut weights = Vec::with_capacity(requested.len());
        for (i, numbers) in requested {
            let c = self.static_connection(i)?;
            let name = format!("{}.weight", self.plan.description.connections[i].name(i));
            let (sampler, starts) = match numbers {
                Numbers::Before(sampler) => (sampler, None),
                Numbers::Values(&[one]) => (Sampler::of_values(&name, vec![one], None)?, None),
                Numbers::Values(values) => {
                    let (order, starts) = order(c, i, self.seed)?;
                    if order.len() != values.len() {
                        let (expected, got) = (format!("[{}]", order.len()), format!("[{}]", values.len()));
                        return Err(Error::ShapeMismatch { layer: name, expected, got });
                    }
                    let mut by_number = vec![0.0; values.len()];
                    order.iter().zip(values).for_each(|(&number, &value)| by_number[number as usize] = value);
                    (Sampler::of_values(&name, by_number, Some(values.len()))?, starts)
                }
            };
            let target = &self.plan.populations[c.population];
            signs::check_weights(target, c.route, &name, &sampler)?;
            let connected = &target.connected;
            if c.route.ports(&sampler).into_iter().any(|port| !connected[port]) {
                let [low, high] = sampler.bounds();
                let expected = "weights of the same sign as before: the connection has no synapse onto the port of the other sign";
                return Err(Error::invalid(name, format!("weights from {low} to {high}"), expected));
            }
            weights.push((i, sampler, starts));
        }
        self.exchange(&mut weights);
        let built = self.built_again();
        self.exchange(&mut weights);
        Ok(NewWeights { weights, built: built? })
    }

    /// Exchanges the weights of these connections with the given ones.
    fn exchange(&mut self, weights: &mut [(usize, Sampler, Option<Starts>)]) {
        for (i, sampler, starts) in weights {
            let c = &mut self.plan.connections[*i];
            std::mem::swap(&mut c.weight, sampler);
            std::mem::swap(&mut c.starts, starts);
        }
    }

    /// Rebuilds the rows; the random numbers are the same as at construction.
    fn built_again(&self) -> Result<Built<F>> {
        let (plan, partitions) = (&self.plan, self.partitions.len());
        memory::check(
            "the synapses with new weights in addition to the current ones",
            plan.bytes::<F>(partitions),
        )?;
        let control = Control::detached();
        let numbering = Numbering::new(plan.populations.iter().map(|p| p.size), partitions);
        let outgoing = (plan.connections.iter().enumerate())
            .map(|(i, c)| {
                let outgoing = Outgoing::new(&c.wiring, self.seed, stream::CONNECTION | i as u64, &control)?;
                Ok(outgoing.at(self.level).numbered(c.starts.clone()))
            })
            .collect::<Result<Vec<_>>>()?;
        let slots: Vec<_> = (0..partitions).map(|p| slots(plan, &numbering, p).0).collect();
        Builder::new::<F>(plan, &outgoing, &numbering, self.level, &control).build::<F>(&slots)
    }

    /// Replaces the current weights. `values`: all weights that have been set so far.
    pub(crate) fn put_weights(
        &mut self,
        new: NewWeights<F>,
        mut values: BTreeMap<usize, Vec<f64>>,
    ) -> Result<()> {
        let changed = &mut self.changed.weights;
        for (i, sampler, starts) in new.weights {
            let c = &mut self.plan.connections[i];
            let replaced = std::mem::replace(&mut c.weight, sampler);
            c.starts = starts;
            let before = changed.remove(&i).map_or(replaced, |changed| changed.before);
            if let Some(values) = values.remove(&i) {
                changed.insert(i, ChangedWeights { before, values });
            }
        }
        let Built { rows, wide, dense, units, mut widened } = new.built;
        let is_widened = self.plan.widen::<F>(&mut widened);
        let numbering = Numbering::new(self.plan.populations.iter().map(|p| p.size), self.partitions.len());
        let mut wide = wide.map(Vec::into_iter);
        for (p, ((partition, rows), dense)) in self.partitions.iter().zip(rows).zip(dense).enumerate() {
            let total = slots(&self.plan, &numbering, p).1;
            let wide = wide.as_mut().and_then(Iterator::next).unwrap_or_default();
            let wide = is_widened
                .then(|| WideRows::new(Listed::new(wide, self.longest), Sums::new(total.max(1 << 16))));
            let mut partition = lock(partition);
            let rows = Listed::new(rows, self.longest);
            partition.put_rows(rows, dense, wide, (&self.in_flight, self.step));
            for plastic in &mut partition.plastic {
                let c = &self.plan.connections[plastic.connection()];
                let sign = c.synapse.as_ref().map_or(1.0, |synapse| synapse.sign);
                let (port, sign) = c.route.of(sign);
                let unit = &units.of(c.population)[port];
                learning!(plastic, rows => rows.set_units([sign / unit.compact, sign / unit.wide]));
            }
        }
        for (i, population) in self.plan.populations.iter().enumerate() {
            let (derived, units) = (population.bound.derived(), (units.of(i), &widened[i][..]));
            self.shared[i] = shared(&self.plan, i, self.level, self.seed, units, &derived)?;
        }
        self.units = units;
        Ok(())
    }
}
