//! Engine objects that JavaScript references. They are freed by `dispose`, by `Symbol.dispose`, or by garbage
//! collection. A task keeps its own reference, so disposing during a task is safe.

use lapicque_core::{Error, Result};
use napi::Env;
use std::cell::{Cell, RefCell};
use std::sync::{Arc, Mutex, MutexGuard};

/// The value of a class of the binding. `Probe` shows the pattern.
pub struct Handle<T> {
    what: &'static str,
    value: RefCell<Option<Arc<T>>>,
    /// Bytes reported to V8, so that its collector knows the size of the native memory behind a small object.
    reported: Cell<i64>,
}

impl<T> Handle<T> {
    /// `what` is the name in `disposed` errors; `bytes` is the approximate size of the value.
    pub fn new(env: &Env, what: &'static str, value: T, bytes: usize) -> Self {
        let handle = Handle { what, value: RefCell::new(Some(Arc::new(value))), reported: Cell::new(0) };
        handle.report(env, bytes as i64);
        handle
    }

    /// The value, for as long as the caller needs it. Errors: `disposed`.
    pub fn get(&self) -> Result<Arc<T>> {
        self.value.borrow().clone().ok_or_else(|| Error::Disposed { what: self.what.to_string() })
    }

    /// Releases the value; it is freed when no task uses it any more. Further calls have no effect. `ObjectFinalize`
    /// calls this too.
    pub fn dispose(&self, env: &Env) {
        drop(self.value.take());
        self.report(env, -self.reported.get());
    }

    fn report(&self, env: &Env, change: i64) {
        // Only a hint for the collector, so a failure is ignored.
        if change != 0 && env.adjust_external_memory(change).is_ok() {
            self.reported.set(self.reported.get() + change);
        }
    }
}

/// Locks data that tasks change in turn. Errors: `internal` if an earlier panic may have left it incomplete.
pub fn lock<'a, T>(what: &str, mutex: &'a Mutex<T>) -> Result<MutexGuard<'a, T>> {
    mutex.lock().map_err(|_| Error::Internal {
        reason: format!("{what} may be inconsistent after an earlier internal error; create it again"),
    })
}
