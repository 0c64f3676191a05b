//! Attention compared with its definition, and its gradients with finite differences in f64.

use super::levels;
use crate::Attention;
use lapicque_base::rng::Rng;

/// `scale (q kᵀ) v`, element by element.
fn plain(s: &Attention, [q, k, v]: [&[f64]; 3], scale: f64) -> Vec<f64> {
    let [keys, values] = s.channels.map(|channels| channels / s.heads);
    let mut out = vec![0.0; s.tokens[0] * s.channels[1]];
    for (n, c) in (0..s.tokens[0]).flat_map(|n| (0..s.channels[1]).map(move |c| (n, c))) {
        let head = c / values;
        for m in 0..s.tokens[1] {
            let at = |x: &[f64], token: usize, i: usize| x[token * s.channels[0] + head * keys + i];
            let score: f64 = (0..keys).map(|i| at(q, n, i) * at(k, m, i)).sum();
            out[n * s.channels[1] + c] += scale * score * v[m * s.channels[1] + c];
        }
    }
    out
}

/// Shapes for each order of the products, with and without whole blocks of columns.
fn shapes() -> [Attention; 4] {
    [([5, 5], [12, 12]), ([40, 40], [12, 12]), ([3, 50], [6, 132]), ([9, 7], [99, 33])]
        .map(|(tokens, channels)| Attention { heads: 3, tokens, channels })
}

fn operands(s: &Attention) -> [Vec<f64>; 3] {
    let sizes = [s.tokens[0] * s.channels[0], s.tokens[1] * s.channels[0], s.tokens[1] * s.channels[1]];
    [0, 1, 2].map(|i| {
        let mut x = vec![0.0; sizes[i]];
        Rng::new(7, i as u64).fill_uniform(&mut x, 0);
        x.iter_mut().for_each(|x| *x = if *x < 0.3 { 0.0 } else { *x - 0.5 });
        x
    })
}

#[test]
fn attention_is_the_product_in_either_order() {
    for s in shapes() {
        let x = operands(&s);
        let x = [&x[0][..], &x[1][..], &x[2][..]];
        let expected = plain(&s, x, 0.125);
        let mut before: Option<Vec<f64>> = None;
        for level in levels() {
            let (mut scratch, mut out) = (vec![0.0; s.scratch()], vec![0.0; expected.len()]);
            s.row(level, x, 0.125, &mut scratch, &mut out);
            assert!(out.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-12), "{s:?}");
            assert!(before.is_none_or(|before| before == out), "{s:?} at {level:?}");
            before = Some(out);
        }
    }
}

/// The product is linear in each source, so differences are exact up to rounding.
#[test]
fn attention_has_the_gradients_of_finite_differences() {
    for s in shapes() {
        let x = operands(&s);
        let mut direction = vec![0.0; s.tokens[0] * s.channels[1]];
        Rng::new(9, 0).fill_uniform(&mut direction, 0);
        let loss = |x: &[Vec<f64>; 3]| -> f64 {
            let y = plain(&s, [&x[0], &x[1], &x[2]], 0.5);
            y.iter().zip(&direction).map(|(y, d)| y * d).sum()
        };
        for source in 0..3 {
            let mut gradients = levels().into_iter().map(|level| {
                let (mut scratch, mut dx) = (vec![0.0; s.scratch()], vec![0.0; x[source].len()]);
                let all = [&x[0][..], &x[1][..], &x[2][..]];
                let mut places: [&mut [f64]; 3] = Default::default();
                places[source] = &mut dx;
                s.gradients(level, all, 0.5, &direction, &mut scratch, places);
                dx
            });
            let dx = gradients.next().unwrap_or_default();
            assert!(gradients.all(|other| other == dx), "{s:?}: source {source}");
            for i in (0..dx.len()).step_by(dx.len().div_ceil(30)) {
                let at = |h: f64| {
                    let mut x = x.clone();
                    x[source][i] += h;
                    loss(&x)
                };
                let expected = at(0.5) - at(-0.5);
                assert!((dx[i] - expected).abs() < 1e-9 * (1.0 + expected.abs()), "{s:?}: {source}[{i}]");
            }
        }
    }
}

/// For values of 0 and 1 every sum is exact, except those with the gradient, whose terms have a fixed order.
#[test]
fn all_gradients_at_once_are_those_of_each_alone() {
    for s in shapes() {
        let x = operands(&s).map(|x| x.iter().map(|&x| f64::from(x != 0.0) as f32).collect::<Vec<f32>>());
        let x = [&x[0][..], &x[1][..], &x[2][..]];
        let mut direction = vec![0.0f32; s.tokens[0] * s.channels[1]];
        Rng::new(9, 0).fill_uniform(&mut direction, 0);
        for level in levels() {
            let mut scratch = vec![f32::NAN; s.scratch()];
            let mut together = x.map(|x| vec![f32::NAN; x.len()]);
            let places = together.each_mut().map(|dx| &mut dx[..]);
            s.gradients(level, x, 0.5, &direction, &mut scratch, places);
            for source in 0..3 {
                let mut alone = vec![f32::NAN; x[source].len()];
                let mut places: [&mut [f32]; 3] = Default::default();
                places[source] = &mut alone;
                s.gradients(level, x, 0.5, &direction, &mut scratch, places);
                assert_eq!(together[source], alone, "{s:?}: source {source} at {level:?}");
            }
        }
    }
}
