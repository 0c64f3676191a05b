//! A session: one sample, one step a call.

use crate::events::{Row, Spikes};
use crate::flags::flags;
use crate::network::{InputRule, IntegerNetwork};
use crate::step::{LayerState, Scratch, Sent, Steps};
use lapicque_base::at_level::{Work, at_level};
use lapicque_base::error::{Error, Result};
use std::ops::Range;
use std::sync::Arc;

/// The input of a step.
pub enum IntegerStepInput<'a, C> {
    /// The channels that spike once, ascending.
    Events(&'a [u32]),
    /// A count for each channel.
    Counts(&'a [C]),
}

/// A stream through a network.
pub struct IntegerSession {
    network: Arc<IntegerNetwork>,
    state: State,
    steps: u64,
}

/// The state of a network for a few samples.
pub(crate) struct State {
    /// What the input and each layer sent.
    sent: Vec<Sent>,
    pub layers: Vec<LayerState>,
    scratch: Scratch,
    pub samples: usize,
}

impl State {
    /// At rest. Errors: `too-large`.
    pub fn new(network: &IntegerNetwork, samples: usize) -> Result<Self> {
        let layers =
            network.layers.iter().map(|layer| LayerState::new(layer, samples)).collect::<Result<Vec<_>>>()?;
        let sent = (0..=layers.len()).map(|_| Sent::default()).collect();
        Ok(State { sent, layers, scratch: Scratch::new(&network.layers)?, samples })
    }

    pub fn reset(&mut self, network: &IntegerNetwork) {
        self.sent.iter_mut().for_each(Sent::clear);
        for (state, layer) in self.layers.iter_mut().zip(&network.layers) {
            state.reset(layer);
        }
    }

    /// Starts the input of the next steps.
    pub fn begin(&mut self, network: &IntegerNetwork) {
        self.sent[0].begin(self.samples, network.keeps[0]);
    }

    /// The input of the next sample, which has been checked.
    pub fn read<C: Copy + Into<i32>>(&mut self, network: &IntegerNetwork, input: IntegerStepInput<C>) {
        let (rule, now) = (&network.input, &mut self.sent[0].now);
        match input {
            IntegerStepInput::Events(events) => {
                for &channel in events {
                    now.push_one(rule.order.own(channel as usize) as u32);
                }
            }
            IntegerStepInput::Counts(counts) => at_level(network.level, Read { counts, rule, now }),
        }
        now.end_row();
    }

    /// Steps layer `number` for all samples through `steps` of those that have been read.
    pub fn advance(&mut self, network: &IntegerNetwork, number: usize, steps: Range<usize>) {
        if steps.start == 0 {
            self.sent[number + 1].begin(self.samples, network.keeps[number + 1]);
        }
        let mut out = std::mem::take(&mut self.sent[number + 1].now);
        let work = Steps {
            layer: &network.layers[number],
            number: number + 1,
            steps,
            state: &mut self.layers[number],
            sent: &self.sent,
            out: &mut out,
            scratch: &mut self.scratch,
        };
        at_level(network.level, work);
        self.sent[number + 1].now = out;
    }

    /// What a layer sent in a step of those that have been read.
    pub fn sent(&self, layer: usize, step: usize, sample: usize) -> Row<'_> {
        self.sent[layer + 1].now.row((step + 1) * self.samples + sample)
    }
}

/// Turns the counts of a step into events, compiled for each SIMD level.
struct Read<'a, C> {
    counts: &'a [C],
    rule: &'a InputRule,
    now: &'a mut Spikes,
}

impl<C: Copy + Into<i32>> Work for Read<'_, C> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Read { counts, rule, now } = self;
        let (words, rest) = counts.as_chunks::<64>();
        for (i, word) in words.iter().enumerate() {
            let (mut active, mut others) = ([0; 64], 0);
            for j in 0..64 {
                let count: i32 = word[j].into();
                active[j] = u8::from(count != 0);
                others |= count & !1;
            }
            let mut left = flags(&active);
            if others == 0 && rule.order.is_public() {
                now.push_bits(64 * i as u32, left);
                continue;
            }
            while left != 0 {
                let j = left.trailing_zeros() as usize;
                left &= left - 1;
                push(rule, 64 * i + j, word[j].into(), now);
            }
        }
        for (i, &count) in rest.iter().enumerate() {
            push(rule, 64 * words.len() + i, count.into(), now);
        }
    }
}

