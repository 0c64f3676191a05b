//! Sobol' sequence (I. M. Sobol', 1967) with the direction numbers of S. Joe and F. Y. Kuo, SIAM J. Sci. Comput. 30, 2008,
//! scrambled by hash-based Owen scrambling (B. Burley, J. Comput. Graph. Tech. 9, 2020).

use super::{Ask, Sampler, Setup};
use crate::draws::{Use, stream};
use crate::space::Point;
use lapicque_base::error::{Error, Result};
use std::sync::OnceLock;

/// Number of dimensions in the table.
pub const MOST: usize = 1024;

/// One line per dimension, from the second on: degree, coefficients of the polynomial, first direction numbers.
const TABLE: &str = include_str!("joe-kuo.txt");

pub struct Sobol {
    scramble: bool,
}

pub fn build(setup: &Setup) -> Result<Box<dyn Sampler>> {
    if setup.space.len() > MOST {
        let feature = format!("spaces of more than {MOST} parameters (this one has {})", setup.space.len());
        return Err(Error::Unsupported { feature, format: "sobol".into() });
    }
    Ok(Box::new(Sobol { scramble: setup.options.flag("scramble", true)? }))
}

/// Direction numbers of all dimensions.
fn directions() -> &'static [[u32; 32]] {
    static DIRECTIONS: OnceLock<Vec<[u32; 32]>> = OnceLock::new();
    DIRECTIONS.get_or_init(|| {
        let first = std::array::from_fn(|bit| 1 << (31 - bit));
        let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
        std::iter::once(first).chain(lines.map(direction)).take(MOST).collect()
    })
}

fn direction(line: &str) -> [u32; 32] {
    let mut numbers = line.split_ascii_whitespace().filter_map(|word| word.parse::<u32>().ok());
    let (degree, coefficients) = (numbers.next().unwrap_or(1) as usize, numbers.next().unwrap_or(0));
    let mut v = [0_u32; 32];
    for (bit, m) in numbers.take(degree).enumerate() {
        v[bit] = m << (31 - bit);
    }
    for bit in degree..32 {
        let mut next = v[bit - degree] ^ v[bit - degree] >> degree;
        for k in 1..degree {
            if coefficients >> (degree - 1 - k) & 1 == 1 {
                next ^= v[bit - k];
            }
        }
        v[bit] = next;
    }
    v
}

/// Coordinate `dimension` (below [`MOST`]) of point `number`, with 32 bits; in Gray code order, as in scipy.
pub fn sobol(number: u32, dimension: usize) -> u32 {
    let gray = number ^ number >> 1;
    let v = &directions()[dimension];
    (0..32).filter(|bit| gray >> bit & 1 == 1).fold(0, |sum, bit| sum ^ v[bit])
}

/// A permutation in which each bit depends only on the seed and on the higher bits.
fn scrambled(x: u32, seed: u32) -> u32 {
    // The hash of S. Laine and T. Karras with Burley's constants mixes from low bits to high ones, so bits are reversed before
    // and after.
    let mut x = x.reverse_bits();
    x = x.wrapping_add(seed);
    x ^= x.wrapping_mul(0x6c50_b47c);
    x ^= x.wrapping_mul(0xb82f_1e52);
    x ^= x.wrapping_mul(0xc7af_e638);
    x ^= x.wrapping_mul(0x8d22_f6e6);
    x.reverse_bits()
}

impl Sampler for Sobol {
    fn propose(&mut self, ask: &Ask) -> Result<Option<Point>> {
        // The sequence has 2^32 points.
        let Ok(number) = u32::try_from(ask.number) else { return Ok(None) };
        let seeds = stream(ask.seed, Use::Scramble, 0);
        Ok(Some(ask.space.point(|i, domain, _| {
            let x = sobol(number, i);
            let u = if self.scramble {
                // Shifted by half a step, so that no coordinate is 0.
                (f64::from(scrambled(x, seeds.u32_at(i as u64))) + 0.5) / 4_294_967_296.0
            } else {
                f64::from(x) / 4_294_967_296.0
            };
            domain.from_unit(u)
        })))
    }

    fn is_adaptive(&self) -> bool {
        false
    }
}
