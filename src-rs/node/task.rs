//! Work that takes longer than about a millisecond runs on the engine's own threads and settles a promise.
//! `process.exit` and `worker.terminate` never wait for such a task: they only set its cancel flag.

use crate::boundary::{Outcome, guard};
use crate::fault::{self, Place};
use crate::observer::{Ended, Observed};
use lapicque_core::control::{Control, Progress};
use lapicque_core::workers::{self, Entry, Strand, Task};
use lapicque_core::{Result, settings};
use napi::Env;
use napi::bindgen_prelude::{Function, FunctionCallContext, FunctionRef, Object, ToNapiValue};
use napi::threadsafe_function::ThreadsafeFunctionCallMode;
use napi_derive::napi;
use serde_json::Value;
use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Weak};

type OnProgress = FunctionRef<Value, ()>;

/// The caller's handle to a running task: cancels it and receives its progress. Each task should have its own handle:
/// if several tasks get the same one, all are canceled together, and only the first reports progress.
///
/// `onProgress` receives `{ done, total, ...payload }` at most 20 times per second; the last report always arrives
/// before the promise settles. An exception thrown by it ends the task, and the promise rejects with that exception.
#[napi]
pub struct TaskHandle {
    canceled: Arc<AtomicBool>,
    /// The task takes it from here. If it stayed here, a function that references its own handle would never be
    /// collected.
    on_progress: Cell<Option<OnProgress>>,
}

#[napi]
impl TaskHandle {
    #[napi(constructor)]
    pub fn new(
        #[napi(ts_arg_type = "(progress: { done: number, total: number, [key: string]: unknown }) => void")]
        on_progress: Option<Function<Value, ()>>,
    ) -> napi::Result<Self> {
        let on_progress = on_progress.map(|function| function.create_ref()).transpose()?;
        Ok(TaskHandle { canceled: Arc::default(), on_progress: Cell::new(on_progress) })
    }

    /// The task rejects with `aborted` at its next check, within about a step; immediately if it has not begun.
    #[napi]
    pub fn cancel(&self) {
        self.canceled.store(true, Ordering::Relaxed);
        workers::drop_canceled();
    }
}

/// The properties of a task that are known before it is prepared.
pub struct Call<'a> {
    /// The name in `engineStatus` and in the diagnostics channels.
    pub name: &'static str,
    /// The task waits for all previous tasks on the same strand.
    pub strand: Option<Strand>,
    /// Number of threads of the task; by default `settings::threads()`.
    pub threads: Option<usize>,
    pub handle: Option<&'a TaskHandle>,
}

impl<'a> Call<'a> {
    pub fn new(name: &'static str, handle: Option<&'a TaskHandle>) -> Self {
        Call { name, strand: None, threads: None, handle }
    }

    pub fn on(self, strand: &Strand) -> Self {
        Call { strand: Some(*strand), ..self }
    }

    pub fn with_threads(self, threads: Option<usize>) -> Self {
        Call { threads, ..self }
    }
}

/// The resources that a prepared task requests from the engine.
pub struct Needs {
    pub threads: usize,
    /// Whether the task is known to take long. Such a task never occupies the capacity for short tasks, not even at the
    /// beginning.
    pub long: bool,
}

/// Runs a task in three parts and returns its promise, which resolves to an `Outcome`:
///
/// - `prepare` runs immediately: it checks arguments, copies what the task needs from JavaScript's memory
///   (see `arrays`), clones handles, and returns the job;
/// - `job` runs on a worker of the engine, with a rayon pool of `settings::threads()`;
/// - `finish` runs on the event loop and makes the JavaScript value.
pub fn spawn<'env, T, J, Job>(
    env: &'env Env,
    call: Call,
    prepare: impl FnOnce() -> Result<Job>,
    finish: impl FnOnce(&Env, T) -> Result<J> + Send + 'static,
) -> napi::Result<Object<'env>>
where
    T: Send + 'static,
    J: ToNapiValue + 'static,
    Job: FnOnce(&Control) -> Result<T> + Send + 'static,
{
    let threads = call.threads;
    let prepare = || {
        let job = prepare()?;
        Ok((job, Needs { threads: threads.map_or_else(settings::threads, Ok)?, long: false }))
    };
    spawn_with(env, call, prepare, finish)
}

