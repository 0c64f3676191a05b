//! The statistics of a row: one number per statistic and population.

use lapicque_analysis::{Bins, Trains, cv, cv2, lv, windowed_fano_factors};
use lapicque_base::error::Result;
use lapicque_simulate::{Milliseconds, Plan, Recording, Trace};
use serde::Deserialize;

/// Times are in ms. Each statistic is one number per population whose spikes are recorded, except for means and fields.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(tag = "measure", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Statistic {
    /// Number of spikes.
    Spikes {},
    /// Spikes per second and neuron, in Hz.
    Rate {},
    /// Mean over the neurons that have enough inter-spike intervals; NaN if none has.
    Cv {},
    Cv2 {},
    Lv {},
    /// Mean, over the neurons that spike, of the variance divided by the mean of their counts in windows.
    Fano {
        window: f64,
    },
    /// The mean covariance of the counts of two neurons in bins, divided by the mean variance of one: 0 if neurons fire
    /// independently, 1 if all fire together.
    Synchrony {
        bin: f64,
    },
    /// Means over time of each recorded mean, and of the proxies of the local field potential.
    Means {},
    Lfp {},
}

/// The names of the elements that the engine refers to by index.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Names {
    pub means: Vec<String>,
    pub lfp: Vec<String>,
}

impl Statistic {
    fn name(self) -> &'static str {
        match self {
            Statistic::Spikes {} => "spikes",
            Statistic::Rate {} => "rate",
            Statistic::Cv {} => "cv",
            Statistic::Cv2 {} => "cv2",
            Statistic::Lv {} => "lv",
            Statistic::Fano { .. } => "fano",
            Statistic::Synchrony { .. } => "synchrony",
            Statistic::Means {} => "means",
            Statistic::Lfp {} => "lfp",
        }
    }

    fn of_trains(self, trains: &Trains, neurons: usize) -> Result<f64> {
        Ok(match self {
            Statistic::Spikes {} => trains.spikes().len() as f64,
            Statistic::Rate {} => {
                trains.spikes().len() as f64 / (neurons as f64 * (trains.duration() / 1000.0))
            }
            Statistic::Cv {} => mean_without_nan(trains.iter().map(cv)),
            Statistic::Cv2 {} => mean_without_nan(trains.iter().map(cv2)),
            Statistic::Lv {} => mean_without_nan(trains.iter().map(lv)),
            Statistic::Fano { window } => {
                let windows = Bins::new("fano.window", window, trains)?;
                mean_without_nan(windowed_fano_factors(trains, windows)?.into_iter())
            }
            Statistic::Synchrony { bin } => {
                synchrony(trains, Bins::new("synchrony.bin", bin, trains)?, neurons)
            }
            Statistic::Means {} | Statistic::Lfp {} => f64::NAN,
        })
    }
}

/// The column names of some statistics of a network, in the order of [`measure`].
pub fn columns(statistics: &[Statistic], plan: &Plan, names: &Names) -> Vec<String> {
    let of = |statistic: &Statistic| -> Vec<String> {
        match statistic {
            Statistic::Means {} => names.means.clone(),
            Statistic::Lfp {} => names.lfp.iter().map(|name| format!("{name}.lfp")).collect(),
            _ => {
                let recorded = plan.populations.iter().filter(|p| p.recorded_neurons() > 0);
                recorded.map(|p| format!("{}.{}", p.name, statistic.name())).collect()
            }
        }
    };
    statistics.iter().flat_map(of).collect()
}

/// The statistics of a recording between two steps.
///
/// # Errors
/// `invalid-parameter` for windows or bins that are longer than the recording, `too-large`.
pub fn measure(
    statistics: &[Statistic],
    plan: &Plan,
    recording: &Recording,
    [start, stop]: [u64; 2],
) -> Result<Vec<f64>> {
    let ms = Milliseconds::new(plan.description.dt);
    let of_spikes = |statistic: &Statistic| !matches!(statistic, Statistic::Means {} | Statistic::Lfp {});
    let populations = plan.populations.iter().filter(|p| p.recorded_neurons() > 0);
    let trains = populations.map(|p| {
        let (mut times, mut ids) = (vec![], vec![]);
        for (&step, &neuron) in recording.steps.iter().zip(&recording.neurons) {
            if let Some(id) = (neuron as usize).checked_sub(p.first).filter(|&id| id < p.size) {
                times.push(ms.of(step));
                ids.push(id as u32);
            }
        }
        Ok((Trains::new(&times, &ids, p.size, ms.of(start), ms.of(stop))?, p.recorded_neurons()))
    });
    let trains: Vec<(Trains, usize)> = match statistics.iter().any(of_spikes) {
        true => trains.collect::<Result<_>>()?,
        false => vec![],
    };
    let mut all = Vec::new();
    for statistic in statistics {
        match statistic {
            Statistic::Means {} => all.extend(recording.means.iter().map(over_time)),
            Statistic::Lfp {} => all.extend(recording.fields.iter().map(over_time)),
            _ => {
                for (trains, neurons) in &trains {
                    all.push(statistic.of_trains(trains, *neurons)?);
                }
            }
        }
    }
    Ok(all)
}

fn over_time(trace: &Trace) -> f64 {
    trace.values.iter().sum::<f64>() / trace.values.len() as f64
}

fn mean_without_nan(values: impl Iterator<Item = f64>) -> f64 {
    let (mut sum, mut count) = (0.0, 0.0);
    for x in values.filter(|x| !x.is_nan()) {
        sum += x;
        count += 1.0;
    }
    sum / count
}

/// The variance of the sum of all counts is the sum of all variances plus twice the sum of the covariances of all pairs, so no
/// pairs need to be visited.
fn synchrony(trains: &Trains, bins: Bins, neurons: usize) -> f64 {
    let count = bins.count as f64;
    let (mut together, mut variances) = (vec![0.0; bins.count], 0.0);
    for train in trains.iter() {
        let (mut sum, mut squares) = (0.0, 0.0);
        for (bin, spikes) in bins.occupied(train, false) {
            let spikes = f64::from(spikes);
            together[bin] += spikes;
            sum += spikes;
            squares += spikes * spikes;
        }
        variances += squares / count - (sum / count) * (sum / count);
    }
    let mean = together.iter().sum::<f64>() / count;
    let variance = together.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / count;
    (variance / variances - 1.0) / (neurons as f64 - 1.0)
}
