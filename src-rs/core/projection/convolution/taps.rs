//! Which elements of a sliding window connect an input to which outputs, along one axis.

/// The steps of a window along one axis.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    pub kernel: usize,
    pub stride: usize,
    pub padding: usize,
    pub dilation: usize,
}

/// Elements `k..k + len` of the window that belong to the positions `at..at + len`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    pub k: u32,
    pub at: u32,
    pub len: u32,
}

/// For each position, the elements of the window and the positions on the other side, both ascending, consecutive ones
/// as one run.
#[derive(Debug, Clone, Default)]
pub struct Taps {
    kernel: usize,
    starts: Vec<u32>,
    runs: Vec<Run>,
}

impl Taps {
    /// From `inputs` positions to the `outputs` whose window reads them: output `o` reads input `o stride - padding + k
    /// dilation`. The window is reversed, element `k` being `kernel - 1 - k` here, so that neighboring outputs belong
    /// to neighboring elements.
    pub fn new(window: Window, inputs: usize, outputs: usize) -> Self {
        let mut lists = vec![Vec::new(); inputs];
        for o in 0..outputs {
            for k in 0..window.kernel {
                let at = (o * window.stride + k * window.dilation).checked_sub(window.padding);
                if let Some(list) = at.and_then(|at| lists.get_mut(at)) {
                    list.push(((window.kernel - 1 - k) as u32, o as u32));
                }
            }
        }
        Taps::of_pairs(window.kernel, &lists)
    }

    fn of_pairs(kernel: usize, lists: &[Vec<(u32, u32)>]) -> Self {
        let mut taps = Taps { kernel, starts: vec![0], runs: vec![] };
        for list in lists {
            let first = taps.runs.len();
            for &(k, at) in list {
                match taps.runs[first..].last_mut() {
                    Some(run) if (run.k + run.len, run.at + run.len) == (k, at) => run.len += 1,
                    _ => taps.runs.push(Run { k, at, len: 1 }),
                }
            }
            taps.starts.push(taps.runs.len() as u32);
        }
        taps
    }

    /// The same pairs from the side of the outputs, with the window reversed.
    pub fn reversed(&self, outputs: usize) -> Self {
        let mut lists = vec![Vec::new(); outputs];
        for i in 0..self.len() {
            for (k, o) in self.pairs(i) {
                lists[o].push(((self.kernel - 1 - k) as u32, i as u32));
            }
        }
        Taps::of_pairs(self.kernel, &lists)
    }

    pub fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    #[inline(always)]
    pub fn runs(&self, position: usize) -> &[Run] {
        &self.runs[self.starts[position] as usize..self.starts[position + 1] as usize]
    }

    /// The `(element, other position)` pairs of a position, one by one.
    pub fn pairs(&self, position: usize) -> impl Iterator<Item = (usize, usize)> + '_ {
        let runs = self.runs(position).iter();
        runs.flat_map(|run| (0..run.len).map(|i| ((run.k + i) as usize, (run.at + i) as usize)))
    }

    /// The padding, if the stride is 1: each position belongs to all of `kernel` consecutive positions that are among
    /// `others`, and the next position to those one further on.
    pub fn stride1_padding(&self, others: usize) -> Option<usize> {
        let (k, at) = self.pairs(0).next()?;
        let padding = k.checked_sub(at)?;
        let unit = (0..self.len()).all(|position| {
            let whole = (0..self.kernel).filter_map(|k| {
                let at = (position + k).checked_sub(padding).filter(|&at| at < others)?;
                Some((k, at))
            });
            whole.eq(self.pairs(position))
        });
        unit.then_some(padding)
    }

    /// Total number of pairs.
    pub fn count(&self) -> u64 {
        self.runs.iter().map(|run| u64::from(run.len)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_those_of_the_definition() {
        let window = Window { kernel: 3, stride: 2, padding: 1, dilation: 2 };
        let taps = Taps::new(window, 7, 3);
        let pairs = |taps: &Taps, i: usize| taps.pairs(i).collect::<Vec<_>>();
        // Output 0 reads -1, 1, 3; output 1 reads 1, 3, 5; output 2 reads 3, 5, 7.
        assert_eq!(pairs(&taps, 1), [(1, 0), (2, 1)]);
        assert_eq!(pairs(&taps, 3), [(0, 0), (1, 1), (2, 2)]);
        assert!(taps.runs(0).is_empty() && taps.runs(6).is_empty());
        assert_eq!(pairs(&taps.reversed(3), 2), [(0, 3), (1, 5)]);
        assert_eq!(taps.reversed(3).runs(2).len(), 2);
    }

    #[test]
    fn a_window_without_gaps_is_one_run() {
        let taps = Taps::new(Window { kernel: 5, stride: 1, padding: 0, dilation: 1 }, 12, 8);
        // Input 6 is element 4 of output 2 and element 0 of output 6.
        assert_eq!(taps.runs(6), [Run { k: 0, at: 2, len: 5 }]);
        assert_eq!(taps.runs(0), [Run { k: 4, at: 0, len: 1 }]);
        assert_eq!(taps.reversed(8).runs(3), [Run { k: 0, at: 3, len: 5 }]);
        assert_eq!(taps.count(), 40);
    }
}
