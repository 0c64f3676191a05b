//! Against references of others: traces of peers, surrogates of peers, finite differences.

mod bind;
mod case;
mod derivatives;
mod generated;
mod one_neuron;
mod peers;
mod surrogates;
mod timing;
mod traces;
