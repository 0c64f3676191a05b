//! A compiled network: the plan, the kernels of its neurons and all its parameters.

use crate::plan::estimate::{Estimate, Workload, estimate};
use crate::plan::kernels::MapKernel;
use crate::plan::kernels::{Kernels, kernels};
use crate::storage::buffers::Buffers;
use crate::storage::parameter::{Allowed, Layout, Parameter};
use crate::tape::workspace::Workspace;
use lapicque_base::error::{Error, Result, try_vec};
use lapicque_base::instantiated;
use lapicque_base::limits::Limits;
use lapicque_base::memory;
use lapicque_base::rng::Rng;
use lapicque_base::simd::SimdLevel;
use lapicque_dynamics::{Bound, BoundParam};
use lapicque_expr::Kernel;
use lapicque_graph::init::{Fan, Initialiser};
use lapicque_graph::{
    BatchNorm, Description, FixedNorm, MapPlan, Mixture, NodeSpec, OperationKind, Plan, ProjectionKind,
    ProjectionPlan, Temporal,
};
use lapicque_operations::Kernels as OperationKernels;
use lapicque_projection::functions;
use lapicque_projection::{Element, PANEL, panels};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// Streams of random numbers from here on are those of initial delays.
const DELAY_STREAMS: u64 = 1 << 61;

/// Where a projection's tensors are in [`Network::parameters`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct ProjectionSlots {
    pub weight: usize,
    pub bias: Option<usize>,
    /// The delay of each synapse, in the layout of the weights.
    pub delay: Option<usize>,
}

/// What one population needs while it runs.
pub(crate) struct Layer<F: Element> {
    pub forward: Kernel<F>,
    pub adjoint: Kernel<F>,
    /// Where the adjoint reads the gradient with respect to the spike, as spikes; of surrogates whose derivative vanishes.
    pub active: Option<Kernel<F>>,
    /// Coefficients in slot order: one value, or one a neuron padded to whole panels.
    pub coefs: Vec<Vec<F>>,
    /// `(index in bound.params, index in parameters)` of what is learned.
    pub learned: Vec<(usize, usize)>,
}

/// What a network's weights are before any are set.
#[derive(Clone, Copy)]
enum Initial<'a> {
    Drawn,
    Zero,
    /// As `Zero`, where a file has all tensors.
    Given(Given<'a>),
}

/// The tensors of a file from which a network's parameters will be set.
#[derive(Clone, Copy)]
pub struct Given<'a> {
    /// By name.
    pub shapes: &'a HashMap<String, Vec<usize>>,
    /// What the network may take.
    pub limits: Limits,
    /// Bytes of the file.
    pub held: u64,
}

impl Given<'_> {
    fn check(&self, name: &str, layout: Layout) -> Result<()> {
        let malformed =
            |reason| Err(Error::MalformedFile { format: "lapicque model".into(), offset: 0, reason });
        let wanted = layout.shape();
        match self.shapes.get(name) {
            None => malformed(format!("the tensor {name} is missing")),
            Some(found) if *found != wanted => {
                malformed(format!("the tensor {name} has the shape {found:?}, not {wanted:?}"))
            }
            Some(_) => Ok(()),
        }
    }
}

pub struct Network<F: Element> {
    /// With every default written out.
    pub description: Description,
    pub plan: Arc<Plan>,
    pub level: SimdLevel,
    /// Projections in the order of the description, then the learned parameters of neurons.
    pub parameters: Vec<Parameter<F>>,
    pub(crate) layers: Vec<Layer<F>>,
    pub(crate) slots: Vec<ProjectionSlots>,
    /// What each map needs beside its weights.
    pub(crate) maps: Vec<MapKernel>,
    /// The kernels of each map that is a registered operation.
    pub(crate) registered: Vec<Option<Arc<dyn OperationKernels<F>>>>,
    /// Kernels of the projections that are convolutions within a loop.
    pub(crate) feedback: Vec<Kernels>,
    /// Running mean and variance of each map that is a batch norm.
    pub running: Vec<Option<[usize; 2]>>,
    /// Of each map whether it is a batch norm that normalises by its running averages in training, too, and leaves them.
    pub fixed: Vec<bool>,
    /// Of each map that mixes a masked sequence how much of its mask holds, where that may change: one number.
    pub lambdas: Vec<Option<usize>>,
    /// Batches for which units were dropped, where some are: one number.
    pub draws: Option<usize>,
    /// Of the tasks that are at work.
    pub(crate) buffers: Buffers<F>,
    /// What the last run computed in, for the next one, if that is not too much, and its bytes: pages that are new have to be cleared first, on one
    /// thread.
    pub(crate) ran_in: Mutex<Option<(u64, Workspace<F>)>>,
    /// Apart from those, since it is larger than any of them: all parts of one convolution's weights' gradient.
    pub(crate) weight_parts: Buffers<F>,
}

