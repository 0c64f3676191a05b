//! The state of a simulation, saved, checked and restored.

use super::saved_cells::CELLS;
use super::saved_synapses;
use super::state::{PopulationState, SimulationState};
use crate::construction::simulation::{Simulation, lock};
use crate::plan::in_range::check_representable;
use crate::representation::precision::Precision;
use crate::representation::spike::Spike;
use lapicque_base::error::{Error, Result};
use std::collections::HashSet;

impl<F: Precision> Simulation<F> {
    #[inline(never)]
    pub fn save(&self) -> SimulationState {
        let populations = self.plan.populations.iter().enumerate().map(|(i, population)| {
            let mut states: Vec<(String, Vec<f64>)> = population
                .bound
                .states
                .iter()
                .map(|s| (s.name.to_string(), vec![0.0; population.size]))
                .collect();
            for partition in &self.partitions {
                let partition = lock(partition);
                let part = &partition.parts[i];
                for (state, (_, values)) in states.iter_mut().enumerate() {
                    for neuron_slot in 0..part.neuron_slots {
                        if let Some(value) = values.get_mut(part.neuron(neuron_slot, partition.stride)) {
                            *value = part.value(state, neuron_slot);
                        }
                    }
                }
            }
            states.extend(self.save_cells(i).map(|values| (CELLS.to_string(), values)));
            PopulationState { name: population.name.clone(), states }
        });
        SimulationState {
            step: self.step,
            seed: Some(self.seed),
            populations: populations.collect(),
            in_flight: [&self.in_flight[..], &self.pending[..]].concat(),
            plastic: {
                let mut partitions: Vec<_> = self.partitions.iter().map(lock).collect();
                let rows = partitions.iter_mut().flat_map(|partition| &mut partition.plastic);
                rows.for_each(|plastic| plastic.catch_up_to_save(self.step));
                saved_synapses::save(&self.plan, &partitions, self.step)
            },
            intrinsic: self.save_intrinsic(),
            changes: Some(self.save_changes()),
        }
    }

    /// Continues from a saved state of this network. Errors: `shape-mismatch` or `invalid-parameter` for a state of another
    /// network, or of another seed if the seed determines more than noise. The simulation does not change then.
    #[inline(never)]
    pub fn restore(&mut self, state: &SimulationState) -> Result<()> {
        self.check_state(state)?;
        self.plan.check_seed(state.seed, self.seed)?;
        self.check_intrinsic(&state.intrinsic, state.step)?;
        let prepared = state.changes.as_ref().map(|changes| self.prepare_changes(changes)).transpose()?;
        {
            let mut partitions: Vec<_> = self.partitions.iter().map(lock).collect();
            saved_synapses::restore(&self.plan, &mut partitions, state)?;
        }
        prepared.map_or(Ok(()), |prepared| self.put_changes(prepared))?;
        // Before the first step all spikes are those of trains, which can still be set.
        let (pending, in_flight) = match state.step {
            0 => (state.in_flight.clone(), vec![]),
            _ => (vec![], state.in_flight.clone()),
        };
        for partition in &self.partitions {
            let mut partition = lock(partition);
            let stride = partition.stride;
            for (part, from) in partition.parts.iter_mut().zip(&state.populations) {
                let variables = part.states.states();
                for (state, (_, values)) in from.states.iter().take(variables).enumerate() {
                    for neuron_slot in 0..part.neuron_slots {
                        if let Some(&x) = values.get(part.neuron(neuron_slot, stride)) {
                            part.set_value(state, neuron_slot, x);
                        }
                    }
                }
            }
            partition.clear_due(state.step);
            partition.schedule(&in_flight, state.step);
        }
        self.restore_cells(state);
        // A restored state counts as set, also one before the first step.
        let populations = self.plan.populations.iter().enumerate().filter(|_| state.step == 0);
        for (i, population) in populations {
            for s in 0..population.bound.states.len() {
                self.changed.states.insert((i, s), vec![true; population.size]);
            }
        }
        self.step = state.step;
        (self.in_flight, self.pending) = (in_flight, pending);
        let readings = state.changes.as_ref().map_or(&[][..], |changes| &changes.readings);
        self.restore_means(state.step, readings);
        self.restore_intrinsic(&state.intrinsic)
    }

    fn check_state(&self, state: &SimulationState) -> Result<()> {
        let shape = |layer: &str, expected: String, got: String| {
            Err(Error::ShapeMismatch { layer: layer.into(), expected, got })
        };
        let names = |states: &[PopulationState]| states.iter().map(|p| p.name.clone()).collect::<Vec<_>>();
        let own: Vec<String> = self.plan.populations.iter().map(|p| p.name.clone()).collect();
        if names(&state.populations) != own {
            return shape(
                "state.populations",
                format!("{own:?}"),
                format!("{:?}", names(&state.populations)),
            );
        }
        for (population, from) in self.plan.populations.iter().zip(&state.populations) {
            let mut expected: Vec<&str> = population.bound.states.iter().map(|s| s.name).collect();
            expected.extend(population.bound.cells().map(|_| CELLS));
            let given: Vec<&str> = from.states.iter().map(|(name, _)| name.as_str()).collect();
            if expected != given {
                return shape(
                    &format!("state of {}", population.name),
                    format!("{expected:?}"),
                    format!("{given:?}"),
                );
            }
            for (name, values) in &from.states {
                let at = format!("state of {}: {name}", population.name);
                let each = match population.bound.cells() {
                    Some(cells) if name == CELLS => cells.state_size(),
                    _ => 1,
                };
                if values.len() != population.size * each {
                    return shape(
                        &at,
                        format!("[{}]", population.size * each),
                        format!("[{}]", values.len()),
                    );
                }
                if name == CELLS {
                    check_representable::<f64>(&at, values)?;
                    continue;
                }
                check_representable::<F>(&format!("state of {}: {name}", population.name), values)?;
            }
        }
        let in_flight = |&(step, source): &Spike| step <= state.step && (source as usize) < self.plan.sources;
        let mut seen = HashSet::new();
        match state.in_flight.iter().position(|spike| !in_flight(spike) || !seen.insert(spike)) {
            Some(i) => Err(Error::invalid(
                format!("state.inFlight[{i}]"),
                format!("step {} and source {}", state.in_flight[i].0, state.in_flight[i].1),
                format!("spikes of {} sources up to step {}, each spike once", self.plan.sources, state.step),
            )),
            None => Ok(()),
        }
    }
}
