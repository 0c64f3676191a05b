//! Comparisons with references: traces and surrogates of other libraries, finite differences.

mod bind;
mod closed_forms;
mod custom;
mod defaults;
mod derivatives;
mod finite_differences;
mod integrators;
mod learned_parameters;
mod one_neuron;
mod peers;
mod probe;
mod rolled;
mod rwkv;
mod solver;
mod surrogates;
mod timing;
mod traces;
