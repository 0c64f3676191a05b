//! Means over neurons, and proxies of the local field potential, recorded without what each neuron is.
//!
//! A mean is that of an expression of states and parameters, in f64. Its terms are added exactly, so that it does not depend on
//! partitions. One that is read with a delay is taken that much before, and waits until it is read.

use super::description::{FieldSpec, MeanSpec, Neurons};
use super::exact_sum::ExactSum;
use super::numbering::BLOCK;
use super::partition::{Part, Partition};
use super::plan::{Plan, Population};
use super::precision::Precision;
use super::recording::Trace;
use super::simulation::{Simulation, lock};
use super::tiles::TILE;
use lapicque_base::error::{Error, Result};
use lapicque_base::simd::SimdLevel;
use lapicque_expr::graph::{Sym, input, trace};
use lapicque_expr::parse::parse;
use lapicque_expr::{Arg, ArgSlot, Args, Kernel, OutSlot, Program};
use std::collections::VecDeque;
use std::ops::Range;

/// What is read of some neurons.
pub struct Mean {
    pub population: usize,
    /// Counted in the population.
    pub neurons: Range<usize>,
    value: Value,
    pub every: u64,
    /// Steps between the step of which it is and the one at which it is read.
    pub delay: u64,
}

impl std::fmt::Debug for Mean {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "Mean of {:?} in population {}", self.neurons, self.population)
    }
}

enum Value {
    State(usize),
    Expression { kernel: Box<Kernel<f64>>, args: Vec<ArgSlot> },
}

/// A proxy of the local field potential from two means, by their numbers.
#[derive(Debug)]
pub struct Field {
    excitatory: usize,
    inhibitory: usize,
    alpha: f64,
}

/// A mean's samples in a partition since they were collected.
#[derive(Debug, Default)]
pub struct MeanTap {
    pub samples: Vec<ExactSum>,
}

/// Synaptic currents of a model by its states and parameters, excitatory and inhibitory: where all of these names are known.
const CURRENTS: &[[&str; 2]] = &[
    ["gE*(v - vE) + gED*(d - vE)", "gI*(v - vI) + gID*(d - vI)"],
    ["gE*(v - vE)", "gI*(v - vI)"],
    ["iE", "iI"],
];

impl Plan {
    pub(super) fn mean(&self, name: &str, spec: &MeanSpec) -> Result<Mean> {
        let every = self.every(name, spec.every.unwrap_or(self.description.dt))?;
        self.mean_of(&format!("{name}.value"), &spec.of, &spec.value, [every, 0])
    }

    fn mean_of(&self, name: &str, of: &Neurons, text: &str, [every, delay]: [u64; 2]) -> Result<Mean> {
        let population = self.population(of.of())?;
        let target = &self.populations[population];
        let neurons = of.range(&format!("{name}.of"), target.size)?;
        let value = match target.bound.states.iter().position(|state| state.name == text) {
            Some(state) => Value::State(state),
            None => expression(target, text)?,
        };
        Ok(Mean { population, neurons, value, every, delay })
    }

    /// Adds the means that it takes.
    pub(super) fn field(&mut self, name: &str, spec: &FieldSpec) -> Result<Field> {
        let every = self.every(name, spec.every.unwrap_or(self.description.dt))?;
        let population = &self.populations[self.population(spec.of.of())?];
        let own = CURRENTS.iter().find(|texts| texts.iter().all(|text| expression(population, text).is_ok()));
        let text = |what: &str, given: &Option<String>, k: usize| match (given, own) {
            (Some(given), _) => Ok(given.clone()),
            (None, Some(texts)) => Ok(texts[k].to_string()),
            (None, None) => {
                let expected = "a synaptic current, an expression of states and parameters: the model has none that is known";
                Err(Error::invalid(format!("{name}.{what}"), "nothing", expected))
            }
        };
        let texts = [text("excitatory", &spec.excitatory, 0)?, text("inhibitory", &spec.inhibitory, 1)?];
        if !(spec.alpha.is_finite() && spec.alpha >= 0.0) {
            return Err(Error::invalid(format!("{name}.alpha"), spec.alpha, "a number of at least 0"));
        }
        let delays = [("excitatoryDelay", spec.excitatory_delay), ("inhibitoryDelay", spec.inhibitory_delay)];
        let mut numbers = [0; 2];
        for (k, ((what, ms), text)) in delays.into_iter().zip(&texts).enumerate() {
            let steps = ms / self.description.dt;
            if !(0.0..1e9).contains(&steps) || (steps - steps.round()).abs() > 1e-6 {
                let expected = format!("a whole number of steps of {} ms", self.description.dt);
                return Err(Error::invalid(format!("{name}.{what}"), ms, expected));
            }
            let at = format!("{name}.{}", ["excitatory", "inhibitory"][k]);
            let mean = self.mean_of(&at, &spec.of, &format!("abs({text})"), [every, steps.round() as u64])?;
            numbers[k] = self.means.len();
            self.means.push(mean);
        }
        Ok(Field { excitatory: numbers[0], inhibitory: numbers[1], alpha: spec.alpha })
    }
}

