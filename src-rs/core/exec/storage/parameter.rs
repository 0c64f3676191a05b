//! A trainable tensor: its values, gradient and optimizer moments in the layout of the kernels, with conversion to and
//! from the public row-major layout.

use lapicque_base::error::{Error, Result};
use lapicque_base::settings;
use lapicque_graph::Shape;
use lapicque_operations::TensorShape;
use lapicque_projection::{
    Aligned, Element, PANEL, first_non_finite, pack_weights, padded_channels, panels, unpack_weights,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Public `[parts * out, in]`, stored as `[part][panel of 64 outputs][in][64]`.
    Dense { inputs: usize, outputs: usize, parts: usize },
    /// Public `[parts * n]`; each part is stored padded to whole panels.
    PerNeuron { neurons: usize, parts: usize },
    /// Public `[parts]`: one weight for all neurons of a part. Stored once per neuron as
    /// [`PerNeuron`](Layout::PerNeuron).
    Shared { neurons: usize, parts: usize },
    /// Public and stored as `[n]`.
    Plain { len: usize },
    /// Public and stored in this shape, outermost first.
    Shaped { shape: Shape },
    /// The same for a registered operation, which may have more axes.
    Tensor { shape: TensorShape },
    /// A table `[rows, columns]`.
    Table { rows: usize, columns: usize },
    /// Public `[out, in / groups, …kernel]`, for a transposed convolution `[in, out / groups, …kernel]`. Stored as
    /// `[in][kernel][out / groups padded]`; the kernel is reversed unless the convolution is transposed.
    Conv { channels: [usize; 2], groups: usize, kernel: [usize; 2], transposed: bool, line: bool },
}

impl Layout {
    pub fn stored_len(self) -> usize {
        match self {
            Layout::Dense { inputs, outputs, parts } => parts * panels(outputs) * inputs * PANEL,
            Layout::PerNeuron { neurons, parts } | Layout::Shared { neurons, parts } => {
                parts * panels(neurons) * PANEL
            }
            Layout::Plain { len } => len,
            Layout::Shaped { shape } => shape.elements(),
            Layout::Tensor { shape } => shape.elements(),
            Layout::Table { rows, columns } => rows * columns,
            Layout::Conv { channels, groups, kernel, .. } => {
                channels[0] * kernel[0] * kernel[1] * padded_channels(channels[1] / groups)
            }
        }
    }

    pub fn public_len(self) -> usize {
        match self {
            Layout::Dense { inputs, outputs, parts } => inputs * outputs * parts,
            Layout::PerNeuron { neurons, parts } => neurons * parts,
            Layout::Shared { parts, .. } => parts,
            Layout::Plain { len } => len,
            Layout::Shaped { shape } => shape.elements(),
            Layout::Tensor { shape } => shape.elements(),
            Layout::Table { rows, columns } => rows * columns,
            Layout::Conv { channels, groups, kernel, .. } => {
                channels[0] * kernel[0] * kernel[1] * (channels[1] / groups)
            }
        }
    }

    pub fn shape(self) -> Vec<usize> {
        match self {
            Layout::Dense { inputs, outputs, parts } => vec![outputs * parts, inputs],
            Layout::PerNeuron { neurons, parts } => vec![neurons * parts],
            Layout::Shared { parts, .. } => vec![parts],
            Layout::Plain { len } => vec![len],
            Layout::Shaped { shape } => shape.sizes(),
            Layout::Tensor { shape } => shape.sizes().to_vec(),
            Layout::Table { rows, columns } => vec![rows, columns],
            Layout::Conv { channels: [inputs, outputs], groups, kernel, transposed, line } => {
                let mut shape = match transposed {
                    false => vec![outputs, inputs / groups],
                    true => vec![inputs, outputs / groups],
                };
                shape.extend(if line { &kernel[1..] } else { &kernel[..] });
                shape
            }
        }
    }

