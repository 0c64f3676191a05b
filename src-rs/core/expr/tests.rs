//! Derivatives of every operation against finite differences, and what lowering leaves out.

use super::adjoint::backward;
use super::graph::{Sym, input, trace};
use super::parse::parse;
use super::{ArgSlot, Lane, OutSlot, Program};

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