impl<F: Element> Network<F> {
    /// With weights drawn as the description says.
    pub fn new(description: &Description, level: SimdLevel) -> Result<Self> {
        Self::compile(description, level, Initial::Drawn)
    }

    /// With weights of 0 until they are set: drawing takes longer than reading them from a file.
    pub fn unset(description: &Description, level: SimdLevel) -> Result<Self> {
        Self::compile(description, level, Initial::Zero)
    }

    /// The same for parameters that a file has. Errors, before their memory is taken: `malformed-file` for a tensor that
    /// is missing or of another shape, `too-large`.
    pub fn for_tensors(description: &Description, level: SimdLevel, given: Given) -> Result<Self> {
        Self::compile(description, level, Initial::Given(given))
    }

    fn compile(description: &Description, level: SimdLevel, initial_weights: Initial) -> Result<Self> {
        instantiated!(functions, 'a => Network::compile_generic as (
            description: &'a Description = description,
            level: SimdLevel = level,
            initial_weights: Initial<'a> = initial_weights,
        ) -> Result<Network<F>>)
    }

    fn compile_generic(
        description: &Description,
        level: SimdLevel,
        initial_weights: Initial,
    ) -> Result<Self> {
        let plan = Arc::new(Plan::new(description)?);
        let owners = owners_of_weights(&plan, description)?;
        let (needed, largest) = weight_bytes(&plan, size_of::<F>() as u64);
        let check = |name: &str, layout: Layout| match initial_weights {
            Initial::Given(given) => given.check(name, layout),
            Initial::Drawn | Initial::Zero => Ok(()),
        };
        if let Initial::Given(given) = initial_weights {
            // A wrong shape is told before what it would take.
            for (projection, _) in plan.projections.iter().zip(&owners).filter(|(_, owner)| owner.is_none()) {
                let (layout, bias, _) = layouts(projection);
                check(&format!("{}.weight", projection.name), layout)?;
                if projection.bias {
                    check(&format!("{}.bias", projection.name), bias)?;
                }
            }
            given.limits.check("the network's weights", needed, given.held)?;
        }
        memory::check("the network's weights", needed.saturating_add(largest))?;
        let mut parameters = Vec::new();
        let mut slots = Vec::new();
        for (stream, projection) in plan.projections.iter().enumerate() {
            if let Some(owner) = owners[stream] {
                slots.push(slots[owner]);
                continue;
            }
            let (layout, bias_layout, fan) = layouts(projection);
            let mut add =
                |tensor: &str, layout: Layout, trainable: bool, initial: &Initialiser, stream: u64| {
                    let name = format!("{}.{tensor}", projection.name);
                    check(&name, layout)?;
                    parameters.push(match initial_weights {
                        Initial::Zero | Initial::Given(_) => Parameter::new(name, layout, trainable)?,
                        Initial::Drawn => {
                            let mut values = try_vec(&name, layout.public_len(), F::ZERO)?;
                            let whose = if tensor == "delay" { &name } else { &projection.name };
                            initial
                                .fill(&mut values, fan, Rng::new(description.seed, stream))
                                .map_err(|e| named(whose, e))?;
                            filled(name, layout, trainable, &values)?
                        }
                    });
                    Ok::<_, Error>(parameters.len() - 1)
                };
            let stream = 2 * stream as u64;
            let weight = add("weight", layout, projection.trainable, &projection.initial, stream)?;
            let bias = match projection.bias {
                true => Some(add(
                    "bias",
                    bias_layout,
                    projection.trainable,
                    &projection.initial_bias,
                    stream + 1,
                )?),
                false => None,
            };
            let delay = match &projection.delay {
                None => None,
                Some(delay) => {
                    Some(add("delay", layout, delay.trainable, &delay.initial, DELAY_STREAMS + stream)?)
                }
            };
            if !projection.autapses {
                let parameter = &mut parameters[weight];
                parameter.allowed = Allowed::NoAutapses;
                let mut data = std::mem::take(&mut parameter.data);
                parameter.hold_autapses(&mut data);
                parameter.data = data;
            }
            slots.push(ProjectionSlots { weight, bias, delay });
        }
        let mut layers = Vec::new();
        for layer in &plan.layers {
            layer.bound.check_held::<F>(&layer.bound.derived()).map_err(|e| named(&layer.name, e))?;
            let mut learned = Vec::new();
            for (i, param) in layer.bound.params.iter().enumerate().filter(|(_, p)| p.learn) {
                learned.push((i, parameters.len()));
                let layout = Layout::Plain { len: param.values.len() / param.shared };
                let name = format!("{}.{}", layer.name, param.name);
                check(&name, layout)?;
                let own = param.values.iter().step_by(param.shared);
                let values: Vec<F> = own.map(|&x| F::from_f64(x)).collect();
                parameters.push(filled(name, layout, true, &values)?);
            }
            layers.push(Layer {
                forward: Kernel::new(&layer.bound.forward, level),
                adjoint: Kernel::new(&layer.bound.adjoint, level),
                active: layer.bound.active.as_ref().map(|active| Kernel::new(active, level)),
                coefs: Vec::new(),
                learned,
            });
        }
        let (maps, MapState { running, lambdas, draws }) = map_state(&plan, &mut parameters, check)?;
        let mut resolved = description.clone();
        for node in &mut resolved.nodes {
            if let NodeSpec::Dynamics { name, dynamics, .. } = node
                && let Some(layer) = plan.layers.iter().find(|l| l.name == *name)
            {
                *dynamics = layer.bound.resolved();
            }
        }
        let feedback = kernels(&plan);
        let of_operation = |map: &MapPlan| map.registered.as_ref().and_then(lapicque_operations::kernels);
        let registered = plan.maps.iter().map(of_operation).collect();
        let fixed = |map: &MapPlan| {
            matches!(map.operation, OperationKind::BatchNorm(BatchNorm { fixed: FixedNorm::Always, .. }))
        };
        let fixed = plan.maps.iter().map(fixed).collect();
        let mut network = Network {
            description: resolved,
            plan,
            level,
            parameters,
            layers,
            slots,
            maps,
            registered,
            feedback,
            running,
            fixed,
            lambdas,
            draws,
            buffers: Buffers::default(),
            ran_in: Mutex::default(),
            weight_parts: Buffers::default(),
        };
        network.derive_coefficients();
        Ok(network)
    }

    /// Which batch norms leave their running averages alone in the passes that follow, besides those that always do: where an optimiser
    /// freezes all that is trained of them, or without that the averages.
    pub fn freeze_norms(&mut self, frozen: &[bool]) {
        for (m, map) in self.plan.maps.iter().enumerate() {
            let OperationKind::BatchNorm(BatchNorm { fixed, .. }) = map.operation else { continue };
            let of = |slot: usize| frozen.get(slot).copied().unwrap_or(false);
            let all = match (map.projection, self.running[m]) {
                (Some(j), _) => of(self.slots[j].weight) && self.slots[j].bias.is_none_or(of),
                (None, Some(running)) => running.into_iter().all(of),
                (None, None) => false,
            };
            self.fixed[m] = match fixed {
                FixedNorm::Always => true,
                FixedNorm::Never => false,
                FixedNorm::IfFrozen => all,
            };
        }
    }

    /// Computes every population's coefficients from its parameters; call after they changed.
    pub fn derive_coefficients(&mut self) {
        instantiated!(functions, 'a => Network::derive_coefficients_generic as (
            network: &'a mut Network<F> = self,
        ) -> ())
    }

    fn derive_coefficients_generic(&mut self) {
        for (layer, plan) in self.layers.iter_mut().zip(&self.plan.layers) {
            if !layer.coefs.is_empty() && layer.learned.is_empty() {
                continue;
            }
            let values = current_values(&plan.bound, &layer.learned, &self.parameters);
            layer.coefs = plan.bound.derive(&values).iter().map(|c| padded(c, plan.neurons)).collect();
        }
    }

    /// SHA-256, in hexadecimal, of all parameters' little-endian bytes in order, public layout.
    pub fn weights_sha256(&self) -> String {
        instantiated!(functions, 'a => Network::weights_sha256_generic as (
            network: &'a Network<F> = self,
        ) -> String)
    }

    fn weights_sha256_generic(&self) -> String {
        let mut digest = Sha256::new();
        for parameter in &self.parameters {
            for value in parameter.values() {
                value.with_bytes(|bytes| digest.update(bytes));
            }
        }
        digest.finalize().iter().map(|b| format!("{b:02x}")).collect()
    }

    /// The weights of one part of a projection, as the kernels take them.
    pub(crate) fn weights(&self, projection: usize, part: usize) -> &[F] {
        let weights = &self.parameters[self.slots[projection].weight].data;
        let each = weights.len() / self.plan.projections[projection].parts;
        &weights[part * each..(part + 1) * each]
    }

    /// The bias of one panel of a part, zeros where there is none.
    pub(crate) fn bias(&self, projection: usize, part: usize, panel: usize) -> &[F] {
        let Some(slot) = self.slots[projection].bias else { return F::ZERO_PANEL };
        let from = part * panels(self.plan.projections[projection].outputs) + panel;
        &self.parameters[slot].data[from * PANEL..(from + 1) * PANEL]
    }

    /// The values of all of a population's parameters, learned ones as they stand now.
    pub(crate) fn dynamics_values(&self, layer: usize) -> Vec<Vec<f64>> {
        current_values(&self.plan.layers[layer].bound, &self.layers[layer].learned, &self.parameters)
    }

    pub fn parameter(&self, name: &str) -> Result<&Parameter<F>> {
        self.parameters.iter().find(|p| p.name == name).ok_or_else(|| self.unknown(name))
    }

    pub fn parameter_mut(&mut self, name: &str) -> Result<&mut Parameter<F>> {
        match self.parameters.iter().position(|p| p.name == name) {
            Some(i) => Ok(&mut self.parameters[i]),
            None => Err(self.unknown(name)),
        }
    }

    fn unknown(&self, name: &str) -> Error {
        Error::unknown("parameter", name, self.parameters.iter().map(|p| &p.name))
    }

    pub fn parameter_count(&self) -> usize {
        self.parameters.iter().filter(|p| p.trainable).map(|p| p.layout.public_len()).sum()
    }

    /// Whether all kernels of a population, forward and backward, are compiled ones.
    pub fn is_native(&self, layer: usize) -> bool {
        self.layers[layer].forward.is_native() && self.layers[layer].adjoint.is_native()
    }

    /// A copy with the parameters as they are now, without gradients and moments.
    pub fn snapshot(&self) -> Result<Network<F>> {
        instantiated!(functions, 'a => Network::snapshot_generic as (
            network: &'a Network<F> = self,
        ) -> Result<Network<F>>)
    }

    fn snapshot_generic(&self) -> Result<Network<F>> {
        let mut copy = Network::unset(&self.description, self.level)?;
        for (to, from) in copy.parameters.iter_mut().zip(&self.parameters) {
            to.data.copy_from_slice(&from.data);
        }
        copy.derive_coefficients();
        Ok(copy)
    }

    /// Whether all parameters of a network of the same description are those of this one, bit for bit.
    pub fn has_parameters_of(&self, other: &Self) -> bool {
        instantiated!(functions, 'a => Network::has_parameters_of_generic as (
            network: &'a Network<F> = self,
            other: &'a Network<F> = other,
        ) -> bool)
    }

    fn has_parameters_of_generic(&self, other: &Self) -> bool {
        let bits = |&x: &F| x.to_f64().to_bits();
        let mut pairs = self.parameters.iter().zip(&other.parameters);
        pairs.all(|(a, b)| a.data.iter().map(bits).eq(b.data.iter().map(bits)))
    }

    /// Bytes that a batch needs beyond its input.
    pub fn estimate(&self, work: &Workload) -> Estimate {
        estimate(&self.plan, &self.plan.map_uses(&[]), self.stored_elements(), work, size_of::<F>() as u64)
    }

    /// Elements of all parameters as they are kept.
    pub fn stored_elements(&self) -> u64 {
        self.parameters.iter().map(|p| p.data.len() as u64).sum()
    }

    /// The description as it stands, with learned parameters at their present values.
    pub fn current_description(&self) -> Description {
        instantiated!(functions, 'a => Network::current_description_generic as (
            network: &'a Network<F> = self,
        ) -> Description)
    }

    fn current_description_generic(&self) -> Description {
        let mut description = self.description.clone();
        for (l, layer) in self.plan.layers.iter().enumerate() {
            let node = description.nodes.iter_mut().find(|n| n.name() == layer.name);
            let Some(NodeSpec::Dynamics { dynamics, .. }) = node else { continue };
            for &(i, parameter) in &self.layers[l].learned {
                let values = values_of(&layer.bound.params[i], &self.parameters[parameter]);
                let value =
                    if values.len() == 1 { serde_json::json!(values[0]) } else { serde_json::json!(values) };
                dynamics["params"][layer.bound.params[i].name] = value;
            }
        }
        description
    }
}

