//! What a source sends in a step: the neurons that spike, ascending, each with its count.

/// Spikes of one neuron in one step. Inputs may be negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    pub neuron: u32,
    pub count: i32,
}

/// The sum of counts that a 16-bit sum of weights of 8 bits holds: 255 * 128 < 2^15.
const BURST: i32 = 255;

/// Calls `add` with runs of events whose 16-bit sum cannot overflow, and whether all counts of the run are 1. A count is at most 255.
#[inline(always)]
pub fn bursts(events: &[Event], max_count: i32, mut add: impl FnMut(&[Event], bool)) {
    let mut start = 0;
    while start < events.len() {
        let (mut end, mut total, mut single) = (start, 0, true);
        while let Some(event) = events.get(end) {
            let count = event.count.clamp(-max_count, max_count);
            total += count.abs();
            if total > BURST {
                break;
            }
            single &= count == 1;
            end += 1;
        }
        add(&events[start..end], single);
        start = end;
    }
}
