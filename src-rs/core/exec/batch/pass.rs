//! A pass: one chunk of samples through the network, forward over segments of time, then backward over them in reverse.
//! Between segments only the states are stored, so a long sequence needs the memory of one segment plus one state per
//! boundary.

use crate::batch::outputs::Window;
use crate::network::compiled::Network;
use crate::network::new_tapes::Recorded;
use crate::network::state::NetworkState;
use crate::storage::geometry::Geometry;
use crate::storage::mode::Mode;
use crate::tape::input::{InputValues, Signal};
use crate::tape::layer_tape::LayerTape;
use crate::tape::map_tape::MapTape;
use crate::tape::workspace::Workspace;
use lapicque_base::error::Result;
use lapicque_base::workers;
use lapicque_projection::Element;
use std::ops::Range;

/// The data of a pass that are visible after each segment of time.
pub struct Segment<'a, F: Element> {
    pub range: Range<usize>,
    pub g: &'a Geometry,
    pub tapes: &'a [LayerTape<F>],
    pub maps: &'a [MapTape<F>],
    pub signal: &'a Signal<'a, F>,
}

/// A chunk of samples of a batch, and how its time is divided.
pub struct Pass<'a, F> {
    pub input: InputValues<'a, F>,
    /// Samples of this chunk.
    pub samples: Range<usize>,
    /// Samples per tile.
    pub tile: usize,
    /// Steps per segment.
    pub segment: usize,
    pub mode: Mode,
}

/// From this number of neuron steps on, a pass takes longer than waking up a thread.
const SHARED: usize = 1 << 16;

impl<F: Element> Pass<'_, F> {
    pub(crate) fn geometry(&self, segment: &Range<usize>) -> Geometry {
        Geometry::new(self.samples.start, self.samples.len(), self.tile, segment.len())
    }

    /// Wakes the threads that share the work, if there is enough of it.
    pub(crate) fn wake_threads(&self, network: &Network<F>) {
        let neurons: usize = network.plan.layers.iter().map(|layer| layer.neurons).sum();
        if neurons * self.samples.len() * self.input.steps >= SHARED {
            workers::attend();
        }
    }

    pub fn segments(&self) -> Vec<Range<usize>> {
        let steps = self.input.steps;
        (0..steps.div_ceil(self.segment))
            .map(|i| i * self.segment..((i + 1) * self.segment).min(steps))
            .collect()
    }

    pub fn window(&self, neurons: usize, first_step: usize) -> Window {
        Window { neurons, batch: self.input.batch, first_sample: self.samples.start, first_step }
    }

    /// Creates the tapes for a segment. `keep[layer]`: store the states of every step; if a backward pass `follows`,
    /// only those that it reads.
    pub(crate) fn prepare(
        &self,
        network: &Network<F>,
        w: &mut Workspace<F>,
        g: &Geometry,
        keep: &[bool],
        follows: bool,
    ) -> Result<()> {
        let key = (Geometry { first: 0, ..*g }, keep.to_vec(), [self.input.constant, follows, w.marked]);
        if w.key.as_ref() == Some(&key) {
            return Ok(());
        }
        let mut old = std::mem::take(&mut w.tapes).into_iter();
        w.key = None;
        for (layer, &keep) in keep.iter().enumerate() {
            let ports: Vec<usize> =
                w.recorded_ports.iter().filter(|(of, _)| *of == layer).map(|&(_, port)| port).collect();
            let states: Vec<usize> =
                w.recorded_states.iter().filter(|(of, _)| *of == layer).map(|&(_, state)| state).collect();
            let recorded = Recorded { ports: &ports, states: &states };
            let flags = [keep, follows, self.input.constant, w.marked];
            let mut tape = LayerTape::new(network, layer, g, flags, recorded)?;
            if let Some(old) = old.next() {
                // The segment length has changed within a sequence: the state is carried over.
                tape.take_beginning(old);
            }
            w.tapes.push(tape);
        }
        let mut old = std::mem::take(&mut w.maps).into_iter();
        let fusions = network.plan.fusions.without(&w.recorded);
        for (map, &constant) in network.plan.constant_maps(self.input.constant).iter().enumerate() {
            let mut tape = MapTape::new(network, map, g, constant, &fusions)?;
            if let Some(old) = old.next() {
                tape.take_beginning(old);
            }
            w.maps.push(tape);
        }
        w.key = Some(key);
        Ok(())
    }

    /// Saves the states at the end of a forward pass. The tapes do not change. `backward_follows` as of that pass,
    /// which otherwise has carried the states to the beginning of the tapes.
    #[inline(never)]
    pub fn save_state(&self, w: &mut Workspace<F>, backward_follows: bool, state: &mut NetworkState<F>) {
        let Some(last) = self.segments().pop() else { return };
        let (g, first) = (self.geometry(&last), self.samples.start);
        for (layer, tape) in w.tapes.iter_mut().enumerate() {
            let begin = backward_follows.then(|| tape.snapshot());
            begin.iter().for_each(|_| tape.carry(&g));
            state.save(layer, first, tape, &g);
            begin.iter().for_each(|begin| tape.restore(begin));
        }
        for (map, tape) in w.maps.iter_mut().enumerate() {
            let begin = backward_follows.then(|| tape.begin.clone());
            begin.iter().for_each(|_| tape.carry());
            state.save_pending(map, first, tape, &g);
            begin.iter().for_each(|begin| tape.begin.copy_from_slice(begin));
        }
    }
}
