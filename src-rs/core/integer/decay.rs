//! One step of decay of the states of neurons.

use crate::rules::{Decay, Rounding};

/// More bits than any state has.
pub const MAX_SHIFT: i32 = 31;

/// Decays each state by its parameter (a shift, or a factor). `bits`: what the states fit.
#[inline(always)]
pub fn decay(rule: Decay, bits: u32, states: &mut [i32], parameters: &[i32]) {
    let pairs = || states.len().min(parameters.len());
    let n = pairs();
    let (states, parameters) = (&mut states[..n], &parameters[..n]);
    match rule {
        Decay::None => {}
        Decay::Shift { at_least_one } => {
            for (x, &shift) in states.iter_mut().zip(parameters) {
                // A shift is at most 31 by construction; the mask tells the compiler.
                let lost = *x >> (shift & 31);
                let stuck = at_least_one && lost == 0;
                *x -= if stuck { x.signum() } else { lost };
            }
        }
        Decay::Multiplier { fraction_bits, rounding } if bits + fraction_bits <= 31 => {
            for (x, &factor) in states.iter_mut().zip(parameters) {
                *x = scaled32(*x, factor, fraction_bits, rounding);
            }
        }
        Decay::Multiplier { fraction_bits, rounding } => {
            for (x, &factor) in states.iter_mut().zip(parameters) {
                *x = scaled64(*x, factor, fraction_bits, rounding);
            }
        }
    }
}

#[inline(always)]
fn scaled32(x: i32, factor: i32, bits: u32, rounding: Rounding) -> i32 {
    let product = x.wrapping_mul(factor);
    match rounding {
        Rounding::Floor => product >> bits,
        Rounding::Nearest => product.wrapping_add(1 << (bits - 1)) >> bits,
        Rounding::TowardZero => product.wrapping_add((product >> 31) & ((1 << bits) - 1)) >> bits,
    }
}

#[inline(always)]
fn scaled64(x: i32, factor: i32, bits: u32, rounding: Rounding) -> i32 {
    let product = i64::from(x) * i64::from(factor);
    let scaled = match rounding {
        Rounding::Floor => product >> bits,
        Rounding::Nearest => (product + (1 << (bits - 1))) >> bits,
        Rounding::TowardZero => (product + ((product >> 63) & ((1 << bits) - 1))) >> bits,
    };
    scaled as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition, in wide floats that are exact here.
    fn defined(x: i32, factor: i32, bits: u32, rounding: Rounding) -> i32 {
        let exact = f64::from(x) * f64::from(factor) / f64::from(1 << bits);
        let rounded = match rounding {
            Rounding::Floor => exact.floor(),
            Rounding::Nearest => (exact + 0.5).floor(),
            Rounding::TowardZero => exact.trunc(),
        };
        rounded as i32
    }

    #[test]
    fn multipliers_round_as_they_say() {
        for rounding in [Rounding::Floor, Rounding::Nearest, Rounding::TowardZero] {
            for bits in [4, 12] {
                for factor in [0, 1, 7, (1 << bits) - 3, 1 << bits] {
                    for x in [-32768, -1000, -17, -1, 0, 1, 3, 999, 32767] {
                        let wanted = defined(x, factor, bits, rounding);
                        for state_bits in [16, 24] {
                            let mut states = [x];
                            decay(
                                Decay::Multiplier { fraction_bits: bits, rounding },
                                state_bits,
                                &mut states,
                                &[factor],
                            );
                            assert_eq!(states[0], wanted, "{x} {factor} {bits} {rounding:?}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_shift_floors_and_moves_by_one_at_least() {
        let cases = [
            (100, 3, 88),
            (-100, 3, -87),
            (7, 3, 6),
            (-7, 3, -6),
            (1, 3, 0),
            (-1, 3, 0),
            (0, 3, 0),
            (5, 0, 0),
        ];
        for (x, shift, wanted) in cases {
            let mut states = [x];
            decay(Decay::Shift { at_least_one: true }, 16, &mut states, &[shift]);
            assert_eq!(states[0], wanted, "{x} >> {shift}");
        }
        let mut states = [7, -7];
        decay(Decay::Shift { at_least_one: false }, 16, &mut states, &[3, 3]);
        assert_eq!(states, [7, -6]);
    }
}
