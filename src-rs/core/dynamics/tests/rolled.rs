//! A step computed sub-step by sub-step gives the same bits as the step in one program, for all kinds of sub-steps.

use std::collections::HashMap;

use crate::Bound;
use lapicque_base::Real;
use lapicque_base::simd::SimdLevel;
use lapicque_expr::{Arg, ArgSlot, Kernel, OutSlot, Program};
use serde_json::{Value, json};

const ELEMENTS: usize = 96;

type Values<F> = HashMap<ArgSlot, Vec<F>>;

/// The outputs of a program in their order.
fn run<F: Real>(
    program: &Program,
    values: &Values<F>,
    kernel: fn(&Program, SimdLevel) -> Kernel<F>,
) -> Vec<Vec<F>> {
    let args: Vec<Arg<F>> = (program.args.iter())
        .map(|slot| match &values[slot][..] {
            [one] => Arg::Uniform(*one),
            many => Arg::Elements(many),
        })
        .collect();
    let mut outs = vec![vec![F::ZERO; ELEMENTS]; program.outs.len()];
    let mut slices: Vec<&mut [F]> = outs.iter_mut().map(Vec::as_mut_slice).collect();
    kernel(program, SimdLevel::detect()).run(ELEMENTS, &args, &mut slices, &mut vec![]);
    outs
}

/// The number of spikes in `steps` steps; after each step both forms must agree to the bit.
fn compare<F: Real>(spec: &Value, current: f64, steps: usize) -> usize {
    let bound = Bound::new(spec, ELEMENTS, 0.1).unwrap();
    let rolled = bound.rolled.as_ref().expect("several sub-steps");
    let each = |of: &dyn Fn(usize) -> f64| -> Vec<F> { (0..ELEMENTS).map(|i| F::from_f64(of(i))).collect() };
    let mut values: Values<F> = HashMap::new();
    for (k, coef) in bound.derived().iter().enumerate() {
        values.insert(ArgSlot::Coef(k), coef.iter().map(|&x| F::from_f64(x)).collect());
    }
    for (i, state) in bound.states.iter().enumerate() {
        values.insert(ArgSlot::State(i), each(&|_| state.init[0]));
    }
    let mut spikes = 0;
    for t in 0..steps {
        for (i, &port) in bound.ports.iter().enumerate() {
            let of = |element: usize| match port {
                "excitatory" | "inhibitory" => f64::from(u8::from((element * 7 + t * 3) % 50 == i)) * 5.0,
                _ => current * (0.5 + element as f64 / ELEMENTS as f64),
            };
            values.insert(ArgSlot::Port(i), each(&of));
        }
        let expected = run(&bound.forward, &values, Kernel::interpreted);
        let mut variables = run(&rolled.before, &values, Kernel::new);
        for _ in 0..rolled.count {
            for (i, variable) in variables.into_iter().enumerate() {
                values.insert(ArgSlot::Variable(i), variable);
            }
            variables = run(&rolled.sub_step, &values, Kernel::new);
        }
        for (i, variable) in variables.into_iter().enumerate() {
            values.insert(ArgSlot::Variable(i), variable);
        }
        assert_eq!(rolled.after.outs, bound.forward.outs);
        let got = run(&rolled.after, &values, Kernel::new);
        for ((slot, got), expected) in rolled.after.outs.iter().zip(got).zip(expected) {
            let bits = |x: &[F]| x.iter().map(|x| x.to_f64().to_bits()).collect::<Vec<u64>>();
            assert_eq!(bits(&got), bits(&expected), "{spec}: {slot:?} at step {t}");
            match *slot {
                OutSlot::State(i) => {
                    values.insert(ArgSlot::State(i), got);
                }
                _ => spikes += got.iter().filter(|&&x| x != F::ZERO).count(),
            }
        }
    }
    spikes
}

#[test]
fn sub_steps_give_the_bits_of_a_step() {
    let of = |model: &str, params: Value, options: Value| json!({"model": model, "params": params, "options": options});
    let cases = [
        (of("aeif-cond-exp", json!({}), json!({})), 1500.0),
        (of("aeif-cond-exp", json!({"tauRef": 0.35, "subSteps": 4}), json!({})), 1500.0),
        (of("aeif-cond-exp", json!({"subSteps": 3}), json!({"method": "euler"})), 1500.0),
        (of("adex", json!({"subSteps": 3}), json!({"resetTiming": "next-step"})), 1500.0),
        (of("aeif-psc-exp", json!({}), json!({})), 1500.0),
        (of("aeif-psc-exp", json!({"tauRef": 1}), json!({})), 1500.0),
        (of("hh-psc-alpha", json!({}), json!({})), 1500.0),
        (of("hh-cond-exp-traub", json!({"subSteps": 3}), json!({})), 1500.0),
        (of("hodgkin-huxley", json!({"subSteps": 5}), json!({"method": "rk4"})), 15.0),
        (of("iaf-cond-alpha", json!({"subSteps": 2}), json!({})), 1500.0),
        (of("adex", json!({"subSteps": 4}), json!({})), 1500.0),
        (of("izhikevich", json!({"subSteps": 2}), json!({})), 15.0),
    ];
    for (spec, current) in cases {
        let spikes = [compare::<f32>(&spec, current, 200), compare::<f64>(&spec, current, 200)];
        assert!(spikes.iter().all(|&n| n > 100), "{spec}: {spikes:?} spikes");
    }
    let once = Bound::new(&json!({"model": "aeif-cond-exp", "params": {"subSteps": 1}}), 1, 0.1).unwrap();
    assert!(once.rolled.is_none());
}

#[test]
fn sub_steps_of_another_length_have_the_coefficients_of_that_many_steps() {
    for model in ["aeif-cond-exp", "aeif-psc-exp", "hh-psc-alpha"] {
        let of = |params: Value| Bound::new(&json!({"model": model, "params": params}), 1, 0.1).unwrap();
        let bound = of(json!({"tauRef": 1.5}));
        let rolled = bound.rolled.as_ref().expect("several sub-steps");
        let adaptive = rolled.adaptive.as_ref().expect("a tolerance");
        let derived = bound.derived();
        for candidate in &adaptive.candidates {
            let other = of(json!({"tauRef": 1.5, "subSteps": candidate.sub_steps}));
            // The surrogate's parameters come last.
            let wanted =
                other.derived().into_iter().zip(&other.coefs).filter(|(_, name)| !name.contains('.'));
            assert!(candidate.sub_steps < rolled.count && !candidate.slots.is_empty());
            for (k, (want, _)) in wanted.enumerate() {
                let slot =
                    candidate.slots.iter().find(|&&(short, _)| short == k).map_or(k, |&(_, long)| long);
                let (got, want) = (derived[slot][0], want[0]);
                assert!(
                    (got - want).abs() <= 1e-15 * want.abs(),
                    "{model}, {}: {got} for {want}",
                    bound.coefs[k]
                );
            }
        }
    }
    let fixed = Bound::new(&json!({"model": "aeif-cond-exp", "params": {"subSteps": 10}}), 1, 0.1).unwrap();
    assert!(fixed.rolled.unwrap().adaptive.is_none());
    // Euler's method has no error estimate.
    let euler =
        Bound::new(&json!({"model": "aeif-cond-exp", "options": {"method": "euler"}}), 1, 0.1).unwrap();
    assert!(euler.rolled.is_some_and(|rolled| rolled.count == 10 && rolled.adaptive.is_none()));
    let both = json!({"model": "hh-psc-alpha", "params": {"subSteps": 10, "tolerance": 0.1}});
    assert!(Bound::new(&both, 1, 0.1).is_err());
}
