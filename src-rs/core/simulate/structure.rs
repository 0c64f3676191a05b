//! Connections whose synapses come and go: neurons grow axonal and dendritic elements as their calcium says,
//! which find one another now and then; a neuron with fewer elements than synapses loses some.

use super::construction::stream;
use super::description::{GrowthSpec, StructuralSpec};
use super::learning::{learning, u32_of};
use super::partition::Partition;
use super::plan::Connection;
use super::precision::Precision;
use super::simulation::{Simulation, lock};
use super::state::StructureState;
use lapicque_base::at_level::{Work, at_level};
use lapicque_base::error::{Error, Result};
use lapicque_base::rng::Rng;
use lapicque_base::simd::SimdLevel;
use lapicque_expr::Lane;
use std::collections::HashSet;

/// How elements grow with calcium, in elements per step.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Curve {
    Linear { rate: f64, epsilon: f64 },
    Gaussian { rate: f64, centre: f64, width: f64 },
}

/// How the synapses of a connection come and go.
#[derive(Debug, Clone, PartialEq)]
pub struct Structural {
    /// Of axons and of dendrites.
    curves: [Curve; 2],
    /// Steps between two changes.
    pub interval: u64,
    /// What is left of calcium after a step, its mean over the step, and what a spike adds.
    left: f64,
    mean: f64,
    beta: f64,
    vacant_decay: f64,
    /// Elements of a neuron at the most.
    pub most: u32,
    weight: f64,
}

impl Structural {
    /// Errors: `invalid-parameter` for numbers out of range and drawn weights or delays.
    pub fn new(name: &str, spec: &StructuralSpec, connection: &Connection, dt: f64) -> Result<Structural> {
        let at = |what: &str| format!("{name}.structural.{what}");
        let positive = |what: &str, value: f64| match value.is_finite() && value > 0.0 {
            true => Ok(value),
            false => Err(Error::invalid(at(what), value, "a number above 0")),
        };
        let curve = |side: &str, spec: &GrowthSpec| {
            let rate = |rate: f64| match rate.is_finite() {
                true => Ok(rate * dt),
                false => Err(Error::invalid(at(&format!("{side}.rate")), rate, "elements per ms")),
            };
            match *spec {
                GrowthSpec::Linear { rate: given, epsilon } => Ok(Curve::Linear {
                    rate: rate(given)?,
                    epsilon: positive(&format!("{side}.epsilon"), epsilon)?,
                }),
                GrowthSpec::Gaussian { rate: given, eta, epsilon } => {
                    if !(eta.is_finite() && epsilon.is_finite() && eta < epsilon) {
                        let expected = format!("a number above eta, {eta}");
                        return Err(Error::invalid(at(&format!("{side}.epsilon")), epsilon, expected));
                    }
                    Ok(Curve::Gaussian {
                        rate: rate(given)?,
                        centre: 0.5 * (eta + epsilon),
                        width: (epsilon - eta) / (2.0 * std::f64::consts::LN_2.sqrt()),
                    })
                }
            }
        };
        let steps = positive("interval", spec.interval)? / dt;
        if !(0.5..1e15).contains(&steps) || (steps - steps.round()).abs() > 1e-6 {
            let expected = format!("a whole number of steps of {dt} ms");
            return Err(Error::invalid(at("interval"), spec.interval, expected));
        }
        if !(0.0..=1.0).contains(&spec.vacant_decay) {
            return Err(Error::invalid(at("vacantDecay"), spec.vacant_decay, "a number from 0 to 1"));
        }
        if !(1..=1 << 20).contains(&spec.most) {
            return Err(Error::invalid(at("most"), spec.most, "1 to 2^20 elements"));
        }
        let [shortest, longest] = connection.delays.bounds();
        let Some(weight) = connection.weight.constant().filter(|_| shortest == longest) else {
            let expected = "one weight and one delay for all synapses, also those to come";
            return Err(Error::invalid(at("interval"), "drawn ones", expected));
        };
        let tau = positive("tauCalcium", spec.tau_calcium)?;
        let left = lapicque_expr::functions::double::exp(-dt / tau);
        Ok(Structural {
            curves: [curve("axonal", &spec.axonal)?, curve("dendritic", &spec.dendritic)?],
            interval: steps.round() as u64,
            left,
            mean: (1.0 - left) * tau / dt,
            beta: positive("betaCalcium", spec.beta_calcium)?,
            vacant_decay: spec.vacant_decay,
            most: spec.most,
            weight,
        })
    }
}

