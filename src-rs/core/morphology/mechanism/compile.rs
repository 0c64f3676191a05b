//! A mechanism compiled for a model: programs over the nodes where it is painted.

use std::collections::BTreeMap;

use lapicque_base::error::{Error, Result};
use lapicque_base::simd::SimdLevel;
use lapicque_expr::adjoint::backward;
use lapicque_expr::affine::{Affine, affine};
use lapicque_expr::graph::{Graph, Sym, input, trace};
use lapicque_expr::parse::{Evaluator, Target};
use lapicque_expr::{Arg, ArgSlot, Args, Kernel, OutSlot, Program, Scalar, set_args};

use super::definition::{Definition, Parsed, Start};

/// What a mechanism reads of its node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Port {
    Voltage,
    /// Reversal potential of an ion, by its index.
    Reversal(usize),
    Inside(usize),
    /// Sum of the ion's currents, as computed last.
    Current(usize),
}

/// What a model fixes for all its mechanisms.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    pub celsius: f64,
    pub dt: f64,
    /// The names of the ions in their order.
    pub ions: Vec<IonUse>,
}

/// An ion, and which of its quantities vary during a run.
#[derive(Debug, Clone, PartialEq)]
pub struct IonUse {
    pub name: String,
    /// A fixed reversal potential; `None` if it follows from the concentrations.
    pub reversal: Option<f64>,
    pub inside: f64,
    pub outside: f64,
    /// Whether a pool computes the concentration inside.
    pub varies: bool,
}

/// One program with its kernel.
pub struct Part {
    kernel: Kernel<f64>,
    args: Vec<ArgSlot>,
}

/// A mechanism bound to a model.
pub struct Bound {
    pub name: String,
    pub states: Vec<String>,
    pub parameters: Vec<String>,
    /// Meaning of the programs' ports.
    pub ports: Vec<Port>,
    /// States at the beginning.
    pub initial: Part,
    /// Current, its derivative with respect to the voltage, then the currents of `currents`.
    pub current: Option<Part>,
    /// Indices of the ions whose currents it computes.
    pub currents: Vec<usize>,
    /// States after a step.
    pub step: Option<Part>,
    /// The states that are concentrations: index of the state and of the ion.
    pub pools: Vec<(usize, usize)>,
    /// Whether a step reads a concentration inside.
    pub reads_concentration: bool,
}

impl Part {
    fn new(
        graph: &Graph,
        inputs: &[ArgSlot],
        uniform: &dyn Fn(ArgSlot) -> bool,
        outs: &[Sym],
        level: SimdLevel,
    ) -> Self {
        let outs: Vec<(OutSlot, Sym)> =
            outs.iter().enumerate().map(|(i, &x)| (OutSlot::State(i), x)).collect();
        let program = Program::lower(graph, inputs, uniform, &outs);
        Part { args: program.args.clone(), kernel: Kernel::new(&program, level) }
    }

    /// The ports that it reads.
    pub fn ports(&self) -> impl Iterator<Item = usize> {
        self.args.iter().filter_map(|slot| match slot {
            ArgSlot::Port(i) => Some(*i),
            _ => None,
        })
    }

    /// Runs it over `elements` elements; `arg` returns the content of an argument.
    pub fn run<'a>(
        &self,
        elements: usize,
        arg: impl Fn(ArgSlot) -> Arg<'a, f64>,
        outs: &mut [&mut [f64]],
        scratch: &mut Vec<f64>,
    ) {
        let mut args: Args<f64> = Args::new();
        set_args(&mut args, &self.args, arg);
        self.kernel.run(elements, &args, outs, scratch);
    }
}

