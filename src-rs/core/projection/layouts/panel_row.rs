//! One row of data that populations store panel by panel.

use crate::PANEL;
use crate::simd::registers::{Element, prefetch_lines};

/// Panels by which reads are prefetched: they are too far apart for the hardware prefetcher.
const PREFETCH_DISTANCE: usize = 4;

/// One sample at one step: neuron `n` is at `n / 64 * stride + n % 64`.
#[derive(Debug, Clone, Copy)]
pub struct PanelRow<'a, F> {
    pub values: &'a [F],
    pub stride: usize,
}

impl<'a, F: Element> PanelRow<'a, F> {
    /// Neurons from `first` on, one after the other.
    pub fn copy(self, first: usize, out: &mut [F]) {
        let mut done = 0;
        while done < out.len() {
            let elements = self.elements(first + done, out.len() - done);
            out[done..][..elements.len()].copy_from_slice(elements);
            done += elements.len();
        }
    }

    /// At most `most` contiguous neurons from `n` on.
    #[inline(always)]
    pub(crate) fn elements(self, n: usize, most: usize) -> &'a [F] {
        let start = n / PANEL * self.stride + n % PANEL;
        let len = (PANEL - n % PANEL).min(most);
        if let Some(ahead) = self.values.get(start + PREFETCH_DISTANCE * self.stride..) {
            prefetch_lines(&ahead[..len.min(ahead.len())]);
        }
        &self.values[start..start + len]
    }
}
