//! Objects of the engine in JavaScript's hands: freed by `dispose`, by `Symbol.dispose`, or when
//! collected. A task keeps its own reference, so disposing during one is safe.

use lapicque_core::{Error, Result};
use napi::Env;
use std::cell::{Cell, RefCell};
use std::sync::{Arc, Mutex, MutexGuard};

/// What a class of the boundary holds. `Probe` shows the pattern.
pub struct Handle<T> {
    what: &'static str,
    value: RefCell<Option<Arc<T>>>,
    /// Bytes that V8 has been told of, so that its collector knows what a small object keeps alive.
    reported: Cell<i64>,
}

impl<T> Handle<T> {
    /// `what` is the name in `disposed` errors; `bytes` is about what the value takes.
    pub fn new(env: &Env, what: &'static str, value: T, bytes: usize) -> Self {
        let handle = Handle { what, value: RefCell::new(Some(Arc::new(value))), reported: Cell::new(0) };
        handle.report(env, bytes as i64);
        handle
    }

    /// The value, for as long as the caller needs it. Errors: `disposed`.
    pub fn get(&self) -> Result<Arc<T>> {
        self.value.borrow().clone().ok_or_else(|| Error::Disposed { what: self.what.to_string() })
    }

    /// Gives the value up; it is freed when no task uses it any more. Twice is as good as once. Also
    /// what `ObjectFinalize` calls.
    pub fn dispose(&self, env: &Env) {
        drop(self.value.take());
        self.report(env, -self.reported.get());
    }

    fn report(&self, env: &Env, change: i64) {
        // Only a hint for the collector: a failure costs nothing.
        if change != 0 && env.adjust_external_memory(change).is_ok() {
            self.reported.set(self.reported.get() + change);
        }
    }
}

/// Locks what tasks change in turn. Errors: `internal` when an earlier panic may have left it half
/// changed.
pub fn lock<'a, T>(what: &str, mutex: &'a Mutex<T>) -> Result<MutexGuard<'a, T>> {
    mutex.lock().map_err(|_| Error::Internal {
        reason: format!("{what} was left in doubt by an earlier internal error; make it anew"),
    })
}
