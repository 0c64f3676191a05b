//! How much of the gradient of spikes is read, and how much of it was computed.

/// Counts of one population in a backward pass.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ActiveCounts {
    /// Number of neurons at all steps of all samples, and of those where the gradient of the spike is read. Both are 0
    /// if the surrogate derivative does not vanish.
    pub elements: u64,
    pub active: u64,
    /// Number of elements of the gradient of its spikes, once per projection that reads them, and of those that were
    /// computed.
    pub products: u64,
    pub computed: u64,
}
