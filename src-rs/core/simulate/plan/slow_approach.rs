//! Finds neurons whose constant drive brings them to the threshold so slowly that the rounding of single precision would
//! change the time of arrival: the change per step is then not much larger than the rounding error of the potential.

use super::one_step::{OneStep, Stepper, groups, initial_states, of_group};
use lapicque_dynamics::Bound;
use rayon::prelude::*;
use std::ops::Range;

/// Currents that hold for some time.
#[derive(Clone, PartialEq)]
pub struct ConstantDrive {
    /// By port: one value for all neurons, or one per neuron.
    pub ports: Vec<Vec<f64>>,
}

/// The error of an interval that single precision may cause: a part of the interval, or steps if these are more.
const MOST_PART: f64 = 1e-4;
const MOST_STEPS: f64 = 1.0;

/// The rounding errors of one step, of result, product and coefficient, as a multiple of the potential.
const ROUNDING: f64 = 1.5 * f32::EPSILON as f64;

/// Comparisons in which the threshold is looked for.
const COMPARISONS: usize = 8;

/// Points at which the change per step is computed: on the way to the threshold, and around its minimum.
const POINTS: usize = 33;
const POINTS_NEAR: usize = 17;

/// Bisections towards a threshold: to a billionth of the way, or to a hundredth if only its length counts.
const BISECTIONS: usize = 30;
const FEW_BISECTIONS: usize = 7;

/// The programs of a step of the neurons.
pub struct Programs {
    /// In place of a spike, the differences of the comparisons that decide it.
    decisions: Option<OneStep<f64>>,
    single: OneStep<f32>,
}

/// The way of some neurons to the threshold, one value per neuron.
pub struct Approach {
    /// The state that the threshold is compared with.
    pub state: usize,
    pub from: Vec<f64>,
    /// The largest value without a spike; not finite for a neuron that has no threshold.
    pub to: Vec<f64>,
    /// All states at the start; those beside `state` are stationary.
    states: Vec<Vec<f64>>,
    ports: Vec<Vec<f64>>,
    /// The error per step that the other states add, which are stationary only up to their own rounding.
    carried: Vec<f64>,
}

impl Programs {
    pub fn new(bound: &Bound) -> Self {
        let decisions = bound.forward.decisions(COMPARISONS).map(OneStep::new);
        Programs { decisions, single: OneStep::new(bound.forward.clone()) }
    }

    /// Whether single precision would change the intervals of one of the neurons by more than the tolerance.
    pub fn lose_time(&self, bound: &Bound, derived: &[Vec<f64>], drives: &[ConstantDrive]) -> bool {
        let lists = derived.iter().chain(bound.states.iter().map(|state| &state.init));
        let lists = lists.chain(drives.iter().flat_map(|drive| drive.ports.iter()));
        let all: Vec<Range<usize>> = groups(lists).collect();
        all.into_par_iter().any(|neurons| {
            drives.iter().any(|drive| {
                let approaches =
                    (0..).map_while(|which| self.approach(bound, derived, &neurons, Some(drive), which));
                approaches.into_iter().any(|approach| self.loses_time(&approach, derived, &neurons))
            })
        })
    }

    /// The way of some neurons to the threshold, of the state that [`compared`] counts as `which`. `None` if there is none.
    pub fn approach(
        &self,
        bound: &Bound,
        derived: &[Vec<f64>],
        neurons: &Range<usize>,
        drive: Option<&ConstantDrive>,
        which: usize,
    ) -> Option<Approach> {
        let step = self.decisions.as_ref()?.of(derived, neurons);
        let n = neurons.len();
        let ports = drive.map_or(vec![], |drive| {
            drive.ports.iter().map(|values| of_group(values, neurons)).collect::<Vec<_>>()
        });
        let mut states = initial_states(bound, neurons);
        let (state, decision) = compared(&step, &states, &ports, which)?;
        let decision = states.len() + decision;
        // A neuron that starts at the threshold or above comes from its reset.
        let first = step.after(&states, &ports);
        for i in (0..n).filter(|&i| first[decision][i] >= 0.0) {
            states[state][i] = first[state][i];
        }
        relax(&step, &mut states, &ports, state);
        let carried = carried(&step, &states, &ports, state);
        let from = states[state].clone();
        let at = |x: Vec<f64>| {
            let mut moved = states.clone();
            moved[state] = x;
            step.after(&moved, &ports).swap_remove(decision)
        };
        let start = at(from.clone());
        let near = at(from.iter().map(|x| x + tiny(*x)).collect());
        let slopes: Vec<f64> = (0..n).map(|i| (near[i] - start[i]) / tiny(from[i])).collect();
        // Above the threshold, a neuron that is reset in the next step has a smaller difference again.
        let is_below = |i: usize, x: f64, difference: f64| {
            difference < 0.0 && difference >= start[i] + 0.25 * slopes[i] * (x - from[i])
        };
        let (mut low, mut high) = (from.clone(), vec![f64::INFINITY; n]);
        for k in -8..30 {
            let x: Vec<f64> = from.iter().map(|x| x + 4f64.powi(k)).collect();
            let differences = at(x.clone());
            for i in 0..n {
                if high[i].is_finite() {
                    continue;
                }
                let to = if is_below(i, x[i], differences[i]) { &mut low } else { &mut high };
                to[i] = x[i];
            }
        }
        for _ in 0..if drive.is_some() { BISECTIONS } else { FEW_BISECTIONS } {
            let x: Vec<f64> = low.iter().zip(&high).map(|(a, b)| 0.5 * (a + b.min(1e300))).collect();
            let differences = at(x.clone());
            for (i, &x) in x.iter().enumerate() {
                let to = if is_below(i, x, differences[i]) { &mut low } else { &mut high };
                to[i] = x;
            }
        }
        let has_threshold = |i: usize| start[i] < 0.0 && slopes[i] > 0.0 && high[i] < 1e299;
        // Rounded to single precision, the end of the way is still below the threshold.
        let margin = |i: usize| 4.0 * f64::from(f32::EPSILON) * low[i].abs().max(from[i].abs());
        let end = |i: usize| if has_threshold(i) { (low[i] - margin(i)).max(from[i]) } else { f64::NAN };
        let to = (0..n).map(end).collect();
        Some(Approach { state, from, to, states, ports, carried })
    }

