//! Products of spikes with few outputs, without lists: the bits themselves are the masks of register additions. The
//! forward pass vectorizes over rows, the weight gradient over inputs. Terms have the order of `gather`, so results
//! have the same bits; the choice between both is only a matter of speed.

use crate::layouts::transpose::{WIDEST, transpose_square};
use crate::simd::dispatch::{Kernel, dispatch};
use crate::simd::registers::{Element, Lanes};
use crate::spikes::transposed::transpose_64;
use crate::{PANEL, panels};
use lapicque_base::{Real, SimdLevel};
use std::ops::Range;

/// Maximum number of outputs: their sums, for one or two registers, stay in registers.
pub const NARROW: usize = 16;

/// Whether sums by bits cost less than listing `events` of `places` spikes twice and adding list by list.
pub fn bits_pay(level: SimdLevel, events: usize, places: usize) -> bool {
    level != SimdLevel::Portable && events * 32 > places
}

/// Spikes of `neurons` neurons in bits, `[panels(neurons)][rows]`.
#[derive(Clone, Copy)]
pub struct Bits<'a> {
    pub words: &'a [u64],
    pub neurons: usize,
    pub rows: usize,
}

impl Bits<'_> {
    fn check(&self) {
        let Bits { words, neurons, rows } = *self;
        assert_eq!(words.len(), panels(neurons) * rows, "words of {neurons} neurons in {rows} rows");
    }
}

/// The result of [`gather_rows`](super::gather_rows) with the lists of these bits, for a `width` of at most [`NARROW`]:
/// `out[r][..16] = Σ_i w[i][..16] + bias` over the neurons `i` that fired in row `rows.start + r`, ascending. `weights
/// = [neurons][64]`, `bias = [64]`, `out = [rows.len()][64]`; columns from 16 on are unchanged.
pub fn narrow_rows<F: Element>(
    level: SimdLevel,
    weights: &[F],
    bits: Bits,
    rows: Range<usize>,
    bias: &[F],
    width: usize,
    out: &mut [F],
) {
    bits.check();
    assert!(width <= NARROW, "{width} outputs");
    assert!(rows.start <= rows.end && rows.end <= bits.rows, "rows {rows:?} of {}", bits.rows);
    assert!(weights.len() == bits.neurons * PANEL && bias.len() == PANEL, "weights of {}", bits.neurons);
    assert_eq!(out.len(), rows.len() * PANEL, "sums of rows {rows:?}");
    dispatch(level, Rows { weights, bits, first: rows.start, bias, width, out });
}

/// The sum that [`weight_gradient_gather`](super::weight_gradient_gather) adds with the lists of these bits:
/// `dw[i][..width] += Σ_r grad[r][..width]` over the rows `r` in which neuron `first + i` fired, ascending. `grad =
/// [rows][64]`, `dw = [inputs][64]`; `first` is a multiple of 64.
pub fn narrow_weight_gradient<F: Element>(
    level: SimdLevel,
    grad: &[F],
    bits: Bits,
    first: usize,
    width: usize,
    dw: &mut [F],
) {
    bits.check();
    assert!(width <= NARROW && first.is_multiple_of(PANEL), "{width} outputs, inputs from {first} on");
    assert_eq!(grad.len(), bits.rows * PANEL, "a gradient panel of {} rows", bits.rows);
    assert!(first + dw.len() / PANEL <= bits.neurons, "inputs from {first} on of {}", bits.neurons);
    dispatch(level, Inputs { grad, bits, first, width, dw });
}

pub struct Rows<'a, F> {
    weights: &'a [F],
    bits: Bits<'a>,
    first: usize,
    bias: &'a [F],
    width: usize,
    out: &'a mut [F],
}

