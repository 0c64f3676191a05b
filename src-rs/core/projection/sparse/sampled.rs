//! The gradient of spikes of which only some elements are requested: those of neurons whose surrogate derivative is not
//! zero. Each element is one product of a row of the gradient with the weights of one input. These weights are
//! contiguous over the outputs in the layout of the forward pass, so nothing is transposed, and elements that are not
//! requested cost nothing. N. Perez-Nieves and D. Goodman, "Sparse Spiking Gradient Descent", NeurIPS 2021, give the
//! method for GPUs.
//!
//! Several panels of inputs are processed together. A row of the gradient stays in registers for all of their requested
//! elements, so each element loads only its weights.
//!
//! An element has sixteen partial sums at every SIMD level: output `o` adds to number `o % 16`, `o` ascending, and halves
//! are added until one number is left.

use crate::layouts::aligned::Aligned;
use crate::simd::dispatch::{Kernel, dispatch};
use crate::simd::registers::{Element, Lanes, WIDEST, prefetch_lines};
use crate::simd::strip::Strip;
use crate::spikes::positions::{SLACK, append};
use crate::{PANEL, panel_mask, panels};
use lapicque_base::SimdLevel;

/// Weights of a projection, `[panels(outputs)][inputs][64]`.
#[derive(Clone, Copy)]
pub struct SampledWeights<'a, F> {
    pub weights: &'a [F],
    pub inputs: usize,
    pub outputs: usize,
}

/// One panel of inputs: for each row a word with the requested elements, and their gradient `[row][64]`.
pub struct SampledPanel<'a, F> {
    pub panel: usize,
    pub requested: &'a [u64],
    pub dx: &'a mut [F],
}

/// `dx[r][i] (+)= Σ_o grad[r][o] w[i][o]` where bit `i` of `requested[r]` is set, for all `inputs`, which have the same
/// number of rows. Without `accumulate` the other elements are 0. `grad` returns a panel of the gradient, `[rows][64]`;
/// `sums` is scratch. Returns the number of requested elements. Panics if a slice is too short.
pub fn sampled_input_gradient<'a, F: Element>(
    level: SimdLevel,
    inputs: &mut [SampledPanel<F>],
    weights: SampledWeights<F>,
    grad: impl Fn(usize) -> &'a [F],
    sums: &mut Aligned<F>,
    accumulate: bool,
) -> usize {
    let SampledWeights { weights, inputs: count, outputs } = weights;
    let rows = inputs.first().map_or(0, |input| input.requested.len());
    let all = panels(outputs) * count * PANEL;
    assert!(weights.len() >= all, "weights of {count} inputs and {outputs} outputs");
    for SampledPanel { panel, requested, dx } in inputs.iter_mut() {
        assert!(*panel < panels(count), "panel {panel} of {count} inputs");
        assert_eq!(requested.len(), rows, "rows of panel {panel}");
        assert!(dx.len() >= rows * PANEL, "dx holds {} elements, not [{rows}][64]", dx.len());
        if !accumulate {
            dx[..rows * PANEL].fill(F::ZERO);
        }
    }
    let grad: Vec<&[F]> = (0..panels(outputs)).map(grad).collect();
    for panel in &grad {
        assert!(
            panel.len() >= rows * PANEL,
            "a gradient panel of {} elements, not [{rows}][64]",
            panel.len()
        );
    }
    let requested = dispatch(level, Requested { inputs: &*inputs, count });
    let found = requested.ends.last().map_or(0, |&end| end as usize);
    if found > 0 && !grad.is_empty() {
        sums.reuse(found * WIDEST);
        dispatch(level, Products { requested: &requested, grad: &grad, weights, count, sums, inputs });
    }
    found
}

/// The requested elements of all rows, ascending: `64 k + i` is input `i` of panel number `k`.
#[derive(Default)]
pub struct Elements {
    elements: Vec<u32>,
    /// End of each row's elements.
    ends: Vec<u32>,
}

/// Lists the requested elements.
pub struct Requested<'a, 'b, F> {
    inputs: &'a [SampledPanel<'b, F>],
    /// Number of inputs of the projection.
    count: usize,
}

