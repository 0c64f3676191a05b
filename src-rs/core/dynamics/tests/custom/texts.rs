//! Errors about texts: invalid ones, units, and random sequences of words.

use super::{bind, method, neuron, with};
use crate::Bound;
use lapicque_base::error::Error;
use proptest::prelude::*;
use serde_json::{Value, json};

#[test]
fn texts_that_say_nothing_are_refused_with_their_place() {
    let fails = |states: &[&str], params: Value, update: &str, more: Value| match Bound::new(
        &neuron(states, params, update, more),
        1,
        1.0,
    ) {
        Err(Error::Equation { line, column, reason, .. }) => (line, column, reason),
        Err(other) => panic!("{update}: {other:?}"),
        Ok(_) => panic!("{update} is accepted"),
    };
    let update = |text: &str| fails(&["v"], json!({"tauMem": 10.0}), text, json!({}));
    let says = |(line, column, reason): (usize, usize, String), at: (usize, usize), what: &str| {
        assert_eq!((line, column), at, "{reason}");
        assert!(reason.contains(what), "\"{reason}\" does not say \"{what}\"");
    };
    says(update("v' = (v - 1"), (1, 12), "expected \")\"");
    says(update("v' = -v/tauMen"), (1, 9), "did you mean \"tauMem\"?");
    says(update("t = 3; v' = t"), (1, 1), "t cannot be assigned to");
    says(update("v' = -v\nw' = 1"), (2, 1), "w is not a state");
    says(update("a = b\nb = a\nv' = a"), (1, 1), "algebraic loop without delay: a needs b needs a");
    says(update("a = a + 1\nv' = a"), (1, 1), "algebraic loop without delay: a needs a");
    says(update("v[t] = a[t]; a = v[t]"), (1, 1), "algebraic loop");
    says(update("v = a; a = v + 1"), (1, 1), "a is used before it is assigned");
    says(update("a = 1"), (1, 1), "no state is updated");
    says(fails(&["v", "w"], json!({}), "v' = -v", json!({})), (1, 1), "the state w has no derivative");
    says(update("v' = 1; v' = 2"), (1, 9), "two equations");
    says(update("v' = 1; v = 2"), (1, 9), "write all states as derivatives");
    says(update("v' = exp(v, v)"), (1, 6), "exp takes one argument but got 2");
    says(update("v' = expp(v)"), (1, 6), "did you mean \"exp\"?");
    says(update("v' = rand()"), (1, 6), "unknown function \"rand\"; noise is the name xi");
    says(update("v' = -v/(20*ms)"), (1, 13), "unknown name \"ms\"; ms is a unit");
    says(update("v' = 1e999"), (1, 6), "too large");
    says(update("i = 1; v' = i"), (1, 1), "i cannot be assigned to");
    says(update("v' = -v/tauMem; tauMem = 3"), (1, 17), "tauMem is a parameter and cannot be assigned to");
    says(update("v' = v[t-2]"), (1, 8), "an index is");
    says(update(&format!("v' = {}v", "(".repeat(5000))), (1, 70), "deep");
    says(update(&format!("v' = v{}", " + v".repeat(4000))), (1, 1), "characters");
    let spike = |text: &str, reset: &str| {
        fails(&["v"], json!({"b": 1.0}), "v' = -v", json!({"spike": text, "reset": reset}))
    };
    says(spike("v", "v = 0"), (1, 1), "a spike is a comparison");
    says(spike("v == 1", "v = 0"), (1, 1), "a spike is a comparison");
    says(spike("b or v == 1", "v = 0"), (1, 1), "a spike is a comparison");
    says(spike("b and v > 1", "v = 0"), (1, 1), "a spike is a comparison");
    says(spike("v > 1", "u = 0"), (1, 1), "reset: u is not a state");
    says(spike("v > 1", "v' = 0"), (1, 1), "a reset is");
    let arrival = |text: &str| fails(&["v"], json!({}), "v' = -v + xi", json!({"arrival": text}));
    says(arrival("u += i"), (1, 1), "arrival: u is not a state");
    says(arrival("v' = i"), (1, 1), "an arrival is");
    says(arrival("v += xi"), (1, 6), "unknown name \"xi\"");
    says(arrival("v += i; v += j"), (1, 14), "unknown name \"j\"");
    let function = |text: &str| fails(&["v"], json!({}), "v' = f(v)", json!({"functions": text}));
    says(function("f(x) = g(x); g(x) = f(x)"), (1, 8), "unknown function \"g\"");
    says(function("f(x) = x + v"), (1, 12), "make v an argument");
    says(function("f(x, y) = x + y"), (1, 6), "f takes two arguments but got 1");
    says(function("f(x) = 1; f(y) = 2"), (1, 18), "there already");
    // Sixty doublings need more operations than fit into memory.
    let doublings: Vec<String> =
        (1..60).map(|i| format!("f{i}(x) = f{}(x) + f{}(x)", i - 1, i - 1)).collect();
    let text = format!("f0(x) = x + 1\n{}\nf(x) = f59(x)", doublings.join("\n"));
    assert!(function(&text).2.contains("operations"));

    let method_fails = |update: &str, name: &str| {
        let spec = method(&neuron(&["v"], json!({}), update, json!({})), name);
        match Bound::new(&spec, 1, 1.0) {
            Err(Error::Equation { reason, .. }) => reason,
            Err(Error::InvalidParameter { name, expected, .. }) => format!("{name}: {expected}"),
            other => panic!("{:?}", other.map(|_| ())),
        }
    };
    assert!(method_fails("v' = v^2", "exact").contains("the method exact needs v' to be linear"));
    assert!(method_fails("v' = where(v > 0, 1, 2)", "exact").contains("needs v' to be linear"));
    assert!(method_fails("v' = exp(v)", "exponential-euler").contains("needs v' to be linear in v"));
    assert!(
        method_fails("v' = sin(t) - v", "exact").contains("constant coefficients, but t is not constant")
    );
    assert!(method_fails("v = v + i", "rk4").contains("method"));
    assert!(method_fails("v' = -v + xi", "rk4").contains("euler"));
    // White noise is allowed linearly in a derivative; multiplied by a state it is still noise.
    for update in ["v' = -v + xi^2", "v' = exp(xi)", "v' = xi*xi_a", "a = abs(xi); v' = a - v"] {
        assert!(method_fails(update, "auto").contains("v' must be linear in xi"), "{update}");
        assert!(method_fails(update, "euler").contains("v' must be linear in xi"), "{update}");
    }
    for update in ["v' = (xi - v)*v + 2*xi_a", "v = exp(xi)", "v[t] = v[t-1] + xi^2"] {
        assert!(Bound::new(&neuron(&["v"], json!({}), update, json!({})), 1, 1.0).is_ok(), "{update}");
    }
}

