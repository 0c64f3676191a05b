//! All optimizers, by name and as data.

use super::definition::{Definition, Optimizer};
use super::{Rule, entries};
use lapicque_base::error::Result;
use lapicque_options::{OptionDef, OptionSet, Reader, camel};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};
use std::sync::LazyLock;

pub struct Entry {
    pub definition: Definition,
    pub table: Vec<OptionDef>,
    pub(super) read: Read,
}

/// Reads and checks the options of an optimizer.
pub(super) type Read = fn(&mut Reader) -> Result<Rule>;

pub(super) fn entry_of<O: Optimizer>(read: Read) -> Entry {
    Entry { definition: O::definition(), table: O::Options::table(), read }
}

static KINDS: LazyLock<Vec<Entry>> = LazyLock::new(entries);

/// A kind of optimizer. Moments of one kind cannot be used by another.
#[derive(Clone, Copy)]
pub struct OptimizerKind(&'static Entry);

impl OptimizerKind {
    pub fn all() -> impl Iterator<Item = OptimizerKind> {
        KINDS.iter().map(OptimizerKind)
    }

    pub fn name(self) -> &'static str {
        self.0.definition.kind
    }

    pub(super) fn entry(self) -> &'static Entry {
        self.0
    }
}

impl PartialEq for OptimizerKind {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for OptimizerKind {}

impl std::fmt::Debug for OptimizerKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for OptimizerKind {
    fn serialize<S: Serializer>(&self, to: S) -> std::result::Result<S::Ok, S::Error> {
        to.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for OptimizerKind {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        let name = String::deserialize(from)?;
        OptimizerKind::all().find(|kind| kind.name() == name).ok_or_else(|| {
            let known: Vec<_> = OptimizerKind::all().map(OptimizerKind::name).collect();
            D::Error::custom(format!("no optimizer \"{name}\", but {}", known.join(", ")))
        })
    }
}

/// Every optimizer with its options, from which types and documentation are generated.
pub fn describe() -> Value {
    OptimizerKind::all()
        .map(|kind| {
            let Definition { kind: key, title, update, source } = &kind.entry().definition;
            json!({
                "kind": key,
                "name": camel(key),
                "title": title,
                "update": update,
                "source": source,
                "options": kind.entry().table.iter().map(OptionDef::describe).collect::<Vec<_>>(),
            })
        })
        .collect()
}