    /// Calls `visit(public, stored)` with the offsets of each weight of a convolution.
    fn each_weight(self, mut visit: impl FnMut(usize, usize)) {
        let Layout::Conv { channels, groups, kernel, transposed, .. } = self else { return };
        let [inputs, outputs] = channels.map(|channels| channels / groups);
        let (taps, width) = (kernel[0] * kernel[1], padded_channels(outputs));
        for i in 0..channels[0] {
            for o in 0..outputs {
                let public = match transposed {
                    false => (i / inputs * outputs + o) * inputs + i % inputs,
                    true => i * outputs + o,
                };
                for k in 0..taps {
                    let kept = if transposed { k } else { taps - 1 - k };
                    visit(public * taps + k, (i * taps + kept) * width + o);
                }
            }
        }
    }

    pub fn to_public<F: Element>(self, stored: &[F]) -> Vec<F> {
        match self {
            Layout::Dense { inputs, outputs, parts } => {
                let mut public = vec![F::ZERO; inputs * outputs * parts];
                let stored = stored.chunks(panels(outputs) * inputs * PANEL);
                for (part, public) in stored.zip(public.chunks_mut(inputs * outputs)) {
                    unpack_weights(part, outputs, inputs, public);
                }
                public
            }
            Layout::PerNeuron { neurons, .. } => {
                stored.chunks(panels(neurons) * PANEL).flat_map(|part| &part[..neurons]).copied().collect()
            }
            Layout::Shared { neurons, .. } => {
                stored.chunks(panels(neurons) * PANEL).map(|part| part[0]).collect()
            }
            Layout::Plain { .. } | Layout::Shaped { .. } | Layout::Tensor { .. } | Layout::Table { .. } => {
                stored.to_vec()
            }
            Layout::Conv { .. } => {
                let mut public = vec![F::ZERO; self.public_len()];
                self.each_weight(|to, from| public[to] = stored[from]);
                public
            }
        }
    }

    pub fn to_stored<F: Element>(self, public: &[F], stored: &mut [F]) {
        match self {
            Layout::Dense { inputs, outputs, .. } => {
                let stored = stored.chunks_mut(panels(outputs) * inputs * PANEL);
                for (part, public) in stored.zip(public.chunks(inputs * outputs)) {
                    pack_weights(public, outputs, inputs, part);
                }
            }
            Layout::PerNeuron { neurons, .. } => {
                let stored = stored.chunks_mut(panels(neurons) * PANEL);
                stored
                    .zip(public.chunks(neurons))
                    .for_each(|(part, public)| part[..neurons].copy_from_slice(public));
            }
            Layout::Shared { neurons, .. } => {
                let stored = stored.chunks_mut(panels(neurons) * PANEL);
                stored.zip(public).for_each(|(part, &public)| part[..neurons].fill(public));
            }
            Layout::Plain { .. } | Layout::Shaped { .. } | Layout::Tensor { .. } | Layout::Table { .. } => {
                stored.copy_from_slice(public)
            }
            Layout::Conv { .. } => self.each_weight(|from, to| stored[to] = public[from]),
        }
    }
}

/// The values that are allowed in a tensor, in addition to being finite: state that is carried from batch to batch has
/// its own meaning.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Allowed {
    Any,
    /// From 0 to 1.
    Share,
    /// At least 0.
    Square,
    /// Integers from 0 to [`last_count`].
    Count,
    /// Delays from 0 to the longest, in ms.
    Delay {
        max: f64,
    },
    /// For weights of a dense projection: 0 from each input to the output with the same index.
    NoAutapses,
}