#[test]
fn units_are_checked_where_they_are_given() {
    let units = json!({"v": "mV", "tauMem": "ms", "vLeak": "mV", "r": "MOhm", "i": "nA"});
    let check = |update: &str, units: &Value, spike: &str| {
        // A use of each parameter that has no unit of its own.
        let functions = "unused(x) = x*(tauMem + vLeak + r + free)";
        let params = json!({"tauMem": 10.0, "vLeak": -65.0, "r": 10.0, "free": 1.0});
        let more = json!({"units": units, "spike": spike, "functions": functions});
        let spec = neuron(&["v"], params, update, more);
        Bound::new(&spec, 1, 1.0).map(|_| ()).map_err(|e| e.to_string())
    };
    let says = |result: Result<(), String>, what: &str| match result {
        Err(text) => assert!(text.contains(what), "\"{text}\" does not say \"{what}\""),
        Ok(()) => panic!("accepted, but should say {what}"),
    };
    let good = "v' = (vLeak - v + r*i)/tauMem";
    assert_eq!(check(good, &units, "v > -50*mV"), Ok(()));
    assert_eq!(check("v' = free*(vLeak - v)", &units, "v > vLeak"), Ok(()));
    assert_eq!(check("v' = (vLeak - v)/tauMem + mV*sqrt(1/tauMem)*xi", &units, "v > vLeak"), Ok(()));
    says(check(good, &units, "v > -50"), "\"v\" is in mV but \"-50\" has no unit");
    says(check("v' = (vLeak - v + i)/tauMem", &units, "v > vLeak"), "\"vLeak\" is in mV but \"i\" is in nA");
    says(check("v' = vLeak - v", &units, "v > vLeak"), "v' must be in mV/ms but \"vLeak - v\" is in mV");
    assert_eq!(check("v' = (vLeak - v)/tauMem*(t/tauMem)^0.3", &units, "v > vLeak or v < -90*mV"), Ok(()));
    assert_eq!(check("v' = sqrt(v^2)/tauMem^1.5*t^0.5", &units, "not v < vLeak"), Ok(()));
    says(check("v' = v^0.3", &units, "v > vLeak"), "the base of such a power is a number without a unit");
    says(check("v' = 2^v", &units, "v > vLeak"), "an exponent is a number without a unit but \"v\" is in mV");
    says(check("v' = t*v/tauMem", &units, "v > vLeak"), "v' must be in mV/ms but \"t*v/tauMem\" is in mV");
    says(check("v' = exp(v)*vLeak/tauMem", &units, "v > vLeak"), "exp takes a number without a unit");
    // Rates and noise strengths can be written by name.
    let noise = "v' = (vLeak - v)/tauMem + free*xi";
    for (unit, right) in [("mV/ms^0.5", true), ("mV/ms", false), ("mV", false)] {
        let result = check(noise, &with(units.clone(), "free", unit.into()), "v > vLeak");
        assert_eq!(result.is_ok(), right, "{result:?}");
    }
    says(
        check("v' = xi*vLeak", &with(units.clone(), "v", "mV/ms".into()), "v > 0*v"),
        "\"xi*vLeak\" is in mV/ms^0.5",
    );
    assert_eq!(check("v' = free*vLeak", &with(units.clone(), "free", "1/ms".into()), "v > vLeak"), Ok(()));
    says(check(good, &with(units.clone(), "free", "mV/s".into()), "v > vLeak"), "unknown unit \"mV/s\"");
    // The product has the right dimension but the wrong scale, by a factor of 1000.
    says(check(good, &with(units.clone(), "i", "pA".into()), "v > vLeak"), "\"r*i\" is in 10^-3 mV");
    says(check(good, &with(units.clone(), "i", "pAA".into()), "v > vLeak"), "did you mean \"pA\"");
    says(check(good, &with(units.clone(), "j", "pA".into()), "v > vLeak"), "\"j\"");
}

