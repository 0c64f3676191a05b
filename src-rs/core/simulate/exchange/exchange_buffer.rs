//! The spikes of an epoch that one thread sends to the others. The receiving core owns these cache lines, so the producer only
//! stores to them and never reads them back. A few spikes fit into one or two lines together with their number.

use crate::representation::spike::Spike;

/// Number of spikes that fit beside their count.
const FEW: usize = 15;

#[derive(Default)]
#[repr(C, align(128))]
pub struct ExchangeBuffer {
    count: u32,
    /// Steps since the start of the epoch, and source.
    few: [(u32, u32); FEW],
    /// All spikes, if there are more than `FEW`.
    many: Vec<Spike>,
}

impl ExchangeBuffer {
    /// `from`: the first step of the epoch.
    pub fn set(&mut self, spikes: &[Spike], from: u64) {
        self.count = spikes.len().min(FEW + 1) as u32;
        if spikes.len() <= FEW {
            for (to, &(step, source)) in self.few.iter_mut().zip(spikes) {
                *to = ((step - from) as u32, source);
            }
        } else {
            self.many.clear();
            self.many.extend_from_slice(spikes);
        }
    }

    /// The same spikes. A few spikes are unpacked into `room`.
    pub fn spikes<'a>(&'a self, from: u64, room: &'a mut Vec<Spike>) -> &'a [Spike] {
        match self.few.get(..self.count as usize) {
            Some(few) => {
                room.clear();
                room.extend(few.iter().map(|&(steps, source)| (from + u64::from(steps), source)));
                room
            }
            None => &self.many,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_and_many_spikes_come_as_they_were() {
        let (mut handed, mut room, from) = (ExchangeBuffer::default(), vec![], 1 << 40);
        for count in [3, 0, FEW, FEW + 1, 100, 1] {
            let spikes: Vec<Spike> =
                (0..count as u32).map(|i| (from + 1 + u64::from(i / 4), 7 * i)).collect();
            handed.set(&spikes, from);
            assert_eq!(handed.spikes(from, &mut room), spikes);
        }
    }
}