/// For each projection that has the weights of another the number of that one, which comes before it.
fn owners_of_weights(plan: &Plan, description: &Description) -> Result<Vec<Option<usize>>> {
    let shared = &description.shared_weights;
    let names = || plan.projections.iter().map(|projection| &projection.name);
    let find = |name: &String| {
        let unknown = || Error::unknown("layer with weights of sharedWeights", name, names());
        names().position(|known| known == name).ok_or_else(unknown)
    };
    let mut owners = vec![None; plan.projections.len()];
    for (name, of) in shared {
        let (user, owner) = (find(name)?, find(of)?);
        if owner >= user || shared.contains_key(of) {
            let expected = format!("a layer before {name}, with weights of its own");
            return Err(Error::invalid(format!("sharedWeights.{name}"), of, expected));
        }
        let [a, b] = [owner, user].map(|i| &plan.projections[i]);
        let shapes = |projection: &ProjectionPlan| {
            let (weight, bias, _) = layouts(projection);
            let bias = if projection.bias { format!("bias {:?}", bias.shape()) } else { "no bias".into() };
            format!("weight {:?}, {bias}", weight.shape())
        };
        let of_layouts = |projection| {
            let (weight, bias, _) = layouts(projection);
            (weight, projection.bias.then_some(bias))
        };
        if of_layouts(a) != of_layouts(b) {
            let expected = format!("{}, as of {of}", shapes(a));
            return Err(Error::ShapeMismatch { layer: name.clone(), expected, got: shapes(b) });
        }
        if (a.trainable, a.autapses, &a.delay) != (b.trainable, b.autapses, &b.delay) {
            let expected = format!("a layer whose options trainable, autapses and delay are those of {name}");
            return Err(Error::invalid(format!("sharedWeights.{name}"), of, expected));
        }
        owners[user] = Some(owner);
    }
    Ok(owners)
}

