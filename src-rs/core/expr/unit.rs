//! Units of measurement: powers of second, volt and ampere, and a power of ten. Powers are counted in halves, because the unit
//! of white noise is one over the square root of a time.

use std::fmt;
use std::ops::{Div, Mul};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unit {
    second: i32,
    volt: i32,
    ampere: i32,
    /// Power of ten relative to the product of those.
    ten: i32,
}

/// From integer powers.
const fn unit(second: i32, volt: i32, ampere: i32, ten: i32) -> Unit {
    Unit { second: 2 * second, volt: 2 * volt, ampere: 2 * ampere, ten: 2 * ten }
}

/// The units that may be written.
const UNITS: &[(&str, Unit)] = &[
    ("1", Unit::ONE),
    ("ms", unit(1, 0, 0, -3)),
    ("s", unit(1, 0, 0, 0)),
    ("us", unit(1, 0, 0, -6)),
    ("Hz", unit(-1, 0, 0, 0)),
    ("kHz", unit(-1, 0, 0, 3)),
    ("mV", unit(0, 1, 0, -3)),
    ("V", unit(0, 1, 0, 0)),
    ("pA", unit(0, 0, 1, -12)),
    ("nA", unit(0, 0, 1, -9)),
    ("uA", unit(0, 0, 1, -6)),
    ("nS", unit(0, -1, 1, -9)),
    ("uS", unit(0, -1, 1, -6)),
    ("mS", unit(0, -1, 1, -3)),
    ("pF", unit(1, -1, 1, -12)),
    ("nF", unit(1, -1, 1, -9)),
    ("uF", unit(1, -1, 1, -6)),
    ("kOhm", unit(0, 1, -1, 3)),
    ("MOhm", unit(0, 1, -1, 6)),
    ("GOhm", unit(0, 1, -1, 9)),
];

impl Unit {
    pub const ONE: Unit = unit(0, 0, 0, 0);
    pub const MS: Unit = unit(1, 0, 0, -3);

    /// A unit by its name, optionally per ms or per square root of ms, for rates and the strength of white noise.
    pub fn named(name: &str) -> Option<Unit> {
        let find = |name: &str| UNITS.iter().find(|(unit_name, _)| *unit_name == name).map(|&(_, unit)| unit);
        match name.split_once('/') {
            None => find(name),
            Some((name, "ms")) => Some(find(name)? / Unit::MS),
            Some((name, "ms^0.5")) => Some(find(name)? / Unit::MS.root()?),
            Some(_) => None,
        }
    }

    pub fn names() -> impl Iterator<Item = &'static str> {
        UNITS.iter().map(|&(name, _)| name)
    }

    pub fn power(self, n: i32) -> Unit {
        self.map(|x| x * n)
    }

    /// The unit of a square root, if it exists.
    pub fn root(self) -> Option<Unit> {
        let even = [self.second, self.volt, self.ampere, self.ten].iter().all(|x| x % 2 == 0);
        even.then(|| self.map(|x| x / 2))
    }

    fn map(self, f: impl Fn(i32) -> i32) -> Unit {
        Unit { second: f(self.second), volt: f(self.volt), ampere: f(self.ampere), ten: f(self.ten) }
    }

    fn same_dimension(self, other: Unit) -> bool {
        (self.second, self.volt, self.ampere) == (other.second, other.volt, other.ampere)
    }
}

impl Mul for Unit {
    type Output = Unit;
    fn mul(self, o: Unit) -> Unit {
        Unit {
            second: self.second + o.second,
            volt: self.volt + o.volt,
            ampere: self.ampere + o.ampere,
            ten: self.ten + o.ten,
        }
    }
}

impl Div for Unit {
    type Output = Unit;
    fn div(self, other: Unit) -> Unit {
        self * other.power(-1)
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((name, _)) = UNITS.iter().find(|(_, unit)| unit == self) {
            return write!(f, "{name}");
        }
        if let Some((name, _)) = UNITS.iter().find(|(_, unit)| *unit == *self * Unit::MS) {
            return write!(f, "{name}/ms");
        }
        let root = Unit { second: Unit::MS.second / 2, ten: Unit::MS.ten / 2, ..Unit::ONE };
        if let Some((name, _)) = UNITS.iter().find(|(_, unit)| *unit == *self * root) {
            return write!(f, "{name}/ms^0.5");
        }
        if let Some((name, other)) = UNITS.iter().find(|(_, unit)| unit.same_dimension(*self)) {
            return write!(f, "10^{} {name}", halves(self.ten - other.ten));
        }
        let mut separator = "";
        if self.ten != 0 {
            write!(f, "10^{}", halves(self.ten))?;
            separator = " ";
        }
        for (name, n) in [("V", self.volt), ("A", self.ampere), ("s", self.second)] {
            if n != 0 {
                write!(f, "{separator}{name}")?;
                separator = " ";
                if n != 2 {
                    write!(f, "^{}", halves(n))?;
                }
            }
        }
        Ok(())
    }
}

fn halves(n: i32) -> f64 {
    f64::from(n) / 2.0
}
