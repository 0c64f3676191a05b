//! Neurons bound to their parameters, with values derived once. Rows of a sweep whose neurons have the same parameters
//! share them, because binding a model and finding its kernels takes longer than simulating some networks.

use super::slow_approach::{ConstantDrive, Programs};
use super::slow_states::is_slow;
use crate::representation::precision::Kernels;
use crate::representation::precision::Precision;
use lapicque_base::error::{Error, Result};
use lapicque_base::simd::SimdLevel;
use lapicque_dynamics::Bound;
use lapicque_dynamics::definition::Sign;
use lapicque_expr::Kernel;
use lapicque_morphology::cable::{CellModel, PopulationDescription, Target};
use serde::Deserialize;
use serde_json::Value;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

pub struct Neurons {
    bound: Bound,
    /// Coefficients, if all neurons are equal. Otherwise they are as long as the population and not kept.
    coefs: OnceLock<Vec<Vec<f64>>>,
    /// Whether a state is slow, if all neurons are equal.
    is_slow: OnceLock<bool>,
    programs: OnceLock<Programs>,
    /// Whether single precision loses time, and the drives for which it was found: the first ones, if all neurons are equal.
    loses_time: OnceLock<(Vec<ConstantDrive>, bool)>,
    cells: Option<CellNeurons>,
    pub(crate) kernels: Kernels,
}

impl Neurons {
    pub fn new(bound: Bound) -> Self {
        let (coefs, is_slow, programs) = (OnceLock::new(), OnceLock::new(), OnceLock::new());
        let (loses_time, kernels) = (OnceLock::new(), Kernels::default());
        Neurons { bound, coefs, is_slow, programs, loses_time, cells: None, kernels }
    }

    /// Cells with morphologies; each place of a target is a port.
    ///
    /// # Errors
    /// Those of [`CellModel::new`].
    fn of_cells(given: &Value, size: usize, dt: f64) -> Result<Self> {
        let description = PopulationDescription::deserialize(given)
            .map_err(|e| Error::invalid("cell", "a description of another form", e.to_string()))?;
        let model = CellModel::new(&description, size, dt, SimdLevel::detect())?;
        let ports = |target: &Target| {
            let sign = if target.synapse.is_some() { Sign::Conductance } else { Sign::Any };
            let name = target.name.clone();
            let place = move |i| (if i == 0 { name.clone() } else { format!("{name}[{i}]") }, sign);
            (0..target.nodes.len()).map(place)
        };
        let ports: Vec<(String, Sign)> = model.targets().iter().flat_map(ports).collect();
        let ports: Vec<(&str, Sign)> = ports.iter().map(|(name, sign)| (&name[..], *sign)).collect();
        let bound = Bound::computed_elsewhere(CELLS, &model.variables()?, &ports, size, dt)?;
        Ok(Neurons {
            cells: Some(CellNeurons { description, size, model: Arc::new(model) }),
            ..Self::new(bound)
        })
    }

    /// What cells with morphologies share; `None` for other neurons.
    pub fn cells(&self) -> Option<&CellModel> {
        self.cells.as_ref().map(|cells| &*cells.model)
    }

    /// The same, compiled for a level.
    ///
    /// # Errors
    /// Those of [`CellModel::new`].
    pub fn cells_at(&self, level: SimdLevel) -> Result<Option<Arc<CellModel>>> {
        let Some(CellNeurons { description, size, model }) = &self.cells else { return Ok(None) };
        if level == SimdLevel::detect() {
            return Ok(Some(Arc::clone(model)));
        }
        CellModel::new(description, *size, self.bound.dt(), level).map(|model| Some(Arc::new(model)))
    }

    /// Refuses what neurons with morphologies cannot do.
    ///
    /// # Errors
    /// `unsupported` with `feature`.
    pub fn refuse_cells(&self, feature: impl FnOnce() -> String) -> Result<()> {
        match self.cells {
            None => Ok(()),
            Some(_) => Err(Error::Unsupported {
                feature: feature(),
                format: "a population of cells with morphologies".into(),
            }),
        }
    }

    /// As [`Bound::check_port`]; cells read all their ports.
    ///
    /// # Errors
    /// Those of [`Bound::check_port`].
    pub fn check_port(&self, population: &str, port: usize) -> Result<()> {
        if self.cells.is_some() { Ok(()) } else { self.bound.check_port(population, port) }
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
        let loses_time = || programs.lose_time(&self.bound, coefs, drives);
        if self.same_coefs() != Some(coefs) {
            return is_slow() || loses_time();
        }
        if *self.is_slow.get_or_init(is_slow) {
            return true;
        }
        match self.loses_time.get_or_init(|| (drives.to_vec(), loses_time())) {
            (of, loses) if of[..] == *drives => *loses,
            _ => loses_time(),
        }
    }

    pub fn kernel<F: Precision>(&self, level: SimdLevel) -> Arc<Kernel<F>> {
        let make = || Arc::new(Kernel::new(&self.bound.forward, level));
        match F::kernel_of(&self.kernels).get_or_init(|| (level, make())) {
            (of, kernel) if *of == level => Arc::clone(kernel),
            _ => make(),
        }
    }
}

/// The model of a description's neurons that are cells with morphologies.
const CELLS: &str = "cells";

struct CellNeurons {
    description: PopulationDescription,
    size: usize,
    model: Arc<CellModel>,
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
    if spec.neuron.get("model").and_then(Value::as_str) == Some(CELLS) {
        let cell = spec.neuron.get("cell").unwrap_or(&Value::Null);
        return Neurons::of_cells(cell, spec.size, dt).map(Arc::new);
    }
    Bound::with_lists(&spec.neuron, spec.params.clone(), spec.size, dt)
        .map(|bound| Arc::new(Neurons::new(bound)))
}
