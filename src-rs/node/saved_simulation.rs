//! The state of a simulation, as JavaScript stores it.

use crate::arrays::{self, Float64ArraySlice, Uint8ArraySlice, Uint32ArraySlice};
use crate::boundary::{Raw, from_napi};
use crate::numbers::{self, MAX_SAFE_INTEGER};
use lapicque_core::simulate::{Changes, PopulationState, SimulationState};
use lapicque_core::{Error, Result};
use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;

/// The state of a simulation in JavaScript's form. Names and values are lists, because names are the user's.
#[napi(object, object_to_js = false)]
pub struct SavedSimulation<'env> {
    pub step: f64,
    pub seed: Option<f64>,
    pub populations: Vec<SavedPopulation<'env>>,
    /// Steps and neurons of the spikes in flight.
    pub in_flight_steps: Float64ArraySlice<'env>,
    pub in_flight_ids: Uint32ArraySlice<'env>,
    /// The variables of plastic synapses and changing parameters, packed by the engine.
    pub plastic: Uint8ArraySlice<'env>,
    /// Values that were set between runs, packed by the engine; states of older versions have none.
    pub changes: Option<Uint8ArraySlice<'env>>,
}

#[napi(object, object_to_js = false)]
pub struct SavedPopulation<'env> {
    pub name: String,
    pub states: Vec<SavedValues<'env>>,
}

#[napi(object, object_to_js = false)]
pub struct SavedValues<'env> {
    pub name: String,
    pub values: Float64ArraySlice<'env>,
}

impl SavedSimulation<'_> {
    fn changes(&self) -> Result<Option<Changes>> {
        let Some(bytes) = &self.changes else { return Ok(None) };
        let malformed =
            |reason: String| Error::MalformedFile { format: "state.changes".into(), offset: 0, reason };
        // A copy, because other threads may write to the original.
        let bytes: Vec<u8> = arrays::copied("state.changes", bytes)?;
        let (mut changes, rest): (Changes, _) =
            postcard::take_from_bytes(&bytes).map_err(|e| malformed(e.to_string()))?;
        if rest.is_empty() {
            return Ok(Some(changes));
        }
        let (trains, rest): (Vec<_>, _) =
            postcard::take_from_bytes(rest).map_err(|e| malformed(e.to_string()))?;
        if trains.is_empty() {
            return Err(malformed("the state has extra bytes".into()));
        }
        changes.trains = trains;
        match rest.len() {
            0 => Ok(Some(changes)),
            more => Err(malformed(format!("the state has {more} extra bytes"))),
        }
    }

    /// Checked, for the engine.
    pub fn state(&self) -> Result<SimulationState> {
        let steps = arrays::copied("state.inFlightSteps", &self.in_flight_steps)?;
        let ids = arrays::copied("state.inFlightIds", &self.in_flight_ids)?;
        let packed = arrays::copied("state.plastic", &self.plastic)?;
        if steps.len() != ids.len() {
            return Err(Error::ShapeMismatch {
                layer: "state.inFlightIds".into(),
                expected: format!("[{}]", steps.len()),
                got: format!("[{}]", ids.len()),
            });
        }
        let whole = |name: &str, value| numbers::whole(name, value, 0..=MAX_SAFE_INTEGER);
        let population = |from: &SavedPopulation| {
            let values =
                |state: &SavedValues| Ok((state.name.clone(), arrays::copied(&state.name, &state.values)?));
            let states = from.states.iter().map(values).collect::<Result<_>>()?;
            Ok(PopulationState { name: from.name.clone(), states })
        };
        let malformed = |offset: usize, reason: String| Error::MalformedFile {
            format: "state.plastic".into(),
            offset: offset as u64,
            reason,
        };
        let ((plastic, intrinsic), rest) =
            postcard::take_from_bytes(&packed).map_err(|e| malformed(0, e.to_string()))?;
        if !rest.is_empty() {
            let reason = format!("the state has {} extra bytes", rest.len());
            return Err(malformed(packed.len() - rest.len(), reason));
        }
        Ok(SimulationState {
            step: whole("state.step", self.step)?,
            seed: self.seed.map(|seed| whole("state.seed", seed)).transpose()?,
            populations: self.populations.iter().map(population).collect::<Result<_>>()?,
            in_flight: (steps.iter().zip(&ids))
                .map(|(&step, &id)| Ok((whole("state.inFlightSteps", step)?, id)))
                .collect::<Result<_>>()?,
            plastic,
            intrinsic,
            changes: self.changes()?,
        })
    }
}

/// Names with their values, as a list, because names are the user's.
pub fn named<'env>(env: &'env Env, values: &[(String, Vec<f64>)]) -> Result<Vec<Object<'env>>> {
    let one = |(name, values): &(String, Vec<f64>)| {
        let mut to = Object::new(env).map_err(from_napi)?;
        to.set("name", name).map_err(from_napi)?;
        to.set("values", arrays::array(env, name, values)?).map_err(from_napi)?;
        Ok(to)
    };
    values.iter().map(one).collect()
}

/// For JavaScript, as `SavedSimulation` is.
pub fn saved(env: &Env, state: &SimulationState) -> Result<Raw> {
    let populations = state.populations.iter().map(|population| {
        let mut to = Object::new(env).map_err(from_napi)?;
        to.set("name", &population.name).map_err(from_napi)?;
        to.set("states", named(env, &population.states)?).map_err(from_napi)?;
        Ok(to)
    });
    let (steps, ids): (Vec<f64>, Vec<u32>) =
        state.in_flight.iter().map(|&(step, id)| (step as f64, id)).unzip();
    let mut out = Object::new(env).map_err(from_napi)?;
    out.set("step", state.step as f64).map_err(from_napi)?;
    out.set("seed", state.seed.map(|seed| seed as f64)).map_err(from_napi)?;
    out.set("populations", populations.collect::<Result<Vec<_>>>()?).map_err(from_napi)?;
    out.set("inFlightSteps", arrays::array(env, "inFlightSteps", &steps)?).map_err(from_napi)?;
    out.set("inFlightIds", arrays::array(env, "inFlightIds", &ids)?).map_err(from_napi)?;
    let plastic = postcard::to_allocvec(&(&state.plastic, &state.intrinsic))
        .map_err(|e| Error::Internal { reason: e.to_string() })?;
    out.set("plastic", arrays::array(env, "plastic", &plastic)?).map_err(from_napi)?;
    if let Some(changes) = &state.changes {
        let internal = |e: postcard::Error| Error::Internal { reason: e.to_string() };
        let mut packed = postcard::to_allocvec(changes).map_err(internal)?;
        // Behind the others, so that states without set trains are those of older versions.
        if !changes.trains.is_empty() {
            packed.extend(postcard::to_allocvec(&changes.trains).map_err(internal)?);
        }
        let changes = packed;
        out.set("changes", arrays::array(env, "changes", &changes)?).map_err(from_napi)?;
    }
    Raw::new(env, out)
}
