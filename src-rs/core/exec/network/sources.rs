//! The inputs of operations, row by row: the network's input, and populations and operations that ran before.

use crate::network::compiled::Network;
use crate::storage::geometry::Geometry;
use crate::tape::input::Signal;
use crate::tape::layer_tape::LayerTape;
use crate::tape::map_tape::MapTape;
use lapicque_graph::{Shape, Source};
use lapicque_projection::{Element, EventLists, Order, PANEL, Row, panel_width, panels};
use smallvec::SmallVec;
use std::ops::Range;

/// The order of the elements in a source's rows of values.
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
    /// At least those before the reader.
    pub maps: &'a [MapTape<F>],
    pub g: Geometry,
    /// The first step of this segment in the whole sequence.
    pub first_step: usize,
}

impl<F: Element> Sources<'_, F> {
    /// Calls `work` with the row of each source of an operation at `[tile, step, sample in the tile]`.
    pub fn with_rows<T>(
        &self,
        sources: &[Source],
        at: [usize; 3],
        scratch: &mut Vec<Vec<F>>,
        work: impl FnOnce(&[Row<F>]) -> T,
    ) -> T {
        self.with_entries(sources.iter().map(|&source| (source, at)), scratch, work)
    }

    /// As [`Self::with_rows`], with several rows of one source.
    pub fn with_rows_of<T>(
        &self,
        source: Source,
        indices: impl Iterator<Item = [usize; 3]> + Clone,
        scratch: &mut Vec<Vec<F>>,
        work: impl FnOnce(&[Row<F>]) -> T,
    ) -> T {
        self.with_entries(indices.map(|at| (source, at)), scratch, work)
    }

    /// As [`Self::with_rows`], with the rows of the first samples of a tile, step by step: those of the first source,
    /// then those of the second.
    pub fn with_samples<T>(
        &self,
        sources: &[Source],
        (tile, steps): (usize, Range<usize>),
        samples: usize,
        scratch: &mut Vec<Vec<F>>,
        work: impl FnOnce(&[Row<F>]) -> T,
    ) -> T {
        let of_step = |source, step| (0..samples).map(move |sample| (source, [tile, step, sample]));
        let of_source = |&source: &Source| steps.clone().flat_map(move |step| of_step(source, step));
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

    /// The ascending events of each row, if the source is spikes.
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
