//! Transforms of event streams: each takes batches of events in the order of the stream and carries its state from one batch to
//! the next, so the result does not depend on how the stream was cut. A [`Pipeline`] chains them and may end in a
//! [`represent`]ation: frames, voxel grids, time surfaces, sparse frames or slices.
//!
//! Random transforms number their draws by the position of the event in their input, so they too do not depend on the batches.

mod align;
mod crop;
mod crop_time;
mod decimate;
mod denoise;
mod downsample;
mod drop;
mod drop_area;
mod drop_time;
mod events;
mod flip;
mod hot_pixels;
mod jitter;
mod merge;
mod noise;
mod normal;
mod pipeline;
mod pixels;
mod refractory;
mod registry;
mod reorder;
pub mod represent;
mod reverse;
mod rotate;
mod sensor;
mod time_jitter;
mod transform;

pub use events::{Event, Events};
pub use pipeline::{Pipeline, PipelineSpec};
pub use registry::TransformSpec;
pub use sensor::Sensor;
pub use transform::{Stage, Transform};
