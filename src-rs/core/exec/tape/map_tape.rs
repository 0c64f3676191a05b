//! The values of one map over a segment of time, and the gradients that take their place.

use crate::storage::geometry::Geometry;
use crate::storage::rows::nonzero;
use crate::tape::norms::Norms;
use lapicque_graph::MapUse;
use lapicque_projection::{Aligned, Element, Moments};

/// A map's record over a segment of time.
pub struct MapTape<F: Element> {
    /// `[tile][step][sample][element]`; the gradient takes their place in the backward pass, pixel by
    /// pixel. Samples that do not exist are 0.
    pub values: Aligned<F>,
    /// The values are in the public order, since only neurons read them, or batch norm on their way there.
    pub public: bool,
    pub(crate) size: usize,
    /// What becomes of the values: only those that are kept are there.
    pub usage: MapUse,
    /// Of a pool the convolution whose rows it takes, and which pixel of each window was the largest.
    pub pooled: Option<usize>,
    pub chosen: Vec<u8>,
    /// The same at every step, which is then kept once.
    pub constant: bool,
    /// The gradient of each source that wants it, in the source's own order, `[row][element]`.
    pub gradients: Vec<Aligned<F>>,
    pub norms: Norms<F>,
    /// Batch norm in training: what the running averages will take in.
    pub moments: Vec<Moments>,
    /// Batch norm that is not kept, on the way back: for each channel the sums of the gradient and of its product
    /// with the normalized values.
    pub gradient_sums: Vec<[f64; 2]>,
    /// Of what mixes time: what is still to leave, before and after the segment (see `temporal`).
    pub begin: Aligned<F>,
    pub end: Aligned<F>,
}

impl<F: Element> MapTape<F> {
    /// Makes what is pending at the end of a segment the beginning of the next.
    pub fn carry(&mut self) {
        self.begin.copy_from_slice(&self.end);
    }

    /// Takes over the beginning of a tape of the same samples.
    pub fn take_beginning(&mut self, old: MapTape<F>) {
        if self.begin.len() == old.begin.len() {
            self.begin = old.begin;
        }
    }

    pub fn is_kept(&self) -> bool {
        self.usage == MapUse::Kept
    }

    /// Whether there is anything to do before its readers.
    pub fn runs(&self) -> bool {
        matches!(self.usage, MapUse::Kept | MapUse::Applied(_))
    }

    /// The geometry of its rows.
    pub fn geometry(&self, g: &Geometry) -> Geometry {
        steps_of(g, self.constant)
    }

    pub fn row(&self, g: &Geometry, tile: usize, step: usize, sample: usize) -> &[F] {
        let g = self.geometry(g);
        let row = g.row(tile, if self.constant { 0 } else { step }) + sample;
        &self.values[row * self.size..][..self.size]
    }

    /// Values of samples that exist and are not zero, over all steps of the segment.
    pub fn nonzero(&self, g: &Geometry) -> u64 {
        let repeated = if self.constant { g.steps as u64 } else { 1 };
        // Samples that do not exist are zero.
        nonzero(&self.values) * repeated
    }
}

pub(crate) fn steps_of(g: &Geometry, constant: bool) -> Geometry {
    Geometry { steps: if constant { 1 } else { g.steps }, ..*g }
}
