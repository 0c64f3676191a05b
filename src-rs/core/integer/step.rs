//! The steps of a layer for a few samples.

use crate::convolution::Convolution;
use crate::dense::{PANEL, Panel};
use crate::events::{Row, SILENT, Spikes};
use crate::layer::{Connection, Layer};
use crate::neurons::{
    BLOCK, Block, add, after_input, after_spikes, before_input, count, crosses, integrate, receive, spike,
};
use crate::pool::{Pool, PoolState};
use crate::rules::Saturation;
use crate::words::Words;
use lapicque_base::at_level::Work;
use lapicque_base::error::{Result, try_vec};
use std::ops::Range;

/// What a source sent. Rows are `[step][sample]`, those of the step before the first one first.
#[derive(Default)]
pub struct Sent {
    pub now: Spikes,
    last: Spikes,
}

impl Sent {
    /// Starts the rows of the next steps. `keeps`: whether a connection with a delay reads the step before.
    pub fn begin(&mut self, samples: usize, keeps: bool) {
        std::mem::swap(&mut self.now, &mut self.last);
        self.now.clear();
        for sample in 0..samples {
            match self.last.rows().checked_sub(samples) {
                Some(first) if keeps => self.now.push_row(self.last.row(first + sample)),
                _ => self.now.end_row(),
            }
        }
    }

    pub fn clear(&mut self) {
        self.now.clear();
        self.last.clear();
    }
}

/// The state of a layer for each sample, in the engine's order and padded to blocks.
pub struct LayerState {
    /// `[sample][neuron]`.
    pub v: Words,
    /// `[sample][current][neuron]`.
    pub currents: Words,
    /// The spikes of the last step for which v is reset, `[sample][neuron]`: without those of aliases.
    own: Vec<u8>,
    /// All spikes of the last step, of layers with aliases.
    all: Vec<u8>,
    /// Of each pool of the connections, `[sample][pool]`.
    pools: Vec<PoolState>,
    samples: usize,
}

const WHAT: &str = "the state of the integer network";

impl LayerState {
    /// At rest. Errors: `too-large`.
    pub fn new(layer: &Layer, samples: usize) -> Result<Self> {
        let (rules, len) = (&layer.rules, samples.saturating_mul(layer.padded()));
        let mut pools = Vec::new();
        for _ in 0..samples {
            for pool in layer.connections.iter().filter_map(Connection::pool) {
                pools.push(pool.state()?);
            }
        }
        let mut state = LayerState {
            v: Words::zeros(WHAT, rules.v_bits, len)?,
            currents: Words::zeros(WHAT, rules.current_bits, len.saturating_mul(rules.currents as usize))?,
            own: try_vec(WHAT, len, 0)?,
            all: try_vec(WHAT, if layer.aliases.is_empty() { 0 } else { len }, 0)?,
            pools,
            samples,
        };
        state.reset(layer);
        Ok(state)
    }

    pub fn reset(&mut self, layer: &Layer) {
        for sample in 0..self.samples {
            for at in (0..layer.padded()).step_by(BLOCK) {
                self.v.store(sample * layer.padded() + at, &layer.parameters.v_start.block(at));
            }
        }
        self.currents.fill_zero();
        self.own.fill(0);
        self.all.fill(0);
        self.pools.iter_mut().for_each(PoolState::reset);
    }

    /// All spikes of the last step, `[sample][neuron]`.
    pub fn counts(&self) -> &[u8] {
        if self.all.is_empty() { &self.own } else { &self.all }
    }

    /// v of each neuron of a sample, in the public order.
    pub fn public_v(&self, layer: &Layer, sample: usize, out: &mut [i32]) {
        let from = sample * layer.padded();
        if layer.order.is_public() {
            return self.v.read(from, out);
        }
        for i in 0..out.len() {
            [out[layer.order.public(i)]] = self.v.load(from + i);
        }
    }

    /// The currents `[neuron, current]` of a sample.
    pub fn public_currents(&self, layer: &Layer, sample: usize, out: &mut [i32]) {
        let n = layer.rules.currents as usize;
        for current in 0..n {
            let from = (sample * n + current) * layer.padded();
            for i in 0..layer.neurons {
                [out[layer.order.public(i) * n + current]] = self.currents.load(from + i);
            }
        }
    }

