//! Each kernel compared with a plain loop of its definition, bit for bit, at every SIMD level.

mod attention;
mod convolutions;
mod elementwise;
mod eligibility;
mod events;
mod layouts;
mod products;
mod rows;
mod sampled;
mod steps;

use super::{Element, PANEL, panels};
use lapicque_base::SimdLevel;

/// The levels that this CPU can run.
fn levels() -> Vec<SimdLevel> {
    SimdLevel::ALL.into_iter().filter(|level| level.is_supported()).collect()
}

/// Values in (-1, 1) that use all bits of an f32, from a counter (Steele's splitmix64).
fn values<F: Element>(seed: u64, len: usize) -> Vec<F> {
    (0..len as u64).map(|i| F::from_f64(((mix(seed, i) >> 38) as f64 / (1u64 << 25) as f64) - 1.0)).collect()
}

/// Zeros and ones, about `density` of them ones, as `[rows][neurons]`.
fn spikes<F: Element>(seed: u64, rows: usize, neurons: usize, density: f64) -> Vec<F> {
    let limit = (density * u64::MAX as f64) as u64;
    let one = |i| if mix(seed, i) < limit { F::ONE } else { F::ZERO };
    (0..(rows * neurons) as u64).map(one).collect()
}

fn mix(seed: u64, i: u64) -> u64 {
    let mut z = seed.wrapping_add((i + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Bits `[panels][rows]` of the ones among user rows, one at a time.
fn bits_of<F: Element>(user: &[F], rows: usize, neurons: usize) -> Vec<u64> {
    let mut bits = vec![0; panels(neurons) * rows];
    for r in 0..rows {
        for i in 0..neurons {
            if user[r * neurons + i] == F::ONE {
                bits[(i / PANEL) * rows + r] |= 1 << (i % PANEL);
            }
        }
    }
    bits
}

/// Equal as bits: f32 widens to f64 exactly, so its bits decide; -0 differs from 0.
#[track_caller]
fn assert_bits<F: Element>(got: &[F], expected: &[F], what: &str) {
    assert_eq!(got.len(), expected.len(), "{what}: lengths");
    for (i, (a, b)) in got.iter().zip(expected).enumerate() {
        assert_eq!(a.to_f64().to_bits(), b.to_f64().to_bits(), "{what}: element {i}: {a} and {b}");
    }
}
