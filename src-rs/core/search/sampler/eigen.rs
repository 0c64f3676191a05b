//! Eigenvalues and eigenvectors of symmetric matrices: Jacobi's method by rows (G. H. Golub, C. F. Van Loan, Matrix Computations, §8.5).

/// Maximum number of sweeps; seven or eight are enough.
const SWEEPS: usize = 50;

/// The eigenvalues of the symmetric matrix `a`, `[n, n]`, and its eigenvectors as columns.
pub fn symmetric(a: &[f64], n: usize) -> (Vec<f64>, Vec<f64>) {
    let mut a = a.to_vec();
    let mut vectors = vec![0.0; n * n];
    (0..n).for_each(|i| vectors[i * n + i] = 1.0);
    let whole: f64 = a.iter().map(|x| x * x).sum();
    for _ in 0..SWEEPS {
        let off: f64 =
            (0..n).flat_map(|i| (0..i).map(move |j| (i, j))).map(|(i, j)| a[i * n + j] * a[i * n + j]).sum();
        if off <= 1e-32 * whole {
            break;
        }
        for p in 0..n {
            for q in p + 1..n {
                rotate(&mut a, &mut vectors, n, p, q);
            }
        }
    }
    ((0..n).map(|i| a[i * n + i]).collect(), vectors)
}

/// Makes `a[p, q]` zero.
fn rotate(a: &mut [f64], vectors: &mut [f64], n: usize, p: usize, q: usize) {
    let off = a[p * n + q];
    if off == 0.0 {
        return;
    }
    let theta = (a[q * n + q] - a[p * n + p]) / (2.0 * off);
    let t = theta.signum() / (theta.abs() + libm::sqrt(theta * theta + 1.0));
    let c = 1.0 / libm::sqrt(t * t + 1.0);
    let s = t * c;
    for k in 0..n {
        let (x, y) = (a[k * n + p], a[k * n + q]);
        (a[k * n + p], a[k * n + q]) = (c * x - s * y, s * x + c * y);
    }
    for k in 0..n {
        let (x, y) = (a[p * n + k], a[q * n + k]);
        (a[p * n + k], a[q * n + k]) = (c * x - s * y, s * x + c * y);
        let (x, y) = (vectors[k * n + p], vectors[k * n + q]);
        (vectors[k * n + p], vectors[k * n + q]) = (c * x - s * y, s * x + c * y);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lapicque_base::rng::Rng;

    #[test]
    fn vectors_and_values_make_the_matrix_again() {
        for n in [1, 2, 5, 20] {
            let rng = Rng::new(1, n as u64);
            let mut a = vec![0.0; n * n];
            for i in 0..n {
                for j in 0..=i {
                    let x = rng.normal_at((i * n + j) as u64);
                    (a[i * n + j], a[j * n + i]) = (x, x);
                }
            }
            let (values, v) = symmetric(&a, n);
            for i in 0..n {
                for j in 0..n {
                    let again: f64 = (0..n).map(|k| v[i * n + k] * values[k] * v[j * n + k]).sum();
                    let product: f64 = (0..n).map(|k| v[k * n + i] * v[k * n + j]).sum();
                    assert!((again - a[i * n + j]).abs() < 1e-12);
                    assert!((product - f64::from(u8::from(i == j))).abs() < 1e-12);
                }
            }
        }
    }
}
