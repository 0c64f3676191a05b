//! The kernels of a plan: those of its operations, and of the convolutions within loops.

use lapicque_graph::{MapPlan, OperationKind, Plan, ProjectionKind, Sliding};
use lapicque_projection::{Patches, Pool, Scatter};

/// The kernels of a convolution, forward and backward.
pub(crate) struct Convolution {
    pub forward: Scatter,
    pub backward: Patches,
}

/// The kernel of an operation, in addition to its weights.
pub(crate) enum MapKernel {
    Nothing,
    Convolution(Box<Convolution>),
    Pool(Box<Pool>),
}

impl MapKernel {
    pub fn new(plan: &Plan, map: &MapPlan) -> Self {
        let (from, to) = (map.input_shapes[0], map.shape);
        match map.operation {
            OperationKind::Conv { sliding, groups } => {
                let channels = match map.projection.map(|j| plan.projections[j].kind) {
                    Some(ProjectionKind::Conv { channels, .. }) => channels,
                    _ => [from.channels, to.channels],
                };
                let kernel = Convolution::new(sliding, channels, groups, [from.size, to.size]);
                MapKernel::Convolution(Box::new(kernel))
            }
            OperationKind::Pool(pool) => MapKernel::Pool(Box::new(pool.kernel(from, to.size))),
            _ => MapKernel::Nothing,
        }
    }
}

impl Convolution {
    pub fn new(sliding: Sliding, channels: [usize; 2], groups: usize, [from, to]: [[usize; 2]; 2]) -> Self {
        // A transposed convolution slides its window over its output.
        let taps = match sliding.transposed {
            None => sliding.taps(from, to),
            Some(_) => {
                let [y, x] = sliding.taps(to, from);
                [y.reversed(from[0]), x.reversed(from[1])]
            }
        };
        let forward = Scatter::new(channels, groups, sliding.kernel, taps, to);
        let backward = Patches::new(&forward);
        Convolution { forward, backward }
    }
}

/// The kernels of a convolution within a loop, forward and backward.
pub(crate) type Kernels = Option<Box<Convolution>>;

/// By projection: its kernels, if it is a convolution within a loop.
pub(crate) fn kernels(plan: &Plan) -> Vec<Kernels> {
    let mut kernels: Vec<Kernels> = plan.projections.iter().map(|_| None).collect();
    for layer in &plan.layers {
        for feed in &layer.feedback {
            let (Some(j), Some(source)) = (feed.projection, feed.source.layer()) else { continue };
            if let ProjectionKind::Conv { channels, sliding, groups, .. } = plan.projections[j].kind {
                let sizes = [plan.layers[source].shape.size, layer.shape.size];
                kernels[j] = Some(Box::new(Convolution::new(sliding, channels, groups, sizes)));
            }
        }
    }
    kernels
}
