//! A session: one sample, one step a call.

use crate::events::Event;
use crate::network::Network;
use crate::step::{LayerState, Sent, Step};
use lapicque_base::at_level::at_level;
use lapicque_base::error::{Error, Result};
use std::sync::Arc;

/// The input of a step.
pub enum StepInput<'a, C> {
    /// The channels that spike once, ascending.
    Events(&'a [u32]),
    /// A count for each channel.
    Counts(&'a [C]),
}

/// A stream through a network.
pub struct Session {
    network: Arc<Network>,
    state: State,
    steps: u64,
}

/// The state of a network.
pub(crate) struct State {
    /// What the input and each layer sent.
    sent: Vec<Sent>,
    pub layers: Vec<LayerState>,
}

impl State {
    pub fn new(network: &Network) -> Result<Self> {
        let layers = network.layers.iter().map(LayerState::new).collect::<Result<Vec<_>>>()?;
        Ok(State { sent: vec![Sent::default(); layers.len() + 1], layers })
    }

    pub fn reset(&mut self, network: &Network) {
        for sent in &mut self.sent {
            sent.now.clear();
            sent.before.clear();
        }
        for (state, layer) in self.layers.iter_mut().zip(&network.layers) {
            state.reset(layer);
        }
    }

    /// Reads the input of a step; nothing changes if it is refused.
    fn read<C: Copy + Into<i32>>(&mut self, network: &Network, input: StepInput<C>) -> Result<()> {
        let rule = &network.input;
        match input {
            StepInput::Events(events) => check_events(rule.size, events)?,
            StepInput::Counts(counts) => {
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
            }
        }
        for sent in &mut self.sent {
            std::mem::swap(&mut sent.now, &mut sent.before);
            sent.now.clear();
        }
        let now = &mut self.sent[0].now;
        match input {
            StepInput::Events(events) => {
                now.extend(
                    events.iter().map(|&channel| Event { neuron: rule.own[channel as usize], count: 1 }),
                );
            }
            StepInput::Counts(counts) => {
                let counted = counts.iter().zip(&rule.own).filter(|&(&count, _)| count.into() != 0);
                now.extend(counted.map(|(&count, &neuron)| {
                    let count = count.into().clamp(-rule.max_count, rule.max_count);
                    Event { neuron, count }
                }));
            }
        }
        Ok(())
    }

    /// # Errors
    /// `shape-mismatch`, `invalid-parameter`; the state is then unchanged.
    pub fn step<C: Copy + Into<i32>>(&mut self, network: &Network, input: StepInput<C>) -> Result<()> {
        self.read(network, input)?;
        for (i, layer) in network.layers.iter().enumerate() {
            let mut out = std::mem::take(&mut self.sent[i + 1].now);
            let state = &mut self.layers[i];
            at_level(network.level, Step { layer, state, sent: &self.sent, out: &mut out });
            self.sent[i + 1].now = out;
        }
        Ok(())
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

impl Session {
    /// At rest. Errors: `too-large`.
    pub fn new(network: Arc<Network>) -> Result<Self> {
        let state = State::new(&network)?;
        Ok(Session { network, state, steps: 0 })
    }

    pub fn network(&self) -> &Arc<Network> {
        &self.network
    }

    /// One time step. Errors as [`State::step`].
    pub fn step<C: Copy + Into<i32>>(&mut self, input: StepInput<C>) -> Result<()> {
        self.state.step(&self.network, input)?;
        self.steps += 1;
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
        let sent = self.state.sent.last().map_or(&[][..], |sent| &sent.now);
        out.extend(sent.iter().map(|event| layer.public[event.neuron as usize]));
        if self
            .network
            .layers
            .last()
            .is_some_and(|layer| layer.public.windows(2).any(|pair| pair[0] > pair[1]))
        {
            out.sort_unstable();
        }
    }

    /// The spikes of each neuron of a layer in the last step, in the public order.
    pub fn counts(&self, layer: usize, out: &mut [u8]) {
        let state = &self.state.layers[layer];
        for (&count, &i) in state.counts.iter().zip(&self.network.layers[layer].public) {
            out[i as usize] = count;
        }
    }

    /// v of each neuron of a layer, in the public order.
    pub fn v(&self, layer: usize, out: &mut [i32]) {
        public_v(&self.network, &self.state, layer, out);
    }

    /// The currents `[neuron, current]` of a layer.
    pub fn currents(&self, layer: usize, out: &mut [i32]) {
        public_currents(&self.network, &self.state, layer, out);
    }
}

pub(crate) fn public_v(network: &Network, state: &State, layer: usize, out: &mut [i32]) {
    for (&v, &i) in state.layers[layer].v.iter().zip(&network.layers[layer].public) {
        out[i as usize] = v;
    }
}

pub(crate) fn public_currents(network: &Network, state: &State, layer: usize, out: &mut [i32]) {
    let described = &network.layers[layer];
    let currents = described.rules.currents as usize;
    for (c, values) in state.layers[layer].currents.chunks_exact(described.padded()).enumerate() {
        for (&value, &i) in values.iter().zip(&described.public) {
            out[i as usize * currents + c] = value;
        }
    }
}
