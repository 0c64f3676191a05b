//! Alias tables (A. J. Walker, ACM Transactions on Mathematical Software 3, 1977): samples a number with given shares
//! of all values of a word, exactly, by one look-up and one comparison.

/// A column of values: those below the threshold, counted from the column's first value, stand for the column's index, the
/// others for another number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    pub threshold: u32,
    pub other: u32,
}

/// `columns` columns of `depth` values each; number `i` gets `shares[i]` of all values.
pub fn columns(shares: &[u64], columns: usize, depth: u64) -> Vec<Column> {
    let mut left: Vec<u64> = (0..columns).map(|i| shares.get(i).copied().unwrap_or(0)).collect();
    let mut table: Vec<Column> =
        (0..columns as u32).map(|other| Column { threshold: depth as u32, other }).collect();
    let (mut low, mut high): (Vec<usize>, Vec<usize>) = (0..columns).partition(|&i| left[i] < depth);
    // Each column is filled up with values of a number that has too many.
    while let (Some(i), Some(&from)) = (low.pop(), high.last()) {
        table[i] = Column { threshold: left[i] as u32, other: from as u32 };
        left[from] -= depth - left[i];
        if left[from] < depth {
            high.pop();
            low.push(from);
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_come_out_exactly() {
        for shares in [vec![512], vec![0, 500, 12], vec![1, 1, 1, 200, 309], vec![64; 8], vec![509, 1, 1, 1]]
        {
            let mut seen = vec![0; 8];
            for (i, column) in columns(&shares, 8, 64).into_iter().enumerate() {
                seen[i] += u64::from(column.threshold);
                seen[column.other as usize] += 64 - u64::from(column.threshold);
            }
            assert!((0..8).all(|i| seen[i] == shares.get(i).copied().unwrap_or(0)), "{shares:?}: {seen:?}");
        }
    }
}
