//! Checks of events that all encoders share.

use crate::batch::Batch;
use crate::format::{MAX_TIME, Sensor};
use crate::options::WriteOptions;
use lapicque_base::error::{Error, Result};

/// An event or trigger to be written.
#[derive(Clone, Copy)]
pub struct Event {
    pub t: i64,
    pub x: u16,
    pub y: u16,
    pub polarity: u8,
    /// The input's number, for a trigger.
    pub trigger: Option<u8>,
}

/// Checks that times do not decrease, over all batches.
pub struct Ordered {
    format: &'static str,
    last: i64,
}

impl Ordered {
    pub fn new(format: &'static str) -> Self {
        Ordered { format, last: 0 }
    }

    /// A time as an integer number of microseconds, at least 0 and not before the previous one. Errors: `invalid-parameter`.
    pub fn time(&mut self, t: f64) -> Result<i64> {
        let whole = whole_time(t, 0)?;
        if whole < self.last {
            let expected = format!("times in order, as {} needs: {} came before", self.format, self.last);
            return Err(Error::invalid("t", whole, expected));
        }
        self.last = whole;
        Ok(whole)
    }
}

/// A time as an integer number of microseconds. Errors: `invalid-parameter`.
pub fn whole_time(t: f64, min: i64) -> Result<i64> {
    let whole = t as i64;
    if whole as f64 == t && (min..=MAX_TIME).contains(&whole) {
        Ok(whole)
    } else {
        Err(Error::invalid("t", t, format!("whole microseconds from {min} to 2^53")))
    }
}

/// Events and triggers of a batch in the order of their times, with checked coordinates. Errors: `invalid-parameter`.
pub fn checked_events(batch: &Batch, order: &mut Ordered, max: u16) -> Result<Vec<Event>> {
    let (mut events, mut trigger) = (Vec::with_capacity(batch.len + batch.triggers.t.len()), 0);
    let mut triggers_until = |t: f64, events: &mut Vec<Event>, order: &mut Ordered| -> Result<()> {
        while let Some(&own) = batch.triggers.t.get(trigger).filter(|&&own| own < t) {
            let (id, polarity) = (batch.triggers.id[trigger], batch.triggers.polarity[trigger]);
            events.push(Event {
                t: order.time(own)?,
                x: 0,
                y: 0,
                polarity: polarity.min(1),
                trigger: Some(id),
            });
            trigger += 1;
        }
        Ok(())
    };
    for i in 0..batch.len {
        triggers_until(batch.t[i], &mut events, order)?;
        let (x, y, polarity) = (batch.x[i], batch.y[i], batch.polarity[i]);
        check_pixel(order.format, x, y, max, max)?;
        check_polarity(polarity)?;
        events.push(Event { t: order.time(batch.t[i])?, x, y, polarity, trigger: None });
    }
    triggers_until(f64::INFINITY, &mut events, order)?;
    Ok(events)
}

/// Errors: `invalid-parameter`.
pub fn check_pixel(format: &str, x: u16, y: u16, max_x: u16, max_y: u16) -> Result<()> {
    if x > max_x {
        return Err(Error::invalid("x", x, format!("at most {max_x}, as {format} holds")));
    }
    if y > max_y {
        return Err(Error::invalid("y", y, format!("at most {max_y}, as {format} holds")));
    }
    Ok(())
}

/// Errors: `invalid-parameter`.
pub fn check_polarity(polarity: u8) -> Result<()> {
    if polarity > 1 { Err(Error::invalid("polarity", polarity, "0 or 1")) } else { Ok(()) }
}

impl Sensor {
    /// The sensor size in the options. Errors: `invalid-parameter`.
    pub fn from_options(options: &WriteOptions) -> Result<Option<Sensor>> {
        match options.sensor {
            None => Ok(None),
            Some((width @ 1..=0xffff, height @ 1..=0xffff)) => Ok(Some(Sensor { width, height })),
            Some((width, height)) => Err(Error::invalid(
                "sensor",
                format!("{width} x {height}"),
                "a width and a height from 1 to 65535",
            )),
        }
    }

    /// Errors: `invalid-parameter` if the format's header needs the size and it is not given.
    pub fn needed(options: &WriteOptions, format: &str) -> Result<Sensor> {
        Self::from_options(options)?.ok_or_else(|| {
            Error::invalid("sensor", "nothing", format!("{{ width, height }}, which {format} files state"))
        })
    }
}
