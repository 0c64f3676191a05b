//! Pearson's correlation of binned trains.

use super::allocate;
use super::bins::Bins;
use super::trains::Trains;
use lapicque_base::control::Control;
use lapicque_base::error::Result;
use rayon::prelude::*;

/// `[trains, trains]`; NaN for a train whose bins are all equal. Costs the pairs of spikes in the same
/// bin, not pairs times bins.
///
/// # Errors
/// `aborted`, `too-large`
pub fn correlation(trains: &Trains, bins: Bins, binary: bool, control: &Control) -> Result<Vec<f64>> {
    let count = trains.len();
    let mut values = allocate("a matrix of trains", count.saturating_mul(count), 0.0)?;
    let occupied: Vec<Vec<(usize, u32)>> = trains.iter().map(|train| bins.occupied(train, binary)).collect();
    let by_bin = by_bin(&occupied);
    // Sums of counts, of squares and of products are whole numbers, exact in any order.
    let sum = |row: &[(usize, u32)]| row.iter().map(|&(_, c)| f64::from(c)).sum::<f64>();
    let squares = |row: &[(usize, u32)]| row.iter().map(|&(_, c)| f64::from(c) * f64::from(c)).sum::<f64>();
    let n = bins.count as f64;
    let sums: Vec<f64> = occupied.iter().map(|row| sum(row)).collect();
    let spread: Vec<f64> =
        occupied.iter().zip(&sums).map(|(row, sum)| (n * squares(row) - sum * sum).sqrt()).collect();
    values.par_chunks_mut(count.max(1)).enumerate().try_for_each(|(i, row)| {
        control.check()?;
        for &(bin, here) in &occupied[i] {
            let first = by_bin.partition_point(|&(other, _, _)| other < bin);
            for &(_, j, there) in by_bin[first..].iter().take_while(|&&(other, _, _)| other == bin) {
                row[j] += f64::from(here) * f64::from(there);
            }
        }
        for (j, value) in row.iter_mut().enumerate() {
            *value = (n * *value - sums[i] * sums[j]) / (spread[i] * spread[j]);
        }
        // x / (sqrt(x) sqrt(x)) may round.
        if spread[i] > 0.0 {
            row[i] = 1.0;
        }
        Ok(())
    })?;
    Ok(values)
}

/// `(bin, train, count)`, ascending: as many as spikes at most, however many bins there are.
fn by_bin(occupied: &[Vec<(usize, u32)>]) -> Vec<(usize, usize, u32)> {
    let of_train = |(train, row): (usize, &Vec<(usize, u32)>)| {
        row.iter().map(move |&(bin, count)| (bin, train, count)).collect::<Vec<_>>()
    };
    let mut all: Vec<_> = occupied.iter().enumerate().flat_map(of_train).collect();
    all.sort_unstable();
    all
}
