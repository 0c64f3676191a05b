//! Weights in integer units of their port, each in its storage form.

use super::route::Route;
use super::source_row::Row;
use crate::random::distribution::Sampler;
use crate::representation::synapse_format::SURE;
use crate::representation::unit::{Stored, Unit};
use lapicque_base::normal;

/// Maps the random word of a synapse to its port and its weight in units.
pub enum Quantized<'a> {
    Constant(usize, Stored),
    /// `first`, plus `step` for each of the thresholds `above` that are at most the word; `cells` accelerates the search.
    /// Gives the same as `Exact`, but computes no quantile per synapse except for weights of few units.
    Table {
        port: usize,
        first: i64,
        step: i64,
        above: Vec<u32>,
        cells: Box<[u32; CELLS]>,
        exact: Exact<'a>,
        /// Whether some weights have few units.
        some_small: bool,
    },
    Exact(Exact<'a>),
}

/// Every weight is computed separately.
#[derive(Clone, Copy)]
pub struct Exact<'a> {
    pub weight: &'a Sampler,
    pub route: Route,
    pub units: &'a [Unit],
}

impl Exact<'_> {
    #[inline(always)]
    fn value(&self, number: usize, word: u32) -> (usize, Stored) {
        in_units(self.route, self.units, self.weight.value(number, word))
    }
}

/// The port of a weight, and how it is stored there.
#[inline(always)]
pub fn in_units(route: Route, units: &[Unit], weight: f64) -> (usize, Stored) {
    let (port, weight) = route.of(weight);
    (port, units[port].store(weight))
}

