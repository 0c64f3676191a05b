//! Published neurons as text, compared with traces of other libraries (`__test__/neurons/fixtures/custom`).

use super::Runner;
use crate::Bound;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

fn fixture(name: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../__test__/neurons/fixtures/custom");
    serde_json::from_slice(&fs::read(folder.join(name)).unwrap()).unwrap()
}

fn numbers(values: &Value) -> Vec<f64> {
    values.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

/// Runs `steps` of one neuron from rest; `input` by step. Returns the states and spike of each step, in f64.
fn trace(spec: &Value, dt: f64, steps: usize, input: &dyn Fn(usize) -> f64) -> Vec<Vec<f64>> {
    let bound = Bound::new(spec, 1, dt).unwrap_or_else(|e| panic!("{e}"));
    let mut states: Vec<f64> = bound.states.iter().map(|info| info.init[0]).collect();
    let runner = Runner::<f64>::new(&bound, false);
    let mut all = Vec::new();
    for k in 0..steps {
        let arg = |name: &str, _: usize| match name.strip_prefix("old ") {
            Some(state) => states[bound.states.iter().position(|info| info.name == state).unwrap()],
            None => input(k),
        };
        let outs: Vec<f64> = runner.run(1, &arg).iter().map(|(_, x)| x[0]).collect();
        let count = states.len();
        states.copy_from_slice(&outs[..count]);
        all.push(outs);
    }
    all
}

#[test]
fn hodgkin_and_huxley_as_text() {
    const DT: f64 = 0.01;
    let known = fixture("hodgkin-huxley.json");
    let states: Vec<Value> = [("v", "V"), ("m", "m"), ("h", "h"), ("n", "n")]
        .iter()
        .map(|(name, key)| json!({"name": name, "init": known["init"][key]}))
        .collect();
    let spec = |method: &str| {
        json!({
            "model": "custom",
            "params": known["params"],
            "options": {"method": method},
            "equations": {
                "states": states,
                "functions": "
                    am(v) = 1/exprel(-(v + 40)/10)
                    bm(v) = 4*exp(-(v + 65)/18)
                    ah(v) = 0.07*exp(-(v + 65)/20)
                    bh(v) = 1/(1 + exp(-(v + 35)/10))
                    an(v) = 0.1/exprel(-(v + 55)/10)
                    bn(v) = 0.125*exp(-(v + 65)/80)",
                "update": "
                    v' = (i - gNa*m^3*h*(v - ENa) - gK*n^4*(v - EK) - gL*(v - EL))/C
                    m' = am(v)*(1 - m) - bm(v)*m
                    h' = ah(v)*(1 - h) - bh(v)*h
                    n' = an(v)*(1 - n) - bn(v)*n",
            },
        })
    };
    let (from, level) = (numbers(&known["stimulus"]["t_ms"])[1], numbers(&known["stimulus"]["I_uA_cm2"])[1]);
    let input = |k: usize| if k as f64 * DT >= from - 1e-9 { level } else { 0.0 };
    let v = |method: &str| -> Vec<f64> {
        let first = known["init"]["V"].as_f64().unwrap();
        let later = trace(&spec(method), DT, 6000, &input);
        std::iter::once(first).chain(later.iter().map(|outs| outs[0])).collect()
    };
    let runge_kutta = v("rk4");
    for (ms, &want) in numbers(&known["V"]).iter().enumerate() {
        let got = runge_kutta[ms * 100];
        assert!((got - want).abs() < 1e-3, "rk4 at {ms} ms: {got}, expected {want}");
    }
    let crossings: Vec<f64> = (1..runge_kutta.len())
        .filter(|&k| runge_kutta[k - 1] < 0.0 && runge_kutta[k] >= 0.0)
        .map(|k| (k as f64 - runge_kutta[k] / (runge_kutta[k] - runge_kutta[k - 1])) * DT)
        .collect();
    let wanted = numbers(&known["upcrossings"]);
    assert_eq!(crossings.len(), wanted.len());
    for (got, want) in crossings.iter().zip(&wanted) {
        assert!((got - want).abs() < 1e-3, "spike at {got}, expected {want}");
    }
    let exponential = v("exponential-euler");
    for (ms, &want) in numbers(&known["exponentialEuler"]).iter().enumerate() {
        let got = exponential[ms * 100];
        assert!((got - want).abs() < 1e-6, "exponential Euler at {ms} ms: {got}, expected {want}");
    }
}

#[test]
fn izhikevich_as_text() {
    for case in fixture("izhikevich.json")["cases"].as_array().unwrap() {
        let param = |name: &str| case["params"][name].as_f64().unwrap();
        let update = match case["update"].as_str().unwrap() {
            "sequential" => "v = v + dt*(k2*v^2 + k1*v + k0 - u + i); u = u + dt*a*(b*v - u)",
            _ => "v' = k2*v^2 + k1*v + k0 - u + i; u' = a*(b*v - u)",
        };
        let mut params = json!({"vPeak": param("V_peak")});
        for name in ["a", "b", "c", "d", "k0", "k1", "k2"] {
            params[name] = param(name).into();
        }
        let spec = json!({
            "model": "custom",
            "params": params,
            "equations": {
                "states": [{"name": "v", "init": param("V0")}, {"name": "u", "init": param("u0")}],
                "update": update,
                "spike": "v > vPeak",
                "reset": "v = c; u += d",
            },
        });
        let segments: Vec<Vec<f64>> = case["segments"].as_array().unwrap().iter().map(numbers).collect();
        let input = |k: usize| {
            let inside = segments.iter().find(|s| k as f64 >= s[0] && (k as f64) < s[1]);
            inside.map_or(0.0, |segment| segment[2])
        };
        let steps = case["steps"].as_u64().unwrap() as usize;
        let outs = trace(&spec, case["dt"].as_f64().unwrap(), steps, &input);
        let spikes: Vec<f64> = (0..steps).filter(|&k| outs[k][2] == 1.0).map(|k| k as f64).collect();
        assert_eq!(spikes, numbers(&case["spikeSteps"]), "{} {}", case["pattern"], case["update"]);
        let every = case["every"].as_u64().unwrap() as usize;
        for (j, &want) in numbers(&case["V"]).iter().enumerate() {
            let got = outs[j * every][0];
            assert!(
                (got - want).abs() < 1e-5,
                "{} step {}: {got}, expected {want}",
                case["pattern"],
                j * every
            );
        }
    }
}
