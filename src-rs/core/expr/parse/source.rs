//! A text with its name for messages.

use super::token::error;
use lapicque_base::error::Error;

#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// The name of the text; empty if there is only one.
    pub label: &'static str,
    pub text: String,
}

impl Source {
    pub fn new(label: &'static str, text: &str) -> Source {
        Source { label, text: text.to_string() }
    }

    /// An error at character `at`.
    pub fn fail(&self, at: usize, reason: impl Into<String>) -> Error {
        self.named(error(&self.text, at, reason))
    }

    /// The same error with the text's name before its reason.
    pub fn named(&self, error: Error) -> Error {
        match error {
            Error::Equation { line, column, reason, frame } if !self.label.is_empty() => {
                Error::Equation { line, column, reason: format!("{}: {reason}", self.label), frame }
            }
            other => other,
        }
    }
}
