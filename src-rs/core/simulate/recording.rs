//! What a run leaves behind.

/// Spikes and traces of one run.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Recording {
    /// Steps at whose end neurons spiked, ascending; counted from the start of the simulation.
    pub steps: Vec<u64>,
    /// The neuron of each spike, ascending within a step; populations in declared order.
    pub neurons: Vec<u32>,
    pub traces: Vec<Trace>,
    /// Of each connection whose weights are recorded: `[steps][synapses]`, with their signs, synapses in
    /// the order in which they are read back.
    pub weights: Vec<Trace>,
    /// Spikes times the synapses that they reached.
    pub synaptic_events: u64,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Trace {
    /// The steps after which the state was read.
    pub steps: Vec<u64>,
    /// `[steps][neurons]` or `[steps][synapses]`
    pub values: Vec<f64>,
}
