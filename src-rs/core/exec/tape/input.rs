//! A batch's input in the form that products read: spikes as bits and lists, or the user's own values.

use crate::storage::geometry::Geometry;
use crate::storage::input_kind::InputKind;
use crate::storage::packed::PackedSpikes;
use crate::storage::parallel;
use crate::storage::rows::nonzero;
use lapicque_base::error::{Error, Result};
use lapicque_base::memory;
use lapicque_base::simd::SimdLevel;
use lapicque_projection::{
    Element, EventLists, PANEL, StepRows, StepSpikes, TransposedLists, count_events, first_non_finite,
    pack_spikes, panels,
};
use std::ops::Range;

/// The user's input: values of the whole batch.
#[derive(Clone, Copy)]
pub struct InputValues<'a, F> {
    /// Empty if `spikes` are given instead.
    pub values: &'a [F],
    spikes: Option<&'a PackedSpikes>,
    /// Number of samples in the whole batch.
    pub batch: usize,
    pub steps: usize,
    pub channels: usize,
    /// The values are `[batch, channels]`, the same at every step, instead of
    /// `[time, batch, channels]`.
    pub constant: bool,
}

impl<'a, F: Element> InputValues<'a, F> {
    /// Checks shape and finiteness.
    pub fn new(
        values: &'a [F],
        [steps, batch, channels]: [usize; 3],
        constant: bool,
        level: SimdLevel,
    ) -> Result<Self> {
        check_size(steps, batch)?;
        let rows = if constant { Some(batch) } else { steps.checked_mul(batch) };
        let expected = rows.and_then(|r| r.checked_mul(channels));
        if expected != Some(values.len()) {
            let shape = if constant {
                format!("[{batch}, {channels}]")
            } else {
                format!("[{steps}, {batch}, {channels}]")
            };
            return Err(wrong_shape(shape, values.len()));
        }
        if let Some(i) = first_non_finite(level, values) {
            return Err(Error::NonFinite {
                layer: "input".into(),
                step: if constant { 0 } else { i / (batch * channels) },
                name: format!("sample {}, channel {}", i / channels % batch, i % channels),
            });
        }
        Ok(InputValues { values, spikes: None, batch, steps, channels, constant })
    }

    /// Spikes of `[time, batch]` rows.
    pub fn spikes(spikes: &'a PackedSpikes, [steps, batch]: [usize; 2]) -> Result<Self> {
        check_size(steps, batch)?;
        let channels = spikes.channels();
        if steps.checked_mul(batch) != Some(spikes.rows()) {
            let got = spikes.rows() * channels;
            return Err(wrong_shape(format!("[{steps}, {batch}, {channels}]"), got));
        }
        Ok(InputValues { values: &[], spikes: Some(spikes), batch, steps, channels, constant: false })
    }

    pub fn kind(&self) -> InputKind {
        match self.spikes {
            Some(_) => InputKind::Spikes,
            None if self.constant => InputKind::Constant,
            None => InputKind::Values,
        }
    }

    /// The spikes, if the input is spikes and not values.
    pub fn packed(&self) -> Option<&'a PackedSpikes> {
        self.spikes
    }

    /// Values or spikes that have been checked before.
    pub fn from_checked(
        values: &'a [F],
        spikes: Option<&'a PackedSpikes>,
        [steps, batch, channels]: [usize; 3],
        constant: bool,
    ) -> Self {
        InputValues { values, spikes, batch, steps, channels, constant }
    }

    /// Number of non-zero values of a chunk over some steps.
    fn nonzero(&self, g: &Geometry, steps: Range<usize>) -> u64 {
        let count = |step: usize| {
            let row = self.row(step, g.first);
            nonzero(&self.values[row * self.channels..(row + g.batch) * self.channels])
        };
        if self.constant { count(0) * steps.len() as u64 } else { steps.map(count).sum() }
    }

    /// The row index of one sample at one step.
    pub fn row(&self, step: usize, sample: usize) -> usize {
        if self.constant { sample } else { step * self.batch + sample }
    }
}

fn check_size(steps: usize, batch: usize) -> Result<()> {
    if steps == 0 {
        return Err(Error::invalid("steps", 0, "at least one time step"));
    }
    if batch == 0 {
        return Err(Error::invalid("batch", 0, "at least one sample"));
    }
    Ok(())
}