    /// Bytes for one sample.
    pub fn bytes(layer: &Layer) -> usize {
        let rules = &layer.rules;
        let currents = rules.currents as usize * Words::width(rules.current_bits);
        let pools: usize = layer.connections.iter().filter_map(Connection::pool).map(Pool::state_bytes).sum();
        layer.padded() * (Words::width(rules.v_bits) + currents + 1 + usize::from(!layer.aliases.is_empty()))
            + pools
    }
}

/// Memory that steps use.
#[derive(Default)]
pub struct Scratch {
    /// The sums of convolutions in a row, `[receiver][neuron]`.
    sums: Vec<i32>,
    /// Zeros between two convolutions.
    narrow: Vec<i16>,
    /// The rows of a step's connections after their pools.
    pooled: Spikes,
    /// The spikes of each row by bits.
    bits: Vec<u64>,
}

impl Scratch {
    /// Errors: `too-large`.
    pub fn new(layers: &[Layer]) -> Result<Self> {
        let [sums, narrow] = Scratch::sizes(layers);
        Ok(Scratch { sums: try_vec(WHAT, sums, 0)?, narrow: try_vec(WHAT, narrow, 0)?, ..Scratch::default() })
    }

    /// Sums of the largest convolution, of 32 and of 16 bits.
    fn sizes(layers: &[Layer]) -> [usize; 2] {
        let layers = || layers.iter().filter(|layer| layer.convolves());
        let sums = layers().map(|layer| layer.padded() * layer.receivers()).max().unwrap_or(0);
        let narrow = layers().map(|layer| Convolution::sums(layer.neurons)).max().unwrap_or(0);
        [sums, narrow]
    }

    pub fn bytes(layers: &[Layer]) -> usize {
        let [sums, narrow] = Scratch::sizes(layers);
        sums * size_of::<i32>() + narrow * size_of::<i16>()
    }
}

/// Weights that are read for many rows before those of the next panels, in bytes: they stay in the second-level cache.
const GROUP: usize = 1 << 18;

/// Steps of a layer, compiled for each SIMD level.
pub struct Steps<'a> {
    pub layer: &'a Layer,
    /// The layer as a source.
    pub number: usize,
    /// Within the rows of the sources.
    pub steps: Range<usize>,
    pub state: &'a mut LayerState,
    pub sent: &'a [Sent],
    /// The layer's own spikes so far; those of the steps are added.
    pub out: &'a mut Spikes,
    pub scratch: &'a mut Scratch,
}

impl Work for Steps<'_> {
    type Output = ();

    #[inline(always)]
    fn run(mut self) {
        let (layer, samples) = (self.layer, self.state.samples);
        let (panels, words) = (layer.neurons.div_ceil(PANEL), layer.padded() / BLOCK);
        let group = self.group(panels);
        let rows = if group < panels { self.steps.len() * samples } else { 1 };
        self.scratch.bits.resize(self.scratch.bits.len().max(rows * words), 0);
        for first in (0..panels).step_by(group) {
            let end = panels.min(first + group);
            for (i, step) in self.steps.clone().enumerate() {
                for sample in 0..samples {
                    let bits = if rows > 1 { (i * samples + sample) * words } else { 0 };
                    self.prepare(step, sample);
                    for panel in first..end {
                        self.panel(step, sample, panel, bits);
                    }
                    if end == panels {
                        self.send(sample, bits);
                    }
                }
            }
        }
    }
}

impl<'a> Steps<'a> {
    /// The panels that are stepped through all rows before the next ones. All of them, where a row needs the others or
    /// its counts are no bits.
    fn group(&self, panels: usize) -> usize {
        let layer = self.layer;
        let all = self.steps.len() * self.state.samples == 1
            || layer.convolves()
            || !layer.aliases.is_empty()
            || layer.rules.max_spikes > 1
            || layer.connections.iter().any(|connection| {
                connection.source == self.number || connection.pool().is_some_and(Pool::keeps_totals)
            });
        let bytes: usize = layer.connections.iter().map(Connection::bytes).sum();
        if all { panels } else { (GROUP * panels / bytes.max(1)).clamp(1, panels) }
    }

