//! Operations behind one type: a table of all, and prepared ones for either precision.

use crate::definition::Definition;
use crate::operation::{Back, Operation, Planned, Rows, Site, Weights, With};
use crate::shape::Shape;
use lapicque_base::error::Result;
use lapicque_projection::Element;
use std::any::Any;
use std::fmt;
use std::sync::Arc;

/// A row of the table of operations.
pub struct Registered {
    pub definition: Definition,
    plan: fn(&Site) -> Result<PlannedAny>,
}

/// As [`Planned`], of any operation.
pub struct PlannedAny {
    pub operation: Arc<dyn Prepared>,
    pub shape: Shape,
    pub weights: Option<Weights>,
}

impl Registered {
    pub(crate) fn of<O: Operation>() -> Self {
        let plan = |site: &Site| {
            let Planned { operation, shape, weights } = O::plan(site)?;
            Ok(PlannedAny { operation: Arc::new(operation) as Arc<dyn Prepared>, shape, weights })
        };
        Registered { definition: O::definition(), plan }
    }

    /// Checks the parameters, then what the shapes of the sources decide.
    ///
    /// # Errors
    /// `invalid-parameter` and `shape-mismatch`
    pub fn plan(&self, site: &Site) -> Result<PlannedAny> {
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

/// An operation that is ready for the shapes of its sources.
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

/// The kernels in the precision of a network; `None` in none of the two that there are.
pub fn kernels<F: Element>(prepared: &Arc<dyn Prepared>) -> Option<Arc<dyn Kernels<F>>> {
    let either: [Box<dyn Any>; 2] =
        [Box::new(prepared.clone().single()), Box::new(prepared.clone().double())];
    either.into_iter().find_map(|kernels| kernels.downcast().ok()).map(|kernels| *kernels)
}

/// The functions of an [`Operation`] in one precision.
pub trait Kernels<F: Element>: Send + Sync {
    fn pack(&self, weight: &[F], bias: &[F]) -> Vec<F>;
    fn forward(&self, with: &With<F>, x: &[Rows<F>], out: &mut [F]);
    fn saved(&self) -> usize;
    fn save(&self, with: &With<F>, x: &[Rows<F>], saved: &mut [F]);
    fn source_gradient(&self, with: &With<F>, source: usize, back: &Back<F>, dx: &mut [F]);
    fn weight_pieces(&self) -> [usize; 2];
    fn weight_gradient(&self, with: &With<F>, piece: usize, back: &Back<F>, sums: [&mut [F]; 2]);
    fn fan_outs(&self, weight: &[F]) -> (Vec<u64>, u64);
}

impl<F: Element, O: Operation> Kernels<F> for O {
    fn pack(&self, weight: &[F], bias: &[F]) -> Vec<F> {
        Operation::pack(self, weight, bias)
    }
    fn forward(&self, with: &With<F>, x: &[Rows<F>], out: &mut [F]) {
        Operation::forward(self, with, x, out);
    }
    fn saved(&self) -> usize {
        Operation::saved(self)
    }
    fn save(&self, with: &With<F>, x: &[Rows<F>], saved: &mut [F]) {
        Operation::save(self, with, x, saved);
    }
    fn source_gradient(&self, with: &With<F>, source: usize, back: &Back<F>, dx: &mut [F]) {
        Operation::source_gradient(self, with, source, back, dx);
    }
    fn weight_pieces(&self) -> [usize; 2] {
        Operation::weight_pieces(self)
    }
    fn weight_gradient(&self, with: &With<F>, piece: usize, back: &Back<F>, sums: [&mut [F]; 2]) {
        Operation::weight_gradient(self, with, piece, back, sums);
    }
    fn fan_outs(&self, weight: &[F]) -> (Vec<u64>, u64) {
        Operation::fan_outs(self, weight)
    }
}
