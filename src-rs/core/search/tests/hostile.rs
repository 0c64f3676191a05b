//! Invalid descriptions and records are refused with the name of the invalid part; nothing panics.

use lapicque_search::Search;
use lapicque_search::prune::Decider;
use lapicque_search::trial::Report;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn refused(space: Value) -> String {
    let description =
        json!({ "space": space, "search": { "kind": "random" }, "directions": ["minimize"], "seed": 1 });
    Search::new(&description).err().map_or("accepted".to_string(), |error| error.to_string())
}

#[test]
fn spaces_are_refused_by_the_name_of_the_parameter() {
    let int = json!({ "kind": "int", "low": 1, "high": 3 });
    for (space, message) in [
        (
            json!({ "lr": { "kind": "uniform", "low": 2, "high": 1 } }),
            "space.lr.high: expected a finite number not below low, which is 2 but got 1",
        ),
        (
            json!({ "lr": { "kind": "log-uniform", "low": 0, "high": 1 } }),
            "space.lr.low: expected a number above 0 but got 0",
        ),
        (
            json!({ "a": { "b": { "kind": "uniform", "low": null, "high": 1 } } }),
            "space.a.b.low: expected a finite number but got null",
        ),
        (
            json!({ "n": { "kind": "int", "low": 0.5, "high": 1 } }),
            "space.n.low: expected an integer but got 0.5",
        ),
        (
            json!({ "n": { "kind": "int", "low": 0, "high": 8, "log": true } }),
            "space.n.low: expected an integer from 1 on, with log but got 0",
        ),
        (
            json!({ "n": { "kind": "int", "low": 0, "high": 8, "step": 0 } }),
            "space.n.step: expected an integer above 0 but got 0",
        ),
        (
            json!({ "c": { "kind": "choice", "values": [] } }),
            "space.c.values: expected a list of at least one value but got []",
        ),
        (
            json!({ "c": { "kind": "choice", "values": [1, 2, 1.0] } }),
            "space.c.values[2]: expected a value that is not in the list before but got 1.0",
        ),
        (
            json!({ "a.b": int, "a": { "b": int } }),
            "space.a.b: expected one parameter of each name but got two parameters of this name",
        ),
        (
            json!({ "x": { "kind": "unifrom", "low": 0, "high": 1 } }),
            "unknown kind of space.x \"unifrom\"; did you mean \"uniform\"?",
        ),
        (
            json!({ "x": { "kind": "uniform", "low": 0, "heigh": 1 } }),
            "unknown option of space.x \"heigh\"; did you mean \"high\"?",
        ),
        (
            json!({ "x": 5 }),
            "space.x: expected a part of a space such as { kind: 'uniform', low: 0, high: 1 } but got 5",
        ),
        (json!({}), "space: expected at least one parameter but got an empty object"),
        (json!([]), "space: expected an object of parameters but got []"),
        (
            json!({ "n": int, "m": { "kind": "when", "parameter": "k", "is": [1], "part": int } }),
            "unknown parameter in space.m \"k\"; known are n, m",
        ),
        (
            json!({ "n": int, "m": { "kind": "when", "parameter": "n", "is": [9], "part": int } }),
            "space.m.is: expected an integer from 1 to 3, as n has but got 9",
        ),
        (
            json!({ "n": { "kind": "uniform", "low": 0, "high": 1 }, "m": { "kind": "when", "parameter": "n", "is": [1], "part": int } }),
            "space.m.is: expected one on a choice, an int or fixed but got a condition on the range n",
        ),
        (
            json!({ "a": { "kind": "when", "parameter": "b", "is": [1], "part": int }, "b": { "kind": "when", "parameter": "a", "is": [1], "part": int } }),
            "space.a: expected conditions without a cycle but got a condition that depends on itself",
        ),
        (
            json!({ "a": { "kind": "array", "of": int, "length": -1 } }),
            "space.a.length: expected an integer from 1 to 10000 but got -1",
        ),
        (
            json!({ "a": { "kind": "array", "of": { "kind": "array", "of": int, "length": 10000 }, "length": 10000 } }),
            "space.a[1][0]: expected at most 10000 parameters but got more than 10000 parameters",
        ),
    ] {
        assert_eq!(refused(space), message);
    }
}

