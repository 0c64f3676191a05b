//! Equations as text: words, trees, and values in the graph being recorded.

mod evaluate;
mod grammar;
mod hints;
mod power;
mod source;
mod token;
mod tree;

use super::graph::Sym;
pub use evaluate::{Evaluator, built_in, is_built_in};
pub use grammar::{expression, functions, statements};
use lapicque_base::error::Result;
pub use source::Source;
pub use tree::{BEFORE, Comparison, Expr, Function, Kind, NOW, Statement, Target, without_index};

/// Parses `text` directly into the graph being recorded; `names` are the values that it may refer to, in addition to `pi`.
///
/// # Errors
/// `equation`, with line and column, for anything that is not an equation over those names.
pub fn parse(text: &str, names: &[(&str, Sym)]) -> Result<Sym> {
    let source = Source::new("", text);
    Evaluator::default().value(&source, &expression(&source)?, names)
}

#[cfg(test)]
mod tests;
