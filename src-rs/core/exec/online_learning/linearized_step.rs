//! One step of a population, linearized: the derivatives of each state after the step, and of the spike, with respect
//! to the states before it and to the current. They are computed by the adjoint of the neurons' step, run once per
//! result.

use crate::network::coefficients::Coefficients;
use crate::network::compiled::Network;
use crate::network::noise::Noise;
use crate::storage::geometry::Geometry;
use crate::storage::padding::Padding;
use crate::tape::layer_tape::LayerTape;
use lapicque_expr::{Arg, ArgSlot, Args, OutSlot, Outs, set_args};
use lapicque_graph::LayerPlan;
use lapicque_projection::{Aligned, Element, Linearized, PANEL, is_zero};

/// Whether the derivatives of these neurons' step are constant, independent of states and input.
pub(crate) fn is_linear(plan: &LayerPlan) -> bool {
    plan.bound
        .adjoint
        .args
        .iter()
        .all(|slot| matches!(slot, ArgSlot::Coef(_) | ArgSlot::GradState(_) | ArgSlot::GradSpike))
}

/// The derivatives of one panel of one tile, computed step by step.
pub(crate) struct LocalStep<'a, F: Element> {
    network: &'a Network<F>,
    tape: &'a LayerTape<F>,
    g: &'a Geometry,
    layer: usize,
    panel: usize,
    tile: usize,
    coefs: Coefficients<F>,
    noise: Noise<F>,
    ones: Aligned<F>,
    none: Aligned<F>,
    /// By state, then for the spike: its derivatives in the order of the adjoint's results.
    parts: Vec<Vec<Aligned<F>>>,
    /// Whether a derivative is zero everywhere, so that it need not be multiplied.
    zero: Vec<Vec<bool>>,
    kernel: Vec<F>,
    /// Whether the derivatives have been computed: those of a linear population are the same at every step.
    is_derived: bool,
}

impl<'a, F: Element> LocalStep<'a, F> {
    pub fn new(
        network: &'a Network<F>,
        layer: usize,
        tape: &'a LayerTape<F>,
        g: &'a Geometry,
        [panel, tile]: [usize; 2],
    ) -> Self {
        let bound = &network.plan.layers[layer].bound;
        let results = bound.states.len() + usize::from(bound.spiking);
        let elements = zeros(g.elements());
        let mut ones = elements.clone();
        ones.fill(F::ONE);
        let outs = bound.adjoint.outs.len();
        LocalStep {
            network,
            tape,
            g,
            layer,
            panel,
            tile,
            coefs: Coefficients::new(network, layer, panel, g),
            noise: Noise::new(network, layer),
            ones,
            parts: vec![vec![elements.clone(); outs]; results],
            zero: vec![vec![false; outs]; results],
            none: elements,
            kernel: vec![],
            is_derived: false,
        }
    }

    /// The derivatives at step `t` of the segment.
    pub fn at(&mut self, t: usize) -> Linearized<'_, F> {
        let plan = &self.network.plan.layers[self.layer];
        if !self.is_derived {
            (0..self.parts.len()).for_each(|result| self.derive(result, t));
            self.is_derived = is_linear(plan);
        }
        let states = plan.bound.states.len();
        let mut step = Linearized::none(states);
        for (result, (parts, zero)) in self.parts.iter().zip(&self.zero).enumerate() {
            for ((slot, part), &zero) in plan.bound.adjoint.outs.iter().zip(parts).zip(zero) {
                let target = match *slot {
                    OutSlot::GradState(k) if result < states => &mut step.transition[result][k],
                    OutSlot::GradPort(_) if result < states => &mut step.current[result],
                    OutSlot::GradState(k) => &mut step.spike[k],
                    OutSlot::GradPort(_) => &mut step.spike_current,
                    _ => continue,
                };
                *target = (!zero).then_some(&part[..]);
            }
        }
        step
    }

    /// Runs the adjoint with a gradient of 1 for one result (a state, or the spike, whose index follows the states) and
    /// 0 for the others.
    fn derive(&mut self, result: usize, t: usize) {
        let bound = &self.network.plan.layers[self.layer].bound;
        let (tape, g) = (self.tape, self.g);
        let elements = g.elements();
        let chunk = self.panel * g.tiles + self.tile;
        let after = |i: usize, t: usize| &tape.states[i][(chunk * tape.blocks + t) * elements..][..elements];
        let before = |i: usize| match t {
            0 => &tape.begin[i][chunk * elements..][..elements],
            _ => after(i, t - 1),
        };
        if !self.noise.is_empty() && result == 0 {
            let first = g.first + self.tile * g.tile;
            self.noise.draw(first, self.panel * PANEL, PANEL, before(self.noise.clock));
        }
        let seed = |of: usize| Arg::Elements(if of == result { &self.ones[..] } else { &self.none[..] });
        let arg = |slot: ArgSlot| match slot {
            ArgSlot::State(i) => Arg::Elements(before(i)),
            ArgSlot::NewState(i) => Arg::Elements(after(i, t)),
            ArgSlot::Port(p) => {
                Arg::Elements(&tape.currents[p][(chunk * g.steps + t) * elements..][..elements])
            }
            ArgSlot::Coef(k) => self.coefs.arg(k),
            ArgSlot::GradState(i) => seed(i),
            ArgSlot::GradSpike => seed(bound.states.len()),
            ArgSlot::Noise(k) => Arg::Elements(self.noise.values(k)),
            ArgSlot::Variable(_) => unreachable!("an adjoint has no loop"),
        };
        let mut args = Args::new();
        set_args(&mut args, &bound.adjoint.args, arg);
        let parts = &mut self.parts[result];
        let mut outs: Outs<F> = parts.iter_mut().map(|part| &mut part[..]).collect();
        self.network.layers[self.layer].adjoint.run(elements, &args, &mut outs, &mut self.kernel);
        drop(outs);
        let padding = Padding::of(g, self.network.plan.layers[self.layer].neurons, self.panel, self.tile);
        for (zero, part) in self.zero[result].iter_mut().zip(parts) {
            padding.clear(part);
            *zero = is_zero(part);
        }
    }
}

/// A buffer of `len` zeros.
pub(crate) fn zeros<F: Element>(len: usize) -> Aligned<F> {
    let mut zeros = Aligned::default();
    zeros.resize(len);
    zeros
}
