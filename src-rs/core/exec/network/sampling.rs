//! Selects the projections whose input gradient is computed only for the elements that are read. These are projections
//! of spikes whose surrogate derivative is 0 for most neurons at most steps. The forward pass has marked where it is
//! not 0.

use crate::network::compiled::Network;
use crate::plan::kernels::MapKernel;
use crate::storage::geometry::Geometry;
use crate::tape::active_counts::ActiveCounts;
use crate::tape::layer_tape::LayerTape;
use crate::tape::map_tape::MapTape;
use lapicque_base::simd::SimdLevel;
use lapicque_graph::{LayerPlan, MapUse, OperationKind, Pool, ProjectionKind, Source};
use lapicque_projection::{Element, count_events};
use std::sync::atomic::{AtomicU64, Ordering};

/// Costs of an element that is computed alone. A multiplication takes `IN_PRODUCTS` times as long as in a dense
/// product, and `IN_WINDOWS` times as long as in the faster kernels of a convolution. In addition, each element costs
/// as much as `OUTPUTS` multiplications, because its sums are loaded, stored and added.
const IN_PRODUCTS: f64 = 4.0;
const IN_WINDOWS: f64 = 2.0;
const OUTPUTS: f64 = 200.0;

/// Numbers of elements of the gradient of some spikes.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Products {
    pub all: usize,
    pub computed: usize,
}

/// The selection for one segment of one chunk.
pub(crate) struct Sampling {
    /// By projection.
    sampled: Vec<bool>,
    /// By population: the number of all elements, and of those that are marked.
    element_counts: Vec<[u64; 2]>,
    products: Vec<[AtomicU64; 2]>,
}

impl Sampling {
    /// Selects by the marks on the tapes.
    pub fn new<F: Element>(
        network: &Network<F>,
        tapes: &[LayerTape<F>],
        maps: &[MapTape<F>],
        g: &Geometry,
    ) -> Self {
        let plan = &network.plan;
        let count_elements = |(tape, layer): (&LayerTape<F>, &LayerPlan)| match tape.active.is_empty() {
            true => [0, 0],
            false => {
                let all = layer.neurons * g.batch * g.steps;
                [all as u64, active(network.level, tape)]
            }
        };
        let element_counts: Vec<[u64; 2]> = tapes.iter().zip(&plan.layers).map(count_elements).collect();
        let pays = |source: Source, all: f64, alone: f64| match source {
            Source::Spikes(layer) if element_counts[layer][0] > 0 => {
                element_counts[layer][1] as f64 * alone < element_counts[layer][0] as f64 * all
            }
            _ => false,
        };
        let mut sampled = vec![false; plan.projections.len()];
        for feed in plan.layers.iter().flat_map(|layer| &layer.feeds) {
            let Some(j) = feed.projection else { continue };
            let projection = &plan.projections[j];
            let outputs = projection.outputs as f64;
            sampled[j] = projection.kind == ProjectionKind::Dense
                && pays(feed.source, outputs, IN_PRODUCTS * (outputs + OUTPUTS));
        }
        for ((map, kernel), tape) in plan.maps.iter().zip(&network.maps).zip(maps) {
            let (Some(j), MapKernel::Convolution(kernel), [source]) =
                (map.projection, kernel, &map.sources[..])
            else {
                continue;
            };
            // Before a max pool, only one output in each window of the pool has a gradient.
            let pool = match tape.usage {
                MapUse::Pooled(pool) => match plan.maps[pool].operation {
                    OperationKind::Pool(Pool { sliding, .. }) => sliding.kernel[0] * sliding.kernel[1],
                    _ => 1,
                },
                _ => 1,
            };
            let window = kernel.forward.mean_window() as f64;
            sampled[j] = kernel.forward.is_sampled()
                && kernel.backward.pointwise().is_none()
                && pays(*source, window / pool as f64, IN_WINDOWS * (window + OUTPUTS));
        }
        let products = plan.layers.iter().map(|_| Default::default()).collect();
        Sampling { sampled, element_counts, products }
    }

    /// Whether only those elements of this projection's input gradient that are read are computed.
    pub fn is_sampled(&self, projection: usize) -> bool {
        self.sampled[projection]
    }

    /// Counts elements of the gradient of a population's spikes.
    pub fn count(&self, layer: usize, products: Products) {
        let [all, computed] = &self.products[layer];
        all.fetch_add(products.all as u64, Ordering::Relaxed);
        computed.fetch_add(products.computed as u64, Ordering::Relaxed);
    }

    /// Adds these counts to those of each population.
    pub fn add_to(&self, counts: &mut Vec<ActiveCounts>) {
        counts.resize_with(self.element_counts.len(), Default::default);
        for ((to, element_counts), products) in
            counts.iter_mut().zip(&self.element_counts).zip(&self.products)
        {
            to.elements += element_counts[0];
            to.active += element_counts[1];
            to.products += products[0].load(Ordering::Relaxed);
            to.computed += products[1].load(Ordering::Relaxed);
        }
    }
}

/// Number of marks on a tape. Elements without a sample or a neuron have none.
fn active<F: Element>(level: SimdLevel, tape: &LayerTape<F>) -> u64 {
    count_events(level, &tape.active) as u64
}
