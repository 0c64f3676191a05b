//! Normal numbers from uniform ones by a table of the inverse distribution: several times as fast as Box–Muller, and
//! each takes one uniform number, so samples can be numbered.

/// The quantile of the standard normal distribution: P. J. Acklam's rational approximation (relative error 1.2e-9), from
/// <https://web.archive.org/web/20151030215612/http://home.online.no/~pjacklam/notes/invnorm/>.
pub fn quantile(p: f64) -> f64 {
    const A: [f64; 6] = [
        -3.969_683_028_665_376e1,
        2.209_460_984_245_205e2,
        -2.759_285_104_469_687e2,
        1.383_577_518_672_69e2,
        -3.066_479_806_614_716e1,
        2.506_628_277_459_239,
    ];
    const B: [f64; 6] = [
        -5.447_609_879_822_406e1,
        1.615_858_368_580_409e2,
        -1.556_989_798_598_866e2,
        6.680_131_188_771_972e1,
        -1.328_068_155_288_572e1,
        1.0,
    ];
    const C: [f64; 6] = [
        -7.784_894_002_430_293e-3,
        -3.223_964_580_411_365e-1,
        -2.400_758_277_161_838,
        -2.549_732_539_343_734,
        4.374_664_141_464_968,
        2.938_163_982_698_783,
    ];
    const D: [f64; 5] = [
        7.784_695_709_041_462e-3,
        3.224_671_290_700_398e-1,
        2.445_134_137_142_996,
        3.754_408_661_907_416,
        1.0,
    ];
    let polynomial = |coefficients: &[f64], x: f64| coefficients.iter().fold(0.0, |sum, c| sum * x + c);
    if p > 0.5 {
        return -quantile(1.0 - p);
    }
    if p < 0.02425 {
        let q = libm::sqrt(-2.0 * libm::log(p.max(f64::MIN_POSITIVE)));
        return polynomial(&C, q) / polynomial(&D, q);
    }
    let q = p - 0.5;
    polynomial(&A, q * q) * q / polynomial(&B, q * q)
}

/// Bits of a draw that select an entry of the table.
const BITS: u32 = 12;

/// A draw lies at most this many standard deviations from 0: a uniform number has 24 bits.
pub const FARTHEST: f64 = 5.6;

/// Straight lines between 4,097 quantiles; in the outermost entries the quantile itself.
pub struct Normal {
    table: Vec<f32>,
}

impl Normal {
    pub fn new() -> Self {
        let n = 1 << BITS;
        Normal {
            table: (0..=n)
                .map(|i| quantile((f64::from(i) / f64::from(n)).clamp(1e-9, 1.0 - 1e-9)) as f32)
                .collect(),
        }
    }

    /// The number of a uniform one in \[0, 1) of 24 bits.
    pub fn of(&self, uniform: f32) -> f32 {
        let scaled = uniform * (1 << BITS) as f32;
        let entry = (scaled as usize).min((1 << BITS) - 1);
        if entry == 0 || entry == (1 << BITS) - 1 {
            // The middle of the interval that the number stands for, which is never 0 or 1.
            return quantile(f64::from(uniform) + 0.5 / f64::from(1 << 24)) as f32;
        }
        let part = scaled - entry as f32;
        self.table[entry] + (self.table[entry + 1] - self.table[entry]) * part
    }
}

/// To the nearest whole number, halves away from 0: without the call that `round` is on a processor of the baseline.
pub fn rounded(x: f32) -> i64 {
    (x + 0.5f32.copysign(x)) as i64
}