/// Layouts of the weights and of the bias, and the shape by which they are initialised.
fn layouts(projection: &ProjectionPlan) -> (Layout, Layout, Fan) {
    let (inputs, outputs, parts) = (projection.inputs, projection.outputs, projection.parts);
    let neurons = Layout::PerNeuron { neurons: outputs, parts };
    match projection.kind {
        ProjectionKind::Dense => {
            (Layout::Dense { inputs, outputs, parts }, neurons, Fan::dense(outputs * parts, inputs))
        }
        ProjectionKind::OneToOne if projection.shared => {
            (Layout::Shared { neurons: outputs, parts }, neurons, Fan::dense(outputs * parts, 1))
        }
        ProjectionKind::OneToOne => (neurons, neurons, Fan::dense(outputs * parts, 1)),
        ProjectionKind::Conv { channels, sliding, groups, line } => {
            let (kernel, transposed) = (sliding.kernel, sliding.transposed.is_some());
            let layout = Layout::Conv { channels, groups, kernel, transposed, line };
            let shape = layout.shape();
            let fan = Fan { outputs: shape[0], inputs: shape[1], receptive: kernel[0] * kernel[1] };
            (layout, Layout::Plain { len: outputs }, fan)
        }
        ProjectionKind::Affine(shape) => {
            let layout = Layout::Shaped { shape };
            (layout, layout, Fan::dense(outputs, 1))
        }
        ProjectionKind::Table => {
            let table = Layout::Table { rows: inputs, columns: outputs };
            (table, neurons, Fan::dense(inputs, outputs))
        }
        ProjectionKind::Time => {
            let table = Layout::Table { rows: outputs, columns: inputs };
            (table, Layout::Plain { len: outputs }, Fan::dense(outputs, inputs))
        }
        ProjectionKind::Registered { weight, bias, fan } => {
            (Layout::Tensor { shape: weight }, Layout::Tensor { shape: bias }, fan)
        }
    }
}

