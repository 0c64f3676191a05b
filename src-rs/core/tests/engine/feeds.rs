//! A population that several sources feed: one order of the sum, however the input comes.

use lapicque_core::control::Control;
use lapicque_core::exec::Network;
use lapicque_core::exec::input::InputValues;
use lapicque_core::exec::run::Recording;
use lapicque_core::exec::session::{Session, StepInput, Streaming};
use lapicque_core::graph::Description;
use lapicque_core::simd::SimdLevel;
use serde_json::json;
use std::sync::Arc;

#[test]
fn a_constant_input_beside_others_sums_as_one_that_comes_step_by_step() {
    let (channels, neurons, steps) = (12, 70, 40);
    let dense = |name: &str, size: usize| json!({ "kind": "dense", "name": name, "in": size, "out": neurons, "bias": true });
    let lif = |name: &str| {
        json!({ "kind": "dynamics", "name": name, "neurons": neurons,
            "dynamics": { "model": "lif", "params": { "beta": 0.9, "vThreshold": 0.4 } } })
    };
    let description = json!({ "schema": 1, "dt": 1.0, "precision": "f32", "seed": 3, "output": "c",
        "input": { "size": channels },
        "nodes": [dense("in-a", channels), lif("a"), dense("in-b", channels), lif("b"),
            dense("in-c", channels), dense("a-c", neurons), dense("b-c", neurons), lif("c")],
        "edges": [["input", "in-a"], ["in-a", "a"], ["input", "in-b"], ["in-b", "b"],
            ["input", "in-c"], ["in-c", "c"], ["a", "a-c"], ["a-c", "c"], ["b", "b-c"], ["b-c", "c"]] });
    let description = Description::from_json(&description.to_string()).unwrap();
    let network = Arc::new(Network::<f32>::new(&description, SimdLevel::detect()).unwrap());
    let image: Vec<f32> = (0..channels).map(|i| (i as f32 * 0.37).sin()).collect();
    let record = network.variable("c.v").unwrap();
    let run = |values: &[f32], constant| {
        let input = InputValues::new(values, [steps, 1, channels], constant, SimdLevel::detect()).unwrap();
        let output = network.run(input, &[record], None, &Control::detached()).unwrap();
        assert!(output.spikes.iter().all(|&spikes| spikes > 0), "every population fires");
        let Recording::State(v) = &output.recordings[0] else { panic!("a state was recorded") };
        v.iter().map(|x| x.to_bits()).collect::<Vec<_>>()
    };
    let constant = run(&image, true);
    assert_eq!(constant, run(&image.repeat(steps), false));

    let mut session = Session::new(Arc::new(Streaming::new(network.clone()).unwrap())).unwrap();
    for row in constant.chunks(neurons) {
        session.step(StepInput::Values(&image)).unwrap();
        assert_eq!(session.membrane().iter().map(|x| x.to_bits()).collect::<Vec<_>>(), row);
    }
}
