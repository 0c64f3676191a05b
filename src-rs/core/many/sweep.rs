//! Rows run concurrently: each core simulates one network after another on its own, so no thread waits for another.

use super::axes::Axis;
use super::statistics::{Names, Statistic, columns, measure};
use lapicque_base::control::Control;
use lapicque_base::error::{Error, Result, try_vec};
use lapicque_base::memory;
use lapicque_base::simd::SimdLevel;
use lapicque_simulate::{Description, Milliseconds, Plan, Precision, Recording, Reuse, ReuseKey, Simulation};
use rayon::ThreadPoolBuilder;
use serde::Deserialize;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Stack size for the buffers of a network, as for the engine's threads.
const STACK_BYTES: usize = 8 << 20;

/// The options of a sweep, in addition to the network and the values of its axes.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Sweep {
    pub axes: Vec<Axis>,
    pub statistics: Vec<Statistic>,
    pub names: Names,
    /// Number of steps before the measurement, and number of measured steps.
    pub transient: u64,
    pub steps: u64,
    /// Whether the spikes of each row are returned.
    pub spikes: bool,
}

/// The result of a sweep: a row that failed has NaN in all columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    pub columns: Vec<(String, Vec<f64>)>,
    /// Rows that failed, ascending, each with its error.
    pub failed: Vec<(usize, Error)>,
    pub spikes: Option<Spikes>,
    /// Number of rows that ran at the same time.
    pub at_a_time: usize,
}

/// The spikes of all rows, row after row.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Spikes {
    /// By row: the offset of its spikes; one entry more at the end.
    pub offsets: Vec<f64>,
    /// In ms.
    pub times: Vec<f64>,
    pub ids: Vec<u32>,
}

/// The result of a row.
struct Done {
    row: usize,
    result: Result<(Vec<f64>, Option<Recording>)>,
}

impl Sweep {
    /// # Errors
    /// `invalid-parameter` if the text is not a sweep.
    pub fn from_json(text: &str) -> Result<Sweep> {
        serde_json::from_str(text).map_err(|e| Error::invalid("sweep", text, e.to_string()))
    }

    /// Runs all rows with the threads of the rayon pool in which it is called. `values[axis][row]`; `seeds[row]`. The result
    /// of a row depends neither on the threads nor on the other rows: it equals that of a separate simulation with the row's
    /// parameters and seed.
    ///
    /// # Errors
    /// `unknown-name` for axes and states that the network does not have; `too-large` before anything is built if memory does
    /// not suffice for one row; `aborted`. Errors of single rows are part of the table.
    pub fn run(
        &self,
        precision: lapicque_base::Precision,
        description: &Description,
        values: &[Vec<f64>],
        seeds: &[u64],
        level: SimdLevel,
        control: &Control,
    ) -> Result<Table> {
        let rows = seeds.len();
        for (axis, values) in self.axes.iter().zip(values) {
            if values.len() != rows {
                let (expected, got) = (format!("[{rows}]"), format!("[{}]", values.len()));
                return Err(Error::ShapeMismatch { layer: axis.name.clone(), expected, got });
            }
        }
        let run = Run { sweep: self, description, values, seeds, level, control };
        let (names, bytes) = run.columns_and_memory(precision)?;
        let table = (rows as u64).saturating_mul(names.len() as u64).saturating_mul(16);
        memory::check("one row of the sweep, and its table", bytes.saturating_add(table))?;
        let threads = rayon::current_num_threads();
        let fit = memory::available().map_or(usize::MAX, |available| (available / bytes.max(1)) as usize);
        let at_a_time = threads.min(rows).min(fit.max(1)).max(1);
        let done = match precision {
            lapicque_base::Precision::F32 => run.all::<f32>(at_a_time, threads)?,
            lapicque_base::Precision::F64 => run.all::<f64>(at_a_time, threads)?,
        };
        let mut columns: Vec<(String, Vec<f64>)> = (names.into_iter())
            .map(|name| Ok((name, try_vec("the table of the sweep", rows, f64::NAN)?)))
            .collect::<Result<_>>()?;
        let (mut failed, mut recordings) = (vec![], vec![]);
        for Done { row, result } in done {
            match result {
                Ok((values, recording)) => {
                    columns.iter_mut().zip(values).for_each(|((_, column), x)| column[row] = x);
                    recordings.extend(recording.map(|recording| (row, recording)));
                }
                Err(error) => failed.push((row, error)),
            }
        }
        failed.sort_by_key(|&(row, _)| row);
        let spikes = self.spikes.then(|| joined(recordings, rows, description.dt)).transpose()?;
        Ok(Table { columns, failed, spikes, at_a_time })
    }
}

