//! Users' names with a static lifetime.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

static NAMES: Mutex<Option<HashSet<&'static str>>> = Mutex::new(None);

/// `name`, kept for the life of the process. Each name is stored once; names are short and few.
pub fn interned(name: &str) -> &'static str {
    let mut guard = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    let names = guard.get_or_insert_default();
    if let Some(interned_name) = names.get(name) {
        return interned_name;
    }
    let kept: &'static str = Box::leak(name.to_string().into_boxed_str());
    names.insert(kept);
    kept
}
