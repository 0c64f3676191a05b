//! Many simulations of one network, each with other parameters: a sweep has axes, and each row of it is one simulation. Rows run side
//! by side, each with the numbers that a simulation of its own would give, and leave statistics behind.

mod axes;
mod statistics;
mod sweep;

pub use axes::Axis;
pub use statistics::Statistic;
pub use sweep::{Spikes, Sweep, Table};

#[cfg(test)]
mod tests;