/// A running sweep.
struct Run<'a> {
    sweep: &'a Sweep,
    description: &'a Description,
    values: &'a [Vec<f64>],
    seeds: &'a [u64],
    level: SimdLevel,
    control: &'a Control,
}

impl Run<'_> {
    fn described(&self, row: usize) -> Result<Description> {
        let mut description = self.description.clone();
        let axes = self.sweep.axes.iter().zip(self.values);
        for (axis, values) in axes {
            axis.put(values[row], &mut description)?;
        }
        Ok(description)
    }

    /// The columns, and the memory of a row: the largest among rows with the smallest and the largest value of each axis.
    /// Nothing is built.
    fn columns_and_memory(&self, precision: lapicque_base::Precision) -> Result<(Vec<String>, u64)> {
        let mut rows = vec![0];
        for values in self.values {
            let by = |a: &(usize, &f64), b: &(usize, &f64)| a.1.total_cmp(b.1);
            rows.extend(values.iter().enumerate().min_by(by).map(|(row, _)| row));
            rows.extend(values.iter().enumerate().max_by(by).map(|(row, _)| row));
        }
        rows.sort_unstable();
        rows.dedup();
        let plan = |row: usize| {
            let mut description = self.described(row)?;
            description.draw(self.seeds[row])?;
            Plan::new(description)
        };
        let (mut names, mut bytes, mut wrong) = (None, 0, None);
        for row in rows.into_iter().filter(|&row| row < self.seeds.len()) {
            self.control.check()?;
            match plan(row) {
                Ok(plan) => {
                    let Sweep { statistics, names: of, .. } = self.sweep;
                    names.get_or_insert_with(|| columns(statistics, &plan, of));
                    bytes = bytes.max(plan.needed_in(precision, 1)?);
                }
                // An unknown name is wrong in every row; an invalid value may be wrong in this row only.
                Err(error @ Error::UnknownName { .. }) => return Err(error),
                Err(error) => wrong = Some(error),
            }
        }
        match (names, wrong) {
            (Some(names), _) => Ok((names, bytes)),
            (None, Some(error)) => Err(error),
            (None, None) => Ok((vec![], 0)),
        }
    }

    /// Sorts rows so that those with the same synapses are consecutive, and identifies these by numbers.
    fn order(&self) -> (Vec<usize>, Vec<Option<ReuseKey>>) {
        let chosen = |of: fn(&Axis) -> bool, row: usize| -> Vec<u64> {
            let axes = self.sweep.axes.iter().zip(self.values).filter(|(axis, _)| of(axis));
            axes.map(|(_, values)| values[row].to_bits()).collect()
        };
        let rows = 0..self.seeds.len();
        let keys: Vec<ReuseKey> = (rows.clone())
            .map(|row| ReuseKey {
                wiring: chosen(Axis::changes_wiring, row),
                synapses: chosen(Axis::changes_synapses, row),
            })
            .collect();
        let mut counts: HashMap<(u64, &[u64]), usize> = HashMap::new();
        for (key, &seed) in keys.iter().zip(self.seeds) {
            *counts.entry((seed, &key.wiring)).or_default() += 1;
        }
        let shares = |row: &usize| counts[&(self.seeds[*row], &keys[*row].wiring[..])] > 1;
        let sharing: Vec<bool> = rows.clone().map(|row| shares(&row)).collect();
        drop(counts);
        let mut order: Vec<usize> = rows.collect();
        order.sort_by(|&a, &b| {
            let key = |row: usize| (self.seeds[row], &keys[row].wiring, &keys[row].synapses);
            key(a).cmp(&key(b))
        });
        let keys = keys.into_iter().zip(sharing).map(|(key, shares)| shares.then_some(key)).collect();
        (order, keys)
    }

    /// Runs all rows, `at_a_time` of them at the same time, in any order.
    fn all<F: Precision>(&self, at_a_time: usize, threads: usize) -> Result<Vec<Done>> {
        let (order, keys) = self.order();
        let (next, finished, stopped) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicBool::new(false));
        let reuse = Reuse::<F>::new(at_a_time);
        let worker = || -> Result<Vec<Done>> {
            let mut done = Vec::new();
            while !stopped.load(Ordering::Relaxed) {
                let Some(&row) = order.get(next.fetch_add(1, Ordering::Relaxed)) else { break };
                let result = self.row(row, (&reuse, keys[row].as_ref()));
                if result == Err(Error::Aborted) {
                    stopped.store(true, Ordering::Relaxed);
                    return Err(Error::Aborted);
                }
                done.push(Done { row, result });
                let finished = finished.fetch_add(1, Ordering::Relaxed) + 1;
                self.control.report(finished as u64, order.len() as u64, || Value::Null);
            }
            Ok(done)
        };
        if at_a_time == 1 {
            return worker();
        }
        // A row sees only the threads that are assigned to it.
        let pool =
            |_| ThreadPoolBuilder::new().num_threads(threads / at_a_time).stack_size(STACK_BYTES).build();
        let pools: Vec<_> = (0..at_a_time)
            .map(pool)
            .collect::<std::result::Result<_, _>>()
            .map_err(|error| Error::Io { path: "engine thread".into(), reason: error.to_string() })?;
        let all = rayon::broadcast(|context| pools.get(context.index()).map(|pool| pool.install(worker)));
        let all = all.into_iter().flatten().collect::<Result<Vec<_>>>()?;
        Ok(all.into_iter().flatten().collect())
    }

    fn row<F: Precision>(
        &self,
        row: usize,
        shared: (&Reuse<F>, Option<&ReuseKey>),
    ) -> Result<(Vec<f64>, Option<Recording>)> {
        let (Sweep { statistics, transient, steps, spikes, .. }, control) = (self.sweep, self.control);
        let (description, seed) = (self.described(row)?, self.seeds[row]);
        let mut simulation = Simulation::<F>::of_row(description, seed, self.level, control, shared)?;
        if *transient > 0 {
            simulation.run_part(*transient, control)?;
        }
        let recording = simulation.run_part(*steps, control)?;
        let values = measure(statistics, &simulation.plan, &recording, [*transient, transient + steps])?;
        Ok((values, spikes.then_some(recording)))
    }
}

fn joined(mut recordings: Vec<(usize, Recording)>, rows: usize, dt: f64) -> Result<Spikes> {
    recordings.sort_by_key(|&(row, _)| row);
    let (ms, count) = (Milliseconds::new(dt), recordings.iter().map(|(_, of)| of.steps.len()).sum());
    let what = "the spikes of the sweep";
    let mut all = Spikes {
        offsets: try_vec(what, rows + 1, 0.0)?,
        times: try_vec(what, count, 0.0)?,
        ids: try_vec(what, count, 0)?,
    };
    let (mut at, mut recordings) = (0, recordings.into_iter().peekable());
    for row in 0..rows {
        if let Some((_, of)) = recordings.next_if(|&(of, _)| of == row) {
            let end = at + of.steps.len();
            all.times[at..end].iter_mut().zip(&of.steps).for_each(|(to, &step)| *to = ms.of(step));
            all.ids[at..end].copy_from_slice(&of.neurons);
            at = end;
        }
        all.offsets[row + 1] = at as f64;
    }
    Ok(all)
}
