//! The weight gradient of a convolution before a max pool, for spiking input, at SIMD levels with mask registers. Bits
//! select the elements of a window's sums to which a gradient is added. So only the bits are loaded, and the work does
//! not depend on the number of set bits.
//!
//! Sums have the same order as in [`super::chosen_taps`].

use super::chosen_taps::ROWS;
use super::pool::Pool;
use super::pool_choice::Bands;
use super::sliding::Sliding;
use super::stride1_spikes::{WORD, extract};
use crate::simd::dispatch::Kernel;
use crate::simd::registers::{Element, Lanes};
use lapicque_base::SimdLevel;

/// Converts the spikes under the rows of each window to bits, one for each element of the window's sums.
#[derive(Debug, Clone)]
pub(crate) struct ChosenMasks {
    sliding: Sliding,
    /// Each place holds the pixel in its upper half, as a sort key, and the byte offset of its masks in the lower half.
    pub bands: Bands,
    /// Bit offset of each input pixel in the strings of a block's rows.
    pixel_offsets: Vec<u32>,
}

/// Masks of some rows of the batch, and buffers that are reused from row to row.
#[derive(Default)]
pub(crate) struct MaskRows {
    /// `[row of the batch][block][output column][input row][element]`, so the masks of a window are contiguous.
    pub masks: Vec<u8>,
    /// Spikes of each row of the image, `[block][row][pixel][channel]`.
    strings: Vec<u64>,
}

impl ChosenMasks {
    /// `None` if windows overlap or there are too many places.
    pub fn new(sliding: &Sliding, pool: &Pool) -> Option<Self> {
        let ([height, width], [above, before]) = (sliding.size[0], sliding.padding);
        let ([rows, columns], high) = (sliding.size[1], sliding.around()[0]);
        let place =
            |pixel: usize| (pixel << 16) | ((pixel % columns * high + pixel / columns) * (sliding.row() / 8));
        let offset = |y: usize, x: usize| (y + above) * pitch(sliding) * WORD + (x + before) * sliding.block;
        let masks = ChosenMasks {
            bands: Bands::new(pool, place)?,
            pixel_offsets: (0..height * width)
                .map(|pixel| offset(pixel / width, pixel % width) as u32)
                .collect(),
            sliding: sliding.clone(),
        };
        (rows * columns <= 1 << 16 && ROWS * masks.row() <= 1 << 16).then_some(masks)
    }

    /// Whether the registers of a level have masks. Doubles would work too, but are too rare to justify their own code.
    pub fn exist<F>(level: SimdLevel) -> bool {
        level == SimdLevel::Avx512 && size_of::<F>() == 4
    }

    /// Bytes of one block of a row of the batch.
    pub fn block(&self) -> usize {
        self.sliding.size[1][1] * self.sliding.around()[0] * self.sliding.row() / 8
    }

    /// Bytes of a row.
    pub fn row(&self) -> usize {
        self.sliding.channels[0].div_ceil(self.sliding.block) * self.block()
    }

    /// Makes the masks of a row of the batch.
    pub fn mark(&self, events: &[u32], row: usize, rows: &mut MaskRows) {
        let (s, pixels) = (&self.sliding, self.pixel_offsets.len());
        let MaskRows { masks, strings } = rows;
        let pitch = pitch(s);
        let of_block = s.around()[0] * pitch;
        strings.clear();
        strings.resize(s.channels[0].div_ceil(s.block) * of_block, 0);
        let (mut channel, mut least, mut base) = (0, 0, 0);
        for &event in events {
            while event as usize >= least + pixels {
                least += pixels;
                channel += 1;
                base = channel / s.block * of_block * WORD + channel % s.block;
            }
            let bit = base + self.pixel_offsets[event as usize - least] as usize;
            strings[bit / WORD] |= 1 << (bit % WORD);
        }
        masks.resize(ROWS * self.row() + BEHIND, 0);
        let (field, bytes) = (s.kernel[1] * s.block, s.row() / 8);
        let mut to = row * self.row();
        // In ascending order, because whole words are written and the next field begins within the last word.
        for strings in strings.chunks_exact(of_block) {
            for x in 0..s.size[1][1] {
                for string in strings.chunks_exact(pitch) {
                    for word in (0..field).step_by(WORD) {
                        let lanes = extract(string, x * s.block + word, field - word);
                        masks[to + word / 8..][..8].copy_from_slice(&lanes.to_le_bytes());
                    }
                    to += bytes;
                }
            }
        }
    }
}

