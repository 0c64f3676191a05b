//! Sobol' points: I. M. Sobol', 1967, with the direction numbers of S. Joe and F. Y. Kuo, SIAM J. Sci. Comput. 30, 2008, scrambled by
//! Owen's nested uniform permutations, by hashing: B. Burley, J. Comput. Graph. Tech. 9, 2020.

use super::{Ask, Sampler, Setup};
use crate::draws::{Use, stream};
use crate::space::Point;
use lapicque_base::error::{Error, Result};
use std::sync::OnceLock;

/// Dimensions in the table.
pub const MOST: usize = 1024;

/// A line a dimension from the second on: degree, coefficients of the polynomial, first direction numbers.
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

/// Coordinate `dimension` (below [`MOST`]) of point `number`, of 32 bits; in the order of the numbers' Gray codes, as scipy has it.
pub fn sobol(number: u32, dimension: usize) -> u32 {
    let gray = number ^ number >> 1;
    let v = &directions()[dimension];
    (0..32).filter(|bit| gray >> bit & 1 == 1).fold(0, |sum, bit| sum ^ v[bit])
}

/// A permutation in which each bit depends on the seed and on the bits above it alone.
fn scrambled(x: u32, seed: u32) -> u32 {
    // S. Laine and T. Karras's hash with Burley's constants mixes from low bits to high ones: hence the reversals.
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
        // After 2^32 points there are no more.
        let Ok(number) = u32::try_from(ask.number) else { return Ok(None) };
        let seeds = stream(ask.seed, Use::Scramble, 0);
        Ok(Some(ask.space.point(|i, domain, _| {
            let x = sobol(number, i);
            let u = if self.scramble {
                // Half a step further none is 0, which no range has a place for.
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
