//! SPIKE distance (T. Kreuz et al., J. Neurophysiol. 109, 2013; edges as in E. Satuvuori et al., J.
//! Neurosci. Methods 287, 2017): how far each train's spikes before and after a time are from the nearest
//! of the other, relative to the intervals, averaged over time.

use super::knots::{Knots, pieces};
use super::profile::Profile;

/// Piecewise linear.
pub fn spike_profile(a: &Knots, b: &Knots, start: f64, stop: f64) -> Profile {
    let mut profile = Profile::default();
    dissimilarity(a, b, start, stop, |from, to, y| profile.push(from, to, y[0], y[1]));
    profile
}

pub fn spike_distance(a: &Knots, b: &Knots, start: f64, stop: f64) -> f64 {
    let mut integral = 0.0;
    dissimilarity(a, b, start, stop, |from, to, y| integral += 0.5 * (y[0] + y[1]) * (to - from));
    integral / (stop - start)
}

/// `visit(from, to, [value at from, value at to])` for each piece on which it is linear.
fn dissimilarity(a: &Knots, b: &Knots, start: f64, stop: f64, mut visit: impl FnMut(f64, f64, [f64; 2])) {
    let (near_a, near_b) = (a.nearest(b), b.nearest(a));
    pieces(a, b, start, stop, |from, to, i, j| {
        let (x, y) = (a.interval(i), b.interval(j));
        let mean = 0.5 * (x + y);
        let at = |time: f64| {
            let (s, t) = (between(a, &near_a, i, time), between(b, &near_b, j, time));
            // Each train weighted by the other's interval: the local rates count equally.
            0.5 * (s * y + t * x) / (mean * mean)
        };
        visit(from, to, [at(from), at(to)]);
    });
}

/// The distances of an interval's two spikes to the other train, interpolated.
fn between(knots: &Knots, near: &[f64], i: usize, time: f64) -> f64 {
    let (before, after) = (knots.times[i], knots.times[i + 1]);
    (near[i] * (after - time) + near[i + 1] * (time - before)) / (after - before)
}
