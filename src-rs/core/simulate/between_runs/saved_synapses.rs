//! The state of plastic connections, in an order that does not depend on partitions: saved, checked and restored.

use super::saved_structure;
use super::state::{PlasticState, SimulationState, SourceState, TargetState};
use crate::partitions::partition::Partition;
use crate::partitions::synapses::order;
use crate::plan::network::Plan;
use crate::plasticity::learning::learning;
use crate::representation::precision::Precision;
use lapicque_base::error::{Error, Result};
use lapicque_base::real::Real;
use lapicque_plasticity::Side;
use std::collections::{BTreeMap, HashMap};
use std::ops::{Deref, DerefMut};

pub fn save<F: Precision, P: Deref<Target = Partition<F>>>(
    plan: &Plan,
    partitions: &[P],
    now: u64,
) -> Vec<PlasticState> {
    let plastic = plan.connections.iter().enumerate().filter_map(|(i, c)| Some((i, c, c.synapse.as_ref()?)));
    plastic
        .map(|(connection, c, synapse)| {
            let (positions, total) = order(plan, connection, partitions);
            let names = synapse.rule.variables.iter().map(|v| (v.name.to_string(), vec![0.0; total]));
            let mut variables: Vec<(String, Vec<f64>)> = names.collect();
            let mut sources = BTreeMap::new();
            let mut targets = vec![TargetState::default(); plan.populations[c.population].size];
            let mut doses = vec![];
            let size = targets.len();
            let (mut watched, mut events) = (vec![], vec![]);
            for (partition, positions) in partitions.iter().zip(&positions) {
                let Some(plastic) = partition.learning(connection) else { continue };
                learning!(plastic, plastic => {
                for ((_, values), from) in variables.iter_mut().zip(&plastic.variables) {
                    positions.iter().zip(from).for_each(|(&position, x)| values[position] = x.to_f64());
                }
                // Every partition stores all modulator spikes.
                doses.clone_from(&plastic.modulator_spikes);
                let width = plastic.width();
                for (i, s) in plastic.segments.iter().enumerate() {
                    let traces = plastic.traces[i * width..][..width].iter().map(|x| x.to_f64()).collect();
                    let state =
                        SourceState { source: s.source, delay: s.delay, last: s.last, done: s.done, traces };
                    sources.insert((s.source, s.delay), state);
                }
                for neuron_slot in 0..plastic.history.neuron_slots() {
                    if let Some(target) = targets.get_mut(partition.neuron(plastic, neuron_slot)) {
                        let (steps, found) = plastic.history.spikes(neuron_slot, now);
                        *target = TargetState { steps, found };
                    }
                }
                let Some(watch) = &plastic.watch else { continue };
                watched.resize(watch.rows(), vec![0.0; size]);
                events.resize(size, TargetState::default());
                let rows = watch.save(now);
                for neuron_slot in 0..watch.neuron_slots() {
                    let neuron = partition.neuron(plastic, neuron_slot);
                    if neuron < size {
                        watched.iter_mut().zip(&rows).for_each(|(to, row)| to[neuron] = row[neuron_slot]);
                        let (steps, found) = watch.events_of(neuron_slot, now);
                        events[neuron] = TargetState { steps, found };
                    }
                }
                });
            }
            let sources = sources.into_values().collect();
            let own = partitions.iter().map(|partition| &**partition);
            let structure = c.structural.as_ref().map(|_| saved_structure::save(connection, c, own));
            PlasticState { connection, variables, sources, targets, doses, watched, events, structure }
        })
        .collect()
}

