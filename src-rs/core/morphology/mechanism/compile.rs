//! A mechanism compiled for a model: programs over the nodes where it is painted.

use lapicque_base::error::{Error, Result};
use lapicque_base::simd::SimdLevel;
use lapicque_expr::graph::{Sym, trace};
use lapicque_expr::{ArgSlot, OutSlot};

use super::definition::Definition;
use super::part::Part;
use super::tracer::Tracer;

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
    /// Whether a mechanism reads the sum of its currents.
    pub is_current_read: bool,
}

/// A mechanism bound to a model.
pub struct Bound {
    pub name: String,
    pub states: Vec<String>,
    pub parameters: Vec<String>,
    /// The coefficients after the parameters: temperature, time step, and what is fixed of the ions. They are arguments, so that
    /// one compiled program serves all models.
    pub constants: Vec<f64>,
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
    /// The adjoint programs, if the mechanism is differentiated.
    pub adjoint: Option<Adjoint>,
}

/// Programs that compute gradients with respect to ports, states and parameters from those with respect to the results of the
/// programs of a [`Bound`]. Gradients that are always 0 are absent from their outputs.
pub struct Adjoint {
    pub initial: Part,
    /// Reads the gradients of the current, of its derivative, and of the currents of `varying`.
    pub current: Option<Part>,
    /// The ions of [`Bound::currents`] whose sum of currents a mechanism reads.
    pub varying: Vec<usize>,
    pub step: Option<Part>,
}

impl Bound {
    /// `uniform`: whether every parameter has one value for all nodes and cells.
    ///
    /// # Errors
    /// Those of [`Definition::parse`], and `equation` for an unknown name or a derivative that is not linear in its state.
    pub fn new(
        definition: &Definition,
        environment: &Environment,
        uniform: bool,
        is_differentiated: bool,
        level: SimdLevel,
    ) -> Result<Bound> {
        let parsed = definition.parse()?;
        let mut ions = Vec::new();
        for name in &definition.ions {
            let known = environment.ions.iter().position(|ion| ion.name == *name);
            let unknown = || Error::unknown("ion", name, environment.ions.iter().map(|ion| &ion.name));
            ions.push(known.ok_or_else(|| unknown().within(&definition.name))?);
        }
        let tracer = Tracer::new(definition, &parsed, environment, ions);
        let (graph, traced) = trace(false, || {
            let traced = tracer.trace()?;
            let adjoint = is_differentiated.then(|| tracer.adjoint(&traced));
            Ok::<_, Error>((traced, adjoint))
        });
        let (traced, adjoint) = traced?;
        let inputs = tracer.inputs();
        let parameters: Vec<String> = parsed.parameters.iter().map(|(name, _)| name.clone()).collect();
        let is_uniform = |slot: ArgSlot| matches!(slot, ArgSlot::Coef(i) if uniform || i >= parameters.len());
        let lower = |outs: &[(OutSlot, Sym)]| Part::new(&graph, &inputs, &is_uniform, outs, level);
        let part = |outs: &[Sym]| {
            let slots = outs.iter().enumerate().map(|(i, &x)| (OutSlot::State(i), x));
            lower(&slots.collect::<Vec<_>>())
        };
        let initial = part(&traced.initial);
        if let Some(ArgSlot::State(i)) = initial.args().iter().find(|slot| matches!(slot, ArgSlot::State(_)))
        {
            let other = &parsed.states[*i].0;
            let reason = format!("a steady state depends on the state {other}: give its initial value");
            return Err(parsed.source.fail(0, reason));
        }
        let current = (!traced.current.is_empty()).then(|| part(&traced.current));
        let step = (!traced.next.is_empty()).then(|| part(&traced.next));
        let reads = |port: usize| matches!(tracer.port(port), Port::Inside(_));
        let adjoint = adjoint.map(|adjoint| Adjoint {
            initial: lower(&adjoint.initial),
            current: current.as_ref().map(|_| lower(&adjoint.current)),
            varying: adjoint.varying,
            step: step.as_ref().map(|_| lower(&adjoint.step)),
        });
        Ok(Bound {
            name: definition.name.clone(),
            states: parsed.states.iter().map(|(name, _)| name.clone()).collect(),
            constants: tracer.constants().collect(),
            ports: tracer.ports().collect(),
            reads_concentration: step.iter().any(|step| step.ports().any(reads)),
            initial,
            current,
            currents: traced.currents,
            step,
            pools: tracer.pools(),
            adjoint,
            parameters,
        })
    }
}
