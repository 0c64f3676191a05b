//! An integer network, checked and laid out for the engine.

use crate::description::Description;
use crate::layer::Layer;
use crate::rules::MAX_COUNT;
use crate::sources::{Order, Source};
use crate::step::{LayerState, Scratch};
use lapicque_base::error::{Error, Result};
use lapicque_base::simd::SimdLevel;

/// Weights and rules; sessions and runs hold the state.
pub struct IntegerNetwork {
    pub level: SimdLevel,
    pub(crate) input: InputRule,
    pub(crate) layers: Vec<Layer>,
    /// Of each source whether a connection receives what it sent in the step before.
    pub(crate) keeps: Vec<bool>,
    /// Whether a layer receives spikes of a later one: all layers then take one step after the other.
    pub(crate) has_feedback: bool,
}

/// How the input is read.
pub(crate) struct InputRule {
    pub size: usize,
    pub max_count: i32,
    pub signed: bool,
    pub order: Order,
}

/// Layers of a network, which a file could make many.
const MAX_LAYERS: usize = 10_000;

impl IntegerNetwork {
    /// `description`: JSON. `weights`: those of all connections in their order, `[out, in]` or `[out, in, height, width]`.
    /// `parameters`: of each layer threshold, vReset, bias, vStart, vDecay, the decays of its currents and their biases, each for all its
    /// neurons.
    ///
    /// # Errors
    /// `malformed-file` for a description that is none; `invalid-parameter`, `shape-mismatch`, `unknown-name`, `too-large`.
    pub fn new(description: &str, weights: &[i8], parameters: &[i32], level: SimdLevel) -> Result<Self> {
        let Description { input, layers, .. } = serde_json::from_str(description).map_err(|error| {
            Error::MalformedFile { format: "integer network".into(), offset: 0, reason: error.to_string() }
        })?;
        if layers.is_empty() || layers.len() > MAX_LAYERS {
            return Err(Error::invalid("layers", layers.len(), format!("1 to {MAX_LAYERS} layers")));
        }
        if !(1..=MAX_COUNT).contains(&input.max_count) {
            let expected = format!("a whole number from 1 to {MAX_COUNT}");
            return Err(Error::invalid("input.maxCount", input.max_count, expected));
        }
        let mut sources = vec![Source::new("input", input.size, input.shape)?];
        sources[0].signed = input.signed;
        for layer in &layers {
            if sources.iter().any(|source| source.name == layer.name) {
                return Err(Error::invalid("layers", format!("\"{}\" twice", layer.name), "different names"));
            }
            sources.push(Source::new(&layer.name, layer.neurons, layer.shape)?);
        }
        let (mut weights, mut parameters) = (weights, parameters);
        let mut built = Vec::new();
        for (i, layer) in layers.iter().enumerate() {
            built.push(Layer::new(layer, i + 1, &sources, &mut weights, &mut parameters)?);
        }
        for (what, left) in [("weights", weights.len()), ("parameters", parameters.len())] {
            if left > 0 {
                let layer = format!("the {what} of the integer network");
                let expected = "as many numbers as the layers have".into();
                return Err(Error::ShapeMismatch { layer, expected, got: format!("{left} more") });
            }
        }
        let order = sources[0].order();
        let input =
            InputRule { size: input.size, max_count: input.max_count as i32, signed: input.signed, order };
        let connections = || {
            built.iter().enumerate().flat_map(|(i, layer)| layer.connections.iter().map(move |c| (i + 1, c)))
        };
        let keeps =
            (0..sources.len()).map(|source| connections().any(|(_, c)| c.source == source && c.delayed));
        let (keeps, has_feedback) = (keeps.collect(), connections().any(|(layer, c)| c.source > layer));
        Ok(IntegerNetwork { level, input, layers: built, keeps, has_feedback })
    }

    /// Channels of the input.
    pub fn inputs(&self) -> usize {
        self.input.size
    }

    /// The name of each layer and its neurons and currents.
    pub fn layers(&self) -> impl Iterator<Item = (&str, usize, usize)> {
        self.layers.iter().map(|layer| (layer.name.as_str(), layer.neurons, layer.rules.currents as usize))
    }

    /// Neurons of the last layer.
    pub fn outputs(&self) -> usize {
        self.layers.last().map_or(0, |layer| layer.neurons)
    }

    /// Bytes of weights and parameters.
    pub fn bytes(&self) -> usize {
        self.layers.iter().map(Layer::bytes).sum()
    }

    /// Bytes of the state of one session.
    pub fn state_bytes(&self) -> usize {
        self.layers.iter().map(LayerState::bytes).sum::<usize>() + Scratch::bytes(&self.layers)
    }
}
