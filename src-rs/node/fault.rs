//! Injected faults. Tests use them to show that a bug ends in a JavaScript error and never ends the process. They can
//! be armed only if `LAPICQUE_FAULT` is set in the environment.

use crate::boundary::{Outcome, guard};
use lapicque_core::{Error, Result, error::try_vec};
use napi_derive::napi;
use rayon::prelude::*;
use std::sync::atomic::{AtomicU8, Ordering};

/// The points at which the boundary can be made to fail.
#[derive(Clone, Copy, PartialEq)]
pub enum Place {
    /// At the entry of a synchronous function, or of the part of a task that runs before the promise.
    Sync = 1,
    /// On the engine's thread.
    Task = 2,
    /// On the event loop, when a task's result is converted to JavaScript values.
    Finish = 3,
}

/// The armed fault: 0, or `16 * kind + place`.
static ARMED: AtomicU8 = AtomicU8::new(0);

const KINDS: [&str; 3] = ["panic", "rayon-panic", "oversize"];
const PLACES: [(&str, Place); 3] = [("sync", Place::Sync), ("task", Place::Task), ("finish", Place::Finish)];

/// Fails if a fault is armed for `place`: by a panic here, by a panic in a rayon worker, or by an allocation larger
/// than memory.
pub fn point(place: Place) -> Result<()> {
    let armed = ARMED.load(Ordering::Relaxed);
    if armed == 0 || armed % 16 != place as u8 {
        return Ok(());
    }
    match KINDS[usize::from(armed / 16)] {
        "panic" => panic!("fault injected"),
        "rayon-panic" => (0..64).into_par_iter().for_each(|i| assert!(i != 63, "fault injected in rayon")),
        // Opaque; otherwise the compiler removes the unused allocation and assumes that it succeeded.
        _ => drop(std::hint::black_box(try_vec("the injected fault", std::hint::black_box(1 << 50), 0_u8)?)),
    }
    Ok(())
}

/// Arms `kind` (`panic`, `rayon-panic`, `oversize`) at `place` (`sync`, `task`, `finish`) for every
/// function of the addon until it is disarmed (no kind). Errors: `unsupported` unless
/// `LAPICQUE_FAULT` is set.
#[napi]
pub fn arm_fault(kind: Option<String>, place: Option<String>) -> Outcome<()> {
    // Not through `boundary::sync`: it must be possible to disarm.
    Outcome(guard(|| {
        if std::env::var_os("LAPICQUE_FAULT").is_none() {
            let feature = "injected faults without LAPICQUE_FAULT in the environment";
            return Err(Error::Unsupported { feature: feature.into(), format: "lapicque".into() });
        }
        let Some(kind) = kind else {
            ARMED.store(0, Ordering::Relaxed);
            return Ok(());
        };
        let place = place.unwrap_or_default();
        let index = KINDS.iter().position(|&name| name == kind);
        let at = PLACES.iter().find(|(name, _)| *name == place);
        let index = index.ok_or_else(|| Error::invalid("kind", format!("\"{kind}\""), KINDS.join(", ")))?;
        let (_, at) =
            at.ok_or_else(|| Error::invalid("place", format!("\"{place}\""), "sync, task, finish"))?;
        ARMED.store(16 * index as u8 + *at as u8, Ordering::Relaxed);
        Ok(())
    }))
}
