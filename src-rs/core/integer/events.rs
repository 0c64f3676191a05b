//! What sources send: for each step and sample the neurons that spike, ascending, with their counts.

/// The spikes of a source in one step of one sample.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    pub neurons: &'a [u32],
    /// The spikes of each neuron, which may be negative for an input; `None` where each has one.
    pub counts: Option<&'a [i16]>,
}

pub const SILENT: Row<'static> = Row { neurons: &[], counts: None };

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
        while bits != 0 {
            self.push_one(from + bits.trailing_zeros());
            bits &= bits - 1;
        }
    }

    pub fn push_row(&mut self, row: Row) {
        match row.counts {
            None => row.neurons.iter().for_each(|&neuron| self.push_one(neuron)),
            Some(counts) => {
                row.neurons.iter().zip(counts).for_each(|(&neuron, &count)| self.push(neuron, count))
            }
        }
        self.end_row();
    }
}
