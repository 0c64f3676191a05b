//! The forward half of a pass, segment by segment.

use crate::batch::pass::{Pass, Segment};
use crate::forward::forward_scan::Forward;
use crate::forward::parallel_forward;
use crate::network::compiled::Network;
use crate::network::sources::Sources;
use crate::network::state::NetworkState;
use crate::ops;
use crate::tape::impulse_response::Response;
use crate::tape::input::{Signal, Spikes};
use crate::tape::layer_tape::LayerTape;
use crate::tape::map_tape::MapTape;
use crate::tape::unit_times::timed;
use crate::tape::workspace::Workspace;
use lapicque_base::error::Result;
use lapicque_graph::{Source, Unit};
use lapicque_projection::Element;
use std::ops::Range;
use std::time::Duration;

impl<F: Element> Pass<'_, F> {
    /// Runs forward over all segments. `each` is called with the tapes after each segment.
    #[inline(never)]
    pub fn forward(
        &self,
        network: &Network<F>,
        w: &mut Workspace<F>,
        keep: &[bool],
        backward_follows: bool,
        initial: Option<&NetworkState<F>>,
        each: &mut dyn FnMut(Segment<F>) -> Result<()>,
    ) -> Result<()> {
        self.wake_threads(network);
        let segments = self.segments();
        w.snapshots.clear();
        w.map_snapshots.clear();
        w.from_rest = initial.is_none();
        for (i, segment) in segments.iter().enumerate() {
            let g = self.geometry(segment);
            self.prepare(network, w, &g, keep, backward_follows)?;
            if i == 0 {
                for (layer, tape) in w.tapes.iter_mut().enumerate() {
                    tape.rest(network, layer, &g);
                    if let Some(state) = initial {
                        state.load(layer, self.samples.start, tape, &g);
                    }
                }
                for (map, tape) in w.maps.iter_mut().enumerate() {
                    tape.begin.fill(F::ZERO);
                    if let Some(state) = initial {
                        state.load_pending(map, self.samples.start, tape, &g);
                    }
                }
            }
            if backward_follows && segments.len() > 1 {
                w.snapshots.push(w.tapes.iter().map(|t| t.snapshot()).collect());
                w.map_snapshots.push(w.maps.iter().map(|t| t.begin.clone()).collect());
            }
            parallel_forward::update_responses(network, &mut w.responses, g.steps)?;
            let Workspace { tapes, maps, input, responses, times, .. } = &mut *w;
            let times = times.as_mut().map(|times| &mut times.forward[..]);
            let signal =
                self.run_segment(network, tapes, maps, input, responses, segment, backward_follows, times)?;
            let kind = signal.kind();
            each(Segment { range: segment.clone(), g: &g, tapes, maps, signal: &signal })?;
            w.kind = kind;
            if i + 1 < segments.len() || !backward_follows {
                w.tapes.iter_mut().for_each(|t| t.carry(&g));
                w.maps.iter_mut().for_each(|t| t.carry());
            }
        }
        Ok(())
    }

    /// Runs all units over one segment; the tapes must have been created.
    #[allow(clippy::too_many_arguments)]
    pub(crate) fn run_segment<'b>(
        &'b self,
        network: &Network<F>,
        tapes: &mut [LayerTape<F>],
        maps: &mut [MapTape<F>],
        input: &'b mut Spikes,
        responses: &[Option<Response<F>>],
        segment: &Range<usize>,
        transposed: bool,
        mut times: Option<&mut [Duration]>,
    ) -> Result<Signal<'b, F>> {
        let g = self.geometry(segment);
        let of_input = transposed && network.plan.enters_a_projection(Source::Input);
        let signal = Signal::new(self.input, input, &g, segment.start, of_input, network.level)?;
        let first_step = segment.start;
        for (place, &unit) in network.plan.order.iter().enumerate() {
            timed(&mut times, place, || match unit {
                Unit::Layers { first, count } => {
                    let (before, rest) = tapes.split_at_mut(first);
                    let group = first..first + count;
                    let input = signal;
                    let forward = Forward { network, group, input, before, maps, g, first_step, responses };
                    forward.run(&mut rest[..count], transposed)
                }
                Unit::Map(map) if !maps[map].runs() => Ok(()),
                Unit::Map(map) => {
                    let (before, rest) = maps.split_at_mut(map);
                    let sources =
                        Sources { network, input: signal, layers: tapes, maps: before, g, first_step };
                    ops::forward::forward(&sources, map, self.mode, &mut rest[0]);
                    Ok(())
                }
            })?;
        }
        Ok(signal)
    }
}