impl Allowed {
    /// The expected value as text, if `x` is refused.
    fn refused<F: Element>(self, x: F) -> Option<String> {
        let x = x.to_f64();
        match self {
            // Depends on the index of the weight, not on its value alone.
            Allowed::Any | Allowed::NoAutapses => None,
            Allowed::Share => (!(0.0..=1.0).contains(&x)).then(|| "a number from 0 to 1".into()),
            Allowed::Delay { max } => {
                let longest = F::from_f64(max).to_f64();
                (!(0.0..=longest).contains(&x)).then(|| format!("a delay from 0 to {max} ms"))
            }
            Allowed::Square => (x < 0.0).then(|| "a number of at least 0".into()),
            Allowed::Count => {
                let most = last_count::<F>();
                let counts = (0.0..=most).contains(&x) && x.fract() == 0.0;
                (!counts).then(|| format!("a whole number from 0 to {most}"))
            }
        }
    }
}

/// The number after which a count restarts: the next one is still exact in this precision.
pub fn last_count<F: Element>() -> f64 {
    let digits = if size_of::<F>() == size_of::<f32>() { f32::MANTISSA_DIGITS } else { f64::MANTISSA_DIGITS };
    2f64.powi(digits as i32) - 1.0
}

/// Maximum number of tensors that an optimizer stores per parameter, in addition to the values.
pub const MOMENTS: usize = 3;

pub struct Parameter<F: Element> {
    /// `layer.tensor`, for example `dense1.weight`.
    pub name: String,
    pub layout: Layout,
    pub trainable: bool,
    pub allowed: Allowed,
    pub data: Aligned<F>,
    /// Empty until the first backward pass.
    pub grad: Aligned<F>,
    /// Moments or momenta, in the order of the optimizer. Empty until its first step, and beyond the number that it
    /// uses.
    pub moments: [Aligned<F>; MOMENTS],
    /// Number of optimizer steps since the moments were created; 0 if there are none.
    pub steps: u64,
}

impl<F: Element> Parameter<F> {
    pub fn new(name: String, layout: Layout, trainable: bool) -> Result<Self> {
        let data = Aligned::zeroed(&name, layout.stored_len())?;
        Ok(Parameter {
            name,
            layout,
            trainable,
            allowed: Allowed::Any,
            data,
            grad: Aligned::default(),
            moments: std::array::from_fn(|_| Aligned::default()),
            steps: 0,
        })
    }

    /// Values in the public layout.
    pub fn values(&self) -> Vec<F> {
        self.layout.to_public(&self.data)
    }

    /// Replaces the values; all must be finite and allowed for this parameter.
    pub fn set(&mut self, public: &[F]) -> Result<()> {
        self.check_values(public)?;
        self.layout.to_stored(public, &mut self.data);
        Ok(())
    }

    /// Refuses values that are not allowed.
    pub fn check_values(&self, public: &[F]) -> Result<()> {
        self.check(public)?;
        if self.allowed == Allowed::Any {
            return Ok(());
        }
        let refused = |(i, &x): (usize, &F)| match self.is_autapse(i) && x != F::ZERO {
            true => Some((i, x, "0, since there are no autapses".into())),
            false => self.allowed.refused(x).map(|expected| (i, x, expected)),
        };
        match public.iter().enumerate().find_map(refused) {
            Some((i, x, expected)) => Err(Error::invalid(format!("{}[{i}]", self.name), x, expected)),
            None => Ok(()),
        }
    }

    /// Whether a weight, by its offset in the public layout, is fixed at 0.
    fn is_autapse(&self, offset: usize) -> bool {
        let Layout::Dense { inputs, .. } = self.layout else { return false };
        self.allowed == Allowed::NoAutapses && offset / inputs % inputs == offset % inputs
    }

    /// Sets the weights that are fixed at 0, or their gradients, to 0.
    pub fn zero_autapses(&self, stored: &mut [F]) {
        let (Allowed::NoAutapses, Layout::Dense { inputs, outputs, .. }) = (self.allowed, self.layout) else {
            return;
        };
        for part in stored.chunks_mut(panels(outputs) * inputs * PANEL) {
            for output in 0..outputs {
                let element = output / PANEL * inputs * PANEL + output % PANEL;
                part[element + output % inputs * PANEL] = F::ZERO;
            }
        }
    }

