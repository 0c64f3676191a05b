//! The five functions that searches are compared on (`benches/search.mjs` has them too), and studies of them.

use lapicque_search::Search;
use serde_json::{Value, json};

pub type Objective = fn(&Value) -> Vec<f64>;

/// Name, trials, space, function.
pub fn functions() -> Vec<(&'static str, usize, Value, Objective)> {
    let numbers = |n: usize, low: f64, high: f64| {
        let one = |i| (format!("x{i}"), json!({ "kind": "uniform", "low": low, "high": high }));
        Value::Object((0..n).map(one).collect())
    };
    vec![
        (
            "branin",
            100,
            json!({ "x0": { "kind": "uniform", "low": -5, "high": 10 }, "x1": { "kind": "uniform", "low": 0, "high": 15 } }),
            branin,
        ),
        ("hartmann6", 150, numbers(6, 0.0, 1.0), hartmann6),
        ("rosenbrock5", 200, numbers(5, -2.0, 2.0), rosenbrock),
        ("ackley10", 250, numbers(10, -5.0, 5.0), ackley),
        (
            "mixed_conditional",
            100,
            json!({
                "c": { "kind": "choice", "values": ["a", "b", "c", "d"] },
                "lr": { "kind": "log-uniform", "low": 1e-5, "high": 1e-1 },
                "n": { "kind": "int", "low": 1, "high": 64 },
                "m": { "kind": "when", "parameter": "c", "is": ["b"], "part": { "kind": "uniform", "low": 0, "high": 1 } },
            }),
            mixed,
        ),
    ]
}

fn vector(parameters: &Value) -> Vec<f64> {
    (0..).map_while(|i| parameters.get(format!("x{i}"))?.as_f64()).collect()
}

fn branin(parameters: &Value) -> Vec<f64> {
    let [x, y] = vector(parameters)[..] else { panic!("two numbers") };
    let pi = std::f64::consts::PI;
    let bowl = y - 5.1 / (4.0 * pi * pi) * x * x + 5.0 / pi * x - 6.0;
    vec![bowl * bowl + 10.0 * (1.0 - 1.0 / (8.0 * pi)) * x.cos() + 10.0]
}

fn hartmann6(parameters: &Value) -> Vec<f64> {
    let a = [
        [10.0, 3.0, 17.0, 3.5, 1.7, 8.0],
        [0.05, 10.0, 17.0, 0.1, 8.0, 14.0],
        [3.0, 3.5, 1.7, 10.0, 17.0, 8.0],
        [17.0, 8.0, 0.05, 10.0, 0.1, 14.0],
    ];
    let p = [
        [1312.0, 1696.0, 5569.0, 124.0, 8283.0, 5886.0],
        [2329.0, 4135.0, 8307.0, 3736.0, 1004.0, 9991.0],
        [2348.0, 1451.0, 3522.0, 2883.0, 3047.0, 6650.0],
        [4047.0, 8828.0, 8732.0, 5743.0, 1091.0, 381.0],
    ];
    let x = vector(parameters);
    let term = |i: usize| {
        let distance: f64 = (0..6).map(|j| a[i][j] * (x[j] - 1e-4 * p[i][j]).powi(2)).sum();
        [1.0, 1.2, 3.0, 3.2][i] * (-distance).exp()
    };
    vec![-(0..4).map(term).sum::<f64>()]
}

fn rosenbrock(parameters: &Value) -> Vec<f64> {
    let x = vector(parameters);
    let term = |pair: &[f64]| 100.0 * (pair[1] - pair[0] * pair[0]).powi(2) + (1.0 - pair[0]).powi(2);
    vec![x.windows(2).map(term).sum()]
}

fn ackley(parameters: &Value) -> Vec<f64> {
    let x = vector(parameters);
    let n = x.len() as f64;
    let squares = x.iter().map(|x| x * x).sum::<f64>() / n;
    let waves = x.iter().map(|x| (2.0 * std::f64::consts::PI * x).cos()).sum::<f64>() / n;
    vec![-20.0 * (-0.2 * squares.sqrt()).exp() - waves.exp() + 20.0 + std::f64::consts::E]
}

fn mixed(parameters: &Value) -> Vec<f64> {
    let number = |name: &str| parameters.get(name).and_then(Value::as_f64);
    let offset = match parameters["c"].as_str() {
        Some("a") => 0.0,
        Some("b") => 0.3 + (number("m").unwrap() - 0.7).powi(2) - 0.4,
        Some("c") => 0.6,
        _ => 0.9,
    };
    let lr = number("lr").unwrap().log10() + 3.0;
    vec![offset + lr * lr + ((number("n").unwrap() - 24.0) / 32.0).powi(2)]
}

/// Runs a study of `trials` trials, each proposed from those that ended `lag` trials before; all records, in their order.
pub fn run(description: &Value, trials: usize, lag: usize, objective: Objective) -> (Search, Vec<Value>) {
    let mut search = Search::new(description).unwrap();
    let mut records: Vec<Value> = Vec::new();
    for number in 0..trials {
        if number >= lag {
            search.tell(&records[number - lag]).unwrap();
        }
        let pending: Vec<Value> = records[(number + 1).saturating_sub(lag)..]
            .iter()
            .map(|record| record["parameters"].clone())
            .collect();
        let parameters = search.propose(number as u64, &pending).unwrap();
        if parameters.is_null() {
            break;
        }
        let values = objective(&parameters);
        records.push(
            json!({ "number": number, "state": "complete", "parameters": parameters, "values": values }),
        );
    }
    (search, records)
}