impl<F: Element> Kernel<F> for Requested<'_, '_, F> {
    type Output = Elements;

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) -> Elements {
        let Requested { inputs, count } = self;
        let rows = inputs.first().map_or(0, |input| input.requested.len());
        let all: usize =
            inputs.iter().flat_map(|input| input.requested).map(|word| word.count_ones() as usize).sum();
        let mut found = Elements { elements: vec![0; all + SLACK], ends: Vec::with_capacity(rows) };
        let mut len = 0;
        for row in 0..rows {
            for (k, input) in inputs.iter().enumerate() {
                let word = input.requested[row] & panel_mask(count, input.panel);
                // SAFETY: the bits of all words were counted, and the slack comes after them.
                len += unsafe { append::<V>(found.elements.as_mut_ptr().add(len), word, (k * PANEL) as u32) };
            }
            found.ends.push(len as u32);
        }
        found
    }
}

/// Computes the requested elements.
pub struct Products<'a, 'b, F> {
    requested: &'a Elements,
    /// Each panel of outputs is `[row][64]`.
    grad: &'a [&'a [F]],
    /// `[panel of outputs][input][64]`
    weights: &'a [F],
    /// Number of inputs of the projection.
    count: usize,
    /// Sixteen partial sums for each element.
    sums: &'a mut [F],
    inputs: &'a mut [SampledPanel<'b, F>],
}

impl<F: Element> Kernel<F> for Products<'_, '_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(mut self) {
        // SAFETY: by the contract; `sampled_input_gradient` checked the lengths.
        unsafe {
            // As many panels of a row as stay in half of the registers.
            match V::WIDTH {
                16 => self.all::<V, 1, 4>(),
                8 => self.all::<V, 2, 1>(),
                4 => self.all::<V, 4, 1>(),
                _ => self.all::<V, 8, 1>(),
            }
        }
    }
}

impl<F: Element> Products<'_, '_, F> {
    #[inline(always)]
    unsafe fn all<V: Lanes<F = F>, const N: usize, const P: usize>(&mut self) {
        debug_assert_eq!(Strip::<V, N>::WIDTH, WIDEST);
        let mut k = 0;
        // SAFETY: by the contract.
        unsafe {
            while k + P <= self.grad.len() {
                self.group::<V, N, P>(k);
                k += P;
            }
            while P > 1 && k < self.grad.len() {
                self.group::<V, N, 1>(k);
                k += 1;
            }
        }
    }

    /// Adds the products of `P` panels of outputs from number `k` on.
    #[inline(always)]
    unsafe fn group<V: Lanes<F = F>, const N: usize, const P: usize>(&mut self, k: usize) {
        let Products { requested, grad, weights, count, sums, inputs } = self;
        let (first, last) = (k == 0, k + P == grad.len());
        let sums = sums.as_mut_ptr();
        let panel = *count * PANEL;
        let weights = weights[k * panel..].as_ptr();
        let mut at = 0;
        for (row, &end) in requested.ends.iter().enumerate() {
            let end = end as usize;
            if at == end {
                continue;
            }
            // SAFETY: each panel of the gradient has all rows; elements are inputs of the panels, below `count`, each of which
            // has 64 weights in each panel of outputs; `sums` has sixteen numbers for each element.
            unsafe {
                let mut x = [[Strip::<V, N>::splat(F::ZERO); PANEL / WIDEST]; P];
                for (h, x) in x.iter_mut().enumerate() {
                    let grad = grad.get_unchecked(k + h);
                    let from = grad.as_ptr().add(row * PANEL);
                    for (c, x) in x.iter_mut().enumerate() {
                        *x = Strip::load(from.add(c * WIDEST));
                    }
                    // The row is not in a near cache.
                    prefetch_lines(
                        grad.get((row + PREFETCH_DISTANCE) * PANEL..(row + PREFETCH_DISTANCE + 1) * PANEL)
                            .unwrap_or_default(),
                    );
                }
                while at < end {
                    let element = *requested.elements.get_unchecked(at) as usize;
                    let to = inputs.get_unchecked_mut(element / PANEL);
                    let input = to.panel * PANEL + element % PANEL;
                    let own = sums.add(at * WIDEST);
                    let mut sum = match first {
                        true => Strip::<V, N>::splat(F::ZERO),
                        false => Strip::load(own),
                    };
                    for (h, x) in x.iter().enumerate() {
                        let w = weights.add(h * panel + input * PANEL);
                        for (c, x) in x.iter().enumerate() {
                            sum.add_product(x, &Strip::load(w.add(c * WIDEST)));
                        }
                    }
                    match last {
                        true => *to.dx.get_unchecked_mut(row * PANEL + element % PANEL) += sum.total(),
                        false => sum.store(own),
                    }
                    at += 1;
                }
            }
        }
    }
}

/// Distance in rows from the row that is multiplied to the row that is prefetched.
const PREFETCH_DISTANCE: usize = 4;
