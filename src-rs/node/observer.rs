//! Events for programs that observe the engine: each task when it is queued, started and ended, for the channels of
//! `node:diagnostics_channel`. A task has no extra cost without subscribers.

use crate::boundary::{Outcome, from_napi, sync};
use crate::task::Poke;
use lapicque_core::Result;
use lapicque_core::workers::{self, Task};
use napi::Env;
use napi::bindgen_prelude::{Function, FunctionCallContext, FunctionRef};
use napi::threadsafe_function::ThreadsafeFunctionCallMode;
use napi_derive::napi;
use serde_json::{Map, Value, json};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The observer of one JavaScript environment.
struct Observer {
    listening: FunctionRef<(), bool>,
    publish: FunctionRef<Value, ()>,
    events: Events,
}

/// Events to be published on the event loop, in order.
#[derive(Clone)]
struct Events {
    waiting: Arc<Mutex<Vec<Value>>>,
    poke: Arc<Poke>,
}

thread_local! {
    static OBSERVER: RefCell<Option<Rc<Observer>>> = const { RefCell::new(None) };
}

/// Reports tasks of this environment to `publish`, if `listening()` is true when they are queued.
#[napi]
pub fn observe_tasks(
    env: &Env,
    #[napi(ts_arg_type = "() => boolean")] listening: Function<(), bool>,
    #[napi(ts_arg_type = "(event: { stage: string, [key: string]: unknown }) => void")] publish: Function<
        Value,
        (),
    >,
) -> Outcome<()> {
    sync(|| {
        let observer = || -> napi::Result<Observer> {
            let deliver: Function<(), ()> =
                env.create_function_from_closure("lapicqueTasks", |call: FunctionCallContext| {
                    flush(call.env);
                    Ok(())
                })?;
            let poke =
                deliver.build_threadsafe_function::<()>().weak::<true>().max_queue_size::<1>().build()?;
            let events = Events { waiting: Arc::default(), poke: Arc::new(poke) };
            // A worker's environment ends before its thread does.
            env.add_env_cleanup_hook((), |()| drop(OBSERVER.take()))?;
            Ok(Observer { listening: listening.create_ref()?, publish: publish.create_ref()?, events })
        };
        OBSERVER.set(Some(Rc::new(observer().map_err(from_napi)?)));
        Ok(())
    })
}

fn observer() -> Option<Rc<Observer>> {
    OBSERVER.with_borrow(Clone::clone)
}

/// On the event loop: publishes the events.
fn flush(env: &Env) {
    let Some(observer) = observer() else { return };
    let events = std::mem::take(&mut *observer.events.waiting.lock().unwrap_or_else(PoisonError::into_inner));
    for event in events {
        // A channel reports errors of its subscribers itself.
        let _ = observer.publish.borrow_back(env).and_then(|publish| publish.call(event));
    }
}

/// A task that is observed.
#[derive(Clone)]
pub struct Observed {
    task: Arc<Task>,
    events: Events,
}

impl Observed {
    /// Reports that the task is queued, if there are subscribers.
    pub fn new(env: &Env, task: &Arc<Task>) -> napi::Result<Option<Observed>> {
        let Some(observer) = observer() else { return Ok(None) };
        if !observer.listening.borrow_back(env)?.call(())? {
            return Ok(None);
        }
        let observed = Observed { task: Arc::clone(task), events: observer.events.clone() };
        observed.event("queued", &[]);
        flush(env);
        Ok(Some(observed))
    }

    /// On the task's worker.
    pub fn started(&self) {
        self.event("started", &[("waitedMs", ms(self.task.waited()))]);
        // A full queue means that the event loop is notified anyway.
        self.events.poke.call((), ThreadsafeFunctionCallMode::NonBlocking);
    }

    /// On the task's worker, before its promise settles.
    pub fn ended<T>(&self, result: &Result<T>) -> Ended {
        let outcome = match result {
            Ok(_) => json!("done"),
            Err(error) => {
                serde_json::to_value(error).ok().and_then(|mut e| Some(e.get_mut("code")?.take())).into()
            }
        };
        let (paused, since) = (self.task.paused(), self.task.since_start());
        self.event(
            "ended",
            &[
                ("waitedMs", ms(self.task.waited())),
                ("runMs", ms(since.saturating_sub(paused))),
                ("pausedMs", ms(paused)),
                ("outcome", outcome),
            ],
        );
        Ended
    }

    fn event(&self, stage: &str, more: &[(&str, Value)]) {
        let [queued, running] = workers::counts();
        let Task { id, name, threads, .. } = &*self.task;
        let fields = json!({
            "stage": stage, "id": *id as f64, "name": name, "threads": threads, "queued": queued, "running": running
        });
        let mut fields: Map<String, Value> = fields.as_object().cloned().unwrap_or_default();
        fields.extend(more.iter().map(|(name, value)| (name.to_string(), value.clone())));
        self.events.waiting.lock().unwrap_or_else(PoisonError::into_inner).push(Value::Object(fields));
    }
}

/// Reports the end of a task before its promise settles.
pub struct Ended;

impl Ended {
    pub fn publish(self, env: &Env) {
        flush(env);
    }
}

fn ms(time: Duration) -> Value {
    json!(time.as_secs_f64() * 1e3)
}
