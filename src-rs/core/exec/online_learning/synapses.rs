//! The synapses that learn forward in time: their traces, gradients and inputs.

use crate::network::compiled::Network;
use crate::network::sources::Sources;
use crate::storage::geometry::Geometry;
use crate::storage::parallel;
use crate::tape::input::Signal;
use lapicque_base::SimdLevel;
use lapicque_base::error::Result;
use lapicque_graph::Source;
use lapicque_projection::{
    Aligned, BLOCK_STEPS, Element, PANEL, Row, add, add_fired, gemm_columns, panel_mask, panels,
};

/// The synapses of one projection.
pub(crate) struct Synapses<F: Element> {
    pub projection: usize,
    /// `None`: the population's own spikes of the previous step.
    pub source: Option<Source>,
    pub inputs: usize,
    /// Number of inputs, plus one for the bias.
    pub rows: usize,
    /// `[panel][tile][sample][trace][input][64]`; empty if there is only one block. The first block clears them.
    pub carried: Aligned<F>,
    /// Gradients so far, `[panel][tile][input][64]`.
    pub sums: Aligned<F>,
}

/// The inputs of one projection in a block, by sample.
pub(crate) enum SynapseInput<F> {
    /// A word for each input and then the bias, bit `t` for step `t`, `[sample][input]`.
    Fired(Vec<u64>),
    /// `[sample][step][input]`, or `[sample][input]` if the input is constant.
    Values { values: Vec<F>, inputs: usize, constant: bool },
}

impl<F: Element> Synapses<F> {
    /// Reuses the memory of `spare` if it has the same size.
    pub fn new(
        network: &Network<F>,
        [layer, projection, traces]: [usize; 3],
        source: Option<Source>,
        g: &Geometry,
        crosses: bool,
        spare: Option<Self>,
    ) -> Result<Self> {
        let plan = &network.plan.projections[projection];
        let rows = plan.inputs + usize::from(plan.bias);
        let chunks = panels(network.plan.layers[layer].neurons) * g.tiles;
        let samples = if crosses { g.tile } else { 0 };
        let [carried, mut sums] = spare.map(|spare| [spare.carried, spare.sums]).unwrap_or_default();
        sums.fill(F::ZERO);
        Ok(Synapses {
            projection,
            source,
            inputs: plan.inputs,
            rows,
            carried: of_length("eligibility traces", carried, chunks * samples * traces * rows * PANEL)?,
            sums: of_length("gradients of synapses", sums, chunks * rows * PANEL)?,
        })
    }

    /// The inputs of each sample in a segment.
    pub fn synapse_input(&self, sources: &Sources<F>, layer: usize) -> SynapseInput<F> {
        let g = &sources.g;
        let own = &sources.layers[layer];
        let word = |panel: usize, row: usize| panel * g.rows() + row;
        match (self.source, sources.input) {
            (None, _) => self.fired(g, |panel, tile, t, sample| match t {
                0 => own.last_spikes[(panel * g.tiles + tile) * g.tile + sample],
                _ => own.spikes.bits[word(panel, g.row(tile, t - 1) + sample)],
            }),
            (Some(Source::Spikes(l)), _) => self.fired(g, |panel, tile, t, sample| {
                sources.layers[l].spikes.bits[word(panel, g.row(tile, t) + sample)]
            }),
            (Some(Source::Input), Signal::Spikes(spikes)) => {
                self.fired(g, |panel, tile, t, sample| spikes.bits[word(panel, g.row(tile, t) + sample)])
            }
            (Some(source), input) => {
                let constant = matches!(input, Signal::Values(values, _) if values.constant);
                self.values(sources, source, constant && source == Source::Input)
            }
        }
    }

    /// `word(panel, tile, step, sample)` returns the spikes of 64 inputs.
    fn fired(
        &self,
        g: &Geometry,
        word: impl Fn(usize, usize, usize, usize) -> u64 + Sync,
    ) -> SynapseInput<F> {
        let mut fired = vec![0; g.tiles * g.tile * self.rows];
        let work: Vec<_> = fired.chunks_mut(g.tile * self.rows).enumerate().collect();
        parallel::for_each(work, |(tile, fired)| {
            for (sample, fired) in fired.chunks_mut(self.rows).enumerate().take(g.valid(tile)) {
                let (inputs, bias) = fired.split_at_mut(self.inputs);
                bias.fill(u64::MAX >> (BLOCK_STEPS - g.steps));
                for (panel, fired) in inputs.chunks_mut(PANEL).enumerate() {
                    for t in 0..g.steps {
                        let mut left = word(panel, tile, t, sample) & panel_mask(fired.len(), 0);
                        while left != 0 {
                            fired[left.trailing_zeros() as usize] |= 1 << t;
                            left &= left - 1;
                        }
                    }
                }
            }
        });
        SynapseInput::Fired(fired)
    }

