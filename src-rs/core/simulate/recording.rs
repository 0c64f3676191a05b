//! What a run leaves behind.

/// Spikes and traces of one run.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Recording {
    /// Steps at whose end neurons spiked, ascending; counted from the start of the simulation.
    pub steps: Vec<u64>,
    /// The neuron of each spike, ascending within a step; populations in declared order.
    pub neurons: Vec<u32>,
    pub traces: Vec<Trace>,
    /// Spikes times the synapses that they reached.
    pub synaptic_events: u64,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Trace {
    /// The steps after which the state was read.
    pub steps: Vec<u64>,
    /// `[steps][neurons]`
    pub values: Vec<f64>,
}

/// The coefficient of variation of the intervals between a neuron's spikes, averaged over the
/// neurons with at least four intervals; none where there is no such neuron. `times` ascend.
pub fn interval_variation(times: &[f64], ids: &[u32], neurons: std::ops::Range<u32>) -> Option<f64> {
    #[derive(Clone, Copy)]
    struct Intervals {
        last: f64,
        count: f64,
        sum: f64,
        squares: f64,
    }
    let none = Intervals { last: f64::NAN, count: 0.0, sum: 0.0, squares: 0.0 };
    let mut all = vec![none; neurons.len()];
    for (&time, id) in times.iter().zip(ids).filter(|(_, id)| neurons.contains(id)) {
        let of = &mut all[(id - neurons.start) as usize];
        let interval = time - of.last;
        if !interval.is_nan() {
            of.count += 1.0;
            of.sum += interval;
            of.squares += interval * interval;
        }
        of.last = time;
    }
    let (mut total, mut counted) = (0.0, 0.0);
    for of in all.iter().filter(|of| of.count >= 4.0) {
        let mean = of.sum / of.count;
        total += (of.squares / of.count - mean * mean).max(0.0).sqrt() / mean;
        counted += 1.0;
    }
    (counted > 0.0).then(|| total / counted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variation_of_intervals_is_that_of_their_definition() {
        // Neuron 1: intervals 1, 3, 1, 3: mean 2, standard deviation 1. Neuron 2: all 2. Neuron 3: too few.
        let spikes = [
            (1.0, 1),
            (1.0, 2),
            (2.0, 1),
            (3.0, 2),
            (5.0, 1),
            (5.0, 2),
            (5.5, 3),
            (6.0, 1),
            (7.0, 2),
            (9.0, 1),
            (9.0, 2),
        ];
        let (times, ids): (Vec<f64>, Vec<u32>) = spikes.into_iter().unzip();
        assert_eq!(interval_variation(&times, &ids, 1..2), Some(0.5));
        assert_eq!(interval_variation(&times, &ids, 1..4), Some(0.25));
        assert_eq!(interval_variation(&times, &ids, 3..4), None);
    }
}
