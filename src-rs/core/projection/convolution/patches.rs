//! The input gradient of a convolution. Each output with a gradient adds its patch of weights to the inputs that it
//! read. The patches of all channels of a pixel are added piece by piece, each piece in registers. Before a max pool
//! most outputs have no gradient and cost nothing.
//!
//! An element is one sum over `(row, column, channel)` of the output, ascending, or in the order of [`super::sliding`].

use super::depthwise;
use super::pointwise::Pointwise;
use super::scatter::Scatter;
use super::sliding::{PART, Sliding, SlidingScratch};
use super::taps::Taps;
use crate::layouts::aligned::Aligned;
use crate::layouts::row::{Order, Row};
use crate::simd::dispatch::{Kernel, dispatch};
use crate::simd::registers::{Element, Lanes, WIDEST};
use lapicque_base::{Real, SimdLevel};

/// The input gradient of a convolution. Weights are `[channel out][ky][kx][channel in of the group]`, or in the layout
/// of a special shape.
#[derive(Debug, Clone)]
pub struct Patches {
    /// Channels of the input and of the output.
    pub(crate) channels: [usize; 2],
    pub(crate) groups: usize,
    pub(crate) kernel: [usize; 2],
    /// Columns, from the output to the input.
    pub(crate) columns: Taps,
    /// For each row of the window, the rows `(output, input)` that it connects.
    pub(crate) rows: Vec<Vec<(u32, u32)>>,
    /// Sizes of the input and of the output.
    pub(crate) size: [[usize; 2]; 2],
    /// Output channels of a group, padded as in gradients.
    pub(crate) width: usize,
    special: Option<Special>,
}

/// Shapes with their own kernels.
#[derive(Debug, Clone)]
enum Special {
    /// The window is one pixel.
    Pointwise(Pointwise),
    /// Stride 1.
    Sliding(Sliding),
    /// Each group has one input channel.
    Depthwise,
}

/// Buffers that are reused from row to row.
#[derive(Default)]
pub struct PatchScratch<F: Element> {
    /// `(channel within its group, gradient)` of all nonzero gradients, pixel by pixel.
    list: Vec<(u32, F)>,
    /// Where the list of each pixel and group begins.
    starts: Vec<u32>,
    values: Vec<F>,
    by_group: Vec<F>,
    sliding: SlidingScratch<F>,
    product: Aligned<F>,
}

impl Patches {
    pub fn new(scatter: &Scatter) -> Self {
        let taps = [0, 1].map(|axis| scatter.taps[axis].reversed(scatter.size[axis]));
        let mut rows = vec![Vec::new(); scatter.kernel[0]];
        for row in 0..taps[0].len() {
            taps[0].pairs(row).for_each(|(ky, y)| rows[ky].push((row as u32, y as u32)));
        }
        let input_size = [scatter.taps[0].len(), scatter.taps[1].len()];
        let size = [input_size, scatter.size];
        let special = match scatter.groups {
            1 => Pointwise::new(scatter.channels, scatter.kernel, &taps, input_size, scatter.width())
                .map(Special::Pointwise)
                .or_else(|| {
                    Sliding::new(scatter.channels, scatter.kernel, &taps, size, scatter.width())
                        .map(Special::Sliding)
                }),
            groups if groups == scatter.channels[0] => Some(Special::Depthwise),
            _ => None,
        };
        let [_, columns] = taps;
        Patches {
            channels: scatter.channels,
            groups: scatter.groups,
            kernel: scatter.kernel,
            columns,
            rows,
            size,
            width: scatter.width(),
            special,
        }
    }

    /// Input channels of a group.
    fn inputs(&self) -> usize {
        self.channels[0] / self.groups
    }

    /// Weights of one output channel.
    fn patch(&self) -> usize {
        self.kernel[0] * self.kernel[1] * self.inputs()
    }

    pub fn weights(&self) -> usize {
        match &self.special {
            Some(Special::Pointwise(pointwise)) => pointwise.weights(),
            Some(Special::Sliding(sliding)) => sliding.weights(),
            Some(Special::Depthwise) | None => self.channels[1] * self.patch(),
        }
    }

    /// The kernel for several rows at a time, if the window is one pixel and the output channels fill whole registers.
    pub fn pointwise(&self) -> Option<&Pointwise> {
        match &self.special {
            Some(Special::Pointwise(pointwise)) if self.width.is_multiple_of(WIDEST) => Some(pointwise),
            _ => None,
        }
    }

    /// Output channels that are summed over all pixels before the next ones.
    pub fn part(&self) -> usize {
        match &self.special {
            Some(Special::Sliding(_)) => PART,
            _ => self.channels[1],
        }
    }