impl<F: Element> Kernel<F> for Rows<'_, F> {
    type Output = ();

    /// 64 rows at a time. The bit transpose is long code, so it is compiled once for all numbers of outputs.
    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        let Rows { weights, bits, bias, width, .. } = self;
        let mut fired = vec![0; bits.neurons];
        for (block, out) in self.out.chunks_mut(PANEL * PANEL).enumerate() {
            let (from, count) = (self.first + block * PANEL, out.len() / PANEL);
            for (panel, transposed) in fired.chunks_mut(PANEL).enumerate() {
                let mut words = [0; PANEL];
                words[..count].copy_from_slice(&bits.words[panel * bits.rows + from..][..count]);
                transpose_64(&mut words);
                transposed.copy_from_slice(&words[..transposed.len()]);
            }
            let mut block = Block { weights, fired: &fired, bias, out };
            // SAFETY: the caller guarantees the instructions; all shapes were checked.
            unsafe {
                match (V::WIDTH, width) {
                    (16, ..=4) => block.sums::<V, 4, 4>(0),
                    (16, 5..=8) => block.sums::<V, 8, 4>(0),
                    (16, 9..=10) => block.sums::<V, 10, 4>(0),
                    (16, 11..=12) => block.sums::<V, 12, 4>(0),
                    (16, _) => block.sums::<V, NARROW, 4>(0),
                    (8, ..=8) => block.sums::<V, 8, 8>(0),
                    (8, 9..=10) => block.sums::<V, 10, 8>(0),
                    (8, _) => {
                        // Sixteen sums would take all registers of AVX2; twelve do not justify their own loop.
                        block.sums::<V, 8, 8>(0);
                        block.sums::<V, 8, 8>(8);
                    }
                    _ => block.sums::<V, NARROW, { PANEL / 2 }>(0),
                }
            }
        }
    }
}

/// At most 64 rows.
struct Block<'a, F> {
    weights: &'a [F],
    /// For each neuron the rows in which it fired.
    fired: &'a [u64],
    bias: &'a [F],
    out: &'a mut [F],
}

impl<F: Element> Block<'_, F> {
    /// `N` outputs from `first` on, vectorized over the rows in at most `G` registers; the weights of 64 inputs at a
    /// time stay in L1 for all of them.
    #[inline(always)]
    unsafe fn sums<V: Lanes<F = F>, const N: usize, const G: usize>(&mut self, first: usize) {
        let groups = (self.out.len() / PANEL).div_ceil(V::WIDTH);
        // SAFETY: weights have a row for each neuron, `bias` and each row of `out` have 64 elements; the caller
        // guarantees the instructions.
        unsafe {
            let mut sums = [[V::splat(F::ZERO); N]; G];
            for (panel, fired) in self.fired.chunks(PANEL).enumerate() {
                let weights = self.weights.as_ptr().add(panel * PANEL * PANEL + first);
                add_terms(&mut sums[..groups], fired, weights);
            }
            for (sums, out) in sums.iter().zip(self.out.chunks_mut(V::WIDTH * PANEL)) {
                store_rows(sums, first, self.bias, out);
            }
        }
    }
}

/// Adds the values of at most 64 terms to the sums, one register each, in the elements that the bits of `words` select.
///
/// # Safety
/// `values` has a row of 64 elements for each word, of which `N` can be read; the CPU has the instructions of `V`.
#[inline(always)]
unsafe fn add_terms<V: Lanes, const N: usize>(sums: &mut [[V; N]], words: &[u64], values: *const V::F) {
    for (group, kept) in sums.iter_mut().enumerate() {
        let shift = group * V::WIDTH;
        let mut sums = *kept;
        if V::REGISTERS == 32 {
            for (i, &word) in words.iter().enumerate() {
                // SAFETY: by the contract.
                unsafe { add_term(&mut sums, word >> shift, values.add(i * PANEL)) };
            }
        } else {
            // An addition is three instructions for few elements, so terms that reach none of them are skipped.
            let lanes = u64::MAX >> (64 - V::WIDTH) << shift;
            let reaches = |terms, (i, word): (usize, &u64)| terms | u64::from(word & lanes != 0) << i;
            let mut terms = words.iter().enumerate().fold(0, reaches);
            while terms != 0 {
                let i = terms.trailing_zeros() as usize;
                // SAFETY: by the contract.
                unsafe { add_term(&mut sums, words[i] >> shift, values.add(i * PANEL)) };
                terms &= terms - 1;
            }
        }
        *kept = sums;
    }
}

/// Adds one term in the elements that the lowest bits of `lanes` select. Not a closure, which the compiler may turn
/// into a function without the level's instructions.
///
/// # Safety
/// `N` elements of `values` can be read; the CPU has the instructions of `V`.
#[inline(always)]
unsafe fn add_term<V: Lanes, const N: usize>(sums: &mut [V; N], lanes: u64, values: *const V::F) {
    // SAFETY: by the contract.
    unsafe {
        for (output, sum) in sums.iter_mut().enumerate() {
            *sum = sum.add_where(lanes, V::splat(*values.add(output)));
        }
    }
}