/// An expression of a population's states and parameters.
fn expression(population: &Population, text: &str) -> Result<Value> {
    let bound = &population.bound;
    let states = bound.states.iter().enumerate().map(|(i, state)| (state.name, ArgSlot::State(i)));
    let params = bound.params.iter().enumerate().map(|(k, param)| (param.name, ArgSlot::Coef(k)));
    let known: Vec<(&str, ArgSlot)> = states.chain(params).collect();
    let (graph, value) = trace(false, || {
        let names: Vec<(&str, Sym)> =
            known.iter().enumerate().map(|(i, &(name, _))| (name, input(i))).collect();
        parse(text, &names)
    });
    let slots: Vec<ArgSlot> = known.iter().map(|&(_, slot)| slot).collect();
    // Whether a parameter differs from neuron to neuron may change between runs.
    let program = Program::lower(&graph, &slots, |_| false, &[(OutSlot::State(0), value?)]);
    Ok(Value::Expression {
        kernel: Box::new(Kernel::interpreted(&program, SimdLevel::detect())),
        args: program.args,
    })
}

impl Mean {
    /// The sum over the neurons of a part, of states as they are.
    fn sum<F: Precision>(&self, part: &Part<F>, population: &Population, stride: usize) -> ExactSum {
        let mut sum = ExactSum::default();
        let mut add = |from: usize, values: &[f64]| {
            for (i, &x) in values.iter().enumerate() {
                let lane = from + i;
                if part.masks[lane / BLOCK] >> (lane % BLOCK) & 1 == 1
                    && self.neurons.contains(&part.neuron(lane, stride))
                {
                    sum.add(x);
                }
            }
        };
        let (mut values, mut scratch) = (vec![0.0; TILE.min(part.lanes)], vec![]);
        for from in (0..part.lanes).step_by(TILE) {
            let lanes = TILE.min(part.lanes - from);
            let state = |s: usize, into: &mut [f64]| {
                into.iter_mut().enumerate().for_each(|(i, x)| *x = part.value(s, from + i));
            };
            match &self.value {
                Value::State(s) => state(*s, &mut values[..lanes]),
                Value::Expression { kernel, args } => {
                    let read: Vec<Vec<f64>> = (args.iter())
                        .map(|&slot| {
                            let mut column = vec![0.0; lanes];
                            match slot {
                                ArgSlot::State(s) => state(s, &mut column),
                                ArgSlot::Coef(k) => match &population.bound.params[k].values[..] {
                                    [one] => column.fill(*one),
                                    many => column.iter_mut().enumerate().for_each(|(i, x)| {
                                        *x = many[part.neuron(from + i, stride).min(population.size - 1)];
                                    }),
                                },
                                _ => {}
                            }
                            column
                        })
                        .collect();
                    let args: Args<f64> = read.iter().map(|column| Arg::Lanes(column)).collect();
                    kernel.run(lanes, &args, &mut [&mut values[..lanes]], &mut scratch);
                }
            }
            add(from, &values[..lanes]);
        }
        sum
    }

    /// How many readings after step `now` are of states up to it.
    fn waiting(&self, now: u64) -> usize {
        ((now + self.delay) / self.every - now / self.every) as usize
    }
}

impl<F: Precision> Partition<F> {
    /// Reads after step `step` what is to be read of it then, or later.
    pub fn read_means(&mut self, plan: &Plan, step: u64) {
        for (mean, tap) in plan.means.iter().zip(&mut self.means) {
            if (step + mean.delay).is_multiple_of(mean.every) {
                let part = &self.parts[mean.population];
                tap.samples.push(mean.sum(part, &plan.populations[mean.population], self.stride));
            }
        }
    }
}

