//! The running and the waiting tasks of the engine.

use crate::boundary::{Outcome, sync};
use crate::numbers;
use lapicque_core::workers::{self, Limits, limits};
use napi_derive::napi;

/// A task that has started and not ended.
#[napi(object)]
pub struct EngineTask {
    pub id: f64,
    pub name: String,
    pub threads: f64,
    pub paused: bool,
    pub waited_ms: f64,
    pub since_start_ms: f64,
}

#[napi(object)]
pub struct EngineLimits {
    pub running: Option<f64>,
    pub queued: Option<f64>,
}

/// A snapshot of the engine.
#[napi(object)]
pub struct EngineStatus {
    pub tasks: Vec<EngineTask>,
    pub queued: f64,
    pub threads: f64,
    pub most_threads: f64,
    pub limits: EngineLimits,
}

#[napi]
pub fn engine_status() -> Outcome<EngineStatus> {
    sync(|| {
        let status = workers::status();
        let tasks = status.tasks.into_iter().map(|task| EngineTask {
            id: task.id as f64,
            name: task.name.into(),
            threads: task.threads as f64,
            paused: task.paused,
            waited_ms: task.waited.as_secs_f64() * 1e3,
            since_start_ms: task.since_start.as_secs_f64() * 1e3,
        });
        let number = |limit: usize| limit as f64;
        Ok(EngineStatus {
            tasks: tasks.collect(),
            queued: status.queued as f64,
            threads: status.threads as f64,
            most_threads: status.most_threads as f64,
            limits: EngineLimits {
                running: status.limits.running.map(number),
                queued: status.limits.queued.map(number),
            },
        })
    })
}

/// Sets both limits for the whole process; an omitted limit is reset to its default.
#[napi]
pub fn set_engine_limits(running: Option<f64>, queued: Option<f64>) -> Outcome<()> {
    sync(|| {
        let running = running.map(|n| numbers::size("limits.running", n, 1..=limits::STARTED)).transpose()?;
        let queued = queued.map(|n| numbers::size("limits.queued", n, 1..=1 << 52)).transpose()?;
        workers::set_limits(Limits { running, queued });
        Ok(())
    })
}