fn wrong_shape(expected: String, got: usize) -> Error {
    Error::ShapeMismatch { layer: "input".into(), expected, got: format!("{got} values") }
}

/// The input of one chunk of samples and one segment of time.
#[derive(Clone, Copy)]
pub enum Signal<'a, F> {
    Spikes(&'a Spikes),
    /// The values. If they are constant and few are not zero, there are lists of the non-zero ones, whose rows are the
    /// samples.
    Values(InputValues<'a, F>, Option<&'a Spikes>),
}

/// If the share of non-zero values is above this, the dense product is faster.
const SPARSE: f64 = 0.35;

/// The kind of a [`Signal`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SignalKind {
    #[default]
    Dense,
    Sparse,
    Spikes,
}

/// Up to this number of words, a single thread builds the lists.
const SERIAL_WORDS: usize = 4096;

/// Spikes of one population over the rows of a geometry.
#[derive(Default)]
pub struct Spikes {
    /// `[panels][rows]`, bit `j` of panel `p` is neuron `64 p + j`.
    pub bits: Vec<u64>,
    /// The neurons that fired in each row, ascending.
    pub lists: EventLists,
    /// The rows at which each neuron fired, ascending.
    pub transposed: TransposedLists,
    /// For the user's input: when each neuron fired in each sample.
    pub by_step: StepSpikes,
}

impl<'a, F: Element> Signal<'a, F> {
    /// `first_step`: the first step of this segment in the whole sequence.
    pub fn new(
        input: InputValues<'a, F>,
        spikes: &'a mut Spikes,
        g: &Geometry,
        first_step: usize,
        transposed: bool,
        level: SimdLevel,
    ) -> Result<Self> {
        if input.spikes.is_none() && !input.constant {
            return Ok(Signal::Values(input, None));
        }
        let panels = panels(input.channels);
        let g = &Geometry { steps: if input.constant { 1 } else { g.steps }, ..*g };
        let rows = g.rows();
        let bits = &mut spikes.bits;
        bits.clear();
        bits.try_reserve(panels * rows).map_err(|_| memory::refused::<u64>("input spikes", panels * rows))?;
        bits.resize(panels * rows, 0);
        let tasks: Vec<_> = bits.chunks_mut(rows).enumerate().collect();
        if input.constant {
            parallel::for_each(tasks, |(panel, words)| pack_nonzero(&input, g, panel, words, level));
            let elements = (g.batch * input.channels) as f64;
            if count_events(level, bits) as f64 > SPARSE * elements {
                return Ok(Signal::Values(input, None));
            }
            spikes.index(input.channels, g, transposed, level)?;
            return Ok(Signal::Values(input, Some(spikes)));
        }
        let Some(packed) = input.spikes else { return Ok(Signal::Values(input, None)) };
        parallel::for_each(tasks, |(panel, words)| arrange(&input, packed, g, first_step, panel, words));
        let steps = StepRows { tiles: g.tiles, steps: g.steps, tile: g.tile };
        if transposed && spikes.is_large() {
            let Spikes { bits, lists, by_step, .. } = &mut *spikes;
            let (by_row, by_step) = rayon::join(
                || lists.par_rebuild_rows(level, bits, input.channels, rows),
                || by_step.rebuild(level, bits, input.channels, steps, true),
            );
            by_row.and(by_step)?;
            return Ok(Signal::Spikes(spikes));
        }
        spikes.index_rows(input.channels, g, level)?;
        if transposed {
            spikes.by_step.rebuild(level, &spikes.bits, input.channels, steps, false)?;
        }
        Ok(Signal::Spikes(spikes))
    }

    /// The signal that the last [`Signal::new`] has stored in `spikes`.
    pub fn existing(input: InputValues<'a, F>, spikes: &'a Spikes, kind: SignalKind) -> Self {
        match kind {
            SignalKind::Spikes => Signal::Spikes(spikes),
            SignalKind::Sparse => Signal::Values(input, Some(spikes)),
            SignalKind::Dense => Signal::Values(input, None),
        }
    }

    /// Number of spikes or non-zero values of the samples that exist, over the `steps` of the segment.
    pub fn events(&self, g: &Geometry, level: SimdLevel, steps: Range<usize>) -> u64 {
        match self {
            Signal::Spikes(spikes) => spikes.count(g, level),
            Signal::Values(_, Some(sparse)) => (sparse.lists.count() * steps.len()) as u64,
            Signal::Values(values, None) => values.nonzero(g, steps),
        }
    }

