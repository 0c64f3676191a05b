use super::limits::{LONG_STARTED, SHORT, SHORT_TASKS, SLICE};
use super::worker::POLL_TIME;
use super::*;
use crate::control::Control;
use crate::error::Error;
use std::panic::catch_unwind;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::{Duration, Instant};

/// The process has one schedule, so tests that fill it must run one after the other.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Submits a task; returns its cancel flag. Its job gets a control.
fn start(
    threads: usize,
    strand: Option<Strand>,
    long: bool,
    job: impl FnOnce(crate::error::Result<&Control>) + Send + 'static,
) -> Arc<AtomicBool> {
    let canceled = Arc::new(AtomicBool::new(false));
    let task = Task::new("test", threads, long, Arc::clone(&canceled));
    let control = Control::of_task(Arc::clone(&task), None);
    let job: Job = Box::new(move |place| job(place.map(|()| &control)));
    submit(Entry { task, strand, job }).unwrap();
    canceled
}

fn run<T: Send + 'static>(threads: usize, work: impl FnOnce() -> T + Send + 'static) -> T {
    let (send, receive) = mpsc::channel();
    start(threads, None, false, move |_| send.send(work()).unwrap());
    receive.recv().unwrap()
}

/// Tasks that check for cancellation every 100 us, and count the checks, until they are stopped.
struct Long {
    flags: Vec<Arc<AtomicBool>>,
    checks: Vec<Arc<AtomicUsize>>,
    ended: mpsc::Receiver<Result<(), Error>>,
}

impl Long {
    fn start(count: usize, threads: usize, long: bool) -> Long {
        let (send, ended) = mpsc::channel();
        let checks: Vec<Arc<AtomicUsize>> = (0..count).map(|_| Arc::default()).collect();
        let flags = checks.iter().map(|checks| {
            let (checks, send) = (Arc::clone(checks), send.clone());
            start(threads, None, long, move |control| {
                let work = |control: &Control| loop {
                    control.check()?;
                    checks.fetch_add(1, Ordering::Relaxed);
                    std::thread::sleep(Duration::from_micros(100));
                };
                send.send(control.and_then(work)).unwrap();
            })
        });
        Long { flags: flags.collect(), checks, ended }
    }

    /// Cancels all tasks; returns whether each of them was aborted.
    fn stop(self) -> bool {
        self.flags.iter().for_each(|flag| flag.store(true, Ordering::Relaxed));
        drop_canceled();
        let ended: Vec<_> = self.flags.iter().map(|_| self.ended.recv().unwrap()).collect();
        ended.iter().all(|result| *result == Err(Error::Aborted))
    }
}

