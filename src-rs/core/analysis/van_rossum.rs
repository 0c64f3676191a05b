//! Distance of M. van Rossum, Neural Comput. 13, 2001: each spike leaves an exponential, the distance is
//! that of the two functions in the mean square.

use libm::exp;

/// `D^2 = sum over all pairs of spikes of s s' exp(-|t - t'| / tau)`, where s is 1 in the one train and -1
/// in the other: two spikes far apart have distance sqrt 2. In one pass, with the sum of earlier spikes
/// carried along (C. Houghton, T. Kreuz, Network 23, 2012). Spikes at the same time cancel exactly.
pub fn van_rossum(a: &[f64], b: &[f64], tau: f64) -> f64 {
    let (mut i, mut j) = (0, 0);
    let (mut trace, mut last, mut squared) = (0.0, f64::NEG_INFINITY, 0.0);
    while i < a.len() || j < b.len() {
        let time = a.get(i).copied().unwrap_or(f64::INFINITY).min(b.get(j).copied().unwrap_or(f64::INFINITY));
        let mut sign = 0.0;
        if a.get(i) == Some(&time) {
            sign += 1.0;
            i += 1;
        }
        if b.get(j) == Some(&time) {
            sign -= 1.0;
            j += 1;
        }
        trace *= exp((last - time) / tau);
        squared += sign * (sign + 2.0 * trace);
        trace += sign;
        last = time;
    }
    f64::max(squared, 0.0).sqrt()
}
