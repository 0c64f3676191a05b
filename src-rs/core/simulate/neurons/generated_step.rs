//! A population's step that was compiled ahead of time: which accumulators and buffers it reads.

use crate::representation::precision::Precision;
use lapicque_base::real::Real;
use lapicque_base::simd::SimdLevel;
use lapicque_dynamics::Bound;
use lapicque_expr::ArgSlot;
use lapicque_expr::step::{Source, Step};

pub struct GeneratedStep<F: Precision> {
    pub step: Step<F, F::Sum>,
    /// By argument: its value, or the unit of the sums that it reads.
    pub values: Vec<F>,
    /// Ports whose accumulators the step reads and clears, ascending.
    pub sums: Vec<usize>,
    /// Other arguments that have a value for each neuron slot.
    pub elements: Vec<ArgSlot>,
}

impl<F: Precision> GeneratedStep<F> {
    /// `derived`: the coefficients. `connected`: ports that get synapses, with `units` of their weights. `driven`:
    /// ports that also have other inputs. The result reads sums directly if a step for that exists; otherwise it reads
    /// ports that were filled before.
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

    /// As `new`, for a step whose ports have all been filled before.
    pub fn with_filled_ports(bound: &Bound, derived: &[Vec<f64>], level: SimdLevel) -> Option<Self> {
        Self::with(bound, derived, |_| Source::Elements, &[], level)
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
        let of = |selected: Source| {
            program
                .args
                .iter()
                .zip(&sources)
                .filter(move |&(_, &source)| source == selected)
                .map(|(&slot, _)| slot)
        };
        let sums: Vec<usize> = of(Source::Sums)
            .filter_map(|slot| if let ArgSlot::Port(port) = slot { Some(port) } else { None })
            .collect();
        // The accumulators of a population are contiguous in the order of its ports.
        if !sums.is_sorted() {
            return None;
        }
        Some(GeneratedStep {
            step: F::step(program, &sources, level)?,
            values,
            sums,
            elements: of(Source::Elements).collect(),
        })
    }
}
