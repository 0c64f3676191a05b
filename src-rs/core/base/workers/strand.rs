//! Tasks on one object.

use std::sync::atomic::{AtomicU64, Ordering};

/// Tasks of one strand run one after the other, in the order of submission, and occupy no worker while they wait.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Strand(u64);

impl Default for Strand {
    fn default() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        Strand(COUNT.fetch_add(1, Ordering::Relaxed))
    }
}
