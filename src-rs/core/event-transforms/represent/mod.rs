//! Inputs for networks: frames, voxel grids, surfaces. A [`Schedule`] groups events, a [`Sink`] builds a frame from a
//! group.

mod averaged;
mod counts;
mod frames;
mod schedule;
mod slices;
mod surface;
mod voxel;
mod windows;

pub use frames::{Frames, Span};
pub use schedule::Schedule;

use crate::events::Events;
use crate::sensor::Sensor;
use lapicque_base::error::{Error, Result};
use schedule::Scheduled;
use serde::Deserialize;

/// The end of a pipeline.
pub trait Representation: Send {
    /// # Errors
    /// `invalid-parameter` for events that are not in the order of time, `too-large`.
    fn push(&mut self, events: &Events, frames: &mut Frames) -> Result<()>;

    /// # Errors
    /// As [`push`](Self::push).
    fn finish(&mut self, frames: &mut Frames) -> Result<()>;
}

/// What is made of the events of a window.
pub(crate) trait Sink: Send {
    /// An event enters the window.
    fn add(&mut self, e: crate::Event);
    /// The oldest event leaves it, because the next window begins later.
    fn remove(&mut self, e: crate::Event);
    /// All events leave it.
    fn clear(&mut self);
    /// The window is complete.
    fn emit(&mut self, span: Span, frames: &mut Frames) -> Result<()>;
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum RepresentationSpec {
    /// Events of each channel and window, `[polarity, height, width]`.
    Frames {
        #[serde(flatten)]
        schedule: Schedule,
        /// 1 where there is at least one.
        #[serde(default)]
        binary: bool,
    },
    /// The same as channels and counts of those that are not 0.
    Sparse {
        #[serde(flatten)]
        schedule: Schedule,
    },
    /// The events themselves.
    Slices {
        #[serde(flatten)]
        schedule: Schedule,
    },
    /// Polarities shared out between the two bins beside each event, `[bins, height, width]` (A. Z. Zhu et al., CVPR 2019).
    VoxelGrid {
        bins: usize,
        #[serde(flatten)]
        schedule: Schedule,
    },
    /// exp(-(end - t) / tau) of each channel's last event, `[polarity, height, width]` (X. Lagorce et al., PAMI 2017).
    TimeSurface {
        /// In µs.
        tau: f64,
        #[serde(flatten)]
        schedule: Schedule,
    },
    /// Histograms of averaged time surfaces, `[cells, polarity, size, size]` (A. Sironi et al., CVPR 2018).
    AveragedTimeSurface {
        #[serde(flatten)]
        options: averaged::Options,
        #[serde(flatten)]
        schedule: Schedule,
    },
}

impl RepresentationSpec {
    /// The representation of events of `sensor`, and the shape of one frame.
    ///
    /// # Errors
    /// `invalid-parameter`, `too-large`
    pub fn build(&self, sensor: Sensor) -> Result<(Box<dyn Representation>, Vec<usize>)> {
        let [width, height] = [sensor.width as usize, sensor.height as usize];
        let image = vec![usize::from(sensor.polarities), height, width];
        Ok(match self {
            RepresentationSpec::Frames { schedule, binary } => {
                (Scheduled::boxed(schedule, counts::Dense::new(sensor, *binary)?)?, image)
            }
            RepresentationSpec::Sparse { schedule } => {
                (Scheduled::boxed(schedule, counts::Sparse::new(sensor)?)?, image)
            }
            RepresentationSpec::Slices { schedule } => {
                (Scheduled::boxed(schedule, slices::Slices::default())?, Vec::new())
            }
            RepresentationSpec::VoxelGrid { bins, schedule } => {
                let grid = voxel::VoxelGrid::new(sensor, *bins, schedule.has_windows())?;
                (Scheduled::boxed(schedule, grid)?, vec![*bins, height, width])
            }
            RepresentationSpec::TimeSurface { tau, schedule } => {
                (Scheduled::boxed(schedule, surface::Surface::new(sensor, *tau)?)?, image)
            }
            RepresentationSpec::AveragedTimeSurface { options, schedule } => {
                let surfaces = averaged::Averaged::new(sensor, options)?;
                // An event cannot be taken out of a mean of surfaces again.
                if schedule.overlap != 0.0 {
                    return Err(Error::invalid("overlap", schedule.overlap, "0 for averaged time surfaces"));
                }
                let shape = surfaces.shape();
                (Scheduled::boxed(schedule, surfaces)?, shape)
            }
        })
    }
}