    /// Clears the gradient of weights that are fixed at 0.
    pub fn zero_autapse_gradients(&mut self) {
        let mut grad = std::mem::take(&mut self.grad);
        self.zero_autapses(&mut grad);
        self.grad = grad;
    }

    /// Adds a gradient in the public layout.
    pub fn add_public_gradient(&mut self, gradient: &[F]) {
        let mut stored = vec![F::ZERO; self.grad.len()];
        self.layout.to_stored(gradient, &mut stored);
        if let Layout::Shared { neurons, .. } = self.layout {
            // The gradient of the one weight is the sum over the neurons.
            stored.chunks_mut(panels(neurons) * PANEL).for_each(|part| part[1..].fill(F::ZERO));
        }
        self.grad.iter_mut().zip(stored).for_each(|(sum, x)| *sum += x);
    }

    /// The gradient in the public layout. For a weight that neurons share it is the sum over the neurons, ascending.
    pub fn public_gradient(&self) -> Vec<F> {
        let Layout::Shared { neurons, .. } = self.layout else { return self.layout.to_public(&self.grad) };
        self.grad.chunks(panels(neurons) * PANEL).map(|part| shared_sum(&part[..neurons])).collect()
    }

    /// Before an optimizer's step: stores the gradient of a shared weight at the first neuron, and 0 at the others.
    pub fn gather_shared(&mut self) {
        let Layout::Shared { neurons, .. } = self.layout else { return };
        for part in self.grad.chunks_mut(panels(neurons) * PANEL) {
            let sum = shared_sum(&part[..neurons]);
            part.fill(F::ZERO);
            part[0] = sum;
        }
    }

    /// After an optimizer's step: copies a shared weight from the first neuron to all that share it.
    pub fn spread_shared(&mut self) {
        let Layout::Shared { neurons, .. } = self.layout else { return };
        for part in self.data.chunks_mut(panels(neurons) * PANEL) {
            let first = part[0];
            part[..neurons].fill(first);
        }
        // Weight decay has changed the moments of the other neurons too.
        for part in self.moments.iter_mut().flat_map(|moment| moment.chunks_mut(panels(neurons) * PANEL)) {
            part[1..].fill(F::ZERO);
        }
    }

    /// Refuses values that no tensor of this parameter can have: a wrong number of them, or NaN and infinity.
    pub fn check(&self, public: &[F]) -> Result<()> {
        if public.len() != self.layout.public_len() {
            return Err(Error::ShapeMismatch {
                layer: self.name.clone(),
                expected: format!("{:?}", self.layout.shape()),
                got: format!("[{}]", public.len()),
            });
        }
        if let Some(i) = first_non_finite(settings::simd_or_portable(), public) {
            return Err(Error::invalid(format!("{}[{i}]", self.name), public[i], "a finite number"));
        }
        Ok(())
    }

    /// The values and all moments, in the layout of the kernels.
    pub fn values_and_moments(&self) -> [&[F]; 1 + MOMENTS] {
        let [first, second, third] = &self.moments;
        [&self.data, first, second, third]
    }

    /// Allocates the gradient, zero at first.
    pub fn ensure_grad(&mut self) -> Result<()> {
        if self.grad.is_empty() {
            self.grad = Aligned::zeroed(&self.name, self.data.len())?;
        }
        Ok(())
    }

    /// Number of elements of the present moments.
    pub fn moment_elements(&self) -> u64 {
        self.moments.iter().map(|moment| moment.len() as u64).sum()
    }

    pub fn forget_moments(&mut self) {
        self.moments.iter_mut().for_each(Aligned::clear);
        self.steps = 0;
    }

    pub fn clear_grad(&mut self) {
        self.grad.fill(F::ZERO);
    }
}

/// Sums in double precision, so that the order of a thousand neurons has no effect on the result.
fn shared_sum<F: Element>(values: &[F]) -> F {
    F::from_f64(values.iter().map(|x| x.to_f64()).sum())
}
