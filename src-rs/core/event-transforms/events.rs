//! A batch of events, one vector per field.

use lapicque_base::error::{Error, Result};
use lapicque_base::memory;

/// One event: time in µs, column, row, polarity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    pub t: i64,
    pub x: u16,
    pub y: u16,
    pub p: u8,
}

/// Events in the order of the stream; the four vectors have equal lengths.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Events {
    pub t: Vec<i64>,
    pub x: Vec<u16>,
    pub y: Vec<u16>,
    pub p: Vec<u8>,
}

/// Bytes of one event.
const SIZE: u64 = 13;

impl Events {
    pub fn len(&self) -> usize {
        self.t.len()
    }

    pub fn is_empty(&self) -> bool {
        self.t.is_empty()
    }

    pub fn get(&self, i: usize) -> Event {
        Event { t: self.t[i], x: self.x[i], y: self.y[i], p: self.p[i] }
    }

    pub fn iter(&self) -> impl Iterator<Item = Event> {
        let others = self.x.iter().zip(&self.y).zip(&self.p);
        self.t.iter().zip(others).map(|(&t, ((&x, &y), &p))| Event { t, x, y, p })
    }

    pub fn push(&mut self, e: Event) {
        self.t.push(e.t);
        self.x.push(e.x);
        self.y.push(e.y);
        self.p.push(e.p);
    }

    pub fn clear(&mut self) {
        self.truncate(0);
    }

    pub fn truncate(&mut self, len: usize) {
        self.t.truncate(len);
        self.x.truncate(len);
        self.y.truncate(len);
        self.p.truncate(len);
    }

    /// Adds `others` at the end.
    ///
    /// # Errors
    /// `too-large` when memory cannot hold them.
    pub fn append(&mut self, others: &Events) -> Result<()> {
        let n = others.len();
        let free = self.t.capacity() - self.len();
        if n > free {
            memory::check("events", (self.len() + n) as u64 * SIZE)?;
        }
        let reserved = self.t.try_reserve(n).and_then(|()| self.x.try_reserve(n));
        let reserved = reserved.and_then(|()| self.y.try_reserve(n)).and_then(|()| self.p.try_reserve(n));
        reserved.map_err(|_| memory::refused::<Event>("events", self.len() + n))?;
        self.t.extend_from_slice(&others.t);
        self.x.extend_from_slice(&others.x);
        self.y.extend_from_slice(&others.y);
        self.p.extend_from_slice(&others.p);
        Ok(())
    }

    /// Takes away the events from `at` on and returns them.
    pub fn split_off(&mut self, at: usize) -> Events {
        Events {
            t: self.t.split_off(at),
            x: self.x.split_off(at),
            y: self.y.split_off(at),
            p: self.p.split_off(at),
        }
    }

    /// Keeps the events for which `test` is true, in their order.
    pub fn keep(&mut self, mut test: impl FnMut(Event) -> bool) {
        let n = self.len();
        let (t, x, y, p) = (&mut self.t[..n], &mut self.x[..n], &mut self.y[..n], &mut self.p[..n]);
        let mut kept = 0;
        for i in 0..n {
            let e = Event { t: t[i], x: x[i], y: y[i], p: p[i] };
            // Written in any case, counted when kept: a branch would be mispredicted for noise.
            (t[kept], x[kept], y[kept], p[kept]) = (e.t, e.x, e.y, e.p);
            kept += usize::from(test(e));
        }
        self.truncate(kept);
    }

    /// Orders by time; equal times keep their order.
    pub fn sort_by_time(&mut self) {
        if self.t.is_sorted() {
            return;
        }
        let mut order: Vec<usize> = (0..self.len()).collect();
        order.sort_by_key(|&i| self.t[i]);
        let sorted = order.iter().map(|&i| self.get(i));
        let mut events = Events::default();
        sorted.for_each(|e| events.push(e));
        *self = events;
    }
}

/// An option that must be a positive finite number.
pub(crate) fn positive(name: &str, value: f64, unit: &str) -> Result<f64> {
    if value > 0.0 && value.is_finite() {
        return Ok(value);
    }
    Err(Error::invalid(name, value, format!("a positive number{unit}")))
}

/// An option that must be a finite number from 0.
pub(crate) fn at_least_zero(name: &str, value: f64, unit: &str) -> Result<f64> {
    if value >= 0.0 && value.is_finite() {
        return Ok(value);
    }
    Err(Error::invalid(name, value, format!("a number from 0{unit}")))
}

/// An option that must be a probability.
pub(crate) fn probability(name: &str, value: f64) -> Result<f64> {
    if (0.0..=1.0).contains(&value) {
        return Ok(value);
    }
    Err(Error::invalid(name, value, "a probability from 0 to 1"))
}
