//! Weights in whole units of their port.

use super::distribution::Sampler;
use super::outgoing::Row;
use super::plan::Route;
use super::quantile::normal_distribution;

/// How a synapse's word becomes its port and its weight in units.
pub enum Quantised<'a> {
    Constant(usize, i64),
    /// `first`, and a `step` more for each of `above` that the word is not below; `guide[word >> 16]`
    /// is where to begin looking. Equals `Exact`, without a quantile for each synapse.
    Table {
        port: usize,
        first: i64,
        step: i64,
        above: Vec<u32>,
        guide: Vec<u16>,
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
        let begin = |top: u32| above.partition_point(|&word| word <= top << 16) as u16;
        Quantised::Table { port, first, step, guide: (0..1 << 16).map(begin).collect(), above }
    }

    /// Visits the port and weight of each synapse of a row, in order.
    #[inline(always)]
    pub fn each(&self, row: &Row, mut visit: impl FnMut(usize, usize, i64)) {
        match self {
            Quantised::Constant(port, units) => (0..row.targets.len()).for_each(|i| visit(i, *port, *units)),
            Quantised::Table { port, first, step, above, guide } => {
                for (i, &word) in row.weights.iter().enumerate() {
                    let k = passed(above, usize::from(guide[(word >> 16) as usize]), word);
                    visit(i, *port, first + step * k as i64);
                }
            }
            Quantised::Exact { .. } => {
                for i in 0..row.targets.len() {
                    let (port, weight) = row.weight(i, self);
                    visit(i, port, weight);
                }
            }
        }
    }

    #[inline(always)]
    pub fn value(&self, number: usize, word: u32) -> (usize, i64) {
        match self {
            Quantised::Constant(port, units) => (*port, *units),
            Quantised::Table { port, first, step, above, guide } => {
                let k = passed(above, usize::from(guide[(word >> 16) as usize]), word);
                (*port, first + step * k as i64)
            }
            Quantised::Exact { weight, route, units } => in_units(*route, units, weight.value(number, word)),
        }
    }
}

/// How many of ascending thresholds a word has reached, of which at least `k`.
#[inline(always)]
fn passed(above: &[u32], mut k: usize, word: u32) -> usize {
    // One more half of the time: without a branch, which would be foretold wrongly as often.
    k += usize::from(above.get(k).is_some_and(|&threshold| threshold <= word));
    while above.get(k).is_some_and(|&threshold| threshold <= word) {
        k += 1;
    }
    k
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
            let weight = Sampler::new("w", &distribution, None).unwrap();
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
