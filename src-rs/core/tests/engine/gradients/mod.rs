//! Gradients against differences, of every neuron and of every layer, in double precision.

mod differences;
mod layers;
mod loops;
