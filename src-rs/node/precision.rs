//! Values of either precision, and macros for code that is written once for both.

use crate::arrays;
use crate::state::StateKind;
use lapicque_core::exec::NetworkState;
use lapicque_core::{Error, Result, projection};

/// A value in the precision of its model.
#[derive(Clone)]
pub enum Either<A, B> {
    F32(A),
    F64(B),
}

/// A real type of the engine that has a typed array in JavaScript.
pub trait Precise: projection::Element + arrays::Element {
    /// The state, if it has this precision.
    fn state(state: &StateKind) -> Result<&NetworkState<Self>>;
    /// The state, wrapped as a state of either precision.
    fn kind(state: NetworkState<Self>) -> StateKind;
}

impl Precise for f32 {
    fn state(state: &StateKind) -> Result<&NetworkState<f32>> {
        match state {
            Either::F32(state) => Ok(state),
            Either::F64(_) => Err(Error::invalid("state", "one of precision f64", "one of precision f32")),
        }
    }

    fn kind(state: NetworkState<f32>) -> StateKind {
        Either::F32(state)
    }
}

impl Precise for f64 {
    fn state(state: &StateKind) -> Result<&NetworkState<f64>> {
        match state {
            Either::F64(state) => Ok(state),
            Either::F32(_) => Err(Error::invalid("state", "one of precision f32", "one of precision f64")),
        }
    }

    fn kind(state: NetworkState<f64>) -> StateKind {
        Either::F64(state)
    }
}

/// Evaluates `$body` for the value of either precision; both have the same result type.
macro_rules! either {
    ($either:expr, $value:ident => $body:expr) => {
        match $either {
            $crate::precision::Either::F32($value) => $body,
            $crate::precision::Either::F64($value) => $body,
        }
    };
}

/// Evaluates `$body` for the value of either precision; the result is an `Either` of the same precision.
macro_rules! each {
    ($either:expr, $value:ident => $body:expr) => {
        match $either {
            $crate::precision::Either::F32($value) => $crate::precision::Either::F32($body),
            $crate::precision::Either::F64($value) => $crate::precision::Either::F64($body),
        }
    };
}

pub(crate) use {each, either};