    fn loses_time(&self, approach: &Approach, derived: &[Vec<f64>], neurons: &Range<usize>) -> bool {
        let Approach { state, from, to, states, ports, carried } = approach;
        let Some(double) = &self.decisions else { return false };
        let (double, single) = (double.of(derived, neurons), self.single.of(derived, neurons));
        let n = neurons.len();
        let at = |x: Vec<f64>| {
            let mut moved = states.clone();
            moved[*state] = x;
            // Both precisions start at the same numbers.
            moved.iter_mut().flatten().for_each(|x| *x = f64::from(*x as f32));
            let [exact, rounded] = [double.after(&moved, ports), single.after(&moved, ports)]
                .map(|mut outs| outs.swap_remove(*state));
            let x = &moved[*state];
            let point = |i: usize| Point {
                x: x[i],
                change: exact[i] - x[i],
                error: (rounded[i] - exact[i]).abs(),
                carried: carried[i],
            };
            (0..n).map(point).collect::<Vec<_>>()
        };
        // Most neurons do not come near the threshold without other input.
        if at(to.clone()).iter().all(|point| point.x.is_nan() || point.turns_back()) {
            return false;
        }
        let between = |low: &[f64], high: &[f64], points: usize| -> Vec<Vec<Point>> {
            let part = |k: usize| k as f64 / (points - 1) as f64;
            let x = |k: usize| (0..n).map(|i| low[i] + (high[i] - low[i]) * part(k)).collect();
            (0..points).map(|k| at(x(k))).collect()
        };
        let mut ways: Vec<Vec<Point>> = vec![vec![]; n];
        let add = |ways: &mut Vec<Vec<Point>>, columns: Vec<Vec<Point>>| {
            for column in columns {
                ways.iter_mut().zip(column).for_each(|(way, point)| way.push(point));
            }
            ways.iter_mut().for_each(|way| way.sort_by(|a, b| a.x.total_cmp(&b.x)));
        };
        add(&mut ways, between(from, to, POINTS));
        // A potential that bends, as of a quadratic neuron, is slowest before the threshold.
        for _ in 0..2 {
            let around = |way: &Vec<Point>| {
                let slowest = (0..way.len()).min_by(|&a, &b| way[a].change.total_cmp(&way[b].change))?;
                let inside = slowest + 1 < way.len();
                inside.then(|| [way[slowest.saturating_sub(1)].x, way[slowest + 1].x])
            };
            let ranges: Vec<Option<[f64; 2]>> = ways.iter().map(around).collect();
            if ranges.iter().all(Option::is_none) {
                break;
            }
            let [low, high] = [0, 1]
                .map(|end| (0..n).map(|i| ranges[i].map_or(to[i], |range| range[end])).collect::<Vec<_>>());
            add(&mut ways, between(&low, &high, POINTS_NEAR));
        }
        ways.iter().any(|way| way.iter().all(|point| point.x.is_finite()) && loses_time(way))
    }
}

/// A potential, its change per step, and the difference that single precision made there.
#[derive(Clone, Copy)]
struct Point {
    x: f64,
    change: f64,
    error: f64,
    carried: f64,
}

impl Point {
    /// A bound of the error of a step.
    fn rounding(&self) -> f64 {
        self.carried + self.error.max(ROUNDING * self.x.abs().max((self.x + self.change).abs()))
    }

