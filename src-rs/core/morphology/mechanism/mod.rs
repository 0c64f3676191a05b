//! Membrane mechanisms as equations: channels, pumps, concentration pools. A definition is text; bound to a model it is three
//! programs: initial states, currents, and a step of the states.

mod catalog;
mod compile;
mod definition;
mod part;
mod tracer;

pub use catalog::{CATALOG, built_in, describe};
pub use compile::{Adjoint, Bound, Environment, IonUse, Port};
pub use definition::{Definition, Start};
pub use part::Part;
