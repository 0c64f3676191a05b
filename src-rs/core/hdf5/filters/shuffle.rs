//! The shuffle filter, filter 2: bytes reordered by their position in the element.

/// Elements that are transposed at once: their bytes stay in the first-level cache.
const TILE: usize = 1024;

pub(super) fn unshuffle(bytes: &[u8], size: usize) -> Vec<u8> {
    let count = bytes.len().checked_div(size).unwrap_or(0);
    if size <= 1 || count == 0 {
        return bytes.to_vec();
    }
    let mut out = vec![0; bytes.len()];
    match size {
        2 => transpose::<2>(bytes, count, &mut out),
        4 => transpose::<4>(bytes, count, &mut out),
        8 => transpose::<8>(bytes, count, &mut out),
        16 => transpose::<16>(bytes, count, &mut out),
        _ => {
            for (byte_index, plane) in bytes[..count * size].chunks_exact(count).enumerate() {
                for (element, byte) in plane.iter().enumerate() {
                    out[element * size + byte_index] = *byte;
                }
            }
        }
    }
    let whole = count * size;
    out[whole..].copy_from_slice(&bytes[whole..]);
    out
}

fn transpose<const N: usize>(bytes: &[u8], count: usize, out: &mut [u8]) {
    let (elements, _) = out.as_chunks_mut::<N>();
    for (tile, elements) in elements[..count].chunks_mut(TILE).enumerate() {
        let planes: [&[u8]; N] = std::array::from_fn(|byte_index| {
            let from = byte_index * count + tile * TILE;
            &bytes[from..from + elements.len()]
        });
        for (i, element) in elements.iter_mut().enumerate() {
            *element = std::array::from_fn(|byte_index| planes[byte_index][i]);
        }
    }
}

/// The inverse of `unshuffle`.
pub(crate) fn shuffle(bytes: &[u8], size: usize) -> Vec<u8> {
    let count = bytes.len().checked_div(size).unwrap_or(0);
    if size <= 1 || count == 0 {
        return bytes.to_vec();
    }
    let mut out = bytes.to_vec();
    for (byte_index, plane) in out[..count * size].chunks_exact_mut(count).enumerate() {
        for (element, byte) in plane.iter_mut().enumerate() {
            *byte = bytes[element * size + byte_index];
        }
    }
    out
}