/// The elements of one side of a connection in a partition.
#[derive(Debug, Clone)]
pub struct Elements {
    /// The population's place among the parts.
    pub population: usize,
    pub calcium: Vec<f64>,
    pub elements: Vec<f64>,
}

/// Axonal and dendritic elements of a connection.
#[derive(Debug, Clone)]
pub struct Growing {
    pub connection: usize,
    pub sides: [Elements; 2],
}

struct Grow<'a>(&'a Structural, Curve, &'a mut Elements);

impl Work for Grow<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Grow(s, curve, side) = self;
        let (most, lanes) = (f64::from(s.most), side.calcium.iter_mut().zip(&mut side.elements));
        match curve {
            Curve::Linear { rate, epsilon } => {
                let per = s.mean / epsilon;
                for (calcium, z) in lanes {
                    *z = (*z + rate * (1.0 - *calcium * per)).max(0.0).min(most);
                    *calcium *= s.left;
                }
            }
            Curve::Gaussian { rate, centre, width } => {
                let per = 1.0 / width;
                for (calcium, z) in lanes {
                    let x = (*calcium * s.mean - centre) * per;
                    let grown = rate * (2.0 * Lane::exp(-(x * x)) - 1.0);
                    *z = (*z + grown).max(0.0).min(most);
                    *calcium *= s.left;
                }
            }
        }
    }
}

impl Growing {
    /// One step; `fired` are the lanes of a population that spike at its end.
    pub fn advance(
        &mut self,
        s: &Structural,
        level: SimdLevel,
        fired: impl Fn(usize, &mut dyn FnMut(usize)),
    ) {
        for (side, &curve) in self.sides.iter_mut().zip(&s.curves) {
            at_level(level, Grow(s, curve, side));
            let Elements { population, calcium, .. } = side;
            fired(*population, &mut |lane| calcium[lane] += s.beta);
        }
    }
}

/// Which synapses stay, and which come: `synapses` as `(source, target)` in an order that does not depend on
/// partitions, the elements of axons and dendrites, `draw(n)` a number below `n`.
fn changes(
    synapses: &[(u32, u32)],
    elements: [&[f64]; 2],
    allowed: impl Fn(u32, u32) -> bool,
    multapses: bool,
    mut draw: impl FnMut(usize) -> usize,
) -> (Vec<bool>, Vec<(u32, u32)>) {
    let mut stays = vec![true; synapses.len()];
    let end = |side: usize, (source, target): (u32, u32)| if side == 0 { source } else { target } as usize;
    for (side, z) in elements.iter().enumerate() {
        let mut own: Vec<Vec<usize>> = vec![vec![]; z.len()];
        (0..synapses.len()).filter(|&i| stays[i]).for_each(|i| own[end(side, synapses[i])].push(i));
        for (own, z) in own.iter_mut().zip(*z) {
            while own.len() > z.floor() as usize {
                stays[own.swap_remove(draw(own.len()))] = false;
            }
        }
    }
    let mut vacant: [Vec<u32>; 2] = Default::default();
    for (side, z) in elements.iter().enumerate() {
        let mut connected = vec![0; z.len()];
        (0..synapses.len()).filter(|&i| stays[i]).for_each(|i| connected[end(side, synapses[i])] += 1);
        for (n, (z, connected)) in z.iter().zip(connected).enumerate() {
            vacant[side]
                .extend(std::iter::repeat_n(n as u32, (z.floor() as usize).saturating_sub(connected)));
        }
        for i in (1..vacant[side].len()).rev() {
            vacant[side].swap(i, draw(i + 1));
        }
    }
    let mut known: HashSet<(u32, u32)> = HashSet::new();
    if !multapses {
        known.extend((0..synapses.len()).filter(|&i| stays[i]).map(|i| synapses[i]));
    }
    let pairs = vacant[0].iter().copied().zip(vacant[1].iter().copied());
    let new = pairs.filter(|&(s, t)| allowed(s, t) && (multapses || known.insert((s, t)))).collect();
    (stays, new)
}

/// A synapse where it lies: target and source, counted in the connection, partition and place there.
type Placed = (u32, u32, usize, usize);