    /// What a connection receives in a step.
    #[inline(always)]
    fn row(&self, connection: &Connection, step: usize, sample: usize) -> Row<'_> {
        let samples = self.state.samples;
        if connection.source == self.number {
            return self.out.row(step * samples + sample);
        }
        let rows = &self.sent[connection.source].now;
        if connection.source > self.number {
            // A later layer, which has not begun its rows of this step yet.
            return rows.rows().checked_sub(samples).map_or(SILENT, |first| rows.row(first + sample));
        }
        rows.row((step + usize::from(!connection.delayed)) * samples + sample)
    }

    /// What the connections of a row do for all panels together: pools and convolutions.
    #[inline(always)]
    fn prepare(&mut self, step: usize, sample: usize) {
        let layer = self.layer;
        let padded = layer.padded();
        if !layer.connections.iter().any(|c| c.is_convolution() || c.pool().is_some()) {
            return;
        }
        if layer.convolves() {
            self.scratch.sums[..padded * layer.receivers()].fill(0);
        }
        let mut scratch = std::mem::take(self.scratch);
        let mut pools = std::mem::take(&mut self.state.pools);
        scratch.pooled.clear();
        let mut state = pools.len() / self.state.samples * sample;
        for connection in &layer.connections {
            let mut row = self.row(connection, step, sample);
            if let Some(pool) = connection.pool() {
                pool.row(row, &mut pools[state], &mut scratch.pooled);
                state += 1;
                row = scratch.pooled.row(scratch.pooled.rows() - 1);
            }
            if connection.is_convolution() {
                let sums = &mut scratch.sums[connection.current * padded..][..padded];
                connection.add_windows(row, &mut scratch.narrow, sums);
            }
        }
        self.state.pools = pools;
        *self.scratch = scratch;
    }

    #[inline(always)]
    fn panel(&mut self, step: usize, sample: usize, panel: usize, bits: usize) {
        let layer = self.layer;
        let (rules, parameters, padded) = (&layer.rules, &layer.parameters, layer.padded());
        let from = panel * PANEL;
        let end = padded.min(from + PANEL);
        let mut drive: Panel = [0; PANEL];
        for current in 0..layer.receivers() {
            let state = (sample * layer.receivers() + current) * padded + from;
            if rules.saturation == Saturation::EachAddition {
                let mut values = [0; PANEL];
                self.state.currents.read(state, &mut values[..end - from]);
                for (i, at) in (from..end).step_by(BLOCK).enumerate() {
                    let (values, drive) = (block_of(&mut values, i), block_of(&mut drive, i));
                    before_input(rules, values, &parameters.current_decay[current], at, drive);
                }
                self.add_saturating(step, sample, panel, current, &mut values);
                for (i, at) in (from..end).step_by(BLOCK).enumerate() {
                    let (values, drive) = (block_of(&mut values, i), block_of(&mut drive, i));
                    if let Some(bias) = parameters.current_bias.get(current) {
                        receive(rules, values, &bias.block(at));
                    }
                    after_input(rules, values, &parameters.current_decay[current], at, drive);
                    self.state.currents.store(state + i * BLOCK, values);
                }
                continue;
            }
            let mut sums: Panel = [0; PANEL];
            if layer.convolves() {
                let own = &self.scratch.sums[current * padded..][from..end];
                sums[..end - from].copy_from_slice(own);
            }
            self.add(step, sample, panel, current, &mut sums);
            if rules.currents == 0 {
                drive = sums;
                continue;
            }
            for (i, at) in (from..end).step_by(BLOCK).enumerate() {
                let mut values = self.state.currents.load(state + i * BLOCK);
                let (sums, drive) = (block_of(&mut sums, i), block_of(&mut drive, i));
                before_input(rules, &mut values, &parameters.current_decay[current], at, drive);
                if let Some(bias) = parameters.current_bias.get(current) {
                    add(sums, &bias.block(at));
                }
                receive(rules, &mut values, sums);
                after_input(rules, &mut values, &parameters.current_decay[current], at, drive);
                self.state.currents.store(state + i * BLOCK, &values);
            }
        }
        for (i, at) in (from..end).step_by(BLOCK).enumerate() {
            let state = sample * padded + at;
            let mut v = self.state.v.load(state);
            let Some(own) = self.state.own[state..].first_chunk_mut::<BLOCK>() else { continue };
            integrate(rules, parameters, at, &mut v, own, block_of(&mut drive, i));
            if rules.spiking && layer.aliases.is_empty() {
                let n = (layer.neurons - at).min(BLOCK);
                self.scratch.bits[bits + at / BLOCK] = spike(rules, parameters, at, n, &mut v, own);
            }
            self.state.v.store(state, &v);
        }
    }

    /// Adds the rows of a current's dense connections to the exact sums.
    #[inline(always)]
    fn add(&self, step: usize, sample: usize, panel: usize, current: usize, sums: &mut Panel) {
        let mut pooled = 0;
        for connection in &self.layer.connections {
            let row = match connection.pool() {
                None => self.row(connection, step, sample),
                Some(_) => self.scratch.pooled.row(pooled),
            };
            pooled += usize::from(connection.pool().is_some());
            if connection.current == current {
                connection.add(panel, row, sums);
            }
        }
    }

    #[inline(always)]
    fn add_saturating(&self, step: usize, sample: usize, panel: usize, current: usize, values: &mut Panel) {
        let limits = self.layer.rules.current_limits();
        for connection in self.layer.connections.iter() {
            if connection.current == current {
                connection.add_saturating(panel, self.row(connection, step, sample), limits, values);
            }
        }
    }

    /// Ends a row: its spikes become events.
    #[inline(always)]
    fn send(&mut self, sample: usize, bits: usize) {
        let (layer, padded) = (self.layer, self.layer.padded());
        if !layer.aliases.is_empty() {
            self.spike_with_aliases(sample);
        } else if layer.rules.spiking {
            let counts = &self.state.own[sample * padded..][..padded];
            for (i, &word) in self.scratch.bits[bits..][..padded / BLOCK].iter().enumerate() {
                let from = i * BLOCK;
                if layer.rules.max_spikes == 1 {
                    self.out.push_bits(from as u32, word);
                    continue;
                }
                let mut left = word;
                while left != 0 {
                    let neuron = from + left.trailing_zeros() as usize;
                    left &= left - 1;
                    self.out.push(neuron as u32, i16::from(counts[neuron]));
                }
            }
        }
        self.out.end_row();
    }

    /// Neurons one after the other: the spikes of a neuron count for its aliases in the same step, at most the cap. A later neuron
    /// begins with them, so they use up its cap; they take nothing from its v.
    fn spike_with_aliases(&mut self, sample: usize) {
        let (layer, rules, parameters) = (self.layer, &self.layer.rules, &self.layer.parameters);
        let cap = rules.max_spikes as i32;
        let from = sample * layer.padded();
        let LayerState { v, own, all, .. } = &mut *self.state;
        let (own, all) = (&mut own[from..][..layer.neurons], &mut all[from..][..layer.neurons]);
        all.fill(0);
        let mut aliases = layer.aliases.iter().peekable();
        for neuron in 0..layer.neurons {
            let (threshold, reset) = (parameters.threshold.of(neuron), parameters.v_reset.of(neuron));
            let [inside] = v.load::<1>(from + neuron);
            let left = cap - i32::from(all[neuron]);
            let fires = left > 0 && crosses(rules.compare, inside, threshold);
            let spikes = if fires { count(rules.compare, inside, threshold, cap).min(left) } else { 0 };
            v.store(from + neuron, &[after_spikes(rules, inside, spikes, threshold, reset)]);
            own[neuron] = spikes as u8;
            all[neuron] += spikes as u8;
            while let Some([_, to]) = aliases.next_if(|[from, _]| *from as usize == neuron) {
                let to = *to as usize;
                all[to] = (i32::from(all[to]) + i32::from(all[neuron])).min(cap) as u8;
            }
        }
        for (neuron, &count) in all.iter().enumerate().filter(|&(_, &count)| count > 0) {
            self.out.push(neuron as u32, i16::from(count));
        }
    }
}

/// Block `i` of a panel.
#[inline(always)]
fn block_of(panel: &mut Panel, i: usize) -> &mut Block {
    &mut panel.as_chunks_mut::<BLOCK>().0[i]
}
