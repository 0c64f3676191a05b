//! How values, weights and rows lie in memory, and turning one layout into another.

pub mod aligned;
pub mod panel_row;
pub mod panels;
pub mod row;
pub mod transpose;
pub mod weights;