/// Errors: `shape-mismatch` for the state of another network, `invalid-parameter` for impossible times;
/// nothing is then changed.
pub fn restore<F: Precision, P: DerefMut<Target = Partition<F>>>(
    plan: &Plan,
    partitions: &mut [P],
    state: &SimulationState,
) -> Result<()> {
    let plastic: Vec<usize> =
        (0..plan.connections.len()).filter(|&i| plan.connections[i].synapse.is_some()).collect();
    let given: Vec<usize> = state.plastic.iter().map(|from| from.connection).collect();
    if plastic != given {
        return Err(mismatch("state.plastic", format!("{plastic:?}"), format!("{given:?}")));
    }
    let mut sources = Vec::new();
    for from in &state.plastic {
        saved_structure::check(from.connection, &plan.connections[from.connection], from.structure.as_ref())?;
        let total = match &from.structure {
            Some(structure) => structure.sources.len(),
            None => order(plan, from.connection, partitions).1,
        };
        check(plan, from, total, state.step)?;
        let saved_sources: HashMap<(u32, u32), &SourceState> =
            from.sources.iter().map(|source| ((source.source, source.delay), source)).collect();
        for plastic in partitions.iter().filter_map(|partition| partition.learning(from.connection)) {
            learning!(plastic, plastic => {
            let [rows, columns] = plastic.watch.as_ref().map_or([0, 0], |w| [w.rows(), w.columns()]);
            let size = plan.populations[plan.connections[from.connection].population].size;
            let whole = |x: &TargetState| {
                let ascends = x.steps.is_sorted_by(|a, b| a < b);
                x.found.len() == x.steps.len() * columns
                    && ascends
                    && x.steps.iter().all(|&step| step <= state.step)
            };
            let fits = from.watched.len() == rows
                && from.events.len() == if rows > 0 { size } else { 0 }
                && from.watched.iter().all(|row| row.len() == size && row.iter().all(|x| x.is_finite()))
                && from.events.iter().all(whole);
            if !fits {
                let at = format!("state.plastic[{}].watched", from.connection);
                let expected =
                    format!("{rows} rows of {size} finite numbers, and ascending events of {columns}");
                return Err(mismatch(&at, expected, format!("{} rows", from.watched.len())));
            }
            if let Some(s) = plastic.segments.iter().find(|s| !saved_sources.contains_key(&(s.source, s.delay))) {
                let at = format!("state.plastic[{}].sources", from.connection);
                let expected = format!("source {} with a delay of {} steps", s.source, s.delay);
                return Err(mismatch(&at, expected, "none".into()));
            }
            });
        }
        sources.push((from, saved_sources));
    }
    for (from, saved_sources) in sources {
        if let Some(structure) = &from.structure {
            let own = partitions.iter_mut().map(|partition| &mut **partition).collect();
            saved_structure::restore(from.connection, &plan.connections[from.connection], structure, own);
        }
        let (positions, _) = order(plan, from.connection, partitions);
        for (partition, positions) in partitions.iter_mut().zip(&positions) {
            let partition: &mut Partition<F> = partition;
            let Some(i) = partition.learning_at(from.connection) else { continue };
            let neurons: Vec<usize> = partition.neuron_slots_of(&partition.plastic[i]).collect();
            learning!(&mut partition.plastic[i], plastic => {
            plastic.modulator_spikes.clone_from(&from.doses);
            plastic.received = state.step;
            plastic.history.clear(state.step);
            for ((_, values), to) in from.variables.iter().zip(&mut plastic.variables) {
                positions.iter().zip(to).for_each(|(&position, x)| *x = Real::from_f64(values[position]));
            }
            let width = plastic.width();
            for (k, segment) in plastic.segments.iter_mut().enumerate() {
                let Some(source) = saved_sources.get(&(segment.source, segment.delay)) else { continue };
                (segment.last, segment.done) = (source.last, source.done);
                let traces = &mut plastic.traces[k * width..][..width];
                traces.iter_mut().zip(&source.traces).for_each(|(x, &value)| *x = Real::from_f64(value));
            }
            for (neuron_slot, &neuron) in neurons.iter().enumerate() {
                if let Some(target) = from.targets.get(neuron) {
                    plastic.history.set(neuron_slot, &target.steps, &target.found, state.step);
                }
            }
            plastic.history.sort_pending();
            let Some(watch) = &mut plastic.watch else { continue };
            watch.events.clear(state.step);
            let last = from.events.len().saturating_sub(1);
            watch.restore(state.step, |row, neuron_slot| from.watched[row][neurons[neuron_slot].min(last)]);
            for (neuron_slot, &neuron) in neurons.iter().enumerate() {
                if let Some(target) = from.events.get(neuron) {
                    watch.events.set(neuron_slot, &target.steps, &target.found);
                }
            }
            });
        }
    }
    Ok(())
}

fn mismatch(layer: &str, expected: String, got: String) -> Error {
    Error::ShapeMismatch { layer: layer.into(), expected, got }
}

fn check(plan: &Plan, from: &PlasticState, total: usize, now: u64) -> Result<()> {
    let c = &plan.connections[from.connection];
    let Some(synapse) = &c.synapse else { return Ok(()) };
    let at = |what: &str| format!("state.plastic[{}].{what}", from.connection);
    let expected: Vec<&str> = synapse.rule.variables.iter().map(|variable| variable.name).collect();
    let given: Vec<&str> = from.variables.iter().map(|(name, _)| name.as_str()).collect();
    if expected != given {
        return Err(mismatch(&at("variables"), format!("{expected:?}"), format!("{given:?}")));
    }
    for (name, values) in &from.variables {
        if values.len() != total {
            return Err(mismatch(&at(name), format!("[{total}]"), format!("[{}]", values.len())));
        }
        if let Some(i) = values.iter().position(|x| !x.is_finite()) {
            return Err(Error::invalid(at(&format!("{name}[{i}]")), values[i], "a finite number"));
        }
    }
    if let (Some(bounds), Some((_, weights))) = (synapse.rule.bounds, from.variables.first())
        && let Some(i) = weights.iter().position(|&w| !synapse.rule.holds(w))
    {
        let expected = format!("a weight from {} to {}, the bounds of the rule", bounds[0], bounds[1]);
        return Err(Error::invalid(at(&format!("w[{i}]")), weights[i], expected));
    }
    let size = plan.populations[c.population].size;
    if from.targets.len() != size {
        return Err(mismatch(&at("targets"), format!("[{size}]"), format!("[{}]", from.targets.len())));
    }
    let [pre, post] = [Side::Pre, Side::Post].map(|side| synapse.rule.side(side).count());
    for (i, source) in from.sources.iter().enumerate() {
        let late = source.done > now || source.last.is_some_and(|last| last > source.done);
        if source.traces.len() != pre || late {
            let expected = format!("{pre} traces, and times up to step {now}");
            let SourceState { last, done, traces, .. } = source;
            let last = last.map_or("no spike".into(), |last| format!("a spike at step {last}"));
            let got = format!("{last}, all seen to up to step {done}, and {} traces", traces.len());
            return Err(Error::invalid(at(&format!("sources[{i}]")), got, expected));
        }
    }
    if !from.doses.is_sorted() || from.doses.last().is_some_and(|&dose| dose > now) {
        let expected = format!("ascending steps up to {now}");
        return Err(Error::invalid(at("doses"), format!("{:?}", from.doses), expected));
    }
    for (i, target) in from.targets.iter().enumerate() {
        let ascending = target.steps.windows(2).all(|w| w[0] < w[1]);
        let past = target.steps.iter().all(|&step| step <= now && now - step < 1 << 31);
        if !ascending || !past || target.found.len() != target.steps.len() * post {
            let expected = format!("ascending steps up to {now}, each with {post} traces");
            return Err(Error::invalid(at(&format!("targets[{i}]")), "others", expected));
        }
    }
    Ok(())
}
