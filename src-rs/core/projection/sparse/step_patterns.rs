//! Patterns of steps: for each sample and each group of steps, the sums of all subsets of the group's gradient rows are
//! computed once. Every input that fired in the sample adds one of them per group. The table of a span of seven groups
//! is 28 KiB in f32, so it stays in L1 while all inputs read it.

use super::steps::{GROUP, GROUPS, Span, StepRows, histories};
use crate::PANEL;
use crate::simd::dispatch::{Kernel, dispatch};
use crate::simd::registers::{Element, Lanes, prefetch};
use crate::simd::strip::Strip;
use lapicque_base::{Error, Result, SimdLevel, memory};
use std::ops::Range;

/// Subsets of the rows of a group.
const SUBSETS: usize = 1 << GROUP;
/// Index of the input's own offset in a record.
const INPUT: usize = GROUPS;
/// For one input in one sample and span: the offset of its sum in the table for each group, then the offset of the
/// input's row in its panel of the gradient. Offsets count elements.
type Record = [u16; GROUPS + 1];

/// The patterns of 64 inputs in every sample of every span.
#[derive(Debug, Clone, Default)]
pub struct PanelPatterns {
    /// The records of sample `s` of span `k` are `records[ends[u]..ends[u + 1]]` with `u = k * tile + s`.
    ends: Vec<u32>,
    records: Vec<Record>,
}

impl PanelPatterns {
    /// `words`: the panel's bits by row.
    pub fn fill(
        &mut self,
        level: SimdLevel,
        words: &[u64],
        mask: u64,
        spans: &[Span],
        tile: usize,
    ) -> Result<()> {
        dispatch(level, Fill { patterns: self, words, mask, spans, tile })
    }

    fn of(&self, unit: usize) -> &[Record] {
        &self.records[self.ends[unit] as usize..self.ends[unit + 1] as usize]
    }
}

pub struct Fill<'a> {
    patterns: &'a mut PanelPatterns,
    words: &'a [u64],
    mask: u64,
    spans: &'a [Span],
    tile: usize,
}

impl Kernel<f32> for Fill<'_> {
    type Output = Result<()>;

    #[inline(always)]
    unsafe fn run<V: Lanes<F = f32>>(self) -> Result<()> {
        let Fill { patterns: PanelPatterns { ends, records }, words, mask, spans, tile } = self;
        ends.clear();
        records.clear();
        let units = spans.len() * tile + 1;
        ends.try_reserve(units).map_err(|_| too_large(units))?;
        ends.push(0);
        for &span in spans {
            for sample in (0..tile).step_by(2) {
                let square = histories(words, span, tile, sample, mask);
                records.try_reserve(2 * PANEL).map_err(|_| too_large(records.len() + 2 * PANEL))?;
                for half in 0..2.min(tile - sample) {
                    for (j, history) in square.iter().enumerate() {
                        let history = (history >> (32 * half)) as u32;
                        if history != 0 {
                            records.push(record(history, j));
                        }
                    }
                    ends.push(records.len() as u32);
                }
            }
        }
        Ok(())
    }
}

#[inline(always)]
fn record(history: u32, input: usize) -> Record {
    let mut record = [0; GROUPS + 1];
    for (g, offset) in record.iter_mut().enumerate() {
        let subset = history >> (GROUP * g) & (SUBSETS as u32 - 1);
        *offset = ((g * SUBSETS + subset as usize) * PANEL) as u16;
    }
    record[INPUT] = (input * PANEL) as u16;
    record
}

fn too_large(records: usize) -> Error {
    memory::refused::<Record>("the patterns of spikes", records)
}

/// Adds the gradients of the inputs `inputs`, which begin at a panel, to `dw = [inputs.len()][64]`.
pub struct Tables<'a, F> {
    pub grad: &'a [F],
    pub panels: &'a [PanelPatterns],
    pub rows: StepRows,
    pub inputs: Range<usize>,
    pub width: usize,
    pub dw: &'a mut [F],
}

