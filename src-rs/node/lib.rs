//! The Node binding (to come).
