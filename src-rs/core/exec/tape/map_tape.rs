//! The values of one operation over a segment of time, and the gradients that overwrite them.

use crate::storage::geometry::Geometry;
use crate::storage::rows::nonzero;
use crate::tape::norms::Norms;
use lapicque_graph::MapUse;
use lapicque_projection::{Aligned, Element, Moments};

/// The tape of an operation over a segment of time.
pub struct MapTape<F: Element> {
    /// `[tile][step][sample][element]`, pixel by pixel; overwritten by the gradient in the backward pass. Samples that
    /// do not exist are 0.
    pub values: Aligned<F>,
    /// Whether the values are in the public order, because only neurons read them, directly or through a batch norm.
    pub public: bool,
    pub(crate) size: usize,
    /// How the values are used; only those that are kept are stored.
    pub usage: MapUse,
    /// For a pool: the convolution whose rows it reads, and the index of the largest pixel in each window.
    pub pooled: Option<usize>,
    pub chosen: Vec<u8>,
    /// Whether the values are the same at every step; they are then stored once.
    pub constant: bool,
    /// The gradient of each source that needs it, in the source's own order, `[row][element]`.
    pub gradients: Vec<Aligned<F>>,
    pub norms: Norms<F>,
    /// For batch norm in training: the moments with which the running averages will be updated.
    pub moments: Vec<Moments>,
    /// For batch norm that is not stored, in the backward pass: the sums per channel of the gradient, and of its
    /// product with the normalized values.
    pub gradient_sums: Vec<[f64; 2]>,
    /// For operations that mix time: the pending outputs before and after the segment (see `temporal`).
    pub begin: Aligned<F>,
    pub end: Aligned<F>,
}

impl<F: Element> MapTape<F> {
    /// Copies the pending outputs at the end of a segment to the beginning of the next.
    pub fn carry(&mut self) {
        self.begin.copy_from_slice(&self.end);
    }

    /// Takes the beginning from an old tape of the same samples.
    pub fn take_beginning(&mut self, old: MapTape<F>) {
        if self.begin.len() == old.begin.len() {
            self.begin = old.begin;
        }
    }

    pub fn is_kept(&self) -> bool {
        self.usage == MapUse::Kept
    }

    /// Whether the operation has to run before its readers.
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

    /// Number of non-zero values of samples that exist, over all steps of the segment.
    pub fn nonzero(&self, g: &Geometry) -> u64 {
        let repeated = if self.constant { g.steps as u64 } else { 1 };
        // Samples that do not exist are zero.
        nonzero(&self.values) * repeated
    }
}

pub(crate) fn steps_of(g: &Geometry, constant: bool) -> Geometry {
    Geometry { steps: if constant { 1 } else { g.steps }, ..*g }
}
