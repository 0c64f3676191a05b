//! The declaration of an operation: parameters, sources, documentation, and cases for the tests that loop over all
//! operations.

pub use lapicque_options::Range;
use serde_json::Value;

/// The kind of a parameter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    Number(Range),
    /// An integer.
    Count {
        min: usize,
        max: usize,
    },
    Flag,
    /// An integer for each axis. In TypeScript one number stands for all axes.
    Sizes {
        axes: usize,
        min: usize,
        max: usize,
    },
    /// As `Sizes`, for a window over an image or a line. The function determines the number of axes, one or two, for
    /// all parameters of this kind. The shape rule ([`crate::Sliding`]) checks their number and maximum.
    Axes {
        min: usize,
    },
    /// Sizes of channels and pixels, one or more, and in TypeScript at least `min_rank`.
    Shape {
        min_rank: usize,
    },
    /// One of these words.
    Words(&'static [&'static str]),
    /// One of two words in TypeScript; in a description a flag, which is true for the second.
    Switch([&'static str; 2]),
    /// An initializer of weights.
    Initial,
    /// Delays of synapses, [`Delays`](crate::delays::Delays). In TypeScript one number is the same fixed delay for all
    /// synapses.
    Delays,
    /// Plain data that the operation reads itself.
    Plain,
}

/// The value of a parameter that is omitted.
#[derive(Debug, Clone, PartialEq)]
pub enum Fallback {
    /// It cannot be omitted.
    Needed,
    Value(Value),
    /// It has no value.
    Absent,
    /// The value of another parameter.
    Same(&'static str),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Param {
    /// The name in TypeScript.
    pub name: &'static str,
    /// The name in a description.
    pub field: &'static str,
    pub kind: Kind,
    pub fallback: Fallback,
    /// Whether it is a positional argument of the TypeScript function, before the options.
    pub positional: bool,
    /// Whether a description omits it if it has its default value.
    pub quiet: bool,
    /// Whether TypeScript's descriptions contain it only if it was given.
    pub sparse: bool,
    /// Whether it is not an argument in TypeScript: the code that creates the node sets it.
    pub internal: bool,
    /// The value for files that omit it, if it differs from the default of TypeScript.
    pub unwritten: Option<Value>,
    /// Whether TypeScript's node contains it even if it was not given.
    pub stated: bool,
    /// The type parameter of the TypeScript function that represents its literal value.
    pub literal: Option<&'static str>,
    pub meaning: &'static str,
}

impl Param {
    pub fn new(name: &'static str, kind: Kind, fallback: Fallback, meaning: &'static str) -> Self {
        Param {
            name,
            field: name,
            kind,
            fallback,
            positional: false,
            quiet: false,
            sparse: false,
            internal: false,
            unwritten: None,
            stated: false,
            literal: None,
            meaning,
        }
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

    pub fn sparse(self) -> Self {
        Param { sparse: true, ..self }
    }

    pub fn internal(self) -> Self {
        Param { internal: true, ..self }
    }

    pub fn unwritten(self, value: Value) -> Self {
        Param { unwritten: Some(value), ..self }
    }

    pub fn stated(self) -> Self {
        Param { stated: true, ..self }
    }

    pub fn literal(self, type_parameter: &'static str) -> Self {
        Param { literal: Some(type_parameter), ..self }
    }

    /// Whether training changes the weights.
    pub fn trainable() -> Self {
        let meaning = "whether training changes its weights";
        Param::new("trainable", Kind::Flag, Fallback::Value(Value::Bool(true)), meaning)
    }
}

/// How many sources an operation reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SourceCount {
    #[default]
    One,
    AtLeastOne,
    /// Exactly this number of sources, and the words that describe them in errors.
    Exactly(usize, &'static str),
}

impl SourceCount {
    /// The expected sources, if `count` is wrong.
    pub fn refused(self, count: usize) -> Option<&'static str> {
        match self {
            SourceCount::One => (count != 1).then_some("exactly one source for a projection"),
            SourceCount::AtLeastOne => (count == 0).then_some("at least one source"),
            SourceCount::Exactly(expected, words) => (count != expected).then_some(words),
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

/// A TypeScript function of an operation, and what its documentation says.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Factory {
    pub name: &'static str,
    /// The heading of the documentation under which it is listed.
    pub section: &'static str,
    /// What it computes, in one sentence. It begins with the name, a colon and the formula.
    pub summary: &'static str,
    /// The shapes of input and output.
    pub returns: &'static str,
    /// The errors in addition to those of single options, which the parameters state.
    pub throws: &'static str,
    /// The first is the example in the documentation.
    pub cases: Vec<Case>,
    /// An example that replaces the first case in the documentation.
    pub example: &'static str,
    /// The torch module whose tensors have the same names and shapes.
    pub torch: Option<&'static str>,
    /// A parameter that the function sets, and its value.
    pub preset: Option<(&'static str, &'static str)>,
    /// The number of axes of its windows ([`Kind::Axes`]).
    pub axes: usize,
    /// Whether the TypeScript function is written by hand, because a definition cannot express it; types and checks are
    /// generated.
    pub by_hand: bool,
    /// Layers without a name are named by this word and a number. If empty, the word is the function's name.
    pub base: &'static str,
}

/// The names of an operation's TypeScript types, if they are not derived from the name of its only function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Types {
    /// The node that a function returns.
    pub node: &'static str,
    /// Its options. `MapOptions`, which contains only a name, is not generated.
    pub options: &'static str,
    /// A window, with its sizes for each axis ([`Kind::Axes`]).
    pub window: &'static str,
    /// Whether the type of the node is written by hand in TypeScript.
    pub node_by_hand: bool,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Definition {
    /// Its name in descriptions and files.
    pub kind: &'static str,
    pub sources: SourceCount,
    pub params: Vec<Param>,
    /// Whether the output has the shape of the input.
    pub keeps_shape: bool,
    /// Whether it reads its source as one axis, in the public order of the elements.
    pub takes_flat: bool,
    /// The field with the number of outputs, if the output has one axis for any shape of the source.
    pub flat_outputs: Option<&'static str>,
    /// Whether training computes something different from a run, so that a run does not give the loss of a training
    /// step.
    pub trains_otherwise: bool,
    /// If only the input of the network may be its source: the expectation that errors state.
    pub reads_input: Option<&'static str>,
    /// Whether it joins branches in TypeScript: it has options but no function.
    pub joins: bool,
    pub types: Option<Types>,
    /// Empty if other functions of the API create it, such as `multiply`.
    pub factories: Vec<Factory>,
}
