//! Loops over independent tasks on the threads of the current lane (see `lanes`). What a task
//! computes never depends on which thread runs it, and results come back in the order of tasks.

use rayon::prelude::*;

fn alone(tasks: usize) -> bool {
    tasks < 2 || rayon::current_num_threads() == 1
}

/// Two tasks at a time.
pub fn join<A: Send, B: Send>(a: impl FnOnce() -> A + Send, b: impl FnOnce() -> B + Send) -> (A, B) {
    if alone(2) { (a(), b()) } else { rayon::join(a, b) }
}

pub fn map<I: Send, T: Send>(tasks: Vec<I>, work: impl Fn(I) -> T + Sync + Send) -> Vec<T> {
    if alone(tasks.len()) {
        return tasks.into_iter().map(work).collect();
    }
    tasks.into_par_iter().with_max_len(1).map(work).collect()
}

pub fn for_each<I: Send>(tasks: Vec<I>, work: impl Fn(I) + Sync + Send) {
    if alone(tasks.len()) {
        return tasks.into_iter().for_each(work);
    }
    tasks.into_par_iter().with_max_len(1).for_each(work);
}
