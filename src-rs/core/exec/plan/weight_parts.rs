//! The number of parts in which the gradient of a convolution's weights is summed.

/// Weight gradients are summed over up to `PARTS` parts of the rows first, then over the parts. There are fewer parts
/// if they would take more than `PARTS_BYTES`, but at least `MIN_PARTS`.
const PARTS: usize = 16;

const PARTS_BYTES: usize = 4 << 20;

const MIN_PARTS: usize = 4;

/// The number of parts, for a gradient of `elements` numbers of `real` bytes.
pub(crate) fn parts(elements: usize, real: usize) -> usize {
    (PARTS_BYTES / (elements * real).max(1)).clamp(MIN_PARTS, PARTS)
}
