//! Builds weights whose sizes the description states.

use crate::description::NodeSpec;
use crate::init::Initialiser;
use crate::plan::{ProjectionKind, ProjectionPlan, check_size};
use crate::registered_node::RegisteredNode;
use lapicque_base::error::{Error, Result};
use lapicque_operations::{Sliding, WeightUse, Weights};

pub(super) fn projection_plan(node: &NodeSpec) -> Result<Option<ProjectionPlan>> {
    Ok(match node {
        NodeSpec::Dense {
            name, r#in, out, bias, initial, initial_bias, trainable, delay, autapses, ..
        } => {
            check_size(&format!("{name}.in"), *r#in)?;
            check_size(&format!("{name}.out"), *out)?;
            if !autapses && !out.is_multiple_of(*r#in) {
                let expected = "as many outputs as inputs, or a multiple of them";
                return Err(Error::invalid(
                    format!("{name}.autapses"),
                    format!("{in} to {out}", in = r#in),
                    expected,
                ));
            }
            Some(ProjectionPlan {
                bias: *bias,
                initial_bias: initial_bias.clone(),
                delay: delay.clone(),
                autapses: *autapses,
                ..plain(name, ProjectionKind::Dense, [*r#in, *out], initial, *trainable)
            })
        }
        NodeSpec::OneToOne { name, neurons, parts, shared, initial, trainable } => {
            check_size(&format!("{name}.neurons"), *neurons)?;
            check_size(&format!("{name}.parts"), *parts)?;
            check_size(&format!("{name}: weights"), neurons.saturating_mul(*parts))?;
            Some(ProjectionPlan {
                parts: *parts,
                shared: *shared,
                ..plain(name, ProjectionKind::OneToOne, [*neurons; 2], initial, *trainable)
            })
        }
        NodeSpec::Conv {
            name,
            r#in,
            out,
            kernel,
            stride,
            padding,
            dilation,
            groups,
            output_padding,
            bias,
            initial,
            initial_bias,
            trainable,
        } => {
            check_size(&format!("{name}.in"), *r#in)?;
            check_size(&format!("{name}.out"), *out)?;
            let sliding = Sliding::new(name, kernel, [stride, padding, dilation], output_padding.as_deref())?;
            if *groups == 0 || !r#in.is_multiple_of(*groups) || !out.is_multiple_of(*groups) {
                let expected = format!("a common divisor of {in} and {out} channels", in = r#in);
                return Err(Error::invalid(format!("{name}.groups"), groups, expected));
            }
            let (channels, line) = ([*r#in, *out], kernel.len() == 1);
            let kind = ProjectionKind::Conv { channels, sliding, groups: *groups, line };
            Some(ProjectionPlan {
                bias: *bias,
                initial_bias: initial_bias.clone(),
                ..plain(name, kind, channels, initial, *trainable)
            })
        }
        NodeSpec::Registered(RegisteredNode { name, operation, settings }) => {
            operation.weights(name, settings)?.map(|weights| weights_plan(name, weights)).transpose()?
        }
        _ => None,
    })
}

/// The weights of a registered operation.
pub(super) fn weights_plan(name: &str, weights: Weights) -> Result<ProjectionPlan> {
    let Weights { weight, bias, fan, trainable, used } = weights;
    let of_bias = bias.as_ref().map_or(weight.shape, |bias| bias.shape);
    if let WeightUse::Own | WeightUse::Affine(_) = used {
        check_size(&format!("{name}: weights"), weight.shape.elements())?;
        check_size(&format!("{name}: bias"), of_bias.elements())?;
    }
    let kind = match used {
        WeightUse::Own => ProjectionKind::Registered { weight: weight.shape, bias: of_bias, fan },
        WeightUse::Affine(shape) => ProjectionKind::Affine(shape),
        WeightUse::Table => ProjectionKind::Table,
        WeightUse::Time => ProjectionKind::Time,
    };
    let (inputs, outputs) = match used {
        WeightUse::Table => (fan.outputs, fan.inputs),
        _ => (fan.inputs, fan.outputs),
    };
    Ok(ProjectionPlan {
        name: name.into(),
        kind,
        inputs,
        outputs,
        parts: 1,
        bias: bias.is_some(),
        initial: weight.initial,
        initial_bias: bias.map_or(Initialiser::Zeros {}, |bias| bias.initial),
        trainable,
        delay: None,
        autapses: true,
        shared: false,
    })
}

/// Weights without a bias and without delays, onto one port.
fn plain(
    name: &str,
    kind: ProjectionKind,
    [inputs, outputs]: [usize; 2],
    initial: &Initialiser,
    trainable: bool,
) -> ProjectionPlan {
    ProjectionPlan {
        name: name.into(),
        kind,
        inputs,
        outputs,
        parts: 1,
        bias: false,
        initial: initial.clone(),
        initial_bias: initial.clone(),
        trainable,
        delay: None,
        autapses: true,
        shared: false,
    }
}
