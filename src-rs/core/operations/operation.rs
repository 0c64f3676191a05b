//! The interface of an operation: definition, shape rule, and kernels of the forward and backward pass, written once
//! for both precisions.

use crate::definition::Definition;
use crate::delays::Delays;
use crate::init::{Fan, Initializer};
use crate::settings::Settings;
use crate::shape::{Shape, Sliding, TensorShape};
use lapicque_base::error::{Error, Result};
use lapicque_base::simd::SimdLevel;
use lapicque_projection::{Element, Order, Row};
use lapicque_tensor::Cost;

/// The context of an operation in a network.
pub struct Site<'a> {
    /// The name of the layer.
    pub layer: &'a str,
    pub settings: &'a Settings,
    /// Length of one time step, ms.
    pub dt: f64,
    /// The shape and the name of each source.
    pub sources: &'a [(Shape, &'a str)],
}

impl Site<'_> {
    /// The shape of the first source.
    pub fn first(&self) -> Shape {
        self.sources.first().map_or(Shape::flat(1), |&(shape, _)| shape)
    }

    /// The shape that all sources have.
    ///
    /// # Errors
    /// `shape-mismatch` where they have several
    pub fn same_shapes(&self) -> Result<Shape> {
        let first = self.first();
        match self.sources.iter().find(|&&(shape, _)| shape != first) {
            None => Ok(first),
            Some((other, _)) => {
                let from = self.sources.first().map_or("", |&(_, name)| name);
                Err(self.mismatch(format!("{first} as from {from}"), other))
            }
        }
    }

    /// # Errors
    /// `shape-mismatch` for another number of elements
    pub fn check_elements(&self, expected: usize, got: usize) -> Result<()> {
        let from = self.sources.first().map_or("", |&(_, name)| name);
        match expected == got {
            true => Ok(()),
            false => Err(self.mismatch(format!("[{expected}]"), format!("[{got}] from {from}"))),
        }
    }

    /// The first source, if it is an image with as many pixel axes as a window has.
    ///
    /// # Errors
    /// `shape-mismatch` for another source
    pub fn image(&self, kernel: &[usize]) -> Result<Shape> {
        let from = self.first();
        if from.rank == kernel.len() + 1 {
            return Ok(from);
        }
        let sizes = if kernel.len() == 1 { "width" } else { "height, width" };
        let name = self.sources.first().map_or("", |&(_, name)| name);
        let expected = format!("[channels, {sizes}], as from input() or unflatten(),");
        Err(self.mismatch(expected, format!("{from} from {name}")))
    }

    /// `invalid-parameter` of one of this layer's parameters.
    pub fn invalid(&self, field: &str, value: impl ToString, expected: impl Into<String>) -> Error {
        Error::invalid(format!("{}.{field}", self.layer), value.to_string(), expected)
    }

    /// A `shape-mismatch` for the shape of a source.
    pub fn mismatch(&self, expected: impl Into<String>, got: impl ToString) -> Error {
        Error::ShapeMismatch { layer: self.layer.into(), expected: expected.into(), got: got.to_string() }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    pub shape: TensorShape,
    pub initial: Initializer,
}

/// The trained tensors of an operation, `weight` and `bias`. Kernels receive them in their public order.
#[derive(Debug, Clone, PartialEq)]
pub struct Weights {
    pub weight: Tensor,
    pub bias: Option<Tensor>,
    pub fan: Fan,
    pub trainable: bool,
    pub used: WeightUse,
}

/// Which kernels use the weights; this decides how weights are stored, sampled and counted.
#[derive(Debug, Clone, PartialEq)]
pub enum WeightUse {
    /// `[outputs, inputs]`
    Dense {
        delays: Option<Delays>,
        /// Whether input `i` reaches output `i` of each block of outputs that is as long as the input.
        autapses: bool,
        /// Whether all steps of the population that they feed back to are computed at once.
        parallel: bool,
    },
    /// A weight for each neuron and part, or, if `shared`, for each part; each part feeds a different port.
    OneToOne { neurons: usize, parts: usize, shared: bool },
    /// As in torch: `[out, in / groups, …kernel]`, transposed `[in, out / groups, …kernel]`.
    Conv {
        /// Number of channels of the input and of the output.
        channels: [usize; 2],
        sliding: Sliding,
        groups: usize,
    },
    /// Used by the kernels in the operation's own file.
    Own,
    /// A factor and an offset for each channel, both of this shape.
    Affine(Shape),
    /// A row for each input value, `[inputs, outputs]`.
    Table,
    /// Weights over time, `[outputs, inputs]`, with a bias for each output.
    Time,
}

impl Weights {
    /// Weights over time, with the settings `bias`, `initial`, `initialBias` and `trainable`.
    pub(crate) fn over_time([inputs, outputs]: [usize; 2], settings: &Settings) -> Weights {
        let tensor = |shape, field| Tensor { shape, initial: settings.initial(field) };
        Weights {
            weight: tensor(TensorShape::from([outputs, inputs]), "initial"),
            bias: settings.flag("bias").then(|| tensor(TensorShape::from([outputs]), "initialBias")),
            fan: Fan::dense(outputs, inputs),
            trainable: settings.flag("trainable"),
            used: WeightUse::Time,
        }
    }
}

/// An operation that is ready for the shapes of its sources.
pub struct Planned<O> {
    pub operation: O,
    /// The shape of the output.
    pub shape: Shape,
    pub weights: Option<Weights>,
}

/// The outputs of a source for some samples at one step.
pub struct Rows<'a, F> {
    pub rows: &'a [Row<'a, F>],
    /// The order of elements in rows of values.
    pub order: Order,
    pub shape: Shape,
}

