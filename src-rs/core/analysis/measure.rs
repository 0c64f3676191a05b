//! The measures by name, with their options as they come from outside.

use super::bins::{Bins, binned};
use super::correlation::correlation;
use super::correlogram::{Lags, cross_correlogram};
use super::fano::{fano_factor, windowed_fano_factors};
use super::histogram::{around_events, histogram};
use super::irregularity::{cv, cv2, intervals, lv, lvr};
use super::isi_distance::{isi_distance, isi_profile};
use super::knots::Knots;
use super::pairs;
use super::spectrum::{Welch, power_spectrum};
use super::spike_distance::{spike_distance, spike_profile};
use super::synchronization::synchronization;
use super::trains::Trains;
use super::van_rossum::van_rossum;
use super::victor_purpura::victor_purpura;
use lapicque_base::control::Control;
use lapicque_base::error::{Error, Result};
use serde::Deserialize;

/// Times in ms, rates and frequencies in Hz.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "measure", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Measure {
    Rates {},
    Intervals {},
    Cv {},
    Cv2 {},
    Lv {},
    Lvr { refractory: f64 },
    FanoFactor {},
    WindowedFanoFactors { window: f64 },
    Binned { bin: f64, binary: bool },
    Psth { bin: f64 },
    EventPsth { bin: f64, events: Vec<f64>, window: [f64; 2] },
    Correlation { bin: f64, binary: bool },
    CrossCorrelogram { pair: [usize; 2], bin: f64, window: [f64; 2] },
    PowerSpectrum { welch: Welch },
    VanRossum { tau: f64 },
    VictorPurpura { q: f64 },
    IsiDistance {},
    SpikeDistance {},
    SpikeSynchronization {},
    IsiProfile { pair: [usize; 2] },
    SpikeProfile { pair: [usize; 2] },
}

