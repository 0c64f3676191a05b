//! Derivatives of every operation compared with finite differences; dead code that lowering removes.

use super::adjoint::backward;
use super::graph::{Sym, input, trace};
use super::parse::parse;
use super::{Arg, ArgSlot, Course, Kernel, OperationCounts, OutSlot, Program, Scalar, StateCourse};
use lapicque_base::simd::SimdLevel;

/// The derivatives of `text` with respect to x and y at a point.
fn gradient(text: &str, at: [f64; 2]) -> [f64; 2] {
    let (graph, gradients) = trace(false, || {
        let names = [("x", input(0)), ("y", input(1))];
        let value = parse(text, &names).unwrap();
        let gradients = backward(&[(value, Sym::one())], &[], &|_| Sym::zero());
        names.map(|(_, x)| gradients.of(x))
    });
    let values = graph.evaluate(&at);
    gradients.map(|gradient| gradient.map_or(0.0, |node| values[node.index()]))
}

fn value(text: &str, at: [f64; 2]) -> f64 {
    let (graph, node) = trace(false, || parse(text, &[("x", input(0)), ("y", input(1))]).unwrap());
    graph.evaluate(&at)[node.index()]
}

#[test]
fn every_operation_has_its_derivative() {
    const H: f64 = 1e-6;
    let texts = [
        "x + y",
        "x - y",
        "x * y",
        "x / y",
        "-x",
        "exp(x)",
        "ln(y)",
        "sqrt(y)",
        "abs(x)",
        "tanh(x)",
        "sigmoid(x * y)",
        "sin(x * y)",
        "cos(x * y)",
        "min(x, y)",
        "max(x, y)",
        "floor(x) * y",
        "(x > y) * x",
        "select(x > y, x * x, y)",
        "x^3 * y^-2",
        "relu(x) + relu(-y)",
        "x * x * x / (1 + exp(-y)) + x",
    ];
    for text in texts {
        for at in [[0.3, 1.7], [1.9, 0.6], [-0.8, 0.4]] {
            let got = gradient(text, at);
            for i in 0..2 {
                let moved = |by: f64| {
                    let mut at = at;
                    at[i] += by;
                    value(text, at)
                };
                let slope = (moved(H) - moved(-H)) / (2.0 * H);
                let near = (got[i] - slope).abs() < 1e-7 * (1.0 + slope.abs());
                assert!(near, "{text} at {at:?}: {} but slope {slope}", got[i]);
            }
        }
    }
}

#[test]
fn a_branch_that_is_not_taken_contributes_exactly_nothing() {
    // Each with its point and the derivatives of the branch that is taken there.
    let cases = [
        ("select(x > 0, sqrt(x), 0.5 * x)", [-2.0, 1.0], [0.5, 0.0]),
        ("select(x > 0, sqrt(x), 0.5 * x)", [0.0, 1.0], [0.5, 0.0]),
        ("select(x > 0, sqrt(x), 0.5 * x)", [4.0, 1.0], [0.25, 0.0]),
        ("select(x > 0, ln(x) * y, y * y)", [-1.0, 3.0], [0.0, 6.0]),
        ("select(x == 0, 1 + y, x / (exp(x) - 1))", [0.0, 2.0], [0.0, 1.0]),
        ("select(x == 0, y, (exp(y) - 1) / x + x * x)", [0.0, 2.0], [0.0, 1.0]),
        ("select(x < 1, x, exp(1000 * x))", [3.0, 0.0], [f64::INFINITY, 0.0]),
        ("select(x < 1, x, exp(1000 * x) * y)", [0.9, 0.0], [1.0, 0.0]),
        ("select(x < 1, x, x^-2)", [0.0, 0.0], [1.0, 0.0]),
        ("select(x < 1, y, (y / x)^3)", [0.0, 2.0], [0.0, 1.0]),
        ("select(x > 0, select(y > 0, sqrt(y / x), x), y)", [0.0, -3.0], [0.0, 1.0]),
        ("sqrt(relu(x)) + x", [-1.0, 0.0], [1.0, 0.0]),
        ("max(y, ln(x))", [-1.0, 2.0], [0.0, 1.0]),
        ("min(y * y, sqrt(x))", [-1.0, 2.0], [0.0, 4.0]),
        ("clip(1 / x, -1, 1) + y", [0.0, 2.0], [0.0, 1.0]),
        ("abs(select(x > 0, ln(x), -2 * x))", [-3.0, 0.0], [-2.0, 0.0]),
    ];
    for (text, at, slope) in cases {
        assert_eq!(gradient(text, at), slope, "{text} at {at:?}");
    }
}

