//! Pools in front of a connection: the counts of a square of source neurons become one count.

use crate::events::Event;
use crate::sources::Source;
use lapicque_base::error::{Result, try_vec};
use serde::Deserialize;

/// What the counts of a square become in a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pooling {
    /// Their sum.
    #[default]
    Sum,
    /// The largest; a silent neuron counts 0.
    Max,
    /// The increase of the largest total since the start: what a max pool of totals gives step by step.
    MaxTotal,
}

/// A pool of squares of pixels.
pub struct Pool {
    pooling: Pooling,
    /// Source neurons of a square.
    area: usize,
    /// The number of each source neuron after the pool, `u32::MAX` for those of an incomplete square.
    numbers: Vec<u32>,
    /// Neurons after the pool.
    pooled: usize,
    /// Counts are clipped to it before the pool.
    max_count: i32,
}

/// The events of a pool in a step, and what it keeps between steps.
#[derive(Clone, Default)]
pub struct PoolState {
    events: Vec<Event>,
    /// The counts of each source neuron since the start.
    totals: Vec<i64>,
    /// The largest total of each square.
    largest: Vec<i64>,
}

impl PoolState {
    /// At the start of a stream.
    pub fn reset(&mut self) {
        self.totals.fill(0);
        self.largest.fill(0);
    }
}

impl Pool {
    /// The pool, and the shape that it gives.
    ///
    /// # Errors
    /// `shape-mismatch` for a source that is no image, `invalid-parameter`, `too-large`.
    pub fn new(
        source: &Source,
        path: &str,
        size: usize,
        pooling: Pooling,
        max_count: i32,
    ) -> Result<(Self, [usize; 3])> {
        let (numbers, shape) = source.pooled(path, size)?;
        let pooled = shape.iter().product();
        Ok((Pool { pooling, area: size * size, numbers, pooled, max_count }, shape))
    }

    /// The largest count that a neuron behind the pool can have, by that of a source neuron.
    pub fn largest(&self, count: u64) -> u64 {
        if self.pooling == Pooling::Sum { count * self.area as u64 } else { count }
    }

    /// At the start of a stream. Errors: `too-large`.
    pub fn state(&self) -> Result<PoolState> {
        let what = "the state of the integer network";
        let of = |len: usize| try_vec(what, if self.pooling == Pooling::MaxTotal { len } else { 0 }, 0);
        Ok(PoolState { events: Vec::new(), totals: of(self.numbers.len())?, largest: of(self.pooled)? })
    }

    /// Bytes of the state.
    pub fn state_bytes(&self) -> usize {
        let totals = self.numbers.len() + self.pooled;
        if self.pooling == Pooling::MaxTotal { totals * size_of::<i64>() } else { 0 }
    }

    /// The events of a step behind the pool, in any order.
    pub fn events<'a>(&self, events: &[Event], state: &'a mut PoolState) -> &'a [Event] {
        let behind = events.iter().filter_map(|event| {
            let neuron = self.numbers[event.neuron as usize];
            let count = event.count.clamp(-self.max_count, self.max_count);
            (neuron != u32::MAX).then_some((event.neuron as usize, Event { neuron, count }))
        });
        state.events.clear();
        match self.pooling {
            Pooling::Sum => state.events.extend(behind.map(|(_, event)| event)),
            Pooling::Max => {
                state.events.extend(behind.map(|(_, event)| event));
                keep_largest(&mut state.events, self.area);
            }
            Pooling::MaxTotal => {
                for (source, Event { neuron, count }) in behind {
                    let (total, largest) = (&mut state.totals[source], &mut state.largest[neuron as usize]);
                    *total += i64::from(count);
                    if *total > *largest {
                        // At most the count, because the total was at most the largest.
                        state.events.push(Event { neuron, count: (*total - *largest) as i32 });
                        *largest = *total;
                    }
                }
            }
        }
        &state.events
    }
}

/// Of the events of each neuron the one with the largest count, 0 among them if fewer than `area` neurons have events.
fn keep_largest(events: &mut Vec<Event>, area: usize) {
    events.sort_unstable_by_key(|event| event.neuron);
    let (mut kept, mut start) = (0, 0);
    while let Some(&Event { neuron, .. }) = events.get(start) {
        let square = events[start..].iter().take_while(|event| event.neuron == neuron);
        let (own, count) = square.fold((0, i32::MIN), |(n, most), event| (n + 1, most.max(event.count)));
        let count = if own < area { count.max(0) } else { count };
        if count != 0 {
            events[kept] = Event { neuron, count };
            kept += 1;
        }
        start += own;
    }
    events.truncate(kept);
}