    /// Converts the weights of the forward pass to the layout of the backward pass.
    pub fn backward_weights<F: Element>(&self, forward: &[F], backward: &mut [F]) {
        if let Some(Special::Pointwise(pointwise)) = &self.special {
            return pointwise.backward_weights(forward, backward);
        }
        let (inputs, outputs) = (self.inputs(), self.channels[1] / self.groups);
        let taps = self.kernel[0] * self.kernel[1];
        for (row, window) in forward.chunks_exact(self.width).enumerate() {
            let (channel, k) = (row / taps, taps - 1 - row % taps);
            let (group, i) = (channel / inputs, channel % inputs);
            for (o, &w) in window[..outputs].iter().enumerate() {
                let to = match &self.special {
                    Some(Special::Sliding(sliding)) => {
                        sliding.weight_offset(channel, k / self.kernel[1], k % self.kernel[1], o)
                    }
                    Some(Special::Depthwise) => (o * taps + k) * self.groups + group,
                    _ => ((group * outputs + o) * taps + k) * inputs + i,
                };
                backward[to] = w;
            }
        }
    }

    /// The gradient of one row of the input, in the order `to`. `gradient` is that of an output row, `[pixel][group][width]`,
    /// padded as the sums of the forward pass.
    pub fn input_gradient<F: Element>(
        &self,
        level: SimdLevel,
        weights: &[F],
        gradient: &[F],
        scratch: &mut PatchScratch<F>,
        to: Order,
        dx: &mut [F],
    ) {
        if let Some(Special::Sliding(sliding)) = &self.special {
            return sliding.input_gradient(level, weights, gradient, &mut scratch.sliding, to, dx);
        }
        if let Some(Special::Pointwise(pointwise)) = &self.special {
            let product = &mut scratch.product;
            return pointwise.input_gradient(level, weights, gradient, product, to, dx);
        }
        let ([input_size, output_size], [channels, _]) = (self.size, self.channels);
        let (elements, pixels) = (channels * input_size[0] * input_size[1], output_size[0] * output_size[1]);
        assert_eq!(weights.len(), self.weights(), "weights of the backward pass");
        assert_eq!(gradient.len(), pixels * self.groups * self.width, "a gradient row of a convolution");
        assert_eq!(dx.len(), elements, "the input gradient of a convolution");
        let own = Order::of_values(channels);
        let mut values = std::mem::take(&mut scratch.values);
        values.resize(elements, F::ZERO);
        let sums = if to == own { &mut *dx } else { &mut values[..] };
        if let Some(Special::Depthwise) = &self.special {
            sums.fill(F::ZERO);
            depthwise::input_gradient(level, self, weights, gradient, &mut scratch.by_group, sums);
        } else {
            dispatch(level, InputGradient { patches: self, weights, gradient, scratch, dx: sums });
        }
        if to != own {
            dx.fill(F::ZERO);
            Row::Values(&values).write(level, [own, to], [channels, input_size[0] * input_size[1]], dx);
        }
        scratch.values = values;
    }
}

pub struct InputGradient<'a, F: Element> {
    patches: &'a Patches,
    weights: &'a [F],
    gradient: &'a [F],
    scratch: &'a mut PatchScratch<F>,
    /// `[pixel][channel]`
    dx: &'a mut [F],
}

impl<F: Element> Kernel<F> for InputGradient<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(mut self) {
        // SAFETY: the caller guarantees the instructions of `V`.
        unsafe {
            self.list::<V>();
            self.dx.fill(F::ZERO);
            self.add::<V>();
        }
    }
}

