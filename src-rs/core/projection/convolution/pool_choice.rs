//! The gradient of a max pool's row, in the form in which the convolution before it uses it: each window's gradient
//! belongs to the one pixel that was the maximum, so it need not be spread over the image first.

use super::pool::Pool;
use crate::simd::dispatch::{Kernel, dispatch};
use crate::simd::registers::{Element, Lanes};
use lapicque_base::SimdLevel;
use std::ops::Range;

/// A gradient row of a max pool, `[window][channel]`, and the index of each window's maximum.
#[derive(Clone, Copy)]
pub struct Chosen<'a, F> {
    pub pool: &'a Pool,
    pub gradient: &'a [F],
    pub choices: &'a [u8],
}

/// Maximum number of windows in a band: they are sorted by comparing each with each.
const BAND: usize = 32;

/// Non-overlapping windows in consecutive bands (usually rows of windows).
#[derive(Debug, Clone)]
pub(crate) struct Bands {
    /// For each window, the sort keys of its pixels.
    places: Vec<Vec<u32>>,
    bands: Vec<Range<usize>>,
    channels: usize,
}

impl Bands {
    /// `None` if windows overlap or too many are in one band. `place` ascends with the pixels.
    pub fn new(pool: &Pool, place: impl Fn(usize) -> usize) -> Option<Self> {
        let windows = pool.windows();
        let mut taken = vec![false; windows.iter().flatten().max().map_or(0, |&last| last as usize + 1)];
        let (mut bands, mut first, mut last) = (Vec::new(), 0, 0);
        for (w, window) in windows.iter().enumerate() {
            for &pixel in window {
                if std::mem::replace(&mut taken[pixel as usize], true) {
                    return None;
                }
            }
            let (&least, &most) = (window.iter().min()?, window.iter().max()?);
            if w > first && least > last {
                bands.push(first..w);
                first = w;
            }
            last = most.max(last);
        }
        bands.push(first..windows.len());
        // A window that begins before the end of an earlier band would belong to that band.
        let mut end = 0;
        for band in &bands {
            let pixels = windows[band.clone()].iter().flatten();
            if band.len() > BAND || pixels.clone().any(|&pixel| pixel < end) {
                return None;
            }
            end = pixels.max().map_or(end, |&pixel| pixel + 1);
        }
        let places = windows.iter().map(|w| w.iter().map(|&pixel| place(pixel as usize) as u32).collect());
        Some(Bands { places: places.collect(), bands, channels: pool.channels() })
    }

    pub fn windows(&self) -> usize {
        self.places.len()
    }

    /// The destination of each channel's gradients, from `base` on, `[window][channel]`, ascending, and the gradients
    /// in this order.
    pub fn sort<F: Element>(
        &self,
        level: SimdLevel,
        chosen: Chosen<F>,
        base: u32,
        places: &mut [u32],
        sorted: &mut [F],
    ) {
        let len = self.places.len() * self.channels;
        assert!(chosen.gradient.len() == len && chosen.choices.len() == len, "a row of a pool");
        assert!(places.len() == len && sorted.len() == len, "a sorted row of a pool");
        dispatch(level, Sort { bands: self, chosen, base, places, sorted });
    }
}

pub struct Sort<'a, F> {
    bands: &'a Bands,
    chosen: Chosen<'a, F>,
    base: u32,
    places: &'a mut [u32],
    sorted: &'a mut [F],
}

impl<F: Element> Kernel<F> for Sort<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        let (channels, Chosen { gradient, choices, .. }) = (self.bands.channels, self.chosen);
        self.sorted.copy_from_slice(gradient);
        let rows = self.places.chunks_exact_mut(channels).zip(choices.chunks_exact(channels));
        // Loops over all channels, which the compiler vectorizes; loops over one register's elements would not be
        // vectorized.
        for ((places, choices), window) in rows.zip(&self.bands.places) {
            places.fill(window[0] + self.base);
            for (i, &own) in window.iter().enumerate().skip(1) {
                let own = own + self.base;
                for (place, &choice) in places.iter_mut().zip(choices) {
                    *place = if choice == i as u8 { own } else { *place };
                }
            }
        }
        for band in &self.bands.bands {
            for end in (band.start + 1..band.end).rev() {
                for w in band.start..end {
                    let at = w * channels..(w + 2) * channels;
                    let (a, b) = self.places[at.clone()].split_at_mut(channels);
                    let (x, y) = self.sorted[at].split_at_mut(channels);
                    for (((a, b), x), y) in a.iter_mut().zip(b).zip(x).zip(y) {
                        // Selects values rather than places: for places the compiler would select addresses and gather.
                        let (first, second, left, right) = (*a, *b, *x, *y);
                        let swapped = first > second;
                        (*a, *b) = (first.min(second), first.max(second));
                        *x = if swapped { right } else { left };
                        *y = if swapped { left } else { right };
                    }
                }
            }
        }
    }
}
