//! All kinds of losses, by name and as data.

use super::definition::{Definition, Loss, Output};
use super::options::{CommonOptions, PooledOptions, SteppedOptions};
use super::{Own, entries};
use lapicque_base::error::{Error, Result};
use lapicque_options::{OptionDef, OptionSet, Reader, camel};
use serde_json::{Value, json};
use std::sync::LazyLock;

/// One kind of loss, with the declarations of its file about its options.
pub struct Entry {
    pub definition: Definition,
    /// The options of its file that this kind reads.
    pub table: Vec<OptionDef>,
    /// The names of options that only other kinds of its file read.
    pub others: Vec<String>,
    pub(super) read: Read,
}

/// Reads and checks the options of a file.
pub(super) type Read = fn(&Definition, &CommonOptions, &mut Reader) -> Result<Own>;

/// The kinds of a file.
pub(super) fn entries_of<L: Loss>(read: Read) -> impl Iterator<Item = Entry> {
    L::definitions().into_iter().map(move |definition| {
        let reads = |option: &OptionDef| definition.options.contains(&option.name.as_str());
        let (table, others): (Vec<_>, Vec<_>) = L::Options::table().into_iter().partition(reads);
        let others = others.into_iter().map(|option| option.name).collect();
        Entry { definition, table, others, read }
    })
}

static KINDS: LazyLock<Vec<Entry>> = LazyLock::new(entries);

/// A kind of loss.
#[derive(Clone, Copy)]
pub struct LossKind(&'static Entry);

impl LossKind {
    pub fn all() -> impl Iterator<Item = LossKind> {
        KINDS.iter().map(LossKind)
    }

    /// # Errors
    /// `unknown-name`
    pub fn named(name: &str) -> Result<Self> {
        let found = LossKind::all().find(|kind| kind.name() == name);
        found.ok_or_else(|| Error::unknown("loss", name, LossKind::all().map(LossKind::name)))
    }

    pub fn name(self) -> &'static str {
        self.0.definition.kind
    }

    pub fn definition(self) -> &'static Definition {
        &self.0.definition
    }

    pub(super) fn entry(self) -> &'static Entry {
        self.0
    }

    pub fn reads_membrane(self) -> bool {
        self.0.definition.reads == Output::Membrane
    }

    /// Whether targets can only be labels, because it is a loss of the softmax of logits.
    pub fn is_of_labels(self) -> bool {
        self.0.definition.logits.is_some()
    }
}

impl PartialEq for LossKind {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl std::fmt::Debug for LossKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// Every kind of loss with its options, from which types and documentation are generated.
pub fn describe() -> Value {
    let described = |table: &[OptionDef]| table.iter().map(OptionDef::describe).collect::<Vec<_>>();
    let kinds: Vec<Value> = LossKind::all()
        .map(|kind| {
            let d = kind.definition();
            json!({
                "kind": d.kind,
                "name": camel(d.kind),
                "meaning": d.meaning,
                "source": d.source,
                "reads": if kind.reads_membrane() { "v" } else { "spikes" },
                "stepped": d.of_each_step,
                "pooled": d.pooled,
                "labels": kind.is_of_labels(),
                "options": described(&kind.entry().table),
            })
        })
        .collect();
    json!({
        "common": described(&CommonOptions::table()),
        "pooled": described(&PooledOptions::table()),
        "stepped": described(&SteppedOptions::table()),
        "kinds": kinds,
    })
}