impl Bound {
    /// `uniform`: by parameter, whether it has one value for all nodes and cells.
    ///
    /// # Errors
    /// Those of [`Definition::parse`], and `equation` for an unknown name or a derivative that is not linear in its state.
    pub fn new(
        definition: &Definition,
        environment: &Environment,
        uniform: &dyn Fn(&str) -> bool,
        level: SimdLevel,
    ) -> Result<Bound> {
        let parsed = definition.parse()?;
        let mut ions = Vec::new();
        for name in &definition.ions {
            let known = environment.ions.iter().position(|ion| ion.name == *name);
            let unknown = || Error::unknown("ion", name, environment.ions.iter().map(|ion| &ion.name));
            ions.push(known.ok_or_else(|| unknown().within(&definition.name))?);
        }
        let tracer = Tracer { definition, parsed: &parsed, environment, ions };
        let (graph, traced) = trace(false, || tracer.trace());
        let traced = traced?;
        let inputs = tracer.inputs();
        let names: Vec<&str> = parsed.parameters.iter().map(|(name, _)| name.as_str()).collect();
        let is_uniform = |slot: ArgSlot| matches!(slot, ArgSlot::Coef(i) if uniform(names[i]));
        let part = |outs: &[Sym]| Part::new(&graph, &inputs, &is_uniform, outs, level);
        let initial = part(&traced.initial);
        if let Some(ArgSlot::State(i)) = initial.args.iter().find(|slot| matches!(slot, ArgSlot::State(_))) {
            let other = &parsed.states[*i].0;
            let reason = format!("a steady state depends on the state {other}: give its initial value");
            return Err(parsed.source.fail(0, reason));
        }
        let step = (!traced.next.is_empty()).then(|| part(&traced.next));
        let reads = |port: usize| matches!(tracer.port(port), Port::Inside(_));
        Ok(Bound {
            name: definition.name.clone(),
            states: parsed.states.iter().map(|(name, _)| name.clone()).collect(),
            parameters: names.iter().map(|name| name.to_string()).collect(),
            ports: (0..1 + 3 * tracer.ions.len()).map(|i| tracer.port(i)).collect(),
            reads_concentration: step.iter().any(|step| step.ports().any(reads)),
            initial,
            current: (!traced.current.is_empty()).then(|| part(&traced.current)),
            currents: traced.currents,
            step,
            pools: tracer.pools(),
        })
    }
}

struct Tracer<'a> {
    definition: &'a Definition,
    parsed: &'a Parsed,
    environment: &'a Environment,
    /// The mechanism's ions as indices of the environment's.
    ions: Vec<usize>,
}

#[derive(Default)]
struct Traced {
    initial: Vec<Sym>,
    next: Vec<Sym>,
    /// Empty without currents.
    current: Vec<Sym>,
    currents: Vec<usize>,
}