#[test]
fn a_spike_has_the_surrogate_for_derivative_and_a_detached_value_none() {
    let (graph, (of_spike, of_detached)) = trace(false, || {
        let x = input(0);
        let surrogate = |x: Sym| x + Sym::constant(10.0);
        let spike = (x * Sym::constant(3.0)).spike(true);
        let of_spike = backward(&[(spike, Sym::one())], &[], &surrogate).of(x);
        let detached = spike.detach() * Sym::constant(2.0);
        (of_spike, backward(&[(detached, Sym::one())], &[], &surrogate).of(x))
    });
    assert!(of_detached.is_none());
    assert_eq!(graph.evaluate(&[2.0])[of_spike.unwrap().index()], 3.0 * 16.0);
}

#[test]
fn equal_expressions_are_one_node_and_unused_inputs_no_argument() {
    let inputs = [ArgSlot::State(0), ArgSlot::Port(0), ArgSlot::Coef(0)];
    let (graph, out) = trace(false, || {
        let (v, x, beta) = (input(0), input(1), input(2));
        let _ = v * x;
        (v * beta + (v * beta) * Sym::one()) - Sym::zero()
    });
    let uniform = |slot| matches!(slot, ArgSlot::Coef(_));
    let program = Program::lower(&graph, &inputs, uniform, &[(OutSlot::State(0), out)]);
    assert_eq!(program.args, [ArgSlot::State(0), ArgSlot::Coef(0)]);
    assert_eq!(program.uniform, [false, true]);
    assert_eq!(program.key(), "l0;u1;Mul 0 1;Add 2 2;[3]");
}

#[test]
fn sine_and_cosine_are_the_same_bits_at_every_level_near_and_far() {
    let inputs = [ArgSlot::Port(0)];
    let x: Vec<f32> = (0..3000).map(|i| (i as f32 - 1500.0) * 1.01_f32.powi(i % 2000)).collect();
    let wide: Vec<f64> = x.iter().map(|&x| f64::from(x) * 1e9).collect();
    for (name, single, double) in
        [("sin(x)", f32::sin as fn(f32) -> f32, f64::sin as fn(f64) -> f64), ("cos(x)", f32::cos, f64::cos)]
    {
        let (graph, out) = trace(false, || parse(name, &[("x", input(0))]).unwrap());
        let program = Program::lower(&graph, &inputs, |_| false, &[(OutSlot::State(0), out)]);
        for level in [SimdLevel::Portable, SimdLevel::Avx2, SimdLevel::Avx512] {
            let mut got = vec![0.0; x.len()];
            let kernel = Kernel::<f32>::new(&program, level);
            kernel.run(x.len(), &[Arg::Elements(&x)], &mut [&mut got], &mut vec![]);
            for (&x, got) in x.iter().zip(got) {
                let own = if name == "sin(x)" { Scalar::sin(x) } else { Scalar::cos(x) };
                assert_eq!(got.to_bits(), own.to_bits(), "{name} of {x} at {level:?}");
                assert!((got - single(x)).abs() < 3e-7, "{name} of {x}: {got}");
            }
            let mut got = vec![0.0; wide.len()];
            let kernel = Kernel::<f64>::new(&program, level);
            kernel.run(wide.len(), &[Arg::Elements(&wide)], &mut [&mut got], &mut vec![]);
            for (&x, got) in wide.iter().zip(got) {
                let own = if name == "sin(x)" { Scalar::sin(x) } else { Scalar::cos(x) };
                assert_eq!(got.to_bits(), own.to_bits(), "{name} of {x} at {level:?}");
                assert!((got - double(x)).abs() < 1e-15, "{name} of {x}: {got}");
            }
        }
    }
}

