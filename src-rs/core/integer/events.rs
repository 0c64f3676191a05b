//! What sources send: for each step and sample the neurons that spike, ascending, with their counts.

/// The spikes of a source in one step of one sample.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    pub neurons: &'a [u32],
    /// The spikes of each neuron, which may be negative for an input; `None` where each has one.
    pub counts: Option<&'a [i16]>,
}

pub const SILENT: Row<'static> = Row { neurons: &[], counts: None };

/// The sum of counts that a 16-bit sum of weights of 8 bits holds: 255 * 128 < 2^15.
pub const BURST: usize = 255;

/// The end of the longest run of events from `start` on whose 16-bit sum cannot overflow. A count is at most 255.
#[inline(always)]
pub fn burst(counts: &[i16], start: usize, max_count: i32) -> usize {
    let mut total = 0;
    for (i, &count) in counts[start..].iter().enumerate() {
        total += i32::from(count).clamp(-max_count, max_count).unsigned_abs() as usize;
        if total > BURST {
            return start + i;
        }
    }
    counts.len()
}

/// Rows one after the other.
#[derive(Default)]
pub struct Spikes {
    /// The end of each row.
    ends: Vec<usize>,
    neurons: Vec<u32>,
    /// Empty as long as each neuron has one spike.
    counts: Vec<i16>,
}

impl Spikes {
    pub fn clear(&mut self) {
        self.ends.clear();
        self.neurons.clear();
        self.counts.clear();
    }

    pub fn rows(&self) -> usize {
        self.ends.len()
    }

    #[inline(always)]
    pub fn row(&self, row: usize) -> Row<'_> {
        let start = if row == 0 { 0 } else { self.ends[row - 1] };
        let range = start..self.ends[row];
        let counts = if self.counts.is_empty() { None } else { Some(&self.counts[range.clone()]) };
        Row { neurons: &self.neurons[range], counts }
    }

    #[inline(always)]
    pub fn end_row(&mut self) {
        self.ends.push(self.neurons.len());
    }

    /// Adds a neuron with one spike to the row.
    #[inline(always)]
    pub fn push_one(&mut self, neuron: u32) {
        self.neurons.push(neuron);
        if !self.counts.is_empty() {
            self.counts.push(1);
        }
    }

    #[inline(always)]
    pub fn push(&mut self, neuron: u32, count: i16) {
        if count != 1 && self.counts.is_empty() {
            self.counts.resize(self.neurons.len(), 1);
        }
        self.neurons.push(neuron);
        if count != 1 || !self.counts.is_empty() {
            self.counts.push(count);
        }
    }

    /// Adds neuron `from + i` for each bit i, with one spike each.
    #[inline(always)]
    pub fn push_bits(&mut self, from: u32, mut bits: u64) {
        let start = self.neurons.len();
        let end = start + bits.count_ones() as usize;
        self.neurons.resize(end, 0);
        for neuron in &mut self.neurons[start..] {
            *neuron = from + bits.trailing_zeros();
            bits &= bits.wrapping_sub(1);
        }
        if !self.counts.is_empty() {
            self.counts.resize(end, 1);
        }
    }

    pub fn push_row(&mut self, row: Row) {
        if row.counts.is_some() && self.counts.is_empty() {
            self.counts.resize(self.neurons.len(), 1);
        }
        self.neurons.extend_from_slice(row.neurons);
        match row.counts {
            Some(counts) => self.counts.extend_from_slice(counts),
            None if !self.counts.is_empty() => self.counts.resize(self.neurons.len(), 1),
            None => {}
        }
        self.end_row();
    }
}