/// Adds what a channel counts.
#[inline(always)]
fn push(rule: &InputRule, channel: usize, count: i32, now: &mut Spikes) {
    if count != 0 {
        let count = count.clamp(-rule.max_count, rule.max_count) as i16;
        now.push(rule.order.own(channel) as u32, count);
    }
}

/// Checks the input of a step.
///
/// # Errors
/// `shape-mismatch`, `invalid-parameter`.
pub(crate) fn check<C: Copy + Into<i32>>(
    network: &IntegerNetwork,
    input: &IntegerStepInput<C>,
) -> Result<()> {
    let rule = &network.input;
    match input {
        IntegerStepInput::Events(events) => check_events(rule.size, events),
        IntegerStepInput::Counts(counts) => {
            if counts.len() != rule.size {
                let (expected, got) = (format!("[{}]", rule.size), format!("[{}]", counts.len()));
                return Err(Error::ShapeMismatch { layer: "input".into(), expected, got });
            }
            if !rule.signed
                && let Some(i) = counts.iter().position(|&count| count.into() < 0)
            {
                let expected = "a count of at least 0, because the input is unsigned";
                return Err(Error::invalid(format!("input[{i}]"), counts[i].into(), expected));
            }
            Ok(())
        }
    }
}

fn check_events(size: usize, events: &[u32]) -> Result<()> {
    let mut least = 0;
    for (i, &channel) in events.iter().enumerate() {
        let channel = u64::from(channel);
        if channel < least || channel >= size as u64 {
            let expected = format!("channels below {size}, ascending, each once");
            return Err(Error::invalid(format!("events[{i}]"), channel, expected));
        }
        least = channel + 1;
    }
    Ok(())
}

impl IntegerSession {
    /// At rest. Errors: `too-large`.
    pub fn new(network: Arc<IntegerNetwork>) -> Result<Self> {
        let state = State::new(&network, 1)?;
        Ok(IntegerSession { network, state, steps: 0 })
    }

    pub fn network(&self) -> &Arc<IntegerNetwork> {
        &self.network
    }

    /// One time step.
    ///
    /// # Errors
    /// `shape-mismatch`, `invalid-parameter`; the state is then unchanged.
    pub fn step<C: Copy + Into<i32>>(&mut self, input: IntegerStepInput<C>) -> Result<()> {
        let IntegerSession { network, state, steps } = self;
        check(network, &input)?;
        state.begin(network);
        state.read(network, input);
        for layer in 0..network.layers.len() {
            state.advance(network, layer, 0..1);
        }
        *steps += 1;
        Ok(())
    }

    /// Time steps since the start or the last reset.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    pub fn reset(&mut self) {
        self.state.reset(&self.network);
        self.steps = 0;
    }

    /// The output neurons that spiked in the last step, ascending, into `out`.
    pub fn fired(&self, out: &mut Vec<u32>) {
        out.clear();
        let Some(layer) = self.network.layers.last() else { return };
        if self.steps == 0 {
            return;
        }
        let row = self.state.sent(self.network.layers.len() - 1, 0, 0);
        out.extend(row.neurons.iter().map(|&neuron| layer.order.public(neuron as usize) as u32));
        if !layer.order.is_public() {
            out.sort_unstable();
        }
    }

    /// The spikes of each neuron of a layer in the last step, in the public order.
    pub fn counts(&self, layer: usize, out: &mut [u8]) {
        let order = self.network.layers[layer].order;
        for (i, &count) in self.state.layers[layer].counts()[..out.len()].iter().enumerate() {
            out[order.public(i)] = count;
        }
    }

    /// v of each neuron of a layer, in the public order.
    pub fn v(&self, layer: usize, out: &mut [i32]) {
        self.state.layers[layer].public_v(&self.network.layers[layer], 0, out);
    }

    /// The currents `[neuron, current]` of a layer.
    pub fn currents(&self, layer: usize, out: &mut [i32]) {
        self.state.layers[layer].public_currents(&self.network.layers[layer], 0, out);
    }
}
