//! Neurons bound to their parameters, with values derived once. Rows of a sweep whose neurons have the same parameters
//! share them, because binding a model and finding its kernels takes longer than simulating some networks.

use super::slow_approach::{ConstantDrive, Programs};
use super::slow_states::is_slow;
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
    /// Whether a state is slow, if all neurons are equal.
    is_slow: OnceLock<bool>,
    programs: OnceLock<Programs>,
    pub(crate) kernels: Kernels,
}

impl Neurons {
    pub fn new(bound: Bound) -> Self {
        let (coefs, is_slow, programs) = (OnceLock::new(), OnceLock::new(), OnceLock::new());
        Neurons { bound, coefs, is_slow, programs, kernels: Kernels::default() }
    }

    /// Whether all neurons have the same parameters.
    pub(crate) fn are_alike(&self) -> bool {
        self.bound.params.iter().all(|param| param.values.len() == 1)
    }

    /// The coefficients, if all neurons are equal.
    pub fn same_coefs(&self) -> Option<&[Vec<f64>]> {
        let derive = || self.bound.derived();
        self.are_alike().then(|| &self.coefs.get_or_init(derive)[..])
    }

    /// Whether single precision would lose changes of these neurons per step, or change their intervals under one of these
    /// drives. `coefs` must be those of the neurons.
    pub fn need_double(&self, coefs: &[Vec<f64>], drives: &[ConstantDrive]) -> bool {
        let programs = self.programs.get_or_init(|| Programs::new(&self.bound));
        let is_slow = || is_slow(&self.bound, coefs, programs);
        let is_slow =
            if self.same_coefs() == Some(coefs) { *self.is_slow.get_or_init(is_slow) } else { is_slow() };
        is_slow || programs.lose_time(&self.bound, coefs, drives)
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
