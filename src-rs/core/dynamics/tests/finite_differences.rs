//! The adjoint of a model under its options at random points, compared with finite differences of its step (see `probe`), and
//! f32 compared with f64.

use super::probe::{Probe, forget, replay};
use crate::Bound;
use crate::definition::Neuron;
use crate::names::Named;
use lapicque_base::Real;
use lapicque_base::simd::SimdLevel;
use lapicque_expr::{Arg, ArgSlot, Kernel, OutSlot, Program};
use serde_json::{Map, Value, json};

/// Uniform in [from, to), from a small generator.
struct Draw(u64);

impl Draw {
    fn between(&mut self, from: f64, to: f64) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        from + (to - from) * (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }
}

fn real<F: Real>(program: &Program, of: &dyn Fn(ArgSlot) -> f64) -> Vec<f64> {
    let kernel = Kernel::<F>::new(program, SimdLevel::detect());
    let values: Vec<[F; 1]> = program.args.iter().map(|&slot| [F::from_f64(of(slot))]).collect();
    let args: Vec<Arg<F>> = values.iter().map(|value| Arg::Elements(value)).collect();
    let mut outs = vec![[F::ZERO]; program.outs.len()];
    let mut slices: Vec<&mut [F]> = outs.iter_mut().map(|out| &mut out[..]).collect();
    kernel.run(1, &args, &mut slices, &mut Vec::new());
    outs.iter().map(|out| out[0].to_f64()).collect()
}

