//! The results of searches within the budgets of `docs/benchmarks/search.md`, compared with Optuna's medians there.

mod functions;

use functions::{functions, run};
use serde_json::{Value, json};

/// The best value of the objective.
fn best(records: &[Value]) -> f64 {
    records.iter().map(|record| record["values"][0].as_f64().unwrap()).fold(f64::INFINITY, f64::min)
}

fn quartiles(mut values: Vec<f64>) -> [f64; 3] {
    values.sort_by(f64::total_cmp);
    [1, 2, 3].map(|quarter| values[(values.len() - 1) * quarter / 4])
}

/// Medians over 20 seeds reached by Optuna 5.0.0: random search, TPE, CMA-ES.
const OPTUNA: [[f64; 3]; 5] = [
    [0.778, 0.4167, 0.4113],
    [-2.258, -3.274, -3.199],
    [61.36, 3.852, 3.6],
    [7.175, 2.582, 1.422],
    [0.00146, -0.0908, f64::INFINITY],
];

/// Of twenty medians of an equally good search, one or two would miss the median itself by chance. So a tolerance of a third
/// of the distance to random search is allowed; the benchmark tests the distributions.
#[test]
fn searches_find_what_optuna_finds() {
    let all = [("tpe", 1, 1), ("cma-es", 2, 1), ("tpe", 1, 8), ("cma-es", 2, 8)];
    let count = if std::env::var_os("LAPICQUE_LONG_TESTS").is_some() { 4 } else { 2 };
    for (kind, column, lag) in all.into_iter().take(count) {
        for ((name, trials, space, objective), optuna) in functions().into_iter().zip(OPTUNA) {
            if kind == "cma-es" && name == "mixed_conditional" {
                continue;
            }
            let of = |seed: u64| {
                let description = json!({ "space": space, "search": { "kind": kind }, "directions": ["minimize"], "seed": seed });
                best(&run(&description, trials, lag, objective).1)
            };
            let found = quartiles((0..20).map(of).collect());
            println!("{kind} lag {lag} {name}: {found:.4?}, Optuna {}", optuna[column]);
            let allowed = optuna[column] + (optuna[0] - optuna[column]) / 3.0;
            assert!(found[1] < allowed, "{kind} lag {lag} {name}: {found:?}, Optuna {optuna:?}");
        }
    }
}
