//! Trains completed at the edges, and a simultaneous walk over two of them: shared by the ISI and SPIKE distances.

use std::ops::Range;

/// A train with an auxiliary spike before its first and after its last one, at or beyond the edges of the
/// recording: as far as the nearest interval, but at least to the edge (E. Satuvuori et al., J. Neurosci.
/// Methods 287, 2017). An empty train counts as two spikes, at start and stop.
#[derive(Debug, Clone, PartialEq)]
pub struct Knots {
    /// Ascending; the first at or before the start, the last at or after the stop.
    pub times: Vec<f64>,
    /// Which of them are not auxiliary.
    pub spikes: Range<usize>,
}

impl Knots {
    pub fn new(train: &[f64], start: f64, stop: f64) -> Self {
        let (Some(&first), Some(&last)) = (train.first(), train.last()) else {
            return Knots { times: vec![start, stop], spikes: 0..2 };
        };
        let (before, after) = match train {
            [_] => (start, stop),
            _ => ((2.0 * first - train[1]).min(start), (2.0 * last - train[train.len() - 2]).max(stop)),
        };
        let mut times = Vec::with_capacity(train.len() + 2);
        times.extend((first > start).then_some(before));
        let leading = times.len();
        times.extend_from_slice(train);
        times.extend((last < stop).then_some(after));
        Knots { times, spikes: leading..leading + train.len() }
    }

    /// The length of interval `i`.
    pub fn interval(&self, i: usize) -> f64 {
        self.times[i + 1] - self.times[i]
    }

    /// How far the nearest knot of another train is from each of ours; an auxiliary spike has that of the
    /// spike beside it.
    pub fn nearest(&self, other: &Knots) -> Vec<f64> {
        let mut at = 0;
        let mut near: Vec<f64> = (self.times.iter())
            .map(|&time| {
                let distance = |at: usize| (other.times[at] - time).abs();
                while at + 1 < other.times.len() && distance(at + 1) <= distance(at) {
                    at += 1;
                }
                distance(at)
            })
            .collect();
        near[0] = near[self.spikes.start];
        let last = near.len() - 1;
        near[last] = near[self.spikes.end - 1];
        near
    }
}

/// Cuts `[start, stop]` at the spikes of both trains: `visit(from, to, i, j)`, where `i` and `j` are the
/// intervals of `a` and `b` that the piece lies in.
pub fn pieces(a: &Knots, b: &Knots, start: f64, stop: f64, mut visit: impl FnMut(f64, f64, usize, usize)) {
    let (mut i, mut j, mut from) = (0, 0, start);
    while from < stop {
        let to = a.times[i + 1].min(b.times[j + 1]).min(stop);
        visit(from, to, i, j);
        i += usize::from(a.times[i + 1] == to);
        j += usize::from(b.times[j + 1] == to);
        from = to;
    }
}