impl<F: Element> InputGradient<'_, F> {
    /// Lists the nonzero gradients.
    #[inline(always)]
    unsafe fn list<V: Lanes<F = F>>(&mut self) {
        let (p, PatchScratch { list, starts, .. }) = (self.patches, &mut *self.scratch);
        let outputs = p.channels[1] / p.groups;
        list.clear();
        starts.clear();
        for gradient in self.gradient.chunks_exact(p.width) {
            starts.push(list.len() as u32);
            let registers = gradient[..outputs].chunks_exact(V::WIDTH);
            let tail = registers.remainder();
            let mut first = 0;
            for register in registers {
                // SAFETY: the chunk is one register wide; the caller guarantees the instructions.
                let zero = unsafe { V::load(register.as_ptr()).equal(V::splat(F::ZERO)) };
                let mut rest = !zero & ((1u64 << V::WIDTH) - 1);
                while rest != 0 {
                    let i = rest.trailing_zeros();
                    list.push((first + i, register[i as usize]));
                    rest &= rest - 1;
                }
                first += V::WIDTH as u32;
            }
            for (i, &g) in tail.iter().enumerate().filter(|&(_, &g)| g != F::ZERO) {
                list.push((first + i as u32, g));
            }
        }
        starts.push(list.len() as u32);
    }

    #[inline(always)]
    unsafe fn add<V: Lanes<F = F>>(&mut self) {
        let p = self.patches;
        let (inputs, outputs) = (p.inputs(), p.channels[1] / p.groups);
        let [input_size, output_size] = p.size;
        // From the last row of the window on, so that for each input row the output rows ascend.
        for (ky, rows) in p.rows.iter().enumerate().rev() {
            for &(row, y) in rows {
                for x in 0..output_size[1] {
                    for group in 0..p.groups {
                        let pixel = (row as usize * output_size[1] + x) * p.groups + group;
                        let starts = &self.scratch.starts[pixel..pixel + 2];
                        let list = &self.scratch.list[starts[0] as usize..starts[1] as usize];
                        if list.is_empty() {
                            continue;
                        }
                        // All channels of a list are below `outputs`.
                        let weights = &self.weights[group * outputs * p.patch()..][..outputs * p.patch()];
                        for run in p.columns.runs(x) {
                            let pixel = y as usize * input_size[1] + run.at as usize;
                            let k = (ky * p.kernel[1] + run.k as usize) * inputs;
                            // If groups are interleaved, pixel by pixel.
                            let (pieces, len) = match p.groups {
                                1 => (1, run.len as usize * inputs),
                                _ => (run.len as usize, inputs),
                            };
                            for i in 0..pieces {
                                let at = ((pixel + i) * p.groups + group) * inputs;
                                let sums = &mut self.dx[at..][..len];
                                // SAFETY: every channel of the list has its patch, which contains the piece; the caller
                                // guarantees the instructions.
                                unsafe { add_patch::<V>(list, weights, p.patch(), k + i * inputs, sums) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// `sums[i] += Σ g weights[o patch + first + i]` over the list, ascending.
///
/// # Safety
/// `weights` has a patch for each channel of the list, which contains the piece. The CPU has the instructions of `V`.
#[inline(always)]
unsafe fn add_patch<V: Lanes>(
    list: &[(u32, V::F)],
    weights: &[V::F],
    patch: usize,
    first: usize,
    sums: &mut [V::F],
) {
    debug_assert!(first + sums.len() <= patch, "a piece of a patch");
    debug_assert!(list.iter().all(|&(o, _)| (o as usize + 1) * patch <= weights.len()));
    let mut done = 0;
    while done < sums.len() {
        let left = sums.len() - done;
        // Eight registers at a time, and at least one for the remainder.
        let count = match left.div_ceil(V::WIDTH) {
            _ if !V::SPECIAL => 1,
            registers @ ..=8 => registers,
            9 if left % V::WIDTH != 0 => 7,
            _ => 8,
        };
        let len = left.min(count * V::WIDTH);
        let sums = &mut sums[done..][..len];
        let weights = &weights[first + done..];
        // SAFETY: all channels of the list have `len` weights from there on; the caller guarantees that and the
        // instructions.
        unsafe {
            match count {
                _ if len < V::WIDTH => narrow(list, weights, patch, sums),
                _ if const { !V::SPECIAL } => piece::<V, 1>(list, weights, patch, sums),
                1 => piece::<V, 1>(list, weights, patch, sums),
                2 => piece::<V, 2>(list, weights, patch, sums),
                3 => piece::<V, 3>(list, weights, patch, sums),
                4 => piece::<V, 4>(list, weights, patch, sums),
                5 => piece::<V, 5>(list, weights, patch, sums),
                6 => piece::<V, 6>(list, weights, patch, sums),
                7 => piece::<V, 7>(list, weights, patch, sums),
                _ => piece::<V, 8>(list, weights, patch, sums),
            }
        }
        done += len;
    }
}

/// Less than a register.
#[inline(always)]
fn narrow<F: Real>(list: &[(u32, F)], weights: &[F], patch: usize, sums: &mut [F]) {
    for &(o, g) in list {
        let weights = &weights[o as usize * patch..];
        sums.iter_mut().zip(weights).for_each(|(sum, &w)| *sum = g.mul_add(w, *sum));
    }
}

/// `N` registers, of which the last may overlap the one before it; both then compute the same values there.
///
/// # Safety
/// `sums` has more than `N - 1` registers and at most `N`, and not less than one; `weights` has as many
/// elements from `o * patch` on for each `o` of the list. The CPU has the instructions of `V`.
#[inline(always)]
unsafe fn piece<V: Lanes, const N: usize>(
    list: &[(u32, V::F)],
    weights: &[V::F],
    patch: usize,
    sums: &mut [V::F],
) {
    let last = sums.len() - V::WIDTH;
    let offset = |i: usize| if i + 1 == N { last } else { i * V::WIDTH };
    let (to, from) = (sums.as_mut_ptr(), weights.as_ptr());
    // SAFETY: by the contract above.
    unsafe {
        let mut registers = [V::splat(V::F::ZERO); N];
        for (i, register) in registers.iter_mut().enumerate() {
            *register = V::load(to.add(offset(i)));
        }
        for &(o, g) in list {
            let (g, from) = (V::splat(g), from.add(o as usize * patch));
            for (i, register) in registers.iter_mut().enumerate() {
                *register = g.mul_add(V::load(from.add(offset(i))), *register);
            }
        }
        for (i, register) in registers.into_iter().enumerate() {
            register.store(to.add(offset(i)));
        }
    }
}
