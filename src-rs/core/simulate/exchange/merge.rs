//! Merges the spikes of all partitions into one order. The list of each partition is in this order already, and sorting all
//! spikes took 5 % of a run.

use crate::representation::spike::Spike;
use rayon::prelude::*;

/// Minimum number of spikes of a piece for a thread of its own.
const PIECE: usize = 1 << 14;

/// Merges ascending lists of spikes into `steps` and `neurons`, ascending, which have exactly the needed capacity.
/// Several threads process pieces, each of which consists of whole steps.
pub fn merge(lists: &[&[Spike]], steps: &mut [u64], neurons: &mut [u32]) {
    let pieces = (steps.len() / PIECE).clamp(1, rayon::current_num_threads());
    let (mut lists, mut steps, mut neurons) = (lists.to_vec(), steps, neurons);
    let mut tasks = Vec::with_capacity(pieces);
    for left in (1..=pieces).rev() {
        // Pieces are cut by the longest list; the other lists then have about equal shares too.
        let longest = lists.iter().max_by_key(|list| list.len());
        let end = longest.filter(|_| left > 1).and_then(|list| list.get(list.len() / left));
        let own: Vec<&[Spike]> = (lists.iter_mut())
            .map(|list| {
                let before = |&(step, _): &Spike| end.is_none_or(|&(end, _)| step < end);
                list.split_off(..list.partition_point(before)).unwrap_or_default()
            })
            .collect();
        let count = own.iter().map(|list| list.len()).sum();
        let steps = steps.split_off_mut(..count).unwrap_or_default();
        let neurons = neurons.split_off_mut(..count).unwrap_or_default();
        tasks.push((own, steps, neurons));
    }
    tasks.into_par_iter().for_each(|(lists, steps, neurons)| merge_piece(lists, steps, neurons));
}

fn merge_piece(mut lists: Vec<&[Spike]>, steps: &mut [u64], neurons: &mut [u32]) {
    for (to_step, to_neuron) in steps.iter_mut().zip(neurons) {
        let first = lists.iter_mut().filter(|list| !list.is_empty()).min_by_key(|list| list[0]);
        let Some(&(step, neuron)) = first.and_then(|list| list.split_off_first()) else { return };
        (*to_step, *to_neuron) = (step, neuron);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lapicque_base::rng::Rng;

    #[test]
    fn merged_lists_are_all_their_spikes_in_order() {
        for (partitions, count) in [(1, 100_000), (2, 200_000), (3, 50_000), (5, 7), (2, 0)] {
            let rng = Rng::new(1, partitions);
            let mut all: Vec<Spike> = (0..count)
                .map(|i| (u64::from(rng.u32_at(2 * i)) % 500, rng.u32_at(2 * i + 1) % 100_000))
                .collect();
            all.sort_unstable();
            all.dedup();
            let own = |p: u64| all.iter().filter(move |spike| u64::from(spike.1) % partitions == p).copied();
            let lists: Vec<Vec<Spike>> = (0..partitions).map(|p| own(p).collect()).collect();
            let lists: Vec<&[Spike]> = lists.iter().map(Vec::as_slice).collect();
            let (mut steps, mut neurons) = (vec![0; all.len()], vec![0; all.len()]);
            let pool = rayon::ThreadPoolBuilder::new().num_threads(4).build().unwrap();
            pool.install(|| merge(&lists, &mut steps, &mut neurons));
            assert!(steps.into_iter().zip(neurons).eq(all), "{count} spikes of {partitions} partitions");
        }
    }
}
