//! A fixed number of sources for each target: sampled by target, then transposed so that rows can be built by source.

use super::outgoing::distinct;
use super::rules::Ends;
use super::source_row::below;
use lapicque_base::control::Control;
use lapicque_base::error::Result;
use lapicque_base::memory;
use lapicque_base::rng::{Eight, Rng};
use lapicque_base::simd::SimdLevel;
use rayon::prelude::*;
use std::ops::Range;

/// Up to this number of synapses, sampled by one thread, a second temporary copy is kept.
const FEW: usize = 1 << 20;

/// The rule fixed in-degree, sampled by target.
pub struct InDegree {
    pub rng: Rng,
    pub ends: Ends,
    pub count: usize,
    pub multapses: bool,
}

impl InDegree {
    /// Visits the sources of some targets as `(target, source)`.
    #[inline(always)]
    fn visit(&self, targets: Range<usize>, control: &Control, mut visit: impl FnMut(usize, u32)) {
        /// Number of blocks that are sampled together, for as many targets as they suffice.
        const TOGETHER: usize = 32;
        let candidates = |target| {
            let own = self.ends.own_source(target);
            let past = move |s: u32| s + u32::from(own.is_some_and(|own| s as usize >= own));
            (self.ends.sources - usize::from(own.is_some()), past)
        };
        let at = |target: usize, k: usize| (target as u64) << 32 | k as u64;
        if !self.multapses {
            let mut taken = Vec::new();
            for target in targets {
                if control.canceled() {
                    return;
                }
                let (n, past) = candidates(target);
                let word = |k| self.rng.block_at(at(target, k))[0];
                distinct(n, self.count, &mut taken, word, |s| visit(target, past(s)));
            }
            return;
        }
        // All four words of a block are used for sources.
        let (level, run) = (SimdLevel::detect(), self.count.div_ceil(32).max(1));
        let mut eights = vec![Eight::ZERO; run.next_multiple_of(TOGETHER)];
        for first in targets.clone().step_by(eights.len() / run) {
            if control.canceled() {
                return;
            }
            let some = first..(first + eights.len() / run).min(targets.end);
            let eights = &mut eights[..run * some.len()];
            self.rng.fill(level, at(first, 0), at(1, 0), run, eights);
            for (target, eights) in some.zip(eights.chunks_exact(run)) {
                let (n, past) = candidates(target);
                let words = eights.iter().flat_map(|eight| &eight.0).take(self.count);
                words.for_each(|&word| visit(target, past(below(word, n))));
            }
        }
    }

    /// The offsets of each source's targets, and all targets by source, ascending. Each task samples everything and keeps the
    /// synapses of its own sources.
    ///
    /// # Errors
    /// `too-large`, `aborted`.
    pub fn by_source(&self, control: &Control) -> Result<(Vec<usize>, Vec<u32>)> {
        let Ends { sources, targets, .. } = self.ends;
        let tasks = rayon::current_num_threads().min(sources);
        let bound = |task: usize| task * sources / tasks;
        if tasks == 1 && targets.saturating_mul(self.count) <= FEW {
            return self.sparse_by_source(control);
        }
        let degrees: Vec<Vec<usize>> = (0..tasks)
            .into_par_iter()
            .map(|task| {
                let mut degrees = vec![0; sources];
                let own = task * targets / tasks..(task + 1) * targets / tasks;
                self.visit(own, control, |_, source| degrees[source as usize] += 1);
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
            // Cancellation is reported below.
            let _ = memory::clear_pages(share, || control.check());
            let (low, high) = (bound(task), bound(task + 1));
            let mut next: Vec<usize> = (low..high).map(|s| starts[s] - starts[low]).collect();
            self.visit(0..targets, control, |target, source| {
                if let Some(next) = (source as usize).checked_sub(low).and_then(|s| next.get_mut(s)) {
                    share[*next] = target as u32;
                    *next += 1;
                }
            });
        });
        control.check()?;
        Ok((starts, all))
    }

    /// As `by_source`, for few synapses, which are kept in sampling order.
    fn sparse_by_source(&self, control: &Control) -> Result<(Vec<usize>, Vec<u32>)> {
        let Ends { sources, targets, .. } = self.ends;
        let (mut sampled_sources, mut starts) =
            (Vec::with_capacity(targets * self.count), vec![0; sources + 1]);
        self.visit(0..targets, control, |_, source| {
            sampled_sources.push(source);
            starts[source as usize + 1] += 1;
        });
        control.check()?;
        for s in 0..sources {
            starts[s + 1] += starts[s];
        }
        let (mut next, mut all) = (starts.clone(), vec![0; sampled_sources.len()]);
        for (target, own_sources) in sampled_sources.chunks_exact(self.count.max(1)).enumerate() {
            for &source in own_sources {
                let next = &mut next[source as usize];
                all[*next] = target as u32;
                *next += 1;
            }
        }
        Ok((starts, all))
    }
}
