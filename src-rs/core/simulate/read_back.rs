//! Synapses that do not change, read back. Rows have lost which connection a synapse is of, so it is drawn
//! again: the counter gives the same numbers.

use super::construction::stream;
use super::outgoing::{Outgoing, Row, Words};
use super::plan::Connection;
use super::precision::Precision;
use super::quantised::Quantised;
use super::route::Route;
use super::synapses::Synapses;
use super::units::Unit;
use lapicque_base::control::Control;
use lapicque_base::error::Result;
use lapicque_base::memory;

/// The synapses of connection `number`, by target, source and delay; `units` are those of its targets'
/// weights by port.
pub fn drawn_again<F: Precision>(
    c: &Connection,
    number: usize,
    units: &[Unit],
    seed: u64,
) -> Result<Synapses> {
    let outgoing = Outgoing::new(&c.wiring, seed, stream::CONNECTION | number as u64, &Control::detached())?;
    let outgoing = outgoing.numbered(c.starts.clone());
    let weights = Quantised::new(&c.weight, c.route, units, F::MOST_WEIGHT, c.expected);
    let (mut row, mut all) = (Row::default(), Vec::<(u32, u32, u32, f64)>::new());
    for source in 0..c.sources.len() {
        outgoing.row(source, Words::Both, &mut row);
        let needed = all.len() + row.targets.len();
        let refused = |_| memory::refused::<(u32, u32, u32, f64)>("the synapses of a connection", needed);
        all.try_reserve(row.targets.len()).map_err(refused)?;
        for (i, &target) in row.targets.iter().enumerate() {
            let (port, stored) = row.weight(i, &weights);
            let weight = units[port].weight::<F>(stored);
            let sign = match c.route {
                Route::BySign { negative, .. } if port == negative => -1.0,
                _ => 1.0,
            };
            all.push((target, source as u32, row.delay(i, &c.delays), sign * weight));
        }
    }
    // Synapses alike in all but their weights stay as they were drawn.
    all.sort_by_key(|&(target, source, delay, _)| (target, source, delay));
    Ok(Synapses {
        sources: all.iter().map(|synapse| synapse.1).collect(),
        targets: all.iter().map(|synapse| synapse.0).collect(),
        delays: all.iter().map(|synapse| synapse.2).collect(),
        variables: vec![("w".to_string(), all.iter().map(|synapse| synapse.3).collect())],
    })
}
