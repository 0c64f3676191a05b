//! Signals into events.
