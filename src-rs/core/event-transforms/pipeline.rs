//! Chains transforms, optionally with a representation at the end.

use crate::events::Events;
use crate::registry::TransformSpec;
use crate::represent::{Frames, Representation, RepresentationSpec};
use crate::sensor::Sensor;
use crate::transform::Transform;
use lapicque_base::error::{Error, Result};
use lapicque_base::rng::Rng;
use serde::Deserialize;

/// A pipeline as it is described.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PipelineSpec {
    pub sensor: Sensor,
    #[serde(default)]
    pub transforms: Vec<TransformSpec>,
    pub output: Option<RepresentationSpec>,
    #[serde(default)]
    pub seed: u64,
    /// Tells apart the draws of one seed.
    #[serde(default)]
    pub stream: Vec<u64>,
}

pub struct Pipeline {
    input: Sensor,
    output: Sensor,
    stages: Vec<Box<dyn Transform>>,
    end: Option<Box<dyn Representation>>,
    shape: Vec<usize>,
    finished: bool,
}

impl Pipeline {
    /// # Errors
    /// `invalid-parameter` for a sensor or an option out of range, `too-large` for what memory cannot hold.
    pub fn new(spec: &PipelineSpec) -> Result<Self> {
        let input = spec.sensor.check()?;
        let mut output = input;
        let mut stages = Vec::new();
        for (number, transform) in (0..).zip(&spec.transforms) {
            let path: Vec<u64> = spec.stream.iter().copied().chain([number]).collect();
            let stage = transform.build(output, Rng::named(spec.seed, &path))?;
            output = stage.sensor;
            stages.push(stage.transform);
        }
        let end = spec.output.as_ref().map(|end| end.build(output)).transpose()?;
        let (end, shape) = end.map_or((None, Vec::new()), |(end, shape)| (Some(end), shape));
        Ok(Pipeline { input, output, stages, end, shape, finished: false })
    }

    /// From JSON.
    ///
    /// # Errors
    /// `invalid-parameter`, also for JSON of another form.
    pub fn from_json(text: &str) -> Result<Self> {
        let spec = serde_json::from_str(text).map_err(|e| Error::invalid("pipeline", text, e.to_string()))?;
        Pipeline::new(&spec)
    }

    /// The sensor of the events that leave the transforms.
    pub fn sensor(&self) -> Sensor {
        self.output
    }

    /// Whether frames come out instead of events.
    pub fn represents(&self) -> bool {
        self.end.is_some()
    }

    /// Shape of one frame of the representation, empty without one.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// One batch: its events are replaced by what leaves the transforms, or, with a representation, go into `frames`.
    ///
    /// # Errors
    /// `invalid-parameter` for an event outside of the sensor, or after the end; `too-large`.
    pub fn push(&mut self, events: &mut Events, frames: &mut Frames) -> Result<()> {
        if self.finished {
            return Err(Error::invalid("events", "a batch after finish()", "no more batches"));
        }
        self.input.check_events(events)?;
        for stage in &mut self.stages {
            stage.apply(events)?;
        }
        self.represent(events, frames)
    }

    /// What is left at the end of the stream.
    ///
    /// # Errors
    /// As [`push`](Self::push).
    pub fn finish(&mut self, events: &mut Events, frames: &mut Frames) -> Result<()> {
        events.clear();
        if std::mem::replace(&mut self.finished, true) {
            return Ok(());
        }
        for stage in &mut self.stages {
            stage.apply(events)?;
            let rest = stage.finish()?;
            events.append(&rest)?;
        }
        self.represent(events, frames)?;
        match &mut self.end {
            Some(end) => end.finish(frames),
            None => Ok(()),
        }
    }

    fn represent(&mut self, events: &mut Events, frames: &mut Frames) -> Result<()> {
        let Some(end) = &mut self.end else { return Ok(()) };
        end.push(events, frames)?;
        events.clear();
        Ok(())
    }
}
