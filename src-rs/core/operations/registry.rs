//! Operations behind one type: the table of all operations, and prepared operations for either precision.

use crate::definition::Definition;
use crate::operation::{
    BackwardInput, Gradients, KernelContext, Operation, Planned, Rows, Site, Wanted, Weights,
};
use crate::operation_kind::OperationKind;
use crate::settings::Settings;
use crate::shape::Shape;
use lapicque_base::error::Result;
use lapicque_projection::Element;
use lapicque_tensor::Cost;
use std::any::Any;
use std::fmt;
use std::sync::Arc;

/// Every layer without neurons: its definition and its shape rule. An [`Operation`] has kernels of its own; for the
/// others `plan` states which [`OperationKind`] of the engine computes them.
pub trait Layer: 'static {
    fn definition() -> Definition;

    /// Weights whose sizes depend only on the parameters. They are sampled before those that `plan` returns.
    ///
    /// # Errors
    /// `invalid-parameter` for parameters that are inconsistent with each other
    fn weights(_layer: &str, _settings: &Settings) -> Result<Option<Weights>> {
        Ok(None)
    }

    /// When its weights are fused into the populations that read it.
    fn fusing(_settings: &Settings) -> Fusing {
        Fusing::Never
    }

    /// The shape rule: checks the parameters against the shapes of the sources and returns the shape of the output. The kind and range of each
    /// parameter have been checked before.
    ///
    /// # Errors
    /// `invalid-parameter` and `shape-mismatch`
    fn plan(site: &Site) -> Result<PlannedLayer>;
}

/// When the weights of a layer are fused into the populations that read it. Then the products are added to their
/// currents without intermediate storage, and the layer is not computed on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fusing {
    Never,
    /// If only populations read it.
    IntoPopulations,
    /// If only populations read it and it belongs to a loop; within a loop, operations cannot run on their own.
    WithinLoops,
}

/// A layer that is prepared for the shapes of its sources.
pub struct PlannedLayer {
    pub kind: OperationKind,
    /// Present for [`OperationKind::OwnKernels`].
    pub own: Option<Arc<dyn Prepared>>,
    pub shape: Shape,
    pub weights: Option<Weights>,
}

impl PlannedLayer {
    /// A layer without weights that is computed by the engine's own kernels.
    pub fn of_engine(kind: OperationKind, shape: Shape) -> Self {
        PlannedLayer { kind, own: None, shape, weights: None }
    }
}

impl<O: Operation> Layer for O {
    fn definition() -> Definition {
        <O as Operation>::definition()
    }

    fn plan(site: &Site) -> Result<PlannedLayer> {
        let Planned { operation, shape, weights } = <O as Operation>::plan(site)?;
        Ok(PlannedLayer { kind: OperationKind::OwnKernels, own: Some(Arc::new(operation)), shape, weights })
    }
}

/// A row of the table of operations.
pub struct Registered {
    pub definition: Definition,
    plan: fn(&Site) -> Result<PlannedLayer>,
    weights: fn(&str, &Settings) -> Result<Option<Weights>>,
    fusing: fn(&Settings) -> Fusing,
}

impl Registered {
    pub(crate) fn of<L: Layer>() -> Self {
        Registered { definition: L::definition(), plan: L::plan, weights: L::weights, fusing: L::fusing }
    }

    /// Weights whose sizes depend only on the parameters.
    ///
    /// # Errors
    /// `invalid-parameter` for a parameter out of range
    pub fn weights(&self, layer: &str, settings: &Settings) -> Result<Option<Weights>> {
        settings.check(&self.definition, layer)?;
        (self.weights)(layer, settings)
    }

    /// When its weights are fused into the populations that read it.
    pub fn fusing(&self, settings: &Settings) -> Fusing {
        (self.fusing)(settings)
    }

    /// Checks the parameters, then the shapes of the sources.
    ///
    /// # Errors
    /// `invalid-parameter` and `shape-mismatch`
    pub fn plan(&self, site: &Site) -> Result<PlannedLayer> {
        site.settings.check(&self.definition, site.layer)?;
        (self.plan)(site)
    }
}

impl fmt::Debug for Registered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.definition.kind)
    }
}

