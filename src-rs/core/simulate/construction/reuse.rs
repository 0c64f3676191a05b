//! Data that rows of a sweep share: neurons with the same parameters, and synapses of the same seed. Sharing does not
//! change results: each row would construct the same data.

use crate::delivery::row_builder::Built;
use crate::plan::neurons::{Neurons, bind};
use crate::representation::precision::Precision;
use crate::spec::description::PopulationSpec;
use crate::wiring::outgoing::Outgoing;
use lapicque_base::error::Result;
use lapicque_dynamics::settings::Lists;
use serde_json::Value;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// Parameters of one population whose neurons are kept.
const PARAMETERS: usize = 32;

/// Identifies rows of a sweep with the same wiring. The caller guarantees that rows with equal numbers have equal descriptions
/// of their connections: for `wiring` except for the weights, for `synapses` completely.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ReuseKey {
    pub wiring: Vec<u64>,
    pub synapses: Vec<u64>,
}

/// The data that the rows of one sweep share.
pub struct Reuse<F: Precision> {
    /// By population, the most recent first.
    neurons: Mutex<Vec<VecDeque<CachedNeurons>>>,
    wiring: Recent<Vec<Outgoing>>,
    synapses: Recent<Built<F>>,
}

struct CachedNeurons {
    neuron: Value,
    params: Lists,
    size: usize,
    dt: f64,
    neurons: Arc<Neurons>,
}

impl CachedNeurons {
    fn is(&self, spec: &PopulationSpec, dt: f64) -> bool {
        self.size == spec.size
            && self.dt.to_bits() == dt.to_bits()
            && self.neuron == spec.neuron
            && self.params == spec.params
    }
}

impl<F: Precision> Reuse<F> {
    /// A store for a sweep with this number of concurrent rows.
    pub fn new(rows: usize) -> Self {
        let (wiring, synapses) = (Recent::new(rows + 1), Recent::new(rows + 1));
        Reuse { neurons: Mutex::default(), wiring, synapses }
    }

    /// The neurons of population `number`.
    ///
    /// # Errors
    /// Those of the neurons' parameters.
    pub(crate) fn neurons(&self, number: usize, spec: &PopulationSpec, dt: f64) -> Result<Arc<Neurons>> {
        let find = |cached: &VecDeque<CachedNeurons>| {
            cached.iter().find(|entry| entry.is(spec, dt)).map(|entry| Arc::clone(&entry.neurons))
        };
        if let Some(neurons) = lock(&self.neurons).get(number).and_then(find) {
            return Ok(neurons);
        }
        let neurons = bind(spec, dt)?;
        let mut all = lock(&self.neurons);
        if all.len() <= number {
            all.resize_with(number + 1, VecDeque::new);
        }
        let (neuron, params) = (spec.neuron.clone(), spec.params.clone());
        // A list of parameters is as long as the population, so only few are kept.
        let most = if params.is_empty() { PARAMETERS } else { 2 };
        all[number].push_front(CachedNeurons {
            neuron,
            params,
            size: spec.size,
            dt,
            neurons: Arc::clone(&neurons),
        });
        all[number].truncate(most);
        Ok(neurons)
    }

    /// The synapses of each connection by source, sampled by `draw` if they are not stored.
    ///
    /// # Errors
    /// Those of `draw`.
    pub(crate) fn wiring(
        &self,
        seed: u64,
        reuse_key: Option<&ReuseKey>,
        draw: impl FnOnce() -> Result<Vec<Outgoing>>,
    ) -> Result<Arc<Vec<Outgoing>>> {
        self.wiring.get(reuse_key.map(|reuse_key| (seed, &reuse_key.wiring)), draw)
    }

    /// The rows of synapses of all partitions, built by `build` if they are not stored.
    ///
    /// # Errors
    /// Those of `build`.
    pub(crate) fn synapses(
        &self,
        (seed, partitions): (u64, usize),
        reuse_key: Option<&ReuseKey>,
        build: impl FnOnce() -> Result<Built<F>>,
    ) -> Result<Arc<Built<F>>> {
        // The number of partitions depends on more than the connections, so it is part of the key.
        let own = reuse_key.map(|reuse_key| [&reuse_key.synapses[..], &[partitions as u64]].concat());
        self.synapses.get(own.as_ref().map(|own| (seed, own)), build)
    }
}

/// Values by the seed of a row and the other numbers that determine them.
type Entries<T> = VecDeque<((u64, Vec<u64>), Arc<T>)>;

/// The most recent values.
struct Recent<T> {
    kept: Mutex<Entries<T>>,
    most: usize,
}

impl<T> Recent<T> {
    fn new(most: usize) -> Self {
        Recent { kept: Mutex::default(), most }
    }

    /// The value of a key; without a key nothing is stored.
    fn get(&self, key: Option<(u64, &Vec<u64>)>, make: impl FnOnce() -> Result<T>) -> Result<Arc<T>> {
        let Some((seed, of)) = key else { return make().map(Arc::new) };
        let is = |entry: &&((u64, Vec<u64>), Arc<T>)| entry.0.0 == seed && entry.0.1 == *of;
        if let Some((_, entry)) = lock(&self.kept).iter().find(is) {
            return Ok(Arc::clone(entry));
        }
        // Computed outside the lock: two rows that need the same value at the same time both compute it.
        let made = Arc::new(make()?);
        let mut kept = lock(&self.kept);
        kept.push_front(((seed, of.clone()), Arc::clone(&made)));
        kept.truncate(self.most);
        Ok(made)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
