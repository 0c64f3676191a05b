//! The cable equation: implicit steps of a forest of nodes with mechanisms, clamps, synapses and gap junctions.

mod adjoint;
mod checkpoint;
mod clamp;
mod description;
mod elimination;
mod gradient;
mod model;
mod network;
mod placed;
mod population;
mod record;
mod simulation;
mod synapse;
mod tile;

pub use clamp::{CurrentClamp, VoltageClamp};
pub use description::{Description, Estimate, TermDescription};
pub use gradient::{Differentiated, Gradient, Kind, Term};
pub use model::{Gap, Ion, Model, Painted, Passive};
pub use network::{Connection, Detector, Spike};
pub use population::{CellModel, Cells, PopulationDescription, Target, VOLTAGE};
pub use record::{Quantity, Record};
pub use simulation::{Delivery, Inputs, Run, Settings, Simulation};
pub use synapse::{Kinetics, Slope, Synapse};
