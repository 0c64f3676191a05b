//! Which events belong to a frame.

use super::windows::{ByCount, ByTime};
use super::{Frames, Representation, Sink, Span};
use crate::denoise::Like;
use crate::events::{Events, positive};
use lapicque_base::error::{Error, Result};
use serde::Deserialize;

/// One of `window` (µs), `count` (events), `timeBins` or `eventBins`; none of them: all events are one frame.
///
/// Bins divide a recording, whose events are therefore kept in memory until its end (of time bins not where `start` and `end`
/// say how long it is). tonic 1.7.0 loses the events behind the last whole bin, and with time bins always the last event;
/// `like: "tonic"` does so too.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Schedule {
    pub window: Option<f64>,
    pub count: Option<usize>,
    pub time_bins: Option<usize>,
    pub event_bins: Option<usize>,
    /// Of windows in µs, of counts in events, of bins as a share of one.
    #[serde(default)]
    pub overlap: f64,
    /// Also the last frame, which the recording does not fill.
    #[serde(default)]
    pub include_incomplete: bool,
    /// Of windows in µs: without those that have no events, except the last one of the recording.
    #[serde(default)]
    pub skip_empty: bool,
    /// Time of the first window instead of that of the first event.
    pub start: Option<f64>,
    /// Time up to which there are windows, instead of that of the last event.
    pub end: Option<f64>,
    pub like: Option<Like>,
}

/// Beyond this many bins a recording is not divided any more.
const MAX_BINS: usize = 1 << 24;

impl Schedule {
    pub fn has_windows(&self) -> bool {
        self.window.is_some() || self.time_bins.is_some()
    }

    fn check(&self) -> Result<()> {
        let given = [self.count.is_some(), self.time_bins.is_some(), self.event_bins.is_some()];
        let given = given.into_iter().filter(|&is| is).count() + usize::from(self.window.is_some());
        if given > 1 {
            return Err(Error::invalid("window", "several", "one of window, count, timeBins and eventBins"));
        }
        if self.skip_empty && self.window.is_none() {
            return Err(Error::invalid("skipEmpty", true, "false, or a window in µs"));
        }
        if let Some(window) = self.window {
            positive("window", window, " of µs")?;
            if self.overlap >= window || self.overlap.is_nan() {
                return Err(Error::invalid(
                    "overlap",
                    self.overlap,
                    format!("less than the window, {window}"),
                ));
            }
        }
        if let Some(count) = self.count
            && (count == 0
                || self.overlap >= count as f64
                || self.overlap < 0.0
                || self.overlap.fract() != 0.0)
        {
            let expected = "a count of at least 1, and a whole overlap below it";
            return Err(Error::invalid("count", format!("{count} with overlap {}", self.overlap), expected));
        }
        for (name, bins) in [("timeBins", self.time_bins), ("eventBins", self.event_bins)] {
            let Some(bins) = bins else { continue };
            if !(1..=MAX_BINS).contains(&bins) {
                return Err(Error::invalid(name, bins, format!("1 to {MAX_BINS} bins")));
            }
            if !(0.0..1.0).contains(&self.overlap) {
                return Err(Error::invalid("overlap", self.overlap, "a share of a bin from 0 to below 1"));
            }
        }
        if let (Some(start), Some(end)) = (self.start, self.end)
            && (start > end || start.is_nan() || end.is_nan())
        {
            return Err(Error::invalid("end", end, format!("at least `start`, {start}")));
        }
        for (name, time) in [("start", self.start), ("end", self.end)] {
            if time.is_some_and(|t| !t.is_finite()) {
                return Err(Error::invalid(name, f64::NAN, "a finite time in µs"));
            }
        }
        Ok(())
    }

    /// Divides an interval of time into windows, the bins.
    fn bins(&self, bins: usize, first: f64, last: f64) -> ByTime {
        let share = match self.like {
            Some(Like::Tonic) => libm::floor((last - first) / bins as f64),
            // So that the last bin holds the last event: it ends behind it.
            None => (last - first + 1.0) / bins as f64,
        };
        let window = share * (1.0 + self.overlap);
        let stride = match self.like {
            Some(Like::Tonic) => window * (1.0 - self.overlap),
            None => share,
        };
        ByTime::bins(first, window, stride, bins)
    }
}

enum State {
    Whole {
        span: Option<Span>,
    },
    Time(ByTime),
    Count(ByCount),
    /// Events whose number or times decide the bins.
    Waiting(Events),
}

pub(crate) struct Scheduled<S> {
    schedule: Schedule,
    state: State,
    sink: S,
    last: f64,
}

