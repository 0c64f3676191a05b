//! Which numbers an option or a parameter may be.

use std::borrow::Cow;

/// Which numbers are allowed. All must be finite.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Range {
    Any,
    Positive,
    NotNegative,
    /// From 0 to 1.
    Unit,
    /// Between 0 and 1, neither included.
    OpenUnit,
    /// From 0 to below 1.
    BelowOne,
    AboveOne,
    /// From this whole number.
    AtLeast(u32),
    /// From 0 to this whole number.
    UpTo(u32),
    /// Above 0, up to this whole number.
    PositiveUpTo(u32),
    /// A whole number from 1 to [`MOST`](Range::MOST): it says how much a step does.
    Count,
}

impl Range {
    /// The most that [`Range::Count`] allows: programs grow with it.
    pub const MOST: f64 = 64.0;

    /// A time step in ms: beyond 1000 s the numbers of every model overflow or underflow. `timeStep` of src-ts/checks has the
    /// same limit.
    pub const TIME_STEP: Range = Range::PositiveUpTo(1_000_000);

    /// A learning rate: larger ones are a mistake, such as a seed in its place.
    pub const LEARNING_RATE: Range = Range::UpTo(1_000_000);

    pub fn words(self) -> Cow<'static, str> {
        match self {
            Range::Any => "a finite number".into(),
            Range::Positive => "a number above 0".into(),
            Range::NotNegative => "a number of at least 0".into(),
            Range::Unit => "a number from 0 to 1".into(),
            Range::OpenUnit => "a number between 0 and 1".into(),
            Range::BelowOne => "a number from 0 to below 1".into(),
            Range::AboveOne => "a number above 1".into(),
            Range::AtLeast(least) => format!("at least {least}").into(),
            Range::UpTo(most) => format!("a number from 0 to {most}").into(),
            Range::PositiveUpTo(most) => format!("a number above 0 and at most {most}").into(),
            Range::Count => "a whole number from 1 to 64".into(),
        }
    }

    pub fn holds(self, x: f64) -> bool {
        x.is_finite()
            && match self {
                Range::Any => true,
                Range::Positive => x > 0.0,
                Range::NotNegative => x >= 0.0,
                Range::Unit => (0.0..=1.0).contains(&x),
                Range::OpenUnit => x > 0.0 && x < 1.0,
                Range::BelowOne => (0.0..1.0).contains(&x),
                Range::AboveOne => x > 1.0,
                Range::AtLeast(least) => x >= f64::from(least),
                Range::UpTo(most) => (0.0..=f64::from(most)).contains(&x),
                Range::PositiveUpTo(most) => x > 0.0 && x <= f64::from(most),
                Range::Count => (1.0..=Range::MOST).contains(&x) && x.fract() == 0.0,
            }
    }
}
