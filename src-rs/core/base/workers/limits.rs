//! How much runs at once, and how long a task counts as short.

use crate::settings;
use std::sync::LazyLock;
use std::time::Duration;

/// Tasks that run at once while they are short; further ones wait in the order in which they came.
pub const SHORT_TASKS: usize = 8;

/// A task that has run for this long is long.
pub const SHORT: Duration = Duration::from_millis(20);

/// A long task that has run for less is taken every other time before those that have run for longer.
pub const MIDDLE: Duration = Duration::from_millis(500);

/// How long a long task runs before it makes way for one that waits.
pub const SLICE: Duration = Duration::from_millis(100);

/// A long task that was asked to pause and does not for this long takes no place from others any more: it may wait
/// for one of them.
pub const UNRESPONSIVE: Duration = Duration::from_millis(250);

/// Tasks that have begun and not ended, paused ones among them: each has a worker.
pub const STARTED: usize = 64;

/// Those of them that are long; others begin only when one of these has ended.
pub const LONG_STARTED: usize = 32;

/// What the caller may choose.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Long tasks that run at once. Default: as many as have no more threads together than the machine, at least two.
    pub running: Option<usize>,
    /// Tasks that wait before `submit` refuses more. Default: no limit.
    pub queued: Option<usize>,
}

/// Threads of all workers together, beyond which new workers have fewer threads than their tasks ask for.
pub static THREADS: LazyLock<usize> = LazyLock::new(|| (8 * settings::available_threads()).max(256));
