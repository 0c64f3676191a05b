//! A set of options: its table, and how it is read from JSON.

use crate::value::{Form, OptionValue, whole};
use crate::{Range, json};
use lapicque_base::error::{Error, Result};
use serde_json::{Map, Value};

/// One option as its definition states it.
#[derive(Debug, Clone, PartialEq)]
pub struct OptionDef {
    /// In TypeScript and JSON.
    pub name: String,
    pub form: Form,
    pub range: Range,
    /// `None`: it must be given. `null`: absent unless it is given.
    pub default: Option<Value>,
    pub meaning: String,
}

impl OptionDef {
    pub fn new<T: OptionValue>(field: &str, range: Option<Range>, default: Option<T>, meaning: &str) -> Self {
        OptionDef {
            name: camel(field),
            form: T::FORM,
            range: range.unwrap_or(Range::Any),
            default: default.map(|value| value.to_json()),
            meaning: meaning.trim().to_string(),
        }
    }

    /// What may be given, in words.
    pub fn expected(&self) -> String {
        self.form.words(self.range)
    }

    /// As data, for types and documentation.
    pub fn describe(&self) -> Value {
        let mut described = json::json!({
            "name": self.name,
            "form": self.form.name(),
            "expected": self.expected(),
            "needed": self.default.is_none(),
            "default": self.default,
            "meaning": self.meaning,
        });
        match self.form {
            Form::Choice(names) => described["values"] = names.into(),
            Form::Numbers(Some(length)) => described["length"] = length.into(),
            Form::Whole => {
                if let Range::AtLeast(least) = whole(self.range) {
                    described["least"] = least.into();
                }
            }
            _ => {}
        }
        described
    }
}

/// `label_smoothing` and `label-smoothing` as `labelSmoothing`.
pub fn camel(name: &str) -> String {
    let mut parts = name.split(['_', '-']);
    let mut out = parts.next().unwrap_or_default().to_string();
    for part in parts {
        let mut letters = part.chars();
        out.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        out.push_str(letters.as_str());
    }
    out
}

/// Options that are stated together; made by [`options!`](crate::options).
pub trait OptionSet: Sized {
    fn table() -> Vec<OptionDef>;

    /// Takes the options of this set from those that were given; others stay in the reader.
    ///
    /// # Errors
    /// `invalid-parameter` for a value of another type or out of range, and for one that is needed and absent.
    fn read(reader: &mut Reader) -> Result<Self>;

    /// # Errors
    /// `invalid-parameter` for a number out of range; `path` stands before its name.
    fn check(&self, path: &str) -> Result<()>;
}

/// Options as they were given.
#[derive(Debug)]
pub struct Reader {
    /// What stands before the name of an option in errors: `loss` or nothing.
    path: String,
    fields: Map<String, Value>,
}

impl Reader {
    pub fn new(path: &str, fields: Map<String, Value>) -> Self {
        Reader { path: path.into(), fields }
    }

    pub fn path(&self) -> &str {
        &self.path
    }

    /// Whether an option was given and has not been read yet.
    pub fn has(&self, name: &str) -> bool {
        self.fields.contains_key(name)
    }

    /// Removes an option of any form.
    pub fn value(&mut self, name: &str) -> Option<Value> {
        self.fields.remove(name)
    }

    pub fn take<T: OptionValue>(
        &mut self,
        field: &str,
        range: Option<Range>,
        default: Option<T>,
    ) -> Result<T> {
        let name = camel(field);
        let range = range.unwrap_or(Range::Any);
        let refused = |got: String| Error::invalid(full(&self.path, &name), got, T::FORM.words(range));
        match self.fields.get(&name) {
            None => default.ok_or_else(|| refused("nothing".into())),
            Some(value) => {
                let read = T::read(value).ok_or_else(|| refused(value.to_string()))?;
                self.fields.remove(&name);
                Ok(read)
            }
        }
    }

    /// # Errors
    /// `invalid-parameter` for an option that has not been read; the message says that `whose` has no such option.
    pub fn finish(self, whose: &str) -> Result<()> {
        match self.fields.keys().next() {
            None => Ok(()),
            Some(name) => {
                Err(Error::invalid(full(&self.path, name), "a value", format!("no such option for {whose}")))
            }
        }
    }
}

/// The name of an option with what stands before it.
pub fn full(path: &str, name: &str) -> String {
    if path.is_empty() { name.into() } else { format!("{path}.{name}") }
}

/// States options: a struct whose fields have a doc comment (the meaning), a type, a range in brackets and a default. One without a
/// default must be given.
///
/// ```text
/// options! {
///     pub struct FocalOptions {
///         /// Exponent of the modulating factor.
///         gamma: f64 [Range::NotNegative] = 2.0,
///     }
/// }
/// ```
#[macro_export]
macro_rules! options {
    ($(#[doc = $about:literal])* $vis:vis struct $Name:ident {
        $($(#[doc = $meaning:literal])+ $field:ident : $type:ty $([$range:expr])? $(= $default:expr)?),* $(,)?
    }) => {
        $(#[doc = $about])*
        #[derive(Debug, Clone, PartialEq)]
        $vis struct $Name { $($(#[doc = $meaning])+ pub $field: $type),* }

        /// The defaults; 0 or nothing for what must be given.
        impl Default for $Name {
            fn default() -> Self {
                $Name { $($field: $crate::default_or!($type $(, $default)?)),* }
            }
        }

        impl $crate::OptionSet for $Name {
            fn table() -> Vec<$crate::OptionDef> {
                vec![$($crate::OptionDef::new::<$type>(
                    stringify!($field),
                    $crate::range_of!($($range)?),
                    $crate::default_of!($type $(, $default)?),
                    concat!($($meaning),+),
                )),*]
            }

            fn read(reader: &mut $crate::Reader) -> $crate::Result<Self> {
                let read = $Name {
                    $($field: reader.take(
                        stringify!($field),
                        $crate::range_of!($($range)?),
                        $crate::default_of!($type $(, $default)?),
                    )?),*
                };
                $crate::OptionSet::check(&read, reader.path())?;
                Ok(read)
            }

            fn check(&self, path: &str) -> $crate::Result<()> {
                $($crate::check_option(&self.$field, path, stringify!($field), $crate::range_of!($($range)?))?;)*
                let _ = path;
                Ok(())
            }
        }

        impl<'de> $crate::serde::Deserialize<'de> for $Name {
            fn deserialize<D: $crate::serde::Deserializer<'de>>(from: D) -> ::std::result::Result<Self, D::Error> {
                let mut reader = $crate::Reader::new("", $crate::serde::Deserialize::deserialize(from)?);
                let read = <Self as $crate::OptionSet>::read(&mut reader);
                let read = read.and_then(|read| reader.finish("this").map(|()| read));
                read.map_err($crate::serde::de::Error::custom)
            }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! default_of {
    ($type:ty, $default:expr) => {
        Some::<$type>($default)
    };
    ($type:ty) => {
        None::<$type>
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! default_or {
    ($type:ty, $default:expr) => {
        $default
    };
    ($type:ty) => {
        <$type>::default()
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! range_of {
    ($range:expr) => {
        Some($range)
    };
    () => {
        None::<$crate::Range>
    };
}

#[doc(hidden)]
pub fn check_option<T: OptionValue>(value: &T, path: &str, field: &str, range: Option<Range>) -> Result<()> {
    match range {
        None if matches!(T::FORM, Form::Flag | Form::Choice(_)) => Ok(()),
        range => value.check(&full(path, &camel(field)), range.unwrap_or(Range::Any)),
    }
}