    /// Whether the values are the same at every step.
    pub fn is_constant(&self) -> bool {
        matches!(self, Signal::Values(InputValues { constant: true, .. }, _))
    }

    pub fn kind(&self) -> SignalKind {
        match self {
            Signal::Spikes(_) => SignalKind::Spikes,
            Signal::Values(_, Some(_)) => SignalKind::Sparse,
            Signal::Values(_, None) => SignalKind::Dense,
        }
    }
}

/// Marks the non-zero values of a constant input.
fn pack_nonzero<F: Element>(
    input: &InputValues<F>,
    g: &Geometry,
    panel: usize,
    words: &mut [u64],
    level: SimdLevel,
) {
    let channels = panel * PANEL..(panel * PANEL + PANEL).min(input.channels);
    let mut elements = [F::ZERO; PANEL];
    for (sample, word) in words.iter_mut().enumerate().take(g.batch) {
        let values = &input.values[(g.first + sample) * input.channels..][channels.clone()];
        for (element, &x) in elements.iter_mut().zip(values) {
            *element = if x == F::ZERO { F::ZERO } else { F::ONE };
        }
        pack_spikes(level, &elements, std::slice::from_mut(word));
    }
}

/// The words of 64 channels, in the order of the rows of `g`.
fn arrange<F: Element>(
    input: &InputValues<F>,
    packed: &PackedSpikes,
    g: &Geometry,
    first_step: usize,
    panel: usize,
    words: &mut [u64],
) {
    for (tile, step) in (0..g.tiles).flat_map(|tile| (0..g.steps).map(move |step| (tile, step))) {
        let (row, valid) = (input.row(first_step + step, g.first + tile * g.tile), g.valid(tile));
        let words = &mut words[g.row(tile, step)..][..valid];
        words.iter_mut().zip(packed.panel(row..row + valid, panel)).for_each(|(word, &from)| *word = from);
    }
}

impl Spikes {
    /// Builds the row lists, and the transposed lists if a weight gradient needs them.
    pub fn index(&mut self, neurons: usize, g: &Geometry, transposed: bool, level: SimdLevel) -> Result<()> {
        if transposed && self.is_large() {
            let Spikes { bits, lists, transposed, .. } = self;
            let (by_row, by_neuron) = rayon::join(
                || lists.par_rebuild_rows(level, bits, neurons, g.rows()),
                || transposed.par_rebuild(level, bits, neurons, g.rows()),
            );
            return by_row.and(by_neuron);
        }
        self.index_rows(neurons, g, level)?;
        if transposed { self.index_neurons(neurons, g, level) } else { Ok(()) }
    }

    /// Builds the lists of the neurons that fired in each row.
    pub fn index_rows(&mut self, neurons: usize, g: &Geometry, level: SimdLevel) -> Result<()> {
        match self.is_large() {
            true => self.lists.par_rebuild_rows(level, &self.bits, neurons, g.rows()),
            false => self.lists.rebuild_rows(level, &self.bits, neurons, g.rows()),
        }
    }

    /// Builds the lists of the rows in which each neuron fired.
    pub fn index_neurons(&mut self, neurons: usize, g: &Geometry, level: SimdLevel) -> Result<()> {
        match self.is_large() {
            true => self.transposed.par_rebuild(level, &self.bits, neurons, g.rows()),
            false => self.transposed.rebuild(level, &self.bits, neurons, g.rows()),
        }
    }

    /// Whether the work is divided among threads.
    fn is_large(&self) -> bool {
        rayon::current_num_threads() > 1 && self.bits.len() > SERIAL_WORDS
    }

    /// Number of spikes of the samples that exist.
    pub fn count(&self, g: &Geometry, level: SimdLevel) -> u64 {
        if g.batch == g.tiles * g.tile {
            return count_events(level, &self.bits) as u64;
        }
        let mut total = 0;
        for panel in self.bits.chunks(g.rows()) {
            for (tile, step) in (0..g.tiles).flat_map(|tile| (0..g.steps).map(move |step| (tile, step))) {
                total += count_events(level, &panel[g.row(tile, step)..][..g.valid(tile)]) as u64;
            }
        }
        total
    }
}
