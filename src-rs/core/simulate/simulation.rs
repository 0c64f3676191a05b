//! A network that has been built: what is asked of it and what it gives.

use super::ahead::Ahead;
use super::changes::Changed;
use super::construction::{part, partitions, shared, slots, stream, threads};
use super::dense::Dense;
use super::description::Description;
use super::gaps::junctions;
use super::held::check_held;
use super::intrinsic::Rates;
use super::learning::{Learning, learning};
use super::means::MeanTap;
use super::numbering::Numbering;
use super::outgoing::Outgoing;
use super::pace::Pace;
use super::partition::{Partition, Shared, Spike, WideRows};
use super::plan::{Connection, Plan};
use super::plastic_rows::plastic;
use super::precision::Precision;
use super::read_back::drawn_again;
use super::recording::Recording;
use super::reuse::{Alike, Reuse};
use super::row_builder::{Builder, Built};
use super::rows::Listed;
use super::state::{PopulationState, SimulationState};
use super::structure;
use super::sums::Sums;
use super::synapses::{self, Synapses};
use super::units::{Units, check_units};
use lapicque_base::control::Control;
use lapicque_base::error::{Error, Result};
use lapicque_base::memory;
use lapicque_base::simd::SimdLevel;
use std::cell::OnceCell;
use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

pub struct Simulation<F: Precision> {
    pub plan: Plan,
    /// What was taken to be needed before anything was built.
    pub bytes: u64,
    pub(super) seed: u64,
    pub(super) level: SimdLevel,
    pub(super) shared: Vec<Shared<F>>,
    pub(super) partitions: Vec<Mutex<Partition<F>>>,
    pub(super) units: Units,
    /// Threads that are of use.
    pub(super) threads: usize,
    pub(super) pace: Pace,
    /// Steps done.
    pub(super) step: u64,
    /// Steps that neurons advance before spikes are exchanged: the smallest delay.
    pub(super) batch: u64,
    pub(super) longest: u64,
    /// Spikes of the last `longest` steps.
    pub(super) in_flight: Vec<Spike>,
    /// What was set since it was built.
    pub(super) changed: Changed,
    /// By mean: what waits to be read.
    pub(super) readings: Vec<VecDeque<f64>>,
}

impl<F: Precision> Simulation<F> {
    /// Builds the network with the threads of the rayon pool it is called in. `seed` decides wiring,
    /// initial values and noise.
    ///
    /// # Errors
    /// Those of [`Plan::new`]; `too-large` before anything is built when memory does not suffice;
    /// `aborted`.
    pub fn new(description: Description, seed: u64, level: SimdLevel, control: &Control) -> Result<Self> {
        Self::of_row(description, seed, level, control, (&Reuse::new(1), None))
    }

