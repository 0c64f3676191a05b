//! The gradient of spikes where only some of its elements are wanted: those of neurons whose surrogate derivative is not
//! zero. Each is one product of a row of the gradient with the weights of one input, which are contiguous over the outputs
//! in the layout of the forward pass: nothing is transposed, and what is not wanted costs nothing (N. Perez-Nieves and D.
//! Goodman, "Sparse Spiking Gradient Descent", NeurIPS 2021, give the method for GPUs).
//!
//! An element has sixteen partial sums at every SIMD level: output `o` adds to number `o % 16`, `o` ascending, and halves
//! are added until one number is left.

use crate::layouts::aligned::Aligned;
use crate::simd::dispatch::{Kernel, dispatch};
use crate::simd::registers::{Element, Lanes, WIDEST};
use crate::simd::strip::Strip;
use crate::spikes::events::count_events;
use crate::{PANEL, panel_mask, panels};
use lapicque_base::SimdLevel;

/// One panel of a population of `inputs` inputs, with its weights `[panels(outputs)][inputs][64]`.
#[derive(Clone, Copy)]
pub struct SampledWeights<'a, F> {
    pub weights: &'a [F],
    pub inputs: usize,
    pub outputs: usize,
    pub panel: usize,
}

/// `dx[r][i] (+)= Σ_o grad[r][o] w[i][o]` where bit `i` of `wanted[r]` is set. Without `accumulate` the other elements of
/// `dx = [wanted.len()][64]` are 0. `grad` gives a panel of the gradient, `[wanted.len()][64]`; `sums` is a buffer. Returns the
/// number of wanted elements. Panics if a slice is too short.
pub fn sampled_input_gradient<'a, F: Element>(
    level: SimdLevel,
    wanted: &[u64],
    weights: SampledWeights<F>,
    grad: impl Fn(usize) -> &'a [F],
    sums: &mut Aligned<F>,
    dx: &mut [F],
    accumulate: bool,
) -> usize {
    let SampledWeights { weights, inputs, outputs, panel } = weights;
    let rows = wanted.len();
    assert!(dx.len() >= rows * PANEL, "dx holds {} elements, not [{rows}][64]", dx.len());
    let all = panels(outputs) * inputs * PANEL;
    assert!(weights.len() >= all, "weights of {inputs} inputs and {outputs} outputs");
    if !accumulate {
        dx[..rows * PANEL].fill(F::ZERO);
    }
    let wanted = list(level, wanted, panel_mask(inputs, panel));
    if wanted.is_empty() || outputs == 0 {
        return wanted.len();
    }
    sums.reuse(wanted.len() * WIDEST);
    for k in 0..panels(outputs) {
        let grad = grad(k);
        assert!(grad.len() >= rows * PANEL, "a gradient panel of {} elements, not [{rows}][64]", grad.len());
        let weights = &weights[(k * inputs + panel * PANEL) * PANEL..];
        let weights = &weights[..PANEL.min(inputs - panel * PANEL) * PANEL];
        dispatch(level, Partial { wanted: &wanted, grad, weights, sums, first: k == 0 });
    }
    dispatch(level, Totals { wanted: &wanted, sums, dx });
    wanted.len()
}

/// Row and input of each wanted element, `64 row + input`, ascending.
fn list(level: SimdLevel, words: &[u64], mask: u64) -> Vec<u32> {
    let mut wanted = Vec::with_capacity(count_events(level, words));
    for (row, &word) in words.iter().enumerate() {
        let mut left = word & mask;
        while left != 0 {
            wanted.push((row * PANEL) as u32 + left.trailing_zeros());
            left &= left - 1;
        }
    }
    wanted
}

/// Adds the products of one panel of outputs to the partial sums.
pub struct Partial<'a, F> {
    wanted: &'a [u32],
    /// `[row][64]`
    grad: &'a [F],
    /// `[input of the panel][64]`
    weights: &'a [F],
    sums: &'a mut [F],
    /// The sums start from 0.
    first: bool,
}

impl<F: Element> Kernel<F> for Partial<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        // SAFETY: by the contract; `sampled_input_gradient` checked the lengths.
        unsafe {
            match V::WIDTH {
                16 => self.add::<V, 1>(),
                8 => self.add::<V, 2>(),
                4 => self.add::<V, 4>(),
                _ => self.add::<V, 8>(),
            }
        }
    }
}

impl<F: Element> Partial<'_, F> {
    #[inline(always)]
    unsafe fn add<V: Lanes<F = F>, const N: usize>(self) {
        debug_assert_eq!(Strip::<V, N>::WIDTH, WIDEST);
        let (grad, weights) = (self.grad.as_ptr(), self.weights.as_ptr());
        for (&at, sums) in self.wanted.iter().zip(self.sums.chunks_exact_mut(WIDEST)) {
            let (row, input) = (at as usize / PANEL, at as usize % PANEL);
            // SAFETY: row and input are below the numbers of rows and inputs, each of which has 64 elements in its slice.
            unsafe {
                let (x, w) = (grad.add(row * PANEL), weights.add(input * PANEL));
                let mut sum = match self.first {
                    true => Strip::<V, N>::splat(F::ZERO),
                    false => Strip::load(sums.as_ptr()),
                };
                for column in (0..PANEL).step_by(WIDEST) {
                    sum.add_product(&Strip::load(x.add(column)), &Strip::load(w.add(column)));
                }
                sum.store(sums.as_mut_ptr());
            }
        }
    }
}

/// Adds the totals of the partial sums to the elements.
pub struct Totals<'a, F> {
    wanted: &'a [u32],
    sums: &'a [F],
    dx: &'a mut [F],
}

impl<F: Element> Kernel<F> for Totals<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        for (&at, sums) in self.wanted.iter().zip(self.sums.chunks_exact(WIDEST)) {
            // SAFETY: there are sixteen sums; the caller guarantees the instructions.
            self.dx[at as usize] += unsafe { total::<V>(sums.as_ptr()) };
        }
    }
}

/// The sum of sixteen partial sums.
///
/// # Safety
/// Sixteen elements at `sums`; the CPU has the instructions of `V`.
#[inline(always)]
pub(crate) unsafe fn total<V: Lanes>(sums: *const V::F) -> V::F {
    // SAFETY: by the contract.
    unsafe {
        match V::WIDTH {
            16 => Strip::<V, 1>::load(sums).total(),
            8 => Strip::<V, 2>::load(sums).total(),
            4 => Strip::<V, 4>::load(sums).total(),
            _ => Strip::<V, 8>::load(sums).total(),
        }
    }
}
