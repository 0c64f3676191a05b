//! Networks whose in-degree and whose rows are nothing like what was foreseen of them.

use super::{build, with_threads};
use crate::Precision;
use lapicque_base::control::Control;
use serde_json::json;

/// So many that weights of 16 bits, as they are foreseen, would leave the range of sums of 32 bits.
const SYNAPSES: usize = 70_000;

/// `v` of the neuron that all synapses lead to, after one spike has arrived through all of them.
fn arrived<F: Precision>(threads: usize) -> f64 {
    let network = json!({
        "dt": 0.1,
        // As many as two threads are worth, and the mean in-degree is small.
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
        // What leaks in a step comes before.
        assert!(
            (single - all).abs() <= 1e-5 * all && (double - all).abs() <= 1e-12 * all,
            "{single} {double}"
        );
    }
}
