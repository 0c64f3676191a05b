//! A piecewise linear function of time.

/// Two points a piece, ready to plot: a jump stands at one time twice.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Profile {
    pub x: Vec<f64>,
    pub y: Vec<f64>,
}

impl Profile {
    pub fn push(&mut self, from: f64, to: f64, at_from: f64, at_to: f64) {
        self.x.extend([from, to]);
        self.y.extend([at_from, at_to]);
    }
}
