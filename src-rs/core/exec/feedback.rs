//! What a recurrent population's own spikes of the step before bring.

use crate::error::Result;
use crate::exec::forward::PanelSlices;
use crate::projection::EventLists;
use crate::simd::SimdLevel;

/// The spikes of the step before, of one tile of a recurrent population.
pub(crate) struct Feedback {
    /// `[panel][sample]`
    bits: Vec<u64>,
    pub lists: EventLists,
    pub recurrent: bool,
}

impl Feedback {
    pub fn new<F>(slices: &[PanelSlices<F>], recurrent: bool) -> Self {
        let bits = if recurrent {
            slices.iter().flat_map(|s| s.last_spikes.iter().copied()).collect()
        } else {
            vec![]
        };
        Feedback { bits, lists: EventLists::default(), recurrent }
    }

    pub fn list(&mut self, level: SimdLevel, neurons: usize, tile: usize) -> Result<()> {
        if self.recurrent { self.lists.rebuild_rows(level, &self.bits, neurons, tile) } else { Ok(()) }
    }

    pub fn keep<F>(&mut self, slices: &[PanelSlices<F>], t: usize, tile: usize) {
        if self.recurrent {
            for (bits, slice) in self.bits.chunks_mut(tile).zip(slices) {
                bits.copy_from_slice(&slice.bits[t * tile..(t + 1) * tile]);
            }
        }
    }
}
