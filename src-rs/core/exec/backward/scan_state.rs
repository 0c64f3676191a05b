//! The state of a reverse scan task: gradients that pass from a step to the step before it, and the buffers of a step's
//! adjoint.

use crate::backward::reverse_scan::Backward;
use crate::network::coefficients::Coefficients;
use crate::network::noise::Noise;
use crate::network::panel_slices::Member;
use crate::storage::buffers::Buffer;
use lapicque_expr::OutSlot;
use lapicque_graph::Source;
use lapicque_projection::{Aligned, Element};

impl<F: Element> Backward<'_, F> {
    /// The scan state of one member; all buffers of one step's length are parts of `storage`.
    pub(crate) fn scan<'r>(
        &'r self,
        member: &Member<F>,
        edges: &[EdgeSlices<F>],
        storage: &'r mut Aligned<F>,
    ) -> Scan<'r, F> {
        let (network, elements) = (self.network, self.g.elements());
        let plan = &network.plan.layers[member.layer];
        let slices = member.slices.iter();
        let learned: Vec<usize> = (plan.bound.adjoint.outs.iter())
            .filter_map(|out| match out {
                OutSlot::GradCoef(k) => Some(*k),
                _ => None,
            })
            .collect();
        let sources = self.sources(member.layer);
        let loops = network.plan.layers[self.group.clone()].iter().flat_map(|plan| &plan.feedback);
        let read: Vec<Source> = loops.map(|feed| feed.source).collect();
        let (count, states, ports) = (member.slices.len(), plan.bound.states.len(), plan.bound.ports.len());
        let returning = sources.iter().filter(|source| read.contains(source)).count();
        let of_a_panel = returning + states + learned.len();
        storage.resize((count * of_a_panel + states + ports + learned.len() + 1) * elements);
        let mut rest = &mut storage[..];
        let mut cut = |steps: usize| rest.split_off_mut(..steps * elements).unwrap_or_default();
        let inside =
            sources.iter().map(|source| cut(if read.contains(source) { count } else { 0 })).collect();
        let mut state_grads: Vec<Vec<&mut [F]>> = Vec::with_capacity(count);
        for edge in edges {
            let mut grads: Vec<&mut [F]> = (0..states).map(|_| cut(1)).collect();
            grads.iter_mut().zip(&edge.states).for_each(|(grad, state)| grad.copy_from_slice(state));
            state_grads.push(grads);
        }
        let sums = (0..count).map(|_| learned.iter().map(|_| cut(1)).collect()).collect();
        let buffers = AdjointBuffers {
            states: (0..states).map(|_| cut(1)).collect(),
            currents: (0..ports).map(|_| cut(1)).collect(),
            coefs: learned.iter().map(|_| cut(1)).collect(),
            zeros: cut(1),
            kernel: vec![],
            noise: Noise::new(network, member.layer),
        };
        Scan {
            coefs: slices
                .clone()
                .map(|s| Coefficients::new(network, member.layer, s.panel, &self.g))
                .collect(),
            inside,
            outputs: slices
                .clone()
                .map(|_| sources.iter().map(|_| network.buffers.take()).collect())
                .collect(),
            recomputed: slices.clone().map(|_| network.buffers.take()).collect(),
            sources,
            state_grads,
            sums,
            buffers,
            learned,
        }
    }
}

/// Calls `give` with each chunk of each buffer and the edge to which the chunk belongs.
pub(crate) fn each_chunk<'a, F: Element>(
    buffers: &'a mut [Aligned<F>],
    edges: &mut [Option<EdgeSlices<'a, F>>],
    elements: usize,
    give: impl Fn(&mut EdgeSlices<'a, F>, &'a mut [F]),
) {
    for buffer in buffers {
        let mut chunks = buffer.chunks_mut(elements);
        for edge in edges.iter_mut().flatten() {
            give(edge, chunks.next().unwrap_or_default());
        }
    }
}

/// Data that one panel of one tile passes between segments and steps.
pub(crate) struct EdgeSlices<'a, F> {
    pub states: Vec<&'a mut [F]>,
    pub currents: Vec<&'a mut [F]>,
    pub sums: Vec<&'a mut [F]>,
}

impl<F> Default for EdgeSlices<'_, F> {
    fn default() -> Self {
        EdgeSlices { states: vec![], currents: vec![], sums: vec![] }
    }
}

/// One member of a group in the reverse scan, for each of its panels.
pub(crate) struct Scan<'a, F: Element> {
    pub coefs: Vec<Coefficients<F>>,
    /// Its outputs that receive gradients.
    pub sources: Vec<Source>,
    /// By panel and source: the gradient over a block of steps, from outside of the loop.
    pub outputs: Vec<Vec<Buffer<'a, F>>>,
    /// By source: the gradient at one step, from within the loop, `[panel][sample][64]`; empty if no member reads it.
    pub inside: Vec<&'a mut [F]>,
    /// By panel: the recomputed current over a block of steps, if the tape does not store it.
    pub recomputed: Vec<Buffer<'a, F>>,
    pub state_grads: Vec<Vec<&'a mut [F]>>,
    pub learned: Vec<usize>,
    pub sums: Vec<Vec<&'a mut [F]>>,
    pub buffers: AdjointBuffers<'a, F>,
}

/// Results and scratch buffers of a step's adjoint, each `[sample][64]`.
pub(crate) struct AdjointBuffers<'a, F: Element> {
    pub states: Vec<&'a mut [F]>,
    pub currents: Vec<&'a mut [F]>,
    pub coefs: Vec<&'a mut [F]>,
    pub zeros: &'a [F],
    pub kernel: Vec<F>,
    pub noise: Noise<F>,
}
