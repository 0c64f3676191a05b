//! Dense connections: weights by panels of targets, so that an event reads one contiguous row of a panel.

use crate::events::{Event, bursts};
use lapicque_base::error::{Result, try_vec};

/// Targets whose states are contiguous. States of a layer are padded to a multiple of it.
pub const PANEL: usize = 64;

/// Weights `[panel][source][width]`, 0 where there is no target.
pub struct Dense {
    sources: usize,
    /// 16 or 32 for layers with at most as many neurons, else [`PANEL`].
    width: usize,
    weights: Vec<i8>,
}

impl Dense {
    /// `weight(target, source)` in the engine's order of neurons. Errors: `too-large`.
    pub fn new(targets: usize, sources: usize, weight: impl Fn(usize, usize) -> i8) -> Result<Self> {
        let width = [16, 32].into_iter().find(|&width| targets <= width).unwrap_or(PANEL);
        let len = targets.next_multiple_of(width).saturating_mul(sources);
        let mut weights = try_vec("the weights of the integer network", len, 0)?;
        for target in 0..targets {
            let panel = target / width * width * sources;
            for source in 0..sources {
                weights[panel + source * width + target % width] = weight(target, source);
            }
        }
        Ok(Dense { sources, width, weights })
    }

    pub fn bytes(&self) -> usize {
        self.weights.len()
    }

    /// Adds `count * weight << shift` for each event to the exact sums `[targets, padded]`.
    #[inline(always)]
    pub fn add(&self, events: &[Event], max_count: i32, shift: u32, sums: &mut [i32]) {
        match self.width {
            16 => self.add_width::<16>(events, max_count, shift, sums),
            32 => self.add_width::<32>(events, max_count, shift, sums),
            _ => self.add_width::<PANEL>(events, max_count, shift, sums),
        }
    }

    #[inline(always)]
    fn add_width<const W: usize>(&self, events: &[Event], max_count: i32, shift: u32, sums: &mut [i32]) {
        let panels = self.weights.as_chunks::<W>().0.chunks_exact(self.sources);
        bursts(events, max_count, |burst, single| {
            for (rows, sums) in panels.clone().zip(sums.chunks_mut(W)) {
                let Some((sums, _)) = sums.split_first_chunk_mut::<W>() else { continue };
                let sum = if single { sum_single(rows, burst) } else { sum_counts(rows, burst, max_count) };
                for (sum, &new) in sums.iter_mut().zip(&sum) {
                    *sum += i32::from(new) << shift;
                }
            }
        });
    }

    /// The same, saturating after each event.
    #[inline(always)]
    pub fn add_saturating(
        &self,
        events: &[Event],
        max_count: i32,
        shift: u32,
        [low, high]: [i32; 2],
        states: &mut [i32],
    ) {
        let panels = self.weights.chunks_exact(self.sources * self.width);
        for (rows, states) in panels.zip(states.chunks_mut(self.width)) {
            for event in events {
                let row = &rows[event.neuron as usize * self.width..][..self.width];
                let count = event.count.clamp(-max_count, max_count) << shift;
                for (state, &weight) in states.iter_mut().zip(row) {
                    *state = (*state + count * i32::from(weight)).clamp(low, high);
                }
            }
        }
    }
}

#[inline(always)]
fn sum_single<const W: usize>(rows: &[[i8; W]], burst: &[Event]) -> [i16; W] {
    let mut sum = [0; W];
    for event in burst {
        for (sum, &weight) in sum.iter_mut().zip(&rows[event.neuron as usize]) {
            *sum += i16::from(weight);
        }
    }
    sum
}

#[inline(always)]
fn sum_counts<const W: usize>(rows: &[[i8; W]], burst: &[Event], max_count: i32) -> [i16; W] {
    let mut sum = [0; W];
    for event in burst {
        let count = event.count.clamp(-max_count, max_count) as i16;
        for (sum, &weight) in sum.iter_mut().zip(&rows[event.neuron as usize]) {
            *sum += count * i16::from(weight);
        }
    }
    sum
}