impl<S: Sink + 'static> Scheduled<S> {
    pub fn boxed(schedule: &Schedule, sink: S) -> Result<Box<dyn Representation>> {
        schedule.check()?;
        let state = match schedule {
            &Schedule {
                window: Some(window), overlap, include_incomplete, skip_empty, start, end, ..
            } => {
                let windows = ByTime::new(window, window - overlap, include_incomplete, start, end);
                State::Time(windows.without_empty(skip_empty))
            }
            &Schedule { count: Some(count), overlap, include_incomplete, .. } => {
                State::Count(ByCount::new(count, count - overlap as usize, include_incomplete))
            }
            &Schedule { time_bins: Some(bins), start: Some(start), end: Some(end), .. } => {
                State::Time(schedule.bins(bins, start, end))
            }
            Schedule { time_bins: None, event_bins: None, .. } => State::Whole { span: None },
            _ => State::Waiting(Events::default()),
        };
        Ok(Box::new(Scheduled { schedule: schedule.clone(), state, sink, last: f64::NEG_INFINITY }))
    }

    fn binned(&mut self, events: &Events, frames: &mut Frames) -> Result<()> {
        let schedule = &self.schedule;
        if let Some(bins) = schedule.time_bins {
            let first = schedule.start.unwrap_or_else(|| events.t.first().map_or(0.0, |&t| t as f64));
            let last = schedule.end.unwrap_or_else(|| events.t.last().map_or(first, |&t| t as f64));
            let mut windows = schedule.bins(bins, first, last);
            windows.push(events, &mut self.sink, frames)?;
            return windows.finish(&mut self.sink, frames);
        }
        let bins = schedule.event_bins.unwrap_or(1);
        let share = match schedule.like {
            Some(Like::Tonic) => (events.len() / bins) as f64,
            None => events.len() as f64 / bins as f64,
        };
        let size = (share * (1.0 + schedule.overlap)) as usize;
        for bin in 0..bins {
            let (start, end) = match schedule.like {
                Some(Like::Tonic) => {
                    let stride = (size as f64 * (1.0 - schedule.overlap)) as usize;
                    (bin * stride, bin * stride + size)
                }
                // Integers: no event may be lost to rounding.
                None => {
                    let at = |bin: usize| (bin as u128 * events.len() as u128 / bins as u128) as usize;
                    let more = (share * schedule.overlap) as usize;
                    (at(bin), at(bin + 1) + more)
                }
            };
            let (start, end) = (start.min(events.len()), end.min(events.len()));
            (start..end).for_each(|i| self.sink.add(events.get(i)));
            let time = |i: usize| events.t.get(i).map_or(self.last, |&t| t as f64);
            let end_time = end.checked_sub(1).map_or(self.last, time);
            self.sink
                .emit(Span { start: time(start), end: end_time, events: (end - start) as u64 }, frames)?;
            self.sink.clear();
        }
        Ok(())
    }
}

impl<S: Sink + 'static> Representation for Scheduled<S> {
    fn push(&mut self, events: &Events, frames: &mut Frames) -> Result<()> {
        if !matches!(self.state, State::Count(_)) {
            self.last = in_order(events, self.last)?;
        }
        match &mut self.state {
            State::Time(windows) => windows.push(events, &mut self.sink, frames),
            State::Count(windows) => windows.push(events, &mut self.sink, frames),
            State::Waiting(waiting) => waiting.append(events),
            State::Whole { span } => {
                let (Some(&first), Some(&last)) = (events.t.first(), events.t.last()) else { return Ok(()) };
                let span = span.get_or_insert(Span { start: first as f64, end: 0.0, events: 0 });
                span.end = last as f64;
                span.events += events.len() as u64;
                events.iter().for_each(|e| self.sink.add(e));
                Ok(())
            }
        }
    }

    fn finish(&mut self, frames: &mut Frames) -> Result<()> {
        match std::mem::replace(&mut self.state, State::Whole { span: None }) {
            State::Time(mut windows) => windows.finish(&mut self.sink, frames),
            State::Count(mut windows) => windows.finish(&mut self.sink, frames),
            State::Waiting(waiting) => self.binned(&waiting, frames),
            State::Whole { span } => {
                self.sink.emit(span.unwrap_or(Span { start: 0.0, end: 0.0, events: 0 }), frames)
            }
        }
    }
}

/// The last time of a batch whose times do not decrease.
fn in_order(events: &Events, last: f64) -> Result<f64> {
    let Some((&first, &end)) = events.t.first().zip(events.t.last()) else { return Ok(last) };
    if first as f64 >= last && events.t.is_sorted() {
        return Ok(end as f64);
    }
    let falls = events.t.windows(2).position(|pair| pair[0] > pair[1]).map_or(0, |i| i + 1);
    let i = if (first as f64) < last { 0 } else { falls };
    let before = if i == 0 { last } else { events.t[i - 1] as f64 };
    let expected = format!("at least {before}, the time before it (put reorder({{ within }}) before)");
    Err(Error::invalid(format!("events.t[{i}]"), events.t[i], expected))
}