#[test]
fn searches_and_pruners_are_refused_by_the_name_of_the_option() {
    let with = |key: &str, value: Value| {
        let mut description = json!({
            "space": { "x": { "kind": "uniform", "low": 0, "high": 1 } }, "search": { "kind": "random" },
            "directions": ["minimize"], "seed": 1,
        });
        description[key] = value;
        Search::new(&description).err().map_or("accepted".to_string(), |error| error.to_string())
    };
    for (key, value, message) in [
        ("search", json!({ "kind": "tpee" }), "unknown search \"tpee\"; did you mean \"tpe\"?"),
        (
            "search",
            json!({ "kind": "tpe", "startup": 0 }),
            "search.startup: expected an integer from 1 to 1073741824 but got 0",
        ),
        (
            "search",
            json!({ "kind": "cma-es", "sigma": -1 }),
            "search.sigma: expected a number above 0, at most 1 but got -1",
        ),
        (
            "search",
            json!({ "kind": "cma-es", "start": { "x": 2 } }),
            "search.start.x: expected a number from 0 to 1 but got 2",
        ),
        (
            "search",
            json!({ "kind": "nsga2", "mutation": 2 }),
            "search.mutation: expected a probability from 0 to 1 but got 2",
        ),
        (
            "prune",
            json!({ "kind": "median", "percentile": 101 }),
            "prune.median.percentile: expected a percentage from 0 to 100 but got 101",
        ),
        (
            "prune",
            json!({ "kind": "threshold" }),
            "prune.threshold.lower: expected a bound, or one in upper but got nothing",
        ),
        (
            "prune",
            json!({ "kind": "threshold", "lower": [1, 2] }),
            "prune.threshold.lower: expected a finite number but got [1,2]",
        ),
        (
            "prune",
            json!({ "kind": "asha", "reduction": 1 }),
            "prune.asha.reduction: expected an integer from 2 to 1048576 but got 1",
        ),
        (
            "prune",
            json!({ "kind": "hyperband" }),
            "prune.hyperband.maxSteps: expected an integer from 1 to 9007199254740992 but got nothing",
        ),
        (
            "prune",
            json!({ "kind": "any", "of": [] }),
            "prune.any.of: expected a list of at least one pruner but got []",
        ),
        (
            "directions",
            json!([]),
            "directions: expected a list of 1 to 64 times \"minimize\" or \"maximize\" but got []",
        ),
        ("directions", json!(["up"]), "directions[0]: expected \"minimize\" or \"maximize\" but got \"up\""),
        ("seed", json!(-1), "seed: expected an integer from 0 to 2^53 - 1 but got -1"),
    ] {
        assert_eq!(with(key, value), message);
    }
    let two = json!({ "space": { "x": { "kind": "uniform", "low": 0, "high": 1 } }, "search": { "kind": "cma-es" },
        "directions": ["minimize", "minimize"], "seed": 1 });
    assert_eq!(Search::new(&two).err().unwrap().to_string(), "cma-es does not support 2 objectives");
}

#[test]
fn records_are_refused_by_their_number() {
    let description = json!({ "space": { "x": { "kind": "uniform", "low": 0, "high": 1 } }, "search": { "kind": "tpe" },
        "directions": ["minimize"], "seed": 1 });
    let mut search = Search::new(&description).unwrap();
    let told = json!({ "number": 3, "state": "complete", "parameters": { "x": 0.5 }, "values": [1] });
    search.tell(&told).unwrap();
    let mut tell =
        |record| search.tell(&record).err().map_or("accepted".to_string(), |error| error.to_string());
    assert_eq!(tell(told), "trial.number: expected a trial that has not been told yet but got 3");
    assert_eq!(
        tell(json!({ "number": 4, "state": "complete", "parameters": { "x": 7 }, "values": [1] })),
        "trial 4.parameters.x: expected a number from 0 to 1 but got 7"
    );
    assert_eq!(
        tell(json!({ "number": 4, "state": "complete", "parameters": { "x": 0.5 }, "values": [1, 2] })),
        "trial 4.values: expected a list of 1 numbers, one for each objective but got [1,2]"
    );
    assert_eq!(
        tell(json!({ "number": 4, "state": "running", "parameters": { "x": 0.5 } })),
        "trial 4.state: expected \"complete\", \"pruned\" or \"failed\" but got \"running\""
    );
}

/// Typical values of a description, in right and wrong places.
fn anything() -> impl Strategy<Value = Value> {
    let key = prop::sample::select(vec![
        "kind",
        "low",
        "high",
        "step",
        "log",
        "values",
        "value",
        "parameter",
        "is",
        "part",
        "of",
        "length",
        "a",
        "b",
        "warmup",
        "interval",
        "lower",
        "upper",
        "reduction",
        "minSteps",
        "maxSteps",
        "rungs",
        "last",
        "others",
        "directions",
        "steps",
    ]);
    let word = prop::sample::select(vec![
        "uniform",
        "log-uniform",
        "int",
        "choice",
        "fixed",
        "when",
        "array",
        "a",
        "b",
        "median",
        "asha",
        "any",
        "threshold",
        "hyperband",
        "none",
        "minimize",
        "NaN",
        "Infinity",
        "-Infinity",
    ]);
    let number = prop::sample::select(vec![0.0, 1.0, -1.0, 0.5, 2.0, 3.0, 1e-320, 1e308, -1e308, 9e15, 1e16]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        number.prop_map(Value::from),
        (0..5_u64).prop_map(Value::from),
        word.prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
            prop::collection::vec((key.clone(), inner), 0..6).prop_map(|parts| Value::Object(
                parts.into_iter().map(|(k, v)| (k.to_string(), v)).collect::<Map<_, _>>()
            )),
        ]
    })
}

