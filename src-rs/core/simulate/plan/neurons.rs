//! Neurons bound to their parameters, with values derived once. Rows of a sweep whose neurons have the same parameters
//! share them, because binding a model and finding its kernels takes longer than simulating some networks.

use super::slow_states::is_wide;
use crate::representation::precision::Kernels;
use crate::representation::precision::Precision;
use lapicque_base::error::Result;
use lapicque_base::simd::SimdLevel;
use lapicque_dynamics::Bound;
use lapicque_expr::Kernel;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

pub struct Neurons {
    bound: Bound,
    /// Coefficients, if all neurons are equal. Otherwise they are as long as the population and not kept.
    coefs: OnceLock<Vec<Vec<f64>>>,
    is_wide: OnceLock<bool>,
    pub(crate) kernels: Kernels,
}

impl Neurons {
    pub fn new(bound: Bound) -> Self {
        let (coefs, is_wide) = (OnceLock::new(), OnceLock::new());
        Neurons { bound, coefs, is_wide, kernels: Kernels::default() }
    }

    /// Whether all neurons have the same parameters.
    fn are_alike(&self) -> bool {
        self.bound.params.iter().all(|param| param.values.len() == 1)
    }

    /// The coefficients, if all neurons are equal.
    pub fn same_coefs(&self) -> Option<&[Vec<f64>]> {
        let derive = || self.bound.derived();
        self.are_alike().then(|| &self.coefs.get_or_init(derive)[..])
    }

    /// [`is_wide`] for these coefficients, which must be those of the neurons.
    pub fn is_wide<F: Precision>(&self, coefs: &[Vec<f64>]) -> bool {
        if size_of::<F>() == size_of::<f64>() || self.same_coefs() != Some(coefs) {
            return is_wide::<F>(&self.bound, coefs);
        }
        *self.is_wide.get_or_init(|| is_wide::<F>(&self.bound, coefs))
    }

    pub fn kernel<F: Precision>(&self, level: SimdLevel) -> Arc<Kernel<F>> {
        let make = || Arc::new(Kernel::new(&self.bound.forward, level));
        match F::kernel_of(&self.kernels).get_or_init(|| (level, make())) {
            (of, kernel) if *of == level => Arc::clone(kernel),
            _ => make(),
        }
    }
}

impl Deref for Neurons {
    type Target = Bound;

    fn deref(&self) -> &Bound {
        &self.bound
    }
}

impl std::fmt::Debug for Neurons {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        self.bound.fmt(f)
    }
}

/// The provider of a plan's neurons: the population's number, and a function that binds them if they are not cached.
pub(crate) type Bindings<'a> =
    &'a dyn Fn(usize, &crate::spec::description::PopulationSpec, f64) -> Result<Arc<Neurons>>;

/// Binds the neurons of a population's description.
///
/// # Errors
/// Those of the neurons' parameters.
pub(crate) fn bind(spec: &crate::spec::description::PopulationSpec, dt: f64) -> Result<Arc<Neurons>> {
    Bound::with_lists(&spec.neuron, spec.params.clone(), spec.size, dt)
        .map(|bound| Arc::new(Neurons::new(bound)))
}
