//! What the file of an operation declares: its parameters, what it reads, its documentation, and cases for the tests that loop over all
//! operations.

pub use lapicque_options::Range;
use serde_json::Value;

/// What a parameter is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    Number(Range),
    /// A whole number.
    Count {
        min: usize,
        max: usize,
    },
    Flag,
    /// A whole number for each axis. In TypeScript one number stands for all axes.
    Sizes {
        axes: usize,
        min: usize,
        max: usize,
    },
    /// One of two words in TypeScript; in a description a flag, which is true for the second.
    Switch([&'static str; 2]),
    /// An initializer of weights.
    Initial,
}

/// The value of a parameter that is left out.
#[derive(Debug, Clone, PartialEq)]
pub enum Fallback {
    /// It cannot be left out.
    Needed,
    Value(Value),
    /// The operation does without it.
    Absent,
    /// The value of another parameter.
    Same(&'static str),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Param {
    /// In TypeScript.
    pub name: &'static str,
    /// In a description.
    pub field: &'static str,
    pub kind: Kind,
    pub fallback: Fallback,
    /// Whether it is an argument of the TypeScript function in front of the options.
    pub positional: bool,
    /// Whether a description leaves it out if it has its default value.
    pub quiet: bool,
    pub meaning: &'static str,
}

impl Param {
    pub fn new(name: &'static str, kind: Kind, fallback: Fallback, meaning: &'static str) -> Self {
        Param { name, field: name, kind, fallback, positional: false, quiet: false, meaning }
    }

    pub fn positional(self) -> Self {
        Param { positional: true, ..self }
    }

    /// Another name in descriptions.
    pub fn field(self, field: &'static str) -> Self {
        Param { field, ..self }
    }

    pub fn quiet(self) -> Self {
        Param { quiet: true, ..self }
    }

    /// Whether training changes the weights.
    pub fn trainable() -> Self {
        let meaning = "whether training changes its weights";
        Param::new("trainable", Kind::Flag, Fallback::Value(Value::Bool(true)), meaning)
    }
}

/// How many sources an operation reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceCount {
    One,
    AtLeastOne,
    /// This number of sources, called so in errors.
    Exactly(usize, &'static str),
}

impl SourceCount {
    /// What would be right, where this number is wrong.
    pub fn refused(self, count: usize) -> Option<&'static str> {
        match self {
            SourceCount::One => (count != 1).then_some("exactly one source for a projection"),
            SourceCount::AtLeastOne => (count == 0).then_some("at least one source"),
            SourceCount::Exactly(wanted, words) => (count != wanted).then_some(words),
        }
    }
}

/// A use of the operation that the tests loop over: gradients by finite differences, sessions, files, threads.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// The shape of the input.
    pub input: &'static [usize],
    /// The arguments of the TypeScript function.
    pub arguments: Vec<Value>,
}

/// The TypeScript function of an operation, and what its documentation says.
#[derive(Debug, Clone, PartialEq)]
pub struct Factory {
    pub name: &'static str,
    /// What it computes, in one sentence that begins with its name, a colon and its formula.
    pub summary: &'static str,
    /// The shape it takes and gives.
    pub returns: &'static str,
    /// The errors besides those of single options, which the parameters tell.
    pub throws: &'static str,
    /// The first is the example of the documentation.
    pub cases: Vec<Case>,
    /// The module of torch whose tensors have the same names and shapes.
    pub torch: Option<&'static str>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    /// Its name in descriptions and files.
    pub kind: &'static str,
    pub sources: SourceCount,
    pub params: Vec<Param>,
    /// Whether it gives the shape that it takes.
    pub keeps_shape: bool,
    /// `None`: other functions of the API write it, such as `multiply`.
    pub factory: Option<Factory>,
}
