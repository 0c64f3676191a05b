//! Poisson counts of small populations, sampled for several steps at once: the generator is fastest with many blocks,
//! and a small population has few per step. The numbers are those that each step would sample itself.

use super::poisson_blocks::TOGETHER;
use crate::representation::numbering::BLOCK;
use std::ops::Range;

/// Maximum number of steps that are sampled at once.
const STEPS: u64 = 8;

/// The counts of one drive.
#[derive(Default)]
pub struct PresampledPoisson {
    /// `[steps][blocks]`
    counts: Vec<[i16; BLOCK]>,
    steps: Range<u64>,
}

impl PresampledPoisson {
    /// Discards the sampled numbers, because inputs may have changed.
    pub fn clear(&mut self) {
        self.steps = 0..0;
    }

    /// The counts of `blocks` blocks at `step`. `draw` samples up to eight consecutive blocks, given the number of the first,
    /// and `end` limits the steps that are sampled ahead.
    #[inline(always)]
    pub fn at(
        &mut self,
        step: u64,
        end: u64,
        blocks: usize,
        draw: impl Fn(u64, &mut [[i16; BLOCK]]),
    ) -> &[[i16; BLOCK]] {
        if !self.steps.contains(&step) {
            self.steps = step..end.min(step + STEPS).max(step + 1);
            let needed = (self.steps.end - step) as usize * blocks;
            if self.counts.len() < needed {
                self.counts.resize(needed, [0; BLOCK]);
            }
            let mut number = step * blocks as u64;
            for counts in self.counts[..needed].chunks_mut(TOGETHER) {
                draw(number, counts);
                number += counts.len() as u64;
            }
        }
        &self.counts[(step - self.steps.start) as usize * blocks..][..blocks]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_gets_the_blocks_with_its_numbers() {
        let draw = |first: u64, counts: &mut [[i16; BLOCK]]| {
            counts.iter_mut().enumerate().for_each(|(i, count)| count.fill(first as i16 + i as i16));
        };
        for blocks in 1..=TOGETHER {
            let mut presampled = PresampledPoisson::default();
            // Up to the end of a run, continued from there, and repeated from an earlier step.
            for (steps, end) in [(1..5, 5), (5..30, 30), (3..30, 30)] {
                for step in steps {
                    let got = presampled.at(step, end, blocks, draw).iter().map(|count| count[63]);
                    let first = (step as usize * blocks) as i16;
                    assert!(got.eq(first..first + blocks as i16), "{blocks} blocks, step {step}");
                }
            }
        }
    }
}