impl PartialEq for Registered {
    fn eq(&self, other: &Self) -> bool {
        self.definition.kind == other.definition.kind
    }
}

/// An operation that is prepared for the shapes of its sources.
pub trait Prepared: Send + Sync {
    fn single(self: Arc<Self>) -> Arc<dyn Kernels<f32>>;
    fn double(self: Arc<Self>) -> Arc<dyn Kernels<f64>>;
}

impl<O: Operation> Prepared for O {
    fn single(self: Arc<Self>) -> Arc<dyn Kernels<f32>> {
        self
    }
    fn double(self: Arc<Self>) -> Arc<dyn Kernels<f64>> {
        self
    }
}

/// The kernels in the precision of a network; `None` if `F` is neither f32 nor f64.
pub fn kernels<F: Element>(prepared: &Arc<dyn Prepared>) -> Option<Arc<dyn Kernels<F>>> {
    let either: [Box<dyn Any>; 2] =
        [Box::new(prepared.clone().single()), Box::new(prepared.clone().double())];
    either.into_iter().find_map(|kernels| kernels.downcast().ok()).map(|kernels| *kernels)
}

/// The functions of an [`Operation`] in one precision.
pub trait Kernels<F: Element>: Send + Sync {
    fn pack(&self, weight: &[F], bias: &[F]) -> Vec<F>;
    fn forward(&self, context: &KernelContext<F>, x: &[Rows<F>], out: &mut [F]);
    fn saved(&self) -> usize;
    fn save(&self, context: &KernelContext<F>, x: &[Rows<F>], saved: &mut [F]);
    fn source_gradient(
        &self,
        context: &KernelContext<F>,
        source: usize,
        backward: &BackwardInput<F>,
        dx: &mut [F],
    );
    fn weight_pieces(&self) -> [usize; 2];
    fn weight_gradient(
        &self,
        context: &KernelContext<F>,
        piece: usize,
        backward: &BackwardInput<F>,
        sums: [&mut [F]; 2],
    );
    fn gradient_rows(&self) -> usize;
    fn gradients(
        &self,
        context: &KernelContext<F>,
        backward: &BackwardInput<F>,
        wanted: &Wanted,
    ) -> Gradients<F>;
    fn fan_outs(&self, weight: &[F]) -> (Vec<u64>, u64);
    fn cost(&self) -> Cost;
    fn working(&self, rows: usize, gradients: bool) -> u64;
}

impl<F: Element, O: Operation> Kernels<F> for O {
    fn pack(&self, weight: &[F], bias: &[F]) -> Vec<F> {
        Operation::pack(self, weight, bias)
    }
    fn forward(&self, context: &KernelContext<F>, x: &[Rows<F>], out: &mut [F]) {
        Operation::forward(self, context, x, out);
    }
    fn saved(&self) -> usize {
        Operation::saved(self)
    }
    fn save(&self, context: &KernelContext<F>, x: &[Rows<F>], saved: &mut [F]) {
        Operation::save(self, context, x, saved);
    }
    fn source_gradient(
        &self,
        context: &KernelContext<F>,
        source: usize,
        backward: &BackwardInput<F>,
        dx: &mut [F],
    ) {
        Operation::source_gradient(self, context, source, backward, dx);
    }
    fn weight_pieces(&self) -> [usize; 2] {
        Operation::weight_pieces(self)
    }
    fn weight_gradient(
        &self,
        context: &KernelContext<F>,
        piece: usize,
        backward: &BackwardInput<F>,
        sums: [&mut [F]; 2],
    ) {
        Operation::weight_gradient(self, context, piece, backward, sums);
    }
    fn gradient_rows(&self) -> usize {
        Operation::gradient_rows(self)
    }
    fn gradients(
        &self,
        context: &KernelContext<F>,
        backward: &BackwardInput<F>,
        wanted: &Wanted,
    ) -> Gradients<F> {
        Operation::gradients(self, context, backward, wanted)
    }
    fn fan_outs(&self, weight: &[F]) -> (Vec<u64>, u64) {
        Operation::fan_outs(self, weight)
    }
    fn cost(&self) -> Cost {
        Operation::cost(self)
    }
    fn working(&self, rows: usize, gradients: bool) -> u64 {
        Operation::working(self, rows, gradients)
    }
}