/// The sums of the subsets of each group, `[group][subset][64]`.
#[repr(align(64))]
struct Table<F>([F; GROUPS * SUBSETS * PANEL]);

impl<F: Element> Kernel<F> for Tables<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(mut self) {
        // SAFETY: `step_gradient` checked the shapes, the caller guarantees the instructions.
        unsafe {
            match (V::WIDTH, self.width) {
                (16, ..=16) => self.columns::<V, 1>(),
                (8, ..=16) => self.columns::<V, 2>(),
                (16, _) | (4, ..=16) => self.columns::<V, 4>(),
                _ => self.columns::<V, 8>(),
            }
        }
    }
}

impl<F: Element> Tables<'_, F> {
    #[inline(always)]
    unsafe fn columns<V: Lanes<F = F>, const N: usize>(&mut self) {
        let mut table = Table([F::ZERO; GROUPS * SUBSETS * PANEL]);
        let spans = self.rows.spans();
        for column in (0..self.width.min(PANEL)).step_by(Strip::<V, N>::WIDTH) {
            for (k, &span) in spans.iter().enumerate() {
                for sample in 0..self.rows.tile {
                    // SAFETY: the strip at `column` lies within a row, the sample within the tile.
                    unsafe {
                        self.subsets::<V, N>(span, sample, column, &mut table);
                        self.sums::<V, N>(k * self.rows.tile + sample, span, column, &table);
                    }
                }
            }
        }
    }

    /// Fills the table for one sample of a span: each subset is the subset without its last step, plus that step.
    #[inline(always)]
    unsafe fn subsets<V: Lanes<F = F>, const N: usize>(
        &self,
        span: Span,
        sample: usize,
        column: usize,
        table: &mut Table<F>,
    ) {
        let table = table.0.as_mut_ptr();
        for first in (0..span.steps).step_by(GROUP) {
            for step in 0..GROUP.min(span.steps - first) {
                let row = span.first + (first + step) * self.rows.tile + sample;
                // SAFETY: the row is one of `rows`, of which `grad` has 64 elements each; step `i` of a group doubles
                // the `1 << i` subsets before it.
                unsafe {
                    let table = table.add(first / GROUP * SUBSETS * PANEL + column);
                    let from = self.grad.as_ptr().add(row * PANEL + column);
                    let added = Strip::<V, N>::load(from);
                    for line in (0..Strip::<V, N>::WIDTH).step_by(64 / size_of::<F>()) {
                        // The next sample's row.
                        prefetch(from.wrapping_add(PANEL + line));
                    }
                    for subset in 0..1 << step {
                        let mut sum = added;
                        sum.add_row(table.add(subset * PANEL));
                        sum.store(table.add((subset + (1 << step)) * PANEL));
                    }
                }
            }
        }
    }

    /// Adds each group's sum to the gradients of the inputs that fired in one sample of a span.
    #[inline(always)]
    unsafe fn sums<V: Lanes<F = F>, const N: usize>(
        &mut self,
        unit: usize,
        span: Span,
        column: usize,
        table: &Table<F>,
    ) {
        let groups = span.steps.div_ceil(GROUP).min(GROUPS);
        let patterns = &self.panels[self.inputs.start / PANEL..self.inputs.end.div_ceil(PANEL)];
        for (patterns, dw) in patterns.iter().zip(self.dw.chunks_mut(PANEL * PANEL)) {
            for record in patterns.of(unit) {
                // SAFETY: the input of a record exists in its panel, and its other offsets lie within the table (only
                // this module constructs records).
                unsafe {
                    let to = dw.as_mut_ptr().add(record[INPUT] as usize + column);
                    let mut sum = Strip::<V, N>::load(to);
                    for &offset in &record[..groups] {
                        sum.add_row(table.0.as_ptr().add(offset as usize + column));
                    }
                    sum.store(to);
                }
            }
        }
    }
}
