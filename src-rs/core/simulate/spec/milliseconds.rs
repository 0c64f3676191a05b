//! Conversion of steps to times.

/// Converts steps to ms. `106 * 0.1` is 10.600000000000001; this conversion gives 10.6, as users write it.
#[derive(Debug, Clone, Copy)]
pub struct Milliseconds {
    /// One step is `whole / parts` ms.
    whole: f64,
    parts: f64,
}

impl Milliseconds {
    /// For steps of `dt` ms. A `dt` with up to six decimals is taken as that decimal number, any other as it is.
    pub fn new(dt: f64) -> Self {
        let decimal = (0..=6).map(|k| 10f64.powi(k)).find_map(|parts| {
            let whole = (dt * parts).round();
            (whole >= 1.0 && whole / parts == dt).then_some(Milliseconds { whole, parts })
        });
        decimal.unwrap_or(Milliseconds { whole: dt, parts: 1.0 })
    }

    /// A quotient of integers, which is rounded once.
    pub fn of(self, steps: u64) -> f64 {
        steps as f64 * self.whole / self.parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_the_numbers_that_decimals_mean() {
        for (dt, decimals) in
            [("0.1", 1), ("1", 0), ("0.25", 2), ("0.05", 2), ("0.3", 1), ("0.007", 3), ("12.5", 1)]
        {
            let ms = Milliseconds::new(dt.parse().unwrap());
            let whole: u64 =
                format!("{:.*}", decimals, dt.parse::<f64>().unwrap()).replace('.', "").parse().unwrap();
            for steps in (0..3000).chain([999_999_999, 4_000_000_000_001]) {
                // Formatted as a decimal with integers alone, and parsed again.
                let (parts, all) = (10u64.pow(decimals as u32), steps * whole);
                let text = format!("{}.{:0>width$}", all / parts, all % parts, width = decimals.max(1));
                assert_eq!(ms.of(steps), text.parse::<f64>().unwrap(), "{steps} of {dt}");
            }
        }
        let third = Milliseconds::new(1.0 / 3.0);
        assert_eq!(third.of(5), 5.0 * (1.0 / 3.0));
    }
}
