//! The engine's threads, and the schedule of the tasks that run on them.
//!
//! A single shared pool does not work: a thread that waits inside a short task may steal the root of another task and
//! run it to its end. So a training step could wait for an hour of simulation. libuv's pool does not work either:
//! `process.exit` waits for it, and four tasks would block the file system.

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
pub use schedule::{Entry, Job, drop_canceled, submit};
pub use status::{Status, TaskStatus, counts, set_limits, status};
pub use strand::Strand;
pub use task::Task;

/// # Errors
/// `busy` if the maximum number of tasks is waiting.
pub fn check_queue() -> crate::error::Result<()> {
    schedule::lock().check_queue()
}

#[cfg(test)]
mod tests;
