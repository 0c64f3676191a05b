//! Journals of studies for JavaScript. A record is a line of text.

use crate::boundary::{Outcome, Raw, from_napi, sync};
use crate::handle::{Handle, lock};
use crate::numbers::{self, MAX_SAFE_INTEGER};
use crate::task::{Call, Needs, TaskHandle, spawn_with};
use lapicque_core::journal::{self, Chunk, Journal};
use lapicque_core::workers::Strand;
use lapicque_core::{Control, Error, Result};
use napi::Env;
use napi::bindgen_prelude::{Object, ObjectFinalize};
use napi_derive::napi;
use std::path::PathBuf;
use std::sync::Mutex;

/// A journal that is open for writing; no other process can write it meanwhile.
#[napi(custom_finalize)]
pub struct NativeJournal {
    handle: Handle<Mutex<Journal>>,
    strand: Strand,
}

impl ObjectFinalize for NativeJournal {
    fn finalize(self, env: Env) -> napi::Result<()> {
        self.handle.dispose(&env);
        Ok(())
    }
}

/// These tasks wait for the disk and compute nothing.
const WAITING: Needs = Needs { threads: 1, long: false };

/// Opens or creates a journal, and removes a torn record at its end. `owner` is shown to other processes that try to
/// open it.
#[napi(ts_return_type = "Promise<Outcome<NativeJournal>>")]
pub fn open_journal<'env>(
    env: &'env Env,
    path: String,
    owner: String,
    handle: Option<&TaskHandle>,
) -> napi::Result<Object<'env>> {
    let job = move |_: &Control| Journal::open(&PathBuf::from(path), &owner);
    spawn_with(
        env,
        Call::new("journal.open", handle),
        || Ok((job, WAITING)),
        |env, journal| {
            let handle = Handle::new(env, "the store of the study", Mutex::new(journal), 1 << 12);
            Ok(NativeJournal { handle, strand: Strand::default() })
        },
    )
}

/// The records from an offset on (0: from the first) up to about `enough` bytes: `{ text, next, more }`, one record per
/// line.
#[napi(ts_return_type = "Promise<Outcome<{ text: string, next: number, more: boolean }>>")]
pub fn read_journal<'env>(
    env: &'env Env,
    path: String,
    from: f64,
    enough: f64,
    handle: Option<&TaskHandle>,
) -> napi::Result<Object<'env>> {
    let prepare = || {
        let from = numbers::whole("from", from, 0..=MAX_SAFE_INTEGER)?;
        let enough = numbers::size("enough", enough, 1..=1 << 28)?;
        let job = move |_: &Control| {
            let Chunk { records, next, more } = journal::read(&PathBuf::from(&path), from, enough)?;
            Ok((text_of(&path, from, &records)?, next, more))
        };
        Ok((job, WAITING))
    };
    spawn_with(env, Call::new("journal.read", handle), prepare, |env, (text, next, more)| {
        let mut out = Object::new(env).map_err(from_napi)?;
        out.set("text", text).map_err(from_napi)?;
        out.set("next", next as f64).map_err(from_napi)?;
        out.set("more", more).map_err(from_napi)?;
        Raw::new(env, out)
    })
}

fn text_of(path: &str, offset: u64, records: &[Vec<u8>]) -> Result<String> {
    String::from_utf8(records.join(&b'\n')).map_err(|error| Error::MalformedFile {
        format: "study journal".into(),
        offset,
        reason: format!("{path}: {error}"),
    })
}

/// Whether a process is writing the journal now.
#[napi(ts_return_type = "Promise<Outcome<boolean>>")]
pub fn is_journal_written<'env>(
    env: &'env Env,
    path: String,
    handle: Option<&TaskHandle>,
) -> napi::Result<Object<'env>> {
    let job = move |_: &Control| journal::is_locked(&PathBuf::from(path));
    spawn_with(
        env,
        Call::new("journal.isWritten", handle),
        || Ok((job, WAITING)),
        |_, is_written| Ok(is_written),
    )
}

#[napi]
impl NativeJournal {
    /// Appends one record per line. When the promise resolves, they are on disk.
    #[napi(ts_return_type = "Promise<Outcome<undefined>>")]
    pub fn append<'env>(&self, env: &'env Env, text: String) -> napi::Result<Object<'env>> {
        let prepare = || {
            let journal = self.handle.get()?;
            let job = move |_: &Control| {
                lock("the store of the study", &journal)?.append(text.as_bytes().split(|&byte| byte == b'\n'))
            };
            Ok((job, WAITING))
        };
        spawn_with(env, Call::new("journal.append", None).on(&self.strand), prepare, |_, ()| Ok(()))
    }

    /// Releases the journal after the pending operations.
    #[napi]
    pub fn dispose(&self, env: &Env) -> Outcome<()> {
        sync(|| {
            self.handle.dispose(env);
            Ok(())
        })
    }
}
