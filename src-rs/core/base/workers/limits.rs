//! Limits on the number of concurrent tasks, and the time after which a task counts as long.

use crate::settings;
use std::sync::LazyLock;
use std::time::Duration;

/// Number of short tasks that run at the same time; further ones wait in the order of submission.
pub const SHORT_TASKS: usize = 8;

/// A task that has run for this long is long.
pub const SHORT: Duration = Duration::from_millis(20);

/// A long task that has run for less than this is preferred over older ones every other time.
pub const MIDDLE: Duration = Duration::from_millis(500);

/// The time slice of a long task, if others wait.
pub const SLICE: Duration = Duration::from_millis(100);

/// A long task that does not pause within this time of a request no longer counts as running, because it may be waiting for
/// another task.
pub const UNRESPONSIVE: Duration = Duration::from_millis(250);

/// Maximum number of tasks that have begun and not ended, including paused ones: each of them occupies a worker.
pub const STARTED: usize = 64;

/// Maximum number of long tasks among them; others begin only when one of these has ended.
pub const LONG_STARTED: usize = 32;

/// Limits that the user can set.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Maximum number of long tasks that run at the same time. Default: as many as together use no more threads than the
    /// machine has, at least two.
    pub running: Option<usize>,
    /// Maximum number of waiting tasks before `submit` refuses more. Default: no limit.
    pub queued: Option<usize>,
}

/// Maximum number of threads of all workers; beyond it, new workers have fewer threads than their tasks request.
pub static THREADS: LazyLock<usize> = LazyLock::new(|| (8 * settings::available_threads()).max(256));