impl<F: Precision> Simulation<F> {
    /// The first step after `step` at which something changes between two steps.
    pub(super) fn next_change(&self, step: u64) -> u64 {
        let intervals =
            self.plan.connections.iter().filter_map(|c| c.structural.as_ref()).map(|s| s.interval);
        let moving = self.plan.populations.iter().filter_map(|p| p.intrinsic.as_ref()).map(|of| of.interval);
        intervals.chain(moving).map(|interval| (step / interval + 1) * interval).min().unwrap_or(u64::MAX)
    }

    /// What is due at step `now`.
    pub(super) fn restructure(&self, now: u64) {
        for (i, c) in self.plan.connections.iter().enumerate() {
            let Some(structural) = &c.structural else { continue };
            if !now.is_multiple_of(structural.interval) {
                continue;
            }
            let mut partitions: Vec<_> = self.partitions.iter().map(lock).collect();
            let partitions: Vec<&mut Partition<F>> = partitions.iter_mut().map(|p| &mut **p).collect();
            change(self.seed, &self.in_flight, now, i, c, structural, partitions);
        }
    }

    /// Calcium and elements of both sides of a connection, `[axonal, dendritic]`, by neuron of the connection.
    ///
    /// # Errors
    /// `invalid-parameter` for a connection whose synapses stay.
    pub fn elements_of(&self, connection: usize) -> Result<[[Vec<f64>; 2]; 2]> {
        let c = self.plan.connections.get(connection).filter(|c| c.structural.is_some());
        let Some(c) = c else {
            return Err(Error::invalid("connection", connection, "one with structural plasticity"));
        };
        let partitions: Vec<_> = self.partitions.iter().map(lock).collect();
        Ok([0, 1].map(|side| elements(c, connection, side, partitions.iter().map(|p| &**p))))
    }
}

/// Neurons of a side that take part: the first of them in its population, and how many.
fn taking_part(plan_first: usize, c: &Connection, side: usize) -> (usize, usize) {
    match side {
        0 => (c.sources.start - plan_first, c.sources.len()),
        _ => (c.wiring.first_target as usize, c.wiring.ends.targets),
    }
}

fn growing<F: Precision>(partition: &Partition<F>, connection: usize) -> Option<&Growing> {
    partition.growing.iter().find(|growing| growing.connection == connection)
}

/// Calcium and elements of a side, by neuron of the connection.
pub(super) fn elements<'a, F: Precision>(
    c: &Connection,
    connection: usize,
    side: usize,
    partitions: impl Iterator<Item = &'a Partition<F>>,
) -> [Vec<f64>; 2] {
    let (first, count) = taking_part(c.source_first, c, side);
    let mut all = [vec![0.0; count], vec![0.0; count]];
    for partition in partitions {
        let Some(growing) = growing(partition, connection) else { continue };
        let own = &growing.sides[side];
        for lane in 0..own.calcium.len() {
            let neuron = partition.parts[own.population].neuron(lane, partition.stride);
            if let Some(n) = neuron.checked_sub(first).filter(|&n| n < count) {
                (all[0][n], all[1][n]) = (own.calcium[lane], own.elements[lane]);
            }
        }
    }
    all
}

/// Sets what [`elements`] gives.
fn set_elements<F: Precision>(
    c: &Connection,
    connection: usize,
    side: usize,
    partitions: &mut [&mut Partition<F>],
    values: [&[f64]; 2],
) {
    let (first, count) = taking_part(c.source_first, c, side);
    for partition in partitions {
        let stride = partition.stride;
        let Some(growing) = partition.growing.iter_mut().find(|growing| growing.connection == connection)
        else {
            continue;
        };
        let own = &mut growing.sides[side];
        let part = &partition.parts[own.population];
        for lane in 0..own.calcium.len() {
            if let Some(n) = part.neuron(lane, stride).checked_sub(first).filter(|&n| n < count) {
                (own.calcium[lane], own.elements[lane]) = (values[0][n], values[1][n]);
            }
        }
    }
}

/// All synapses of a connection by target, source and age.
fn placed<F: Precision>(connection: usize, c: &Connection, partitions: &[&mut Partition<F>]) -> Vec<Placed> {
    let mut all = Vec::new();
    for (p, partition) in partitions.iter().enumerate() {
        let Some(plastic) = partition.learning(connection) else { continue };
        learning!(plastic, plastic => for segment in &plastic.segments {
            for i in segment.start as usize..(segment.start + segment.count) as usize {
                let neuron = partition.neuron(plastic, u32_of(plastic.targets[i]) as usize);
                let target = neuron - c.wiring.first_target as usize;
                all.push((target as u32, segment.source, p, i));
            }
        });
    }
    // Those of one pair lie in one partition, the older first.
    all.sort_unstable();
    all
}

