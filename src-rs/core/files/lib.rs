//! Files: the container of models, checkpoints and recordings (`.safetensors`), numpy's arrays, and atomic writing.
//! Files are untrusted: every size is checked against the file's length before memory is allocated, and nothing in a
//! file is executed.

pub mod any;
pub mod atomic;
pub mod container;
pub mod digest;
mod header;
pub mod npy;
pub mod npz;
pub mod reading;
pub mod tensor;

pub use any::Format;
pub use container::Container;
pub use lapicque_base::limits::Limits;
pub use reading::Reading;
pub use tensor::{Dtype, Tensor, TensorView};
