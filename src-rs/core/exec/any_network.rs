//! A network whose precision its description states.

use crate::network::compile::FileTensors;
use crate::network::compiled::Network;
use lapicque_base::error::Result;
use lapicque_base::simd::SimdLevel;
use lapicque_base::{Precision, any_precision, by_precision};
use lapicque_graph::{Description, Plan};
use std::sync::Arc;

any_precision! {
    /// A [`Network`] in either precision. Methods are documented there.
    pub enum AnyNetwork of Network
}

/// What is known of a parameter besides its values.
pub struct ParameterInfo {
    pub name: String,
    /// Of the public layout.
    pub shape: Vec<usize>,
    /// Number of elements as stored.
    pub stored: u64,
    pub trainable: bool,
}

impl AnyNetwork {
    pub fn new(description: &Description, level: SimdLevel) -> Result<Self> {
        Ok(match description.precision {
            Precision::F32 => Self::Single(Network::new(description, level)?),
            Precision::F64 => Self::Double(Network::new(description, level)?),
        })
    }

    pub fn unset(description: &Description, level: SimdLevel) -> Result<Self> {
        Ok(match description.precision {
            Precision::F32 => Self::Single(Network::unset(description, level)?),
            Precision::F64 => Self::Double(Network::unset(description, level)?),
        })
    }

    pub fn for_tensors(description: &Description, level: SimdLevel, tensors: FileTensors) -> Result<Self> {
        Ok(match description.precision {
            Precision::F32 => Self::Single(Network::for_tensors(description, level, tensors)?),
            Precision::F64 => Self::Double(Network::for_tensors(description, level, tensors)?),
        })
    }

    /// With every default written out.
    pub fn description(&self) -> &Description {
        by_precision!(self, n => &n.description)
    }

    pub fn plan(&self) -> &Arc<Plan> {
        by_precision!(self, n => &n.plan)
    }

    pub fn parameters(&self) -> Vec<ParameterInfo> {
        by_precision!(self, n => n.parameters.iter().map(|p| ParameterInfo {
            name: p.name.clone(),
            shape: p.layout.shape(),
            stored: p.data.len() as u64,
            trainable: p.trainable,
        }).collect())
    }

    pub fn parameter_count(&self) -> usize {
        by_precision!(self, n => n.parameter_count())
    }

    pub fn is_native(&self, layer: usize) -> bool {
        by_precision!(self, n => n.is_native(layer))
    }

    pub fn recordable(&self) -> Vec<String> {
        by_precision!(self, n => n.recordable())
    }
}
