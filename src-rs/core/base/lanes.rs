//! The engine's own threads. A *lane* is one thread that runs one task at a time, together with a
//! rayon pool in which it is worker 0: a task enters its pool without a hand-over, and a panic in
//! a worker comes back to it.
//!
//! Why not one shared pool: a worker that waits inside a short task may steal the root of another
//! task and run it to its end, so a training step could wait for an hour of simulation. Why not
//! libuv's pool: `process.exit` waits for it, and four tasks would starve the file system.

use crate::error::{Error, Result};
use rayon::ThreadPoolBuilder;
use std::cell::Cell;
use std::collections::{HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Tasks that run at once, for each number of threads; further ones wait in the order they came.
pub const MAX_LANES: usize = 8;

/// Room for the network executor's buffers on the stack and for parsers' bounded recursion.
const STACK_BYTES: usize = 8 << 20;

/// How long a lane looks out for the next task before it sleeps: a script that awaits one short step after
/// the other comes back sooner than a sleeping thread wakes up.
const LOOK_OUT: Duration = Duration::from_micros(100);

type Job = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    idle: usize,
    lanes: usize,
}

/// The lanes whose pools have the same number of threads. They live as long as the process: an idle
/// one costs nothing but address space, and rayon cannot give a thread back that is worker 0.
#[derive(Default)]
struct Group {
    queue: Mutex<Queue>,
    /// Jobs in the queue, to be read without its lock.
    pending: AtomicUsize,
    arrived: Condvar,
}

static GROUPS: LazyLock<Mutex<HashMap<usize, Arc<Group>>>> = LazyLock::new(Mutex::default);

/// Runs `job` on a lane with `threads` threads (those rayon uses inside it) and returns at once.
/// Errors: `io` when the system gives no thread; the job is dropped.
pub fn submit(threads: usize, job: Job) -> Result<()> {
    let group = Arc::clone(lock(&GROUPS).entry(threads).or_default());
    let mut queue = lock(&group.queue);
    if queue.idle <= queue.jobs.len() && queue.lanes < MAX_LANES {
        match start_lane(&group, threads) {
            Ok(()) => queue.lanes += 1,
            Err(reason) if queue.lanes == 0 => {
                return Err(Error::Io { path: "engine thread".into(), reason: reason.to_string() });
            }
            // An existing lane gets to it.
            Err(_) => {}
        }
    }
    queue.jobs.push_back(job);
    group.pending.store(queue.jobs.len(), Ordering::Relaxed);
    drop(queue);
    group.arrived.notify_one();
    Ok(())
}

/// Jobs on one object: they run one after the other, in the order in which they came, and hold no
/// lane while they wait.
#[derive(Default, Clone)]
pub struct Strand(Arc<Mutex<Waiting>>);

#[derive(Default)]
struct Waiting {
    jobs: VecDeque<(usize, Job)>,
    running: bool,
}

impl Strand {
    /// As [`submit`], behind all jobs of this strand.
    pub fn submit(&self, threads: usize, job: Job) -> Result<()> {
        let mut waiting = lock(&self.0);
        if waiting.running {
            waiting.jobs.push_back((threads, job));
            return Ok(());
        }
        waiting.running = true;
        drop(waiting);
        self.start(threads, job).map_err(|(_, error)| {
            lock(&self.0).running = false;
            error
        })
    }

    /// Gives the job back when the system gives no thread.
    fn start(&self, threads: usize, job: Job) -> std::result::Result<(), (Option<Job>, Error)> {
        let slot = Arc::new(Mutex::new(Some(job)));
        let (strand, taken) = (self.clone(), Arc::clone(&slot));
        let run = move || {
            let mut next = lock(&taken).take();
            while let Some(job) = next {
                // Whoever submits catches panics where the result is sent.
                let _ = catch_unwind(AssertUnwindSafe(job));
                next = strand.next(threads);
            }
        };
        submit(threads, Box::new(run)).map_err(|error| (lock(&slot).take(), error))
    }

    /// The next job, unless it wants other threads and has gone to its own lane.
    fn next(&self, threads: usize) -> Option<Job> {
        let mut waiting = lock(&self.0);
        let Some((wanted, job)) = waiting.jobs.pop_front() else {
            waiting.running = false;
            return None;
        };
        drop(waiting);
        if wanted == threads {
            return Some(job);
        }
        // Without a lane of its own it runs on this one: the same result, only later.
        self.start(wanted, job).err().and_then(|(job, _)| job)
    }
}

fn start_lane(group: &Arc<Group>, threads: usize) -> std::io::Result<()> {
    let group = Arc::clone(group);
    let builder = std::thread::Builder::new().name("lapicque-lane".into()).stack_size(STACK_BYTES);
    builder.spawn(move || run_lane(&group, threads)).map(|_| ())
}

fn run_lane(group: &Group, threads: usize) {
    let pool = |threads| {
        let name = |index| format!("lapicque-{index}");
        ThreadPoolBuilder::new().num_threads(threads).use_current_thread().thread_name(name).build()
    };
    // When the system has no threads left the lane works alone: the same result, only later.
    let _pool = pool(threads).or_else(|_| pool(1));
    let mut queue = lock(&group.queue);
    loop {
        if let Some(job) = queue.jobs.pop_front() {
            group.pending.store(queue.jobs.len(), Ordering::Relaxed);
            drop(queue);
            // Whoever submits catches panics where the result is sent; this one keeps the lane alive.
            let _ = catch_unwind(AssertUnwindSafe(job));
            queue = lock(&group.queue);
            if queue.jobs.is_empty() {
                queue.idle += 1;
                drop(queue);
                look_out(&group.pending);
                queue = lock(&group.queue);
                queue.idle -= 1;
            }
        } else {
            queue.idle += 1;
            queue = group.arrived.wait(queue).unwrap_or_else(PoisonError::into_inner);
            queue.idle -= 1;
        }
    }
}

