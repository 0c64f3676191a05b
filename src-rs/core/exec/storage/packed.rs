//! Spikes of a whole batch as bits: an eighth of a byte each, and all that event-driven products need.

use lapicque_base::error::{Error, Result, try_vec};
use lapicque_base::simd::SimdLevel;
use lapicque_projection::{Element, binarize, pack_bytes, panels};
use std::ops::Range;

/// Rows of spikes, each of `panels(channels)` words; bit `j` of word `p` is channel `64 p + j`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackedSpikes {
    words: Vec<u64>,
    channels: usize,
}

impl PackedSpikes {
    /// From rows of values, if every one is 0 or 1.
    ///
    /// # Errors
    /// `too-large`.
    pub fn of_values<F: Element>(values: &[F], channels: usize, level: SimdLevel) -> Result<Option<Self>> {
        if !whole_rows(values.len(), channels) {
            return Ok(None);
        }
        let mut words = try_vec("input spikes", values.len() / channels * panels(channels), 0)?;
        Ok(binarize(level, values, channels, &mut words).then_some(PackedSpikes { words, channels }))
    }

    /// From rows of bytes.
    ///
    /// # Errors
    /// `invalid-parameter` for a byte above 1, `shape-mismatch` unless rows are whole, `too-large`.
    pub fn of_bytes(bytes: &[u8], channels: usize) -> Result<Self> {
        if !whole_rows(bytes.len(), channels) {
            return Err(Error::ShapeMismatch {
                layer: "input".into(),
                expected: format!("rows of {channels} channels"),
                got: format!("{} values", bytes.len()),
            });
        }
        let mut words = try_vec("input spikes", bytes.len() / channels * panels(channels), 0)?;
        let mut bits = [0; 16];
        for (words, row) in words.chunks_exact_mut(panels(channels)).zip(bytes.chunks_exact(channels)) {
            let (whole, rest) = row.as_chunks::<64>();
            words.iter_mut().zip(whole).for_each(|(word, bytes)| *word = pack_bytes(bytes, &mut bits));
            if let (Some(word), false) = (words.last_mut(), rest.is_empty()) {
                let mut padded = [0; 64];
                padded[..rest.len()].copy_from_slice(rest);
                *word = pack_bytes(&padded, &mut bits);
            }
        }
        if bits.iter().any(|&bits| bits > 1) {
            let i = bytes.iter().position(|&s| s > 1).unwrap_or(0);
            let expected = "0 or 1, because bytes are spikes (counts and intensities are a Float32Array)";
            return Err(Error::invalid(format!("input[{i}]"), bytes[i], expected));
        }
        Ok(PackedSpikes { words, channels })
    }

    pub fn channels(&self) -> usize {
        self.channels
    }

    pub fn rows(&self) -> usize {
        self.words.len() / panels(self.channels)
    }

    /// The words of 64 channels over some rows.
    pub fn panel(&self, rows: Range<usize>, panel: usize) -> impl Iterator<Item = &u64> {
        let panels = panels(self.channels);
        self.words[rows.start * panels + panel..rows.end * panels].iter().step_by(panels)
    }

    pub fn row(&self, row: usize) -> &[u64] {
        let panels = panels(self.channels);
        &self.words[row * panels..(row + 1) * panels]
    }
}

fn whole_rows(values: usize, channels: usize) -> bool {
    channels > 0 && values.is_multiple_of(channels)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_and_values_become_the_same_bits() {
        let channels = 131;
        let bytes: Vec<u8> = (0..3 * channels).map(|i| u8::from(i * i % 7 < 2)).collect();
        let values: Vec<f32> = bytes.iter().map(|&b| f32::from(b)).collect();
        let packed = PackedSpikes::of_bytes(&bytes, channels).unwrap();
        let level = SimdLevel::detect();
        assert_eq!(PackedSpikes::of_values(&values, channels, level).unwrap().as_ref(), Some(&packed));
        assert_eq!((packed.rows(), packed.channels()), (3, channels));
        for (i, &byte) in bytes.iter().enumerate() {
            let (row, channel) = (i / channels, i % channels);
            assert_eq!(packed.row(row)[channel / 64] >> (channel % 64) & 1, u64::from(byte));
        }
    }

    #[test]
    fn what_is_not_spikes_is_told() {
        assert!(PackedSpikes::of_bytes(&[0, 1, 2], 3).unwrap_err().to_string().contains("input[2]"));
        assert!(PackedSpikes::of_bytes(&[0, 1], 3).is_err());
        for bad in [0.5, -1.0, f32::NAN] {
            assert_eq!(PackedSpikes::of_values(&[0.0, bad], 2, SimdLevel::detect()).unwrap(), None);
        }
    }
}
