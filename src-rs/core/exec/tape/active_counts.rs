//! How much of the gradient of spikes is read, and how much of it was computed.

/// Numbers of one population in a backward pass.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ActiveCounts {
    /// Its neurons at all steps of all samples, and those where the gradient of the spike is read; both 0 where the surrogate
    /// derivative does not vanish.
    pub places: u64,
    pub active: u64,
    /// Elements of the gradient of its spikes, one for each projection that reads them, and those that were computed.
    pub products: u64,
    pub computed: u64,
}
