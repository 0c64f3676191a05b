//! Compilation of a description to a network: the plan, its kernels, and parameters with their initial values.

use crate::network::compiled::{Layer, Network, ProjectionSlots};
use crate::network::map_state::{MapState, map_state};
use crate::plan::kernels::{MapKernel, kernels};
use crate::plan::layouts::{layouts, owners_of_weights, weight_bytes};
use crate::storage::buffers::Buffers;
use crate::storage::parameter::{Allowed, Layout, Parameter};
use lapicque_base::error::{Error, Result, try_vec};
use lapicque_base::limits::Limits;
use lapicque_base::memory;
use lapicque_base::rng::Rng;
use lapicque_base::simd::SimdLevel;
use lapicque_expr::Kernel;
use lapicque_graph::init::Initializer;
use lapicque_graph::{Description, LayerPlan, MapPlan, NodeSpec, Plan, ProjectionPlan};
use lapicque_projection::Element;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// Random streams from this number on are used for initial delays.
const DELAY_STREAMS: u64 = 1 << 61;

/// The initial values of a network's weights.
#[derive(Clone, Copy)]
enum Initial<'a> {
    Sampled,
    Zero,
    /// As `Zero`; all tensors will be set from a file.
    FileTensors(FileTensors<'a>),
}

/// The tensors of a file from which a network's parameters will be set.
#[derive(Clone, Copy)]
pub struct FileTensors<'a> {
    /// By name.
    pub shapes: &'a HashMap<String, Vec<usize>>,
    /// The memory limits of the network.
    pub limits: Limits,
    /// Size of the file in bytes.
    pub file_bytes: u64,
}

impl Initial<'_> {
    /// Checks a parameter against the file that will set it, if there is one.
    fn check(&self, name: &str, layout: Layout) -> Result<()> {
        match self {
            Initial::FileTensors(tensors) => tensors.check(name, layout),
            Initial::Sampled | Initial::Zero => Ok(()),
        }
    }
}

impl FileTensors<'_> {
    fn check(&self, name: &str, layout: Layout) -> Result<()> {
        let malformed =
            |reason| Err(Error::MalformedFile { format: "lapicque model".into(), offset: 0, reason });
        let expected = layout.shape();
        match self.shapes.get(name) {
            None => malformed(format!("the tensor {name} is missing")),
            Some(found) if *found != expected => {
                malformed(format!("the tensor {name} has the shape {found:?}, not {expected:?}"))
            }
            Some(_) => Ok(()),
        }
    }
}

impl<F: Element> Network<F> {
    /// With weights drawn as the description states.
    pub fn new(description: &Description, level: SimdLevel) -> Result<Self> {
        Self::compile(description, level, Initial::Sampled)
    }

    /// With weights of 0 until they are set: drawing takes longer than reading them from a file.
    pub fn unset(description: &Description, level: SimdLevel) -> Result<Self> {
        Self::compile(description, level, Initial::Zero)
    }

    /// The same for parameters that are set from a file. Errors, before memory is allocated: `malformed-file` for a
    /// tensor that is missing or has another shape, `too-large`.
    pub fn for_tensors(description: &Description, level: SimdLevel, tensors: FileTensors) -> Result<Self> {
        Self::compile(description, level, Initial::FileTensors(tensors))
    }

    #[inline(never)]
    fn compile(description: &Description, level: SimdLevel, initial_weights: Initial) -> Result<Self> {
        let plan = Arc::new(Plan::new(description)?);
        let owners = owners_of_weights(&plan, description)?;
        check_memory::<F>(&plan, &owners, initial_weights)?;
        let mut parameters = Parameters { initial: initial_weights, seed: description.seed, list: vec![] };
        let mut slots = Vec::new();
        for (j, projection) in plan.projections.iter().enumerate() {
            let own = match owners[j] {
                Some(owner) => slots[owner],
                None => parameters.add_projection(projection, j as u64)?,
            };
            slots.push(own);
        }
        let mut layers = Vec::new();
        for layer in &plan.layers {
            layers.push(Layer {
                learned: parameters.add_learned(layer)?,
                forward: Kernel::new(&layer.bound.forward, level),
                adjoint: Kernel::new(&layer.bound.adjoint, level),
                active: layer.bound.active.as_ref().map(|active| Kernel::new(active, level)),
                coefs: Vec::new(),
                starts: Vec::new(),
            });
        }
        let MapState { running, fixed, lambdas, draws } =
            map_state(&plan, |name, layout, value, allowed| {
                parameters.add_buffer(name, layout, value, allowed)
            })?;
        let registered = |map: &MapPlan| map.registered.as_ref().and_then(lapicque_operations::kernels::<F>);
        let mut network = Network {
            description: resolved(description, &plan),
            level,
            parameters: parameters.list,
            layers,
            slots,
            maps: plan.maps.iter().map(|map| MapKernel::new(&plan, map)).collect(),
            registered: plan.maps.iter().map(registered).collect(),
            feedback: kernels(&plan),
            running,
            fixed,
            lambdas,
            draws,
            buffers: Buffers::default(),
            ran_in: Mutex::default(),
            weight_parts: Buffers::default(),
            plan,
        };
        network.derive_coefficients();
        Ok(network)
    }
}

