//! Sliding windows of a duration or of a number of events.

use super::{Frames, Sink, Span};
use crate::events::{Event, Events};
use lapicque_base::error::{Error, Result};
use std::collections::VecDeque;

/// Windows `start + k stride` to `start + k stride + window`, the end not included. A window is complete when an event at its end
/// or later has come, or with `end` from the beginning.
pub struct ByTime {
    window: f64,
    stride: f64,
    incomplete: bool,
    skips_empty: bool,
    start: Option<f64>,
    end: Option<f64>,
    /// Exactly so many windows, complete or not.
    bins: Option<usize>,
    /// Number of the window that is open.
    k: u64,
    /// Events of the open window that the next one also has.
    overlapping: VecDeque<Event>,
    count: u64,
    last: f64,
}

/// What one call may give, so that an hour without events does not become a billion frames of a µs.
const MAX_FRAMES: u64 = 1 << 28;

impl ByTime {
    pub fn new(window: f64, stride: f64, incomplete: bool, start: Option<f64>, end: Option<f64>) -> Self {
        ByTime {
            window,
            stride,
            incomplete,
            skips_empty: false,
            start,
            end,
            bins: None,
            k: 0,
            overlapping: VecDeque::new(),
            count: 0,
            last: start.unwrap_or(0.0),
        }
    }

    pub fn bins(start: f64, window: f64, stride: f64, bins: usize) -> Self {
        ByTime { bins: Some(bins), ..ByTime::new(window, stride, false, Some(start), None) }
    }

    /// Without windows that have no events, if `skips_empty`.
    pub fn without_empty(self, skips_empty: bool) -> Self {
        ByTime { skips_empty, ..self }
    }

    /// Opens the last window that may end at or before `t`, if those from the open one to it have no events.
    fn skip(&mut self, start: f64, t: f64) {
        if self.skips_empty && self.count == 0 {
            let until = self.end.map_or(t, |end| t.min(end));
            // One less, because the quotient is rounded.
            let windows = libm::floor((until - start - self.window) / self.stride) - 1.0;
            self.k = self.k.max(windows as u64);
        }
    }

    fn bounds(&self, start: f64) -> (f64, f64) {
        let from = self.k as f64 * self.stride + start;
        (from, from + self.window)
    }

    fn is_over(&self, to: f64) -> bool {
        match (self.bins, self.end) {
            (Some(bins), _) => self.k >= bins as u64,
            (None, Some(end)) => to > end,
            (None, None) => false,
        }
    }

    pub fn push(&mut self, events: &Events, sink: &mut impl Sink, frames: &mut Frames) -> Result<()> {
        let Some(&first) = events.t.first() else { return Ok(()) };
        let start = *self.start.get_or_insert(first as f64);
        let (mut from, mut to) = self.bounds(start);
        if let Some(&last) = events.t.last() {
            let gap = (last as f64 - to) / self.stride.max(f64::MIN_POSITIVE);
            let left = self.bins.map_or(gap, |bins| gap.min(bins as f64));
            if left > MAX_FRAMES as f64 && !self.skips_empty {
                let expected = format!("at most {MAX_FRAMES} windows within a batch");
                return Err(Error::invalid("window", self.window, expected));
            }
        }
        let overlaps = self.stride < self.window;
        for e in events.iter() {
            let t = e.t as f64;
            while t >= to && !self.is_over(to) {
                self.emit(from, to, sink, frames)?;
                self.skip(start, t);
                (from, to) = self.bounds(start);
            }
            // With an end, or bins, an incomplete window may still be asked for.
            let beyond = t >= to
                || self.end.is_some_and(|end| t > end)
                || self.bins.is_some_and(|n| self.k >= n as u64);
            if t < from || beyond {
                continue;
            }
            sink.add(e);
            self.count += 1;
            if overlaps {
                self.overlapping.push_back(e);
            }
        }
        self.last = events.t.last().map_or(self.last, |&t| t as f64);
        Ok(())
    }

