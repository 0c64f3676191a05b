//! Reference vectors of independent implementations (`__test__/fixtures/vectors`), run from their
//! side-cars alone.

mod encoders;
mod losses;
mod operations;
mod side_car;
