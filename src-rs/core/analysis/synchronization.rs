//! SPIKE synchronization (T. Kreuz et al., J. Neurophysiol. 113, 2015): the share of spikes that coincide
//! with one of the other train, within half of the shortest of the four intervals around the two.

use std::cmp::Ordering;

/// From 0 to 1; 1 for two empty trains. `duration` stands for the intervals beyond the edges.
pub fn synchronization(a: &[f64], b: &[f64], duration: f64) -> f64 {
    let spikes = a.len() + b.len();
    if spikes == 0 {
        return 1.0;
    }
    let (mut i, mut j, mut coincident) = (0, 0, 0.0);
    // The window is so narrow that a spike coincides with at most one, its neighbor in the merged order.
    while i < a.len() && j < b.len() {
        if (a[i] - b[j]).abs() < window(a, i, duration).min(window(b, j, duration)) {
            coincident += 2.0;
        }
        match a[i].total_cmp(&b[j]) {
            Ordering::Less => i += 1,
            Ordering::Greater => j += 1,
            Ordering::Equal => (i, j) = (i + 1, j + 1),
        }
    }
    coincident / spikes as f64
}

/// Half of the shorter interval beside spike `i`.
fn window(train: &[f64], i: usize, duration: f64) -> f64 {
    let after = train.get(i + 1).map_or(duration, |next| next - train[i]);
    let before = if i > 0 { train[i] - train[i - 1] } else { duration };
    0.5 * after.min(before)
}