#[test]
fn what_is_described_is_described_again() {
    let spec = neuron(
        &["v", "w"],
        json!({"tauMem": [10.0, 11.0, 12.0], "b": 0.1, "tauRef": 2.0}),
        "v' = (i - v - w + xi)/tauMem; w' = f(w)/tauMem",
        json!({"spike": "v > 1", "reset": "v = 0; w += b", "functions": "f(x) = -x/b",
               "refractory": {"period": "tauRef", "hold": ["v"]}}),
    );
    let spec = with(with(spec, "learn", json!(["tauMem"])), "surrogate", json!({"name": "atan"}));
    let bound = bind(&spec);
    let again = bind(&bound.resolved());
    assert_eq!(bound.resolved(), again.resolved());
    assert_eq!((&bound.forward, &bound.adjoint), (&again.forward, &again.adjoint));
    let names: Vec<&str> = bound.states.iter().map(|state| state.name).collect();
    assert_eq!(names, ["v", "w", "refractory", "clock"]);
    let timed = bind(&neuron(&["v"], json!({}), "v' = sin(t)", json!({})));
    let names: Vec<&str> = timed.states.iter().map(|state| state.name).collect();
    assert!(names == ["v", "clock", "clockTurns"] && timed.noise.is_none());
}

#[test]
fn a_refractory_period_is_not_learned() {
    let spec = neuron(
        &["v"],
        json!({"tauMem": 10.0, "tauRef": 2.0}),
        "v' = (i - v)/tauMem",
        json!({"spike": "v > 1", "reset": "v = 0", "refractory": {"period": "tauRef"}}),
    );
    assert!(Bound::new(&with(spec.clone(), "learn", json!(["tauMem"])), 1, 1.0).is_ok());
    let refused = Bound::new(&with(spec, "learn", json!(["tauMem", "tauRef"])), 1, 1.0);
    assert!(
        matches!(&refused, Err(Error::InvalidParameter { name, value, .. }) if name == "learn" && value == "\"tauRef\""),
        "{:?}",
        refused.err()
    );
}

proptest! {
    /// Random sequences of words of the language give an error or a neuron, never a panic.
    #[test]
    fn no_equations_panic(words in prop::collection::vec(0..WORDS.len(), 0..40), more in 0..WORDS.len()) {
        let text: Vec<&str> = words.iter().map(|&i| WORDS[i]).collect();
        let (text, half) = (text.join(" "), words.len() / 2);
        let rest = words[half..].iter().map(|&i| WORDS[i]).collect::<Vec<_>>().join(" ");
        let texts = json!({"spike": format!("v > {rest}"), "reset": format!("v = {}", WORDS[more]), "functions": rest});
        for update in [text.clone(), format!("v' = {text}"), format!("v = {text}"), format!("v[t] = {text}")] {
            for more in [json!({}), texts.clone(), json!({"units": {"v": "mV", "k": "ms"}})] {
                let _ = Bound::new(&neuron(&["v"], json!({"k": 2.0}), &update, more), 2, 0.5);
            }
        }
    }
}

const WORDS: &[&str] = &[
    "v", "v", "k", "i", "a", "xi", "xi_1", "dt", "t", "pi", "1", "2.5e3", "0", "+", "-", "*", "/", "^", "2",
    "(", ")", "(", ")", ",", "=", "+=", "-=", "'", "[t]", "[t-1]", ">", ">=", "==", "and", "or", "not", ";",
    "\n", "#", "exp(", "where(", "min(", "f(", "f(x) =", "x", "exprel(", "floor(", "v' =", "v =", "a =",
    "mV", "é", "$",
];
