//! The synapses of a partition by source: a row for each source, sorted by delay, so that what
//! arrives at one step lies together.

use super::dense::Dense;
use super::precision::Precision;
use lapicque_base::cache::prefetch;

/// Synapses that are delivered at once. The synapses of one source and delay fill whole ones; what is
/// left over weighs nothing.
pub const QUAD: usize = 4;

/// Synapses of a row with the same delay.
#[derive(Debug, Clone, Copy)]
pub struct Segment {
    pub delay: u16,
    pub count: u16,
}

pub struct Rows<F: Precision> {
    pub quads: Vec<[F::Synapse; QUAD]>,
    /// Synapses, without what weighs nothing, nor those of dense rows.
    pub synapses: u64,
    pub dense: Vec<Dense<F>>,
    /// By source: its first quad and its first segment; one more at the end.
    pub first: Vec<(u32, u32)>,
    pub segments: Vec<Segment>,
}

impl<F: Precision> Rows<F> {
    /// The first quad of a source's row, and its segments.
    #[inline]
    pub fn row(&self, source: usize) -> (u32, &[Segment]) {
        let (quad, segment) = self.first[source];
        (quad, &self.segments[segment as usize..self.first[source + 1].1 as usize])
    }

    /// Calls into the cache where a source's row is.
    #[inline]
    pub fn call_place(&self, source: usize) {
        prefetch(&self.first[source]);
    }

    /// Calls a source's segments into the cache.
    #[inline]
    pub fn call_segments(&self, source: usize) {
        /// Segments of a cache line.
        const LINE: usize = 64 / size_of::<Segment>();
        let (_, segments) = self.row(source);
        segments.iter().step_by(LINE).chain(segments.last()).for_each(|segment| prefetch(segment));
    }

    /// Calls one of them into the cache.
    #[inline]
    pub fn call_segment(&self, source: usize, segment: usize) {
        self.row(source).1.get(segment).into_iter().for_each(|segment| prefetch(segment));
    }

    pub fn smallest_delay(&self) -> Option<u32> {
        let listed = self.segments.iter().map(|segment| u32::from(segment.delay));
        listed.chain(self.dense.iter().map(|dense| dense.delay)).min()
    }
}
