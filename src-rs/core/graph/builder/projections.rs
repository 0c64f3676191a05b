//! Builds weights.

use crate::init::Initializer;
use crate::plan::{ProjectionKind, ProjectionPlan, check_size};
use lapicque_base::error::Result;
use lapicque_operations::{WeightUse, Weights};

/// The weights of a layer, for one port until a population divides them.
pub(super) fn projection_plan(name: &str, weights: Weights) -> Result<ProjectionPlan> {
    let Weights { weight, bias, fan, trainable, used } = weights;
    let of_bias = bias.as_ref().map_or(weight.shape, |bias| bias.shape);
    if let WeightUse::Own | WeightUse::Affine(_) = used {
        check_size(&format!("{name}: weights"), weight.shape.elements())?;
        check_size(&format!("{name}: bias"), of_bias.elements())?;
    }
    let plan = ProjectionPlan {
        name: name.into(),
        kind: ProjectionKind::Dense,
        inputs: fan.inputs,
        outputs: fan.outputs,
        parts: 1,
        fan,
        bias: bias.is_some(),
        initial: weight.initial,
        initial_bias: bias.map_or(Initializer::Zeros {}, |bias| bias.initial),
        trainable,
        delay: None,
        autapses: true,
        parallel: false,
        shared: false,
    };
    Ok(match used {
        WeightUse::Dense { delays, autapses, parallel } => {
            ProjectionPlan { delay: delays, autapses, parallel, ..plan }
        }
        WeightUse::OneToOne { neurons, parts, shared } => ProjectionPlan {
            kind: ProjectionKind::OneToOne,
            inputs: neurons,
            outputs: neurons,
            parts,
            shared,
            ..plan
        },
        WeightUse::Conv { channels, sliding, groups } => ProjectionPlan {
            kind: ProjectionKind::Conv { channels, sliding, groups, line: sliding.axes == 1 },
            inputs: channels[0],
            outputs: channels[1],
            ..plan
        },
        WeightUse::Own => ProjectionPlan {
            kind: ProjectionKind::Registered { weight: weight.shape, bias: of_bias },
            ..plan
        },
        WeightUse::Affine(shape) => ProjectionPlan { kind: ProjectionKind::Affine(shape), ..plan },
        WeightUse::Table => {
            ProjectionPlan { kind: ProjectionKind::Table, inputs: fan.outputs, outputs: fan.inputs, ..plan }
        }
        WeightUse::Time => ProjectionPlan { kind: ProjectionKind::Time, ..plan },
    })
}