impl<F: Element> Rows<'_, F> {
    /// All values, `[row][pixel][channel]`.
    pub fn values(&self, level: SimdLevel, out: &mut [F]) {
        self.written(level, Order::of_values(self.shape.channels), out);
    }

    /// All values, `[row][channel][pixel]`.
    pub fn public(&self, level: SimdLevel, out: &mut [F]) {
        self.written(level, Order::public(self.shape.pixels()), out);
    }

    fn written(&self, level: SimdLevel, to: Order, out: &mut [F]) {
        for (row, out) in self.rows.iter().zip(out.chunks_exact_mut(self.shape.elements())) {
            row.write(level, [self.order, to], self.shape.image(), out);
        }
    }

    /// Visits the nonzero elements of a row as `(channel, pixel, value)`, ascending in the public order. So a sum has
    /// the same bits for spikes and for values of 0 and 1.
    pub fn each_nonzero(&self, row: usize, mut visit: impl FnMut(usize, usize, F)) {
        let [channels, pixels] = self.shape.image();
        match self.rows[row] {
            Row::Events(events) => {
                events.iter().for_each(|&e| visit(e as usize / pixels, e as usize % pixels, F::ONE))
            }
            Row::Values(values) => {
                for channel in 0..channels {
                    for pixel in 0..pixels {
                        let x = values[self.order.at(channel, pixel)];
                        if x != F::ZERO {
                            visit(channel, pixel, x);
                        }
                    }
                }
            }
        }
    }
}

/// The SIMD level and the weights for the kernels of an operation.
#[derive(Clone, Copy)]
pub struct KernelContext<'a, F> {
    pub level: SimdLevel,
    /// Empty without weights.
    pub weight: &'a [F],
    /// Empty without a bias.
    pub bias: &'a [F],
    /// The result of [`Operation::pack`].
    pub packed: &'a [F],
}

/// An operation without a state. Values and gradients have the layout `[row][pixel][channel]`; a row is one sample at one step. A row must
/// not depend on another one, so that a session computes the same bits as a batch.
pub trait Operation: Sized + Send + Sync + 'static {
    fn definition() -> Definition;

    /// The shape rule: checks the parameters against the shapes of the sources and returns the shape of the output. The kind and range of each
    /// parameter have been checked before.
    ///
    /// # Errors
    /// `invalid-parameter` and `shape-mismatch`
    fn plan(site: &Site) -> Result<Planned<Self>>;

    /// Converts the weights to the layout that the kernels need. Called once for many rows.
    fn pack<F: Element>(&self, _weight: &[F], _bias: &[F]) -> Vec<F> {
        vec![]
    }

    fn forward<F: Element>(&self, context: &KernelContext<F>, x: &[Rows<F>], out: &mut [F]);

    /// Number of values per row that the backward pass computes first ([`save`](Self::save)) and uses for the gradients
    /// of the sources and of the weights. If it is not 0, these two functions receive the saved values in place of `x`,
    /// which is then empty.
    fn saved(&self) -> usize {
        0
    }

    /// Computes the `saved` values of each row, in any layout.
    fn save<F: Element>(&self, _context: &KernelContext<F>, _x: &[Rows<F>], _saved: &mut [F]) {}

    /// Computes the gradient with respect to one source from the gradient with respect to the output.
    fn source_gradient<F: Element>(
        &self,
        context: &KernelContext<F>,
        source: usize,
        backward: &BackwardInput<F>,
        dx: &mut [F],
    );

    /// The lengths of the pieces of weight and bias. One thread sums the gradient of a piece, over all rows in ascending order.
    fn weight_pieces(&self) -> [usize; 2] {
        [usize::MAX; 2]
    }

    /// Adds the contribution of some rows to the gradients of one piece of the weight and of the bias.
    fn weight_gradient<F: Element>(
        &self,
        _context: &KernelContext<F>,
        _piece: usize,
        _backward: &BackwardInput<F>,
        _sums: [&mut [F]; 2],
    ) {
    }

    /// The number of rows of a call of [`gradients`](Self::gradients), which computes all gradients at once; 0 if each gradient has a call of
    /// its own, with the rows of one step.
    fn gradient_rows(&self) -> usize {
        0
    }

    /// All wanted gradients for some rows.
    fn gradients<F: Element>(
        &self,
        _context: &KernelContext<F>,
        _backward: &BackwardInput<F>,
        _wanted: &Wanted,
    ) -> Gradients<F> {
        Gradients::default()
    }

    /// For operation counts: for each element of the first source, in the public order, the number of nonzero weights
    /// that it connects to; and the number of connections.
    fn fan_outs<F: Element>(&self, _weight: &[F]) -> (Vec<u64>, u64) {
        (vec![], 0)
    }

    /// For operation counts: the operations of each row in addition to those of its connections.
    fn cost(&self) -> Cost {
        Cost::default()
    }

    /// Number of temporary values of a call for some rows, forward or for gradients.
    fn working(&self, _rows: usize, _gradients: bool) -> u64 {
        0
    }
}

/// The inputs of the backward pass for some rows.
pub struct BackwardInput<'a, F> {
    pub x: &'a [Rows<'a, F>],
    pub saved: &'a [F],
    /// With respect to the output.
    pub gradient: &'a [F],
}

/// The gradients that a backward pass reads.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// By source.
    pub sources: &'a [bool],
    pub weight: bool,
}

/// The gradients of an operation for some rows; those that are not wanted are empty.
#[derive(Debug, Default)]
pub struct Gradients<F> {
    /// By source, `[row][pixel][channel]`.
    pub sources: Vec<Vec<F>>,
    pub weight: Vec<F>,
}