/// Lets the other threads of the current pool look out for parts of the task that calls this, until there have been
/// none for `LOOK_OUT`. A thread that slept would wake up when half of a short loop is over, and it falls asleep
/// again in whatever one thread does alone between two loops.
pub fn attend() {
    let own = rayon::current_thread_index();
    if rayon::current_num_threads() == 1 || own.is_none() {
        return;
    }
    rayon::spawn_broadcast(move |context| {
        if Some(context.index()) != own && !ATTENDING.replace(true) {
            let mut last = Instant::now();
            while last.elapsed() < LOOK_OUT {
                match rayon::yield_now() {
                    Some(rayon::Yield::Executed) => last = Instant::now(),
                    // Whoever else wants the core has it.
                    _ => std::thread::yield_now(),
                }
            }
            ATTENDING.set(false);
        }
    });
    // Its own copy: a task that waits for nobody would gather one at every call.
    rayon::yield_local();
}

thread_local! {
    static ATTENDING: Cell<bool> = const { Cell::new(false) };
}

/// Returns when a job is there, or after `LOOK_OUT`.
fn look_out(pending: &AtomicUsize) {
    let began = Instant::now();
    while pending.load(Ordering::Relaxed) == 0 && began.elapsed() < LOOK_OUT {
        std::hint::spin_loop();
    }
}

/// No code that can panic runs under these locks, so a poisoned one is still whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    fn run<T: Send + 'static>(threads: usize, work: impl FnOnce() -> T + Send + 'static) -> T {
        let (send, receive) = mpsc::channel();
        submit(threads, Box::new(move || send.send(work()).unwrap())).unwrap();
        receive.recv().unwrap()
    }

    #[test]
    fn rayon_sees_the_lanes_threads() {
        for threads in 1..=3 {
            assert_eq!(run(threads, rayon::current_num_threads), threads);
            assert_eq!(run(threads, rayon::current_thread_index), Some(0));
        }
    }

    #[test]
    fn parts_of_tasks_that_others_attend_run_once_and_hand_their_panics_on() {
        use rayon::prelude::*;
        let sum = |round: u32| {
            attend();
            assert!(rayon::yield_local() != Some(rayon::Yield::Executed), "a task's own copy is left");
            // Longer than anybody looks out, at times.
            std::thread::sleep(LOOK_OUT * if round.is_multiple_of(3) { 2 } else { 0 });
            let inner = |i: u32| (0..4u32).into_par_iter().with_max_len(1).map(|j| i * j).sum::<u32>();
            (0..16u32).into_par_iter().with_max_len(1).map(inner).sum::<u32>()
        };
        for threads in 1..=4 {
            let rounds = run(threads, move || (0..200).map(sum).collect::<Vec<_>>());
            assert!(rounds.iter().all(|&sum| sum == 120 * 6), "{threads} threads");
            let part = |i: i32| assert_ne!(i, 7, "on purpose");
            let caught = run(threads, move || {
                attend();
                catch_unwind(|| (0..16).into_par_iter().with_max_len(1).for_each(part)).is_err()
            });
            assert!(caught, "{threads} threads");
        }
    }

    #[test]
    fn a_panic_does_not_end_the_lane() {
        for _ in 0..2 * MAX_LANES {
            submit(1, Box::new(|| panic!("on purpose"))).unwrap();
        }
        assert_eq!(run(1, || 7), 7);
    }

    #[test]
    fn a_short_task_does_not_wait_for_a_long_one() {
        let (release, wait) = mpsc::channel::<()>();
        submit(2, Box::new(move || wait.recv().unwrap_or(()))).unwrap();
        assert_eq!(run(2, || 7), 7);
        release.send(()).unwrap();
    }

    #[test]
    fn jobs_of_a_strand_keep_their_order_and_leave_lanes_free() {
        let (strand, seen) = (Strand::default(), Arc::new(Mutex::new(Vec::new())));
        let (release, wait) = mpsc::channel::<()>();
        strand.submit(2, Box::new(move || wait.recv().unwrap_or(()))).unwrap();
        let (send, receive) = mpsc::channel();
        for i in 0..10 * MAX_LANES {
            let (seen, send) = (Arc::clone(&seen), send.clone());
            let job = move || {
                seen.lock().unwrap().push(i);
                send.send(()).unwrap();
                assert!(i % 7 != 3, "a panic does not break the strand");
            };
            strand.submit(1 + i % 3 / 2, Box::new(job)).unwrap();
        }
        drop(send);
        assert_eq!(run(2, || 7), 7, "others run meanwhile");
        release.send(()).unwrap();
        assert_eq!(receive.iter().count(), 10 * MAX_LANES);
        assert_eq!(*seen.lock().unwrap(), (0..10 * MAX_LANES).collect::<Vec<_>>());
    }

    #[test]
    fn more_tasks_than_lanes_all_run() {
        let (send, receive) = mpsc::channel();
        for i in 0..10 * MAX_LANES {
            let send = send.clone();
            submit(1, Box::new(move || send.send(i).unwrap())).unwrap();
        }
        drop(send);
        let total: usize = (0..10 * MAX_LANES).sum();
        assert_eq!(receive.iter().sum::<usize>(), total);
    }
}
