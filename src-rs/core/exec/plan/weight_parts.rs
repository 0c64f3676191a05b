//! Into how many parts the gradient of a convolution's weights is summed.

/// Weight gradients are summed over so many parts of the rows first, then over the parts, unless
/// those would take more bytes than this; but over so many in any case.
const PARTS: usize = 16;

const PARTS_BYTES: usize = 4 << 20;

const FEWEST_PARTS: usize = 4;

/// Bytes of the gradients' parts for so many elements of weights.
pub(crate) fn parts(elements: usize, real: usize) -> usize {
    (PARTS_BYTES / (elements * real).max(1)).clamp(FEWEST_PARTS, PARTS)
}
