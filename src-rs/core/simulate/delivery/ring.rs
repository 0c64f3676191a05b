//! A ring of lists by step: the basis of all calendars.

/// One list for each step up to the longest delay ahead. The number of lists is a power of two, so that the slot of a step
/// needs no division.
#[derive(Clone)]
pub struct Ring<T> {
    steps: Vec<Vec<T>>,
}

impl<T> Ring<T> {
    /// A ring for entries up to `longest` steps ahead.
    pub fn new(longest: u64) -> Self {
        let len = (longest as usize + 1).next_power_of_two();
        Ring { steps: (0..len).map(|_| vec![]).collect() }
    }

    #[inline(always)]
    fn slot(&self, step: u64) -> usize {
        step as usize & (self.steps.len() - 1)
    }

    /// The entries that are due at a step.
    #[inline(always)]
    pub fn at(&self, step: u64) -> &[T] {
        &self.steps[self.slot(step)]
    }

    /// As [`at`](Ring::at), mutable.
    #[inline(always)]
    pub fn at_mut(&mut self, step: u64) -> &mut Vec<T> {
        let slot = self.slot(step);
        &mut self.steps[slot]
    }

    /// Removes all entries.
    pub fn clear(&mut self) {
        self.steps.iter_mut().for_each(Vec::clear);
    }
}
