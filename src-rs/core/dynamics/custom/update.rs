//! The statements of an update: their form, and the order in which they are computed.

use super::equations::Equations;
use lapicque_base::error::{Error, Result};
use lapicque_expr::parse::{BEFORE, Expr, Source, Statement, Target, statements, without_index};

/// The form of an update.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `v' = …`
    Derivatives,
    /// `v[t] = …`, simultaneous
    Steps,
    /// `v = …`, sequential
    Assignments,
}

#[derive(Debug)]
pub struct Update {
    pub source: Source,
    pub form: Form,
    /// In execution order.
    pub statements: Vec<Statement>,
    /// Names of the random numbers: `xi`, `xi_a` …
    pub noise: Vec<String>,
}

impl Update {
    pub fn read(equations: &Equations, params: &[&str]) -> Result<Update> {
        let source = Source::new("update", &equations.update);
        let statements = statements(&source)?;
        let is_state = |name: &str| equations.states.iter().any(|state| state.name == name);
        let form = form(&source, &statements, is_state)?;
        let mut update = Update { source, form, statements, noise: vec![] };
        update.check_targets(equations, params)?;
        for state in &equations.states {
            if !update.statements.iter().any(|s| s.name == state.name) {
                let name = &state.name;
                let reason = match form {
                    Form::Derivatives => format!("the state {name} has no derivative: add {name}' = …"),
                    _ => format!("the state {name} is not updated: add {name} = …"),
                };
                return Err(update.source.fail(0, reason));
            }
        }
        update.order(is_state)?;
        for statement in &update.statements {
            statement.value.names(&mut |name, _| {
                if (name == "xi" || name.starts_with("xi_")) && !update.noise.iter().any(|n| n == name) {
                    update.noise.push(name.to_string());
                }
            });
        }
        if update.noise.len() > 16 {
            return Err(update.source.fail(0, "at most 16 different random numbers"));
        }
        Ok(update)
    }

    fn check_targets(&self, equations: &Equations, params: &[&str]) -> Result<()> {
        let mut seen: Vec<&str> = Vec::new();
        for Statement { name, at, target, .. } in &self.statements {
            let fail = |reason: String| Err(self.source.fail(*at, reason));
            let state = equations.states.iter().any(|state| state.name == *name);
            let local_again = seen.contains(&name.as_str());
            if local_again && !(state && self.form == Form::Assignments) {
                return fail(format!("{name} has two equations"));
            }
            seen.push(name);
            let taken = equations.input.names().any(|input| input == name)
                || ["pi", "dt", "t"].contains(&name.as_str());
            if taken || name.starts_with("xi") && (name.len() == 2 || name.starts_with("xi_")) {
                return fail(format!("{name} cannot be assigned to"));
            }
            if params.contains(&name.as_str()) {
                // It would hide the parameter, which would then have no effect.
                return fail(format!("{name} is a parameter and cannot be assigned to"));
            }
            match (state, target) {
                (false, Target::Derivative) => {
                    return fail(format!("{name} is not a state; states are {}", names_of(equations)));
                }
                (false, Target::Value | Target::Step) | (true, _) => {}
                (false, _) => return fail(format!("{name} is not a state and has no value to change")),
            }
        }
        Ok(())
    }

    /// Sorts the statements by their dependencies; for assignments, checks that they are in order.
    fn order(&mut self, is_state: impl Fn(&str) -> bool) -> Result<()> {
        let needs: Vec<Vec<usize>> =
            self.statements.iter().map(|s| self.needs(&s.value, &is_state)).collect();
        if self.form == Form::Assignments {
            for (i, statement) in self.statements.iter().enumerate() {
                if let Some(&later) = needs[i].iter().find(|&&j| j >= i) {
                    let (name, other) = (&statement.name, &self.statements[later].name);
                    let reason = match reaches(&needs, later, i) {
                        true => format!("algebraic loop without delay: {name} and {other} need each other"),
                        false => format!("{other} is used before it is assigned"),
                    };
                    return Err(self.source.fail(statement.at, reason));
                }
            }
            return Ok(());
        }
        let mut sorted: Vec<usize> = Vec::new();
        while sorted.len() < needs.len() {
            let ready = |i: &usize| !sorted.contains(i) && needs[*i].iter().all(|j| sorted.contains(j));
            match (0..needs.len()).find(ready) {
                Some(i) => sorted.push(i),
                None => return Err(self.looped(&needs)),
            }
        }
        let mut statements: Vec<Option<Statement>> = self.statements.drain(..).map(Some).collect();
        self.statements = sorted.iter().filter_map(|&i| statements[i].take()).collect();
        Ok(())
    }

    /// The statements whose value in this step `value` uses.
    fn needs(&self, value: &Expr, is_state: impl Fn(&str) -> bool) -> Vec<usize> {
        let mut needs = Vec::new();
        value.names(&mut |name, _| {
            let (bare, index) = without_index(name);
            let of_this_step = match (self.form, index) {
                (_, Some(BEFORE)) => false,
                (Form::Steps, _) => index.is_some() || !is_state(bare),
                _ => index.is_none() && !is_state(bare),
            };
            if let Some(i) = self.statements.iter().position(|s| s.name == bare)
                && of_this_step
            {
                needs.push(i);
            }
        });
        needs
    }

    fn looped(&self, needs: &[Vec<usize>]) -> Error {
        let first = (0..needs.len()).find(|&i| needs[i].iter().any(|&j| j == i || reaches(needs, j, i)));
        let mut at = first.unwrap_or(0);
        let mut path = vec![at];
        while let Some(&next) = needs[at].iter().find(|&&j| j == path[0] || reaches(needs, j, path[0])) {
            path.push(next);
            if next == path[0] || path.len() > needs.len() {
                break;
            }
            at = next;
        }
        let names: Vec<&str> = path.iter().map(|&i| self.statements[i].name.as_str()).collect();
        let reason = format!("algebraic loop without delay: {}", names.join(" needs "));
        self.source.fail(self.statements[path[0]].at, reason)
    }
}

/// Whether statement `from` needs `to`, directly or through others.
fn reaches(needs: &[Vec<usize>], from: usize, to: usize) -> bool {
    let mut seen = vec![false; needs.len()];
    let mut open = vec![from];
    while let Some(i) = open.pop() {
        if std::mem::replace(&mut seen[i], true) {
            continue;
        }
        if needs[i].contains(&to) {
            return true;
        }
        open.extend(&needs[i]);
    }
    false
}

fn form(source: &Source, statements: &[Statement], is_state: impl Fn(&str) -> bool) -> Result<Form> {
    let mut form: Option<Form> = None;
    for statement in statements {
        let own = match statement.target {
            Target::Derivative => Form::Derivatives,
            Target::Step => Form::Steps,
            _ if is_state(&statement.name) => Form::Assignments,
            _ => continue,
        };
        if form.is_some_and(|form| form != own) {
            let reason = "write all states as derivatives (v' = …), all as v[t] = …, or all as v = …";
            return Err(source.fail(statement.at, reason));
        }
        form = Some(own);
    }
    form.ok_or_else(|| source.fail(0, "no state is updated"))
}

fn names_of(equations: &Equations) -> String {
    let names: Vec<&str> = equations.states.iter().map(|state| state.name.as_str()).collect();
    names.join(", ")
}
