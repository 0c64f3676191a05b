//! The engine's own threads, and who gets them when.
//!
//! Why not one shared pool: a thread that waits inside a short task may steal the root of another
//! task and run it to its end, so a training step could wait for an hour of simulation. Why not
//! libuv's pool: `process.exit` waits for it, and four tasks would starve the file system.

mod attend;
mod clock;
pub mod limits;
mod schedule;
mod status;
mod strand;
mod task;
mod worker;

pub use attend::attend;
pub use limits::Limits;
pub use schedule::{Entry, Job, drop_cancelled, submit};
pub use status::{Status, TaskStatus, counts, set_limits, status};
pub use strand::Strand;
pub use task::Task;

/// # Errors
/// `busy` where as many tasks wait as may.
pub fn check_queue() -> crate::error::Result<()> {
    schedule::lock().check_queue()
}

#[cfg(test)]
mod tests;
