//! Panel-major buffers and the user's row-major ones.

use super::PANEL;
use crate::Real;

/// Panels that hold `neurons` neurons.
pub fn panels(neurons: usize) -> usize {
    neurons.div_ceil(PANEL)
}

/// The bits of the last panel that belong to a neuron; all ones when it is full.
pub fn last_panel_mask(neurons: usize) -> u64 {
    match neurons % PANEL {
        0 => u64::MAX,
        used => (1 << used) - 1,
    }
}

/// Divides a panel-major buffer `[panels][rows][width]` into chunks of `chunk` rows (the last may be
/// shorter). Each chunk is one slice `[rows of the chunk][width]` per panel: what a thread that
/// fills some rows of all panels needs. `width` is 1 for spikes and `PANEL` for values.
pub fn row_chunks<T>(buffer: &mut [T], rows: usize, width: usize, chunk: usize) -> Vec<Vec<&mut [T]>> {
    assert!(chunk > 0 && width > 0, "a chunk has rows and a row has elements");
    if rows == 0 {
        return Vec::new();
    }
    assert!(buffer.len().is_multiple_of(rows * width), "the buffer is not [panels][{rows}][{width}]");
    let mut chunks: Vec<Vec<&mut [T]>> = (0..rows.div_ceil(chunk)).map(|_| Vec::new()).collect();
    for panel in buffer.chunks_mut(rows * width) {
        for (slices, part) in chunks.iter_mut().zip(panel.chunks_mut(chunk * width)) {
            slices.push(part);
        }
    }
    chunks
}

/// User rows `[rows][neurons]` into one slice `[rows][PANEL]` per panel (of a whole buffer, or a
/// chunk of `row_chunks`), converted to `F`, padding zeroed.
pub fn from_user_rows<S: Real, F: Real>(user: &[S], neurons: usize, out: &mut [&mut [F]]) {
    let rows = check_rows(user.len(), neurons, out.len(), out.iter().map(|panel| panel.len()));
    for r in 0..rows {
        let row = &user[r * neurons..][..neurons];
        for (panel, values) in out.iter_mut().zip(row.chunks(PANEL)) {
            let (used, padding) = panel[r * PANEL..][..PANEL].split_at_mut(values.len());
            for (lane, value) in used.iter_mut().zip(values) {
                *lane = F::from_f64(value.to_f64());
            }
            padding.fill(F::ZERO);
        }
    }
}

/// The inverse of `from_user_rows`; padding is dropped.
pub fn to_user_rows<F: Real, S: Real>(from: &[&[F]], neurons: usize, user: &mut [S]) {
    let rows = check_rows(user.len(), neurons, from.len(), from.iter().map(|panel| panel.len()));
    for r in 0..rows {
        let row = &mut user[r * neurons..][..neurons];
        for (panel, values) in from.iter().zip(row.chunks_mut(PANEL)) {
            for (value, lane) in values.iter_mut().zip(&panel[r * PANEL..]) {
                *value = S::from_f64(lane.to_f64());
            }
        }
    }
}

fn check_rows(user: usize, neurons: usize, given: usize, lengths: impl Iterator<Item = usize>) -> usize {
    assert!(neurons > 0 && user.is_multiple_of(neurons), "{user} values are not rows of {neurons} neurons");
    assert_eq!(given, panels(neurons), "panels of {neurons} neurons");
    let rows = user / neurons;
    for length in lengths {
        assert_eq!(length, rows * PANEL, "elements of a panel of {rows} rows");
    }
    rows
}
