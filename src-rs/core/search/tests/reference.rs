//! Comparisons with Optuna, SciPy and cmaes: `__test__/study/fixtures/search/reference.json`, written by reference.py in the same
//! folder.

use lapicque_search::prune::{self, Decider};
use lapicque_search::sampler::parzen::Mixture;
use lapicque_search::trial::{Report, Trial};
use lapicque_search::{Direction, Search, Space, decode, importance, pareto, sampler};
use serde_json::{Value, json};

fn reference() -> Value {
    serde_json::from_str(include_str!("../../../../__test__/study/fixtures/search/reference.json")).unwrap()
}

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    list(value).iter().map(|x| x.as_f64().unwrap()).collect()
}

fn rows(value: &Value) -> Vec<Vec<f64>> {
    list(value).iter().map(numbers).collect()
}

#[test]
fn sobol_points_are_scipys() {
    for case in list(&reference()["sobol"]) {
        let (number, dimension) = (case[0].as_u64().unwrap() as u32, case[1].as_u64().unwrap() as usize);
        let x = f64::from(sampler::sobol(number, dimension)) / 4_294_967_296.0;
        assert_eq!(x, case[2].as_f64().unwrap(), "point {number}, dimension {dimension}");
    }
}

#[test]
fn fronts_crowding_and_hypervolume_are_optunas() {
    for case in list(&reference()["fronts"]) {
        let points = rows(&case["points"]);
        let points: Vec<&[f64]> = points.iter().map(Vec::as_slice).collect();
        let ranks = pareto::ranks(&points);
        let expected: Vec<usize> =
            list(&case["ranks"]).iter().map(|x| x.as_u64().unwrap() as usize).collect();
        assert_eq!(ranks, expected);
        let volume = pareto::hypervolume(&points, &numbers(&case["reference"]));
        assert!((volume - case["hypervolume"].as_f64().unwrap()).abs() < 1e-12);
        let Some(crowding) = case["crowding"].as_object() else { continue };
        let members: Vec<usize> = (0..points.len()).filter(|&i| ranks[i] == 0).collect();
        if members.len() == 1 {
            // Alone at both ends; Optuna returns 0 there.
            continue;
        }
        let front: Vec<&[f64]> = members.iter().map(|&i| points[i]).collect();
        for (member, distance) in members.iter().zip(pareto::crowding(&front)) {
            match crowding[&member.to_string()].as_f64() {
                Some(expected) => assert!((distance - expected).abs() < 1e-12, "{distance} {expected}"),
                None => assert_eq!(distance, f64::INFINITY),
            }
        }
    }
}

#[test]
fn trials_are_pruned_at_the_steps_where_optuna_prunes_them() {
    let one = json!({ "x": { "kind": "uniform", "low": 0, "high": 1 } });
    for case in list(&reference()["pruning"]) {
        let directions = [Direction::from_json("direction", &case["direction"]).unwrap()];
        let description = json!({
            "space": one, "search": { "kind": "random" }, "directions": [case["direction"]], "seed": 1, "prune": case["prune"],
        });
        let mut search = Search::new(&description).unwrap();
        let pruned = list(&case["ended"]).iter().filter(|at| !at.is_null()).count();
        assert!((3..=39).contains(&pruned), "the case decides something: {pruned} of 40");
        for (number, (curve, expected)) in rows(&case["curves"]).iter().zip(list(&case["ended"])).enumerate()
        {
            let mut decider = Decider::new(&search.pruning(number as u64)).unwrap();
            let ends =
                |step: &usize| decider.report(&Report { step: *step as f64, values: vec![curve[step - 1]] });
            let ended = (1..=curve.len()).find(ends);
            assert_eq!(
                ended,
                expected.as_u64().map(|step| step as usize),
                "{} trial {number}",
                case["prune"]
            );
            let steps = ended.unwrap_or(curve.len());
            let reports: Vec<Value> =
                (1..=steps).map(|step| json!({ "step": step, "value": curve[step - 1] })).collect();
            let state = if ended.is_some() { "pruned" } else { "complete" };
            let record = json!({
                "number": number, "state": state, "parameters": { "x": 0.5 }, "values": [curve[steps - 1]], "reports": reports,
            });
            search.tell(&record).unwrap();
        }
        assert_eq!(directions.len(), 1);
    }
}

#[test]
fn brackets_get_the_trials_that_optuna_gives_them() {
    for case in list(&reference()["brackets"]) {
        let option = |key: &str| case[key].as_u64().unwrap();
        let budgets = prune::budgets(option("first"), option("most"), option("reduction"));
        assert_eq!(budgets, list(&case["budgets"]).iter().map(|x| x.as_u64().unwrap()).collect::<Vec<_>>());
        // Trials are distributed in that proportion: within five standard deviations.
        let (n, total) = (4000, budgets.iter().sum::<u64>() as f64);
        let mut counts = vec![0.0; budgets.len()];
        (0..n).for_each(|number| counts[prune::bracket(&budgets, number, 7)] += 1.0);
        for (count, &budget) in counts.iter().zip(&budgets) {
            let p = budget as f64 / total;
            assert!(
                (count - n as f64 * p).abs() <= 5.0 * (n as f64 * p * (1.0 - p)).sqrt(),
                "{counts:?} {budgets:?}"
            );
        }
    }
}

#[test]
fn densities_are_those_of_optunas_estimator() {
    let reference = &reference()["densities"];
    let space = Space::new(&reference["space"]).unwrap();
    let points = |value: &Value| -> Vec<Vec<f64>> {
        list(value)
            .iter()
            .map(|parameters| decode::point(&space, "parameters", parameters).unwrap())
            .collect()
    };
    for case in list(&reference["cases"]) {
        let observed = points(&case["observed"]);
        let observed: Vec<&[f64]> = observed.iter().map(Vec::as_slice).collect();
        let mixture =
            Mixture::new(&space, &observed, numbers(&case["weights"]), case["prior"].as_f64().unwrap());
        let found = mixture.log_density(&points(&case["points"]));
        for (found, expected) in found.iter().zip(numbers(&case["log_density"])) {
            assert!((found - expected).abs() < 1e-9, "{} observed: {found} {expected}", observed.len());
        }
    }
}

#[test]
fn importances_are_optunas() {
    let reference = &reference()["importance"];
    let space = Space::new(&reference["space"]).unwrap();
    let trials: Vec<Trial> = list(&reference["trials"])
        .iter()
        .map(|record| Trial::from_json(&space, &[Direction::Minimize], record).unwrap())
        .collect();
    let found = importance::ped_anova(&space, &trials, 0);
    for (parameter, found) in space.parameters.iter().zip(found) {
        let expected = reference["importance"][&parameter.name].as_f64().unwrap();
        assert!((found - expected).abs() < 1e-9 * (1.0 + expected), "{}: {found} {expected}", parameter.name);
    }
}
