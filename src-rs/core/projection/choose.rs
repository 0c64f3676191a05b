//! Which of the two products to use. Both give the same bits, so this is a matter of speed only; it
//! depends on data and shape alone, never on the machine, so that a run can be repeated anywhere.

/// How to multiply spikes with weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Product {
    /// Add weight rows at events.
    EventDriven,
    /// Multiply every input.
    Dense,
}

/// The faster product for `events` spikes among `rows × inputs` places. Event-driven below a density
/// of one quarter; of one half for few rows, where the dense product reads each weight only once or
/// twice and is bound by memory.
pub fn choose(events: usize, rows: usize, inputs: usize) -> Product {
    let places = (rows * inputs) as u64;
    let one_in = if rows >= 32 { 4 } else { 2 };
    if events as u64 * one_in < places || events == 0 { Product::EventDriven } else { Product::Dense }
}
