//! How the other threads of a worker's pool wait for the next loop of a task.

use super::worker::LOOK_OUT;
use std::cell::Cell;
use std::time::Instant;

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
