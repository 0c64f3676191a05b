//! Consequences of the equations: analytic solutions, equivalent options, and NEST's exact integration.

use super::one_neuron::run;
use lapicque_references::Case;
use serde_json::json;

/// Inputs that make a neuron fire irregularly.
fn irregular(n: usize) -> Vec<f64> {
    (0..n).map(|t| 0.35 + 0.3 * libm::sin(0.7 * t as f64) + 0.2 * libm::cos(2.3 * t as f64)).collect()
}

#[test]
fn a_constant_current_charges_as_the_circuit_does() {
    let (tau, r, i0, dt) = (10.0, 2.0, 0.3, 0.5);
    let params = json!({"tauMem": tau, "r": r, "vInit": 0.1});
    let spec = json!({"model": "li", "params": params, "options": {"inputScale": "one-minus-beta"}});
    for (t, outs) in run(spec, dt, &[i0; 60]).iter().enumerate() {
        let want = i0 * r + (0.1 - i0 * r) * libm::exp(-(t as f64 + 1.0) * dt / tau);
        assert!((outs[0] - want).abs() < 1e-14);
    }
}

#[test]
fn the_propagator_follows_a_decaying_current_exactly() {
    let (tau_mem, tau_syn, r, dt) = (10.0, 3.0, 1.5, 0.25);
    let params = json!({"tauMem": tau_mem, "tauSyn": tau_syn, "r": r});
    let options = json!({"inputScale": "propagator", "currentOrder": "use-decay-add"});
    let mut input = vec![0.0; 80];
    input[0] = 1.0;
    let trace = run(json!({"model": "cuba-li", "params": params, "options": options}), dt, &input);
    for (k, outs) in trace.iter().enumerate() {
        // The current jumps at the end of the first step.
        let t = k as f64 * dt;
        let want = r * tau_syn / (tau_syn - tau_mem) * (libm::exp(-t / tau_syn) - libm::exp(-t / tau_mem));
        assert!((outs[0] - want).abs() < 1e-14, "{} {want}", outs[0]);
    }
}

#[test]
fn a_late_reset_that_has_decayed_gives_the_spikes_of_an_immediate_one() {
    let spec = |timing: &str, scale: &str| {
        let options = json!({"resetTiming": timing, "resetScale": scale});
        json!({"model": "lif", "params": {"beta": 0.85}, "options": options})
    };
    let input = irregular(400);
    let spikes = |spec| run(spec, 1.0, &input).iter().map(|outs| outs[1]).collect::<Vec<_>>();
    let late = spikes(spec("next-step", "beta-threshold"));
    assert!(late.iter().sum::<f64>() > 20.0);
    assert_eq!(late, spikes(spec("same-step", "threshold")));
    assert_ne!(late, spikes(spec("next-step", "threshold")));
}

#[test]
fn a_threshold_before_the_update_delays_the_spike_by_one_step() {
    let spec = |before: bool| {
        let options = json!({"thresholdBefore": before});
        json!({"model": "lif", "params": {"beta": 0.85}, "options": options})
    };
    let input = irregular(200);
    let (after, before) = (run(spec(false), 1.0, &input), run(spec(true), 1.0, &input));
    for t in 1..200 {
        assert_eq!(before[t][1], after[t - 1][1]);
        assert_eq!(before[t][0], after[t][0]);
    }
}

#[test]
fn a_refractory_neuron_rests_for_its_period() {
    let spec = |timing: &str| {
        let options = json!({"resetTiming": timing, "reset": "value"});
        json!({"model": "lif", "params": {"beta": 0.9, "tauRef": 2.0}, "options": options})
    };
    for timing in ["same-step", "next-step"] {
        let trace = run(spec(timing), 0.5, &[2.0; 60]);
        let fired: Vec<usize> = (0..60).filter(|&t| trace[t].last() == Some(&1.0)).collect();
        // Four refractory steps, then one of charging.
        assert!(
            fired.len() > 5 && fired.windows(2).all(|pair| pair[1] - pair[0] == 5),
            "{timing}: {fired:?}"
        );
        let resting = |t: usize| (fired[0] + 1..=fired[0] + 4).contains(&t);
        assert!((0..60).filter(|&t| resting(t)).all(|t| trace[t][0] == 0.0), "{timing}");
    }
}

#[test]
fn nest_is_reproduced() {
    for case in Case::all("04_nest") {
        let number = |key: &str| case.car["params"][key].as_f64().unwrap();
        let stimulus = &case.car["stimulus"];
        let dt = case.car["dt_ms"].as_f64().unwrap();
        let steps = case.car["n_steps_recorded"].as_u64().unwrap() as usize;
        let mut input = vec![0.0; steps];
        for (times, weight) in [("exc_times", "weight_exc"), ("inh_times", "weight_inh")] {
            for time in case.tensor(times).values {
                let arrives = (time + stimulus["delay_ms"].as_f64().unwrap()) / dt;
                if let Some(input) = input.get_mut(arrives.round() as usize - 1) {
                    *input += stimulus[weight].as_f64().unwrap();
                }
            }
        }
        // A constant current shifts the potential to which v decays.
        let resistance = number("tau_m") / number("C_m");
        let leak = number("E_L") + number("I_e") * resistance;
        let mut params = json!({
            "tauMem": number("tau_m"), "vLeak": leak, "vInit": number("E_L"), "vReset": number("V_reset"),
            "vThreshold": number("V_th"), "tauRef": number("t_ref"),
        });
        let model = if case.car["model"] == "nest.iaf_psc_exp" {
            assert_eq!(number("tau_syn_ex"), number("tau_syn_in"));
            params["r"] = resistance.into();
            params["tauSyn"] = number("tau_syn_ex").into();
            "cuba-lif"
        } else {
            "lif"
        };
        let trace = run(json!({"model": model, "like": "nest", "params": params}), dt, &input);
        let v: Vec<f64> = trace.iter().map(|outs| outs[0]).collect();
        case.compare("V_m", &v);
        let fired = trace.iter().enumerate().filter(|(_, outs)| outs.last() == Some(&1.0));
        let times: Vec<f64> = fired.map(|(step, _)| (step + 1) as f64 * dt).collect();
        case.compare("spike_times", &times);
    }
}
