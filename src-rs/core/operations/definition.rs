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
    /// As `Sizes`, for a window over an image or over a line: the function says which, so all of these have one or two axes. The
    /// shape rule checks how many they are and their maximum, [`crate::Sliding`].
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
    /// Delays of synapses, [`Delays`](crate::delays::Delays). In TypeScript one number stands for the same fixed delay of all.
    Delays,
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
    /// Whether TypeScript's descriptions have it only where it was given.
    pub sparse: bool,
    /// Whether it is no argument in TypeScript: what makes the node makes it.
    pub internal: bool,
    /// The value in files that leave it out, where it is not that of TypeScript.
    pub unwritten: Option<Value>,
    /// Whether the node of TypeScript states it where it was not given.
    pub stated: bool,
    /// The type parameter of the TypeScript function that is its literal value.
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

/// A TypeScript function of an operation, and what its documentation says.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Factory {
    pub name: &'static str,
    /// The heading under which the documentation has it.
    pub section: &'static str,
    /// What it computes, in one sentence that begins with its name, a colon and its formula.
    pub summary: &'static str,
    /// The shape it takes and gives.
    pub returns: &'static str,
    /// The errors besides those of single options, which the parameters tell.
    pub throws: &'static str,
    /// The first is the example of the documentation.
    pub cases: Vec<Case>,
    /// Another example, in place of the first case.
    pub example: &'static str,
    /// The module of torch whose tensors have the same names and shapes.
    pub torch: Option<&'static str>,
    /// The parameter that the function stands for, and its value.
    pub preset: Option<(&'static str, &'static str)>,
    /// How many axes its windows have ([`Kind::Axes`]).
    pub axes: usize,
    /// Whether TypeScript has the function by hand, with what a definition cannot say; types and checks are generated.
    pub by_hand: bool,
    /// How layers without a name are called, with a number; empty: as the function.
    pub base: &'static str,
}

/// The types of an operation in TypeScript, where they are not called after its one function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Types {
    /// Of the node that a function returns.
    pub node: &'static str,
    /// Of its options. `MapOptions`, which have a name only, are not generated.
    pub options: &'static str,
    /// Of a window with these numbers for each axis ([`Kind::Axes`]).
    pub window: &'static str,
    /// Whether TypeScript has the type of the node by hand.
    pub node_by_hand: bool,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Definition {
    /// Its name in descriptions and files.
    pub kind: &'static str,
    pub sources: SourceCount,
    pub params: Vec<Param>,
    /// Whether it gives the shape that it takes.
    pub keeps_shape: bool,
    /// Whether it reads its source as one axis, in the public order of the elements.
    pub takes_flat: bool,
    /// The field that is the number of outputs, where they are one axis whatever the shape of the source.
    pub flat_outputs: Option<&'static str>,
    /// Whether training computes something else than a run does, so that a run does not give the loss of a training step.
    pub trains_otherwise: bool,
    /// If only the input of the network can be its source: what would be right, for errors.
    pub reads_input: Option<&'static str>,
    /// Whether it joins branches in TypeScript: it has options but no function.
    pub joins: bool,
    pub types: Option<Types>,
    /// None where other functions of the API write it, such as `multiply`.
    pub factories: Vec<Factory>,
}