    fn values(&self, sources: &Sources<F>, source: Source, constant: bool) -> SynapseInput<F> {
        let (g, inputs) = (&sources.g, self.inputs);
        let steps = if constant { 1 } else { g.steps };
        let mut values = vec![F::ZERO; g.tiles * g.tile * steps * inputs];
        let work: Vec<_> = values.chunks_mut(g.tile * steps * inputs).enumerate().collect();
        parallel::for_each(work, |(tile, values)| {
            let mut scratch = vec![];
            for (sample, values) in values.chunks_mut(steps * inputs).enumerate().take(g.valid(tile)) {
                for (t, to) in values.chunks_mut(inputs).enumerate() {
                    sources.with_rows(&[source], [tile, t, sample], &mut scratch, |rows| match rows[0] {
                        Row::Events(events) => events.iter().for_each(|&i| to[i as usize] = F::ONE),
                        Row::Values(values) => to.copy_from_slice(values),
                    });
                }
            }
        });
        SynapseInput::Values { values, inputs, constant }
    }

    /// The synapses of each panel of each tile.
    pub fn parts(&mut self, chunks: usize) -> impl Iterator<Item = Part<'_, F>> {
        let [carried, sums] = [&self.carried, &self.sums].map(|all| all.len() / chunks);
        let mut parts = self.carried.chunks_mut(carried.max(1));
        self.sums.chunks_mut(sums).map(move |sums| Part { carried: parts.next().unwrap_or_default(), sums })
    }

    /// Adds the gradients to those of the weights, `[panel][input][64]`, and the bias, `[panel][64]`.
    pub fn add_gradients(
        &self,
        level: SimdLevel,
        tiles: usize,
        weights: &mut [F],
        bias: Option<&mut Aligned<F>>,
    ) {
        let [of_panel, inputs] = [self.rows, self.inputs].map(|rows| rows * PANEL);
        let mut bias = bias.map(|bias| bias.chunks_mut(PANEL));
        for (sums, weights) in self.sums.chunks(tiles * of_panel).zip(weights.chunks_mut(inputs)) {
            sums.chunks(of_panel).for_each(|sums| add(level, weights, &sums[..inputs]));
            if let Some(bias) = bias.as_mut().and_then(|bias| bias.next()) {
                sums.chunks(of_panel).for_each(|sums| add(level, bias, &sums[inputs..]));
            }
        }
    }
}

/// The same buffer if it has this length, otherwise a new one.
fn of_length<F: Element>(what: &str, buffer: Aligned<F>, len: usize) -> Result<Aligned<F>> {
    if buffer.len() == len {
        return Ok(buffer);
    }
    drop(buffer);
    Aligned::zeroed(what, len)
}

/// The synapses of one projection to one panel of one tile.
pub(crate) struct Part<'a, F> {
    /// `[sample][trace][input][64]`
    pub carried: &'a mut [F],
    /// `[input][64]`
    pub sums: &'a mut [F],
}

impl<F: Element> SynapseInput<F> {
    /// Adds to the row of each input, `to[input, then bias][64]`, the rows `[step][64]` of the steps at which it fired
    /// in this sample. For values, adds every row times the input. Only the first `width` columns are computed.
    pub fn add(&self, level: SimdLevel, width: usize, sample: usize, steps: &[F], to: &mut [F]) {
        let rows = to.len() / PANEL;
        match self {
            SynapseInput::Fired(fired) => add_fired(level, width, &fired[sample * rows..][..rows], steps, to),
            SynapseInput::Values { values, inputs, constant } => {
                let mut total = [F::ZERO; PANEL];
                let rows = match constant {
                    true => {
                        steps.chunks(PANEL).for_each(|row| add(level, &mut total, row));
                        &total
                    }
                    false => steps,
                };
                let (depth, inputs) = (rows.len() / PANEL, *inputs);
                let values = &values[sample * depth * inputs..][..depth * inputs];
                gemm_columns(level, width, inputs, depth, values, 1, inputs, rows, to, true);
                let bias = &mut to[inputs * PANEL..];
                steps.chunks(PANEL).for_each(|row| add(level, bias, row));
            }
        }
    }
}
