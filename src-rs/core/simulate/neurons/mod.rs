//! One step of the neurons of a partition: input currents and noise, state update, spikes.

pub mod build_part;
pub mod cells;
pub mod compacted;
pub mod double_step;
pub mod drive;
pub mod firing_rates;
pub mod generated_step;
pub mod junctions;
pub mod part;
pub mod poisson_blocks;
pub mod poisson_per_neuron;
pub mod presampled_poisson;
pub mod sub_steps;
pub mod tile_step;
pub mod together;
