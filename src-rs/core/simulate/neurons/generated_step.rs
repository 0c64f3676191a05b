//! How a population takes a step that was compiled ahead: which of its accumulators and buffers the step reads.

use crate::representation::precision::Precision;
use lapicque_base::real::Real;
use lapicque_base::simd::SimdLevel;
use lapicque_dynamics::Bound;
use lapicque_expr::ArgSlot;
use lapicque_expr::step::{Source, Step};

pub struct GeneratedStep<F: Precision> {
    pub step: Step<F, F::Sum>,
    /// By argument: its value, or the unit of what is summed.
    pub values: Vec<F>,
    /// Ports whose accumulators it reads and clears, ascending.
    pub sums: Vec<usize>,
    /// What else it reads neuron_slot by neuron_slot.
    pub neuron_slots: Vec<ArgSlot>,
}

impl<F: Precision> GeneratedStep<F> {
    /// `derived`: the coefficients; `connected`: ports that get synapses; `driven`: those that something else enters as well, with units of weights. One
    /// that reads sums where there is one, else one that reads ports filled before.
    pub fn new(
        bound: &Bound,
        derived: &[Vec<f64>],
        connected: &[bool],
        driven: &[bool],
        units: &[F],
        level: SimdLevel,
    ) -> Option<Self> {
        let summed = |port: usize| connected[port] && !driven[port];
        let all_read = (0..connected.len())
            .all(|port| !summed(port) || bound.forward.args.contains(&ArgSlot::Port(port)));
        let by_port = |port: usize| match (summed(port), driven[port]) {
            (true, _) => Source::Sums,
            (_, true) => Source::Elements,
            _ => Source::Uniform,
        };
        let direct = all_read.then(|| Self::with(bound, derived, by_port, units, level)).flatten();
        direct.or_else(|| Self::with(bound, derived, |_| Source::Elements, units, level))
    }

    fn with(
        bound: &Bound,
        coefs: &[Vec<f64>],
        port: impl Fn(usize) -> Source,
        units: &[F],
        level: SimdLevel,
    ) -> Option<Self> {
        let program = &bound.forward;
        let args = || program.args.iter().zip(&program.uniform);
        let source = |(&slot, &uniform): (&ArgSlot, &bool)| match slot {
            ArgSlot::State(i) => Source::State(i),
            ArgSlot::Port(i) => port(i),
            _ if uniform => Source::Uniform,
            _ => Source::Elements,
        };
        let sources: Vec<Source> = args().map(source).collect();
        let value = |(&slot, &source): (&ArgSlot, &Source)| match (slot, source) {
            (ArgSlot::Port(i), Source::Sums) => Some(units[i]),
            (ArgSlot::Coef(k), Source::Uniform) => match coefs[k][..] {
                [one] => Some(<F as Real>::from_f64(one)),
                _ => None,
            },
            (ArgSlot::Coef(k), _) if coefs[k].len() == 1 => None,
            _ => Some(<F as Real>::ZERO),
        };
        let values = program.args.iter().zip(&sources).map(value).collect::<Option<_>>()?;
        let of = |wanted: Source| {
            program
                .args
                .iter()
                .zip(&sources)
                .filter(move |&(_, &source)| source == wanted)
                .map(|(&slot, _)| slot)
        };
        let sums: Vec<usize> = of(Source::Sums)
            .filter_map(|slot| if let ArgSlot::Port(port) = slot { Some(port) } else { None })
            .collect();
        // The accumulators of a population lie port after port.
        if !sums.is_sorted() {
            return None;
        }
        Some(GeneratedStep {
            step: F::step(program, &sources, level)?,
            values,
            sums,
            neuron_slots: of(Source::Elements).collect(),
        })
    }
}
