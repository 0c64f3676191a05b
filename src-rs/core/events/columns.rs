//! Assigns the columns of a table, for formats whose columns have names or an order.

use crate::batch::Batch;
use crate::format::{MAX_TIME, malformed};
use crate::options::Options;
use lapicque_base::error::{Error, Result};

/// Indices of the columns `t`, `x`, `y` and polarity, and the unit of time.
#[derive(Clone, Debug)]
pub struct Columns {
    /// Column indices. Without a polarity column, which only the option `columns` allows, every event has polarity 1.
    pub t: usize,
    pub x: usize,
    pub y: usize,
    pub polarity: Option<usize>,
    /// Microseconds per unit: numerator and denominator.
    unit: (i32, i32),
    format: &'static str,
}

const T: [&str; 6] = ["t", "ts", "time", "times", "timestamp", "timestamps"];
const X: [&str; 3] = ["x", "xs", "x_pos"];
const Y: [&str; 3] = ["y", "ys", "y_pos"];
const POLARITY: [&str; 7] = ["p", "ps", "pol", "polarity", "polarities", "on", "is_increase"];

/// Whether a name is that of one of the four columns.
pub fn is_known(name: &str) -> bool {
    let name = name.to_lowercase();
    [&T[..], &X, &Y, &POLARITY].iter().any(|names| names.contains(&name.as_str()))
}

impl Columns {
    /// Finds the columns by name; the option `columns` has precedence over the names in the file. Errors: `invalid-parameter`
    /// if one is missing; that of polarity may be missing only in the option, where it is left out on purpose.
    pub fn new(format: &'static str, names: &[String], options: &Options) -> Result<Self> {
        let names = options.columns.as_deref().unwrap_or(names);
        let find =
            |known: &[&str]| names.iter().position(|name| known.contains(&name.to_lowercase().as_str()));
        let needed = |known: &[&str]| {
            find(known).ok_or_else(|| {
                let got = format!("[{}]", names.join(", "));
                Error::invalid("columns", got, format!("a column called {}", known.join(" or ")))
            })
        };
        let unit = match options.time_unit.as_deref() {
            None | Some("us") => (1, 1),
            Some("ns") => (1, 1000),
            Some("ms") => (1000, 1),
            Some("s") => (1_000_000, 1),
            Some(other) => return Err(Error::unknown("unit of time", other, ["ns", "us", "ms", "s"])),
        };
        let (t, x, y, polarity) = (needed(&T)?, needed(&X)?, needed(&Y)?, find(&POLARITY));
        if polarity.is_none() && options.columns.is_none() {
            let (got, names) = (format!("[{}]", names.join(", ")), POLARITY.join(" or "));
            let expected = format!(
                "a column of polarity ({names}); option columns without one reads the events as a recording without polarity, all 1"
            );
            return Err(Error::invalid("columns", got, expected));
        }
        Ok(Columns { t, x, y, polarity, unit, format })
    }

    /// The minimum number of columns.
    pub fn width(&self) -> usize {
        self.t.max(self.x).max(self.y).max(self.polarity.unwrap_or(0)) + 1
    }

    /// Appends an event. Errors: `malformed-file` for numbers that no event can have.
    #[inline]
    pub fn push(&self, [t, x, y, polarity]: [f64; 4], offset: u64, batch: &mut Batch) -> Result<()> {
        let t = match self.unit {
            (1, 1) => t,
            (numerator, denominator) => (t * f64::from(numerator) / f64::from(denominator)).round(),
        };
        let whole = t as i64;
        if whole as f64 != t || !(-MAX_TIME..=MAX_TIME).contains(&whole) {
            return Err(self.bad_time(t, offset));
        }
        self.push_at(t, [x, y, polarity], offset, batch)
    }

    /// The same for a time that is an integer, which a double may not hold. The conversion is exact up to the rounding to
    /// whole microseconds.
    pub fn push_whole(&self, t: i128, rest: [f64; 3], offset: u64, batch: &mut Batch) -> Result<()> {
        let (numerator, denominator) = (i128::from(self.unit.0), i128::from(self.unit.1));
        let half = if t < 0 { -denominator / 2 } else { denominator / 2 };
        let micros = t.checked_mul(numerator).map(|scaled| (scaled + half) / denominator);
        match micros {
            Some(micros) if micros.unsigned_abs() <= MAX_TIME as u128 => {
                self.push_at(micros as f64, rest, offset, batch)
            }
            _ => Err(self.bad_time(t, offset)),
        }
    }

    fn bad_time(&self, t: impl std::fmt::Display, offset: u64) -> Error {
        let reason = format!(
            "the time {t} is no whole number of microseconds up to 2^53; option timeUnit says another unit"
        );
        malformed(self.format, offset, reason)
    }

    /// `t`: whole microseconds.
    #[inline]
    fn push_at(&self, t: f64, [x, y, polarity]: [f64; 3], offset: u64, batch: &mut Batch) -> Result<()> {
        let pixel = |value: f64, name: &str| {
            let whole = value as u16;
            if f64::from(whole) == value {
                Ok(whole)
            } else {
                Err(malformed(
                    self.format,
                    offset,
                    format!("{name} is {value}, not a whole number from 0 to 65535"),
                ))
            }
        };
        let (x, y) = (pixel(x, "x")?, pixel(y, "y")?);
        let polarity = match polarity {
            1.0 => 1,
            // Some files use -1 for OFF.
            0.0 | -1.0 => 0,
            other => {
                return Err(malformed(
                    self.format,
                    offset,
                    format!("the polarity is {other}, not 0, 1 or -1"),
                ));
            }
        };
        batch.push(t, x, y, polarity);
        Ok(())
    }
}
