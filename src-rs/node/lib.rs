//! The Node binding: handles, tasks off the event loop, errors as objects. No mathematics.
//!
//! Every function goes through `boundary::sync` or `task::spawn`: a panic or an error of the engine reaches JavaScript
//! as an object, and the process continues.

// Only the addon's registration uses the exports, so a test build reports them as unused.
#![cfg_attr(test, allow(dead_code))]

mod analysis;
mod arrays;
mod boundary;
mod bytes;
mod codes;
mod compile;
mod engine;
mod environment;
mod event_pipeline;
mod event_reader;
mod event_sensor;
mod event_writer;
mod fault;
mod handle;
mod hdf5;
mod hdf5_types;
mod hdf5_writer;
mod input;
mod integer;
mod journal;
mod layers;
mod legendre;
mod machine;
mod many;
mod model;
mod model_file;
mod model_passes;
mod model_tensors;
mod model_training;
mod moments;
mod morphology;
mod network_arrays;
mod neuron;
mod numbers;
mod observer;
mod operations;
mod plasticity;
mod probe;
mod reals;
mod saved_simulation;
mod search;
mod session;
mod simulation;
mod simulation_estimate;
mod simulation_inputs;
mod state;
mod step;
mod task;
mod tensors;
mod traced;
