use super::super::*;
use super::{assert_bits, levels, values};
use lapicque_base::SimdLevel;

fn adam_step(step: i32, decoupled: bool) -> AdamStep {
    let (beta1, beta2) = (0.9f64, 0.999f64);
    AdamStep {
        lr: 1e-3,
        beta1,
        beta2,
        eps: 1e-8,
        weight_decay: 0.01,
        decoupled,
        bias_correction1: 1.0 - beta1.powi(step),
        bias_correction2: 1.0 - beta2.powi(step),
        grad_scale: 0.5,
    }
}

/// Kingma & Ba's algorithm 1 as written in the paper, in f64, with decay as torch documents it.
#[test]
fn adam_follows_the_paper() {
    let n = 77;
    for decoupled in [false, true] {
        let (mut w, mut m, mut v) = (values::<f64>(1, n), vec![0.0; n], vec![0.0; n]);
        let (mut theta, mut mean, mut square) = (w.clone(), vec![0.0; n], vec![0.0; n]);
        for t in 1..=5 {
            let g = values::<f64>(10 + t as u64, n);
            let s = adam_step(t, decoupled);
            adam(SimdLevel::detect(), &mut w, &mut m, &mut v, &g, &s);
            for i in 0..n {
                let mut grad = g[i] * s.grad_scale;
                if decoupled {
                    theta[i] -= s.lr * s.weight_decay * theta[i];
                } else {
                    grad += s.weight_decay * theta[i];
                }
                mean[i] = s.beta1 * mean[i] + (1.0 - s.beta1) * grad;
                square[i] = s.beta2 * square[i] + (1.0 - s.beta2) * grad * grad;
                let (m_hat, v_hat): (f64, f64) =
                    (mean[i] / s.bias_correction1, square[i] / s.bias_correction2);
                theta[i] -= s.lr * m_hat / (v_hat.sqrt() + s.eps);
                assert!((theta[i] - w[i]).abs() < 1e-14, "step {t}, element {i}: {} and {}", theta[i], w[i]);
            }
        }
    }
}

#[test]
fn adam_starts_from_the_gradient_when_beta1_is_small() {
    let s = AdamStep { beta1: 0.25, bias_correction1: 0.75, grad_scale: 1.0, ..adam_step(1, true) };
    let (mut w, mut m, mut v) = (vec![0.0f64; 9], vec![2.0; 9], vec![0.0; 9]);
    adam(SimdLevel::detect(), &mut w, &mut m, &mut v, &[4.0; 9], &s);
    assert_eq!(m, vec![0.25 * 2.0 + 0.75 * 4.0; 9]);
}

/// torch.optim.SGD's documented algorithm, in f64.
#[test]
fn sgd_follows_torch() {
    let n = 50;
    for (momentum, nesterov, dampening) in [(0.0, false, 0.0), (0.9, false, 0.1), (0.9, true, 0.0)] {
        let (mut w, mut buffer) = (values::<f64>(1, n), vec![0.0; n]);
        let (mut theta, mut velocity) = (w.clone(), vec![0.0; n]);
        for t in 0..4 {
            let g = values::<f64>(20 + t, n);
            let first = t == 0;
            let step = SgdStep {
                lr: 0.1,
                momentum,
                dampening,
                weight_decay: 0.02,
                nesterov,
                first,
                grad_scale: 2.0,
            };
            sgd(SimdLevel::detect(), &mut w, &mut buffer, &g, &step);
            for i in 0..n {
                let mut grad = 2.0 * g[i] + 0.02 * theta[i];
                if momentum != 0.0 {
                    velocity[i] =
                        if first { grad } else { momentum * velocity[i] + (1.0 - dampening) * grad };
                    grad = if nesterov { grad + momentum * velocity[i] } else { velocity[i] };
                }
                theta[i] -= 0.1 * grad;
                assert!((theta[i] - w[i]).abs() < 1e-13, "step {t}, element {i}");
            }
        }
    }
}

#[test]
fn optimisers_give_the_same_bits_at_every_level() {
    let n = 203;
    let g = values::<f32>(2, n);
    let step = SgdStep {
        lr: 0.1,
        momentum: 0.9,
        dampening: 0.2,
        weight_decay: 0.01,
        nesterov: false,
        first: false,
        grad_scale: 0.7,
    };
    let run = |level| {
        let (mut w, mut m, mut v) = (values::<f32>(1, n), values::<f32>(3, n), vec![0.1; n]);
        adam(level, &mut w, &mut m, &mut v, &g, &adam_step(3, false));
        sgd(level, &mut w, &mut m, &g, &step);
        [w, m, v].concat()
    };
    let expected = run(SimdLevel::Portable);
    for level in levels() {
        assert_bits(&run(level), &expected, level.name());
    }
}

#[test]
fn columns_are_summed_in_ascending_rows() {
    let grad = values::<f32>(5, 300 * PANEL);
    let mut expected = vec![0.5f32; PANEL];
    for row in grad.chunks(PANEL) {
        for (sum, value) in expected.iter_mut().zip(row) {
            *sum += value;
        }
    }
    for level in levels() {
        let mut sums = vec![0.5; PANEL];
        column_sums(level, &grad, &mut sums, true);
        assert_bits(&sums, &expected, level.name());
    }
}

#[test]
fn squares_are_summed_by_chunks_whoever_sums_them() {
    for len in [0, 1, 15, 16, 17, SQUARES_CHUNK, 3 * SQUARES_CHUNK + 21] {
        let x = values::<f32>(6, len);
        let exact: f64 = x.iter().map(|x| f64::from(*x) * f64::from(*x)).sum();
        let total = sum_of_squares(SimdLevel::Portable, &x);
        assert!((total - exact).abs() <= 1e-12 * exact, "{total} and {exact}");
        for level in levels() {
            let mut partial = vec![0.0; len.div_ceil(SQUARES_CHUNK)];
            squares_of_chunks(level, &x, &mut partial);
            let parts = partial.iter().fold(0.0, |sum, part| sum + part);
            assert_eq!([parts, sum_of_squares(level, &x)].map(f64::to_bits), [total.to_bits(); 2]);
        }
    }
}

#[test]
fn the_first_bad_element_is_found() {
    for level in levels() {
        let mut x = values::<f32>(7, 5000);
        assert_eq!(all_finite(level, &x), None);
        (x[4321], x[4999]) = (f32::NEG_INFINITY, f32::NAN);
        assert_eq!(all_finite(level, &x), Some(4321));
        assert_eq!(all_finite(level, &[0.0, f64::NAN]), Some(1));
        assert_eq!(all_finite::<f32>(level, &[]), None);
    }
}
