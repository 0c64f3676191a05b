//! What maps read, row by row: the input, populations and maps that ran before.

use crate::network::compiled::Network;
use crate::storage::geometry::Geometry;
use crate::tape::input::Signal;
use crate::tape::layer_tape::LayerTape;
use crate::tape::map_tape::MapTape;
use lapicque_graph::{Shape, Source};
use lapicque_projection::{Element, EventLists, Order, PANEL, Row, panel_width, panels};
use smallvec::SmallVec;

/// The order in which a source's rows of values are kept.
pub(crate) fn order_of(source: Source, shape: Shape) -> Order {
    match source {
        Source::Map(_) => Order::of_values(shape.channels),
        Source::Input | Source::Spikes(_) | Source::State(..) => Order::public(shape.pixels()),
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Sources<'a, F: Element> {
    pub network: &'a Network<F>,
    pub input: Signal<'a, F>,
    pub layers: &'a [LayerTape<F>],
    /// Those before the reader at least.
    pub maps: &'a [MapTape<F>],
    pub g: Geometry,
    /// Where this segment begins in the whole sequence.
    pub first_step: usize,
}

impl<F: Element> Sources<'_, F> {
    /// Calls `work` with what each source of a map gives at a place: tile, step, sample in the tile.
    pub fn with_rows<T>(
        &self,
        sources: &[Source],
        at: [usize; 3],
        scratch: &mut Vec<Vec<F>>,
        work: impl FnOnce(&[Row<F>]) -> T,
    ) -> T {
        self.with_entries(sources.iter().map(|&source| (source, at)), scratch, work)
    }

    /// As [`Self::with_rows`], with what one source gives at several places.
    pub fn with_places<T>(
        &self,
        source: Source,
        places: impl Iterator<Item = [usize; 3]> + Clone,
        scratch: &mut Vec<Vec<F>>,
        work: impl FnOnce(&[Row<F>]) -> T,
    ) -> T {
        self.with_entries(places.map(|at| (source, at)), scratch, work)
    }

    /// As [`Self::with_rows`], with what each source gives at the first samples of a tile: those of the first source, then those of
    /// the second.
    pub fn with_samples<T>(
        &self,
        sources: &[Source],
        [tile, step]: [usize; 2],
        samples: usize,
        scratch: &mut Vec<Vec<F>>,
        work: impl FnOnce(&[Row<F>]) -> T,
    ) -> T {
        let of_source = |&source: &Source| (0..samples).map(move |sample| (source, [tile, step, sample]));
        self.with_entries(sources.iter().flat_map(of_source), scratch, work)
    }

    fn with_entries<T>(
        &self,
        entries: impl Iterator<Item = (Source, [usize; 3])> + Clone,
        scratch: &mut Vec<Vec<F>>,
        work: impl FnOnce(&[Row<F>]) -> T,
    ) -> T {
        scratch.resize_with(entries.clone().count(), Vec::new);
        for ((source, at), scratch) in entries.clone().zip(scratch.iter_mut()) {
            if let Source::State(l, i) = source {
                self.state([l, i], at, scratch);
            }
        }
        let all = entries.zip(scratch.iter());
        let rows: SmallVec<[_; 4]> =
            all.map(|((source, at), scratch)| self.row(source, at, scratch)).collect();
        work(&rows)
    }

    /// The ascending events of each row, of a source that gives spikes.
    pub fn lists(&self, source: Source) -> Option<&EventLists> {
        match (source, self.input) {
            (Source::Spikes(l), _) => Some(&self.layers[l].spikes.lists),
            (Source::Input, Signal::Spikes(spikes)) => Some(&spikes.lists),
            _ => None,
        }
    }

    fn row<'b>(&'b self, source: Source, [tile, step, sample]: [usize; 3], state: &'b [F]) -> Row<'b, F> {
        let g = &self.g;
        match (source, self.input) {
            (Source::Spikes(l), _) => {
                Row::Events(self.layers[l].spikes.lists.list(g.row(tile, step) + sample))
            }
            (Source::State(..), _) => Row::Values(state),
            (Source::Map(m), _) => Row::Values(self.maps[m].row(g, tile, step, sample)),
            (Source::Input, Signal::Spikes(spikes)) => {
                Row::Events(spikes.lists.list(g.row(tile, step) + sample))
            }
            (Source::Input, Signal::Values(input, _)) => {
                let row = input.row(self.first_step + step, g.first + tile * g.tile + sample);
                Row::Values(&input.values[row * input.channels..][..input.channels])
            }
        }
    }

    fn state(&self, [layer, i]: [usize; 2], [tile, step, sample]: [usize; 3], out: &mut Vec<F>) {
        let (g, tape) = (&self.g, &self.layers[layer]);
        let neurons = self.network.plan.layers[layer].neurons;
        out.clear();
        for panel in 0..panels(neurons) {
            let block = (panel * g.tiles + tile) * tape.blocks + step;
            let elements = &tape.states[i][block * g.elements() + sample * PANEL..];
            out.extend_from_slice(&elements[..panel_width(neurons, panel)]);
        }
    }
}
