//! Spikes grouped by train and checked once, for all measures.

use lapicque_base::error::{Error, Result, try_vec};

/// Spike trains over `[start, stop]`, in ms. Times ascend strictly within a train.
#[derive(Debug, Clone, PartialEq)]
pub struct Trains {
    times: Vec<f64>,
    /// Train `i` is `times[offsets[i]..offsets[i + 1]]`.
    offsets: Vec<usize>,
    pub start: f64,
    pub stop: f64,
}

impl Trains {
    /// Groups spikes that come in any order: `ids[k]` is the train of the spike at `times[k]`. Linear in
    /// spikes and trains for spikes in the order of time, as recordings are.
    ///
    /// # Errors
    /// `shape-mismatch` for arrays of different length; `invalid-parameter` for times that are not
    /// finite or outside `[start, stop]`, ids beyond the trains, two spikes of a train at one time.
    pub fn new(times: &[f64], ids: &[u32], trains: usize, start: f64, stop: f64) -> Result<Self> {
        if !(start.is_finite() && stop.is_finite() && start < stop) {
            return Err(Error::invalid("stop", stop, format!("a finite time after start ({start} ms)")));
        }
        if times.len() != ids.len() {
            return Err(Error::ShapeMismatch {
                layer: "ids".into(),
                expected: format!("[{}]", times.len()),
                got: format!("[{}]", ids.len()),
            });
        }
        if let Some(at) = times.iter().position(|t| !(start..=stop).contains(t)) {
            let expected = format!("a time from {start} to {stop} ms");
            return Err(Error::invalid(format!("times[{at}]"), times[at], expected));
        }
        if let Some(at) = ids.iter().position(|&id| id as usize >= trains) {
            let expected = format!("a train below {trains}");
            return Err(Error::invalid(format!("ids[{at}]"), ids[at], expected));
        }
        let offsets = offsets(ids, trains)?;
        let mut grouped = try_vec("spikes of trains", times.len(), 0.0)?;
        let mut next = offsets.clone();
        for (&time, &id) in times.iter().zip(ids) {
            grouped[next[id as usize]] = time;
            next[id as usize] += 1;
        }
        let mut trains = Trains { times: grouped, offsets, start, stop };
        for id in 0..trains.len() {
            let train = &mut trains.times[trains.offsets[id]..trains.offsets[id + 1]];
            if !train.is_sorted() {
                train.sort_unstable_by(f64::total_cmp);
            }
            if let Some(pair) = train.windows(2).find(|pair| pair[0] == pair[1]) {
                let value = format!("two spikes of train {id} at {} ms", pair[0]);
                return Err(Error::invalid("times", value, "spikes of a train at different times"));
            }
        }
        Ok(trains)
    }

    pub fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// In ms.
    pub fn duration(&self) -> f64 {
        self.stop - self.start
    }

    pub fn train(&self, id: usize) -> &[f64] {
        &self.times[self.offsets[id]..self.offsets[id + 1]]
    }

    pub fn iter(&self) -> impl Iterator<Item = &[f64]> + Clone {
        self.offsets.windows(2).map(|bounds| &self.times[bounds[0]..bounds[1]])
    }

    /// All spikes, train by train.
    pub fn spikes(&self) -> &[f64] {
        &self.times
    }

    /// A train by a caller's number.
    ///
    /// # Errors
    /// `invalid-parameter`
    pub fn numbered(&self, name: &str, id: usize) -> Result<&[f64]> {
        if id >= self.len() {
            return Err(Error::invalid(name, id, format!("a train below {}", self.len())));
        }
        Ok(self.train(id))
    }
}

fn offsets(ids: &[u32], trains: usize) -> Result<Vec<usize>> {
    let mut offsets = try_vec("spike trains", trains + 1, 0usize)?;
    for &id in ids {
        offsets[id as usize + 1] += 1;
    }
    for id in 0..trains {
        offsets[id + 1] += offsets[id];
    }
    Ok(offsets)
}
