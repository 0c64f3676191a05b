//! The shape of a neuron: points of an SWC file, branches, compartments, regions.

pub mod branches;
pub mod compartments;
pub mod region;
pub mod swc;

pub use branches::{Branch, Morphology, Soma};
pub use compartments::{Compartments, Division};
pub use region::{Location, Region};
