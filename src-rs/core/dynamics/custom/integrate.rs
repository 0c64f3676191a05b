//! Integration methods: from rates of change to the states after a step of `dt`. Inputs are
//! constant during a step.

use lapicque_base::error::Result;
use lapicque_expr::affine::{Affine, affine};
use lapicque_expr::graph::Sym;
use lapicque_expr::matrix_exponential::{Matrix, matrix_exponential};
use lapicque_expr::scalar::Scalar;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Exact,
    Euler,
    ExponentialEuler,
    Midpoint,
    RungeKutta4,
}

impl Method {
    pub fn named(name: &str) -> Option<Method> {
        use Method::{Euler, Exact, ExponentialEuler, Midpoint, RungeKutta4};
        [Exact, Euler, ExponentialEuler, Midpoint, RungeKutta4].into_iter().find(|m| m.name() == name)
    }

    pub fn name(self) -> &'static str {
        match self {
            Method::Exact => "exact",
            Method::Euler => "euler",
            Method::ExponentialEuler => "exponential-euler",
            Method::Midpoint => "rk2",
            Method::RungeKutta4 => "rk4",
        }
    }
}

/// Maps states, and ms since the beginning of the step, to rates of change.
type Rates<'a> = dyn Fn(&[Sym], f64) -> Result<Vec<Sym>> + 'a;

/// `x + k * h`, elementwise.
fn along(x: &[Sym], k: &[Sym], h: f64) -> Vec<Sym> {
    x.iter().zip(k).map(|(&x, &k)| k.mul_add(Sym::constant(h), x)).collect()
}

pub fn euler(rates: &Rates, x: &[Sym], dt: f64) -> Result<Vec<Sym>> {
    Ok(along(x, &rates(x, 0.0)?, dt))
}

/// The midpoint rule.
pub fn rk2(rates: &Rates, x: &[Sym], dt: f64) -> Result<Vec<Sym>> {
    let half = along(x, &rates(x, 0.0)?, 0.5 * dt);
    Ok(along(x, &rates(&half, 0.5 * dt)?, dt))
}

/// The classical method of fourth order.
pub fn rk4(rates: &Rates, x: &[Sym], dt: f64) -> Result<Vec<Sym>> {
    let k1 = rates(x, 0.0)?;
    let k2 = rates(&along(x, &k1, 0.5 * dt), 0.5 * dt)?;
    let k3 = rates(&along(x, &k2, 0.5 * dt), 0.5 * dt)?;
    let k4 = rates(&along(x, &k3, dt), dt)?;
    let two = Sym::constant(2.0);
    let mean = |i: usize| (k3[i].mul_add(two, k2[i].mul_add(two, k1[i]))) + k4[i];
    let sum: Vec<Sym> = (0..x.len()).map(mean).collect();
    Ok(along(x, &sum, dt / 6.0))
}

/// Each state separately, exact while the others are constant: for `x' = a x + b`, `x + dt x' (exp(a dt) - 1) / (a dt)`.
/// Returns the index of the first state whose rate is not linear in it, if there is one.
pub fn exponential_euler(rates: &Rates, x: &[Sym], dt: f64) -> Result<std::result::Result<Vec<Sym>, usize>> {
    let rate = rates(x, 0.0)?;
    let mut next = Vec::with_capacity(x.len());
    for (i, (&own, &rate)) in x.iter().zip(&rate).enumerate() {
        let Some(Some(Affine { coefs, .. })) = affine(&[rate], &[own], x).pop() else { return Ok(Err(i)) };
        let step = match coefs[0] {
            None => Sym::constant(dt),
            Some(a) => (a * Sym::constant(dt)).exprel() * Sym::constant(dt),
        };
        next.push(rate.mul_add(step, own));
    }
    Ok(Ok(next))
}

/// Maximum number of coupled states and inputs for the matrix exponential: its cost grows with their third power.
pub const MOST_COUPLED: usize = 16;

