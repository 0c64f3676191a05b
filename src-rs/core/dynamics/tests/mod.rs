//! Against references of others: traces of peers, surrogates of peers, finite differences.

mod bind;
pub(crate) mod case;
mod derivatives;
mod generated;
mod peers;
mod surrogates;
mod timing;
mod traces;