/// Ranges of states and input, if not around 1.
pub(super) type Ranges<'a> = &'a [(&'a str, [f64; 2])];

fn range(ranges: Ranges, name: &str) -> Option<[f64; 2]> {
    ranges.iter().find(|(known, _)| *known == name).map(|&(_, range)| range)
}

/// One random point of one description.
struct Point {
    states: Vec<f64>,
    ports: Vec<f64>,
    /// All coefficients of the model by name, including folded ones.
    coefs: Vec<(&'static str, f64)>,
    grad_states: Vec<f64>,
    grad_spike: f64,
}

impl Point {
    fn draw<N: Neuron>(bound: &Bound, ranges: Ranges, draw: &mut Draw) -> Point {
        let params = bound.params.iter().map(|param| (param.name, param.values[0])).collect();
        let coefs = N::derive::<f64>(&bound.settings, &params);
        let state = |name: &str, draw: &mut Draw| match name {
            "refractory" => draw.between(-1.0, 3.0).floor().max(0.0),
            _ => {
                let [from, to] = range(ranges, name).unwrap_or([-0.5, 2.5]);
                draw.between(from, to)
            }
        };
        let [from, to] = range(ranges, "input").unwrap_or([-0.5, 1.5]);
        Point {
            states: bound.states.iter().map(|info| state(info.name, draw)).collect(),
            ports: bound.ports.iter().map(|_| draw.between(from, to)).collect(),
            coefs: coefs.iter().collect(),
            grad_states: bound.states.iter().map(|_| draw.between(-1.0, 1.0)).collect(),
            grad_spike: draw.between(-1.0, 1.0),
        }
    }

    /// The sum of the states and the spike after a step, each weighted by its gradient.
    fn loss<N: Neuron>(&self, bound: &Bound) -> f64 {
        let names = bound.states.iter().map(|info| info.name);
        let states: Named<Probe> = names.zip(self.states.iter().map(|&x| Probe(x))).collect();
        let coefs: Named<Probe> = self.coefs.iter().map(|&(name, x)| (name, Probe(x))).collect();
        let ports: Vec<Probe> = self.ports.iter().map(|&x| Probe(x)).collect();
        let stepped = N::step(&bound.settings, &coefs, &states, &ports);
        replay();
        let states: f64 = stepped.states.iter().zip(&self.grad_states).map(|(x, g)| x.0 * g).sum();
        // The output of a neuron with graded spikes is a state too.
        let graded = bound.output.filter(|_| bound.spiking).map_or(0.0, |state| self.grad_states[state]);
        states + stepped.spike.map_or(0.0, |spike| spike.0 * (self.grad_spike + graded))
    }

    fn at(&mut self, bound: &Bound, out: OutSlot) -> &mut f64 {
        match out {
            OutSlot::GradState(i) => &mut self.states[i],
            OutSlot::GradPort(i) => &mut self.ports[i],
            OutSlot::GradCoef(k) => {
                let coef = self.coefs.iter_mut().find(|(name, _)| *name == bound.coefs[k]);
                &mut coef.unwrap().1
            }
            other => panic!("{other:?} in an adjoint"),
        }
    }

    fn slope<N: Neuron>(&mut self, bound: &Bound, out: OutSlot) -> f64 {
        const H: f64 = 1e-4;
        let center = *self.at(bound, out);
        let mut at = |by: f64| {
            *self.at(bound, out) = center + by;
            self.loss::<N>(bound)
        };
        // Differences of fourth order: some models are not linear within a step.
        let slope = (8.0 * (at(H) - at(-H)) - (at(2.0 * H) - at(-2.0 * H))) / (12.0 * H);
        at(0.0);
        slope
    }

    /// An argument of a program; the new states are those of `forward`.
    fn argument(&self, bound: &Bound, new: &[f64], slot: ArgSlot) -> f64 {
        match slot {
            ArgSlot::State(i) => self.states[i],
            ArgSlot::Port(i) => self.ports[i],
            ArgSlot::Coef(k) => {
                let coef = self.coefs.iter().find(|(name, _)| *name == bound.coefs[k]);
                // The only other coefficient is alpha of the surrogate.
                coef.map_or(2.0, |&(_, x)| x)
            }
            ArgSlot::NewState(i) => new[i],
            ArgSlot::GradState(i) => self.grad_states[i],
            ArgSlot::GradSpike => self.grad_spike,
            ArgSlot::Noise(_) | ArgSlot::Variable(_) => panic!("a registered model without noise or loop"),
        }
    }
}

fn check_point<N: Neuron>(bound: &Bound, ranges: Ranges, draw: &mut Draw) {
    let mut point = Point::draw::<N>(bound, ranges, draw);
    forget();
    point.loss::<N>(bound);
    let forward = real::<f64>(&bound.forward, &|slot| point.argument(bound, &[], slot));
    let single = real::<f32>(&bound.forward, &|slot| point.argument(bound, &[], slot));
    let backward = real::<f64>(&bound.adjoint, &|slot| point.argument(bound, &forward, slot));
    let single_backward = real::<f32>(&bound.adjoint, &|slot| point.argument(bound, &forward, slot));
    for (got, want) in single.iter().zip(&forward).chain(single_backward.iter().zip(&backward)) {
        let near = (got - want).abs() < 1e-4 * (1.0 + want.abs());
        assert!(near, "f32 {got}, f64 {want} in {}", bound.resolved());
    }
    let coefs = (0..bound.coefs.len()).map(OutSlot::GradCoef).filter(|out| bound.adjoint.outs.contains(out));
    let states = (0..bound.states.len()).map(OutSlot::GradState);
    let ports = (0..bound.ports.len()).map(OutSlot::GradPort);
    let all: Vec<OutSlot> = states.chain(ports).chain(coefs).collect();
    for out in all {
        let slope = point.slope::<N>(bound, out);
        let at = bound.adjoint.outs.iter().position(|known| *known == out);
        let got = at.map_or(0.0, |at| backward[at]);
        let near = (got - slope).abs() < 1e-7 * (1.0 + slope.abs());
        assert!(near, "{out:?} is {got}, slope {slope} in {} at {point:?}", bound.resolved());
    }
}

impl std::fmt::Debug for Point {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "states {:?}, ports {:?}, coefficients {:?}", self.states, self.ports, self.coefs)
    }
}

/// All combinations of options if there are few, evenly spread ones otherwise.
fn combinations<N: Neuron>() -> Vec<Map<String, Value>> {
    const MOST: usize = 400;
    let options = N::definition().options;
    let all: usize = options.iter().map(|option| option.values.len()).product();
    let stride = (all / MOST).max(1) | 1;
    (0..all)
        .step_by(stride)
        .map(|mut i| {
            let choose = |option: &crate::definition::OptionDef| {
                let value = option.values[i % option.values.len()];
                i /= option.values.len();
                (option.name.to_string(), value.into())
            };
            options.iter().map(choose).collect()
        })
        .collect()
}

/// Checks a model with these parameters, states and inputs around 1.
pub(super) fn check<N: Neuron>(params: &[Value]) {
    check_within::<N>(&[], params);
}

/// As `check`, with states and inputs from `ranges`.
pub(super) fn check_within<N: Neuron>(ranges: Ranges, params: &[Value]) {
    let definition = N::definition();
    let mut draw = Draw(7);
    let mut checked = 0;
    for options in combinations::<N>() {
        for params in params {
            let given = |name: &&str| params.get(*name).is_some();
            let learnable = definition.params.iter().filter(|param| param.learnable).map(|param| param.name);
            let learn: Vec<&str> = learnable.filter(given).collect();
            let spec = json!({"model": definition.key, "params": params, "options": options, "learn": learn});
            // Some combinations are refused with an error.
            let Ok(bound) = Bound::new(&spec, 1, 1.0) else { continue };
            for _ in 0..3 {
                check_point::<N>(&bound, ranges, &mut draw);
                checked += 1;
            }
        }
    }
    assert!(checked >= 9, "{}: {checked}", definition.key);
}
