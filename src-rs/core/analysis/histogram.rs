//! Peri-stimulus time histogram.

use super::allocate;
use super::bins::{Bins, EDGE};
use super::trains::Trains;
use lapicque_base::error::{Error, Result};

/// Spikes of all trains in each bin.
///
/// # Errors
/// `too-large`
pub fn histogram(trains: &Trains, bins: Bins) -> Result<Vec<f64>> {
    let mut counts = allocate("bins", bins.count, 0.0)?;
    bins.add(trains.spikes(), &mut counts);
    Ok(counts)
}

/// Spikes of all trains in each bin of the time since an event, summed over events. Bin `k` of event `e`
/// is `[e + from + k width, e + from + (k + 1) width)`.
///
/// # Errors
/// `invalid-parameter` for a window that is no whole number of bins, or an event whose window reaches
/// beyond the trains; `too-large`
pub fn around_events(trains: &Trains, events: &[f64], [from, to]: [f64; 2], width: f64) -> Result<Vec<f64>> {
    let count = ((to - from) / width).round();
    if !(width > 0.0 && count >= 1.0 && ((to - from) - count * width).abs() <= 1e-6 * width) {
        return Err(Error::invalid("window", format!("[{from}, {to}]"), format!("whole bins of {width} ms")));
    }
    if events.is_empty() {
        return Err(Error::invalid("events", "none", "at least one"));
    }
    let mut counts = allocate("bins", count as usize, 0.0)?;
    for (i, &event) in events.iter().enumerate() {
        let (start, stop) = (event + from, event + to);
        // An event and its window's end may add up to a little more than what they are.
        let slack = EDGE * width;
        if !(trains.start - slack <= start && stop <= trains.stop + slack) {
            let expected =
                format!("a time whose window lies between {} and {} ms", trains.start, trains.stop);
            return Err(Error::invalid(format!("events[{i}]"), event, expected));
        }
        let bins = Bins::from(start, width, count as usize);
        for train in trains.iter() {
            // One width around: which of them count is for the bins to say.
            let first = train.partition_point(|&time| time < start - width);
            let last = train.partition_point(|&time| time < stop + width);
            for bin in train[first..last].iter().filter_map(|&time| bins.of(time)) {
                counts[bin] += 1.0;
            }
        }
    }
    Ok(counts)
}