    /// Whether the potential falls here, also with the rounding of single precision.
    fn turns_back(&self) -> bool {
        self.change < -self.rounding()
    }
}

/// Whether rounding changes the time of a way to the threshold: by the integral of `rounding / change^2`, in steps.
fn loses_time(way: &[Point]) -> bool {
    let stays = way.iter().any(Point::turns_back);
    let rests = way.iter().all(|point| point.change == 0.0 && point.error == 0.0);
    if stays || rests {
        return false;
    }
    if way.iter().any(|point| point.change <= point.rounding()) {
        return true;
    }
    let (mut steps, mut error) = (0.0, 0.0);
    for pair in way.windows(2) {
        let ([a, b], distance) = ([pair[0].change, pair[1].change], pair[1].x - pair[0].x);
        let relative = b / a - 1.0;
        // Exact for a change that is linear in the potential.
        steps += if relative.abs() < 1e-6 { distance / a } else { distance / (b - a) * libm::log(b / a) };
        error += pair[0].rounding().max(pair[1].rounding()) * distance / (a * b);
    }
    error > MOST_STEPS.max(MOST_PART * steps)
}

/// A distance for differences.
fn tiny(x: f64) -> f64 {
    1e-6 * x.abs().max(1.0)
}

/// The state that a decision compares with a threshold, and the number of that decision: the difference moves as the state
/// does. Of several thresholds, the one that is reached first. A current that enters the potential of the same step, or the
/// parts of a sum, move the difference as well: `which` counts them, the one that is kept longest first. Judged by the first
/// neuron, which must be below the threshold.
fn compared(
    step: &Stepper<f64>,
    states: &[Vec<f64>],
    ports: &[Vec<f64>],
    which: usize,
) -> Option<(usize, usize)> {
    let base = step.after(states, ports);
    let moved: Vec<Vec<f64>> = (0..states.len())
        .map(|state| {
            let mut moved = states.to_vec();
            let by = tiny(moved[state][0]);
            moved[state].iter_mut().for_each(|x| *x += by);
            let after = step.after(&moved, ports);
            after.iter().zip(&base).map(|(after, base)| (after[0] - base[0]) / by).collect()
        })
        .collect();
    let decisions = 0..base.len() - states.len();
    let follows = |state: usize, decision: usize| {
        let [own, difference] = [moved[state][state], moved[state][states.len() + decision]];
        own > 0.1 && (difference - own).abs() <= 0.1 * own
    };
    let pairs = decisions.flat_map(|decision| (0..states.len()).map(move |state| (state, decision)));
    let ahead = |&(_, decision): &(usize, usize)| base[states.len() + decision][0];
    let own = |&(state, _): &(usize, usize)| moved[state][state];
    let mut compared: Vec<_> = pairs.filter(|pair| follows(pair.0, pair.1) && ahead(pair) < 0.0).collect();
    compared.sort_by(|a, b| ahead(b).total_cmp(&ahead(a)).then(own(b).total_cmp(&own(a))));
    compared.get(which).filter(|pair| ahead(pair) >= ahead(&compared[0])).copied()
}

/// Moves all states except one to where they are stationary, one after the other; a state that keeps its value stays.
fn relax(step: &Stepper<f64>, states: &mut [Vec<f64>], ports: &[Vec<f64>], except: usize) {
    for _ in 0..3 {
        for state in (0..states.len()).filter(|&state| state != except) {
            let before = step.after(states, ports);
            let own = states[state].clone();
            states[state].iter_mut().for_each(|x| *x += tiny(*x));
            let moved = step.after(states, ports);
            for i in 0..own.len() {
                let left = (moved[state][i] - before[state][i]) / (states[state][i] - own[i]);
                let to = own[i] + (before[state][i] - own[i]) / (1.0 - left);
                let is_stable = (-1.0..0.999_999_9).contains(&left) && to.is_finite();
                states[state][i] = if is_stable { to } else { own[i] };
            }
        }
    }
}

/// The change of state `of` per step that the rounding of the other, stationary states causes: each is off by up to the
/// rounding of a step over what it loses per step.
fn carried(step: &Stepper<f64>, states: &[Vec<f64>], ports: &[Vec<f64>], of: usize) -> Vec<f64> {
    let base = step.after(states, ports);
    let mut sums = vec![0.0; states[of].len()];
    for state in (0..states.len()).filter(|&state| state != of) {
        let mut moved = states.to_vec();
        moved[state].iter_mut().for_each(|x| *x += tiny(*x));
        let after = step.after(&moved, ports);
        for (i, sum) in sums.iter_mut().enumerate() {
            let x = states[state][i];
            let [left, effect] = [state, of].map(|k| (after[k][i] - base[k][i]) / tiny(x));
            let error = effect.abs() * ROUNDING * x.abs() / (1.0 - left);
            *sum += if left < 0.999_999_9 && error.is_finite() { error } else { 0.0 };
        }
    }
    sums
}
