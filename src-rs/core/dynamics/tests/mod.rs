//! Against references of others: traces of peers, surrogates of peers, finite differences.

mod bind;
mod closed_forms;
mod custom;
mod derivatives;
mod integrators;
mod one_neuron;
mod peers;
mod rwkv;
mod solver;
mod surrogates;
mod timing;
mod traces;
