//! Writes a recording to memory, or to a file that appears when it is complete.

use crate::batch::Batch;
use crate::format::{Encoder, Format, Patch};
use crate::options::WriteOptions;
use crate::registry::{named, of_extension};
use lapicque_base::error::{Error, Result};
use lapicque_files::atomic::PendingFile;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;

pub struct Writer {
    format: &'static Format,
    encoder: Box<dyn Encoder>,
    target: Target,
    written: u64,
    out: Vec<u8>,
}

enum Target {
    File(PendingFile),
    Memory(Vec<u8>),
}

impl Writer {
    /// Errors: `unknown-name`, `unsupported` for an unknown format; `invalid-parameter`; `io`.
    pub fn create(path: Option<&Path>, options: &WriteOptions) -> Result<Self> {
        let format = match (options.format.as_deref(), path) {
            (Some(name), _) => named(name)?,
            (None, Some(path)) => of_extension(path)?,
            (None, None) => return Err(Error::invalid("format", "nothing", "the name of a format")),
        };
        let encoder = (format.write)(options)?;
        let target = match path {
            Some(path) => Target::File(PendingFile::create(path)?),
            None => Target::Memory(Vec::new()),
        };
        Ok(Writer { format, encoder, target, written: 0, out: Vec::new() })
    }

    pub fn format(&self) -> &'static Format {
        self.format
    }

    /// Errors: `invalid-parameter`, `unsupported` for what the format cannot represent; `io`.
    pub fn write(&mut self, batch: &Batch) -> Result<()> {
        let holds = self.format.writes;
        let others = [
            ("triggers", holds.triggers || batch.triggers.t.is_empty()),
            ("imu", holds.imu || batch.imu.t.is_empty()),
            ("frames", holds.frames || batch.frames.is_empty()),
        ];
        if let Some((name, _)) = others.into_iter().find(|(_, fine)| !fine) {
            let feature = format!("{name} in addition to events; option drop: [\"{name}\"] omits them");
            return Err(Error::Unsupported { feature, format: self.format.name.into() });
        }
        self.encoder.write(batch, &mut self.out)?;
        self.flush()
    }

    fn flush(&mut self) -> Result<()> {
        let out = &self.out;
        match &mut self.target {
            Target::File(file) => file.write(|file| file.write_all(out))?,
            Target::Memory(bytes) => bytes.extend_from_slice(out),
        }
        self.written += out.len() as u64;
        self.out.clear();
        Ok(())
    }

    /// Completes the file; without a file, returns the bytes. Errors: `io`.
    pub fn finish(mut self) -> Result<Option<Vec<u8>>> {
        let patches = self.encoder.finish(self.written, &mut self.out)?;
        self.flush()?;
        let encoder = &mut self.encoder;
        match self.target {
            Target::File(mut file) => {
                file.write(|file| {
                    encoder.tail(file)?;
                    patches.iter().try_for_each(|patch| replace(file, patch))
                })?;
                file.commit()?;
                Ok(None)
            }
            Target::Memory(mut bytes) => {
                let failed =
                    |error: io::Error| Error::Io { path: "memory".into(), reason: error.to_string() };
                encoder.tail(&mut bytes).map_err(failed)?;
                for Patch { offset, bytes: new } in patches {
                    bytes[offset as usize..offset as usize + new.len()].copy_from_slice(&new);
                }
                Ok(Some(bytes))
            }
        }
    }
}

fn replace(file: &mut (impl Write + Seek), patch: &Patch) -> io::Result<()> {
    file.seek(SeekFrom::Start(patch.offset))?;
    file.write_all(&patch.bytes)
}
