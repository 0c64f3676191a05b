//! The events of each window themselves.

use super::{Frames, Sink, Span};
use crate::events::{Event, Events};
use lapicque_base::error::Result;
use std::collections::VecDeque;

#[derive(Default)]
pub struct Slices {
    open: VecDeque<Event>,
}

impl Sink for Slices {
    fn add(&mut self, e: Event) {
        self.open.push_back(e);
    }

    fn remove(&mut self, _: Event) {
        self.open.pop_front();
    }

    fn clear(&mut self) {
        self.open.clear();
    }

    fn emit(&mut self, span: Span, frames: &mut Frames) -> Result<()> {
        frames.reserve(span, 0)?;
        let mut slice = Events::default();
        self.open.iter().for_each(|&e| slice.push(e));
        frames.events.append(&slice)?;
        frames.ends.push(frames.events.len() as u64);
        Ok(())
    }
}
