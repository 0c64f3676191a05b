//! Models compared with closed-form solutions.

use super::one_neuron::run;
use serde_json::json;

/// Intervals between spikes, in steps.
fn intervals(trace: &[Vec<f64>], spike: usize) -> Vec<usize> {
    let fired: Vec<usize> = (0..trace.len()).filter(|&t| trace[t][spike] == 1.0).collect();
    fired.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

#[test]
fn the_rate_of_a_leaky_neuron_follows_its_current() {
    let (tau, dt) = (10.0, 0.05);
    for i in 0..30 {
        let current = 1.013 + 0.17 * i as f64;
        let options = json!({"inputScale": "one-minus-beta", "reset": "value", "resetTiming": "same-step"});
        let spec = json!({"model": "lif", "params": {"tauMem": tau}, "options": options});
        // From 0 to the threshold of 1.
        let period = tau * (current / (current - 1.0)).ln();
        let steps = (period / dt).ceil() as usize;
        for interval in intervals(&run(spec, dt, &vec![current; 4 * steps + 10]), 1) {
            assert_eq!(interval, steps, "current {current}");
        }
    }
}

#[test]
fn the_period_of_a_quadratic_neuron_is_an_arcus_tangens() {
    let (tau, a0, leak, critical, reset, peak, current, dt) = (8.0, 1.2, 0.1, 0.9, -0.5, 6.0, 0.7, 0.002);
    let middle: f64 = (leak + critical) / 2.0;
    let above: f64 = current - a0 * (critical - leak) * (critical - leak) / 4.0;
    let scale = (above / a0).sqrt();
    let primitive = |v: f64| ((v - middle) / scale).atan();
    let period = tau / (a0 * scale) * (primitive(peak) - primitive(reset));
    let params = json!({"tauMem": tau, "a0": a0, "vLeak": leak, "vCritical": critical, "vReset": reset, "vPeak": peak});
    let spec = json!({"model": "qif", "params": params, "options": {"method": "rk4"}});
    let trace = run(spec, dt, &vec![current; (4.0 * period / dt) as usize]);
    let found = intervals(&trace, 1);
    assert!(
        found.len() > 1 && found.iter().all(|&n| n == (period / dt).ceil() as usize),
        "{found:?} {period}"
    );
}

#[test]
fn kernels_of_the_spike_response_are_those_of_the_books() {
    let (rise, decay, dt) = (3.0, 8.0, 0.2);
    let alpha = |s: f64| s / rise * (1.0 - s / rise).exp();
    let double = |s: f64| decay / (decay - rise) * ((-s / decay).exp() - (-s / rise).exp());
    let single = |s: f64| if s > 0.0 { (-s / decay).exp() } else { 0.0 };
    let kernels: [(&str, &dyn Fn(f64) -> f64); 3] =
        [("alpha", &alpha), ("double-exponential", &double), ("exponential", &single)];
    for (kernel, epsilon) in kernels {
        let params = json!({"tauSyn": rise, "tauMem": decay, "vThreshold": 1e9});
        let spec = json!({"model": "srm", "params": params, "options": {"kernel": kernel}});
        let mut input = vec![0.0; 300];
        (input[0], input[7], input[90]) = (0.4, -0.15, 1.3);
        for (t, outs) in run(spec, dt, &input).iter().enumerate() {
            let arrived = input[..=t].iter().enumerate();
            let want: f64 = arrived.map(|(k, w)| w * epsilon((t - k) as f64 * dt)).sum();
            assert!((outs[0] - want).abs() < 1e-12, "{kernel}: {} {want}", outs[0]);
        }
    }
}

#[test]
fn a_spike_leaves_refractoriness_that_dies_away() {
    let (tau_eta, eta, threshold, dt) = (6.0, -1.5, 0.5, 0.5);
    let params = json!({"tauEta": tau_eta, "etaInit": eta, "vThreshold": threshold});
    let trace = run(json!({"model": "srm", "params": params}), dt, &[0.2; 200]);
    let fired: Vec<usize> = (0..200).filter(|&t| trace[t][4] == 1.0).collect();
    assert!(fired.len() > 5);
    for (t, outs) in trace.iter().enumerate() {
        let own = fired.iter().filter(|&&f| f < t);
        let want: f64 = own.map(|&f| eta * threshold * (-((t - f) as f64) * dt / tau_eta).exp()).sum();
        assert!((outs[0] - outs[2] - want).abs() < 1e-12);
    }
}

#[test]
fn a_resonator_rings_and_prefers_its_own_rhythm() {
    let (tau, hertz, dt) = (40.0, 50.0, 0.25);
    let spec = |threshold: f64| {
        let params = json!({"tauMem": tau, "frequency": hertz, "vThreshold": threshold});
        json!({"model": "resonate-and-fire", "params": params})
    };
    let mut kick = vec![0.0; 400];
    kick[0] = 1.0;
    for (t, outs) in run(spec(10.0), dt, &kick).iter().enumerate() {
        let s = t as f64 * dt;
        let omega = std::f64::consts::TAU * hertz / 1e3;
        assert!((outs[0] - (-s / tau).exp() * (omega * s).sin()).abs() < 1e-12);
        assert!((outs[1] - (-s / tau).exp() * (omega * s).cos()).abs() < 1e-12);
    }
    // Two kicks 20 ms apart (one period) add up; 10 ms apart they cancel.
    let spikes = |apart: usize| {
        let mut kicks = vec![0.0; 400];
        (kicks[0], kicks[apart]) = (1.0, 1.0);
        run(spec(1.2), dt, &kicks).iter().filter(|outs| outs[2] == 1.0).count()
    };
    assert_eq!((spikes(80), spikes(40), spikes(1)), (1, 0, 1));
}

#[test]
fn an_adaptive_threshold_is_bellecs() {
    let (alpha, rho, beta, threshold) = (0.92, 0.985, 0.35, 0.6);
    let input: Vec<f64> = (0..400).map(|t| 0.14 + 0.1 * (0.3 * t as f64).sin()).collect();
    let params = json!({"beta": alpha, "rho": rho, "betaAdapt": beta, "vThreshold": threshold});
    let trace = run(json!({"model": "alif", "params": params}), 1.0, &input);
    // Equations 4 to 7 of the paper of 2020.
    let (mut v, mut a, mut z) = (0.0, 0.0, 0.0);
    let mut spikes = 0;
    for (outs, x) in trace.iter().zip(&input) {
        a = rho * a + z;
        v = alpha * v + x - z * threshold;
        z = f64::from(v > threshold + beta * a);
        spikes += z as usize;
        assert!((outs[0] - v).abs() < 1e-12 && (outs[1] - a).abs() < 1e-12 && outs[2] == z);
    }
    assert!(spikes > 10, "{spikes}");
}

#[test]
fn an_adaptation_current_slows_the_neuron_down_to_its_balance() {
    let options = json!({"adaptation": "current"});
    let params = json!({"beta": 0.95, "tauAdapt": 100.0, "betaAdapt": 0.01});
    let trace = run(json!({"model": "alif", "params": params, "options": options}), 1.0, &[0.3; 3000]);
    let found = intervals(&trace, 2);
    assert!(found[0] < *found.last().unwrap(), "{found:?}");
    // In the steady state the drive is the input minus betaAdapt times the mean of a, which is the rate divided by the
    // fraction of a that is lost per step.
    let rate = trace[2000..].iter().map(|outs| outs[2]).sum::<f64>() / 1000.0;
    let a = trace[2000..].iter().map(|outs| outs[1]).sum::<f64>() / 1000.0;
    assert!((a - rate / (1.0 - (-0.01_f64).exp())).abs() < 0.1, "{a} {rate}");
}

#[test]
fn a_generalized_neuron_with_nothing_general_is_a_leaky_one() {
    // Mihalas and Niebur's tonic spiking: 30 mV of drive, from -70 mV up to a threshold of -50 mV.
    let dt = 0.01;
    let spec = json!({"model": "gif", "options": {"method": "rk4"}});
    let period = 20.0 * (30.0_f64 / 10.0).ln();
    let found = intervals(&run(spec, dt, &vec![30.0; (5.0 * period / dt) as usize]), 4);
    assert!(
        found.len() > 2 && found.iter().all(|&n| n == (period / dt).ceil() as usize),
        "{found:?} {period}"
    );
}

#[test]
fn held_conductances_charge_the_membrane_exactly() {
    // Conductances that hardly decay: the membrane relaxes to their equilibrium.
    let (c, leak, dt) = (200.0, 10.0, 0.5);
    let params = json!({"tauE": 1e12, "tauI": 1e12, "vThreshold": 100.0, "vInit": -70.0});
    let mut input = vec![0.0; 200];
    (input[0], input[100]) = (6.0, -40.0);
    let trace = run(json!({"model": "coba-lif", "params": params}), dt, &input);
    let mut from = -70.0;
    for (t, outs) in trace.iter().enumerate() {
        if t == 100 {
            from = trace[99][0];
        }
        let (excited, inhibited) = if t < 100 { (6.0, 0.0) } else { (6.0, 40.0) };
        let sum = leak + excited + inhibited;
        let end = (leak * -60.0 + inhibited * -80.0) / sum;
        let elapsed = (t % 100 + 1) as f64 * dt;
        let want = end + (from - end) * (-elapsed * sum / c).exp();
        assert!((outs[0] - want).abs() < 1e-6, "{} {want}", outs[0]);
    }
}
