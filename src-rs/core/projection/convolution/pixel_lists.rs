//! The input of a pointwise convolution, for its weight gradient: for each channel the nonzero pixels of several rows
//! together.

use crate::layouts::row::{Order, Row};
use crate::simd::dispatch::{Kernel, dispatch};
use crate::simd::registers::{Element, Lanes};
use lapicque_base::SimdLevel;

/// Lists, reused from rows to rows.
#[derive(Default)]
pub struct PixelLists<F> {
    /// End of each channel's pixels.
    ends: Vec<u32>,
    pixels: Vec<u32>,
    /// The value of each pixel; empty for spikes.
    values: Vec<F>,
}

impl<F: Element> PixelLists<F> {
    /// Lists the pixels of some rows, which are all spikes or all values. Pixels of the second row are numbered after
    /// those of the first; for each channel they ascend.
    pub fn list(&mut self, level: SimdLevel, rows: &[Row<F>], from: Order, [channels, pixels]: [usize; 2]) {
        let (mut events, mut values) = (Vec::new(), Vec::new());
        for &row in rows {
            match row {
                Row::Events(row) => events.push(row),
                Row::Values(row) => {
                    assert_eq!(row.len(), channels * pixels, "the input of a convolution");
                    values.push(row);
                }
            }
        }
        assert!(events.is_empty() || values.is_empty(), "rows of one kind");
        self.ends.clear();
        self.ends.resize(channels, 0);
        self.pixels.clear();
        self.values.clear();
        match values.is_empty() {
            true => self.of_spikes(&mut events, pixels),
            false => dispatch(level, OfValues { lists: self, rows: &values, from, pixels }),
        }
    }

    /// `(pixels, values)` of each channel.
    #[inline(always)]
    pub(crate) fn channels(&self) -> impl Iterator<Item = (&[u32], &[F])> {
        let mut first = 0;
        self.ends.iter().map(move |&end| {
            let range = std::mem::replace(&mut first, end as usize)..end as usize;
            (&self.pixels[range.clone()], self.values.get(range).unwrap_or_default())
        })
    }

    /// Whether all listed pixels are below this limit.
    pub(crate) fn are_below(&self, pixels: usize) -> bool {
        self.pixels.iter().all(|&pixel| (pixel as usize) < pixels)
    }

    /// Splits the events of each row by channel.
    fn of_spikes(&mut self, rows: &mut [&[u32]], pixels: usize) {
        self.pixels.resize(rows.iter().map(|events| events.len()).sum(), 0);
        let (mut n, mut start) = (0, 0);
        for end in &mut self.ends {
            let limit = start + pixels as u32;
            for (r, events) in rows.iter_mut().enumerate() {
                let offset = (r * pixels) as u32;
                while let Some((&event, rest)) = events.split_first().filter(|&(&event, _)| event < limit) {
                    self.pixels[n] = event - start + offset;
                    n += 1;
                    *events = rest;
                }
            }
            *end = n as u32;
            start = limit;
        }
        self.pixels.truncate(n);
    }
}

pub struct OfValues<'a, 'b, F> {
    lists: &'a mut PixelLists<F>,
    rows: &'a [&'b [F]],
    from: Order,
    pixels: usize,
}

impl<F: Element> Kernel<F> for OfValues<'_, '_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        let OfValues { lists: PixelLists { ends, pixels: listed, values }, rows, from, pixels } = self;
        if from.channel != 1 {
            for (channel, end) in ends.iter_mut().enumerate() {
                for (r, row) in rows.iter().enumerate() {
                    for pixel in 0..pixels {
                        let x = row[from.at(channel, pixel)];
                        if x != F::ZERO {
                            listed.push((r * pixels + pixel) as u32);
                            values.push(x);
                        }
                    }
                }
                *end = listed.len() as u32;
            }
            return;
        }
        // The channels of a pixel are contiguous: count first, then place each value.
        let channels = ends.len();
        for row in rows {
            for pixel in 0..pixels {
                let row = &row[pixel * from.pixel..][..channels];
                ends.iter_mut().zip(row).for_each(|(count, &x)| *count += u32::from(x != F::ZERO));
            }
        }
        let mut count = 0;
        for end in ends.iter_mut() {
            count += std::mem::replace(end, count);
        }
        listed.resize(count as usize, 0);
        values.resize(count as usize, F::ZERO);
        // Until a channel is complete, its end is the position of its next value.
        let mut put = |channel: usize, pixel: usize, x: F| {
            let position = ends[channel] as usize;
            (listed[position], values[position]) = (pixel as u32, x);
            ends[channel] += 1;
        };
        let whole = channels / V::WIDTH * V::WIDTH;
        for (r, row) in rows.iter().enumerate() {
            for pixel in 0..pixels {
                let (row, pixel) = (&row[pixel * from.pixel..][..channels], r * pixels + pixel);
                for first in (0..whole).step_by(V::WIDTH) {
                    // SAFETY: the registers lie within the row; the caller guarantees the instructions of `V`.
                    let zeros = unsafe { V::load(row.as_ptr().add(first)).equal(V::splat(F::ZERO)) };
                    let mut rest = !zeros & ((1 << V::WIDTH) - 1);
                    while rest != 0 {
                        let channel = first + rest.trailing_zeros() as usize;
                        rest &= rest - 1;
                        put(channel, pixel, row[channel]);
                    }
                }
                for channel in (whole..channels).filter(|&channel| row[channel] != F::ZERO) {
                    put(channel, pixel, row[channel]);
                }
            }
        }
    }
}
