//! One step of decay of the states of neurons.

use crate::rules::{Decay, Rounding};

/// More bits than any state has.
pub const MAX_SHIFT: i32 = 31;

/// Decays each state by its parameter (a shift, or a factor). `bits`: what the states fit, at most 24.
#[inline(always)]
pub fn decay<const N: usize>(rule: Decay, bits: u32, states: &mut [i32; N], parameters: &[i32; N]) {
    match rule {
        Decay::None => {}
        Decay::Shift { at_least_one } => {
            for i in 0..N {
                // A shift is at most 31 by construction; the mask tells the compiler.
                let lost = states[i] >> (parameters[i] & 31);
                let stuck = at_least_one && lost == 0;
                states[i] -= if stuck { states[i].signum() } else { lost };
            }
        }
        Decay::Multiplier { fraction_bits, rounding } => {
            // What is added before a number is rounded down: below 0, and from 0 on.
            let unit = 1 << fraction_bits;
            let [below, from] = match rounding {
                Rounding::Floor => [0, 0],
                Rounding::Nearest => [unit / 2, unit / 2],
                Rounding::TowardZero => [unit - 1, 0],
            };
            if bits + fraction_bits <= 31 {
                for i in 0..N {
                    let (x, factor) = (states[i], parameters[i]);
                    let added = if x < 0 { below } else { from };
                    states[i] = x.wrapping_mul(factor).wrapping_add(added) >> fraction_bits;
                }
            } else {
                // x = high 2^fraction_bits + low, of which the first product needs no rounding and the second fits 32 bits without a sign:
                // low and factor are at most 2^16.
                for i in 0..N {
                    let (x, factor) = (states[i], parameters[i]);
                    let added = if x < 0 { below } else { from };
                    let low =
                        ((x & (unit - 1)) as u32).wrapping_mul(factor as u32).wrapping_add(added as u32);
                    states[i] =
                        (x >> fraction_bits).wrapping_mul(factor).wrapping_add((low >> fraction_bits) as i32);
                }
            }
        }
    }
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
