//! What an option may hold: how it is read from JSON, checked, and described.

use crate::Range;
use lapicque_base::error::{Error, Result};
use serde_json::Value;

/// The form of an option's value, from which TypeScript's type and check of it are generated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Number,
    Whole,
    Flag,
    Choice(&'static [&'static str]),
    /// A list of numbers, of this length if there is one.
    Numbers(Option<usize>),
    /// One number or a list of them.
    OneOrMany,
}

impl Form {
    pub fn name(self) -> &'static str {
        match self {
            Form::Number => "number",
            Form::Whole => "whole",
            Form::Flag => "flag",
            Form::Choice(_) => "choice",
            Form::Numbers(_) => "numbers",
            Form::OneOrMany => "one-or-many",
        }
    }

    /// What is expected of a value of this form, in words.
    pub fn words(self, range: Range) -> String {
        match self {
            Form::Number => range.words().into(),
            Form::Whole => format!("a whole number of {}", Range::words(whole(range))),
            Form::Flag => "true or false".into(),
            Form::Choice(names) => format!("one of {}", names.join(", ")),
            Form::Numbers(None) => format!("a list, each {}", range.words()),
            Form::Numbers(Some(length)) => format!("a list of {length}, each {}", range.words()),
            Form::OneOrMany => format!("{} or a list of them", range.words()),
        }
    }
}

/// The range of a whole number: from 0 unless a definition says otherwise.
pub(crate) fn whole(range: Range) -> Range {
    if range == Range::Any { Range::AtLeast(0) } else { range }
}

/// A type that an option may have.
pub trait OptionValue: Sized {
    const FORM: Form;
    /// `None` for a value of another form.
    fn read(value: &Value) -> Option<Self>;
    fn to_json(&self) -> Value;
    /// # Errors
    /// `invalid-parameter` for a number out of range.
    fn check(&self, name: &str, range: Range) -> Result<()>;
}

fn check(name: impl Into<String>, x: f64, range: Range) -> Result<()> {
    if range.holds(x) { Ok(()) } else { Err(Error::invalid(name, x, range.words())) }
}

impl OptionValue for f64 {
    const FORM: Form = Form::Number;
    fn read(value: &Value) -> Option<Self> {
        value.as_f64()
    }
    fn to_json(&self) -> Value {
        (*self).into()
    }
    fn check(&self, name: &str, range: Range) -> Result<()> {
        check(name, *self, range)
    }
}

impl OptionValue for usize {
    const FORM: Form = Form::Whole;
    fn read(value: &Value) -> Option<Self> {
        value.as_u64()?.try_into().ok()
    }
    fn to_json(&self) -> Value {
        (*self).into()
    }
    fn check(&self, name: &str, range: Range) -> Result<()> {
        check(name, *self as f64, whole(range))
    }
}

impl OptionValue for bool {
    const FORM: Form = Form::Flag;
    fn read(value: &Value) -> Option<Self> {
        value.as_bool()
    }
    fn to_json(&self) -> Value {
        (*self).into()
    }
    fn check(&self, _: &str, _: Range) -> Result<()> {
        Ok(())
    }
}

impl OptionValue for Vec<f64> {
    const FORM: Form = Form::Numbers(None);
    fn read(value: &Value) -> Option<Self> {
        value.as_array()?.iter().map(Value::as_f64).collect()
    }
    fn to_json(&self) -> Value {
        self.as_slice().into()
    }
    fn check(&self, name: &str, range: Range) -> Result<()> {
        self.iter().enumerate().try_for_each(|(i, &x)| check(format!("{name}[{i}]"), x, range))
    }
}

impl<const N: usize> OptionValue for [f64; N] {
    const FORM: Form = Form::Numbers(Some(N));
    fn read(value: &Value) -> Option<Self> {
        Vec::read(value)?.try_into().ok()
    }
    fn to_json(&self) -> Value {
        self.as_slice().into()
    }
    fn check(&self, name: &str, range: Range) -> Result<()> {
        self.iter().enumerate().try_for_each(|(i, &x)| check(format!("{name}[{i}]"), x, range))
    }
}

/// Absent unless it is given: the definition says what happens then.
impl<T: OptionValue> OptionValue for Option<T> {
    const FORM: Form = T::FORM;
    fn read(value: &Value) -> Option<Self> {
        if value.is_null() { Some(None) } else { T::read(value).map(Some) }
    }
    fn to_json(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::to_json)
    }
    fn check(&self, name: &str, range: Range) -> Result<()> {
        self.as_ref().map_or(Ok(()), |value| value.check(name, range))
    }
}

/// One number, or several.
#[derive(Debug, Clone, PartialEq)]
pub enum OneOrMany {
    One(f64),
    Many(Vec<f64>),
}

impl OneOrMany {
    pub fn as_slice(&self) -> &[f64] {
        match self {
            OneOrMany::One(x) => std::slice::from_ref(x),
            OneOrMany::Many(xs) => xs,
        }
    }
}

impl OptionValue for OneOrMany {
    const FORM: Form = Form::OneOrMany;
    fn read(value: &Value) -> Option<Self> {
        match value.as_f64() {
            Some(one) => Some(OneOrMany::One(one)),
            None => Vec::read(value).filter(|many| !many.is_empty()).map(OneOrMany::Many),
        }
    }
    fn to_json(&self) -> Value {
        match self {
            OneOrMany::One(x) => (*x).into(),
            OneOrMany::Many(xs) => xs.to_json(),
        }
    }
    fn check(&self, name: &str, range: Range) -> Result<()> {
        match self {
            OneOrMany::One(x) => check(name, *x, range),
            OneOrMany::Many(xs) => xs.check(name, range),
        }
    }
}

/// An option that is one of a few names.
#[macro_export]
macro_rules! choices {
    ($(#[doc = $about:literal])* $vis:vis enum $Name:ident {
        $($(#[doc = $meaning:literal])* $Variant:ident = $name:literal),* $(,)?
    }) => {
        $(#[doc = $about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        $vis enum $Name { $($(#[doc = $meaning])* $Variant),* }

        impl $crate::OptionValue for $Name {
            const FORM: $crate::Form = $crate::Form::Choice(&[$($name),*]);
            fn read(value: &$crate::json::Value) -> Option<Self> {
                match value.as_str()? {
                    $($name => Some($Name::$Variant),)*
                    _ => None,
                }
            }
            fn to_json(&self) -> $crate::json::Value {
                match self { $($Name::$Variant => $name.into()),* }
            }
            fn check(&self, _: &str, _: $crate::Range) -> $crate::Result<()> {
                Ok(())
            }
        }
    };
}
