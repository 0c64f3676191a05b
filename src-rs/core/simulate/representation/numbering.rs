//! The location of each neuron: populations are padded to blocks of 64, and the blocks of all populations are assigned
//! round-robin to the partitions, so that each has an equal share of every population.

/// Neurons per block; the spikes of a block in one step are one word.
pub const BLOCK: usize = 64;

#[derive(Debug, Clone)]
pub struct Numbering {
    pub partitions: usize,
    /// First block of each population, and the total number of blocks.
    first: Vec<usize>,
}

impl Numbering {
    pub fn new(sizes: impl Iterator<Item = usize>, partitions: usize) -> Self {
        let mut first = vec![0];
        for size in sizes {
            first.push(first[first.len() - 1] + size.div_ceil(BLOCK));
        }
        Numbering { partitions, first }
    }

    /// The first of a population's blocks in `partition`, counted within the population.
    pub fn first_block(&self, population: usize, partition: usize) -> usize {
        let offset = self.first[population] % self.partitions;
        (partition + self.partitions - offset) % self.partitions
    }

    /// The partition of a neuron, and its slot among the slots of its population there.
    pub fn locate(&self, population: usize, neuron: usize) -> (usize, usize) {
        let block = neuron / BLOCK;
        let partition = (self.first[population] + block) % self.partitions;
        let neuron_slot =
            (block - self.first_block(population, partition)) / self.partitions * BLOCK + neuron % BLOCK;
        (partition, neuron_slot)
    }

    /// The neuron of a slot; numbers beyond the last neuron for padding slots.
    pub fn neuron(&self, population: usize, partition: usize, neuron_slot: usize) -> usize {
        let block = self.first_block(population, partition) + neuron_slot / BLOCK * self.partitions;
        block * BLOCK + neuron_slot % BLOCK
    }

    /// The number of a population's blocks in `partition`.
    pub fn blocks(&self, population: usize, partition: usize) -> usize {
        let all = self.first[population + 1] - self.first[population];
        all.saturating_sub(self.first_block(population, partition)).div_ceil(self.partitions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_block_is_in_one_partition() {
        let sizes = [1, 64, 65, 1000, 7, 300];
        for partitions in 1..6 {
            let numbering = Numbering::new(sizes.into_iter(), partitions);
            for (population, size) in sizes.into_iter().enumerate() {
                for neuron in 0..size {
                    let (p, neuron_slot) = numbering.locate(population, neuron);
                    assert!(neuron_slot < numbering.blocks(population, p) * BLOCK);
                    assert_eq!(numbering.neuron(population, p, neuron_slot), neuron);
                }
                let mut seen = vec![0; size.div_ceil(BLOCK)];
                for p in 0..partitions {
                    for i in 0..numbering.blocks(population, p) {
                        seen[numbering.first_block(population, p) + i * partitions] += 1;
                    }
                }
                assert!(seen.iter().all(|&n| n == 1), "{partitions} {population}");
            }
        }
    }
}
