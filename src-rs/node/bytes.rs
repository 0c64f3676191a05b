//! Bytes between JavaScript and the engine, in pieces: copying a gigabyte at once would block the event loop.

use crate::arrays::{self, Uint8ArraySlice};
use crate::boundary::{Outcome, sync};
use crate::numbers;
use lapicque_core::{Error, memory};
use napi_derive::napi;
use std::cell::RefCell;

/// A file's content in the engine's memory.
#[napi]
pub struct NativeBytes {
    bytes: RefCell<Vec<u8>>,
}

#[napi]
impl NativeBytes {
    #[napi(constructor)]
    pub fn new() -> Self {
        NativeBytes { bytes: RefCell::default() }
    }

    #[napi(getter)]
    pub fn length(&self) -> f64 {
        self.bytes.borrow().len() as f64
    }

    /// Reserves memory for further bytes.
    #[napi]
    pub fn reserve(&self, bytes: f64) -> Outcome<()> {
        sync(|| {
            let bytes = numbers::size("bytes", bytes, 0..=1 << 48)?;
            let refused = |_| memory::refused::<u8>("the bytes", bytes);
            self.bytes.borrow_mut().try_reserve_exact(bytes).map_err(refused)
        })
    }

    #[napi]
    pub fn append(&self, piece: Uint8ArraySlice) -> Outcome<()> {
        sync(|| {
            let mut bytes = self.bytes.borrow_mut();
            piece.read("the bytes", |piece| {
                bytes
                    .try_reserve(piece.len())
                    .map_err(|_| memory::refused::<u8>("the bytes", piece.len()))?;
                bytes.extend_from_slice(piece);
                Ok(())
            })
        })
    }

    /// Fills an array with the bytes from `from` on.
    #[napi]
    pub fn copy(&self, from: f64, into: Uint8ArraySlice) -> Outcome<()> {
        sync(|| {
            let bytes = self.bytes.borrow();
            let from = numbers::size("from", from, 0..=bytes.len())?;
            let len = into.len("into")?;
            let piece = bytes.get(from..from + len);
            let piece = piece.ok_or_else(|| Error::invalid("into", len, "at most the remaining bytes"))?;
            arrays::fill("into", &into, piece)
        })
    }
}

impl NativeBytes {
    pub fn of(bytes: Vec<u8>) -> Self {
        NativeBytes { bytes: RefCell::new(bytes) }
    }

    /// Takes all bytes; the buffer is then empty.
    pub fn take(&self) -> Vec<u8> {
        self.bytes.take()
    }
}
