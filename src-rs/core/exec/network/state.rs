//! A network's state at one moment in the public layout: a run returns it and can start from it.

use crate::network::compiled::{Layer, Network};
use crate::storage::geometry::Geometry;
use crate::tape::layer_tape::LayerTape;
use crate::tape::map_tape::MapTape;
use lapicque_base::error::{Error, Result};
use lapicque_base::memory;
use lapicque_graph::{LayerPlan, MapPlan};
use lapicque_projection::{Element, PANEL};

/// States `[batch][neurons]` of every population, and the last spikes if they are read one step later.
#[derive(Debug, Clone, PartialEq)]
pub struct NetworkState<F> {
    pub batch: usize,
    pub layers: Vec<LayerState<F>>,
    /// By operation: the pending values of later steps, `[batch][steps][elements]`; empty unless the operation mixes
    /// time.
    pub pending: Vec<Vec<F>>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct LayerState<F> {
    pub neurons: usize,
    /// Each state `[batch][neurons]`.
    pub states: Vec<Vec<F>>,
    /// `[batch][neurons]`; `None` unless they are read one step later.
    pub last_spikes: Option<Vec<bool>>,
}

impl<F> LayerState<F> {
    /// Number of spikes that have not been read yet.
    pub(crate) fn left(&self) -> u64 {
        self.last_spikes.iter().flatten().map(|&spike| u64::from(spike)).sum()
    }
}

impl<F: Element> NetworkState<F> {
    /// All neurons at rest.
    #[inline(never)]
    pub fn rest(network: &Network<F>, batch: usize) -> Self {
        let layers = network
            .plan
            .layers
            .iter()
            .zip(&network.layers)
            .map(|(layer, Layer { starts, .. })| LayerState {
                neurons: layer.neurons,
                states: starts
                    .iter()
                    .map(|start| match start[..] {
                        [x] => vec![x; layer.neurons * batch],
                        _ => start[..layer.neurons].repeat(batch),
                    })
                    .collect(),
                last_spikes: layer.reads_last_spikes.then(|| vec![false; batch * layer.neurons]),
            })
            .collect();
        let pending = |map: &MapPlan| vec![F::ZERO; batch * map.carried()];
        NetworkState { batch, layers, pending: network.plan.maps.iter().map(pending).collect() }
    }