/// Mostly valid spaces.
fn spaces() -> impl Strategy<Value = Value> {
    let bound = || prop::sample::select(vec![0.0, 1.0, -3.0, 1e-300, 5.0, 1e300, 2.5, 7.0]);
    let leaf = prop_oneof![
        (bound(), bound()).prop_map(|(low, high)| json!({ "kind": "uniform", "low": low, "high": high })),
        (bound(), bound(), bound()).prop_map(
            |(low, high, step)| json!({ "kind": "uniform", "low": low, "high": high, "step": step })
        ),
        (bound(), bound()).prop_map(|(low, high)| json!({ "kind": "log-uniform", "low": low, "high": high })),
        (0..5, 0..9, any::<bool>()).prop_map(
            |(low, more, log)| json!({ "kind": "int", "low": low, "high": low + more, "log": log })
        ),
        Just(json!({ "kind": "choice", "values": ["a", 1, null, [true]] })),
        Just(json!({ "kind": "fixed", "value": { "deep": [1] } })),
        anything(),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            (inner.clone(), 0..4_u64)
                .prop_map(|(of, length)| json!({ "kind": "array", "of": of, "length": length })),
            inner.clone().prop_map(
                |of| json!({ "kind": "array", "of": of, "length": { "kind": "int", "low": 0, "high": 2 } })
            ),
            inner
                .clone()
                .prop_map(|then| json!({ "kind": "when", "parameter": "a", "is": ["a", 1], "part": then })),
            (inner.clone(), inner).prop_map(|(a, b)| json!({ "a": a, "b": b })),
        ]
    })
    .prop_flat_map(|first| {
        (Just(first), prop_oneof![Just(json!({ "kind": "choice", "values": ["a", 1, 2] })), anything()])
    })
    .prop_map(|(b, a)| json!({ "b": b, "a": a }))
}

fn cases() -> u32 {
    if std::env::var_os("LAPICQUE_LONG_TESTS").is_some() { 20_000 } else { 600 }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases()) })]

    #[test]
    fn any_space_is_refused_or_searched(space in spaces(), kind in 0..7_usize, costs in prop::collection::vec(any::<f64>(), 24)) {
        let kind = ["grid", "random", "sobol", "latin-hypercube", "tpe", "cma-es", "nsga2"][kind];
        let mut options = json!({ "kind": kind });
        if kind == "nsga2" { options["population"] = json!(4) }
        let description = json!({ "space": space, "search": options, "directions": ["minimize"], "seed": 1 });
        if let Ok(mut search) = Search::new(&description) {
            for (number, cost) in costs.iter().enumerate() {
                let Ok(parameters) = search.propose(number as u64, &[]) else { break };
                if parameters.is_null() { break }
                // Proposed points are in the space and can be told.
                let value = if cost.is_finite() { json!(cost) } else { json!("NaN") };
                search.tell(&json!({ "number": number, "state": "complete", "parameters": parameters, "values": [value] })).unwrap();
            }
            search.importance(0).unwrap();
            search.front();
        }
    }

    #[test]
    fn any_description_record_and_snapshot_is_refused_or_taken(
        one in anything(), two in anything(), three in anything(), values in prop::collection::vec(any::<f64>(), 0..4), step in any::<f64>(),
    ) {
        let space = json!({ "a": { "kind": "int", "low": 0, "high": 4 } });
        let description = json!({ "space": space, "search": { "kind": "tpe", "startup": 1 }, "directions": ["minimize"], "seed": 1, "prune": one });
        if let Ok(mut search) = Search::new(&description) {
            let _ = search.tell(&two);
            let _ = search.tell(&json!({ "number": 1, "state": "complete", "parameters": { "a": 1 }, "values": [two], "reports": [three] }));
            let _ = search.propose(2, std::slice::from_ref(&three));
            let mut decider = Decider::new(&search.pruning(2)).unwrap();
            decider.report(&Report { step, values: values.clone() });
        }
        if let Ok(mut decider) = Decider::new(&three) {
            decider.report(&Report { step, values });
        }
    }
}