/// Gives the connection other synapses: those of `kept` that are to stay, and new ones `(source, target)`, born at the end of
/// step `now` unless their variables are to be set.
fn rebuild<F: Precision>(
    connection: usize,
    c: &Connection,
    weight: f64,
    partitions: &mut [&mut Partition<F>],
    kept: &[Placed],
    (new, now): (&[(u32, u32)], Option<u64>),
) {
    for (p, partition) in partitions.iter_mut().enumerate() {
        let (block, stride) = {
            let part = &partition.parts[c.population];
            (part.block, partition.stride)
        };
        let Some(k) = partition.learning_at(connection) else { continue };
        let part = &partition.parts[c.population];
        // By source: where a synapse lies, or the lane to which a new one leads.
        let mut rows: Vec<Vec<(u32, Option<usize>)>> = vec![vec![]; c.sources.len()];
        for &(target, source, _, i) in kept.iter().filter(|placed| placed.2 == p) {
            let neuron = target as usize + c.wiring.first_target as usize;
            rows[source as usize].push((part.lane(neuron, stride) as u32, Some(i)));
        }
        for &(source, target) in new {
            let neuron = target as usize + c.wiring.first_target as usize;
            let ahead = (neuron / super::numbering::BLOCK).checked_sub(block);
            if ahead.is_some_and(|ahead| ahead.is_multiple_of(stride)) {
                rows[source as usize].push((part.lane(neuron, stride) as u32, None));
            }
        }
        partition.plastic[k].rebuild(&rows, weight, now);
    }
}

fn change<F: Precision>(
    seed: u64,
    in_flight: &[(u64, u32)],
    now: u64,
    connection: usize,
    c: &Connection,
    structural: &Structural,
    mut partitions: Vec<&mut Partition<F>>,
) {
    for partition in &mut partitions {
        let own = partition.plastic.iter_mut().filter(|plastic| plastic.connection() == connection);
        own.for_each(|plastic| plastic.bring(now));
    }
    let sides = [0, 1].map(|side| elements(c, connection, side, partitions.iter().map(|p| &**p)));
    let synapses = placed(connection, c, &partitions);
    let pairs: Vec<(u32, u32)> = synapses.iter().map(|&(target, source, ..)| (source, target)).collect();
    let rng = Rng::new(seed, stream::STRUCTURE | connection as u64);
    let mut number = (now / structural.interval) << 32;
    let draw = |n: usize| {
        number += 1;
        ((u128::from(rng.u64_at(number)) * n as u128) >> 64) as usize
    };
    let allowed =
        |source: u32, target: u32| c.wiring.ends.own_target(source as usize) != Some(target as usize);
    let z = [&sides[0][1][..], &sides[1][1][..]];
    let (stays, new) = changes(&pairs, z, allowed, c.wiring.multapses, draw);
    let kept: Vec<Placed> =
        synapses.into_iter().zip(&stays).filter(|(_, stays)| **stays).map(|(s, _)| s).collect();
    // Whole elements without a partner decay; one that is still growing has had no chance of one.
    for (side, [calcium, elements]) in sides.iter().enumerate() {
        let mut z = elements.clone();
        let mut connected = vec![0.0f64; z.len()];
        let end = |source: u32, target: u32| if side == 0 { source } else { target } as usize;
        kept.iter().for_each(|&(target, source, ..)| connected[end(source, target)] += 1.0);
        new.iter().for_each(|&(source, target)| connected[end(source, target)] += 1.0);
        for (z, connected) in z.iter_mut().zip(connected) {
            *z -= structural.vacant_decay * (z.floor() - connected).max(0.0);
        }
        set_elements(c, connection, side, &mut partitions, [calcium, &z]);
    }
    let weight =
        c.synapse.as_ref().map_or(structural.weight, |of| of.rule.clipped(of.sign * structural.weight));
    rebuild(connection, c, weight, &mut partitions, &kept, (&new, Some(now)));
    for partition in &mut partitions {
        let own = partition.plastic.iter_mut().filter(|plastic| plastic.connection() == connection);
        own.for_each(|plastic| plastic.reschedule(in_flight, now));
    }
}

