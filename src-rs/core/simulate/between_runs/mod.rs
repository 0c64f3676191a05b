//! Reading, setting, saving and restoring a simulation between two runs.

pub mod changes;
pub mod parameters;
pub mod read_back;
pub mod restored_means;
pub mod save;
pub mod saved_cells;
pub mod saved_rates;
pub mod saved_structure;
pub mod saved_synapses;
pub mod set_synapses;
pub mod set_trains;
pub mod set_weights;
pub mod state;
