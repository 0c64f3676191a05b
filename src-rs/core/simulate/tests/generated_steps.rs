//! Steps compiled ahead of time give the same recordings as kernels and the interpreter.

use crate::{Description, Recording, Simulation};
use lapicque_base::control::Control;
use lapicque_base::simd::SimdLevel;
use lapicque_expr::Kernel;
use serde_json::{Value, json};
use std::sync::Arc;

#[derive(Debug, Clone, Copy, PartialEq)]
enum By {
    Step,
    Kernel,
    Interpreter,
}

/// Neurons that fire without input, in several tiles; the last tile is incomplete.
fn network(model: &str, inputs: &Value) -> Value {
    let neuron = json!({"model": model, "params": {"vLeak": -49, "vThreshold": -50, "vReset": -60}});
    let initial = json!({"v": {"kind": "uniform", "low": -60, "high": -50}});
    json!({
        "dt": 0.1,
        "populations": [
            {"name": "E", "size": 1100, "neuron": neuron, "initial": initial},
            {"name": "I", "size": 150, "neuron": neuron, "initial": initial}
        ],
        "connections": [
            {"from": "E", "to": "E", "rule": {"kind": "fixed-in-degree", "count": 30}, "weight": 1.5, "delay": 0.1},
            {"from": "E", "to": "I", "rule": {"kind": "fixed-in-degree", "count": 30}, "weight": 1.5, "delay": 0.3},
            {"from": "I", "to": "E", "rule": {"kind": "fixed-in-degree", "count": 10}, "weight": -1, "delay": 0.2}
        ],
        "inputs": inputs,
        "record": {"traces": [{"population": "E", "state": "v", "every": 7}]}
    })
}

fn run(network: &Value, by: By, level: SimdLevel, summed: [usize; 2]) -> Recording {
    let description = Description::from_json(&network.to_string()).unwrap();
    let mut simulation = Simulation::<f32>::new(description, 3, level, &Control::detached()).unwrap();
    for (i, shared) in simulation.shared.iter_mut().enumerate() {
        match &shared.generated {
            Some(generated) => {
                assert_eq!(generated.sums.len(), summed[i], "ports whose sums population {i} reads")
            }
            // Other SIMD levels use the interpreter.
            None => assert!(
                level == SimdLevel::Portable && cfg!(target_arch = "x86_64"),
                "no step compiled ahead"
            ),
        }
        if by != By::Step {
            shared.generated = None;
        }
        if by == By::Interpreter {
            shared.kernel =
                Arc::new(Kernel::interpreted(&simulation.plan.populations[i].bound.forward, level));
        }
    }
    simulation.run(600, &Control::detached()).unwrap()
}

#[test]
fn steps_kernels_and_the_interpreter_record_the_same() {
    let current = json!([{"kind": "current", "to": "E", "times": [5], "values": [40]}]);
    let poisson = json!([{"kind": "poisson", "to": "E", "rate": 900, "weight": 2}]);
    // The second port of population I has no input.
    for (model, inputs, summed) in [
        ("iaf-psc-exp", json!([]), [2, 0]),
        ("iaf-psc-exp", current, [0, 0]),
        ("iaf-psc-exp", poisson, [0, 0]),
        ("iaf-cond-exp", json!([]), [2, 0]),
    ] {
        let network = network(model, &inputs);
        let expected = run(&network, By::Interpreter, SimdLevel::Portable, summed);
        assert!(expected.neurons.len() > 300, "{model} is silent");
        for level in SimdLevel::ALL.into_iter().filter(|level| level.is_supported()) {
            for by in [By::Step, By::Kernel, By::Interpreter] {
                let same = run(&network, by, level, summed) == expected;
                assert!(same, "{model} with {inputs} by {by:?} at {}", level.name());
            }
        }
    }
}