/// Words of the string of one image row: a field ends within the second word after the last word in which a field
/// begins.
fn pitch(sliding: &Sliding) -> usize {
    (sliding.around()[1] * sliding.block).div_ceil(WORD) + 2
}

/// Padding bytes after the masks of all rows, which stores of whole words overwrite.
const BEHIND: usize = 16;

/// One block of input channels and one output channel.
pub struct MaskedSums<'a, F> {
    pub masks: &'a [u8],
    /// The offset of each gradient's window (lower half of a place), and the gradients of all rows, `outputs` apart.
    pub places: &'a [u32],
    pub gradient: &'a [F],
    pub outputs: usize,
    /// Sums of a block, `[channel out][ky][element]`.
    pub weights: &'a mut [F],
}

impl<F: Element> Kernel<F> for MaskedSums<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        // A compile-time constant: registers without masks get no code.
        if V::WIDTH < 16 {
            unreachable!("registers without masks");
        }
        let window = self.weights.len() / self.outputs;
        assert_eq!(window % V::WIDTH, 0, "whole registers of sums");
        assert_eq!(self.places.len(), self.gradient.len(), "a gradient for each place");
        let last = self.places.iter().fold(0, |last, &place| last.max(place as u16));
        assert!(usize::from(last) + window / 8 <= self.masks.len(), "masks of a window");
        for (output, weights) in self.weights.chunks_exact_mut(window).enumerate() {
            let gradients = self.places[output..].iter().step_by(self.outputs);
            let mut first = 0;
            while first < window {
                let (to, from) = (weights[first..].as_mut_ptr(), self.masks[first / 8..].as_ptr());
                let gradients = gradients.clone().zip(self.gradient[output..].iter().step_by(self.outputs));
                // SAFETY: this number of registers of sums remains, and masks for as many elements from each place on;
                // the caller guarantees the instructions of `V`.
                first += V::WIDTH
                    * unsafe {
                        match (window - first) / V::WIDTH {
                            20.. => add::<V, 20>(gradients, from, to),
                            8.. => add::<V, 8>(gradients, from, to),
                            4.. => add::<V, 4>(gradients, from, to),
                            _ => add::<V, 1>(gradients, from, to),
                        }
                    };
            }
        }
    }
}

/// Adds each gradient to the elements of `N` registers that its mask selects; returns `N`.
///
/// # Safety
/// The CPU has the instructions of `V`; there are `N` registers of sums, and masks for them from each place on.
#[inline(always)]
unsafe fn add<'a, V: Lanes, const N: usize>(
    gradients: impl Iterator<Item = (&'a u32, &'a V::F)>,
    masks: *const u8,
    sums: *mut V::F,
) -> usize
where
    V::F: 'a,
{
    // SAFETY: the caller's contract.
    unsafe {
        let mut registers = [V::splat(V::F::default()); N];
        for (i, register) in registers.iter_mut().enumerate() {
            *register = V::load(sums.add(i * V::WIDTH));
        }
        for (&place, &g) in gradients {
            let (masks, g) = (masks.add(usize::from(place as u16)), V::splat(g));
            for (i, register) in registers.iter_mut().enumerate() {
                // As many bits as a register has elements: a wider load would not load directly into a mask register.
                let lanes = masks.add(i * V::WIDTH / 8).cast::<u16>().read_unaligned().to_le();
                *register = register.add_where(u64::from(lanes), g);
            }
        }
        for (i, register) in registers.into_iter().enumerate() {
            register.store(sums.add(i * V::WIDTH));
        }
    }
    N
}