/// The elements with which a connection starts in a partition: as many as there are synapses.
pub fn start<F: Precision>(connection: usize, c: &Connection, partitions: &mut [Partition<F>]) {
    let mut partitions: Vec<&mut Partition<F>> = partitions.iter_mut().collect();
    let (source, target) = (c.source_population, c.population);
    for partition in &mut partitions {
        let side = |population: usize| {
            let lanes = partition.parts[population].lanes;
            Elements { population, calcium: vec![0.0; lanes], elements: vec![0.0; lanes] }
        };
        let sides = [side(source), side(target)];
        partition.growing.push(Growing { connection, sides });
    }
    let synapses = placed(connection, c, &partitions);
    for side in 0..2 {
        let mut z = vec![0.0; taking_part(c.source_first, c, side).1];
        synapses
            .iter()
            .for_each(|&(target, source, ..)| z[if side == 0 { source } else { target } as usize] += 1.0);
        let calcium = vec![0.0; z.len()];
        set_elements(c, connection, side, &mut partitions, [&calcium, &z]);
    }
}

/// What is kept of a connection's structure.
pub fn save<'a, F: Precision>(
    connection: usize,
    c: &Connection,
    partitions: impl Iterator<Item = &'a Partition<F>> + Clone,
) -> StructureState {
    let mut pairs = Vec::new();
    for partition in partitions.clone() {
        let Some(plastic) = partition.learning(connection) else { continue };
        learning!(plastic, plastic => for segment in &plastic.segments {
            for &lane in &plastic.targets[segment.start as usize..][..segment.count as usize] {
                let neuron = partition.neuron(plastic, u32_of(lane) as usize);
                pairs.push((neuron as u32 - c.wiring.first_target, segment.source));
            }
        });
    }
    pairs.sort_unstable();
    let (targets, sources) = pairs.into_iter().unzip();
    let [[axonal_calcium, axonal], [dendritic_calcium, dendritic]] =
        [0, 1].map(|side| elements(c, connection, side, partitions.clone()));
    StructureState { sources, targets, axonal_calcium, axonal, dendritic_calcium, dendritic }
}

/// Errors: `shape-mismatch` for the structure of another network.
pub fn check(connection: usize, c: &Connection, state: Option<&StructureState>) -> Result<()> {
    let wrong = |expected: &str| {
        let layer = format!("state.plastic[{connection}].structure");
        Err(Error::ShapeMismatch { layer, expected: expected.into(), got: "another".into() })
    };
    let (Some(structural), Some(state)) = (&c.structural, state) else {
        return match (&c.structural, state) {
            (None, None) => Ok(()),
            _ => wrong("a structure where synapses come and go, and only there"),
        };
    };
    let [sources, targets] = [0, 1].map(|side| taking_part(c.source_first, c, side).1);
    let below = |values: &[u32], n: usize| values.iter().all(|&x| (x as usize) < n);
    let numbers = |values: &[f64], n: usize, most: f64| {
        values.len() == n && values.iter().all(|x| x.is_finite() && (0.0..=most).contains(x))
    };
    let most = f64::from(structural.most);
    let fits = state.sources.len() == state.targets.len()
        && below(&state.sources, sources)
        && below(&state.targets, targets)
        && state.targets.is_sorted()
        && numbers(&state.axonal, sources, most)
        && numbers(&state.dendritic, targets, most)
        && numbers(&state.axonal_calcium, sources, f64::MAX)
        && numbers(&state.dendritic_calcium, targets, f64::MAX);
    if fits { Ok(()) } else { wrong("synapses, elements and calcium of this connection") }
}

/// Gives a connection the structure of a state that has been checked.
pub fn restore<F: Precision>(
    connection: usize,
    c: &Connection,
    state: &StructureState,
    mut partitions: Vec<&mut Partition<F>>,
) {
    let pairs: Vec<(u32, u32)> = state.sources.iter().copied().zip(state.targets.iter().copied()).collect();
    rebuild(connection, c, 0.0, &mut partitions, &[], (&pairs, None));
    set_elements(c, connection, 0, &mut partitions, [&state.axonal_calcium, &state.axonal]);
    set_elements(c, connection, 1, &mut partitions, [&state.dendritic_calcium, &state.dendritic]);
}
