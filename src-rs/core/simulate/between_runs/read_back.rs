//! Reads static synapses back. Rows do not store the connection of a synapse, so the synapses are sampled again: the
//! counter gives the same numbers.

use crate::construction::simulation::{Simulation, lock};
use crate::partitions::synapses;
use crate::partitions::synapses::Synapses;
use crate::plan::network::Connection;
use crate::random::stream;
use crate::representation::precision::Precision;
use crate::representation::unit::Unit;
use crate::wiring::outgoing::Outgoing;
use crate::wiring::quantized::Quantized;
use crate::wiring::route::Route;
use crate::wiring::source_row::{Row, Words};
use lapicque_base::control::Control;
use lapicque_base::error::Error;
use lapicque_base::error::Result;
use lapicque_base::memory;

/// The synapses of connection `number`, by target, source and delay; `units` are the units of the weights onto its targets, by
/// port.
pub fn sample_again<F: Precision>(
    c: &Connection,
    number: usize,
    units: &[Unit],
    seed: u64,
) -> Result<Synapses> {
    let outgoing = Outgoing::new(&c.wiring, seed, stream::CONNECTION | number as u64, &Control::detached())?;
    let outgoing = outgoing.numbered(c.starts.clone());
    let weights = Quantized::new(&c.weight, c.route, units, F::MOST_WEIGHT, c.expected);
    let (mut row, mut all) = (Row::default(), Vec::<(u32, u32, u32, f64, u32)>::new());
    for source in 0..c.sources.len() {
        outgoing.row(source, Words::Both, &mut row);
        let needed = all.len() + row.targets.len();
        let refused =
            |_| memory::refused::<(u32, u32, u32, f64, u32)>("the synapses of a connection", needed);
        all.try_reserve(row.targets.len()).map_err(refused)?;
        for (i, &target) in row.targets.iter().enumerate() {
            let (port, stored) = row.weight(i, &weights);
            let weight = units[port].weight::<F>(stored);
            let sign = match c.route {
                Route::BySign { negative, .. } if port == negative => -1.0,
                _ => 1.0,
            };
            let place = row.places.get(i).copied().unwrap_or(0);
            all.push((target, source as u32, row.delay(i, &c.delays), sign * weight, place));
        }
    }
    // The stable sort keeps the sampling order of synapses that differ only in their weights.
    all.sort_by_key(|&(target, source, delay, ..)| (target, source, delay));
    let mut variables = vec![("w".to_string(), all.iter().map(|synapse| synapse.3).collect())];
    if let Route::Places { .. } = c.route {
        variables.push(("place".to_string(), all.iter().map(|synapse| f64::from(synapse.4)).collect()));
    }
    Ok(Synapses {
        sources: all.iter().map(|synapse| synapse.1).collect(),
        targets: all.iter().map(|synapse| synapse.0).collect(),
        delays: all.iter().map(|synapse| synapse.2).collect(),
        variables,
    })
}

impl<F: Precision> Simulation<F> {
    /// The synapses of a connection with their current weights. Plastic synapses are read as they are at the end of the last
    /// step, after all events that have reached them by then; static synapses are sampled again.
    ///
    /// # Errors
    /// `invalid-parameter` if the description has no such connection.
    #[inline(never)]
    pub fn synapses_of(&self, connection: usize) -> Result<Synapses> {
        let connections = &self.plan.connections;
        let Some(c) = connections.get(connection) else {
            let expected = format!("one of {} connections", connections.len());
            return Err(Error::invalid("connection", connection, expected));
        };
        if c.synapse.is_none() {
            return sample_again::<F>(c, connection, self.units.of(c.population), self.seed);
        }
        let mut partitions: Vec<_> = self.partitions.iter().map(lock).collect();
        synapses::read(&self.plan, connection, &mut partitions, (&self.in_flight, self.step))
    }

    /// The weights of a plastic connection, in the order of its synapses.
    ///
    /// # Errors
    /// `invalid-parameter` for a connection that is not plastic.
    #[inline(never)]
    pub fn weights_of(&self, connection: usize) -> Result<Vec<F>> {
        let mut partitions: Vec<_> = self.partitions.iter().map(lock).collect();
        let now = (&self.in_flight[..], self.step);
        // Rounded to `F` immediately: for ten million synapses a copy in f64 would take 80 MB.
        synapses::variable::<F, F, _>(&self.plan, connection, &mut partitions, now, 0)
    }
}
