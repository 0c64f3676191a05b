//! ISI distance (T. Kreuz et al., J. Neurosci. Methods 165, 2007): the difference of the two current intervals divided
//! by the longer one, averaged over time. From 0 for equal trains to below 1.

use super::knots::{Knots, pieces};
use super::profile::Profile;

/// Piecewise constant.
pub fn isi_profile(a: &Knots, b: &Knots, start: f64, stop: f64) -> Profile {
    let mut profile = Profile::default();
    pieces(a, b, start, stop, |from, to, i, j| {
        let ratio = ratio(a.interval(i), b.interval(j));
        profile.push(from, to, ratio, ratio);
    });
    profile
}

pub fn isi_distance(a: &Knots, b: &Knots, start: f64, stop: f64) -> f64 {
    let mut integral = 0.0;
    pieces(a, b, start, stop, |from, to, i, j| {
        integral += ratio(a.interval(i), b.interval(j)) * (to - from);
    });
    integral / (stop - start)
}

fn ratio(x: f64, y: f64) -> f64 {
    (x - y).abs() / x.max(y)
}
