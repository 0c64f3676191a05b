//! The spikes of an epoch that one thread sends to the others. The receiving core owns these cache lines, so the producer only
//! stores to them and never reads them back. A few spikes fit into one or two lines together with their number.

use crate::representation::spike::Spike;

/// Number of spikes that fit beside their count.
const INLINE: usize = 15;

#[derive(Default)]
#[repr(C, align(128))]
pub struct ExchangeBuffer {
    count: u32,
    /// Steps since the start of the epoch, and source.
    inline: [(u32, u32); INLINE],
    /// All spikes, if there are more than `INLINE`.
    overflow: Vec<Spike>,
}

impl ExchangeBuffer {
    /// `from`: the first step of the epoch.
    pub fn set(&mut self, spikes: &[Spike], from: u64) {
        self.count = spikes.len().min(INLINE + 1) as u32;
        if spikes.len() <= INLINE {
            for (to, &(step, source)) in self.inline.iter_mut().zip(spikes) {
                *to = ((step - from) as u32, source);
            }
        } else {
            self.overflow.clear();
            self.overflow.extend_from_slice(spikes);
        }
    }

    /// The same spikes. Up to `INLINE` spikes are unpacked into `unpacked`.
    pub fn spikes<'a>(&'a self, from: u64, unpacked: &'a mut Vec<Spike>) -> &'a [Spike] {
        match self.inline.get(..self.count as usize) {
            Some(inline) => {
                unpacked.clear();
                unpacked.extend(inline.iter().map(|&(steps, source)| (from + u64::from(steps), source)));
                unpacked
            }
            None => &self.overflow,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inline_and_overflowing_spikes_are_returned_unchanged() {
        let (mut buffer, mut unpacked, from) = (ExchangeBuffer::default(), vec![], 1 << 40);
        for count in [3, 0, INLINE, INLINE + 1, 100, 1] {
            let spikes: Vec<Spike> =
                (0..count as u32).map(|i| (from + 1 + u64::from(i / 4), 7 * i)).collect();
            buffer.set(&spikes, from);
            assert_eq!(buffer.spikes(from, &mut unpacked), spikes);
        }
    }
}
