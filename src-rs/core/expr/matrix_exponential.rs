//! The exponential of a matrix of recorded values, by scaling and squaring of its series. Absent elements are zero, and stay
//! absent in all products.

use super::graph::Sym;
use super::scalar::Scalar;

pub type Matrix = Vec<Vec<Option<Sym>>>;

/// Terms of the series: with a norm of at most 1/2 the next is below `0.5^17 / 17!`, 2e-20.
const TERMS: u32 = 16;

/// `exp(a)`; `norm` is at least the largest sum of magnitudes of a row.
pub fn matrix_exponential(a: &Matrix, norm: f64) -> Matrix {
    let halvings = if norm > 0.5 { libm::log2(2.0 * norm).ceil().min(60.0) as i32 } else { 0 };
    let scale = Sym::constant(0.5_f64.powi(halvings));
    let scaled: Matrix = a.iter().map(|row| row.iter().map(|x| x.map(|x| x * scale)).collect()).collect();
    let mut sum = plus_identity(vec![vec![None; a.len()]; a.len()]);
    for n in (1..=TERMS).rev() {
        let factor = Sym::constant(1.0 / f64::from(n));
        let product = multiply(&scaled, &sum);
        sum = plus_identity(
            product.iter().map(|row| row.iter().map(|x| x.map(|x| x * factor)).collect()).collect(),
        );
    }
    (0..halvings).fold(sum, |power, _| multiply(&power, &power))
}

fn plus_identity(mut a: Matrix) -> Matrix {
    for (i, row) in a.iter_mut().enumerate() {
        row[i] = Some(row[i].map_or_else(Sym::one, |x| x + Sym::one()));
    }
    a
}

fn multiply(a: &Matrix, b: &Matrix) -> Matrix {
    let element = |row: &[Option<Sym>], j: usize| {
        let terms = row.iter().zip(b).filter_map(|(&x, b)| x.zip(b[j]));
        terms.fold(None, |sum: Option<Sym>, (x, y)| Some(sum.map_or_else(|| x * y, |sum| x.mul_add(y, sum))))
    };
    a.iter().map(|row| (0..b.len()).map(|j| element(row, j)).collect()).collect()
}