/// As `spawn`, for a task whose needs `prepare` returns together with the job.
pub fn spawn_with<'env, T, J, Job>(
    env: &'env Env,
    call: Call,
    prepare: impl FnOnce() -> Result<(Job, Needs)>,
    finish: impl FnOnce(&Env, T) -> Result<J> + Send + 'static,
) -> napi::Result<Object<'env>>
where
    T: Send + 'static,
    J: ToNapiValue + 'static,
    Job: FnOnce(&Control) -> Result<T> + Send + 'static,
{
    let Call { name, strand, handle, .. } = call;
    let (deferred, promise) = env.create_deferred()?;
    let canceled = handle.map(|handle| Arc::clone(&handle.canceled)).unwrap_or_default();
    let progress = handle.and_then(|handle| handle.on_progress.take());
    let progress =
        progress.map(|function| ProgressListener::new(env, function, Arc::clone(&canceled))).transpose()?;
    cancel_at_exit(env, &canceled)?;

    let listener = progress.as_ref().map(ProgressListener::listener);
    let last = progress.map(|progress| progress.inbox);
    let settle = move |result: Result<T>, ended: Option<Ended>| {
        deferred.resolve(Box::new(move |env: Env| {
            if let Some(ended) = ended {
                ended.publish(&env);
            }
            if let Some(inbox) = last {
                inbox.deliver(&env);
                inbox.thrown.lock().ok().and_then(|mut thrown| thrown.take()).map_or(Ok(()), Err)?;
            }
            Ok(Outcome(result.and_then(|value| {
                guard(|| {
                    fault::point(Place::Finish)?;
                    finish(&env, value)
                })
            })))
        }) as Box<dyn FnOnce(Env) -> napi::Result<Outcome<J>>>);
    };

    let prepared = guard(|| {
        fault::point(Place::Sync)?;
        // Before anything is copied for a task that would be refused.
        workers::check_queue()?;
        prepare()
    });
    match prepared {
        Err(error) => settle(Err(error), None),
        Ok((job, Needs { threads, long })) => {
            let task = Task::new(name, threads, long, canceled);
            let observed = Observed::new(env, &task)?;
            let control = Control::of_task(Arc::clone(&task), listener);
            // Shared, so that the promise settles even if the task is refused.
            let settle = Arc::new(Mutex::new(Some(settle)));
            let on_worker = Arc::clone(&settle);
            let run = {
                let observed = observed.clone();
                move |start: Result<()>| {
                    let result = guard(|| {
                        start?;
                        if let Some(observed) = &observed {
                            observed.started();
                        }
                        control.check()?;
                        fault::point(Place::Task)?;
                        job(&control)
                    });
                    if let Some(settle) = on_worker.lock().ok().and_then(|mut slot| slot.take()) {
                        let ended = observed.map(|observed| observed.ended(&result));
                        settle(result, ended);
                    }
                }
            };
            let submitted = workers::submit(Entry { task, strand, job: Box::new(run) });
            if let Err(error) = submitted
                && let Some(settle) = settle.lock().ok().and_then(|mut slot| slot.take())
            {
                let result = Err(error);
                let ended = observed.map(|observed| observed.ended(&result));
                settle(result, ended);
            }
        }
    }
    Ok(promise)
}

/// The latest report that has not been delivered to JavaScript yet. If reports arrive faster than the event loop turns,
/// later ones replace earlier ones.
struct Inbox {
    latest: Mutex<Option<Progress>>,
    function: OnProgress,
    thrown: Mutex<Option<napi::Error>>,
    canceled: Arc<AtomicBool>,
}

impl Inbox {
    /// On the event loop: calls the function with the latest report, unless it has been delivered already.
    fn deliver(&self, env: &Env) {
        let latest = self.latest.lock().ok().and_then(|mut latest| latest.take());
        let Some(Progress { done, total, payload }) = latest else { return };
        let mut report = serde_json::json!({ "done": done as f64, "total": total as f64 });
        if let (Value::Object(report), Value::Object(payload)) = (&mut report, payload) {
            report.extend(payload);
        }
        if let Err(error) = self.function.borrow_back(env).and_then(|function| function.call(report)) {
            self.canceled.store(true, Ordering::Relaxed);
            if let Ok(mut thrown) = self.thrown.lock() {
                thrown.get_or_insert(error);
            }
        }
    }
}

/// Sends reports from a worker to the function of a `TaskHandle`.
struct ProgressListener {
    inbox: Arc<Inbox>,
    poke: Arc<Poke>,
}

/// Wakes the event loop. Weak: it never keeps the process from ending.
pub type Poke = napi::threadsafe_function::ThreadsafeFunction<(), (), (), napi::Status, false, true, 1>;

impl ProgressListener {
    fn new(env: &Env, function: OnProgress, canceled: Arc<AtomicBool>) -> napi::Result<Self> {
        let inbox = Inbox { latest: Mutex::new(None), function, thrown: Mutex::new(None), canceled };
        let inbox = Arc::new(inbox);
        let receiver = Arc::clone(&inbox);
        let deliver: Function<(), ()> =
            env.create_function_from_closure("lapicqueProgress", move |call: FunctionCallContext| {
                receiver.deliver(call.env);
                Ok(())
            })?;
        let poke = deliver.build_threadsafe_function::<()>().weak::<true>().max_queue_size::<1>().build()?;
        Ok(ProgressListener { inbox, poke: Arc::new(poke) })
    }

    fn listener(&self) -> Box<dyn Fn(Progress) + Send + Sync> {
        let (inbox, poke) = (Arc::clone(&self.inbox), Arc::clone(&self.poke));
        Box::new(move |progress| {
            if let Ok(mut latest) = inbox.latest.lock() {
                *latest = Some(progress);
            }
            // A full queue means that the event loop is notified anyway.
            poke.call((), ThreadsafeFunctionCallMode::NonBlocking);
        })
    }
}

thread_local! {
    /// The cancel flags of the tasks of the JavaScript environment on this thread; `None` before its first task. A flag
    /// that is referenced only by this list belongs to a task that has ended.
    static RUNNING: RefCell<Option<Vec<Weak<AtomicBool>>>> = const { RefCell::new(None) };
}

/// When the environment ends (`process.exit`, `worker.terminate`), its tasks stop at their next check.
fn cancel_at_exit(env: &Env, canceled: &Arc<AtomicBool>) -> napi::Result<()> {
    RUNNING.with_borrow_mut(|running| {
        let flags = match running {
            Some(flags) => flags,
            None => {
                env.add_env_cleanup_hook((), |()| {
                    let flags = RUNNING.with_borrow_mut(Option::take).unwrap_or_default();
                    for flag in flags.iter().filter_map(Weak::upgrade) {
                        flag.store(true, Ordering::Relaxed);
                    }
                })?;
                running.insert(Vec::new())
            }
        };
        flags.retain(|flag| flag.strong_count() > 0);
        flags.push(Arc::downgrade(canceled));
        Ok(())
    })
}
