//! Layouts of the weights of projections, their sizes in bytes, and which projections share weights.

use crate::storage::parameter::Layout;
use lapicque_base::error::{Error, Result};
use lapicque_graph::{Description, Plan, ProjectionKind, ProjectionPlan};
use lapicque_projection::{PANEL, panels};

/// Layouts of the weights and of the bias.
pub(crate) fn layouts(projection: &ProjectionPlan) -> (Layout, Layout) {
    let (inputs, outputs, parts) = (projection.inputs, projection.outputs, projection.parts);
    let neurons = Layout::PerNeuron { neurons: outputs, parts };
    match projection.kind {
        ProjectionKind::Dense => (Layout::Dense { inputs, outputs, parts }, neurons),
        ProjectionKind::OneToOne if projection.shared => {
            (Layout::Shared { neurons: outputs, parts }, neurons)
        }
        ProjectionKind::OneToOne => (neurons, neurons),
        ProjectionKind::Conv { channels, sliding, groups, line } => {
            let (kernel, transposed) = (sliding.kernel, sliding.transposed.is_some());
            let layout = Layout::Conv { channels, groups, kernel, transposed, line };
            (layout, Layout::Plain { len: outputs })
        }
        ProjectionKind::Affine(shape) => {
            let layout = Layout::Shaped { shape };
            (layout, layout)
        }
        ProjectionKind::Table => (Layout::Table { rows: inputs, columns: outputs }, neurons),
        ProjectionKind::Time => {
            (Layout::Table { rows: outputs, columns: inputs }, Layout::Plain { len: outputs })
        }
        ProjectionKind::Registered { weight, bias } => {
            (Layout::Tensor { shape: weight }, Layout::Tensor { shape: bias })
        }
    }
}

/// Bytes of all weights, and of the largest tensor, which exists twice while it is drawn or set.
pub(crate) fn weight_bytes(plan: &Plan, real: u64) -> (u64, u64) {
    let sizes = plan.projections.iter().map(|p| match p.kind {
        ProjectionKind::Dense => {
            let tensors = if p.delay.is_some() { 2 } else { 1 };
            (p.inputs as u64 * tensors + 1) * (p.parts * panels(p.outputs) * PANEL) as u64 * real
        }
        _ => (layouts(p).0.stored_len() as u64).saturating_mul(real),
    });
    (sizes.clone().fold(0, u64::saturating_add), sizes.max().unwrap_or(0))
}

/// By projection that shares the weights of another: the index of that other projection, which precedes it.
pub(crate) fn owners_of_weights(plan: &Plan, description: &Description) -> Result<Vec<Option<usize>>> {
    let shared = &description.shared_weights;
    let names = || plan.projections.iter().map(|projection| &projection.name);
    let find = |name: &String| {
        let unknown = || Error::unknown("layer with weights of sharedWeights", name, names());
        names().position(|other| other == name).ok_or_else(unknown)
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
            let (weight, bias) = layouts(projection);
            let bias = if projection.bias { format!("bias {:?}", bias.shape()) } else { "no bias".into() };
            format!("weight {:?}, {bias}", weight.shape())
        };
        let of_layouts = |projection| {
            let (weight, bias) = layouts(projection);
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