    /// The open window is complete: the next one opens.
    fn emit(&mut self, from: f64, to: f64, sink: &mut impl Sink, frames: &mut Frames) -> Result<()> {
        if !(self.skips_empty && self.count == 0) {
            sink.emit(Span { start: from, end: to, events: self.count }, frames)?;
        }
        self.k += 1;
        if self.overlapping.is_empty() {
            sink.clear();
            self.count = 0;
            return Ok(());
        }
        let next = from + self.stride;
        while let Some(&e) = self.overlapping.front().filter(|e| (e.t as f64) < next) {
            sink.remove(e);
            self.count -= 1;
            self.overlapping.pop_front();
        }
        Ok(())
    }

    pub fn finish(&mut self, sink: &mut impl Sink, frames: &mut Frames) -> Result<()> {
        let start = self.start.unwrap_or(0.0);
        let last = self.end.unwrap_or(self.last);
        if let Some(bins) = self.bins {
            while self.k < bins as u64 {
                let (from, to) = self.bounds(start);
                self.emit(from, to, sink, frames)?;
            }
            return Ok(());
        }
        let (mut from, mut to) = self.bounds(start);
        if (last - to) / self.stride > MAX_FRAMES as f64 && !self.skips_empty {
            return Err(Error::invalid(
                "end",
                last,
                format!("at most {MAX_FRAMES} windows behind the last event"),
            ));
        }
        while to <= last {
            self.emit(from, to, sink, frames)?;
            self.skip(start, last);
            (from, to) = self.bounds(start);
        }
        if self.incomplete || self.k == 0 {
            self.skips_empty = false;
            self.emit(from, to, sink, frames)?;
        }
        Ok(())
    }
}

/// Windows of `count` events, each `stride` events after the last one.
pub struct ByCount {
    count: usize,
    stride: usize,
    incomplete: bool,
    /// Events of the open window that the next one also has: all of them, where windows overlap.
    overlapping: VecDeque<Event>,
    open: usize,
    start: f64,
    end: f64,
    /// Events of the open window that no window before had.
    fresh: usize,
    emitted: u64,
}

impl ByCount {
    pub fn new(count: usize, stride: usize, incomplete: bool) -> Self {
        let overlapping = VecDeque::new();
        ByCount {
            count,
            stride,
            incomplete,
            overlapping,
            open: 0,
            start: 0.0,
            end: 0.0,
            fresh: 0,
            emitted: 0,
        }
    }

    pub fn push(&mut self, events: &Events, sink: &mut impl Sink, frames: &mut Frames) -> Result<()> {
        let overlaps = self.stride < self.count;
        for e in events.iter() {
            sink.add(e);
            if self.open == 0 {
                self.start = e.t as f64;
            }
            self.end = e.t as f64;
            self.open += 1;
            self.fresh += 1;
            if overlaps {
                self.overlapping.push_back(e);
            }
            if self.open == self.count {
                self.emit(sink, frames)?;
                self.advance(sink);
            }
        }
        Ok(())
    }

    fn advance(&mut self, sink: &mut impl Sink) {
        self.fresh = 0;
        self.open -= self.stride;
        if self.open == 0 {
            return sink.clear();
        }
        for old in self.overlapping.drain(..self.stride) {
            sink.remove(old);
        }
        self.start = self.overlapping.front().map_or(self.end, |e| e.t as f64);
    }

    fn emit(&mut self, sink: &mut impl Sink, frames: &mut Frames) -> Result<()> {
        self.emitted += 1;
        sink.emit(Span { start: self.start, end: self.end, events: self.open as u64 }, frames)
    }

    pub fn finish(&mut self, sink: &mut impl Sink, frames: &mut Frames) -> Result<()> {
        if (self.incomplete && self.fresh > 0) || self.emitted == 0 {
            self.emit(sink, frames)?;
        }
        Ok(())
    }
}