impl<F: Precision> Simulation<F> {
    /// At the start: what is read with a delay has always been as it is.
    pub(super) fn begin_means(&mut self) {
        let mut readings = Vec::with_capacity(self.plan.means.len());
        for mean in &self.plan.means {
            let waiting = mean.waiting(0);
            let value = if waiting > 0 { self.mean_now(mean) } else { 0.0 };
            readings.push(std::iter::repeat_n(value, waiting).collect());
        }
        self.readings = readings;
    }

    fn mean_now(&self, mean: &Mean) -> f64 {
        let population = &self.plan.populations[mean.population];
        let sums = self.partitions.iter().map(|partition| {
            let partition = lock(partition);
            mean.sum(&partition.parts[mean.population], population, partition.stride)
        });
        sums.fold(ExactSum::default(), ExactSum::join).mean(mean.neurons.len())
    }

    /// What was sampled since the last run, with what waited before, by mean; of readings up to step `from` nothing.
    pub(super) fn gathered(&self, from: u64) -> Vec<VecDeque<f64>> {
        let partitions: Vec<_> = self.partitions.iter().map(lock).collect();
        let gather = |(k, mean): (usize, &Mean)| {
            let mut all = self.readings.get(k).cloned().unwrap_or_default();
            let samples = partitions.iter().map(|partition| partition.means[k].samples.len()).min();
            for i in 0..samples.unwrap_or(0) {
                let sums = partitions.iter().map(|partition| partition.means[k].samples[i]);
                all.push_back(sums.fold(ExactSum::default(), ExactSum::join).mean(mean.neurons.len()));
            }
            // The last of them is of the last step that was done.
            let waiting = mean.waiting(self.step);
            let since = (self.step / mean.every - from / mean.every) as usize;
            let past = all.len().saturating_sub(waiting + since);
            all.drain(..past);
            all
        };
        self.plan.means.iter().enumerate().map(gather).collect()
    }

    /// Leaves what waits to be read, and forgets all else.
    pub(super) fn settle_means(&mut self) {
        self.readings = self.gathered(self.step);
        for partition in &self.partitions {
            lock(partition).means.iter_mut().for_each(|tap| tap.samples.clear());
        }
    }

    /// Means and fields of the readings after step `start`.
    pub(super) fn collect_means(&mut self, start: u64) -> [Vec<Trace>; 2] {
        let all = self.gathered(start);
        let traces = self.plan.means.iter().zip(all).map(|(mean, values)| {
            let steps: Vec<u64> =
                (start / mean.every + 1..=self.step / mean.every).map(|k| k * mean.every).collect();
            let mut values: Vec<f64> = values.into_iter().take(steps.len()).collect();
            // Of a state of before there were means.
            values.resize(steps.len(), f64::NAN);
            Trace { steps, values }
        });
        let mut traces: Vec<Trace> = traces.collect();
        let fields = self.plan.fields.iter().map(|field| {
            let [excitatory, inhibitory] = [field.excitatory, field.inhibitory].map(|k| &traces[k]);
            let pairs = excitatory.values.iter().zip(&inhibitory.values);
            let values = pairs.map(|(e, i)| e + field.alpha * i).collect();
            Trace { steps: excitatory.steps.clone(), values }
        });
        let fields = fields.collect();
        traces.truncate(self.plan.means.len() - 2 * self.plan.fields.len());
        self.settle_means();
        [traces, fields]
    }

    /// What waits to be read, of a state; not numbers where it does not fit.
    pub(super) fn restore_means(&mut self, step: u64, readings: &[Vec<f64>]) {
        let of = |(k, mean): (usize, &Mean)| {
            let waiting = mean.waiting(step);
            let given = readings.get(k).filter(|given| given.len() == waiting);
            given.map_or_else(|| vec![f64::NAN; waiting].into(), |given| given.iter().copied().collect())
        };
        self.readings = self.plan.means.iter().enumerate().map(of).collect();
        for partition in &self.partitions {
            lock(partition).means.iter_mut().for_each(|tap| tap.samples.clear());
        }
    }
}