    /// The states of samples of several states, in this order.
    ///
    /// # Errors
    /// `invalid-parameter` for a sample that does not exist, `shape-mismatch` for states of different networks,
    /// `too-large`
    pub fn gathered(parts: &[(&Self, usize)]) -> Result<Self> {
        let Some(&(like, _)) = parts.first() else {
            return Err(Error::invalid("samples", "none", "one or more samples"));
        };
        for (state, sample) in parts {
            if *sample >= state.batch {
                let expected = format!("a sample from 0 to {}", state.batch - 1);
                return Err(Error::invalid("samples", sample, expected));
            }
            if !state.is_like(like) {
                return Err(Error::ShapeMismatch {
                    layer: "states".into(),
                    expected: "states of one network".into(),
                    got: "states of other populations".into(),
                });
            }
        }
        let bytes = (like.elements() / like.batch * size_of::<F>()) as u64;
        memory::check("these states", bytes.saturating_mul(parts.len() as u64))?;
        let rows = |of: &dyn for<'a> Fn(&'a Self) -> &'a [F]| {
            let row = |&(state, sample): &(&Self, usize)| row(of(state), state.batch, sample).to_vec();
            parts.iter().flat_map(row).collect::<Vec<F>>()
        };
        let layers = (0..like.layers.len()).map(|l| {
            let LayerState { neurons, states, last_spikes } = &like.layers[l];
            let spikes = |_: &Vec<bool>| {
                let rows = parts.iter().map(|&(state, sample)| {
                    row(state.layers[l].last_spikes.as_deref().unwrap_or_default(), state.batch, sample)
                });
                rows.flatten().copied().collect()
            };
            LayerState {
                neurons: *neurons,
                states: (0..states.len()).map(|i| rows(&|state| &state.layers[l].states[i])).collect(),
                last_spikes: last_spikes.as_ref().map(spikes),
            }
        });
        let layers = layers.collect();
        let pending = (0..like.pending.len()).map(|m| rows(&|state| &state.pending[m])).collect();
        Ok(NetworkState { batch: parts.len(), layers, pending })
    }

    /// Whether a state has the same populations, with any number of samples.
    fn is_like(&self, other: &Self) -> bool {
        let sizes = |state: &Self| {
            let layer = |layer: &LayerState<F>| {
                let states = layer.states.iter().map(|values| values.len() / state.batch);
                (layer.neurons, states.collect::<Vec<_>>(), layer.last_spikes.is_some())
            };
            let pending = state.pending.iter().map(|values| values.len() / state.batch);
            (state.layers.iter().map(layer).collect::<Vec<_>>(), pending.collect::<Vec<_>>())
        };
        sizes(self) == sizes(other)
    }

    /// Number of numbers, all samples.
    fn elements(&self) -> usize {
        let layers = self.layers.iter().flat_map(|layer| &layer.states);
        layers.chain(&self.pending).map(Vec::len).sum()
    }

    /// Refuses a state of another network or batch size.
    #[inline(never)]
    pub fn check(&self, network: &Network<F>, batch: usize) -> Result<()> {
        let plan = &network.plan;
        let fits = |(state, plan): (&LayerState<F>, &LayerPlan)| {
            let len = batch.saturating_mul(plan.neurons);
            let last_spikes = plan.reads_last_spikes.then_some(len);
            state.neurons == plan.neurons
                && state.states.len() == plan.bound.states.len()
                && state.states.iter().all(|values| values.len() == len)
                && state.last_spikes.as_ref().map(Vec::len) == last_spikes
        };
        let layers_fit =
            self.layers.len() == plan.layers.len() && self.layers.iter().zip(&plan.layers).all(fits);
        let carried = |(map, plan): (usize, &MapPlan)| {
            self.pending_of(map).len() == batch.saturating_mul(plan.carried())
        };
        if self.batch != batch || !layers_fit || !plan.maps.iter().enumerate().all(carried) {
            return Err(Error::ShapeMismatch {
                layer: "state".into(),
                expected: format!("the state of this network for a batch of {batch}"),
                got: format!("one of {} populations for a batch of {}", self.layers.len(), self.batch),
            });
        }
        for (layer, plan) in self.layers.iter().zip(&network.plan.layers) {
            for (values, info) in layer.states.iter().zip(&plan.bound.states) {
                if values.iter().any(|x| !x.is_finite()) {
                    return Err(Error::NonFinite {
                        layer: plan.name.clone(),
                        step: 0,
                        name: info.name.to_string(),
                    });
                }
            }
        }
        for (values, plan) in self.pending.iter().zip(&network.plan.maps) {
            if values.iter().any(|x| !x.is_finite()) {
                let (layer, name) = (plan.name.clone(), "pending".into());
                return Err(Error::NonFinite { layer, step: 0, name });
            }
        }
        Ok(())
    }

    /// Refuses a state from the middle of a sequence that only runs as a whole.
    pub fn check_beginning(&self, network: &Network<F>) -> Result<()> {
        for (values, map) in self.pending.iter().zip(&network.plan.maps) {
            if map.operation.whole().is_some() && values.iter().any(|&x| x != F::ZERO) {
                return Err(Error::Unsupported {
                    feature: format!("a state from the middle of a sequence of {}", map.name),
                    format: "a run".into(),
                });
            }
        }
        Ok(())
    }

    /// The pending values of an operation; empty if the state has none.
    pub(crate) fn pending_of(&self, map: usize) -> &[F] {
        self.pending.get(map).map_or(&[], |values| values)
    }

    /// Copies the pending values of the samples from `first` on to the beginning of an operation's tape.
    pub(crate) fn load_pending(&self, map: usize, first: usize, tape: &mut MapTape<F>, g: &Geometry) {
        let from = self.pending_of(map);
        let each = from.len() / self.batch;
        tape.begin[..g.batch * each].copy_from_slice(&from[first * each..][..g.batch * each]);
    }

    /// Copies the pending values from the beginning of an operation's tape.
    pub(crate) fn save_pending(&mut self, map: usize, first: usize, tape: &MapTape<F>, g: &Geometry) {
        let to = &mut self.pending[map];
        let each = to.len() / self.batch;
        to[first * each..][..g.batch * each].copy_from_slice(&tape.begin[..g.batch * each]);
    }

    /// Copies the samples from `first` on to the beginning of a tape.
    pub(crate) fn load(&self, layer: usize, first: usize, tape: &mut LayerTape<F>, g: &Geometry) {
        let from = &self.layers[layer];
        each_row(from.neurons, g, |panel, tile, sample, neurons, width| {
            let start = (first + tile * g.tile + sample) * from.neurons + neurons;
            let block = (panel * g.tiles + tile) * g.elements() + sample * PANEL;
            for (to, from) in tape.begin.iter_mut().zip(&from.states) {
                to[block..block + width].copy_from_slice(&from[start..start + width]);
            }
            if let Some(spikes) = &from.last_spikes {
                let bits = spikes[start..start + width].iter().enumerate();
                let word = bits.fold(0, |word, (j, &s)| word | u64::from(s) << j);
                tape.last_spikes[(panel * g.tiles + tile) * g.tile + sample] = word;
            }
        });
    }

    /// Copies the samples from the beginning of a tape.
    pub(crate) fn save(&mut self, layer: usize, first: usize, tape: &LayerTape<F>, g: &Geometry) {
        let to = &mut self.layers[layer];
        let neurons_total = to.neurons;
        each_row(neurons_total, g, |panel, tile, sample, neurons, width| {
            let start = (first + tile * g.tile + sample) * neurons_total + neurons;
            let block = (panel * g.tiles + tile) * g.elements() + sample * PANEL;
            for (from, to) in tape.begin.iter().zip(&mut to.states) {
                to[start..start + width].copy_from_slice(&from[block..block + width]);
            }
            if let Some(spikes) = &mut to.last_spikes {
                let word = tape.last_spikes[(panel * g.tiles + tile) * g.tile + sample];
                for (j, s) in spikes[start..start + width].iter_mut().enumerate() {
                    *s = word >> j & 1 == 1;
                }
            }
        });
    }
}

/// The values of one sample of `batch`.
fn row<T>(values: &[T], batch: usize, sample: usize) -> &[T] {
    let len = values.len() / batch;
    &values[sample * len..][..len]
}

/// Visits `(panel, tile, sample, first neuron, width)` of every sample that exists.
fn each_row(neurons: usize, g: &Geometry, mut visit: impl FnMut(usize, usize, usize, usize, usize)) {
    for panel in 0..neurons.div_ceil(PANEL) {
        let first = panel * PANEL;
        for tile in 0..g.tiles {
            for sample in 0..g.valid(tile) {
                visit(panel, tile, sample, first, PANEL.min(neurons - first));
            }
        }
    }
}