impl<'a> Quantized<'a> {
    /// `most`: the largest weight in units; `expected`: the approximate number of synapses.
    pub fn new(weight: &'a Sampler, route: Route, units: &'a [Unit], most: i64, expected: u64) -> Self {
        if let Route::Places { .. } = route {
            return Quantized::Exact(Exact { weight, route, units });
        }
        if let Some(constant) = weight.constant() {
            let (port, stored) = in_units(route, units, constant);
            return Quantized::Constant(port, stored);
        }
        let exact = Exact { weight, route, units };
        let Sampler::Normal { mean, sd, from, width, exponential: false } = *weight else {
            return Quantized::Exact(exact);
        };
        // A table costs as much as some thousands of quantiles, and its weights must fit into 16 bits.
        if most > i64::from(i16::MAX) || expected < 100_000 {
            return Quantized::Exact(exact);
        }
        let [(port, low), (other, high)] = weight.bounds().map(|w| route.of(w));
        let rounded = |w: f64| units[port].rounded(w);
        let (Some(first), Some(last)) = (rounded(low), rounded(high)) else {
            return Quantized::Exact(exact);
        };
        if port != other {
            return Quantized::Exact(exact);
        }
        // A weight that becomes a magnitude falls as the word rises.
        let (unit, step) = (units[port].compact, if last < first { -1 } else { 1 });
        let in_units = |word: u32| rounded(route.of(weight.value(0, word)).1).unwrap_or(first);
        let some_small = first.abs().min(last.abs()) <= SURE || (first < 0) != (last < 0);
        let above: Vec<u32> = (1..=(last - first).abs())
            .map(|k| {
                // The approximate word at which the quantile passes the middle between two units; then the exact one.
                let middle = (step * first) as f64 + k as f64 - 0.5;
                let p = (normal::cdf((middle * unit - mean) / sd) - from) / width;
                let reaches = |word: u32| (in_units(word) - first) * step >= k;
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
        Quantized::Table { port, first, step, above, cells, exact, some_small }
    }

    /// Ports and weights of all synapses of a row.
    #[inline(always)]
    pub fn all(&self, row: &Row, all: &mut QuantizedWeights) {
        let QuantizedWeights { port: same, ports, units, others } = all;
        ports.clear();
        units.clear();
        others.clear();
        match self {
            Quantized::Constant(port, stored) => {
                *same = *port;
                let count = row.targets.len();
                units.resize(count, if let Stored::Compact(units) = *stored { units } else { 0 });
                if !matches!(stored, Stored::Compact(_)) {
                    others.extend((0..count as u32).map(|i| (i, *stored)));
                }
            }
            Quantized::Table { port, first, step, above, cells, exact, some_small } => {
                *same = *port;
                // Not by `extend`, which would not be compiled for the SIMD level.
                units.resize(row.weights.len(), 0);
                for (units, &word) in units.iter_mut().zip(&row.weights) {
                    *units = first + step * passed(cells, above, word);
                }
                if *some_small {
                    for ((units, &word), i) in units.iter_mut().zip(&row.weights).zip(0..) {
                        if units.abs() <= SURE {
                            match exact.value(0, word).1 {
                                Stored::Compact(same) => *units = same,
                                other => {
                                    *units = 0;
                                    others.push((i, other));
                                }
                            }
                        }
                    }
                }
            }
            Quantized::Exact(_) => {
                for i in 0..row.targets.len() {
                    let (port, stored) = row.weight(i, self);
                    ports.push(port as u32);
                    units.push(if let Stored::Compact(units) = stored { units } else { 0 });
                    if !matches!(stored, Stored::Compact(_)) {
                        others.push((i as u32, stored));
                    }
                }
            }
        }
    }

    #[inline(always)]
    pub fn value(&self, number: usize, word: u32) -> (usize, Stored) {
        match self {
            Quantized::Constant(port, stored) => (*port, *stored),
            Quantized::Table { port, first, step, above, cells, exact, some_small } => {
                let units = first + step * passed(cells, above, word);
                match *some_small && units.abs() <= SURE {
                    true => exact.value(0, word),
                    false => (*port, Stored::Compact(units)),
                }
            }
            Quantized::Exact(exact) => exact.value(number, word),
        }
    }
}

/// The result of [`Quantized::all`] for a row.
#[derive(Default)]
pub struct QuantizedWeights {
    /// The port of all synapses if `ports` is empty.
    pub port: usize,
    pub ports: Vec<u32>,
    /// Weights in units; 0 if the weight is not compact.
    pub units: Vec<i64>,
    /// The synapses that are not compact, ascending, and how they are stored.
    pub others: Vec<(u32, Stored)>,
}

/// Number of values of the upper half of a word.
const CELLS: usize = 1 << 16;
/// Marks a cell with several thresholds.
const SEVERAL: u32 = 0xFFFE;

/// An entry for each upper half of a word. Lower half of the entry: the number of thresholds up to the lowest word of the
/// cell. Upper half: the last lower half of a word before the next threshold, if at most one threshold lies in the cell.
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

/// The number of thresholds that are at most the word. One entry is read and compared, without a branch that could be
/// mispredicted, except in the few cells with several thresholds.
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
    use crate::random::distribution::Distribution;
    use serde_json::json;

    #[test]
    fn the_table_gives_the_rounded_quantile() {
        let spec = |mean: f64, end: &str| json!({"kind": "normal", "mean": mean, "sd": 8.78, end: 0});
        for (spec, route, some_small) in [
            (spec(87.8, "min"), Route::Port(0), false),
            (spec(87.8, "min"), Route::BySign { positive: 0, negative: 1 }, false),
            (spec(-351.2, "max"), Route::BySign { positive: 0, negative: 1 }, false),
            (spec(10.0, "min"), Route::Port(0), true),
            (spec(0.0, "max"), Route::Port(1), true),
        ] {
            let distribution: Distribution = serde_json::from_value(spec).unwrap();
            let weight = Sampler::new("w", distribution, None).unwrap();
            let units = [0.0071, 0.0132].map(|compact| Unit::with(compact, 1e-9));
            let table = Quantized::new(&weight, route, &units, 32_767, 1 << 20);
            let exact = Exact { weight: &weight, route, units: &units };
            let words = (0..40_000u32).map(|i| i.wrapping_mul(2_654_435_769));
            let words: Vec<u32> = words.chain([0, 1, u32::MAX - 1, u32::MAX]).collect();
            for &word in &words {
                assert_eq!(table.value(0, word), exact.value(0, word), "{word}");
            }
            let others = words.iter().filter(|&&word| !matches!(exact.value(0, word).1, Stored::Compact(_)));
            assert_eq!(others.clone().count() > 0, some_small);
            let mut row = Row::default();
            (row.targets, row.weights) = (vec![0; words.len()], words.clone());
            let mut all = QuantizedWeights::default();
            table.all(&row, &mut all);
            assert_eq!(all.others.len(), others.count());
            for (i, &word) in words.iter().enumerate() {
                let stored = match all.others.iter().find(|&&(other, _)| other as usize == i) {
                    Some(&(_, stored)) => stored,
                    None => Stored::Compact(all.units[i]),
                };
                assert_eq!((all.port, stored), exact.value(0, word), "{word}");
            }
            assert!(matches!(table, Quantized::Table { some_small: is, .. } if is == some_small));
        }
    }
}
