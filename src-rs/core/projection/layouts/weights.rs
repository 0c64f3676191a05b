//! Conversions of weights between layouts: the public `[out][in]`, panels `[panels(out)][in][64]`, their transpose
//! `[panels(in)][out][64]` for the input gradient, and rows `[in][n_pad]` for a session.

use super::transpose::{transpose, transpose_columns};
use crate::simd::registers::Element;
use crate::{PANEL, panels};
use lapicque_base::{SimdLevel, settings};

/// `[outputs][inputs]` into panels `[panels(outputs)][inputs][64]`, padding zero.
pub fn pack_weights<F: Element>(weights: &[F], outputs: usize, inputs: usize, packed: &mut [F]) {
    check(weights.len(), outputs * inputs, packed.len(), outputs, inputs);
    if inputs == 0 {
        return;
    }
    for (panel, rows) in packed.chunks_mut(inputs * PANEL).zip(weights.chunks(PANEL * inputs)) {
        if rows.len() == panel.len() {
            transpose(settings::simd_or_portable(), rows, [PANEL, inputs], panel);
            continue;
        }
        for (i, elements) in panel.chunks_exact_mut(PANEL).enumerate() {
            elements.fill(F::ZERO);
            for (element, row) in elements.iter_mut().zip(rows.chunks_exact(inputs)) {
                *element = row[i];
            }
        }
    }
}

/// The inverse of `pack_weights`; padding is dropped.
pub fn unpack_weights<F: Element>(packed: &[F], outputs: usize, inputs: usize, weights: &mut [F]) {
    check(weights.len(), outputs * inputs, packed.len(), outputs, inputs);
    if inputs == 0 {
        return;
    }
    for (panel, rows) in packed.chunks(inputs * PANEL).zip(weights.chunks_mut(PANEL * inputs)) {
        if rows.len() == panel.len() {
            transpose(settings::simd_or_portable(), panel, [inputs, PANEL], rows);
            continue;
        }
        for (i, elements) in panel.chunks_exact(PANEL).enumerate() {
            for (element, row) in elements.iter().zip(rows.chunks_exact_mut(inputs)) {
                row[i] = *element;
            }
        }
    }
}

/// Panels `[panels(outputs)][inputs][64]` into `[inputs][panels(outputs) * 64]`, padding kept.
pub fn to_rowmajor_inputs<F: Element>(packed: &[F], outputs: usize, inputs: usize, rows: &mut [F]) {
    check(rows.len(), panels(outputs) * PANEL * inputs, packed.len(), outputs, inputs);
    let width = panels(outputs) * PANEL;
    for (p, panel) in packed.chunks_exact((inputs * PANEL).max(1)).enumerate() {
        for (row, elements) in rows.chunks_exact_mut(width).zip(panel.chunks_exact(PANEL)) {
            row[p * PANEL..][..PANEL].copy_from_slice(elements);
        }
    }
}

/// One panel of the transposed weights: the inputs `64 panel ..` as `[outputs][64]`, padding zero, from `packed =
/// [panels(outputs)][inputs][64]`. Threads process whole panels.
pub fn transpose_weights<F: Element>(
    level: SimdLevel,
    packed: &[F],
    outputs: usize,
    inputs: usize,
    panel: usize,
    transposed: &mut [F],
) {
    assert!(panel < panels(inputs), "panel {panel} of {inputs} inputs");
    check(transposed.len(), outputs * PANEL, packed.len(), outputs, inputs);
    let first = panel * PANEL;
    let used = PANEL.min(inputs - first);
    let blocks = transposed.chunks_mut(PANEL * PANEL);
    for (block, panel) in blocks.zip(packed.chunks_exact(inputs * PANEL)) {
        let from = &panel[first * PANEL..][..used * PANEL];
        if used == PANEL {
            transpose_columns(level, from, PANEL, [PANEL, block.len() / PANEL], block);
            continue;
        }
        for (o, row) in block.chunks_exact_mut(PANEL).enumerate() {
            let (elements, padding) = row.split_at_mut(used);
            for (i, element) in elements.iter_mut().enumerate() {
                *element = from[i * PANEL + o];
            }
            padding.fill(F::ZERO);
        }
    }
}

fn check(other: usize, expected: usize, packed: usize, outputs: usize, inputs: usize) {
    assert_eq!(
        packed,
        panels(outputs) * inputs * PANEL,
        "packed weights of {inputs} inputs, {outputs} outputs"
    );
    assert_eq!(other, expected, "weights of {inputs} inputs, {outputs} outputs in the other layout");
}