impl Tracer<'_> {
    /// Inputs of the graph: ports, states, parameters.
    fn inputs(&self) -> Vec<ArgSlot> {
        let ports = (0..1 + 3 * self.ions.len()).map(ArgSlot::Port);
        let states = (0..self.parsed.states.len()).map(ArgSlot::State);
        ports.chain(states).chain((0..self.parsed.parameters.len()).map(ArgSlot::Coef)).collect()
    }

    fn port(&self, i: usize) -> Port {
        match i.checked_sub(1) {
            None => Port::Voltage,
            Some(i) => [Port::Reversal, Port::Inside, Port::Current][i % 3](self.ions[i / 3]),
        }
    }

    fn pools(&self) -> Vec<(usize, usize)> {
        let states = self.parsed.states.iter().enumerate();
        let ion = |name: &str| {
            self.ions.iter().copied().find(|&ion| format!("{}i", self.environment.ions[ion].name) == name)
        };
        states.filter_map(|(i, (name, _))| ion(name).map(|ion| (i, ion))).collect()
    }

    fn trace(&self) -> Result<Traced> {
        let Tracer { definition, parsed, environment, .. } = self;
        let ports = 1 + 3 * self.ions.len();
        let v = input(0);
        let mut names: Vec<(String, Sym)> = vec![("v".into(), v)];
        names.push(("celsius".into(), Sym::constant(environment.celsius)));
        for (k, &ion) in self.ions.iter().enumerate() {
            let IonUse { name, reversal, inside, outside, varies } = &environment.ions[ion];
            let at = 1 + 3 * k;
            names.push((format!("e{name}"), reversal.map_or_else(|| input(at), Sym::constant)));
            names.push((format!("{name}o"), Sym::constant(*outside)));
            if !parsed.states.iter().any(|(state, _)| *state == format!("{name}i")) {
                let value = if *varies { input(at + 1) } else { Sym::constant(*inside) };
                names.push((format!("{name}i"), value));
            }
            if !parsed.assigns(&format!("i{name}")) {
                names.push((format!("i{name}"), input(at + 2)));
            }
        }
        let states: Vec<Sym> = (0..parsed.states.len()).map(|i| input(ports + i)).collect();
        names.extend(parsed.states.iter().map(|(name, _)| name.clone()).zip(states.iter().copied()));
        let first = ports + states.len();
        let params: Vec<Sym> = (0..parsed.parameters.len()).map(|i| input(first + i)).collect();
        names.extend(parsed.parameters.iter().map(|(name, _)| name.clone()).zip(params.iter().copied()));

        let evaluator = Evaluator::new(&parsed.functions.0, parsed.functions.1.clone());
        let mut rates: BTreeMap<&str, (Sym, usize)> = BTreeMap::new();
        for statement in &parsed.statements {
            let known: Vec<(&str, Sym)> = names.iter().map(|(name, value)| (name.as_str(), *value)).collect();
            let value = evaluator.value(&parsed.source, &statement.value, &known)?;
            match statement.target {
                Target::Derivative => drop(rates.insert(&statement.name, (value, statement.at))),
                _ => names.push((statement.name.clone(), value)),
            }
        }
        let mut traced = Traced::default();
        for (k, (name, start)) in parsed.states.iter().enumerate() {
            let (rate, at) = rates[name.as_str()];
            let Some(Some(linear)) = affine(&[rate], &[states[k]], &states).pop() else {
                let reason = format!("the derivative of {name} is not linear in {name}");
                return Err(parsed.source.fail(at, reason));
            };
            traced.next.push(exponential_euler(states[k], rate, &linear, environment.dt));
            traced.initial.push(match start {
                Start::Value(x) => Sym::constant(*x),
                Start::Parameter(name) => {
                    let index = parsed.parameters.iter().position(|(known, _)| known == name);
                    params[index.unwrap_or_default()]
                }
                Start::Steady => match linear.coefs[0] {
                    Some(slope) => -(linear.rest.unwrap_or_else(Sym::zero) / slope),
                    None => {
                        let reason = format!("{name} has no steady state: give its initial value");
                        return Err(parsed.source.fail(at, reason));
                    }
                },
            });
        }
        let value_of =
            |name: &str| names.iter().rev().find(|(known, _)| known == name).map(|&(_, value)| value);
        let mut sum = parsed.assigns("i").then(|| value_of("i")).flatten();
        for &ion in &self.ions {
            let name = format!("i{}", environment.ions[ion].name);
            if parsed.assigns(&name)
                && let Some(current) = value_of(&name)
            {
                traced.currents.push(ion);
                traced.current.push(current);
                sum = Some(sum.map_or(current, |sum| sum + current));
            }
        }
        if let Some(sum) = sum {
            let slope = backward(&[(sum, Sym::one())], &[], &|_| Sym::zero()).of(v).unwrap_or_else(Sym::zero);
            traced.current.splice(0..0, [sum, slope]);
        }
        if traced.next.is_empty() && traced.current.is_empty() {
            return Err(Error::invalid(
                &definition.name,
                "no currents and no states",
                "a current or a state",
            ));
        }
        Ok(traced)
    }
}

/// Below this, exp(x) - 1 loses digits, and two terms of its series are exact to the last.
const SMALL: f64 = 1e-5;

/// The exact solution over `dt` of `x' = a x + b` with constant a and b.
fn exponential_euler(x: Sym, rate: Sym, linear: &Affine, dt: f64) -> Sym {
    let h = Sym::constant(dt);
    let Some(a) = linear.coefs[0] else { return rate.mul_add(h, x) };
    let z = a * h;
    let decay = z.exp();
    let is_small = Sym::constant(SMALL).greater(z.abs());
    let steady = linear.rest.map_or_else(Sym::zero, |b| b / is_small.select(Sym::constant(-1.0), -a));
    let far = (x - steady).mul_add(decay, steady);
    let near = (rate * h).mul_add(z.mul_add(Sym::constant(0.5), Sym::one()), x);
    is_small.select(near, far)
}
