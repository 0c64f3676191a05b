//! Hints for unknown names: a unit, or a function of another simulator.

use crate::unit::Unit;

/// Whether the names are those of a neuron: those of a synapse's event include `elapsed`, and those of neither include
/// distances.
fn is_neuron(known: &[&str]) -> bool {
    known.contains(&"dt") && !known.contains(&"elapsed")
}

/// What to write instead of a name.
pub fn name(name: &str, known: &[&str]) -> Option<String> {
    let is_unit = name != "1" && Unit::names().any(|unit| unit == name);
    // `V` is a misspelling of a state `v`.
    if !is_unit || known.iter().any(|known| known.eq_ignore_ascii_case(name)) {
        return None;
    }
    Some(match is_neuron(known) {
        true => format!(
            "{name} is a unit, and a neuron has units once a state, a parameter or the input has one, such as \
             params: {{ tau: '10 ms' }}; without units, times are in ms"
        ),
        false => format!("{name} is a unit, and there are no units here: times are in ms"),
    })
}

/// What to write instead of a function.
pub fn function(name: &str, known: &[&str]) -> Option<&'static str> {
    match name {
        "rand" | "randn" | "random" | "rnd" | "normal" | "gauss" | "gaussian" | "uniform" | "noise" => {
            Some(match is_neuron(known) {
                true => "noise is the name xi, as in update: \"v' = (i - v)/tau + sigma*xi\"",
                false if known.contains(&"d") => {
                    "an expression draws nothing; a distribution does, such as distribution.uniform(0, 1)"
                }
                false => "nothing is drawn here",
            })
        }
        "pow" | "power" => Some("a power is written x^2"),
        "cosh" => Some("it is written (exp(x) + exp(-x))/2"),
        "sinh" => Some("it is written (exp(x) - exp(-x))/2"),
        "tan" => Some("it is written sin(x)/cos(x)"),
        "if" | "ifelse" | "iif" | "piecewise" | "switch" => {
            Some("a choice is written where(condition, a, b)")
        }
        "heaviside" | "step" | "theta" | "int" => Some("a comparison such as x > 0 is 1 or 0"),
        _ => None,
    }
}
