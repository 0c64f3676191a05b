//! The generic functions of this crate that other crates call, instantiated for both precisions.
//!
//! The compiler emits a generic function in the crate that names its types, so by default `train` would compile the executor again. It reuses
//! code of this crate for functions that are `#[inline(never)]` and instantiated here (decision 20). A new function that `train` calls needs both.

use crate::network::compiled::Network;
use crate::network::state::NetworkState;
use crate::online::Online;
use crate::pass::Pass;
use crate::session::Session;
use crate::sessions::streaming::Streaming;
use lapicque_projection::Element;

/// Never called: it only refers to the functions.
#[doc(hidden)]
#[inline(never)]
pub fn instances() -> [Vec<*const ()>; 2] {
    [of::<f32>(), of::<f64>()]
}

fn of<F: Element>() -> Vec<*const ()> {
    vec![
        Network::<F>::new as *const (),
        Network::<F>::derive_coefficients as *const (),
        Network::<F>::current_description as *const (),
        Network::<F>::snapshot as *const (),
        Network::<F>::has_parameters_of as *const (),
        Network::<F>::weights_sha256 as *const (),
        Network::<F>::run as *const (),
        Network::<F>::operations as *const (),
        NetworkState::<F>::rest as *const (),
        NetworkState::<F>::check as *const (),
        Pass::<F>::forward as *const (),
        Pass::<F>::backward as *const (),
        Pass::<F>::save_state as *const (),
        Online::<F>::check as *const (),
        Online::<F>::new as *const (),
        Online::<F>::block as *const (),
        Online::<F>::add_gradients as *const (),
        Streaming::<F>::new as *const (),
        Session::<F>::new as *const (),
    ]
}