    /// The same network as [`Simulation::new`] makes, of which rows of a sweep share what is the same: neurons in any case, synapses of
    /// rows that are `alike`.
    ///
    /// # Errors
    /// Those of [`Simulation::new`].
    pub fn of_row(
        mut description: Description,
        seed: u64,
        level: SimdLevel,
        control: &Control,
        (reuse, alike): (&Reuse<F>, Option<&Alike>),
    ) -> Result<Self> {
        description.draw(seed)?;
        let plan = Plan::with(description, &|i, spec, dt| reuse.neurons(i, spec, dt))?;
        plan.check_held::<F>()?;
        check_units(&plan)?;
        let level = if level.is_supported() { level } else { SimdLevel::detect() };
        let threads = threads(&plan, rayon::current_num_threads());
        let partitions = partitions::<F>(&plan, threads)?;
        let bytes = plan.bytes::<F>(partitions);
        memory::check("the network", bytes)?;
        let numbering = Numbering::new(plan.populations.iter().map(|p| p.size), partitions);
        let of = |(i, c): (usize, &Connection)| {
            Ok(Outgoing::new(&c.wiring, seed, stream::CONNECTION | i as u64, control)?.at(level))
        };
        let outgoing = || plan.connections.iter().enumerate().map(of).collect();
        // Drawn at most once, and not at all where a row before has left all that is made of it.
        let drawn = OnceCell::new();
        let outgoing = || match drawn.get() {
            Some(drawn) => Ok(Arc::clone(drawn)),
            None => {
                reuse.wiring(seed, alike, outgoing).map(|wiring| Arc::clone(drawn.get_or_init(|| wiring)))
            }
        };
        let (slots, totals): (Vec<_>, Vec<usize>) =
            (0..partitions).map(|p| slots(&plan, &numbering, p)).unzip();
        let built = reuse.synapses((seed, partitions), alike, || {
            let outgoing = outgoing()?;
            Builder::new::<F>(&plan, &outgoing, &numbering, level, control).build::<F>(&slots)
        })?;
        let Built { rows, wide, dense, units, mut widened } = Arc::unwrap_or_clone(built);
        let learns = plan.connections.iter().any(|c| c.synapse.is_some());
        let outgoing = if learns { outgoing()? } else { Arc::default() };
        let plastic = plastic(&plan, &outgoing, &numbering, (&slots, &units), level, control)?;
        drop((outgoing, drawn));
        let is_widened = plan.widen::<F>(&mut widened);
        let wide_rows = (0..partitions).map(|p| wide.as_ref().map(|wide| &wide[p]));
        let static_delays = rows.iter().filter_map(|rows| rows.smallest_delay());
        let static_delays = static_delays.chain(wide_rows.flatten().filter_map(|rows| rows.smallest_delay()));
        let static_delays = static_delays.chain(dense.iter().flatten().map(|dense| dense.delay));
        let smallest =
            static_delays.chain(plastic.iter().flatten().filter_map(Learning::smallest_delay)).min();
        let longest = u64::from(plan.delays()[1]);
        let mut junctions = junctions::<F>(&plan, &numbering, seed, control)?;
        let derived = plan
            .populations
            .iter()
            .map(|population| population.derived::<F>(control))
            .collect::<Result<Vec<_>>>()?;
        let mut wide = wide.map(Vec::into_iter);
        let all = rows.into_iter().zip(dense).zip(plastic).enumerate();
        let partitions = all.map(|(p, ((rows, dense), plastic))| {
            let parts = (0..plan.populations.len())
                .map(|i| part(&plan, &numbering, i, p, (&slots[p][i], &derived[i]), seed, control));
            let sums = Sums::new(totals[p].max(1 << 16));
            let parts = parts.collect::<Result<_>>()?;
            let draws = plan.populations.iter().filter_map(|p| p.bound.noise).map(|noise| noise.draws).max();
            let draws = draws.unwrap_or(0);
            let rows = Listed::new(rows, longest);
            let mut partition = Partition::new(rows, parts, sums, numbering.partitions, draws)?;
            let wide = wide.as_mut().and_then(Iterator::next).unwrap_or_default();
            partition.wide = is_widened
                .then(|| WideRows::new(Listed::new(wide, longest), Sums::new(totals[p].max(1 << 16))));
            (partition.dense, partition.plastic) = (dense, plastic);
            let moving = (0..plan.populations.len()).filter(|&i| plan.populations[i].intrinsic.is_some());
            partition.rates = moving.map(|i| Rates::new(i, partition.parts[i].lanes)).collect();
            partition.junctions = std::mem::take(&mut junctions[p]);
            partition.means = plan.means.iter().map(|_| MeanTap::default()).collect();
            Ok(partition)
        });
        let mut partitions = partitions.collect::<Result<Vec<Partition<F>>>>()?;
        for (i, c) in plan.connections.iter().enumerate().filter(|(_, c)| c.structural.is_some()) {
            structure::start(i, c, &mut partitions);
        }
        let partitions = partitions.into_iter().map(Mutex::new).collect();
        let shared = (0..plan.populations.len())
            .map(|i| shared(&plan, i, level, seed, (units.of(i), &widened[i]), &derived[i]))
            .collect();
        // Without synapses nothing needs to be exchanged; a run still looks up now and then.
        // Gap junctions need every step of all.
        let batch = if plan.gaps.is_empty() { smallest.map_or(100, u64::from) } else { 1 };
        let in_flight = vec![];
        Ok(Simulation {
            plan,
            bytes,
            seed,
            level,
            shared,
            partitions,
            units,
            threads,
            pace: Pace::default(),
            step: 0,
            batch,
            longest,
            in_flight,
            changed: Changed::default(),
            readings: vec![],
        })
    }

