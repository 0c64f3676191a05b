//! Scratch data of a chunk of a row's synapses while events are applied.

use super::event_rounds::EventRounds;
use super::lookup_cache::LookupCache;
use super::plastic_rows::Segment;
use super::row_loops::{Marks, WORD};
use crate::representation::precision::Precision;
use lapicque_plasticity::Bound;
use lapicque_projection::Aligned;
use std::ops::Range;

/// Maximum number of synapses per chunk: their scratch data stay in the first-level cache.
pub const CHUNK: usize = 640;

/// The scratch data of a chunk.
pub struct Work<F: Precision> {
    /// Current variables, by variable.
    pub now: Vec<Aligned<F>>,
    /// Variables after an event, then the transmitted weight.
    pub outs: Vec<Aligned<F>>,
    /// Traces, the elapsed time in ms, then sights.
    pub ports: Vec<Aligned<F>>,
    /// Cached spikes of the targets.
    pub spikes: LookupCache<F>,
    /// Events of the targets, for rules that read states of their targets.
    pub event_rounds: EventRounds,
    pub marks: Marks,
    /// The step of each synapse's last event, relative to the base of the history.
    pub since: Vec<i32>,
    pub sparse: SparseSubset<F>,
    pub kernel: Vec<F>,
}

/// The synapses of a chunk with an event, if they are a sparse subset.
pub struct SparseSubset<F: Precision> {
    /// By slot, from the first slot in which few synapses have a spike in the window: the synapses that have one.
    pub which: Vec<Vec<u32>>,
    pub steps: Vec<i32>,
    pub since: Vec<i32>,
    pub now: Vec<Aligned<F>>,
}

impl<F: Precision> Work<F> {
    pub fn new(rule: &Bound) -> Self {
        let mut buffer = Aligned::default();
        buffer.resize(CHUNK);
        let buffers = |n: usize| vec![buffer.clone(); n];
        let n = rule.variables.len();
        let [steps, since] = [(); 2].map(|()| vec![0; CHUNK]);
        Work {
            now: buffers(n),
            outs: buffers(n + 1),
            ports: buffers(rule.traces.len() + 1 + rule.sights.len() + 1),
            spikes: LookupCache::default(),
            event_rounds: EventRounds::default(),
            marks: Marks::default(),
            since: since.clone(),
            sparse: SparseSubset { which: vec![], steps, since, now: buffers(n) },
            kernel: vec![],
        }
    }
}

/// Divides a segment into chunks of about equal length; all but the last are multiples of the word size.
pub fn chunks(segment: &Segment) -> impl Iterator<Item = Range<usize>> + use<> {
    let (start, count) = (segment.start as usize, segment.count as usize);
    let each = count.div_ceil(count.div_ceil(CHUNK).max(1)).next_multiple_of(WORD).max(WORD);
    (0..count).step_by(each).map(move |from| start + from..start + (from + each).min(count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_whole_words_of_about_the_same_length_and_all_of_a_segment() {
        for count in [0, 1, 63, 64, 500, 640, 641, 1000, 1280, 1281, 7041] {
            let segment = Segment { source: 0, start: 7, count, delay: 1, last: None, done: 0 };
            let all: Vec<_> = chunks(&segment).collect();
            let synapses: Vec<usize> = all.iter().cloned().flatten().collect();
            assert_eq!(synapses, (7..7 + count as usize).collect::<Vec<_>>());
            assert!(all.iter().all(|chunk| !chunk.is_empty() && chunk.len() <= CHUNK));
            let whole = &all[..all.len().saturating_sub(1)];
            assert!(
                whole.iter().all(|chunk| chunk.len() == all[0].len() && chunk.len().is_multiple_of(WORD))
            );
        }
    }
}
