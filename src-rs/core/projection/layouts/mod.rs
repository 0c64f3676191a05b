//! Memory layouts of values, weights and rows, and conversions between layouts.

pub mod aligned;
pub mod panel_row;
pub mod panels;
pub mod row;
pub mod transpose;
pub mod weights;