    /// Steps done since the start.
    pub fn step(&self) -> u64 {
        self.step
    }

    /// Synapses there are.
    pub fn synapses(&self) -> u64 {
        let count = |p: &Partition<F>| {
            let dense = p.dense.iter().map(Dense::synapses).sum::<u64>();
            let wide = p.wide.as_ref().map_or(0, |wide| wide.rows.rows.synapses);
            p.rows.rows.synapses + wide + dense + p.plastic.iter().map(|p| p.synapses() as u64).sum::<u64>()
        };
        self.partitions.iter().map(|p| count(&lock(p))).sum()
    }

    /// The synapses of a connection, with the weights that are in force. One with a synapse model is as it is at the end of
    /// the last step, with all that has been at the synapses by then; another is drawn again.
    ///
    /// # Errors
    /// `invalid-parameter` for a connection that the description does not have.
    pub fn synapses_of(&self, connection: usize) -> Result<Synapses> {
        let connections = &self.plan.connections;
        let Some(c) = connections.get(connection) else {
            let expected = format!("one of {} connections", connections.len());
            return Err(Error::invalid("connection", connection, expected));
        };
        if c.synapse.is_none() {
            return drawn_again::<F>(c, connection, self.units.of(c.population), self.seed);
        }
        let mut partitions: Vec<_> = self.partitions.iter().map(lock).collect();
        synapses::read(&self.plan, connection, &mut partitions, (&self.in_flight, self.step))
    }

    /// The weights of such a connection alone, in the order of its synapses.
    ///
    /// # Errors
    /// `invalid-parameter` for another connection.
    pub fn weights_of(&self, connection: usize) -> Result<Vec<F>> {
        let mut partitions: Vec<_> = self.partitions.iter().map(lock).collect();
        let now = (&self.in_flight[..], self.step);
        // In `F` at once: of ten million synapses a copy in doubles is 80 MB.
        synapses::variable::<F, F, _>(&self.plan, connection, &mut partitions, now, 0)
    }

    /// Advances by `steps` steps. The recording is that of these steps. Every thread of the rayon pool
    /// takes part and waits for the others: the pool must have no other work.
    ///
    /// # Errors
    /// `aborted` when cancelled: the steps done so far stay done, and what they recorded is lost.
    /// `non-finite` with population, neuron and state and the step at which the first of them left the numbers, or with
    /// connection and source where a weight that learns has left what can be summed; found within 1,000 steps.
    /// `too-large` before the first step where memory does not hold what states and weights are read, with the bytes needed and
    /// available; on the way, as when cancelled, where it does not hold the spikes.
    pub fn run(&mut self, steps: u64, control: &Control) -> Result<Recording> {
        let whole = [self.step, self.step + steps];
        self.run_to(whole[1], Some(whole), control)
    }

    /// [`Simulation::run`] as a part of other work: `control` hears nothing of its progress.
    ///
    /// # Errors
    /// Those of [`Simulation::run`].
    pub fn run_part(&mut self, steps: u64, control: &Control) -> Result<Recording> {
        self.run_to(self.step + steps, None, control)
    }