/// Checks that the weights fit into memory. The tensors of a file are checked first, so that an error names a wrong
/// shape rather than its size.
fn check_memory<F: Element>(plan: &Plan, owners: &[Option<usize>], initial: Initial) -> Result<()> {
    let (needed, largest) = weight_bytes(plan, size_of::<F>() as u64);
    if let Initial::FileTensors(tensors) = initial {
        for (projection, _) in plan.projections.iter().zip(owners).filter(|(_, owner)| owner.is_none()) {
            let (layout, bias) = layouts(projection);
            tensors.check(&format!("{}.weight", projection.name), layout)?;
            if projection.bias {
                tensors.check(&format!("{}.bias", projection.name), bias)?;
            }
        }
        tensors.limits.check("the network's weights", needed, tensors.file_bytes)?;
    }
    memory::check("the network's weights", needed.saturating_add(largest))
}

/// The description with all defaults of neurons written out.
fn resolved(description: &Description, plan: &Plan) -> Description {
    let mut resolved = description.clone();
    for node in &mut resolved.nodes {
        if let NodeSpec::Dynamics { name, dynamics, .. } = node
            && let Some(layer) = plan.layers.iter().find(|l| l.name == *name)
        {
            *dynamics = layer.bound.resolved();
        }
    }
    resolved
}

/// The parameters added so far, each with its initial values.
struct Parameters<'a, F: Element> {
    initial: Initial<'a>,
    seed: u64,
    list: Vec<Parameter<F>>,
}

impl<F: Element> Parameters<'_, F> {
    /// Adds weights, biases and delays of the projection with this number.
    fn add_projection(&mut self, projection: &ProjectionPlan, number: u64) -> Result<ProjectionSlots> {
        let (layout, bias_layout) = layouts(projection);
        let stream = 2 * number;
        let mut add = |tensor: &str, layout: Layout, trainable: bool, initial: &Initializer, stream: u64| {
            let name = format!("{}.{tensor}", projection.name);
            let allowed = match &projection.delay {
                Some(delay) if tensor == "delay" => Allowed::Delay { max: delay.max },
                _ => Allowed::Any,
            };
            self.initial.check(&name, layout)?;
            self.list.push(match self.initial {
                Initial::Zero | Initial::FileTensors(_) => {
                    Parameter { allowed, ..Parameter::new(name, layout, trainable)? }
                }
                Initial::Sampled => {
                    let mut values = try_vec(&name, layout.public_len(), F::ZERO)?;
                    let owner = if tensor == "delay" { &name } else { &projection.name };
                    initial
                        .fill(&mut values, projection.fan, Rng::new(self.seed, stream))
                        .map_err(|e| named(owner, e))?;
                    if let Allowed::Delay { max } = allowed
                        && initial.is_unbounded()
                    {
                        values
                            .iter_mut()
                            .for_each(|delay| *delay = F::from_f64(delay.to_f64().clamp(0.0, max)));
                    }
                    filled(name, layout, trainable, allowed, &values)?
                }
            });
            Ok::<_, Error>(self.list.len() - 1)
        };
        let weight = add("weight", layout, projection.trainable, &projection.initial, stream)?;
        let bias = match projection.bias {
            true => {
                let initial = &projection.initial_bias;
                Some(add("bias", bias_layout, projection.trainable, initial, stream + 1)?)
            }
            false => None,
        };
        let delay = match &projection.delay {
            None => None,
            Some(delay) => {
                Some(add("delay", layout, delay.trainable, &delay.initial, DELAY_STREAMS + stream)?)
            }
        };
        if !projection.autapses {
            let parameter = &mut self.list[weight];
            parameter.allowed = Allowed::NoAutapses;
            let mut data = std::mem::take(&mut parameter.data);
            parameter.zero_autapses(&mut data);
            parameter.data = data;
        }
        Ok(ProjectionSlots { weight, bias, delay })
    }

    /// Adds the learned parameters of a population's neurons, see [`Layer::learned`].
    fn add_learned(&mut self, layer: &LayerPlan) -> Result<Vec<(usize, usize)>> {
        layer.bound.check_representable::<F>(&layer.bound.derived()).map_err(|e| named(&layer.name, e))?;
        let mut learned = Vec::new();
        for (i, param) in layer.bound.params.iter().enumerate().filter(|(_, p)| p.learn) {
            learned.push((i, self.list.len()));
            let layout = Layout::Plain { len: param.values.len() / param.shared };
            let name = format!("{}.{}", layer.name, param.name);
            self.initial.check(&name, layout)?;
            let own = param.values.iter().step_by(param.shared);
            let values: Vec<F> = own.map(|&x| F::from_f64(x)).collect();
            self.list.push(filled(name, layout, true, Allowed::Any, &values)?);
        }
        Ok(learned)
    }

    /// Adds a parameter without a gradient; all its values are the same at first.
    fn add_buffer(&mut self, name: String, layout: Layout, value: f64, allowed: Allowed) -> Result<usize> {
        self.initial.check(&name, layout)?;
        let values = vec![F::from_f64(value); layout.public_len()];
        self.list.push(filled(name, layout, false, allowed, &values)?);
        Ok(self.list.len() - 1)
    }
}

fn filled<F: Element>(
    name: String,
    layout: Layout,
    trainable: bool,
    allowed: Allowed,
    values: &[F],
) -> Result<Parameter<F>> {
    let mut parameter = Parameter { allowed, ..Parameter::new(name, layout, trainable)? };
    parameter.set(values)?;
    Ok(parameter)
}

/// Prefixes the name of the parameter in an error with that of its layer.
fn named(layer: &str, error: Error) -> Error {
    match error {
        Error::InvalidParameter { name, value, expected } => {
            Error::InvalidParameter { name: format!("{layer}.{name}"), value, expected }
        }
        other => other,
    }
}