/// Why [`exact`] has no solution.
pub enum Inexact {
    /// The first state whose rate is not linear.
    NotLinear(usize),
    /// More than [`MOST_COUPLED`] states and inputs are coupled.
    TooMany(usize),
}

/// The solution of linear equations with constant coefficients. `largest` returns the largest value of a node that depends
/// only on parameters; learned ones may grow by the factor `growth`.
pub fn exact(
    rates: &Rates,
    x: &[Sym],
    ports: &[Sym],
    dt: f64,
    largest: &dyn Fn(Sym) -> f64,
    growth: f64,
) -> Result<std::result::Result<Vec<Sym>, Inexact>> {
    let (n, m) = (x.len(), ports.len());
    let variables: Vec<Sym> = x.iter().chain(ports).copied().collect();
    let forms = affine(&rates(x, 0.0)?, &variables, &[]);
    if let Some(i) = forms.iter().position(Option::is_none) {
        return Ok(Err(Inexact::NotLinear(i)));
    }
    let forms: Vec<Affine> = forms.into_iter().flatten().collect();
    let coupled = (0..n).any(|i| (0..n).any(|j| i != j && forms[i].coefs[j].is_some()));
    let h = Sym::constant(dt);
    if !coupled {
        let one = |(form, &x): (&Affine, &Sym)| {
            let (decay, reach) = match form.coefs[form_index(&variables, x)] {
                None => (Sym::one(), h),
                Some(a) => ((a * h).exp(), (a * h).exprel() * h),
            };
            let constant = form.rest.map(|c| c * reach);
            let through =
                |drive, (k, &port): (usize, &Sym)| sum(drive, form.coefs[n + k].map(|b| (port, b * reach)));
            plus(x, decay, ports.iter().enumerate().fold(constant, through))
        };
        return Ok(Ok(forms.iter().zip(x).map(one).collect()));
    }
    if n + m > MOST_COUPLED {
        return Ok(Err(Inexact::TooMany(n + m)));
    }
    // States, inputs and the constant 1 as one homogeneous system.
    let scaled = |x: Option<Sym>| x.map(|x| x * h);
    let mut system: Matrix = (forms.iter())
        .map(|form| form.coefs.iter().copied().chain([form.rest]).map(scaled).collect())
        .collect();
    system.resize(n + m + 1, vec![None; n + m + 1]);
    let magnitude = |row: &Vec<Option<Sym>>| row[..n].iter().flatten().map(|&x| largest(x)).sum::<f64>();
    let norm = system[..n].iter().map(magnitude).fold(0.0, f64::max) * growth;
    let power = matrix_exponential(&system, norm);
    let next = |i: usize| {
        let through = |drive, (k, &port): (usize, &Sym)| sum(drive, power[i][n + k].map(|b| (port, b)));
        let mut drive = ports.iter().enumerate().fold(power[i][n + m], through);
        for j in (0..n).filter(|&j| j != i) {
            drive = sum(drive, power[i][j].map(|p| (x[j], p)));
        }
        match power[i][i] {
            Some(decay) => plus(x[i], decay, drive),
            None => drive.unwrap_or_else(Sym::zero),
        }
    };
    Ok(Ok((0..n).map(next).collect()))
}

fn form_index(variables: &[Sym], x: Sym) -> usize {
    variables.iter().position(|&variable| variable == x).unwrap_or(0)
}

fn sum(total: Option<Sym>, product: Option<(Sym, Sym)>) -> Option<Sym> {
    match (total, product) {
        (total, None) => total,
        (None, Some((x, a))) => Some(x * a),
        (Some(total), Some((x, a))) => Some(x.mul_add(a, total)),
    }
}

fn plus(x: Sym, decay: Sym, drive: Option<Sym>) -> Sym {
    match drive {
        Some(drive) => x.mul_add(decay, drive),
        None => x * decay,
    }
}
