//! Spikes of samples over their steps, input by input, for the weight gradient of spiking input. A pixel of a sample
//! often fires repeatedly, so its gradient rows are added in groups of consecutive steps (`GROUP`), and each group's
//! sum is added to the gradient once. If many inputs fire in the same groups, the sums of a group are computed once for
//! all of them (`patterns`); otherwise each input lists its rows (`step_lists`). Both give the same bits.

use super::step_lists::StepLists;
use super::step_patterns::PanelPatterns;
use crate::spikes::transposed::transpose_64;
use crate::{PANEL, panel_mask, panels};
use lapicque_base::{Result, SimdLevel};
use rayon::prelude::*;

/// Steps whose rows are added to each other before they are added to a sum.
pub(crate) const GROUP: usize = 4;
/// Maximum number of groups of a span.
pub(crate) const GROUPS: usize = 7;

/// How rows are numbered: `(tile, step, sample of the tile)`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StepRows {
    pub tiles: usize,
    pub steps: usize,
    /// Samples of a tile.
    pub tile: usize,
}

/// Consecutive steps of one tile; their rows are contiguous.
#[derive(Debug, Clone, Copy)]
pub struct Span {
    /// The row of the first step of the tile's first sample.
    pub first: usize,
    pub steps: usize,
}

impl StepRows {
    pub fn count(&self) -> usize {
        self.tiles * self.steps * self.tile
    }

    /// Steps of a span: whole groups, the same in all spans but the last of a tile.
    fn span(&self) -> usize {
        let groups = self.steps.div_ceil(GROUP);
        groups.div_ceil(groups.div_ceil(GROUPS).max(1)) * GROUP
    }

    /// All spans, ascending.
    pub(crate) fn spans(&self) -> Vec<Span> {
        let span = self.span().max(1);
        let of_tile = |tile: usize| {
            (0..self.steps).step_by(span).map(move |step| Span {
                first: (tile * self.steps + step) * self.tile,
                steps: span.min(self.steps - step),
            })
        };
        (0..self.tiles).flat_map(of_tile).collect()
    }
}

/// The steps in which each of 64 inputs fired in two samples of a span. Bit `t` of word `j` is set if input `j` fired
/// in step `t` of sample `sample`, bit `32 + t` if it fired in that step of the next sample. `words` are the bits of
/// the panel by row; `tile` is that of the rows.
#[inline(always)]
pub(crate) fn histories(words: &[u64], span: Span, tile: usize, sample: usize, mask: u64) -> [u64; PANEL] {
    let mut square = [0; PANEL];
    for (half, sample) in square.chunks_exact_mut(32).zip(sample..tile.min(sample + 2)) {
        let rows = words[span.first + sample..].iter().step_by(tile);
        half.iter_mut().zip(rows).take(span.steps).for_each(|(to, &word)| *to = word & mask);
    }
    transpose_64(&mut square);
    square
}

/// The spikes, in one of two representations.
#[derive(Debug, Clone)]
pub(crate) enum Representation {
    Lists(StepLists),
    /// One per panel of inputs.
    Patterns(Vec<PanelPatterns>),
}

/// Spikes of one batch or a part of it.
#[derive(Debug, Clone)]
pub struct StepSpikes {
    pub(crate) neurons: usize,
    pub(crate) rows: StepRows,
    pub(crate) representation: Representation,
}

impl Default for StepSpikes {
    fn default() -> Self {
        StepSpikes { neurons: 0, rows: StepRows::default(), representation: Representation::Patterns(vec![]) }
    }
}

/// Costs in units of adding a row from L1: of computing a row of a pattern's table, of adding a row of the table, and
/// of finding and adding a row of the gradient from the L2 cache.
const TABLE: usize = 24;
const RECORD: usize = 3;
const ROW: usize = 2;

impl StepSpikes {
    /// Whether tables of patterns are read: each call of `step_gradient` recomputes them, so one call for all inputs
    /// is best.
    pub fn shares_tables(&self) -> bool {
        matches!(self.representation, Representation::Patterns(_))
    }

    /// From bits `[panels(neurons)][rows]`; padding bits are ignored. With `parallel`, the threads of the current pool
    /// share the work. An allocation that fails is `too-large` and leaves no spikes.
    pub fn rebuild(
        &mut self,
        level: SimdLevel,
        bits: &[u64],
        neurons: usize,
        rows: StepRows,
        parallel: bool,
    ) -> Result<()> {
        let patterns = patterns_pay(bits, rows, parallel);
        self.rebuild_as(level, bits, neurons, rows, patterns, parallel)
    }

    /// The same in the requested representation.
    pub(crate) fn rebuild_as(
        &mut self,
        level: SimdLevel,
        bits: &[u64],
        neurons: usize,
        rows: StepRows,
        patterns: bool,
        parallel: bool,
    ) -> Result<()> {
        assert_eq!(bits.len(), panels(neurons) * rows.count(), "words of {neurons} neurons");
        let old = std::mem::take(self);
        let spans = rows.spans();
        let panel = |p: usize| (&bits[p * rows.count()..][..rows.count()], panel_mask(neurons, p));
        let representation = if patterns {
            let mut own = if let Representation::Patterns(own) = old.representation { own } else { vec![] };
            own.resize_with(panels(neurons), PanelPatterns::default);
            let fill = |(p, to): (usize, &mut PanelPatterns)| {
                let (words, mask) = panel(p);
                to.fill(level, words, mask, &spans, rows.tile)
            };
            match parallel {
                true => own.par_iter_mut().enumerate().try_for_each(fill)?,
                false => own.iter_mut().enumerate().try_for_each(fill)?,
            }
            Representation::Patterns(own)
        } else {
            let mut own =
                if let Representation::Lists(own) = old.representation { own } else { StepLists::default() };
            own.prepare(&spans, rows.tile, panels(neurons));
            let fill = |(segment, p, to): (_, usize, _)| {
                let (words, mask) = panel(p);
                StepLists::fill(to, level, words, mask, segment, rows.tile)
            };
            let work = own.work();
            match parallel {
                true => work.into_par_iter().try_for_each(fill)?,
                false => work.into_iter().try_for_each(fill)?,
            }
            Representation::Lists(own)
        };
        *self = StepSpikes { neurons, rows, representation };
        Ok(())
    }
}

/// Whether inputs fire so often, in the samples in which they fire at all, that patterns are faster.
fn patterns_pay(bits: &[u64], rows: StepRows, parallel: bool) -> bool {
    if rows.count() == 0 {
        return true;
    }
    let spans = rows.spans();
    let count = |words: &[u64]| {
        let (mut events, mut records) = (0, 0);
        for span in &spans {
            for sample in 0..rows.tile {
                let mut any = 0;
                for &word in words[span.first + sample..].iter().step_by(rows.tile).take(span.steps) {
                    events += word.count_ones() as usize;
                    any |= word;
                }
                records += any.count_ones() as usize;
            }
        }
        (events, records)
    };
    let add = |a: (usize, usize), b: (usize, usize)| (a.0 + b.0, a.1 + b.1);
    let (events, records) = match parallel {
        true => bits.par_chunks(rows.count()).map(count).reduce(|| (0, 0), add),
        false => bits.chunks(rows.count()).map(count).fold((0, 0), add),
    };
    let groups = rows.span() / GROUP;
    let tables = spans.len() * rows.tile * groups * TABLE;
    records * (groups + RECORD) + tables < events * ROW
}
