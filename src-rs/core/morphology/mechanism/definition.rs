//! A mechanism as described: texts, parameters and ions.

use lapicque_base::error::{Error, Result};
use lapicque_expr::parse::{Expr, Function, Source, Statement, Target, functions, is_built_in, statements};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A mechanism in its user's terms. Voltages are in mV, times in ms, conductances in S/cm², currents in mA/cm², concentrations in
/// mM.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Definition {
    pub name: String,
    /// Names and default values.
    #[serde(default)]
    pub parameters: Map<String, Value>,
    /// The ions that it uses. For an ion `ca`, `eca` is the reversal potential, `cai` and `cao` the concentrations inside and
    /// outside, `ica` the current.
    #[serde(default)]
    pub ions: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub functions: Option<String>,
    /// `x' = …` for each state, `i = …` or `ica = …` for currents, `name = …` for other values.
    pub equations: String,
    /// The values at the beginning of states that do not begin in their steady state.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub initial: Map<String, Value>,
}

/// How a state begins.
#[derive(Debug, Clone, PartialEq)]
pub enum Start {
    /// Where its derivative is 0 at the initial voltage.
    Steady,
    Value(f64),
    Parameter(String),
}

/// Names that mean something in every mechanism.
const RESERVED: [&str; 6] = ["v", "i", "celsius", "pi", "dt", "t"];
const MAX_NAMES: usize = 256;
const MAX_LETTERS: usize = 64;

/// The texts of a definition, parsed.
pub struct Parsed {
    pub functions: (Source, Vec<Function>),
    pub source: Source,
    pub statements: Vec<Statement>,
    pub states: Vec<(String, Start)>,
    pub parameters: Vec<(String, f64)>,
}

impl Definition {
    /// Parses the texts and checks all names.
    ///
    /// # Errors
    /// `equation` with line and column; `invalid-parameter` and `unknown-name` for all else.
    pub fn parse(&self) -> Result<Parsed> {
        let parameters = self.numbers()?;
        let source = Source::new("equations", &self.equations);
        let statements = statements(&source)?;
        let text = Source::new("functions", self.functions.as_deref().unwrap_or(""));
        let functions = functions(&text)?;
        if functions.iter().any(|function| is_built_in(&function.name)) {
            return Err(text.fail(0, "a function has the name of a built-in function"));
        }
        let mut states = Vec::new();
        let mut seen: Vec<&str> = Vec::new();
        for Statement { name, at, target, .. } in &statements {
            let fail = |reason: String| Err(source.fail(*at, reason));
            let read_only = RESERVED.contains(&name.as_str()) && name != "i";
            let of_ion = |prefix: &str, suffix: &str| {
                self.ions.iter().any(|ion| format!("{prefix}{ion}{suffix}") == *name)
            };
            if read_only
                || of_ion("e", "")
                || of_ion("", "o")
                || parameters.iter().any(|(known, _)| known == name)
            {
                return fail(format!("{name} cannot be assigned to"));
            }
            if seen.contains(&name.as_str()) {
                return fail(format!("{name} has two equations"));
            }
            seen.push(name);
            match target {
                Target::Derivative if name == "i" || of_ion("i", "") => {
                    return fail(format!("{name} is a current and has no derivative"));
                }
                Target::Derivative => states.push((name.clone(), self.start(name, &parameters)?)),
                Target::Value if of_ion("", "i") => {
                    return fail(format!("{name} is a concentration: give its derivative, {name}' = …"));
                }
                Target::Value => {}
                _ => return fail(format!("expected {name}' = … or {name} = …")),
            }
        }
        if let Some(name) = self.initial.keys().find(|name| !states.iter().any(|(state, _)| state == *name)) {
            return Err(Error::unknown("state", name, states.iter().map(|(name, _)| name)).within(&self.name));
        }
        Ok(Parsed { functions: (text, functions), source, statements, states, parameters })
    }

    fn numbers(&self) -> Result<Vec<(String, f64)>> {
        if self.parameters.len() > MAX_NAMES || self.ions.len() > 16 {
            let expected = format!("at most {MAX_NAMES} parameters and 16 ions");
            return Err(Error::invalid(format!("{}.parameters", self.name), self.parameters.len(), expected));
        }
        for name in self.parameters.keys().chain(&self.ions).chain([&self.name]) {
            let letters = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            let first = name.chars().next().is_some_and(|c| c.is_ascii_alphabetic());
            let taken = RESERVED.contains(&name.as_str()) || is_built_in(name);
            if !first || !letters || name.len() > MAX_LETTERS || taken {
                let expected =
                    "a name of letters, digits and _ that begins with a letter and is not reserved";
                let shown: String = name.chars().take(MAX_LETTERS).collect();
                return Err(Error::invalid("mechanism", format!("\"{shown}\""), expected));
            }
        }
        let number = |(name, value): (&String, &Value)| match value.as_f64().filter(|x| x.is_finite()) {
            Some(x) => Ok((name.clone(), x)),
            None => Err(Error::invalid(format!("{}.parameters.{name}", self.name), value, "a finite number")),
        };
        self.parameters.iter().map(number).collect()
    }

    fn start(&self, state: &str, parameters: &[(String, f64)]) -> Result<Start> {
        match self.initial.get(state) {
            None => Ok(Start::Steady),
            Some(Value::String(name)) if parameters.iter().any(|(known, _)| known == name) => {
                Ok(Start::Parameter(name.clone()))
            }
            Some(value) => match value.as_f64().filter(|x| x.is_finite()) {
                Some(x) => Ok(Start::Value(x)),
                None => {
                    let name = format!("{}.initial.{state}", self.name);
                    Err(Error::invalid(name, value, "a finite number or the name of a parameter"))
                }
            },
        }
    }
}

impl Parsed {
    /// Whether a text reads `name`.
    pub fn reads(&self, name: &str) -> bool {
        let mut bodies = self.functions.1.iter().map(|function| &function.body);
        let mentions = |expr: &Expr| expr.mentions(name);
        self.statements.iter().any(|statement| mentions(&statement.value)) || bodies.any(mentions)
    }

    /// Whether a text assigns to `name`.
    pub fn assigns(&self, name: &str) -> bool {
        self.statements.iter().any(|statement| statement.name == name)
    }
}
