//! Distance of J. D. Victor and K. P. Purpura, J. Neurophysiol. 76, 1996: the least cost of turning one
//! train into the other, where a spike is inserted or deleted for 1 and shifted for `q` a ms.

/// Costs the product of the numbers of spikes.
pub fn victor_purpura(a: &[f64], b: &[f64], q: f64) -> f64 {
    // `costs[j]`: from the spikes of `a` so far to the first `j` of `b`.
    let mut costs: Vec<f64> = (0..=b.len()).map(|j| j as f64).collect();
    for (i, from) in a.iter().enumerate() {
        let mut diagonal = costs[0];
        costs[0] = (i + 1) as f64;
        for (j, to) in b.iter().enumerate() {
            let shifted = diagonal + q * (to - from).abs();
            diagonal = costs[j + 1];
            costs[j + 1] = shifted.min(diagonal + 1.0).min(costs[j] + 1.0);
        }
    }
    costs[b.len()]
}
