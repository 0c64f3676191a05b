//! The shape of a neuron: points of an SWC file, branches, compartments, regions.

pub mod arrays;
pub mod branches;
pub mod compartments;
pub mod region;
pub mod swc;

pub use arrays::Arrays;
pub use branches::{Branch, Morphology, Soma};
pub use compartments::{Compartments, Division};
pub use region::{Location, Region};
