//! Parameter sweeps: many simulations of one network with different parameters. A sweep has axes, and each row of it is one
//! simulation. Rows run concurrently. Each gives the same numbers as a separate simulation, and is reduced to statistics.

mod axes;
mod statistics;
mod sweep;

pub use axes::Axis;
pub use statistics::Statistic;
pub use sweep::{Spikes, Sweep, Table};

#[cfg(test)]
mod tests;