/// Transposes sums of rows, for the outputs from `first` on, and adds the bias.
///
/// # Safety
/// `bias` and each row of `out` have 64 elements; `out` has at most as many rows as a register has elements; the CPU
/// has the instructions of `V`.
#[inline(always)]
unsafe fn store_rows<V: Lanes, const N: usize>(sums: &[V; N], first: usize, bias: &[V::F], out: &mut [V::F]) {
    for output in (first..NARROW).step_by(V::WIDTH) {
        // SAFETY: by the contract.
        unsafe {
            let mut square = [V::splat(V::F::ZERO); WIDEST];
            for (lanes, sum) in square[..V::WIDTH].iter_mut().zip(sums.iter().skip(output - first)) {
                *lanes = *sum;
            }
            transpose_square(&mut square);
            let bias = V::load(bias.as_ptr().add(output));
            for (lanes, row) in square.iter().zip(out.chunks_mut(PANEL)) {
                lanes.add(bias).store(row.as_mut_ptr().add(output));
            }
        }
    }
}

pub struct Inputs<'a, F> {
    grad: &'a [F],
    bits: Bits<'a>,
    first: usize,
    width: usize,
    dw: &'a mut [F],
}

impl<F: Element> Kernel<F> for Inputs<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(mut self) {
        let width = self.width;
        // SAFETY: the caller guarantees the instructions; all shapes were checked.
        unsafe {
            match (V::WIDTH, width) {
                (16, ..=4) => self.sums::<V, 4, 4>(0..width),
                (16, 5..=8) => self.sums::<V, 8, 2>(0..width),
                (16, 9..=10) => self.sums::<V, 10, 2>(0..width),
                (16, 11..=12) => self.sums::<V, 12, 2>(0..width),
                (16, _) => self.sums::<V, NARROW, 1>(0..width),
                (8, ..=8) => self.sums::<V, 8, 8>(0..width),
                (8, 9..=10) => self.sums::<V, 10, 8>(0..width),
                (8, _) => {
                    self.sums::<V, 8, 8>(0..8);
                    self.sums::<V, 8, 8>(8..width);
                }
                _ => self.sums::<V, NARROW, { PANEL / 4 }>(0..width),
            }
        }
    }
}

impl<F: Element> Inputs<'_, F> {
    /// The inputs of `G` registers at a time, over all rows, for at most `N` outputs.
    #[inline(always)]
    unsafe fn sums<V: Lanes<F = F>, const N: usize, const G: usize>(&mut self, outputs: Range<usize>) {
        let Inputs { grad, bits, .. } = *self;
        let mut lanes = [F::ZERO; WIDEST];
        for (block, dw) in self.dw.chunks_mut(G * V::WIDTH * PANEL).enumerate() {
            let first = self.first + block * G * V::WIDTH;
            let words = &bits.words[first / PANEL * bits.rows..][..bits.rows];
            let (shift, groups) = (first % PANEL, (dw.len() / PANEL).div_ceil(V::WIDTH));
            // SAFETY: each row of the gradient and of `dw` has 64 elements, `lanes` as many as the widest register; the
            // caller guarantees the instructions.
            unsafe {
                let mut sums = [[V::splat(F::ZERO); N]; G];
                for (sums, dw) in sums.iter_mut().zip(dw.chunks(V::WIDTH * PANEL)) {
                    for (output, sum) in outputs.clone().zip(sums) {
                        for (lane, row) in lanes.iter_mut().zip(dw.chunks(PANEL)) {
                            *lane = row[output];
                        }
                        *sum = V::load(lanes.as_ptr());
                    }
                }
                if V::WIDTH < WIDEST {
                    // Rows of the gradient stay in L1 for all inputs of a word.
                    for (words, grad) in words.chunks(PANEL).zip(grad.chunks(PANEL * PANEL)) {
                        add_terms(&mut sums[..groups], words, grad.as_ptr().add(outputs.start));
                    }
                } else {
                    for (word, grad) in words.iter().zip(grad.chunks_exact(PANEL)) {
                        let fired = word >> shift;
                        for output in 0..N {
                            let grad = V::splat(*grad.get_unchecked(outputs.start + output));
                            for (register, sums) in sums.iter_mut().enumerate() {
                                sums[output] = sums[output].add_where(fired >> (register * V::WIDTH), grad);
                            }
                        }
                    }
                }
                for (sums, dw) in sums.iter().zip(dw.chunks_mut(V::WIDTH * PANEL)) {
                    for (output, sum) in outputs.clone().zip(sums) {
                        sum.store(lanes.as_mut_ptr());
                        for (lane, row) in lanes.iter().zip(dw.chunks_mut(PANEL)) {
                            row[output] = *lane;
                        }
                    }
                }
            }
        }
    }
}