fn until(what: &str, condition: impl Fn() -> bool) {
    let began = Instant::now();
    while !condition() {
        assert!(began.elapsed() < Duration::from_secs(60), "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn rayon_sees_the_threads_of_the_worker() {
    let _alone = alone();
    for threads in 1..=3 {
        assert_eq!(run(threads, rayon::current_num_threads), threads);
        assert_eq!(run(threads, rayon::current_thread_index), Some(0));
    }
}

#[test]
fn parts_of_tasks_that_others_attend_run_once_and_hand_their_panics_on() {
    use rayon::prelude::*;
    let _alone = alone();
    let sum = |round: u32| {
        attend();
        assert!(rayon::yield_local() != Some(rayon::Yield::Executed), "a task's own copy is left");
        // Sometimes longer than threads poll.
        std::thread::sleep(POLL_TIME * if round.is_multiple_of(3) { 2 } else { 0 });
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
fn a_panic_does_not_end_the_worker() {
    let _alone = alone();
    for _ in 0..2 * SHORT_TASKS {
        start(1, None, false, |_| panic!("on purpose"));
    }
    assert_eq!(run(1, || 7), 7);
}

#[test]
fn a_short_task_waits_neither_for_tasks_that_are_long_nor_for_those_that_become_so() {
    let _alone = alone();
    for long in [true, false] {
        let tasks = Long::start(3 * SHORT_TASKS, 2, long);
        for _ in 0..20 {
            assert_eq!(run(2, || 7), 7);
        }
        assert!(tasks.stop());
    }
}

#[test]
fn long_tasks_run_a_slice_after_the_other() {
    let _alone = alone();
    set_limits(Limits { running: Some(1), queued: None });
    for long in [true, false] {
        let tasks = Long::start(4, 1, long);
        for round in 1..=2 {
            let seen: Vec<_> = tasks.checks.iter().map(|checks| checks.load(Ordering::Relaxed)).collect();
            let went_on =
                |(checks, seen): (&Arc<AtomicUsize>, &usize)| checks.load(Ordering::Relaxed) > seen + 10;
            until(&format!("all have run {round} times"), || tasks.checks.iter().zip(&seen).all(went_on));
        }
        let paused = || status().tasks.iter().filter(|task| task.paused).count();
        until("three of four are paused", || paused() == 3);
        assert!(tasks.stop());
    }
    set_limits(Limits::default());
}

#[test]
fn a_task_that_does_not_pause_keeps_nobody_from_running() {
    let _alone = alone();
    set_limits(Limits { running: Some(1), queued: None });
    let held = Arc::new(Mutex::new(()));
    // One task holds a lock where it pauses, and another waits for the lock without a check.
    let (other, entered) = (Arc::clone(&held), Arc::new(AtomicBool::new(false)));
    let (send, receive) = mpsc::channel();
    let (sent, inside) = (send.clone(), Arc::clone(&entered));
    start(1, None, true, move |control| {
        let _lock = other.lock().unwrap();
        inside.store(true, Ordering::Relaxed);
        let began = Instant::now();
        while began.elapsed() < 4 * SLICE {
            control.as_ref().unwrap().check().unwrap();
            std::thread::sleep(SHORT / 20);
        }
        sent.send(()).unwrap();
    });
    until("the lock is held", || entered.load(Ordering::Relaxed));
    start(1, None, true, move |_| {
        let _lock = held.lock().unwrap();
        send.send(()).unwrap();
    });
    for _ in 0..2 {
        receive.recv_timeout(Duration::from_secs(60)).unwrap();
    }
    set_limits(Limits::default());
}

#[test]
fn tasks_of_a_strand_keep_their_order_and_leave_workers_free() {
    let _alone = alone();
    let (strand, seen) = (Strand::default(), Arc::new(Mutex::new(Vec::new())));
    let (release, wait) = mpsc::channel::<()>();
    start(2, Some(strand), false, move |_| wait.recv().unwrap_or(()));
    let (send, receive) = mpsc::channel();
    for i in 0..10 * SHORT_TASKS {
        let (seen, send) = (Arc::clone(&seen), send.clone());
        start(1 + i % 3 / 2, Some(strand), i % 5 == 0, move |_| {
            seen.lock().unwrap().push(i);
            send.send(()).unwrap();
            assert!(i % 7 != 3, "a panic does not break the strand");
        });
    }
    drop(send);
    assert_eq!(run(2, || 7), 7, "others run meanwhile");
    release.send(()).unwrap();
    assert_eq!(receive.iter().count(), 10 * SHORT_TASKS);
    assert_eq!(*seen.lock().unwrap(), (0..10 * SHORT_TASKS).collect::<Vec<_>>());
}

#[test]
fn what_is_canceled_before_it_begins_ends_at_once_and_lets_the_next_on() {
    let _alone = alone();
    let strand = Strand::default();
    let (release, wait) = mpsc::channel::<()>();
    start(1, Some(strand), false, move |_| wait.recv().unwrap_or(()));
    let (send, receive) = mpsc::channel();
    let flags: Vec<_> = (0..4)
        .map(|i| {
            let send = send.clone();
            start(1, Some(strand), false, move |control| send.send((i, control.map(|_| ()))).unwrap())
        })
        .collect();
    for i in [1, 2] {
        flags[i].store(true, Ordering::Relaxed);
        drop_canceled();
        assert_eq!(receive.recv().unwrap(), (i, Err(Error::Aborted)));
    }
    release.send(()).unwrap();
    assert_eq!([receive.recv().unwrap(), receive.recv().unwrap()], [(0, Ok(())), (3, Ok(()))]);
}

#[test]
fn more_tasks_than_workers_all_run() {
    let _alone = alone();
    let (send, receive) = mpsc::channel();
    let count = 4 * LONG_STARTED;
    for i in 0..count {
        let send = send.clone();
        start(1 + i % 2, None, i % 3 == 0, move |_| send.send(i).unwrap());
    }
    drop(send);
    assert_eq!(receive.iter().sum::<usize>(), (0..count).sum::<usize>());
}

#[test]
fn a_full_queue_refuses() {
    let _alone = alone();
    set_limits(Limits { running: None, queued: Some(2) });
    let strand = Strand::default();
    let (release, wait) = mpsc::channel::<()>();
    start(1, Some(strand), false, move |_| wait.recv().unwrap_or(()));
    let (send, receive) = mpsc::channel();
    for _ in 0..2 {
        let send = send.clone();
        start(1, Some(strand), false, move |_| send.send(()).unwrap());
    }
    assert_eq!(check_queue(), Err(Error::Busy { queued: 2, limit: 2 }));
    let refused = Task::new("refused", 1, false, Arc::default());
    let entry = Entry { task: refused, strand: None, job: Box::new(|_| unreachable!()) };
    assert_eq!(submit(entry), Err(Error::Busy { queued: 2, limit: 2 }));
    release.send(()).unwrap();
    receive.recv().unwrap();
    receive.recv().unwrap();
    assert_eq!(check_queue(), Ok(()));
    set_limits(Limits::default());
}

#[test]
fn all_workers_together_keep_to_the_budget_of_threads() {
    let _alone = alone();
    let most = *limits::THREADS;
    for threads in (1..=40).rev() {
        let (count, inside) = (limits::LONG_STARTED, Arc::new(AtomicUsize::new(0)));
        let (send, receive) = mpsc::channel();
        for _ in 0..count.min(4) {
            let (inside, send) = (Arc::clone(&inside), send.clone());
            start(threads, None, false, move |_| {
                inside.fetch_add(rayon::current_num_threads(), Ordering::Relaxed);
                send.send(()).unwrap();
            });
        }
        drop(send);
        receive.iter().count();
        // A worker without a remaining budget has one thread.
        assert!(status().threads <= most + limits::STARTED, "{} of {most}", status().threads);
    }
}