/// What maps keep from batch to batch: numbers of parameters that no gradient changes, see [`Network`].
struct MapState {
    running: Vec<Option<[usize; 2]>>,
    lambdas: Vec<Option<usize>>,
    draws: Option<usize>,
}

fn map_state<F: Element>(
    plan: &Plan,
    parameters: &mut Vec<Parameter<F>>,
    check: impl Fn(&str, Layout) -> Result<()>,
) -> Result<(Vec<MapKernel>, MapState)> {
    let count = plan.maps.len();
    let mut state = MapState { running: vec![None; count], lambdas: vec![None; count], draws: None };
    let mut kept = |name: String, layout: Layout, value: F, allowed: Allowed| -> Result<usize> {
        check(&name, layout)?;
        let values = filled(name, layout, false, &vec![value; layout.public_len()])?;
        parameters.push(Parameter { allowed, ..values });
        Ok(parameters.len() - 1)
    };
    let one = Layout::Plain { len: 1 };
    for (m, map) in plan.maps.iter().enumerate() {
        match map.operation {
            OperationKind::BatchNorm(BatchNorm { steps, .. }) => {
                let layout = Layout::Shaped { shape: steps.kept(map.shape.channels) };
                let mean = kept(format!("{}.runningMean", map.name), layout, F::ZERO, Allowed::Any)?;
                let variance =
                    kept(format!("{}.runningVariance", map.name), layout, F::ONE, Allowed::Square)?;
                state.running[m] = Some([mean, variance]);
            }
            OperationKind::Temporal(Temporal::Mixture(Mixture { lambda: Some(lambda), .. })) => {
                state.lambdas[m] =
                    Some(kept(format!("{}.lambda", map.name), one, F::from_f64(lambda), Allowed::Share)?);
            }
            OperationKind::Dropout(_) if state.draws.is_none() => {
                state.draws = Some(kept(format!("{}.draws", map.name), one, F::ZERO, Allowed::Count)?);
            }
            _ => {}
        }
    }
    let kernels = plan.maps.iter().map(|map| MapKernel::new(plan, map)).collect();
    Ok((kernels, state))
}

