//! How the other threads of a worker's pool wait for the next loop of a task.

use super::worker::POLL_TIME;
use std::cell::Cell;
use std::time::Instant;

/// Keeps the other threads of the current pool polling for work of the calling task until there has been none for `POLL_TIME`.
/// A parked thread would wake up when half of a short loop is over, and would park again in each serial section between two
/// loops.
pub fn attend() {
    let own = rayon::current_thread_index();
    if rayon::current_num_threads() == 1 || own.is_none() {
        return;
    }
    rayon::spawn_broadcast(move |context| {
        if Some(context.index()) != own && !POLLING.replace(true) {
            let mut last = Instant::now();
            while last.elapsed() < POLL_TIME {
                match rayon::yield_now() {
                    Some(rayon::Yield::Executed) => last = Instant::now(),
                    // Other threads of the system may use the core.
                    _ => std::thread::yield_now(),
                }
            }
            POLLING.set(false);
        }
    });
    // Runs this thread's copy of the broadcast. Otherwise a task that never waits would accumulate one copy per call.
    rayon::yield_local();
}

thread_local! {
    static POLLING: Cell<bool> = const { Cell::new(false) };
}
