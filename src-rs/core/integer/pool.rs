//! Pools in front of a connection: the counts of a square of source neurons become one count.

use crate::events::{Row, Spikes};
use crate::sources::{Pixels, Source};
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
    pixels: Pixels,
    /// Source neurons.
    neurons: usize,
    /// Counts are clipped to it before the pool.
    max_count: i32,
}

/// What a pool keeps of one sample between steps, and its memory within a step.
#[derive(Default)]
pub struct PoolState {
    events: Vec<Event>,
    /// The counts of each source neuron since the start.
    totals: Vec<i64>,
    /// The largest total of each square.
    largest: Vec<i64>,
}

/// A count of a neuron after the pool.
#[derive(Clone, Copy)]
struct Event {
    neuron: u32,
    count: i32,
}

impl PoolState {
    /// At the start of a stream.
    pub fn reset(&mut self) {
        self.totals.fill(0);
        self.largest.fill(0);
    }
}

impl Pool {
    /// # Errors
    /// `shape-mismatch` for a source that is no image, `invalid-parameter`.
    pub fn new(source: &Source, path: &str, size: usize, pooling: Pooling, max_count: i32) -> Result<Self> {
        let pixels = source.pooled(path, size)?;
        Ok(Pool { pooling, area: size * size, pixels, neurons: source.neurons, max_count })
    }

    /// `[channels, height, width]` after the pool.
    pub fn shape(&self) -> [usize; 3] {
        self.pixels.shape
    }

    /// The largest count that a neuron behind the pool can have, by that of a source neuron.
    pub fn largest(&self, count: u64) -> u64 {
        if self.pooling == Pooling::Sum { count * self.area as u64 } else { count }
    }

    /// The pixels of a sum, which a convolution adds without a row of its own.
    pub fn into_sum(self) -> std::result::Result<Pixels, Self> {
        if self.pooling == Pooling::Sum { Ok(self.pixels) } else { Err(self) }
    }

    /// Whether a step depends on the steps before.
    pub fn keeps_totals(&self) -> bool {
        self.pooling == Pooling::MaxTotal
    }

    /// At the start of a stream. Errors: `too-large`.
    pub fn state(&self) -> Result<PoolState> {
        let what = "the state of the integer network";
        let [neurons, pooled] = self.totals();
        Ok(PoolState {
            events: Vec::new(),
            totals: try_vec(what, neurons, 0)?,
            largest: try_vec(what, pooled, 0)?,
        })
    }

    /// Bytes of the state.
    pub fn state_bytes(&self) -> usize {
        self.totals().iter().sum::<usize>() * size_of::<i64>()
    }

    /// How many totals are kept, of source neurons and of squares.
    fn totals(&self) -> [usize; 2] {
        if self.keeps_totals() { [self.neurons, self.shape().iter().product()] } else { [0, 0] }
    }

    /// Adds a row behind the pool, in any order. Neurons of incomplete squares are left out.
    pub fn row(&self, row: Row, state: &mut PoolState, out: &mut Spikes) {
        let behind = row.neurons.iter().enumerate().filter_map(|(i, &source)| {
            let neuron = self.pixels.number(source);
            let count = row.counts.map_or(1, |counts| i32::from(counts[i]));
            let count = count.clamp(-self.max_count, self.max_count);
            (neuron != u32::MAX).then_some((source as usize, Event { neuron, count }))
        });
        match self.pooling {
            Pooling::Sum => behind.for_each(|(_, Event { neuron, count })| out.push(neuron, count as i16)),
            Pooling::Max => {
                state.events.clear();
                state.events.extend(behind.map(|(_, event)| event));
                push_largest(&mut state.events, self.area, out);
            }
            Pooling::MaxTotal => {
                for (source, Event { neuron, count }) in behind {
                    let (total, largest) = (&mut state.totals[source], &mut state.largest[neuron as usize]);
                    *total += i64::from(count);
                    if *total > *largest {
                        // At most the count, because the total was at most the largest.
                        out.push(neuron, (*total - *largest) as i16);
                        *largest = *total;
                    }
                }
            }
        }
        out.end_row();
    }
}

/// Of the events of each neuron the one with the largest count, 0 among them if fewer than `area` neurons have events.
fn push_largest(events: &mut [Event], area: usize, out: &mut Spikes) {
    events.sort_unstable_by_key(|event| event.neuron);
    for square in events.chunk_by(|a, b| a.neuron == b.neuron) {
        let most = square.iter().map(|event| event.count).max().unwrap_or(0);
        let count = if square.len() < area { most.max(0) } else { most };
        if count != 0 {
            out.push(square[0].neuron, count as i16);
        }
    }
}
