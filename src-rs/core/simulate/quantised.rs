//! Weights in whole units of their port.

use super::distribution::Sampler;
use super::outgoing::Row;
use super::quantile::normal_distribution;
use super::route::Route;

/// How a synapse's word becomes its port and its weight in units.
pub enum Quantised<'a> {
    Constant(usize, i64),
    /// `first`, and a `step` more for each of `above` that the word is not below, of which `cells` tell
    /// most. Equals `Exact`, without a quantile for each synapse.
    Table {
        port: usize,
        first: i64,
        step: i64,
        above: Vec<u32>,
        cells: Box<[u32; CELLS]>,
    },
    Exact {
        weight: &'a Sampler,
        route: Route,
        units: &'a [f64],
    },
}

/// The port of a weight, and the weight in units of the port.
#[inline(always)]
pub fn in_units(route: Route, units: &[f64], weight: f64) -> (usize, i64) {
    let (port, weight) = route.of(weight);
    (port, (weight / units[port]).round() as i64)
}

impl<'a> Quantised<'a> {
    /// `most`: the largest weight in units; `expected`: about how many synapses there will be.
    pub fn new(weight: &'a Sampler, route: Route, units: &'a [f64], most: i64, expected: u64) -> Self {
        if let Some(constant) = weight.constant() {
            let (port, units) = in_units(route, units, constant);
            return Quantised::Constant(port, units);
        }
        let exact = Quantised::Exact { weight, route, units };
        let ends = weight.bounds().map(|w| in_units(route, units, w));
        let Sampler::Normal { mean, sd, from, width, exponential: false } = *weight else { return exact };
        // A table costs as much as some thousands of quantiles, and needs weights of 16 bits.
        if most > i64::from(i16::MAX) || ends[0].0 != ends[1].0 || expected < 100_000 {
            return exact;
        }
        let (port, [first, last]) = (ends[0].0, ends.map(|(_, units)| units));
        if (last - first).abs() > i64::from(u16::MAX) {
            return exact;
        }
        // A weight that loses its sign falls as the word rises.
        let (unit, step) = (units[port], if last < first { -1 } else { 1 });
        let above: Vec<u32> = (1..=(last - first).abs())
            .map(|k| {
                // About where the quantile passes the middle between two units, then exactly.
                let middle = (step * first) as f64 + k as f64 - 0.5;
                let p = (normal_distribution((middle * unit - mean) / sd) - from) / width;
                let reaches = |word: u32| (exact.value(0, word).1 - first) * step >= k;
                let mut word = (p * 4_294_967_296.0).clamp(0.0, 4_294_967_295.0) as u32;
                while word > 0 && reaches(word - 1) {
                    word -= 1;
                }
                while word < u32::MAX && !reaches(word) {
                    word += 1;
                }
                word
            })
            .collect();
        let cells = cells(&above);
        Quantised::Table { port, first, step, above, cells }
    }

    /// Ports and weights of all synapses of a row.
    #[inline(always)]
    pub fn all(&self, row: &Row, all: &mut Weighed) {
        let Weighed { port: same, ports, units } = all;
        ports.clear();
        units.clear();
        match self {
            Quantised::Constant(port, weight) => {
                *same = *port;
                units.resize(row.targets.len(), *weight);
            }
            Quantised::Table { port, first, step, above, cells } => {
                *same = *port;
                // Not by `extend`, which would not be compiled for the level.
                units.resize(row.weights.len(), 0);
                for (units, &word) in units.iter_mut().zip(&row.weights) {
                    *units = first + step * passed(cells, above, word);
                }
            }
            Quantised::Exact { .. } => {
                for i in 0..row.targets.len() {
                    let (port, weight) = row.weight(i, self);
                    ports.push(port as u32);
                    units.push(weight);
                }
            }
        }
    }

    #[inline(always)]
    pub fn value(&self, number: usize, word: u32) -> (usize, i64) {
        match self {
            Quantised::Constant(port, units) => (*port, *units),
            Quantised::Table { port, first, step, above, cells } => {
                (*port, first + step * passed(cells, above, word))
            }
            Quantised::Exact { weight, route, units } => in_units(*route, units, weight.value(number, word)),
        }
    }
}

/// What [`Quantised::all`] says of a row.
#[derive(Default)]
pub struct Weighed {
    /// The port of all synapses where `ports` is empty.
    pub port: usize,
    pub ports: Vec<u32>,
    pub units: Vec<i64>,
}

/// Values of the upper half of a word.
const CELLS: usize = 1 << 16;
/// Of a cell in which several thresholds lie.
const SEVERAL: u32 = 0xFFFE;

/// For each upper half of a word, in the lower half of the cell: how many thresholds its lowest word has reached; in
/// the upper half: the last lower half of a word that has reached no more, where one threshold at the most lies further up.
fn cells(above: &[u32]) -> Box<[u32; CELLS]> {
    let cell = |top: u32| {
        let reached = above.partition_point(|&threshold| threshold <= top << 16);
        let mut further = above[reached..].iter().take_while(|&&threshold| threshold >> 16 == top);
        let last = match (further.next(), further.next()) {
            (None, _) => 0xFFFF,
            (Some(threshold), None) => (threshold & 0xFFFF) - 1,
            _ => SEVERAL,
        };
        reached as u32 | last << 16
    };
    let mut cells = Box::new([0; CELLS]);
    cells.iter_mut().zip(0..).for_each(|(of, top)| *of = cell(top));
    cells
}

/// How many of the thresholds a word has reached. One number is read and compared, without a branch that could be
/// foretold wrongly but for the few cells in which several thresholds lie.
#[inline(always)]
fn passed(cells: &[u32; CELLS], above: &[u32], word: u32) -> i64 {
    let cell = cells[(word >> 16) as usize];
    let (reached, last) = (cell & 0xFFFF, cell >> 16);
    if last == SEVERAL {
        return several(above, reached as usize, word);
    }
    i64::from(reached + u32::from(word & 0xFFFF > last))
}

#[inline(never)]
fn several(above: &[u32], reached: usize, word: u32) -> i64 {
    (reached + above[reached..].iter().take_while(|&&threshold| threshold <= word).count()) as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distribution::Distribution;
    use serde_json::json;

    #[test]
    fn the_table_gives_the_rounded_quantile() {
        let spec = |mean: f64, end: &str| json!({"kind": "normal", "mean": mean, "sd": 8.78, end: 0});
        for (spec, route) in [
            (spec(87.8, "min"), Route::Port(0)),
            (spec(87.8, "min"), Route::BySign { positive: 0, negative: 1 }),
            (spec(-351.2, "max"), Route::BySign { positive: 0, negative: 1 }),
        ] {
            let distribution: Distribution = serde_json::from_value(spec).unwrap();
            let weight = Sampler::new("w", distribution, None).unwrap();
            let units = [0.0071, 0.0132];
            let table = Quantised::new(&weight, route, &units, 32_767, 1 << 20);
            assert!(matches!(table, Quantised::Table { .. }));
            let exact = Quantised::Exact { weight: &weight, route, units: &units };
            let words = (0..40_000u32).map(|i| i.wrapping_mul(2_654_435_769));
            for word in words.chain([0, 1, u32::MAX - 1, u32::MAX]) {
                assert_eq!(table.value(0, word), exact.value(0, word), "{word}");
            }
        }
    }
}
