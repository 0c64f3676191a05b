//! A fixed number of sources for each target: drawn by target, and turned round so that they can be built by source.

use super::outgoing::{below, distinct, many};
use super::rules::Ends;
use lapicque_base::control::Control;
use lapicque_base::error::Result;
use lapicque_base::memory;
use lapicque_base::rng::Rng;
use lapicque_base::simd::SimdLevel;
use rayon::prelude::*;

/// A fixed number of sources for each target is drawn by target.
pub struct InDegree {
    pub rng: Rng,
    pub ends: Ends,
    pub count: usize,
    pub multapses: bool,
}

impl InDegree {
    #[inline(always)]
    fn visit(&self, target: usize, taken: &mut Vec<u64>, mut visit: impl FnMut(u32)) {
        let own = self.ends.own_source(target);
        let candidates = self.ends.sources - usize::from(own.is_some());
        let past = |s: u32| s + u32::from(own.is_some_and(|own| s as usize >= own));
        let at = |k: usize| (target as u64) << 32 | k as u64;
        if self.multapses {
            // All four words of a block are sources.
            let mut left = self.count;
            many(&self.rng, SimdLevel::detect(), at(0), left.div_ceil(4), |eight, _| {
                for &word in &eight.0[..left.min(32)] {
                    visit(past(below(word, candidates)));
                }
                left -= left.min(32);
            });
        } else {
            distinct(candidates, self.count, taken, |k| self.rng.block_at(at(k))[0], |s| visit(past(s)));
        }
    }

    /// Where the targets of each source begin, and all targets by source, ascending. Each task looks through all draws
    /// for its own sources.
    ///
    /// # Errors
    /// `too-large`, `aborted`.
    pub fn by_source(&self, control: &Control) -> Result<(Vec<usize>, Vec<u32>)> {
        let Ends { sources, targets, .. } = self.ends;
        let tasks = rayon::current_num_threads().min(sources);
        let bound = |task: usize| task * sources / tasks;
        let degrees: Vec<Vec<usize>> = (0..tasks)
            .into_par_iter()
            .map(|task| {
                let (mut degrees, mut taken) = (vec![0; sources], Vec::new());
                for target in task * targets / tasks..(task + 1) * targets / tasks {
                    if control.cancelled() {
                        break;
                    }
                    self.visit(target, &mut taken, |source| degrees[source as usize] += 1);
                }
                degrees
            })
            .collect();
        control.check()?;
        let mut starts = vec![0; sources + 1];
        for s in 0..sources {
            starts[s + 1] = starts[s] + degrees.iter().map(|degrees| degrees[s]).sum::<usize>();
        }
        let mut all = memory::huge_pages::<u32>("the synapses of a fixed in-degree", starts[sources])?;
        let mut rest = &mut all[..];
        let mut shares = Vec::new();
        for task in 0..tasks {
            let (share, after) = rest.split_at_mut(starts[bound(task + 1)] - starts[bound(task)]);
            shares.push(share);
            rest = after;
        }
        shares.into_par_iter().enumerate().for_each(|(task, share)| {
            // Who has cancelled is heard below.
            let _ = memory::clear_pages(share, || control.check());
            let (low, high) = (bound(task), bound(task + 1));
            let mut next: Vec<usize> = (low..high).map(|s| starts[s] - starts[low]).collect();
            let mut taken = Vec::new();
            for target in 0..targets {
                if control.cancelled() {
                    break;
                }
                self.visit(target, &mut taken, |source| {
                    if let Some(next) = (source as usize).checked_sub(low).and_then(|s| next.get_mut(s)) {
                        share[*next] = target as u32;
                        *next += 1;
                    }
                });
            }
        });
        control.check()?;
        Ok((starts, all))
    }
}