/// A named list of numbers of an answer.
pub type Column = (&'static str, Vec<f64>);

impl Measure {
    /// # Errors
    /// `invalid-parameter` for an option that is missing, unknown or of the wrong type.
    pub fn from_json(text: &str) -> Result<Self> {
        serde_json::from_str(text).map_err(|e| Error::invalid("options", text, e.to_string()))
    }

    /// # Errors
    /// `invalid-parameter` for options out of range, `too-large`, `aborted`
    pub fn of(&self, trains: &Trains, control: &Control) -> Result<Vec<Column>> {
        let each = |of: &dyn Fn(&[f64]) -> f64| Ok(vec![("values", trains.iter().map(of).collect())]);
        match self {
            Measure::Rates {} => {
                let seconds = trains.duration() / 1000.0;
                each(&|train| train.len() as f64 / seconds)
            }
            Measure::Intervals {} => Ok(vec![
                ("values", trains.iter().flat_map(intervals).collect()),
                ("offsets", offsets(trains)),
            ]),
            Measure::Cv {} => each(&cv),
            Measure::Cv2 {} => each(&cv2),
            Measure::Lv {} => each(&lv),
            Measure::Lvr { refractory } => {
                let r = not_negative("refractory", *refractory)?;
                each(&|train| lvr(train, r))
            }
            Measure::FanoFactor {} => Ok(vec![("value", vec![fano_factor(trains)])]),
            Measure::WindowedFanoFactors { window } => {
                let windows = Bins::new("window", *window, trains)?;
                Ok(vec![("values", windowed_fano_factors(trains, windows)?)])
            }
            Measure::Binned { bin, binary } => {
                Ok(vec![("values", binned(trains, Bins::new("bin", *bin, trains)?, *binary)?)])
            }
            Measure::Psth { bin } => {
                let bins = Bins::new("bin", *bin, trains)?;
                Ok(vec![("counts", histogram(trains, bins)?), ("edges", bins.edges())])
            }
            Measure::EventPsth { bin, events, window } => {
                let counts = around_events(trains, events, *window, *bin)?;
                let edges = Bins::from(window[0], *bin, counts.len()).edges();
                Ok(vec![("counts", counts), ("edges", edges)])
            }
            Measure::Correlation { bin, binary } => {
                let bins = Bins::new("bin", *bin, trains)?;
                Ok(vec![("values", correlation(trains, bins, *binary, control)?)])
            }
            Measure::CrossCorrelogram { pair, bin, window } => {
                let bins = Bins::new("bin", *bin, trains)?;
                let lags = Lags::new(*window, bins)?;
                let [a, b] = of_pair(trains, pair)?;
                let times = lags.iter().map(|lag| lag as f64 * bins.width).collect();
                Ok(vec![("lags", times), ("counts", cross_correlogram(a, b, bins, lags)?)])
            }
            Measure::PowerSpectrum { welch } => {
                let [frequencies, power] = power_spectrum(trains, welch, control)?;
                Ok(vec![("frequencies", frequencies), ("power", power)])
            }
            Measure::VanRossum { tau } => {
                let tau = positive("tau", *tau)?;
                matrix(trains, control, |i, j| van_rossum(trains.train(i), trains.train(j), tau))
            }
            Measure::VictorPurpura { q } => {
                let q = not_negative("q", *q)?;
                matrix(trains, control, |i, j| victor_purpura(trains.train(i), trains.train(j), q))
            }
            Measure::IsiDistance {} => {
                let knots = knots(trains)?;
                let of = |i: usize, j: usize| isi_distance(&knots[i], &knots[j], trains.start, trains.stop);
                matrix(trains, control, of)
            }
            Measure::SpikeDistance {} => {
                let knots = knots(trains)?;
                let of = |i: usize, j: usize| spike_distance(&knots[i], &knots[j], trains.start, trains.stop);
                matrix(trains, control, of)
            }
            Measure::SpikeSynchronization {} => synchronizations(trains, control),
            Measure::IsiProfile { pair } => profile(trains, pair, isi_profile),
            Measure::SpikeProfile { pair } => profile(trains, pair, spike_profile),
        }
    }
}

/// Where each train's intervals begin among all.
fn offsets(trains: &Trains) -> Vec<f64> {
    let mut next = 0.0;
    let mut offsets = vec![next];
    for train in trains.iter() {
        next += train.len().saturating_sub(1) as f64;
        offsets.push(next);
    }
    offsets
}

/// Refused where the matrix over them would be.
fn knots(trains: &Trains) -> Result<Vec<Knots>> {
    pairs::check(trains.len())?;
    Ok(trains.iter().map(|train| Knots::new(train, trains.start, trains.stop)).collect())
}

/// A matrix of distances and its mean over pairs.
fn matrix(
    trains: &Trains,
    control: &Control,
    of: impl Fn(usize, usize) -> f64 + Sync,
) -> Result<Vec<Column>> {
    let values = pairs::matrix(trains.len(), 0.0, control, of)?;
    let mean = pairs::mean(&values, trains.len(), |_, _| 1.0);
    Ok(vec![("values", values), ("mean", vec![mean])])
}

/// The mean is the share of spikes that coincide, over all pairs.
fn synchronizations(trains: &Trains, control: &Control) -> Result<Vec<Column>> {
    let of = |i: usize, j: usize| synchronization(trains.train(i), trains.train(j), trains.duration());
    let values = pairs::matrix(trains.len(), 1.0, control, of)?;
    let spikes = |i: usize, j: usize| (trains.train(i).len() + trains.train(j).len()) as f64;
    let silent = trains.len() > 1 && trains.spikes().is_empty();
    let mean = if silent { 1.0 } else { pairs::mean(&values, trains.len(), spikes) };
    Ok(vec![("values", values), ("mean", vec![mean])])
}

fn profile(
    trains: &Trains,
    pair: &[usize; 2],
    of: impl Fn(&Knots, &Knots, f64, f64) -> super::profile::Profile,
) -> Result<Vec<Column>> {
    let [a, b] = of_pair(trains, pair)?.map(|train| Knots::new(train, trains.start, trains.stop));
    let profile = of(&a, &b, trains.start, trains.stop);
    Ok(vec![("x", profile.x), ("y", profile.y)])
}

fn of_pair<'t>(trains: &'t Trains, [a, b]: &[usize; 2]) -> Result<[&'t [f64]; 2]> {
    Ok([trains.numbered("pair[0]", *a)?, trains.numbered("pair[1]", *b)?])
}

fn positive(name: &str, value: f64) -> Result<f64> {
    if value.is_finite() && value > 0.0 {
        return Ok(value);
    }
    Err(Error::invalid(name, value, "a finite number above 0"))
}

fn not_negative(name: &str, value: f64) -> Result<f64> {
    if value.is_finite() && value >= 0.0 {
        return Ok(value);
    }
    Err(Error::invalid(name, value, "a finite number, at least 0"))
}
