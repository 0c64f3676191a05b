//! The options of an operation (a loss, an optimizer, an encoder), stated once: name, type, range, default and meaning.
//!
//! [`options!`] expands such a statement to the struct that the computation reads, the checks, the table from which
//! TypeScript's types and the documentation are generated, and the deserialization from JSON.

mod range;
mod set;
#[cfg(test)]
mod tests;
mod value;

pub use lapicque_base::error::Result;
pub use range::Range;
pub use serde;
pub use serde_json as json;
pub use set::{OptionDef, OptionSet, Reader, camel, check_option};
pub use value::{Form, OneOrMany, OptionValue};
