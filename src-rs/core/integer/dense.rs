//! Dense connections: weights by panels of targets, so that an event reads one contiguous row of a panel.

use crate::events::{BURST, Row, burst};
use lapicque_base::cache::prefetch;
use lapicque_base::error::{Result, try_vec};

/// Targets of a panel: as many 16-bit sums stay in registers.
pub const PANEL: usize = 128;

/// The sums of a step, or the states, of a panel.
pub type Panel = [i32; PANEL];

/// Bytes of a cache line.
const LINE: usize = 64;

/// Rows that are prefetched ahead.
const PREFETCH_DISTANCE: usize = 8;

/// Weights `[panel][source][width]`. A panel is [`PANEL`] targets wide, the last one as wide as targets are left.
pub struct Dense {
    sources: usize,
    targets: usize,
    /// Begins at `start`, on a cache line, and ends with bytes that the last rows are read beyond.
    weights: Vec<i8>,
    start: usize,
}

impl Dense {
    /// `weight(target, source)` in the engine's order of neurons. Errors: `too-large`.
    pub fn new(targets: usize, sources: usize, weight: impl Fn(usize, usize) -> i8) -> Result<Self> {
        let len = targets.saturating_mul(sources).saturating_add(2 * LINE);
        let mut weights = try_vec("the weights of the integer network", len, 0i8)?;
        let start = weights.as_ptr().align_offset(LINE).min(LINE);
        let mut dense = Dense { sources, targets, weights: Vec::new(), start };
        for target in 0..targets {
            let panel = target / PANEL;
            let from = start + panel * PANEL * sources + target % PANEL;
            for source in 0..sources {
                weights[from + source * dense.width(panel)] = weight(target, source);
            }
        }
        dense.weights = weights;
        Ok(dense)
    }

    pub fn bytes(&self) -> usize {
        self.weights.len()
    }

    /// Targets of a panel.
    #[inline(always)]
    fn width(&self, panel: usize) -> usize {
        (self.targets - panel * PANEL).min(PANEL)
    }

    #[inline(always)]
    fn rows(&self, panel: usize) -> &[i8] {
        &self.weights[self.start + panel * PANEL * self.sources..]
    }

    /// Adds `count * weight << shift` for each event to the exact sums of a panel.
    #[inline(always)]
    pub fn add(&self, panel: usize, row: Row, max_count: i32, shift: u32, sums: &mut Panel) {
        let (rows, width) = (self.rows(panel), self.width(panel));
        match width {
            PANEL => add_row::<PANEL>(rows, PANEL, row, max_count, shift, sums),
            ..=16 => add_row::<16>(rows, width, row, max_count, shift, sums),
            17..=32 => add_row::<32>(rows, width, row, max_count, shift, sums),
            33..=64 => add_row::<64>(rows, width, row, max_count, shift, sums),
            _ => add_row::<PANEL>(rows, width, row, max_count, shift, sums),
        }
    }

    /// The same, saturating after each event.
    #[inline(always)]
    pub fn add_saturating(
        &self,
        panel: usize,
        row: Row,
        max_count: i32,
        shift: u32,
        [low, high]: [i32; 2],
        states: &mut Panel,
    ) {
        let (rows, width) = (self.rows(panel), self.width(panel));
        for (i, &neuron) in row.neurons.iter().enumerate() {
            let count =
                row.counts.map_or(1, |counts| i32::from(counts[i]).clamp(-max_count, max_count)) << shift;
            let weights = &rows[neuron as usize * width..][..width];
            for (state, &weight) in states.iter_mut().zip(weights) {
                *state = (*state + count * i32::from(weight)).clamp(low, high);
            }
        }
    }
}

/// `W`: the width of the panel or more. What is read beyond the panel's width is not added.
#[inline(always)]
fn add_row<const W: usize>(
    rows: &[i8],
    width: usize,
    row: Row,
    max_count: i32,
    shift: u32,
    sums: &mut Panel,
) {
    let mut start = 0;
    while start < row.neurons.len() {
        let (sum, end) = match row.counts {
            None => {
                let end = row.neurons.len().min(start + BURST);
                (sum_ones::<W>(rows, width, row.neurons, start, end), end)
            }
            Some(counts) => {
                let end = burst(counts, start, max_count);
                (sum_counts::<W>(rows, width, &row.neurons[start..end], &counts[start..end], max_count), end)
            }
        };
        if width == W {
            for i in 0..W {
                sums[i] += i32::from(sum[i]) << shift;
            }
        } else {
            for i in 0..width.min(W) {
                sums[i] += i32::from(sum[i]) << shift;
            }
        }
        start = end;
    }
}

/// The sums of the rows `neurons[start..end]`.
#[inline(always)]
fn sum_ones<const W: usize>(
    rows: &[i8],
    width: usize,
    neurons: &[u32],
    start: usize,
    end: usize,
) -> [i16; W] {
    let mut sum = [0i16; W];
    for (i, &neuron) in neurons[start..end].iter().enumerate() {
        if W >= LINE
            && let Some(&upcoming) = neurons.get(start + i + PREFETCH_DISTANCE)
        {
            let row = rows.as_ptr().wrapping_add(upcoming as usize * width);
            prefetch(row);
            prefetch(row.wrapping_add(W - LINE));
        }
        add_weights(&mut sum, rows, width, neuron);
    }
    sum
}

#[inline(always)]
fn add_weights<const W: usize>(sum: &mut [i16; W], rows: &[i8], width: usize, neuron: u32) {
    // Whole panels have their rows contiguous, so one comparison checks the bounds.
    let whole = if width == W { rows.as_chunks::<W>().0.get(neuron as usize) } else { None };
    let weights = match whole {
        Some(weights) => weights,
        None if width == W => return,
        None => match rows[neuron as usize * width..].first_chunk::<W>() {
            Some(weights) => weights,
            None => return,
        },
    };
    for j in 0..W {
        sum[j] += i16::from(weights[j]);
    }
}

#[inline(always)]
fn sum_counts<const W: usize>(
    rows: &[i8],
    width: usize,
    neurons: &[u32],
    counts: &[i16],
    max_count: i32,
) -> [i16; W] {
    let mut sum = [0i16; W];
    let most = max_count as i16;
    for (&neuron, &count) in neurons.iter().zip(counts) {
        let count = count.clamp(-most, most);
        let Some(weights) = rows[neuron as usize * width..].first_chunk::<W>() else { break };
        for j in 0..W {
            sum[j] += count * i16::from(weights[j]);
        }
    }
    sum
}
