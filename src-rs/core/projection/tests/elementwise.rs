use super::super::*;
use super::{assert_bits, levels, values};
use lapicque_base::SimdLevel;

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
        // Several sums together give the same as each one alone, for any initial value.
        let begin = [0.5, 0.0, -7.25];
        let mut together = begin.map(|x| vec![x; PANEL]);
        let mut alone = together.clone();
        let [a, b, c] = &mut together;
        column_sums_of_all(level, &grad, &mut [a, b, c]);
        alone.iter_mut().for_each(|sums| column_sums(level, &grad, sums, true));
        for (together, alone) in together.iter().zip(&alone) {
            assert_bits(together, alone, level.name());
        }
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
        assert_eq!(first_non_finite(level, &x), None);
        (x[4321], x[4999]) = (f32::NEG_INFINITY, f32::NAN);
        assert_eq!(first_non_finite(level, &x), Some(4321));
        assert_eq!(first_non_finite(level, &[0.0, f64::NAN]), Some(1));
        assert_eq!(first_non_finite::<f32>(level, &[]), None);
    }
}

/// Normalizing a row in the order of a population gives the same as normalizing the stored row of an operation.
#[test]
fn norms_on_the_way_to_a_population_are_those_of_a_row() {
    for (channels, pixels) in [(3, 64), (7, 12), (1, 70), (150, 1)] {
        norms::<f32>(channels, pixels);
        norms::<f64>(channels, pixels);
    }
}

fn norms<F: Element>(channels: usize, pixels: usize) {
    let (size, rows) = (channels * pixels, 11);
    let [mean, inverse, whole, m, product] = [1, 2, 3, 4, 5].map(|seed| values::<F>(seed, channels));
    let normal = Normal { mean: &mean, inverse: &inverse };
    // `[channel][pixel]`, and panels that are not contiguous.
    let x = values::<F>(6, rows * size);
    let stride = 3 * PANEL;
    let gradient = values::<F>(7, panels(size) * stride);
    let by_pixel =
        |row: &[F]| -> Vec<F> { (0..size).map(|i| row[i % channels * pixels + i / channels]).collect() };
    for level in levels() {
        let population = PanelRow { values: &gradient, stride };
        let mut public = vec![F::ZERO; size];
        population.copy(0, &mut public);
        let expected: Vec<F> = (0..size).map(|n| gradient[n / PANEL * stride + n % PANEL]).collect();
        assert_bits(&public, &expected, "panels one behind the other");
        let mut expected = by_pixel(&public);
        batch_norm_gradient(level, &by_pixel(&x[..size]), &mut expected, normal, &whole, [&m, &product]);
        let mut dx = vec![F::ZERO; size];
        // Some channels, then the others.
        for part in
            [0..channels.div_ceil(2), channels.div_ceil(2)..channels].into_iter().filter(|p| !p.is_empty())
        {
            let neurons = part.start * pixels..part.end * pixels;
            let normal = Normal { mean: &mean[part.clone()], inverse: &inverse[part.clone()] };
            let (x, dx) = (&x[neurons.clone()], &mut dx[neurons.clone()]);
            let means = [&m[part.clone()], &product[part.clone()]];
            population_norm_gradient(level, x, (population, neurons.start), normal, &whole[part], means, dx);
        }
        assert_bits(&by_pixel(&dx), &expected, &format!("{channels} x {pixels} at {}", level.name()));

        let affine = [&whole[..], &m[..]];
        for (panel, affine) in (0..panels(size)).flat_map(|panel| [(panel, None), (panel, Some(affine))]) {
            let (first, width) = (panel * PANEL, panel_width(size, panel));
            let of_elements =
                |of: &[F]| -> Vec<F> { (first..first + width).map(|n| of[n / pixels]).collect() };
            let (mean, inverse) = (of_elements(&mean), of_elements(&inverse));
            let own = affine.map(|affine| affine.map(of_elements));
            let own = own.as_ref().map(|[weight, bias]| [&weight[..], &bias[..]]);
            let mut out = vec![F::ONE; rows * PANEL];
            let elements = Normal { mean: &mean, inverse: &inverse };
            normalize_panel(level, (&x[first..], size), elements, F::from_f64(0.7), own, &mut out);
            for (row, out) in x.chunks(size).zip(out.chunks(PANEL)) {
                let mut expected = vec![F::ZERO; size];
                normalize(level, &by_pixel(row), normal, F::from_f64(0.7), affine, &mut expected);
                let expected: Vec<F> =
                    (first..first + width).map(|n| expected[n % pixels * channels + n / pixels]).collect();
                assert_bits(&out[..width], &expected, &format!("panel {panel} at {}", level.name()));
            }
        }
    }
}

/// The mean of a window of values is one sum, pixels ascending, in either order.
#[test]
fn a_mean_pool_is_the_same_in_both_orders() {
    let (channels, from, to) = (19, [5, 4], [2, 2]);
    let window = Window { kernel: 3, stride: 2, padding: 1, dilation: 1 };
    let taps = [0, 1].map(|axis| Taps::new(window, from[axis], to[axis]));
    let pool = Pool::new(PoolKind::Mean, channels, 9, taps, to);
    let x = values::<f32>(3, channels * 20);
    let by_pixel: Vec<f32> = (0..x.len()).map(|i| x[i % 20 * channels + i / 20]).collect();
    let mut expected = vec![0.0; 4 * channels];
    pool.row(SimdLevel::Portable, Row::Values(&by_pixel), Order::public(20), &mut expected);
    for level in levels() {
        let mut out = vec![1.0; 4 * channels];
        pool.row(level, Row::Values(&x), Order::of_values(channels), &mut out);
        assert_bits(&out, &expected, level.name());
    }
}

#[test]
fn sums_with_a_bias_are_the_plain_loop() {
    let bias = values::<f32>(3, PANEL);
    for rows in [1, 7] {
        let [first, second] = [1, 2].map(|seed| values::<f32>(seed, rows * PANEL));
        let biased: Vec<f32> = second.iter().zip(bias.iter().cycle()).map(|(x, b)| x + b).collect();
        let expected: Vec<f32> = first.iter().zip(&biased).map(|(x, y)| x + y).collect();
        for level in levels() {
            let mut out = second.clone();
            add_bias(level, &mut out, &bias);
            assert_bits(&out, &biased, level.name());
            let mut out = vec![7.0; rows * PANEL];
            sum_with_bias(level, &mut out, [&first, &second], &bias);
            assert_bits(&out, &expected, level.name());
        }
    }
}

/// One element beyond the limit is found at any offset; the limit itself is in range.
#[test]
fn all_within_sees_every_place() {
    for level in levels() {
        for len in [0, 1, 31, 32, 33, 1024, 1056, 1100] {
            let mut x = vec![-2.0f32; len];
            x.iter_mut().step_by(3).for_each(|x| *x = 2.0);
            assert!(all_within(level, &x, 2.0), "{len} elements");
            for at in 0..len {
                let kept = x[at];
                for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 2.000001, -2.000001] {
                    x[at] = bad;
                    assert!(!all_within(level, &x, 2.0), "{bad} at {at} of {len}");
                }
                x[at] = kept;
            }
        }
    }
}
