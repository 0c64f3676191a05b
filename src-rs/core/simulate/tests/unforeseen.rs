//! Networks whose in-degree and rows differ widely from the estimates.

use super::{build, with_threads};
use crate::Precision;
use lapicque_base::control::Control;
use serde_json::json;

/// Large enough that 16-bit weights with the estimated unit would overflow the 32-bit sums.
const SYNAPSES: usize = 70_000;

/// `v` of the target of all synapses, after one spike has arrived through each of them.
fn arrived<F: Precision>(threads: usize) -> f64 {
    let network = json!({
        "dt": 0.1,
        // Enough work for two threads, with a small mean in-degree.
        "populations": [{"name": "E", "size": 30_000, "neuron":
            {"model": "lif", "like": "nest", "params": {"vLeak": 0, "vReset": 0, "vThreshold": 1e9}}}],
        "sources": [{"name": "S", "trains": [[0.1], []]}],
        "connections": [{
            "from": "S", "to": "E", "weight": 0.5, "delay": 0.1,
            "rule": {"kind": "list", "sources": vec![0; SYNAPSES], "targets": vec![3; SYNAPSES]}
        }],
        "record": {"traces": [{"population": "E", "state": "v", "every": 0.1, "neurons": [3]}]}
    });
    with_threads(threads, || {
        let mut simulation = build::<F>(network, 0).unwrap();
        assert_eq!(simulation.synapses(), SYNAPSES as u64);
        let recording = simulation.run(2, &Control::detached()).unwrap();
        recording.traces[0].values[1]
    })
}

#[test]
fn all_synapses_may_lead_to_one_neuron() {
    for threads in [1, 2, 3] {
        let all = 0.5 * SYNAPSES as f64;
        let [single, double] = [arrived::<f32>(threads), arrived::<f64>(threads)];
        // The leak of a step is applied before the input.
        assert!(
            (single - all).abs() <= 1e-5 * all && (double - all).abs() <= 1e-12 * all,
            "{single} {double}"
        );
    }
}
