//! Layered networks whole, against references, definitions and differences. One program, since the executor
//! is compiled anew for each.

mod chunks;
mod constant_input;
mod dense_maps;
mod feeds;
mod fusions;
mod gradients;
mod many_panels;
mod over_time;
mod parallel_memory;
mod sparse_gradients;
mod vectors;