/// Two states that read each other, with dyadic numbers, so that no sum is rounded.
#[test]
fn steps_hand_states_from_each_to_the_next() {
    const STEPS: usize = 5;
    const ELEMENTS: usize = 128;
    let inputs = [ArgSlot::State(0), ArgSlot::State(1), ArgSlot::Port(0), ArgSlot::Port(1), ArgSlot::Coef(0)];
    let (graph, [v, w, fired]) = trace(false, || {
        let names = [("v", input(0)), ("w", input(1)), ("x", input(2)), ("y", input(3)), ("half", input(4))];
        let v = parse("v * half + x - w", &names).unwrap();
        let w = parse("w * half + v + y", &names).unwrap();
        let fired = (v - Sym::constant(1.0)).spike(true);
        [v, w, fired]
    });
    let uniform = |slot| matches!(slot, ArgSlot::Coef(_));
    let outs = [(OutSlot::State(0), v), (OutSlot::State(1), w), (OutSlot::Spike, fired)];
    let program = Program::lower(&graph, &inputs, uniform, &outs);
    let x: Vec<f64> = (0..STEPS * ELEMENTS).map(|i| ((i * 7 + i / ELEMENTS) % 9) as f64 - 3.0).collect();
    let y: Vec<f64> = (0..ELEMENTS).map(|i| (i % 3) as f64).collect();
    let (mut expected, mut bits) =
        (vec![[vec![2.0; ELEMENTS], vec![1.0; ELEMENTS]]], vec![0_u64; STEPS * ELEMENTS / 64]);
    for t in 0..STEPS {
        let [mut v, mut w] = expected[t].clone();
        for i in 0..ELEMENTS {
            (v[i], w[i]) = (v[i] * 0.5 + x[t * ELEMENTS + i] - w[i], w[i] * 0.5 + v[i] + y[i]);
            bits[(t * ELEMENTS + i) / 64] |= u64::from(v[i] > 1.0) << (i % 64);
        }
        expected.push([v, w]);
    }
    let kernel = Kernel::<f64>::new(&program, SimdLevel::detect());
    let args: Vec<Course<f64>> = (program.args.iter())
        .map(|slot| match *slot {
            ArgSlot::State(i) => Course::State(i),
            ArgSlot::Port(0) => Course::Each(&x),
            ArgSlot::Port(_) => Course::Same(Arg::Elements(&y)),
            _ => Course::Same(Arg::Uniform(0.5)),
        })
        .collect();
    for blocks in [2, 3, STEPS, STEPS + 2] {
        let begin = &expected[0];
        let mut buffers = [vec![-7.0; blocks * ELEMENTS], vec![-7.0; blocks * ELEMENTS]];
        let mut words = vec![0; bits.len()];
        for steps in [0..2, 2..3, 3..STEPS] {
            let [first, second] = &mut buffers;
            let mut states = [
                StateCourse::new(&begin[0], first, blocks, false),
                StateCourse::new(&begin[1], second, blocks, true),
            ];
            let now: Vec<Course<f64>> = args
                .iter()
                .map(|course| match *course {
                    Course::Each(x) => Course::Each(&x[steps.start * ELEMENTS..]),
                    other => other,
                })
                .collect();
            let words = &mut words[steps.start * ELEMENTS / 64..steps.end * ELEMENTS / 64];
            kernel.steps(ELEMENTS, steps, &now, &mut states, words, &mut vec![]);
        }
        assert_eq!(words, bits, "{blocks} places");
        for t in STEPS.saturating_sub(blocks)..STEPS {
            for (room, expected) in buffers.iter().zip(&expected[t + 1]) {
                assert_eq!(
                    &room[t % blocks * ELEMENTS..][..ELEMENTS],
                    &expected[..],
                    "step {t} of {blocks} places"
                );
            }
        }
    }
}

