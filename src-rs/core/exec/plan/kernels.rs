//! The kernels of a plan: of its maps, and of the convolutions within loops.

use lapicque_graph::{MapPlan, Operation, Plan, Pooling, ProjectionKind, Sliding};
use lapicque_projection::{Patches, Pool, PoolKind, Scatter, Taps, Window};

/// A convolution forward, and back.
pub(crate) struct Convolution {
    pub forward: Scatter,
    pub back: Patches,
}

/// What a map needs beside its weights.
pub(crate) enum MapKernel {
    Nothing,
    Convolution(Box<Convolution>),
    Pool(Box<Pool>),
}

impl MapKernel {
    pub fn new(plan: &Plan, map: &MapPlan) -> Self {
        let (from, to) = (map.entering[0], map.shape);
        match map.operation {
            Operation::Conv { sliding, groups } => {
                let channels = match map.projection.map(|j| plan.projections[j].kind) {
                    Some(ProjectionKind::Conv { channels, .. }) => channels,
                    _ => [from.channels, to.channels],
                };
                let kernel = Convolution::new(sliding, channels, groups, [from.size, to.size]);
                MapKernel::Convolution(Box::new(kernel))
            }
            Operation::Pool { pooling, sliding } => {
                let kind = match pooling {
                    Pooling::Max => PoolKind::Max,
                    Pooling::Sum => PoolKind::Sum,
                    Pooling::Average => PoolKind::Mean,
                };
                let window = sliding.kernel[0] * sliding.kernel[1];
                let taps = taps(sliding, from.size, to.size);
                MapKernel::Pool(Box::new(Pool::new(kind, from.channels, window, taps, to.size)))
            }
            _ => MapKernel::Nothing,
        }
    }
}

impl Convolution {
    pub fn new(sliding: Sliding, channels: [usize; 2], groups: usize, [from, to]: [[usize; 2]; 2]) -> Self {
        // A transposed convolution slides over what it gives.
        let taps = match sliding.transposed {
            None => taps(sliding, from, to),
            Some(_) => {
                let [y, x] = taps(sliding, to, from);
                [y.reversed(from[0]), x.reversed(from[1])]
            }
        };
        let forward = Scatter::new(channels, groups, sliding.kernel, taps, to);
        let back = Patches::new(&forward);
        Convolution { forward, back }
    }
}

fn taps(sliding: Sliding, from: [usize; 2], to: [usize; 2]) -> [Taps; 2] {
    [0, 1].map(|axis| {
        let window = Window {
            kernel: sliding.kernel[axis],
            stride: sliding.stride[axis],
            padding: sliding.padding[axis],
            dilation: sliding.dilation[axis],
        };
        Taps::new(window, from[axis], to[axis])
    })
}

/// The kernels of a convolution that feeds back, forward and back.
pub(crate) type Kernels = Option<Box<Convolution>>;

/// For each projection its kernels, where it is such a convolution.
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
