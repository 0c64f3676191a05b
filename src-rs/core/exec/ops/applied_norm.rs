//! Batch norm between a convolution and its only reader, a population: the normalized values are never stored. They are
//! computed together with the population's currents, from the convolution's values in the population's order. In the
//! backward pass the gradient of the convolution's values is computed from that of the population, row by row, when the
//! convolution needs it.

use crate::ops::backward::MapBackward;
use crate::ops::batch_norm::Factors;
use crate::storage::buffers::{Buffer, Buffers};
use crate::storage::geometry::Geometry;
use crate::tape::map_tape::MapTape;
use crate::tape::norms::Norms;
use lapicque_base::SimdLevel;
use lapicque_graph::{MapUse, Shape};
use lapicque_projection::{Element, Normal, PANEL, PanelRow, population_norm_gradient, transpose};

/// The gradient of a port of a population, row by row.
#[derive(Clone, Copy)]
pub(crate) struct PopulationGradient<'a, F> {
    values: &'a [F],
    blocks: usize,
    g: Geometry,
}

impl<'a, F: Element> PopulationGradient<'a, F> {
    pub fn row(&self, [tile, step, sample]: [usize; 3]) -> PanelRow<'a, F> {
        let elements = self.g.elements();
        let first = (tile * self.blocks + step) * elements + sample * PANEL;
        PanelRow { values: &self.values[first..], stride: self.g.tiles * self.blocks * elements }
    }
}

/// The data from which the gradient of a convolution's values is computed if a batch norm is applied to them.
pub(crate) struct NormBehind<'a, F: Element> {
    level: SimdLevel,
    shape: Shape,
    population: PopulationGradient<'a, F>,
    norms: &'a Norms<F>,
    factors: Factors<F>,
}

impl<F: Element> NormBehind<'_, F> {
    /// One row of the gradient, `[pixel][channel]`; the values `x` and the scratch buffer are `[channel][pixel]`.
    pub fn row(&self, at: [usize; 3], x: &[F], scratch: &mut [F], row: &mut [F]) {
        let Factors { whole, means: [mean, product] } = &self.factors;
        let gradient = self.population.row(at);
        let means = [&mean[..], &product[..]];
        population_norm_gradient(self.level, x, (gradient, 0), self.norms.normal(), whole, means, scratch);
        transpose(self.level, scratch, self.shape.image(), row);
    }
}

impl<F: Element> NormBehind<'_, F> {
    /// One panel of the channels of a row of the gradient, `[pixel][64]`, 0 for channels that do not exist. `x` are the
    /// values of all channels, `[channel][pixel]`; the scratch buffer has the size of one panel.
    pub fn panel(&self, at: [usize; 3], x: &[F], panel: usize, scratch: &mut [F], out: &mut [F]) {
        let Factors { whole, means: [mean, product] } = &self.factors;
        let pixels = self.shape.pixels();
        let channels = panel * PANEL..self.shape.channels.min((panel + 1) * PANEL);
        let neurons = channels.start * pixels..channels.end * pixels;
        let Norms { mean: center, inverse } = self.norms;
        let normal = Normal { mean: &center[channels.clone()], inverse: &inverse[channels.clone()] };
        let means = [&mean[channels.clone()], &product[channels.clone()]];
        let gradient = (self.population.row(at), neurons.start);
        let (own, rest) = scratch.split_at_mut(neurons.len());
        population_norm_gradient(self.level, &x[neurons], gradient, normal, &whole[channels], means, own);
        rest.fill(F::ZERO);
        transpose(self.level, scratch, [PANEL, pixels], out);
    }
}

impl<F: Element> MapBackward<'_, F> {
    /// The gradient of the only population that reads an operation; summed over all steps if the operation is constant.
    pub(crate) fn population_gradient(
        &self,
        map: usize,
        constant: bool,
    ) -> Option<PopulationGradient<'_, F>> {
        let (layer, port) = self.network.plan.fusions.port_gradient(map)?;
        let (tape, g) = (&self.layers[layer], self.sources.g);
        Some(match constant {
            true => PopulationGradient { values: &tape.current_sums[port], blocks: 1, g },
            false => {
                let values = tape.gradient(&self.network.plan.layers[layer], port);
                PopulationGradient { values, blocks: tape.blocks, g }
            }
        })
    }

    /// The batch norm that is applied to this operation's values, and its tape.
    pub(crate) fn applied(&self) -> Option<(usize, &MapTape<F>)> {
        let applied = |(_, tape): &(usize, &MapTape<F>)| tape.usage == MapUse::Applied(self.map);
        self.after.iter().enumerate().find(applied).map(|(i, tape)| (self.map + 1 + i, tape))
    }

    /// As [`Self::applied`], with the data that are the same for all rows.
    pub(crate) fn norm_behind(&self, g: &Geometry) -> Option<NormBehind<'_, F>> {
        let (map, tape) = self.applied()?;
        let factors = self.factors(map, g, &tape.gradient_sums, &tape.norms);
        let (level, shape) = (self.network.level, self.network.plan.maps[map].shape);
        let population = self.population_gradient(map, tape.constant)?;
        Some(NormBehind { level, shape, population, norms: &tape.norms, factors })
    }
}

/// Scratch buffers for one row of [`NormBehind::row`]: `[channel][pixel]`, then `[pixel][channel]`. Both are fully
/// overwritten; empty without a norm.
pub(crate) fn scratch_rows<'b, F: Element>(
    buffers: &'b Buffers<F>,
    norm: Option<&NormBehind<F>>,
) -> [Buffer<'b, F>; 2] {
    let size = norm.map_or(0, |norm| norm.shape.elements());
    [0, 1].map(|_| {
        let mut row = buffers.take();
        row.reuse(size);
        row
    })
}