/// Compares `out` of elements with these x and y, interpreted together, with each element interpreted alone.
fn compare_with_each_element(text: &str, x: &[f64], y: &[f64]) {
    let inputs = [ArgSlot::Port(0), ArgSlot::Port(1)];
    let (graph, out) = trace(false, || parse(text, &[("x", input(0)), ("y", input(1))]).unwrap());
    let program = Program::lower(&graph, &inputs, |_| false, &[(OutSlot::State(0), out)]);
    let arguments = program.args.iter().map(|slot| match slot {
        ArgSlot::Port(0) => Arg::Elements(x),
        _ => Arg::Elements(y),
    });
    let arguments: Vec<Arg<f64>> = arguments.collect();
    for level in [SimdLevel::Portable, SimdLevel::Avx2, SimdLevel::Avx512] {
        let mut got = vec![f64::NAN; x.len()];
        Kernel::<f64>::new(&program, level).run(
            x.len(),
            &arguments,
            &mut [&mut got],
            &mut vec![f64::NAN; 99_999],
        );
        for (i, got) in got.iter().enumerate() {
            let expected = graph.evaluate(&[x[i], y[i]])[out.index()];
            assert_eq!(
                got.to_bits(),
                expected.to_bits(),
                "{text} at {}, {}: {got}, not {expected}",
                x[i],
                y[i]
            );
        }
    }
}

#[test]
fn what_no_element_of_a_block_needs_is_left_out_and_changes_nothing() {
    let texts = [
        "select(x > 0, ln(x) * y, y * y)",
        "select(x > 0, ln(x) * y, exp(y) / y) + y",
        "select(x > 0, select(y > 0, sqrt(x / y) * exp(y), ln(x)), exp(x) * y)",
        "select(x > y, exp(x) + y, select(x > 0, ln(x) + sin(y), 0.5)) * select(x > y, exp(x) - y, tanh(y))",
        "select(x > 0, ln(x) * 3, x) + select(x > 0, ln(x) * 5, ln(y * y) * sqrt(y * y))",
        "select(x > 0, x, exp(x) * exp(y)) + exp(x)",
    ];
    // Blocks in which the conditions hold in no element, in one element, in all but one, and in all.
    let blocks = 4096;
    let y: Vec<f64> = (0..blocks).map(|i| f64::from(i % 37) * 0.25 - 4.0).collect();
    let somewhere = |but: usize, sign: f64| -> Vec<f64> {
        let size = |i: usize| 0.5 + (i % 11) as f64;
        (0..y.len()).map(|i| if i % 1500 == but { -sign * size(i) } else { sign * size(i) }).collect()
    };
    for text in texts {
        for x in [somewhere(7, 1.0), somewhere(7, -1.0), somewhere(4096, 1.0), somewhere(4096, -1.0)] {
            compare_with_each_element(text, &x, &y);
        }
    }
}

#[test]
fn operations_of_neurons_are_counted_once_a_kind() {
    // Input 0 is uniform, input 1 differs per neuron.
    let (graph, out) = trace(false, || {
        let (same, x) = (input(0).exp() / input(0), input(1));
        (same.mul_add(x, x) / x.sqrt()).exp() - x.tanh()
    });
    let inputs = [ArgSlot::Coef(0), ArgSlot::State(0)];
    let program =
        Program::lower(&graph, &inputs, |slot| slot == ArgSlot::Coef(0), &[(OutSlot::State(0), out)]);
    // A multiply-add and a difference; exp and tanh; a quotient and a root. Those of input 0 alone are not counted.
    let expected = OperationCounts { arithmetic: 2, exponentials: 2, divisions: 2 };
    assert_eq!(program.operation_counts(), expected);
}