    /// `told`: from where to where all is to go, as `control` is told.
    fn run_to(&mut self, end: u64, told: Option<[u64; 2]>, control: &Control) -> Result<Recording> {
        for partition in &self.partitions {
            let mut partition = lock(partition);
            partition.recorded.clear();
            partition.lost = 0;
            partition.delivered = 0;
            partition.parts.iter_mut().flat_map(|part| &mut part.taps).for_each(|tap| tap.samples.clear());
            partition.parts.iter_mut().flat_map(|part| &mut part.ahead).for_each(Ahead::clear);
            for plastic in &mut partition.plastic {
                learning!(plastic, rows => rows.samples.clear());
            }
            if self.step == 0 {
                partition.begin();
            }
        }
        match self.step {
            0 => self.begin_means(),
            // Of a run that was cancelled nothing is left but what waits.
            _ => self.settle_means(),
        }
        let start = self.step;
        self.make_room(end)?;
        while self.step < end {
            let to =
                end.min(self.next_change(self.step)).min(self.step + self.pace.stretch().max(self.batch));
            match self.advance_watched(to, told, control)? {
                Some(error) => return Err(error),
                None if self.step < to => return Err(Error::Aborted),
                None => {
                    self.restructure(to);
                    self.adapt(to)?;
                    self.check_room()?;
                }
            }
        }
        self.collect(start)
    }

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
                    for lane in 0..part.lanes {
                        if let Some(value) = values.get_mut(part.neuron(lane, partition.stride)) {
                            *value = part.value(state, lane);
                        }
                    }
                }
            }
            PopulationState { name: population.name.clone(), states }
        });
        SimulationState {
            step: self.step,
            seed: Some(self.seed),
            populations: populations.collect(),
            in_flight: self.in_flight.clone(),
            plastic: {
                let mut partitions: Vec<_> = self.partitions.iter().map(lock).collect();
                let rows = partitions.iter_mut().flat_map(|partition| &mut partition.plastic);
                rows.for_each(|plastic| plastic.bring_to_save(self.step));
                synapses::save(&self.plan, &partitions, self.step)
            },
            intrinsic: self.save_intrinsic(),
            changes: Some(self.save_changes()),
        }
    }

    /// Goes on from a state of this network. Errors: `shape-mismatch`, `invalid-parameter` for one of
    /// another, or of another seed where that decides more than noise; the simulation is then as it was.
    pub fn restore(&mut self, state: &SimulationState) -> Result<()> {
        self.check_state(state)?;
        self.plan.check_seed(state.seed, self.seed)?;
        self.check_intrinsic(&state.intrinsic, state.step)?;
        let prepared = state.changes.as_ref().map(|changes| self.prepare_changes(changes)).transpose()?;
        {
            let mut partitions: Vec<_> = self.partitions.iter().map(lock).collect();
            synapses::restore(&self.plan, &mut partitions, state)?;
        }
        prepared.map_or(Ok(()), |prepared| self.put_changes(prepared))?;
        for partition in &self.partitions {
            let mut partition = lock(partition);
            let stride = partition.stride;
            for (part, from) in partition.parts.iter_mut().zip(&state.populations) {
                for (state, (_, values)) in from.states.iter().enumerate() {
                    for lane in 0..part.lanes {
                        if let Some(&x) = values.get(part.neuron(lane, stride)) {
                            part.set_value(state, lane, x);
                        }
                    }
                }
            }
            partition.clear_due(state.step);
            partition.schedule(&state.in_flight, state.step);
        }
        self.step = state.step;
        self.in_flight = state.in_flight.clone();
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
            let known: Vec<&str> = population.bound.states.iter().map(|s| s.name).collect();
            let given: Vec<&str> = from.states.iter().map(|(name, _)| name.as_str()).collect();
            if known != given {
                return shape(
                    &format!("state of {}", population.name),
                    format!("{known:?}"),
                    format!("{given:?}"),
                );
            }
            for (name, values) in &from.states {
                if values.len() != population.size {
                    let at = format!("state of {}: {name}", population.name);
                    return shape(&at, format!("[{}]", population.size), format!("[{}]", values.len()));
                }
                check_held::<F>(&format!("state of {}: {name}", population.name), values)?;
            }
        }
        let flying = |&(step, source): &Spike| step <= state.step && (source as usize) < self.plan.sources;
        let mut known = HashSet::new();
        match state.in_flight.iter().position(|spike| !flying(spike) || !known.insert(spike)) {
            Some(i) => Err(Error::invalid(
                format!("state.inFlight[{i}]"),
                format!("step {} and source {}", state.in_flight[i].0, state.in_flight[i].1),
                format!("spikes of {} sources up to step {}, each spike once", self.plan.sources, state.step),
            )),
            None => Ok(()),
        }
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