/// Bytes of all weights, and of the largest tensor, which is there again while it is drawn or set.
fn weight_bytes(plan: &Plan, real: u64) -> (u64, u64) {
    let sizes = plan.projections.iter().map(|p| match p.kind {
        ProjectionKind::Dense => {
            let tensors = if p.delay.is_some() { 2 } else { 1 };
            (p.inputs as u64 * tensors + 1) * (p.parts * panels(p.outputs) * PANEL) as u64 * real
        }
        _ => (layouts(p).0.stored_len() as u64).saturating_mul(real),
    });
    (sizes.clone().fold(0, u64::saturating_add), sizes.max().unwrap_or(0))
}

fn current_values<F: Element>(
    bound: &Bound,
    learned: &[(usize, usize)],
    parameters: &[Parameter<F>],
) -> Vec<Vec<f64>> {
    let mut values: Vec<Vec<f64>> = bound.params.iter().map(|p| p.values.clone()).collect();
    for &(i, parameter) in learned {
        values[i] = values_of(&bound.params[i], &parameters[parameter]);
    }
    values
}

/// The values of a learned parameter as they stand, one or one a neuron.
fn values_of<F: Element>(param: &BoundParam, parameter: &Parameter<F>) -> Vec<f64> {
    parameter.data.iter().flat_map(|x| std::iter::repeat_n(x.to_f64(), param.shared)).collect()
}

/// Lanes beyond the last neuron repeat the first value, so that no kernel divides by a zero there.
fn padded<F: Element>(values: &[f64], neurons: usize) -> Vec<F> {
    let mut out: Vec<F> = values.iter().map(|&x| F::from_f64(x)).collect();
    if out.len() > 1 {
        let first = out[0];
        out.resize(panels(neurons) * PANEL, first);
    }
    out
}

fn filled<F: Element>(name: String, layout: Layout, trainable: bool, values: &[F]) -> Result<Parameter<F>> {
    let mut parameter = Parameter::new(name, layout, trainable)?;
    parameter.set(values)?;
    Ok(parameter)
}

fn named(projection: &str, error: Error) -> Error {
    match error {
        Error::InvalidParameter { name, value, expected } => {
            Error::InvalidParameter { name: format!("{projection}.{name}"), value, expected }
        }
        other => other,
    }
}
