//! Loops over independent tasks on the threads of the current worker. The result of a task never depends on the thread
//! that runs it, and results are returned in the order of tasks. The thread code is compiled once and calls tasks by
//! their number: compiled for each loop of the executor, it was a fifth of this crate's code.

use rayon::prelude::*;
use std::sync::{Mutex, PoisonError};

fn is_serial(tasks: usize) -> bool {
    tasks < 2 || rayon::current_num_threads() == 1
}

/// Runs two tasks at the same time.
pub fn join<A: Send, B: Send>(a: impl FnOnce() -> A + Send, b: impl FnOnce() -> B + Send) -> (A, B) {
    if is_serial(2) { (a(), b()) } else { rayon::join(a, b) }
}

/// A task, and its result once it has run.
struct Slot<I, T>(Mutex<(Option<I>, Option<T>)>);

impl<I, T> Slot<I, T> {
    fn new(task: I) -> Self {
        Slot(Mutex::new((Some(task), None)))
    }

    fn run(&self, work: &impl Fn(I) -> T) {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(task) = slot.0.take() {
            slot.1 = Some(work(task));
        }
    }

    fn result(self) -> Option<T> {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner).1
    }
}

pub fn map<I: Send, T: Send>(tasks: Vec<I>, work: impl Fn(I) -> T + Sync + Send) -> Vec<T> {
    let slots: Vec<Slot<I, T>> = tasks.into_iter().map(Slot::new).collect();
    each(slots.len(), &|i| slots[i].run(&work));
    // Every task has run: a panic in one of them has been passed on by `each`.
    slots.into_iter().filter_map(Slot::result).collect()
}

pub fn for_each<I: Send>(tasks: Vec<I>, work: impl Fn(I) + Sync + Send) {
    let slots: Vec<Slot<I, ()>> = tasks.into_iter().map(Slot::new).collect();
    each(slots.len(), &|i| slots[i].run(&work));
}

/// Calls `run` with each number below `count`; each call is a separate task.
fn each(count: usize, run: &(dyn Fn(usize) + Sync)) {
    match is_serial(count) {
        true => (0..count).for_each(run),
        false => (0..count).into_par_iter().with_max_len(1).for_each(run),
    }
}
